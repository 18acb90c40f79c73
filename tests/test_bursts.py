"""Bursts from a log to what is told: windows against trying all of them, table, detail, lives."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import abtrade

DAY = "2025-10-09"
START = 1_759_971_600_000_000_000  # 09:00 on that day in Shanghai
SECOND = 1_000_000_000
RULE = """
id: t.bursts
about: made
exchange: SHFE
from: 2000-01-01
status: secondary
source: {document: made}
clause: made
count: burst_occasions
burst_messages: MESSAGES
burst_window: WINDOW
scope: exchange
leave_out:
  - {hedge: hedge, reason: hedging, clause: hedging is exempt}
yellow: {gte: 1}
"""


def rule_file(folder: Path, messages: int, window: str = "calendar") -> Path:
    path = folder / f"bursts_{messages}_{window}.yaml"
    path.write_text(RULE.replace("MESSAGES", str(messages)).replace("WINDOW", window))
    return path


def orders(times: list[int], **columns: list[Any]) -> pa.Table:
    """Return a log of orders of account A at these ns after nine."""
    n = len(times)
    values: dict[str, Any] = {
        "exchange": ["SHFE"] * n,
        "seq": range(1, n + 1),
        "ts": pa.array([START + at for at in times]).cast(pa.timestamp("ns", "Asia/Shanghai")),
        "contract": ["cu2512"] * n,
        "action": ["new"] * n,
        "order_id": range(1, n + 1),
        "account": ["A"] * n,
        "hedge": ["speculation"] * n,
        "lots": [1] * n,
    }
    return pa.table(values | columns)


def occasions(days: list[list[int]], rule: Path) -> list[int]:
    """Return the occasions of each day: all are one log's, each an account's."""
    rows = sorted((at, f"A{day}") for day, times in enumerate(days) for at in times)
    log = orders([at for at, _ in rows], account=[account for _, account in rows])
    found = abtrade.scan(log, day=DAY, rules=[rule]).results.to_pylist()
    counted = {row["subject"]: row["counted"] for row in found}
    return [counted.get(f"A{day}", 0) for day in range(len(days))]


def most_windows(times: list[int], messages: int) -> int:
    """Return the most disjoint seconds that open at a message and hold so many: try all sets."""
    opened = [
        start
        for start in sorted(set(times))
        if sum(start <= at < start + SECOND for at in times) >= messages
    ]
    for size in range(len(opened), 0, -1):
        for chosen in combinations(opened, size):
            if all(b - a >= SECOND for a, b in pairwise(chosen)):
                return size
    return 0


times_of_day = st.lists(
    st.integers(0, 16).map(lambda quarter: quarter * SECOND // 4), min_size=1, max_size=14
).map(sorted)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, str], Path]:
    folder = tmp_path_factory.mktemp("rules")
    return {
        (messages, window): rule_file(folder, messages, window)
        for messages in (2, 3)
        for window in ("calendar", "sliding")
    }


@settings(max_examples=20)
@given(days=st.lists(times_of_day, min_size=1, max_size=40), messages=st.sampled_from([2, 3]))
def test_no_choice_of_sliding_windows_has_more(rules, days, messages):
    most = [most_windows(times, messages) for times in days]
    assert occasions(days, rules[messages, "sliding"]) == most


@settings(max_examples=20)
@given(days=st.lists(times_of_day, min_size=1, max_size=40), messages=st.sampled_from([2, 3]))
def test_seconds_of_the_clock_are_those_of_the_clock(rules, days, messages):
    seconds = [Counter(at // SECOND for at in times) for times in days]
    full = [sum(n >= messages for n in each.values()) for each in seconds]
    assert occasions(days, rules[messages, "calendar"]) == full


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return a log of three seconds: an occasion of four, one of hedging, and two messages."""
    times = [*range(4), SECOND, SECOND + 5, SECOND + 7, 3 * SECOND, 3 * SECOND + 1]
    hedge = ["speculation"] * 4 + ["hedge"] + ["speculation"] * 4
    path = tmp_path / "day.parquet"
    pq.write_table(orders(times, hedge=hedge), path)
    return path


