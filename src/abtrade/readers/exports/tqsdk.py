"""tqsdk: the orders and trades of an account as its users save them."""

from __future__ import annotations

from collections.abc import Sequence
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
from .rows import OrderRows, TradeRows, UInt8
from .sheet import Names, Sheet, columns_of
from .times import epoch_times

_COMMON: Final[Names] = {
    "order": ("order_id",),
    "exchange": ("exchange_id",),
    "contract": ("instrument_id",),
    "side": ("direction",),
    "offset": ("offset",),
    "user_id": ("user_id",),
}
_ORDERS: Final[Names] = _COMMON | {
    "exchange_order": ("exchange_order_id",),
    "lots": ("volume_orign",),
    "left": ("volume_left",),
    "price": ("limit_price",),
    "price_type": ("price_type",),
    "volume_condition": ("volume_condition",),
    "time_condition": ("time_condition",),
    "time": ("insert_date_time",),
    "status": ("status",),
    "message": ("last_msg",),
}
_TRADES: Final[Names] = _COMMON | {
    "trade": ("exchange_trade_id",),
    "price": ("price",),
    "lots": ("volume",),
    "time": ("trade_date_time",),
}
NAMES: Final = {ORDERS: _ORDERS, TRADES: _TRADES}
_OPTIONAL: Final = {"user_id", "message", "price_type", "volume_condition", "time_condition"}
NEEDED: Final = {what: set(names) - _OPTIONAL for what, names in NAMES.items()}

SIDES: Final = {"buy": int(Side.BUY), "sell": int(Side.SELL)}
OFFSETS: Final = {
    "open": int(Offset.OPEN),
    "close": int(Offset.CLOSE),
    "closetoday": int(Offset.CLOSE_TODAY),
}
ALIVE, FINISHED = 1, 2
STATUSES: Final = {"alive": ALIVE, "finished": FINISHED}
PRICE_TYPES: Final = {
    "limit": int(OrderType.LIMIT),
    "any": int(OrderType.MARKET),
    "best": int(OrderType.MARKET),
    "fivelevel": int(OrderType.MARKET),
}
IOC, GFD, GTC, OTHER = 1, 2, 3, 4
TIME_CONDITIONS: Final = {
    "ioc": IOC, "gfd": GFD, "gfs": OTHER, "gtd": OTHER, "gtc": GTC, "gfa": OTHER
}  # fmt: skip
ANY, MIN, ALL = 1, 2, 3
VOLUME_CONDITIONS: Final = {"any": ANY, "min": MIN, "all": ALL}
REFUSED: Final = "报单被拒绝"
"""What last_msg holds where an order was refused, and not a request to cancel it."""

TRADING_DATED: Final = {
    (what, exchange): False for what in (ORDERS, TRADES) for exchange in ("DCE", "CZCE", "GFEX")
}
"""Times count from 1970, and so does its own simulation; a counter's date may shine through."""


class Tqsdk(Kind):
    """Exports of tqsdk."""

    name = "tqsdk"
    title = "tqsdk"

    def part(self, glimpse: Glimpse) -> str | None:
        """Return ``orders`` or ``trades``, told by the columns."""
        for what, needed in NEEDED.items():
            if needed <= set(columns_of(glimpse.columns, NAMES[what])):
                return what
        return None

    def open(self, parts: Sequence[Part], stated: Stated) -> list[Source]:
        """Return the files of one export, read."""
        sheets = [Sheet(number, part, NAMES[part.what]) for number, part in enumerate(parts)]
        _check_account(sheets, stated)
        export = Export(self.name, self.title, sheets, trading_dated=TRADING_DATED)
        for sheet in sheets:
            if sheet.part.what == ORDERS:
                export.orders.append(_orders(sheet, stated))
            else:
                export.trades.append(_trades(sheet, stated))
        export.note_account("user_id" if stated.account is None else None, stated)
        if stated.account is None:
            export.take_accounts("user_id", stated)
        return log_of(export, stated)

    def meanings(self, part: Part, log: Sequence[Part], stated: Stated) -> list[Meaning]:
        """Return what becomes of each column of a file."""
        told = {
            column: MEANINGS[field]
            for field, column in columns_of(part.glimpse.columns, NAMES[part.what]).items()
        }
        if stated.account is None:
            told["user_id"] = ("account", "")
        return [Meaning(column, *told.get(column, ("", ""))) for column in part.glimpse.columns]


