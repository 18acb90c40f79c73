"""Strikes: those listed of each series of options, and how far one is from the money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Final

DEEP: Final = 10
"""An option so many strikes, or more, beyond the underlying's close is deep out of the money."""


class Strikes:
    """The listed strikes of each series; they are gathered when first asked for.

    listed : yields exchange, series and strike of each option
    """

    def __init__(self, listed: Callable[[], Iterable[tuple[str, str, float]]]) -> None:
        self._listed = listed
        self._series: dict[tuple[str, str], set[float]] | None = None

    def of(self, exchange: str, series: str | None) -> Collection[float]:
        """Return the strikes of a series, none of what is no series."""
        if self._series is None:
            self._series = defaultdict(set)
            for where, name, strike in self._listed():
                self._series[where, name].add(float(strike))
        return self._series.get((exchange, series), set()) if series is not None else set()


def is_deep(
    option_type: str, strike: float, close: float, listed: Collection[float]
) -> bool | None:
    """Return whether an option is deep out of the money: a call from the 10th strike above on.

    A put mirrors it. None where its own strike is not among those listed: then others may lack too.
    """
    if strike not in listed:
        return None
    if option_type == "call":
        beyond = [other for other in listed if close < other <= strike]
    else:
        beyond = [other for other in listed if strike <= other < close]
    return len(beyond) >= DEEP
