"""Positions of planted accounts: their peaks and the passages of a limit, for the truth.

Today's lots need not be told from others here: who holds enough of both, as all of a made-up day
do, comes to the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby

from .. import schema
from .bench import Bench
from .events import Attributes, Event, Events
from .positions import LONG, SHORT, Key, Positions, told_hedge
from .tally import Tally
from .truth import About


def position_tallies(bench: Bench, events: Events, opening: Positions) -> Iterator[Tally]:
    """Yield what every subject comes to: the peak of all, and of what counts."""
    side = LONG if bench.rule.count == "long_lots" else SHORT
    now: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
    found: dict[About, _Standing] = {}
    for key, lots in opening.items():
        now[key] = [lots.total(LONG), lots.total(SHORT)]
        for standing in _standings(bench, key, found):
            standing.move(now[key][side], bench.left_out(_as_event(key)))
    for standing in found.values():
        standing.begin()
    for (_, seq), row in groupby(events["fills"], key=lambda fill: (fill.contract, fill.seq)):
        touched = {}
        for fill in row:
            key = Key(fill.account, fill.contract, told_hedge(fill.attributes.hedge, bench.form))
            before = now[key][side]
            _apply(now[key], fill, bench)
            for standing in _standings(bench, key, found):
                standing.move(now[key][side] - before, bench.left_out(_as_event(key)))
                touched[standing.tally.about] = standing
        for standing in touched.values():
            standing.judge(seq)
    yield from (standing.tally for standing in found.values())


class _Standing:
    """What a subject holds in a scope, now and at most."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self._counted = self._gross = self._before = 0

    def move(self, lots: int, reason: str | None) -> None:
        """Add lots, or take them off."""
        self._gross += lots
        if reason is None:
            self._counted += lots

    def begin(self) -> None:
        """Judge what is held when the day begins: no event reached it."""
        for name, least in self.tally.levels.items():
            if least is not None and self._counted >= least:
                self.tally.tips[name] = (None, None)
        self._keep()

    def judge(self, seq: int) -> None:
        """Judge what is held after a row."""
        self.tally.pass_levels(self._before, self._counted, seq)
        self._keep()

    def _keep(self) -> None:
        self.tally.gross = max(self.tally.gross, self._gross)
        self.tally.counted = max(self.tally.counted, self._counted)
        self._before = self._counted


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
            found[about] = _Standing(Tally(bench.rule, about, suspected, levels))
        yield found[about]


def _as_event(key: Key) -> Event:
    """Return what a rule is asked of lots that are held."""
    return Event(0, 0, key.contract, key.account, 0, Attributes(key.hedge, 0, 0, 0, 0))
