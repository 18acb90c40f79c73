"""What breaks those who count rows of CTP's structures, each told by name."""

from __future__ import annotations

import pytest
from ctp_files import (
    CANCELLED,
    FAK,
    SENT,
    action,
    bad,
    events,
    opened,
    order,
    rows_of,
    saved,
    told,
    trade,
)

import abtrade
from abtrade.errors import InputError

FILLED = {"OrderStatus": "0", "VolumeTraded": "5"}
OTHER = {"OrderSysID": "8", "OrderRef": "2", "OrderLocalID": "2", "Direction": "1"}


def test_repeated_rows_are_one_order(tmp_path):
    rows = [order(**SENT), order(**SENT), order(), order(), order(**FILLED), order(**FILLED)]
    found = events(tmp_path, rows, [trade()])
    assert told(found, "action", "order_id", "lots") == [("new", 7, 5), ("trade", 7, 5)]


def test_an_order_first_seen_cancelled_was_put_in(tmp_path):
    found = events(tmp_path, [order(**CANCELLED, CancelTime="09:31:00")])
    assert told(found, "action", "ts", "lots") == [
        ("new", "02-18 09:30:00", 5), ("cancel", "02-18 09:31:00", 5)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("time", "volume", "tif"),
    [("1", "1", "fak"), ("1", "2", "fak"), ("1", "3", "fok"), ("3", "1", "gfd"), ("2", "1", "gfd"),
     ("6", "1", "gfd"), ("4", "1", "gtc"), ("5", "1", "gtc"), ("", "", None)],
)  # fmt: skip
def test_time_and_volume_conditions_tell_fak_and_fok(tmp_path, time, volume, tif):
    found = events(tmp_path, [order(TimeCondition=time, VolumeCondition=volume)])
    assert found[0]["tif"] == tif


@pytest.mark.parametrize("exchange", ["SHFE", "INE", "CFFEX"])
def test_a_fak_cancelled_before_its_trade_took_off_what_was_not_filled(tmp_path, exchange):
    one = {"ExchangeID": exchange, **FAK}
    rows = [order(**SENT, **one), order(**one, **CANCELLED, VolumeTraded="2")]
    found = events(tmp_path, rows, [trade(ExchangeID=exchange, Volume="2")])
    assert told(found, "action", "lots") == [("new", 5), ("trade", 2), ("cancel", 3)]


@pytest.mark.parametrize("exchange", ["DCE", "GFEX", "CZCE"])
def test_a_fak_that_rests_first_is_the_same(tmp_path, exchange):
    one = {"ExchangeID": exchange, **FAK}
    filled = {"OrderStatus": "1", "VolumeTraded": "2"}
    rows = [order(**one), order(**one), order(**one, **filled),
            order(**one, **CANCELLED, VolumeTraded="2")]  # fmt: skip
    found = events(tmp_path, rows, [trade(ExchangeID=exchange, Volume="2")])
    assert told(found, "action", "lots") == [("new", 5), ("trade", 2), ("cancel", 3)]


def test_a_fak_is_no_fault_and_an_automatic_remainder(tmp_path):
    rows = [order(**FAK, **CANCELLED, VolumeTraded="2")]
    log = [saved(tmp_path / "o.csv", rows), saved(tmp_path / "t.csv", [trade(Volume="2")])]
    result = abtrade.scan(log)
    found = result.tallies.to_pylist()[0]
    assert (found["orders"], found["cancels"], found["messages"]) == (1, 1, 2)
    assert set(result.certificate["faults"]) <= {"one_sided_trade"}


def test_a_refused_order_is_a_reject_and_no_cancel(tmp_path):
    refused = {"OrderStatus": "5", "OrderSubmitStatus": "4"}
    found = events(tmp_path, [order(**SENT), order(**{**SENT, **refused})])
    assert told(found, "action", "order_id") == [("reject", "SHFE_T1_1")]
    found = events(tmp_path, [order(**refused)])
    assert told(found, "action", "order_id") == [("reject", 7)]


def test_an_order_without_a_number_that_was_not_refused_is_left_out_aloud(tmp_path):
    log = opened(tmp_path, [order(**SENT), order(**OTHER)])
    assert told(rows_of(log), "order_id") == [(8,)]
    assert any("got no OrderSysID and were not refused: 1 (1 rows)" in note for note in log.notes)


