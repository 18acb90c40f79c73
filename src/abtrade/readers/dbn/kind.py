"""Databento's market by order (MBO): DBN files, as the events of the orders on the book."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa

from ...batch import Int64
from ...errors import InputError, LackingError, problems_error
from ...schema import Action
from ..arrays import Bool, whole_of
from ..fingerprint import ends_hash
from ..foreign import Glimpse, Kind, Meaning, Part, Stated
from ..in_order import in_order, trading_day
from ..made import Made, MadeSource
from ..raw import BadRow, Source
from . import events as codes
from .events import Events, events_of
from .file import MAGIC, RECORD, DbnFile, Records, read_dbn

RECORDS: Final = "records"
NO_TIME: Final = 2**64 - 1
_DAY: Final = 86_400 * 10**9
_EPOCH: Final = date(1970, 1, 1)

NO_ACCOUNT: Final = (
    "market by order names no accounts, and every count is about an account; --account NAME counts "
    "the whole market as one account, for benchmarks and replay"
)


class Databento(Kind):
    """DBN files of the schema ``mbo``."""

    name = "databento"
    title = "Databento MBO (DBN)"

    def part(self, glimpse: Glimpse) -> str | None:
        """Return ``records`` where the file begins as DBN does."""
        head = glimpse.head
        return RECORDS if head.startswith(MAGIC) and head[3:4] in b"\x01\x02\x03" else None

    def open(self, parts: Sequence[Part], stated: Stated) -> list[Source]:
        """Return the files of a log; a row is an event, its row number that of its record."""
        if stated.account is None:
            raise LackingError("account", f"{parts[0].glimpse.path}: {NO_ACCOUNT}")
        if stated.account_field is not None:
            raise InputError(f"--account-field {stated.account_field}: {NO_ACCOUNT}")
        files = _read(parts)
        records, file_of, row = _joined(files)
        events = events_of(records)
        times = _times(records[events.at])
        dated = events.action != Action.CARRIED
        where = ", ".join(str(file.path) for file in files)
        day = trading_day(times[dated] if dated.any() else times, stated, where)
        table, unnamed = _table(files, records, file_of, events, times, stated.account)
        notes = [*_notes(records, events), *unnamed]
        return [
            MadeSource(
                file.path,
                self.name,
                _made(table, events, records, row, file_of == number),
                ends_hash(file.path),
                day=day,
                day_from=None if stated.day else "the trading calendar",
                visibility="exchange",
                notes=notes,
            )
            for number, file in enumerate(files)
        ]

    def meanings(self, part: Part, log: Sequence[Part], stated: Stated) -> list[Meaning]:
        """Return what becomes of each field of a record."""
        return list(MEANINGS)


def _read(parts: Sequence[Part]) -> list[DbnFile]:
    files: list[DbnFile] = []
    problems: list[str] = []
    for part in parts:
        try:
            files.append(read_dbn(part.glimpse.path))
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise problems_error(problems)
    return files


def _joined(files: Sequence[DbnFile]) -> tuple[Records, Int64, Int64]:
    """Return the records of all files in one order, the file of each, and its number in it."""
    if len(files) == 1:
        records = files[0].records
        return records, np.zeros(len(records), np.int64), np.arange(1, len(records) + 1)
    order = in_order([file.records["ts_recv"].astype(np.int64) for file in files])
    file_of = np.repeat(np.arange(len(files)), [len(file.records) for file in files])
    row = np.concatenate([np.arange(1, len(file.records) + 1) for file in files])
    return np.concatenate([file.records for file in files])[order], file_of[order], row[order]


def _times(records: Records) -> Int64:
    """Return each record's time: the venue's; of a snapshot, when that was taken."""
    venue, received = records["ts_event"], records["ts_recv"]
    late = ((records["flags"] & codes.SNAPSHOT) != 0) | (venue == NO_TIME)
    return np.where(late, received, venue).astype(np.int64)


def _table(
    files: Sequence[DbnFile],
    records: Records,
    file_of: Int64,
    events: Events,
    times: Int64,
    account: str,
) -> tuple[pa.Table, list[str]]:
    """Return events as canonical columns, numbered through, and notes."""
    of = records[events.at]
    count = len(of)
    contracts, unnamed = _contracts(files, of, file_of[events.at])
    venues = sorted({file.exchange for file in files})
    venue = np.array([venues.index(file.exchange) for file in files])[file_of[events.at]]
    whole = int(of["order_id"].max(initial=0)) < 2**63
    ids = pa.array(of["order_id"].astype(np.int64)) if whole else _as_text(of["order_id"])
    table = pa.table(
        {
            "seq": np.arange(1, count + 1, dtype=np.int64),
            "ts": pa.array(times).cast(pa.timestamp("ns", "UTC")),
            "exchange": _words(venue, venues),
            "contract": contracts,
            "action": _words(events.action, ["", *(one.name.lower() for one in Action)]),
            "order_id": ids,
            "account": _words(np.zeros(count, np.int64), [account]),
            "side": _sides(of["side"]),
            "price": _prices(of["price"], events.action == Action.CANCEL),
            "lots": pa.array(events.lots),
        }
    )
    return table, unnamed


def _contracts(
    files: Sequence[DbnFile], records: Records, file_of: Int64
) -> tuple[pa.Array, list[str]]:
    """Return the contract of each record by the date it was received, and notes on unknown ones."""
    days = (records["ts_recv"] // np.uint64(_DAY)).astype(np.int64)
    keys = file_of << 48 | days << 32 | records["instrument_id"].astype(np.int64)
    encoded = pa.array(keys).dictionary_encode()
    names: list[str] = []
    unknown: set[int] = set()
    for key in encoded.dictionary.to_pylist():
        number, day, instrument = key >> 48, key >> 32 & 0xFFFF, key & 0xFFFFFFFF
        name = files[number].contract(instrument, _EPOCH + timedelta(days=day))
        if name is None:
            unknown.add(instrument)
        names.append(name or str(instrument))
    notes = [f"instruments without a symbol on their day, under their ids: {len(unknown)}"]
    words = sorted(set(names))
    found = np.array([words.index(name) for name in names], np.int64)
    return _words(found[whole_of(encoded.indices)], words), notes if unknown else []


def _words(places: Int64, words: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(words))


def _sides(side: Any) -> pa.Array:
    """Return B(id) as buy, A(sk) as sell, anything else as null."""
    known = np.isin(side, (b"A", b"B"))
    places = pa.array((side == b"A").astype(np.int32), mask=~known)
    return pa.DictionaryArray.from_arrays(places, pa.array(["buy", "sell"]))


def _prices(price: Int64, left_out: Bool) -> pa.Array:
    """Return prices of 1e-9 as decimals, null where there is none."""
    words = np.stack([price, price >> 63], axis=1)  # 128 bits, the lower half first
    valid = np.packbits((price != codes.NO_PRICE) & ~left_out, bitorder="little")
    buffers = [pa.py_buffer(valid.tobytes()), pa.py_buffer(words.tobytes())]
    return pa.Array.from_buffers(pa.decimal128(28, 9), len(price), buffers)


def _as_text(numbers: Any) -> pa.Array:
    return pa.array(numbers).cast(pa.string())


def _made(table: pa.Table, events: Events, records: Records, row: Int64, own: Bool) -> Made:
    """Return one file's part of a log; ``row`` and ``own`` are by record."""
    of_file = own[events.at]
    return Made(
        table if of_file.all() else table.filter(pa.array(of_file)),
        row[events.at[of_file]],
        _bad(records, row, own),
        int(own.sum()),
    )


