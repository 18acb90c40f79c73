"""One log is the same EVENTS whatever the format, the encodings, the batches and the split."""

from __future__ import annotations

import decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from day_files import (
    ALL,
    NS,
    Contracts,
    csv_bytes,
    read,
    rows_of,
    spelled,
    table_of,
    write,
    write_table,
)
from pyarrow import ipc

from abtrade.names import Names
from abtrade.readers import identities
from abtrade.readers.normalise import Normaliser
from abtrade.readers.raw import RawBatch
from abtrade.readers.sources import open_source

CANCEL = {"action": "cancel", "account": None, "side": None, "price": None, "lots": None}
DAY = rows_of(
    {"order_id": "7", "tif": "fak", "hedge": "speculation", "offset": "open", "channel": 1},
    {"order_id": "007", "account": "客户一", "phase": "auction", "order_type": "limit"},
    {"order_id": "A-1", "contract": "IF2503", "price": 4000.2, "client": "c1", "member": "m1"},
    {"order_id": "9223372036854775808", "contract": "SR505", "price": 6000.7, "channel": 2},
    {**CANCEL, "order_id": "7", "cancel_by": "client"},
    {**CANCEL, "order_id": "-5", "lots": 1},
    {
        **CANCEL,
        "action": "trade",
        "order_id": "007",
        "contra_order_id": "A-1",
        "contra_account": "000100000001",
        "trade_id": "000131",
        "trade_type": "combination_leg",
        "order_contract": "SP cu2503&cu2504",
        "price": 70010.0,
        "lots": 2,
    },
    {**CANCEL, "action": "rfq", "order_id": None, "account": "客户一", "contract": "xx1"},
    {"order_id": "8", "contract": "xx1", "price": 0.1234567, "exchange": "shfe"},
    {**CANCEL, "action": "amend", "order_id": "8", "contract": "xx1", "lots": 0},
    {"order_id": "12345678901234567890123", "lots": 10**12, "contract": "zz", "exchange": "X"},
)
WORDS = ("action", "side", "tif", "hedge", "offset", "phase", "order_type", "cancel_by")


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    good, bad = read(write(tmp_path_factory.mktemp("day"), DAY, "parquet"))
    assert not bad
    return good


