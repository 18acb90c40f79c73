"""CZCE's cancels at a limit price: from the first trade there on, buys above, sells below."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

import abtrade

START = 1_725_240_600_000_000_000  # 2024-09-02 09:30 in Beijing
UPPER, LOWER = 7000.0, 6000.0
CONTRACTS = pa.table({"contract": ["SR501"], "upper_limit": [UPPER], "lower_limit": [LOWER]})
COUNT, LOTS = "czce.limit_price_cancel", "czce.limit_price_cancel_lots"


class Day:
    """A small log of SR501."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.orders = 0

    def row(self, action: str, order: int, **cells: Any) -> None:
        seq = len(self.rows) + 1
        self.rows.append({"exchange": "CZCE", "seq": seq, "ts": START + seq * 1_000_000,
                          "contract": "SR501", "action": action, "order_id": order, **cells})

    def order(self, side: str, price: float, lots: int = 1, action: str = "new",
              account: str = "a", **cells: Any) -> int:
        self.orders += 1
        self.row(action, self.orders, account=account, side=side, price=price, lots=lots, **cells)
        return self.orders

    def trade_at(self, price: float) -> None:
        buy = self.order("buy", price, account="x")
        sell = self.order("sell", price, account="y")
        self.row("trade", sell, contra_order_id=buy, lots=1, price=price)

    def cancel(self, side: str, price: float, lots: int = 1, times: int = 1, **cells: Any) -> None:
        for _ in range(times):
            self.row("cancel", self.order(side, price, lots, **cells))

    def scan(self, engine: str = "core", day: str = "2024-09-02", **options: Any) -> Any:
        names = {name: None for row in self.rows for name in row}
        table = pa.table({name: [row.get(name) for row in self.rows] for name in names})
        ts = table.schema.get_field_index("ts")
        table = table.set_column(ts, "ts", table["ts"].cast(pa.timestamp("ns", "UTC")))
        return abtrade.scan(
            table, day=day, engine=engine, **{"contracts": CONTRACTS, "threads": 1, **options}
        )


def counted(found: Any, rule: str) -> int:
    """Return what a rule counted for account a, 0 where it saw nothing."""
    (n,) = [row["counted"] for row in found.results.to_pylist()
            if row["rule"] == rule and row["subject"] == "a"] or [0]
    return int(n)


@pytest.fixture(params=["core", "reference"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_100th_cancel_after_the_first_trade_at_the_limit_is_red(engine: str):
    day = Day()
    day.cancel("buy", UPPER, times=50)  # before the limit was hit
    day.trade_at(UPPER)
    day.cancel("buy", UPPER, times=99)
    assert counted(day.scan(engine), COUNT) == 99
    assert [alert.level for alert in day.scan(engine).alert_list] == ["yellow"]
    day.cancel("buy", UPPER)
    (alert,) = day.scan(engine).alert_list
    assert (alert.result.rule, alert.level, alert.red.seq) == (COUNT, "red", len(day.rows))


def test_sells_count_at_the_lower_limit_and_buys_there_do_not(engine: str):
    day = Day()
    day.trade_at(LOWER)
    day.cancel("sell", LOWER, times=3)
    day.cancel("buy", LOWER, times=5)
    day.cancel("sell", UPPER, times=7)
    day.cancel("buy", UPPER, times=9)  # no trade at the upper limit
    assert counted(day.scan(engine), COUNT) == 3


def test_other_prices_do_not_count(engine: str):
    day = Day()
    day.trade_at(UPPER)
    day.cancel("buy", UPPER - 1, times=5)
    assert counted(day.scan(engine), COUNT) == 0


def test_an_order_counts_by_the_price_it_was_amended_to(engine: str):
    day = Day()
    day.trade_at(UPPER)
    up = day.order("buy", UPPER - 1, 2)
    down = day.order("buy", UPPER, 2)
    day.row("amend", up, price=UPPER, lots=2)
    day.row("amend", down, price=UPPER - 1, lots=2)
    day.row("cancel", up)
    day.row("cancel", down)
    found = day.scan(engine)
    assert counted(found, COUNT) == 1
    assert counted(found, LOTS) == 2


def test_an_order_of_an_earlier_day_counts_too(engine: str):
    day = Day()
    order = day.order("buy", UPPER, 4, action="carried")
    day.trade_at(UPPER)
    day.row("cancel", order)
    assert counted(day.scan(engine), LOTS) == 4


def test_the_severe_case_is_a_red_alert_on_cancels_and_a_yellow_one_on_lots(engine: str):
    day = Day()
    day.trade_at(UPPER)
    day.cancel("buy", UPPER, 100, times=99)
    day.cancel("buy", UPPER, 99)
    found = day.scan(engine)
    assert {a.result.rule: a.level for a in found.alert_list} == {COUNT: "red"}
    day.cancel("buy", UPPER, 1)
    found = day.scan(engine)
    assert {a.result.rule: a.level for a in found.alert_list} == {COUNT: "red", LOTS: "yellow"}
    assert counted(found, LOTS) == 10_000


def test_many_lots_of_few_cancels_are_no_red_alert(engine: str):
    day = Day()
    day.trade_at(UPPER)
    day.cancel("buy", UPPER, 1000, times=11)
    assert {a.result.rule: a.level for a in day.scan(engine).alert_list} == {LOTS: "yellow"}


@pytest.mark.parametrize(("day_of_log", "fee", "told"), [
    ("2024-10-24", True, {"gfd": 2, "fak": 0}),  # fill and kill is left out
    ("2024-10-25", True, {"gfd": 0, "fak": 3}),  # with an order fee nothing else counts
    ("2024-10-25", False, {"gfd": 2, "fak": 3}),
])
def test_which_orders_count_turned_round_with_the_order_fee(day_of_log, fee, told):
    for tif, expected in told.items():
        day = Day()
        day.trade_at(UPPER)
        day.cancel("buy", UPPER, times=2 if tif == "gfd" else 3, tif=tif, order_type="limit",
                   cancel_by="client")
        contracts = CONTRACTS.append_column("order_fee", [[str(fee).lower()]])
        found = day.scan(day=day_of_log, contracts=contracts)
        assert counted(found, COUNT) == expected


def test_cancels_that_the_client_did_not_make_are_left_out():
    day = Day()
    day.trade_at(UPPER)
    for who in ("client", "exchange", "expiry", "forced"):
        day.row("cancel", day.order("buy", UPPER), cancel_by=who)
    assert counted(day.scan(), COUNT) == 2


def test_without_limit_prices_or_sides_the_rules_are_blind():
    day = Day()
    day.cancel("buy", UPPER)
    told = "contracts: needs upper_limit or lower_limit, no contract table tells it"
    blind = day.scan(contracts=None).certificate["blind"]
    assert {blind[COUNT], blind[LOTS]} == {told}
    for row in day.rows:
        row.pop("side", None)
    assert day.scan().certificate["blind"][COUNT] == (
        f"{COUNT.removeprefix('czce.')}s needs side, which the log does not have"
    )