MEANINGS: Final = {
    "order": ("order_id", "behind its user where there are several"),
    "exchange": ("exchange", ""),
    "contract": ("contract", "without its exchange"),
    "side": ("side", ""),
    "offset": ("offset", ""),
    "user_id": ("", "whose order ids these are"),
    "exchange_order": ("", "blank: the exchange never had the order"),
    "lots": ("lots", ""),
    "left": ("", "what was left when an order was cancelled"),
    "price": ("price", ""),
    "price_type": ("order_type", ""),
    "volume_condition": ("tif", "fak or fok, with time_condition"),
    "time_condition": ("tif", ""),
    "time": ("ts", "the time of day on the trading day"),
    "status": ("action", "each order's life: new, cancel, reject"),
    "message": ("", ""),
    "trade": ("trade_id", "two rows of one id are both sides of a match"),
}
KIND: Final = Tqsdk()


def _check_account(sheets: Sequence[Sheet], stated: Stated) -> None:
    if stated.account_field not in (None, "user_id"):
        raise problems_error([f"--account-field {stated.account_field}: expected user_id"])
    if stated.account is not None:
        return
    lacking = [
        f"{one.path}: found no account: no column user_id; give it with --account"
        for one in sheets
        if "user_id" not in one.columns
    ]
    if lacking:
        raise LackingError("account", "\n".join(lacking))


def _orders(sheet: Sheet, stated: Stated) -> OrderRows:
    common = _common(sheet, stated)
    left = sheet.lots("left", 0)
    sheet.complain("left", left > common["lots"], "no more than volume_orign")
    status = sheet.words("status", STATUSES)
    at_exchange = np.asarray(sheet.text("exchange_order", needed=False).is_valid())
    finished = status == FINISHED
    refused = pc.match_substring(sheet.text("message", needed=False).fill_null(""), REFUSED)
    untraded = left == common["lots"]
    state = np.select(
        [finished & (~at_exchange | (np.asarray(refused) & untraded)), ~at_exchange, ~finished,
         left > 0],
        [State.REJECTED, State.SENT, State.ALIVE, State.CANCELLED],
        State.FILLED,
    ).astype(np.uint8)  # fmt: skip
    times = epoch_times(sheet.cells("time"))
    silent = (state == State.SENT) | (state == State.REJECTED)
    rows = OrderRows(
        **common,
        when=sheet.when(times, silent),
        state=state,
        timed=times.fits,
        reached=at_exchange | finished,
        traded=common["lots"] - left,
        order_type=sheet.words("price_type", PRICE_TYPES, needed=False),
        tif=_tif(sheet),
    )
    return rows.where(sheet.good())


def _tif(sheet: Sheet) -> UInt8:
    """Return the tif that two conditions make: (n,)."""
    time = sheet.words("time_condition", TIME_CONDITIONS, needed=False)
    volume = sheet.words("volume_condition", VOLUME_CONDITIONS, needed=False)
    tifs = [int(Tif.FOK), int(Tif.FAK), int(Tif.GFD), int(Tif.GTC)]
    known = [(time == IOC) & (volume == ALL), time == IOC, time == GFD, time == GTC]
    return np.select(known, tifs, 0).astype(np.uint8)


def _trades(sheet: Sheet, stated: Stated) -> TradeRows:
    when = sheet.when(epoch_times(sheet.cells("time")))
    rows = TradeRows(**_common(sheet, stated), when=when, trade=sheet.text("trade"))
    sheet.complain("price", np.isnan(rows.price), "a price")
    return rows.where(sheet.good())


def _common(sheet: Sheet, stated: Stated) -> dict[str, Any]:
    """Return the columns that orders and trades have, but for the time."""
    contract = pc.replace_substring_regex(
        sheet.text("contract"), rf"^(?:{'|'.join(EXCHANGES)})\.", ""
    )
    return {
        "file": sheet.number,
        "row": sheet.rows,
        "order": sheet.text("order"),
        "owner": sheet.text("user_id", needed=False),
        "account": pa.repeat(stated.account, sheet.count)
        if stated.account is not None
        else sheet.text("user_id"),
        "exchange": sheet.text("exchange"),
        "contract": contract,
        "side": sheet.words("side", SIDES),
        "offset": sheet.words("offset", OFFSETS, needed=False),
        "price": sheet.price("price"),
        "lots": sheet.lots("lots", 1),
    }
