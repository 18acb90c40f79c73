"""The price line: lowest and highest prices of a contract by stretches of time, up to any row."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from .track import Noted, count_until


class PriceLine:
    """Lowest and highest prices by stretches of time, up to any row."""

    MOST: Final = 600
    WIDTHS: Final = tuple(
        n * 10**9 for n in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 86400)
    )
    """Widths of a stretch, ns: the least is taken of which at most ``MOST`` have a trade."""

    def __init__(self, noted: Noted) -> None:
        self._noted = noted
        self._width = next((w for w in self.WIDTHS if self._used(w) <= self.MOST), self.WIDTHS[-1])

    def _used(self, width: int) -> int:
        ts = self._noted.line_ts
        return int(np.count_nonzero(np.diff(ts // width))) + 1 if len(ts) else 0

    @cached_property
    def _starts(self) -> npt.NDArray[np.intp]:
        buckets = self._noted.line_ts // self._width
        return np.flatnonzero(np.diff(buckets, prepend=buckets[:1] - 1))

    @cached_property
    def _whole(self) -> list[tuple[int, int, int]]:
        prices, starts = self._noted.line_price, self._starts
        if not len(starts):
            return []
        begins = self._noted.line_ts[starts] // self._width * self._width
        low, high = np.minimum.reduceat(prices, starts), np.maximum.reduceat(prices, starts)
        return list(zip(begins.tolist(), low.tolist(), high.tolist(), strict=True))

    def until(self, row: int) -> tuple[tuple[int, int, int], ...]:
        """Return (time at which it begins, lowest, highest) of each stretch with trades."""
        trades = count_until(self._noted.line_row, row)
        if not trades:
            return ()
        last = int(np.searchsorted(self._starts, trades, "left")) - 1
        here = self._noted.line_price[self._starts[last] : trades]
        whole = self._whole
        return (*whole[:last], (whole[last][0], int(here.min()), int(here.max())))
