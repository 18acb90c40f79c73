"""Notes on positions: accounts that nobody knows, contracts without a limit, a table not used."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..beside import Beside
from ..counts import DayCounts
from ..observing import counts_positions
from ..roster import Roster

NAMED: Final = 5
"""How many accounts, or contracts, a note names."""


def position_notes(beside: Beside, roster: Roster, counts: DayCounts) -> list[str]:
    """Return what a reader of a day's positions must know besides."""
    if not counts_positions(counts.plan):
        unused = "positions: no rule asks what is held; the table is not used"
        return [] if beside.positions is None else [unused]
    return [*_unknown_accounts(beside, roster, counts), *_without_limit(roster, counts)]


def _unknown_accounts(beside: Beside, roster: Roster, counts: DayCounts) -> list[str]:
    """Return a note on accounts of the table that neither the log nor another table names."""
    if beside.positions is None:
        return []
    names, subjects = roster.names, beside.subjects
    in_log = set(counts.cells.account.tolist())
    unknown = []
    for account in sorted({names.account(names.exchange(row.exchange), row.account)
                           for row in beside.positions.held} - in_log):
        exchange, name = names.accounts[account]
        place = (names.exchanges[exchange], name)
        if subjects is None or not (subjects.lists(*place) or subjects.place(*place).group):
            unknown.append(name)
    if not unknown:
        return []
    return [
        f"positions: {len(unknown)} accounts that the log, accounts and links do not name, each "
        f"counted with its own client: {_first([repr(name) for name in unknown])}"
    ]


def _without_limit(roster: Roster, counts: DayCounts) -> list[str]:
    """Return a note a rule where no limit is known of what was held."""
    notes = []
    for rule in counts.plan.rules:
        if rule.limit is None:
            continue
        scopes = sorted({
            f"{roster.exchange_name(int(found.subject[i]))} {found.scopes[found.scope[i]]}"
            for found in counts.measures
            if found.rule == rule.index
            for i in np.flatnonzero((found.levels < 0).all(axis=1)).tolist()
        })  # fmt: skip
        if scopes:
            notes.append(
                f"rule {rule.id}: no limit '{rule.limit}' is known for {len(scopes)} scopes in "
                f"which lots were held, and nothing was judged there: {_first(scopes)}"
            )
    return notes


def _first(told: list[str]) -> str:
    return ", ".join(sorted(told)[:NAMED]) + (", ..." if len(told) > NAMED else "")
