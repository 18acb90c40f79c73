"""A side table is read strictly, and all that is wrong with it is told at once."""

from __future__ import annotations

import datetime as dt
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abtrade.errors import InputError
from abtrade.side_tables import Column, SideTable, dates_in_order, holds, read_table

COLUMNS = {
    "account": Column(required=True, filled=True),
    "status": Column(words=("filed", "suspected")),
    "exchange": Column("exchange"),
    "from": Column("date"),
    "to": Column("date"),
    "lots": Column("int", positive=True),
    "tick": Column("float", positive=True),
    "order_fee": Column("bool"),
}


@pytest.fixture
def read(tmp_path: Path):
    """Return a function that reads a CSV file of the given text or bytes."""

    def read_text(text: str | bytes, **options) -> SideTable:
        path = tmp_path / "t.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_table(path, COLUMNS, **options)

    return read_text


def problems(read, text: str | bytes, **options) -> list[str]:
    """Return the lines of the error, without the path before the file's name."""
    with pytest.raises(InputError) as error:
        read(text, **options)
    return [line[line.index("t.csv") :] for line in str(error.value).splitlines()]


def column(table: SideTable, name: str) -> list[object]:
    return [value for _, value in table.select(name)]


def test_codes_keep_their_leading_zeros_and_lose_blanks_around(read):
    table = read("account\n 00012345 \n12345\n")
    assert column(table, "account") == ["00012345", "12345"]


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_is_no_part_of_the_first_name(read, bom):
    assert column(read(bom + b"account\nA\n"), "account") == ["A"]


def test_every_kind_is_typed(read):
    table = read("account,from,to,lots,tick,order_fee\nA,2025-01-02,20250103,5,0.02,true\n")
    row = next(table.select("account", "from", "to", "lots", "tick", "order_fee"))
    assert row == (1, "A", date(2025, 1, 2), date(2025, 1, 3), 5, 0.02, True)


def test_blank_cells_and_absent_columns_are_null(read):
    table = read("account,status,lots\nA,,  \n")
    assert list(table.select("status", "lots", "tick")) == [(1, None, None, None)]


def test_rows_keep_their_number_past_blank_ones(read):
    table = read("account,status\nA,filed\n\n , \nB,filed\n")
    assert list(table.select("account")) == [(1, "A"), (4, "B")]


@pytest.mark.parametrize(
    ("name", "cell", "expected"),
    [
        ("from", "2025-13-01", "a date YYYY-MM-DD"),
        ("from", "2025-1-1", "a date YYYY-MM-DD"),
        ("from", "２０２５0101", "a date YYYY-MM-DD"),
        ("lots", "1.0", "a whole number above 0"),
        ("lots", "0", "a whole number above 0"),
        ("lots", "9" * 40, "a whole number above 0"),
        ("tick", "nan", "a number above 0"),
        ("tick", "1e999", "a number above 0"),
        ("tick", "-0.2", "a number above 0"),
        ("order_fee", "maybe", "true or false"),
        ("status", "file", "one of filed, suspected"),
    ],
)
def test_a_bad_cell_is_told_with_row_column_and_what_was_expected(read, name, cell, expected):
    found = problems(read, f"account,{name}\nA,\nB,{cell}\n")
    assert found == [f"t.csv: row 2: column '{name}': found '{cell}', expected {expected}"]


def test_all_problems_of_a_file_come_together_in_the_order_of_its_rows(read):
    text = "account,from,lots\n,2025-02-30,1\nA,,x\nB,,2\nC\n"
    assert problems(read, text) == [
        "t.csv: row 1: column 'account': found a blank, expected text",
        "t.csv: row 1: column 'from': found '2025-02-30', expected a date YYYY-MM-DD",
        "t.csv: row 2: column 'lots': found 'x', expected a whole number above 0",
        "t.csv: row 4: found 1 cells, expected 3",
    ]


def test_what_is_wrong_between_cells_comes_with_them(read):
    text = "account,from,to,lots\nA,2025-02-01,2025-01-31,1\nB,,,x\n"
    found = problems(read, text, check=dates_in_order)
    assert found == [
        "t.csv: row 1: column 'from': found 2025-02-01, expected no later than 'to', 2025-01-31",
        "t.csv: row 2: column 'lots': found 'x', expected a whole number above 0",
    ]


def test_one_day_from_and_to_is_in_order(read):
    table = read("account,from,to\nA,2025-02-01,2025-02-01\n", check=dates_in_order)
    assert len(table) == 1


def test_very_many_problems_are_counted_and_the_first_shown(read):
    found = problems(read, "account,lots\n" + "A,x\n" * 1500)
    assert len(found) == 1001
    assert found[-1] == "t.csv: 1500 problems in all, the first 1000 shown"


def test_a_missing_column_is_named(read):
    assert problems(read, "acc;ount\nA\n") == [
        "t.csv: column 'acc;ount' is not known, did you mean 'account'?"
    ]
    assert problems(read, "who,status\nA,filed\n") == [
        "t.csv: column 'account' is missing, found 'who', 'status'"
    ]


