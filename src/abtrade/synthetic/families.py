"""Families of stories: what may be planted in a day, by the name that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from .fee_stories import fee_stories
from .further_stories import burst_stories, limit_price_stories, opening_stories
from .position_stories import position_stories
from .stories import all_stories
from .story import Story

FEES: Final = "fees"
FAMILIES: Final[dict[str, Callable[[], list[Story]]]] = {
    "orders": all_stories,
    "limit-prices": limit_price_stories,
    "openings": opening_stories,
    "bursts": burst_stories,
    "positions": position_stories,
    FEES: fee_stories,
}
"""``orders`` is planted where nothing else is asked for."""


def stories_of(families: Sequence[str]) -> list[Story]:
    """Return the stories of families, in an order that does not change."""
    return [story for name in FAMILIES if name in families for story in FAMILIES[name]()]


def rules_of(families: Sequence[str]) -> list[str]:
    """Return the rules of the test pack that these stories are about, by name."""
    return sorted({story.rule for story in stories_of(families)})
