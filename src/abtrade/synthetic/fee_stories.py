"""Stories of order fees: messages at the edge of a bracket and of the order-to-trade ratio.

What they are planted under is the rule on messages; the fee stands beside it, in yuan.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from .story import SPREAD_TEXTS, SPREADS, Act, Story, level_of

BRACKETS: Final = (
    (99, "0", "0"), (100, "0", "0"), (101, "0.25", "0.5"),
    (199, "24.75", "49.5"), (200, "25", "50"), (201, "26.25", "52.5"),
)  # fmt: skip
"""Messages, and what they cost by the cheaper rates and by the dearer ones."""


def fee_stories() -> list[Story]:
    """Return messages that cost something, nearly something, and nothing."""
    return [*_brackets(), *_ratios(), *_by_the_contract(), *_people(), *_messages_of_kinds()]


def _brackets() -> Iterator[Story]:
    """Yield one under, at and over each bracket, by either rates, spread in every way."""
    for number, cheap, dear in BRACKETS:
        for spread in SPREADS:
            filled = -(-number // 3)
            yield _story(f"{number} messages, {filled} orders filled, {SPREAD_TEXTS[spread]}",
                         number, cheap, _sent(number, filled), spread=spread)  # fmt: skip
            yield _story(f"{number} messages, none filled, {SPREAD_TEXTS[spread]}", number, dear,
                         _sent(number, 0), spread=spread)  # fmt: skip


def _ratios() -> Iterator[Story]:
    """Yield ratios just under 2, of 2, and just above it."""
    for number, pays in ((149, "12.25"), (150, "12.5"), (151, "25.5")):
        for spread in SPREADS:
            yield _story(f"{number} messages for 50 filled orders, {SPREAD_TEXTS[spread]}", number,
                         pays, _sent(number, 50), spread=spread)  # fmt: skip
    yield _story("150 messages for 49 filled orders", 150, "25", _sent(150, 49))


def _by_the_contract() -> Iterator[Story]:
    """Yield what other brackets are for: of one contract by name, of all futures, of none."""
    named = ((150, 0, "3"), (151, 0, "3.654321"), (151, 1, "1.623457"), (301, 1, "20.142007"),
             (302, 1, "102.456792"))  # fmt: skip
    for number, filled, pays in named:
        acts = (Act("rfq", number - filled, contract=1), Act("fill", filled, contract=1))
        yield _story(f"{number} messages, {filled} filled, in a contract with brackets of its own",
                     number, pays, acts)  # fmt: skip
    yield _story("90 messages in each of two contracts, whose brackets do not add up", 180, "0",
                 (Act("rfq", 90), Act("rfq", 90, contract=1)))  # fmt: skip
    yield _story("40 messages where all futures pay one yuan each", 0, "40", (Act("rfq", 40),),
                 place="fee")  # fmt: skip
    yield _story("600 messages in a contract without an order fee", 0, "0", (Act("rfq", 600),),
                 place="plain")  # fmt: skip


def _people() -> Iterator[Story]:
    """Yield who pays together, who apart, and who nothing."""
    for spread, text in (("determined", "of a determined group"),
                         ("suspected", "of a suspected group, 80 of each client")):  # fmt: skip
        level = "red" if spread == "determined" else "yellow"
        yield _story(f"240 messages {text}", 240, "150", (Act("rfq", 240),), spread=spread,
                     level=level)  # fmt: skip
    yield _story("450 messages of a suspected group, 150 of each client", 450, "675",
                 (Act("rfq", 450),), spread="suspected", level="yellow")  # fmt: skip
    for spread, text in (("expired", "whose link has ended"), ("strangers", "that are strangers")):
        yield _story(f"120 messages of each of two clients {text}", 120, "10", (Act("rfq", 240),),
                     spread=spread)  # fmt: skip
    yield _story("500 messages of a market maker", 500, "0", _sent(500, 0), maker=True, counted=0)
    yield _story("120 messages of two clients, and 160 of a market maker of their group", 280, "10",
                 (Act("rfq", 180), Act("fill", 100, hands=1)), spread="group", maker=True,
                 counted=120)  # fmt: skip
    yield _story("150 messages of a hedger", 150, "25", (Act("rfq", 150, hedge="hedge"),),
                 counted=0)  # fmt: skip


def _messages_of_kinds() -> Iterator[Story]:
    """Yield orders that end in several ways, each of so many messages."""
    for text, number, pays, act in (
        ("100 FAK orders that meet nothing", 200, "50", Act("storm", 100, tif="fak")),
        ("100 FAK orders filled in part", 200, "25", Act("sweep", 100, tif="fak")),
        ("150 orders that expire", 150, "25", Act("leave", 150)),
        ("150 orders taken off by the exchange", 150, "25", Act("churn", 150, by="exchange")),
        ("50 orders amended and taken off", 150, "25", Act("shrink", 50, (20, 30), then=10)),
    ):
        yield _story(text, number, pays, (act,))


def _sent(messages: int, filled: int) -> tuple[Act, ...]:
    """Return so many messages, some of orders that are filled and some of orders taken off."""
    taken_off = min(10, (messages - filled) // 2)
    return (Act("churn", taken_off), Act("rfq", messages - filled - 2 * taken_off),
            Act("fill", filled))  # fmt: skip


def _story(text: str, messages: int, pays: str, acts: tuple[Act, ...], **given: Any) -> Story:
    """Return a story of messages, all of which count and reach what they do unless told."""
    counted = given.pop("counted", messages)
    level = given.pop("level", level_of(counted, 160, 200))
    place = given.pop("place", "quiet")
    return Story(text, "messages", level, counted, messages, acts, place=place, fee=Decimal(pays),
                 **given)  # fmt: skip
