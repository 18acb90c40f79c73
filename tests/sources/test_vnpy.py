"""vnpy's exports: what becomes of each kind of order, and what such files leave open."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from small_files import counts, events, files, opened, scanned

from abtrade.errors import InputError
from abtrade.readers.foreign import stated_log
from abtrade.readers.kinds import recognised
from abtrade.readers.sources import glimpse

HEADER = """
symbol,exchange, orderid, type, direction, offset,price,volume,traded,status,datetime,gateway_name
"""
TRADES = """
symbol,exchange, orderid, tradeid, direction, offset, price, volume, datetime, gateway_name
"""


def order(**changes: str) -> str:
    """Return a row of OrderData."""
    row = {
        "symbol": "cu2505", "exchange": "SHFE", "orderid": "1_2_3", "type": "限价",
        "direction": "多", "offset": "开", "price": "70000", "volume": "5.0", "traded": "0.0",
        "status": "未成交", "datetime": "2025-03-03 09:00:00+08:00", "gateway_name": "CTP",
    }  # fmt: skip
    return ",".join((row | changes).values()) + "\n"


def trade(**changes: str) -> str:
    """Return a row of TradeData."""
    row = {
        "symbol": "cu2505", "exchange": "SHFE", "orderid": "1_2_3", "tradeid": "  77",
        "direction": "多", "offset": "开", "price": "70000", "volume": "2.0",
        "datetime": "2025-03-03 09:00:01+08:00", "gateway_name": "CTP",
    }  # fmt: skip
    return ",".join((row | changes).values()) + "\n"


@pytest.mark.parametrize(
    ("status", "traded", "rows"),
    [
        ("提交中", "0", []),
        ("未成交", "0", [("new", 5)]),
        ("部分成交", "2", [("new", 5), ("trade", 2)]),
        ("全部成交", "5", [("new", 5), ("trade", 5)]),
        ("已撤销", "0", [("new", 5), ("cancel", 5)]),
        ("已撤销", "2", [("new", 5), ("trade", 2), ("cancel", 3)]),
        ("拒单", "0", [("reject", 5)]),
    ],
)
def test_each_status_without_a_file_of_trades(
    tmp_path: Path, status: str, traded: str, rows: list[tuple[str, int]]
) -> None:
    other = order(orderid="9", volume="1")
    paths = files(tmp_path, orders=HEADER + order(status=status, traded=traded) + other)
    told = events(opened(paths), "order_id", "action", "lots")
    assert [row[1:] for row in told if row[0] == "1_2_3"] == rows


@pytest.mark.parametrize(
    "words",
    [
        ("FAK", "空", "平今", "已撤销"),
        ("FAK", "Short", "Close Today", "Cancelled"),
        ("FAK", "SHORT", "CLOSETODAY", "CANCELLED"),
        ("OrderType.FAK", "Direction.SHORT", "Offset.CLOSETODAY", "Status.CANCELLED"),
        ("<OrderType.FAK: 'FAK'>", "<Direction.SHORT: '空'>", "<Offset.CLOSETODAY: '平今'>",
         "<Status.CANCELLED: '已撤销'>"),
    ],
)  # fmt: skip
def test_words_however_an_enumeration_is_written(tmp_path: Path, words: tuple[str, ...]) -> None:
    cells = dict(zip(("type", "direction", "offset", "status"), words, strict=True))
    paths = files(tmp_path, orders=HEADER + order(**cells))
    told = events(opened(paths), "action", "side", "offset", "order_type", "tif")
    assert told == [("new", "sell", "close_today", "limit", "fak"), ("cancel", *[None] * 4)]


@pytest.mark.parametrize(
    ("kind", "order_type", "tif"),
    [("限价", "limit", "gfd"), ("市价", "market", None), ("STOP", "stop", None),
     ("FOK", "limit", "fok")],
)  # fmt: skip
def test_types(tmp_path: Path, kind: str, order_type: str, tif: str | None) -> None:
    told = events(opened(files(tmp_path, orders=HEADER + order(type=kind))), "order_type", "tif")
    assert told == [(order_type, tif)]


@pytest.mark.parametrize(
    ("symbol", "exchange"),
    [("cu2505", "SHFE"), ("cu2505.SHFE", "SHFE"), ("cu2505.SHFE", ""), ("cu2505", "Exchange.SHFE"),
     ("cu2505", "<Exchange.SHFE: 'SHFE'>")],
)  # fmt: skip
def test_a_contract_with_its_exchange_or_without(
    tmp_path: Path, symbol: str, exchange: str
) -> None:
    paths = files(tmp_path, orders=HEADER + order(symbol=symbol, exchange=exchange))
    assert events(opened(paths), "contract", "exchange") == [("cu2505", "SHFE")]


def test_a_request_for_a_quote_is_no_order(tmp_path: Path) -> None:
    paths = files(tmp_path, orders=HEADER + order() + order(orderid="4", type="询价"))
    result = scanned(paths)
    assert counts(result, "CTP", "orders") == [1]
    assert "vnpy: 1 requests for quotes left out: they are no orders" in result.run["notes"]


def test_two_trades_of_one_id_are_a_self_trade(tmp_path: Path) -> None:
    """Whether of one account, or of two gateways: then the groups tell."""
    orders = HEADER + order(volume="2", traded="2", status="全部成交") + order(
        orderid="1_2_4", direction="空", volume="2", traded="2", status="全部成交"
    )  # fmt: skip
    trades = TRADES + trade() + trade(orderid="1_2_4", direction="空")
    result = scanned(files(tmp_path, orders=orders, trades=trades))
    assert counts(result, "CTP", "self_trades", "filled_orders", "open_lots") == [1, 2, 4]
    lone = TRADES + trade() + trade(orderid="1_2_4", direction="空", tradeid="78")
    result = scanned(files(tmp_path, orders=orders, trades=lone))
    assert counts(result, "CTP", "self_trades", "filled_orders", "open_lots") == [0, 2, 4]


def test_a_trade_told_again_counts_once(tmp_path: Path) -> None:
    orders = HEADER + order(volume="5", traded="2", status="部分成交")
    result = scanned(files(tmp_path, orders=orders, trades=TRADES + trade() + trade()))
    assert counts(result, "CTP", "open_lots") == [2]
    assert "vnpy: 1 trades told once more left out" in result.run["notes"]


def test_a_trade_told_again_with_other_lots_is_left_out_aloud(tmp_path: Path) -> None:
    orders = HEADER + order(volume="5", traded="2", status="部分成交")
    trades = TRADES + trade(volume="2") + trade(volume="1")
    result = scanned(files(tmp_path, orders=orders, trades=trades))
    assert counts(result, "CTP", "open_lots") == [2]
    assert any(
        note.startswith("vnpy: 1 trades left out that were told before with other lots")
        and note.endswith(": row 2")
        for note in result.run["notes"]
    )


def test_fills_that_no_trade_shows_are_told(tmp_path: Path) -> None:
    orders = HEADER + order(traded="4", status="部分成交")
    for shown, said in (("4", False), ("3", True)):
        paths = files(tmp_path, orders=orders, trades=TRADES + trade(volume=shown))
        note = "vnpy: 1 orders filled by more lots than their trades show, by 1 lots; not counted"
        assert (note in opened(paths)[0].notes) is said


def test_what_becomes_of_each_column(tmp_path: Path) -> None:
    (path,) = files(tmp_path, orders=WINDOW)
    stated = stated_log()
    found = recognised(glimpse(path), stated)
    assert found is not None
    told = {one.column: one.canonical for one in found[0].meanings(found[1], [found[1]], stated)}
    assert list(told) == WINDOW.strip().splitlines()[0].split(",")
    assert {told[c] for c in ("委托号", "代码", "接口", "来源")} == {
        "order_id", "contract", "account", "",
    }  # fmt: skip


def test_one_order_id_behind_two_gateways_is_two_orders(tmp_path: Path) -> None:
    orders = HEADER + order() + order(gateway_name="CTP2", status="已撤销")
    result = scanned(files(tmp_path, orders=orders))
    assert counts(result, "CTP", "orders", "cancels") == [1, 0]
    assert counts(result, "CTP2", "orders", "cancels") == [1, 1]


def test_states_of_one_order_are_one_order(tmp_path: Path) -> None:
    """The first row, sent, and one of a refusal have no time: the exchange told none."""
    orders = (
        HEADER
        + order(status="提交中", datetime="")
        + order()
        + order()
        + order(orderid="1_2_9", status="提交中", datetime="")
        + order(orderid="1_2_9", status="拒单", datetime="")
        + order(status="已撤销", traded="2", datetime="2025-03-03 09:00:07+08:00")
    )
    sources = opened(files(tmp_path, orders=orders))
    told = events(sources, "action", "order_id", "lots", "ts")
    assert [(row[0], row[1], row[2], f"{row[3]:%T}") for row in told] == [
        ("new", "1_2_3", 5, "09:00:00"),
        ("reject", "1_2_9", 5, "09:00:00"),
        ("trade", "1_2_3", 2, "09:00:00"),
        ("cancel", "1_2_3", 3, "09:00:07"),
    ]
    assert sources[0].visibility == "broker"  # the cancel has a time of its own


def test_a_final_state_says_that_no_cancel_has_a_time(tmp_path: Path) -> None:
    sources = opened(files(tmp_path, orders=HEADER + order(status="已撤销")))
    assert sources[0].visibility == "final-state"
    assert any("the time of 1 cancels is not told" in note for note in sources[0].notes)


# --- the window's file --------------------------------------------------------------------------

WINDOW = """
委托号,来源,代码,交易所,类型,方向,开平,价格,总数量,已成交,状态,时间,接口
1_2_3,,cu2505,SHFE,限价,多,开,70000,5,0,已撤销,21:00:00.7,CTP
1_2_4,,cu2505,SHFE,限价,多,开,70000,5,0,未成交,09:00:00.70,CTP
1_2_5,,cu2505,SHFE,限价,多,开,70000,5,0,未成交,09:00:00.700,CTP
"""


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-8-sig"])
def test_milliseconds_of_the_window_are_a_count(tmp_path: Path, encoding: str) -> None:
    """It writes 7 ms as ``.7``; and its times name no date, so that the day is to be given."""
    paths = files(tmp_path, encoding, orders=WINDOW)
    told = events(opened(paths, day="2025-03-03"), "action", "ts")
    assert [f"{ts:%F %T.%f}"[:23] for action, ts in told if action == "new"] == [
        "2025-02-28 21:00:00.007", "2025-03-03 09:00:00.070", "2025-03-03 09:00:00.700",
    ]  # fmt: skip
    with pytest.raises(InputError, match="times without a date; give the trading day with --day"):
        opened(paths)


def test_chinese_that_begins_late_in_the_file(tmp_path: Path) -> None:
    english = {"type": "LIMIT", "direction": "LONG", "offset": "OPEN", "status": "NOTTRADED"}
    rows = [order(orderid=f"1_2_{n}", **english) for n in range(1_000)]
    late = order(orderid="last", direction="空", **{"offset": "平今", "status": "已撤销"})
    paths = files(tmp_path, "gbk", orders=HEADER + "".join(rows) + late)
    assert paths[0].stat().st_size > 65_536
    result = scanned(paths)
    assert (counts(result, "CTP", "orders", "cancels"), result.rejected.num_rows) == (
        [1_001, 1], 0,
    )  # fmt: skip


# --- whose they are -----------------------------------------------------------------------------


def test_the_account_is_the_gateway_unless_the_user_says_another(tmp_path: Path) -> None:
    paths = files(tmp_path, orders=HEADER + order())
    assert events(opened(paths), "account") == [("CTP",)]
    sources = opened(paths, account="000100000001")
    assert events(sources, "account") == [("000100000001",)]
    assert "vnpy: the account is --account" in sources[0].notes
    with pytest.raises(InputError, match="expected one of gateway_name, accountid"):
        opened(paths, account_field="symbol")


def test_without_a_gateway_the_account_is_to_be_given(tmp_path: Path) -> None:
    lines = (HEADER + order()).strip().splitlines()
    paths = files(tmp_path, orders="\n".join(line.rpartition(",")[0] for line in lines))
    with pytest.raises(InputError, match="found no account: no column gateway_name"):
        opened(paths)
    assert events(opened(paths, account="A"), "account") == [("A",)]


def test_trades_alone_are_no_log(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found trades and no orders of vnpy"):
        opened(files(tmp_path, trades=TRADES + trade()))


# --- rows that cannot be read -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"direction": "净"}, "direction: found '净', expected one of 多, 空, long, short"),
        ({"status": "撤单中"}, "status: found '撤单中', expected one of 提交中"),
        ({"volume": "2.5"}, "volume: found '2.5', expected a whole number from 1"),
        ({"volume": "0"}, "volume: found '0', expected a whole number from 1"),
        ({"traded": "6"}, "traded: found '6', expected no more than the order's volume"),
        ({"datetime": "yesterday"}, "datetime: found 'yesterday', expected a time"),
        ({"datetime": ""}, "datetime: found nothing, expected a time"),
        ({"orderid": ""}, "orderid: found nothing, expected a value"),
        ({"gateway_name": " "}, "gateway_name: found nothing, expected a value"),
        ({"exchange": ""}, "exchange: found nothing, expected an exchange, such as SHFE"),
        ({"price": "1x"}, "price: found '1x', expected a price"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside(
    tmp_path: Path, cells: dict[str, str], reason: str
) -> None:
    orders = HEADER + order() + order(**{"orderid": "4", **cells})
    result = scanned(files(tmp_path, orders=orders))
    (bad,) = result.rejected.to_pylist()
    assert bad["row"] == 2
    assert bad["reason"].startswith(reason)
    assert counts(result, "CTP", "orders") == [1]


def test_the_evening_of_dalian_is_dated_by_the_trading_day(tmp_path: Path) -> None:
    """The gateway makes times of InsertDate, which is the trading day there and nowhere else."""
    orders = (
        HEADER
        + order(symbol="m2505", exchange="DCE", price="2900", datetime="2025-03-03 21:00:00+08:00")
        + order(orderid="4", datetime="2025-02-28 21:00:00+08:00")
        + order(orderid="5")
    )
    sources = opened(files(tmp_path, orders=orders))
    times = {ts for (ts,) in events(sources, "ts")}
    assert times == {
        datetime.fromisoformat(text + "+08:00")
        for text in ("2025-02-28T21:00:00", "2025-03-03T09:00:00")
    }
    assert sources[0].day == "2025-03-03"
    assert "vnpy: evenings of DCE orders are dated by their trading day" in sources[0].notes
