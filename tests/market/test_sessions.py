"""Sessions by exchange and product, dated; and a desk's own over the shipped."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from abtrade.errors import InputError
from abtrade.market.calendar import load_calendar
from abtrade.market.sessions import COLUMNS, SHIPPED, Sessions, _problems, load_sessions
from abtrade.side_tables import read_table

TUESDAY = date(2025, 2, 18)


def hours(exchange: str, product: str | None, day: date, sessions: Sessions | None = None) -> str:
    """Return a product's intervals as text, auctions in brackets."""
    found = (sessions or load_sessions()).phases(exchange, product, day, load_calendar())
    if found is None:
        return "unknown"
    told = []
    for interval in found:
        text = f"{_clock(interval.start)}-{_clock(interval.end)}"
        told.append(text if interval.kind == "continuous" else f"({text})")
    return " ".join(told)


def _clock(ns: int) -> str:
    return (datetime.fromtimestamp(ns // 10**9, UTC) + timedelta(hours=8)).strftime("%H:%M")


DAY = "09:00-10:15 10:30-11:30 13:30-15:00"
NIGHT = "(20:55-20:59) (20:59-21:00) 21:00-{}"
MORNING = "(08:55-08:59) (08:59-09:00)"


@pytest.mark.parametrize(
    ("exchange", "product", "day", "expected"),
    [
        ("SHFE", "cu", TUESDAY, f"{NIGHT} {MORNING} {DAY}".format("01:00")),
        ("SHFE", "cu_o", TUESDAY, f"{NIGHT} {MORNING} {DAY}".format("01:00")),
        ("SHFE", "rb", TUESDAY, f"{NIGHT} {MORNING} {DAY}".format("23:00")),
        ("SHFE", "au", TUESDAY, f"{NIGHT} {MORNING} {DAY}".format("02:30")),
        ("SHFE", "wr", TUESDAY, f"{MORNING} {DAY}"),
        ("SHFE", "cu", date(2023, 5, 25), f"{NIGHT} {DAY}".format("01:00")),
        ("SHFE", "cu", date(2025, 10, 9), f"{MORNING} {DAY}"),
        ("CZCE", "SR", TUESDAY, f"{NIGHT} {DAY}".format("23:00")),
        ("CZCE", "AP", TUESDAY, f"{MORNING} {DAY}"),
        ("GFEX", "si", TUESDAY, f"{MORNING} {DAY}"),
        ("CFFEX", "IF", TUESDAY, "(09:25-09:29) (09:29-09:30) 09:30-11:30 13:00-15:00"),
        ("CFFEX", "IF", date(2015, 6, 1), "(09:10-09:14) (09:14-09:15) 09:15-11:30 13:00-15:15"),
        ("CFFEX", "T", TUESDAY, "(09:25-09:29) (09:29-09:30) 09:30-11:30 13:00-15:15"),
        ("CFFEX", "T", date(2020, 7, 17), "(09:10-09:14) (09:14-09:15) 09:15-11:30 13:00-15:15"),
        ("CFFEX", "IO", TUESDAY,
         "(09:25-09:29) (09:29-09:30) 09:30-11:30 13:00-14:57 (14:57-15:00)"),
        ("SHFE", "cu", date(2010, 11, 8), "unknown"),
        ("SHFE", "newcomer", TUESDAY, "unknown"),
        ("NYSE", "cu", TUESDAY, "unknown"),
        ("SHFE", None, TUESDAY, "unknown"),
    ],
)  # fmt: skip
def test_hours(exchange, product, day, expected):
    assert hours(exchange, product, day) == expected


def test_the_shipped_table_keeps_to_the_rules_of_a_given_one():
    table = read_table(SHIPPED, COLUMNS)
    assert list(_problems(table)) == []
    assert all(source for _, source in table.select("source"))


def own(**cells: str | None) -> pa.Table:
    usual: dict[str, str | None] = {
        "exchange": "SHFE", "product": "rb", "kind": "continuous", "start": "21:00",
        "end": "01:00", "part": "night", "from": None, "to": None,
    }  # fmt: skip
    return pa.table({name: pa.array([cell], pa.string()) for name, cell in (usual | cells).items()})


def test_a_row_of_a_product_replaces_that_part_of_it_alone():
    mine = load_sessions(own())
    assert hours("SHFE", "rb", TUESDAY, mine) == f"{NIGHT} {MORNING} {DAY}".format("01:00")
    assert hours("SHFE", "hc", TUESDAY, mine) == hours("SHFE", "hc", TUESDAY)
    assert mine.is_given and mine.fingerprint != load_sessions().fingerprint


def test_a_night_can_be_taken_away_and_outside_its_dates_a_row_says_nothing():
    none = load_sessions(own(kind="none", start=None, end=None))
    assert hours("SHFE", "rb", TUESDAY, none) == f"{MORNING} {DAY}"
    later = load_sessions(own(**{"from": "2025-02-19"}))
    assert hours("SHFE", "rb", TUESDAY, later) == hours("SHFE", "rb", TUESDAY)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"start": "9:00"}, "found '9:00', expected a time such as 09:00"),
        ({"end": None}, "found None, expected a time such as 09:00"),
        ({"start": "09:00"}, "found 09:00 in part 'night', expected one from 18:00 to 06:00"),
        ({"end": "20:00"}, "found 21:00, expected one before 'end', 20:00"),
        ({"kind": "none"}, "found a time beside kind 'none'"),
        ({"kind": "lunch"}, "'lunch', expected one of auction, match, continuous, none"),
        ({"from": "2025-02-19", "to": "2025-02-18"}, "expected no later than 'to'"),
    ],
)
def test_a_row_that_cannot_be_is_refused(cells, message):
    with pytest.raises(InputError, match=message):
        load_sessions(own(**cells))


