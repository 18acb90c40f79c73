"""Truth: what a scan must say of each planted subject, as it stands beside the log."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple


class About(NamedTuple):
    """What a row of the truth, a result or an alert is about."""

    rule: str
    exchange: str
    subject_kind: str
    subject: str
    scope: str


@dataclass(frozen=True, slots=True)
class Truth:
    """A rule, a planted subject and a scope in which it did something.

    ``level`` is blank where no alert is due. For a ratio ``gross`` and ``counted`` are ratios, and
    ``exempt`` is of messages. ``exempt``: ``reason=number``, by reason, with ``; `` between.
    """

    rule: str
    count: str
    exchange: str
    subject_kind: str
    subject: str
    scope: str
    level: str
    gross: float
    counted: float
    exempt: str
    yellow_at: int | None
    yellow_seq: int | None
    red_at: int | None
    red_seq: int | None
    story: str

    @property
    def about(self) -> About:
        """What it is about."""
        return About(self.rule, self.exchange, self.subject_kind, self.subject, self.scope)


def exempt_text(exempt: Iterable[tuple[str, int]]) -> str:
    """Return numbers by reason as one text, reasons sorted, none that is 0."""
    return "; ".join(f"{reason}={n}" for reason, n in sorted(exempt) if n)


def write_truth(path: Path, truths: Iterable[Truth]) -> None:
    """Write rows of truth as CSV, in the order of what they are about."""
    names = [each.name for each in fields(Truth)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for truth in sorted(truths, key=lambda truth: truth.about):
            writer.writerow([_cell(getattr(truth, name)) for name in names])


def read_truth(path: Path) -> list[Truth]:
    """Return the rows of a ``truth.csv``. Raise OSError where there is none."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Truth(**_values(row)) for row in csv.DictReader(file)]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return repr(int(value) if float(value).is_integer() else value) if isinstance(
        value, int | float
    ) else str(value)


def _values(row: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = dict(row)
    for name in ("gross", "counted"):
        values[name] = float(row[name])
    for name in ("yellow_at", "yellow_seq", "red_at", "red_seq"):
        values[name] = int(row[name]) if row[name] else None
    return values
