"""A canonical log written as a CTP counter would dump it: states of orders, trades, order actions.

Each exchange's ways are kept: when rows are repeated, what comes before what, which dates are
natural and which are trading days, which times of cancels are told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from abtrade.market.calendar import load_calendar
from abtrade.readers.ctp.fields import FIELDS, ORDERS

Row = dict[str, Any]

DIRECTION = {"buy": "0", "sell": "1"}
OFFSET = {"open": "0", "close": "1", "close_today": "3", "close_yesterday": "4", None: "0"}
HEDGE = {"speculation": "1", "arbitrage": "2", "hedge": "3", "market_maker": "5", None: "1"}
CANCEL_FIRST = ("SHFE", "INE", "CFFEX")
TELL_CANCEL_TIME = ("CFFEX", "DCE")
QUOTE_TYPE = {"DCE": "0", "CFFEX": "1", "CZCE": "1"}
WORDS = {
    "Direction": {"0": "买", "1": "卖"},
    "CombOffsetFlag": {"0": "开仓", "1": "平仓", "3": "平今", "4": "平昨"},
    "OffsetFlag": {"0": "开仓", "1": "平仓", "3": "平今", "4": "平昨"},
    "CombHedgeFlag": {"1": "投机", "2": "套利", "3": "套保", "5": "做市商"},
    "HedgeFlag": {"1": "投机", "2": "套利", "3": "套保", "5": "做市商"},
    "OrderStatus": {
        "0": "全部成交", "1": "部分成交还在队列中", "3": "未成交还在队列中", "5": "已撤单",
        "a": "未知", "b": "尚未触发", "c": "已触发",
    },
    "OrderSubmitStatus": {
        "0": "已经提交", "1": "撤单已经提交", "3": "已经接受", "4": "报单已经被拒绝",
    },
    "TimeCondition": {"1": "立即完成,否则撤销", "3": "当日有效"},
    "VolumeCondition": {"1": "任何数量", "3": "全部数量"},
    "OrderPriceType": {"1": "任意价", "2": "限价"},
    "OrderActionStatus": {"a": "已经提交", "b": "已经接受", "c": "已经被拒绝"},
    "ActionFlag": {"0": "删除"},
    "TradeType": {"0": "普通成交", "4": "组合衍生成交"},
}  # fmt: skip


@dataclass
class Dump:
    """The rows of a counter's structures, and the log that they can tell."""

    orders: list[Row] = field(default_factory=list)
    trades: list[Row] = field(default_factory=list)
    actions: list[Row] = field(default_factory=list)


def sayable(log: pa.Table, *, actions: bool = True) -> pa.Table:
    """Return the rows of a log in broker form that CTP's structures can tell.

    They know no amends, so that orders that were amended are left out, with whom they traded. They
    know no inquiries, no phases, and an order that rests at the close has no row more. Of who took
    an order off they know at most that a client asked.
    """
    rows = log.to_pylist()
    gone = _amended(rows)
    kept = []
    for row in rows:
        if row["action"] == "rfq" or _key(row) in gone or row["cancel_by"] == "expiry":
            continue
        row["cancel_by"] = "client" if row["cancel_by"] == "client" else None
        kept.append(row)
    left_out = {"phase"} if actions else {"phase", "cancel_by"}
    names = [name for name in log.schema.names if name not in left_out]
    fields = pa.schema([log.schema.field(name) for name in names])
    return pa.Table.from_pylist([{n: row[n] for n in names} for row in kept], fields)


def dump(log: pa.Table, day: date, *, first_id: int = 0) -> Dump:
    """Return the rows a counter would dump for a log that is ``sayable``."""
    made = Dump()
    lives: dict[Any, Life] = {}
    dates = Dates(day)
    for row in log.to_pylist():
        if row["action"] in ("new", "reject"):
            life = lives[_key(row)] = Life(row, dates, len(lives), first_id)
            made.orders += life.opened(refused=row["action"] == "reject")
        elif row["action"] == "trade":
            life = lives[_key(row)]
            made.orders += life.traded(row)
            made.trades.append(life.trade(row, first_id))
        else:
            life = lives[_key(row)]
            if row.get("cancel_by") == "client" and life.tif not in ("fak", "fok"):
                made.actions.append(life.action(row))
            made.orders += life.cancelled(row)
    return made


class Dates:
    """Which dates a row bears on a trading day."""

    def __init__(self, day: date) -> None:
        self.day = f"{day:%Y%m%d}"
        self._eve = load_calendar().previous(day)
        self._day = day

    def natural(self, clock: str) -> str:
        """Return the calendar date of a time of day."""
        if clock >= "18":
            return f"{self._eve:%Y%m%d}"
        return f"{self._eve + timedelta(days=1) if clock < '06' else self._day:%Y%m%d}"


