"""A file that is damaged or tampered with never passes the check, and is named in a line."""

from __future__ import annotations

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_days import made, scanned

from abtrade.errors import InputError
from abtrade.synth_check import check


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder with a made day and a scan of it."""
    folder = tmp_path_factory.mktemp("files")
    scanned(made(folder / "day", rows=40_000, offences=20), folder / "out")
    return folder


@pytest.fixture
def folder(whole, tmp_path):
    """A copy of it to do harm to."""
    for name in ("day/truth.csv", "day/manifest.json", "out/certificate.json",
                 "out/alerts.parquet", "out/results.parquet"):  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(whole / name, tmp_path / name)
    return tmp_path


def differences(folder) -> list[str]:
    return check(folder / "day", folder / "out")


def refusal(folder) -> str:
    with pytest.raises(InputError) as raised:
        differences(folder)
    message = str(raised.value)
    assert len(message.splitlines()) == 1
    return message


@pytest.mark.parametrize(
    ("name", "text", "field"),
    [
        ("day/manifest.json", "{}", "rows"),
        ("day/manifest.json", "[]", "rows"),
        ("day/manifest.json", '{"rows": 5}', "rows: found 5, expected an object"),
        ("day/manifest.json", '{"rows": {"all": 5}}', "truth"),
        ("day/manifest.json", "{", "is no JSON"),
        ("out/certificate.json", "{}", "verdict"),
        ("out/certificate.json", "[]", "verdict"),
        ("out/certificate.json", '{"verdict": "complete"}', "exchanges"),
        ("out/certificate.json", '{"verdict": "", "exchanges": {"SHFE": 5}}', "exchanges"),
        ("out/certificate.json", "\x00", "is no JSON"),
        ("out/results.parquet", "PAR1", "is no Parquet"),
    ],
)
def test_a_document_without_what_is_read_is_named(folder, name, text, field):
    (folder / name).write_text(text)
    assert refusal(folder).startswith(f"{folder / name}: {field}")


@pytest.mark.parametrize("name", ["day/manifest.json", "day/truth.csv", "out/certificate.json",
                                  "out/alerts.parquet", "out/results.parquet"])  # fmt: skip
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    assert refusal(folder).startswith(f"{folder / name}: No such file")


@pytest.mark.parametrize(("table", "column"), [("results", "rule"), ("alerts", "level")])
def test_a_table_without_a_column_is_named(folder, table, column):
    path = folder / "out" / f"{table}.parquet"
    pq.write_table(pq.read_table(path).drop_columns([column]), path)
    assert refusal(folder) == f"{path}: {column}: expected one column of this name"


def test_a_column_of_another_type_is_named(folder):
    path = folder / "out" / "alerts.parquet"
    table = pq.read_table(path)
    text = pa.array(["many"] * len(table))
    at = table.column_names.index("count")
    pq.write_table(table.set_column(at, "count", text), path)
    assert refusal(folder) == f"{path}: count: found string, expected int64"


def test_an_alert_on_nobody_is_named(folder):
    path = folder / "out" / "alerts.parquet"
    table = pq.read_table(path)
    at = table.column_names.index("subject")
    pq.write_table(table.set_column(at, "subject", pa.nulls(len(table), pa.string())), path)
    assert refusal(folder) == f"{path}: subject: found rows without a value"


def rewritten(path, change) -> None:
    """Change the rows of a table, and of them the first on a planted subject."""
    table = pq.read_table(path)
    rows = table.to_pylist()
    first = next(i for i, row in enumerate(rows) if row["subject"].startswith("9"))
    change(rows, rows[first])
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)


def add(name):
    return lambda _, row: row.update({name: row[name] + 1})


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("alerts", add("count")),
        ("alerts", add("gross")),
        ("alerts", lambda _, row: row.update(exempt=[("hedging", 7)])),
        ("alerts", lambda _, row: row.update(level="none")),
        ("results", add("counted")),
        ("results", add("gross")),
        ("results", lambda _, row: row.update(exempt=[("hedging", 7)])),
    ],
)  # fmt: skip
def test_a_number_that_was_changed_does_not_pass(folder, table, change):
    rewritten(folder / "out" / f"{table}.parquet", change)
    lines = differences(folder)
    assert len(lines) == 1
    assert f"{table.removesuffix('s')}: found" in lines[0]


@pytest.mark.parametrize("table", ["alerts", "results"])
@pytest.mark.parametrize("changed", [{}, {"level": "none"}])
def test_a_row_that_stands_twice_does_not_pass(folder, table, changed):
    rewritten(folder / "out" / f"{table}.parquet", lambda rows, row: rows.insert(0, row | changed))
    assert any(line.startswith(f"2 {table}, expected one") for line in differences(folder))


def truth(folder):
    return folder / "day" / "truth.csv"


def test_a_row_of_truth_that_stands_twice_is_named(folder):
    lines = truth(folder).read_text().splitlines()
    truth(folder).write_text("\n".join([*lines, lines[-1], ""]))
    assert f"{truth(folder)}: row {len(lines) + 1}: repeats one above" in refusal(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found nothing, expected the header rule,count"),
        (b"a,b\n1,2\n", "found a,b, expected the header rule,count"),
        (b"\xff\xfe\x00\x81", "is no CSV in UTF-8"),
    ],
)
def test_a_truth_that_is_none_is_named(folder, content, message):
    truth(folder).write_bytes(content)
    assert refusal(folder).startswith(f"{truth(folder)}: {message}")


def test_a_truth_as_excel_saves_it_passes(folder):
    text = truth(folder).read_text()
    truth(folder).write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert differences(folder) == []


@pytest.mark.parametrize(("at", "name"), [(6, "level"), (8, "counted"), (11, "yellow_seq")])
def test_a_cell_of_truth_that_is_no_number_is_named_with_its_row(folder, at, name):
    lines = truth(folder).read_text().splitlines()
    cells = lines[1].split(",", 14)
    cells[at] = "abc"
    lines[1] = ",".join(cells)
    truth(folder).write_text("\n".join(lines))
    assert refusal(folder).startswith(f"{truth(folder)}: row 2: {name}: found 'abc', expected")


def test_a_truth_cut_within_a_row_is_named_with_the_row(folder):
    lines = truth(folder).read_text().splitlines()
    truth(folder).write_text("\n".join([*lines[:9], lines[9][:30]]))
    assert f"{truth(folder)}: row 10: found " in refusal(folder)


def test_a_truth_cut_between_rows_is_held_against_the_manifest(folder):
    lines = truth(folder).read_text().splitlines(keepends=True)
    truth(folder).write_text("".join(lines[:9]))
    said = json.loads((folder / "day" / "manifest.json").read_text())
    assert refusal(folder).startswith(f"{truth(folder)}: found 8 rows")
    assert f"expected {said['truth']} and {said['alerts']}, as manifest" in refusal(folder)
