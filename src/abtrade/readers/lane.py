"""Lane: the rows of one channel of one exchange within a merge, on their way into order.

Rows read wait until no unread row can come before them by ``seq``; then they are ready, in the
order of the lane, and wait for the other channels of the exchange.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal

import numpy as np
import numpy.typing as npt

from ..batch import Int64
from .sequence import falling_seq
from .stream import LOWEST, NEVER, Cursor, RowsT


@dataclass(slots=True)
class Part:
    """n rows of one lane: their keys, and where they are held."""

    seq: Int64
    ts: Int64  # of a row that is ready: the running maximum of the lane
    chunk: Int64  # number of the chunk
    position: npt.NDArray[np.intp]  # within the chunk

    def __len__(self) -> int:
        return len(self.seq)

    def take(self, index: Any) -> Part:
        """Return the rows at ``index``."""
        return Part(self.seq[index], self.ts[index], self.chunk[index], self.position[index])

    @staticmethod
    def join(parts: Sequence[Part]) -> Part:
        """Return the rows of all parts, one after the other."""
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return Part(*(np.empty(0, np.int64) for _ in range(4)))
        return Part(
            np.concatenate([part.seq for part in parts]),
            np.concatenate([part.ts for part in parts]),
            np.concatenate([part.chunk for part in parts]),
            np.concatenate([part.position for part in parts]),
        )

    def sorted_by(self, key: Int64) -> Part:
        """Return the rows by a key of theirs; those of one key as they stand."""
        if (key[1:] >= key[:-1]).all():
            return self
        return self.take(np.argsort(key, kind="stable"))


class Lane(Generic[RowsT]):
    """One lane of a merge; ``cursors`` are the streams that hold rows of it, in their order.

    ``alone``: its exchange has no other channel, and no running maximum is needed.
    """

    def __init__(self, number: int, channel: int, cursors: Sequence[Cursor[RowsT]]) -> None:
        self.channel = channel
        self.alone = True
        self.held = 0  # rows
        self._number = number
        self._cursors = list(cursors)
        self._waiting: dict[int, deque[Part]] = {cursor.number: deque() for cursor in cursors}
        self._last_read = dict.fromkeys(self._waiting, LOWEST)  # seq, by stream
        self._ready: deque[Part] = deque()
        self._last_seq = LOWEST  # of the rows that are or were ready
        self._top_ts = LOWEST

    def add(self, cursor: Cursor[RowsT], part: Part, row: Int64) -> None:
        """Take in rows just read; ``row`` is (n,) their row in the file, for the message."""
        before = np.concatenate(([self._last_read[cursor.number]], part.seq[:-1]))
        falls = np.flatnonzero(part.seq < before)
        if len(falls):
            at = int(falls[0])
            raise falling_seq(cursor.name, int(row[at]), int(part.seq[at]), int(before[at]))
        self._last_read[cursor.number] = int(part.seq[-1])
        self._waiting[cursor.number].append(part)
        self.held += len(part)

    def settle(self) -> None:
        """Make ready what no unread row of any stream can come before."""
        if not self.held:
            return
        floors = {cursor.number: self._floor(cursor) for cursor in self._cursors}
        parts: list[Part] = []
        for number, queue in self._waiting.items():
            if queue:
                # An equal seq of a later stream comes after, one of an earlier stream before.
                limit = min(floor - (other < number) for other, floor in floors.items())
                parts += cut(queue, "seq", limit)
        if parts:
            joined = Part.join(parts)
            self._make_ready(joined.sorted_by(joined.seq))

    def _floor(self, cursor: Cursor[RowsT]) -> int:
        """Return a bound below the seq of the rows of a stream that are still unread."""
        seq, _ = cursor.unread(self._number)
        return max(seq, self._last_read[cursor.number])

    def _make_ready(self, part: Part) -> None:
        if not self.alone:
            copies = np.concatenate(([self._last_seq], part.seq[:-1])) == part.seq
            ts = np.where(copies, LOWEST, part.ts)
            part.ts = np.maximum.accumulate(np.maximum(ts, self._top_ts))
            self._top_ts = int(part.ts[-1])
        self._last_seq = int(part.seq[-1])
        self._ready.append(part)

    def reach(self) -> int:
        """Return a bound below the running maximum of every row that is not ready yet.

        A row whose seq may be that of the last ready one may be a copy, and then has its maximum.
        """
        lowest_seq = lowest_ts = NEVER
        for cursor in self._cursors:
            seq, ts = cursor.unread(self._number)
            # Rows that wait are no lower than the stream they wait for.
            lowest_seq = min(lowest_seq, max(seq, self._last_read[cursor.number]))
            lowest_ts = min(lowest_ts, ts)
        for queue in self._waiting.values():
            if queue:
                lowest_ts = min(lowest_ts, *(int(part.ts.min()) for part in queue))
        if lowest_seq <= self._last_seq:
            return self._top_ts
        return max(self._top_ts, lowest_ts)

    def release(self, limit: int) -> list[Part]:
        """Return the ready rows whose running maximum is at most ``limit``, and forget them."""
        if self.alone:
            parts = list(self._ready)
            self._ready.clear()
        else:
            parts = cut(self._ready, "ts", limit)
        self.held -= sum(map(len, parts))
        return parts

    def blocking(self) -> Cursor[RowsT] | None:
        """Return the stream to read from so that more rows become ready, None: none can."""
        unread = [c for c in self._cursors if c.unread(self._number)[0] != NEVER]
        return min(unread, key=self._floor, default=None)


def release_all(lanes: Sequence[Lane[RowsT]]) -> Part:
    """Return the rows of an exchange's lanes that no other row can come before, in order.

    ``lanes`` are by channel.
    """
    if len(lanes) == 1:
        return Part.join(lanes[0].release(NEVER))
    reaches = [lane.reach() for lane in lanes]
    parts: list[Part] = []
    for index, lane in enumerate(lanes):
        # At an equal maximum the lower channel comes first.
        others = [reach - (at < index) for at, reach in enumerate(reaches) if at != index]
        parts += lane.release(min(others))
    joined = Part.join(parts)
    return joined.sorted_by(joined.ts)


def blocking_cursor(lanes: Sequence[Lane[RowsT]]) -> Cursor[RowsT] | None:
    """Return the stream to read from so that rows of an exchange can leave, None: all read."""
    unfinished = [(lane, cursor) for lane in lanes if (cursor := lane.blocking()) is not None]
    if not unfinished:
        return None
    return min(unfinished, key=lambda pair: (pair[0].reach(), pair[0].channel))[1]


def cut(queue: deque[Part], key: Literal["seq", "ts"], limit: int) -> list[Part]:
    """Take off a queue, sorted by a key, the rows whose key is at most ``limit``."""
    parts: list[Part] = []
    while queue:
        column = getattr(queue[0], key)
        if column[-1] <= limit:
            parts.append(queue.popleft())
            continue
        end = int(np.searchsorted(column, limit, "right")) if limit >= LOWEST else 0
        if end:
            parts.append(queue[0].take(slice(0, end)))
            queue[0] = queue[0].take(slice(end, None))
        break
    return parts