class Life:
    """One order, and the rows in which a counter tells of it."""

    def __init__(self, new: Row, dates: Dates, number: int, first_id: int) -> None:
        self.exchange = new["exchange"]
        self.tif = new["tif"]
        self._dates = dates
        self._done = False
        self._filled = 0
        self._lots = new["lots"]
        clock = _clock(new)
        natural = self.exchange != "DCE"
        spot = self.tif in ("fak", "fok")
        quoted = QUOTE_TYPE.get(self.exchange, "") if new["order_type"] == "quote" else "0"
        self.row: Row = {
            "BrokerID": "9999",
            "InvestorID": f"I{new['account']}",
            "reserve1": "",
            "OrderRef": f"{number + first_id + 1:>12}",
            "UserID": f"I{new['account']}",
            "OrderPriceType": "2",
            "Direction": DIRECTION[new["side"]],
            "CombOffsetFlag": OFFSET[new["offset"]],
            "CombHedgeFlag": HEDGE[new["hedge"]],
            "LimitPrice": new["price"],
            "VolumeTotalOriginal": new["lots"],
            "TimeCondition": "1" if spot else "3",
            "GTDDate": "",
            "VolumeCondition": "3" if self.tif == "fok" else "1",
            "MinVolume": 1,
            "ContingentCondition": "1",
            "StopPrice": 0.0,
            "ForceCloseReason": "0",
            "OrderLocalID": f"{number + first_id + 1:>12}",
            "ExchangeID": self.exchange,
            "ParticipantID": new["account"][:4],
            "ClientID": new["account"],
            "TraderID": f"{self.exchange}0001",
            "OrderSubmitStatus": "3",
            "TradingDay": dates.day,
            "OrderSysID": f"{new['order_id'] + first_id:>12}",
            "OrderStatus": "3",
            "OrderType": quoted,
            "VolumeTraded": 0,
            "VolumeTotal": new["lots"],
            "InsertDate": dates.natural(clock) if natural else dates.day,
            "InsertTime": clock,
            "UpdateTime": "",
            "CancelTime": "",
            "FrontID": 1 + number % 3,
            "SessionID": -1_200_000 + int(new["account"][-4:]),
            "StatusMsg": "",
            "UserForceClose": 0,
            "RelativeOrderSysID": "",
            "InstrumentID": new["contract"],
            "IPAddress": "",
        }

    def opened(self, *, refused: bool) -> Iterator[Row]:
        """Yield the order on its way, and what the exchange said: nothing yet of a FAK order."""
        sent = {"OrderSysID": "", "OrderStatus": "a", "OrderSubmitStatus": "0", "ClientID": ""}
        clock = self.row["InsertTime"]
        sent["InsertDate"] = self._dates.natural(clock)
        yield {**self.row, **sent, "OrderLocalID": "", "StatusMsg": "报单已提交"}
        yield {**self.row, **sent, "StatusMsg": "报单已提交"}
        if refused:
            said = {"OrderStatus": "5", "OrderSubmitStatus": "4"}
            yield {**self.row, **sent, **said, "StatusMsg": "交易所拒绝:当前状态禁止此项操作"}
        elif self.tif not in ("fak", "fok") or self.exchange not in CANCEL_FIRST:
            yield {**self.row, "StatusMsg": "未成交"}
            if self.exchange == "CZCE":
                yield {**self.row, "StatusMsg": "未成交"}

    def traded(self, trade: Row) -> Iterator[Row]:
        """Yield how the order stands after a fill; where its cancel came first, nothing more."""
        self._filled += trade["lots"]
        if self._done:
            return
        whole = self._filled == self._lots
        self.row["OrderStatus"] = "0" if whole else "1"
        self.row["VolumeTraded"] = self._filled
        self.row["VolumeTotal"] = self._lots - self._filled
        yield {**self.row, "StatusMsg": "全部成交" if whole else "部分成交"}
        if self.exchange == "DCE":
            yield {**self.row, "StatusMsg": "全部成交" if whole else "部分成交"}

    def cancelled(self, cancel: Row) -> Iterator[Row]:
        """Yield the order off, with the lots filled by then or about to be: two rows that agree."""
        self._done = True
        self.row["OrderStatus"] = "5"
        self.row["VolumeTraded"] = self._lots - cancel["lots"]
        self.row["VolumeTotal"] = cancel["lots"]
        if self.exchange in TELL_CANCEL_TIME:
            self.row["CancelTime"] = _clock(cancel)
        else:
            self.row["UpdateTime"] = _clock(cancel)
        yield {**self.row, "OrderSubmitStatus": "1", "StatusMsg": "已撤单"}
        yield {**self.row, "StatusMsg": "已撤单"}

    def trade(self, trade: Row, first_id: int) -> Row:
        """Return the order's side of a trade."""
        clock = _clock(trade)
        own_day = self.exchange in ("DCE", "CZCE")
        same = ("BrokerID", "InvestorID", "OrderRef", "UserID", "ExchangeID", "Direction",
                "OrderSysID", "ParticipantID", "ClientID", "TraderID", "OrderLocalID",
                "TradingDay", "InstrumentID")  # fmt: skip
        return {name: self.row[name] for name in same} | {
            "TradeID": f"{trade['trade_id'] + first_id:>12}",
            "OffsetFlag": self.row["CombOffsetFlag"],
            "HedgeFlag": "1",
            "Price": trade["price"],
            "Volume": trade["lots"],
            "TradeDate": self._dates.day if own_day else self._dates.natural(clock),
            "TradeTime": clock,
            "TradeType": "0",
        }

    def action(self, cancel: Row) -> Row:
        """Return the request to cancel, by front, session and reference alone every other time."""
        clock = _clock(cancel)
        same = ("BrokerID", "InvestorID", "OrderRef", "FrontID", "SessionID", "ExchangeID",
                "OrderSysID", "TraderID", "OrderLocalID", "ClientID", "InstrumentID")  # fmt: skip
        made = {name: self.row[name] for name in same} | {
            "OrderActionRef": 0,
            "ActionFlag": "0",
            "ActionDate": self._dates.natural(clock),
            "ActionTime": clock,
            "OrderActionStatus": "b",
            "StatusMsg": "",
        }
        if int(self.row["OrderRef"]) % 2:
            made |= {"OrderSysID": "", "TraderID": "", "OrderLocalID": ""}
        return made


