"""Stories: the offences that are planted in a day, and the honest twins that only look like them.

Each says in whole numbers what it comes to under one rule of the test pack.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from .story import SPREAD_TEXTS, SPREADS, Act, Number, Story, grid, level_of

LARGE: Final = (300, 500)


def all_stories() -> list[Story]:
    """Return every story, in an order that does not change."""
    return [
        *grid("cancels", 400, 500, lambda n: (Act("churn", n),)),
        *grid("large_cancels", 40, 50, lambda n: (Act("churn", n, LARGE),)),
        *grid("fee_cancels", 400, 500, lambda n: (Act("storm", n, tif="fak"),), "fee"),
        *grid("self_trades", 4, 5, lambda n: (Act("cross", n),)),
        *grid("self_trade_pairs", 4, 5, lambda n: (Act("cross", n, contra_hedge="hedge"),)),
        *grid("self_trade_orders", 8, 10, _incoming_orders),
        *grid("self_trade_lots", 80, 100, _lots_in_two),
        *grid("orders", 80, 100, lambda n: (Act("leave", n),), "quiet"),
        *grid("messages", 160, 200, _messages, "quiet"),
        *grid("filled_orders", 40, 50, lambda n: (Act("fill", n, (1, 1)),), "quiet"),
        *grid("open_lots", 401, 501, _openings, "quiet"),
        *_ratios(),
        *_exempt_cancels(),
        *_exempt_others(),
        *_exempt_self_trades(),
        *_look_alikes(),
        *_linked(),
    ]


def _incoming_orders(number: int) -> tuple[Act, ...]:
    """Over two contracts; some of the incoming orders meet two of their own, and count once."""
    half = number // 2
    return (
        Act("cross", 2, rests=2),
        Act("cross", half - 2),
        Act("cross", number - half, contract=1),
    )


def _lots_in_two(number: int) -> tuple[Act, ...]:
    half = number // 2
    return (Act("cross", 1, (half, half)), Act("cross", 1, (number - half, number - half)))


def _messages(number: int) -> tuple[Act, ...]:
    """Of every kind, over both contracts of a product."""
    shrunk, churned, left = 5, 30, 4
    asked = number - 3 * shrunk - 2 * churned - left
    return (
        Act("shrink", shrunk, (5, 9), then=3),
        Act("churn", churned, contract=1),
        Act("leave", left),
        Act("rfq", asked // 2),
        Act("rfq", asked - asked // 2, contract=1),
    )


def _openings(number: int) -> tuple[Act, ...]:
    """In orders of 20 lots over both contracts of a product, the last of what is missing."""
    each, last = 20, number % 20 + 20
    half = (number - last) // each // 2
    rest = (number - last) // each - half
    return (
        Act("fill", half, (each, each), offset="open"),
        Act("fill", rest, (each, each), offset="open", contract=1),
        Act("fill", 1, (last, last), offset="open"),
    )


def _ratios() -> Iterator[Story]:
    """Yield order-to-trade ratios one message under, at and over >149.5 and >=200, in every spread.

    Of a group's sums: its clients' own ratios, even added up, are others.
    """
    churned = 30
    for filled in (0, 2):
        orders = max(1, filled)
        around = {(least + 1) * orders + step for least in (150, 200) for step in (-1, 0, 1)}
        fills = (Act("fill", filled),) if filled else ()
        for messages in sorted(around):
            ratio = Fraction(messages, orders) - 1
            acts = (Act("churn", churned), Act("rfq", messages - 2 * churned - filled), *fills)
            for spread in SPREADS:
                yield Story(
                    f"{messages} messages and {filled} filled orders, {SPREAD_TEXTS[spread]}",
                    "otr", level_of(ratio, 150, 200), ratio, ratio, acts, spread, "quiet",
                )  # fmt: skip


def _exempt_cancels() -> Iterator[Story]:
    """Yield honest twins of the frequent cancel, each under one exemption."""
    yield Story("a market maker with 5,000 cancels", "cancels", None, 0, 5000,
                (Act("churn", 5000),), maker=True)  # fmt: skip
    exempt = {
        "a hedger": Act("churn", 600, hedge="hedge"),
        "a FAK storm": Act("storm", 600, tif="fak"),
        "a FOK storm": Act("storm", 600, tif="fok"),
        "quotes": Act("churn", 600, order_type="quote"),
        "in the auction": Act("churn", 600, auction=True),
        "orders that expire": Act("leave", 600),
        "taken off by the exchange": Act("churn", 600, by="exchange"),
        "taken off to prevent self-trades": Act("churn", 600, by="self_match"),
        "taken off on a lost connection": Act("churn", 600, by="disconnect"),
    }
    for who, act in exempt.items():
        yield Story(f"600 cancels, {who}", "cancels", None, 0, 600, (act,))
        for own, level in ((399, None), (400, "yellow")):
            yield Story(f"600 cancels, {who}, and {own} that count", "cancels", level, own,
                        600 + own, (act, Act("churn", own)))  # fmt: skip
    yield Story("600 ordinary cancels on a contract with an order fee", "cancels", None, 0, 600,
                (Act("churn", 600),), place="fee")  # fmt: skip
    yield Story("600 ordinary cancels on a contract with an order fee, and 400 of FAK orders",
                "fee_cancels", "yellow", 400, 1000,
                (Act("churn", 600), Act("storm", 400, tif="fak")), place="fee")  # fmt: skip
    yield Story("500 cancels of FOK orders on a contract with an order fee", "fee_cancels", "red",
                500, 500, (Act("storm", 500, tif="fok"),), place="fee")  # fmt: skip
    yield Story("600 FAK cancels of a hedger on a contract with an order fee", "fee_cancels", None,
                0, 600, (Act("storm", 600, tif="fak", hedge="hedge"),), place="fee")  # fmt: skip
    yield Story("500 forced liquidations, which count", "cancels", "red", 500, 500,
                (Act("churn", 500, by="forced"),))  # fmt: skip
    yield Story("500 cancels of arbitrage orders, which count", "cancels", "red", 500, 500,
                (Act("churn", 500, hedge="arbitrage"),))  # fmt: skip


def _exempt_others() -> Iterator[Story]:
    """Yield honest twins of the other counts but self-trades."""
    yield Story("90 large cancels of a market maker", "large_cancels", None, 0, 90,
                (Act("churn", 90, LARGE),), maker=True)  # fmt: skip
    yield Story("90 large cancels of a hedger", "large_cancels", None, 0, 90,
                (Act("churn", 90, LARGE, hedge="hedge"),))  # fmt: skip
    yield Story("90 large orders that expire", "large_cancels", None, 0, 90,
                (Act("leave", 90, LARGE),))  # fmt: skip
    for tif in ("fak", "fok"):
        storm = Act("storm", 90, LARGE, tif=tif)
        yield Story(f"90 large {tif.upper()} orders that meet nothing", "large_cancels", None, 0,
                    90, (storm,))  # fmt: skip
        for own, level in ((39, None), (40, "yellow")):
            yield Story(f"90 large {tif.upper()} orders, and {own} cancels that count",
                        "large_cancels", level, own, 90 + own,
                        (storm, Act("churn", own, LARGE)))  # fmt: skip
    yield Story("90 FAK orders filled but for 300 lots or more", "large_cancels", None, 0, 90,
                (Act("sweep", 90, LARGE, tif="fak"),))  # fmt: skip
    yield Story("90 FAK orders of more than 299 lots, filled but for these", "large_cancels",
                None, 0, 0, (Act("sweep", 90, (299, 299), tif="fak"),))  # fmt: skip
    quiet = {
        "orders": Act("leave", 120),
        "messages": Act("rfq", 240),
        "filled_orders": Act("fill", 60, (1, 1)),
        "open_lots": Act("fill", 30, (20, 20), offset="open"),
        "otr": Act("rfq", 240),
    }
    for rule, act in quiet.items():
        gross: Number = {"open_lots": 600, "otr": 239}.get(rule, act.times)
        yield Story(f"{gross} {rule.replace('_', ' ')} of a market maker", rule, None, 0, gross,
                    (act,), place="quiet", maker=True)  # fmt: skip
        yield Story(f"{gross} {rule.replace('_', ' ')} of a hedger", rule, None, 0, gross,
                    (_hedged(act),), place="quiet")  # fmt: skip


def _hedged(act: Act) -> Act:
    return Act(act.kind, act.times, act.lots, hedge="hedge", offset=act.offset)


def _exempt_self_trades() -> Iterator[Story]:
    """Yield self-trades with an exempt order on one side, on both, and in the auction."""
    for spread in SPREADS:
        where = SPREAD_TEXTS[spread]
        yield Story(f"8 self-trades with a hedge coming in, {where}", "self_trades", None, 0, 8,
                    (Act("cross", 8, contra_hedge="hedge"),), spread)  # fmt: skip
        yield Story(f"8 self-trades with a hedge resting, {where}", "self_trades", None, 0, 8,
                    (Act("cross", 8, hedge="hedge"),), spread)  # fmt: skip
        yield Story(f"8 pairs of hedges, {where}", "self_trade_pairs", None, 0, 8,
                    (Act("cross", 8, hedge="hedge", contra_hedge="hedge"),), spread)  # fmt: skip
        yield Story(f"12 incoming hedges, {where}", "self_trade_orders", None, 0, 12,
                    (Act("cross", 12, contra_hedge="hedge"),), spread)  # fmt: skip
        yield Story(f"120 lots of self-trades with a hedge, {where}", "self_trade_lots", None, 0,
                    120, (Act("cross", 2, (60, 60), hedge="hedge"),), spread)  # fmt: skip
    for rule in ("self_trades", "self_trade_pairs", "self_trade_orders"):
        yield Story(f"12 {rule.replace('_', ' ')} of a market maker", rule, None, 0, 12,
                    (Act("cross", 12),), maker=True)  # fmt: skip
    yield Story("120 lots of self-trades of a market maker", "self_trade_lots", None, 0, 120,
                (Act("cross", 2, (60, 60)),), maker=True)  # fmt: skip
    yield Story("8 self-trades of a group in the auction", "self_trades", None, 0, 8,
                (Act("uncross", 8, (3, 3), auction=True),), "group", "quiet")  # fmt: skip
    yield Story("120 lots of self-trades of a group in the auction", "self_trade_lots", None, 0,
                120, (Act("uncross", 3, (40, 40), contract=1, auction=True),), "group",
                "quiet")  # fmt: skip


def _look_alikes() -> Iterator[Story]:
    """Yield what no exemption is needed for."""
    yield Story("12 trades of two clients that nothing links", "self_trades", None, 0, 0,
                (Act("cross", 12),), "strangers")  # fmt: skip
    yield Story("600 cancels over two contracts, 300 in each", "cancels", None, 300, 300,
                (Act("churn", 300), Act("churn", 300, contract=1)))  # fmt: skip
    yield Story("80 cancels of 299 lots", "large_cancels", None, 0, 0,
                (Act("churn", 80, (299, 299)),))  # fmt: skip
    yield Story("80 orders of 400 lots amended to 299, then taken off", "large_cancels", None, 0, 0,
                (Act("shrink", 80, (400, 400), then=299),))  # fmt: skip
    yield Story("80 orders of 400 lots amended to 300, then taken off", "large_cancels", "red", 80,
                80, (Act("shrink", 80, (400, 400), then=300),))  # fmt: skip


def _linked() -> Iterator[Story]:
    """Yield groups of other kinds than filed."""
    yield Story("600 cancels of two clients whose link has ended", "cancels", None, 300, 300,
                (Act("churn", 600),), "expired")  # fmt: skip
    yield Story("500 cancels of a determined group", "cancels", "red", 500, 500,
                (Act("churn", 500),), "determined")  # fmt: skip
    yield Story("600 cancels of a suspected group, yellow at most", "cancels", "yellow", 600, 600,
                (Act("churn", 600),), "suspected")  # fmt: skip
    yield Story("6 self-trades of a suspected group, yellow at most", "self_trades", "yellow", 6, 6,
                (Act("cross", 6),), "suspected")  # fmt: skip
    yield Story("1,500 cancels of a suspected group, each of its clients red alone", "cancels",
                "yellow", 1500, 1500, (Act("churn", 1500),), "suspected")  # fmt: skip
