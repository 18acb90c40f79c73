"""The lives of a canonical log's orders and its matches, as a trading program would keep them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

TOLD = ("exchange", "seq", "ts", "contract", "action", "order_id", "account", "side", "offset",
        "tif", "price", "lots", "contra_order_id", "contra_account")  # fmt: skip
"""Columns whose meaning survives in an export of orders and trades."""


@dataclass(slots=True)
class Life:
    """An order, as it stands in the end."""

    number: int  # from 1, by the order of the log
    row: Mapping[str, Any]  # its new or reject row
    lots: int
    refused: bool = False
    traded: int = 0
    cancelled: int | None = None  # lots taken off
    ended: datetime | None = None


@dataclass(slots=True)
class Side:
    """One side of a match."""

    life: Life
    match: int
    row: Mapping[str, Any]


@dataclass(slots=True)
class Lives:
    """All orders, and each match twice: once a side."""

    orders: list[Life]
    sides: list[Side]
    base: pa.Table  # the canonical log of what an export can tell, and nothing else


def lives_of(log: pa.Table) -> Lives:
    """Return what programs would keep of a canonical log, and the log without the rest of it."""
    orders: dict[tuple[Any, Any, Any], Life] = {}
    sides: list[Side] = []
    for at, row in enumerate(log.to_pylist()):
        key = (row["exchange"], row["contract"], row["order_id"])
        if row["action"] in ("new", "reject"):
            refused = row["action"] == "reject"
            orders[key] = Life(len(orders) + 1, row, row["lots"], refused)
        elif row["action"] == "cancel":
            orders[key].cancelled = row["lots"]
            orders[key].ended = row["ts"]
        elif row["action"] == "trade":
            for order_id in (row["order_id"], row["contra_order_id"]):
                life = orders[*key[:2], order_id]
                life.traded += row["lots"]
                sides.append(Side(life, at + 1, row))
    for life in orders.values():  # which an amend may have made smaller or larger
        if life.cancelled is not None:
            life.lots = life.traded + life.cancelled
    return Lives([*orders.values()], sides, _base(log, orders))


def _base(log: pa.Table, orders: Mapping[tuple[Any, Any, Any], Life]) -> pa.Table:
    table = log.select([name for name in TOLD if name in log.column_names])
    table = table.filter(pc.is_in(table["action"], pa.array(["new", "cancel", "trade", "reject"])))
    keys = zip(*(table[name].to_pylist() for name in ("exchange", "contract", "order_id")),
               strict=True)  # fmt: skip
    lots = [
        orders[key].lots if action in ("new", "reject") else size
        for key, action, size in zip(
            keys, table["action"].to_pylist(), table["lots"].to_pylist(), strict=True
        )
    ]
    at = table.column_names.index("lots")
    return table.set_column(at, "lots", pa.array(lots, pa.int64()))
