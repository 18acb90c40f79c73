"""How the times of a log are written: a format, two columns to join, or numbers since 1970."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from ..readers.mapping import TimeRule
from ..readers.maptime import time_values
from ..readers.timeformat import follows

_DATES: Final = ("%Y%m%d", "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")
_CLOCKS: Final = ("%H:%M:%S.%f", "%H:%M:%S", "%H%M%S.%f", "%H%M%S%f", "%H%M%S", "%H:%M:%S,%f",
                  "%H:%M:%S:%f")  # fmt: skip
_BETWEEN: Final = (" ", "T", "-", "")
_LEAST, _MOST = 631_152_000, 4_102_444_800  # seconds from 1970 to 1990 and to 2100
_UNITS: Final = (("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9))
_DATE: Final = re.compile(r"(?:19|20)\d{2}([-/.年]?)\d{1,2}\1?月?\d{1,2}日?\Z", re.ASCII)
_CLOCK: Final = re.compile(r"\d{1,2}:?\d{2}:?\d{2}(?:[.,:]\d{1,9})?\Z", re.ASCII)


def are_dates(texts: Sequence[str]) -> bool:
    """Whether texts look like calendar dates."""
    return bool(texts) and all(_DATE.match(text) for text in texts)


def are_clocks(texts: Sequence[str]) -> bool:
    """Whether texts look like times of day."""
    return bool(texts) and all(_CLOCK.match(text) for text in texts) and not are_dates(texts)


def rule_of(texts: Sequence[str]) -> TimeRule | None:
    """Return how times are written, an empty rule for ISO 8601; None where nothing fits."""
    if not texts:
        return None
    for rule in (TimeRule(), *_numbers(texts), *_formats(_BETWEEN)):
        if _fits([texts], rule):
            return rule
    return None


def joined_rule(names: Sequence[str], cells: Sequence[Sequence[str]]) -> TimeRule | None:
    """Return how dates and times of day, joined by a blank, are written; None: nothing fits."""
    for rule in (TimeRule(), *_formats((" ",))):
        if cells[0] and _fits(cells, rule):
            return TimeRule(tuple(names), rule.formats)
    return None


def _formats(between: Sequence[str]) -> list[TimeRule]:
    return [
        TimeRule(formats=(date + sign + clock,))
        for sign in between
        for date in _DATES
        for clock in _CLOCKS
    ]


def _numbers(texts: Sequence[str]) -> list[TimeRule]:
    """Return the unit in which numbers are times between 1990 and 2100."""
    if not all(text.isascii() and text.isdigit() and len(text) <= 19 for text in texts):
        return []
    numbers = [int(text) for text in texts]
    return [
        TimeRule(unit=unit)
        for unit, factor in _UNITS
        if _LEAST * factor <= min(numbers) and max(numbers) <= _MOST * factor
    ]


def _fits(cells: Sequence[Sequence[str]], rule: TimeRule) -> bool:
    first = " ".join(column[0] for column in cells)
    if not all(follows(first, form) for form in rule.formats):
        return False
    times, bad, _ = time_values([pa.array(list(column), pa.string()) for column in cells], rule)
    return bad is None and not times.null_count
