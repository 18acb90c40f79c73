"""Days to be shown: the first and the last in force, the one before and the one after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ...market.calendar import load_calendar
from ...rules.rule import Rule
from ..case import JUDGED, NOT_IN_FORCE
from .item import Item

_ONE = timedelta(days=1)


def day_items(rule: Rule) -> Iterator[Item]:
    """Yield the edges of a rule's days; where no trading day is one, the nearest that is."""
    calendar, first, last = load_calendar(), rule.from_day, rule.to_day
    yield _item("first_day", JUDGED, first, calendar.next_after(first - _ONE))
    yield _item("day_before", NOT_IN_FORCE, calendar.previous(first), first - _ONE)
    if last is not None:
        yield _item("last_day", JUDGED, calendar.previous(last + _ONE), last)
        yield _item("day_after", NOT_IN_FORCE, last + _ONE, calendar.next_after(last))


def _item(key: str, state: str, earliest: date, latest: date) -> Item:
    day = earliest if key in ("first_day", "day_after") else latest
    return Item(
        key,
        lambda w: earliest <= w.case.day <= latest and w.seen.state == state,
        {"day": day.isoformat()},
    )
