"""Order logs that others made, counted by both engines and by a few plain lines of this test.

``ABTRADE_SAMPLE_LOGS`` names the folder they are in; none of them is part of this project.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

import abtrade

DAY = "2010-11-08"
FOLDER = os.environ.get("ABTRADE_SAMPLE_LOGS")
LOGS = ("abides_day", "pams_day", "es_futures_day", "prosperity_trades")

Counts = dict[str, Counter[tuple[Any, str]]]
Row = dict[str, Any]


@pytest.fixture(scope="module", name="log", params=LOGS)
def log_path(request: pytest.FixtureRequest) -> Path:
    """Return the path of each sample log; skip those that are not there."""
    if FOLDER is None:
        pytest.skip("ABTRADE_SAMPLE_LOGS names no folder of sample logs")
    path = Path(FOLDER, f"{request.param}.parquet")
    if not path.exists():
        pytest.skip(f"no {path}")
    return path


def test_core_equals_reference(log: Path) -> None:
    core, reference = (
        abtrade.scan(log, rules=["shfe@2010-11-05"], day=DAY, engine=engine)
        for engine in ("core", "reference")
    )
    assert core.certificate == reference.certificate
    for table in ("alerts", "results", "tallies", "cells", "self_pairs", "links", "rejected"):
        assert getattr(core, table).equals(getattr(reference, table)), table


def test_tallies_are_what_a_plain_count_finds(log: Path) -> None:
    found = abtrade.scan(log, rules=["shfe@2010-11-05"], day=DAY)
    plain = count_plainly(read_rows(log))
    names = found.tallies.column_names
    for count, wanted in plain.items():
        assert count in names
        told = {(r["subject"], r["contract"]): r[count] for r in found.tallies.to_pylist()}
        assert {key: n for key, n in told.items() if n} == +wanted, count


def test_alerts_are_those_above_the_standard(log: Path) -> None:
    found = abtrade.scan(log, rules=["shfe@2010-11-05"], day=DAY)
    plain = count_plainly(read_rows(log))
    by_subject: Counter[str] = Counter()
    for (subject, _), n in plain["self_trades"].items():
        by_subject[subject] += n
    told = {(a.result.rule, a.result.subject, a.result.scope): (a.level, a.result.counted)
            for a in found.alert_list if a.result.rule == "shfe.self_trade"}
    assert told == {
        ("shfe.self_trade", subject, "exchange:-"): ("red" if n >= 5 else "yellow", n)
        for subject, n in by_subject.items() if n >= 4
    }


def read_rows(path: Path) -> list[Row]:
    """Return the log's rows, without the timestamps that Python can not hold."""
    table = pa.parquet.read_table(path)
    return list(table.drop_columns(["ts"]).to_pylist())


def count_plainly(rows: list[Row]) -> Counts:
    """Count by (account, contract), resolving each row through the order it names.

    Written from the counting rules for logs like these: exchange form, no tif, no combinations,
    no repeated seq; ``left`` is what an order has left, 0 once it is finished. The one kind of bad
    row in them is a trade of 0 lots.
    """
    owner: dict[tuple[str, int], str] = {}
    left: dict[tuple[str, int], int] = {}
    filled: set[tuple[str, str, int]] = set()
    names = ("orders", "cancels", "large_cancels@300", "self_trades", "self_trade_lots",
             "messages", "filled_orders")
    counts: Counts = {name: Counter() for name in names}
    pairs: set[tuple[str, str, frozenset[int]]] = set()
    incoming: set[tuple[str, str, int]] = set()
    for row in rows:
        contract, action = row["contract"], row["action"]
        order = (contract, row["order_id"])
        account = owner.get(order, row["account"])
        key = (account, contract)
        if action in ("new", "carried"):
            if order in owner:
                continue
            owner[order], left[order] = row["account"], row["lots"]
            if action == "new":
                counts["orders"][row["account"], contract] += 1
                counts["messages"][row["account"], contract] += 1
        elif action in ("cancel", "amend"):
            _count_change(row, order, key, left, counts)
        elif action == "trade" and row["lots"] > 0:
            sides = []
            for number, told in ((row["order_id"], row["account"]),
                                 (row["contra_order_id"], row.get("contra_account"))):
                side = (contract, number)
                who = owner.get(side, told)
                if number is not None and who is not None:
                    filled.add((who, *side))
                    sides.append(who)
                if side in left:
                    left[side] = max(0, left[side] - row["lots"])
            if len(sides) == 2 and sides[0] == sides[1]:
                counts["self_trades"][sides[0], contract] += 1
                counts["self_trade_lots"][sides[0], contract] += row["lots"]
                pairs.add((sides[0], contract, frozenset((row["order_id"],
                                                          row["contra_order_id"]))))
                incoming.add((sides[0], contract, row["order_id"]))
    counts["filled_orders"].update((who, contract) for who, contract, _ in filled)
    counts["self_trade_pairs"] = Counter((who, contract) for who, contract, _ in pairs)
    counts["self_trade_orders"] = Counter((who, contract) for who, contract, _ in incoming)
    return counts


def _count_change(
    row: Row,
    order: tuple[str, int],
    key: tuple[str | None, str],
    left: dict[tuple[str, int], int],
    counts: Counts,
) -> None:
    """Count a cancel or an amend of an order that is there, or that was never seen."""
    if key[0] is None or left.get(order) == 0:
        return
    if row["action"] == "amend":
        counts["messages"][key] += 1
        if order in left:
            left[order] = row["lots"]
        return
    off = row["lots"]
    if order in left:
        off = left[order] if off is None else min(off, left[order])
        left[order] -= off
    counts["cancels"][key] += 1
    counts["large_cancels@300"][key] += (off or 0) >= 300
    counts["messages"][key] += row.get("cancel_by") in (None, "client", "forced")
