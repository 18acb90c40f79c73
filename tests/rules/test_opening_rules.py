"""Openings judged by limits: which event passes one, over what lots add up, and who is exempt."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

import abtrade

DAY = "2026-02-02"
START = 1_770_000_000_000_000_000  # within the day session
ENGINES = ("core", "reference")


class Day:
    """A small log: every fill opens a position against a counterparty of another account."""

    def __init__(self, exchange: str) -> None:
        self.exchange = exchange
        self.rows: list[dict[str, Any]] = []
        self.orders = 0

    def order(self, account: str, contract: str, lots: int, side: str = "buy",
              offset: str | None = "open", hedge: str | None = None) -> int:
        self.orders += 1
        self._row(contract, "new", self.orders, account=account, side=side, offset=offset,
                  hedge=hedge, lots=lots)
        return self.orders

    def fill(self, account: str, contract: str, lots: int, side: str = "buy",
             offset: str | None = "open", hedge: str | None = None) -> int:
        """Fill an order of the account; return the seq of the trade."""
        order = self.order(account, contract, lots, side, offset, hedge)
        other = self.order("maker", contract, lots, "sell" if side == "buy" else "buy", "close")
        self._row(contract, "trade", order, contra_order_id=other, lots=lots)
        return len(self.rows)

    def _row(self, contract: str, action: str, order: int, **cells: Any) -> None:
        seq = len(self.rows) + 1
        self.rows.append({
            "exchange": self.exchange, "seq": seq, "ts": START + seq * 1_000_000,
            "contract": contract, "action": action, "order_id": order, "price": 100.0, **cells,
        })

    def scan(self, engine: str = "core", **options: Any) -> Any:
        names = {name: None for row in self.rows for name in row}
        table = pa.table({name: [row.get(name) for row in self.rows] for name in names})
        ts = table.schema.get_field_index("ts")
        table = table.set_column(ts, "ts", table["ts"].cast(pa.timestamp("ns", "UTC")))
        return abtrade.scan(table, **{"day": DAY, "engine": engine, "threads": 2, **options})


def judged(found: Any, rule: str) -> dict[tuple[str, str], tuple[int, str | None]]:
    """Return what a rule counted, and its level, by subject and scope."""
    return {
        (row["subject"], row["scope"]): (row["counted"], row["level"])
        for row in found.results.to_pylist()
        if row["rule"] == rule and row["blind"] is None
    }


def alert_of(found: Any, rule: str, subject: str) -> Any:
    (alert,) = [
        each for each in found.alert_list
        if (each.result.rule, each.result.subject) == (rule, subject)
    ]
    return alert


@pytest.mark.parametrize("engine", ENGINES)
def test_above_the_limit_is_red_at_the_fill_that_passes_it(engine: str):
    day = Day("SHFE")
    day.fill("at", "ag2604", 800)
    day.fill("below", "ag2604", 639)
    day.fill("over", "ag2604", 400)
    yellow = day.fill("over", "ag2604", 300, side="sell")
    red = day.fill("over", "ag2604", 150)
    day.fill("over", "ag2604", 500, offset="close")
    found = day.scan(engine)
    assert judged(found, "shfe.intraday_opening") == {
        ("at", "contract:ag2604"): (800, "yellow"),
        ("below", "contract:ag2604"): (639, None),
        ("over", "contract:ag2604"): (850, "red"),
    }
    alert = alert_of(found, "shfe.intraday_opening", "over")
    assert (alert.yellow.seq, alert.yellow.count) == (yellow, 700)
    assert (alert.red.seq, alert.red.count) == (red, 850)
    assert (alert.yellow_from, alert.red_from) == (640, 801)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_contract_without_a_limit_is_not_judged_and_named(engine: str):
    day = Day("SHFE")
    day.fill("a", "cu2604", 5000)
    day.fill("a", "ag2604", 1)
    found = day.scan(engine)
    assert judged(found, "shfe.intraday_opening") == {("a", "contract:ag2604"): (1, None)}
    assert found.certificate["no_opening_limit"] == {"shfe.intraday_opening": ["SHFE:cu2604"]}
    assert found.certificate["no_position_limit"] == {}


@pytest.mark.parametrize("engine", ENGINES)
def test_hedging_and_market_making_are_left_out_and_told(engine: str):
    day = Day("SHFE")
    day.fill("a", "ag2604", 700, hedge="speculation")
    day.fill("a", "ag2604", 900, hedge="hedge")
    day.fill("a", "ag2604", 50, hedge="market_maker")
    day.fill("a", "ag2604", 20, hedge="arbitrage")
    day.fill("c9", "ag2604", 900, hedge="speculation")
    makers = pa.table({"client": ["c9"], "product": ["ag"]})
    found = day.scan(engine, market_makers=makers)
    rows = {row["subject"]: row for row in found.results.to_pylist()
            if row["rule"] == "shfe.intraday_opening"}
    assert (rows["a"]["gross"], rows["a"]["counted"]) == (1670, 720)
    assert dict(rows["a"]["exempt"]) == {"hedging": 900, "market making": 50}
    assert dict(rows["c9"]["exempt"]) == {"market making": 900}


@pytest.mark.parametrize("engine", ENGINES)
def test_linked_accounts_pass_a_limit_together(engine: str):
    day = Day("SHFE")
    day.fill("a", "ag2604", 500)
    day.fill("b", "ag2604", 301)
    links = pa.table({"account": ["a", "b"], "group": ["g", "g"]})
    found = day.scan(engine, links=links)
    alert = alert_of(found, "shfe.intraday_opening", "g")
    assert alert.level == "red"
    assert not alert.reached_alone
    assert not day.scan(engine).alert_list


@pytest.mark.parametrize("engine", ENGINES)
def test_options_add_up_by_product_and_by_month(engine: str):
    day = Day("CFFEX")
    day.fill("a", "IO2603-C-4000", 60)
    day.fill("a", "IO2603-P-3900", 40)
    series = day.fill("a", "IO2603-C-4100", 1)
    day.fill("a", "IO2604-C-4000", 99)
    product = day.fill("a", "IO2604-C-4100", 1)
    day.fill("a", "MO2604-C-6000", 99)
    found = day.scan(engine)
    assert judged(found, "cffex.option_opening_series") == {
        ("a", "series:IO2603"): (101, "red"),
        ("a", "series:IO2604"): (100, "yellow"),
        ("a", "series:MO2604"): (99, "yellow"),
    }
    assert judged(found, "cffex.option_opening_product") == {
        ("a", "product:IO"): (201, "red"),
        ("a", "product:MO"): (99, None),
    }
    reds = {each.result.scope: each.red.seq for each in found.alert_list if each.red}
    assert reds == {"series:IO2603": series, "product:IO": product}


@pytest.mark.parametrize("engine", ENGINES)
def test_options_deep_out_of_the_money_have_a_limit_of_their_own(engine: str):
    day = Day("CFFEX")
    day.fill("a", "IO2603-C-4500", 31)  # the 10th strike above 4000
    day.fill("b", "IO2603-C-4500", 30)
    day.fill("c", "IO2603-C-4450", 31)
    day.fill("d", "IO2603-C-4525", 31)  # no such strike is listed
    contracts = pa.table({
        "contract": [f"IO2603-C-{strike}" for strike in range(3900, 4600, 50)],
        "underlying_close": [4000.0] * 14,
    })
    found = day.scan(engine, contracts=contracts)
    assert judged(found, "cffex.option_opening_deep_otm") == {
        ("a", "contract:IO2603-C-4500"): (31, "red"),
        ("b", "contract:IO2603-C-4500"): (30, "yellow"),
    }
    unknown = {"cffex.option_opening_deep_otm": ["CFFEX:IO2603-C-4525"]}
    assert found.certificate["kind_unknown"] == unknown
    blind = day.scan(engine).certificate["blind"]
    assert blind["cffex.option_opening_deep_otm"] == (
        "contracts: needs previous_close or underlying_close, no contract table tells it"
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_lots_as_ordered_pass_a_limit_with_the_order(engine: str, tmp_path):
    text = (abtrade.rules.packs.rulebook_dir() / "shfe" / "intraday_opening.yaml").read_text()
    own = tmp_path / "ordered.yaml"
    text = text.replace("{count: ordered_open_lots}", "{count: open_lots}")  # of the alternative
    own.write_text(text.replace("id: shfe.", "id: desk.").replace(
        "count: open_lots\nlimit", "count: ordered_open_lots\nlimit"))
    day = Day("SHFE")
    day.order("a", "ag2604", 500)
    order = day.order("a", "ag2604", 301)
    seq = len(day.rows)
    assert order == 2
    found = day.scan(engine, rules=[str(own)])
    alert = alert_of(found, "desk.intraday_opening", "a")
    assert (alert.red.seq, alert.red.count) == (seq, 801)
    assert day.scan(engine).alert_list == []


@pytest.mark.parametrize("engine", ENGINES)
def test_limits_that_are_given_stand_over_those_that_ship(engine: str):
    day = Day("SHFE")
    day.fill("a", "ag2604", 700)
    day.fill("a", "cu2604", 11)
    limits = pa.table({"contract": ["cu2604", "ag2604"], "limit": ["opening", "opening"],
                       "lots": [10, 900]})
    found = day.scan(engine, limits=limits)
    assert judged(found, "shfe.intraday_opening") == {
        ("a", "contract:ag2604"): (700, None), ("a", "contract:cu2604"): (11, "red"),
    }


def test_rules_of_other_exchanges_split_no_cells_and_are_not_told_of():
    """On a day of 2025 hedging is left out at CFFEX, and no rule asks for it at GFEX."""
    told = {}
    for exchange, contract in (("GFEX", "si2503"), ("CFFEX", "IF2503")):
        day = Day(exchange)
        day.fill("a", contract, 1, hedge="hedge")
        day.fill("a", contract, 1, hedge="speculation")
        found = day.scan(day="2025-01-06", keep_attributes=False, unverified=True)
        mine = [row for row in found.cells.to_pylist() if row["account"] == "a"]
        told[exchange] = (len(mine), found.certificate["attributes_kept"])
        names = {*found.certificate["blind"], *found.certificate["assumed"]}
        assert {name.partition(".")[0] for name in names} == {exchange.lower()}
    assert told == {"GFEX": (1, []), "CFFEX": (2, ["hedge"])}


def test_without_limits_rules_that_need_them_are_blind_for_one_reason():
    day = Day("DCE")
    day.fill("a", "m1605", 1)
    found = day.scan(day="2015-12-31", unverified=True)
    assert found.certificate["blind"] == {
        f"dce.position_limit_{side}": "no limits are given" for side in ("long", "short")
    }
    assert found.certificate["uncovered"] == ["DCE:m1605"]


def test_without_offset_no_opening_can_be_told():
    day = Day("SHFE")
    day.fill("a", "ag2604", 900, offset=None)
    for row in day.rows:
        row.pop("offset", None)
    assert day.scan().certificate["blind"]["shfe.intraday_opening"] == (
        "open_lots needs offset, which the log does not have"
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_a_group_is_held_to_the_lowest_limit_of_its_kinds(engine: str):
    day = Day("SHFE")
    day.fill("a", "cu2504", 70)
    reached = day.fill("b", "cu2504", 40)
    day.fill("a", "al2504", 1)
    limits = pa.table({
        "contract": ["cu2504"] * 3, "kind": ["fund", "person", None], "client": [None, None, "b"],
        "hedge": [None, None, "arbitrage"], "lots": [100, 90, 20],
    })
    found = day.scan(
        engine,
        day="2025-03-03",
        limits=limits,
        unverified=True,
        links=pa.table({"account": ["a", "b"], "group": ["g", "g"]}),
        accounts=pa.table(
            {"account": ["a", "b"], "client": ["a", "b"], "kind": ["fund", "person"]}
        ),
    )
    general = alert_of(found, "shfe.position_limit_long", "g")
    assert (general.level, general.yellow.seq) == ("yellow", reached)  # the rule is unverified
    assert (general.yellow_from, general.red_from) == (72, 91)
    merged = alert_of(found, "shfe.merged_position_long", "g")  # 90, and a quota of 20
    assert (merged.level, merged.yellow_from, merged.red_from) == ("yellow", 88, 111)
    assert found.certificate["no_position_limit"]["shfe.position_limit_long"] == ["SHFE:al2504"]
