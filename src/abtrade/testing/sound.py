"""Whether a rule that was changed is still one that the checks on rule files let pass."""

from __future__ import annotations

from .. import schema
from ..rules.lint import CANCEL_BY_COUNTS, OF_ORDERS, reach, unfit
from ..rules.rule import Level, Rule


def is_sound(rule: Rule) -> bool:
    """Whether the checks on rule files would let the rule pass, as far as a mutation can fail them.

    It was sound before it was changed in one way.
    """
    return (
        _levels_are_sound(rule)
        and (rule.to_day is None or rule.from_day <= rule.to_day)
        and (rule.large_lots is None or rule.large_lots >= 1)
        and (rule.burst_messages is None or rule.burst_messages > 1)
        and (rule.large_of_max is None or _is_part(rule.large_of_max))
        and rule.scope in _scopes_of(rule)
        and not any(name in _unasked_of(rule.count) for name in _asked(rule))
    )


def _levels_are_sound(rule: Rule) -> bool:
    limited = rule.limit is not None
    levels = [level for level in (rule.yellow, rule.red) if level is not None]
    if not levels or any(unfit(level, rule.count, limited=limited) for level in levels):
        return False
    reached = [reach(level, rule.count, limited=limited) for level in levels]
    return levels[0].number >= 0 and reached == sorted(set(reached))


def _is_part(size: Level) -> bool:
    return 0 < size.number < 1 or (size.number == 1 and size.op == "gte")


def _scopes_of(rule: Rule) -> tuple[str, ...]:
    if rule.count in schema.STATISTICS:
        return schema.STATISTIC_SCOPES
    if rule.count == "burst_occasions":
        return ("exchange",)
    return tuple(each for each in schema.SCOPES if rule.limit is None or each != "exchange")


def _unasked_of(count: str) -> set[str]:
    """Return the attributes that no filter of a rule on this count may ask."""
    unasked = set() if count in CANCEL_BY_COUNTS else {"cancel_by"}
    return unasked | set(OF_ORDERS if count in schema.POSITION_COUNTS else ())


def _asked(rule: Rule) -> set[str]:
    filters = (*rule.only, *(entry.filter for entry in rule.leave_out))
    return {name for entry in filters for name in entry.codes}
