"""The made day holds what its truth table says, counted here without abtrade's engines."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from abtrade.demo_day import ACTS, DAY, GROUP, LINKED, TRUTH, DemoDay, make_day, read_truth


@pytest.fixture(scope="module")
def day(tmp_path_factory) -> DemoDay:
    return make_day(tmp_path_factory.mktemp("day"))


@pytest.fixture(scope="module")
def rows(day) -> list[dict]:
    return rows_of(day.log)


def rows_of(log: Path) -> list[dict]:
    table = pq.read_table(log)
    return table.set_column(2, "ts", table["ts"].cast(pa.int64())).to_pylist()


def subjects(day: DemoDay) -> dict[str, str]:
    """Read whom each account is judged as, out of the day's tables."""
    links = read_csv(day.links)
    group_of = {row["client"]: row["group"] for row in links}
    accounts = read_csv(day.accounts)
    return {row["account"]: group_of.get(row["client"], row["client"]) for row in accounts}


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counted(rows: list[dict], subject: dict[str, str]) -> Counter:
    """Count (count, subject, scope) in the plainest way: cancels by the client, of FAK and FOK
    orders alone where they are frequent, of other orders alone where they are large.
    """
    owner = {row["order_id"]: subject[row["account"]] for row in rows if row["action"] == "new"}
    left = {row["order_id"]: row["lots"] for row in rows if row["action"] == "new"}
    killed = {row["order_id"] for row in rows if row["tif"] in ("fak", "fok")}
    counts: Counter = Counter()
    for row in rows:
        who, where = owner.get(row["order_id"]), f"contract:{row['contract']}"
        if row["action"] == "cancel" and row["cancel_by"] == "client":
            if row["order_id"] in killed:
                counts["cancels", who, where] += 1
            else:
                counts["large_cancels@300", who, where] += left[row["order_id"]] >= 300
        elif row["action"] == "trade":
            for order in (row["order_id"], row["contra_order_id"]):
                left[order] -= row["lots"]
            if owner[row["contra_order_id"]] == who:
                counts["self_trades", who, where] += 1
    return counts


YELLOW = {"cancels": 400, "large_cancels@300": 40, "self_trades": 4}
RED = {"cancels": 500, "large_cancels@300": 50, "self_trades": 5}


@pytest.mark.parametrize("seed", [1, 2])
def test_each_truth_is_in_the_log_and_nothing_else_reaches_a_level(tmp_path, seed):
    day = make_day(tmp_path, seed)
    counts = counted(rows_of(day.log), subjects(day))
    truths = read_truth(tmp_path / "truth.csv")
    for truth in truths:
        assert counts[truth.count, truth.subject, truth.scope] == truth.counted, truth.story
    reached = {key for key, value in counts.items() if value >= YELLOW[key[0]]}
    assert reached == {(t.count, t.subject, t.scope) for t in truths if t.level != "none"}
    for truth in truths:
        reds = truth.counted >= RED[truth.count]
        assert (truth.level == "red") == reds


def test_every_order_ends_once_with_nothing_left(rows):
    left: dict[int, int] = {}
    early: dict[int, int] = {}  # FAK orders whose cancel came first: its lots are not told
    for row in rows:
        order_id, lots = row["order_id"], row["lots"]
        assert (lots is None) == (row["action"] == "cancel")
        if row["action"] == "new":
            assert order_id not in left and lots > 0
            left[order_id] = lots
            if row["tif"] in ("fak", "fok"):
                early[order_id] = 0
        elif row["action"] == "cancel":
            assert left[order_id] > 0
            if order_id in early:
                early[order_id] += 1
            else:
                left[order_id] = 0
        elif row["action"] == "trade":
            for touched in (order_id, row["contra_order_id"]):
                left[touched] -= lots
                assert left[touched] >= 0
    assert set(early.values()) == {0, 1}
    assert all(n == 0 or early.get(order_id) == 1 for order_id, n in left.items())


def test_time_and_seq_never_run_backwards_and_the_night_comes_first(rows):
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert all(a["ts"] <= b["ts"] for a, b in pairwise(rows))
    assert {row["phase"] for row in rows} == {"auction", "continuous", "closed"}
    first, last = (pa.scalar(rows[i]["ts"], pa.timestamp("ns", "Asia/Shanghai")) for i in (0, -1))
    assert str(first).startswith("2025-02-17 20:5")
    assert str(last).startswith("2025-02-18 15:00")


def test_a_seed_makes_the_same_day_and_another_seed_another(tmp_path, rows):
    assert rows_of(make_day(tmp_path / "same", 1).log) == rows
    assert rows_of(make_day(tmp_path / "other", 2).log) != rows


def test_the_log_names_its_day_and_only_known_accounts(day, rows):
    assert pq.read_schema(day.log).metadata[b"day"].decode() == DAY.isoformat()
    told = {row["account"] for row in rows} - {None}
    assert told <= set(subjects(day))
    assert {code for codes, _ in ACTS for code in codes} <= told
    assert all((row["account"] is None) == (row["action"] in ("cancel", "trade")) for row in rows)


def test_the_linked_clients_of_the_story_are_one_group(day):
    assert {row["client"] for row in read_csv(day.links) if row["group"] == GROUP} == set(LINKED)


def test_the_truth_table_survives_its_file(day):
    assert read_truth(day.truth) == list(TRUTH)
