"""Orders out of rows of states: all rows of an order become one, in any number of steps.

Bringing rows together is associative: a log may be cut into runs anywhere, each brought together
by itself, and what comes of them once more. Beside the columns of state rows, orders have

==============  ======  ===============================================================
``told``        bool    whether the row that the facts are of is more than SENT, with an id
``end``         uint8   State.CANCELLED or REJECTED, else 0
``end_file``    int32   the first row that says so
``end_row``     int64
``filled``      bool    whether any row says FILLED
``rows``        int32   how many rows there are of the order
==============  ======  ===============================================================

The facts are those of the first row that is told, else of the first row. ``traded`` is the most
that any row says.

Rows of one id whose contract, account, side, lots or local name differ are of several orders: none
of them vanishes in another.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ...batch import Int64
from ..arrays import Bool
from .rows import Rows, State, count_of, first_places, keep, numbered, taken
from .vocabulary import NO_ID

KEY: Final = ("exchange", "order", "order_high")

FACTS: Final = ("contract", "account", "side", "lots", "local")
"""What rows of one order have in common; one may leave out ``account`` and ``local``."""

LOCAL: Final = np.uint64(NO_ID - 2)
"""The high word of an order without an id that is known by its ``local`` name."""
FRONT: Final = np.uint64(NO_ID - 1)
"""The same, by its ``front`` name."""


def orders_of(states: Rows) -> Rows:
    """Return one row an order out of rows of states; rows that name no order at all are dropped."""
    state = states["state"]
    ends = np.where(np.isin(state, (State.CANCELLED, State.REJECTED)), state, 0).astype(np.uint8)
    orders = {
        **named_somehow(states),
        "told": (states["order_high"] != np.uint64(NO_ID)) & (state != State.SENT),
        "end": ends,
        "end_file": states["file"],
        "end_row": states["row"],
        "filled": state == State.FILLED,
        "rows": np.ones(len(state), np.int32),
    }
    del orders["state"]
    named = orders["order_high"] != np.uint64(NO_ID)
    return brought_together(orders if named.all() else taken(orders, named))


def named_somehow(rows: Rows) -> Rows:
    """Return rows in which those without an order's id have its local or front name instead."""
    low, high = rows["order"], rows["order_high"]
    for name, mark in (("local", LOCAL), ("front", FRONT)):
        if name in rows:
            use = (high == np.uint64(NO_ID)) & (rows[name] >= 0)
            low, high = np.where(use, rows[name], low), np.where(use, mark, high)
    return {**rows, "order": low, "order_high": high}


def brought_together(orders: Rows) -> Rows:
    """Return one row an order, in the order of first sight; what is given is used up."""
    number = numbered(*_whole_key(orders))
    count = int(number.max(initial=-1)) + 1
    if count == len(number):
        return orders
    fact = _first(number, count, orders["told"])
    fact = np.where(fact == len(number), first_places(number, count), fact)
    end = _first(number, count, orders["end"] > 0)
    end = np.where(end == len(number), fact, end)
    traded = np.full(count, -1, np.int64)
    np.maximum.at(traded, number, orders["traded"])
    apart = {name: orders[name][end] for name in ("end", "end_file", "end_row", "ended")}
    apart["traded"] = traded
    apart["filled"] = np.bincount(number, orders["filled"], count) > 0
    apart["rows"] = np.bincount(number, orders["rows"], count).astype(np.int32)
    if "reached" in orders:
        apart["reached"] = np.bincount(number, orders["reached"], count) > 0
    for name in apart:
        del orders[name]
    keep(orders, fact)
    return orders | apart


def identified(orders: Rows) -> Rows:
    """Return orders of which those without an id are brought to the order of the same name.

    An order known by its front name alone may be one that is known by its local name.
    """
    orders = _completed(orders)
    for mark in (LOCAL, FRONT):
        orders = _joined_to_better(orders, mark)
    return orders


def disputed(orders: Rows) -> int:
    """Return how many ids stand for several orders of one contract."""
    own = taken(orders, has_id(orders))
    number = numbered(*(own[name] for name in (*KEY, "contract")))
    return int(np.count_nonzero(np.bincount(number) > 1))


