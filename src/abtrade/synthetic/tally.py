"""Tally: what one planted subject comes to in one scope under a rule, and the truth of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from .. import schema
from ..rules.rule import Level, Rule
from .bench import Levels
from .truth import About, Truth, exempt_text


@dataclass(slots=True)
class Tally:
    """What one subject comes to in one scope under a rule."""

    rule: Rule
    about: About
    suspected: bool
    levels: Levels
    gross: int = 0
    counted: int = 0
    filled: list[int] = field(default_factory=lambda: [0, 0])  # of a ratio: gross, counted
    exempt: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    tips: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    """Level reached -> count after the tipping event, its seq; None: reached from the outset."""

    detail: dict[str, Any] = field(default_factory=dict)
    """What an alert tells besides its figures, where that is known."""

    def add(self, seq: int, amount: int, reason: str | None) -> None:
        """Count one event, or leave it out."""
        self.gross += amount
        if reason is not None:
            self.exempt[reason] += amount
            return
        before, self.counted = self.counted, self.counted + amount
        if self.rule.count not in schema.RATIO_COUNTS:
            self.pass_levels(before, self.counted, seq)

    def pass_levels(self, before: int, after: int, seq: int) -> None:
        """Note the levels that are reached for the first time."""
        for name, least in self.levels.items():
            if least is not None and before < least <= after and name not in self.tips:
                self.tips[name] = (after, seq)

    @property
    def level(self) -> str:
        """The level of the alert, nothing where none is due."""
        reached = [name for name in schema.LEVELS if name in self.tips]
        if self.rule.count in schema.RATIO_COUNTS:
            ratio = self._figures()[1]
            reached = [name for name in schema.LEVELS
                       if self.counted and _reaches(ratio, getattr(self.rule, name))]  # fmt: skip
        level = reached[-1] if reached else ""
        return "yellow" if self.suspected and level == "red" else level

    def _figures(self) -> tuple[Fraction, Fraction]:
        """Return what all comes to and what counts of it; a ratio of nothing is 0."""
        if self.rule.count not in schema.RATIO_COUNTS:
            return Fraction(self.gross), Fraction(self.counted)
        gross = Fraction(self.gross, max(1, self.filled[0])) - 1
        counted = Fraction(self.counted, max(1, self.filled[1])) - 1
        return gross, counted if self.counted else Fraction(0)

    def truth(self, story: str) -> Truth:
        """Return what a scan must say of it at the end of the day."""
        gross, counted = self._figures()
        yellow, red = (self.tips.get(name, (None, None)) for name in schema.LEVELS)
        if self.suspected:
            red = (None, None)
        return Truth(
            rule=self.rule.id, count=count_name(self.rule), exchange=self.about.exchange,
            subject_kind=self.about.subject_kind, subject=self.about.subject,
            scope=self.about.scope, level=self.level, gross=float(gross), counted=float(counted),
            exempt=exempt_text(self.exempt.items()), yellow_at=yellow[0], yellow_seq=yellow[1],
            red_at=red[0], red_seq=red[1], detail=self.detail, story=story,
        )  # fmt: skip


def count_name(rule: Rule) -> str:
    """Return a rule's count with its parameter, as outputs write it."""
    if rule.large_lots:
        return f"{rule.count}@{rule.large_lots}"
    if rule.burst_messages:
        sliding = "/sliding" if rule.burst_window == "sliding" else ""
        return f"{rule.count}@{rule.burst_messages}{sliding}"
    return rule.count


def _reaches(ratio: Fraction, level: Level) -> bool:
    return ratio > level.number if level.op == "gt" else ratio >= level.number
