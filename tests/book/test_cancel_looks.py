"""What cancels looked like, on a day small enough to work every number out by hand."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import abtrade
from abtrade.cancel_looks import LOOKS
from abtrade.cli import app
from abtrade.errors import InputError

RULE = """
id: desk.cancels
about: {en: What the desk watches, zh: 风控关注}
exchange: CZCE
from: 2020-01-01
status: secondary
source: {document: Handbook of the desk}
clause: Handbook of the desk
scope: contract
count: cancels
yellow: {gte: 1}
"""
HEADER = "seq,ts,contract,action,order_id,account,side,price,lots,contra_order_id,tif"
NAMES = [field.name for field in LOOKS]

DAY = (
    # order 20 rested when the log begins                 the book after the row:
    "00.000 carried 20 A buy  5990 2  -",  # seq 1        5990: A2
    "01.000 new      1 Y buy  6000 10 -",  #     2        6000: Y10
    "01.500 new      2 A buy  6000 5  -",  #     3        6000: Y10 A5; it came in at the best
    "02.000 new      3 Y buy  6002 4  -",  #     4        6002: Y4
    "02.500 new      4 A buy  5999 3  -",  #     5        5999: A3; 3 ticks behind 6002
    "03.000 new      5 Z sell 6010 7  -",  #     6        asks 6010: Z7
    "03.250 new      6 B sell 6008 2  -",  #     7        asks 6008: B2; 2 better than 6010
    "03.500 new      7 Z buy  6008 1  -",  #     8        comes in
    "03.500 trade    7 - -    6008 1  6",  #     9        asks 6008: B1; the group sold
    "04.000 cancel   2 - -    -    -  -",  #    10        6000: Y10
    "04.500 cancel   4 - -    -    1  -",  #    11        5999: A2
    "05.000 cancel   6 - -    -    -  -",  #    12        asks 6010: Z7
    "08.000 new      8 B sell 6002 2  -",  #    13        comes in
    "08.000 trade    8 - -    6002 2  3",  #    14        6002: Y2; the group sold
    "09.000 new      9 A buy  6000 5  - fak",  # 15       no place
    "09.100 cancel   9 - -    -    -  -",  #    16
    "10.000 cancel  20 - -    -    -  -",  #    17
    "11.000 cancel  99 A -    -    1  -",  #    18        an order that no row opened
)
LOOKED = {  # seq of the cancel: rested_ns to five_share, then the sale before and the one after
    # Order 2: 4.0 - 1.5 s. 6002 is 2 better. Y10 stand before its 5 of 15; bids 4 + 15 + 3 + 2.
    10: (2_500_000_000, 0, 2, 10, 5 / 15, 5 / 24, True, 0.5, True, 4.0),
    # Order 4: 4.5 - 2.5 s. 3 lots left before the row, alone at 5999; bids 4 + 10 + 3 + 2.
    11: (2_000_000_000, 3, 3, 0, 1.0, 3 / 19, True, 1.0, True, 3.5),
    # Order 6: 5.0 - 3.25 s. A sell: it made the best ask. 1 left of 1; asks 1 + 7. Nobody bought.
    12: (1_750_000_000, -2, 0, 0, 1.0, 1 / 8, False, None, False, None),
    # Order 9, a FAK: it never had a place.
    16: (100_000_000, None, None, None, None, None, True, 1.1, False, None),
    # Order 20 was placed on another day. 6002 - 5990; 2 of its 2; bids 2 + 10 + 2 + 2.
    17: (None, None, 12, 0, 1.0, 2 / 16, True, 2.0, False, None),
    # Of order 99 nothing is known, not even its side.
    18: (None,) * 10,
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with a group of two clients and a rule."""
    monkeypatch.chdir(tmp_path)
    Path("links.csv").write_text("group,client,status\nG1,A,filed\nG1,B,filed\n")
    Path("cancels.yaml").write_text(RULE, "utf-8")
    return tmp_path


