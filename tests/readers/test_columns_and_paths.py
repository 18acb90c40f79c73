"""Which columns, types and files will do; what else is given, and what to say of it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from day_files import ALL, Contracts, read, rows_of, table_of, write, write_table

from abtrade import schema
from abtrade.errors import InputError
from abtrade.names import Names
from abtrade.readers.normalise import Normaliser, check_columns
from abtrade.readers.sources import expand, open_source

NEEDED = list(schema.REQUIRED_COLUMNS)


def test_missing_columns_are_all_named() -> None:
    with pytest.raises(InputError) as error:
        check_columns(["ts", "Contract", "action", "order id", "acount", "x"], "day.csv")
    assert str(error.value).splitlines() == [
        "day.csv: column 'contract' is missing, did you mean 'Contract'?",
        "day.csv: column 'order_id' is missing, did you mean 'order id'?",
        "day.csv: column 'account' is missing, did you mean 'acount'?",
        "day.csv: column 'lots' is missing",
        "day.csv: the file has 'ts', 'Contract', 'action', 'order id', 'acount', 'x'; "
        "a mapping file gives other names their meaning",
    ]


def test_columns_with_another_delimiter() -> None:
    with pytest.raises(InputError, match="the header seems delimited by ';'"):
        check_columns([";".join(NEEDED)], "day.csv")


def test_notes_on_columns_that_look_misspelt() -> None:
    assert check_columns([*NEEDED, "price", "note", "price2"], "day.csv") == []
    assert check_columns([*NEEDED, "off-set", "Cancel By"], "day.csv") == [
        "day.csv: column 'off-set' is not read, did you mean 'offset'?",
        "day.csv: column 'Cancel By' is not read, did you mean 'cancel_by'?",
    ]


@pytest.mark.parametrize(
    ("column", "cells", "said"),
    [
        ("lots", pa.array([{"a": 1}]), "found type struct<a: int64>, expected integers"),
        ("lots", pa.array([True]), "found type bool, expected integers"),
        ("ts", pa.array([True]), "found type bool, expected timestamps"),
        ("ts", pa.array([1]), r"expected timestamps.*a mapping file names the unit"),
        ("ts", pa.array([1], pa.date32()), "a mapping file joins a date and a time"),
        ("ts", pa.array([1], pa.time64("ns")), "a mapping file joins a date and a time"),
        ("account", pa.array([1.0]), "found type double, expected text"),
        ("order_id", pa.array([1.0]), "expected integers or text; a float cannot hold every id"),
        ("seq", pa.array([1.0]), "found type double, expected integers"),
        ("action", pa.array([1.0]), "found type double, expected text or integer codes"),
        ("side", pa.array([1.0]), "found type double, expected text"),
        ("side", pa.array([1]), "found type int64, expected text; a mapping file translates"),
        ("price", pa.array([True]), "found type bool, expected decimals, floats, or integers"),
        ("contract", pa.array([["cu"]]), "found type list<.*>, expected text"),
    ],
)
@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_types_that_cannot_hold_a_column(
    tmp_path: Path, form: str, column: str, cells: pa.Array, said: str
) -> None:
    table = table_of(rows_of({}))
    table = table.set_column(table.schema.get_field_index(column), column, cells)
    path = write_table(tmp_path / "day", table, form)
    with pytest.raises(InputError, match=f"day: column '{column}': .*{said}"):
        read(path)


def test_all_hopeless_types_at_once_and_only_those_read(tmp_path: Path) -> None:
    table = table_of(rows_of({"tif": "gfd"}))
    for column in ("lots", "tif"):
        at = table.schema.get_field_index(column)
        table = table.set_column(at, column, pa.array([[1]]))
    path = write_table(tmp_path / "day", table, "parquet")
    with pytest.raises(InputError) as error:
        read(path)
    assert len(str(error.value).splitlines()) == 2
    with pytest.raises(InputError) as error:
        read(path, frozenset({"seq"}))
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_columns_that_nobody_needs_may_be_anything(tmp_path: Path, form: str) -> None:
    table = table_of(rows_of({}, {}))
    odd = pa.array([[{"x": 1}], None])
    for name in ("odd", "dup", "dup", "a.b", ""):
        table = table.append_column(name, odd)
    source = open_source(write_table(tmp_path / "day", table, form))
    assert source.left_out == ("dup", "")
    assert source.columns[-2:] == ("odd", "a.b")
    assert len(read(source)[0]) == 2
    raws = list(source.read())
    assert raws[0].record.schema.equals(source.schema)
    assert raws[0].record.column("odd").to_pylist() == odd.to_pylist()


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_a_needed_column_twice(tmp_path: Path, form: str) -> None:
    table = table_of(rows_of({}))
    table = table.append_column("account", table["account"])
    with pytest.raises(InputError, match="day: 2 columns become 'account', expected one"):
        open_source(write_table(tmp_path / "day", table, form))


@pytest.mark.parametrize("form", ["parquet", "arrow", "stream", "csv", "csv.gz"])
def test_what_a_source_tells(tmp_path: Path, form: str) -> None:
    rows = rows_of({"note": "x"}, {"note": "y"})
    path = write(tmp_path, rows, form)
    source = open_source(path)
    assert source.path == path
    assert source.format == form.split(".", maxsplit=1)[0].replace("stream", "arrow")
    assert source.columns == tuple(rows[0])
    assert source.rows == (2 if form == "parquet" else None)
    assert source.day is None
    for raw in source.read():
        assert raw.record.schema.equals(source.schema)
    print_before = source.fingerprint()
    assert open_source(path).fingerprint() == print_before
    write(tmp_path, rows_of({"note": "x"}, {"note": "z"}), form)
    assert open_source(path).fingerprint() != print_before


@pytest.mark.parametrize("form", ["parquet", "arrow", "stream", "csv"])
def test_a_log_of_no_rows(tmp_path: Path, form: str) -> None:
    """A day on which nothing happened is a log; an empty file is none."""
    path = tmp_path / "day"
    if form == "csv":
        path.write_text(",".join(NEEDED) + "\n")
    else:
        write_table(path, table_of(rows_of({})).slice(0, 0), form)
    assert read(path) == ([], [])


@pytest.mark.parametrize("form", ["parquet", "arrow", "stream"])
def test_the_day_in_the_metadata(tmp_path: Path, form: str) -> None:
    table = table_of(rows_of({})).replace_schema_metadata({"day": "2025-03-03"})
    assert open_source(write_table(tmp_path / "day", table, form)).day == "2025-03-03"


@pytest.mark.parametrize("form", ["parquet", "arrow", "stream", "csv"])
def test_projection(tmp_path: Path, form: str) -> None:
    source = open_source(write(tmp_path, rows_of({}, {}), form))
    for raw in source.read({"lots", "seq", "not there"}):
        assert raw.record.schema.names == ["seq", "lots"]
    with pytest.raises(InputError, match="has none of the columns wanted: day"):
        list(source.read({"day"}))


@pytest.mark.parametrize(
    ("assume", "said"),
    [
        ({"tff": "gfd"}, "assume tff=gfd: no column that can be assumed, did you mean 'tif'?"),
        ({"side": "buy"}, "no column that can be assumed, expected one of offset, hedge"),
        ({"tif": "gtd"}, "assume tif=gtd: unknown word 'gtd', did you mean"),
        ({"tif": ""}, "unknown word '', expected one of gfd, fak, fok, gtc"),
    ],
)
def test_assumptions_are_checked(assume: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Normaliser(Names(), Contracts(), ALL, assume, "csv")


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_assumptions_fill_what_the_log_leaves_open(tmp_path: Path, form: str) -> None:
    """Only in rows that are asked: a word put into a trade would differ from the order's own."""
    rest = {"account": None, "side": None, "price": None}
    rows = rows_of({"hedge": "hedge"}, {}, {**rest, "action": "cancel"}, {"action": "rfq"})
    path = write(tmp_path, rows, form)
    assume = {"hedge": "speculation", "tif": "GFD", "cancel_by": "client", "phase": "continuous"}
    good, _ = read(path, assume=assume)
    assert [row["hedge"] for row in good] == [2, 1, 0, 1]
    assert [row["tif"] for row in good] == [1, 1, 0, 0]
    assert [row["cancel_by"] for row in good] == [0, 0, 1, 0]
    assert [row["phase"] for row in good] == [2, 2, 2, 2]
    assert "tif" not in read(path)[0][0]
    assert "tif" not in read(path, frozenset({"hedge"}), assume)[0][0]


