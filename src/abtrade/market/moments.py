"""Times as people write them, of a trading day whose night session is on the evening before.

Lengths of time likewise.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

import numpy as np

from ..errors import InputError
from ..safe_text import for_terminal
from .calendar import Calendar

_CLOCK: Final = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\Z", re.ASCII)
_SHANGHAI: Final = timezone(timedelta(hours=8))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LENGTH: Final = re.compile(r"(\d{1,9})(ns|us|ms|s|m|h)", re.ASCII)
_NS: Final = {
    "ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3_600 * 10**9
}  # fmt: skip
EXPECTED: Final = "a time of the trading day such as 21:05:00 or 09:30:00.250, or ISO 8601"


def moment_of(when: datetime | str | int, day: date, calendar: Calendar) -> int:
    """Return a time as ns since 1970 UTC.

    when : a datetime or ISO 8601 (without a zone: of Shanghai), ``HH:MM[:SS[.fff]]`` of the trading
        day (from 18:00 on the evening on which it begins), or ns since 1970 UTC

    Raises InputError for what is no time, or of another trading day.
    """
    if isinstance(when, int):
        return when
    if isinstance(when, str) and (clock := _CLOCK.match(when.strip())):
        return _of_clock(when, clock, day, calendar)
    ts = _instant(when)
    if calendar.trading_day_of(ts) != day:
        raise InputError(f"{for_terminal(str(when))}: is of another trading day than {day}")
    return ts


def length_of(text: str) -> int:
    """Return a length of time such as ``500ms``, ``1s`` or ``5m`` in ns. Raises InputError."""
    found = _LENGTH.fullmatch(text.strip())
    if found is None or not int(found[1]):
        raise InputError(
            f"{for_terminal(text)}: is no length of time, expected a whole number of "
            f"{', '.join(_NS)}, such as 500ms"
        )
    return int(found[1]) * _NS[found[2]]


def _of_clock(when: str, clock: re.Match[str], day: date, calendar: Calendar) -> int:
    hours, minutes, seconds = (int(part or 0) for part in clock.groups()[:3])
    if hours > 23 or minutes > 59 or seconds > 59:
        raise InputError(f"{for_terminal(when)}: is no time, expected {EXPECTED}")
    ns = int((clock[4] or "").ljust(9, "0"))
    since_midnight = ((hours * 60 + minutes) * 60 + seconds) * 10**9 + ns
    return int(calendar.moments(day, np.array([since_midnight], np.int64))[0])


def _instant(when: datetime | str) -> int:
    if isinstance(when, str):
        fraction = when.strip().partition(".")[2]
        try:
            found = datetime.fromisoformat(when.strip())
        except ValueError:
            raise InputError(f"{for_terminal(when)}: is no time, expected {EXPECTED}") from None
    else:
        fraction, found = "", when
    if found.tzinfo is None:
        found = found.replace(tzinfo=_SHANGHAI)
    whole = (found - _EPOCH) // timedelta(microseconds=1) * 1000
    digits = re.match(r"\d{7,9}", fraction, re.ASCII)
    return whole + int(digits[0].ljust(9, "0")) % 1000 if digits else whole
