"""TradingDays: the rows of one trading day out of files that may hold several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from ...batch import Int64
from ...errors import InputError, LackingError, problems_error
from ...market.calendar import Calendar
from ..complaints import Complaints
from ..dates import EXPECTED, parse_day
from ..raw import RawBatch
from ..words import WordReader

_UNREADABLE = 0
"""No date has this number."""


class TradingDays:
    """Keeps the rows of ``day``; where none is given, of the first met, where ``day_from`` says."""

    def __init__(self, day: date | None, calendar: Calendar) -> None:
        self.day = day
        self.day_from: str | None = None
        self._given = day is not None
        self._calendar = calendar
        self._rows: dict[str, Counter[int]] = {}  # by file, by ordinal of the day

    def of_day(self, raw: RawBatch, column: str | None) -> RawBatch:
        """Return the rows of the day, those whose day cannot be read set aside.

        column : where the trading day stands; None: nowhere, so that all rows are of the day

        Raises LackingError where no column tells the day, and none is given.
        """
        if column is None:
            if self.day is None:
                raise LackingError(
                    "day",
                    f"{raw.where}: no column tells the trading day (TradingDay); "
                    "give it with --day",
                )
            return raw
        complaints = Complaints(raw)
        days = _ordinals(raw.record.column(column))
        complaints.add(days == _UNREADABLE, complaints.cell(column, EXPECTED.split(" ", 1)[1]))
        counts = self._rows.setdefault(raw.where, Counter())
        for day, count in zip(*np.unique(days, return_counts=True), strict=True):
            if day != _UNREADABLE:
                counts[int(day)] += int(count)
        if self.day is None and (days != _UNREADABLE).any():
            self.day = date.fromordinal(int(days[days != _UNREADABLE][0]))
            self.day_from = f"{column} of {raw.where}"
        keep = np.equal(days, self.day.toordinal() if self.day else -1)
        raw.bad = complaints.rows()
        return raw if keep.all() else _kept(raw, keep)

    def near(self, raw: RawBatch, column: str | None) -> RawBatch:
        """Return rows whose calendar date may be of the trading day, or is not told."""
        if column is None or self.day is None:
            return raw
        days = _ordinals(raw.record.column(column))
        first = self._calendar.previous(self.day).toordinal()
        keep = (days == _UNREADABLE) | ((days >= first) & (days <= self.day.toordinal()))
        return raw if keep.all() else _kept(raw, keep)

    def check(self) -> None:
        """Raise LackingError where rows are of several days and none is given.

        Raise InputError where none is of the one that is.
        """
        days = {day for counts in self._rows.values() for day in counts}
        lines = [
            f"{Path(file)}: {_told(counts)}" for file, counts in self._rows.items() if counts
        ]
        if self._given and self.day is not None and days and self.day.toordinal() not in days:
            raise problems_error([f"found no row of --day {self.day}; there is", *lines])
        if len(days) <= 1 or self._given:
            return
        by_day = sorted(sum(self._rows.values(), Counter()).items())
        told = [
            f"found rows of {len(days)} trading days, expected those of one; --day takes one day's "
            "rows and leaves the others, in scan as in convert (not with --split-days)",
            *lines,
            *(f"--day {date.fromordinal(day)}: {rows:,} rows" for day, rows in by_day),
        ]
        raise LackingError(
            "day", "\n".join(told), [date.fromordinal(day).isoformat() for day, _ in by_day]
        )

    def notes(self) -> list[str]:
        """Return how many rows of other days were left out."""
        own = self.day.toordinal() if self.day else 0
        left: Counter[int] = Counter()
        for counts in self._rows.values():
            left.update({day: count for day, count in counts.items() if day != own})
        return [f"rows of other trading days were left out: {_told(left)}"] if left else []


def _ordinals(cells: pa.Array) -> Int64:
    """Return dates as ordinals, ``_UNREADABLE`` where a cell is none: (n,)."""
    words = WordReader().read(cells)
    known = [_ordinal(text) for text in words.texts]
    return np.array([*known, _UNREADABLE], np.int64)[words.at]


def _ordinal(text: str) -> int:
    try:
        return parse_day(text, "").toordinal()
    except InputError:
        return _UNREADABLE


def _kept(raw: RawBatch, keep: np.ndarray) -> RawBatch:
    rows = raw.row_numbers()[keep]
    return RawBatch(raw.first_row, raw.record.filter(pa.array(keep)), rows, raw.bad, raw.where)


def _told(counts: Mapping[int, int]) -> str:
    return ", ".join(
        f"{date.fromordinal(day)} {count:,} rows" for day, count in sorted(counts.items())
    )
