"""Versions of one rule: no day has two, and none between the first and the last has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise

from ...market.calendar import Calendar, load_calendar
from ..packs import overlapping
from .finding import Finding, finding
from .rule_file import RuleFile

_ONE = timedelta(days=1)


def check_versions(files: Sequence[RuleFile]) -> Iterator[Finding]:
    """Yield days that two files of one id share (R002), and trading days between two (R003)."""
    by_path = {each.rule.path: each for each in files}
    for rule, other in overlapping([each.rule for each in files]):
        yield finding("R002", by_path[other.path], ("from",), id=other.id, other=rule.path)
    in_order = sorted(files, key=lambda each: (each.rule.id, each.rule.from_day))
    calendar = load_calendar(None)
    for _, versions in groupby(in_order, key=lambda each: each.rule.id):
        for before, after in pairwise(versions):
            first = _first_gap_day(before.rule.to_day, after.rule.from_day, calendar)
            if first is not None:
                last = after.rule.from_day - _ONE
                yield finding("R003", after, ("from",), id=after.rule.id, first=first, last=last,
                              other=before.rule.path)  # fmt: skip


def _first_gap_day(end: date | None, start: date, calendar: Calendar) -> date | None:
    """Return the first trading day after ``end`` and before ``start``, None where there is none."""
    if end is None:
        return None
    day = end + _ONE
    while day < start:
        if calendar.is_trading_day(day):
            return day
        day += _ONE
    return None
