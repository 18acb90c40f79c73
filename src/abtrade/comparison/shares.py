"""Shares: what part of a contract's, or a product's, volume, orders and cancels is whose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .. import schema
from ..batch import Int64
from ..counts import DayCounts
from ..levels import scope_text
from ..roster import Roster

DONE: Final = {"volume": "filled_lots", "orders": "orders", "cancels": "cancels"}
"""What subjects do that has shares -> the count of it in a cell."""

TOP: Final = 10
"""How many of the largest subjects' shares are added up."""


@dataclass(frozen=True, slots=True)
class Scopes:
    """The contracts of a day, or its products; a contract of no known product stands for itself.

    A scope is ``(exchange id, as written)``; ``of_contract`` has the index of each contract's.
    """

    keys: list[tuple[int, str]]
    of_contract: Int64  # (contracts,)

    def __len__(self) -> int:
        return len(self.keys)


def scopes_of(roster: Roster, kind: str) -> Scopes:
    """Return the scopes of a kind, ``contract`` or ``product``."""
    index: dict[tuple[int, str], int] = {}
    places = [
        index.setdefault((exchange, scope_text(kind, facts)), len(index))
        for (exchange, _), facts in zip(roster.names.contracts, roster.facts, strict=True)
    ]
    return Scopes(list(index), np.array(places, np.int64))


@dataclass(frozen=True, slots=True)
class Rows:
    """Amounts by account and contract: n rows, in any order; what is not named is 0."""

    account: npt.NDArray[np.int32]  # (n,)
    contract: npt.NDArray[np.int32]  # (n,)
    amounts: Mapping[str, Int64]  # of each quantity: (n,)


def done_rows(counts: DayCounts) -> Rows:
    """Return what accounts did in a day; the plan has to keep ``filled_lots``."""
    cells, plan = counts.cells, counts.plan
    names = (*schema.CELL_COUNTS, *(f"large@{size.name}" for size in plan.large), *plan.extra)
    amounts = {name: cells.of(names.index(count)) for name, count in DONE.items()}
    return Rows(cells.account, cells.contract, amounts)


@dataclass(slots=True)
class Held:
    """What accounts hold at the end of the day by contract and hedge flag: n rows, in any order.

    ``attributes`` are packed as those of cells; ``open_interest`` is by contract, where it is
    given.
    """

    account: npt.NDArray[np.int32]  # (n,)
    contract: npt.NDArray[np.int32]  # (n,)
    attributes: npt.NDArray[np.int32]  # (n,)
    lots: dict[str, Int64]  # long, short: (n,)
    open_interest: dict[int, int]

    def rows(self) -> Rows:
        """Return the same by account and contract alone."""
        return Rows(self.account, self.contract, self.lots)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What each subject did in each scope where it did anything: n rows, by subject, then scope.

    ``besides`` are clients of suspected groups, whose part the group has already: ``totals``,
    ranks and the largest are without them.
    """

    quantities: tuple[str, ...]  # k of them
    subject: Int64  # (n,)
    scope: Int64  # (n,)
    table: Int64  # (n, k)
    besides: npt.NDArray[np.bool_]  # (n,)
    totals: Int64  # (scopes, k)

    def of(self, quantity: str) -> Int64:
        """Return the amounts of a quantity: (n,)."""
        return self.table[:, self.quantities.index(quantity)]

    def total(self, quantity: str) -> Int64:
        """Return what all subjects did in each scope: (scopes,)."""
        return self.totals[:, self.quantities.index(quantity)]

    def ranks(self, quantity: str) -> Int64:
        """Return the rank of each row in its scope, from 1; alike share one, ``besides`` have 0."""
        found = np.zeros(len(self.subject), np.int64)
        own = np.flatnonzero(~self.besides)
        found[own] = ranks(self.scope[own], self.of(quantity)[own])
        return found

    def largest(self, quantity: str) -> Int64:
        """Return what the ``TOP`` largest subjects of each scope did together: (scopes,)."""
        own = ~self.besides
        return largest(self.scope[own], self.of(quantity)[own], len(self.totals))


def amounts_of(
    roster: Roster, scopes: Scopes, quantities: Sequence[str], parts: Iterable[Rows]
) -> Amounts:
    """Add up the amounts of accounts by subject and scope."""
    keys, tables, besides = [], [], []
    width = len(scopes)
    totals = np.zeros((width, len(quantities)), np.int64)
    for rows in parts:
        scope = scopes.of_contract[rows.contract]
        none = np.zeros(len(scope), np.int64)
        table = np.stack([rows.amounts.get(name, none) for name in quantities], axis=1)
        np.add.at(totals, scope, table)
        for judged, is_besides in ((roster.subjects(), False), (roster.alone(), True)):
            judge = judged[rows.account].astype(np.int64)
            here = np.flatnonzero((judge >= 0) & table.any(axis=1))
            keys.append(judge[here] * width + scope[here])
            tables.append(table[here])
            besides.append(np.full(len(here), is_besides))
    found, first, at = np.unique(
        np.concatenate(keys), return_index=True, return_inverse=True
    )
    table = np.zeros((len(found), len(quantities)), np.int64)
    np.add.at(table, at, np.concatenate(tables))
    return Amounts(
        tuple(quantities), found // max(width, 1), found % max(width, 1), table,
        np.concatenate(besides)[first], totals,
    )  # fmt: skip


def ranks(scope: Int64, amount: Int64) -> Int64:
    """Return the rank of each amount within its scope, the largest 1; alike share one: (n,)."""
    order = np.lexsort((-amount, scope))
    place = _places(scope[order])
    first = np.ones(len(order), np.bool_)
    first[1:] = (scope[order][1:] != scope[order][:-1]) | (amount[order][1:] != amount[order][:-1])
    found = np.empty(len(order), np.int64)
    found[order] = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    found[order] = place[found[order]] + 1
    return found


def largest(scope: Int64, amount: Int64, scopes: int) -> Int64:
    """Return the sum of the ``TOP`` largest amounts of each scope: (scopes,)."""
    order = np.lexsort((-amount, scope))
    kept = order[_places(scope[order]) < TOP]
    total = np.zeros(scopes, np.int64)
    np.add.at(total, scope[kept], amount[kept])
    return total


def _places(scope: Int64) -> Int64:
    """Return the place of each row among those of its scope, from 0; scopes stand together."""
    rows = np.arange(len(scope))
    first = np.ones(len(scope), np.bool_)
    first[1:] = scope[1:] != scope[:-1]
    place: Int64 = rows - np.maximum.accumulate(np.where(first, rows, 0))
    return place


def parts_of(amount: Int64, total: Int64) -> npt.NDArray[np.float64]:
    """Return amounts as parts of totals, 0 where there is nothing to have a part of."""
    return np.divide(amount, total, out=np.zeros(amount.shape), where=total > 0)
