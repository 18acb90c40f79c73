"""Prices as text: ticks times the tick, with as many decimals as the tick has."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache


def price_text(price: int, tick: float | None) -> str:
    """Return a price in ticks as it is quoted; without a tick it is in millionths."""
    if tick is None:
        return f"{(Decimal(price) / 1_000_000).normalize():f}"
    size, decimals = _of(tick)
    return f"{price * size:.{decimals}f}"


@lru_cache(maxsize=64)
def _of(tick: float) -> tuple[Decimal, int]:
    size = Decimal(repr(tick)).normalize()
    exponent = size.as_tuple().exponent
    assert isinstance(exponent, int)
    return size, max(0, -exponent)
