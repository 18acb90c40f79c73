"""What is cut off, damaged or no log at all: an InputError that says so, never fewer rows."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pyarrow as pa
import pytest
from day_files import ALL, csv_bytes, read, rows_of, table_of, write, write_table
from hypothesis import given, settings
from hypothesis import strategies as st

from abtrade.errors import InputError
from abtrade.readers.sources import open_source

DAY = rows_of(*({"order_id": f"id-{at}", "account": f"a{at % 7}"} for at in range(40)))


def _zstd(path: Path) -> Path:
    path = path / "day.csv.zst"
    path.write_bytes(pa.compress(csv_bytes(DAY), "zstd", asbytes=True))
    return path


def _lz4(path: Path) -> Path:
    return write_table(path / "lz4", table_of(DAY), "arrow", compression="lz4")


WHOLE = {
    "parquet": lambda path: write(path, DAY, "parquet"),
    "arrow": lambda path: write(path, DAY, "arrow"),
    "arrow lz4": _lz4,
    "stream": lambda path: write(path, DAY, "stream"),
    "gzip": lambda path: write(path, DAY, "csv.gz"),
    "zstd": _zstd,
}


@pytest.mark.parametrize("form", WHOLE)
def test_a_file_cut_anywhere(tmp_path: Path, form: str) -> None:
    path = WHOLE[form](tmp_path)
    whole = path.read_bytes()
    assert len(read(path)[0]) == len(DAY)
    ends = [*range(20), *range(20, len(whole) - 20, max(len(whole) // 60, 1))]
    for end in [*ends, *range(len(whole) - 20, len(whole))]:
        path.write_bytes(whole[:end])
        with pytest.raises(InputError, match=path.name) as error:
            read(path)
        assert "expected" in str(error.value) or "after row" in str(error.value), end


def test_a_stream_cut_between_two_batches(tmp_path: Path) -> None:
    """All its batches can be read: only the missing end mark tells."""
    path = write(tmp_path, DAY, "stream")
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(InputError, match="without its end mark"):
        open_source(path)


def test_the_row_reached_is_named(tmp_path: Path) -> None:
    text = csv_bytes(rows_of(*({"account": os.urandom(20).hex()} for _ in range(60_000))))
    path = tmp_path / "day.csv.gz"
    packed = gzip.compress(text, mtime=0)
    path.write_bytes(packed[: len(packed) * 9 // 10])
    with pytest.raises(InputError, match=r"day\.csv\.gz: after row [1-9][0-9]+: Truncated"):
        read(path)


@pytest.mark.parametrize("form", ["parquet", "arrow", "csv"])
def test_damage_inside(tmp_path: Path, form: str) -> None:
    """A byte changed somewhere: rows, bad rows, or an InputError; nothing else."""
    path = write(tmp_path, DAY, form)
    whole = path.read_bytes()
    for at in range(0, len(whole), max(len(whole) // 150, 1)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x85]) + whole[at + 1 :])
        _read_or_refuse(path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.parquet", b"", "the file is empty"),
        ("a.csv", b"", "the file is empty"),
        ("a.csv.gz", gzip.compress(b"", mtime=0), "gzip data, and inside nothing"),
        ("a.csv", b"\n\n", "expected CSV with a header"),
        ("a.csv", b"PK\x03\x04\x14\x00", "Excel workbook"),
        ("a.csv", b"\x7fELF\x02\x01\x01\x00" + b"\x00" * 64, "binary data of no known kind"),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x0dIHDR", "binary data of no known kind"),
        ("a.csv", "seq,ts\n1,2\n".encode("utf-16"), "UTF-16"),
        ("a.csv.gz", gzip.compress(b"PAR1PAR1", mtime=0), "gzip data, and inside Parquet"),
        ("a.parquet", b"PAR1" + b"\x00" * 30 + b"PAR1", "damaged or cut-off"),
        ("a.parquet", b"PARE" + b"\x00" * 30, "encrypted"),
        ("a.csv", b"seq,ts,seq\n1,2,3\n", "the header has 'seq' more than once"),
        (
            "a.csv",
            "委托号,时间\n1,2\n".encode("gbk"),
            "text in utf-8, a mapping file can",
        ),
    ],
)
def test_what_is_no_log(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=name) as error:
        open_source(path)
    assert said in str(error.value)


def test_bytes_that_are_not_utf8_in_the_middle(tmp_path: Path) -> None:
    rows = rows_of({"account": "a"}, {"account": "客户"})
    path = tmp_path / "day.csv"
    path.write_bytes(csv_bytes(rows, "gbk"))
    with pytest.raises(InputError, match="text in utf-8, a mapping file can"):
        read(path)
    path.write_bytes(csv_bytes(rows))
    assert len(read(path)[0]) == 2


@pytest.mark.parametrize("form", ["parquet", "arrow"])
@pytest.mark.parametrize("name", ["account", "order_id", "lots", "side", "ts", "price"])
def test_text_columns_that_are_not_utf8(tmp_path: Path, form: str, name: str) -> None:
    table = table_of(rows_of({}))
    column = pa.array(["客户".encode("gbk")])
    table = table.set_column(table.schema.get_field_index(name), name, column)
    with pytest.raises(InputError, match=f"day: from row 1 on: column '{name}': found bytes that"):
        read(write_table(tmp_path / "day", table, form))


def test_folders_and_absent_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found a folder"):
        open_source(tmp_path)
    with pytest.raises(InputError, match="nothing: cannot be read: No such file"):
        open_source(tmp_path / "nothing")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="no regular file"):
        open_source(tmp_path / "pipe")


def test_rows_of_another_shape_are_bad_rows(tmp_path: Path) -> None:
    lines = csv_bytes(rows_of({}, {}, {}, {})).split(b"\n")
    first, second, third, fourth = lines[1:5]
    text = [lines[0], b"1,2", b"", first, second + b",more", second, b'"', third, fourth, b"x"]
    path = tmp_path / "day.csv"
    path.write_bytes(b"\n".join(text[:6]) + b"\n" + b"\n".join(text[7:]))
    good, bad = read(path)
    assert [row["row"] for row in good] == [2, 4, 5, 6]
    assert [(row.row, row.reason) for row in bad] == [
        (1, "found 2 fields, expected 9"),
        (3, "found 10 fields, expected 9"),
        (7, "found 1 fields, expected 9"),
    ]
    assert bad[0].content == '{"line": "1,2"}'


@pytest.mark.parametrize("batch_rows", [1, 3, 1000])
def test_row_numbers_among_rows_of_another_shape(tmp_path: Path, batch_rows: int) -> None:
    """Numbers stay those of the file, whatever the batches; all-bad files end well too."""
    rows = csv_bytes(rows_of(*({} for _ in range(10)))).split(b"\n")
    path = tmp_path / "day.csv"
    for bad_at in ([], [0], [9], [0, 1, 2], [3, 4], [0, 9], [7, 8, 9], range(10)):
        lines = [b"?" if at in bad_at else line for at, line in enumerate(rows[1:11])]
        path.write_bytes(b"\n".join([rows[0], *lines]))
        good, bad = read(path, batch_rows=batch_rows)
        assert [row.row for row in bad] == [at + 1 for at in bad_at]
        assert [row["row"] for row in good] == [at + 1 for at in range(10) if at not in bad_at]
        assert [row["seq"] for row in good] == [row["row"] for row in good]


@settings(max_examples=150)
@given(st.binary(max_size=300))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    _read_or_refuse(path)


@settings(max_examples=150)
@given(st.lists(st.binary(max_size=30), max_size=12), st.sampled_from([b"\n", b"\r\n", b","]))
def test_any_bytes_under_a_good_header(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes], between: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(csv_bytes(rows_of({})) + between.join(parts))
    _read_or_refuse(path)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=12)


@settings(max_examples=100)
@given(st.lists(st.dictionaries(st.sampled_from(sorted(ALL)), CELLS, max_size=6), max_size=5))
def test_any_cells(tmp_path_factory: pytest.TempPathFactory, changes: list[dict[str, str]]) -> None:
    """Every row is good or bad, once; and the same from CSV as from text in Parquet."""
    rows = rows_of({}, *changes)
    path = tmp_path_factory.getbasetemp()
    good, bad = read(write(path, rows, "csv"))
    numbers = [row["row"] for row in good] + [row.row for row in bad]
    assert sorted(numbers) == list(range(1, len(rows) + 1))
    as_text = [{n: None if c is None else str(c) for n, c in row.items()} for row in rows]
    texts = dict.fromkeys(as_text[0], pa.string())
    table = pa.table({n: pa.array([row[n] or None for row in as_text], texts[n]) for n in texts})
    assert read(write_table(path / "day.parquet", table, "parquet")) == (good, bad)


def _read_or_refuse(path: Path) -> None:
    try:
        read(path)
    except InputError as error:
        assert str(error).startswith(str(path))
