"""Rows of several foreign files in one order, and the trading day that they are of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

from ..batch import Int64
from ..errors import LackingError
from .foreign import Stated

_HOUR: Final = 3_600 * 10**9


def in_order(times: Sequence[Int64]) -> Int64:
    """Return where the rows of several files stand in one order, as positions in all of them.

    times : of each file, (n,) ns, as its rows stand

    Each file keeps its own order, whatever its times: rows are told apart by the highest time
    that their file has come to, then by file.
    """
    if not times:
        return np.zeros(0, np.int64)
    reached = np.concatenate([np.maximum.accumulate(one) for one in times])
    return np.asarray(np.argsort(reached, kind="stable"), np.int64)


def trading_day(times: Int64, stated: Stated, where: str) -> date | None:
    """Return the trading day of times (ns since 1970 UTC): the one stated, else the calendar's.

    None where there are no times. Raises LackingError where the calendar tells several days.
    """
    if stated.day is not None or not len(times):
        return stated.day
    hours = np.unique(times // _HOUR)
    found = sorted({stated.calendar.trading_day_of(int(hour) * _HOUR) for hour in hours})
    if len(found) > 1:
        days = ", ".join(map(str, found))
        raise LackingError(
            "day",
            f"{where}: found rows of the trading days {days}, expected a log of one; give the "
            "files of one day, or say with --day which it is (a day begins at 18:00 in Shanghai)",
            list(map(str, found)),
        )
    return found[0]
