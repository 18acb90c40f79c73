"""Rule: what one rule file says, checked and free of YAML."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from .. import schema
from ..large import LargeSize
from ..people import KINDS
from ..plan import Filter

LANGUAGES: Final = ("en", "zh")
OUTSIDE: Final = "outside"
"""The reason of events that a rule's ``only`` drops."""

Text = dict[str, str]
"""A text by language: ``en`` and ``zh``."""


@dataclass(frozen=True, slots=True)
class Source:
    """The document a rule is taken from."""

    document: Text
    number: str | None = None
    article: str | None = None
    date: date | None = None
    seen: str | None = None  # official, reprint, secondary: where the text was read
    seen_in: Text | None = None  # the page or paper it was read in
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """One comparison with a number."""

    op: str  # gte, gt
    number: Fraction

    @property
    def written(self) -> str:
        """The level as people write it: ``>= 400``, ``> 2.5``."""
        return f"{'>' if self.op == 'gt' else '>='} {decimal_text(self.number)}"


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """Events exempt for a reason, and the clause that this rests on."""

    filter: Filter
    reason: str
    reason_zh: str
    clause: Text
    by_desk: bool = False  # put in by a desk's overlay


@dataclass(frozen=True, slots=True)
class Alternative:
    """What another source says where sources conflict: named, for a desk to choose."""

    name: str
    about: Text
    changes: Mapping[str, Any]  # field of Rule -> its value under this reading


