"""Hours: when a product's auction and sessions are on a trading day, night session included."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from ..market.calendar import load_calendar
from ..market.sessions import load_sessions

SESSIONS: Final = 5
"""Of a contract at most: the auction and four sessions."""


def sessions_of(exchange: str, product: str, day: date) -> npt.NDArray[np.int64]:
    """Return the opening auction, then the sessions of a product: (5, 2) int64, first and last ns.

    Unused sessions are 0 to 0. The auction's last ns is that of its matching. Later auctions of the
    day are left out.
    """
    intervals = load_sessions().phases(exchange, product, day, load_calendar())
    assert intervals is not None, f"no sessions are known of {exchange} {product} on {day}"
    hours = [next(each for each in intervals if each.kind == "auction")]
    hours += [each for each in intervals if each.kind == "continuous"]
    table = np.zeros((SESSIONS, 2), np.int64)
    table[: len(hours)] = [(each.start, each.end) for each in hours]
    return table
