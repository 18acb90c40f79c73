"""Events out of orders, trades and cancel requests, in one order of time.

==========  ===============================================================================
event       its ``ts`` is
==========  ===============================================================================
new         the time the order was put in, no later than its first trade
trade       the trade's own
cancel      the time it was taken off; else of the last request to do so; else of its last
            trade; else of the order. No earlier than any of the last two
reject      the time the order was put in
==========  ===============================================================================

Of equal times new orders and rejects stand first, then trades, then cancels; among the same kind
the ids decide, so that it does not matter which file a row came in. A cancel takes off what the
order had left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...batch import Int64
from ...schema import Action, CancelBy, Tif
from ..arrays import Bool
from .orders import LOCAL, has_id, places_in
from .rows import NO_TIME, Rows, State, count_of, joined, keep, taken
from .vocabulary import TEXT_ID

Names = Callable[[str, int], str]
"""From ``local`` or ``front`` and the name's number to a text that stands for the order's id."""

_KIND_ORDER: Final = {Action.NEW: 0, Action.REJECT: 0, Action.TRADE: 1, Action.CANCEL: 2}


@dataclass(slots=True)
class Events:
    """n events in order; ``place`` is where what each is made of stands among orders or trades."""

    action: np.ndarray  # (n,) uint8
    place: Int64  # (n,) in trades for a trade, else in orders
    ts: Int64  # (n,) ns since 1970 UTC
    file: np.ndarray  # (n,) int32
    row: Int64  # (n,)
    orders: Rows
    trades: Rows
    order_of_trade: Int64  # a place in orders, -1 where no row tells of its order
    cancel_lots: Int64  # by order
    asked: np.ndarray | None  # by order: whether a client asked to cancel it; None: not known
    unsent: Rows  # orders that got no id, that were not refused, and that no row shows as reached
    short: Int64  # by order: lots that it says are filled, and that no trade shows
    undated: int  # cancels whose time neither their row nor a request tells


def events_of(orders: Rows, trades: Rows, requests: Rows | None) -> Events:
    """Return the events of identified orders and their trades."""
    refused = (orders["end"] == State.REJECTED) & (orders["traded"] <= 0)
    sent = has_reached(orders) | refused
    unsent = taken(orders, ~sent)
    if not sent.all():
        keep(orders, sent)
        refused = refused[sent]
    order_of_trade = places_in(orders, trades)
    lives = _lives(orders, trades, order_of_trade)
    asked, asked_at = _asked(orders, requests)
    cancelled = np.flatnonzero((orders["end"] == State.CANCELLED) & ~refused)
    opened = np.flatnonzero(~refused)
    since = np.minimum(orders["since"], lives.first)
    ended = np.where(orders["ended"] == NO_TIME, asked_at, orders["ended"])
    undated = int(np.count_nonzero(ended[cancelled] == NO_TIME))
    ended = np.maximum(ended, np.maximum(since, lives.last))
    parts = [
        _part(Action.NEW, opened, since, orders, "file", "row", "order"),
        _part(Action.REJECT, np.flatnonzero(refused), orders["since"], orders, "end_file",
              "end_row", "order"),
        _part(Action.TRADE, np.arange(count_of(trades)), trades["ts"], trades, "file", "row",
              "trade"),
        _part(Action.CANCEL, cancelled, ended, orders, "end_file", "end_row", "order"),
    ]  # fmt: skip
    every = joined(parts)
    order = _in_order(every)
    del every["rank"], every["kind"]
    keep(every, order)
    return Events(
        every["action"], every["place"], every["ts"], every["file"], every["row"],
        orders, trades, order_of_trade, np.maximum(orders["lots"] - lives.lots, 0), asked, unsent,
        lives.short, undated,
    )  # fmt: skip


def fills_of(orders: Rows) -> Rows:
    """Return a trade for each order that was filled, of all its lots, where no trades are told.

    It stands at the row that tells its end, and has the time of the order.
    """
    lots = filled_lots(orders)
    filled = (lots > 0) & has_reached(orders)
    made = taken(orders, filled)
    ended = made["end"] > 0
    same = ("exchange", "order", "order_high", "contract", "account", "side", "offset")
    return {name: made[name] for name in same if name in made} | {
        "file": np.where(ended, made["end_file"], made["file"]),
        "row": np.where(ended, made["end_row"], made["row"]),
        "ts": made["since"],
        "lots": lots[filled],
        "trade": np.zeros(count_of(made), np.int64),
        "trade_high": np.zeros(count_of(made), np.uint64),
    }


def filled_lots(orders: Rows) -> Int64:
    """Return the lots of each order that were filled, as its rows say: (n,)."""
    told = np.where(orders["traded"] > 0, orders["traded"], orders["lots"] * orders["filled"])
    return np.asarray(told)


def has_reached(orders: Rows) -> Bool:
    """Return which orders the exchange has: those with an id, or that a row shows there; (n,)."""
    named = has_id(orders)
    return named | orders["reached"] if "reached" in orders else named


def name_the_nameless(rows: Rows, name: Names, code: Callable[[str], int]) -> None:
    """Give a text to each order, or trade, of an order without an id."""
    for at in np.flatnonzero(~has_id(rows)).tolist():
        kind = "local" if rows["order_high"][at] == LOCAL else "front"
        rows["order"][at] = code(name(kind, int(rows["order"][at])))
        rows["order_high"][at] = TEXT_ID


@dataclass(slots=True)
class _Lives:
    """Of each order: its first and last trade's time, and the lots that were filled."""

    first: Int64
    last: Int64
    lots: Int64
    short: Int64  # what its rows say was filled, and no trade shows


