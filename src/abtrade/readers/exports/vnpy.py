"""vnpy: dumps of OrderData and TradeData, and what its windows save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...errors import LackingError, problems_error
from ...schema import EXCHANGES, Offset, OrderType, Side, Tif
from ..foreign import Glimpse, Kind, Meaning, Part, Stated
from ..raw import Source
from ..states.rows import State
from .log import ORDERS, TRADES, Export, log_of
from .rows import OrderRows, TradeRows
from .sheet import Names, Sheet, columns_of
from .times import Times, written_times

_COMMON: Final[Names] = {
    "order": ("orderid", "委托号", "Order ID"),
    "contract": ("symbol", "代码", "Symbol", "vt_symbol"),
    "exchange": ("exchange", "交易所", "Exchange"),
    "side": ("direction", "方向", "Direction"),
    "offset": ("offset", "开平", "Offset"),
    "price": ("price", "价格", "Price"),
    "time": ("datetime", "时间", "Time", "time"),
    "gateway_name": ("gateway_name", "接口", "Gateway"),
    "accountid": ("accountid", "账号", "Account ID"),
}
_ORDERS: Final[Names] = _COMMON | {
    "type": ("type", "类型", "Type"),
    "lots": ("volume", "总数量", "Total"),
    "traded": ("traded", "已成交", "Traded"),
    "status": ("status", "状态", "Status"),
}
_TRADES: Final[Names] = _COMMON | {
    "trade": ("tradeid", "成交号", "Trade ID"),
    "lots": ("volume", "数量", "Volume"),
}
NAMES: Final = {ORDERS: _ORDERS, TRADES: _TRADES}
NEEDED: Final = {
    ORDERS: ("order", "contract", "side", "lots", "traded", "status", "time"),
    TRADES: ("order", "trade", "contract", "side", "price", "lots", "time"),
}
WINDOW_TIMES: Final = ("时间", "Time")
ACCOUNT_FIELDS: Final = ("gateway_name", "accountid")

SIDES: Final = {"多": int(Side.BUY), "空": int(Side.SELL)} | {
    "long": int(Side.BUY), "short": int(Side.SELL)
}  # fmt: skip
OFFSETS: Final = {
    "开": int(Offset.OPEN),
    "平": int(Offset.CLOSE),
    "平今": int(Offset.CLOSE_TODAY),
    "平昨": int(Offset.CLOSE_YESTERDAY),
    "open": int(Offset.OPEN),
    "close": int(Offset.CLOSE),
    "closetoday": int(Offset.CLOSE_TODAY),
    "closeyesterday": int(Offset.CLOSE_YESTERDAY),
    "none": 0,
    "": 0,
}
STATES: Final = {
    "提交中": int(State.SENT),
    "未成交": int(State.ALIVE),
    "部分成交": int(State.ALIVE),
    "全部成交": int(State.FILLED),
    "已撤销": int(State.CANCELLED),
    "拒单": int(State.REJECTED),
    "submitting": int(State.SENT),
    "nottraded": int(State.ALIVE),
    "parttraded": int(State.ALIVE),
    "alltraded": int(State.FILLED),
    "cancelled": int(State.CANCELLED),
    "rejected": int(State.REJECTED),
}
RFQ: Final = 7
"""Stands for a request for a quote, which is no order."""
TYPES: Final = {
    "限价": 1, "市价": 2, "stop": 3, "fak": 4, "fok": 5, "询价": RFQ,
    "limit": 1, "market": 2, "rfq": RFQ,
}  # fmt: skip
_ORDER_TYPE: Final = np.zeros(8, np.uint8)
_ORDER_TYPE[[1, 2, 3, 4, 5]] = [
    OrderType.LIMIT, OrderType.MARKET, OrderType.STOP, OrderType.LIMIT, OrderType.LIMIT
]  # fmt: skip
_TIF: Final = np.zeros(8, np.uint8)
_TIF[[1, 4, 5]] = [Tif.GFD, Tif.FAK, Tif.FOK]
"""Gateways send a market order as IOC or for the day: which of them no column tells."""

TRADING_DATED: Final = {
    (ORDERS, "DCE"): True,
    (TRADES, "DCE"): True,
    (ORDERS, "GFEX"): True,
    (TRADES, "GFEX"): True,
    (TRADES, "CZCE"): True,
    (ORDERS, "CZCE"): False,
}
"""As CTP dates InsertDate and TradeDate, of which the gateway makes its times."""


class Vnpy(Kind):
    """Exports of vnpy."""

    name = "vnpy"
    title = "vnpy"

    def part(self, glimpse: Glimpse) -> str | None:
        """Return ``orders`` or ``trades``, told by the columns."""
        for what, needed in NEEDED.items():
            if set(needed) <= set(columns_of(glimpse.columns, NAMES[what])):
                return what
        return None

    def open(self, parts: Sequence[Part], stated: Stated) -> list[Source]:
        """Return the files of one export, read."""
        sheets = [Sheet(number, part, NAMES[part.what]) for number, part in enumerate(parts)]
        field = _account_field(sheets, stated)
        export = Export(self.name, self.title, sheets, trading_dated=TRADING_DATED)
        for sheet in sheets:
            if sheet.part.what == ORDERS:
                export.orders.append(_orders(sheet, field, stated, export))
            else:
                export.trades.append(_trades(sheet, field, stated))
        export.note_account(field, stated)
        if field is not None:
            export.take_accounts(field, stated)
        if any((rows.state == State.CANCELLED).any() for rows in export.orders):
            export.note("an order that the exchange refused may stand there as cancelled")
        return log_of(export, stated)

    def meanings(self, part: Part, log: Sequence[Part], stated: Stated) -> list[Meaning]:
        """Return what becomes of each column of a file."""
        found = columns_of(part.glimpse.columns, NAMES[part.what])
        columns = [columns_of(one.glimpse.columns, NAMES[one.what]) for one in log]
        field = stated.account_field or _usual_account_field(columns)
        told = {column: MEANINGS[name] for name, column in found.items()}
        if stated.account is None and field in found:
            told[found[field]] = ("account", "")
        return [Meaning(column, *told.get(column, ("", ""))) for column in part.glimpse.columns]


MEANINGS: Final = {
    "order": ("order_id", "behind its gateway where there are several"),
    "trade": ("trade_id", "two rows of one id are both sides of a match"),
    "contract": ("contract", "without its exchange"),
    "exchange": ("exchange", ""),
    "side": ("side", "long is buy"),
    "offset": ("offset", ""),
    "price": ("price", ""),
    "time": ("ts", "the time of day on the trading day"),
    "gateway_name": ("", "whose order ids these are"),
    "accountid": ("", ""),
    "type": ("order_type", "and tif"),
    "lots": ("lots", ""),
    "traded": ("", "what was left when an order was cancelled"),
    "status": ("action", "each order's life: new, cancel, reject"),
}
KIND: Final = Vnpy()


def _account_field(sheets: Sequence[Sheet], stated: Stated) -> str | None:
    """Return the field that is the account, None where the user names it.

    Raises InputError where a file has no such field, LackingError where none was asked for.
    """
    if stated.account is not None:
        return None
    field = stated.account_field
    if field is None:
        field = _usual_account_field([one.columns for one in sheets])
    if field not in ACCOUNT_FIELDS:
        raise problems_error(
            [f"--account-field {field}: expected one of {', '.join(ACCOUNT_FIELDS)}"]
        )
    lacking = [
        f"{one.path}: found no account: no column {field} ({NAMES[ORDERS][field][1]}); "
        "give it with --account"
        for one in sheets
        if field not in one.columns
    ]
    if lacking and stated.account_field is None:
        raise LackingError("account", "\n".join(lacking))
    if lacking:
        raise problems_error(lacking)
    return field


def _usual_account_field(columns: Sequence[Mapping[str, str]]) -> str:
    """Return the field that is the account of files, by each one's columns."""
    return "accountid" if all("accountid" in one for one in columns) else "gateway_name"