HOURS = ["exchange", "product", "kind", "start", "end", "part", "from", "to"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["SHFE,rb,continuous,09:00,15:00,day,,", "SHFE,rb,continuous,10:00,14:00,day,,"],
         "row 2: found 10:00 to 14:00, which overlaps 09:00 to 15:00 of row 1, expected one"),
        (["SHFE,rb,continuous,09:00,15:00,day,,", "SHFE,rb,auction,08:55,09:01,day,,"],
         "row 2: found 08:55 to 09:01, which overlaps 09:00 to 15:00 of row 1, expected one"),
        (["SHFE,rb,auction,08:55,09:01,no_night,,", "SHFE,rb,continuous,09:00,10:00,day,,"],
         "row 2: found 09:00 to 10:00, which overlaps 08:55 to 09:01 of row 1, expected one"),
        (["SHFE,rb,continuous,21:00,01:00,night,,", "SHFE,rb,continuous,00:30,02:00,night,,"],
         "row 2: found 00:30 to 02:00, which overlaps 21:00 to 01:00 of row 1, expected one"),
        (["SHFE,rb,continuous,21:00,23:00,night,,2025-03-03", "SHFE,rb,none,,,night,2025-03-03,"],
         "row 2: found 'none' for a part that row 1 has as 'continuous', expected one of them"),
        (["SHFE,rb,continuous,09:00,11:30,day,,", "SHFE,rb,continuous,13:30,15:00,day,,"], None),
        (["SHFE,rb,continuous,09:00,15:00,day,,2025-03-03",
          "SHFE,rb,continuous,09:00,14:00,day,2025-03-04,"], None),
        (["SHFE,rb,continuous,09:00,15:00,day,,", "SHFE,hc,continuous,09:00,15:00,day,,",
          "SHFE,,continuous,09:00,15:00,day,,"], None),
        (["SHFE,rb,none,,,night,,", "SHFE,rb,continuous,09:00,15:00,day,,"], None),
    ],
)  # fmt: skip
def test_rows_of_one_day_that_contradict_each_other_are_refused(rows, message, tmp_path):
    path = tmp_path / "sessions.csv"
    path.write_text("\n".join([",".join(HOURS), *rows]) + "\n")
    if message is None:
        assert load_sessions(path).is_given
        return
    with pytest.raises(InputError) as error:
        load_sessions(path)
    assert str(error.value) == f"{path}: {message}"
