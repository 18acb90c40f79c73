"""Coverage: what of a rule its tests show, item by item."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..rules.compile import plan_of
from ..rules.rule import Rule
from .case import Case
from .cover.days import day_items
from .cover.filters import filter_items
from .cover.item import Item, witness
from .cover.levels import level_items
from .cover.whom import whom_items
from .outcome import Outcome


@dataclass(frozen=True, slots=True)
class Coverage:
    """The items of a rule, and which of them no case that passed shows."""

    items: tuple[Item, ...]
    missing: tuple[Item, ...]


def items_of(rule: Rule) -> tuple[Item, ...]:
    """Return everything about a rule that its tests are to show."""
    parts = (level_items, filter_items, day_items, whom_items)
    return tuple(item for part in parts for item in part(rule))


def coverage_of(rule: Rule, outcomes: Iterable[tuple[Case, Outcome]]) -> Coverage:
    """Return what the cases of a rule show; one that failed shows nothing."""
    plan = plan_of(rule)
    witnesses = [
        witness(rule, plan, case, outcome.seen)
        for case, outcome in outcomes
        if outcome.seen is not None and not outcome.problems
    ]
    items = items_of(rule)
    missing = tuple(item for item in items if not any(map(item.shown_by, witnesses)))
    return Coverage(items, missing)
