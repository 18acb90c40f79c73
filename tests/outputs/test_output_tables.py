from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from made_alerts import HOSTILE, RED, YELLOW, lone_alert, made_alert, ratio_alert

from abtrade import outputs, schema
from abtrade.alerts import Tipping
from abtrade.large import LargeSize
from abtrade.safe_text import for_json

DESIGNED = [
    "alert_id", "rule", "rule_version", "level", "day", "exchange", "subject", "subject_kind",
    "accounts", "scope", "count", "gross", "exempt", "yellow_at", "red_at", "yellow_seq",
    "yellow_ts", "red_seq", "red_ts", "shares", "largest_client", "reached_alone", "assumed",
    "clause", "message",
]  # fmt: skip


def row_of(alert: Any) -> dict[str, Any]:
    """Return an alert's row, times as ns: Python's own have no place for them."""
    table = outputs.alerts_table([alert])
    for name in ("yellow_ts", "red_ts"):
        at = table.column_names.index(name)
        table = table.set_column(at, name, table[name].cast(pa.int64()))
    row: dict[str, Any] = table.to_pylist()[0]
    return row


def test_alerts_begin_with_the_columns_that_were_promised() -> None:
    assert outputs.ALERTS.names[: len(DESIGNED)] == DESIGNED


def test_an_alert_as_a_row() -> None:
    row = row_of(made_alert())
    assert row["count"] == 512
    assert row["gross"] == 524
    assert row["exempt"] == [("not by the client", 12)]
    assert (row["yellow_at"], row["red_at"]) == (400, 500)
    assert (row["yellow_seq"], row["red_seq"]) == (100, 123)
    assert row["day"] == date(2010, 11, 8)
    assert row["shares"][0] == {"account": "A", "client": "X", "counted": 300}
    assert row["ratio"] is row["gross_ratio"] is row["red_channel"] is None


def test_times_are_exact() -> None:
    table = outputs.alerts_table([made_alert()])
    assert table["yellow_ts"].cast(pa.int64()).to_pylist() == [YELLOW.ts]
    assert outputs.alert_record(made_alert())["yellow_ts"] == "2010-11-05T21:31:02.000000001+08:00"


def test_a_ratio_has_columns_of_its_own() -> None:
    row = row_of(ratio_alert())
    assert (row["ratio"], row["gross_ratio"], row["largest_client_ratio"]) == (81.5, 90.25, 81.5)
    assert row["count"] is row["gross"] is row["largest_client_count"] is None
    assert row["red_seq"] is row["red_ts"] is None


def test_whole_numbers_stay_whole() -> None:
    row = row_of(made_alert(counted=2**53 + 1, gross=2**62))
    assert (row["count"], row["gross"]) == (2**53 + 1, 2**62)


def test_channels_stand_where_the_log_has_them() -> None:
    alert = made_alert(red=Tipping(500, 9, 3, RED.ts))
    assert outputs.alerts_table([alert])["red_channel"].to_pylist() == [3]
    assert outputs.alert_record(alert)["red_channel"] == 3


def test_alerts_are_in_order_whatever_the_order_given() -> None:
    alerts = [lone_alert("B"), made_alert(), lone_alert("A"), ratio_alert()]
    table = outputs.alerts_table(alerts)
    assert table.equals(outputs.alerts_table(alerts[::-1]))
    assert table["level"].to_pylist() == ["red", "red", "yellow", "yellow"]
    assert table["subject"].to_pylist() == ["00012345", "G1", "A", "B"]


def test_no_alerts_is_a_table_too() -> None:
    assert outputs.alerts_table([]).schema.equals(outputs.ALERTS)


@pytest.mark.parametrize("alert", [made_alert(), lone_alert("A"), ratio_alert()])
def test_the_record_says_what_the_row_says(alert: Any) -> None:
    record = json.loads(for_json(outputs.alert_record(alert)))
    row = row_of(alert)
    assert list(record) == list(row)
    for name in ("day", "yellow_ts", "red_ts", "exempt", "exempt_clauses"):
        record.pop(name), row.pop(name)
    assert record == row


def test_no_text_of_a_record_is_by_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    before = outputs.alert_record(made_alert())
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert outputs.alert_record(made_alert()) == before
    assert before["message"].startswith("Group G1")
    assert before["message_zh"].startswith("实际控制关系账户组 G1")


