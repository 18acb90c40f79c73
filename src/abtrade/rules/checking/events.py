"""Events as filters tell them apart: one of each kind, so that what rules count can be compared.

Words of an attribute that no filter tells apart are one; so there are few kinds, and asking of each
decides exactly what no number of examples could.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Any, Final

from ... import schema
from ...plan import ContractFacts, Filter, PlanRule
from ..rule import Rule

CANCELS: Final = ("cancels", "large_cancels", "limit_price_cancels", "limit_price_cancel_lots")
"""Counts of which every event is a cancel."""
COUNTED: Final = 0
"""The reason of an event that counts; that of the first exemption is FIRST_EXEMPTION."""
FIRST_EXEMPTION: Final = 2

Event = tuple[int, ContractFacts]
"""Packed attributes, and what is known of the contract."""

_OTHER: Final = "(any other)"
"""A product that nothing names."""


def reason(
    rule: Rule,
    event: Event,
    *,
    only: Sequence[Filter] | None = None,
    leave_out: Sequence[Filter] | None = None,
) -> int:
    """Return why an event in one of the rule's products is exempt, COUNTED where it is not.

    only, leave_out : filters in place of the rule's own
    """
    entries = [entry.filter for entry in rule.leave_out] if leave_out is None else leave_out
    plain = PlanRule(
        0, rule.id, rule.count, rule.scope,
        only=tuple(rule.only if only is None else only), leave_out=tuple(entries),
    )  # fmt: skip
    return plain.reason(*event)


def judges(rule: Rule, event: Event) -> bool:
    """Whether an event is in one of the rule's products."""
    return rule.products is None or event[1].product in rule.products


def events(*rules: Rule, blanks: bool = True) -> Iterator[Event]:
    """Yield an event of each kind that these rules, of one count, tell apart.

    blanks : those of which the log, or a table, leaves blank what is asked among them
    """
    filters = [
        entry
        for rule in rules
        for entry in (*rule.only, *(each.filter for each in rule.leave_out))
    ]
    names = dict.fromkeys(name for entry in filters for name in entry.codes)
    axes = [
        [code << schema.ATTRIBUTE_BITS[name][0] for code in _codes(name, rules[0].count, filters)]
        + (_blank(name) if blanks else [])
        for name in names
    ]
    for facts in _contracts(rules, filters, blanks=blanks):
        for codes in product(*axes):
            yield sum(codes), facts


def _codes(name: str, count: str, filters: Sequence[Filter]) -> list[int]:
    """Return a code of each kind that the filters tell apart; 0 is no cancel."""
    if name == "market_maker":
        return [0, 1]
    codes = sorted(schema.code_words(name).values())
    if name == "cancel_by" and count not in CANCELS:
        codes = [0, *codes]
    return _kinds(codes, [entry.codes[name] for entry in filters if name in entry.codes])


def _blank(name: str) -> list[int]:
    """Return what stands for an attribute that the log leaves blank."""
    if name == "market_maker":
        return []
    code = schema.CancelBy.UNNAMED if name == "cancel_by" else 0
    return [code << schema.ATTRIBUTE_BITS[name][0]]


def _contracts(
    rules: Sequence[Rule], filters: Sequence[Filter], *, blanks: bool
) -> Iterator[ContractFacts]:
    """Yield a contract of each kind that the rules tell apart."""
    asked = (*(rule.products for rule in rules), *(entry.products for entry in filters))
    sets = [products for products in asked if products is not None]
    named: list[str | None] = [*_kinds([*sorted(frozenset[str]().union(*sets)), _OTHER], sets)]
    fees: list[bool | None] = [None]
    if any(entry.order_fee is not None for entry in filters):
        fees = [True, False, *([None] if blanks else [])]
    for name, fee in product(named + ([None] if blanks else []), fees):
        yield ContractFacts(rules[0].exchange, "", product=name, order_fee=fee)


def _kinds(values: Iterable[Any], sets: Sequence[frozenset[Any]]) -> list[Any]:
    """Return one of each kind of values that the sets tell apart."""
    found = {tuple(value in accepted for accepted in sets): value for value in values}
    return list(found.values())
