"""Row: one line of the log as plain Python values, and what it says of each order it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Final, NamedTuple

from . import ids, schema
from .batch import Batch
from .schema import NULL_ID, NULL_PRICE


class OrderKey(NamedTuple):
    """Which order: the contract it stands in, and the two words of its id."""

    contract: int
    high: int
    low: int


class TradeKey(NamedTuple):
    """Which trade of the broker form: its contract, and the two words of its id."""

    contract: int
    high: int
    low: int


@dataclass(frozen=True, slots=True)
class Reference:
    """What a row says of one order it names; 0 or NULL_ID where it says nothing."""

    key: OrderKey
    text: str  # the order id as written
    account: int
    side: int = 0
    offset: int = 0
    hedge: int = 0
    tif: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One event. Null is 0 for codes, else NULL_LOTS, NULL_PRICE or NULL_ID; see ``batch``."""

    index: int  # of the row in the day, from 0
    seq: int
    ts: int
    channel: int
    contract: int
    action: int
    order: int
    order_high: int
    order_text: str | None
    lots: int
    account: int
    side: int
    offset: int
    hedge: int
    order_type: int
    tif: int
    price: int
    contra: int
    contra_high: int
    contra_text: str | None
    has_contra: int
    contra_account: int
    trade: int
    trade_high: int
    has_trade: int
    order_contract: int
    contra_order_contract: int
    trade_type: int
    cancel_by: int
    phase: int

    @property
    def trade_key(self) -> TradeKey:
        """The trade of the broker form that the row is one side of."""
        return TradeKey(self.contract, self.trade_high, self.trade)

    def order_reference(self) -> Reference:
        """Return what the row says of ``order_id``; only a trade may name another contract."""
        stands_in = self.contract
        if self.action == schema.Action.TRADE and self.order_contract != NULL_ID:
            stands_in = self.order_contract
        return Reference(
            key=OrderKey(stands_in, self.order_high, self.order),
            text=_as_written(self.order_high, self.order, self.order_text),
            account=self.account,
            side=self.side,
            offset=self.offset,
            hedge=self.hedge,
            tif=self.tif,
        )

    def contra_reference(self) -> Reference:
        """Return what a trade row says of ``contra_order_id``: nothing but its account."""
        stands_in = self.contract
        if self.contra_order_contract != NULL_ID:
            stands_in = self.contra_order_contract
        return Reference(
            key=OrderKey(stands_in, self.contra_high, self.contra),
            text=_as_written(self.contra_high, self.contra, self.contra_text),
            account=self.contra_account,
        )


def rows_of(batch: Batch, first_index: int) -> Iterator[Row]:
    """Yield the rows of a batch, the first of which is the day's row ``first_index``."""
    columns = [_plain_values(batch, name) for name in _COLUMNS]
    for index, values in enumerate(zip(*columns, strict=True), start=first_index):
        yield Row(index, *values)


_COLUMNS: Final = [field.name for field in fields(Row) if field.name != "index"]
_NULLS: Final[dict[str, int | None]] = {
    "price": NULL_PRICE,
    "contra_account": NULL_ID,
    "order_contract": NULL_ID,
    "contra_order_contract": NULL_ID,
    "order_text": None,
    "contra_text": None,
}


def _plain_values(batch: Batch, name: str) -> list[Any]:
    column = getattr(batch, name)
    if column is None:
        return [_NULLS.get(name, 0)] * len(batch)
    values: list[Any] = column.tolist()
    return values


def _as_written(high: int, low: int, text: str | None) -> str:
    unpacked = ids.unpack(high, low)
    return str(text) if unpacked is None else unpacked
