"""A conversion told apart by trading day: which day each row is of, and a file for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .batch import Int64
from .convert_check import Checksum, check_written
from .convert_schema import UNREADABLE
from .errors import OutputError
from .log_writers import Writer
from .market.calendar import Calendar
from .readers.arrays import decoded
from .readers.columns import is_text
from .readers.dates import known_day, parse_day
from .readers.keys import read_times
from .readers.texts import as_strings, trimmed

_EPOCH = date(1970, 1, 1).toordinal()
_UNTOLD = -1


class DayRows(NamedTuple):
    """A file of one trading day, and how many rows went there."""

    path: Path
    day: date
    rows: int


class DaySplit:
    """Tells rows apart by trading day: by the column ``day``, else by ``ts`` and the calendar.

    A row that tells neither is of the day of the row before it; rows before the first that tells
    go with that one.
    """

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._last = _UNTOLD
        self._waiting: list[pa.RecordBatch] = []
        self.untold = 0

    def parts(self, records: Iterator[pa.RecordBatch]) -> Iterator[tuple[date, pa.RecordBatch]]:
        """Yield rows with the day they are of, those of a day in the order they came in."""
        for record in records:
            days = self._days(record)
            told = days != _UNTOLD
            self.untold += int((~told).sum())
            if not told.any() and self._last == _UNTOLD:
                self._waiting.append(record)
                continue
            days = self._carried_on(days, told)
            for waiting in self._waiting:
                yield _date(int(days[0])), waiting
            self._waiting = []
            for day in np.unique(days).tolist():
                rows = np.flatnonzero(days == day)
                whole = len(rows) == record.num_rows
                yield _date(day), record if whole else record.take(pa.array(rows))
        if self._waiting:
            raise OutputError("no row tells its trading day, by a column 'day' or a time")

    def _carried_on(self, days: Int64, told: npt.NDArray[np.bool_]) -> Int64:
        """Return the days with those untold filled in from the row before."""
        if not len(days):
            return days
        first = self._last if self._last != _UNTOLD else int(days[told][0])
        at = np.maximum.accumulate(np.where(told, np.arange(len(days)), -1))
        filled = np.where(at < 0, first, days[np.maximum(at, 0)])
        self._last = int(filled[-1])
        return filled

    def _days(self, record: pa.RecordBatch) -> Int64:
        """Return each row's trading day as an ordinal, _UNTOLD where nothing tells it: (n,)."""
        days = np.full(record.num_rows, _UNTOLD, np.int64)
        if "ts" in record.schema.names:
            ns, fits = read_times(record.column("ts"))
            found, at = self._calendar.trading_days_of(ns)
            of_clock = np.array([day.toordinal() for day in found], np.int64)[at]
            days = of_clock if fits is None else np.where(fits, of_clock, _UNTOLD)
        if "day" in record.schema.names:
            said = _said(record.column("day"))
            days = np.where(said == _UNTOLD, days, said)
        return days


def _said(array: pa.Array) -> Int64:
    """Return what a column ``day`` says, as ordinals of dates; _UNTOLD where it is null: (n,)."""
    array = decoded(array)
    if pa.types.is_date(array.type) or pa.types.is_timestamp(array.type):
        days = array.cast(pa.date32(), safe=False).cast(pa.int32()).cast(pa.int64())
        return np.asarray(pc.add(days, _EPOCH).fill_null(_UNTOLD))
    texts = trimmed(array if is_text(array.type) else as_strings(array)).dictionary_encode()
    words = texts.dictionary.to_pylist()
    ordinals = [parse_day(text, "column 'day'").toordinal() for text in words]
    at = texts.indices.fill_null(len(words)).to_numpy()
    return np.asarray(np.array([*ordinals, _UNTOLD], np.int64).take(at))


def _date(ordinal: int) -> date:
    within = min(max(ordinal, 1), date.max.toordinal())
    return known_day(date.fromordinal(within), "the trading day of a row")


class DayFiles:
    """The files of a conversion by day, in a folder, each checked as it was written.

    new_writer : makes the writer of a path; schema : of all rows
    """

    def __init__(
        self,
        folder: Path,
        ending: str,
        new_writer: Callable[[Path, pa.Schema], Writer],
        schema: pa.Schema,
        *,
        as_text: bool,
    ) -> None:
        self._folder = folder
        self._ending = ending
        self._new_writer = new_writer
        self._schema = schema
        self._as_text = as_text
        self._writers: dict[date, Writer] = {}
        self._sums: dict[date, Checksum] = {}

    def write_all(self, parts: Iterator[tuple[date, pa.RecordBatch]]) -> int:
        """Write rows to the file of their day, and end all files; return how many are unreadable.
        """
        unreadable = 0
        try:
            for day, record in parts:
                self._write(day, record)
                if UNREADABLE in record.schema.names:
                    unreadable += record.num_rows - record.column(UNREADABLE).null_count
            for writer in self._writers.values():
                writer.close()
        except BaseException:
            for writer in self._writers.values():
                writer.abandon()
            raise
        return unreadable

    def _write(self, day: date, record: pa.RecordBatch) -> None:
        metadata = {**(self._schema.metadata or {}), b"day": str(day).encode()}
        schema = self._schema.with_metadata(metadata)
        if day not in self._writers:
            self._writers[day] = self._new_writer(self._path(day), schema)
            self._sums[day] = Checksum(schema, as_text=self._as_text)
        self._sums[day].add(record)
        self._writers[day].write(record.replace_schema_metadata(metadata))

    def check(
        self, out: Path, read: Checksum, progress: Callable[[int], None]
    ) -> tuple[DayRows, ...]:
        """Read every file again; raise OutputError where it is not what was written and read."""
        done, whole = [], 0
        for day in sorted(self._sums):
            path, written = self._path(day), self._sums[day]
            found = Checksum(self._schema, as_text=self._as_text)
            check_written(path, out / path.name, None, written, found, progress)
            done.append(DayRows(out / path.name, day, written.rows))
            whole += written.whole
        if sum(each.rows for each in done) != read.rows or whole % (1 << 64) != read.whole:
            raise OutputError(f"{out}: the rows written are not those that were read")
        return tuple(done)

    def _path(self, day: date) -> Path:
        return self._folder / f"{day}{self._ending}"
