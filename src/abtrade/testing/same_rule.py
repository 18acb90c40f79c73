"""Whether two rules ask the same of every log, however they say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from ..batch import Int64
from ..plan import ContractFacts, Filter, PlanRule
from ..rules.lint import reach
from ..rules.rule import Level, Rule

_COUNTED, _OUTSIDE, _FIRST_REASON = range(3)
"""What may come of an event; codes of reasons follow."""


def what_it_asks(rule: Rule) -> str:
    """Return what is the same for rules that say the same, be it as ``> 499`` or ``>= 500``."""
    yellow, red = _plainest(rule.yellow, rule), _plainest(rule.red, rule)
    return replace(rule, yellow=yellow, red=red).version


def _plainest(level: Level | None, rule: Rule) -> Level | None:
    if level is None:
        return None
    number, above = reach(level, rule.count, limited=rule.limit is not None)
    return Level("gt" if above else "gte", number)


def same_reasons(rule: Rule, other: Rule) -> bool:
    """Whether both rules count, or leave out for the same reason, whatever happens anywhere.

    The two differ in their filters alone, ``other`` has no reason that ``rule`` has not. How much
    of what counts is told as unknown is not asked.
    """
    codes = {entry.reason: code for code, entry in enumerate(rule.leave_out, start=_FIRST_REASON)}
    return all(
        np.array_equal(_reasons(rule, facts, codes), _reasons(other, facts, codes))
        for facts in _contracts(rule)
    )


def _reasons(rule: Rule, facts: ContractFacts, codes: dict[str, int]) -> Int64:
    """Return what comes of every combination of attributes: (65536,), the code of the reason."""
    left_out = tuple(entry.filter for entry in rule.leave_out)
    plain = PlanRule(0, rule.id, rule.count, rule.scope, only=rule.only, leave_out=left_out)
    own = [_COUNTED, _OUTSIDE, *(codes[entry.reason] for entry in rule.leave_out)]
    return np.array(own)[plain.reason_table(facts)]


def _contracts(rule: Rule) -> Iterator[ContractFacts]:
    """Yield contracts of every kind that the rule's filters tell apart."""
    filters: tuple[Filter, ...] = (*rule.only, *(entry.filter for entry in rule.leave_out))
    asks_fee = any(entry.order_fee is not None for entry in filters)
    named = {name for entry in filters for name in entry.products or ()}
    products = (*sorted(named), "", None) if named else (None,)
    for name, fee in product(products, (True, False, None) if asks_fee else (None,)):
        yield ContractFacts(rule.exchange, "", product=name, order_fee=fee)
