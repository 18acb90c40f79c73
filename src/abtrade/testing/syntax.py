"""What a test file may say: the tables of keys that reading follows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .. import schema
from ..clients import ACCOUNTS
from ..market.contract_rows import COLUMNS as CONTRACT_COLUMNS
from ..market.limit_rows import COLUMNS as LIMIT_COLUMNS
from ..positions.table import POSITIONS
from ..rules.kinds import Day, Field, Flag, Line, ListOf, Name, Number, OneOrMany, Table, Text, Word
from ..subjects import MARKET_MAKERS
from .case import OUTCOMES, VERBS
from .kinds import Cell, Clock, Either, MapOf, Signed

_ACCOUNT: Final = Name(r"[A-Za-z0-9_.-]{1,40}", "an account such as A")
_CONTRACT: Final = Name(r"[A-Za-z0-9_.& -]{1,60}", "a contract such as cu2412")
_RULE: Final = Name(r"[a-z][a-z0-9_.]{0,99}", "the id of the rule beside it")
_WHOLE: Final = Number(least=0)
_SOME: Final = Number(least=1)

STATABLE: Final = ("hedge", "tif", "order_type", "phase", "offset", "cancel_by")
"""Columns that a user may state for a log that lacks them."""
OPTIONAL: Final = (*STATABLE, "side", "price", "contra_order_id", "trade_type", "seq")
"""Columns that a case's log may lack."""


def _words(column: str) -> Word:
    return Word(f"{column} word", tuple(schema.code_words(column)))


def _rows(noun: str, columns: Iterable[str]) -> ListOf:
    """Return the kind of a table's rows."""
    cell = Cell("one value of the table")
    return ListOf(Table(noun, tuple(Field(name, cell, "As in the table.") for name in columns)))


LOG_LINE: Final = Table(
    "a line of the log",
    (
        Field("order", _ACCOUNT, "Whose order comes in."),
        Field("cancel", _ACCOUNT, "Whose order comes in and is taken off."),
        Field("trade", _ACCOUNT, "Whose order comes in and trades with a resting one."),
        Field("amend", _ACCOUNT, "Whose order comes in and is changed."),
        Field("rfq", _ACCOUNT, "Who asks for a quote."),
        Field("reject", _ACCOUNT, "Whose order is refused."),
        Field("times", _SOME, "How often, each time with new orders; 1 where not said."),
        Field("contract", _CONTRACT, "In which contract."),
        Field("lots", _SOME, "Lots of the order; taken off; left; of a match.  1 where not said."),
        Field("side", _words("side"), "Of the order that comes in; buy where not said."),
        Field("price", Signed(), "Of the orders."),
        Field("offset", _words("offset"), "Of the order that comes in; open where not said."),
        Field("hedge", _words("hedge"), "Of that order; speculation where not said."),
        Field("tif", _words("tif"), "Of that order; gfd where not said."),
        Field("order_type", _words("order_type"), "Of that order; limit where not said."),
        Field("phase", _words("phase"), "Of the rows; continuous where not said."),
        Field("at", Clock(), "The clock from here on."),
        Field("every", _WHOLE, "Milliseconds between repetitions; 10 where not said."),
        Field("ordered", _SOME, "Cancel: lots of the order, where more than are taken off."),
        Field("filled", _SOME, "Cancel: lots traded with the market before."),
        Field("cancel_by", _words("cancel_by"), "Cancel: who; client where not said."),
        Field("with", _ACCOUNT, "Trade: whose the resting order is; the market's where not said."),
        Field("matches", _SOME, "Trade: matches of each pair of orders; 1 where not said."),
        Field("resting_orders", _SOME, "Trade: one incoming order with so many resting ones."),
        Field("incoming_orders", _SOME, "Trade: so many incoming orders with one resting one."),
        Field("with_offset", _words("offset"), "Trade: offset of the resting order."),
        Field("with_hedge", _words("hedge"), "Trade: hedge flag of the resting order."),
        Field("with_tif", _words("tif"), "Trade: time in force of the resting order."),
        Field("with_order_type", _words("order_type"), "Trade: type of the resting order."),
        Field("trade_type", _words("trade_type"), "Trade: normal where not said."),
    ),
)

