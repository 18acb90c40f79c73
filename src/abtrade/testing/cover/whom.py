"""Scopes, products and groups to be shown: what is added up, for whom, and what is not judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from ...levels import scope_text
from ...rules.rule import Rule
from ..outcome import Found
from .item import Item, Witness


def whom_items(rule: Rule) -> Iterator[Item]:
    """Yield what a rule adds up, over contracts and linked accounts, and what it is not for."""
    yield Item(
        "apart" if rule.scope == "contract" else "added_up",
        _has_scopes_apart if rule.scope == "contract" else _adds_contracts,
        {"scope": rule.scope},
    )
    if rule.scope == "series" or (rule.scope == "product" and len(rule.products or "??") > 1):
        yield Item("scopes_apart", _has_scopes_apart, {"scope": rule.scope})
    yield Item("group", _merges)
    for product in sorted(rule.products or ()):
        yield Item("product", partial(_judges_product, product), {"product": product})
    if rule.products:
        yield Item("other_product", _passes_over_a_product)
    if rule.contracts is not None:
        yield Item("kind", _passes_over_a_kind, {"kind": rule.contracts})


def _has_scopes_apart(witness: Witness) -> bool:
    """Whether one subject has results in two scopes."""
    scopes = Counter((found.kind, found.subject) for found in witness.results)
    return any(n > 1 for n in scopes.values())


def _adds_contracts(witness: Witness) -> bool:
    """Whether one result is of amounts in two contracts."""
    return any(len(_contracts_of(witness, found)) > 1 for found in witness.results)


def _contracts_of(witness: Witness, found: Found) -> set[str]:
    assert witness.seen.rule is not None
    return {
        event.facts.contract
        for event in witness.events
        if witness.subject_of(event) == found.subject
        and witness.seen.rule.applies(event.facts)
        and scope_text(witness.rule.scope, event.facts) == found.scope
    }


def _merges(witness: Witness) -> bool:
    """Whether a group has a result to which two of its accounts contributed."""
    groups = {found.subject for found in witness.results if found.kind == "group"}
    accounts = {(witness.subject_of(event), event.account) for event in witness.events}
    members = Counter(subject for subject, _ in accounts if subject in groups)
    return any(n > 1 for n in members.values())


def _judges_product(product: str, witness: Witness) -> bool:
    judged = {contract for found in witness.results for contract in _contracts_of(witness, found)}
    return any(
        event.facts.product == product and event.facts.contract in judged
        for event in witness.events
    )


def _passes_over_a_product(witness: Witness) -> bool:
    """Whether something happened in another product of the exchange: the case would list it."""
    return any(
        event.facts.exchange == witness.rule.exchange
        and event.facts.product is not None
        and event.facts.product not in (witness.rule.products or ())
        for event in witness.events
    )


def _passes_over_a_kind(witness: Witness) -> bool:
    """Whether something happened in a contract of the products that is not of the kind."""
    assert witness.rule.contracts is not None
    return any(
        getattr(event.facts, witness.rule.contracts) is False
        and event.facts.product in (witness.rule.products or {event.facts.product})
        for event in witness.events
    )
