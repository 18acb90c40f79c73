"""Checks on what a rule says, beyond the form it is written in.

Each check reads what could be read of the rule and says nothing of the rest: a part that is wrong
in form has its problem already.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from .. import schema
from .document import Page, printable, quoted
from .kinds import Item, words
from .rule import OUTSIDE, Level

CANCEL_BY_COUNTS: Final = (
    "cancels", "large_cancels", "messages", "limit_price_cancels", "limit_price_cancel_lots",
    "burst_occasions", "kernel",
)  # fmt: skip
"""Counts in which it matters who took an order off."""

OF_ORDERS: Final = ("tif", "order_type", "phase")
"""Attributes of orders that holdings do not have."""

LIMITED: Final = (*schema.POSITION_COUNTS, "open_lots", "ordered_open_lots")
PARAMETERS: Final[dict[str, tuple[tuple[str, ...], bool]]] = {
    "large_lots": (("large_cancels",), False),
    "large_of_max": (("large_cancels",), False),
    "burst_messages": (("burst_occasions",), True),
    "burst_window": (("burst_occasions",), False),
    "kernel": (("kernel",), True),
    "limit": (LIMITED, False),
    "quotas": (schema.POSITION_COUNTS, False),
}
"""Parameter -> the counts that it is for, and whether they need it."""


def lint(rule: Item, page: Page) -> None:
    """Put every problem of a rule on its page."""
    for check in CHECKS:
        check(rule, page)


def check_days(rule: Item, page: Page) -> None:
    """A rule ends on or after the day it begins."""
    first, last = _value(rule, "from"), _value(rule, "to")
    if first and last and first > last:
        page.problem(rule.value["to"].place, f"to {last} is before from {first}")


def check_status(rule: Item, page: Page) -> None:
    """What was seen in a secondary page alone is not verified."""
    if _value(rule, "status") == "verified" and _value(rule, "source", "seen") == "secondary":
        message = "status verified needs a text seen official or reprint, found seen: secondary"
        page.problem(rule.value["status"].place, message)


def check_parameters(rule: Item, page: Page) -> None:
    """A parameter stands with the count it is for, and that count has it."""
    count = _value(rule, "count")
    if count is None:
        return
    for name, (counts, needed) in PARAMETERS.items():
        if name in rule.value and count not in counts:
            message = f"{name} is for {words(counts)}, found count {count}"
            page.problem(rule.value[name].place, message)
        if needed and name not in rule.value and count in counts:
            page.problem(rule.value["count"].place, f"the count {count} needs {name}")


def check_size(rule: Item, page: Page) -> None:
    """Large cancels have one size: lots, or a part of the maximum order size."""
    if _value(rule, "count") == "large_cancels":
        given = [name for name in ("large_lots", "large_of_max") if name in rule.value]
        if not given:
            message = "the count large_cancels needs large_lots or large_of_max"
            page.problem(rule.value["count"].place, message)
        elif len(given) > 1:
            message = "large_lots and large_of_max are two sizes: expected one"
            page.problem(rule.value["large_of_max"].place, message)
    size = _level(rule, "large_of_max")
    if size is not None and (not 0 < size.number <= 1 or (size.op == "gt" and size.number == 1)):
        message = f"{size.written} of the maximum order size: expected a part such as 0.8"
        page.problem(rule.value["large_of_max"].value[size.op].place, message)


def check_assume(rule: Item, page: Page) -> None:
    """Only what some filter asks is taken for granted."""
    asked = {name for entry in _filters(rule) for name in entry.value}
    for name in _value(rule, "assume") or ():
        if name not in asked:
            message = f"no filter asks {name}: there is nothing to take for granted"
            page.problem(rule.value["assume"].value[name].place, message)


def check_scope(rule: Item, page: Page) -> None:
    """Bursts are of an exchange: its contracts together."""
    scope = _value(rule, "scope")
    if _value(rule, "count") == "burst_occasions" and scope not in (None, "exchange"):
        message = "burst_occasions are over all contracts of an exchange: expected scope exchange"
        page.problem(rule.value["scope"].place, message)


def check_limit_scope(rule: Item, page: Page) -> None:
    """No limit is of a whole exchange."""
    if "limit" in rule.value and _value(rule, "scope") == "exchange":
        message = "limits are of a contract, a series or a product: found scope exchange"
        page.problem(rule.value["scope"].place, message)


def check_statistics(rule: Item, page: Page) -> None:
    """A figure that only compares gives at most yellow, and is of a contract or a product."""
    count = _value(rule, "count")
    if count not in schema.STATISTICS:
        return
    scope = _value(rule, "scope")
    if scope is not None and scope not in schema.STATISTIC_SCOPES:
        message = f"{count} is compared in a scope {words(schema.STATISTIC_SCOPES)}, found {scope}"
        page.problem(rule.value["scope"].place, message)
    if count in schema.DEVIATION_COUNTS and "contracts" in rule.value:
        message = "earlier days do not tell which contracts were of a kind: leave contracts out"
        page.problem(rule.value["contracts"].place, message)
    if "red" in rule.value:
        message = f"{count} compares, and compared figures give at most yellow: leave red out"
        page.problem(rule.value["red"].place, message)


def check_both(rule: Item, page: Page) -> None:
    """Only a self-trade has two orders to be exempt."""
    count = _value(rule, "count")
    if count is not None and count not in schema.PAIR_COUNTS and "both" in rule.value:
        message = f"both is for counts of self-trades, found count {count}"
        page.problem(rule.value["both"].place, message)


def check_cancel_by(rule: Item, page: Page) -> None:
    """Who cancelled is asked only of counts in which cancels stand."""
    count = _value(rule, "count")
    if count is None or count in CANCEL_BY_COUNTS:
        return
    for entry in _filters(rule):
        if "cancel_by" in entry.value:
            message = f"cancel_by is for {words(CANCEL_BY_COUNTS)}, found count {count}"
            page.problem(entry.value["cancel_by"].place, message)


def check_of_orders(rule: Item, page: Page) -> None:
    """What an order said of itself beside its hedge flag is not known of lots that are held."""
    count = _value(rule, "count")
    if count not in schema.POSITION_COUNTS:
        return
    for entry in _filters(rule):
        for name in OF_ORDERS:
            if name in entry.value:
                message = f"{name} is of orders, and {count} are of what is held: leave it out"
                page.problem(entry.value[name].place, message)


def check_empty_filters(rule: Item, page: Page) -> None:
    """A filter names something."""
    for entry in _filters(rule):
        if not _filter(entry):
            page.problem(entry.place, "names no events: give hedge, tif, cancel_by or the like")


def check_covered(rule: Item, page: Page) -> None:
    """An exemption that an earlier one takes whole is never the reason of anything."""
    earlier: list[tuple[Item, dict[str, frozenset[Any]]]] = []
    for entry in _entries(rule):
        accepted = _filter(entry)
        if any(None in said for said in accepted.values()):
            continue
        for wide_entry, wide in earlier:
            if _covers(wide, accepted):
                what = "listed twice" if wide == accepted else "never reached"
                line = wide_entry.place.line
                message = f"this exemption is {what}: the entry on line {line} takes all of it"
                page.problem(entry.place, message)
                break
        earlier.append((entry, accepted))


def check_reasons(rule: Item, page: Page) -> None:
    """A reason is not the engine's own word, and has one Chinese name."""
    chinese: dict[str, str] = {}
    for entry in _entries(rule):
        reason, reason_zh = _value(entry, "reason"), _value(entry, "reason_zh")
        if reason is None:
            continue
        if reason == OUTSIDE:
            message = f"the reason '{OUTSIDE}' is what `only` drops: choose another"
            page.problem(entry.value["reason"].place, message)
        if reason_zh and chinese.setdefault(reason, reason_zh) != reason_zh:
            first = printable(chinese[reason], 40)
            message = f"the reason {quoted(reason)} is called '{first}' in an entry above"
            page.problem(entry.value["reason_zh"].place, message)


