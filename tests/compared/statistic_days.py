"""Small days for tests of shares and deviations: who ordered, cancelled and traded how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

import abtrade
from abtrade.scan import ScanResult

TODAY = "2025-03-14"
DAYS = ("2025-03-03", "2025-03-04", "2025-03-05", "2025-03-06", "2025-03-07", "2025-03-10")

RULE = """
id: desk.{count}
about: A figure that compares.
exchange: SHFE
from: 2020-01-01
status: secondary
source: {{document: The desk's own heuristic}}
clause: The desk's own heuristic
count: {count}
scope: {scope}
yellow: {{{level}}}
{more}
"""


def rule(folder: Path, count: str, level: str, scope: str = "contract", more: str = "") -> str:
    """Write a rule file; return its path."""
    path = folder / f"{count}.yaml"
    path.write_text(RULE.format(count=count, scope=scope, level=level, more=more), "utf-8")
    return str(path)


def a_day(
    done: Mapping[tuple[str, str], Sequence[int]],
    trades: Sequence[tuple[str, str, str, int]] = (),
    day: str = TODAY,
    **columns: Mapping[str, str],
) -> pa.Table:
    """Return a log.

    done : (account, contract) -> orders, and how many of them are cancelled
    trades : buyer, seller, contract, lots; each adds an order a side
    columns : other columns of new rows, account -> word
    """
    rows: list[dict[str, Any]] = []

    def add(action: str, contract: str, order: int, **cells: Any) -> None:
        rows.append(
            {"seq": len(rows) + 1, "ts": f"{day} 10:00:00", "exchange": "SHFE",
             "action": action, "contract": contract, "order_id": order, **cells}
        )  # fmt: skip

    def new(account: str, contract: str, side: str, lots: int) -> int:
        order = len(rows) + 1
        told = {name: words.get(account) for name, words in columns.items()}
        add("new", contract, order, account=account, side=side, price=70000.0, lots=lots,
            offset="open", **told)  # fmt: skip
        return order

    for (account, contract), (orders, *cancels) in done.items():
        made = [new(account, contract, "buy", 1) for _ in range(orders)]
        for order in made[: sum(cancels)]:
            add("cancel", contract, order)
    for buyer, seller, contract, lots in trades:
        incoming, resting = new(buyer, contract, "buy", lots), new(seller, contract, "sell", lots)
        add("trade", contract, incoming, contra_order_id=resting, price=70000.0, lots=lots)
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def scan(log: pa.Table, rules: Sequence[str] = (), **options: Any) -> ScanResult:
    """Scan a day by rules given, or by none; the day is today where not said."""
    return abtrade.scan(log, rules=list(rules) or ["shfe"], day=options.pop("day", TODAY),
                        **options)  # fmt: skip


def earlier(
    folder: Path,
    logs: Mapping[str, Mapping[tuple[str, str], Sequence[int]]],
    trades: Mapping[str, Sequence[tuple[str, str, str, int]]] | None = None,
    **options: Any,
) -> Path:
    """Scan a log for each day into a folder of outputs; return that."""
    for day, done in logs.items():
        log = a_day(done, (trades or {}).get(day, ()), day)
        scan(log, day=day, statistics=True, out=folder / day, **options)
    return folder


def shares(result: ScanResult, column: str, kind: str = "contract") -> dict[tuple[str, str], Any]:
    """Return a column of the shares by subject and name of scope."""
    rows = result.shares.to_pylist()
    return {
        (row["subject"], row["scope"].split(":")[1]): row[column]
        for row in rows
        if row["scope"].startswith(f"{kind}:")
    }


def figures(result: ScanResult) -> dict[tuple[str, str], float]:
    """Return the counted figure of every result of the rule, by subject and scope."""
    return {
        (row["subject"], row["scope"]): row["ratio"]
        for row in result.results.to_pylist()
        if row["subject"] is not None
    }
