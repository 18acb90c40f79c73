"""Write a canonical log as a user of tqsdk does, with the columns of the library's own objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from export_vnpy import write
from lives import Life, Lives, Side

OFFSETS = {"open": "OPEN", "close": "CLOSE", "close_today": "CLOSETODAY",
           "close_yesterday": "CLOSE", None: ""}  # fmt: skip


def export(
    lives: Lives, folder: Path, accounts: Sequence[str], *, users: bool = False,
    ending: str = "csv", prefix: bool = False,
) -> list[Path]:  # fmt: skip
    """Write orders and trades of accounts.

    users : with a column that names the account
    prefix : the exchange before the contract
    """
    folder.mkdir(parents=True, exist_ok=True)
    orders = [_order(life) for life in lives.orders if life.row["account"] in accounts]
    sides = [side for side in lives.sides if side.life.row["account"] in accounts]
    paths = []
    for name, rows in (("orders", orders), ("trades", [_trade(side) for side in sides])):
        for row in rows:
            if not users:
                del row["user_id"]
            if prefix:
                row["instrument_id"] = f"{row['exchange_id']}.{row['instrument_id']}"
        path = folder / f"{name}.{ending}"
        write(path, rows, "utf-8")
        paths.append(path)
    return paths


def _order(life: Life) -> dict[str, Any]:
    row = life.row
    finished = life.refused or life.traded == life.lots or life.cancelled is not None
    tif = row["tif"]
    return {
        "datetime": row["ts"].strftime("%Y-%m-%d %H:%M:%S.%f"),
        **_common(life, row),
        "exchange_order_id": "" if life.refused else f"{life.number:>12}",
        "status": "FINISHED" if finished else "ALIVE",
        "volume_orign": life.lots,
        "volume_left": life.lots - life.traded,
        "limit_price": row["price"],
        "price_type": "LIMIT",
        "volume_condition": "ALL" if tif == "fok" else "ANY",
        "time_condition": "IOC" if tif in ("fak", "fok") else "GFD",
        "insert_date_time": row["ts"].value,
        "last_msg": "资金不足" if life.refused else "全部成交报单已提交",
    }


def _trade(side: Side) -> dict[str, Any]:
    return {
        "datetime": side.row["ts"].strftime("%Y-%m-%d %H:%M:%S.%f"),
        "trade_id": f"PYSDK_insert_{side.life.number}|{side.match:>12}",
        **_common(side.life, side.row),
        "exchange_trade_id": f"{side.match:>12}",
        "price": side.row["price"],
        "volume": side.row["lots"],
        "trade_date_time": side.row["ts"].value,
    }


def _common(life: Life, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "user_id": life.row["account"],
        "order_id": f"PYSDK_insert_{life.number}",
        "exchange_id": row["exchange"],
        "instrument_id": row["contract"],
        "direction": life.row["side"].upper(),
        "offset": OFFSETS[life.row["offset"]],
    }
