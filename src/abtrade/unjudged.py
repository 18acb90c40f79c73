"""Contracts that a rule is for and does not judge: no limit is known, or not what kind they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from . import schema
from .market.limits import Limits
from .plan import ContractFacts, Plan, PlanRule

WHY: Final = ("no_position_limit", "no_opening_limit", "no_limit_prices", "kind_unknown",
                    "no_order_size", "no_order_fee")


def unjudged(
    plan: Plan, held: Sequence[ContractFacts], limits: Limits | None
) -> dict[str, dict[str, list[str]]]:
    """Return rule -> contracts, as `EXCHANGE:contract`, under the reason why it is silent on them.

    held : the contracts of the log; rules of the plan alone are asked, for a blind rule judges none

    ``no_position_limit``, ``no_opening_limit``: no limit is known there, for anybody.
    ``no_limit_prices``: the rule is on cancels at limit prices, and nothing tells them.
    ``no_order_size``: what is large goes by a maximum order size, and none is known.
    ``no_order_fee``: what counts hangs on whether there is an order fee, and that is not known.
    ``kind_unknown``: the rule is for options of a kind, and nothing tells whether these are.
    """
    found: dict[str, dict[str, list[str]]] = {why: {} for why in WHY}
    for rule in sorted(plan.rules, key=lambda rule: rule.id):
        for facts in sorted(held, key=lambda facts: (facts.exchange, facts.contract)):
            why = _why(rule, facts, limits) if rule.is_for(facts) else None
            if why is not None:
                name = f"{facts.exchange}:{facts.contract}"
                found[why].setdefault(rule.id, []).append(name)
    return found


def _why(rule: PlanRule, facts: ContractFacts, limits: Limits | None) -> str | None:
    """Return why a rule does not judge a contract of its exchange and products."""
    if rule.contracts is not None and not getattr(facts, rule.contracts):
        unknown = facts.kind in (None, "option") and getattr(facts, rule.contracts) is None
        return "kind_unknown" if unknown else None
    if rule.count in schema.LIMIT_PRICE_COUNTS and facts.limit_prices() == (None, None):
        return "no_limit_prices"
    if rule.large is not None and rule.large.at(facts.max_order_lots) is None:
        return "no_order_size"
    if rule.lacks_order_fee(facts):
        return "no_order_fee"
    return None if rule.limit is None else _why_limited(rule, rule.limit, facts, limits)


def _why_limited(
    rule: PlanRule, limit: str, facts: ContractFacts, limits: Limits | None
) -> str | None:
    if rule.count not in schema.POSITION_COUNTS:
        return None if rule.applies(facts) else "no_opening_limit"
    known = limits is not None and limits.speaks_of(limit, rule.scope, facts)
    return None if known else "no_position_limit"