def noise(made: Dump) -> Dump:
    """Return a dump with rows that count for nothing.

    Orders kept at the counter or never sent, and trades told again: at once, and from the day's
    start after a reconnect.
    """
    waiting = {**made.orders[0], "OrderSysID": "TJBD_ 00001", "OrderStatus": "b",
               "ContingentCondition": "5", "OrderRef": "900001", "OrderLocalID": ""}  # fmt: skip
    lost = {**waiting, "OrderSysID": "", "OrderStatus": "a", "OrderRef": "900002"}
    touched = {**waiting, "OrderStatus": "c"}
    given_up = {**waiting, "OrderSysID": "TJBD_ 00002", "OrderStatus": "5", "OrderRef": "900003"}
    orders = [waiting, *made.orders[:5], touched, lost, given_up, *made.orders[5:]]
    refused = [{**row, "OrderActionStatus": "c"} for row in made.actions[:3]]
    trades = [row for at, row in enumerate(made.trades) for _ in range(2 if at % 7 == 0 else 1)]
    replayed = made.trades[: len(made.trades) // 3]
    return Dump(orders, [*trades, *replayed], [*refused, *made.actions])


# --- files -----------------------------------------------------------------------------------


def write(rows: list[Row], what: str, path: Path, *, encoding: str = "utf-8",
          chinese: bool = False, bom: bool = False) -> Path:  # fmt: skip
    """Write rows as the name of the file says; as CSV in any encoding, with Chinese headers."""
    names = list(rows[0])
    if path.suffix in (".parquet", ".arrow"):
        table = pa.Table.from_pylist(rows)
        if path.suffix == ".parquet":
            pq.write_table(table, path)
        else:
            with pa.ipc.new_file(path, table.schema) as file:
                file.write_table(table)
        return path
    if chinese:
        heads = {name: FIELDS[what][name][0] for name in names if FIELDS[what].get(name)}
        rows = [
            {head: WORDS.get(name, {}).get(row[name], row[name]) for name, head in heads.items()}
            for row in rows
        ]
        names = list(heads.values())
    table = pa.table({name: pa.array([str(row[name]) for row in rows]) for name in names})
    out = pa.BufferOutputStream()
    pa_csv.write_csv(table, out, pa_csv.WriteOptions(quoting_style="needed"))
    text = out.getvalue().to_pybytes().decode()
    data = (b"\xef\xbb\xbf" if bom else b"") + text.encode(encoding)
    codec = {".gz": "gzip", ".zst": "zstd"}.get(path.suffix)
    with pa.output_stream(str(path), compression=codec) as file:
        file.write(data)
    return path


def by_front(rows: list[Row]) -> list[list[Row]]:
    """Return the rows of each front."""
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["FrontID"]].append(row)
    return list(found.values())


def _amended(rows: list[Row]) -> set[Any]:
    gone = {_key(row) for row in rows if row["action"] == "amend"}
    sides = defaultdict(list)
    for row in rows:
        if row["action"] == "trade":
            sides[row["contract"], row["trade_id"]].append(_key(row))
    while True:
        before = len(gone)
        for orders in sides.values():
            if gone.intersection(orders):
                gone.update(orders)
        if len(gone) == before:
            return gone


def _key(row: Row) -> Any:
    return row["exchange"], row["order_id"]


def _clock(row: Row) -> str:
    return f"{row['ts']:%H:%M:%S}"


__all__ = ["ORDERS", "Dump", "by_front", "dump", "noise", "sayable", "write"]
