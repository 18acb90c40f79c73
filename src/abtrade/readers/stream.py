"""Stream: a file, or part of one, that a merge reads chunk by chunk, with an index of its lanes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

from ..batch import Int64

NEVER: Final = 2**63 - 1
"""A bound above every seq and ts: nothing more will come."""

LOWEST: Final = -(2**63)
"""A bound below every seq and ts."""


class Rows(Protocol):
    """Columns of n rows: a Batch, or anything that can be cut and joined as one."""

    def __len__(self) -> int: ...

    def take(self, index: Any) -> Self:
        """Return the rows at ``index``: positions or a slice."""
        ...

    @staticmethod
    def join(parts: Sequence[Any]) -> Any:
        """Return the rows of all parts, one after the other."""
        ...


RowsT = TypeVar("RowsT", bound=Rows)


@dataclass(slots=True)
class Chunk(Generic[RowsT]):
    """n rows of one stream, as they stand there."""

    rows: RowsT
    lanes: list[tuple[int, npt.NDArray[np.intp]]]  # number of the lane, positions of its rows
    seq: Int64  # (n,)
    ts: Int64  # (n,) ns
    row: Int64  # (n,) data row in the file, for messages
    end: int  # rows of the stream read so far, those set aside included


@dataclass(slots=True)
class LaneIndex:
    """Where a stream holds rows of one lane, and how low they reach: a line per block read."""

    ends: list[int] = field(default_factory=list)  # rows of the stream up to the block's end
    seqs: list[int] = field(default_factory=list)  # lowest in the block
    ts: list[int] = field(default_factory=list)

    def add(self, end: int, seq: int, ts: int) -> None:
        """Note a block that ends at row ``end`` and holds rows no lower than ``seq`` and ``ts``."""
        self.ends.append(end)
        self.seqs.append(seq)
        self.ts.append(ts)


@dataclass(slots=True)
class Stream(Generic[RowsT]):
    """Rows sorted by seq within each lane; ``index`` is by lane and may know of more than come."""

    name: str
    index: dict[int, LaneIndex]
    open: Callable[[], Iterator[Chunk[RowsT]]]


class Cursor(Generic[RowsT]):
    """A stream being read; ``number`` is its place among the streams of the merge.

    ``ended``: there is no chunk more.
    """

    def __init__(self, number: int, stream: Stream[RowsT]) -> None:
        self.number = number
        self.ended = False
        self.name = stream.name
        self._stream = stream
        self._chunks: Iterator[Chunk[RowsT]] | None = None
        self._next_row = 0
        self._index = {lane: _lowest_from(index) for lane, index in stream.index.items()}

    def read(self) -> Chunk[RowsT] | None:
        """Return the next chunk, None after the last."""
        if self._chunks is None:
            self._chunks = self._stream.open()
        chunk = next(self._chunks, None)
        if chunk is None:
            self.ended = True
            self._index.clear()
        else:
            self._next_row = chunk.end
        return chunk

    def unread(self, lane: int) -> tuple[int, int]:
        """Return bounds below seq and ts of the unread rows of a lane; NEVER: there are none."""
        if lane not in self._index:
            return NEVER, NEVER
        ends, seqs, ts = self._index[lane]
        block = int(np.searchsorted(ends, self._next_row, "right"))
        if block == len(ends):
            del self._index[lane]
            return NEVER, NEVER
        return int(seqs[block]), int(ts[block])


def _lowest_from(index: LaneIndex) -> tuple[npt.NDArray[np.int64], Int64, Int64]:
    """Return the ends, and the lowest seq and ts in each block or any later one."""
    return (
        np.array(index.ends, np.int64),
        np.minimum.accumulate(np.array(index.seqs, np.int64)[::-1])[::-1],
        np.minimum.accumulate(np.array(index.ts, np.int64)[::-1])[::-1],
    )
