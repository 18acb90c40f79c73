"""Further stories: limit prices, openings against a limit, bursts of messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from .story import SPREAD_TEXTS, SPREADS, Act, Story, grid, level_of

BEFORE: Final = (0.02, 0.45)
"""Share of the day that is over before the first trade at a limit price; see planter.TOUCHED."""

AFTER: Final = (0.55, 1.0)
EITHER: Final = {"upper": ("upper", "below_upper"), "lower": ("lower", "above_lower")}
"""Place -> the price that counts there, and the one next to it."""

BURST: Final = 10


def limit_price_stories() -> list[Story]:
    """Return cancels at the limit prices, before and after a trade at them."""
    return [
        *grid("limit_price_cancels", 80, 100, _at_limit("upper"), "upper"),
        *grid("limit_price_cancel_lots", 800, 1000, _lots_at_limit("lower"), "lower"),
        *_limit_price_twins("upper"),
        *_limit_price_twins("lower"),
    ]


def opening_stories() -> list[Story]:
    """Return openings, filled and ordered, against a limit."""
    return [
        *grid("opening_limit", 400, 501, _filled, "quiet"),
        *grid("ordered_opening_limit", 450, 601, _ordered, "quiet"),
        *_opening_twins(),
    ]


def burst_stories() -> list[Story]:
    """Return seconds with ten messages, nearly ten, and more."""
    return [*_burst_grid(), *_burst_twins()]


# --- limit prices --------------------------------------------------------------------------------


def _at_limit(place: str) -> Callable[[int], tuple[Act, ...]]:
    """Some put in before the first trade there, and taken off after it."""
    return lambda n: (
        Act("churn", 10, at=place, window=BEFORE, until=AFTER),
        Act("churn", n - 10, at=place, window=AFTER),
    )


def _lots_at_limit(place: str) -> Callable[[int], tuple[Act, ...]]:
    """In orders of 20 lots, the last of what is missing."""
    return lambda n: (
        Act("churn", n // 20 - 1, (20, 20), at=place, window=AFTER),
        Act("churn", 1, (n % 20 + 20, n % 20 + 20), at=place, window=AFTER),
    )


def _limit_price_twins(place: str) -> Iterator[Story]:
    """Yield what comes to nothing, or to less than it seems."""
    at, beside = EITHER[place]
    rule, where = "limit_price_cancels", f"at the {place} limit"
    yield Story(f"300 cancels {where} before the first trade there", rule, None, 0, 0,
                (Act("churn", 300, at=at, window=BEFORE),), place=place)  # fmt: skip
    for own, level in ((79, None), (80, "yellow"), (100, "red")):
        yield Story(f"300 cancels {where} before the first trade there, and {own} after it",
                    rule, level, own, own,
                    (Act("churn", 300, at=at, window=BEFORE),
                     Act("churn", own, at=at, window=AFTER)), place=place)  # fmt: skip
    yield Story(f"300 cancels a tick from the {place} limit", rule, None, 0, 0,
                (Act("churn", 300, at=beside, window=AFTER),), place=place)  # fmt: skip
    exempt = {
        "of a hedger": Act("churn", 150, at=at, window=AFTER, hedge="hedge"),
        "of FAK orders": Act("storm", 150, at=at, window=AFTER, tif="fak"),
        "by the exchange": Act("churn", 150, at=at, window=AFTER, by="exchange"),
        "of orders that expire": Act("leave", 150, at=at, window=AFTER),
    }
    for who, act in exempt.items():
        yield Story(f"150 cancels {where} {who}", rule, None, 0, 150, (act,), place=place)
    yield Story(f"150 cancels {where} of a market maker", rule, None, 0, 150,
                (Act("churn", 150, at=at, window=AFTER),), place=place, maker=True)  # fmt: skip
    rule = "limit_price_cancel_lots"
    many = {"of a hedger": Act("churn", 4, (300, 300), at=at, window=AFTER, hedge="hedge"),
            "of FAK orders": Act("storm", 4, (300, 300), at=at, window=AFTER, tif="fak"),
            "of orders that expire": Act("leave", 4, (300, 300), at=at, window=AFTER)}  # fmt: skip
    for who, act in many.items():
        yield Story(f"1,200 lots cancelled {where} {who}", rule, None, 0, 1200, (act,),
                    place=place)  # fmt: skip
    yield Story(f"1,200 lots cancelled {where} of a market maker", rule, None, 0, 1200,
                (Act("churn", 4, (300, 300), at=at, window=AFTER),), place=place,
                maker=True)  # fmt: skip


# --- openings ------------------------------------------------------------------------------------


def _filled(number: int) -> tuple[Act, ...]:
    """In one contract, in orders of 20 lots, the last of what is missing; closings besides."""
    last = number % 20 + 20
    return (
        Act("fill", (number - last) // 20, (20, 20), offset="open"),
        Act("fill", 1, (last, last), offset="open"),
        Act("fill", 3, (20, 20)),
    )


def _ordered(number: int) -> tuple[Act, ...]:
    """Over both contracts of a product; most of it is never filled."""
    last = number % 30 + 30
    half = (number - last) // 30 // 2
    rest = (number - last) // 30 - half
    return (
        Act("churn", half, (30, 30), offset="open"),
        Act("churn", rest, (30, 30), offset="open", contract=1),
        Act("fill", 1, (last, last), offset="open"),
        Act("churn", 5, (30, 30)),
    )


def _opening_twins() -> Iterator[Story]:
    """Yield honest openings, and ones that stay apart."""
    yield Story("600 lots opened in each of two contracts, 300 in each", "opening_limit", None, 300,
                300, (Act("fill", 15, (20, 20), offset="open"),
                      Act("fill", 15, (20, 20), offset="open", contract=1)),
                place="quiet")  # fmt: skip
    yield Story("700 lots ordered to open, 100 of them filled", "opening_limit", None, 100, 100,
                (Act("fill", 5, (20, 20), offset="open"),
                 Act("churn", 30, (20, 20), offset="open")), place="quiet")  # fmt: skip
    for rule, act in (("opening_limit", Act("fill", 35, (20, 20), offset="open")),
                      ("ordered_opening_limit", Act("churn", 35, (20, 20), offset="open"))):
        text = f"700 lots of the {rule.replace('_', ' ')}"
        yield Story(f"{text}, of a market maker", rule, None, 0, 700, (act,), place="quiet",
                    maker=True)  # fmt: skip
        hedged = Act(act.kind, act.times, act.lots, hedge="hedge", offset="open")
        yield Story(f"{text}, of a hedger", rule, None, 0, 700, (hedged,), place="quiet")


# --- bursts --------------------------------------------------------------------------------------


def _burst_grid() -> Iterator[Story]:
    """Yield one under, at and over each level, in seconds with 10 messages and with 11."""
    for number in (7, 8, 9, 10, 11):
        for spread in SPREADS:
            acts = (Act("burst", number - 3, messages=BURST),
                    Act("burst", 2, messages=BURST, shape="edges"),
                    Act("burst", 1, messages=BURST + 1))  # fmt: skip
            yield Story(f"{number} seconds with ten messages, {SPREAD_TEXTS[spread]}", "bursts",
                        level_of(number, 8, 10), number, number, acts, spread,
                        "quiet")  # fmt: skip
            yield Story(f"{number} windows with ten messages over the seam of two seconds, "
                        f"{SPREAD_TEXTS[spread]}", "sliding_bursts", level_of(number, 8, 10),
                        number, number, (Act("burst", number, messages=BURST, shape="seam"),),
                        spread, "quiet")  # fmt: skip


def _burst_twins() -> Iterator[Story]:
    """Yield what is dense and yet no burst, and bursts that are left out."""
    few, many = BURST - 1, BURST + 1
    yield Story("20 seconds with nine messages", "bursts", None, 0, 0,
                (Act("burst", 20, messages=few),), place="quiet")  # fmt: skip
    yield Story("20 seconds with nine messages and 9 with eleven", "bursts", "yellow", 9, 9,
                (Act("burst", 9, messages=many), Act("burst", 20, messages=few)),
                place="quiet")  # fmt: skip
    yield Story("20 times ten messages over the seam of two seconds", "bursts", None, 0, 0,
                (Act("burst", 20, messages=BURST, shape="seam"),), place="quiet")  # fmt: skip
    yield Story("20 seconds with nine FAK orders that meet nothing", "bursts", None, 0, 0,
                (Act("burst", 20, messages=few, shape="storm"),), place="quiet")  # fmt: skip
    yield Story("10 seconds with ten messages of two clients whose link has ended", "bursts", None,
                0, 0, (Act("burst", 10, messages=BURST),), "expired", "quiet")  # fmt: skip
    yield Story("10 seconds with ten messages of a suspected group", "bursts", "yellow", 10, 10,
                (Act("burst", 10, messages=BURST),), "suspected", "quiet")  # fmt: skip
    for rule, shape in (("bursts", "within"), ("sliding_bursts", "seam")):
        text = f"12 {rule.replace('_', ' ')}"
        act = Act("burst", 12, messages=BURST, shape=shape)
        yield Story(f"{text} of a market maker", rule, None, 0, 12, (act,), place="quiet",
                    maker=True)  # fmt: skip
        hedged = Act("burst", 12, messages=BURST, shape=shape, hedge="hedge", contra_hedge="hedge")
        yield Story(f"{text} of a hedger", rule, None, 0, 12, (hedged,), place="quiet")
        mixed = Act("burst", 12, messages=BURST, shape=shape, hedge="hedge")
        yield Story(f"{text} in which every other message is a hedger's", rule, None, 0, 12,
                    (mixed,), place="quiet")  # fmt: skip
