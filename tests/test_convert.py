"""What convert writes holds all that it read, in order where order was asked for."""

from __future__ import annotations

import errno
import itertools
import os
import random
import resource
import subprocess
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import csv, ipc, parquet

from abtrade import convert
from abtrade.errors import InputError, OrderError, OutputError
from abtrade.readers.sources import open_source

SHANGHAI = pa.timestamp("ns", "Asia/Shanghai")
NINE = 1_740_963_600 * 10**9
ENDINGS = ("parquet", "arrow", "csv", "csv.gz", "csv.zst")
TYPES = {
    "seq": pa.int64(), "channel": pa.int64(), "ts": SHANGHAI, "lots": pa.int64(),
    "price": pa.float64(),
}


def new(seq: int, **more: Any) -> dict[str, Any]:
    row = {"seq": seq, "ts": NINE + seq * 1001, "contract": "cu2503", "action": "new",
           "order_id": f"{seq:07}", "account": f"a{seq % 3}", "side": "buy", "lots": 1,
           "price": 70000.5}
    return {**row, **more}


def table_of(rows: list[dict[str, Any]], types: dict[str, pa.DataType] | None = None) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    kinds = {**TYPES, **(types or {})}
    return pa.table(
        {n: pa.array([row.get(n) for row in rows], kinds.get(n, pa.string())) for n in names}
    )


def parquet_of(path: Path, rows: list[dict[str, Any]]) -> Path:
    parquet.write_table(table_of(rows), path)
    return path