def _orders(sheet: Sheet, field: str | None, stated: Stated, export: Export) -> OrderRows:
    state = sheet.words("status", STATES)
    silent = (state == State.SENT) | (state == State.REJECTED)  # the exchange has not told a time
    times = _times(sheet)
    common = _common(sheet, field, stated) | {"when": sheet.when(times, silent)}
    kind = sheet.words("type", TYPES, needed="type" in sheet.columns)
    traded = sheet.lots("traded", 0)
    rows = OrderRows(
        **common, state=state, timed=times.fits, reached=state != State.SENT, traded=traded,
        order_type=_ORDER_TYPE[kind], tif=_TIF[kind],
    )  # fmt: skip
    sheet.complain("traded", traded > rows.lots, "no more than the order's volume")
    good = sheet.good()
    if quotes := int((good & (kind == RFQ)).sum()):
        export.note(f"{quotes} requests for quotes left out: they are no orders")
    return rows.where(good & (kind != RFQ))


def _trades(sheet: Sheet, field: str | None, stated: Stated) -> TradeRows:
    common = _common(sheet, field, stated) | {"when": sheet.when(_times(sheet))}
    rows = TradeRows(**common, trade=sheet.text("trade"))
    sheet.complain("price", np.isnan(rows.price), "a price")
    return rows.where(sheet.good())


def _times(sheet: Sheet) -> Times:
    in_window = sheet.columns["time"].strip() in WINDOW_TIMES
    return written_times(sheet.cells("time"), counted=in_window)


def _common(sheet: Sheet, field: str | None, stated: Stated) -> dict[str, Any]:
    """Return the columns that orders and trades have, but for the time."""
    contract, exchange = _contract(sheet)
    price = sheet.price("price") if "price" in sheet.columns else np.full(sheet.count, np.nan)
    return {
        "file": sheet.number,
        "row": sheet.rows,
        "order": sheet.text("order"),
        "owner": sheet.text("gateway_name", needed=False),
        "account": pa.repeat(stated.account, sheet.count) if field is None else sheet.text(field),
        "exchange": exchange,
        "contract": contract,
        "side": sheet.words("side", SIDES),
        "offset": sheet.words("offset", OFFSETS, needed=False),
        "price": price,
        "lots": sheet.lots("lots", 1),
    }


def _contract(sheet: Sheet) -> tuple[pa.StringArray, pa.StringArray]:
    """Return contracts without their exchange, and the exchanges, from either column."""
    symbol = sheet.text("contract")
    parts = pc.extract_regex(symbol, rf"^(?P<code>.+)\.(?P<exchange>{'|'.join(EXCHANGES)})$")
    contract = pc.coalesce(pc.struct_field(parts, "code"), symbol)
    named = sheet.text("exchange", needed=False)
    plain = pc.utf8_upper(pc.replace_substring_regex(named, r"^<?Exchange\.(\w+).*$", r"\1"))
    exchange = pc.coalesce(plain, pc.struct_field(parts, "exchange"))
    sheet.complain("exchange", np.asarray(exchange.is_null()), "an exchange, such as SHFE")
    return contract, exchange
