"""Rows of a dump that contradict each other, or lack what names them: told, never lost."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ctp_files import CANCELLED, SENT, action, bad, opened, order, rows_of, saved, told, trade

import abtrade
from abtrade.errors import InputError
from abtrade.readers.foreign import stated_log
from abtrade.readers.log import open_log

FILLED = {"OrderStatus": "0", "VolumeTraded": "5"}
BLANK = {"OrderSysID": ""}
NAMELESS = {"OrderSysID": "", "OrderLocalID": "", "FrontID": "", "TraderID": ""}


def both(**other):
    """Two whole lives under one number."""
    return [order(), order(**CANCELLED), order(**other), order(**other, **CANCELLED)]


def test_one_number_in_two_contracts_is_two_orders(tmp_path):
    other = {"InstrumentID": "hc2505", "ClientID": "2", "OrderLocalID": "2", "Direction": "1"}
    log = opened(tmp_path, both(**other), None, [action(), action(InstrumentID="hc2505")])
    assert sorted(told(rows_of(log), "contract", "action", "account", "cancel_by")) == [
        ("cu2503", "cancel", None, "client"),
        ("cu2503", "new", "00010001", None),
        ("hc2505", "cancel", None, "client"),
        ("hc2505", "new", "2", None),
    ]


@pytest.mark.parametrize(
    "other",
    [{"ClientID": "2"}, {"Direction": "1"}, {"VolumeTotalOriginal": "9"}, {"OrderLocalID": "2"}],
)
def test_two_orders_under_one_number_are_a_fault(tmp_path, other):
    result = abtrade.scan(saved(tmp_path / "o.csv", both(**other)))
    assert result.certificate["faults"]["duplicate_order"] == 1
    assert any("stand for several orders" in note for note in result.notes)


def test_a_row_that_leaves_out_account_and_local_number_is_of_the_same_order(tmp_path):
    less = {"ClientID": "", "OrderLocalID": ""}
    log = opened(tmp_path, [order(**less), order(), order(**CANCELLED, **less)])
    assert told(rows_of(log), "action", "account") == [("new", "00010001"), ("cancel", None)]
    assert not any("several" in note for note in log.notes)


def test_trades_of_a_number_that_two_orders_have_go_to_the_one_of_their_contract(tmp_path):
    other = {"InstrumentID": "hc2505", "OrderLocalID": "2"}
    rows = [order(**FILLED), order(**other, **CANCELLED, VolumeTraded="2")]
    trades = [trade(), trade(InstrumentID="hc2505", TradeID="9", Volume="2")]
    log = opened(tmp_path, rows, trades)
    assert [row for row in told(rows_of(log), "action", "lots") if row[0] == "cancel"] == [
        ("cancel", 3)
    ]
    assert not any("than their trades show" in note for note in log.notes)


def test_fills_that_no_trade_shows_are_told_with_their_lots(tmp_path):
    rows = [order(**FILLED), order(**FILLED, OrderSysID="8", OrderRef="2", OrderLocalID="2")]
    log = opened(tmp_path, rows, [trade(Volume="3")])
    assert any("than their trades show: 2, by 7 lots" in note for note in log.notes)
    log = opened(tmp_path, rows[:1], [trade()])
    assert not any("than their trades show" in note for note in log.notes)


def test_an_empty_file_of_trades_is_as_none_where_orders_filled(tmp_path):
    trades = saved(tmp_path / "t.csv", [trade()])
    trades.write_text(trades.read_text().splitlines()[0] + "\n")
    log = [saved(tmp_path / "o.csv", [order(**FILLED)]), trades]
    result = abtrade.scan(log, rules=["shfe"])
    assert any("the files of trades hold none" in note for note in result.notes)
    assert "self_trade" in str(result.certificate["blind"])
    assert result.tallies.to_pylist()[0]["orders"] == 1


def test_more_lots_traded_than_ordered_are_a_bad_row(tmp_path):
    log = opened(tmp_path, [order(), order(**CANCELLED, VolumeTraded="6")], [trade()])
    assert [(row, why.split(":")[0]) for _, row, why in bad(log)] == [(2, "VolumeTraded")]


@pytest.mark.parametrize(
    ("names", "name"), [({}, "SHFE_T1_1"), ({"OrderLocalID": ""}, "1_-12_1")]
)
def test_orders_of_the_exchange_that_lost_their_numbers_are_counted(tmp_path, names, name):
    rows = [order(**SENT | names), order(**BLANK | names), order(**BLANK | names, **CANCELLED)]
    log = opened(tmp_path, rows)
    assert told(rows_of(log), "action", "order_id") == [("new", name), ("cancel", name)]
    assert any("that were at the exchange: 1" in note for note in log.notes)


def test_orders_that_lost_their_numbers_fill_without_a_file_of_trades(tmp_path):
    log = opened(tmp_path, [order(**BLANK, **FILLED)])
    found = told(rows_of(log), "action", "order_id")
    assert found == [("new", "SHFE_T1_1"), ("trade", "SHFE_T1_1")]


def test_a_row_of_the_exchange_that_nothing_names_is_bad_and_a_sent_one_is_told(tmp_path):
    log = opened(tmp_path, [order(), order(**NAMELESS), order(**SENT | NAMELESS)])
    assert [(row, why.split(":")[0]) for _, row, why in bad(log)] == [(2, "OrderSysID")]
    assert any("name no order" in note and note.endswith(": 1") for note in log.notes)


def test_an_order_that_waits_for_its_condition_is_told_once(tmp_path):
    waits = {"OrderSysID": "TJBD_ 1", "OrderStatus": "b", "OrderRef": "9"}
    sent = order(**SENT | {"OrderRef": "9", "OrderLocalID": ""})
    log = opened(tmp_path, [order(), sent, order(**waits, OrderLocalID="")])
    assert not any("got no OrderSysID" in note for note in log.notes)
    assert any("wait at the counter" in note for note in log.notes)


def test_trades_without_one_good_order_are_faults_and_no_crash(tmp_path):
    log = [saved(tmp_path / "o.csv", [order(VolumeTotalOriginal="")])]
    result = abtrade.scan([*log, saved(tmp_path / "t.csv", [trade()])])
    assert "unknown_order" in result.certificate["faults"]


def test_a_day_without_a_row_is_refused_with_the_days_that_there_are(tmp_path):
    with pytest.raises(InputError, match="found no row of --day 2025-02-19") as error:
        opened(tmp_path, [order()], [trade()], day="2025-02-19")
    assert "orders.csv: 2025-02-18 1 rows" in str(error.value)


def test_a_header_without_rows_is_refused_as_such(tmp_path):
    empty = saved(tmp_path / "o.csv", [order()])
    empty.write_text(empty.read_text().splitlines()[0] + "\n")
    with pytest.raises(InputError, match="found no rows of orders"):
        abtrade.scan(empty)


@pytest.mark.parametrize("number", ["1.23E+11", "123000000000.0", "7.", "1E+11"])
@pytest.mark.parametrize("field", ["OrderSysID", "ClientID"])
def test_an_id_that_a_spreadsheet_made_a_number_of_is_a_bad_row(tmp_path, field, number):
    log = opened(tmp_path, [order(), order(**{field: number, "OrderLocalID": "2"})])
    [(_, row, why)] = bad(log)
    assert (row, why.startswith(f"{field}: found {number!r}, expected an id as text")) == (2, True)


def test_an_id_of_letters_and_digits_is_an_id(tmp_path):
    log = opened(tmp_path, [order(OrderSysID="1E5"), order(OrderSysID="A.7", OrderLocalID="2")])
    assert not bad(log)


def test_trade_ids_that_are_floats_are_bad_rows(tmp_path):
    log = opened(tmp_path, [order()], [trade(TradeID="5.5E+03")])
    assert [(row, why.split(":")[0]) for _, row, why in bad(log)] == [(1, "TradeID")]


def test_a_column_of_ids_that_are_floats_is_bad(tmp_path):
    table = pa.Table.from_pylist([order(), order()])
    at = table.schema.names.index("OrderSysID")
    ids = pa.array([1.23e11, None])
    pq.write_table(table.set_column(at, "OrderSysID", ids), tmp_path / "o.parquet")
    log = open_log([tmp_path / "o.parquet"], stated=stated_log())
    assert [row for _, row, _ in bad(log)] == [1]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_another_delimiter_is_told_as_such(tmp_path, delimiter):
    path = saved(tmp_path / "o.csv", [order()])
    path.write_text(path.read_text().replace(",", delimiter))
    with pytest.raises(InputError, match=r"orders: found columns delimited by .* expected commas"):
        abtrade.scan(path)


def test_every_day_of_a_dump_is_told_with_its_option(tmp_path):
    later = {"TradingDay": "20250219"}
    with pytest.raises(InputError) as error:
        opened(tmp_path, [order(), order(**later, OrderSysID="8")], [trade(**later)])
    assert "--day 2025-02-18: 1 rows" in str(error.value)
    assert "--day 2025-02-19: 2 rows" in str(error.value)


def test_bytes_that_are_no_text_are_told_by_their_line(tmp_path):
    path = saved(tmp_path / "o.csv", [order(StatusMsg="未成交")] * 4)
    rows = path.read_bytes().split(b"\n")
    rows[3] = rows[3].replace("未".encode(), b"\xff")
    path.write_bytes(b"\n".join(rows))
    with pytest.raises(InputError, match=r"o\.csv: line 4: expected text in utf-8"):
        abtrade.scan(path)