def test_what_the_rows_say(expected: list[dict[str, Any]]) -> None:
    """The values themselves, once: all other tests compare with them."""
    assert [row["order"] for row in expected] == [
        "7", "007", "A-1", "9223372036854775808", "7", "-5", "007", "0", "8", "8",
        "12345678901234567890123",
    ]  # fmt: skip
    assert {row["ts"] for row in expected} == {NS}
    assert [row["contract"] for row in expected[:4]] == [
        "SHFE:cu2503", "SHFE:cu2503", "CFFEX:IF2503", "CZCE:SR505",
    ]  # fmt: skip
    assert [row["contract"] for row in expected[7:]] == ["-:xx1", "SHFE:xx1", "-:xx1", "X:zz"]
    assert [row["price"] for row in expected[:4]] == [7000, 7000, 20001, 6000]
    assert expected[8]["price"] == 123457
    trade = expected[6]
    assert (trade["contra"], trade["has_contra"]) == ("A-1", 1)
    assert (trade["trade"], trade["has_trade"], trade["trade_type"]) == ("000131", 1, 2)
    assert trade["order_contract"] == "SHFE:SP cu2503&cu2504"
    assert trade["contra_account"] == "SHFE:000100000001"
    assert [row["account"] for row in expected[:3]] == [
        "SHFE:000100000001", "SHFE:客户一", "CFFEX:000100000001",
    ]  # fmt: skip
    assert [row["has_contra"] for row in expected] == [0] * 6 + [1] + [0] * 4
    assert [row["lots"] for row in expected] == [3, 3, 3, 3, -1, 1, 2, -1, 3, 0, 10**12]
    assert [row["channel"] for row in expected[:4]] == [1, 0, 0, 2]
    assert expected[0] | {"tif": 2, "hedge": 1, "offset": 1, "side": 1} == expected[0]
    assert (expected[1]["phase"], expected[1]["order_type"], expected[4]["cancel_by"]) == (1, 1, 1)


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_more_pairs_of_names_than_a_table_holds(
    tmp_path: Path, expected: list[dict[str, Any]], form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Garbage in two columns of names must not fill the memory: pairs are then looked up singly."""
    monkeypatch.setattr(identities, "TABLE_LIMIT", 3)
    assert read(write(tmp_path, DAY, form), batch_rows=5) == (expected, [])


@pytest.mark.parametrize("form", ["arrow", "stream", "csv", "csv.gz"])
def test_formats(tmp_path: Path, expected: list[dict[str, Any]], form: str) -> None:
    assert read(write(tmp_path, DAY, form)) == (expected, [])


def test_zstd_and_bom_and_quotes(tmp_path: Path, expected: list[dict[str, Any]]) -> None:
    text = b"\xef\xbb\xbf" + csv_bytes(DAY).replace(b"A-1", b'" A-1"').replace(b"\n", b"\r\n")
    path = tmp_path / "misnamed.parquet"
    path.write_bytes(pa.compress(text, "zstd", asbytes=True))
    assert read(path) == (expected, [])


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view(), pa.binary()])
@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_kinds_of_text(
    tmp_path: Path, expected: list[dict[str, Any]], form: str, kind: pa.DataType
) -> None:
    table = _recast(table_of(DAY), lambda column: column.cast(kind))
    assert read(write_table(tmp_path / "day", table, form)) == (expected, [])


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
@pytest.mark.parametrize("in_dictionary", [False, True])
def test_tiny_batches_are_joined(
    tmp_path: Path, expected: list[dict[str, Any]], kind: pa.DataType, in_dictionary: bool
) -> None:
    """A recorder writes few rows at a time, each time with a dictionary of its own."""

    def cast(column: pa.Array) -> pa.Array:
        return _dictionary(column, pa.int8(), kind) if in_dictionary else column.cast(kind)

    parts = [_recast(table_of(DAY).slice(at, 1), cast) for at in range(len(DAY))]
    with ipc.new_stream(tmp_path / "day", parts[0].schema) as writer:
        for part in parts:
            writer.write_table(part)
    source = open_source(tmp_path / "day")
    assert [raw.record.num_rows for raw in source.read(batch_rows=8)] == [8, 3]
    assert read(source) == (expected, [])


@pytest.mark.parametrize("index", [pa.int8(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64()])
@pytest.mark.parametrize("values", [pa.string(), pa.large_string(), pa.string_view()])
def test_dictionaries(
    tmp_path: Path, expected: list[dict[str, Any]], index: pa.DataType, values: pa.DataType
) -> None:
    table = _recast(table_of(DAY), lambda column: _dictionary(column, index, values))
    assert read(write_table(tmp_path / "day", table, "arrow")) == (expected, [])
    if values != pa.string_view():  # which Parquet's writer takes in no dictionary
        assert read(write_table(tmp_path / "day", table, "parquet")) == (expected, [])


def test_null_cells_of_a_dictionary_may_hold_any_index(expected: list[dict[str, Any]]) -> None:
    def garbage(column: pa.Array) -> pa.Array:
        made = _dictionary(column, pa.int32(), pa.string())
        indices = made.indices.fill_null(1_000_000)
        validity = made.indices.buffers()[0]
        indices = pa.Array.from_buffers(
            pa.int32(), len(made), [validity, indices.buffers()[1]], made.indices.null_count
        )
        return pa.DictionaryArray.from_arrays(indices, made.dictionary, safe=False)

    record = _recast(table_of(DAY), garbage).combine_chunks().to_batches()[0]
    assert _normalised(record) == expected


def test_unused_and_repeated_and_blank_entries(expected: list[dict[str, Any]]) -> None:
    """Entries that no row uses are no names of the day; blanks around an entry are trimmed."""

    def messy(column: pa.Array) -> pa.Array:
        texts = column.to_pylist()
        entries = ["unused", None, " \u3000", *(f" {t}\t" for t in texts), "also unused"]
        indices = [None if t is None and at % 2 else at + 3 for at, t in enumerate(texts)]
        indices = [2 if texts[at] is None and i else i for at, i in enumerate(indices)]
        return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array(entries))

    record = _recast(table_of(DAY), messy).combine_chunks().to_batches()[0]
    names = Names()
    assert _normalised(record, names) == expected
    assert not any("unused" in name for _, name in [*names.accounts, *names.contracts])


def test_slices(expected: list[dict[str, Any]]) -> None:
    """A slice has offsets; bits of validity then start within a byte."""
    for make in (lambda c: c, lambda c: _dictionary(c, pa.int32(), pa.string())):
        record = _recast(table_of(DAY), make).combine_chunks().to_batches()[0]
        for start in range(len(DAY)):
            assert (
                _normalised(record.slice(start, 3), first_row=start + 1)
                == expected[start : start + 3]
            )


@pytest.mark.parametrize("form", ["parquet", "arrow", "stream", "csv"])
@pytest.mark.parametrize("batch_rows", [1, 2, 5, 100])
def test_batch_edges(
    tmp_path: Path, expected: list[dict[str, Any]], form: str, batch_rows: int
) -> None:
    source = open_source(write(tmp_path, DAY, form))
    sizes = [raw.record.num_rows for raw in source.read(batch_rows=batch_rows)]
    assert max(sizes) <= batch_rows
    assert read(source, batch_rows=batch_rows) == (expected, [])


@pytest.mark.parametrize("group", [1, 2, 3, 7])
def test_row_groups_with_dictionaries_of_their_own(
    tmp_path: Path, expected: list[dict[str, Any]], group: int
) -> None:
    path = write_table(tmp_path / "day", table_of(DAY), "parquet", row_group_size=group)
    assert read(path) == (expected, [])


@pytest.mark.parametrize("compression", ["lz4", "zstd", None])
def test_compressed_arrow(
    tmp_path: Path, expected: list[dict[str, Any]], compression: str | None
) -> None:
    path = write_table(tmp_path / "day", table_of(DAY), "arrow", compression=compression)
    assert read(path) == (expected, [])


def test_integer_actions(tmp_path: Path, expected: list[dict[str, Any]]) -> None:
    """The integers of schema.Action, as numbers or as their text, are the words."""
    from abtrade import schema

    codes = schema.code_words("action")
    rows = [{**row, "action": codes[row["action"]]} for row in DAY]
    for kind, form in ((pa.int8(), "parquet"), (pa.uint64(), "arrow"), (pa.string(), "csv")):
        if form == "csv":
            path = write(tmp_path, rows, form)
        else:
            path = write_table(tmp_path / f"codes.{form}", table_of(rows, action=kind), form)
        assert read(path) == (expected, [])


@pytest.mark.parametrize("column", ["side", "offset", "hedge", "tif", "order_type"])
@pytest.mark.parametrize("digit", ["0", "1", "2", "3"])
def test_a_digit_is_no_word_as_sources_number_them_differently(
    tmp_path: Path, column: str, digit: str
) -> None:
    for form in ("parquet", "csv"):
        rows = [{**DAY[0], column: digit}]
        _, bad = read(write(tmp_path, rows, form))
        assert len(bad) == 1


def test_words_in_any_case_and_with_blanks(tmp_path: Path, expected: list[dict[str, Any]]) -> None:
    rows = [
        {n: c if n not in WORDS or c is None else f" {c.upper()}\u3000" for n, c in r.items()}
        for r in DAY
    ]
    for form in ("parquet", "csv"):
        assert read(write(tmp_path, rows, form)) == (expected, [])


@pytest.mark.parametrize("unit", ["us", "ms", "s"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/Chicago"])
def test_units_and_zones_of_time(tmp_path: Path, unit: str, zone: str | None) -> None:
    rows = rows_of({}, {})
    instant = NS // 10**9 * {"us": 10**6, "ms": 10**3, "s": 1}[unit]
    local = instant if zone else instant + 8 * 3600 * {"us": 10**6, "ms": 10**3, "s": 1}[unit]
    table = table_of(rows)
    column = pa.array([local, local], pa.timestamp(unit, zone))
    table = table.set_column(table.schema.get_field_index("ts"), "ts", column)
    good, bad = read(write_table(tmp_path / "day", table, "arrow"))
    assert ([row["ts"] for row in good], bad) == ([NS - 1, NS - 1], [])


@pytest.mark.parametrize(
    "text",
    ["2025-03-03 09:00:00.000000001", "2025-03-03T09:00:00.000000001+0800",
     "2025-03-03T01:00:00.000000001Z", "2025-03-02T19:00:00.000000001-06:00",
     "　2025-03-03 09:00:00.000000001 "],
)  # fmt: skip
@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_text_as_time(tmp_path: Path, text: str, form: str) -> None:
    good, bad = read(write(tmp_path, rows_of({"ts": text}), form, ts=pa.string()))
    assert ([row["ts"] for row in good], bad) == ([NS], [])


@pytest.mark.parametrize(
    "kind", [pa.decimal128(12, 2), pa.decimal128(38, 18), pa.decimal256(40, 9), pa.float32()]
)
def test_kinds_of_price(tmp_path: Path, kind: pa.DataType) -> None:
    cells: list[Any] = ["70000", "-70010", None, "70005"]
    if pa.types.is_decimal(kind):
        cells = [None if c is None else decimal.Decimal(c) for c in cells]
    else:
        cells = [None if c is None else float(c) for c in cells]
    rows = rows_of(*({"price": cell} for cell in cells))
    good, bad = read(write(tmp_path, rows, "parquet", price=kind))
    assert [row["price"] for row in good] == [7000, -7001, -(2**63)]
    assert [row.row for row in bad] == [4]


def test_integer_prices_are_ticks_already(tmp_path: Path) -> None:
    rows = rows_of({"price": 70005}, {"price": 2**63 - 1}, {"price": None})
    good, bad = read(write(tmp_path, rows, "parquet", price=pa.int64()))
    assert [row["price"] for row in good] == [70005, -(2**63)]
    assert [row.row for row in bad] == [2]


def test_integer_accounts_are_their_text(tmp_path: Path) -> None:
    rows = rows_of({"account": 12}, {"account": "12"})
    good, _ = read(write(tmp_path, rows[:1], "parquet", account=pa.int64()))
    same, _ = read(write(tmp_path, rows[1:], "csv"))
    assert good[0]["account"] == same[0]["account"]
    padded, _ = read(write(tmp_path, rows_of({"account": "00012"}), "csv"))
    assert padded[0]["account"] != same[0]["account"]


def test_text_ids_of_numbers(tmp_path: Path, expected: list[dict[str, Any]]) -> None:
    """An int64 column, and the same numbers as text, are the same ids."""
    rows = rows_of({"order_id": 7}, {"order_id": -(2**63)}, {"order_id": 2**63 - 1})
    as_text = [{**row, "order_id": f"   {row['order_id']}"} for row in rows]
    numbers = read(write(tmp_path, rows, "parquet"))
    assert read(write(tmp_path, as_text, "arrow")) == numbers
    as_decimal = table_of(rows, order_id=pa.decimal128(38, 0))
    assert read(write_table(tmp_path / "decimal", as_decimal, "parquet")) == numbers


def _recast(table: pa.Table, make: Any) -> pa.Table:
    """Return a table whose text columns are made anew."""
    columns = [
        make(column.combine_chunks()) if pa.types.is_string(column.type) else column
        for column in table.columns
    ]
    return pa.table(columns, table.column_names)


def _dictionary(column: pa.Array, index: pa.DataType, values: pa.DataType) -> pa.Array:
    made = column.dictionary_encode()
    return pa.DictionaryArray.from_arrays(made.indices.cast(index), made.dictionary.cast(values))


def _normalised(
    record: pa.RecordBatch, names: Names | None = None, first_row: int = 1
) -> list[dict[str, Any]]:
    names = names or Names()
    found = Normaliser(names, Contracts(), ALL, {}, "arrow").batch(0, RawBatch(first_row, record))
    assert not found.bad
    return spelled(found.batch, names)
