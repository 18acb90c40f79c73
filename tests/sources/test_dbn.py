"""Databento MBO: what happened to orders, told from what fills did to the book."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import databento_dbn
import export_dbn as dbn
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from export_dbn import SNAPSHOT, Record
from export_fix import plain
from fix_log import bad, read, rows
from hypothesis import given
from hypothesis import strategies as st

import abtrade
from abtrade.errors import InputError
from abtrade.readers.dbn.events import events_of
from abtrade.readers.dbn.file import RECORD, read_dbn
from abtrade.readers.foreign import Part, Stated
from abtrade.readers.kinds import kind
from abtrade.readers.sources import glimpse
from abtrade.schema import Action

TS = 1_739_840_400_000_000_000  # 2025-02-18 09:00 in Shanghai
PRICE = 5_000_250_000_000  # 5000.25
SYMBOLS = {"ESH5": 1, "NQH5": 2}
BUY = {"side": "B", "price": PRICE, "ts": TS}


def write(path: Path, records: Sequence[Record], **about: Any) -> Path:
    return dbn.write(path, records, SYMBOLS, **about)


def told(tmp_path: Path, *records: Record) -> list[tuple[Any, ...]]:
    """Return action, order and lots of what the records come to."""
    found = read(write(tmp_path / "day.dbn", records), account="X")
    assert bad(found) == []
    return rows(found, "action", "order_id", "lots")


def add(number: int, size: int, **about: Any) -> Record:
    return Record("A", number, size=size, **BUY | about)


def fill(number: int, size: int) -> Record:
    return Record("F", number, size=size, **BUY)


def cancel(number: int, size: int) -> Record:
    return Record("C", number, size=size, **BUY)


def modify(number: int, size: int, **about: Any) -> Record:
    return Record("M", number, size=size, **BUY | about)


TRADE = Record("T", 0, size=1, side="A", price=PRICE, ts=TS)


def test_a_cancel_that_takes_off_what_was_filled_is_no_cancel(tmp_path: Path):
    assert told(tmp_path, add(7, 5), TRADE, fill(7, 2), cancel(7, 2), cancel(7, 3)) == [
        ("new", 7, 5), ("trade", 7, 2), ("cancel", 7, 3)
    ]  # fmt: skip


def test_a_cancel_beyond_what_was_filled_counts_with_the_rest(tmp_path: Path):
    assert told(tmp_path, add(7, 5), fill(7, 1), fill(7, 1), cancel(7, 5)) == [
        ("new", 7, 5), ("trade", 7, 1), ("trade", 7, 1), ("cancel", 7, 3)
    ]  # fmt: skip


def test_a_modify_that_takes_off_what_was_filled_is_no_amend(tmp_path: Path):
    assert told(tmp_path, add(7, 5), fill(7, 2), modify(7, 3), fill(7, 1), modify(7, 2)) == [
        ("new", 7, 5), ("trade", 7, 2), ("trade", 7, 1)
    ]  # fmt: skip


def test_any_other_modify_is_an_amend(tmp_path: Path):
    assert told(
        tmp_path, add(7, 5), modify(7, 4), modify(7, 9), modify(7, 9, price=PRICE + 1),
        fill(7, 2), modify(7, 6), modify(7, 6), modify(8, 1),
    ) == [
        ("new", 7, 5), ("amend", 7, 4), ("amend", 7, 9), ("amend", 7, 9), ("trade", 7, 2),
        ("amend", 7, 6), ("amend", 8, 1),
    ]  # fmt: skip


def test_a_fill_of_one_order_is_no_credit_to_another(tmp_path: Path):
    other = Record("C", 7, size=2, **BUY, instrument_id=2)
    assert told(tmp_path, add(7, 2), add(8, 2), fill(7, 2), cancel(8, 2), other) == [
        ("new", 7, 2), ("new", 8, 2), ("trade", 7, 2), ("cancel", 8, 2), ("cancel", 7, 2)
    ]  # fmt: skip


def test_trades_clears_and_nothing_are_no_events_but_are_told(tmp_path: Path):
    path = write(
        tmp_path / "day.dbn",
        [TRADE, Record("R", ts=TS), Record("N", ts=TS), add(7, 1, flags=4), fill(0, 1)],
    )
    result = abtrade.scan(path, account="X", rules=["shfe"])
    assert result.tallies["orders"].to_pylist() == [1]
    assert "shfe.self_trade" in result.certificate["blind"]
    notes = " ".join(result.notes)
    assert "trades (T), which name no order" in notes
    assert "clears (R): the orders on the book are gone, without a cancel: 1" in notes
    assert "fills (F) that name no order, not counted: 1" in notes
    assert "MAYBE_BAD_BOOK: records may be missing before them: 1" in notes


def test_a_fill_is_no_fault_for_the_side_that_no_record_names(tmp_path: Path):
    path = write(tmp_path / "day.dbn", [add(7, 2), fill(7, 2), cancel(7, 2)])
    result = abtrade.scan(path, account="X", rules=["shfe"])
    assert result.tallies["filled_orders"].to_pylist() == [1]
    assert result.certificate["faults"] == {}
    assert "shfe.self_trade" in result.certificate["blind"]


def test_orders_of_a_snapshot_are_carried_once(tmp_path: Path):
    early = {"flags": SNAPSHOT, "ts": TS - 86_400 * 10**9, "ts_recv": TS}
    again = {"flags": SNAPSHOT, "ts": TS, "ts_recv": TS}
    records = [Record("R", flags=SNAPSHOT, ts=TS), add(7, 5, **early), cancel(7, 1), add(8, 2),
               Record("R", flags=SNAPSHOT, ts=TS), add(7, 4, **again), add(8, 2, **again),
               fill(7, 4), cancel(7, 4)]  # fmt: skip
    path = write(tmp_path / "day.dbn", records)
    sources = read(path, account="X")
    assert rows(sources, "action", "order_id", "lots") == [
        ("carried", 7, 5), ("cancel", 7, 1), ("new", 8, 2), ("trade", 7, 4)
    ]  # fmt: skip
    assert sources[0].day == "2025-02-18"
    assert {ts.value for ts, in rows(sources, "ts")} == {TS}
    assert [raw.row_numbers().tolist() for raw in sources[0].read()] == [[2, 3, 4, 8]]


def test_cells_are_canonical(tmp_path: Path):
    records = [add(7, 5), Record("A", 2**63 + 1, "A", dbn.NO_PRICE, 2, TS, 2), add(3, 1, side="N"),
               add(4, 1, instrument_id=9)]  # fmt: skip
    sources = read(write(tmp_path / "day.dbn", records), account="X")
    found = rows(sources, "exchange", "contract", "order_id", "account", "side", "price")
    assert [tuple(map(str, row)) for row in found] == [
        ("GLBX", "ESH5", "7", "X", "buy", "5000.250000000"),
        ("GLBX", "NQH5", str(2**63 + 1), "X", "sell", "None"),
        ("GLBX", "ESH5", "3", "X", "None", "5000.250000000"),
        ("GLBX", "9", "4", "X", "buy", "5000.250000000"),
    ]
    assert "instruments without a symbol on their day, under their ids: 1" in sources[0].notes


def test_an_unknown_action_is_a_bad_row(tmp_path: Path):
    path = write(tmp_path / "day.dbn", [add(7, 5), Record("X", 7, ts=TS)])
    assert bad(read(path, account="X")) == [
        (2, "action: found 'X', expected one of A, C, M, F, T, R, N")
    ]


# --- a day and its counts ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["day.dbn", "day.dbn.zst"])
def test_a_day_counts_the_same_from_market_by_order(name: str, tmp_path: Path):
    abtrade.synth(tmp_path / "made", rows=8_000, offences=0, exchanges=("SHFE",))
    day = plain(pq.read_table(tmp_path / "made" / "day.parquet"))
    day = day.filter(pc.field("action") != "reject").select(
        ["seq", "ts", "contract", "action", "order_id", "side", "price", "lots", "contra_order_id"]
    )
    path = dbn.export(day, tmp_path / name, dataset="GLBX.MDP3")
    whole = day.append_column("exchange", pa.array(["GLBX"] * len(day)))
    whole = whole.append_column("account", pa.array(["X"] * len(day)))
    at = whole.column_names.index("ts")
    whole = whole.set_column(at, "ts", day["ts"].cast(pa.timestamp("ns", "UTC")))
    expected = abtrade.scan(whole, day="2025-02-18").tallies
    found = abtrade.scan(path, account="X").tallies
    same = ["day", "exchange", "subject", "contract", "orders", "cancels", "large_cancels",
            "messages", "filled_orders", "otr"]  # fmt: skip
    assert found.select(same).equals(expected.select(same))
    assert sum(found["cancels"].to_pylist()) > 1_000
    assert set(found["self_trades"].to_pylist()) == {None}


def test_files_of_a_day_are_one_log(tmp_path: Path):
    def at(second: int, record: Record) -> Record:
        return Record(**{**vars(record), "ts": TS + second})

    first = write(tmp_path / "a.dbn", [at(0, add(7, 5)), at(3, cancel(7, 3))])
    second = write(tmp_path / "b.dbn", [at(1, fill(7, 2)), at(2, add(8, 1))], sent=True)
    sources = read(first, second, account="X")
    assert rows(sources, "seq", "action", "order_id", "lots") == [
        (1, "new", 7, 5), (2, "trade", 7, 2), (3, "new", 8, 1), (4, "cancel", 7, 1)
    ]  # fmt: skip
    assert abtrade.scan([first, second], account="X").tallies["cancels"].to_pylist() == [1]


# --- against a plain reading of the rules ------------------------------------------------

EVENTS = st.lists(
    st.tuples(
        st.sampled_from("AACCMMFFTRN"), st.integers(0, 3), st.integers(0, 4),
        st.sampled_from([PRICE, PRICE, PRICE + 1, dbn.NO_PRICE]), st.sampled_from([0, 0, SNAPSHOT]),
        st.integers(1, 2),
    ),
    max_size=30,
)  # fmt: skip


@given(EVENTS)
def test_all_orders_at_once_come_to_what_one_after_the_other_does(drawn: list[tuple[Any, ...]]):
    records = [
        Record(action, number, "B", price, size, TS, instrument, flags)
        for action, number, size, price, flags, instrument in drawn
    ]
    packed = b"".join(record.packed() for record in records)
    events = events_of(np.frombuffer(packed, RECORD))
    found = list(zip(events.at.tolist(), events.action.tolist(), events.lots.tolist(), strict=True))
    assert found == one_after_the_other(records)


def one_after_the_other(records: list[Record]) -> list[tuple[int, int, int]]:
    size: dict[Any, int] = {}
    price: dict[Any, int] = {}
    credit: dict[Any, int] = defaultdict(int)
    met: set[Any] = set()
    found = []
    for at, record in enumerate(records):
        key = (record.instrument_id, record.order_id)
        if record.order_id == 0 or record.action not in "ACMF":
            continue
        if record.action == "A":
            snapshot = record.flags & SNAPSHOT
            if not snapshot or key not in met:
                found.append((at, Action.CARRIED if snapshot else Action.NEW, record.size))
            credit[key] = 0
            size[key], price[key] = record.size, record.price
        elif record.action == "F":
            credit[key] += record.size
            found.append((at, Action.TRADE, record.size))
        elif record.action == "C":
            paid = min(credit[key], record.size)
            credit[key] -= paid
            if key in size:
                size[key] = size[key] - record.size
            if record.size > paid:
                found.append((at, Action.CANCEL, record.size - paid))
        else:
            before = max(size[key], 0) if key in size else None
            shrunk = 0 if before is None else max(before - record.size, 0)
            paid = min(credit[key], shrunk)
            credit[key] -= paid
            moved = record.price not in (price.get(key), dbn.NO_PRICE)
            if before is None or moved or record.size > before or shrunk > paid:
                found.append((at, Action.AMEND, record.size))
            size[key], price[key] = record.size, record.price
        met.add(key)
    return [(at, int(action), lots) for at, action, lots in found]


# --- what is no whole MBO file -----------------------------------------------------------


@pytest.mark.parametrize("version", [1, 2, 3])
def test_another_decoder_reads_what_the_tests_write(version: int, tmp_path: Path):
    path = write(tmp_path / "day.dbn", [add(7, 5), cancel(7, 2)], version=version)
    decoder = databento_dbn.DBNDecoder()
    decoder.write(path.read_bytes())
    metadata, *records = decoder.decode()
    assert (metadata.dataset, str(metadata.schema)) == ("GLBX.MDP3", "mbo")
    mine = read_dbn(path)
    assert mine.names == {n: [(*dates(metadata, name), name)] for name, n in SYMBOLS.items()}
    fields = ("order_id", "price", "size", "ts_event", "ts_recv", "instrument_id", "sequence")
    assert [[getattr(one, field) for field in fields] for one in records] == [
        [int(one[field]) for field in fields] for one in mine.records
    ]
    assert [str(one.action) for one in records] == ["A", "C"]


def dates(metadata: Any, name: str) -> tuple[Any, Any]:
    (interval,) = metadata.mappings[name]
    return interval["start_date"], interval["end_date"]


def test_without_an_account_there_is_nothing_to_count_about(tmp_path: Path):
    path = write(tmp_path / "day.dbn", [add(7, 5)])
    with pytest.raises(InputError, match=r"names no accounts.*--account NAME"):
        abtrade.scan(path)
    with pytest.raises(InputError, match="--account-field Account: market by order"):
        abtrade.scan(path, account="X", account_field="Account")


def test_a_file_cut_off_is_refused(tmp_path: Path):
    whole = write(tmp_path / "day.dbn", [add(7, 5), add(8, 5)]).read_bytes()
    for end, message in ((-1, "after record 1: the file is cut off within a record"),
                         (-112 - 20, "cut off within its metadata")):  # fmt: skip
        path = tmp_path / "cut.dbn"
        path.write_bytes(whole[:end])
        with pytest.raises(InputError, match=f"cut.dbn: .*{message}"):
            abtrade.scan(path, account="X")
    packed = write(tmp_path / "day.dbn.zst", [add(n, 5) for n in range(1, 999)]).read_bytes()
    path = tmp_path / "cut.dbn.zst"
    path.write_bytes(packed[:-30])
    with pytest.raises(InputError, match="cut-off"):
        abtrade.scan(path, account="X")


@pytest.mark.parametrize(
    ("schema", "name"), [(1, "mbp-1"), (4, "trades"), (dbn.NO_SCHEMA, "mixed, as a live stream")]
)
def test_other_schemas_are_named_and_refused(schema: int, name: str, tmp_path: Path):
    path = write(tmp_path / "day.dbn", [], schema=schema)
    with pytest.raises(InputError, match=f"found DBN of schema {name}.*, expected mbo"):
        abtrade.scan(path, account="X")


def test_a_record_that_is_none_of_mbo_is_named(tmp_path: Path):
    path = write(tmp_path / "day.dbn", [add(7, 5), add(8, 5)])
    data = bytearray(path.read_bytes())
    data[-55] = 161
    path.write_bytes(data)
    with pytest.raises(InputError, match="record 2: found type 161 of 56 bytes, expected 160"):
        abtrade.scan(path, account="X")


def test_the_extra_is_named_where_it_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = write(tmp_path / "day.dbn", [add(7, 5)])
    monkeypatch.setitem(sys.modules, "databento_dbn", None)
    with pytest.raises(InputError, match=r"pip install 'abtrade\[databento\]'"):
        abtrade.scan(path, account="X")


def test_each_field_is_explained(tmp_path: Path):
    look = glimpse(write(tmp_path / "day.dbn.zst", [add(7, 5)]))
    one = kind("databento")
    assert one.part(look) == "records"
    part = Part(look, "records")
    columns = [meaning.column for meaning in one.meanings(part, [part], Stated())]
    assert columns == list(RECORD.names or ())