def test_no_row_says_all_traded_where_an_exchange_sends_none(tmp_path):
    found = events(tmp_path, [order(ExchangeID="DCE")], [trade(ExchangeID="DCE")])
    assert told(found, "action", "lots") == [("new", 5), ("trade", 5)]


@pytest.mark.parametrize(("kind", "said"), [("", "limit"), ("0", "limit"), ("1", "quote")])
def test_a_market_maker_is_told_by_the_hedge_flag(tmp_path, kind, said):
    found = events(tmp_path, [order(OrderType=kind, CombHedgeFlag="5")])
    assert told(found, "hedge", "order_type") == [("market_maker", said)]


def test_conditional_orders_are_none_of_the_exchange(tmp_path):
    waits = order(OrderSysID="TJBD_   12", OrderStatus="b", ContingentCondition="5")
    touched = waits | {"OrderStatus": "c"}
    given_up = waits | {"OrderSysID": "  TJBD_   13", "OrderStatus": "5"}
    log = opened(tmp_path, [waits, touched, given_up, order(RelativeOrderSysID="TJBD_   12")])
    assert told(rows_of(log), "action", "order_id") == [("new", 7)]
    assert any("3 rows of orders that wait at the counter" in note for note in log.notes)


def test_both_sides_of_a_trade_id_are_a_self_trade(tmp_path):
    log = [
        saved(tmp_path / "o.csv", [order(**FILLED), order(**OTHER | FILLED)]),
        saved(tmp_path / "t.csv", [trade(), trade(OrderSysID="8", Direction="1")]),
    ]
    result = abtrade.scan(log)
    assert result.tallies["self_trades"].to_pylist() == [1]
    assert result.certificate["faults"] == {}


def test_sides_of_different_trade_ids_are_not_paired(tmp_path):
    log = [
        saved(tmp_path / "o.csv", [order(**FILLED), order(**OTHER | FILLED)]),
        saved(tmp_path / "t.csv", [trade(), trade(OrderSysID="8", Direction="1", TradeID="56")]),
    ]
    assert abtrade.scan(log).tallies["self_trades"].to_pylist() == [0]


def scanned(folder, orders, *trades):
    """Return counts, faults and notes of a dump whose trades stand in one file or several."""
    saved(folder / "orders.csv", orders)
    for number, rows in enumerate(trades):
        saved(folder / f"trades{number}.csv", rows)
    result = abtrade.scan(folder)
    names = ("self_trades", "open_lots", "cancels")
    [found] = [tuple(row[name] for name in names) for row in result.tallies.to_pylist()]
    return found, result.certificate["faults"], result.run["notes"]


FILL = {"TradeID": "         901", "Volume": "2"}
SIDES = [trade(), trade(OrderSysID="8", Direction="1")]


@pytest.mark.parametrize(
    "files",
    [[[trade(**FILL), trade(**FILL)]], [[trade(**FILL)], [trade(**FILL)]]],
    ids=["in one file", "in two files"],
)
def test_a_fill_told_twice_is_one(tmp_path, files):
    rows = [order(), order(OrderStatus="1", VolumeTraded="2")]
    counts, faults, notes = scanned(tmp_path, rows, *files)
    assert (counts, faults) == ((0, 2, 0), {"one_sided_trade": 1})
    assert any("1 rows of trades tell one that was told before" in note for note in notes)


def test_an_order_cancelled_after_a_fill_told_twice_is_a_cancel(tmp_path):
    rows = [order(), order(**CANCELLED, VolumeTraded="3", CancelTime="10:00:00")]
    fill = trade(Volume="3")
    assert scanned(tmp_path, rows, [fill, fill])[:2] == ((0, 3, 1), {"one_sided_trade": 1})


@pytest.mark.parametrize(
    "files", [[[*SIDES, *SIDES]], [SIDES, SIDES[::-1]]], ids=["in one file", "in two files"]
)
def test_a_self_trade_told_twice_is_one(tmp_path, files):
    rows = [order(**FILLED), order(**OTHER | FILLED)]
    counts, faults, notes = scanned(tmp_path, rows, *files)
    assert (counts, faults) == ((1, 10, 0), {})
    assert any("2 rows of trades tell one that was told before" in note for note in notes)


def test_an_order_that_trades_with_itself_has_both_its_sides(tmp_path):
    found = events(tmp_path, [order(**FILLED)], [trade(), trade(Direction="1"), trade()])
    assert told(found, "action", "side") == [("new", "buy"), ("trade", "buy"), ("trade", "sell")]


