"""Levels in scopes wider than a contract: one pass over the steps that the shards hand out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from . import schema
from .batch import Batch
from .counts import Crossing
from .levels import cell_field, crossing_at, scope_text
from .plan import ContractFacts, Plan, PlanRule

Reasons = Callable[[int, int], "npt.NDArray[np.uint8] | None"]


class WideCounter:
    """Running counts of rules by product or exchange, per subject, in row order."""

    def __init__(self, plan: Plan, facts: list[ContractFacts], reasons: Reasons) -> None:
        self._rules = [
            (field, _WideRule(rule, facts, reasons))
            for rule in plan.rules
            if rule.scope != "contract" and (field := cell_field(plan, rule)) is not None
        ]

    def count(self, steps: Any, batch: Batch, base: int) -> list[tuple[int, Crossing]]:
        """Add a batch's steps; return the levels reached, each with its row in the day."""
        found: list[tuple[int, Crossing]] = []
        for field, rule in self._rules:
            index = rule.rule.index
            for row, level, subject, scope, count in rule.count(steps[steps["field"] == field]):
                crossing = crossing_at(batch, row, index, level, subject, scope, count)
                found.append((base + row, crossing))
        return found

    def dump(self) -> list[Any]:
        """Return the running counts as plain values."""
        return [[rule.rule.index, *each] for _, rule in self._rules for each in rule.dump()]

    def restore(self, plain: list[Any]) -> None:
        """Take up what ``dump`` gave, whatever was counted since."""
        rules = {rule.rule.index: rule for _, rule in self._rules}
        for rule in rules.values():
            rule.forget()
        for index, subject, exchange, scope, count in plain:
            rules[index].restore(subject, exchange, scope, count)


class _WideRule:
    """One rule's running counts: a row a scope, a column a subject."""

    def __init__(self, rule: PlanRule, facts: list[ContractFacts], reasons: Reasons) -> None:
        self.rule = rule
        self._facts = facts
        self._reasons = reasons
        self._scopes: dict[tuple[str, str], int] = {}  # exchange, as written -> row
        self._levels = np.empty((0, 2), np.int64)  # by scope: yellow, red; -1 none
        self._scope_of = np.empty(0, np.int64)  # by contract
        self._tables: dict[int, int] = {}  # id of a table of reasons -> its place in _counts
        self._table_of = np.empty(0, np.int64)  # by contract; place 0: the rule does not apply
        places = schema.ATTRIBUTE_SPACE * (1 + rule.named)
        self._counts = np.zeros((1, places), np.bool_)  # by table and attributes
        self._total = np.zeros((0, 0), np.int64)

    def count(self, steps: Any) -> Iterator[tuple[int, int, int, str, int]]:
        """Add steps; yield (row, level, subject, scope, count) for each level reached."""
        self._meet(len(self._facts))
        attributes = self.rule.place(steps["attributes"])
        steps = steps[self._counts[self._table_of[steps["contract"]], attributes]]
        beside = steps[steps["alone"] >= 0]
        if len(beside):  # a client of a suspected group is judged a second time
            steps = np.concatenate([steps, beside])
            steps["subject"][-len(beside) :] = beside["alone"]
        if not len(steps):
            return
        subject, scope = steps["subject"].astype(np.int64), self._scope_of[steps["contract"]]
        self._make_room(int(subject.max()) + 1)
        total, key = self._total.reshape(-1), scope * self._total.shape[1] + subject
        before = total[key]
        np.add.at(total, key, steps["lots"])
        after = total[key]
        names = [text for _, text in self._scopes]
        for level in range(2):
            at_each = self._levels[scope, level]
            for reached in np.unique(key[(before < at_each) & (at_each <= after)]).tolist():
                here = np.flatnonzero(key == reached)
                at = int(at_each[here[0]])
                here = here[np.argsort(steps["row"][here], kind="stable")]
                counts = before[here[0]] + np.cumsum(steps["lots"][here])
                tipping = int(np.searchsorted(counts, at))
                row, count = int(steps["row"][here[tipping]]), int(counts[tipping])
                where, who = divmod(reached, self._total.shape[1])
                yield row, level, who, names[where], count

    def dump(self) -> list[tuple[int, str, str, int]]:
        """Return (subject, exchange, scope, count) of every count that is not 0."""
        names = list(self._scopes)
        scope, subject = np.nonzero(self._total)
        counts = self._total[scope, subject]
        return [
            (who, *names[where], n)
            for who, where, n in zip(
                subject.tolist(), scope.tolist(), counts.tolist(), strict=True
            )
        ]

    def forget(self) -> None:
        """Set every count back to none."""
        self._total[:] = 0

    def restore(self, subject: int, exchange: str, scope: str, count: int) -> None:
        """Take up one count."""
        where = self._scopes.setdefault((exchange, scope), len(self._scopes))
        self._make_room(subject + 1)
        self._total[where, subject] = count

    def _meet(self, contracts: int) -> None:
        """Look up the scope and the reasons of contracts that have come up since."""
        met = range(len(self._scope_of), contracts)
        if not met:
            return
        scopes, tables, levels = [], [], {}
        for contract in met:
            facts = self._facts[contract]
            scope = (facts.exchange, scope_text(self.rule.scope, facts))
            scopes.append(self._scopes.setdefault(scope, len(self._scopes)))
            tables.append(self._table(contract))
            levels[scopes[-1]] = self.rule.levels(facts)
        missing = max(0, len(self._scopes) - len(self._levels))
        self._levels = np.vstack([self._levels, np.full((missing, 2), -1)])
        self._levels[list(levels)] = list(levels.values())
        self._scope_of = np.append(self._scope_of, scopes)
        self._table_of = np.append(self._table_of, tables)

    def _table(self, contract: int) -> int:
        reasons = self._reasons(self.rule.index, contract)
        if reasons is None:
            return 0
        place = self._tables.setdefault(id(reasons), len(self._counts))
        if place == len(self._counts):
            self._counts = np.vstack([self._counts, reasons == 0])
        return place

    def _make_room(self, subjects: int) -> None:
        """Make room for every scope met, and for more subjects."""
        scopes, width = self._total.shape
        if subjects > width or len(self._scopes) > scopes:
            width = max(width, subjects + subjects // 4)
            wider = np.zeros((len(self._scopes), width), np.int64)
            wider[:scopes, : self._total.shape[1]] = self._total
            self._total = wider
