"""Comparing: a counted day's shares, and earlier days' beside them, for its rules and tables."""

from __future__ import annotations

from datetime import date

from . import schema
from .earlier_outputs import EarlierOutputs
from .rules.compared import compared_measures
from .rules.ledger import RuleBook
from .share_tables import ShareTables
from .shares import DONE, done_rows, scopes_of
from .subjects import Subjects
from .usual import Usual


def statistics_of(
    book: RuleBook, subjects: Subjects, earlier: EarlierOutputs, day: date
) -> ShareTables:
    """Put the measures of every rule on shares to a day's counts; return the tables of shares.

    Raises InputError where an earlier output is damaged.
    """
    roster = book.roster
    scopes = {kind: scopes_of(roster, kind) for kind in schema.STATISTIC_SCOPES}
    usual = None
    if earlier.outputs:
        quantities = [name for name in DONE if name != "volume" or earlier.have_volume]
        usual = Usual(earlier.outputs, roster, subjects, scopes, quantities)
    book.counts.measures += compared_measures(book, usual)
    return ShareTables(roster, day, scopes, [done_rows(book.counts)], usual, {})
