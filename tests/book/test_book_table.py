"""Books as a table, on a day small enough to work out by hand."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import abtrade
from abtrade import cli_book
from abtrade.cli import app
from abtrade.depth import following
from abtrade.errors import InputError, OutputError

HEADER = (
    "seq,ts,contract,action,order_id,account,side,price,lots,contra_order_id,tif,order_contract"
)
ROWS = (
    "09:30:00.100 cu2503 new    1 A buy  70000 5 -",
    "09:30:00.200 cu2503 new    2 B sell 70020 3 -",
    "09:30:00.300 al2503 new    7 B buy  20000 8 -",
    "09:30:00.400 cu2503 new    3 A buy  69990 2 -",
    "09:30:00.900 cu2503 new    4 B sell 70000 4 -",
    "09:30:00.900 cu2503 trade  4 - -    70000 4 1",
    "09:30:01.000 cu2503 cancel 1 - -    -     - -",
    "09:30:01.100 al2503 cancel 7 - -    -     3 -",
    "09:30:03.500 cu2503 amend  3 - -    70010 2 -",
    "09:30:03.600 cu2503 new    5 A buy  69000 9 - fak",
    "09:30:03.700 cu2503 cancel 2 - -    -     1 -",
)
"""The fourth order comes in at the best bid: it stands outside the queues until its trade."""

BEST = [  # seq, best bid, best ask: price, lots, orders
    (1, (70000, 5, 1), None),
    (2, (70000, 5, 1), (70020, 3, 1)),
    (4, (70000, 5, 1), (70020, 3, 1)),
    (5, (70000, 5, 1), (70020, 3, 1)),  # order 4 is incoming
    (6, (70000, 1, 1), (70020, 3, 1)),  # it took 4 of order 1 and is gone
    (7, (69990, 2, 1), (70020, 3, 1)),
    (9, (70010, 2, 1), (70020, 3, 1)),
    (10, (70010, 2, 1), (70020, 3, 1)),  # a FAK order has no place
    (11, (70010, 2, 1), (70020, 2, 1)),
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def log(*rows: str, name: str = "day.csv") -> str:
    lines = [HEADER]
    for seq, row in enumerate(rows, start=1):
        cells = [("" if cell == "-" else cell) for cell in row.split()]
        ts, contract, *rest = cells + [""] * (11 - len(cells))
        lines.append(",".join([str(seq), f"2025-01-06 {ts}", contract, *rest]))
    Path(name).write_text("\n".join(lines) + "\n", "utf-8")
    return name


def books(day: str, *contract: str, levels: int = 1, **asked: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = abtrade.book(day, contract, levels, **asked).read_all().to_pylist()
    return rows


def level(row: dict[str, Any], side: str, number: int = 1) -> tuple[Any, ...] | None:
    cells = tuple(row[f"{side}_{measure}_{number}"] for measure in ("price", "lots", "orders"))
    assert all(cell is None for cell in cells) or None not in cells
    return None if cells[0] is None else cells


def best(rows: list[dict[str, Any]]) -> list[Any]:
    return [(row["seq"], level(row, "bid"), level(row, "ask")) for row in rows]


def clocks(rows: list[dict[str, Any]]) -> list[str]:
    return [f"{row['ts']:%H:%M:%S.%f}"[:12] for row in rows]


# --- after each row ------------------------------------------------------------------------------


def test_best_prices_after_each_row() -> None:
    rows = books(log(*ROWS), "cu2503")
    assert best(rows) == BEST
    assert [(row["exchange"], row["contract"]) for row in rows] == [("SHFE", "cu2503")] * len(BEST)
    assert [row["action"] for row in rows[:5]] == ["new", "new", "new", "new", "trade"]
    assert str(rows[0]["ts"]) == "2025-01-06 09:30:00.100000+08:00"


def test_levels_are_best_first_and_null_where_there_is_none() -> None:
    fourth = books(log(*ROWS), "SHFE.cu2503", levels=3)[2]
    assert [level(fourth, "bid", n) for n in (1, 2, 3)] == [(70000, 5, 1), (69990, 2, 1), None]
    assert [level(fourth, "ask", n) for n in (1, 2, 3)] == [(70020, 3, 1), None, None]


def test_only_the_rows_after_which_the_levels_shown_differ() -> None:
    day = log(*ROWS)
    assert [row["seq"] for row in books(day, "cu2503", changes=True)] == [1, 2, 6, 7, 9, 11]
    # With two levels, order 3 coming in at the second best bid shows.
    assert [row["seq"] for row in books(day, "cu2503", levels=2, changes=True)] == [
        1, 2, 4, 6, 7, 9, 11
    ]  # fmt: skip


def test_prices_as_decimals_and_as_ticks() -> None:
    day = log(
        "09:30:00 au2506 new 1 A buy 612.34 5 -", "09:30:01 au2506 new 2 A sell 612.38 1 -",
    )  # fmt: skip
    (_, row) = books(day)
    assert (row["bid_price_1"], row["ask_price_1"]) == (612.34, 612.38)  # the nearest doubles
    (_, row) = books(day, ticks=True)
    assert (row["bid_price_1"], row["ask_price_1"]) == (30617, 30619)  # of 0.02


def test_several_contracts_stand_in_the_order_of_the_log() -> None:
    rows = books(log(*ROWS), "al2503", "SHFE:cu2503")
    assert [row["seq"] for row in rows] == list(range(1, 12))
    assert {row["seq"] for row in rows if row["contract"] == "al2503"} == {3, 8}
    assert best(rows)[7] == (8, (20000, 5, 1), None)


def test_rows_of_a_combination_move_the_books_of_its_legs() -> None:
    """A trade told in al2503 fills an order that stands in cu2503."""
    day = log(*ROWS[:2], "09:30:00.300 al2503 trade 1 - - 70000 2 - - cu2503")
    assert best(books(day, "cu2503"))[-1] == (3, (70000, 3, 1), (70020, 3, 1))
    assert [row["action"] for row in books(day, "cu2503", changes=True)] == ["new", "new", "trade"]


@pytest.mark.parametrize("at_once", [1, 3, 8_192])
def test_a_row_of_another_contract_is_shown_where_the_levels_shown_change(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "ROWS_AT_ONCE", at_once)
    fill = "09:30:00.300 al2503 trade {} - - {} 1 - - cu2503"
    day = log(
        *ROWS[:2], ROWS[3].replace(" 3 ", " 7 "), fill.format(7, 69990), fill.format(1, 70000),
        fill.format(7, 69990), "09:30:01 cu2503 cancel 9 - - - 1 -",
    )  # fmt: skip
    for changes, deep, top in ((False, [1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 5, 7]),
                               (True, [1, 2, 3, 4, 5, 6], [1, 2, 5])):  # fmt: skip
        asked = {"changes": changes}
        assert [row["seq"] for row in books(day, "cu2503", levels=2, **asked)] == deep
        assert [row["seq"] for row in books(day, "cu2503", levels=1, **asked)] == top


# --- by the clock --------------------------------------------------------------------------------


def test_snapshots_hold_all_rows_up_to_then() -> None:
    rows = books(log(*ROWS), "cu2503", every="1s")
    # A row on the stroke belongs to it; in the seconds without a row nothing is shown.
    assert clocks(rows) == ["09:30:01.000", "09:30:04.000"]
    assert best(rows) == [(7, *BEST[5][1:]), (11, *BEST[8][1:])]
    rows = books(log(*ROWS), "cu2503", every="500ms")
    assert clocks(rows) == ["09:30:00.500", "09:30:01.000", "09:30:03.500", "09:30:04.000"]
    assert [row["seq"] for row in rows] == [4, 7, 9, 11]


def test_snapshots_only_where_they_differ() -> None:
    later = "09:30:05 cu2503 new 3 A buy 69000 1 -", "09:30:07 cu2503 cancel 2 - - - - -"
    day = log(*ROWS[:2], *later)
    assert clocks(books(day, every="1s")) == ["09:30:01.000", "09:30:05.000", "09:30:07.000"]
    assert clocks(books(day, every="1s", changes=True)) == ["09:30:01.000", "09:30:07.000"]


def test_an_empty_book_is_no_change() -> None:
    day = log("09:30:01 cu2503 new 1 A buy 70000 5 - fak", "09:30:03 cu2503 new 2 A buy 70000 5 -")
    assert [row["seq"] for row in books(day, changes=True)] == [2]
    assert clocks(books(day, every="1s", changes=True)) == ["09:30:03.000"]
    assert clocks(books(day, every="1s")) == ["09:30:01.000", "09:30:03.000"]


def test_snapshots_of_several_contracts_stand_where_they_are_known() -> None:
    """That is, at the next row of their own contract; without one, at the end, by time."""
    rows = books(log(*ROWS), "cu2503", "al2503", every="1s")
    told = [(clock, row["contract"]) for clock, row in zip(clocks(rows), rows, strict=True)]
    assert told == [
        ("09:30:01.000", "al2503"), ("09:30:01.000", "cu2503"),
        ("09:30:02.000", "al2503"), ("09:30:04.000", "cu2503"),
    ]  # fmt: skip


def test_a_clock_that_goes_back_does_not_turn_the_day_back() -> None:
    day = log("09:30:01.5 cu2503 new 1 A buy 70000 5 -", "09:30:00 cu2503 new 2 A buy 70010 5 -")
    assert best(books(day, every="1s")) == [(2, (70010, 5, 1), None)]
    assert [row["seq"] for row in books(day, end="09:30:01")] == []


BACK = (
    "09:30:10 cu2503 new 1 A buy 70000 5 -",
    "09:31:40 al2503 new 2 A buy 20000 5 -",
    "09:30:20 cu2503 new 3 A buy 70010 5 -",  # earlier than the row before, of another contract
    "09:33:20 cu2503 new 4 A buy 70020 5 -",
)


@pytest.mark.parametrize("also", [(), ("al2503",)])
def test_a_contracts_time_does_not_depend_on_which_others_are_asked_for(
    also: tuple[str, ...],
) -> None:
    day = log(*BACK)

    def shown(**asked: Any) -> list[int]:
        rows = books(day, "cu2503", *also, **asked)
        return [row["seq"] for row in rows if row["contract"] == "cu2503"]

    assert shown(end="09:30:50") == [1, 3]
    assert shown(start="09:31:40") == [4]
    by_clock = books(day, "cu2503", *also, every="1s")
    assert [
        (row["seq"], clock)
        for row, clock in zip(by_clock, clocks(by_clock), strict=True)
        if row["contract"] == "cu2503"
    ] == [(1, "09:30:10.000"), (3, "09:30:20.000"), (4, "09:33:20.000")]


LINKED = (*BACK, "09:33:30 al2503 trade 1 - - 70000 2 - - cu2503")


@pytest.mark.parametrize("rows", [BACK, LINKED], ids=["apart", "connected"])
def test_a_table_and_a_replay_agree_on_what_stood_at_a_time(rows: tuple[str, ...]) -> None:
    """Whether or not a combination connects the two contracts."""
    day = log(*rows)
    with abtrade.replay(day, "cu2503") as session:
        for at in ("09:30:10", "09:30:15", "09:30:50", "09:31:40", "09:33:20", "09:33:30"):
            mine = [
                row for row in books(day, "cu2503", "al2503", levels=5, end=at)
                if row["contract"] == "cu2503"
            ]
            moment = session.at(at)
            assert (moment.row, moment.seq) == (len(mine), mine[-1]["seq"])
            assert [(each.lots, each.orders) for each in moment.bids] == [
                found[1:] for n in range(1, 6) if (found := level(mine[-1], "bid", n))
            ]


def test_a_window_is_not_over_before_each_contract_was_met() -> None:
    day = log(BACK[0], BACK[3], *["09:33:20 cu2503 cancel 4 - - - 1 -"] * 3,
              "09:30:20 al2503 new 2 A buy 20000 5 -")  # fmt: skip
    rows = books(day, "cu2503", "al2503", end="09:30:50")
    assert [(row["contract"], row["seq"]) for row in rows] == [("cu2503", 1), ("al2503", 6)]


# --- a window ------------------------------------------------------------------------------------


def test_both_ends_of_a_window_are_shown() -> None:
    day = log(*ROWS)
    asked = books(day, "cu2503", start="09:30:00.900", end="2025-01-06 09:30:01")
    assert best(asked) == BEST[3:6]
    assert clocks(books(day, "cu2503", every="1s", end="09:30:01")) == ["09:30:01.000"]
    assert books(day, "cu2503", start="10:00") == []


def test_the_night_is_of_the_evening_before() -> None:
    """Of Monday the 6th that is Friday the 3rd."""
    day = log("21:00:00 cu2503 new 1 A buy 70000 5 -", "21:00:01 cu2503 new 2 A buy 70000 5 -")
    Path(day).write_text(Path(day).read_text("utf-8").replace("2025-01-06", "2025-01-03"), "utf-8")
    assert [row["seq"] for row in books(day, start="21:00:01", end="15:00")] == [2]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"start": "noon"}, "noon: is no time, expected a time of the trading day"),
        ({"start": "09:60"}, "09:60: is no time"),
        ({"end": "2025-01-08 09:30"}, "is of another trading day than 2025-01-06"),
        ({"start": "10:00", "end": "09:00"}, "the window begins at 10:00 and ends before"),
        ({"every": "0s"}, "0s: is no length of time"),
        ({"every": "half an hour"}, "is no length of time"),
        ({"levels": 0}, "levels: found 0, expected 1 to 100"),
    ],
)
def test_what_cannot_be_asked(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        books(log(*ROWS), "cu2503", **asked)


# --- which contract ------------------------------------------------------------------------------


def test_without_a_contract_it_is_the_only_one() -> None:
    only = [row for row in ROWS if "cu2503" in row]
    assert [row["contract"] for row in books(log(*only))] == ["cu2503"] * len(only)
    with pytest.raises(InputError, match=r"SHFE.cu2503 \(9 rows\), SHFE.al2503 \(2 rows\)"):
        books(log(*ROWS))


def test_a_contract_that_the_log_does_not_have() -> None:
    with pytest.raises(InputError, match=r"no row of contract zn2503; it has SHFE.cu2503 \(9 row"):
        books(log(*ROWS), "cu2503", "zn2503")


def test_a_log_without_prices_has_no_book() -> None:
    day = log(*ROWS)
    Path(day).write_text(Path(day).read_text("utf-8").replace(",price,", ",priced,"), "utf-8")
    with pytest.raises(InputError, match="the log lacks price, without which no order has a place"):
        books(day, "cu2503")


# --- files ---------------------------------------------------------------------------------------


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["book", *words])


def test_every_format_holds_the_same() -> None:
    day = log(*ROWS)
    for name in ("b.parquet", "b.arrow", "b.csv", "b.jsonl"):
        done = run(day, "--contract", "cu2503", "--top", "--to", name)
        assert (done.exit_code, done.output) == (0, f"{name}: 9 rows\n")
    table = pq.read_table("b.parquet")
    assert best(table.to_pylist()) == BEST
    with pa.OSFile("b.arrow") as file:
        assert pa.ipc.open_file(file).read_all().to_pylist() == table.to_pylist()
    lines = [json.loads(line) for line in Path("b.jsonl").read_text("utf-8").splitlines()]
    assert best(lines) == BEST
    assert lines[0]["ts"] == "2025-01-06T09:30:00.100000000+08:00"
    with Path("b.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == table.schema.names == list(lines[0])
    assert rows[0]["ts"] == "2025-01-06 09:30:00.100000000+0800"
    assert [row["bid_price_1"] for row in rows] == [str(bid[0]) for _, bid, _ in BEST]
    assert (rows[0]["ask_price_1"], rows[0]["ask_lots_1"]) == ("", "")


def test_a_pipe_gets_csv() -> None:
    done = run(log(*ROWS), "--contract", "cu2503", "--top", "--changes")
    rows = list(csv.DictReader(io.StringIO(done.output)))
    assert [row["seq"] for row in rows] == ["1", "2", "6", "7", "9", "11"]
    nothing = run("day.csv", "--contract", "cu2503", "--top", "--from", "10:00")
    assert nothing.output.count("\n") == 1  # the header, so that a program knows the columns
    lines = run("day.csv", "--contract", "cu2503", "--format", "jsonl").output.splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [seq for seq, *_ in BEST]


def test_best_prices_only_and_more_levels_do_not_go_together() -> None:
    done = run(log(*ROWS), "--contract", "cu2503", "--top", "--levels", "5")
    assert (done.exit_code, "does not go with --levels 5" in done.output) == (2, True)
    for words, levels in (["--top", "--levels", "1"], 1), ([], 10):
        header, *_ = run("day.csv", "--contract", "cu2503", *words).output.splitlines()
        assert header.count("bid_price_") == levels


TABLE = """\
9 books of cu2503
Best prices
time                seq  action  lots    bid    ask  lots
09:30:00.100000000    1  new        5  70000
"""


def test_a_short_table() -> None:
    shown = run(log(*ROWS), "--contract", "cu2503", "--format", "table", "--lang", "en").output
    lines = [line.rstrip() for line in shown.splitlines()]
    assert lines[:4] == TABLE.splitlines()
    assert lines[-3:] == [
        "Depth of cu2503 in the last of them, at 2025-01-06 09:30:03.700000000",
        "orders  lots    bid    ask  lots  orders",
        "     1     2  70010  70020     2       1",
    ]
    shown = run("day.csv", "--contract", "cu2503", "--format", "table", "--lang", "zh").output
    assert shown.startswith("cu2503 的订单簿共 9 个\n最优价\n")


def test_a_long_day_is_cut_on_a_terminal() -> None:
    day = log(*(f"09:30:{n:02} cu2503 new {n} A buy {70000 - 10 * n} 1 -" for n in range(1, 41)))
    shown = run(day, "--format", "table", "--top", "--lang", "en").output.splitlines()
    assert shown[:2] == ["40 books of cu2503", "The first 10 and the last 10, best prices only"]
    assert len(shown) == 2 + 1 + 20 + 1
    assert shown[-1] == "... 20 more: --to FILE writes all of them"


def test_a_terminal_gets_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_book, "prints_on_terminal", lambda: True)
    assert run(log(*ROWS), "--contract", "cu2503", "--lang", "en").output.startswith("9 books of")


def test_a_file_is_there_whole_or_not_at_all() -> None:
    day = log(*ROWS)
    done = run(day, "--contract", "zn2503", "--to", "b.parquet")
    assert done.exit_code == 1
    assert "no row of contract zn2503" in done.output
    assert sorted(path.name for path in Path().iterdir()) == ["day.csv"]
    Path("b.csv").write_text("mine", "utf-8")
    for name, said in (("b.csv", "--force replaces it"), ("b.xlsx", "does not tell the format"),
                       ("day.csv", "is an input as well")):  # fmt: skip
        done = run(day, "--contract", "cu2503", "--to", name, *(["--force"] * (name == "day.csv")))
        assert (done.exit_code, said in done.output) == (1, True), done.output
    assert run(day, "--contract", "cu2503", "--to", "b.csv", "--force").exit_code == 0


def test_bad_rows_are_told() -> None:
    day = log(*ROWS, "09:30:04 cu2503 new 20 A buy 70001 5 -", "09:30:05 al2503 new 21 A buy 1 1 -")
    done = run(day, "--contract", "cu2503", "--to", "b.parquet")
    assert done.exit_code == 4
    assert "note: 1 bad row was set aside" in done.output  # the one of al2503 was not looked at


def test_a_name_that_would_be_a_formula() -> None:
    day = log("09:30:00 =1+1 new 1 A buy 7 5 -")
    assert "'=1+1" in run(day).output
    run(day, "--to", "b.csv")
    assert "'=1+1" in Path("b.csv").read_text("utf-8")
    assert books(day)[0]["contract"] == "=1+1"


def test_the_shape_is_known_before_anything_is_read() -> None:
    reader = abtrade.book(log(*ROWS), "cu2503", 2)
    assert reader.schema.names[5:11] == [
        "bid_price_1", "bid_lots_1", "bid_orders_1", "bid_price_2", "bid_lots_2", "bid_orders_2"
    ]  # fmt: skip
    assert reader.schema.field("bid_price_1").type == pa.float64()
    assert abtrade.book("day.csv", "cu2503", ticks=True).schema.field(10).type == pa.int64()
    with pytest.raises(OutputError):
        from abtrade.depth.files import check_output

        check_output(Path("b.txt"), [], force=False)
