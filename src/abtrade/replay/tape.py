"""The tape: the latest trades of a contract, and the followed subject's part in them."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from .. import schema
from ..batch import Batch, Int64
from ..steps import What
from .course import Course
from .moment import Print
from .track import Noted, count_until

MOST: Final = 50
"""How many trades are told."""

_OWN: Final = (None, "bought", "sold", "both")  # by the sides of the subject's orders, a bit each


def tape(course: Course, own: npt.NDArray[np.bool_]) -> tuple[Print, ...]:
    """Return the trades up to a course's row, the latest first.

    own : by account, whether it is the subject's
    """
    noted = course.noted
    end = count_until(noted.trade_row, course.row)
    picked = slice(max(0, end - MOST), end)
    rows = noted.trade_row[picked].astype(np.int64)
    if not len(rows):
        return ()
    places = noted.trade_first[picked]
    is_second = places >= 0
    firsts = np.where(is_second, course.row_of(places), rows)
    batch = course.batch(rows)
    told = zip(
        rows.tolist(),
        batch.seq.tolist(),
        batch.ts.tolist(),
        _prices(batch),
        batch.lots.tolist(),
        np.where(is_second, 0, _sides(batch, rows, noted)).tolist(),
        (_own_sides(rows, noted, own) | _own_sides(firsts, noted, own)).tolist(),
        strict=True,
    )
    return tuple(
        Print(row, seq, ts, price, lots, schema.word_of("side", side), _OWN[mine])
        for row, seq, ts, price, lots, side, mine in reversed(list(told))
    )


def _prices(batch: Batch) -> list[int | None]:
    if batch.price is None:
        return [None] * len(batch)
    return [None if price == schema.NULL_PRICE else price for price in batch.price.tolist()]


def _sides(batch: Batch, rows: Int64, noted: Noted) -> Int64:
    """Return the side of the order that each row names first, as it says or as its order was.

    Of a match told by two rows nobody tells which order came in.
    """
    first = np.searchsorted(noted.touch_row, rows.astype(np.int32))
    last = np.minimum(first, max(0, len(noted.touch_row) - 1))
    found = np.zeros(len(rows), np.int64)
    if len(noted.touch_row):
        found = np.where(noted.touch_row[last] == rows, noted.side(last), 0).astype(np.int64)
    if batch.side is None:
        return found
    return np.where(batch.side > 0, batch.side, found)


def _own_sides(rows: Int64, noted: Noted, own: npt.NDArray[np.bool_]) -> Int64:
    """Return the sides on which the subject's orders were filled: 1 bought, 2 sold, 3 both."""
    found = np.zeros(len(rows), np.int64)
    first = np.searchsorted(noted.touch_row, rows.astype(np.int32))
    for step in range(2):  # a trade is filled on two sides at most
        at = first + step
        inside = np.flatnonzero(at < len(noted.touch_row))
        at = at[inside]
        mine = (
            (noted.touch_row[at] == rows[inside])
            & (noted.what(at) == What.FILL)
            & own[noted.touch_account[at]]
        )
        found[inside] |= np.where(mine, noted.side(at), 0)
    return found
