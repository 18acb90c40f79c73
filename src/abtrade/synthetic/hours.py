"""Hours: when a product's auction and sessions are on a trading day, night session included."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

SESSIONS: Final = 5
"""Of a contract at most: the auction and four sessions."""

_DAY_SESSIONS: Final = ((9.0, 10.25), (10.5, 11.5), (13.5, 15.0))
_CFFEX_MORNING: Final = (9.5, 11.5)


def sessions_of(exchange: str, product: str, night: str, day: date) -> npt.NDArray[np.int64]:
    """Return the auction, then the sessions of a product: (5, 2) int64, first and last ns.

    night : when the night session ends, ``01:00``; blank where there is none
    Unused sessions are 0 to 0. The auction's last ns is that of its matching.
    """
    hours: list[tuple[float, float]]
    if exchange == "CFFEX":
        afternoon = (13.0, 15.25 if product.startswith("T") else 15.0)
        hours = [(9 + 25 / 60, 9 + 29 / 60), _CFFEX_MORNING, afternoon]
    elif night:
        hour, minute = map(int, night.split(":"))
        end = hour + minute / 60 + (24 if hour < 12 else 0)
        eve = (night_of(day) - day).days * 24.0
        hours = [(eve + 20 + 55 / 60, eve + 20 + 59 / 60), (eve + 21, eve + end), *_DAY_SESSIONS]
    else:
        hours = [(8 + 55 / 60, 8 + 59 / 60), *_DAY_SESSIONS]
    table = np.zeros((SESSIONS, 2), np.int64)
    midnight = shanghai_ns(day)
    for index, (start, end) in enumerate(hours):
        table[index] = [midnight + round(each * 3600) * 10**9 for each in (start, end)]
    return table


def night_of(day: date) -> date:
    """Return the date on whose evening a trading day begins: the weekday before."""
    return day - timedelta(days=3 if day.weekday() == 0 else 1)


def shanghai_ns(day: date) -> int:
    """Return ns since 1970 UTC at midnight in Shanghai."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)
    return int(midnight.timestamp()) * 10**9
