"""The events of a log of order states as canonical rows, a table for each file they came from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from ... import schema
from ...schema import Action
from ..arrays import Bool
from ..made import Made
from ..raw import BadRow
from .events import Events, cancel_by
from .vocabulary import NO_ID, NULL, Vocabulary

TIME = pa.timestamp("ns", "Asia/Shanghai")
_ORDER_CODES = ("side", "offset", "hedge", "order_type", "tif")
_TRADE_CODES = ("side", "offset", "trade_type")


class EventTables:
    """Makes the rows of each file; ``sees_matches``: its trades have ids and prices."""

    def __init__(self, events: Events, words: Vocabulary, *, sees_matches: bool) -> None:
        self._events = events
        self._words = words
        self._sees_matches = sees_matches
        self._cancel_by = cancel_by(events)
        self._order_contract = _elsewhere(events)

    def made(self, file: int, bad: list[BadRow], file_rows: int) -> Made:
        """Return the rows that were made of one file's, numbered through with those of all."""
        at = np.flatnonzero(self._events.file == file)
        return Made(self._table(at), self._events.row[at], bad, file_rows)

    def _table(self, at: np.ndarray) -> pa.Table:
        events, orders, trades = self._events, self._events.orders, self._events.trades
        cells = _Cells(events.action[at], events.place[at])
        columns: dict[str, Any] = {
            "exchange": self._words.words("exchange", self._of_both(cells, "exchange", NULL)),
            "seq": pa.array(at + 1),
            "ts": pa.array(events.ts[at]).cast(TIME),
            "contract": self._words.words("contract", self._of_both(cells, "contract", NULL)),
            "action": _coded("action", cells.action),
            "order_id": self._ids(cells, "order", "order_id"),
            "account": self._words.words("account", self._accounts(cells)),
        }
        for name in _ORDER_CODES:
            if name in orders:
                codes = np.zeros(len(at), np.uint8)
                codes[cells.opens] = orders[name][cells.opening]
                if name in trades and name in _TRADE_CODES:
                    codes[cells.is_trade] = trades[name][cells.trades]
                columns[name] = _coded(name, codes)
        if "price" in orders and self._sees_matches:
            price = np.full(len(at), np.nan)
            price[cells.opens] = orders["price"][cells.opening]
            price[cells.is_trade] = trades["price"][cells.trades]
            columns["price"] = pa.array(price, mask=np.isnan(price))
        columns["lots"] = pa.array(self._lots(cells))
        if self._sees_matches:
            columns["trade_id"] = self._ids(cells, "trade", "trade_id")
        if self._order_contract is not None:
            codes = np.full(len(at), NULL, np.int32)
            codes[cells.is_trade] = self._order_contract[cells.trades]
            columns["order_contract"] = self._words.words("contract", codes)
        if "trade_type" in trades:
            codes = np.zeros(len(at), np.uint8)
            codes[cells.is_trade] = trades["trade_type"][cells.trades]
            columns["trade_type"] = _coded("trade_type", codes)
        if self._cancel_by is not None:
            codes = np.zeros(len(at), np.uint8)
            codes[cells.is_cancel] = self._cancel_by[cells.place[cells.is_cancel]]
            columns["cancel_by"] = _coded("cancel_by", codes)
        return pa.table(columns)

    def _of_both(self, cells: _Cells, name: str, null: int) -> np.ndarray:
        """Return a column that orders and trades have: (n,)."""
        orders, trades = self._events.orders[name], self._events.trades[name]
        made = np.full(len(cells.action), null, orders.dtype)
        made[cells.is_trade] = trades[cells.trades]
        of_orders = ~cells.is_trade
        made[of_orders] = orders[cells.place[of_orders]]
        return made

    def _accounts(self, cells: _Cells) -> np.ndarray:
        codes = self._of_both(cells, "account", NULL)
        codes[cells.is_cancel] = NULL
        return codes

    def _lots(self, cells: _Cells) -> np.ndarray:
        lots = self._of_both(cells, "lots", 0)
        lots[cells.is_cancel] = self._events.cancel_lots[cells.place[cells.is_cancel]]
        return lots

    def _ids(self, cells: _Cells, name: str, column: str) -> pa.Array:
        if name == "order":
            low = self._of_both(cells, "order", 0)
            return self._words.id_array(column, low, self._of_both(cells, "order_high", 0))
        trades = self._events.trades
        low = np.zeros(len(cells.action), np.int64)
        high = np.full(len(cells.action), NO_ID, np.uint64)
        low[cells.is_trade] = trades["trade"][cells.trades]
        high[cells.is_trade] = trades["trade_high"][cells.trades]
        return self._words.id_array(column, low, high)


class _Cells:
    """Some of the events, told apart by what they are."""

    def __init__(self, action: np.ndarray, place: np.ndarray) -> None:
        self.action = action
        self.place = place
        self.is_trade: Bool = action == int(Action.TRADE)
        self.is_cancel: Bool = action == int(Action.CANCEL)
        self.opens: Bool = ~(self.is_trade | self.is_cancel)
        self.trades = place[self.is_trade]
        self.opening = place[self.opens]


def _elsewhere(events: Events) -> np.ndarray | None:
    """Return by trade the contract its order stands in, where that is another; None: nowhere."""
    place, trades = events.order_of_trade, events.trades
    if not len(place) or not len(events.orders["contract"]):
        return None
    of_order = np.where(place >= 0, events.orders["contract"][np.maximum(place, 0)], NULL)
    other = (place >= 0) & (of_order != trades["contract"])
    return np.where(other, of_order, NULL).astype(np.int32) if other.any() else None


def _coded(column: str, codes: np.ndarray) -> pa.DictionaryArray:
    """Return codes of ``schema`` as words, 0 as null."""
    words = pa.array([member.name.lower() for member in schema.CODES[column]])
    at = pa.array(codes.astype(np.int32) - 1, mask=codes == 0)
    return pa.DictionaryArray.from_arrays(at, words)
