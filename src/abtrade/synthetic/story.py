"""Story: who does what in a made-up day, and in whole numbers what that comes to.

The levels stand here a second time, on purpose: a story knows what must be found without asking a
rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

SMALL: Final = (1, 8)
SPREADS: Final = ("one", "group", "members")

Number = int | Fraction


@dataclass(frozen=True, slots=True)
class Act:
    """Something done so many times over the day, by a story's accounts in turn.

    ``churn``: an order far from the market, taken off; ``storm``: a FAK or FOK order that meets
    nothing; ``leave``: an order that expires; ``shrink``: an order amended to ``then`` lots, then
    taken off; ``fill``: an order filled whole; ``sweep``: a FAK order filled but for ``lots``;
    ``cross``: ``rests`` orders met by one of the next account; ``uncross``: two orders that meet
    in the auction; ``rfq``: a request for quote; ``burst``: ``messages`` within a second; ``shed``:
    an order to sell, filled whole.
    """

    kind: str
    times: int
    lots: tuple[int, int] = SMALL  # of an order, at random between these
    then: int = 0
    contract: int = 0  # which of its place's contracts
    tif: str = "gfd"
    hedge: str = "speculation"
    contra_hedge: str = "speculation"  # cross: of the incoming order
    order_type: str = "limit"
    offset: str = "close"
    by: str = "client"
    rests: int = 1
    auction: bool = False
    at: str = "far"  # a churn's or storm's price: far, upper, below_upper, lower, above_lower
    window: tuple[float, float] = (0.0, 1.0)  # of the day: when it is begun
    until: tuple[float, float] | None = None  # when it is taken off; None: shortly after
    messages: int = 0  # of each burst
    shape: str = "within"  # of a burst: within, edges, seam, storm
    hands: int = 0  # how many of the story's accounts do it; 0: all


@dataclass(frozen=True, slots=True)
class Held:
    """Lots that a story's accounts hold of its contract when the day begins, each so many."""

    side: str  # long, short
    lots: int
    today: int = 0  # of these opened today, in the night session say
    hedge: str = "speculation"
    hands: tuple[int, ...] = ()  # which of its accounts; none: all


@dataclass(frozen=True, slots=True)
class Story:
    """Who does what, and what that comes to under ``rule`` where its first act is."""

    text: str
    rule: str
    level: str | None
    counted: Number
    gross: Number
    acts: tuple[Act, ...]
    spread: str = "one"  # one, members, group, suspected, determined, expired, strangers
    place: str = "plain"  # plain, fee, quiet, upper, lower
    maker: bool = False
    held: tuple[Held, ...] = ()
    quota: int = 0  # lots of arbitrage that each of its clients has been granted
    fee: Decimal | None = None  # yuan that it pays where its first act is


def level_of(number: Number, yellow: Number, red: Number) -> str | None:
    """Return the level that a number reaches."""
    return "red" if number >= red else "yellow" if number >= yellow else None


def grid(
    rule: str,
    yellow: int,
    red: int,
    acts_of: Callable[[int], tuple[Act, ...]],
    place: str = "plain",
) -> Iterator[Story]:
    """Yield a story one under, at and one over each level, for each way to spread it."""
    around = {level + step for level in (yellow, red) for step in (-1, 0, 1)}
    for number in sorted(around):
        for spread in SPREADS:
            yield Story(
                f"{number} {rule.replace('_', ' ')}, {SPREAD_TEXTS[spread]}",
                rule, level_of(number, yellow, red), number, number, acts_of(number), spread, place,
            )  # fmt: skip


SPREAD_TEXTS: Final = {
    "one": "by one account",
    "group": "spread over a group",
    "members": "spread over members of one client",
}