def text_of(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path


def read(path: Path) -> pa.Table:
    """Return a file as a table, dictionaries decoded."""
    records = [raw.record for raw in open_source(path).read()]
    table = pa.Table.from_batches(records) if records else open_source(path).schema.empty_table()
    for at, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(at, field.name, table[field.name].cast(pa.string()))
    return table


def cells(path: Path) -> list[dict[str, Any]]:
    """Return rows as values that do not depend on the format."""
    table = read(path)
    for at, field in enumerate(table.schema):
        column = table[field.name]
        if field.name == "ts" and pa.types.is_timestamp(field.type):
            column = column.cast(pa.int64())
        elif field.name == "ts":
            column = pc.cast(pc.strptime(pc.utf8_slice_codeunits(column, 0, 19),
                                         "%Y-%m-%d %H:%M:%S", "ns"), pa.int64())
            digits = pc.cast(pc.utf8_slice_codeunits(table["ts"], 20, 29), pa.int64())
            column = pc.subtract(pc.add(column, digits), 8 * 3600 * 10**9)
        elif pa.types.is_string(field.type) and field.name in TYPES:
            column = column.cast(TYPES[field.name])
        table = table.set_column(at, field.name, column)
    return table.to_pylist()


def seqs(path: Path) -> list[int]:
    return [int(seq) for seq in read(path)["seq"].to_pylist()]


# --- formats -----------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("back", ["parquet", "arrow", "csv"])
def test_every_format_holds_every_cell(tmp_path, ending, back):
    rows = [new(1, remark="x, \"y\"\nz"), new(2, price=None, remark="上海"), new(2, lots=-7),
            new(3, action="dance", ts=None), new(9, tif=None, account=" 007 ")]
    first = parquet_of(tmp_path / "in.parquet", rows)
    report = convert(first, tmp_path / f"mid.{ending}")
    assert (report.rows, report.files) == (5, 1)
    assert report.bytes == (tmp_path / f"mid.{ending}").stat().st_size
    convert(tmp_path / f"mid.{ending}", tmp_path / f"out.{back}")
    expected = [{**row, "ts": None if row["ts"] is None else row["ts"]} for row in cells(first)]
    got = cells(tmp_path / f"out.{back}")
    assert got == expected
    assert seqs(tmp_path / f"out.{back}") == [1, 2, 2, 3, 9]


def test_csv_becomes_typed_where_every_value_fits(tmp_path):
    source = text_of(
        tmp_path / "in.csv",
        "seq,ts,contract,action,order_id,account,price,lots,note",
        "1,2025-03-03 09:00:00.5,cu2503,new,007,001,70000.50,5,7",
        "2,2025-03-03T01:00:01.000000001Z,cu2503,new,8,002,,6,8",
    )
    convert(source, tmp_path / "out.parquet")
    table = parquet.read_table(tmp_path / "out.parquet")
    kinds = {field.name: field.type for field in table.schema}
    words = pa.dictionary(pa.int32(), pa.string())
    assert kinds == {
        "seq": pa.int64(), "ts": SHANGHAI, "contract": words, "action": words,
        "order_id": pa.string(), "account": words, "price": pa.float64(), "lots": pa.int64(),
        "note": pa.string(),
    }
    assert table["ts"].cast(pa.int64()).to_pylist() == [NINE + 5 * 10**8, NINE + 10**9 + 1]
    assert table["order_id"].to_pylist() == ["007", "8"]
    assert table["price"].to_pylist() == [70000.5, None]


@pytest.mark.parametrize(
    ("column", "cell"),
    [("seq", "1x"), ("seq", "9223372036854775808"), ("lots", "many"), ("price", "1,5"),
     ("price", "70000.12345678901234567"), ("ts", "yesterday"), ("ts", "2025-02-30 09:00:00"),
     ("channel", "A")],
)
def test_a_column_with_one_odd_value_keeps_its_text(tmp_path, column, cell):
    good = {"seq": "1", "channel": "1", "ts": "2025-03-03 09:00:00", "price": "1.5", "lots": "1"}
    lines = [good, {**good, column: cell}]
    source = text_of(
        tmp_path / "in.csv", ",".join(good),
        *(",".join(f'"{row[name]}"' for name in good) for row in lines),
    )
    convert(source, tmp_path / "out.parquet")
    table = read(tmp_path / "out.parquet")
    assert table[column].to_pylist() == [good[column], cell]
    others = [field.type for field in table.schema if field.name != column]
    assert pa.string() not in others


def test_prices_stay_exact(tmp_path):
    texts = ["0.1", "70000.05", "-37.63", "123456789012345", "1e3", "5.", "9007199254740.93"]
    source = text_of(tmp_path / "in.csv", "seq,price", *(f"{n},{t}" for n, t in enumerate(texts)))
    convert(source, tmp_path / "out.parquet")
    assert read(tmp_path / "out.parquet")["price"].to_pylist() == [float(text) for text in texts]


def test_parquet_is_written_to_be_decoded_fast(tmp_path):
    rows = [new(n, order_id=None) for n in range(2000)]
    table = table_of(rows).set_column(4, "order_id", pa.array(range(2000)))
    parquet.write_table(table, tmp_path / "in.parquet")
    convert(tmp_path / "in.parquet", tmp_path / "out.parquet")
    metadata = parquet.ParquetFile(tmp_path / "out.parquet").metadata
    group = metadata.row_group(0)
    columns = {group.column(at).path_in_schema: group.column(at)
               for at in range(metadata.num_columns)}
    for name in ("seq", "ts", "order_id"):
        assert "DELTA_BINARY_PACKED" in columns[name].encodings, name
    for name in ("contract", "action", "account", "side", "lots", "price"):
        assert "RLE_DICTIONARY" in columns[name].encodings, name
    assert {column.compression for column in columns.values()} == {"LZ4"}
    assert all(column.statistics.has_min_max for column in columns.values())


@pytest.mark.parametrize("codec", ["none", "lz4", "zstd"])
def test_arrow_may_be_compressed(tmp_path, codec):
    source = parquet_of(tmp_path / "in.parquet", [new(n) for n in range(3000)])
    convert(source, tmp_path / "out.arrow", compression=codec)
    assert cells(tmp_path / "out.arrow") == cells(source)


def test_arrow_dictionaries_grow_from_file_to_file(tmp_path):
    parts = [parquet_of(tmp_path / f"{n}.parquet", [new(n, account=f"x{n}")]) for n in range(3)]
    convert(parts, tmp_path / "out.arrow")
    with ipc.open_file(tmp_path / "out.arrow") as reader:
        assert reader.read_all()["account"].to_pylist() == ["x0", "x1", "x2"]


def test_csv_tells_times_to_the_nanosecond_with_their_zone(tmp_path):
    naive = table_of([new(1)]).set_column(
        1, "ts", pa.array([NINE + 8 * 3600 * 10**9 + 1]).cast(pa.timestamp("ns"))
    )
    parquet.write_table(naive, tmp_path / "in.parquet")
    convert(tmp_path / "in.parquet", tmp_path / "out.csv")
    line = (tmp_path / "out.csv").read_text().splitlines()[1]
    assert "2025-03-03 09:00:00.000000001+0800" in line


def test_the_format_may_be_named(tmp_path):
    source = parquet_of(tmp_path / "in.parquet", [new(1)])
    convert(source, tmp_path / "out.dat", format="csv")
    assert (tmp_path / "out.dat").read_text().startswith('"seq","ts"')


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [("out.xlsx", {}, "expected an ending .parquet"),
     ("out.parquet", {"format": "orc"}, "'orc' is not known"),
     ("out.csv", {"compression": "snappy"}, "csv is not compressed with 'snappy'")],
)
def test_an_unknown_format_is_refused(tmp_path, name, options, said):
    source = parquet_of(tmp_path / "in.parquet", [new(1)])
    with pytest.raises(InputError, match=said):
        convert(source, tmp_path / name, **options)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_log_without_rows_stays_one(tmp_path, ending):
    source = tmp_path / "in.parquet"
    parquet.write_table(table_of([new(1)]).slice(0, 0), source)
    assert convert(source, tmp_path / f"out.{ending}").rows == 0
    assert read(tmp_path / f"out.{ending}").num_rows == 0
    assert open_source(tmp_path / f"out.{ending}").columns == tuple(new(1))


