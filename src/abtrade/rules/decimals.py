"""Decimals: how many digits a number may have that a person writes, and what to say of more."""

from __future__ import annotations

import re
from typing import Final

DECIMAL: Final = r"(0|[1-9]\d{0,17})(\.\d{1,9})?"
"""A number as rules, tests and questions have it; it fits into 64 bits."""

_ANY: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)
_DIGITS: Final = 18


def too_long(text: str) -> str | None:
    """Return what was expected of a number with too many digits, None where it is not that."""
    found = _ANY.fullmatch(text)
    if found is None:
        return None
    if len(found[1]) > _DIGITS:
        bound = "9" * _DIGITS
        return f"a number of at least -{bound}" if text[0] == "-" else f"at most {bound}"
    return "at most 9 decimals" if len(found[2] or "") > 10 else None
