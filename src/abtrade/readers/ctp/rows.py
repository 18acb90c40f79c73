"""Rows of CTP's structures as rows of states, trades and requests; see docs/sources/ctp.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np

from ...batch import Int32, Int64
from ...market.calendar import Calendar
from ...schema import OrderType, Tif
from ..arrays import Bool
from ..raw import BadRow, RawBatch
from ..states.rows import NO_TIME, Rows, State, taken
from ..states.vocabulary import NO_ID, NULL, Vocabulary
from . import codes
from .accounts import AccountField
from .cells import Cells
from .names import OrderNames

CONDITIONAL: Final = "TJBD_"
"""How the numbers begin that a counter gives to orders which wait there for their condition."""

OPTIONAL: Final = {
    "LimitPrice": ("price",),
    "Price": ("price",),
    "Direction": ("side",),
    "CombOffsetFlag": ("offset",),
    "OffsetFlag": ("offset",),
    "CombHedgeFlag": ("hedge",),
    "OrderPriceType": ("order_type",),
    "OrderType": ("order_type",),
    "TimeCondition": ("tif",),
    "TradeType": ("trade_type",),
}
"""Fields that a log may be without, and the columns that come of them."""


@dataclass(slots=True)
class Context:
    """What the rows of all files of a log are read with."""

    words: Vocabulary
    names: OrderNames
    account: AccountField
    calendar: Calendar
    exchange_of: Callable[[str], str | None]  # of a contract
    told: set[str]  # fields that any file of orders, or of trades, has
    tells_refusals: bool  # whether the files of orders have OrderSubmitStatus
    left_out: Counter[str] = field(default_factory=Counter)  # rows, by what they are
    kept_back: Int64 = field(default_factory=lambda: np.zeros(0, np.int64))
    """The ``front`` names of orders that wait at the counter for a condition."""
    by_contract: Int32 = field(default_factory=lambda: np.zeros(0, np.int32))


Read = tuple[Rows, list[BadRow]]


def order_rows(
    raw: RawBatch, names: dict[str, str], file: int, day: date, context: Context
) -> Read:
    """Return the rows of OrderField as states, and the bad ones."""
    cells = Cells(raw, names, context.words)
    low, high = cells.sure_ids("OrderSysID", "order_id")
    state = cells.codes("OrderStatus", codes.STATUS, needed=True)
    conditional = (state == codes.NOT_SENT) | cells.starts_with("OrderSysID", CONDITIONAL)
    contract = cells.words("InstrumentID", "contract", needed=True)
    exchange = _exchanges(cells, contract, context)
    lots = cells.lots("VolumeTotalOriginal", 1)
    rows = {
        **_place(raw, file),
        "exchange": exchange,
        "order": low,
        "order_high": high,
        "local": context.names.local(cells, exchange),
        "front": context.names.front(cells),
        "state": _states(cells, state, high, context),
        "traded": _traded(cells, lots),
        "since": _moments(cells, "InsertTime", day, context, needed=True),
        "ended": _ends(cells, day, context),
        "reached": _reached(cells, state),
        "contract": contract,
        "account": context.account.codes(cells),
        "lots": lots,
        "side": cells.codes("Direction", codes.DIRECTION, needed=True),
    }
    if "CombOffsetFlag" in context.told:
        rows["offset"] = cells.codes("CombOffsetFlag", codes.OFFSET)
    if "CombHedgeFlag" in context.told:
        rows["hedge"] = cells.codes("CombHedgeFlag", codes.HEDGE)
    if "TimeCondition" in context.told:
        rows["tif"] = _tif(cells)
    priced = cells.codes("OrderPriceType", codes.PRICE_TYPE)
    if context.told & {"OrderPriceType", "OrderType"}:
        special = cells.codes("OrderType", codes.ORDER_TYPE)
        rows["order_type"] = np.where(special > 0, special, priced)
    if "LimitPrice" in context.told:
        at_any = priced == int(OrderType.MARKET)
        rows["price"] = np.where(at_any, np.nan, _prices(cells, "LimitPrice"))
    lost = (high == np.uint64(NO_ID)) & (rows["local"] < 0) & (rows["front"] < 0) & ~conditional
    cells.bad("OrderSysID", lost & rows["reached"], "a value: nothing else names the order either")
    good = _good(cells)
    conditional &= good
    context.left_out["conditional"] += int(np.count_nonzero(conditional))
    context.left_out["nameless"] += int(np.count_nonzero(lost & good))
    context.kept_back = np.union1d(context.kept_back, rows["front"][conditional])
    return taken(rows, good & ~conditional), cells.complaints.rows()


def trade_rows(
    raw: RawBatch, names: dict[str, str], file: int, day: date, context: Context
) -> Read:
    """Return the rows of TradeField as trades, and the bad ones."""
    cells = Cells(raw, names, context.words)
    low, high = cells.sure_ids("OrderSysID", "order_id")
    cells.bad("OrderSysID", high == np.uint64(NO_ID), "a value")
    trade, trade_high = cells.sure_ids("TradeID", "trade_id")
    cells.bad("TradeID", trade_high == np.uint64(NO_ID), "a value")
    contract = cells.words("InstrumentID", "contract", needed=True)
    kind = cells.codes("TradeType", codes.TRADE_TYPE)
    price = cells.prices("Price")
    cells.bad("Price", np.isnan(price), "a price")
    rows = {
        **_place(raw, file),
        "exchange": _exchanges(cells, contract, context),
        "order": low,
        "order_high": high,
        "ts": _moments(cells, "TradeTime", day, context, needed=True),
        "contract": contract,
        "account": context.account.codes(cells),
        "lots": cells.lots("Volume", 1),
        "price": price,
        "side": cells.codes("Direction", codes.DIRECTION, needed=True),
        "trade": trade,
        "trade_high": trade_high,
    }
    if context.told & {"OffsetFlag", "CombOffsetFlag"}:
        rows["offset"] = cells.codes("OffsetFlag", codes.OFFSET)
    if "TradeType" in context.told:
        rows["trade_type"] = kind
    good = _good(cells)
    splits = kind == codes.NO_TRADE
    context.left_out["split"] += int(np.count_nonzero(splits & good))
    return taken(rows, good & ~splits), cells.complaints.rows()


def request_rows(
    raw: RawBatch, names: dict[str, str], file: int, day: date, context: Context
) -> Read:
    """Return the rows of OrderActionField that ask to cancel and were not refused."""
    cells = Cells(raw, names, context.words)
    contract = cells.words("InstrumentID", "contract")
    exchange = _exchanges(cells, contract, context)
    flag = cells.codes("ActionFlag", codes.ACTION_FLAG, needed=True)
    refused = cells.codes("OrderActionStatus", codes.ACTION_STATUS) == codes.REFUSED
    none = np.zeros(cells.count, np.int64), np.full(cells.count, NO_ID, np.uint64)
    low, high = cells.sure_ids("OrderSysID", "order_id") if cells.has("OrderSysID") else none
    rows = {
        "exchange": exchange,
        "order": low,
        "order_high": high,
        "local": context.names.local(cells, exchange),
        "front": context.names.front(cells),
        "contract": contract,
        "ts": _moments(cells, "ActionTime", day, context, needed=False),
    }
    asks = _good(cells) & (flag == codes.DELETE) & ~refused
    return taken(rows, asks), cells.complaints.rows()


def _place(raw: RawBatch, file: int) -> Rows:
    return {
        "file": np.full(raw.record.num_rows, file, np.int32),
        "row": np.asarray(raw.row_numbers(), np.int64),
    }


def _good(cells: Cells) -> Bool:
    good = cells.complaints.good()
    return np.ones(cells.count, np.bool_) if good is None else good


def _states(cells: Cells, state: np.ndarray, high: np.ndarray, context: Context) -> np.ndarray:
    """A refused order looks like a cancelled one; if nothing else tells, it never got a number."""
    if context.tells_refusals:
        refused = cells.codes("OrderSubmitStatus", codes.SUBMIT_STATUS) == codes.REFUSED
    else:
        refused = (state == int(State.CANCELLED)) & (high == np.uint64(NO_ID))
    return np.where(refused, np.uint8(State.REJECTED), state)


def _reached(cells: Cells, state: np.ndarray) -> Bool:
    """Return which rows show an order that the exchange has, with a number or not."""
    submitted = cells.codes("OrderSubmitStatus", codes.SUBMIT_STATUS)
    ended = (state == int(State.CANCELLED)) & (submitted == codes.ACCEPTED)
    on = (state == int(State.ALIVE)) | (state == int(State.FILLED))
    return np.asarray(ended | (on & (submitted != codes.REFUSED)))


def _traded(cells: Cells, lots: Int64) -> Int64:
    if cells.has("VolumeTraded"):
        traded = cells.lots("VolumeTraded", 0)
        cells.bad("VolumeTraded", traded > lots, "no more than VolumeTotalOriginal")
        return traded
    if cells.has("VolumeTotal"):
        left = cells.lots("VolumeTotal", 0)
        cells.bad("VolumeTotal", left > lots, "no more than VolumeTotalOriginal")
        return lots - left
    return np.full(cells.count, -1, np.int64)


def _moments(cells: Cells, name: str, day: date, context: Context, *, needed: bool) -> Int64:
    clock = cells.clocks(name)
    if needed:
        cells.bad(name, clock == -1, "a time of day, as 09:30:05")
    return np.where(clock < 0, NO_TIME, context.calendar.moments(day, clock))


def _ends(cells: Cells, day: date, context: Context) -> Int64:
    """Return when the order was cancelled, else when it was changed last: (n,) NO_TIME if blank."""
    ends = np.full(cells.count, NO_TIME)
    for name in ("UpdateTime", "CancelTime"):
        if cells.has(name):
            told = _moments(cells, name, day, context, needed=False)
            ends = np.where(told == NO_TIME, ends, told)
    return ends


def _tif(cells: Cells) -> np.ndarray:
    time = cells.codes("TimeCondition", codes.TIME_CONDITION)
    volume = cells.codes("VolumeCondition", codes.VOLUME_CONDITION)
    tif = np.array([0, Tif.FAK, Tif.GFD, Tif.GTC], np.uint8)[time % 4]
    whole = (time == codes.ON_THE_SPOT) & (volume == codes.ALL_LOTS)
    return np.where(whole, np.uint8(Tif.FOK), tif)


def _prices(cells: Cells, name: str) -> np.ndarray:
    return cells.prices(name) if cells.has(name) else np.full(cells.count, np.nan)


def _exchanges(cells: Cells, contract: Int32, context: Context) -> Int32:
    """Return the exchange that each row says, in Chinese or English, else that of its contract."""
    words = context.words
    written = cells.words("ExchangeID", "exchange as written")
    spelled = words.texts("exchange as written")
    codes_of = [words.code("exchange", codes.EXCHANGES.get(text, text)) for text in spelled]
    found = np.array([*codes_of, NULL], np.int32)[written]
    blank = (found == NULL) & (contract != NULL)
    if not blank.any():
        return found
    for text in words.texts("contract")[len(context.by_contract) :]:
        exchange = context.exchange_of(text)
        code = NULL if exchange is None else words.code("exchange", exchange)
        context.by_contract = np.append(context.by_contract, np.int32(code))
    return np.where(blank, np.append(context.by_contract, np.int32(NULL))[contract], found)
