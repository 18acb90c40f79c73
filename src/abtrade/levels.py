"""Levels: where a rule's numbers stand, and the event that reaches one."""

from __future__ import annotations

from typing import Final

from . import schema
from .batch import Batch
from .counts import Crossing
from .plan import ContractFacts, Plan, PlanRule

LARGE_FIELD: Final = len(schema.CELL_COUNTS)
"""Index in a cell of the first large-cancel count."""


def cell_field(plan: Plan, rule: PlanRule) -> int | None:
    """Return the index of a rule's count in a cell, None where cells do not hold it."""
    if rule.count == "large_cancels":
        assert rule.large_lots is not None
        return LARGE_FIELD + plan.large_lots.index(rule.large_lots)
    if rule.count in schema.CELL_COUNTS:
        return schema.CELL_COUNTS.index(rule.count)
    return None


def level_numbers(rule: PlanRule) -> tuple[int, int]:
    """Return the whole numbers at which a rule turns yellow and red, -1 for never."""
    yellow, red = rule.yellow_at, rule.red_at
    return -1 if yellow is None else int(yellow), -1 if red is None else int(red)


def levels_of(rule: PlanRule) -> list[tuple[int, int]]:
    """Return (level, whole number at which it is reached) for each level that a rule has."""
    return [(level, at) for level, at in enumerate(level_numbers(rule)) if at >= 0]


def crossing_at(
    batch: Batch, row: int, rule: int, level: int, subject: int, scope: str, count: int
) -> Crossing:
    """Return the crossing at a row of a batch."""
    channel = 0 if batch.channel is None else int(batch.channel[row])
    return Crossing(
        rule, level, subject, scope, count, int(batch.seq[row]), channel, int(batch.ts[row])
    )


def scope_text(scope: str, facts: ContractFacts) -> str:
    """Return a scope as written; a contract of unknown product stands for itself."""
    if scope == "exchange":
        return f"exchange:{facts.exchange}"
    if scope == "product" and facts.product is not None:
        return f"product:{facts.product}"
    return f"contract:{facts.contract}"
