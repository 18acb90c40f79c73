"""Enough: whether what a scan wrote holds all that a rule asks, or why it takes a scan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Final, cast

from .. import schema
from ..job import NEEDED_COLUMNS
from ..market.contracts import ContractTable
from ..market.shipped_facts import ShippedFacts
from ..people import KINDS
from ..plan import PlanRule
from ..rules.compile import Compiled, compile_rules
from ..rules.packs import RuleSet
from ..rules.rule import Rule, filter_words
from .scanned import ScannedDay
from .versions import Version, Versions

MEASURED: Final = ("burst_occasions", "kernel")
"""Counts that the events alone tell, but whose figures ``results.parquet`` holds for everybody."""

FACTS: Final = ("product", "order_fee", "market_maker", *KINDS)
"""What tables beside the log tell."""


def needs_scan(rule: Rule) -> str | None:
    """Return why no output can answer for a rule, None where one may."""
    if rule.count in schema.STATISTICS:
        return (
            f"{rule.count} compares exact shares of what all did, and outputs hold rounded ones"
        )
    if rule.limit is not None or rule.count in schema.POSITION_COUNTS:
        return (
            f"levels of {rule.count} stand at parts of a limit, which outputs do not hold for "
            "everybody"
        )
    if rule.contracts is not None:
        return f"outputs do not tell which options are {rule.contracts.replace('_', ' ')}"
    return None


def compiled_for(rule: Rule, named: bool, day: ScannedDay) -> Compiled:
    """Return the plan of one rule for what the day's scan could read."""
    compiled = compile_rules(
        RuleSet((rule,), named, "", (rule.path,)),
        day.columns,
        have_market_makers=day.options["market_makers"] is not None,
        kernels=() if rule.kernel is None else (rule.kernel,),
        contracts=cast(ContractTable, _Contracts(rule, day)),
    )
    for each in compiled.plan.rules:
        compiled.assumed[each.id] += [
            f"{column} is {word}"
            for column, word in sorted(day.certificate["stated"].items())
            if column in each.attributes()
        ]
    return compiled


class _Contracts:
    """What the scan's tables of contracts told, as far as outputs have it."""

    def __init__(self, rule: Rule, day: ScannedDay) -> None:
        self._rule = rule
        self._day = day

    def tells(self, asked: Iterable[str], exchange: str | None) -> bool:
        """Whether they told one of some facts of a contract at an exchange, None: at any."""
        return any(self._tell(name, exchange) for name in asked)

    def _tell(self, name: str, exchange: str | None) -> bool:
        day = self._day
        if name == "order_fee" and name not in _asked(self._rule):
            return False
        known = any(
            getattr(facts, name, None) is not None
            for facts in day.roster.facts
            if exchange in (None, facts.exchange)
        )
        if known or shipped_facts(day.day).tell(name, exchange):
            return True
        if day.options["contracts"] is None:
            return False
        # A table was given that told it of no contract of the log; it may have told it of others.
        if name == "order_fee":
            return self._told_order_fee()
        if name == "max_order_lots":
            return any(column.endswith("max") for column in day.further_counts)
        return not set(schema.LIMIT_PRICE_COUNTS).isdisjoint(day.further_counts)

    def _told_order_fee(self) -> bool:
        """Whether the rule could ask for order fees, by what the scan said of it."""
        rule, day = self._rule, self._day
        if rule.id not in day.run["rules"]:
            raise day.problem(
                f"{rule.id} asks for order_fee, which no contract of the log has; whether the "
                "table of contracts told it of others is not in the outputs: scan that day again"
            )
        said = day.certificate
        told = [said["blind"].get(rule.id, ""), *said["assumed"].get(rule.id, ())]
        return not any("order_fee" in each for each in told)


@cache
def shipped_facts(day: date) -> ShippedFacts:
    """Return the facts of contracts that ship, as they stand on a day."""
    return ShippedFacts(day)


def check_enough(
    rule: Rule, plan_rule: PlanRule, version: Version, versions: Versions, day: ScannedDay
) -> None:
    """Raise InputError where the day's tables do not hold what a rule asks of them."""
    judged = {facts.exchange for facts in day.roster.facts if plan_rule.applies(facts)}
    for exchange in sorted(judged):
        mixed = sorted(plan_rule.attributes() - _kept_at(exchange, versions, day))
        if mixed:
            raise day.problem(
                f"{rule.id} asks for {', '.join(mixed)}, which that scan read and did not keep "
                f"apart at {exchange}: no rule of it asked; scan {day.day} again with this rule, "
                "or with --keep-attributes"
            )
    name = plan_rule.count_name
    if plan_rule.count not in (*schema.CELL_COUNTS, *schema.PAIR_COUNTS, *schema.RATIO_COUNTS) \
            and name not in day.further_counts and judged:  # fmt: skip
        held = [each for each in day.further_counts if each.startswith(plan_rule.count)]
        told = f"; they hold {', '.join(held)}" if held else ""
        raise day.problem(
            f"the cells do not hold {name}, which no rule of that scan counted{told}; scan "
            f"{day.day} again with this rule"
        )
    if day.options["columns"] == "needed" and not version.is_scanned:
        _check_unread(rule, versions, day)


def further(plan_rule: PlanRule) -> list[str]:
    """Return the column of cells that a rule's count stands in besides those of every cell."""
    usual = (*schema.CELL_COUNTS, *schema.PAIR_COUNTS, *schema.RATIO_COUNTS)
    return [] if plan_rule.count in usual else [plan_rule.count_name]


def _check_unread(rule: Rule, versions: Versions, day: ScannedDay) -> None:
    """Raise InputError where the log may have a column that the scan left unread."""
    asked = _asked(rule) - day.columns - NEEDED_COLUMNS - set(FACTS)
    scanned = [
        each for each in versions.rules_of(day) if day.run["rules"].get(each.id) == each.version
    ]
    unread = asked.difference(*map(_asked, scanned))
    if unread:
        raise day.problem(
            f"{rule.id} asks for {', '.join(sorted(unread))}, which that scan left unread, for it "
            f"read needed columns alone (--columns needed); scan {day.day} again with this rule"
        )


def _kept_at(exchange: str, versions: Versions, day: ScannedDay) -> frozenset[str]:
    """Return the attributes that cells surely keep apart at an exchange."""
    kept = day.kept
    if day.options["keep_attributes"] or len(day.exchanges) == 1:
        return kept
    seen = set(day.attributes_seen(exchange))
    for rule in versions.rules_of(day):
        is_there = bool(day.options["rules"]) or rule.exchange == exchange
        scanned = day.run["rules"].get(rule.id) == rule.version
        if is_there and scanned and rule.id not in day.certificate["blind"]:
            known = _known_at(exchange, day)
            applied = [e.filter for e in rule.leave_out if filter_words(e.filter).keys() <= known]
            seen |= set[str]().union(*(each.codes for each in (*rule.only, *applied)))
    return kept & seen


def _known_at(exchange: str, day: ScannedDay) -> set[str]:
    """Return what a filter may ask and is surely told at an exchange, by the log or a table."""
    known = {*day.columns, "product", *KINDS}
    if day.options["market_makers"] is not None:
        known.add("market_maker")
    fees = (facts.order_fee for facts in day.roster.facts if facts.exchange == exchange)
    if any(fee is not None for fee in fees):
        known.add("order_fee")
    return known


def _asked(rule: Rule) -> set[str]:
    """Return all that the filters of a rule ask, known or not."""
    filters = (*rule.only, *(entry.filter for entry in rule.leave_out))
    return set[str]().union(*(filter_words(each) for each in filters))