@pytest.mark.parametrize("other", [{"Volume": "1"}, {"Price": "70010"}])
def test_a_trade_told_again_with_other_lots_or_price_is_left_out_aloud(tmp_path, other):
    rows = [order(), order(OrderStatus="1", VolumeTraded="2")]
    again = trade(**FILL) | other
    counts, _, notes = scanned(tmp_path, rows, [trade(**FILL), trade(**FILL), again, again])
    assert counts == (0, 2, 0)
    assert any("1 rows of trades tell one that was told before" in note for note in notes)
    [note] = [note for note in notes if "other lots or another price" in note]
    assert "2 rows of trades" in note and note.endswith("trades0.csv: row 3")


@pytest.mark.parametrize(
    "other",
    [{"TradeID": "902"}, {"OrderSysID": "8"}, {"InstrumentID": "cu2504"}, {"ExchangeID": "INE"}],
)
def test_trades_that_differ_in_what_names_them_are_two(tmp_path, other):
    log = opened(tmp_path, [order(), order(**OTHER)], [trade(**FILL), trade(**FILL) | other])
    assert [row["action"] for row in rows_of(log)].count("trade") == 2
    assert not any("told before" in note for note in log.notes)


def test_one_number_at_two_exchanges_is_two_orders(tmp_path):
    ine = {"ExchangeID": "INE", "InstrumentID": "sc2503", "OrderLocalID": "2", "OrderRef": "2"}
    found = events(tmp_path, [order(), order(**ine), order(**ine, **CANCELLED)])
    assert told(found, "action", "exchange") == [("new", "SHFE"), ("new", "INE"), ("cancel", "INE")]


def test_blanks_around_a_number_are_nothing_and_zeros_are(tmp_path):
    rows = [order(OrderSysID="7  "), order(OrderSysID=" 007"), order(OrderSysID="7", **CANCELLED)]
    found = events(tmp_path, rows)
    assert told(found, "action", "order_id") == [("new", "7"), ("new", "007"), ("cancel", "7")]


def test_a_session_that_names_two_orders_after_a_restart_names_neither(tmp_path):
    again = {"OrderRef": "           1", "OrderSysID": "8", "OrderLocalID": "2"}
    lost = order(**SENT | {"OrderLocalID": "", "TraderID": ""})
    log = opened(tmp_path, [lost, order(), order(**again), order(**again, **CANCELLED)])
    found = told(rows_of(log), "action", "order_id")
    assert found == [("new", 7), ("new", 8), ("cancel", 8)]
    assert any("were not refused: 1 (1 rows)" in note for note in log.notes)


def test_a_row_before_the_number_is_joined_by_trader_and_local_number(tmp_path):
    refused_later = order(**SENT | {"FrontID": "9"})  # another front, as after a restart
    log = opened(tmp_path, [refused_later, order()])
    assert told(rows_of(log), "action") == [("new",)]
    assert not any("OrderSysID" in note for note in log.notes)


def test_the_time_of_a_new_order_is_the_exchange_s(tmp_path):
    rows = [order(**SENT, InsertTime="09:29:58"), order(InsertTime="09:30:01")]
    assert told(events(tmp_path, rows), "ts") == [("02-18 09:30:01",)]


@pytest.mark.parametrize(
    ("row", "time"),
    [
        ({"CancelTime": "10:00:00", "UpdateTime": "10:00:09"}, "10:00:00"),
        ({"UpdateTime": "10:00:09"}, "10:00:09"),
        ({}, "09:30:02"),
    ],
)
def test_a_cancel_without_a_time_has_the_next_best(tmp_path, row, time):
    log = opened(tmp_path, [order(), order(**CANCELLED, **row)], [], [action()])
    assert told(rows_of(log), "action", "ts")[-1] == ("cancel", f"02-18 {time}")


def test_a_cancel_that_nothing_dates_stands_at_the_order_s_last_time_and_is_told(tmp_path):
    rows = [order(), order(**CANCELLED, VolumeTraded="2")]
    log = opened(tmp_path, rows, [trade(Volume="2", TradeTime="09:45:00")])
    assert told(rows_of(log), "action", "ts")[-1] == ("cancel", "02-18 09:45:00")
    assert any("cancels without a time of their own: 1:" in note for note in log.notes)


