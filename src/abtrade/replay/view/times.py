"""Times that people type, found within a contract's day."""

from __future__ import annotations

import re
from typing import Final

from ...wording import clock

_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?", re.ASCII)
SECOND: Final = 1_000_000_000
DAY: Final = 86_400 * SECOND
BEIJING: Final = 8 * 3600 * SECOND


class NoTimeError(Exception):
    """A text that is no time, or one that the contract's rows don't reach."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


def time_within(said: str, first_ts: int, last_ts: int) -> int:
    """Return when it is so late by the clock between two times, ns; the first time if twice.

    A time without seconds or parts of them means its beginning. Raises NoTimeError.
    """
    found = _TIME.fullmatch(said.strip())
    if not found:
        raise NoTimeError("time", said=said)
    hours, minutes, seconds = (int(part or 0) for part in found.group(1, 2, 3))
    if hours > 23 or minutes > 59 or seconds > 59:
        raise NoTimeError("time", said=said)
    part = int((found[4] or "").ljust(9, "0"))
    since_midnight = ((hours * 60 + minutes) * 60 + seconds) * SECOND + part
    midnight = (first_ts + BEIJING) // DAY * DAY - BEIJING
    ts = midnight + since_midnight
    if ts < first_ts // SECOND * SECOND:
        ts += DAY
    if ts > last_ts:
        first, last = clock(first_ts)[11:23], clock(last_ts)[11:23]
        raise NoTimeError("outside", said=said, first=first, last=last)
    return ts
