"""The answer: alerts of a rule and its variants by day, and who comes and goes between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from ..outputs import RESULTS
from ..rules.rule import Level, Rule, decimal_text
from .change import Threshold
from .judging import JUDGED, Judged

AS_IS: Final = "as it stands"
CHANGED: Final = "changed"

ALERTS: Final = pa.schema([
    pa.field("variant", pa.string(), nullable=False),
    *(RESULTS.field(name) for name in (
        "rule", "day", "exchange", "subject", "subject_kind", "scope", "level", "gross", "counted",
        "exempt", "unknown", "count_name", "ratio", "gross_ratio", "assumed", "lower_bound",
    )),
])  # fmt: skip
"""One row a variant of the rule, subject, scope and day that reaches a level."""


class Variant(NamedTuple):
    """The rule as it stands, as it was changed, or with a threshold in the place of a level."""

    name: str  # AS_IS, CHANGED; else the threshold as it was given
    threshold: Threshold | None = None

    @staticmethod
    def at(threshold: Threshold) -> Variant:
        """Return the variant of a threshold."""
        sign = {"gte": ">=", "gt": ">", None: ""}[threshold.op]
        return Variant(sign + decimal_text(threshold.number), threshold)


class Note(NamedTuple):
    """Something a reader must know: the key of a text, and what fills its blanks."""

    key: str
    values: tuple[tuple[str, str], ...] = ()


def note(key: str, /, **values: str) -> Note:
    """Return a note."""
    return Note(key, tuple(values.items()))


class Change(NamedTuple):
    """A subject whose level in a scope is another under one variant than under the next."""

    day: date
    variant: str
    next: str
    exchange: str
    subject_kind: str
    subject: str
    scope: str
    level: str | None
    level_next: str | None
    counted: int | float  # of that variant that reaches a level, the first where both do


class Counts(NamedTuple):
    """How many alerts a variant gives, of how many subjects, on how many days."""

    red: int
    yellow: int
    subjects: int
    days: int


@dataclass(frozen=True, slots=True)
class DayAnswer:
    """What each variant says of one day; ``rule`` is the one that is changed, None: not in force.
    """

    day: date
    path: str
    rule: Rule | None
    found: Mapping[Variant, Judged]

    @property
    def last(self) -> Judged:
        """What the last variant says: the rule that was asked about, not as it stands."""
        return list(self.found.values())[-1]


@dataclass(slots=True)
class WhatIf:
    """What a rule would say with other levels or fewer exemptions.

    ``variants`` are the rule as it stands, as it was changed if it was, then thresholds, lowest
    first. ``level`` is what thresholds stand in the place of.
    """

    rule: str
    level: str | None
    variants: tuple[Variant, ...]
    days: Sequence[DayAnswer]
    notes: Sequence[Note] = ()

    @property
    def thresholds(self) -> tuple[Variant, ...]:
        """The variants that a threshold makes."""
        return tuple(variant for variant in self.variants if variant.threshold is not None)

    def label(self, variant: Variant) -> str:
        """Return a variant as people write it: a threshold with the sign that holds for it."""
        if variant.threshold is None or self.level is None:
            return variant.name
        return self.level_at(variant).written

    def level_at(self, variant: Variant) -> Level:
        """Return the level that a threshold comes to."""
        assert variant.threshold is not None and self.level is not None
        rules = [day.rule for day in self.days if day.rule is not None]
        return variant.threshold.of(getattr(rules[-1], self.level))

    def counts(self, variant: Variant, days: Sequence[DayAnswer] | None = None) -> Counts:
        """Return how many alerts a variant gives; ``days``: on these alone."""
        asked = self.days if days is None else days
        levels = [day.found[variant].levels for day in asked]
        subjects = {who for day in asked for who in _subjects(day.found[variant].alerts)}
        return Counts(
            sum(each["red"] for each in levels),
            sum(each["yellow"] for each in levels),
            len(subjects),
            sum(day.found[variant].alerts.num_rows > 0 for day in asked),
        )

    def neighbours(self) -> Iterator[tuple[Variant, Variant]]:
        """Yield the variants that are compared: the change with the rule as it stands, and
        thresholds with the next.
        """
        standing, *others = self.variants
        if others and others[0].threshold is None:
            yield standing, others[0]
        yield from pairwise(self.thresholds)

    def changes(self, one: Variant, other: Variant) -> list[Change]:
        """Return whose level is another under ``other`` than under ``one``, by day, then as
        results are ordered.
        """
        labels = self.label(one), self.label(other)
        return [change for day in self.days for change in _changes(day, one, other, *labels)]

    @property
    def alerts(self) -> pa.Table:
        """Every alert of every variant (``ALERTS``), by variant and day."""
        parts = []
        for variant in self.variants:
            for day in self.days:
                rows = day.found[variant].alerts
                name = pa.array([self.label(variant)], pa.string())
                names = name.take(pa.array(np.zeros(rows.num_rows, np.int64)))
                table = rows.append_column("variant", names).select(ALERTS.names)
                parts.append(table.cast(ALERTS))
        return pa.concat_tables(parts).combine_chunks()

    def figures(self) -> np.ndarray[Any, Any]:
        """Return what every subject comes to in a scope, on all days, under the last variant."""
        last = self.variants[-1]
        found = [day.found[last].counted for day in self.days if day.found[last].status == JUDGED]
        return np.concatenate(found) if found else np.zeros(0)


_Key = tuple[str, str, str, str]
_KEY: Final = ("exchange", "subject_kind", "subject", "scope")


def _subjects(alerts: pa.Table) -> set[tuple[str, ...]]:
    columns = (alerts[name].to_pylist() for name in _KEY[:3])
    return set(zip(*columns, strict=True))


def _changes(
    day: DayAnswer, one: Variant, other: Variant, label: str, label_next: str
) -> Iterator[Change]:
    left, right = (_levels(day.found[each].alerts) for each in (one, other))
    for key in sorted({*left, *right}, key=lambda key: (key[0], key[3], key[1], key[2])):
        (level, counted), (level_next, counted_next) = (
            side.get(key, (None, None)) for side in (left, right)
        )
        if level != level_next:
            figure: Any = counted_next if counted is None else counted
            yield Change(day.day, label, label_next, *key, level, level_next, figure)


def _levels(alerts: pa.Table) -> dict[_Key, tuple[str, Any]]:
    exchange, kind, subject, scope = (alerts[name].to_pylist() for name in _KEY)
    keys = zip(exchange, kind, subject, scope, strict=True)
    columns = (alerts[name].to_pylist() for name in ("level", "counted", "ratio"))
    return {
        key: (level, ratio if counted is None else counted)
        for key, level, counted, ratio in zip(keys, *columns, strict=True)
    }