def check_levels(rule: Item, page: Page) -> None:
    """A rule has a level, a whole count has whole levels, and red is stricter than yellow."""
    if not any(level in rule.value for level in schema.LEVELS):
        page.problem(rule.place, "a rule without a level: give yellow, red or both")
    levels = {name: found for name in schema.LEVELS if (found := _level(rule, name))}
    count = _value(rule, "count")
    for name, level in levels.items():
        if count is not None and (problem := unfit(level, count, limited="limit" in rule.value)):
            page.problem(rule.value[name].value[level.op].place, problem)
    if len(levels) < len(schema.LEVELS):
        return
    yellow, red = levels["yellow"], levels["red"]
    limited = "limit" in rule.value
    if reach(red, count, limited=limited) <= reach(yellow, count, limited=limited):
        message = f"red {red.written} must be above yellow {yellow.written}"
        page.problem(rule.value["red"].value[red.op].place, message)


def unfit(level: Level, count: str, *, limited: bool) -> str | None:
    """Return why a level does not suit a count, None where it does; ``limited``: it is of a limit.
    """
    if limited:
        always = level.number == 0
        return f"{level.written} of a limit: expected a multiple such as 0.8" if always else None
    if count in schema.FIGURES:
        return None
    if level.number.denominator != 1:
        return f"{count} are counted in whole numbers, found {level.written}"
    if level.number == 0 and level.op == "gte":
        return f"{count} {level.written} is always so: a level begins at 1"
    return None


def reach(level: Level, count: str | None, *, limited: bool) -> tuple[Fraction, bool]:
    """Return the least value that reaches a level, and whether it lies above; to compare levels."""
    above = level.op == "gt"
    if limited or count in schema.FIGURES or level.number.denominator != 1:
        return level.number, above
    return level.number + above, False


CHECKS: Final = (
    check_days,
    check_status,
    check_parameters,
    check_size,
    check_assume,
    check_scope,
    check_limit_scope,
    check_statistics,
    check_both,
    check_cancel_by,
    check_of_orders,
    check_empty_filters,
    check_covered,
    check_reasons,
    check_levels,
)


def _level(rule: Item, name: str) -> Level | None:
    said = _value(rule, name)
    if not said or len(said) != 1 or any(item.value is None for item in said.values()):
        return None
    op, item = next(iter(said.items()))
    return Level(op, item.value)


def _covers(wide: dict[str, frozenset[Any]], narrow: dict[str, frozenset[Any]]) -> bool:
    """Whether all that fits the narrow filter fits the wide one."""
    return bool(wide) and all(
        name in narrow and narrow[name] <= accepted for name, accepted in wide.items()
    )


def _filter(entry: Item) -> dict[str, frozenset[Any]]:
    """Return what a filter accepts, by attribute; flags as a set of one."""
    return {
        name: frozenset(said if isinstance(said, list) else [said])
        for name, said in entry.plain().items()
        if name not in ("reason", "reason_zh", "clause")
    }


def _filters(rule: Item) -> list[Item]:
    only = [entry for entry in _value(rule, "only") or () if entry.value is not None]
    return [*only, *_entries(rule)]


def _entries(rule: Item) -> list[Item]:
    return [entry for entry in _value(rule, "leave_out") or () if entry.value is not None]


def _value(item: Item, *names: str) -> Any:
    """Return a value within a mapping, None where it is not there or could not be read."""
    for name in names:
        if not item.value or name not in item.value:
            return None
        item = item.value[name]
    return item.value
