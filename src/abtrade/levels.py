"""Levels: where a rule's numbers stand, and the event that reaches one."""

from __future__ import annotations

from typing import Final

import numpy as np

from . import schema
from .batch import Batch
from .counts import Crossing
from .plan import ContractFacts, Plan, PlanRule

LEVEL_OF: Final = np.array([0, 1, 2, 2], np.int64)
"""The highest level, 0 none, by the levels reached, a bit each."""

LARGE_FIELD: Final = len(schema.CELL_COUNTS)
"""Index in a cell of the first large-cancel count."""


def cell_field(plan: Plan, rule: PlanRule) -> int | None:
    """Return the index of a rule's count in a cell, None where cells do not hold it."""
    if rule.count == "large_cancels":
        assert rule.large is not None
        return LARGE_FIELD + plan.large.index(rule.large)
    if rule.count in schema.CELL_COUNTS:
        return schema.CELL_COUNTS.index(rule.count)
    if rule.count in plan.extra:
        return LARGE_FIELD + len(plan.large) + plan.extra.index(rule.count)
    return None


def levels_of(rule: PlanRule, facts: ContractFacts) -> list[tuple[int, int]]:
    """Return (level, whole number at which it is reached) for each level a rule has there."""
    return [(level, at) for level, at in enumerate(rule.levels(facts)) if at >= 0]


def crossing_at(
    batch: Batch, row: int, rule: int, level: int, subject: int, scope: str, count: int | float
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
    if scope == "series" and facts.series is not None:
        return f"series:{facts.series}"
    return f"contract:{facts.contract}"
