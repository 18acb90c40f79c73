"""Levels in scopes wider than a contract: one pass over the steps that the shards hand out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .batch import Batch
from .counts import Crossing
from .levels import cell_field, reached, scope_text
from .plan import ContractFacts, Plan, PlanRule

Reasons = Callable[[int, int], "npt.NDArray[np.uint8] | None"]


class WideCounter:
    """Running counts of rules by product or exchange, per subject, in row order."""

    def __init__(self, plan: Plan, facts: list[ContractFacts], reasons: Reasons) -> None:
        self._facts = facts
        self._reasons = reasons
        self._rules = [
            (rule, field)
            for rule in plan.rules
            if rule.scope != "contract" and (field := cell_field(plan, rule)) is not None
        ]
        self._counted: dict[tuple[int, int, str], int] = {}

    def count(self, steps: Any, batch: Batch, base: int) -> list[tuple[int, Crossing]]:
        """Add a batch's steps; return the levels reached, each with its row in the day."""
        found: list[tuple[int, Crossing]] = []
        for rule, field in self._rules:
            kept = steps[steps["field"] == field]
            kept = kept[self._counts(rule, kept)]
            for row, amount, contract, subject, alone in zip(
                kept["row"].tolist(),
                kept["lots"].tolist(),
                kept["contract"].tolist(),
                kept["subject"].tolist(),
                kept["alone"].tolist(),
                strict=True,
            ):
                scope = scope_text(rule.scope, self._facts[contract])
                for judged in (subject, alone):
                    if judged >= 0:
                        found += self._add(rule, judged, scope, amount, batch, row, base)
        return found

    def dump(self) -> list[Any]:
        """Return the running counts as plain values."""
        return [[*key, count] for key, count in self._counted.items()]

    def restore(self, plain: list[Any]) -> None:
        """Take up what ``dump`` gave."""
        self._counted = {(rule, subject, scope): n for rule, subject, scope, n in plain}

    def _counts(self, rule: PlanRule, steps: Any) -> npt.NDArray[np.bool_]:
        """Tell which steps a rule counts: it applies to the contract, and nothing exempts them."""
        counts = np.zeros(len(steps), np.bool_)
        for contract in np.unique(steps["contract"]).tolist():
            table = self._reasons(rule.index, contract)
            if table is not None:
                here = steps["contract"] == contract
                counts[here] = table[steps["attributes"][here]] == 0
        return counts

    def _add(
        self,
        rule: PlanRule,
        subject: int,
        scope: str,
        amount: int,
        batch: Batch,
        row: int,
        base: int,
    ) -> list[tuple[int, Crossing]]:
        key = (rule.index, subject, scope)
        before = self._counted.get(key, 0)
        self._counted[key] = before + amount
        return reached(rule, subject, scope, before, before + amount, batch, row, base)
