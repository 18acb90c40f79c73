"""Standings: how the counts of one subject stand in a contract, by the rules' own evaluation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from .. import schema
from ..counts import Cells, DayCounts
from ..market.limits import Limits
from ..plan import PlanRule
from ..roster import Roster
from ..rules.evaluate import results_of
from ..rules.ledger import RuleBook
from .moment import Standing

SUMMED = (
    *schema.CELL_COUNTS, "large_cancels", *schema.EXTRA_COUNTS, *schema.PAIR_COUNTS,
)  # fmt: skip
"""Counts that have a standing at every row: sums over what has been. Ratios and shares are judged
at the end of the day, and observers measure the whole day."""


class Standings:
    """The rules that judge a contract by itself, put to what one subject did there."""

    def __init__(
        self, empty: DayCounts, roster: Roster, limits: Limits | None, contract: int
    ) -> None:
        self._book = RuleBook(empty, roster, limits)
        self._contract = contract
        facts = roster.facts[contract]
        self._rules = [
            rule
            for rule in empty.plan.rules
            if rule.scope == "contract" and rule.count in SUMMED and rule.applies(facts)
        ]

    def members(self, subject: int) -> list[int]:
        """Return the accounts of a subject, by id."""
        return self._book.members.get(subject, [])

    def of(self, subject: int, counts: DayCounts) -> tuple[Standing, ...]:
        """Return the standings of a subject under ``counts``, in the order of the rules."""
        self._book.counts = only(counts, self.members(subject), self._contract)
        return tuple(self._standing(rule, subject) for rule in self._rules)

    def _standing(self, rule: PlanRule, subject: int) -> Standing:
        found, _ = results_of(rule, self._book)
        _, scope_of = self._book.scopes(rule)
        ledger = found.ledger
        mine = (ledger.subject == subject) & (ledger.scope == scope_of[self._contract])
        row = np.flatnonzero(mine)
        gross, counted, level = (
            (int(column[row[0]]) if len(row) else 0)
            for column in (ledger.gross, ledger.counted, found.level)
        )
        yellow, red = rule.levels(self._book.roster.facts[self._contract])
        return Standing(
            rule.id, rule.count_name, counted, gross,
            None if yellow < 0 else yellow, None if red < 0 else red,
            (None, *schema.LEVELS)[level],
        )  # fmt: skip


def only(counts: DayCounts, accounts: Collection[int], contract: int) -> DayCounts:
    """Return what some accounts did in a contract."""
    cells = counts.cells
    here = (cells.contract == contract) & np.isin(cells.account, np.array(sorted(accounts)))
    mine = Cells(
        cells.contract[here], cells.account[here], cells.attributes[here], cells.counts[here],
        cells.large[here], cells.extra[here],
    )  # fmt: skip
    pairs = [
        pair
        for pair in counts.pairs
        if pair.contract == contract and pair.incoming_account in accounts
    ]
    return replace(counts, cells=mine, pairs=pairs)