@dataclass(frozen=True, slots=True)
class Rule:
    """A count, a scope and levels in force from a day on, with the clause behind them.

    ``version`` is a hash of what the rule says: comments, key order and line breaks of its file
    do not matter, nor where the file lies.
    """

    id: str
    about: Text
    exchange: str
    from_day: date
    status: str  # verified, secondary, unverified
    source: Source
    clause: Text
    count: str  # one of schema.COUNTS
    scope: str  # one of schema.SCOPES
    to_day: date | None = None  # inclusive
    products: frozenset[str] | None = None
    linked_clause: Text | None = None  # what the merging of linked accounts rests on
    large_lots: int | None = None
    large_of_max: Level | None = None  # of the maximum order size, in place of large_lots
    assume: Mapping[str, int] = field(default_factory=dict)  # attribute -> code, where no column
    burst_messages: int | None = None
    burst_window: str = "calendar"  # one of schema.BURST_WINDOWS
    kernel: str | None = None
    limit: str | None = None  # of the limits table; levels are then multiples of it
    quotas: frozenset[int] = frozenset()  # hedge codes
    contracts: str | None = None  # one of schema.CONTRACT_KINDS
    only: tuple[Filter, ...] = ()  # counts what fits any of them; none: every event
    leave_out: tuple[LeaveOut, ...] = ()
    groups_only: bool = False  # nobody but a group of linked clients reaches a level
    both: bool = False  # self-trades: exempt only where both orders are
    yellow: Level | None = None
    red: Level | None = None
    notes: Text | None = None
    alternatives: tuple[Alternative, ...] = ()
    desk: tuple[Text, ...] = ()  # what a desk changed of it; alerts carry it as notes
    path: str = ""

    def in_force(self, day: date) -> bool:
        """Whether the rule stands on a trading day."""
        return self.from_day <= day and (self.to_day is None or day <= self.to_day)

    def with_alternative(self, name: str) -> Rule:
        """Return the rule as another source has it. Raises KeyError: there is no such."""
        found = {entry.name: entry for entry in self.alternatives}[name]
        return replace(self, **found.changes)

    @property
    def large(self) -> LargeSize | None:
        """What makes a cancel large; None where the count is of others."""
        if self.large_of_max is not None:
            return LargeSize(self.large_of_max.number, self.large_of_max.op == "gt")
        return None if self.large_lots is None else LargeSize(lots=self.large_lots)

    @property
    def count_name(self) -> str:
        """The count with the size that makes a cancel large: ``large_cancels@300``."""
        return self.count if self.large is None else f"{self.count}@{self.large.name}"

    @property
    def version(self) -> str:
        """The first 12 hex digits of the SHA-256 of the rule's canonical JSON."""
        text = json.dumps(
            _canonical(self), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def filter_words(entry: Filter) -> dict[str, list[str] | bool]:
    """Return a filter as its file says it: words by attribute, flags as true or false."""
    told: dict[str, list[str] | bool] = {}
    for name, codes in entry.codes.items():
        if name == "market_maker":
            told[name] = 1 in codes
        else:
            told[name] = [word for code in sorted(codes) if (word := schema.word_of(name, code))]
    if entry.products is not None:
        told["product"] = sorted(entry.products)
    if entry.order_fee is not None:
        told["order_fee"] = entry.order_fee
    for kind in KINDS:
        if names := sorted(name for each, name in entry.people if each == kind):
            told[kind] = names
    return told


def assume_words(rule: Rule) -> dict[str, str]:
    """Return what a rule takes for granted where the log has no such column, in its words."""
    told = {name: schema.word_of(name, code) for name, code in sorted(rule.assume.items())}
    return {name: word for name, word in told.items() if word is not None}


def only_sentence(rule: Rule) -> str:
    """Return what a rule counts in short words, its filters joined by ``; or``."""
    return "; or ".join(filter_sentence(entry) for entry in rule.only)


def filter_sentence(entry: Filter) -> str:
    """Return a filter in short words: ``tif fak or fok, no market maker``."""
    parts = []
    for name, wanted in filter_words(entry).items():
        if isinstance(wanted, bool):
            parts.append(("" if wanted else "no ") + name.replace("_", " "))
        else:
            parts.append(f"{name.replace('_', ' ')} {' or '.join(wanted)}")
    return ", ".join(parts)


def decimal_text(number: Fraction) -> str:
    """Return a number that was written in decimal as such, no digit lost."""
    return format(Decimal(number.numerator) / Decimal(number.denominator), "f")


def _canonical(rule: Rule) -> dict[str, Any]:
    """Return the rule as JSON data; what is not said is left out, so that new keys change none."""
    told = {
        "id": rule.id,
        "about": rule.about,
        "exchange": rule.exchange,
        "products": sorted(rule.products) if rule.products else None,
        "from": rule.from_day.isoformat(),
        "to": rule.to_day.isoformat() if rule.to_day else None,
        "status": rule.status,
        "source": _source(rule.source),
        "clause": rule.clause,
        "linked_clause": rule.linked_clause,
        "count": rule.count,
        "large_lots": rule.large_lots,
        "large_of_max": _level(rule.large_of_max),
        "assume": assume_words(rule),
        "burst_messages": rule.burst_messages,
        "burst_window": rule.burst_window if rule.burst_window != "calendar" else None,
        "kernel": rule.kernel,
        "limit": rule.limit,
        "quotas": [schema.word_of("hedge", code) for code in sorted(rule.quotas)],
        "contracts": rule.contracts,
        "scope": rule.scope,
        "only": _only(rule.only),
        "leave_out": [
            {**filter_words(entry.filter), "reason": entry.reason, "reason_zh": entry.reason_zh,
             "clause": entry.clause}
            for entry in rule.leave_out
        ],
        "groups_only": rule.groups_only,
        "both": rule.both,
        "yellow": _level(rule.yellow),
        "red": _level(rule.red),
        "notes": rule.notes,
        "alternatives": [
            {"name": entry.name, "about": entry.about,
             "set": {name: _plain(value) for name, value in entry.changes.items()}}
            for entry in rule.alternatives
        ],
        "desk": list(rule.desk),
    }
    return {key: value for key, value in told.items() if value}


def _plain(value: Any) -> Any:
    return _level(value) if isinstance(value, Level) else value


def _only(filters: tuple[Filter, ...]) -> Any:
    """Return one filter as itself, several as a list."""
    told = [filter_words(entry) for entry in filters]
    return told[0] if len(told) == 1 else told


def _source(source: Source) -> dict[str, Any]:
    told = {
        "document": source.document,
        "number": source.number,
        "article": source.article,
        "date": source.date.isoformat() if source.date else None,
        "seen": source.seen,
        "seen_in": source.seen_in,
        "address": source.address,
    }
    return {key: value for key, value in told.items() if value}


def _level(level: Level | None) -> dict[str, str] | None:
    return {level.op: decimal_text(level.number)} if level else None
