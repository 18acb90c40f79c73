"""Orders opened in auctions, with their place in the day: which of two orders came in later.

The core keeps where an order was opened only where a log's columns ask for it. Where phases are
put in for the sake of auctions alone, the few orders of auctions are kept here instead.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .batch import Batch, Int64
from .schema import Action, Phase

Order = tuple[int, int, int]  # contract, high word, low word

_OPENING = np.dtype([("low", "i8"), ("high", "u8"), ("contract", "i8"), ("index", "i8")])


class AuctionOrders:
    """The openings of a day's auctions, in row order."""

    def __init__(self) -> None:
        self._new: list[npt.NDArray[np.void]] = []
        self._sorted = np.zeros(0, _OPENING)  # by low word, those of one word in row order
        self._batch: Batch | None = None  # the last one, and the index of its first row
        self._base = 0
        self._bare = -1  # last row of a batch without phases, before that one
        self._outside = np.zeros(0, np.int64)  # last row outside auctions before it, by contract

    def note(self, batch: Batch, base: int) -> None:
        """Keep the orders that a batch's auction rows open; ``base`` is its first row's index."""
        self._close_batch()
        self._batch, self._base = batch, base
        if batch.phase is None:
            return
        opens = (batch.action == Action.NEW) | (batch.action == Action.CARRIED)
        rows = np.flatnonzero(opens & (batch.phase == Phase.AUCTION))
        openings = np.zeros(len(rows), _OPENING)
        openings["low"] = batch.order[rows]
        openings["high"] = 0 if batch.order_high is None else batch.order_high[rows]
        openings["contract"] = batch.contract[rows]
        openings["index"] = base + rows
        self._new.append(openings)

    def opened_at(self, order: Order) -> int:
        """Return the index of the row that opened an order; that is an auction row."""
        return int(self._opening(order)["index"])

    def opened_in(self, order: Order, row: int) -> bool:
        """Whether an order was opened in the auction in which ``row`` of the last batch stands.

        That is, whether no row of its contract between the two is outside the auction.
        """
        opened, contract = self.opened_at(order), order[0]
        before = self._outside[contract] if contract < len(self._outside) else -1
        if opened <= max(self._bare, int(before)):
            return False
        batch = self._batch
        assert batch is not None and batch.phase is not None
        between = slice(max(opened - self._base, 0), row)
        outside = (batch.contract[between] == contract) & (batch.phase[between] != Phase.AUCTION)
        return not outside.any()

    def _close_batch(self) -> None:
        """Keep of the last batch where it was outside auctions."""
        batch = self._batch
        if batch is None:
            return
        if batch.phase is None:
            self._bare = self._base + len(batch) - 1
            return
        grown = int(batch.contract.max()) + 1 - len(self._outside)
        if grown > 0:
            self._outside = np.append(self._outside, np.full(grown, -1, np.int64))
        rows = np.flatnonzero(batch.phase != Phase.AUCTION)
        np.maximum.at(self._outside, batch.contract[rows], self._base + rows)

    def _opening(self, order: Order) -> Any:
        if self._new:
            every = np.concatenate([self._sorted, *self._new])
            self._sorted, self._new = every[np.argsort(every["low"], kind="stable")], []
        contract, high, low = order
        lows: Int64 = self._sorted["low"]
        first, last = np.searchsorted(lows, low, "left"), np.searchsorted(lows, low, "right")
        same = self._sorted[first:last]
        fits = (same["contract"] == contract) & (same["high"] == np.uint64(high))
        return same[fits][0]
