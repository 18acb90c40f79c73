"""The years that a trading day can be of: any other is a slip of the pen, or a mark for no date."""

from __future__ import annotations

from datetime import date
from typing import Final

FIRST_DAY: Final = date(1990, 1, 1)
LAST_DAY: Final = date(2200, 12, 31)
EXPECTED: Final = f"a day of the years {FIRST_DAY.year} to {LAST_DAY.year}"


def is_known(day: date) -> bool:
    """Whether a day is of years that there are, or will be, futures exchanges in."""
    return FIRST_DAY <= day <= LAST_DAY
