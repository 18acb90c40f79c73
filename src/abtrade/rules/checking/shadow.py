"""Shadowed rules: one that never says what another does not say too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import permutations
from typing import Final

from ... import schema
from ..lint import reach
from ..rule import Level, Rule
from .events import COUNTED, events, judges, reason
from .finding import Finding, finding
from .rule_file import RuleFile

_WIDTH: Final = {"contract": 0, "series": 1, "product": 2, "exchange": 3}
_EXACT: Final = (*schema.FIGURES, *schema.POSITION_COUNTS, "burst_occasions")
"""Counts that are no sums of events: counting more does not always make them greater."""
_SURENESS: Final = {"unverified": 0, "secondary": 1, "verified": 1}
"""Whether a status lets a rule speak by itself."""


def check_shadows(files: Sequence[RuleFile]) -> Iterator[Finding]:
    """Yield the rules in whose place another always speaks (R004).

    Of two that say the same the one told is the later by id.
    """
    told: set[str] = set()
    in_order = sorted(files, key=lambda each: each.rule.id, reverse=True)
    for one, other in permutations(in_order, 2):
        if other.rule.path in told or one.rule.path in told:
            continue
        if _shadows(other.rule, one.rule):
            told.add(one.rule.path)
            yield finding("R004", one, ("scope",), other=other.rule.id, path=other.rule.path)


def _shadows(wide: Rule, rule: Rule) -> bool:
    """Whether ``wide`` gives at least the level of ``rule`` wherever that gives one."""
    return (
        wide.id != rule.id
        and (wide.exchange, wide.count) == (rule.exchange, rule.count)
        and _lasts(wide, rule)
        and _same_measure(wide, rule)
        and _SURENESS[wide.status] >= _SURENESS[rule.status]
        and _wide_enough(wide, rule)
        and _levels_reached(wide, rule)
        and _counts_all(wide, rule)
    )


def _lasts(wide: Rule, rule: Rule) -> bool:
    return wide.from_day <= rule.from_day and (wide.to_day or date.max) >= (
        rule.to_day or date.max
    )


def _same_measure(wide: Rule, rule: Rule) -> bool:
    """Whether one number of both means the same."""
    return (
        (wide.burst_messages, wide.burst_window, wide.kernel, wide.limit, wide.quotas)
        == (rule.burst_messages, rule.burst_window, rule.kernel, rule.limit, rule.quotas)
        and wide.both == rule.both
        and wide.assume == rule.assume
        and _as_small(wide, rule)
    )


def _as_small(wide: Rule, rule: Rule) -> bool:
    """Whether what is large to ``rule`` is so to ``wide``."""
    one, other = wide.large, rule.large
    if one is None or other is None or one.of_max or other.of_max:
        return one == other
    return one.lots <= other.lots


def _wide_enough(wide: Rule, rule: Rule) -> bool:
    """Whether each scope of ``rule`` is within one of ``wide``, with all its contracts."""
    if wide.contracts not in (None, rule.contracts):
        return False
    exact = rule.count in _EXACT or rule.limit is not None
    if exact:
        return (wide.scope, wide.contracts) == (rule.scope, rule.contracts) and (
            wide.products == rule.products or rule.scope != "exchange"
        )
    # a series has options alone: the rule of series says nothing of a contract without one
    return wide.scope == rule.scope or (
        wide.scope != "series" and _WIDTH[wide.scope] > _WIDTH[rule.scope]
    )


def _levels_reached(wide: Rule, rule: Rule) -> bool:
    """Whether ``wide`` is red wherever ``rule`` is, and yellow or red wherever it is yellow."""
    limited = rule.limit is not None

    def at(level: Level) -> tuple[Fraction, bool]:
        return reach(level, rule.count, limited=limited)

    if rule.red is not None and (wide.red is None or at(wide.red) > at(rule.red)):
        return False
    least = min((at(each) for each in (wide.yellow, wide.red) if each), default=None)
    return rule.yellow is None or (least is not None and least <= at(rule.yellow))


def _counts_all(wide: Rule, rule: Rule) -> bool:
    """Whether ``wide`` counts each event that ``rule`` does; where that matters, no other."""
    for event in events(wide, rule):
        if not judges(rule, event):
            continue
        in_rule = reason(rule, event) == COUNTED
        in_wide = judges(wide, event) and reason(wide, event) == COUNTED
        if in_rule != in_wide and (in_rule or rule.count in _EXACT):
            return False
    return True