def _lives(orders: Rows, trades: Rows, place: Int64) -> _Lives:
    count = count_of(orders)
    first = np.full(count, np.iinfo(np.int64).max)
    last = np.full(count, NO_TIME)
    known = place >= 0
    at, ts = place[known], trades["ts"][known]
    np.minimum.at(first, at, ts)
    np.maximum.at(last, at, ts)
    filled = np.zeros(count, np.int64)
    np.add.at(filled, at, trades["lots"][known])
    short = np.maximum(filled_lots(orders) - filled, 0)
    return _Lives(first, last, np.maximum(filled, orders["traded"]), short)


def _asked(orders: Rows, requests: Rows | None) -> tuple[np.ndarray | None, Int64]:
    """Return by order whether somebody asked to cancel it, and when last."""
    when = np.full(count_of(orders), NO_TIME)
    if requests is None:
        return None, when
    place = places_in(orders, requests)
    known = place >= 0
    np.maximum.at(when, place[known], requests["ts"][known])
    asked = np.zeros(len(when), np.bool_)
    asked[place[known]] = True
    return asked, when


def _part(
    action: Action, place: Int64, ts: Int64, rows: Rows, file: str, row: str, rank: str
) -> Rows:
    return {
        "action": np.full(len(place), int(action), np.uint8),
        "place": place,
        "ts": ts[place],
        "file": rows[file][place],
        "row": rows[row][place],
        "rank": rows[rank][place],
        "kind": np.full(len(place), _KIND_ORDER[action], np.int8),
    }


def _in_order(every: Rows) -> Int64:
    """Return the places of events by time, kind, id, file and row."""
    order = np.argsort(every["rank"], kind="stable")
    key = every["ts"] * 4 + every["kind"]  # which fits until 2043
    return np.asarray(order[np.argsort(key[order], kind="stable")])


def cancel_by(events: Events) -> np.ndarray | None:
    """Return who took each order off, by order: a client who asked, or nobody that is known."""
    if events.asked is None:
        return None
    by = np.where(events.asked, int(CancelBy.CLIENT), 0)
    if "tif" in events.orders:
        tif = events.orders["tif"]
        by = np.where((tif == int(Tif.FAK)) | (tif == int(Tif.FOK)), int(CancelBy.CLIENT), by)
    return by.astype(np.uint8)
