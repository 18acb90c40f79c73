"""Case: one test of a rule, a small day and what must come of it, free of YAML."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Final

from ..rules.document import Place
from ..rules.rule import Rule, Text

NOTHING: Final = "nothing"
BLIND: Final = "blind"
NOT_IN_FORCE: Final = "not in force"
JUDGED: Final = "judged"
OUTCOMES: Final = (NOTHING, BLIND, NOT_IN_FORCE)
"""What a case may expect in a word; any other names the results."""

MARKET: Final = "market"
"""The account that everybody trades with unless a line says otherwise; never judged."""

VERBS: Final = ("order", "cancel", "trade", "amend", "rfq", "reject")
TABLES: Final = ("contracts", "accounts", "market_makers", "limits", "positions")
"""Tables beside the log that a case may give, as the options of a scan are called."""

TableRows = tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a case's log: who did what, how often. Codes are words of the log."""

    place: Place
    verb: str
    account: str
    contract: str
    times: int = 1
    lots: int = 1
    side: str = "buy"
    price: Fraction = Fraction(100_000)
    offset: str = "open"
    hedge: str = "speculation"
    tif: str = "gfd"
    order_type: str = "limit"
    phase: str = "continuous"
    at: int | None = None  # ns since midnight; None: the clock runs on
    every: int = 10  # ms from one repetition to the next
    ordered: int | None = None  # cancel: lots of the order; None: those filled and taken off
    filled: int = 0  # cancel: lots traded before
    cancel_by: str = "client"
    other: str = MARKET  # trade: whose the resting orders are
    matches: int = 1  # of each pair of orders
    resting_orders: int = 1
    incoming_orders: int = 1
    other_offset: str | None = None  # None: open, of the market close
    other_hedge: str = "speculation"
    other_tif: str = "gfd"
    other_order_type: str = "limit"
    trade_type: str = "normal"


@dataclass(frozen=True, slots=True)
class Tip:
    """Which repetition of which line of the log reaches a level; both count from 1."""

    line: int
    time: int


@dataclass(frozen=True, slots=True)
class Expected:
    """What one result must be; None is not asked, but the level always is."""

    place: Place
    subject: str
    scope: str | None = None
    counted: Fraction | None = None
    gross: Fraction | None = None
    exempt: dict[str, int] | None = None
    unknown: int | None = None
    level: str | None = None  # yellow, red; None: neither must be reached
    yellow: Tip | None = None
    red: Tip | None = None
    reached_alone: bool | None = None
    assumed: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Case:
    """A named day and what must come of it; two cases are never the same.

    ``tables`` and ``groups`` are rows by column, as the tables beside a log have them.
    """

    name: str
    place: Place
    day: date
    log: tuple[Line, ...]
    expect: str | tuple[Expected, ...]  # one of OUTCOMES, or every result with gross > 0
    tables: dict[str, TableRows] = field(default_factory=dict)
    groups: TableRows = ()  # account or client, group, status
    assume: dict[str, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset()  # columns that the log lacks


@dataclass(frozen=True, slots=True)
class Suite:
    """A rule file and the test file beside it; without cases there is none.

    ``explained`` : names of mutations that no test can notice -> why
    """

    rule: Rule
    path: Path
    cases: tuple[Case, ...] = ()
    explained: dict[str, Text] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The rule, with the day it begins: versions of a rule share its id."""
        return f"{self.rule.id} {self.rule.from_day}"

    @property
    def shown(self) -> str:
        """The test file as messages name it."""
        return test_name(self.rule.path)


def test_name(rule_path: str) -> str:
    """Return the name of the test file that belongs beside a rule file."""
    stem, dot, suffix = rule_path.rpartition(".")
    return f"{stem}.test{dot}{suffix}"
