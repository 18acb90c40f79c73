"""Events: what the lines of a case put before its rule, one for each kind of row they make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .. import schema
from ..plan import ContractFacts
from .case import MARKET, Case, Line
from .outcome import Seen

_ORDERS: Final = frozenset({"new"})
_CANCELS: Final = frozenset({"cancel"})
_FILLS: Final = frozenset({"fill"})
_MESSAGES: Final = frozenset({"new", "cancel", "amend", "rfq"})
_ALL: Final = _MESSAGES | _FILLS

COUNTED: Final = {
    **dict.fromkeys(("orders", "ordered_open_lots", "order_share", "order_deviation"), _ORDERS),
    **dict.fromkeys(("cancels", "large_cancels", "limit_price_cancels", "limit_price_cancel_lots",
                     "cancel_share", "cancel_deviation"), _CANCELS),
    **dict.fromkeys(("messages", "otr", "burst_occasions"), _MESSAGES),
    **dict.fromkeys(("filled_orders", "open_lots", "filled_lots", "volume_share",
                     "volume_deviation", *schema.PAIR_COUNTS, *schema.HELD_COUNTS), _FILLS),
}  # fmt: skip
"""Count -> the kinds of rows that it counts; others all."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that an order of a line did."""

    line: int  # index in the log
    what: str  # new, cancel, amend, rfq, fill
    account: str
    facts: ContractFacts
    attributes: int  # packed, see schema.ATTRIBUTE_BITS
    lots: int
    incoming: bool = True  # a fill: of the order that came in


def events_of(case: Case, seen: Seen, count: str) -> list[Event]:
    """Return the events of a case that a count counts, the market's left out."""
    counted = COUNTED.get(count, _ALL)
    facts = {each.contract: each for each in seen.contracts}
    return [
        event
        for at, line in enumerate(case.log)
        if line.contract in facts
        for event in _of_line(at, line, case, seen, facts[line.contract])
        if event.what in counted and event.account != MARKET
    ]


def _of_line(at: int, line: Line, case: Case, seen: Seen, facts: ContractFacts) -> Iterator[Event]:
    own = {"hedge": line.hedge, "tif": line.tif, "order_type": line.order_type}
    other = {"hedge": line.other_hedge, "tif": line.other_tif, "order_type": line.other_order_type}

    def event(what: str, account: str, words: dict[str, str], incoming: bool = True) -> Event:
        words = {**words, "phase": line.phase}
        attributes = _packed(words, account, case, seen, facts)
        return Event(at, what, account, facts, attributes, line.lots, incoming)

    if line.verb == "rfq":
        yield event("rfq", line.account, {})
    if line.verb in ("order", "cancel", "trade", "amend"):
        yield event("new", line.account, own)
    if line.verb == "cancel":
        yield event("cancel", line.account, {**own, "cancel_by": line.cancel_by})
    if line.verb == "amend":
        yield event("amend", line.account, own)
    if line.verb == "trade" or (line.verb == "cancel" and line.filled):
        yield event("fill", line.account, own)
    if line.verb == "trade":
        yield event("new", line.other, other, incoming=False)
        yield event("fill", line.other, other, incoming=False)


def _packed(
    words: dict[str, str], account: str, case: Case, seen: Seen, facts: ContractFacts
) -> int:
    """Return an event's attributes packed; 0 for those that the log lacks and nothing states."""
    attributes = 0
    for name, word in words.items():
        told = case.assume.get(name) if name in case.without else word
        if told is not None:
            attributes |= schema.code_words(name)[told] << schema.ATTRIBUTE_BITS[name][0]
    if facts.product is not None and (account, facts.product) in seen.market_makers:
        attributes |= 1 << schema.ATTRIBUTE_BITS["market_maker"][0]
    return attributes