def log(*rows: str, columns: str = HEADER) -> str:
    lines = [columns]
    for seq, row in enumerate(rows, start=1):
        cells = [("" if cell == "-" else cell) for cell in row.split()]
        second, *rest = cells + [""] * (9 - len(cells))
        lines.append(",".join([str(seq), f"2025-01-06 10:00:{second}", "SR503", *rest]))
    Path("day.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return "day.csv"


def explained(day: str, *, within: float = 5.0, **given: Any) -> Any:
    abtrade.scan(day, rules=["cancels.yaml"], links="links.csv", out="out", force=True, **given)
    return abtrade.explain("out", alert(), within=within)


def alert() -> str:
    alerts = [json.loads(line) for line in Path("out/alerts.jsonl").read_text("utf-8").splitlines()]
    (one,) = [each for each in alerts if each["subject"] == "G1"]
    return str(one["alert_id"])


def looked(found: Any) -> dict[int, tuple[Any, ...]]:
    return {row["seq"]: tuple(row[name] for name in NAMES) for row in found.events.to_pylist()}


def test_every_number_of_a_small_day() -> None:
    assert looked(explained(log(*DAY))) == LOOKED


def test_how_near_a_trade_must_be_is_asked() -> None:
    looks = looked(explained(log(*DAY), within=1))
    assert looks[10][6:] == (True, 0.5, False, None)
    assert looks[11][6:] == (True, 1.0, False, None)  # exactly one second
    assert looks[16][6:] == (False, None, False, None)
    with pytest.raises(InputError, match="within: found -1, expected seconds"):
        abtrade.explain("out", alert(), within=-1)


def test_an_order_outside_the_first_five_levels_has_no_part_of_them() -> None:
    others = [f"0{n}.000 new {n} Y buy {6000 - n} 1 -" for n in range(1, 6)]
    day = log(
        *others, "06.000 new 6 A buy 5990 4 -", "07.000 cancel 6 - - - - -",
        "08.000 cancel 1 - - - - -", "08.500 new 7 A buy 5990 4 -", "09.000 cancel 7 - - - - -",
    )  # fmt: skip
    looks = looked(explained(day))
    assert looks[7][:6] == (10**9, 9, 9, 0, 1.0, 0.0)  # five are better
    assert looks[10][:6] == (5 * 10**8, 8, 8, 0, 1.0, 4 / 8)  # four are: it is the fifth


def test_an_amended_order_is_as_old_as_its_new_row() -> None:
    day = log(
        "01.000 new 1 A buy 6000 5 -", "02.000 new 2 Y buy 6000 3 -",
        "03.000 amend 1 - - 6000 9 -", "05.000 cancel 1 - - - - -",
    )  # fmt: skip
    # Raised from 5 to 9 lots it went to the end of its queue; nobody bid when it came.
    assert looked(explained(day))[4][:6] == (4 * 10**9, None, 0, 3, 9 / 12, 9 / 12)


@pytest.mark.parametrize(("first", "second", "seconds"), [
    ("09.000", "01.000", 1.0), ("01.000", "09.000", 1.0), ("14.000", "01.000", 0.0),
    ("01.000", "14.000", 0.0), ("16.000", "01.000", None), ("01.000", "08.000", 2.0),
])
def test_any_trade_near_a_cancel_counts_though_times_go_back(
    first: str, second: str, seconds: float | None
) -> None:
    """One before it by its row, and after it by its time, was no time before."""
    trades = [
        f"{at} {what}" for n, at in enumerate((first, second), 4)
        for what in (f"new {n} Y buy 6100 1 -", f"trade {n} - - 6100 1 2")
    ]
    day = log(
        "00.100 new 1 A buy 6000 5 -", "00.200 new 2 B sell 6100 5 -", *trades,
        "10.000 cancel 1 - - - - -",
    )  # fmt: skip
    assert looked(explained(day))[7][6:] == (seconds is not None, seconds, False, None)


def test_trades_off_the_book_are_not_told() -> None:
    day = log(
        "01.000 new 1 A buy 6000 5 - -", "01.500 new 2 B sell 6100 5 - -",
        "02.000 new 3 Y buy 6100 5 - -", "02.000 trade 3 - - 6100 5 2 block",
        "03.000 cancel 1 - - - - - -", columns=HEADER.replace("tif", "trade_type"),
    )  # fmt: skip
    assert looked(explained(day))[5][6:] == (False, None, False, None)


def test_without_prices_there_is_no_book_but_time_and_trades() -> None:
    rows = [row.split() for row in DAY[1:]]
    day = log(*(" ".join([*row[:5], "-", *row[6:]]) for row in rows))
    Path(day).write_text(Path(day).read_text("utf-8").replace(",price,", ",unread,"), "utf-8")
    looks = looked(explained(day))
    assert looks[9] == (2_500_000_000, *[None] * 5, True, 0.5, True, 4.0)


def test_a_brokers_log_tells_no_place_in_the_market() -> None:
    """It holds the broker's own orders alone: the book of these is not the market's."""
    day = log(
        "01.000 new 1 A buy 6000 5 -", "02.000 cancel 1 - - - - -",
        columns=HEADER.replace("contra_order_id", "trade_id"),
    )  # fmt: skip
    assert looked(explained(day))[2] == (10**9, *[None] * 5, False, None, False, None)


def test_columns_that_a_scan_left_unread_are_read_for_it() -> None:
    found = explained(log(*DAY), columns="needed")
    assert looked(found) == LOOKED


def test_rows_of_other_contracts_do_not_move_the_book() -> None:
    day = log(*DAY)
    header, *rows = Path(day).read_text("utf-8").splitlines()
    mixed = []
    for row in rows:
        seq, rest = row.split(",", 1)
        mixed += [f"{2 * int(seq)},{rest}", f"{2 * int(seq) + 1},{rest.replace('SR503', 'SR505')}"]
    others = [row.replace("A,", "X,").replace("B,", "X,") if "SR505" in row else row
              for row in mixed]  # fmt: skip
    Path(day).write_text("\n".join([header, *others]) + "\n", "utf-8")
    assert looked(explained(day)) == {2 * seq: look for seq, look in LOOKED.items()}


# --- told ----------------------------------------------------------------------------------------


def told(*words: str) -> str:
    explained(log(*DAY))
    done = CliRunner().invoke(app, ["explain", "out", alert(), *words])
    assert done.exit_code == 0, done.output
    return done.output


def test_on_a_terminal_in_english() -> None:
    lines = told("--lang", "en").splitlines()
    # Known of five: 0.1, 1.75, 2, 2.5 s in four, one of them up to 1 s; in a queue 1 of 4 at the
    # best; a sale close to 4 of 5.
    assert lines[2] == (
        "Of 6 cancels: the orders rested 1.875 s in the median, 25% of them up to 1 s, "
        "25% stood at the best price, 80% had a trade on the other side close by"
    )
    looks = [line.strip() for line in lines if line.startswith("        the cancel: ")]
    assert looks[0] == (
        "the cancel: rested 2.5 s, placed at the best price, cancelled 2 ticks behind the best "
        "price, 10 lots before it, 33.3% of the lots at its price, 20.8% of the first five "
        "levels, traded on the other side 0.5 s before, traded on the other side 4 s after"
    )
    assert looks[2] == (
        "the cancel: rested 1.75 s, placed 2 ticks better than the best price, cancelled at the "
        "best price, 0 lots before it, 100% of the lots at its price, 12.5% of the first five "
        "levels"
    )
    assert looks[3] == "the cancel: rested 0.1 s, traded on the other side 1.1 s before"
    assert len(looks) == 5  # of order 99 there is nothing to say


def test_on_a_terminal_in_chinese() -> None:
    lines = told("--lang", "zh").splitlines()
    assert lines[2] == (
        "6 次撤单中：挂单时间中位数 1.875 秒，其中 25% 不超过 1 秒，25% 处于最优价，"
        "80% 前后不久有反方向成交"
    )
    assert lines[4].strip() == (
        "撤单情形：挂单 2.5 秒，报入时处于最优价，撤单时落后最优价 2 个最小变动价位，"
        "前面排队 10 手，占该价位 33.3%，占前五档 20.8%，"
        "此前 0.5 秒有反方向成交，此后 4 秒有反方向成交"
    )


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "xlsx"])
def test_every_export_has_them(form: str) -> None:
    said = told("--format", form, "--to", f"told.{form}", "--within", "1")
    assert said.startswith(f"told.{form}: Events behind it: 6")
    if form == "xlsx":
        from openpyxl import load_workbook
        from pytest import approx

        book = load_workbook("told.xlsx")
        sheet = list(book.worksheets[1].iter_rows(values_only=True))
        at = sheet[0].index("rested, ns")
        assert sheet[1][at : at + 10] == (
            2_500_000_000, 0, 2, 10, approx(5 / 15), approx(5 / 24), "yes", 0.5, "no", None
        )  # fmt: skip
        assert any("Of 6 cancels" in str(cell.value) for row in book.worksheets[0] for cell in row)
        return
    text = Path(f"told.{form}").read_text("utf-8")
    if form == "csv":
        row: dict[str, Any] = next(iter(csv.DictReader(io.StringIO(text))))
        assert [row[name] for name in NAMES[:4]] == ["2500000000", "0", "2", "10"]
        assert [row[name] for name in NAMES[6:]] == ["true", "0.5", "false", ""]
        return
    row = json.loads(text)["events"][0] if form == "json" else json.loads(text.splitlines()[0])
    assert tuple(row[name] for name in NAMES) == (*LOOKED[10][:8], False, None)
