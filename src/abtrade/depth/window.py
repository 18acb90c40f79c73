"""Which books are shown: those of a time window, or those that stand at times of the clock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..market.calendar import midnight_of
from ..schema import NULL_PRICE

Int64 = npt.NDArray[np.int64]

LOWEST: Final = -(2**63)
HIGHEST: Final = 2**63 - 1


@dataclass(slots=True)
class Books:
    """n books of one contract, each as it stood after a row of the log."""

    at: Int64  # (n,) index of the row in its batch
    seq: Int64
    channel: Int64 | None
    ts: Int64
    action: npt.NDArray[np.uint8]
    depth: Int64  # (n, 6 * levels)

    def take(self, index: Any) -> Books:
        """Return the books at ``index``, in that order."""
        return Books(
            self.at[index], self.seq[index],
            None if self.channel is None else self.channel[index],
            self.ts[index], self.action[index], self.depth[index],
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True, slots=True)
class Window:
    """What was asked: from when, until when, and how often; ns since 1970 UTC, both ends shown."""

    start: int = LOWEST
    end: int = HIGHEST
    every: int | None = None  # ns; None: after each row
    changes: bool = False  # of snapshots: only where the shown levels differ from those before
    midnight: int = 0  # what times of the clock are counted from

    @classmethod
    def of_day(cls, day: date, **asked: Any) -> Window:
        """Return a window whose clock strikes at midnight in Shanghai."""
        return cls(midnight=midnight_of(day), **asked)

    def strokes(self, clock: Int64) -> Int64:
        """Return the first time at or after each that is told to be shown: (n,)."""
        assert self.every is not None
        strokes = -((self.midnight - clock) // self.every)
        return np.asarray(self.midnight + strokes * self.every)


@dataclass(slots=True)
class Clock:
    """The time of a contract's rows, which never goes back."""

    now: int = LOWEST

    def tell(self, ts: Int64) -> Int64:
        """Return the time at each of the next rows, the highest so far: (n,)."""
        if not len(ts):
            return ts
        told = np.maximum.accumulate(ts)
        if self.now > told[0]:
            np.maximum(told, self.now, out=told)
        self.now = int(told[-1])
        return np.asarray(told)


@dataclass(slots=True)
class Picker:
    """Picks the books of one contract that are shown."""

    window: Window
    _waiting: Books | None = None  # the latest, at its time of the clock; no later row is known
    _shown: Int64 | None = field(default=None)  # the levels shown last

    def pick(self, books: Books, rows: Int64, clock: Int64) -> Books:
        """Return the next books to show, ``at`` the rows by which they are known to be shown.

        rows : (k,) the batch's rows that name the contract, rising
        clock : (k,) the time at each, ``Clock.tell``
        """
        window = self.window
        if window.every is None:
            if not (len(clock) and (clock[0] < window.start or clock[-1] > window.end)):
                return books
            now = clock[np.searchsorted(rows, books.at)]
            return books.take((now >= window.start) & (now <= window.end))
        strokes = window.strokes(clock)
        due = strokes[np.searchsorted(rows, books.at)]
        books = replace(books, ts=due).take(_is_last(due))
        if self._waiting is not None:
            books = _joined(self._waiting, books)
        # The clock strikes with the first row after it; until one comes, the book waits.
        struck = np.searchsorted(strokes, books.ts, "right")
        is_last = _is_last(books.ts)
        is_due = is_last & (struck < len(strokes))
        waits = is_last & ~is_due
        self._waiting = books.take(waits) if waits.any() else None
        shown = replace(books, at=np.append(rows, 0)[struck]).take(is_due)
        return self._changed(self._within(shown))

    def rest(self) -> Books | None:
        """Return the book for which no later row came, None where there is none."""
        waiting, self._waiting = self._waiting, None
        return None if waiting is None else self._changed(self._within(waiting))

    def _within(self, books: Books) -> Books:
        window = self.window
        return books.take((books.ts >= window.start) & (books.ts <= window.end))

    def _changed(self, books: Books) -> Books:
        """Leave out snapshots that show what the one before showed, where that was asked."""
        if not (self.window.changes and len(books)):
            return books
        differs = np.empty(len(books), np.bool_)
        before = empty_levels(books.depth.shape[1]) if self._shown is None else self._shown
        differs[0] = (books.depth[0] != before).any()
        differs[1:] = (books.depth[1:] != books.depth[:-1]).any(axis=1)
        self._shown = books.depth[-1].copy()
        return books.take(differs)


def empty_levels(width: int) -> Int64:
    """Return the levels of a book in which no order rests: (width,)."""
    return np.tile(np.array([NULL_PRICE, 0, 0], np.int64), width // 3)


def _is_last(strokes: Int64) -> npt.NDArray[np.bool_]:
    """Return which books no other follows before the clock strikes: (n,) bool."""
    return np.append(strokes[1:] != strokes[:-1], True)[: len(strokes)]


def _joined(first: Books, then: Books) -> Books:
    has_channel = first.channel is not None and then.channel is not None
    return Books(
        np.concatenate([first.at, then.at]),
        np.concatenate([first.seq, then.seq]),
        np.concatenate([first.channel, then.channel]) if has_channel else None,
        np.concatenate([first.ts, then.ts]),
        np.concatenate([first.action, then.action]),
        np.concatenate([first.depth, then.depth]),
    )
