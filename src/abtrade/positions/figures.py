"""Holding and Figure: lots held, and what a rule counts of them, in plain Python.

A figure is added up anew, over all who count for it, after each row that moved one of them, and
judged after each match. Everything it came to is kept until the end of the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from .. import schema
from ..plan import PlanRule
from ..schema import Offset, Side
from .detail import MOMENTS, STRETCHES, Course, Point
from .table import AT_OPENING

LONG: Final = 0
SHORT: Final = 1


class Key(NamedTuple):
    """Whose lots of what."""

    account: int
    contract: int
    hedge: int


@dataclass(slots=True)
class Holding:
    """Lots held; pairs are (long, short)."""

    makes_market: int
    splits_today: bool  # today's lots are told from yesterday's
    opening: tuple[int, int] = (0, 0)
    opening_today: tuple[int, int] = (0, 0)
    held: list[int] = field(default_factory=lambda: [0, 0])
    today: list[int] = field(default_factory=lambda: [0, 0])
    peak: list[int] = field(default_factory=lambda: [0, 0])
    peak_seq: list[int] = field(default_factory=lambda: [AT_OPENING, AT_OPENING])
    filled: list[int] = field(default_factory=lambda: [0, 0])
    unplaced: int = 0
    match: list[int] = field(default_factory=lambda: [-1, -1])  # its peak waits for; -1 none

    def fill(self, side: int, offset: int, lots: int) -> bool:
        """Apply a fill; return whether it closes more than is held."""
        own = LONG if side == Side.BUY else SHORT
        other = SHORT - own
        self.filled[own] += lots
        if offset in (Offset.CLOSE, Offset.CLOSE_TODAY, Offset.CLOSE_YESTERDAY):
            return self._close(other, offset, lots)
        if offset != Offset.OPEN:
            netted = min(lots, self.held[other])
            self._close(other, Offset.CLOSE, netted)
            lots -= netted
        self.held[own] += lots
        if self.splits_today:
            self.today[own] += lots
        return False

    def _close(self, side: int, offset: int, lots: int) -> bool:
        """Take lots off a side, never below none.

        Where today's lots are told apart, yesterday's go first unless it closes today's; what its
        own part lacks is taken from the other, and is a fault where the row names the part.
        """
        taken = min(lots, self.held[side])
        parts = {"today": self.today[side], "yesterday": self.held[side] - self.today[side]}
        is_over = lots > self.held[side]
        if self.splits_today:
            named = {Offset.CLOSE_TODAY: "today", Offset.CLOSE_YESTERDAY: "yesterday"}
            if offset in named:
                is_over = lots > parts[named[Offset(offset)]]
            first = parts["today"] if offset == Offset.CLOSE_TODAY else parts["yesterday"]
            from_first = min(taken, first)
            from_today = from_first if offset == Offset.CLOSE_TODAY else taken - from_first
            self.today[side] -= from_today
        self.held[side] -= taken
        return is_over


class Figure:
    """What one rule counts of one subject in one scope, through the day."""

    def __init__(
        self, rule: PlanRule, judge: int, scope: int, levels: tuple[int, int] = (-1, -1)
    ) -> None:
        self.rule = rule
        self.judge = judge  # a subject; or a client that is looked at apart
        self.scope = scope
        self.levels = levels
        self.side = schema.POSITION_COUNTS.index(rule.count)
        self.members: dict[Key, int] = {}  # -> reason why it does not count, 0: it does
        self.gross = self.counted = self.gross_peak = self.counted_peak = 0
        self.judged = 0  # counted, when it was judged last
        self.match = -1  # whose second row it waits for to be judged
        self.opening = self.unknown = 0
        self.points: list[Point] = []  # every change of what counts, after the opening
        self.reached: dict[int, dict[int, int]] = {}  # level -> shares when it was first reached
        self.shares_at_peak: dict[int, int] = {}

    def add_up(self, holdings: Mapping[Key, Holding]) -> None:
        """Take up what all members hold now."""
        held = {key: holdings[key].held[self.side] for key in self.members}
        self.gross = sum(held.values())
        self.counted = sum(lots for key, lots in held.items() if not self.members[key])

    def settle(self, holdings: Mapping[Key, Holding]) -> None:
        """Note what it has come to."""
        self.judged, self.match = self.counted, -1
        if self.counted > self.counted_peak:
            self.shares_at_peak = self.shares(holdings)
        self.gross_peak = max(self.gross_peak, self.gross)
        self.counted_peak = max(self.counted_peak, self.counted)

    def shares(self, holdings: Mapping[Key, Holding]) -> dict[int, int]:
        """Return account -> lots that count, of those who hold any."""
        shares: dict[int, int] = defaultdict(int)
        for key, reason in self.members.items():
            if not reason and holdings[key].held[self.side]:
                shares[key.account] += holdings[key].held[self.side]
        return dict(shares)

    def course(self) -> Course:
        """Return how it went from the moment on at which the lowest level was reached."""
        lowest = min(at for at in self.levels if at >= 0)
        began = self.opening >= lowest
        start = 0 if began else next(
            i for i, point in enumerate(self.points) if point.lots >= lowest
        )  # fmt: skip
        told = self.points[start:]
        peak = Point(-1, 0, 0, self.opening)
        for point in told:
            if point.lots > peak.lots:
                peak = point
        moments: dict[str, list[Point]] = {"up": [], "down": []}
        passed = [0, 0]
        before = self.opening if start == 0 else self.points[start - 1].lots
        for point in told:
            for level, at in enumerate(self.levels):
                if at >= 0 and before < at <= point.lots:
                    passed[level] += 1
                    moments["up"].append(point._replace(level=level))
                elif at >= 0 and point.lots < at <= before:
                    moments["down"].append(point._replace(level=level))
            before = point.lots
        return Course(
            self.opening, self.counted, peak, moments["up"][:MOMENTS], moments["down"][:MOMENTS],
            passed, stretches(told), told[-1] if told else None,
        )  # fmt: skip


def stretches(points: Sequence[Point]) -> list[Point]:
    """Return the highest point of each stretch, where all have the least width that does."""
    width = 1
    while len(points) > STRETCHES * width:
        width *= 2
    return [
        max(points[start : start + width], key=lambda point: point.lots)
        for start in range(0, len(points), width)
    ]