def test_expand(tmp_path: Path) -> None:
    names = ("b.parquet", "a.csv", "C.CSV.GZ", "d.csv.zst", "e.arrow", "f.ipc", "g.feather")
    for name in (*names, "readme.txt", ".hidden.csv"):
        (tmp_path / name).write_text("x")
    (tmp_path / "sub.csv").mkdir()
    inside = [path.name for path in expand([tmp_path])]
    assert inside == sorted(names)
    assert [p.name for p in expand([f"{tmp_path}/*.csv", tmp_path / "a.csv"])] == ["a.csv"]
    assert expand([tmp_path / "readme.txt", str(tmp_path)])[0].name == "readme.txt"
    assert [p.name for p in expand([f"{tmp_path}/[ab].*"])] == ["a.csv", "b.parquet"]
    (tmp_path / "odd[1].csv").write_text("x")
    assert [p.name for p in expand([tmp_path / "odd[1].csv"])] == ["odd[1].csv"]


def test_expand_names_every_path_that_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as error:
        expand([tmp_path / "none.csv", f"{tmp_path}/*.parquet", tmp_path / "empty"])
    lines = str(error.value).splitlines()
    assert [line.split(": ")[1].split(" (")[0] for line in lines] == [
        "no such file or folder", "no file fits the pattern", "the folder holds no log",
    ]  # fmt: skip