@pytest.mark.parametrize("exchange", ["SHFE", "INE", "DCE", "CZCE", "CFFEX", "GFEX"])
@pytest.mark.parametrize(
    ("clock", "moment"),
    [("21:00:05", "02-14 21:00:05"), ("00:30:00", "02-15 00:30:00"),
     ("09:30:00", "02-17 09:30:00")],
)  # fmt: skip
@pytest.mark.parametrize("date", ["20250214", "20250217", ""])
def test_times_come_of_the_trading_day_whatever_the_date(tmp_path, exchange, clock, moment, date):
    one = {"ExchangeID": exchange, "TradingDay": "20250217"}  # a Monday
    rows = [order(**one, InsertDate=date, InsertTime=clock)]
    log = opened(tmp_path, rows, [trade(**one, TradeDate=date, TradeTime=clock)])
    assert told(rows_of(log), "ts") == [(moment,), (moment,)]
    assert str(log.day) == "2025-02-17"


def test_an_order_off_the_tick_is_cut_at_czce_and_bad_elsewhere(tmp_path):
    czce = {"ExchangeID": "CZCE", "InstrumentID": "SR505"}
    saved(tmp_path / "o.csv", [order(**czce, LimitPrice="6000.5"), order(LimitPrice="70003")])
    saved(tmp_path / "t.csv", [trade(**czce, Price="6000")])
    assert abtrade.scan(tmp_path).rejected["row"].to_pylist() == [2]


def test_tas_contracts_are_contracts_of_their_own(tmp_path):
    tas = {"ExchangeID": "INE", "InstrumentID": "sc2503TAS"}
    found = events(tmp_path, [order(**tas, LimitPrice="0")], [trade(**tas, Price="0")])
    assert {row["contract"] for row in found} == {"sc2503TAS"}


def test_leg_fills_of_a_combination_name_the_contract_of_its_order(tmp_path):
    rows = [order(InstrumentID="SP a2505&a2509", ExchangeID="DCE", OrderType="3",
                  CombOffsetFlag="01", CombHedgeFlag="11", LimitPrice="-20")]  # fmt: skip
    legs = [trade(ExchangeID="DCE", InstrumentID=leg, TradeType="4", TradeID=number, Price="3900")
            for leg, number in (("a2505", "1"), ("a2509", "2"))]  # fmt: skip
    found = events(tmp_path, rows, legs)
    columns = ("contract", "order_contract", "trade_type", "order_type", "offset", "hedge")
    combination = "SP a2505&a2509"
    assert told(found, *columns) == [
        (combination, None, None, "combination", None, "speculation"),
        ("a2505", combination, "combination_leg", None, "open", None),
        ("a2509", combination, "combination_leg", None, "open", None),
    ]


def test_an_order_placed_by_a_forced_close_is_no_forced_cancel(tmp_path):
    rows = [order(UserForceClose="1", ForceCloseReason="1", CombOffsetFlag="2"),
            order(UserForceClose="1", ForceCloseReason="1", CombOffsetFlag="2", **CANCELLED)]
    found = events(tmp_path, rows)
    assert told(found, "action", "cancel_by") == [("new", None), ("cancel", None)]
    assert found[0]["offset"] == "close"


def test_requests_tell_that_a_client_cancelled(tmp_path):
    rows = [order(**CANCELLED), order(**OTHER | CANCELLED)]
    asked = [action(OrderSysID=""), action(OrderSysID="8", OrderRef="2", OrderActionStatus="c")]
    found = events(tmp_path, rows, [], asked)
    assert told(found, "action", "order_id", "cancel_by")[2:] == [
        ("cancel", 8, None), ("cancel", 7, "client")
    ]  # fmt: skip


def test_rows_of_several_days_are_refused_with_the_days(tmp_path):
    rows = [order(), order(TradingDay="20250219", **OTHER), order(TradingDay="20250219", **OTHER)]
    with pytest.raises(InputError) as failed:
        opened(tmp_path, rows)
    assert "2025-02-18 1 rows, 2025-02-19 2 rows" in str(failed.value)
    assert "--day 2025-02-19" in str(failed.value)
    log = opened(tmp_path, rows, day="2025-02-18")
    assert told(rows_of(log), "order_id") == [(7,)]
    assert any("2025-02-19 2 rows" in note for note in log.notes)


