"""Truth: what a scan must say of each planted subject, as it stands beside the log."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

from ..errors import InputError


class About(NamedTuple):
    """What a row of the truth, a result or an alert is about."""

    rule: str
    exchange: str
    subject_kind: str
    subject: str
    scope: str


class _IsAbout(Protocol):
    """A dataclass whose objects say what they are about."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def about(self) -> tuple[str, ...]: ...


Row = TypeVar("Row", bound=_IsAbout)


@dataclass(frozen=True, slots=True)
class Truth:
    """A rule, a planted subject and a scope in which it did something.

    ``level`` is blank where no alert is due. For a ratio ``gross`` and ``counted`` are ratios, and
    ``exempt`` is of messages. ``exempt``: ``reason=number``, by reason, with ``; `` between.
    ``detail``: what an alert tells besides, as its columns ``shares``, ``reached_alone`` and
    ``detail`` do, times left out; empty where that is not known.
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
    detail: dict[str, Any]
    story: str

    @property
    def about(self) -> About:
        """What it is about."""
        return About(self.rule, self.exchange, self.subject_kind, self.subject, self.scope)


def exempt_text(exempt: Iterable[tuple[str, int]]) -> str:
    """Return numbers by reason as one text, reasons sorted, none that is 0."""
    return "; ".join(f"{reason}={n}" for reason, n in sorted(exempt) if n)


def write_rows(path: Path, kind: type[Any], rows: Iterable[Any]) -> None:
    """Write rows, objects of a ``kind`` of dataclass, as CSV, in the order of what they are about.

    Raises OSError where that cannot be.
    """
    names = [each.name for each in fields(kind)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for row in sorted(rows, key=lambda row: row.about):
            writer.writerow([_cell(getattr(row, name)) for name in names])


def read_truth(path: Path) -> list[Truth]:
    """Return the rows of a ``truth.csv``, no two about the same; raise as ``read_rows`` does."""
    return read_rows(path, Truth, _values)


def read_rows(
    path: Path, kind: type[Row], values: Callable[[dict[str, str]], dict[str, Any]]
) -> list[Row]:
    """Return the rows of a file of truth, no two about the same.

    values : cells by column -> what makes a ``kind``, or a ValueError

    Raises InputError where there is no such file, or naming the row in which it is damaged; row 1
    is the header.
    """
    rows = _cells(path)
    names = [each.name for each in fields(kind)]
    if not rows or rows[0] != names:
        found = ",".join(rows[0])[:100] if rows else "nothing"
        raise InputError(f"{path}: found {found}, expected the header {','.join(names)}")
    truths: dict[tuple[str, ...], Row] = {}
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(names):
            raise InputError(f"{path}: row {number}: found {len(row)} cells, expected {len(names)}")
        try:
            truth = kind(**values(dict(zip(names, row, strict=True))))
        except ValueError as error:
            raise InputError(f"{path}: row {number}: {error}") from error
        if truth.about in truths:
            raise InputError(f"{path}: row {number}: repeats one above: {' '.join(truth.about)}")
        truths[truth.about] = truth
    return list(truths.values())


def _cells(path: Path) -> list[list[str]]:
    """Return the cells of a CSV file, with or without the mark that Excel puts first."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: is no CSV in UTF-8: {error}") from error


def _cell(value: Any) -> str:
    if value is None or value == {}:
        return ""
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(int(value) if float(value).is_integer() else value)
    return str(value)


def _values(row: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = dict(row)
    if row["level"] not in ("", "yellow", "red"):
        raise ValueError(f"level: found {row['level']!r}, expected yellow, red or nothing")
    for name in ("gross", "counted"):
        values[name] = number_of(name, row[name], float)
    for name in ("yellow_at", "yellow_seq", "red_at", "red_seq"):
        values[name] = number_of(name, row[name], int) if row[name] else None
    values["detail"] = _detail(row["detail"]) if row["detail"] else {}
    return values


def _detail(text: str) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ValueError(f"detail: found {text[:100]!r}, expected a JSON object")
    return found


def number_of(name: str, text: str, kind: type[int] | type[float]) -> int | float:
    """Return a cell's number; raise ValueError naming the column."""
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{name}: found {text!r}, expected a number") from None
