"""What people did on one day, judged under the rules of five dates: who is accused changes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import abtrade

LINKS = pa.table({"account": ["P", "Q"], "group": ["G1", "G1"]})


class Log:
    """Rows of a log, a tenth of a second apart."""

    def __init__(self, day: date) -> None:
        self.ts = datetime(day.year, day.month, day.day, 9, 0)
        self.contracts = [f"cu{(day.year + 1) % 100}{month:02}" for month in (1, 2)]
        self.rows: list[dict[str, Any]] = []
        self.orders = 0

    def row(self, action: str, order: int, **more: Any) -> None:
        self.ts += timedelta(milliseconds=100)
        contract = self.contracts[more.pop("at", 0)]
        self.rows.append(
            {"seq": len(self.rows) + 1, "ts": self.ts, "exchange": "SHFE", "contract": contract,
             "action": action, "order_id": order, "price": 70000.0, **more}
        )  # fmt: skip

    def new(self, account: str, *, at: int = 0, lots: int = 1, **more: Any) -> int:
        self.orders += 1
        told = {"side": "buy", "offset": "open", "hedge": "speculation", "tif": "gfd"} | more
        self.row("new", self.orders, at=at, lots=lots, account=account, **told)
        return self.orders

    def cancels(self, account: str, times: int, *, at: int = 0, **more: Any) -> None:
        for _ in range(times):
            order = self.new(account, at=at, **more)
            self.row("cancel", order, at=at, lots=more.get("lots", 1), cancel_by="client")

    def self_trades(self, account: str, times: int, at: int) -> None:
        for _ in range(times):
            resting = self.new(account, at=at, side="sell")
            incoming = self.new(account, at=at)
            self.row("trade", incoming, at=at, lots=1, contra_order_id=resting)

    def table(self) -> pa.Table:
        names = dict.fromkeys(name for row in self.rows for name in row)
        columns = {name: [row.get(name) for row in self.rows] for name in names}
        return pa.table(columns)


def one_day(day: date) -> pa.Table:
    log = Log(day)
    log.cancels("ordinary", 500)
    log.cancels("fak", 500, tif="fak")
    log.cancels("hedger", 500, hedge="hedge")
    log.cancels("P", 250)
    log.cancels("Q", 250)
    log.cancels("large", 50, lots=300)
    log.cancels("large hedger", 50, lots=300, hedge="hedge")
    log.cancels("large fak", 50, lots=300, tif="fak")
    log.self_trades("self", 3, at=0)
    log.self_trades("self", 2, at=1)
    return log.table()


FREQUENT = "shfe.frequent_cancel"
LARGE = "shfe.large_cancel"
SELF = "shfe.self_trade"

EVERYBODY = {
    (FREQUENT, "ordinary"), (FREQUENT, "fak"), (FREQUENT, "hedger"), (FREQUENT, "G1"),
    (LARGE, "large"), (LARGE, "large hedger"), (LARGE, "large fak"), (SELF, "self"),
}  # fmt: skip
WITH_EXEMPTIONS = {(FREQUENT, "ordinary"), (FREQUENT, "G1"), (LARGE, "large")}
AFTER_THE_FLIP = {(FREQUENT, "fak"), (LARGE, "large")}


@pytest.mark.parametrize(
    ("day", "accused"),
    [
        ("2011-03-01", EVERYBODY),
        ("2019-06-03", WITH_EXEMPTIONS),
        ("2024-10-24", WITH_EXEMPTIONS),
        ("2024-10-25", AFTER_THE_FLIP),
        ("2026-11-02", AFTER_THE_FLIP),
    ],
)
def test_who_is_red(day: str, accused: set[tuple[str, str]]) -> None:
    when = date.fromisoformat(day)
    found = abtrade.scan(one_day(when), day=when, links=LINKS)
    assert found.certificate["verdict"] == "complete"
    red = {
        (alert.result.rule, alert.result.subject)
        for alert in found.alert_list
        if alert.level == "red"
    }
    assert red == accused


def test_bursts_are_told_from_october_2025_on_where_somebody_sent_them() -> None:
    """A FAK order is one message: nobody sends its remainder. Large cancels fill nine seconds."""
    told = {}
    for day in (date(2024, 10, 25), date(2026, 11, 2)):
        found = abtrade.scan(one_day(day), day=day, links=LINKS)
        told[day.year] = {
            alert.result.subject
            for alert in found.alert_list
            if alert.result.rule == "shfe.program_trading_bursts"
        }
    assert told == {2024: set(), 2026: {"ordinary", "hedger", "G1"}}


def test_a_contract_whose_fee_is_unknown_is_named_and_not_judged() -> None:
    day = Log(date(2024, 10, 25))
    day.contracts = ["ao2501", "rb2501"]
    for at in (0, 1):
        day.cancels("ordinary", 260, at=at)
        day.cancels("fak", 500, at=at, tif="fak")
    found = abtrade.scan(day.table(), day=date(2024, 10, 25))
    reds = [(alert.result.subject, alert.result.scope) for alert in found.alert_list]
    assert reds == [("fak", "contract:rb2501")]
    assert found.certificate["no_order_fee"] == {FREQUENT: ["SHFE:ao2501"]}


GROUP_LIMIT = """
id: desk.merged_position
about: Linked clients hold more than their limit together.
exchange: SHFE
from: 2010-11-05
status: secondary
source: {document: Handbook of the desk}
clause: Rule 1 of the desk.
count: cancels
scope: contract
groups_only: true
red: {gte: 3}
"""


@pytest.mark.parametrize("engine", ["core", "reference"])
def test_a_rule_for_groups_accuses_no_client_alone(tmp_path: Path, engine: str) -> None:
    rule = tmp_path / "rule.yaml"
    rule.write_text(GROUP_LIMIT)
    day = Log(date(2019, 6, 3))
    day.cancels("alone", 5)
    day.cancels("P", 2)
    day.cancels("Q", 2)
    found = abtrade.scan(
        day.table(), day=date(2019, 6, 3), links=LINKS, rules=[rule], engine=engine
    )
    assert [alert.result.subject for alert in found.alert_list] == ["G1"]
    levels = {row["subject"]: row["level"] for row in found.results.to_pylist()}
    assert levels == {"alone": None, "G1": "red"}
