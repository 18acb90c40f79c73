"""The ladder: what rests at each price of a book, and what of it is the followed subject's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy.typing as npt

from .. import schema
from ..batch import Int64
from ..schema import Side
from .moment import OwnOrder, PriceLevel

MOST_LEVELS: Final = 100
"""How many prices of a side are told, the best first."""


def levels(shown: Int64, own: npt.NDArray[Any], side: Side) -> tuple[PriceLevel, ...]:
    """Return the prices of a side, best first.

    shown : (n, 3) price, lots, orders; own : the subject's orders, as ``_core.RESTING``
    """
    mine: dict[int, tuple[int, int]] = {}
    for order in own[(own["side"] == side) & (own["incoming"] == 0)]:
        lots, orders = mine.get(int(order["price"]), (0, 0))
        mine[int(order["price"])] = (lots + int(order["lots"]), orders + 1)
    return tuple(
        PriceLevel(price, lots, orders, *mine.get(price, (0, 0)))
        for price, lots, orders in shown.tolist()
    )


def own_orders(
    own: npt.NDArray[Any],
    account_name: Callable[[int], str],
    order_text: Callable[[int, int], str],
) -> tuple[OwnOrder, ...]:
    """Return the subject's orders: bids, then asks, best first, then the one that is trading.

    order_text : gives an order's id by its high and low word
    """
    return tuple(
        OwnOrder(
            order_text(int(order["high"]), int(order["key"])),
            account_name(int(order["account"])),
            schema.word_of("side", int(order["side"])) or "",
            int(order["price"]),
            int(order["lots"]),
            int(order["before"]),
            int(order["opened_ts"]),
            bool(order["incoming"]),
        )
        for order in own
    )