# --- nothing is lost ---------------------------------------------------------------------------


def test_rows_of_no_shape_are_kept_as_text_in_their_place(tmp_path):
    source = text_of(tmp_path / "in.csv", "seq,contract,lots", "1,cu2503,1", "2,cu2503",
                     "3,m2505,2", "4,m2505,2,9", "5,m2505,3")
    assert convert(source, tmp_path / "out.parquet").rows == 5
    table = read(tmp_path / "out.parquet")
    assert table["seq"].to_pylist() == [1, None, 3, None, 5]
    assert [text is None for text in table["unreadable"].to_pylist()] == [True, False, True, False,
                                                                         True]
    assert "2,cu2503" in table["unreadable"][1].as_py()
    convert(tmp_path / "out.parquet", tmp_path / "again.csv")
    assert read(tmp_path / "again.csv")["unreadable"].to_pylist() == table["unreadable"].to_pylist()


@pytest.mark.parametrize("sort", [False, True])
def test_rows_without_a_seq_stay_behind_the_row_before(tmp_path, sort):
    rows = [new(1), new(2), {**new(9), "seq": None}, new(5)]
    source = parquet_of(tmp_path / "in.parquet", rows)
    more = parquet_of(tmp_path / "more.parquet", [new(3), new(4)])
    convert([source, more], tmp_path / "out.parquet", sort=sort)
    assert read(tmp_path / "out.parquet")["seq"].to_pylist() == [1, 2, None, 3, 4, 5]


def test_bad_rows_of_several_files_are_kept(tmp_path):
    one = text_of(tmp_path / "one.csv", "seq,contract,lots", "oops", "1,a,1", "x,a,1", "4,a,1")
    two = text_of(tmp_path / "two.csv", "seq,contract,lots", "2,a,1", "2,a,1,1,1", "3,a,1")
    convert([one, two], tmp_path / "out.parquet")
    table = read(tmp_path / "out.parquet")
    assert table["seq"].to_pylist() == [None, "1", "x", "2", None, "3", "4"]


def test_columns_of_all_files_are_kept(tmp_path):
    one = parquet_of(tmp_path / "one.parquet", [new(1, tif="fak")])
    two = parquet_of(tmp_path / "two.parquet", [new(2, remark="r")])
    convert([one, two], tmp_path / "out.parquet")
    table = read(tmp_path / "out.parquet")
    assert table["tif"].to_pylist() == ["fak", None]
    assert table["remark"].to_pylist() == [None, "r"]


