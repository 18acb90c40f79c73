"""The trading day of a log: given, or told by the files, or by its timestamps and the calendar.

=======================================  ====================================================
the log has                              its day is
=======================================  ====================================================
a day given with it                      that; metadata or a ``day`` column must not differ
``day`` in the metadata of a file        that, the same in every file that names one
a column ``day``                         its one value, nulls aside
neither                                  the one that every timestamp belongs to, by the calendar
=======================================  ====================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow.compute as pc

from ..errors import InputError, problems_error
from ..market.calendar import Calendar
from .arrays import decoded
from .bounds import parquet_bounds
from .clock_day import FoundDay, day_by_clock
from .columns import is_text
from .dates import known_day, parse_day
from .raw import RawBatch, Source
from .texts import as_strings, trimmed


def find_day(
    sources: Sequence[Source], given: date | str | None, calendar: Calendar
) -> FoundDay:
    """Return the trading day of a log, and how it was found.

    Raises InputError where the log tells several days, none, or another than the one given.
    """
    told = told_day(sources, given)
    return day_by_clock(sources, calendar) if told is None else FoundDay(*told)


def told_day(
    sources: Sequence[Source], given: date | str | None = None, *, read_column: bool = True
) -> tuple[date, str] | None:
    """Return the day that is given, or that the files tell, and how; None where nothing does.

    ``read_column``: look into a column ``day`` as well as the metadata.
    Raises InputError where two of these differ.
    """
    told = _in_metadata(sources)
    if read_column:
        told += _in_column(sources)
    if given is not None:
        day = parse_day(str(given), "--day")
        _agree([(day, f"--day {day}"), *told])
        return day, "given"
    if told:
        _agree(told)
        return told[0]
    return None


def _agree(told: Sequence[tuple[date, str]]) -> None:
    """Raise InputError where not everything that tells the day tells the same."""
    first_day, first_where = told[0]
    others = [f"{where} tells {day}" for day, where in told[1:] if day != first_day]
    if others:
        raise problems_error([f"{first_where}: found {first_day}, but {other}" for other in others])


# --- files that say it -------------------------------------------------------------------------


def _in_metadata(sources: Sequence[Source]) -> list[tuple[date, str]]:
    return [
        (parse_day(source.day, f"{source.path}: day in the metadata"),
         source.day_from or f"the metadata of {source.path}")
        for source in sources
        if source.day is not None
    ]


def _in_column(sources: Sequence[Source]) -> list[tuple[date, str]]:
    """Return the day of each file that has the column; raise InputError where one has two."""
    found = (_column_day(source) for source in sources if "day" in source.columns)
    return [told for told in found if told is not None]


def _column_day(source: Source) -> tuple[date, str] | None:
    where = f"column 'day' of {source.path}"
    bounds = parquet_bounds(source, "day")
    if bounds is not None and bounds[0] == bounds[1]:
        return _day_of_cell(bounds[0], where), where
    day = None
    for raw in source.read(("day",)):
        for at, cell in _distinct(raw):
            found = _day_of_cell(cell, f"{source.path}: row {raw.row_numbers()[at]}: day")
            if day is not None and found != day:
                raise InputError(
                    f"{source.path}: row {raw.row_numbers()[at]}: found day {found} after {day}, "
                    "expected a log of one trading day"
                )
            day = found
    return None if day is None else (day, where)


def _distinct(raw: RawBatch) -> Iterator[tuple[int, Any]]:
    """Yield where each value of the column stands first, and the value; nulls are left out."""
    array = decoded(raw.record.column("day"))
    if is_text(array.type):
        array = trimmed(as_strings(array))
    for value in pc.unique(array):
        if value.is_valid:
            yield pc.index(array, value).as_py(), value.as_py()


def _day_of_cell(cell: Any, where: str) -> date:
    if isinstance(cell, datetime):
        cell = cell.date()
    return known_day(cell, where) if isinstance(cell, date) else parse_day(str(cell), where)
