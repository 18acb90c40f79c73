"""Course: an engine that is brought to any row of a contract, from the nearest state kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from ..batch import Batch, Int64
from ..compiled import CompiledEngine
from .checkpoints import Checkpoints, State, spacing
from .spool import Rows
from .track import Noted, Touches, Track

NEAR: Final = 512
"""A way back keeps the state of so many rows before: further steps back start from there."""


class Course:
    """The rows of a contract, and of those it is connected with, under an engine.

    Row ``n``: the first ``n`` rows that name the contract have been applied, and those of connected
    contracts that come before the last of them. ``noted`` is what was noted of the rows.
    """

    def __init__(
        self,
        contract: int,
        rows: Rows,
        counter: CompiledEngine,
        touches: Touches,
        progress: Callable[[int, int | None], None] | None,
    ) -> None:
        self._all = rows
        self._counter = counter
        self._checkpoints = Checkpoints()
        self._near: tuple[int, State] | None = None
        self._at = 0
        self._places: Int64 | None = None  # of each row among all, where there are others
        self.noted = self._read_through(Track(contract), touches, progress)
        self.row = self.rows = len(self.noted.latest_ts)

    @property
    def bytes(self) -> int:
        """How much room the checkpoints take on the disk."""
        return self._checkpoints.bytes

    def close(self) -> None:
        """Give the room on the disk back."""
        self._checkpoints.close()

    def go(self, row: int) -> None:
        """Bring the engine to a row, from wherever it takes the fewest rows."""
        target = 0 if row == 0 else self._place(row) + 1
        kept = self._checkpoints.before(target)
        near = -1 if self._near is None or self._near[0] > target else self._near[0]
        here = self._at if self._at <= target else -1
        start = max(here, near, -1 if kept is None else kept)
        goes_back = target < self._at
        if start != here:
            is_near = self._near is not None and start == near
            state = self._near[1] if is_near and self._near else self._checkpoints.state(start)
            self._counter.restore(*state)
        if goes_back and target - start > NEAR:
            self._feed(start, target - NEAR)
            start = target - NEAR
            self._near = start, self._counter.dump()
        self._feed(start, target)
        self._at, self.row = target, row

    def batch(self, rows: Int64) -> Batch:
        """Return some rows of the contract, ascending, from 1 on; at least one."""
        return self._all.at(rows - 1 if self._places is None else self._places[rows - 1])

    def row_of(self, places: Int64) -> Int64:
        """Return the rows that the engine's indices of some rows stand for."""
        if self._places is None:
            return places + 1
        return np.searchsorted(self._places, places) + 1

    def day_index(self, row: int) -> int:
        """Return the index, in all rows of the day, of a row from 1 on."""
        return self._all.index(self._place(row))

    def rows_before(self, indices: Int64) -> Int64:
        """Return how many rows of the contract come before some indices in the day."""
        found = np.zeros(len(indices), np.int64)
        begin = 0
        for here in self._all.indices():
            mine = here
            if self._places is not None:
                low, high = np.searchsorted(self._places, (begin, begin + len(here)))
                mine = here[self._places[low:high] - begin]
            found += np.searchsorted(mine, indices)
            begin += len(here)
        return found

    def _place(self, row: int) -> int:
        """Return the index of a row, from 1 on, in the engine's order."""
        return row - 1 if self._places is None else int(self._places[row - 1])

    def _feed(self, first: int, last: int) -> None:
        for batch in self._all.batches(first, last):
            self._counter.feed(batch)

    def _read_through(
        self,
        track: Track,
        touches: Touches,
        progress: Callable[[int, int | None], None] | None,
    ) -> Noted:
        """Feed all rows once: keep checkpoints, note what each row touches."""
        touches.watching = True
        total = len(self._all)
        places: list[Int64] = []
        every = spacing(total)
        while self._at < total:
            self._checkpoints.keep(self._at, self._counter)
            for batch in self._all.batches(self._at, min(total, self._at + every)):
                self._counter.feed(batch)
                mine = track.add(batch, self._at, touches)
                if not mine.all() or places:
                    places = places or [np.arange(self._at)]
                    places.append(self._at + np.flatnonzero(mine))
                self._at += len(batch)
            if progress is not None:
                progress(self._at, total)
        touches.watching = False
        self._places = np.concatenate(places) if places else None
        return track.noted()
