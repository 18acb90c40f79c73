"""Merge: the rows of several files or channels, put into the one order in which they are counted.

Within a channel of an exchange rows stand by ``seq``, copies of one seq by file and row. Across
the channels of an exchange they stand by the channel's running maximum of ``ts``, then channel,
then ``seq``. Exchanges do not wait for each other: only the order within each is fixed.

A row leaves as soon as nothing unread can come before it, which the index of each stream tells.
So files with seq ranges of their own stream one after the other, and what overlaps is held in
memory, up to a stated number of rows. Rows that stand in order already are not copied.

A second row of one seq does not move the running maximum: it will be ignored, and an ignored row
must not change the order of those that count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Generic

import numpy as np
import numpy.typing as npt

from ..batch import Int64
from ..errors import OrderError
from .lane import Lane, Part, blocking_cursor, release_all
from .sequence import sort_command
from .stream import Cursor, RowsT, Stream

ROOM_ROWS: Final = 4_000_000
"""How many rows may be held back, some 100 bytes each, before the merge gives up."""

BLOCK_ROWS: Final = 131_072
"""How many rows leave together, at most."""

RUN_ROWS: Final = 1_024
"""Rows that stand together in runs at least this long, on average, leave without a copy."""


LEAST_READ_ROWS: Final = 4_096
"""Where many files overlap, each is read in small batches, but in none smaller than this."""


def rows_at_once(room: int, files: int) -> int:
    """Return how many rows of each file to read at once, if all should overlap."""
    return min(BLOCK_ROWS, max(LEAST_READ_ROWS, room // (4 * files)))


class Merge(Generic[RowsT]):
    """Streams of rows in, rows in order out; goes through once.

    ``lanes`` are (exchange, channel) and name what ``Chunk.lanes`` numbers. Copies of one seq stand
    by their stream's place in ``streams``. ``held_most`` tells how many rows were in memory.
    Raises OrderError where a stream is not sorted, or more than ``room`` rows are to be held.
    """

    def __init__(
        self,
        streams: Sequence[Stream[RowsT]],
        lanes: Sequence[tuple[str, int]],
        room: int = ROOM_ROWS,
    ) -> None:
        self.held_most = 0
        self._names = [stream.name for stream in streams]
        self._room = room
        self._cursors = [Cursor(number, stream) for number, stream in enumerate(streams)]
        self._lanes = [
            Lane(number, channel, [c for c in self._cursors if number in streams[c.number].index])
            for number, (_, channel) in enumerate(lanes)
        ]
        self._exchanges = _by_exchange([exchange for exchange, _ in lanes], self._lanes)
        self._chunks: dict[int, RowsT] = {}
        self._left: dict[int, int] = {}  # rows of each chunk that are still here
        self._held = 0  # rows of all these chunks
        self._loaded = 0  # chunks so far

    def __iter__(self) -> Iterator[RowsT]:
        while True:
            for lanes in self._exchanges:
                for lane in lanes:
                    lane.settle()
                yield from self._leave(release_all(lanes))
            cursor = self._next_cursor()
            if cursor is None:
                return
            self._load(cursor)

    def _next_cursor(self) -> Cursor[RowsT] | None:
        """Return the stream that keeps the exchange with most rows waiting, None: all read.

        Where none keeps any, streams are still read to their end: bad rows may stand there.
        """
        choices = []
        for lanes in self._exchanges:
            cursor = blocking_cursor(lanes)
            if cursor is not None:
                choices.append((-sum(lane.held for lane in lanes), cursor.number, cursor))
        if choices:
            return min(choices, key=lambda choice: choice[:2])[2]
        return next((cursor for cursor in self._cursors if not cursor.ended), None)

    def _load(self, cursor: Cursor[RowsT]) -> None:
        chunk = cursor.read()
        if chunk is None or not len(chunk.seq):
            return
        number, self._loaded = self._loaded, self._loaded + 1
        self._chunks[number], self._left[number] = chunk.rows, len(chunk.seq)
        self._held += len(chunk.seq)
        self.held_most = max(self._held, self.held_most)
        if self._held > self._room:
            raise self._too_far_apart()
        for lane, at in chunk.lanes:
            part = Part(chunk.seq[at], chunk.ts[at], np.full(len(at), number, np.int64), at)
            self._lanes[lane].add(cursor, part, chunk.row[at])

    def _too_far_apart(self) -> OrderError:
        return OrderError(
            f"{', '.join(self._names)}: rows that belong side by side stand more than "
            f"{self._room:,} rows apart; bring them into order with "
            f"`{sort_command(self._names)}`"
        )

    def _leave(self, part: Part) -> Iterator[RowsT]:
        """Yield rows in order, and let go of the chunks they were the last of."""
        for start in range(0, len(part), BLOCK_ROWS):
            block = part.take(slice(start, start + BLOCK_ROWS))
            yield from _gather(self._chunks, block)
            numbers, counts = np.unique(block.chunk, return_counts=True)
            for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
                self._left[number] -= count
                if not self._left[number]:
                    del self._left[number]
                    self._held -= len(self._chunks.pop(number))


def _by_exchange(exchanges: Sequence[str], lanes: Sequence[Lane[RowsT]]) -> list[list[Lane[RowsT]]]:
    """Return the lanes of each exchange, by channel."""
    groups: dict[str, list[Lane[RowsT]]] = {}
    for exchange, lane in zip(exchanges, lanes, strict=True):
        groups.setdefault(exchange, []).append(lane)
    for group in groups.values():
        group.sort(key=lambda lane: lane.channel)
        for lane in group:
            lane.alone = len(group) == 1
    return list(groups.values())


def _gather(chunks: dict[int, RowsT], part: Part) -> Iterator[RowsT]:
    """Yield the rows a part names: as views where they stand in long runs, else as one copy."""
    breaks = (part.chunk[1:] != part.chunk[:-1]) | (part.position[1:] != part.position[:-1] + 1)
    starts = np.concatenate(([0], np.flatnonzero(breaks) + 1))
    if (len(starts) - 1) * RUN_ROWS <= len(part):
        for start, end in zip(starts, np.append(starts[1:], len(part)), strict=True):
            rows, first = chunks[int(part.chunk[start])], int(part.position[start])
            count = int(end - start)
            yield rows if count == len(rows) else rows.take(slice(first, first + count))
    else:
        yield _copy(chunks, part.chunk, part.position)


def _copy(
    chunks: dict[int, RowsT], chunk: Int64, position: npt.NDArray[np.intp]
) -> RowsT:
    """Return the rows at these places as one; of each chunk only the stretch in use is joined."""
    numbers, which = np.unique(chunk, return_inverse=True)
    low = np.full(len(numbers), np.iinfo(np.intp).max)
    high = np.zeros(len(numbers), np.intp)
    np.minimum.at(low, which, position)
    np.maximum.at(high, which, position)
    pieces = [
        chunks[number].take(slice(first, last + 1))
        for number, first, last in zip(numbers.tolist(), low.tolist(), high.tolist(), strict=True)
    ]
    offset = np.cumsum([0, *map(len, pieces[:-1])]) - low
    joined: RowsT = type(pieces[0]).join(pieces)
    return joined.take(position + offset[which])
