"""ByLane: the rows of a batch told apart by exchange and channel, each in its own order of seq."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..batch import Int32, Int64
from ..names import Names

Lane = tuple[int, int]
"""(exchange id, channel); channel 0 where the log has none."""

Exchanges = npt.NDArray[np.uint16]
"""(n,) exchange ids."""

FEW_LANES: Final = 16
"""So many are found quicker by a pass each than by sorting."""


@dataclass(slots=True)
class ByLane:
    """Where the rows of each lane stand: lane ``keys[i]`` has ``order[starts[i]:ends[i]]``."""

    keys: list[Lane]
    order: npt.NDArray[np.intp] | None  # (n,) positions, lane by lane; None: as they stand
    starts: npt.NDArray[np.intp]
    ends: npt.NDArray[np.intp]

    @staticmethod
    def one(key: Lane, count: int) -> ByLane:
        """Say that all of n rows, 1 or more, are of one lane."""
        return ByLane([key], None, np.array([0]), np.array([count]))

    @staticmethod
    def of(exchange: Exchanges, channel: Int64 | None) -> ByLane:
        """Find the lanes of n rows, 1 or more."""
        if channel is None or (channel == channel[0]).all():
            code: npt.NDArray[Any] = exchange
        else:
            code = _small_codes(exchange, channel)
        if (code == code[0]).all():
            key = int(exchange[0]), 0 if channel is None else int(channel[0])
            return ByLane.one(key, len(code))
        order, starts = _by_code(code)
        heads = order[starts]
        channels = np.zeros(len(heads), np.int64) if channel is None else channel[heads]
        keys = list(zip(exchange[heads].tolist(), channels.tolist(), strict=True))
        return ByLane(keys, order, starts, np.append(starts[1:], len(code)))

    def sort(self, column: Int64) -> Int64:
        """Return a column lane by lane."""
        return column if self.order is None else column.take(self.order)

    def rows_of(self, lane: int) -> npt.NDArray[np.intp]:
        """Return where the rows of the lane ``keys[lane]`` stand in the batch."""
        if self.order is None:
            return np.arange(self.ends[lane])
        return self.order[self.starts[lane] : self.ends[lane]]

    def positions(self, index: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Return where the rows at an index in lane order stand in the batch."""
        return index if self.order is None else self.order[index]

    def starts_mask(self, count: int) -> npt.NDArray[np.bool_]:
        """Return, in lane order, whether a row is the first of its lane."""
        mask = np.zeros(count, np.bool_)
        mask[self.starts] = True
        return mask


def _by_code(code: npt.NDArray[Any]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the positions of n rows by code, as they stand within one, and where each begins.

    Few small codes, the usual case, cost a pass each and no sort.
    """
    if code.min() >= 0 and code.max() < 1 << 16:
        code = code.astype(np.uint16, copy=False)  # sorted by radix
        present = np.flatnonzero(np.bincount(code)).tolist()
        if len(present) <= FEW_LANES:
            parts = [np.flatnonzero(code == one) for one in present]
            starts = np.cumsum([0, *map(len, parts[:-1])])
            return np.concatenate(parts), starts
    order = np.argsort(code, kind="stable")
    ordered = code[order]
    return order, np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1))


def _small_codes(exchange: Exchanges, channel: Int64) -> npt.NDArray[np.int64]:
    """Return a number per (exchange, channel), small where the channels are."""
    exchanges = int(exchange.max()) + 1
    if channel.min() >= 0 and channel.max() < 1 << 40:
        dense = channel
    else:
        dense = np.unique(channel, return_inverse=True)[1].astype(np.int64)
    codes: Int64 = dense * exchanges + exchange
    return codes


class ExchangeTable:
    """The exchange of each contract of a run, kept as the run meets them."""

    def __init__(self) -> None:
        self._exchanges: Exchanges = np.empty(0, np.uint16)

    def of(self, contract: Int32, names: Names) -> Exchanges:
        """Return the exchange ids of contract ids: (n,) uint16."""
        if len(names.exchanges) == 1:
            return np.zeros(len(contract), np.uint16)
        if len(self._exchanges) < len(names.contracts):
            self._exchanges = np.array([exchange for exchange, _ in names.contracts], np.uint16)
        return self._exchanges.take(contract)
