"""Levels to be shown: each reached by just enough, and missed by the least."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from typing import Final

from ... import schema
from ...rules.rule import Rule
from ..compare import is_meant
from ..outcome import Found
from .item import Item, Witness

NEAR: Final = Fraction(1, 10)
"""How near a figure with decimals has to come to a level, as a part of it."""


def level_items(rule: Rule) -> Iterator[Item]:
    """Yield the levels of a rule, and the size that makes a cancel large."""
    for at, level in enumerate(schema.LEVELS):
        if (rule.yellow, rule.red)[at] is not None:
            yield Item("reached", partial(_is_reached, at), {"level": level})
            yield Item("missed", partial(_is_missed, at), {"level": level})
    if rule.large is not None:
        values = {"size": rule.large.name}
        yield Item("large", partial(_has_cancel_of, 0), values)
        yield Item("below_large", partial(_has_cancel_of, -1), values)


def _is_reached(at: int, witness: Witness) -> bool:
    return any(
        _reaches(witness.rule, found, at) or _tips(witness, found, at) for found in witness.results
    )


def _is_missed(at: int, witness: Witness) -> bool:
    return any(_misses(witness.rule, found, at) for found in witness.results)


def _reaches(rule: Rule, found: Found, at: int) -> bool:
    """Whether a result reaches a level, and by one less would not."""
    if found.level is None or schema.LEVELS.index(found.level) < at:
        return False
    if rule.count in schema.FIGURES:
        number = _number(rule, at)
        return number <= Fraction(found.counted) <= number + _near(number)
    return found.counted == found.levels[at]


def _tips(witness: Witness, found: Found, at: int) -> bool:
    """Whether a case says which event brings a result to a level, and it brings no more."""
    level = schema.LEVELS[at]
    if found.tipped_at.get(level) != found.levels[at] or isinstance(witness.case.expect, str):
        return False
    return any(
        is_meant(expected, found) and getattr(expected, level) is not None
        for expected in witness.case.expect
    )


def _misses(rule: Rule, found: Found, at: int) -> bool:
    """Whether a result does not reach a level, and by one more would."""
    if found.level is not None and schema.LEVELS.index(found.level) >= at:
        return False
    if rule.count in schema.FIGURES:
        number = _number(rule, at)
        return number - _near(number) <= Fraction(found.counted) <= number
    return found.levels[at] > 0 and found.counted == found.levels[at] - 1


def _number(rule: Rule, at: int) -> Fraction:
    level = (rule.yellow, rule.red)[at]
    assert level is not None
    return level.number


def _near(number: Fraction) -> Fraction:
    return NEAR * max(abs(number), Fraction(1))


def _has_cancel_of(more: int, witness: Witness) -> bool:
    """Whether a cancel that is not exempt takes off so many lots more than make it large."""
    assert witness.rule.large is not None
    for event in witness.events:
        at = witness.rule.large.at(event.facts.max_order_lots)
        if at is not None and event.lots == at + more and witness.reason(event) == 0:
            return True
    return False
