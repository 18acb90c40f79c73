"""The ladder: what rests at each price of a book, and what of it is the followed subject's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .. import schema
from ..schema import Side
from .moment import OwnOrder, PriceLevel

MOST_LEVELS: Final = 100
"""How many prices of a side are told, the best first."""

Resting = npt.NDArray[Any]
"""A contract's orders as ``CompiledEngine.resting`` has them: bids best first, asks best first."""


def levels(resting: Resting, own: npt.NDArray[np.bool_], side: Side) -> tuple[PriceLevel, ...]:
    """Return the prices of a side, best first; ``own``: which orders are the subject's."""
    here = (resting["side"] == side) & (resting["incoming"] == 0)
    orders, own = resting[here], own[here]
    if not len(orders):
        return ()
    price, lots = orders["price"], orders["lots"]
    starts = np.flatnonzero(np.diff(price, prepend=price[:1] - 1))
    ends = np.append(starts[1:], len(orders))
    found = (
        price[starts], np.add.reduceat(lots, starts), ends - starts,
        np.add.reduceat(np.where(own, lots, 0), starts),
        np.add.reduceat(own.astype(np.int64), starts),
    )  # fmt: skip
    each = (column[:MOST_LEVELS].tolist() for column in found)
    return tuple(PriceLevel(*level) for level in zip(*each, strict=True))


def own_orders(
    resting: Resting,
    own: npt.NDArray[np.bool_],
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
        for order in resting[own]
    )
