"""Stories of positions: lots held against a limit of 300, with opening positions of many kinds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .story import SPREAD_TEXTS, SPREADS, Act, Held, Story, level_of

YELLOW: Final = 240
RED: Final = 301
"""Least lots: 0.8 of the limit, and above it."""

OPENING: Final = 60
FIRST, SECOND, THIRD = (0.0, 0.3), (0.35, 0.6), (0.65, 1.0)
"""Parts of the day."""


def position_stories() -> list[Story]:
    """Return positions under, at and over the limit, long and short."""
    return [*_positions_grid(), *_passages(), *_from_the_outset(), *_twins(), *_quotas()]


def _positions_grid() -> Iterator[Story]:
    """Yield one under, at and over each level, for each way to spread it; all fall back."""
    for side in ("long", "short"):
        for number in (239, 240, 241, 300, 301, 302):
            for spread in SPREADS:
                people = 1 if spread == "one" else 3
                acts = (*_opens(side, number - OPENING, (0.0, 0.6)), _closes(side, 1, THIRD))
                yield Story(f"{number} lots held {side}, {SPREAD_TEXTS[spread]}", f"{side}_lots",
                            level_of(number, YELLOW, RED), number, number, acts, spread, "quiet",
                            held=(Held(side, OPENING // people),))  # fmt: skip


def _passages() -> Iterator[Story]:
    """Yield what falls back and passes the limit again, by closes of every kind."""
    for side in ("long", "short"):
        yield Story(f"320 lots held {side}, 220, then 330", f"{side}_lots", "red", 330, 330,
                    (*_opens(side, 120, FIRST), _closes(side, 5, SECOND),
                     *_opens(side, 110, THIRD)), place="quiet",
                    held=(Held(side, 200),))  # fmt: skip
        yield Story(f"310 lots held {side}, today's and yesterday's closed apart", f"{side}_lots",
                    "red", 310, 310,
                    (*_opens(side, 110, FIRST), _closes(side, 9, SECOND, "close_today"),
                     _closes(side, 6, THIRD, "close_yesterday")), place="quiet",
                    held=(Held(side, 200, today=80),))  # fmt: skip
        yield Story(f"300 lots held {side} and closed to the last", f"{side}_lots", "yellow", 300,
                    300, (*_opens(side, 100, FIRST), _closes(side, 15, SECOND)), place="quiet",
                    held=(Held(side, 200, today=50),))  # fmt: skip


def _from_the_outset() -> Iterator[Story]:
    """Yield what is there when the day begins, of accounts that do nothing, or not all of them."""
    for side in ("long", "short"):
        nothing = (Act("fill", 0),)
        for number in (239, 240, 300, 301):
            yield Story(f"{number} lots held {side} by a client that is silent all day",
                        f"{side}_lots", level_of(number, YELLOW, RED), number, number, nothing,
                        place="quiet", held=(Held(side, number),))  # fmt: skip
        yield Story(f"310 lots held {side} by a group, 200 of them by a client that is silent",
                    f"{side}_lots", "red", 310, 310, _opens(side, 110, (0.0, 1.0), hands=2),
                    "group", "quiet", held=(Held(side, 200, hands=(2,)),))  # fmt: skip
        yield Story(f"305 lots held {side} when the day begins, 285, then 325", f"{side}_lots",
                    "red", 325, 325,
                    (_closes(side, 1, FIRST), *_opens(side, 40, THIRD)), place="quiet",
                    held=(Held(side, 305),))  # fmt: skip


def _twins() -> Iterator[Story]:
    """Yield what is much and yet below a limit, or is left out, and groups of other kinds."""
    for side in ("long", "short"):
        rule, other = f"{side}_lots", "short" if side == "long" else "long"
        yield Story(f"150 lots held {side} and 150 held {other}", rule, None, 150, 150,
                    _opens(side, 50, (0.0, 1.0)), place="quiet",
                    held=(Held(side, 100), Held(other, 150)))  # fmt: skip
        yield Story(f"400 lots held {side} by a hedger", rule, None, 0, 400,
                    _opens(side, 100, (0.0, 1.0), hedge="hedge"), place="quiet",
                    held=(Held(side, 300, hedge="hedge"),))  # fmt: skip
        yield Story(f"400 lots held {side}, 239 of them on speculation", rule, None, 239, 400,
                    _opens(side, 39, (0.0, 1.0)), place="quiet",
                    held=(Held(side, 200), Held(side, 161, hedge="hedge")))  # fmt: skip
        yield Story(f"400 lots held {side} by a market maker", rule, None, 0, 400,
                    _opens(side, 100, (0.0, 1.0)), place="quiet", maker=True,
                    held=(Held(side, 300),))  # fmt: skip
        yield Story(f"300 lots held {side} by each of two clients whose link has ended", rule,
                    "yellow", 300, 300, _opens(side, 200, (0.0, 1.0)), "expired", "quiet",
                    held=(Held(side, 200),))  # fmt: skip
        yield Story(f"330 lots held {side} by a suspected group, 110 by each client", rule,
                    "yellow", 330, 330, _opens(side, 60, (0.0, 1.0)), "suspected", "quiet",
                    held=(Held(side, 90),))  # fmt: skip
        yield Story(f"960 lots held {side} by a suspected group, 320 by each client", rule,
                    "yellow", 960, 960, _opens(side, 60, (0.0, 1.0)), "suspected", "quiet",
                    held=(Held(side, 300),))  # fmt: skip


def _quotas() -> Iterator[Story]:
    """Yield positions above the limit and below it with the quota for arbitrage added."""
    for number in (399, 400, 401):
        yield Story(f"{number} lots held long with a quota of 100", "merged_long_lots",
                    level_of(number, 320, 401), number, number, _opens("long", number - 200, FIRST),
                    place="quiet", held=(Held("long", 200),), quota=100)  # fmt: skip
        yield Story(f"{number} lots held long by a group with quotas of 99 in all",
                    "merged_long_lots", level_of(number, 320, 400), number, number,
                    _opens("long", number - 201, FIRST), "group", "quiet",
                    held=(Held("long", 67),), quota=33)  # fmt: skip


def _opens(
    side: str, lots: int, window: tuple[float, float], *, hedge: str = "speculation",
    hands: int = 0,
) -> tuple[Act, ...]:  # fmt: skip
    """Return openings of so many lots, in orders of 20, the last of what is missing."""
    kind = "fill" if side == "long" else "shed"
    last = lots % 20 or 20
    return (
        Act(kind, (lots - last) // 20, (20, 20), offset="open", window=window, hedge=hedge,
            hands=hands),
        Act(kind, 1, (last, last), offset="open", window=window, hedge=hedge, hands=hands),
    )  # fmt: skip


def _closes(
    side: str, times: int, window: tuple[float, float], offset: str = "close"
) -> Act:
    """Return orders of 20 lots that close, all of the first account."""
    kind = "shed" if side == "long" else "fill"
    return Act(kind, times, (20, 20), offset=offset, window=window, hands=1)
