"""Small CTP dumps written by hand in tests, and the events they come to."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from abtrade.readers.foreign import stated_log
from abtrade.readers.log import Log, open_log

Row = dict[str, Any]

ORDER: Row = {
    "BrokerID": "9999", "InvestorID": "I1", "OrderRef": "           1", "OrderPriceType": "2",
    "Direction": "0", "CombOffsetFlag": "0", "CombHedgeFlag": "1", "LimitPrice": "70000",
    "VolumeTotalOriginal": "5", "TimeCondition": "3", "VolumeCondition": "1",
    "OrderLocalID": "           1", "ExchangeID": "SHFE", "ParticipantID": "0001",
    "ClientID": "00010001", "TraderID": "T1", "OrderSubmitStatus": "3", "TradingDay": "20250218",
    "OrderSysID": "           7", "OrderStatus": "3", "OrderType": "0", "VolumeTraded": "0",
    "InsertDate": "20250218", "InsertTime": "09:30:00", "UpdateTime": "", "CancelTime": "",
    "FrontID": "1", "SessionID": "-12", "StatusMsg": "", "RelativeOrderSysID": "",
    "ContingentCondition": "1", "UserForceClose": "0", "ForceCloseReason": "0",
    "InstrumentID": "cu2503",
}  # fmt: skip
TRADE: Row = {
    "InvestorID": "I1", "ExchangeID": "SHFE", "TradeID": "          55", "Direction": "0",
    "OrderSysID": "           7", "ParticipantID": "0001", "ClientID": "00010001",
    "OffsetFlag": "0", "HedgeFlag": "1", "Price": "70000", "Volume": "5",
    "TradeDate": "20250218", "TradeTime": "09:30:01", "TradeType": "0", "TradingDay": "20250218",
    "InstrumentID": "cu2503",
}  # fmt: skip
ACTION: Row = {
    "InvestorID": "I1", "OrderActionRef": "1", "OrderRef": "           1", "FrontID": "1",
    "SessionID": "-12", "ExchangeID": "SHFE", "OrderSysID": "           7", "ActionFlag": "0",
    "ActionDate": "20250218", "ActionTime": "09:30:02", "OrderActionStatus": "b",
    "InstrumentID": "cu2503",
}  # fmt: skip

SENT: Row = {"OrderSysID": "", "OrderStatus": "a", "OrderSubmitStatus": "0"}
FAK: Row = {"TimeCondition": "1", "VolumeCondition": "1"}
CANCELLED: Row = {"OrderStatus": "5"}


def order(**fields: Any) -> Row:
    """Return a row of OrderField: a resting order of 5 lots, but for the fields given."""
    return ORDER | fields


def trade(**fields: Any) -> Row:
    return TRADE | fields


def action(**fields: Any) -> Row:
    return ACTION | fields


def saved(path: Path, rows: list[Row], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def opened(
    folder: Path,
    orders: list[Row],
    trades: list[Row] | None = None,
    actions: list[Row] | None = None,
    **stated: Any,
) -> Log:
    """Return the log of a dump's files."""
    parts = {"orders": orders, "trades": trades, "actions": actions}
    paths = [saved(folder / f"{name}.csv", rows) for name, rows in parts.items() if rows]
    return open_log(paths, day=stated.get("day"), stated=stated_log(**stated))


def rows_of(log: Log) -> list[Row]:
    """Return the log's events in order, the times as Beijing's."""
    rows = [
        row
        for source in log.sources
        for raw in source.read()
        for row in raw.record.to_pylist()
    ]
    rows.sort(key=lambda row: row["seq"])
    for row in rows:
        row["ts"] = f"{row['ts']:%m-%d %H:%M:%S}"
    return rows


def events(folder: Path, *parts: Any, **stated: Any) -> list[Row]:
    return rows_of(opened(folder, *parts, **stated))


def told(events: list[Row], *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row.get(column) for column in columns) for row in events]


def bad(log: Log) -> list[tuple[str, int, str]]:
    """Return file, row and reason of each row set aside."""
    return [
        (source.path.name, row.row, row.reason)
        for source in log.sources
        for raw in source.read()
        for row in raw.bad
    ]
