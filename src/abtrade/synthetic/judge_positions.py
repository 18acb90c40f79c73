"""Positions of planted accounts: their peaks, the passages of a limit and who held what then.

Today's lots need not be told from others here: who holds enough of both, as all of a made-up day
do, comes to the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from .. import schema
from .bench import Bench
from .events import Attributes, Event, Events
from .plots import Planted
from .positions import LONG, SHORT, Key, Positions, told_hedge
from .tally import Tally
from .truth import About

Moment = dict[str, Any]
Shares = list[dict[str, Any]]


def position_tallies(bench: Bench, events: Events, opening: Positions) -> Iterator[Tally]:
    """Yield what every subject comes to: the peak of all, and of what counts."""
    side = LONG if bench.rule.count == "long_lots" else SHORT
    now: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
    found: dict[About, _Standing] = {}
    for key, lots in opening.items():
        now[key] = [lots.total(LONG), lots.total(SHORT)]
        for standing in _standings(bench, key, found):
            standing.move(key, now[key][side], bench.left_out(_as_event(key)))
    for standing in found.values():
        standing.begin()
    for (_, seq), row in groupby(events["fills"], key=lambda fill: (fill.contract, fill.seq)):
        touched = {}
        for fill in row:
            key = Key(fill.account, fill.contract, told_hedge(fill.attributes.hedge, bench.form))
            before = now[key][side]
            _apply(now[key], fill, bench)
            for standing in _standings(bench, key, found):
                standing.move(key, now[key][side] - before, bench.left_out(_as_event(key)))
                touched[standing.tally.about] = standing
        for standing in touched.values():
            standing.judge(seq)
    for standing in found.values():
        standing.end()
        yield standing.tally


class _Standing:
    """What a subject holds in a scope, now and at most, and what became of it in between."""

    def __init__(self, tally: Tally, planted: Planted) -> None:
        self.tally = tally
        self._planted = planted
        self._gross = self._before = self._opening = 0
        self._held: Counter[int] = Counter()  # lots that count, by account
        self._most: Counter[str] = Counter()  # the same at most, by client
        self._peak: tuple[int, int | None] = (0, None)
        self._peak_shares: Shares = []
        self._breach_shares: dict[str, Shares] = {}  # by the level that was first reached
        self._passages: list[Moment] = []
        self._falls: list[Moment] = []

    def move(self, key: Key, lots: int, reason: str | None) -> None:
        """Add lots, or take them off."""
        self._gross += lots
        if reason is None:
            self._held[key.account] += lots

    def begin(self) -> None:
        """Judge what is held when the day begins: no event reached it."""
        self._opening = self._held.total()
        for name, least in self.tally.levels.items():
            if least is not None and self._opening >= least:
                self.tally.tips[name] = (None, None)
                self._breach_shares[name] = self._shares()
        self._keep(None)

    def judge(self, seq: int) -> None:
        """Judge what is held after a row."""
        now = self._held.total()
        self.tally.pass_levels(self._before, now, seq)
        for name, least in self.tally.levels.items():
            if least is not None and self._before < least <= now:
                self._passages.append({"level": name, "seq": seq, "lots": now})
                self._breach_shares.setdefault(name, self._shares())
            if least is not None and now < least <= self._before:
                self._falls.append({"level": name, "seq": seq, "lots": now})
        self._keep(seq)

    def end(self) -> None:
        """Put what an alert tells besides its figures into the tally."""
        level = self.tally.level
        if not level:
            return
        least = self.tally.levels[level]
        lots, seq = self._peak
        passed = Counter(moment["level"] for moment in self._passages)
        self.tally.detail = {
            "opening": self._opening,
            "end": self._held.total(),
            "peak": {"lots": lots, "seq": seq},
            "passages": self._passages,
            "passage_count": {name: passed[name] for name in self.tally.levels},
            "fell_back": self._falls,
            "shares": self._breach_shares[level],
            "shares_at_peak": self._peak_shares,
            "reached_alone": least is not None and max(self._most.values()) >= least,
        }

    def _keep(self, seq: int | None) -> None:
        now = self._held.total()
        if now > self._peak[0]:
            self._peak, self._peak_shares = (now, seq), self._shares()
        by_client: Counter[str] = Counter()
        for account, lots in self._held.items():
            by_client[self._planted.account(account).client] += lots
        self._most |= by_client
        self.tally.gross = max(self.tally.gross, self._gross)
        self.tally.counted = self._peak[0]
        self._before = now

    def _shares(self) -> Shares:
        """Return who holds how much now, the largest first."""
        held = [(self._planted.account(each), lots) for each, lots in self._held.items() if lots]
        return [
            {"account": account.code, "client": account.client, "counted": lots}
            for account, lots in sorted(held, key=lambda each: (-each[1], each[0].code))
        ]


def _apply(lots: list[int], fill: Event, bench: Bench) -> None:
    """Move an account's lots, long and short, by a fill."""
    adds, takes = (LONG, SHORT) if fill.side == schema.Side.BUY else (SHORT, LONG)
    if "offset" in bench.form.without:
        closed = min(lots[takes], fill.amount)
        lots[takes] -= closed
        lots[adds] += fill.amount - closed
    elif fill.offset == schema.Offset.OPEN:
        lots[adds] += fill.amount
    else:
        lots[takes] -= fill.amount
        assert lots[takes] >= 0, "a made-up day closes no more than is held"


def _standings(bench: Bench, key: Key, found: dict[About, _Standing]) -> Iterator[_Standing]:
    for about, suspected in bench.abouts(_as_event(key)):
        if about not in found:
            levels = bench.levels(bench.contracts[key.contract], about)
            tally = Tally(bench.rule, about, suspected, levels)
            found[about] = _Standing(tally, bench.planted)
        yield found[about]


def _as_event(key: Key) -> Event:
    """Return what a rule is asked of lots that are held."""
    return Event(0, 0, key.contract, key.account, 0, Attributes(key.hedge, 0, 0, 0, 0))
