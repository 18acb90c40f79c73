"""A log of several trading days, told apart into a file for each."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import abtrade
from abtrade.cli import app
from abtrade.convert import split_days
from abtrade.errors import InputError, OutputError

TIMES = ("2025-02-28T21:00:00", "2025-03-01T01:00:00", "2025-03-03T14:00:00",
         "2025-03-03T21:00:00", "2025-03-04T09:00:00")  # fmt: skip
"""Monday from Friday night on, then Tuesday."""


def log(*times: str | None, **more: list[object]) -> pa.Table:
    count = len(times)
    return pa.table(
        {
            "seq": list(range(1, count + 1)),
            "ts": pa.array(times, pa.string()).cast(pa.timestamp("ns")),
            "contract": ["cu2503"] * count,
            "action": ["new"] * count,
            "order_id": list(range(count)),
            "account": ["A"] * count,
            "lots": [1] * count,
            **more,
        }
    )


def written(path: Path, table: pa.Table) -> Path:
    pq.write_table(table, path)
    return path


def test_each_file_is_of_one_day_and_can_be_scanned(tmp_path):
    path = written(tmp_path / "log.parquet", log(*TIMES))
    with pytest.raises(InputError, match=r"2 trading days .*--split-days"):
        abtrade.scan(path)
    result = CliRunner().invoke(app, ["convert", str(path), str(tmp_path / "days"), "--split-days"])
    assert result.exit_code == 0, result.output
    assert "2025-03-03.parquet: 3 rows of 2025-03-03" in result.stderr
    files = sorted((tmp_path / "days").iterdir())
    assert [file.name for file in files] == ["2025-03-03.parquet", "2025-03-04.parquet"]
    assert [abtrade.scan(file).run["day"] for file in files] == ["2025-03-03", "2025-03-04"]
    assert [pq.read_table(file)["seq"].to_pylist() for file in files] == [[1, 2, 3], [4, 5]]


def test_a_column_of_days_goes_before_the_clock(tmp_path):
    days = ["2025-03-04", None, "2025-03-04", "2025-03-05", "2025-03-05"]
    path = written(tmp_path / "log.parquet", log(*TIMES, day=days))
    report = split_days(path, tmp_path / "days")
    assert [(each.day, each.rows) for each in report.days] == [
        (date(2025, 3, 3), 1), (date(2025, 3, 4), 2), (date(2025, 3, 5), 2),
    ]  # fmt: skip


def test_a_row_that_tells_no_day_goes_with_the_one_before(tmp_path):
    path = written(tmp_path / "log.parquet", log(None, TIMES[0], None, TIMES[4], None))
    report = split_days(path, tmp_path / "days")
    assert [(each.day.day, each.rows) for each in report.days] == [(3, 3), (4, 2)]
    assert report.untold == 3


def test_files_are_merged_before_they_are_told_apart(tmp_path):
    whole = log(*TIMES)
    paths = [written(tmp_path / "a.parquet", whole.take([0, 3])),
             written(tmp_path / "b.parquet", whole.take([1, 2, 4]))]  # fmt: skip
    report = split_days(paths, tmp_path / "days", format="csv")
    assert [each.rows for each in report.days] == [3, 2]
    assert abtrade.scan(tmp_path / "days" / "2025-03-03.csv", day="2025-03-03").rows == 3


def test_all_or_nothing(tmp_path):
    path = written(tmp_path / "log.parquet", log(*TIMES, day=["2025-03-03"] * 4 + ["soon"]))
    with pytest.raises(InputError, match="column 'day': found 'soon'"):
        split_days(path, tmp_path / "days")
    path = written(tmp_path / "log.parquet", log(None, None))
    with pytest.raises(OutputError, match="no row tells its trading day"):
        split_days(path, tmp_path / "days")
    assert [entry.name for entry in tmp_path.iterdir()] == ["log.parquet"]
    (tmp_path / "days").mkdir()
    with pytest.raises(OutputError, match="exists already"):
        split_days(path, tmp_path / "days")