@pytest.mark.parametrize("name", HOSTILE)
def test_names_reach_the_files_unchanged(name: str) -> None:
    alert = lone_alert(name)
    assert outputs.alerts_table([alert])["subject"].to_pylist() == [name]
    assert json.loads(for_json(outputs.alert_record(alert)))["accounts"] == [name]


# --- the other tables ----------------------------------------------------------------------------


def test_tallies_have_a_column_for_each_size() -> None:
    start = ["day", "exchange", "subject", "subject_kind", "contract", "orders", "cancels"]
    end = [
        "self_trades", "self_trade_pairs", "self_trade_orders", "self_trade_lots", "open_lots",
        "messages", "filled_orders", "otr",
    ]  # fmt: skip
    one, two = ["large_cancels", "large_cancels@300"], ["large_cancels@16", "large_cancels@300"]
    assert outputs.tallies_schema([]).names == [*start, *end]
    assert outputs.tallies_schema([LargeSize(lots=300)]).names == [*start, *one, *end]
    sizes = [LargeSize(lots=lots) for lots in (16, 300)]
    assert outputs.tallies_schema(sizes).names == [*start, *two, *end]


def test_cells_have_the_attributes_that_were_kept() -> None:
    names = outputs.cells_schema([], {"tif", "market_maker"}).names
    assert [name for name in names if name in schema.ATTRIBUTE_BITS] == [
        "tif", "market_maker", "unknown_order",
    ]  # fmt: skip
    assert set(schema.CELL_COUNTS) <= set(names)


def test_pairs_have_attributes_of_both_orders() -> None:
    names = outputs.self_pairs_schema({"hedge", "cancel_by"}).names
    assert {"incoming_hedge", "resting_hedge", "resting_unknown_order"} <= set(names)
    assert not [name for name in names if name.endswith("cancel_by")]


def tally(**columns: Any) -> pa.Table:
    values = {
        "day": [date(2010, 11, 8)], "exchange": ["SHFE"], "subject": ["A"],
        "subject_kind": ["account"], "contract": ["cu1103"], "orders": np.array([1]),
        "cancels": np.array([1]), "large_cancels@300": np.array([1]), "messages": np.array([1]),
        "filled_orders": np.array([0]),
    }  # fmt: skip
    return outputs.table_of(outputs.tallies_schema([LargeSize(lots=300)]), {**values, **columns})


def test_what_the_log_cannot_tell_is_null() -> None:
    row = tally(otr=np.array([np.nan]), open_lots=None).to_pylist()[0]
    assert row["otr"] is row["open_lots"] is row["self_trades"] is None
    told = tally(otr=np.array([0.5]), open_lots=np.array([0])).to_pylist()[0]
    assert (told["otr"], told["open_lots"]) == (0.5, 0)


def test_the_plain_large_cancels_is_the_one_size() -> None:
    assert tally().to_pylist()[0]["large_cancels"] == 1


def test_a_column_that_may_not_be_null_must_be_given() -> None:
    with pytest.raises(AssertionError, match="messages is not given"):
        tally(messages=None)
    with pytest.raises(AssertionError, match="nonsense"):
        tally(nonsense=[1])


def test_rows_are_put_in_order() -> None:
    rows = [{"file": f, "row": r, "reason": "", "content": ""} for f, r in [("b", 1), ("a", 10),
                                                                            ("a", 9)]]
    table = outputs.sort_table("rejected", pa.Table.from_pylist(rows, outputs.REJECTED))
    assert table["file"].to_pylist() == ["a", "a", "b"]
    assert table["row"].to_pylist() == [9, 10, 1]


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("results", outputs.RESULTS),
        ("tallies", outputs.tallies_schema([LargeSize(lots=300)])),
        ("cells", outputs.cells_schema([LargeSize(lots=300)], set(schema.ATTRIBUTE_BITS))),
        ("self_pairs", outputs.self_pairs_schema(set(schema.ATTRIBUTE_BITS))),
        ("rejected", outputs.REJECTED),
        ("links", outputs.LINKS),
        ("fees", outputs.FEES),
        ("bursts", outputs.BURSTS),
    ],
)
def test_sort_keys_are_columns(name: str, columns: pa.Schema) -> None:
    keys = [key for key in outputs.SORT_KEYS[name] if not key.endswith("cancel_by")]
    assert set(keys) <= set(columns.names)
