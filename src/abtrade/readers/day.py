"""The trading day of a log: given, or told by the files, or the one date of its timestamps.

=======================================  ====================================================
the log has                              its day is
=======================================  ====================================================
a day given with it                      that; metadata or a ``day`` column must not differ
``day`` in the metadata of a file        that, the same in every file that names one
a column ``day``                         its one value, nulls aside
neither                                  the calendar date of every timestamp, in Shanghai
=======================================  ====================================================

A calendar date is not yet a trading day: night-session rows belong to the next one. Where a log
has any, ``how`` says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import InputError, problems_error
from .arrays import Bool, decoded
from .columns import is_text, type_problems
from .dates import parse_day
from .keys import read_times
from .raw import RawBatch, Source
from .texts import as_strings, trimmed
from .times import SHANGHAI

NIGHT: Final = "rows from 18:00 to 06:00 belong to the next trading day: --day settles it"

_HOUR: Final = 3_600 * 10**9
_DAY: Final = 24 * _HOUR


def find_day(sources: Sequence[Source], given: date | str | None = None) -> tuple[date, str]:
    """Return the trading day of a log, and how it was found.

    Raises InputError where the log tells several days, none, or another than the one given.
    """
    return told_day(sources, given) or _by_timestamps(sources)


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
        day = given if isinstance(given, date) else parse_day(given, "--day")
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
    bounds = _parquet_bounds(source, "day")
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
    return cell if isinstance(cell, date) else parse_day(str(cell), where)


# --- the calendar date of every row ------------------------------------------------------------


def _by_timestamps(sources: Sequence[Source]) -> tuple[date, str]:
    spans = [span for source in sources if (span := _span(source)) is not None]
    if not spans:
        names = ", ".join(str(source.path) for source in sources)
        raise InputError(f"{names}: no row has a time that can be read; give the day with --day")
    (first, first_file), (last, last_file) = min(s[0] for s in spans), max(s[1] for s in spans)
    if first // _DAY != last // _DAY:
        raise InputError(
            f"{first_file}: the first time is {_written(first)}, the last {_written(last)} "
            f"({last_file}): several calendar dates; give the trading day with --day"
        )
    how = "the calendar date of every row"
    if first % _DAY < 6 * _HOUR or last % _DAY >= 18 * _HOUR:
        how += f"; {NIGHT}"
    return date(1970, 1, 1).fromordinal(date(1970, 1, 1).toordinal() + first // _DAY), how


def _span(source: Source) -> tuple[tuple[int, str], tuple[int, str]] | None:
    """Return the first and last time of a file, in ns since 1970 in Shanghai, each with its file.

    None where no row has a time.
    """
    if problems := type_problems(source.schema, ("ts",)):
        raise InputError(f"{source.path}: {problems[0]}")
    is_time = pa.types.is_timestamp(source.schema.field("ts").type)
    bounds = _parquet_bounds(source, "ts") if is_time else None
    if bounds is None:
        lows, highs = [], []
        for raw in source.read(("ts",)):
            ns, fits = read_times(raw.record.column("ts"))
            ns = ns if fits is None else ns[fits]
            if len(ns):
                lows.append(int(ns.min()))
                highs.append(int(ns.max()))
        if not lows:
            return None
        bounds = min(lows), max(highs)
    low, high = bounds
    return (low + SHANGHAI, str(source.path)), (high + SHANGHAI, str(source.path))


def _written(ns: int) -> str:
    return str(np.datetime64(ns, "ns")).replace("T", " ")


def _parquet_bounds(source: Source, column: str) -> tuple[Any, Any] | None:
    """Return the least and greatest cell of a column as a Parquet file's statistics have them.

    Times in ns since 1970 UTC. None where they do not tell, or the column is not as in the file.
    """
    if source.format != "parquet":
        return None
    import pyarrow.parquet as pq

    with pq.ParquetFile(source.path) as file:
        metadata, schema = file.metadata, file.schema_arrow
    at = metadata.schema.names.index(column) if column in metadata.schema.names else -1
    kind = source.schema.field(column).type
    if at < 0 or not metadata.num_rows or schema.field(column).type != kind:
        return None
    found = [metadata.row_group(group).column(at).statistics
             for group in range(metadata.num_row_groups) if metadata.row_group(group).num_rows]
    if not all(one is not None and one.has_min_max for one in found):
        return None
    if not pa.types.is_timestamp(kind):
        return min(one.min for one in found), max(one.max for one in found)
    raw = np.array([[one.min_raw, one.max_raw] for one in found])
    if raw.dtype != np.int64:
        return None
    ns, fits = read_times(pa.array(raw.ravel()).cast(kind))
    fit: Bool | bool = True if fits is None else fits
    return (int(ns.min()), int(ns.max())) if np.all(fit) else None