ONLY_FOR: Final = {
    **dict.fromkeys(("ordered", "filled", "cancel_by"), ("cancel",)),
    **dict.fromkeys(
        ("with", "matches", "resting_orders", "incoming_orders", "with_offset", "with_hedge",
         "with_tif", "with_order_type", "trade_type"),
        ("trade",),
    ),
    **dict.fromkeys(
        ("lots", "side", "price", "offset", "hedge", "tif", "order_type"),
        tuple(verb for verb in VERBS if verb != "rfq"),
    ),
}  # fmt: skip
"""Option of a line -> the verbs it is for; others are for all."""

_TIP: Final = Table(
    "a tipping event",
    (
        Field("line", _SOME, "Line of the log, from 1.", required=True),
        Field("time", _SOME, "Which of its repetitions, from 1.", required=True),
    ),
)

EXPECTED: Final = Table(
    "an expected result",
    (
        Field("subject", _ACCOUNT, "Account, client or group.", required=True),
        Field(
            "scope",
            Name(r"[a-z]+:\S.{0,80}", "a scope such as contract:cu2412"),
            "Where a subject has several results.",
        ),
        Field("counted", Signed(), "What counts."),
        Field("gross", Signed(), "That and what was left out."),
        Field("exempt", MapOf(_WHOLE), "What was left out, by reason: all of it."),
        Field("unknown", _WHOLE, "Of counted: rests on something the log leaves blank."),
        Field("level", Word("level", schema.LEVELS), "Neither is reached where not said."),
        Field("yellow", _TIP, "The event that reaches yellow."),
        Field("red", _TIP, "The event that reaches red."),
        Field("reached_alone", Flag(), "Whether the largest client alone reaches the level."),
        Field("assumed", OneOrMany(Line()), "What the rule took for granted."),
    ),
)

_GROUPS: Final = ListOf(
    Table(
        "a group",
        (
            Field("group", _ACCOUNT, "Its name.", required=True),
            Field("clients", OneOrMany(_ACCOUNT), "Its clients.", required=True),
            Field("status", Word("status", schema.GROUP_STATUSES), "filed where not said."),
        ),
    )
)

BESIDE: Final = (
    Field("contract", _CONTRACT, "Contract of the lines of the log that name none."),
    Field("contracts", _rows("a row of contracts", CONTRACT_COLUMNS), "As in --contracts."),
    Field("groups", _GROUPS, "Linked clients."),
    Field("market_makers", _rows("a market maker", MARKET_MAKERS), "As in --market-makers."),
    Field("accounts", _rows("a row of accounts", ACCOUNTS), "As in --accounts."),
    Field("limits", _rows("a row of limits", LIMIT_COLUMNS), "As in --limits."),
    Field("positions", _rows("a row of positions", POSITIONS), "As in --positions."),
)
"""What a case may say of the day beside its log, and the file for all cases that do not."""

CASE: Final = Table(
    "a case",
    (
        Field("name", Line(), "What it shows, in a few words.", required=True),
        Field("day", Day(), "The trading day.", required=True),
        *BESIDE,
        Field(
            "assume",
            Table(
                "an assumption",
                tuple(
                    Field(column, _words(column), "What holds for the log.") for column in STATABLE
                ),
            ),
            "As in --assume.",
        ),
        Field("without", OneOrMany(Word("column", OPTIONAL)), "Columns that the log lacks."),
        Field("log", ListOf(LOG_LINE), "What happens, line after line."),
        Field(
            "expect",
            Either(Word("expectation", OUTCOMES), ListOf(EXPECTED)),
            "Every result with gross > 0, or nothing, blind, not in force.",
            required=True,
        ),
    ),
)

TEST_FILE: Final = Table(
    "the tests of a rule",
    (
        Field("rule", _RULE, "Id of the rule beside it.", required=True),
        *BESIDE,
        Field("cases", ListOf(CASE), "The cases.", required=True),
        Field(
            "explained",
            ListOf(
                Table(
                    "an explained mutation",
                    (
                        Field(
                            "mutation", Line(), "The change that no test can notice.", required=True
                        ),
                        Field("why", Text(), "Why it cannot.", required=True),
                    ),
                )
            ),
            "Changes to the rule that no test can notice.",
        ),
    ),
)
