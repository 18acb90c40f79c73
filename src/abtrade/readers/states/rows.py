"""Rows of order states, trades and cancel requests as numpy columns, whatever source they are of.

A run of rows is a dict of columns, (n,) each. What each is, and of which rows:

==================  ======  ===========================================================
column              dtype
==================  ======  ===========================================================
``file``            int32   which file of the log; states, trades
``row``             int64   the data row in it, from 1; states, trades
``exchange``        int32   code of the vocabulary
``order``           int64   low word of the order's id, as ``Vocabulary.ids`` gives it
``order_high``      uint64  high word; NO_ID where the row does not tell the id
``local``           int64   optional: another name of the order, the same on all of its
``front``           int64   rows, and one more; from 0, -1 where the row tells none
``state``           uint8   ``State``; states
``traded``          int64   lots filled so far, -1: not told; states
``since``           int64   when the order was put in, ns since 1970 UTC; states
``ended``           int64   when it was taken off, NO_TIME: not told; states
``reached``         bool    optional: whether the row shows that the exchange has the order,
                            id or not; states
``ts``              int64   the time of a trade or a request
``contract``        int32   code of the vocabulary; states, trades
``account``         int32   code of the vocabulary; states, trades
``lots``            int64   of the order, or of the trade; states, trades
``price``           float64 optional, nan where there is none; states, trades
``side`` ...        uint8   optional, codes of ``schema``: ``side``, ``offset``, ``hedge``,
                            ``order_type``, ``tif`` of states; ``side``, ``offset``,
                            ``trade_type`` of trades
``trade``           int64   low word of a trade's id; trades
``trade_high``      uint64  high word
==================  ======  ===========================================================

An optional column is there in all runs of a log, or in none.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...batch import Int64
from .. import _cells

Rows = dict[str, npt.NDArray[Any]]

NO_TIME: Final = -(2**63)


class State(IntEnum):
    """What a row says of its order."""

    SENT = 0  # on its way: the exchange has not said anything
    ALIVE = 1  # accepted, and not yet finished
    FILLED = 2
    CANCELLED = 3
    REJECTED = 4


def count_of(rows: Rows) -> int:
    """Return how many rows there are."""
    return len(next(iter(rows.values())))


def taken(rows: Rows, at: Any) -> Rows:
    """Return the rows at positions, or where a mask is set; not copied, where that is all."""
    if isinstance(at, np.ndarray) and at.dtype == np.bool_ and at.all():
        return dict(rows)
    return {name: column[at] for name, column in rows.items()}


def keep(rows: Rows, at: Any) -> None:
    """Leave the rows at positions, or where a mask is set; a column at a time, to save memory."""
    for name in rows:
        rows[name] = rows[name][at]


def joined(parts: Sequence[Rows]) -> Rows:
    """Return the rows of all parts, one after the other; the parts are used up."""
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([part.pop(name) for part in parts]) for name in list(parts[0])}


def numbered(*columns: npt.NDArray[Any]) -> Int64:
    """Return a number for each row, from 0 by first sight, equal where all columns are: (n,)."""
    count = len(columns[0])
    keys, found = np.empty((count, len(columns)), np.int64), np.empty(count, np.int64)
    for at, column in enumerate(columns):
        keys[:, at] = column.view(np.int64) if column.dtype == np.uint64 else column
    _cells.number_rows(keys, found)
    return found


def first_places(numbers: Int64, count: int) -> Int64:
    """Return where each number from 0 stands first, ``len(numbers)``: nowhere; (count,)."""
    found = np.full(count, len(numbers), np.int64)
    found[numbers[::-1]] = np.arange(len(numbers))[::-1]  # of equal places the last write stays
    return found
