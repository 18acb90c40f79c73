"""Write a canonical log as market by order in DBN, by hand: metadata and records are packed here.

A fill is told as a venue's feed tells it: the trade, the fill of each order, and then a cancel that
takes the filled lots off the book.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

MAGIC = b"DBN"
SYMBOL_BYTES = {1: 22, 2: 71, 3: 71}
NO_PRICE = 2**63 - 1
NO_END = 2**64 - 1
MBO, NO_SCHEMA = 0, 0xFFFF
RAW_SYMBOL, INSTRUMENT_ID = 1, 0
LAST, SNAPSHOT = 128, 32
RECORD = struct.Struct("<BBHIQQqIBBccQiI")
WORDS = 4  # bytes to a unit of a record's length

Row = dict[str, Any]


@dataclass(frozen=True)
class Record:
    """One MBO record; times in ns, price in units of 1e-9."""

    action: str
    order_id: int = 0
    side: str = "N"
    price: int = NO_PRICE
    size: int = 0
    ts: int = 0
    instrument_id: int = 1
    flags: int = LAST
    sequence: int = 0
    ts_recv: int | None = None

    def packed(self, *, sent: bool = False) -> bytes:
        """Return the bytes of the record, with the time of its sending where asked."""
        received = self.ts if self.ts_recv is None else self.ts_recv
        length = (RECORD.size + 8 * sent) // WORDS
        body = RECORD.pack(
            length, 160, 1, self.instrument_id, self.ts, self.order_id, self.price, self.size,
            self.flags, 0, self.action.encode(), self.side.encode(), received, 0, self.sequence,
        )  # fmt: skip
        return body + struct.pack("<Q", received) * sent


def metadata(
    symbols: dict[str, int],
    *,
    start: str = "20250101",
    until: str = "20260101",
    dataset: str = "GLBX.MDP3",
    schema: int = MBO,
    version: int = 2,
    sent: bool = False,
) -> bytes:
    """Return the metadata of a file: instrument ids by symbol, valid from a date until another."""
    width = SYMBOL_BYTES[version]

    def text(symbol: str) -> bytes:
        return symbol.encode().ljust(width, b"\0")

    fixed = struct.pack("<16sHQQQ", dataset.encode(), schema, 1, NO_END, 0)
    if version == 1:
        fixed += struct.pack("<Q", 0)  # a count of records, which later versions dropped
    fixed += struct.pack("<BBB", RAW_SYMBOL, INSTRUMENT_ID, sent)
    if version == 1:
        fixed = fixed.ljust(100 - 0, b"\0")
    else:
        fixed = (fixed + struct.pack("<H", width)).ljust(100, b"\0")
    rest = struct.pack("<I", 0)  # no schema definition
    rest += struct.pack("<I", len(symbols)) + b"".join(map(text, symbols))
    rest += struct.pack("<II", 0, 0)  # none in part, none not found
    rest += struct.pack("<I", len(symbols))
    for symbol, number in symbols.items():
        rest += text(symbol) + struct.pack("<III", 1, int(start), int(until)) + text(str(number))
    body = fixed + rest
    body = body.ljust(-(-len(body) // 8) * 8, b"\0")
    return MAGIC + bytes([version]) + struct.pack("<I", len(body)) + body


def write(
    path: Path, records: Iterable[Record], symbols: dict[str, int], **about: Any
) -> Path:
    """Write a DBN file, in zstd where its name says so."""
    data = metadata(symbols, **about)
    data += b"".join(record.packed(sent=about.get("sent", False)) for record in records)
    if path.suffix == ".zst":
        with pa.output_stream(str(path), compression="zstd") as stream:
            stream.write(data)
    else:
        path.write_bytes(data)
    return path


def records_of(log: pa.Table, symbols: dict[str, int]) -> Iterator[Record]:
    """Yield a log as records; of an amend or a fill, what it did to the book as well."""
    left: dict[tuple[str, Any], list[Any]] = {}  # lots, side, price
    for number, row in enumerate(log.to_pylist(), 1):
        key = (row["contract"], row["order_id"])
        about: Row = {"ts": row["ts"], "instrument_id": symbols[row["contract"]],
                      "sequence": number}  # fmt: skip
        match row["action"]:
            case "new" | "carried" as action:
                side = "B" if row["side"] == "buy" else "A"
                left[key] = [row["lots"], side, _price(row)]
                snapshot = SNAPSHOT if action == "carried" else 0
                yield _record("A", row["order_id"], left[key], about | {"flags": LAST | snapshot})
            case "cancel":
                order = left[key]
                lots = order[0] if row["lots"] is None else min(row["lots"], order[0])
                order[0] -= lots
                yield _record("C", row["order_id"], [lots, *order[1:]], about)
            case "amend":
                order = left[key]
                order[0] = row["lots"]
                order[2] = order[2] if row["price"] is None else _price(row)
                yield _record("M", row["order_id"], order, about)
            case "trade":
                yield from _filled(row, left, about)


def _filled(row: Row, left: dict[tuple[str, Any], list[Any]], about: Row) -> Iterator[Record]:
    """Yield the trade, the fill of each side, and what takes the filled lots off the book."""
    numbers = [row["contra_order_id"], row["order_id"]]
    orders = [left[row["contract"], number] for number in numbers]
    yield _record("T", 0, [row["lots"], orders[1][1], _price(row)], about | {"flags": 0})
    for number, order in zip(numbers, orders, strict=True):
        yield _record("F", number, [row["lots"], order[1], _price(row)], about | {"flags": 0})
    for at, (number, order) in enumerate(zip(numbers, orders, strict=True)):
        order[0] -= row["lots"]
        if order[0] and at:  # venues differ: what is left is told by a modify, or by a cancel
            yield _record("M", number, order, about)
        else:
            yield _record("C", number, [row["lots"], *order[1:]], about)


def _record(action: str, number: int, order: list[Any], about: Row) -> Record:
    size, side, price = order
    return Record(action, number, side, price, size, **about)


def _price(row: Row) -> int:
    return NO_PRICE if row["price"] is None else round(float(row["price"]) * 10**9)


def export(log: pa.Table, path: Path, **about: Any) -> Path:
    """Write a log; its times are in ns since 1970."""
    symbols = {name: n for n, name in enumerate(sorted(set(log["contract"].to_pylist())), 1)}
    return write(path, records_of(log, symbols), symbols, **about)
