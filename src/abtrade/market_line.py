"""The market's trades in some contracts as lines: thinned while they are read, no extreme lost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from .batch import Batch, Int64, UInt64
from .schema import NULL_LOTS, NULL_PRICE, Action

_MINUTE: Final = 60 * 10**9
_NARROWEST: Final = 10**6  # ns


@dataclass(slots=True)
class Line:
    """Trades of a contract in order of time, as moments and prices in ticks.

    Of each stretch of ``width`` ns the first, the last, a lowest and a highest trade are kept;
    with no more trades than fit, all of them are.
    """

    ts: Int64 = field(default_factory=lambda: np.zeros(0, np.int64))
    price: Int64 = field(default_factory=lambda: np.zeros(0, np.int64))
    trades: int = 0  # in all
    lots: int = 0
    width: int = 0  # 0: no trade was left out
    waiting: set[tuple[int, int]] = field(default_factory=set)
    """Ids of trades of which one row of two has come."""

    def add(self, ts: Int64, price: Int64, most: int) -> None:
        """Add trades; at most ``most`` of all are kept once they are more than twice as many."""
        self.trades += len(ts)
        self.ts, self.price = np.concatenate([self.ts, ts]), np.concatenate([self.price, price])
        if len(self.ts) > 2 * most:
            self.thin(most)

    def first_rows(self, high: UInt64 | None, low: Int64) -> npt.NDArray[np.bool_]:
        """Return which rows are the first of their trade; the second one of an id ends it."""
        highs = np.zeros(len(low), np.uint64) if high is None else high
        first = np.ones(len(low), np.bool_)
        for at, trade in enumerate(zip(highs.tolist(), low.tolist(), strict=True)):
            if trade in self.waiting:
                self.waiting.remove(trade)
                first[at] = False
            else:
                self.waiting.add(trade)
        return first

    def thin(self, most: int) -> None:
        """Leave out trades until ``most`` are left."""
        if len(self.ts) <= most:
            return
        order = np.argsort(self.ts, kind="stable")
        self.ts, self.price = self.ts[order], self.price[order]
        self.width = max(self.width, _NARROWEST)
        while len(np.unique(self.ts // self.width)) * 4 > most:
            self.width *= 2
        kept = _extremes(self.ts // self.width, self.price)
        self.ts, self.price = self.ts[kept], self.price[kept]


class Market:
    """Takes up the trades of contracts batch by batch, within a bound on memory.

    points_at_most : trades kept of all contracts together, about
    """

    def __init__(self, contracts: Collection[int], points_at_most: int = 24_000) -> None:
        self.lines = {contract: Line() for contract in contracts}
        self.minutes: Int64 = np.zeros(0, np.int64)
        """Minutes since 1970 in which the contracts have a row."""
        self._most = max(400, points_at_most // max(1, len(self.lines)))

    def take(self, batch: Batch) -> None:
        """Take up a batch; rows of other contracts are passed over."""
        wanted = np.isin(batch.contract, np.fromiter(self.lines, np.int64))
        if not wanted.any():
            return
        self.minutes = np.union1d(self.minutes, batch.ts[wanted] // _MINUTE)
        if batch.price is None:
            return
        traded = wanted & (batch.action == Action.TRADE) & (batch.price != NULL_PRICE)
        for contract in np.unique(batch.contract[traded]).tolist():
            line = self.lines[contract]
            rows = _once(line, batch, np.flatnonzero(traded & (batch.contract == contract)))
            lots = batch.lots[rows]
            line.lots += int(lots[lots != NULL_LOTS].sum())
            line.add(batch.ts[rows], batch.price[rows], self._most)

    def finish(self) -> None:
        """Put the lines in order of time, each as short as it is to be."""
        for line in self.lines.values():
            line.thin(self._most)
            order = np.argsort(line.ts, kind="stable")
            line.ts, line.price = line.ts[order], line.price[order]


def _once(line: Line, batch: Batch, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return the trade rows of a contract but the second of each two that tell one trade."""
    if batch.has_trade is None or batch.trade is None:
        return rows
    one_side = batch.has_trade[rows] != 0
    if batch.has_contra is not None:
        one_side &= batch.has_contra[rows] == 0
    told = rows[one_side]
    high = None if batch.trade_high is None else batch.trade_high[told]
    keep = np.ones(len(rows), np.bool_)
    keep[one_side] = line.first_rows(high, batch.trade[told])
    return rows[keep]


def _extremes(stretch: Int64, price: Int64) -> npt.NDArray[np.intp]:
    """Return the places of the first, last, a lowest and a highest price of each stretch."""
    first = np.flatnonzero(np.diff(stretch, prepend=stretch[0] - 1))
    last = np.append(first[1:], len(stretch)) - 1
    by_price = np.lexsort((price, stretch))
    return np.unique(np.concatenate([first, last, by_price[first], by_price[last]]))
