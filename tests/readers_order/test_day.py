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


FRIDAY_NIGHT, AFTER_MIDNIGHT = 21 - 72, 25 - 72
"""Hours after midnight of Monday, 3 March 2025."""


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    "hours",
    [(FRIDAY_NIGHT, 15), (AFTER_MIDNIGHT, 9), (AFTER_MIDNIGHT,), (FRIDAY_NIGHT, AFTER_MIDNIGHT)],
)
def test_friday_night_belongs_to_monday(tmp_path, ending, hours):
    log = open_log(write(tmp_path / f"day.{ending}", rows(*hours)))
    assert (log.day, log.notes) == (MONDAY, [])
    assert log.day_how == (
        "the times of all rows, by the calendar; with the night session of 2025-02-28"
    )


def test_the_night_after_a_day_is_of_the_next_day():
    assert day_of(rows(21, 24 + 2.5, 24 + 15))[0] == date(2025, 3, 4)


def test_a_night_before_holidays_belongs_to_the_day_after_them():
    before_may = table_of([new(1, ts=NINE + int((58 * 24 + 12) * HOUR))])
    log = open_log(before_may)
    assert log.day == date(2025, 5, 6), "30 April, 21:00; 1 to 5 May are closed"
    assert log.notes == [
        "by the calendar trading day 2025-05-06 has no night session on the evening of 2025-04-30; "
        "--day settles it"
    ]


@pytest.mark.parametrize("ending", ENDINGS)
def test_two_trading_days_are_refused_with_their_rows(tmp_path, ending):
    path = write(tmp_path / f"day.{ending}", rows(9, 10, 17.9, 18, 25, 24 + 9))
    with pytest.raises(InputError) as error:
        day_of(path)
    assert str(error.value) == (
        f"{path}: found rows of 2 trading days by the calendar: 2025-03-03 (3 rows, the first "
        f"{path} row 1 at 2025-03-03 09:00:00.000000000); 2025-03-04 (3 rows, the first {path} "
        "row 4 at 2025-03-03 18:00:00.000000000); expected one; `abtrade convert LOG DIR "
        "--split-days` writes a file for each, --day counts all rows as of one"
    )
    assert day_of(path, "2025-03-04") == (date(2025, 3, 4), "given")


def test_of_many_days_some_are_named():
    with pytest.raises(InputError, match="10 trading days .*; 5 more; expected one"):
        day_of(rows(*(9 + 24 * n for n in range(14) if n % 7 < 5)))


def test_a_day_without_trading_is_said_aloud():
    log = open_log(rows(9 - 24, 15 - 24))
    assert log.day == date(2025, 3, 2)
    assert log.notes == ["by the calendar 2025-03-02 is no trading day; --day settles it"]


def test_beyond_the_calendar_weekdays_are_taken_and_that_is_said():
    ahead = table_of([new(1, ts=NINE + 3650 * 24 * HOUR)])
    log = open_log(ahead)
    assert log.day == date(2035, 3, 1)
    assert "holidays are not known" in log.notes[-1] and "--calendar" in log.notes[-1]


def test_dates_are_of_shanghai():
    utc = rows(8.5, 17).set_column(1, "ts", rows(8.5, 17)["ts"].cast(pa.timestamp("ns", "UTC")))
    assert day_of(utc)[0] == MONDAY
    naive = table_of([new(1)]).set_column(
        1, "ts", pa.array(["2025-03-03 17:30:00"]).cast(pa.timestamp("ns"))
    )
    assert day_of(naive)[0] == MONDAY


def test_dates_of_all_files_count(tmp_path):
    one, two = write(tmp_path / "a.parquet", rows(9)), write(tmp_path / "b.csv", rows(33))
    with pytest.raises(InputError, match=r"a\.parquet, .*2025-03-04 \(1 row, the first .*b\.csv row 1"):
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
    monkeypatch.setattr("abtrade.readers.bounds.read_times", _spy(read))
    monkeypatch.setattr("abtrade.readers.clock_day.read_times", _spy(read))
    assert day_of(path) == (MONDAY, "the calendar date of every row")
    assert sum(read) == 2, "two bounds, or two rows"


def _spy(read: list[int]) -> Any:
    from abtrade.readers.keys import read_times

    def spied(array: Any) -> Any:
        read.append(len(array))
        return read_times(array)

    return spied