def _bad(records: Records, row: Int64, own: Bool) -> list[BadRow]:
    """Return the records of a file whose action nobody knows."""
    unknown = np.flatnonzero(own & ~np.isin(records["action"], codes.KNOWN))
    found = []
    for at in unknown.tolist():
        code = records["action"][at].decode("latin-1")
        cells = {
            name: cell.decode("latin-1") if isinstance(cell, bytes) else cell
            for name, cell in zip(RECORD.fields or (), records[at].item(), strict=True)
        }
        found.append(
            BadRow(
                int(row[at]),
                f"action: found {code!r}, expected one of A, C, M, F, T, R, N",
                json.dumps(cells),
            )
        )
    return found


def _notes(records: Records, events: Events) -> list[str]:
    """Return what a reader of the counts must know of the records."""
    action, flags = records["action"], records["flags"]
    snapshot = (flags & codes.SNAPSHOT) != 0
    fills_alone = (action == codes.FILL) & (records["order_id"] == 0)
    counts = {
        "trades (T), which name no order: an incoming order that never rested is in no count":
            action == codes.TRADE,
        "fills (F) that name no order, not counted": fills_alone,
        "clears (R): the orders on the book are gone, without a cancel":
            (action == codes.CLEAR) & ~snapshot,
        "records flagged MAYBE_BAD_BOOK: records may be missing before them":
            (flags & codes.MAYBE_BAD_BOOK) != 0,
        "records flagged BAD_TS_RECV": ((flags & codes.BAD_TS_RECV) != 0) & ~snapshot,
    }  # fmt: skip
    return [f"{text}: {count}" for text, which in counts.items() if (count := int(which.sum()))]


MEANINGS: Final = (
    Meaning("length", ""),
    Meaning("rtype", "", "160, market by order"),
    Meaning("publisher_id", ""),
    Meaning("instrument_id", "contract", "by the symbols of the metadata, on the day"),
    Meaning("ts_event", "ts", "UTC; of a snapshot ts_recv"),
    Meaning("order_id", "order_id"),
    Meaning("price", "price", "units of 1e-9"),
    Meaning("size", "lots", "less what fills had taken off before, on a cancel"),
    Meaning("flags", "action", "an add of a SNAPSHOT is carried"),
    Meaning("channel_id", ""),
    Meaning("action", "action", "A new, C cancel, M amend, F trade"),
    Meaning("side", "side", "B is buy, A is sell"),
    Meaning("ts_recv", "", "the order of several files"),
    Meaning("ts_in_delta", ""),
    Meaning("sequence", "", "of a packet, which several records share: rows are numbered anew"),
)

KIND: Final = Databento()
