"""Trades of a log, each once: those told again, as after a reconnect, are left out and counted."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from .rows import Rows, count_of, first_places, numbered, taken
from .vocabulary import NO_ID

SAME: Final = ("exchange", "contract", "order", "order_high", "trade", "trade_high", "side")
"""What one trade is known by; the sides of an order that trades with itself differ in ``side``."""


class Repeats(NamedTuple):
    """Rows of trades that were left out, for another of the same trade stands before them."""

    same: int  # with the same lots and price
    other: int  # with other lots or another price
    first_other: tuple[int, int]  # file and row of the first of ``other``; (-1, 0): there is none


NONE: Final = Repeats(0, 0, (-1, 0))


def once(trades: Rows) -> tuple[Rows, Repeats]:
    """Return the first row of each trade, in order; a row without a trade's id is none told again.

    The rows given are used as they are where no trade is repeated.
    """
    count = count_of(trades)
    number = numbered(*(trades[name] for name in SAME))
    first = first_places(number, count)[number]
    again = (first != np.arange(count)) & (trades["trade_high"] != np.uint64(NO_ID))
    if not again.any():
        return trades, NONE
    at, of = np.flatnonzero(again), first[again]
    differs = trades["lots"][at] != trades["lots"][of]
    if "price" in trades:
        one, other = trades["price"][of], trades["price"][at]
        differs |= (one != other) & ~(np.isnan(one) & np.isnan(other))
    others = at[differs]
    where = NONE.first_other
    if len(others):
        where = int(trades["file"][others[0]]), int(trades["row"][others[0]])
    return taken(trades, ~again), Repeats(len(at) - len(others), len(others), where)
