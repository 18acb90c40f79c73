"""Trading days and their nights: the shipped calendar, and a desk's own over it."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from abtrade.errors import InputError
from abtrade.market.calendar import SHIPPED, load_calendar

SHANGHAI = timezone(timedelta(hours=8))
CALENDAR = load_calendar()


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()) * 10**9


def test_the_shipped_file_is_in_order_and_says_where_each_row_is_from():
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["from"] for row in rows] == sorted(row["from"] for row in rows)
    assert all(row["from"] <= row["to"] and row["source"] for row in rows)
    closed = [row for row in rows if row["kind"] == "closed"]
    assert all(one["to"] < two["from"] for one, two in pairwise(closed))


@pytest.mark.parametrize(
    ("day", "trading"),
    [("2024-02-09", False), ("2024-02-19", True), ("2025-01-01", False), ("2025-10-08", False),
     ("2025-10-09", True), ("2025-03-01", False), ("2020-01-31", False), ("2020-02-03", True)],
)  # fmt: skip
def test_well_known_days(day, trading):
    assert CALENDAR.is_trading_day(date.fromisoformat(day)) is trading


@pytest.mark.parametrize(
    ("day", "evening"),
    [
        ("2025-03-03", "2025-02-28"),  # a Monday
        ("2025-03-04", "2025-03-03"),
        ("2025-10-09", None),  # after the National Day
        ("2025-04-07", None),  # after a Friday that was a holiday
        ("2020-02-04", None), ("2020-05-06", None), ("2020-05-07", "2020-05-06"),  # the epidemic
        ("2013-07-05", None), ("2013-07-08", "2013-07-05"),  # the first night of all
    ],
)  # fmt: skip
def test_well_known_nights(day, evening):
    found = CALENDAR.night_of(date.fromisoformat(day))
    assert found == (evening and date.fromisoformat(evening))


@pytest.mark.parametrize(
    ("time", "day"),
    [
        ("2025-02-28T17:59:59", "2025-02-28"), ("2025-02-28T18:00:00", "2025-03-03"),
        ("2025-03-01T02:30:00", "2025-03-03"), ("2025-03-03T05:59:59", "2025-03-03"),
        ("2025-03-03T15:00:00", "2025-03-03"), ("2025-03-02T12:00:00", "2025-03-02"),
        ("2025-04-30T21:00:00", "2025-05-06"),
    ],
)  # fmt: skip
def test_which_trading_day_a_time_is_of(time, day):
    assert CALENDAR.trading_day_of(ns(time)) == date.fromisoformat(day)
    days, at = CALENDAR.trading_days_of(np.array([ns(time), ns(time)]))
    assert (days, at.tolist()) == ([date.fromisoformat(day)], [0, 0])


def test_moments_and_days_are_the_inverse_of_one_another():
    hour = 3600 * 10**9
    day = date(2025, 3, 3)
    moments = CALENDAR.moments(day, np.array([21, 1, 9, 15]) * hour)
    assert [CALENDAR.trading_day_of(int(one)) for one in moments] == [day] * 4
    assert moments.tolist() == [ns(text) for text in (
        "2025-02-28T21:00:00", "2025-03-01T01:00:00", "2025-03-03T09:00:00", "2025-03-03T15:00:00"
    )]  # fmt: skip


def test_a_desk_s_table_goes_over_the_shipped_day_by_day():
    own = pa.table({"from": ["2025-10-08", "2027-01-01"], "to": ["2025-10-08", "2027-01-01"],
                    "kind": ["open", "closed"]})  # fmt: skip
    mine = load_calendar(own)
    assert mine.is_trading_day(date(2025, 10, 8)) and not mine.is_trading_day(date(2025, 10, 7))
    assert not mine.is_trading_day(date(2027, 1, 1))
    assert mine.covers(date(2027, 6, 1)) and not CALENDAR.covers(date(2027, 6, 1))
    assert mine.gap_notes(date(2027, 6, 1)) == []
    assert "--calendar" in CALENDAR.gap_notes(date(2027, 6, 1))[0]


def test_a_table_with_bad_rows_is_refused_with_all_of_them():
    own = pa.table({"from": ["2025-10-08", "soon"], "to": ["2025-10-07", "2025-01-01"],
                    "kind": ["open", "shut"]})  # fmt: skip
    with pytest.raises(InputError) as error:
        load_calendar(own)
    for part in ("2025-10-08, expected no later", "'soon'", "'shut', expected one of closed"):
        assert part in str(error.value) or part.startswith("2025")


def test_a_calendar_without_days_is_refused():
    never = pa.table({"from": ["2025-01-01"], "to": ["2026-12-31"], "kind": ["closed"]})
    with pytest.raises(InputError, match="no trading day within"):
        load_calendar(never).next_after(date(2025, 3, 3))


def test_rows_that_contradict_each_other_are_refused():
    own = pa.table({
        "from": ["2025-03-03", "2025-03-03", "2025-03-03", "2025-03-04"],
        "to": ["2025-03-03", "2025-03-04", "2025-03-03", "2025-03-04"],
        "kind": ["closed", "open", "no_night", "open"],
    })  # fmt: skip
    with pytest.raises(InputError) as error:
        load_calendar(own)
    assert str(error.value) == (
        "calendar: row 2: found 'open' for days that are 'closed' in row 1, expected one"
    )


def test_a_column_that_is_missing_is_said_alone():
    with pytest.raises(InputError, match=r"column 'to' is missing, found 'from', 'kind'$"):
        load_calendar(pa.table({"from": ["2025-03-03"], "kind": ["closed"]}))
