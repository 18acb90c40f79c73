"""Order: what the reference engine knows of one order, and how a fill changes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from . import schema
from .reference_rows import OrderKey, Reference, Row
from .schema import NULL_ID, Fault

NEVER_OPENED: Final = -1
"""When an order that was never opened came: before all others."""


class Finish(Enum):
    """How an order came to have nothing left."""

    FILLED = auto()
    CANCELLED = auto()
    CANCELLED_AT_ONCE = auto()  # a FAK or FOK order: its trades may come after its cancel
    AMENDED = auto()


@dataclass(slots=True)
class Order:
    """An order that a ``new`` or ``carried`` row of this day opened."""

    account: int
    attributes: int  # hedge, tif and order type, of its opening row
    phase: int  # of its opening row
    side: int
    offset: int
    hedge: int
    tif: int
    opened_at: int  # index in the day of its opening row
    left: int  # lots left, 0 once it is finished
    filled: bool  # whether it has been counted in filled_orders
    finish: Finish | None = None
    at_limit: bool = False  # a buy at the upper, a sell at the lower limit price of the day
    first_leg: int | None = None  # contract of the combination's leg that was filled first

    def set_left(self, lots: int, finish: Finish) -> None:
        """Set the lots left; the order is finished where none remain."""
        self.left = lots
        if lots == 0:
            self.finish = finish


@dataclass(frozen=True, slots=True)
class TradeSide:
    """One side of a match: an order as it stood when it was filled."""

    key: OrderKey
    text: str  # the order id as written
    account: int  # NULL_ID: an unknown order, and the row names no account
    attributes: int  # hedge, tif and order type, or UNKNOWN_ORDER
    opened_at: int  # NEVER_OPENED for an unknown order
    side: int = 0  # of the order; 0 unknown, or a leg's, which has its own
    offset: int = 0  # of the fill


def open_order(row: Row, *, filled: bool) -> Order:
    """Return the order that a row opens; ``filled``: it was filled before, while unknown."""
    return Order(
        account=row.account,
        attributes=packed(hedge=row.hedge, tif=row.tif, order_type=row.order_type),
        phase=row.phase,
        side=row.side,
        offset=row.offset,
        hedge=row.hedge,
        tif=row.tif,
        opened_at=row.index,
        left=row.lots,
        filled=filled,
    )


def take_fill(
    order: Order, reference: Reference, contract: int, lots: int, *, twins_differ: bool
) -> Fault | None:
    """Take a fill in ``contract`` off an order; return the first kind of fault that it is, if any.

    Ten lots of a combination fill ten lots of each leg. So only the leg that was filled first
    takes lots off, and a fill of another leg may find the order filled already. A leg's side is its
    own: the combination buys one and sells the other.
    """
    is_leg = reference.key.contract != contract
    if is_leg and order.first_leg is None:
        order.first_leg = contract
    takes_off = not is_leg or order.first_leg == contract

    unlike_order = differs(reference, order, side_is_own=is_leg)
    fault = Fault.DIFFERS if twins_differ or unlike_order else None
    if order.finish is None:
        if takes_off and lots > order.left:
            fault = Fault.FILL_OVER_LEFT
        if takes_off:
            order.set_left(max(order.left - lots, 0), Finish.FILLED)
    elif order.finish is Finish.FILLED:
        if takes_off:
            fault = Fault.TRADE_AFTER_FINISH
    elif order.finish is not Finish.CANCELLED_AT_ONCE:
        fault = Fault.TRADE_AFTER_FINISH
    return fault


def differs(reference: Reference, order: Order, *, side_is_own: bool = False) -> bool:
    """Whether a row says another side, account, hedge flag or tif than the order's opening row.

    ``side_is_own``: the row's side is that of a leg, and not to be compared.
    """
    return (
        (not side_is_own and unlike(reference.side, order.side))
        or unlike(reference.account, order.account, null=NULL_ID)
        or unlike(reference.hedge, order.hedge)
        or unlike(reference.tif, order.tif)
    )


def unlike(one: int, other: int, *, null: int = 0) -> bool:
    """Whether two values are both there and are not the same."""
    return null not in (one, other) and one != other


def packed(**codes: int) -> int:
    """Return attributes packed into one number; those not named are null."""
    return sum(code << schema.ATTRIBUTE_BITS[name][0] for name, code in codes.items())


def opposite(side: int) -> int:
    """Return the other side; of an unknown one, unknown."""
    return schema.Side.BUY + schema.Side.SELL - side if side else 0


UNKNOWN_ORDER: Final = packed(unknown_order=1)
"""Attributes of an order never opened on this day: all null."""
