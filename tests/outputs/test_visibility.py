"""What a log does not show is said wherever its alerts are: half a market, or no history."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from made_alerts import made_alert, ratio_alert
from typer.testing import CliRunner

import abtrade
from abtrade.alert_message import message
from abtrade.cli import app
from abtrade.errors import InputError
from abtrade.readers.raw import Source
from abtrade.readers.table import TableSource
from abtrade.sinks.terminal import make_console, show_scan
from abtrade.visibility import Sight, sight_of

BROKER = Sight("broker", one_broker=True)
FINAL = Sight("final-state")
RULE = """
id: desk.{count}
about: Two of them.
exchange: SHFE
from: 2020-01-01
status: secondary
source: {{document: Desk}}
clause: Desk rule
count: {count}
scope: contract
yellow: {{gte: 2}}
red: {{gte: 3}}
"""
LINKS = pa.table({"client": ["00000001", "00000002"], "group": ["G", "G"]})
GROUPED, LONE = ("000100000001", "000200000002"), "x"


@pytest.fixture
def rule(tmp_path: Path) -> str:
    path = tmp_path / "rule.yaml"
    path.write_text(RULE.format(count="cancels"), encoding="utf-8")
    return str(path)


def log(form: str = "contra_order_id") -> pa.Table:
    """Return a day on which a group and an account cancel three orders each, and one trades."""
    rows: list[dict[str, Any]] = []

    def add(**cells: Any) -> None:
        at = f"2025-03-03 09:00:{len(rows):02}.000000005"
        rows.append({"seq": len(rows), "ts": at, "contract": "cu2505", **cells})

    for order, account in enumerate([*GROUPED, GROUPED[0], LONE, LONE, LONE], start=1):
        add(action="new", order_id=order, account=account, side="buy", price=70000.0, lots=5)
        add(action="cancel", order_id=order, lots=5)
    add(action="new", order_id=8, account="z", side="sell", price=70000.0, lots=1)
    add(action="trade", order_id=8, side="sell", price=70000.0, lots=1, **{form: 9})
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def scan(rule: str, table: pa.Table, **options: Any) -> Any:
    return abtrade.scan(table, day="2025-03-03", rules=[rule], links=LINKS, **options)


def marked(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """Have tables say of themselves what a reader of states would."""
    monkeypatch.setattr(TableSource, "visibility", word)


# --- what a log shows ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "columns", "sight"),
    [
        ([None], {"trade_id", "contra_order_id"}, Sight()),
        ([None], set(), Sight()),
        ([None, None], {"trade_id"}, BROKER),
        (["exchange", "broker"], {"contra_order_id"}, BROKER),
        (["final-state", None], {"contra_order_id"}, FINAL),
        (["final-state", None], {"trade_id"}, Sight("final-state", one_broker=True)),
        (["broker", "final-state"], set(), Sight("final-state", one_broker=True)),
    ],
)
def test_what_sources_and_columns_tell(told: list[Any], columns: set[str], sight: Sight) -> None:
    assert sight_of(told, columns | {"offset"}) == sight


def test_netted_positions_are_no_lower_bound() -> None:
    netted, told = sight_of(["broker"], set()), sight_of(["broker"], {"offset"})
    assert told.is_lower_bound("long_lots") and not netted.is_lower_bound("long_lots")
    assert netted.is_lower_bound("cancels")


def test_a_source_leaves_it_to_the_columns() -> None:
    assert (Source.visibility, Source.one_broker) == (None, False)


def test_states_may_be_one_brokers_though_no_column_tells(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked(monkeypatch, "final-state")
    table = log().drop_columns(["contra_order_id"])
    assert not scan(rule, table).alerts["lower_bound"].to_pylist()[0]
    monkeypatch.setattr(TableSource, "one_broker", True)
    found = scan(rule, table)
    told = {row["subject"]: row for row in found.alerts.to_pylist()}
    assert (told["G"]["visibility"], told["G"]["lower_bound"]) == ("final-state", True)
    assert "The log is one broker's" in found.certificate["visibility_note"]
    assert "last state only" in found.certificate["visibility_note"]


# --- one broker's log ----------------------------------------------------------------------------


def test_counts_of_a_broker_are_lower_bounds(rule: str) -> None:
    found = scan(rule, log("trade_id"))
    assert found.certificate["visibility"] == "broker"
    assert "members: counts are lower bounds" in found.certificate["visibility_note"]
    assert found.certificate["faults"] == {"one_sided_trade": 1}
    assert found.certificate["one_broker"]
    assert "：计数为下限" in found.certificate["visibility_note_zh"]
    told = {row["subject"]: row for row in found.alerts.to_pylist()}
    bounds = {name: (row["visibility"], row["lower_bound"]) for name, row in told.items()}
    assert bounds == {"G": ("broker", True), LONE: ("broker", True)}
    assert "what this group did at other members: the count is a lower bound; a level" in (
        told["G"]["message"]
    )
    chinese = told["G"]["message_zh"]
    assert "不含该账户组在其他会员处的交易：该计数为下限；标准可能更早达到" in chinese
    assert "lacks what whoever is behind this account did at other" in told[LONE]["message"]
    assert "不含该交易编码所属客户在其他会员处的交易：" in told[LONE]["message_zh"]
    rows = {row["subject"]: row["lower_bound"] for row in found.results.to_pylist()}
    assert rows == {"G": True, LONE: True}


def test_a_whole_markets_counts_are_what_they_are(rule: str) -> None:
    found = scan(rule, log())
    assert (found.certificate["visibility"], found.certificate["visibility_note"]) == (
        "exchange", None,
    )
    assert found.alerts["lower_bound"].to_pylist() == [False, False]
    assert found.results["lower_bound"].to_pylist() == [False, False]
    assert not [said for said in found.alerts["message"].to_pylist() if "lower bound" in said]


@pytest.mark.parametrize(
    ("alert", "english", "chinese"),
    [
        (made_alert(count="self_trades", sight=BROKER),
         "self-trades with a side there are not seen, and the count is a lower bound; a level may",
         "有一方在其他会员处的自成交无法看到，该计数为下限；"),
        (ratio_alert(sight=BROKER), "the ratio is of the part that is seen. ",
         "仅就所见部分计算。"),
        (made_alert(sight=Sight("final-state", one_broker=True), yellow=None, red=None),
         "did at other members: the count is a lower bound. ", "该计数为下限。"),
    ],
)  # fmt: skip
def test_what_is_not_seen_by_count(alert: Any, english: str, chinese: str) -> None:
    assert english in message(alert, "en")
    assert chinese in message(alert, "zh")


# --- each order's last state only ----------------------------------------------------------------


def test_without_history_the_counts_stand_and_the_times_do_not(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = scan(rule, log()).alerts.to_pylist()
    marked(monkeypatch, "final-state")
    found = scan(rule, log())
    assert found.certificate["visibility"] == "final-state"
    after = found.alerts.to_pylist()
    same = ("alert_id", "count", "gross", "level", "shares", "reached_alone", "lower_bound")
    assert [[row[name] for name in same] for row in after] == [
        [row[name] for name in same] for row in before
    ]
    for row in after:
        for name in ("yellow_at", "red_at", "yellow_seq", "yellow_ts", "red_seq", "red_ts"):
            assert row[name] is None, name
        unknown = "reached; when it was reached is not known: the log holds each order's last state"
        assert row["message"].count(unknown) == 2  # red and yellow
        assert row["message_zh"].count("何时达到无从得知") == 2
        assert "seq" not in row["message"] + row["message_zh"]
    assert before[0]["red_at"] == 3


def test_a_level_that_was_not_reached_is_said_without_history_too(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked(monkeypatch, "final-state")
    (row,) = scan(rule, log().slice(0, 4)).alerts.to_pylist()
    assert "Red standard >= 3: not reached." in row["message"]
    assert "Yellow standard >= 2: reached; when it was reached is not known" in row["message"]


@pytest.mark.parametrize(
    ("word", "lang", "told"),
    [
        ("final-state", "en", ["time not known", "Note: The log holds each order's last state"]),
        ("final-state", "zh", ["时间不明", "说明：委托流水仅载有各报单的最终状态"]),
        ("broker", "en", ["Note: The log is one broker's and lacks what its clients and groups"]),
        ("broker", "zh", ["说明：委托流水仅为一家期货公司所见"]),
    ],
)
def test_the_terminal_says_so(
    rule: str, monkeypatch: pytest.MonkeyPatch, word: str, lang: Any, told: list[str]
) -> None:
    marked(monkeypatch, word)
    file = io.StringIO()
    show_scan(scan(rule, log()), lang, make_console(file))
    assert [each for each in told if each not in file.getvalue()] == []


def test_an_explanation_pretends_no_order(
    rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = tmp_path / "day.csv"
    pa_csv.write_csv(log(), day)
    monkeypatch.setattr(Source, "visibility", "final-state")
    found = abtrade.scan(day, day="2025-03-03", rules=[rule], out=tmp_path / "out")
    words = ["explain", str(tmp_path / "out"), found.alert_list[0].alert_id]
    told = CliRunner().invoke(app, [*words, "--lang", "en"]).output
    assert "events stand as its rows do, which is not the order in which they happened" in told
    assert "REACHED" not in told.upper().split("EVENTS BEHIND IT")[1]
    assert "  +1\n        its order: new buy 5 @ 70000 | cancel 5\n" in told
    events = json.loads(CliRunner().invoke(app, [*words, "--format", "json"]).output)["events"]
    assert [(event["amount"], event["count"], event["level"]) for event in events] == [
        (1, None, None)
    ] * 3


def test_a_day_does_not_go_on_from_a_log_that_shows_less(
    rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    scan(rule, log().slice(0, 6), save_state=state)
    assert scan(rule, log().slice(6), resume=state).alerts.num_rows == 2
    marked(monkeypatch, "final-state")
    with pytest.raises(InputError, match="saved with visibility exchange, now visibility is final"):
        scan(rule, log().slice(6), resume=state)


def test_a_counters_last_states_are_one_brokers(rule: str, tmp_path: Path) -> None:
    order = {
        "ExchangeID": "SHFE", "ParticipantID": "0001", "ClientID": "00000001", "BrokerID": "9999",
        "InvestorID": "i", "InstrumentID": "cu2505", "Direction": "0", "OrderPriceType": "2",
        "CombOffsetFlag": "0", "CombHedgeFlag": "1", "LimitPrice": "70000", "TimeCondition": "3",
        "VolumeCondition": "1", "ContingentCondition": "1", "VolumeTotalOriginal": "5",
        "VolumeTraded": "0", "VolumeTotal": "5", "OrderSubmitStatus": "3", "OrderStatus": "5",
        "OrderType": "0", "TradingDay": "20250303", "InsertDate": "20250303", "CancelTime": "",
        "FrontID": "1", "SessionID": "1", "TraderID": "t", "UpdateTime": "",
    }  # fmt: skip
    rows = [
        {**order, "OrderSysID": str(n), "OrderRef": str(n), "OrderLocalID": str(n),
         "InsertTime": f"09:00:0{n}"}
        for n in (1, 2, 3)
    ]  # fmt: skip
    pa_csv.write_csv(pa.Table.from_pylist(rows), tmp_path / "orders.csv")
    found = abtrade.scan(tmp_path / "orders.csv", rules=[rule])
    (row,) = found.alerts.to_pylist()
    assert (row["visibility"], row["lower_bound"]) == ("final-state", True)
    assert (row["count"], row["level"], row["red_at"]) == (3, "red", None)
