"""Dates that no day of trading is of: an option that names one is refused, a cell is a bad row."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from ctp_files import bad, opened, order, rows_of
from fix_log import write
from small_files import files, scanned
from typer.testing import CliRunner

import abtrade
from abtrade.cli import app
from abtrade.errors import InputError
from abtrade.market.calendar import load_calendar

HEADER = "seq,ts,action,order_id,account,contract,exchange,side,price,lots\n"
ROW = "1,2025-03-03 09:00:00,new,1,A,rb2505,SHFE,buy,3000,1\n"
FAR = [date.min, date(1989, 12, 31), date(2201, 1, 1), date.max]


@pytest.mark.parametrize("day", FAR)
def test_no_scan_is_of_a_day_without_neighbours(day: date, tmp_path: Path):
    log = tmp_path / "day.csv"
    log.write_text(HEADER + ROW)
    with pytest.raises(InputError, match="expected a day of the years 1990 to 2200"):
        abtrade.scan(log, day=day)
    for verb in ("scan", "sniff"):
        ran = CliRunner().invoke(app, [verb, str(log), "--day", str(day)])
        assert ran.exit_code == 2
        assert "expected a day of the years 1990 to 2200" in ran.output


@pytest.mark.parametrize("text", ["99991231", "00010101", "00000000"])
def test_a_row_of_such_a_day_is_bad_in_a_dump(text: str, tmp_path: Path):
    far = order(TradingDay=text, OrderSysID="8", InsertDate=text)
    log = opened(tmp_path, [order(), far])
    assert len(rows_of(log)) == 1
    assert [(file, row) for file, row, _ in bad(log)] == [("orders.csv", 2)]


def test_a_row_of_such_a_time_is_bad_in_an_export(tmp_path: Path):
    paths = files(
        tmp_path,
        orders="""
        symbol,exchange,orderid,type,direction,offset,price,volume,traded,status,datetime,gateway_name
        cu2505,SHFE,1_2_3,限价,多,开,70000,5.0,0.0,未成交,2025-03-03 09:00:00+08:00,CTP
        cu2505,SHFE,1_2_4,限价,多,开,70000,5.0,0.0,未成交,2250-03-03 21:00:00+08:00,CTP
        cu2505,SHFE,1_2_5,限价,多,开,70000,5.0,0.0,未成交,9999-12-31 21:00:00+08:00,CTP
        """,
    )
    assert [row["row"] for row in scanned(paths, account="A").rejected.to_pylist()] == [2, 3]


def test_a_report_of_such_a_time_is_bad_in_a_fix_log(tmp_path: Path):
    text = """150=0 37=1 11=a 38=3 151=3 14=0
        150=0 37=2 11=b 38=3 151=3 14=0 60=99991231-01:06:40"""
    path = write(tmp_path / "copy.fix", text)
    assert [row["row"] for row in abtrade.scan(path).rejected.to_pylist()] == [2]


@pytest.mark.parametrize(
    ("neighbour", "day"), [("next_after", date.max), ("previous", date.min)]
)
def test_the_calendar_says_that_a_day_has_no_neighbour(neighbour: str, day: date):
    with pytest.raises(InputError, match=f"found {day}, expected a day of the years"):
        getattr(load_calendar(), neighbour)(day)


def test_a_calendar_of_such_days_is_refused(tmp_path: Path):
    path = tmp_path / "calendar.csv"
    path.write_text("from,to,kind\n2025-03-03,9999-12-31,closed\n")
    with pytest.raises(InputError, match="row 1: column 'to': found 9999-12-31, expected a day of"):
        load_calendar(path)
