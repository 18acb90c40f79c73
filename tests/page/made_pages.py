"""Pages made for tests: a small scanned day with hostile names, and a subject of many orders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import abtrade
from abtrade.explain import Explanation
from abtrade.market_line import Line
from abtrade.order_lives import Life, Step
from abtrade.reference_rows import OrderKey
from abtrade.scene import Scene, Shown
from abtrade.sinks.page.page import write_page
from abtrade.trace import EVENTS

HOSTILE = "</script><img src=http://evil.example/x onerror=\"document.title='run'\">"
RULE = """
id: desk.cancels
about: {en: What the desk watches, zh: 风控关注}
exchange: SHFE
from: 2020-01-01
status: secondary
source: {document: Handbook of the desk}
clause: Handbook of the desk
scope: contract
count: cancels
yellow: {gte: 2}
red: {gte: 3}
"""
HEADER = "seq,ts,contract,action,order_id,account,side,offset,tif,price,lots,contra_order_id"
LOG = (
    "2025-02-17 21:00:01.000,new,1,Z,sell,open,gfd,78010,50,",
    "2025-02-17 21:00:02.000,new,2,A,buy,open,gfd,78000,5,",
    "2025-02-17 21:00:03.000,new,3,Z,buy,open,gfd,78010,2,",
    "2025-02-17 21:00:03.000,trade,3,,,,,78010,2,1",
    "2025-02-17 21:30:00.000,cancel,2,,,,,,,",
    "2025-02-18 09:00:00.000,new,4,A,buy,open,gfd,77990,9,",
    "2025-02-18 09:10:00.000,amend,4,,,,,78010,9,",
    "2025-02-18 09:10:00.000,trade,4,,,,,78010,4,1",
    "2025-02-18 09:20:00.000,cancel,4,,,,,,,",
    "2025-02-18 13:30:00.000,new,5,A,sell,open,gfd,78020,1,",
    "2025-02-18 13:40:00.000,new,6,A,buy,close,gfd,78020,1,",
    "2025-02-18 13:40:00.000,trade,6,,,,,78020,1,5",
    "2025-02-18 14:00:00.000,new,7,A,buy,open,gfd,77980,3,",
    "2025-02-18 14:00:00.500,cancel,7,,,,,,,",
    "2025-02-18 14:30:00.000,new,8,A,sell,open,gfd,78050,2,",
)
"""A buys and cancels, part of it filled; trades with itself; and leaves an order."""


def explained_day(folder: Path) -> Explanation:
    """Scan the small day, A under a hostile name, and explain its alert."""
    rows = [
        f"{seq},{row}".replace(",A,", ',"' + HOSTILE.replace('"', '""') + '",')
        for seq, row in enumerate((line.replace(",", ",cu2503,", 1) for line in LOG), start=1)
    ]
    (folder / "day.csv").write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    (folder / "rule.yaml").write_text(RULE, "utf-8")
    out = folder / "out"
    abtrade.scan(
        folder / "day.csv", rules=[str(folder / "rule.yaml")], out=out, day="2025-02-18"
    )
    alert = json.loads((out / "alerts.jsonl").read_text("utf-8"))
    return abtrade.explain(out, alert["alert_id"], scene=True)


def write(found: Explanation, path: Path) -> Path:
    assert found.scene is not None
    write_page(found, found.scene, "en", path, force=True)
    return path


def many_orders(like: Explanation, n: int) -> Explanation:
    """Return an explanation of ``n`` orders in 6 hours, each cancelled after some seconds."""
    assert like.scene is not None
    draw = np.random.default_rng(7)
    start = 1_739_840_400 * 10**9
    hours = 6 * 3_600 * 10**9
    placed = np.sort(draw.integers(0, hours, n)) + start
    rested = draw.integers(1, 60 * 10**9, n)
    prices = 78_000 + 10 * np.cumsum(draw.integers(-1, 2, n))
    orders, events = [], []
    for i, (ts, rest, price) in enumerate(
        zip(placed.tolist(), rested.tolist(), prices.tolist(), strict=True)
    ):
        lots = 1 + i % 40
        steps = [
            Step(2 * i, ts, "new", str(price), lots, lots, None),
            Step(2 * i + 1, ts + rest, "cancel", None, None, 0, None),
        ]
        orders.append(Life(OrderKey(0, 0, i), str(i), 0, 1 + i % 2, lots, 0, steps))
        events.append({"n": i + 1, "seq": 2 * i + 1, "ts": ts + rest, "count": i + 1,
                       "order_id": str(i), "price": str(price)})  # fmt: skip
    every: dict[str, Any] = {"file": "day.csv", "row": 1, "action": "cancel",
                             "contract": "cu2503", "account": "A", "amount": 1}  # fmt: skip
    line = Line(placed, prices // 10, n, n)
    scene = Scene(
        [Shown("SHFE", "cu2503", 10.0, line)], orders, {0: 0}, {0: "A"},
        [[i] for i in range(n)], set(), [(start, start + hours + 60 * 10**9)], like.scene.run,
    )  # fmt: skip
    table = pa.Table.from_pylist([every | event for event in events], EVENTS)
    alert = like.alert | {"yellow_limit": f">= {n // 2}", "red_limit": f">= {n}"}
    return Explanation(alert, table, scene=scene)