def test_ids_of_two_types_become_text(tmp_path):
    one = text_of(tmp_path / "one.csv", "seq,order_id,lots", "1,007,1")
    two = tmp_path / "two.parquet"
    lots = pa.array([3], pa.int32())
    parquet.write_table(pa.table({"seq": [2], "order_id": [7], "lots": lots}), two)
    convert([one, two], tmp_path / "out.parquet")
    table = read(tmp_path / "out.parquet")
    assert table["order_id"].to_pylist() == ["007", "7"]
    assert table.schema.field("lots").type == pa.int64()


def test_columns_that_cannot_be_one_are_told_all_at_once(tmp_path):
    one, two = tmp_path / "one.parquet", tmp_path / "two.parquet"
    parquet.write_table(pa.table({"seq": [1], "price": [1.5], "x": [[1]]}), one)
    parquet.write_table(pa.table({"seq": [2], "price": [3], "x": [1.5]}), two)
    with pytest.raises(InputError) as error:
        convert([one, two], tmp_path / "out.parquet")
    assert "column 'price': found double in" in str(error.value)
    assert "column 'x'" in str(error.value)
    with pytest.raises(InputError, match="column 'price' counts ticks"):
        convert(two, tmp_path / "out.csv")


@pytest.mark.parametrize("sort", [False, True])
@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_metadata_is_kept(tmp_path, ending, sort):
    table = table_of([new(1)]).replace_schema_metadata({"day": "2025-03-03", "from": "desk 7"})
    parquet.write_table(table, tmp_path / "in.parquet")
    convert(tmp_path / "in.parquet", tmp_path / f"out.{ending}", sort=sort)
    source = open_source(tmp_path / f"out.{ending}")
    assert source.day == "2025-03-03"
    assert source.schema.metadata[b"from"] == b"desk 7"


def test_what_files_say_differently_of_themselves_is_dropped(tmp_path):
    parts = []
    for seq, desk in ((1, "7"), (2, "8")):
        parts.append(tmp_path / f"{seq}.parquet")
        told = {"from": desk, "to": "all", "pandas": "{}"}
        parquet.write_table(table_of([new(seq)]).replace_schema_metadata(told), parts[-1])
    convert(parts, tmp_path / "out.parquet")
    assert open_source(tmp_path / "out.parquet").schema.metadata == {b"to": b"all"}


