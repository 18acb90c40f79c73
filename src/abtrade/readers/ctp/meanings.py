"""What becomes of each column of a CTP file, told field by field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..foreign import Meaning
from .accounts import AccountField
from .fields import ACTIONS, FIELDS, ORDERS, TRADES, columns_of

COMMON: Final[dict[str, tuple[str, str]]] = {
    "ExchangeID": ("exchange", ""),
    "InstrumentID": ("contract", ""),
    "OrderSysID": ("order_id", "blanks around it dropped; the key is ExchangeID and OrderSysID"),
    "Direction": ("side", "0 buy, 1 sell"),
    "TraderID": ("order_id", "with OrderLocalID, for rows before there is an OrderSysID"),
    "OrderLocalID": ("order_id", "with TraderID, for rows before there is an OrderSysID"),
    "FrontID": ("order_id", "with SessionID and OrderRef, where nothing better tells"),
    "SessionID": ("order_id", "with FrontID and OrderRef, where nothing better tells"),
    "OrderRef": ("order_id", "with FrontID and SessionID, where nothing better tells"),
    "TradingDay": ("ts", "the trading day; with a time of day it gives the date"),
}
OF: Final[dict[str, dict[str, tuple[str, str]]]] = {
    ORDERS: {
        **COMMON,
        "OrderStatus": ("action", "what happens to the order; a row alone is no event"),
        "OrderSubmitStatus": ("action", "4: the order was refused, it is no cancel"),
        "OrderPriceType": ("order_type", "2 limit; 1, 3, G market"),
        "OrderType": ("order_type", "1 quote, 3 combination"),
        "CombOffsetFlag": ("offset", "0 open, 1 2 5 6 close, 3 close_today, 4 close_yesterday"),
        "CombHedgeFlag": ("hedge", "1 speculation, 2 arbitrage, 3 hedge, 5 market_maker"),
        "LimitPrice": ("price", ""),
        "VolumeTotalOriginal": ("lots", "of the order"),
        "VolumeTraded": ("lots", "what a cancel did not take off"),
        "VolumeTotal": ("lots", "where there is no VolumeTraded"),
        "TimeCondition": ("tif", "1 fak, or fok; 2, 3, 6 gfd; 4, 5 gtc"),
        "VolumeCondition": ("tif", "3 with TimeCondition 1: fok"),
        "InsertTime": ("ts", "of the order"),
        "CancelTime": ("ts", "of the cancel"),
        "UpdateTime": ("ts", "of the cancel, where CancelTime is blank"),
    },
    TRADES: {
        **COMMON,
        "TradeID": ("trade_id", "the rows of both sides have one"),
        "OffsetFlag": ("offset", "as in orders"),
        "Price": ("price", ""),
        "Volume": ("lots", "matched"),
        "TradeTime": ("ts", "of the trade"),
        "TradeType": ("trade_type", "4 combination_leg, 1 exercise, 2 5 block, 3 efp"),
    },
    ACTIONS: {
        **COMMON,
        "Direction": ("", ""),
        "ActionFlag": ("cancel_by", "0: somebody asked to cancel"),
        "OrderActionStatus": ("cancel_by", "c: refused, which says nothing"),
        "ActionTime": ("ts", "of the cancel, where the order does not tell it"),
        "ActionDate": ("ts", "rows of other days are left out"),
    },
}


def meanings_of(
    what: str, columns: Sequence[str], account: AccountField | None
) -> list[Meaning]:
    """Return what becomes of each column, in the file's order; ``account`` is that of the log."""
    if what not in FIELDS:
        return [Meaning(column, "") for column in columns]
    fields = {column: field for field, column in columns_of(what, columns).items()}
    made = []
    for column in columns:
        field = fields.get(column, "")
        canonical, how = OF[what].get(field, ("", ""))
        if account is not None and field in account.fields and what != ACTIONS:
            canonical, how = "account", account.why
        made.append(Meaning(column, canonical, how))
    return made
