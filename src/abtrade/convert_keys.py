"""Rows of a conversion with their place in the order; a row that tells none stays where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .readers.arrays import Bool
from .readers.by_lane import ByLane
from .readers.keys import KeyReader, Keys
from .readers.raw import RawBatch
from .readers.stream import LOWEST


class RowKeys:
    """Reads the keys of every row, those of no shape among them, in file order.

    A row whose seq, channel or time cannot be read takes that of the row before it, so that it
    stays behind that row; before the first readable one it takes the lowest.
    """

    def __init__(self) -> None:
        self.rows = 0  # read so far
        self._reader = KeyReader()
        self._last = (0, 0, LOWEST, LOWEST)  # exchange, channel, seq, ts

    @property
    def exchanges(self) -> list[str]:
        """The exchanges met so far; the first, ``-``, is that of a row that names none."""
        return self._reader.exchanges

    def read(self, raw: RawBatch) -> Keys:
        """Return the keys of a batch's rows; ``known`` is None: each row has some."""
        rows, order = raw.with_bad()
        if len(rows) and rows.min() == 1:
            self._last = (0, 0, LOWEST, LOWEST)
        keys = self._reader.read(raw)
        count, total = len(keys.seq), len(rows)
        self.rows += total
        known = np.zeros(total, np.bool_)
        known[:count] = True if keys.known is None else keys.known
        timed = np.zeros(total, np.bool_)
        timed[:count] = known[:count] & (keys.ts != LOWEST)
        source = _last_before(known[order])
        exchange, channel, seq, ts = self._last
        return self._remember(
            Keys(
                _filled(keys.exchange, total, order, source, exchange),
                None if keys.channel is None
                else _filled(keys.channel, total, order, source, channel),
                _filled(keys.seq, total, order, source, seq),
                _filled(keys.ts, total, order, _last_before(timed[order]), ts),
                None,
            )
        )

    def _remember(self, keys: Keys) -> Keys:
        if len(keys.seq):
            channel = 0 if keys.channel is None else int(keys.channel[-1])
            self._last = int(keys.exchange[-1]), channel, int(keys.seq[-1]), int(keys.ts[-1])
        return keys


def _last_before(told: Bool) -> npt.NDArray[np.intp]:
    """Return for each row the last row up to it that tells something, -1 for none: (n,)."""
    return np.maximum.accumulate(np.where(told, np.arange(len(told)), -1))


def _filled(
    column: npt.NDArray[Any],
    total: int,
    order: npt.NDArray[np.intp],
    source: npt.NDArray[np.intp],
    before: int,
) -> npt.NDArray[Any]:
    """Return a column in file order, each cell that of its ``source`` row, ``before`` for -1."""
    whole = np.zeros(total, column.dtype)
    whole[: len(column)] = column
    filled = whole[order][source]
    filled[source < 0] = before
    return filled


@dataclass(slots=True)
class Records:
    """Rows of a conversion, as ``Rows`` of a merge."""

    record: pa.RecordBatch

    def __len__(self) -> int:
        return int(self.record.num_rows)

    def take(self, index: Any) -> Self:
        """Return the rows at ``index``: positions or a slice."""
        if isinstance(index, slice):
            start, stop, _ = index.indices(len(self))
            return type(self)(self.record.slice(start, stop - start))
        return type(self)(self.record.take(pa.array(index)))

    @staticmethod
    def join(parts: Sequence[Records]) -> Records:
        """Return the rows of all parts, one after the other."""
        table = pa.Table.from_batches([part.record for part in parts])
        return Records(table.combine_chunks().to_batches()[0])


def positions_by_lane(keys: Keys) -> list[tuple[tuple[int, int], npt.NDArray[np.intp]]]:
    """Return the lanes of n rows, 1 or more, each with where its rows stand."""
    lanes = ByLane.of(keys.exchange, keys.channel)
    return [(lane, lanes.rows_of(at)) for at, lane in enumerate(lanes.keys)]