@pytest.mark.parametrize("name", ["form", "From", "FROM "])
def test_a_misnamed_column_is_an_error_since_its_meaning_would_be_lost(read, name):
    found = problems(read, f"account,{name}\nA,2025-01-01\n")
    assert found == [f"t.csv: column '{name.strip()}' is not known, did you mean 'from'?"]


def test_another_column_is_noted_and_not_read(read):
    table = read("account,branch\nA,x\n")
    assert [note[note.index("t.csv") :] for note in table.notes] == [
        "t.csv: column 'branch' is not known, not read"
    ]
    assert read("account,status\nA,filed\n").notes == []


def test_a_column_there_twice_is_an_error(read):
    assert problems(read, "account,account\nA,B\n") == ["t.csv: column 'account' is there twice"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"", "t.csv: found an empty file, expected a header with columns"),
        ("account\n账户\n".encode("gbk"), "found the byte 0xd5, expected text in UTF-8"),
        (b'account\n"A\n', "unexpected end of data, expected well-formed CSV"),
        (b'account\n"A"B\n', "expected well-formed CSV"),
        (b"PAR1 and then no more", "t.csv: not a whole Parquet file"),
    ],
)
def test_a_file_of_another_form_is_an_error(read, text, found):
    assert found in problems(read, text)[0]


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv: No such file or directory"):
        read_table(tmp_path / "none.csv", COLUMNS)
    with pytest.raises(InputError, match="Is a directory"):
        read_table(tmp_path, COLUMNS)


def test_parquet_and_csv_are_read_alike(tmp_path, read):
    source = pa.table(
        {
            "account": pa.array([" 007", "B"]).dictionary_encode(),
            "from": pa.array([date(2025, 1, 2), None]),
            "to": pa.array([dt.datetime(2025, 1, 3), None], pa.timestamp("ns")),
            "lots": pa.array([5.0, float("nan")]),
            "order_fee": [True, None],
        }
    )
    pq.write_table(source, tmp_path / "t.parquet")
    names = ("account", "from", "to", "lots", "order_fee")
    expected = read("account,from,to,lots,order_fee\n007,20250102,20250103,5,true\nB,,,,\n")
    for table in (source, tmp_path / "t.parquet"):
        assert list(read_table(table, COLUMNS).select(*names)) == list(expected.select(*names))


def test_codes_given_as_numbers_are_an_error():
    with pytest.raises(InputError) as error:
        read_table(pa.table({"account": [7, 8]}), COLUMNS, name="accounts")
    expected = "column 'account': found int64, expected text; numbers lose their leading zeros"
    assert str(error.value) == f"accounts: {expected}"


@pytest.mark.parametrize(
    "moment", [dt.datetime(2025, 1, 2, 9), dt.datetime(2025, 1, 2, tzinfo=dt.UTC)]
)
def test_a_time_of_day_is_no_date(moment):
    with pytest.raises(InputError, match=r"column 'from': found .* expected a date"):
        read_table(pa.table({"account": ["A"], "from": [moment]}), COLUMNS)


@pytest.mark.parametrize(
    ("start", "end", "held"),
    [
        (None, None, True),
        (date(2025, 3, 3), date(2025, 3, 3), True),
        (date(2025, 3, 4), None, False),
        (None, date(2025, 3, 2), False),
    ],
)
def test_both_ends_are_inclusive_and_blank_is_open(start, end, held):
    assert holds(date(2025, 3, 3), start, end) is held


CELLS = st.sampled_from(["", "A", "filed", "2025-01-01", "5", "0.2", "true", '"', "\r", "\0", "é"])


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=80),
        st.text(max_size=80).map(str.encode),
        st.lists(st.lists(CELLS, max_size=4).map(",".join), max_size=5).map(
            lambda rows: "\n".join(["account,from,lots,status", *rows]).encode()
        ),
    )
)
def test_any_file_gives_rows_or_an_input_error(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("fuzz") / "t.csv"
    path.write_bytes(content)
    try:
        table = read_table(path, COLUMNS, check=dates_in_order)
    except InputError as error:
        assert str(path) in str(error)
    else:
        assert all(account for _, account in table.select("account"))


ARROW_COLUMNS = st.one_of(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3).map(pa.array),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3).map(
        lambda cells: pa.array(cells, pa.timestamp("s"))
    ),
    st.lists(st.integers(-(2**31), 2**31 - 1), min_size=3, max_size=3).map(
        lambda cells: pa.array(cells, pa.int32()).cast(pa.date32())
    ),
    st.lists(st.floats(), min_size=3, max_size=3).map(pa.array),
    st.lists(st.decimals(0, 9, places=2), min_size=3, max_size=3).map(pa.array),
    st.lists(st.none() | st.text(max_size=9), min_size=3, max_size=3).map(
        lambda cells: pa.array(cells, pa.string())
    ),
    st.just(pa.array([[1], [], None])),
    st.just(pa.array([None] * 3)),
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(list(COLUMNS)), ARROW_COLUMNS, min_size=1))
def test_any_arrow_table_gives_rows_or_an_input_error(columns):
    try:
        table = read_table(pa.table(columns), COLUMNS, check=dates_in_order)
    except InputError as error:
        assert str(error).startswith("table: ")
    else:
        assert len(table) == 3
