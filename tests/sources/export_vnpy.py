"""Write a canonical log as vnpy would: dumps of its data objects, or what its windows save."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from lives import Life, Lives, Side

from abtrade.market.calendar import load_calendar

CHINESE = {
    "buy": "多", "sell": "空", "open": "开", "close": "平", "close_today": "平今",
    "close_yesterday": "平昨", "submitting": "提交中", "nottraded": "未成交",
    "parttraded": "部分成交", "alltraded": "全部成交", "cancelled": "已撤销", "rejected": "拒单",
    "limit": "限价", "market": "市价", "fak": "FAK", "fok": "FOK", None: "",
}  # fmt: skip
ENGLISH = {
    "buy": "Long", "sell": "Short", "open": "Open", "close": "Close", "close_today": "Close Today",
    "close_yesterday": "Close Yesterday", "submitting": "Submitting", "nottraded": "Not Traded",
    "parttraded": "Part Traded", "alltraded": "All Traded", "cancelled": "Cancelled",
    "rejected": "Rejected", "limit": "Limit", "market": "Market", "fak": "FAK", "fok": "FOK",
    None: "",
}  # fmt: skip
MEMBERS = {
    "buy": "Direction.LONG", "sell": "Direction.SHORT", "open": "Offset.OPEN",
    "close": "Offset.CLOSE", "close_today": "Offset.CLOSETODAY",
    "close_yesterday": "Offset.CLOSEYESTERDAY", "submitting": "Status.SUBMITTING",
    "nottraded": "Status.NOTTRADED", "parttraded": "Status.PARTTRADED",
    "alltraded": "Status.ALLTRADED", "cancelled": "Status.CANCELLED",
    "rejected": "Status.REJECTED", "limit": "OrderType.LIMIT", "market": "OrderType.MARKET",
    "fak": "OrderType.FAK", "fok": "OrderType.FOK", None: "Offset.NONE",
}  # fmt: skip

ORDER_FIELDS = ("symbol", "exchange", "orderid", "type", "direction", "offset", "price", "volume",
                "traded", "status", "datetime", "reference", "gateway_name")  # fmt: skip
TRADE_FIELDS = ("symbol", "exchange", "orderid", "tradeid", "direction", "offset", "price",
                "volume", "datetime", "gateway_name")  # fmt: skip
ORDER_WINDOW = {
    "orderid": "委托号", "reference": "来源", "symbol": "代码", "exchange": "交易所",
    "type": "类型", "direction": "方向", "offset": "开平", "price": "价格",
    "volume": "总数量", "traded": "已成交", "status": "状态", "datetime": "时间",
    "gateway_name": "接口",
}  # fmt: skip
TRADE_WINDOW = {
    "tradeid": "成交号 ", "orderid": "委托号", "symbol": "代码", "exchange": "交易所",
    "direction": "方向", "offset": "开平", "price": "价格", "volume": "数量",
    "datetime": "时间", "gateway_name": "接口",
}  # fmt: skip
ENGLISH_WINDOW = {
    "orderid": "Order ID", "reference": "Reference", "symbol": "Symbol", "exchange": "Exchange",
    "type": "Type", "direction": "Direction", "offset": "Offset", "price": "Price",
    "volume": "Total", "traded": "Traded", "status": "Status", "datetime": "Time",
    "gateway_name": "Gateway",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Variant:
    """One way in which such an export is written."""

    words: Mapping[str | None, str]
    window: bool = False  # display headers, and times of day alone
    english: bool = False  # of the window's headers
    encoding: str = "utf-8"
    suffix: bool = False  # the exchange behind the contract
    states: bool = False  # a row each time an order's state changes
    seconds: bool = True  # as CTP has them
    ending: str = "csv"


VARIANTS = {
    "dump": Variant(MEMBERS),
    "dump, parquet": Variant(CHINESE, ending="parquet"),
    "dump, microseconds, suffix": Variant(ENGLISH, suffix=True, seconds=False),
    "dump of states": Variant(CHINESE, states=True, encoding="utf-8-sig"),
    "window, gbk": Variant(CHINESE, window=True, encoding="gbk"),
    "window, english, milliseconds": Variant(ENGLISH, True, True, seconds=False),
}


def export(lives: Lives, folder: Path, variant: Variant, accounts: Sequence[str] | None = None
           ) -> list[Path]:  # fmt: skip
    """Write the orders and trades of some accounts, each behind a gateway of its name."""
    def chosen(life: Life) -> bool:
        return accounts is None or life.row["account"] in accounts

    folder.mkdir(parents=True, exist_ok=True)
    orders = [row for life in lives.orders if chosen(life) for row in _order(life, variant)]
    trades = [_trade(side, variant) for side in lives.sides if chosen(side.life)]
    made = (
        ("orders", orders, ORDER_FIELDS, ENGLISH_WINDOW if variant.english else ORDER_WINDOW),
        ("trades", trades, TRADE_FIELDS, TRADE_WINDOW | _english_trades(variant)),
    )
    paths = []
    for name, rows, fields, window in made:
        path = folder / f"{name}.{variant.ending}"
        headers = dict(window) if variant.window else {field: field for field in fields}
        write(path, [{headers[f]: row[f] for f in headers} for row in rows], variant.encoding)
        paths.append(path)
    return paths


def write(path: Path, rows: list[dict[str, Any]], encoding: str) -> None:
    """Write rows as CSV, or as Parquet with the types they have."""
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
        return
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


def _english_trades(variant: Variant) -> dict[str, str]:
    if not variant.english:
        return {}
    of_trades = {"tradeid": "Trade ID", "volume": "Volume"}
    return {field: of_trades.get(field, ENGLISH_WINDOW.get(field, field)) for field in TRADE_WINDOW}


def _order(life: Life, variant: Variant) -> list[dict[str, Any]]:
    said: Callable[[str | None], str] = variant.words.__getitem__
    row, tif = life.row, life.row["tif"]
    fixed = _common(life, row, variant) | {
        "type": said(tif if tif in ("fak", "fok") else "limit"),
        "price": row["price"],
        "volume": float(life.lots),
        "reference": "",
        "datetime": _time(row["ts"], row["exchange"], "orders", variant),
    }
    left = life.lots - life.traded
    last = "alltraded" if left == 0 else "parttraded" if life.traded else "nottraded"
    last = "cancelled" if life.cancelled is not None else last
    final = [("rejected" if life.refused else last, float(life.traded))]
    if variant.states:
        before = [("submitting", 0.0), ("nottraded", 0.0)]
        if 0 < life.traded < life.lots:
            before.append(("parttraded", float(life.traded)))
        final = before[: 1 if life.refused else None] + final * 2  # said twice, as counters do
    return [fixed | {"status": said(status), "traded": traded} for status, traded in final]


def _trade(side: Side, variant: Variant) -> dict[str, Any]:
    common = _common(side.life, side.row, variant)
    return common | {
        "tradeid": f"{side.match:>12}",
        "price": side.row["price"],
        "volume": float(side.row["lots"]),
        "datetime": _time(side.row["ts"], side.row["exchange"], "trades", variant),
    }


def _common(life: Life, row: Mapping[str, Any], variant: Variant) -> dict[str, Any]:
    exchange = row["exchange"]
    return {
        "symbol": f"{row['contract']}.{exchange}" if variant.suffix else row["contract"],
        "exchange": f"Exchange.{exchange}" if variant.words is MEMBERS else exchange,
        "orderid": f"1_-77_{life.number}",
        "direction": variant.words[life.row["side"]],
        "offset": variant.words[life.row["offset"]],
        "gateway_name": life.row["account"],
    }


def _time(ts: datetime, exchange: str, what: str, variant: Variant) -> Any:
    """Return a time as the gateway makes it of a counter's date and time, and shows it."""
    at = ts.replace(nanosecond=0) if hasattr(ts, "nanosecond") else ts
    at = at.replace(microsecond=0) if variant.seconds else at
    by_day = {"DCE", "GFEX", "CZCE"} if what == "trades" else {"DCE", "GFEX"}
    if exchange in by_day and not time(6) <= at.time() < time(18):
        day = load_calendar().trading_day_of(int(at.timestamp()) * 10**9)
        at = at.replace(year=day.year, month=day.month, day=day.day)
    if not variant.window:
        return at.to_pydatetime() if variant.ending == "parquet" else str(at)
    milliseconds = at.microsecond // 1000
    return f"{at:%H:%M:%S}.{milliseconds or '000'}"


