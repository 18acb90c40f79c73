"""Orders opened in auctions, with their place in the day: which of two orders came in later.

The core keeps where an order was opened only where a log's columns ask for it. Where phases are
put in for the sake of auctions alone, the few orders of auctions are kept here instead.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .batch import Batch, Int64
from .schema import Action, Phase

Order = tuple[int, int, int]  # contract, high word, low word

_OPENING = np.dtype(
    [("low", "i8"), ("high", "u8"), ("contract", "i8"), ("index", "i8"), ("ts", "i8")]
)
AUCTION_SPAN: Final = 3_600 * 10**9
"""No auction lasts an hour, and those of a contract are hours apart."""


class AuctionOrders:
    """The openings of a day's auctions, in row order."""

    def __init__(self) -> None:
        self._new: list[npt.NDArray[np.void]] = []
        self._sorted = np.zeros(0, _OPENING)  # by low word, those of one word in row order

    def note(self, batch: Batch, base: int) -> None:
        """Keep the orders that a batch's auction rows open; ``base`` is its first row's index."""
        if batch.phase is None:
            return
        opens = (batch.action == Action.NEW) | (batch.action == Action.CARRIED)
        rows = np.flatnonzero(opens & (batch.phase == Phase.AUCTION))
        openings = np.zeros(len(rows), _OPENING)
        openings["low"] = batch.order[rows]
        openings["high"] = 0 if batch.order_high is None else batch.order_high[rows]
        openings["contract"] = batch.contract[rows]
        openings["index"] = base + rows
        openings["ts"] = batch.ts[rows]
        self._new.append(openings)

    def opened_at(self, order: Order) -> int:
        """Return the index of the row that opened an order; that is an auction row."""
        return int(self._opening(order)["index"])

    def opened_in(self, order: Order, ts: int) -> bool:
        """Whether the auction in which an order was opened is the one that matched at ``ts``."""
        return abs(ts - int(self._opening(order)["ts"])) < AUCTION_SPAN

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
