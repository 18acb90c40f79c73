"""Each verb of the shorthand makes the rows it says: held to what a plain scan of them counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from case_makers import a_case
from rule_makers import rules_of

import abtrade
from abtrade.market.calendar import load_calendar
from abtrade.testing.case import Tip
from abtrade.testing.shorthand import MadeLog, make_log

DAY = date(2024, 10, 25)


def made(log: str, day: date = DAY, without: frozenset[str] = frozenset()) -> MadeLog:
    return make_log(a_case(f"log: {log}\nexpect: nothing").log, day, load_calendar(), without)


def rows(log: str, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[c] for c in columns) for row in made(log).table.to_pylist()]


def counts(log: str) -> dict[str, dict[str, Any]]:
    """Return what a scan counts of a log, by account; no row is bad and nothing is a fault."""
    found = abtrade.scan(made(log).table, day=DAY, rules=rules_of(), threads=1)
    assert found.certificate["verdict"] == "complete", found.certificate["faults"]
    tallies = found.tallies.to_pylist()
    return {row["subject"]: {k: v for k, v in row.items() if v} for row in tallies}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{order: A, times: 3}", {"orders": 3, "messages": 3}),
        ("{cancel: A, times: 3}", {"orders": 3, "cancels": 3, "messages": 6}),
        ("{cancel: A, cancel_by: expiry}", {"orders": 1, "cancels": 1, "messages": 1}),
        ("{amend: A, lots: 4}", {"orders": 1, "messages": 2}),
        ("{rfq: A, times: 2}", {"messages": 2}),
        ("{trade: A, lots: 2}", {"orders": 1, "filled_orders": 1, "open_lots": 2}),
        ("{trade: A, matches: 3}", {"orders": 1, "filled_orders": 1, "open_lots": 3}),
        ("{trade: A, resting_orders: 3}", {"orders": 1, "filled_orders": 1, "open_lots": 3}),
        ("{trade: A, incoming_orders: 3}", {"orders": 3, "filled_orders": 3, "open_lots": 3}),
        ("{trade: A, offset: close}", {"orders": 1, "filled_orders": 1, "open_lots": None}),
        ("{trade: A, trade_type: block}", {"filled_orders": 1, "open_lots": None}),
        ("{cancel: A, filled: 2}", {"cancels": 1, "filled_orders": 1, "open_lots": 2}),
    ],
)
def test_a_verb_comes_to_these_counts(line, told):
    found = counts(f"[{line}]")["A"]
    assert {name: found.get(name) for name in told} == told


def test_a_reject_counts_nothing():
    assert counts("[{reject: A}, {order: B}]").keys() == {"B"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("", (1, 1, 1, 1)),
        ("matches: 3", (3, 1, 1, 3)),
        ("resting_orders: 3", (3, 3, 1, 3)),
        ("incoming_orders: 3, lots: 2", (3, 3, 3, 6)),
        ("times: 2, resting_orders: 2, matches: 2", (8, 4, 2, 8)),
    ],
)
def test_a_trade_with_oneself_is_so_many_self_trades(options, told):
    found = counts(f"[{{trade: A, with: A, {options}}}]")["A"]
    names = ("self_trades", "self_trade_pairs", "self_trade_orders", "self_trade_lots")
    assert tuple(found[name] for name in names) == told


def test_the_market_closes_what_others_open():
    found = counts("[{trade: A, lots: 3, with: B}, {trade: A}]")
    assert found["A"]["open_lots"] == 4
    assert found["B"]["open_lots"] == 3
    assert "open_lots" not in found["market"]


def test_the_resting_order_has_its_own_words_and_the_other_side():
    log = "[{trade: A, with: B, side: sell, with_hedge: hedge, with_tif: gtc, with_offset: close," \
          " with_order_type: quote}]"  # fmt: skip
    columns = ("action", "account", "side", "offset", "hedge", "tif", "order_type")
    assert rows(log, *columns)[:2] == [
        ("new", "B", "buy", "close", "hedge", "gtc", "quote"),
        ("new", "A", "sell", "open", "speculation", "gfd", "limit"),
    ]


def test_a_cancel_takes_off_its_lots_from_an_order_that_may_be_larger():
    columns = ("action", "lots", "cancel_by")
    assert rows("[{cancel: A, lots: 3, ordered: 10, filled: 2, cancel_by: forced}]", *columns) == [
        ("new", 2, None),
        ("new", 10, None),
        ("trade", 2, None),
        ("cancel", 3, "forced"),
    ]
    assert rows("[{cancel: A, lots: 3, filled: 2}]", "lots")[1] == (5,)


def test_the_clock_runs_on_and_can_be_set():
    log = '[{order: A, times: 2, every: 1500}, {order: A}, {order: A, at: "14:59:59.5"}]'
    clocks = [f"{ts:%H:%M:%S.%f}" for (ts,) in rows(log, "ts")]
    assert clocks == ["02:00:00.000000", "02:00:01.500000", "02:00:03.000000", "06:59:59.500000"]


def test_the_evening_is_of_the_trading_day_before():
    table = made('[{order: A, at: "21:00:00"}, {order: A, at: "01:00:00"}]', date(2024, 10, 28))
    instants = [f"{ts:%d %H}" for ts in table.table["ts"].to_pylist()]
    assert instants == ["25 13", "25 17"]  # UTC: Friday evening, and Saturday in Beijing


def test_a_row_is_traced_to_its_line_and_repetition():
    log = made("[{cancel: A, times: 3}, {trade: A, with: B, matches: 2}, {order: A, times: 2}]")
    # rows: 6 of cancels, 4 of the trade, 2 of orders
    assert [log.place(seq) for seq in (1, 2, 5, 7, 10, 11, 12)] == [
        Tip(1, 1), Tip(1, 1), Tip(1, 3), Tip(2, 1), Tip(2, 1), Tip(3, 1), Tip(3, 2),
    ]  # fmt: skip


def test_a_column_may_be_lacking():
    names = made("[{cancel: A}]", without=frozenset({"tif", "seq"})).table.column_names
    assert "tif" not in names
    assert "seq" not in names
    assert "hedge" in names
