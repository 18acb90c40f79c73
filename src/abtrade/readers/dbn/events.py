"""Events of MBO records: what happened to orders, told from what a fill did to the book.

A fill changes no book by itself: a cancel or a modify follows that takes the filled lots off.
Those lots are the order's credit, and only what goes beyond it was anyone's act.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ...batch import Int64
from ...schema import Action
from ..arrays import Bool
from .file import Records

ADD, CANCEL, MODIFY, FILL, TRADE, CLEAR, NOTHING = (
    bytes([code]) for code in b"ACMFTRN"
)  # fmt: skip
KNOWN: Final = (ADD, CANCEL, MODIFY, FILL, TRADE, CLEAR, NOTHING)

SNAPSHOT: Final = 32
BAD_TS_RECV: Final = 8
MAYBE_BAD_BOOK: Final = 4
NO_PRICE: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Events:
    """n events, in the order of their records."""

    at: Int64  # position of the record
    action: Int64  # schema.Action
    lots: Int64


def events_of(records: Records) -> Events:
    """Return what records, in their order, tell of orders."""
    action = records["action"]
    of_order = np.isin(action, (ADD, CANCEL, MODIFY, FILL)) & (records["order_id"] != 0)
    at = np.flatnonzero(of_order)
    keys = (at, records["order_id"][at], records["instrument_id"][at], records["publisher_id"][at])
    at = at[np.lexsort(keys)]
    first = _first_of_order(records, at)
    made, lots = _lives(records, at, first)
    kept = np.flatnonzero(made)
    kept = kept[np.argsort(at[kept])]
    return Events(at[kept], made[kept], lots[kept])


def _first_of_order(records: Records, at: Int64) -> Bool:
    """Return which records, sorted by order, are the first of theirs: (n,) bool."""
    first = np.zeros(len(at), np.bool_)
    first[:1] = True
    for column in ("order_id", "instrument_id", "publisher_id"):
        cells = records[column][at]
        first[1:] |= cells[1:] != cells[:-1]
    return first


def _lives(records: Records, at: Int64, first: Bool) -> tuple[Int64, Int64]:
    """Return the action of each record sorted by order, 0 for none, and its lots: (n,) each."""
    code = records["action"][at]
    size = records["size"][at].astype(np.int64)
    snapshot = (records["flags"][at] & SNAPSHOT) != 0
    add, cancel, modify, fill = (code == one for one in (ADD, CANCEL, MODIFY, FILL))
    begins = first | add  # an order that is added anew has no credit from before
    before, same_price = _before(records, at, begins, add | modify, np.where(cancel, size, 0))
    known = before >= 0
    shrunk = np.where(modify & known, np.maximum(before - size, 0), 0)
    taken = np.where(cancel, size, shrunk)
    beyond = taken - np.minimum(_credit(np.where(fill, size, 0) - taken, begins), taken)
    made = np.zeros(len(at), np.int64)
    made[add & ~snapshot] = Action.NEW
    made[add & snapshot & first] = Action.CARRIED
    made[fill] = Action.TRADE
    made[cancel & (beyond > 0)] = Action.CANCEL
    made[modify & (~known | ~same_price | (size > before) | (beyond > 0))] = Action.AMEND
    return made, np.where(cancel, beyond, size)


def _before(
    records: Records, at: Int64, begins: Bool, sets: Bool, cancelled: Int64
) -> tuple[Int64, Bool]:
    """Return the lots on the book before each record, -1 where not known; whether price stays.

    begins : which records are the first of an order's life
    sets : which records say how many lots are on the book
    cancelled : lots that each record takes off by itself
    """
    count = len(at)
    index = np.arange(count)
    start = np.maximum.accumulate(np.where(begins, index, 0))
    last_set = np.maximum.accumulate(np.where(sets, index, -1))
    last_set = np.concatenate(([-1], last_set[:-1]))[:count]  # strictly before
    known = (last_set >= start) & ~begins
    anchor = np.where(known, last_set, 0)
    off = np.cumsum(cancelled)
    price = records["price"][at]
    size = records["size"][at].astype(np.int64)
    before = size[anchor] - (off - cancelled - off[anchor])
    same = (price == price[anchor]) | (price == NO_PRICE)
    return np.where(known, np.maximum(before, 0), -1), same


def _credit(changes: Int64, begins: Bool) -> Int64:
    """Return the credit before each record: a sum of changes that never falls below nothing.

    changes : (n,) lots; a fill adds, what is taken off the book is taken from it
    begins : (n,) where it starts from nothing
    """
    if not len(changes):
        return changes
    total = np.cumsum(changes)
    starts = np.flatnonzero(begins)
    life = np.cumsum(begins) - 1
    total -= (total[starts] - changes[starts])[life]
    # Each life is set below all before it, so that one running minimum serves them all.
    apart = 2 * int(np.abs(total).max()) + 1
    assert apart * len(starts) < 2**62, "lots beyond any market's"
    lowest = np.minimum.accumulate(np.minimum(total, 0) - life * apart) + life * apart
    after = total - np.minimum(lowest, 0)
    before = np.concatenate(([0], after[:-1]))
    before[begins] = 0
    return np.asarray(before, np.int64)
