"""Moments of a trading day as people write them: a time of the day, or a date and a time."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

import numpy as np

from ..errors import InputError
from .calendar import Calendar, midnight_of

EXPECTED: Final = "HH:MM, HH:MM:SS[.fff] or YYYY-MM-DD HH:MM[:SS[.fff]], Beijing time"
_WRITTEN: Final = re.compile(
    r"(?:(\d{4}-\d\d-\d\d)[T ])?(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?", re.ASCII
)
_LENGTH: Final = re.compile(r"(\d{1,9})(ns|us|ms|s|m|h)", re.ASCII)
_NS: Final = {
    "ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3_600 * 10**9
}  # fmt: skip


def moment_of(text: str, day: date, calendar: Calendar) -> int:
    """Return the moment that a text means on a trading day, in ns since 1970 UTC.

    A time without a date is of the day's own sessions: from 18:00 on the evening before it, until
    06:00 the night after that. Raises InputError.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise InputError(f"{text!r} is no time, expected {EXPECTED}")
    on, hour, minute, second, part = found.groups()
    clock = _clock(int(hour), int(minute), int(second or 0), text)
    clock += int((part or "0").ljust(9, "0"))
    if on is None:
        return int(calendar.moments(day, np.array([clock], np.int64))[0])
    try:
        return midnight_of(date.fromisoformat(on)) + clock
    except ValueError as error:
        raise InputError(f"{text!r} is no time: there is no day {on}") from error


def length_of(text: str) -> int:
    """Return a length of time such as ``500ms``, ``1s`` or ``5m`` in ns. Raises InputError."""
    found = _LENGTH.fullmatch(text.strip())
    if found is None or not int(found[1]):
        raise InputError(
            f"{text!r} is no length of time, expected a whole number of {', '.join(_NS)}, "
            "such as 500ms"
        )
    return int(found[1]) * _NS[found[2]]


def _clock(hour: int, minute: int, second: int, text: str) -> int:
    if hour > 23 or minute > 59 or second > 59:
        raise InputError(f"{text!r} is no time of a day, expected one from 00:00:00 to 23:59:59")
    return ((hour * 60 + minute) * 60 + second) * _NS["s"]
