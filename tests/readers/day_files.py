"""Small logs written in every format, and read back into plain rows."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import ipc

from abtrade import ids, schema
from abtrade.batch import Batch
from abtrade.names import ContractName, Names
from abtrade.plan import ContractFacts
from abtrade.readers.normalise import Normaliser
from abtrade.readers.raw import BadRow, Source
from abtrade.readers.sources import open_source

ALL = frozenset(schema.LOG_COLUMNS)
FORMATS = ("parquet", "arrow", "csv")

NEW = {
    "seq": 1,
    "ts": "2025-03-03 09:00:00.000000001",
    "contract": "cu2503",
    "action": "new",
    "order_id": 7,
    "account": "000100000001",
    "side": "buy",
    "price": 70000.0,
    "lots": 3,
}
"""A well-formed ``new`` row; NS is its time in ns."""

NS = 1_740_963_600_000_000_001


TICKS = {"cu": ("SHFE", 10.0), "IF": ("CFFEX", 0.2), "SR": ("CZCE", 1.0), "ag": ("SHFE", None)}
"""Product -> exchange and tick."""


class Contracts:
    """A contract table that knows four products."""

    def named(self, exchange: str | None, text: str) -> ContractName:
        if exchange is None and text[:2] in TICKS:
            exchange = TICKS[text[:2]][0]
        return ContractName(exchange, text)

    def facts(self, exchange: str, contract: str) -> ContractFacts:
        tick = TICKS.get(contract[:2], (None, None))[1]
        return ContractFacts(exchange, contract, tick=tick)


def rows_of(*changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a ``new`` row for each change, seq and order id counting up; absent cells are None."""
    rows = [
        {**NEW, "seq": at, "order_id": at, **change} for at, change in enumerate(changes, start=1)
    ]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [{name: row.get(name) for name in names} for row in rows]


def table_of(rows: list[dict[str, Any]], **types: pa.DataType) -> pa.Table:
    """Return rows as a table with the types of the canonical form, or those given."""
    kinds = {"ts": pa.timestamp("ns"), "seq": pa.int64(), "lots": pa.int64(), **types}
    columns = {}
    for name in rows[0]:
        cells = [row[name] for row in rows]
        kind = kinds.get(name)
        if kind is not None and pa.types.is_timestamp(kind):
            columns[name] = pa.array(cells, pa.string()).cast(pa.timestamp("ns")).cast(kind)
        elif name == "order_id" and any(isinstance(cell, str) for cell in cells):
            columns[name] = pa.array([None if c is None else str(c) for c in cells], pa.string())
        else:
            columns[name] = pa.array(cells, kind)
    return pa.table(columns)


def write(path: Path, rows: list[dict[str, Any]], form: str, **types: pa.DataType) -> Path:
    """Write rows as parquet, arrow, stream, csv or csv.gz; return the file."""
    path = path / f"day.{form}"
    if form.startswith("csv"):
        data = csv_bytes(rows)
        path.write_bytes(gzip.compress(data) if form == "csv.gz" else data)
    else:
        write_table(path, table_of(rows, **types), form)
    return path


def write_table(path: Path, table: pa.Table, form: str, **options: Any) -> Path:
    """Write a table as parquet, arrow or stream; return the file."""
    if form == "parquet":
        pq.write_table(table, path, **options)
    else:
        opened = ipc.new_stream if form == "stream" else ipc.new_file
        with opened(path, table.schema, options=ipc.IpcWriteOptions(**options)) as writer:
            writer.write_table(table)
    return path


def csv_bytes(rows: list[dict[str, Any]], encoding: str = "utf-8") -> bytes:
    """Return rows as CSV text, None as an empty field."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def read(
    source: Source | Path,
    columns: frozenset[str] = ALL,
    assume: Mapping[str, str] | None = None,
    batch_rows: int = 1000,
) -> tuple[list[dict[str, Any]], list[BadRow]]:
    """Return a log's good rows, ids and names spelled out again, and its bad rows."""
    if isinstance(source, Path):
        source = open_source(source)
    columns |= frozenset(schema.REQUIRED_COLUMNS)
    names = Names()
    normaliser = Normaliser(names, Contracts(), columns, assume or {}, source.format)
    good: list[dict[str, Any]] = []
    bad: list[BadRow] = []
    for raw in source.read(columns, batch_rows):
        found = normaliser.batch(0, raw)
        good += spelled(found.batch, names)
        bad += found.bad
    return good, bad


def spelled(batch: Batch, names: Names) -> list[dict[str, Any]]:
    """Return a batch as plain rows: names for ids, texts for order ids, without absent columns."""
    columns: dict[str, list[Any]] = {}
    for name, column in batch.columns().items():
        if column is None or name.endswith(("_high", "_text")):
            continue
        assert isinstance(column, np.ndarray) and len(column) == len(batch), name
        columns[name] = column.tolist()
        if name.endswith("contract"):
            columns[name] = [_contract(names, one) for one in columns[name]]
        if name.endswith("account"):
            columns[name] = [_account(names, one) for one in columns[name]]
    for low, high, text in (
        ("order", "order_high", "order_text"),
        ("contra", "contra_high", "contra_text"),
        ("trade", "trade_high", None),
    ):
        if low in columns:
            columns[low] = _ids(batch, low, high, text)
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _contract(names: Names, one: int) -> str | None:
    return None if one < 0 else f"{names.exchange_of(one)}:{names.contracts[one][1]}"


def _account(names: Names, one: int) -> str | None:
    if one < 0:
        return None
    exchange, account = names.accounts[one]
    return f"{names.exchanges[exchange]}:{account}"


def _ids(batch: Batch, low: str, high: str, text: str | None) -> list[Any]:
    lows, highs = getattr(batch, low), getattr(batch, high)
    texts = getattr(batch, text) if text else None
    found: list[Any] = []
    for at in range(len(batch)):
        words = (0 if highs is None else int(highs[at]), int(lows[at]))
        written = ids.unpack(*words)
        if written is None:
            written = words if texts is None else texts[at]
            assert texts is None or ids.pack(texts[at]) == words
        else:
            assert texts is None or texts[at] is None
        found.append(written)
    return found
