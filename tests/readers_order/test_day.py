"""Which trading day a log is of, and how that is told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from log_files import NINE, new, table_of, write
from pyarrow import parquet

from abtrade.errors import InputError
from abtrade.readers.log import open_log

MONDAY = date(2025, 3, 3)
HOUR = 3600 * 10**9


def day_of(given: Any, day: Any = None) -> tuple[date, str]:
    log = open_log(given, day=day)
    return log.day, log.day_how


def with_day(table: pa.Table, day: str) -> pa.Table:
    return table.replace_schema_metadata({"day": day})


def rows(*hours: float, **more: Any) -> pa.Table:
    """Return rows at hours after midnight of 3 March 2025."""
    return table_of([new(n, ts=NINE + int((hour - 9) * HOUR), **more)
                     for n, hour in enumerate(hours)])


ENDINGS = ("parquet", "arrow", "csv")


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_one_date_of_the_timestamps(tmp_path, ending):
    path = write(tmp_path / f"day.{ending}", rows(9, 11, 15))
    assert day_of(path) == (MONDAY, "the calendar date of every row")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("hour", [0.5, 5.9, 18, 23])
def test_a_night_session_is_said_aloud(tmp_path, ending, hour):
    day, how = day_of(write(tmp_path / f"day.{ending}", rows(9, hour)))
    assert day == MONDAY
    assert "next trading day" in how and "--day" in how


@pytest.mark.parametrize("ending", ENDINGS)
def test_two_dates_need_a_day(tmp_path, ending):
    path = write(tmp_path / f"day.{ending}", rows(9, 25))
    with pytest.raises(InputError) as error:
        day_of(path)
    assert "2025-03-03 09:00:00" in str(error.value)
    assert "2025-03-04 01:00:00" in str(error.value)
    assert "--day" in str(error.value)
    assert day_of(path, "2025-03-04") == (date(2025, 3, 4), "given")


def test_dates_are_of_shanghai():
    utc = rows(0.5, 23).set_column(1, "ts", rows(0.5, 23)["ts"].cast(pa.timestamp("ns", "UTC")))
    assert day_of(utc)[0] == MONDAY
    naive = table_of([new(1)]).set_column(
        1, "ts", pa.array(["2025-03-03 23:30:00"]).cast(pa.timestamp("ns"))
    )
    assert day_of(naive)[0] == MONDAY


def test_dates_of_all_files_count(tmp_path):
    one, two = write(tmp_path / "a.parquet", rows(9)), write(tmp_path / "b.csv", rows(33))
    with pytest.raises(InputError, match=r"a\.parquet: the first time .*b\.csv"):
        day_of([one, two])


@pytest.mark.parametrize("given", ["2025-03-04", "20250304", date(2025, 3, 4)])
def test_a_given_day_wins_over_the_clock(given):
    assert day_of(rows(9), given) == (date(2025, 3, 4), "given")


@pytest.mark.parametrize("given", ["4 March", "2025-3-4", "2025-02-30", "20251301", ""])
def test_a_day_that_is_none_is_refused(given):
    with pytest.raises(InputError, match="expected a date, as 2025-03-03"):
        day_of(rows(9), given)


def test_metadata_tells_the_day(tmp_path):
    path = tmp_path / "day.parquet"
    parquet.write_table(with_day(rows(9, 40), "2025-03-04"), path)
    assert day_of(path) == (date(2025, 3, 4), f"the metadata of {path}")
    assert day_of([path, rows(9)])[0] == date(2025, 3, 4)
    assert day_of(path, "20250304")[1] == "given"
    with pytest.raises(InputError, match="--day 2025-03-05: found 2025-03-05, but the metadata"):
        day_of(path, "2025-03-05")


def test_metadata_of_two_files_must_agree():
    tables = [with_day(rows(9), "2025-03-04"), with_day(rows(9), "2025-03-05")]
    with pytest.raises(InputError, match=r"<table 1>.* 2025-03-04.*<table 2> tells 2025-03-05"):
        day_of(tables)


def test_metadata_that_is_no_date_is_refused():
    with pytest.raises(InputError, match="day in the metadata: found 'soon'"):
        day_of(with_day(rows(9), "soon"))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("text", ["2025-03-04", "20250304"])
def test_a_column_tells_the_day(tmp_path, ending, text):
    table = table_of([new(1, day=text), new(2), new(3, day=text, ts=NINE + 30 * HOUR)])
    path = write(tmp_path / f"day.{ending}", table)
    assert day_of(path) == (date(2025, 3, 4), f"column 'day' of {path}")
    assert day_of(path, "2025-03-04")[1] == "given"
    with pytest.raises(InputError, match="--day 2025-03-03: found 2025-03-03, but column 'day'"):
        day_of(path, "2025-03-03")


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_a_column_of_dates_or_numbers_tells_the_day(tmp_path, ending):
    for number, cells in enumerate((pa.array([MONDAY, None]), pa.array([20250303, 20250303]))):
        path = tmp_path / f"{number}.{ending}"
        write(path, rows(9, 50).append_column("day", cells))
        assert day_of(path)[0] == MONDAY


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_mixed_column_is_refused_at_its_row(tmp_path, ending):
    table = table_of([new(1, day="2025-03-03"), new(2), new(3, day="2025-03-04")])
    path = write(tmp_path / f"day.{ending}", table)
    for given in (None, "2025-03-03"):
        with pytest.raises(InputError, match="row 3: found day 2025-03-04 after 2025-03-03"):
            day_of(path, given)


def test_columns_of_two_files_must_agree(tmp_path):
    paths = [write(tmp_path / f"{day}.csv", table_of([new(1, day=day)]))
             for day in ("2025-03-03", "2025-03-04")]
    with pytest.raises(InputError, match=r"2025-03-04\.csv tells 2025-03-04"):
        day_of(paths)


def test_an_empty_column_tells_nothing():
    table = rows(9).append_column("day", pa.array([None], pa.string()))
    assert day_of(table) == (MONDAY, "the calendar date of every row")


def test_without_a_time_the_day_must_be_given():
    table = table_of([new(1, ts=None)])
    with pytest.raises(InputError, match=r"no row has a time .*--day"):
        day_of(table)
    assert day_of(table, "2025-03-03")[0] == MONDAY


@pytest.mark.parametrize("statistics", [True, False])
@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", None])
def test_statistics_say_the_same_as_the_rows(tmp_path, monkeypatch, statistics, unit, zone):
    utc = rows(9.5, 15)["ts"].cast(pa.timestamp(unit, "UTC"))
    column = utc.cast(pa.timestamp(unit, zone or "Asia/Shanghai"))
    if zone is None:
        column = pa.compute.local_timestamp(column)
    path = tmp_path / "day.parquet"
    table = rows(9.5, 15).set_column(1, "ts", column)
    parquet.write_table(table, path, write_statistics=statistics)
    read = []
    monkeypatch.setattr("abtrade.readers.day.read_times", _spy(read))
    assert day_of(path) == (MONDAY, "the calendar date of every row")
    assert sum(read) == 2, "two bounds, or two rows"


def _spy(read: list[int]) -> Any:
    from abtrade.readers.keys import read_times

    def spied(array: Any) -> Any:
        read.append(len(array))
        return read_times(array)

    return spied
