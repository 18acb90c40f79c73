"""Dates as people write them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from ..errors import InputError

EXPECTED: Final = "expected a date, as 2025-03-03 or 20250303"


def parse_day(text: str, where: str) -> date:
    """Return the date that ``2025-03-03`` or ``20250303`` writes; raise InputError otherwise."""
    try:
        if len(text) == 8 and text.isascii() and text.isdigit():
            return datetime.strptime(text, "%Y%m%d").date()
        if len(text) == 10:
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise InputError(f"{where}: found {text!r}, {EXPECTED}")