def test_times_of_several_units_and_zones_become_one(tmp_path):
    local = pa.array([NINE // 10**6 + 8 * 3_600_000]).cast(pa.timestamp("ms"))
    utc = pa.array([NINE // 10**9 + 1, None]).cast(pa.timestamp("s", "UTC"))
    parquet.write_table(pa.table({"seq": [1], "ts": local}), tmp_path / "a.parquet")
    parquet.write_table(pa.table({"seq": [2, 3], "ts": utc}), tmp_path / "b.parquet")
    text = text_of(tmp_path / "c.csv", "seq,ts", "4,2025-03-03 09:00:02")
    parts = [tmp_path / "a.parquet", tmp_path / "b.parquet", text]
    convert(parts, tmp_path / "out.parquet")
    times = read(tmp_path / "out.parquet")["ts"]
    assert times.type == SHANGHAI
    assert times.cast(pa.int64()).to_pylist() == [NINE, NINE + 10**9, None, NINE + 2 * 10**9]
    far = pa.array([10**11]).cast(pa.timestamp("s", "UTC"))
    parquet.write_table(pa.table({"seq": [2], "ts": far}), tmp_path / "b.parquet")
    with pytest.raises(InputError, match=r"b\.parquet: from row 1 on: column 'ts': found a time"):
        convert(parts, tmp_path / "out.parquet", force=True)


def test_a_column_of_nothing_takes_the_type_of_the_other_file(tmp_path):
    parquet.write_table(pa.table({"seq": [1], "lots": pa.nulls(1), "x": pa.nulls(1)}),
                        tmp_path / "a.parquet")
    parquet.write_table(pa.table({"seq": [2], "lots": [5], "x": pa.nulls(1)}),
                        tmp_path / "b.parquet")
    convert([tmp_path / "a.parquet", tmp_path / "b.parquet"], tmp_path / "out.parquet")
    table = read(tmp_path / "out.parquet")
    assert table["lots"].to_pylist() == [None, 5]
    assert table.schema.field("x").type == pa.null()


def test_floats_of_two_widths_become_the_wider(tmp_path):
    for name, kind in (("a", pa.float32()), ("b", pa.float64())):
        prices = pa.array([1.5], kind)
        parquet.write_table(pa.table({"seq": [1], "price": prices}), tmp_path / f"{name}.parquet")
    convert([tmp_path / "a.parquet", tmp_path / "b.parquet"], tmp_path / "out.csv")
    assert read(tmp_path / "out.csv")["price"].to_pylist() == ["1.5", "1.5"]


def test_the_day_goes_into_csv_as_a_column(tmp_path):
    source = parquet_of(tmp_path / "in.parquet", [new(1)])
    convert(source, tmp_path / "plain.csv")
    assert "day" not in open_source(tmp_path / "plain.csv").columns
    convert(source, tmp_path / "out.csv", day=date(2025, 3, 3))
    assert read(tmp_path / "out.csv")["day"].to_pylist() == ["2025-03-03"]
    convert(tmp_path / "out.csv", tmp_path / "out.parquet", day="20250303")
    assert open_source(tmp_path / "out.parquet").day == "2025-03-03"
    with pytest.raises(InputError, match="--day 2025-03-04"):
        convert(tmp_path / "out.parquet", tmp_path / "x.parquet", day="2025-03-04")


def test_a_mapping_gives_canonical_names(tmp_path):
    source = text_of(tmp_path / "in.csv", "n,合约,t,extra", "1,cu2503,20250303 09:00:00,x",
                     "2,cu2503,never,y")
    mapping = text_of(tmp_path / "map.yaml", "columns: {n: seq, 合约: contract, t: ts}",
                      "time: {format: '%Y%m%d %H:%M:%S'}")
    convert(source, tmp_path / "out.parquet", mapping=mapping)
    table = read(tmp_path / "out.parquet")
    assert table["ts"].cast(pa.int64()).to_pylist() == [NINE, None]
    assert table["extra"].to_pylist() == ["x", None]
    assert "never" in table["unreadable"][1].as_py()


# --- order -------------------------------------------------------------------------------------


def test_without_sort_rows_keep_their_order(tmp_path):
    source = parquet_of(tmp_path / "in.parquet", [new(n) for n in (3, 1, 2)])
    convert(source, tmp_path / "out.csv")
    assert seqs(tmp_path / "out.csv") == [3, 1, 2]


def test_sort_brings_rows_into_order(tmp_path):
    rows = [new(n, lots=at) for at, n in enumerate((3, 1, 2, 3, 1))]
    source = parquet_of(tmp_path / "in.parquet", rows)
    convert(source, tmp_path / "out.csv", sort=True)
    table = read(tmp_path / "out.csv")
    assert seqs(tmp_path / "out.csv") == [1, 1, 2, 3, 3]
    assert table["lots"].to_pylist() == ["1", "4", "2", "0", "3"], "rows of one seq keep theirs"


def test_files_are_merged(tmp_path):
    parts = [parquet_of(tmp_path / f"{n}.parquet", [new(s) for s in range(n, 9, 2)])
             for n in (0, 1)]
    convert(parts, tmp_path / "out.parquet")
    assert seqs(tmp_path / "out.parquet") == list(range(9))


def test_an_unsorted_file_is_not_merged_without_sort(tmp_path):
    one = parquet_of(tmp_path / "one.parquet", [new(2), new(1)])
    two = parquet_of(tmp_path / "two.parquet", [new(3)])
    with pytest.raises(OrderError, match=r"one\.parquet: row 2: seq 1 comes after 2; .*--sort"):
        convert([one, two], tmp_path / "out.parquet")
    assert left(tmp_path) == {"one.parquet", "two.parquet"}
    convert([one, two], tmp_path / "out.parquet", sort=True)
    assert seqs(tmp_path / "out.parquet") == [1, 2, 3]


@pytest.mark.parametrize("files", [1, 2])
def test_rows_without_seq_have_no_order(tmp_path, files):
    table = table_of([new(1)]).drop_columns(["seq"])
    parts = [tmp_path / f"{n}.parquet" for n in range(files)]
    for part in parts:
        parquet.write_table(table, part)
    with pytest.raises(InputError, match=r"0\.parquet: column 'seq' is missing"):
        convert(parts, tmp_path / "out.parquet", sort=files == 1)


def plain_sort(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say what --sort means with nothing but sort."""
    lanes: dict[Any, list[Any]] = defaultdict(list)
    for at, row in enumerate(rows):
        lanes[row["exchange"] or "-", row["channel"] or 0].append((row["seq"], at, row))
    keyed = []
    for (exchange, channel), its in lanes.items():
        top, last = 0, None
        for seq, at, row in sorted(its, key=lambda item: item[:2]):
            if seq != last:
                top = max(top, row["ts"])
            last = seq
            keyed.append(((exchange, top, channel, seq, at), row))
    return [row for _, row in sorted(keyed, key=lambda item: item[0])]


@settings(max_examples=25, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**6), st.integers(2, 60), st.integers(1, 2))
def test_sort_is_a_plain_sort_whatever_the_memory(tmp_path, seed, count, files):
    rng = random.Random(seed)
    rows = [new(rng.randint(0, 20), exchange=rng.choice(["SHFE", "DCE", None]),
                channel=rng.choice([None, 0, 1, 2]), lots=at, ts=NINE + rng.randint(0, 50))
            for at in range(count)]
    cuts = [n * count // files for n in range(files + 1)]
    parts = [parquet_of(tmp_path / f"{start}.parquet", rows[start:end])
             for start, end in itertools.pairwise(cuts)]
    out = tmp_path / "out.parquet"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("abtrade.external_sort.LEAST_BLOCK_ROWS", rng.randint(1, 9))
        patch.setitem(sys.modules[convert.__module__].__dict__, "SORT_READ_ROWS", rng.randint(1, 9))
        convert(parts, out, sort=True, memory_mb=0, force=True)
    expected = [row["lots"] for row in plain_sort(rows)]
    assert read(out)["lots"].to_pylist() == expected


def test_what_is_sorted_is_read_without_holding_rows_back(tmp_path):
    from abtrade.names import Names
    from abtrade.readers.keys import NoContracts
    from abtrade.readers.log import open_log

    rows = [new(n // 2, channel=n % 2, order_id=f"{n}") for n in range(1000)]
    source = parquet_of(tmp_path / "in.parquet", sorted(rows, key=lambda row: row["channel"]))
    convert(source, tmp_path / "out.parquet", sort=True)
    log = open_log(tmp_path / "out.parquet", room=1000)
    orders = [order for batch in log.batches(Names(), NoContracts(), {"channel"}, {})
              for order in batch.order.tolist()]
    assert orders == list(range(1000))
    assert read(tmp_path / "out.parquet")["order_id"].to_pylist() == [str(n) for n in range(1000)]


# --- the output --------------------------------------------------------------------------------


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_an_output_that_exists_is_kept_unless_forced(tmp_path):
    source = parquet_of(tmp_path / "in.parquet", [new(1)])
    out = text_of(tmp_path / "out.csv", "precious")
    with pytest.raises(OutputError, match=r"out\.csv: the file exists; --force replaces it"):
        convert(source, out)
    assert out.read_text() == "precious\n"
    convert(source, out, force=True)
    assert seqs(out) == [1]


@pytest.mark.parametrize("name", ["in.parquet", "./sub/../in.parquet", "link.parquet"])
def test_an_input_is_never_the_output(tmp_path, name):
    source = parquet_of(tmp_path / "in.parquet", [new(1)])
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.parquet").symlink_to(source)
    with pytest.raises(OutputError, match="is an input as well"):
        convert(source, tmp_path / name, force=True)
    assert seqs(source) == [1]


def test_an_output_without_a_place_is_refused(tmp_path):
    source = parquet_of(tmp_path / "in.parquet", [new(1)])
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OutputError, match="found a folder"):
        convert(source, tmp_path / "folder.csv", force=True)
    with pytest.raises(OutputError, match=r"there is no folder .*nowhere"):
        convert(source, tmp_path / "nowhere" / "out.csv")


@pytest.mark.parametrize("sort", [False, True])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"),
                                   KeyboardInterrupt()])
def test_what_is_not_finished_is_removed(tmp_path, monkeypatch, sort, error):
    source = parquet_of(tmp_path / "in.parquet", [new(n) for n in range(100)])

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr("abtrade.log_writers.CsvWriter.write_group", fail)
    raised = OutputError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(raised, match=r"out\.csv: cannot be written: No space|^$"):
        convert(source, tmp_path / "out.csv", sort=sort)
    assert left(tmp_path) == {"in.parquet"}


def test_a_full_disk_while_sorting_is_told(tmp_path, monkeypatch):
    source = parquet_of(tmp_path / "in.parquet", [new(n) for n in range(100)])

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("abtrade.external_sort.ExternalSort._write_run", full)
    with pytest.raises(OutputError, match=r"out\.parquet: cannot be written: No space left"):
        convert(source, tmp_path / "out.parquet", sort=True)
    assert left(tmp_path) == {"in.parquet"}


@pytest.mark.parametrize("sort", [False, True])
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_the_system_cuts_short_is_told(tmp_path, ending, sort):
    """No mock: the operating system itself refuses to write on."""
    source = parquet_of(tmp_path / "in.parquet", [new(n, order_id=f"{n * 7919 % 99991}")
                                                  for n in range(20_000)])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(OutputError, match=rf"out\.{ending}: cannot be written: .*[Ff]ile too"):
            convert(source, tmp_path / f"out.{ending}", sort=sort)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert left(tmp_path) == {"in.parquet"}


def test_a_damaged_input_leaves_nothing(tmp_path):
    source = tmp_path / "in.csv.gz"
    convert(parquet_of(tmp_path / "in.parquet", [new(n) for n in range(5000)]), source)
    source.write_bytes(source.read_bytes()[:-2000])
    before = left(tmp_path)
    with pytest.raises(InputError, match=r"in\.csv\.gz"):
        convert(source, tmp_path / "out.parquet")
    assert left(tmp_path) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path):
    source = parquet_of(tmp_path / "in.parquet", [new(1)])
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(OutputError, match=r"closed/out\.csv: cannot be written: Permission"):
        convert(source, tmp_path / "closed" / "out.csv")


@pytest.mark.parametrize("ending", ["parquet", "arrow", "csv"])
def test_what_is_written_is_read_again(tmp_path, monkeypatch, ending):
    """A writer that loses a row, or mangles one, is found out."""
    source = parquet_of(tmp_path / "in.parquet", [new(n) for n in range(10)])
    name = {"parquet": "ParquetWriter", "arrow": "ArrowWriter", "csv": "CsvWriter"}[ending]
    module = sys.modules["abtrade.log_writers"]
    writer = getattr(module, name)
    write = writer.write_group
    monkeypatch.setattr(writer, "write_group", lambda self, table: write(self, table.slice(1)))
    with pytest.raises(OutputError, match="10 rows were written, and 9 can be read again"):
        convert(source, tmp_path / f"out.{ending}")
    monkeypatch.setattr(
        writer, "write_group",
        lambda self, table: write(self, pa.concat_tables([table.slice(1), table.slice(1, 1)])),
    )
    with pytest.raises(OutputError, match="column 'seq' reads differently"):
        convert(source, tmp_path / f"out.{ending}")
    assert left(tmp_path) == {"in.parquet"}


def test_progress_is_told(tmp_path):
    source = parquet_of(tmp_path / "in.parquet", [new(n) for n in range(10)])
    for sort in (False, True):
        told: list[tuple[int, int | None]] = []
        convert(source, tmp_path / "out.parquet", sort=sort, force=True,
                progress=lambda done, total, told=told: told.append((done, total)))
        assert told[-1] == (10, 10)
        assert told == sorted(told)


MEASURE = """
import resource, sys
import pyarrow.parquet
from abtrade import convert
convert(sys.argv[1], sys.argv[2], sort=True, memory_mb=int(sys.argv[3]), force=True)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_mb(*arguments: object) -> float:
    """Return the most memory a process of its own held, in MB."""
    done = subprocess.run([sys.executable, "-c", MEASURE, *map(str, arguments)], check=True,
                          capture_output=True, text=True)
    return int(done.stdout) / 1024


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss counts KiB on Linux only")
def test_a_sort_stays_within_its_memory(tmp_path):
    """2 million rows, some 210 MB, in 80 MB beside what any run of the program takes."""
    import numpy as np

    count, memory = 2_000_000, 80
    rng = np.random.default_rng(3)
    order = rng.permutation(count)
    names = pa.array([f"account-{n:08}" for n in range(20_000)])
    table = pa.table({
        "seq": order,
        "ts": pa.array(NINE + order * 1000).cast(SHANGHAI),
        "contract": pa.DictionaryArray.from_arrays(pa.array(order % 250), names[:250]),
        "action": pa.DictionaryArray.from_arrays(pa.array(order % 3),
                                                 pa.array(["new", "cancel", "trade"])),
        "order_id": pa.array(order).cast(pa.string()),
        "account": pa.DictionaryArray.from_arrays(pa.array(order % 20_000), names),
        "price": order * 0.5,
        "lots": order % 100,
        **{f"more{n}": rng.integers(0, 1 << 60, count) for n in range(6)},
    })
    parquet.write_table(table, tmp_path / "in.parquet", row_group_size=1 << 18)
    parquet.write_table(table.slice(0, 100), tmp_path / "small.parquet")
    size = table.nbytes / 2**20
    del table
    assert size > 2.5 * memory
    least = peak_mb(tmp_path / "small.parquet", tmp_path / "out.parquet", memory)
    most = peak_mb(tmp_path / "in.parquet", tmp_path / "out.parquet", memory)
    assert most - least <= memory
    column = parquet.read_table(tmp_path / "out.parquet", columns=["seq"])["seq"]
    assert column.equals(pa.chunked_array([pa.array(range(count))]))


def test_csv_read_back_by_others_is_the_same(tmp_path):
    source = parquet_of(tmp_path / "in.parquet", [new(n, lots=n) for n in range(50)])
    convert(source, tmp_path / "out.csv")
    assert csv.read_csv(tmp_path / "out.csv")["lots"].to_pylist() == list(range(50))


def test_rows_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    header = "seq,ts,exchange,contract,account,order_id,event,price,lots\n"
    path.write_text(header + "1,too few\n2,few\n")
    report = convert(path, tmp_path / "a.parquet")
    assert (report.rows, report.unreadable) == (2, 2)
    assert convert(tmp_path / "a.parquet", tmp_path / "b.parquet").unreadable == 2


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_foreign_log_is_told_how_it_is_converted(encoding, tmp_path):
    names = {"symbol": "cu2505", "exchange": "SHFE", "orderid": "1", "type": "限价",
             "direction": "多", "offset": "开", "price": "1", "volume": "1", "traded": "0",
             "status": "未成交", "datetime": "2025-03-03 09:00:00", "accountid": "1"}  # fmt: skip
    path = tmp_path / "orders.csv"
    text = ",".join(names) + "\n" + ",".join(names.values()) + "\n"
    path.write_text(text, encoding=encoding)
    with pytest.raises(InputError) as error:
        convert(path, tmp_path / "made.parquet", sort=True)
    hint = f"{path}: found vnpy; --source vnpy makes canonical rows of it"
    assert str(error.value).splitlines()[-1] == hint
    assert convert(path, tmp_path / "made.parquet", sort=True, source="vnpy").rows == 1
