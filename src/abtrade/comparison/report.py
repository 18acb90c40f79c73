"""The tables of shares: what each subject did as a part of all, and how much the largest did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa

from .. import outputs
from ..batch import Int64
from ..roster import Roster
from .shares import DONE, Rows, Scopes, amounts_of, parts_of
from .usual import Compared, Floats, Usual, compare, earlier_parts

SIDES: Final = {"long": "long_lots", "short": "short_lots"}
"""Sides of the positions at the end of the day -> the column with their lots."""


class ShareTables:
    """Builds the tables of one day, over contracts and over products.

    parts : amounts by account and contract of what is done, and of what is held where that is known
    open_interest : by contract, where it was given
    """

    def __init__(
        self,
        roster: Roster,
        day: date,
        scopes: Mapping[str, Scopes],
        parts: Sequence[Rows],
        usual: Usual | None,
        open_interest: Mapping[int, int],
    ) -> None:
        self._roster = roster
        self._day = day
        self._usual = usual
        self._scopes = scopes
        named = {name for rows in parts for name in rows.amounts}
        self._held = [side for side in SIDES if side in named]
        quantities = [*DONE, *self._held]
        self._amounts = {
            kind: amounts_of(roster, found, quantities, parts) for kind, found in scopes.items()
        }
        self._open_interest = {
            kind: _open_interest(found, open_interest) for kind, found in scopes.items()
        }

    def shares(self) -> pa.Table:
        """Return a row per subject and scope in which it did or held anything."""
        rows = [self._share_columns(kind) for kind in self._scopes]
        return self._table("shares", outputs.SUBJECT_SHARES, rows)

    def concentration(self) -> pa.Table:
        """Return a row per scope."""
        rows = [self._top_columns(kind) for kind in self._scopes]
        return self._table("concentration", outputs.CONCENTRATION, rows)

    def _table(self, name: str, schema: pa.Schema, rows: list[dict[str, Any]]) -> pa.Table:
        tables = [outputs.table_of(schema, columns) for columns in rows]
        return outputs.sort_table(name, pa.concat_tables(tables).combine_chunks())

    def _share_columns(self, kind: str) -> dict[str, Any]:
        amounts, scopes = self._amounts[kind], self._scopes[kind]
        here = _own_rows(kind, scopes)[amounts.scope]
        subject, scope = amounts.subject[here], amounts.scope[here]
        columns: dict[str, Any] = self._place(kind, scope) | {
            "subject": [self._roster.judged[s][2] for s in subject.tolist()],
            "subject_kind": [self._roster.judged[s][1] for s in subject.tolist()],
        }
        for quantity in DONE:
            word = outputs.SHARE_WORDS[quantity]
            amount, rank = amounts.of(quantity)[here], amounts.ranks(quantity)[here]
            share = parts_of(amount, amounts.total(quantity)[scope])
            columns[quantity] = amount
            columns[f"{word}_share"] = share
            columns[f"{word}_rank"] = pa.array(rank, mask=(rank == 0) | (amount == 0))
            columns |= _compared(word, self._own_days(kind, quantity, subject, scope, share))
        for side in self._held:
            amount = amounts.of(side)[here]
            columns[SIDES[side]] = amount
            columns[f"{side}_share"] = amount / self._open_interest[kind][scope]
        return columns

    def _top_columns(self, kind: str) -> dict[str, Any]:
        amounts, scopes = self._amounts[kind], self._scopes[kind]
        scope = np.flatnonzero(_own_rows(kind, scopes))
        busy = amounts.scope[~amounts.besides]
        columns = self._place(kind, scope) | {
            "subjects": np.bincount(busy, minlength=len(scopes))[scope]
        }
        for quantity in DONE:
            word = outputs.SHARE_WORDS[quantity]
            total = amounts.total(quantity)
            share = parts_of(amounts.largest(quantity), total)[scope]
            columns[quantity] = total[scope]
            columns[f"{word}_top10"] = share
            columns |= _compared(f"{word}_top10", self._own_tops(kind, quantity, scope, share))
        for side in self._held:
            total = amounts.total(side)
            columns[SIDES[side]] = total[scope]
            columns[f"{side}_top10"] = parts_of(amounts.largest(side), total)[scope]
        columns["open_interest"] = self._open_interest[kind][scope]
        return columns

    def _place(self, kind: str, scope: Int64) -> dict[str, Any]:
        """Return the columns that say of which day and scope a row is."""
        keys = self._scopes[kind].keys
        exchanges = self._roster.names.exchanges
        return {
            "day": [self._day] * len(scope),
            "exchange": [exchanges[keys[s][0]] for s in scope.tolist()],
            "scope": [keys[s][1] for s in scope.tolist()],
            "history_days": [len(self._usual.days) if self._usual else 0] * len(scope),
        }

    def _own_days(
        self, kind: str, quantity: str, subject: Int64, scope: Int64, share: Floats
    ) -> Compared | None:
        if self._usual is None or quantity not in self._usual.quantities:
            return None
        amounts = self._usual.amounts(kind, quantity, subject, scope)
        return compare(share, earlier_parts(amounts, self._usual.totals(kind, quantity), scope))

    def _own_tops(
        self, kind: str, quantity: str, scope: Int64, share: Floats
    ) -> Compared | None:
        if self._usual is None or quantity not in self._usual.quantities:
            return None
        tops = self._usual.largest(kind, quantity)[:, scope]
        every = np.arange(len(scope))
        return compare(
            share, earlier_parts(tops, self._usual.totals(kind, quantity)[:, scope], every)
        )


def _own_rows(kind: str, scopes: Scopes) -> Any:
    """Return which scopes are of their kind: a contract of no known product is there already."""
    return np.array([text.startswith(f"{kind}:") for _, text in scopes.keys], np.bool_)


def _compared(word: str, found: Compared | None) -> dict[str, Any]:
    if found is None:
        return {}
    return {
        f"{word}_median": found.median,
        f"{word}_spread": found.spread,
        f"{word}_deviation": found.deviation,
    }


def _open_interest(scopes: Scopes, given: Mapping[int, int]) -> Floats:
    """Return the open interest of each scope; NaN where that of a contract of it is not given."""
    total = np.zeros(len(scopes))
    for contract, scope in enumerate(scopes.of_contract.tolist()):
        total[scope] += given.get(contract, np.nan) or np.nan
    return total
