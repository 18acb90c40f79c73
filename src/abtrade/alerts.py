"""Result and Alert: what a rule says of a subject in a scope, the form every output writes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

from .visibility import Sight

WEAKEST_FIRST: Final = ("unverified", "secondary", "verified")
"""How sure a text may be."""


@dataclass(slots=True)
class Result:
    """One rule, subject and scope with gross > 0. Ratios: gross and counted are floats."""

    rule: str  # rule id
    day: str  # ISO date
    exchange: str
    subject: str
    subject_kind: str  # account, client, group
    scope: str  # contract:cu2503, product:cu, exchange:SHFE
    count: str  # what is counted: cancels, large_cancels@300, ...
    gross: int | float
    counted: int | float
    exempt: dict[str, int]  # reason -> n, only those above 0, in the rule's order
    unknown: int  # of counted: rests on something the log left blank
    level: str | None  # yellow, red or none
    assumed: list[str]  # "hedge is speculation", ...


@dataclass(slots=True)
class Tipping:
    """The event at which a level was reached."""

    count: int | float  # after the event
    seq: int
    channel: int | None
    ts: int  # ns since 1970 UTC


@dataclass(slots=True)
class Share:
    """What one account contributed to the counted figure (of a self-trade: its incoming side)."""

    account: str
    client: str
    counted: int


@dataclass(slots=True)
class Alert:
    """A result at yellow or red, with all that is needed to read it alone."""

    alert_id: str
    result: Result
    rule_version: str  # first 12 hex digits of the SHA-256 of the rule's canonical text
    level: str
    about: dict[str, str]  # the rule's own sentence, by language
    accounts: list[str]  # every account of the subject that the log names, sorted
    group_status: str | None  # filed, determined, suspected; None where the subject is no group
    yellow_limit: str | None  # as the rule says it: ">= 400", "> 80"
    red_limit: str | None
    yellow: Tipping | None  # None: not reached, or a ratio (judged at the end of the day)
    red: Tipping | None
    shares: list[Share]  # largest first, then by account
    largest_client: str
    largest_client_count: int | float  # self-trades: matches with both sides that client
    reached_alone: bool  # whether the largest client alone reached the alert's level
    clause: dict[str, str]  # by language: the document, article, date, seen where, on what it rests
    exempt_clauses: dict[str, str]  # reason -> the clause the exemption rests on
    status: str  # verified, secondary, unverified: how sure the rule's text is
    yellow_from: int | None = None  # of a rule with a limit: the lots that reach yellow here
    red_from: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)  # what else was measured, as JSON data
    notes: list[str] = field(default_factory=list)  # "at most yellow: the group is suspected", ...
    chinese: dict[str, str] = field(default_factory=dict)  # reason, clause, note -> in Chinese
    sight: Sight = field(default_factory=Sight)  # may the count be higher, is the time known

    @property
    def weakest_status(self) -> str:
        """How sure the rule's text and the rows of its limit are: what the least sure one is."""
        told = {self.status, *(row["status"] for row in self.detail.get("limit_rows", ()))}
        return next((status for status in WEAKEST_FIRST if status in told), self.status)


def alert_id(rule: str, exchange: str, subject: str, kind: str, scope: str, day: str) -> str:
    """Return the id of what an alert is about: the same on every machine, rerun and rule edit."""
    about = "\x1f".join((rule, exchange, subject, kind, scope, day))
    return hashlib.blake2b(about.encode(), digest_size=8).hexdigest()


def alert_order(alert: Alert) -> tuple[object, ...]:
    """Return what alerts are sorted by: red first, then rule, exchange, scope and subject."""
    result = alert.result
    return (
        alert.level != "red",
        result.rule,
        result.exchange,
        result.scope,
        result.subject_kind,
        result.subject,
    )
