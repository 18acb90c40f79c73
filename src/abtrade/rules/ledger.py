"""Ledger: for one rule, what each subject did in each scope, counted and exempt by reason.

Gross is summed on its own and must equal counted plus exempt; an engine for which it does not is
broken, and the run stops.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from .. import schema
from ..batch import Int64
from ..counts import DayCounts, Pair
from ..levels import cell_field, scope_text
from ..market.limit_rows import Limit
from ..market.limits import Limits
from ..plan import Plan, PlanRule
from ..roster import Roster


@dataclass(slots=True)
class Steps:
    """Amounts of one count with who did them and why they may not count: n of each.

    ``judge`` is a subject id, or a client id where clients are compared.
    """

    judge: Int64  # (n,)
    scope: Int64  # (n,) index into the scopes of the rule
    account: Int64  # (n,)
    amount: Int64  # (n,)
    reason: Int64  # (n,) 0 counts
    unknown: npt.NDArray[np.bool_]  # (n,)

    def where(self, mask: Any) -> Steps:
        """Return the steps that a mask, positions or a slice selects."""
        return Steps(
            self.judge[mask],
            self.scope[mask],
            self.account[mask],
            self.amount[mask],
            self.reason[mask],
            self.unknown[mask],
        )


class Whose(Protocol):
    """Whose amounts are, in which contract and under which attributes: n of each."""

    contract: npt.NDArray[np.int32]
    account: npt.NDArray[np.int32]
    attributes: npt.NDArray[np.int32]


@dataclass(slots=True)
class Ledger:
    """A row per subject and scope with gross > 0, by subject id, then scope."""

    subject: Int64  # (n,)
    scope: Int64  # (n,)
    gross: Int64  # (n,)
    counted: Int64  # (n,)
    unknown: Int64  # (n,) of counted
    exempt: Int64  # (n, reasons) by reason code - 1


class RuleBook:
    """The steps of each rule of a plan, out of one day's counts."""

    def __init__(self, counts: DayCounts, roster: Roster, limits: Limits | None = None) -> None:
        self.counts = counts
        self.roster = roster
        self.plan: Plan = counts.plan
        self._limits = limits
        self._subjects = roster.subjects().astype(np.int64)
        self._alone = roster.alone().astype(np.int64)
        self._clients = np.array(roster.client_of, np.int64)
        self._tables: dict[tuple[int, str | None, bool | None], npt.NDArray[np.uint8]] = {}
        self._doubts: dict[tuple[int, str | None, bool | None], npt.NDArray[np.bool_]] = {}
        self._scopes: dict[int, tuple[list[str], Int64]] = {}

    @cached_property
    def members(self) -> dict[int, list[int]]:
        """The accounts of each subject, those of clients judged besides too."""
        members: dict[int, list[int]] = {}
        for account, judged in enumerate(
            zip(self.roster.subject_of, self.roster.alone_of, strict=True)
        ):
            for subject in judged:
                members.setdefault(subject, []).append(account)
        return members

    def scopes(self, rule: PlanRule) -> tuple[list[str], Int64]:
        """Return a rule's scopes as written, and the scope of each contract (-1 not judged)."""
        found = self._scopes.get(rule.index)
        if found is None:
            found = self._scopes[rule.index] = self._scopes_of(rule)
        return found

    def _scopes_of(self, rule: PlanRule) -> tuple[list[str], Int64]:
        texts: dict[tuple[str, str], int] = {}
        index = np.full(len(self.roster.facts), -1, np.int64)
        for contract, facts in enumerate(self.roster.facts):
            if rule.applies(facts):
                key = (facts.exchange, scope_text(rule.scope, facts))
                index[contract] = texts.setdefault(key, len(texts))
        return [text for _, text in texts], index

    def levels(self, rule: PlanRule) -> Int64:
        """Return where each scope of a rule turns yellow and red, -1 for never: (scopes, 2)."""
        scopes, scope_of = self.scopes(rule)
        levels = np.full((len(scopes), 2), -1, np.int64)
        for contract in np.flatnonzero(scope_of >= 0).tolist():
            levels[scope_of[contract]] = rule.levels(self.roster.facts[contract])
        return levels

    def limits(self, rule: PlanRule) -> dict[int, Limit]:
        """Return the limits of those scopes of a rule for which one is known."""
        if self._limits is None or rule.limit is None:
            return {}
        _, scope_of = self.scopes(rule)
        known = {}
        for contract in np.flatnonzero(scope_of >= 0).tolist():
            row = self._limits.row(rule.limit, rule.scope, self.roster.facts[contract])
            if row is not None:
                known[int(scope_of[contract])] = row
        return known

    def steps(self, rule: PlanRule, *, clients: bool = False) -> Steps:
        """Return the steps of a rule's count, judged by subject, or else by client."""
        if rule.count in schema.PAIR_COUNTS:
            return self._pair_steps(rule, clients)
        field = cell_field(self.plan, rule)
        assert field is not None
        return self.cell_steps(rule, field, clients=clients)

    def cell_steps(self, rule: PlanRule, field: int, *, clients: bool = False) -> Steps:
        """Return what cells hold of one count as steps of a rule."""
        return self.steps_of(rule, self.counts.cells, self.counts.cells.of(field), clients=clients)

    def steps_of(
        self, rule: PlanRule, whose: Whose, amount: Int64, *, clients: bool = False
    ) -> Steps:
        """Return amounts of whatever kind as steps of a rule."""
        _, scope_of = self.scopes(rule)
        here = (amount > 0) & (scope_of[whose.contract] >= 0)
        contract, account = whose.contract[here], whose.account[here].astype(np.int64)
        attributes = whose.attributes[here]
        reason, unknown = self._cell_reasons(rule, contract, attributes)
        alone = self._alone[account] >= 0
        if clients or not alone.any():
            judge = (self._clients if clients else self._subjects)[account]
            return Steps(judge, scope_of[contract], account, amount[here], reason, unknown)
        return _both(
            Steps(self._subjects[account], scope_of[contract], account, amount[here], reason,
                  unknown),
            Steps(self._alone[account], scope_of[contract], account, amount[here], reason,
                  unknown).where(alone),
        )

    def reasons(self, rule: PlanRule, contract: int) -> npt.NDArray[np.uint8]:
        """Return a rule's reasons in a contract, by attributes as ``PlanRule.place`` has them."""
        key = self._table_key(rule, contract)
        if key not in self._tables:
            self._tables[key] = rule.reason_table(self.roster.facts[contract])
        return self._tables[key]

    def _cell_reasons(
        self, rule: PlanRule, contract: npt.NDArray[np.int32], attributes: npt.NDArray[np.int32]
    ) -> tuple[Int64, npt.NDArray[np.bool_]]:
        """Return the reason of each cell, and whether it rests on something unknown.

        Contracts that a rule judges alike share a table.
        """
        reason = np.zeros(len(contract), np.int64)
        unknown = np.zeros(len(contract), np.bool_)
        alike: dict[object, list[int]] = {}
        for one in np.unique(contract).tolist():
            alike.setdefault(self._table_key(rule, one), []).append(one)
        for contracts in alike.values():
            member = np.zeros(len(self.roster.facts), np.bool_)
            member[contracts] = True
            rows = member[contract]
            reason[rows] = self.reasons(rule, contracts[0])[rule.place(attributes[rows])]
            unknown[rows] = self._unknown(rule, contracts[0])[rule.place(attributes[rows])]
        return reason, unknown

    def _unknown(self, rule: PlanRule, contract: int) -> npt.NDArray[np.bool_]:
        """Return what rests on a blank in a contract, by attributes as ``reasons`` has them."""
        key = self._table_key(rule, contract)
        if key not in self._doubts:
            self._doubts[key] = rule.unknown_table(self.roster.facts[contract])
        return self._doubts[key]

    def _table_key(self, rule: PlanRule, contract: int) -> tuple[int, str | None, bool | None]:
        facts = self.roster.facts[contract]
        asks = any(
            entry.products is not None for entry in (*rule.only, *rule.leave_out)
        )
        return rule.index, facts.product if asks else None, facts.order_fee

    def _pair_steps(self, rule: PlanRule, clients: bool) -> Steps:
        """Return the matches, pairs, incoming orders or lots of self-trades as steps."""
        _, scope_of = self.scopes(rule)
        rows: list[tuple[int, int, int, int, int, bool]] = []
        for judge, pairs in self._judged_pairs(rule, clients).items():
            if rule.count in ("self_trades", "self_trade_lots"):
                units = [[pair] for pair in pairs]
            else:
                units = _units(pairs, by_pair=rule.count == "self_trade_pairs")
            for unit in units:
                pair, reason = self._first_counted(rule, unit)
                amount = {"self_trades": pair.matches, "self_trade_lots": pair.lots}.get(
                    rule.count, 1
                )
                facts = self.roster.facts[pair.contract]
                unknown = rule.unknown(pair.incoming_attributes, facts) or rule.unknown(
                    pair.resting_attributes, facts
                )
                rows.append(
                    (judge, int(scope_of[pair.contract]), pair.incoming_account, amount, reason,
                     unknown)
                )
        table: Int64 = np.array(rows, np.int64).reshape(len(rows), 6)
        columns = [table[:, i] for i in range(5)]
        return Steps(
            columns[0], columns[1], columns[2], columns[3], columns[4], table[:, 5].astype(np.bool_)
        )

    def _judged_pairs(self, rule: PlanRule, clients: bool) -> dict[int, list[Pair]]:
        """Return the pairs by who is judged for them, each list in the order of first match."""
        judged: dict[int, list[Pair]] = {}
        for pair in sorted(self.counts.pairs, key=lambda pair: pair.first_index):
            if not rule.applies(self.roster.facts[pair.contract]):
                continue
            a, b = pair.incoming_account, pair.resting_account
            if clients:
                if self._clients[a] == self._clients[b]:
                    judged.setdefault(int(self._clients[a]), []).append(pair)
                continue
            judged.setdefault(int(self._subjects[a]), []).append(pair)
            if self._alone[a] >= 0 and self._alone[a] == self._alone[b]:
                judged.setdefault(int(self._alone[a]), []).append(pair)
        return judged

    def _first_counted(self, rule: PlanRule, unit: list[Pair]) -> tuple[Pair, int]:
        """Return the first of a unit's pairs that counts, else the first, with its reason."""
        reasons = [self.pair_reason(rule, pair) for pair in unit]
        at = reasons.index(0) if 0 in reasons else 0
        return unit[at], reasons[at]

    def pair_reason(self, rule: PlanRule, pair: Pair) -> int:
        """Return the reason code of a pair of orders under a rule; 0 counts."""
        table = self.reasons(rule, pair.contract)
        return pair.reason(
            rule,
            int(table[rule.place(pair.incoming_attributes)]),
            int(table[rule.place(pair.resting_attributes)]),
        )


