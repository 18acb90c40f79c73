"""Comparing: a counted day's shares, and earlier days' beside them, for its rules and tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

import numpy as np

from .. import schema
from ..rules.compared import compared_measures
from ..rules.ledger import RuleBook
from ..subjects import Subjects
from .earlier_outputs import EarlierOutputs
from .report import ShareTables
from .shares import DONE, Held, done_rows, scopes_of
from .usual import Usual


def statistics_of(
    book: RuleBook,
    subjects: Subjects,
    earlier: EarlierOutputs,
    day: date,
    open_interest: Mapping[tuple[str, str], int] | None = None,
) -> ShareTables:
    """Put the measures of every rule on shares to a day's counts; return the tables of shares.

    open_interest : by exchange and contract, of those for which it is given

    Raises InputError where an earlier output is damaged.
    """
    roster = book.roster
    scopes = {kind: scopes_of(roster, kind) for kind in schema.STATISTIC_SCOPES}
    usual = None
    if earlier.outputs:
        quantities = [name for name in DONE if name != "volume" or earlier.have_volume]
        usual = Usual(earlier.outputs, roster, subjects, scopes, quantities)
    held = _held(book, subjects, open_interest or {})
    book.counts.measures += compared_measures(book, usual, held)
    parts = [done_rows(book.counts)] + ([] if held is None else [held.rows()])
    return ShareTables(
        roster, day, scopes, parts, usual, {} if held is None else held.open_interest
    )


def _held(
    book: RuleBook, subjects: Subjects, open_interest: Mapping[tuple[str, str], int]
) -> Held | None:
    """Return what was held at the end of the day, None where positions are not followed."""
    table = book.counts.observed.get("positions")
    if table is None:
        return None
    roster = book.roster
    names = roster.names

    @cache
    def makes_market(account: int, product: str | None) -> int:
        exchange, name = names.accounts[account]
        return int(subjects.makes_market(names.exchanges[exchange], name, product))

    makers = [
        makes_market(account, roster.facts[contract].product)
        for account, contract in zip(
            table["account"].tolist(), table["contract"].tolist(), strict=True
        )
    ]
    hedge_at, _ = schema.ATTRIBUTE_BITS["hedge"]
    maker_at, _ = schema.ATTRIBUTE_BITS["market_maker"]
    return Held(
        contract=table["contract"],
        account=table["account"],
        attributes=table["hedge"] << hedge_at | np.array(makers, np.int32) << maker_at,
        lots={"long": table["held"][:, 0], "short": table["held"][:, 1]},
        open_interest={
            contract: lots
            for contract, (exchange, name) in enumerate(names.contracts)
            if (lots := open_interest.get((names.exchanges[exchange], name)))
        },
    )