def test_the_table_of_bursts(log, tmp_path):
    found = abtrade.scan(log, day=DAY, rules=[rule_file(tmp_path, 3)], out=tmp_path / "out")
    (row,) = found.bursts.to_pylist()
    assert row.pop("most_from").value == START
    del row["day"]
    assert row == {
        "rule": "t.bursts", "exchange": "SHFE", "subject": "A", "subject_kind": "account",
        "count_name": "burst_occasions@3", "occasions": 2, "counted": 1, "most_messages": 4,
        "late_messages": 0,
    }  # fmt: skip
    assert pq.read_table(tmp_path / "out" / "bursts.parquet").equals(found.bursts)


def test_no_rule_on_bursts_no_table(log, tmp_path):
    found = abtrade.scan(log, day=DAY, rules=["shfe@2010-11-05"], out=tmp_path / "out")
    assert found.bursts is None
    assert not (tmp_path / "out" / "bursts.parquet").exists()


def test_the_detail_of_an_alert(log, tmp_path):
    (alert,) = abtrade.scan(log, day=DAY, rules=[rule_file(tmp_path, 3)]).alerts.to_pylist()
    assert json.loads(alert["detail"]) == {
        "window": "calendar",
        "messages": 4,
        "most": {"messages": 4, "second": "2025-10-09T09:00:00.000000000+08:00"},
        "occasions": [{"ts": "2025-10-09T09:00:00.000000000+08:00", "seq": 3, "channel": 0,
                       "messages": 4}],
    }
    assert alert["shares"] == [{"account": "A", "client": "A", "counted": 4}]
    assert dict(alert["exempt"]) == {"hedging": 1}


def test_explain_tells_the_messages_of_every_occasion(log, tmp_path):
    """Also of that which is left out; the third message makes a second an occasion."""
    rules = [rule_file(tmp_path, 3)]
    found = abtrade.scan(log, day=DAY, rules=rules, out=tmp_path / "out")
    explained = abtrade.explain(tmp_path / "out", found.alert_list[0].alert_id)
    events = [
        (event["seq"], event["amount"], event["left_out"], event["count"], event["level"])
        for event in explained.events.to_pylist()
    ]
    assert events == [
        (1, 0, None, 0, None),
        (2, 0, None, 0, None),
        (3, 1, None, 1, "yellow"),
        (4, 0, None, 1, None),
        (5, 0, "hedging", 1, None),
        (6, 0, None, 1, None),
        (7, 0, None, 1, None),
    ]


@pytest.mark.parametrize("pack", ["shfe", "ine", "dce", "czce", "cffex", "gfex"])
def test_the_trigger_that_ships_stands_from_its_day_on(pack):
    times = [second * SECOND + k for second in range(10) for k in range(10)]
    after = abtrade.scan(orders(times), day=DAY, rules=[pack])
    (alert,) = (a for a in after.alert_list if "burst" in a.result.rule)
    assert (alert.level, alert.result.counted, alert.red) == ("yellow", 10, None)
    assert alert.yellow.seq == 100
    before = abtrade.scan(orders(times), day="2025-09-30", rules=[pack])
    assert before.bursts is None


@pytest.mark.parametrize("missing", ["an occasion", "a message of the last"])
def test_one_under_the_trigger_is_silent(missing):
    times = [second * SECOND + k for second in range(10) for k in range(10)]
    times = times[:90] if missing == "an occasion" else times[:99]
    found = abtrade.scan(orders(times), day=DAY, rules=["shfe"])
    assert [row["counted"] for row in found.results.to_pylist() if "burst" in row["rule"]] == [9]
    assert not found.alert_list


def test_what_is_told_of_many_occasions_has_an_end(tmp_path):
    times = [second * SECOND + k for second in range(130) for k in range(2)]
    found = abtrade.scan(orders(times), day=DAY, rules=[rule_file(tmp_path, 2)])
    (alert,) = found.alert_list
    assert alert.result.counted == 130
    assert len(alert.detail["occasions"]) == 100
