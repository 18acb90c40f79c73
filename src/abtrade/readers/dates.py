"""Dates as people write them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from ..errors import InputError
from ..market import years

EXPECTED: Final = "expected a date, as 2025-03-03 or 20250303"


def parse_day(text: str, where: str) -> date:
    """Return the date that ``2025-03-03`` or ``20250303`` writes; raise InputError otherwise."""
    try:
        if len(text) == 8 and text.isascii() and text.isdigit():
            return known_day(datetime.strptime(text, "%Y%m%d").date(), where)
        if len(text) == 10:
            return known_day(date.fromisoformat(text), where)
    except ValueError:
        pass
    raise InputError(f"{where}: found {text!r}, {EXPECTED}")


def known_day(day: date, where: str) -> date:
    """Return a day, or raise InputError where it is of a year that no log is of."""
    if not years.is_known(day):
        raise InputError(f"{where}: found {day}, expected {years.EXPECTED}")
    return day
