"""Files that a check of a made-up day reads: those of the day, and those of a scan of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from .errors import InputError
from .outputs import ALERTS, FEES, RESULTS
from .synthetic.fee_truth import FEE_TRUTH, FeeTruth, Payer, read_fee_truth
from .synthetic.truth import About, Truth, read_truth

FEE_NUMBERS: Final = (
    "messages", "exempt_messages", "filled_orders", "dearer", "fee", "next_message"
)  # fmt: skip
BESIDES: Final = ("shares", "reached_alone", "detail")
"""What an alert tells besides its figures; the last is JSON."""

TIPS: Final = ("yellow_at", "yellow_seq", "red_at", "red_seq")
_NUMBERS: Final = ("level", "gross", "exempt", "ratio", "gross_ratio")
_KINDS: Final[dict[type, str]] = {dict: "an object", int: "a whole number", str: "a text"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Day:
    """What a made day says of itself."""

    truths: list[Truth]
    fees: list[FeeTruth]
    rows: int


@dataclass(frozen=True, slots=True)
class Scan:
    """What of a scan's output is held against the truth."""

    verdict: str
    rows: int
    alerts: list[dict[str, Any]]
    results: list[dict[str, Any]]
    fees: list[dict[str, Any]]


def read_day(folder: Path) -> Day:
    """Return what a made day says of itself; raise InputError naming a file that is damaged."""
    path = folder / "manifest.json"
    manifest = _document(path)
    rows = _field(path, _field(path, manifest, "rows", dict), "all", int)
    meant = _field(path, manifest, "truth", int), _field(path, manifest, "alerts", int)
    truths = read_truth(folder / "truth.csv")
    found = len(truths), sum(bool(truth.level) for truth in truths)
    if found != meant:
        raise InputError(
            f"{folder / 'truth.csv'}: found {found[0]} rows, {found[1]} of them alerts, expected "
            f"{meant[0]} and {meant[1]}, as manifest.json says"
        )
    count = _field(path, manifest, "fees", int)
    fees = read_fee_truth(folder / FEE_TRUTH) if count else []
    if len(fees) != count:
        raise InputError(
            f"{folder / FEE_TRUTH}: found {len(fees)} rows, expected {count}, as "
            "manifest.json says"
        )
    return Day(truths, fees, rows)


def read_scan(folder: Path, *, with_fees: bool) -> Scan:
    """Return a scan's output, of fees where asked.

    Raises InputError naming the file and field that is damaged.
    """
    path = folder / "certificate.json"
    certificate = _document(path)
    return Scan(
        _field(path, certificate, "verdict", str),
        _rows_counted(path, _field(path, certificate, "exchanges", dict)),
        _table(folder / "alerts.parquet", ALERTS,
               (*About._fields, *_NUMBERS, "count", *TIPS, *BESIDES)),
        _table(folder / "results.parquet", RESULTS, (*About._fields, *_NUMBERS, "counted")),
        _table(folder / "fees.parquet", FEES, (*Payer._fields, *FEE_NUMBERS)) if with_fees else [],
    )  # fmt: skip


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is no JSON: {error}") from error


def _field(path: Path, document: Any, name: str, kind: type[T]) -> T:
    value = document.get(name) if isinstance(document, dict) else None
    if not isinstance(value, kind):
        raise InputError(f"{path}: {name}: found {str(value)[:100]}, expected {_KINDS[kind]}")
    return value


def _rows_counted(path: Path, exchanges: dict[str, Any]) -> int:
    """Return the rows of all contracts; a contract known by its faults alone has none."""
    try:
        return sum(
            sum(contract.get("rows", {}).values())
            for contracts in exchanges.values()
            for contract in contracts.values()
        )
    except (AttributeError, TypeError) as error:
        raise InputError(
            f"{path}: exchanges: expected numbers of rows by exchange, contract and action"
        ) from error


def _table(path: Path, schema: pa.Schema, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return some columns of a table of ``schema``, row by row."""
    try:
        with path.open("rb") as file:
            table = pq.read_table(file)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    except pa.ArrowException as error:
        raise InputError(f"{path}: is no Parquet: {error}") from error
    columns = {}
    for name in names:
        if table.column_names.count(name) != 1:
            raise InputError(f"{path}: {name}: expected one column of this name")
        field, column = schema.field(name), table.column(name)
        try:
            columns[name] = column.cast(field.type)
        except pa.ArrowException as error:
            raise InputError(
                f"{path}: {name}: found {column.type}, expected {field.type}"
            ) from error
        if column.null_count and not field.nullable:
            raise InputError(f"{path}: {name}: found rows without a value")
    return list(pa.table(columns).to_pylist())
