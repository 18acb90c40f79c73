"""Filters to be shown: every word of them at work, and exemptions of self-trades side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial

from ... import schema
from ...plan import Filter
from ...rules.rule import OUTSIDE, Rule, assume_words, filter_sentence
from ..case import JUDGED
from ..events import Event
from ..outcome import Found
from .item import Item, Witness

Fits = Callable[[Event], bool]


def filter_items(rule: Rule) -> Iterator[Item]:
    """Yield what a rule counts alone, what it leaves out, and what it takes for granted."""
    for number, entry in enumerate(rule.only):
        for word, fits in _words(entry):
            values = {"filter": filter_sentence(entry), "word": word}
            yield Item("lets_through", partial(_lets_through, number, fits), values)
    if rule.only:
        yield Item("stops", lambda w: any(found.exempt.get(OUTSIDE) for found in w.results))
    for number, exemption in enumerate(rule.leave_out):
        for word, fits in _words(exemption.filter):
            yield Item(
                "exempts",
                partial(_exempts, number, fits),
                {"reason": exemption.reason, "word": word},
                {"reason": exemption.reason_zh},
            )
    if rule.count in schema.PAIR_COUNTS and _tells_sides_apart(rule):
        yield from _side_items(rule)
    for name, word in assume_words(rule).items():
        yield Item("takes_for_granted", partial(_grants, name), {"name": name, "word": word})


def _words(entry: Filter) -> Iterator[tuple[str, Fits]]:
    """Yield each word of a filter, and whether an event has it."""
    for name, codes in entry.codes.items():
        for code in sorted(codes):
            word = "yes" if code else "no"
            if name in schema.CODES:
                word = schema.word_of(name, code) or ""
            yield f"{name} {word}", partial(_has_code, name, code)
    for product in sorted(entry.products or ()):
        yield f"product {product}", partial(_is_of_product, product)
    if entry.order_fee is not None and not entry.codes:
        word = "yes" if entry.order_fee else "no"
        yield f"order_fee {word}", partial(_has_order_fee, entry.order_fee)


def _has_code(name: str, code: int, event: Event) -> bool:
    return schema.attribute_value(event.attributes, name) == code


def _is_of_product(product: str, event: Event) -> bool:
    return event.facts.product == product


def _has_order_fee(fee: bool, event: Event) -> bool:
    return event.facts.order_fee is fee


def _grants(name: str, witness: Witness) -> bool:
    """Whether a case that was judged has neither a column nor a word for it."""
    lacks = name in witness.case.without and name not in witness.case.assume
    return lacks and witness.seen.state == JUDGED


def _lets_through(number: int, fits: Fits, witness: Witness) -> bool:
    entry = witness.plan.only[number]
    return any(
        fits(event) and entry.fits(event.attributes, event.facts) for event in witness.events
    ) and any(found.gross > found.exempt.get(OUTSIDE, 0) for found in witness.results)


def _exempts(number: int, fits: Fits, witness: Witness) -> bool:
    reason = witness.rule.leave_out[number].reason
    return any(
        fits(event) and witness.reason(event) == number + 2 for event in witness.events
    ) and any(_has_exempt(reason, found, witness.rule.count) for found in witness.results)


def _has_exempt(reason: str, found: Found, count: str) -> bool:
    """Whether something was left out; what is observed or held tells no reasons."""
    if count in (*schema.OBSERVED_COUNTS, *schema.HELD_COUNTS):
        return found.gross > found.counted
    return bool(found.exempt.get(reason))


def _tells_sides_apart(rule: Rule) -> bool:
    return any(entry.codes for entry in (*rule.only, *(each.filter for each in rule.leave_out)))


def _side_items(rule: Rule) -> Iterator[Item]:
    """Yield which of a self-trade's two orders are exempt."""
    if rule.both:
        yield Item("one_side_counts", lambda w: _sides(w, {(True, False), (False, True)}, False))
        yield Item("both_sides_exempt", lambda w: _sides(w, {(True, True)}, True))
        return
    yield Item("incoming_exempt", lambda w: _sides(w, {(True, False)}, True))
    yield Item("resting_exempt", lambda w: _sides(w, {(False, True)}, True))


def _sides(witness: Witness, wanted: set[tuple[bool, bool]], exempt: bool) -> bool:
    """Whether orders of one subject that are so exempt, incoming and resting, traded."""
    lines: dict[int, list[Event]] = defaultdict(list)
    for event in witness.events:
        lines[event.line].append(event)
    met = any(
        len(sides) == 2
        and witness.subject_of(sides[0]) == witness.subject_of(sides[1])
        and (witness.reason(sides[0]) > 0, witness.reason(sides[1]) > 0) in wanted
        for sides in lines.values()
    )
    return met and any(found.exempt if exempt else found.counted for found in witness.results)
