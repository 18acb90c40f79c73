"""Trading days of an export's rows, whose evening rows may be dated by either of two days.

In the evening of a Friday some counters and exchanges write the Friday, others the Monday whose
trading day begins. Each *clique*, the orders or the trades of one exchange, holds to one of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from ...batch import Int64
from ...errors import InputError, LackingError
from ...market.calendar import NIGHT_BEGINS, NIGHT_ENDS, Calendar

NO_DATE: Final = -1
"""Stands for the date of a time that names none."""

HOUR: Final = 3_600 * 10**9

Clique = tuple[str, str]
"""``orders`` or ``trades``, and an exchange."""


@dataclass(slots=True)
class Stamps:
    """When rows were: the date written, as an ordinal, and the time of day in ns, (n,) each."""

    dates: Int64
    clocks: Int64


class DayFinder:
    """Finds the trading days of rows.

    ``trading_dated`` tells of the cliques that may date the evening by the trading day whether
    they are taken to where nothing else tells; all other cliques go by the calendar.
    """

    def __init__(
        self, calendar: Calendar, given: date | None, trading_dated: Mapping[Clique, bool]
    ) -> None:
        self._calendar = calendar
        self._given = given
        self._usual = trading_dated
        self._next: dict[int, int] = {}

    def days(
        self, stamps: Mapping[Clique, Stamps]
    ) -> tuple[dict[Clique, Int64], dict[Clique, bool]]:
        """Return the trading day of each row, and which cliques date evenings by the trading day.

        A clique in doubt is read in the way that brings more of its night rows to days that other
        rows tell: all rows of day hours, and the night rows of cliques without doubt.
        """
        plain = {one: self._by_calendar(rows) for one, rows in stamps.items()}
        known = {
            int(day)
            for one, rows in stamps.items()
            for day in np.unique(plain[one][~_is_night(rows) | (one not in self._usual)])
        }
        if self._given is not None:
            known.add(self._given.toordinal())
        found, dated = {}, {}
        for one, rows in stamps.items():
            by_date = self._usual.get(one, False)
            night = _is_night(rows)
            if one in self._usual and night.any():
                fits = [np.isin(days[night], [*known]).sum() for days in (plain[one], rows.dates)]
                by_date = by_date if fits[0] == fits[1] else bool(fits[1] > fits[0])
                dated[one] = by_date
            found[one] = rows.dates if by_date else plain[one]
        return found, dated

    def _by_calendar(self, stamps: Stamps) -> Int64:
        """Return trading days where dates are those of the calendar: (n,) ordinals."""
        hours = stamps.clocks // HOUR
        days = stamps.dates.copy()
        evening, small_hours = hours >= NIGHT_BEGINS, hours < NIGHT_ENDS
        for which, back in ((evening, 0), (small_hours, 1)):
            if which.any():
                each, at = np.unique(stamps.dates[which], return_inverse=True)
                days[which] = np.array([self._next_after(int(day) - back) for day in each])[at]
        return days

    def _next_after(self, day: int) -> int:
        if day not in self._next:
            self._next[day] = self._calendar.next_after(date.fromordinal(day)).toordinal()
        return self._next[day]


def one_day(
    days: Mapping[Clique, Int64], given: date | None, where: str
) -> tuple[date, Counter[date]]:
    """Return the day that is asked for, or the one that there is; and the rows of other days.

    Raises LackingError where there are several and none is given, InputError where there is none
    of the one given.
    """
    counts: Counter[date] = Counter()
    for found in days.values():
        each, rows = np.unique(found, return_counts=True)
        for day, count in zip(each.tolist(), rows.tolist(), strict=True):
            counts[date.fromordinal(day)] += count
    told = ", ".join(f"{day} ({counts[day]} rows)" for day in sorted(counts))
    if given is None and len(counts) > 1:
        raise LackingError(
            "day", f"{where}: found trading days {told}, expected one; --day picks one, "
            "in scan as in convert (not with --split-days)",
            [day.isoformat() for day in sorted(counts)],
        )  # fmt: skip
    day = given or next(iter(counts))
    if counts and day not in counts:
        raise InputError(f"{where}: found no row of {day}; there is {told}")
    counts.pop(day, None)
    return day, counts


def _is_night(stamps: Stamps) -> npt.NDArray[np.bool_]:
    hours = stamps.clocks // HOUR
    return np.asarray((hours >= NIGHT_BEGINS) | (hours < NIGHT_ENDS))
