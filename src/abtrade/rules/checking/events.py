"""Events as filters tell them apart: one of each kind, so that what a rule counts can be compared.

Words of an attribute that no filter tells apart are one; so there are few kinds, and asking of each
decides exactly what no number of examples could.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from ... import schema
from ...plan import Filter
from ..rule import Rule

CANCELS: Final = ("cancels", "large_cancels", "limit_price_cancels", "limit_price_cancel_lots")
"""Counts of which every event is a cancel."""
OTHER: Final = "(any other)"
"""A product that nothing names."""

Event = dict[str, Any]
"""Attribute or fact -> a code, a product, true or false; None where the log leaves it blank."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter as what it accepts, by attribute or fact."""

    accepts: dict[str, frozenset[Any]]

    def fits(self, event: Event, *, null_fits: bool) -> bool:
        """Whether an event fits; ``null_fits``: what is blank does."""
        return all(
            (null_fits if event[name] is None else event[name] in accepted)
            for name, accepted in self.accepts.items()
        )


def asked(entry: Filter) -> Asked:
    """Return what a filter accepts."""
    accepts: dict[str, frozenset[Any]] = dict(entry.codes)
    if entry.products is not None:
        accepts["product"] = entry.products
    if entry.order_fee is not None:
        accepts["order_fee"] = frozenset({entry.order_fee})
    return Asked(accepts)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a rule lets through and what it leaves out."""

    products: frozenset[str] | None
    only: tuple[Asked, ...]
    leave_out: tuple[Asked, ...]

    def lets_through(self, event: Event) -> bool:
        """Whether an event is of the rule's contracts, and one that ``only`` names."""
        if self.products is not None and event["product"] not in self.products:
            return False
        return not self.only or any(entry.fits(event, null_fits=True) for entry in self.only)

    def exemption(self, event: Event) -> int | None:
        """Return which entry of ``leave_out`` is the first that an event fits."""
        for index, entry in enumerate(self.leave_out):
            if entry.fits(event, null_fits=False):
                return index
        return None

    def counts(self, event: Event) -> bool:
        """Whether an event is counted."""
        return self.lets_through(event) and self.exemption(event) is None


def filters_of(rule: Rule) -> Filters:
    """Return the filters of a rule."""
    return Filters(
        rule.products,
        tuple(asked(entry) for entry in rule.only),
        tuple(asked(entry.filter) for entry in rule.leave_out),
    )


def events(*rules: Rule, blanks: bool = True) -> Iterator[Event]:
    """Yield one event of each kind that filters of these rules, of one count, tell apart.

    blanks : those with attributes that the log leaves blank among them
    """
    of_rules = [filters_of(rule) for rule in rules]
    entries = [entry for found in of_rules for entry in (*found.only, *found.leave_out)]
    sets: dict[str, list[frozenset[Any]]] = {"product": []}
    for entry in entries:
        for name, accepted in entry.accepts.items():
            sets.setdefault(name, []).append(accepted)
    sets["product"] += [found.products for found in of_rules if found.products is not None]
    axes = {name: [*_kinds(_values(name, rules[0].count, said), said)]
            for name, said in sets.items()}  # fmt: skip
    for name, values in axes.items():
        if blanks and name != "market_maker":
            values.append(None)
    for found in product(*axes.values()):
        yield dict(zip(axes, found, strict=True))


def _values(name: str, count: str, sets: Iterable[frozenset[Any]]) -> list[Any]:
    """Return all that an attribute or a fact may be."""
    if name == "product":
        return [*sorted(frozenset[str]().union(*sets)), OTHER]
    if name in ("order_fee", "market_maker"):
        return [False, True] if name == "order_fee" else [0, 1]
    codes = sorted(schema.code_words(name).values())
    return [0, *codes] if name == "cancel_by" and count not in CANCELS else codes


def _kinds(values: Iterable[Any], sets: list[frozenset[Any]]) -> Iterator[Any]:
    """Yield one of each kind of values that the sets tell apart."""
    seen: set[tuple[bool, ...]] = set()
    for value in values:
        kind = tuple(value in accepted for accepted in sets)
        if kind not in seen:
            seen.add(kind)
            yield value
