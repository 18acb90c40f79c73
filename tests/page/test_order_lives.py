"""Lives of orders as steps, from small logs that were scanned and explained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_pages import RULE

import abtrade
from abtrade.scene import Scene


def scene_of(folder: Path, header: str, *rows: str, scope: str = "contract") -> Scene:
    """Scan a day of rows from 10:00 on, one a second; return the scene of its only alert."""
    lines = [
        f"{seq},2025-02-18 10:00:{seq:02},{row}" for seq, row in enumerate(rows, start=1)
    ]
    (folder / "day.csv").write_text("\n".join([f"seq,ts,{header}", *lines]) + "\n", "utf-8")
    (folder / "rule.yaml").write_text(RULE.replace("scope: contract", f"scope: {scope}"), "utf-8")
    abtrade.scan(folder / "day.csv", rules=[str(folder / "rule.yaml")], out=folder / "out")
    alert = json.loads((folder / "out/alerts.jsonl").read_text("utf-8"))
    found = abtrade.explain(folder / "out", alert["alert_id"], scene=True)
    assert found.scene is not None
    return found.scene


def test_a_trade_told_by_two_rows_is_one_with_itself_where_both_orders_are_the_subjects(
    tmp_path: Path,
) -> None:
    scene = scene_of(
        tmp_path, "contract,action,order_id,account,side,offset,price,lots,trade_id",
        "cu2503,new,1,A,buy,open,78000,5,",
        "cu2503,new,2,A,sell,open,78000,2,",
        "cu2503,trade,1,A,buy,open,78000,2,T1",
        "cu2503,trade,2,A,sell,open,78000,2,T1",
        "cu2503,new,3,Z,sell,open,78000,1,",
        "cu2503,trade,1,A,buy,open,78000,1,T2",
        "cu2503,trade,3,Z,sell,open,78000,1,T2",
        "cu2503,cancel,1,A,,,,1,",
        "cu2503,cancel,1,A,,,,,",
        "cu2503,new,4,A,buy,open,77990,1,",
        "cu2503,cancel,4,A,,,,,",
    )  # fmt: skip
    assert {(key.low, at) for key, at in scene.self_trades} == {(1, 1), (2, 1)}
    assert [(life.text, life.fate) for life in scene.orders] == [
        ("1", "part"), ("2", "filled"), ("4", "cancelled")
    ]  # fmt: skip
    assert [step.left for step in scene.orders[0].steps] == [5, 3, 2, 1, 0]
    line = scene.contracts[0].line  # two trades of two rows each
    assert (line.trades, line.lots, line.price.tolist()) == (2, 3, [7800, 7800])
    assert line.waiting == set()


def test_a_wide_scope_has_all_its_contracts_and_no_other(tmp_path: Path) -> None:
    scene = scene_of(
        tmp_path, "contract,action,order_id,account,side,offset,price,lots",
        "cu2504,new,1,A,buy,open,78000,5",
        "cu2503,new,1,A,buy,open,77000,5",
        "al2503,new,1,A,buy,open,20000,5",
        "cu2503,cancel,1,A,,,,",
        "cu2504,cancel,1,A,,,,",
        scope="product",
    )  # fmt: skip
    assert [(shown.exchange, shown.contract) for shown in scene.contracts] == [
        ("SHFE", "cu2503"), ("SHFE", "cu2504")
    ]  # fmt: skip
    contracts = [scene.contract_of[life.key.contract] for life in scene.orders]
    assert contracts == [1, 0]
    assert scene.touched == [[1], [0]]


@pytest.mark.parametrize(
    ("last", "fate", "left"),
    [
        ("amend,1,A,,,77990,3", "rested", 3),
        ("reject,1,A,,,,", "rejected", 5),
        ("cancel,1,A,,,,2", "rested", 3),
        ("amend,1,A,,,77990,0", "cancelled", 0),
    ],
)
def test_how_an_order_ends(tmp_path: Path, last: str, fate: str, left: int) -> None:
    scene = scene_of(
        tmp_path, "contract,action,order_id,account,side,offset,price,lots",
        "cu2503,new,1,A,buy,open,78000,5",
        f"cu2503,{last}",
        "cu2503,new,2,A,buy,open,78000,5",
        "cu2503,cancel,2,A,,,,",
        "cu2503,new,3,A,buy,open,78000,5",
        "cu2503,cancel,3,A,,,,",
    )  # fmt: skip
    assert (scene.orders[0].fate, scene.orders[0].left) == (fate, left)


@pytest.mark.parametrize(
    ("rows", "fate"),
    [
        (["cancel,9,A,,,,"], "cancelled"),
        (["cancel,9,A,,,,2"], "untold"),
        (["trade,9,A,buy,open,78000,1", "cancel,9,A,,,,"], "part"),
        (["trade,9,A,buy,open,78000,1"], "untold"),
    ],
)
def test_how_an_order_ends_that_no_row_opens(
    tmp_path: Path, rows: list[str], fate: str
) -> None:
    placed = [
        f"cu2503,{row}"
        for order in (1, 2, 3)
        for row in (f"new,{order},A,buy,open,78000,5", f"cancel,{order},A,,,,")
    ]
    scene = scene_of(
        tmp_path, "contract,action,order_id,account,side,offset,price,lots",
        *(f"cu2503,{row}" for row in rows), *placed,
    )  # fmt: skip
    assert {life.text: life.fate for life in scene.orders}["9"] == fate
