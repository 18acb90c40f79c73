"""Outcome: what a case that was run came to, and each thing that is not as expected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..plan import ContractFacts, PlanRule
from ..wording import Language, text
from .case import Tip


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that is not as expected: the key of its text and what stands in it."""

    key: str
    values: dict[str, Any]
    line: int  # of the test file

    def told(self, lang: Language) -> str:
        """Return it in words."""
        return text(lang, self.key, **self.values)


@dataclass(frozen=True, slots=True)
class Found:
    """One result of the rule."""

    subject: str
    kind: str  # account, client, group
    scope: str
    counted: int | float
    gross: int | float
    exempt: dict[str, int]
    unknown: int
    level: str | None
    assumed: list[str]
    tips: dict[str, Tip] = field(default_factory=dict)  # by level
    reached_alone: bool | None = None  # None: no level is reached
    levels: tuple[float, float] = (-1, -1)  # where it turns yellow and red, -1 for never
    tipped_at: dict[str, int | float] = field(default_factory=dict)  # count after each tip


@dataclass(frozen=True, slots=True)
class Seen:
    """What a scan of a case's day came to."""

    state: str  # judged, nothing, blind, not in force
    results: tuple[Found, ...] = ()
    why: str = ""  # blind
    rule: PlanRule | None = None  # None: blind or not in force
    contracts: tuple[ContractFacts, ...] = ()
    market_makers: frozenset[tuple[str, str]] = frozenset()  # account, product
    subject_of: dict[str, str] = field(default_factory=dict)  # by account
    mishaps: tuple[Failure, ...] = ()  # bad rows, faults


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case that was run; without problems it passed."""

    problems: tuple[Failure, ...]
    seen: Seen | None  # None: it could not be scanned
    seconds: float

    @property
    def failures(self) -> list[str]:
        """What is not as expected, in English; empty: the case passed."""
        return [problem.told("en") for problem in self.problems]
