"""The trading calendar: which days are trading days, and which day a night session belongs to.

A trading day begins with the night session of the trading day before it: Friday night, and the
hours after midnight on Saturday, belong to Monday. Before a public holiday there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..side_tables import (
    Column,
    Problem,
    SideTable,
    Source,
    dates_in_order,
    overlapping,
    read_table,
)
from . import years

NIGHT_BEGINS: Final = 18
"""The hour from which times of a calendar date belong to the next trading day."""
NIGHT_ENDS: Final = 6
"""The hour before which they belong to the trading day that began the evening before."""

COLUMNS: Final[dict[str, Column]] = {
    "from": Column("date", required=True, filled=True),
    "to": Column("date", required=True, filled=True),
    "kind": Column(required=True, filled=True, words=("closed", "open", "no_night")),
    "source": Column(),
}
SHIPPED: Final = Path(__file__).with_name("calendar.csv")

_HOUR: Final = 3_600 * 10**9
_DAY: Final = 24 * _HOUR
_SHANGHAI: Final = 8 * _HOUR
_ONE: Final = timedelta(days=1)
_EPOCH: Final = date(1970, 1, 1)
_LONGEST_CLOSING: Final = 100


class Calendar:
    """Trading days: weekdays that no row closes. Later tables go over earlier ones, day by day.

    ``first`` and ``last`` are the days between which the tables speak; outside, every weekday is
    taken for a trading day.
    """

    def __init__(self, *tables: SideTable) -> None:
        self._kinds: dict[date, str] = {}
        self._no_night: set[date] = set()
        for table in tables:
            for _, start, end, kind in table.select("from", "to", "kind"):
                for day in _days(start, end):
                    if kind == "no_night":
                        self._no_night.add(day)
                    else:
                        self._kinds[day] = kind
        told = [*self._kinds, *self._no_night]
        self.first = min(told).replace(month=1, day=1) if told else date.min
        self.last = max(told).replace(month=12, day=31) if told else date.min

    def covers(self, day: date) -> bool:
        """Whether the tables speak of the day's year."""
        return self.first <= day <= self.last

    def gap_notes(self, day: date) -> list[str]:
        """Return a note where the tables say nothing of the day's year."""
        if self.covers(day):
            return []
        return [
            f"the calendar tells of {self.first} to {self.last}: for {day} holidays are not known, "
            "every weekday is taken for a trading day; --calendar names a newer one"
        ]

    def is_trading_day(self, day: date) -> bool:
        """Whether the exchanges trade on a day."""
        kind = self._kinds.get(day)
        return day.weekday() < 5 if kind is None else kind == "open"

    def next_after(self, day: date) -> date:
        """Return the first trading day after a date."""
        return self._nearest(day, _ONE)

    def previous(self, day: date) -> date:
        """Return the last trading day before a date."""
        return self._nearest(day, -_ONE)

    def _nearest(self, day: date, step: timedelta) -> date:
        try:
            for n in range(1, _LONGEST_CLOSING):
                if self.is_trading_day(day + n * step):
                    return day + n * step
        except OverflowError:
            raise InputError(f"calendar: found {day}, expected {years.EXPECTED}") from None
        raise InputError(f"calendar: found no trading day within {_LONGEST_CLOSING} days of {day}")

    def night_of(self, day: date) -> date | None:
        """Return the date on whose evening a trading day's night session begins, None: it has none.

        There is none where a weekday between the trading day before and this one is closed.
        """
        before = self.previous(day)
        closed = any(between.weekday() < 5 for between in _days(before + _ONE, day - _ONE))
        return None if closed or day in self._no_night else before

    def trading_day_of(self, ts: int) -> date:
        """Return the trading day a time belongs to: ns since 1970 UTC.

        A day's own hours give its date, be it a trading day or not.
        """
        return self._day_of_half(int(_half_days(np.int64(ts))))

    def trading_days_of(
        self, ts: npt.NDArray[np.int64]
    ) -> tuple[list[date], npt.NDArray[np.int64]]:
        """Return the trading days that times belong to, ascending, and which is each time's: (n,).

        ts : (n,) ns since 1970 UTC
        """
        halves, at = np.unique(_half_days(ts), return_inverse=True)
        each = [self._day_of_half(half) for half in halves.tolist()]
        days = sorted(set(each))
        places = np.array([days.index(day) for day in each], np.int64)
        return days, places[at]

    def _day_of_half(self, half: int) -> date:
        day = _EPOCH + timedelta(days=half // 2)
        return self.next_after(day) if half % 2 else day

    def doubt_of(self, ts: int) -> str | None:
        """Return why nobody trades at a time, None where the day and the night do not tell it."""
        day, half = self.trading_day_of(ts), int(_half_days(np.int64(ts)))
        if not half % 2:
            return None if self.is_trading_day(day) else f"{day} is no trading day"
        evening = _EPOCH + timedelta(days=half // 2)
        if self.night_of(day) == evening:
            return None
        return f"trading day {day} has no night session on the evening of {evening}"

    def moments(self, day: date, clock: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the times of a trading day, ns since 1970 UTC, at ``clock``: ns since midnight.

        From 18:00 on that is on the trading day before, until 06:00 on the date after that one.
        """
        before = self.previous(day)
        clock = np.asarray(clock, np.int64)
        midnight = np.where(
            clock >= NIGHT_BEGINS * _HOUR,
            midnight_of(before),
            np.where(clock < NIGHT_ENDS * _HOUR, midnight_of(before + _ONE), midnight_of(day)),
        )
        return np.asarray(midnight + clock)


def load_calendar(source: Source | None = None) -> Calendar:
    """Return the shipped calendar, a desk's own table (file or Arrow) over it.

    Raises InputError with every problem of the table.
    """
    if source is None:
        return _shipped()
    own = read_table(source, COLUMNS, name="calendar", check=_problems)
    return Calendar(read_table(SHIPPED, COLUMNS), own)


@cache
def _shipped() -> Calendar:
    return Calendar(read_table(SHIPPED, COLUMNS))


def _problems(table: SideTable) -> Iterator[Problem]:
    """Yield what is wrong between the cells of a given table."""
    yield from dates_in_order(table)
    for number, *ends in table.select("from", "to"):
        for column, day in zip(("from", "to"), ends, strict=True):
            if day is not None and not years.is_known(day):
                yield number, f"column '{column}': found {day}, expected {years.EXPECTED}"
    days = (
        (start, end, (number, kind))
        for number, start, end, kind in table.select("from", "to", "kind")
        if kind != "no_night"
    )
    for (first, said), (second, kind) in map(sorted, overlapping(days)):
        if kind != said:
            yield second, f"found '{kind}' for days that are '{said}' in row {first}, expected one"


def _days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def midnight_of(day: date) -> int:
    """Return midnight in Shanghai, ns since 1970 UTC."""
    return (day - _EPOCH).days * _DAY - _SHANGHAI


def _half_days(ts: npt.NDArray[np.int64] | np.int64) -> npt.NDArray[np.int64]:
    """Return twice the date (days since 1970) that times are of, one more from 18:00 to 06:00."""
    return np.asarray((ts + (_SHANGHAI - NIGHT_ENDS * _HOUR)) // (_DAY // 2))