class Lookup:
    """The counted steps of a judge in a scope, found by binary search."""

    def __init__(self, steps: Steps) -> None:
        steps = steps.where(steps.reason == 0)
        self._width = int(steps.scope.max(initial=0)) + 1
        keys = steps.judge * self._width + steps.scope
        order = np.argsort(keys, kind="stable")
        self._keys = keys[order]
        self._steps = steps.where(order)

    def counted(self, judge: int, scope: int) -> Steps:
        """Return the steps of one judge and scope that count."""
        key = judge * self._width + scope
        low = int(np.searchsorted(self._keys, key)) if scope < self._width else 0
        high = int(np.searchsorted(self._keys, key, side="right")) if scope < self._width else 0
        return self._steps.where(slice(low, high))


def ledger_of(rule: PlanRule, steps: Steps) -> Ledger:
    """Sum steps by judge and scope."""
    if not len(steps.amount):
        none = np.zeros(0, np.int64)
        return Ledger(none, none, none, none, none, np.zeros((0, len(rule.reasons)), np.int64))
    width = int(steps.scope.max()) + 1
    keys, at = np.unique(steps.judge * width + steps.scope, return_inverse=True)
    size = len(keys)
    gross = _sums(at, steps.amount, size)
    counts = steps.reason == 0
    counted = _sums(at[counts], steps.amount[counts], size)
    doubtful = counts & steps.unknown
    unknown = _sums(at[doubtful], steps.amount[doubtful], size)
    exempt = np.zeros((size, len(rule.reasons)), np.int64)
    np.add.at(exempt, (at[~counts], steps.reason[~counts] - 1), steps.amount[~counts])
    assert (gross == counted + exempt.sum(axis=1)).all(), "gross is not counted plus exempt"
    return Ledger(keys // width, keys % width, gross, counted, unknown, exempt)


def _sums(at: npt.NDArray[np.intp], amounts: Int64, size: int) -> Int64:
    total = np.zeros(size, np.int64)
    np.add.at(total, at, amounts)
    return total


def _both(one: Steps, other: Steps) -> Steps:
    return Steps(
        *(
            np.concatenate([getattr(one, name), getattr(other, name)])
            for name in ("judge", "scope", "account", "amount", "reason", "unknown")
        )
    )


def _units(pairs: list[Pair], *, by_pair: bool) -> list[list[Pair]]:
    """Gather the records of one pair of orders, or of one incoming order."""
    units: dict[tuple[object, ...], list[Pair]] = {}
    for pair in pairs:
        incoming = (pair.incoming_contract, pair.incoming)
        resting = (pair.resting_contract, pair.resting)
        key = tuple(sorted((incoming, resting))) if by_pair else (incoming,)
        units.setdefault((pair.contract, *key), []).append(pair)
    return list(units.values())