def has_id(orders: Rows) -> Bool:
    """Return which orders have an id: (n,)."""
    return np.less(orders["order_high"], LOCAL)


def _joined_to_better(orders: Rows, mark: np.uint64) -> Rows:
    high = orders["order_high"]
    lost, known = np.flatnonzero(high == mark), np.flatnonzero(high < mark)
    if not len(lost) or not len(known):
        return orders
    place = _places_by_name(taken(orders, known), taken(orders, lost))
    found = place >= 0
    whole = [column for column in (*KEY, *FACTS) if column in orders]
    named: Rows = {column: orders[column].copy() for column in whole}
    for column in whole:
        named[column][lost[found]] = orders[column][known[place[found]]]
    return brought_together({**orders, **named})


def _whole_key(orders: Rows) -> list[np.ndarray]:
    """Return the columns that all rows of an order have in common, two in a word."""
    key = [orders[name] for name in KEY]
    if "contract" in orders:
        contract, account = (orders[name].astype(np.int64) for name in ("contract", "account"))
        key += [contract << 32 | account & 0xFFFFFFFF, orders["lots"] << 2 | orders["side"]]
    return [*key, orders["local"]] if "local" in orders else key


def _completed(orders: Rows) -> Rows:
    """Return orders of which those that lack the account or the local name have their id's one."""
    number = numbered(*(orders[name] for name in (*KEY, "contract")))
    count = int(number.max(initial=-1)) + 1
    if count == len(number):
        return orders
    filled: Rows = {}
    for name in ("account", "local"):
        if name in orders:
            values = orders[name].astype(np.int64)
            most, least = np.full(count, -1), np.full(count, np.iinfo(np.int64).max)
            np.maximum.at(most, number, values)
            np.minimum.at(least, number[values >= 0], values[values >= 0])
            use = (values < 0) & (most == least)[number]
            filled[name] = np.where(use, most[number], values).astype(orders[name].dtype)
    return brought_together({**orders, **filled})


def places_in(orders: Rows, rows: Rows) -> Int64:
    """Return the order that each of ``rows`` is of: (n,) a place in ``orders``, -1 where none.

    An id that several orders have is told by the contract, then by account and side; a leg of a
    combination stands in another contract than its order.
    """
    place = np.full(count_of(rows), -1, np.int64)
    for names in (("contract",), ("contract", "account", "side"), ()):
        lost = np.flatnonzero((place < 0) & (rows["order_high"] != np.uint64(NO_ID)))
        if len(lost) and all(name in rows for name in names):
            key = (*KEY, *names)
            place[lost] = _matched(
                [orders[name] for name in key], [rows[name][lost] for name in key]
            )
    lost = np.flatnonzero(rows["order_high"] == np.uint64(NO_ID))
    if len(lost):
        place[lost] = _places_by_name(orders, taken(rows, lost))
    return place


def _places_by_name(orders: Rows, rows: Rows) -> Int64:
    """Return places as ``places_in``, by local name, else by front name.

    A name that two orders have, as after a restart, is nobody's.
    """
    place = np.full(count_of(rows), -1, np.int64)
    for name in ("local", "front"):
        if name in orders and name in rows:
            found = _matched([orders[name]], [rows[name]])
            place = np.where((place < 0) & (rows[name] >= 0), found, place)
    return place


def _matched(orders: list[np.ndarray], rows: list[np.ndarray]) -> Int64:
    """Return where the one order is that has the same cells as each row, -1 where not one has."""
    split = len(orders[0])
    number = numbered(*(np.concatenate(pair) for pair in zip(orders, rows, strict=True)))
    count = int(number.max(initial=-1)) + 1
    first = first_places(number[:split], count)
    first[np.bincount(number[:split], minlength=count) != 1] = -1
    return np.asarray(first[number[split:]])


def _first(number: Int64, count: int, flags: np.ndarray) -> Int64:
    """Return where each number stands first among the rows flagged; ``len(number)``: nowhere."""
    at = np.flatnonzero(flags)
    places = np.append(at, len(number))
    return np.asarray(places[first_places(number[at], count)])
