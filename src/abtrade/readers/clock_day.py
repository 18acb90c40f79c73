"""The trading day that the times of a log tell, by the calendar; of two days it is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from ..batch import Int64
from ..errors import InputError, LackingError
from ..market.calendar import Calendar
from .bounds import parquet_bounds
from .columns import type_problems
from .dates import known_day
from .keys import read_times
from .raw import Source
from .times import SHANGHAI

DAYS_SHOWN: Final = 5


class FoundDay(NamedTuple):
    """A log's trading day, how it was found, and what makes it doubtful."""

    day: date
    how: str
    notes: tuple[str, ...] = ()


def day_by_clock(sources: Sequence[Source], calendar: Calendar) -> FoundDay:
    """Return the trading day that every row of a log belongs to.

    Raises LackingError where no row has a time, or they belong to several days, which it names.
    """
    spans = [span for source in sources if (span := _span(source)) is not None]
    if not spans:
        names = ", ".join(str(source.path) for source in sources)
        raise LackingError(
            "day", f"{names}: no row has a time that can be read; give the day with --day"
        )
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    day = calendar.trading_day_of(first)
    if day != calendar.trading_day_of(last):
        raise _several(sources, calendar)
    known_day(day, ", ".join(str(source.path) for source in sources))
    doubts = dict.fromkeys(filter(None, map(calendar.doubt_of, (first, last))))
    notes = [f"by the calendar {doubt}; --day settles it" for doubt in doubts]
    return FoundDay(day, _how(first, last, day), (*notes, *calendar.gap_notes(day)))


def _how(first: int, last: int, day: date) -> str:
    dates = {_date(first), _date(last)}
    if dates == {day} and _is_day_time(first) and _is_day_time(last):
        return "the calendar date of every row"
    return f"the times of all rows, by the calendar; with the night session of {_evening(first)}"


def _several(sources: Sequence[Source], calendar: Calendar) -> LackingError:
    """Return why rows of several trading days are refused: the days, their rows, how to go on."""
    rows: dict[date, int] = {}
    begins: dict[date, str] = {}
    for source in sources:
        for ns, numbers in _times(source):
            days, at = calendar.trading_days_of(ns)
            for which, day in enumerate(days):
                here = np.flatnonzero(at == which)
                rows[day] = rows.get(day, 0) + len(here)
                begins.setdefault(
                    day, f"{source.path} row {numbers[here[0]]} at {_written(ns[here[0]])}"
                )
    told = [f"{day} ({_counted(rows[day])}, the first {begins[day]})" for day in sorted(rows)]
    if len(told) > DAYS_SHOWN:
        told = [*told[:DAYS_SHOWN], f"{len(told) - DAYS_SHOWN} more"]
    return LackingError(
        "day",
        f"{', '.join(str(source.path) for source in sources)}: found rows of {len(rows)} trading "
        f"days by the calendar: {'; '.join(told)}; expected one; `abtrade convert LOG DIR "
        "--split-days` writes a file for each, --day counts all rows as of one",
        [day.isoformat() for day in sorted(rows)],
    )


def _span(source: Source) -> tuple[int, int] | None:
    """Return the first and last time of a file, ns since 1970 UTC; None where no row has one."""
    if problems := type_problems(source.schema, ("ts",)):
        raise InputError(f"{source.path}: {problems[0]}")
    is_time = pa.types.is_timestamp(source.schema.field("ts").type)
    bounds = parquet_bounds(source, "ts") if is_time else None
    if bounds is None:
        ends = [(int(ns.min()), int(ns.max())) for ns, _ in _times(source)]
        bounds = (min(end[0] for end in ends), max(end[1] for end in ends)) if ends else None
    return bounds


def _times(source: Source) -> Iterator[tuple[Int64, Int64]]:
    """Yield the times of a file that can be read, ns since 1970 UTC, and their rows: (n,) each."""
    for raw in source.read(("ts",)):
        ns, fits = read_times(raw.record.column("ts"))
        rows = raw.row_numbers()
        if fits is not None:
            ns, rows = ns[fits], rows[fits]
        if len(ns):
            yield ns, rows


def _counted(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows} rows"


def _is_day_time(ns: int) -> bool:
    return 6 <= _hour(ns) < 18


def _hour(ns: int) -> int:
    return int((ns + SHANGHAI) % (24 * _HOUR) // _HOUR)


def _date(ns: int) -> date:
    return date.fromordinal(_EPOCH + (ns + SHANGHAI) // (24 * _HOUR))


def _evening(ns: int) -> date:
    """Return the date on whose evening a night began: until 6 in the morning that before."""
    return _date(ns - 6 * _HOUR)


def _written(ns: int) -> str:
    text = str(np.datetime64(int(ns) + SHANGHAI, "ns")).replace("T", " ")
    return text.rstrip("0").removesuffix(".")


_HOUR: Final = 3_600 * 10**9
_EPOCH: Final = date(1970, 1, 1).toordinal()