@pytest.mark.parametrize("first", [[], [order(TradingDay="")], [order(TradingDay="yesterday")]])
def test_the_first_file_may_have_no_row_of_a_day(tmp_path, first):
    head, *_ = saved(tmp_path / "o2.csv", [order()]).read_text().splitlines()
    if first:
        saved(tmp_path / "o1.csv", first)
    else:
        (tmp_path / "o1.csv").write_text(head + "\n")
    result = abtrade.scan(tmp_path)
    assert result.certificate["day"] == "2025-02-18"
    assert result.tallies["orders"].to_pylist() == [1]
    assert result.rejected["row"].to_pylist() == [1] * len(first)


def test_a_file_of_trades_none_of_which_can_be_read_is_told(tmp_path):
    saved(tmp_path / "o.csv", [order()])
    saved(tmp_path / "t.csv", [trade(Volume="-1"), trade(Price="")])
    result = abtrade.scan(tmp_path)
    assert result.rejected["row"].to_pylist() == [1, 2]
    assert result.certificate["verdict"] == "rejected rows"


def test_without_any_day_the_scan_says_so(tmp_path):
    with pytest.raises(InputError, match="day"):
        abtrade.scan(saved(tmp_path / "o.csv", [order(TradingDay="yesterday")]))


def test_the_day_is_told_by_a_file_that_has_it(tmp_path):
    saved(tmp_path / "a.csv", [action()])  # the first file, without the field
    saved(tmp_path / "o1.csv", [order(TradingDay=""), order(TradingDay="yesterday")])
    saved(tmp_path / "o2.csv", [order()])
    saved(tmp_path / "t.csv", [trade()])
    result = abtrade.scan(tmp_path)
    assert result.run["day_how"] == f"TradingDay of {tmp_path / 'o2.csv'}"
    assert abtrade.scan(tmp_path, day="2025-02-18").run["day_how"] == "given"


def test_the_last_states_alone_give_the_counts_and_say_so(tmp_path):
    rows = [order(**FILLED), order(**OTHER | CANCELLED, VolumeTraded="1")]
    log = opened(tmp_path, rows)
    assert {source.visibility for source in log.sources} == {"final-state"}
    result = abtrade.scan(tmp_path)
    assert "last state only" in result.certificate["visibility_note"]
    found = result.tallies.to_pylist()[0]
    assert (found["orders"], found["cancels"], found["filled_orders"]) == (2, 1, 2)
    assert found["open_lots"] == 6 and result.certificate["faults"] == {}
    assert any(rule.endswith("self_trade") for rule in result.certificate["blind"])


def test_bad_rows_are_set_aside_with_row_and_reason(tmp_path):
    rows = [order(Direction="2"), order(), order(InsertTime="25:00:00"), order(InstrumentID=""),
            order(VolumeTotalOriginal="0"), order(OrderStatus="x"), order(TradingDay="yesterday"),
            order(LimitPrice="dear")]  # fmt: skip
    log = opened(tmp_path, rows, [trade(OrderSysID=""), trade(Volume="-1", Price="")])
    reasons = bad(log)
    assert [(name, row) for name, row, _ in reasons] == [
        *(("orders.csv", row) for row in (1, 3, 4, 5, 6, 7, 8)), ("trades.csv", 1),
        ("trades.csv", 2),
    ]  # fmt: skip
    assert reasons[0][2].startswith("Direction: found '2', expected 0, 买")
    assert "Volume: found '-1'" in reasons[-1][2] and "Price: found" in reasons[-1][2]
    assert told(rows_of(log), "action") == [("new",)]


def test_rows_that_split_a_combination_are_no_trades(tmp_path):
    log = opened(tmp_path, [order()], [trade(TradeType="#")])
    assert told(rows_of(log), "action") == [("new",)]
    assert any("split a combination" in note for note in log.notes)


def test_structures_that_are_not_needed_are_named_with_the_reason(tmp_path):
    saved(tmp_path / "i.csv", [{"InstrumentID": "cu2503", "PriceTick": 10, "VolumeMultiple": 5}])
    log = opened(tmp_path, [order()])
    notes = abtrade.scan(tmp_path).notes
    assert not any("i.csv" in note for note in log.notes)
    assert any("i.csv: instruments, not read" in note for note in notes)


def test_trades_alone_are_refused(tmp_path):
    with pytest.raises(InputError, match="no file of orders"):
        abtrade.scan(saved(tmp_path / "t.csv", [trade()]))
