"""What a rule file may say, and how it becomes a Rule.

The tables here are the one truth: reading, the JSON Schema and an editor's hints all follow them.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

import yaml

from .. import schema
from ..plan import Filter
from . import kinds
from .document import Page, compose, compose_fast
from .kinds import Field, Table
from .lint import lint
from .lint_alternatives import SIZES, lint_alternatives
from .rule import Alternative, LeaveOut, Level, Rule, Source, filter_sentence

__all__ = ["RULE", "Rule", "parse_rule"]

STATUSES: Final = ("verified", "secondary", "unverified")
SEEN: Final = ("official", "reprint", "secondary")


def parse_rule(data: str | bytes, name: str) -> Rule:
    """Return the rule that a file's text says; ``name`` is the file's, for messages.

    Raises RuleError with every problem of the text, in the order of their places.
    """
    page = Page(name, data)
    page.fail_if_any()
    rule = _read(page, compose_fast(page))
    if rule is None or page.has_problems:
        page = Page(name, data)
        rule = _read(page, compose(page))
    page.fail_if_any()
    assert rule is not None, "a file that is no rule has a problem"
    return _rule(rule.plain(), name)


def read_places(page: Page) -> kinds.Item:
    """Return what a rule's file says, each value with its place; the rule is one without problems.
    """
    rule = _read(page, compose(page))
    assert rule is not None, "a rule was read from this text"
    return rule


def _read(page: Page, root: yaml.Node | None) -> kinds.Item | None:
    rule = kinds.read_item(RULE, root, page) if root is not None else None
    if rule is not None and rule.value is not None:
        lint(rule, page)
        lint_alternatives(rule, page)
    return rule


def _attribute(name: str, about: str) -> Field:
    word = kinds.Word(f"{name} word", tuple(schema.code_words(name)))
    return Field(name, kinds.OneOrMany(word), about)


RULE_ID: Final = kinds.Name(
    r"(?=.{1,100}$)[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+",
    "lower-case words joined by dots, at most 100 characters, such as shfe.self_trade",
)
_QUOTA = kinds.Word("quota", ("hedge", "arbitrage", "market_maker"))
_PRODUCTS = kinds.OneOrMany(kinds.Name("[A-Za-z][A-Za-z0-9_.-]{0,15}", "a product such as cu"))

FILTER_FIELDS: Final = (
    _attribute("hedge", "Hedge flag of the order."),
    _attribute("tif", "Time in force of the order."),
    _attribute("order_type", "Type of the order."),
    _attribute("phase", "Trading phase of the row."),
    _attribute("cancel_by", "Who took the order off; for counts of cancels and messages."),
    Field("market_maker", kinds.Flag(), "Whether the client makes a market in the product."),
    Field("product", _PRODUCTS, "Product of the contract."),
    Field("order_fee", kinds.Flag(), "Whether the contract carries an order fee on the day."),
)
"""What an event is asked; one fits where all that is named fits."""

LEAVE_OUT: Final = Table(
    "an entry of leave_out",
    (
        *FILTER_FIELDS,
        Field(
            "reason",
            kinds.Name("[A-Za-z][A-Za-z0-9 _-]{0,59}", "a short English name in letters, digits"),
            "Name under which the exempt events are told; else made from the filter.",
        ),
        Field("reason_zh", kinds.Line(), "The same name in Chinese."),
        Field("clause", kinds.Text(), "What the exemption rests on.", required=True),
    ),
)

ASSUME: Final = Table(
    "an assumption",
    tuple(
        Field(name, kinds.Word(f"{name} word", tuple(schema.code_words(name))),
              f"The {name} of every row of a log without that column.")
        for name in ("hedge", "tif", "order_type", "phase")
    ),
)

LEVEL: Final = Table(
    "a level",
    (
        Field("gte", kinds.Number(), "Reached at this number (达到, 以上)."),
        Field("gt", kinds.Number(), "Reached above this number (超过)."),
    ),
    exactly_one=True,
)

SOURCE: Final = Table(
    "a source",
    (
        Field("document", kinds.Text(), "Title of the document, or what is known of it.", True),
        Field("number", kinds.Line(), "Number of the document."),
        Field("article", kinds.Line(), "Article within the document."),
        Field("date", kinds.Day(), "Day on which the document was published."),
        Field("seen", kinds.Word("seen", SEEN), "Where the text was read."),
        Field("seen_in", kinds.Text(), "The page or paper it was read in."),
        Field("address", kinds.Name(r"https?://[!-~]{1,500}", "an address, https://..."),
              "Address of that page."),
    ),
)

LARGE_LOTS: Final = Field("large_lots", kinds.Number(least=1), "Lots that make a cancel large.")
LARGE_OF_MAX: Final = Field(
    "large_of_max", LEVEL,
    "In place of large_lots: what part of the contract's maximum order size does.",
)  # fmt: skip
BURST_WINDOW: Final = Field(
    "burst_window", kinds.Word("window", schema.BURST_WINDOWS),
    "Whether a second is one of the calendar, else any; calendar where not said.",
)  # fmt: skip
LIMIT: Final = Field(
    "limit", kinds.Name(r"[a-z][a-z0-9_]{0,39}", "a name such as position, opening"),
    "Which limits of the limits table to judge by: levels are then multiples of one.",
)  # fmt: skip
BOTH: Final = Field("both", kinds.Flag(), "Self-trades: exempt only where both orders are.")
YELLOW: Final = Field("yellow", LEVEL, "Warning level.")
RED: Final = Field("red", LEVEL, "The standard itself.")

ALTERNATIVE: Final = Table(
    "an alternative",
    (
        Field("name", kinds.Name(r"[a-z][a-z0-9_]{0,39}", "a name such as times_400"),
              "Name by which an overlay chooses it.", True),
        Field("about", kinds.Text(), "What the other source says, and which it is.", True),
        Field(
            "set",
            Table(
                "what an alternative sets",
                (
                    Field("count", kinds.Word("count", schema.COUNTS), "What is counted."),
                    Field("scope", kinds.Word("scope", schema.SCOPES), "Over what."),
                    LARGE_LOTS, LARGE_OF_MAX, BURST_WINDOW, LIMIT, BOTH, YELLOW, RED,
                ),
                at_least_one=True,
            ),
            "What the rule is under it; all else stays.",
            True,
        ),
    ),
)  # fmt: skip

RULE: Final = Table(
    "a rule",
    (
        Field("id", RULE_ID, "Name of the rule, the same for ever.", True),
        Field("about", kinds.Text(), "What the rule says, in a sentence.", True),
        Field("exchange", kinds.Word("exchange", schema.EXCHANGES), "Whose rule it is.", True),
        Field("products", _PRODUCTS, "The products it is for; else all."),
        Field("from", kinds.Day(), "First trading day on which it stands.", True),
        Field("to", kinds.Day(), "Last trading day on which it stands; else no end."),
        Field("status", kinds.Word("status", STATUSES), "How sure the rule's text is.", True),
        Field("source", SOURCE, "The document it is taken from.", True),
        Field("clause", kinds.Text(), "The clause, as an alert tells it.", True),
        Field("linked_clause", kinds.Text(), "What the merging of linked accounts rests on."),
        Field("count", kinds.Word("count", schema.COUNTS), "What is counted.", True),
        LARGE_LOTS,
        LARGE_OF_MAX,
        Field("burst_messages", kinds.Number(least=2), "Messages in a second that make a burst."),
        BURST_WINDOW,
        Field("kernel", kinds.Name(r"[a-z][a-z0-9_]{0,59}", "the name of a desk's own measure"),
              "For the count kernel: which of the measures that were named to the scan."),
        LIMIT,
        Field("quotas", kinds.OneOrMany(_QUOTA),
              "Positions: approved quotas, by hedge flag, that are added to the limit."),
        Field("contracts", kinds.Word("kind of contract", schema.CONTRACT_KINDS),
              "The kind of contract it is for; else all."),
        Field("scope", kinds.Word("scope", schema.SCOPES), "Over what it is added up.", True),
        Field("groups_only", kinds.Flag(),
              "Whether it judges groups of linked clients alone; else every subject."),
        Field("only", kinds.OneOrMany(Table("a filter", FILTER_FIELDS)),
              "Events it counts; others are `outside`. Of several filters one has to fit."),
        Field("assume", ASSUME, "What is taken for granted where the log has no such column."),
        Field("leave_out", kinds.ListOf(LEAVE_OUT), "Exemptions; the first that fits is told."),
        BOTH,
        YELLOW,
        RED,
        Field("notes", kinds.Text(), "What a reader of an alert should know besides."),
        Field("alternatives", kinds.ListOf(ALTERNATIVE), "Other readings, where sources conflict."),
    ),
)


def _rule(said: Mapping[str, Any], name: str) -> Rule:
    """Return the Rule of a file without problems."""
    return Rule(
        id=said["id"],
        about=said["about"],
        exchange=said["exchange"],
        from_day=said["from"],
        to_day=said.get("to"),
        status=said["status"],
        source=Source(**said["source"]),
        clause=said["clause"],
        linked_clause=said.get("linked_clause"),
        count=said["count"],
        scope=said["scope"],
        products=frozenset(said["products"]) if "products" in said else None,
        large_lots=int(said["large_lots"]) if "large_lots" in said else None,
        large_of_max=read_level(said["large_of_max"]) if "large_of_max" in said else None,
        burst_messages=int(said["burst_messages"]) if "burst_messages" in said else None,
        burst_window=said.get("burst_window", "calendar"),
        kernel=said.get("kernel"),
        limit=said.get("limit"),
        quotas=frozenset(schema.code_words("hedge")[word] for word in said.get("quotas", ())),
        contracts=said.get("contracts"),
        only=tuple(read_filter(entry) for entry in said.get("only", ())),
        assume={
            name: schema.code_words(name)[word] for name, word in said.get("assume", {}).items()
        },
        leave_out=tuple(_leave_out(entry) for entry in said.get("leave_out", ())),
        groups_only=said.get("groups_only", False),
        both=said.get("both", False),
        yellow=read_level(said["yellow"]) if "yellow" in said else None,
        red=read_level(said["red"]) if "red" in said else None,
        notes=said.get("notes"),
        alternatives=tuple(
            Alternative(entry["name"], entry["about"], _changes(entry["set"]))
            for entry in said.get("alternatives", ())
        ),
        path=name,
    )


def _changes(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an alternative sets, by field of Rule."""
    found: dict[str, Any] = {}
    for name, value in said.items():
        if name in (*schema.LEVELS, "large_of_max"):
            found[name] = read_level(value)
        else:
            found[name] = int(value) if name == "large_lots" else value
        if name in SIZES:
            found |= {other: None for other in SIZES if other not in said}
    return found


def _leave_out(said: Mapping[str, Any]) -> LeaveOut:
    entry = read_filter(said)
    reason = said.get("reason", filter_sentence(entry))
    return LeaveOut(entry, reason, said.get("reason_zh", reason), said["clause"])


def read_filter(said: Mapping[str, Any]) -> Filter:
    """Return the filter, its attributes in the order of the schema, not of the file."""
    codes = {
        name: frozenset(schema.code_words(name)[word] for word in said[name])
        for name in schema.ATTRIBUTE_BITS
        if name in schema.CODES and name in said
    }
    if "market_maker" in said:
        codes["market_maker"] = frozenset({int(said["market_maker"])})
    products = frozenset(said["product"]) if "product" in said else None
    return Filter(codes, products, said.get("order_fee"))


def read_level(said: Mapping[str, Fraction]) -> Level:
    """Return the level of a comparison."""
    return Level(*next(iter(said.items())))
