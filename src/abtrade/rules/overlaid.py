"""Overlaid: a rule with a desk's own reading of it, levels and exemptions put in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from .. import schema
from ..people import KINDS
from ..wording import text
from .desk import by_language
from .document import Page, unknown_word
from .lint import CANCEL_BY_COUNTS, OF_ORDERS, reach, unfit
from .overlay_syntax import Exemption, Overlay
from .rule import LANGUAGES, LeaveOut, Level, Rule

NameOf = Callable[[str], str]
"""Tells under which name the log has an account, a client or a group."""


def overlaid(rule: Rule, overlay: Overlay, day: date, name_of: NameOf = str) -> Rule:
    """Return a rule as the overlay has it on a day; what does not go with it is on its page."""
    page = overlay.page
    rule = _read_otherwise(rule, overlay, page)
    rule = _with_levels(rule, overlay, page)
    for exemption in overlay.exemptions:
        if day <= exemption.until and any(name == rule.id for name, _ in exemption.rules):
            _check_exemption(rule, exemption, page)
            entry = _leave_out(exemption, name_of)
            if entry not in rule.leave_out:
                rule = replace(rule, leave_out=(*rule.leave_out, entry))
    return rule


def _read_otherwise(rule: Rule, overlay: Overlay, page: Page) -> Rule:
    chosen = overlay.alternatives.get(rule.id)
    if chosen is None:
        return rule
    name, place = chosen
    found = {entry.name: entry for entry in rule.alternatives}
    if name not in found:
        said = unknown_word(f"alternative of {rule.id}", name, found)
        page.problem(place, said if found else f"{rule.id} has no alternatives on that day")
        return rule
    told = by_language(
        "desk.alternative", name=name, owner=overlay.owner, about=found[name].about
    )
    return replace(rule.with_alternative(name), desk=(*rule.desk, told))


def _with_levels(rule: Rule, overlay: Overlay, page: Page) -> Rule:
    chosen = overlay.levels.get(rule.id)
    if chosen is None:
        return rule
    for name, (level, place) in chosen.levels.items():
        was = getattr(rule, name)
        if problem := _unfit(rule, name, level):
            page.problem(place, problem)
        told = by_language(
            f"desk.level.{name}", level=level.written, owner=overlay.owner,
            was=was.written if was else {lang: text(lang, "desk.none") for lang in LANGUAGES},
        )  # fmt: skip
        if was != level:
            changes: dict[str, Any] = {name: level, "desk": (*rule.desk, told)}
            rule = replace(rule, **changes)
    if rule.yellow is not None and rule.red is not None:
        yellow, red = (
            reach(level, rule.count, limited=rule.limit is not None)
            for level in (rule.yellow, rule.red)
        )
        if red <= yellow:
            said = f"red {rule.red.written} must be above yellow {rule.yellow.written}"
            page.problem(chosen.place, f"{rule.id}: {said}")
    return rule


def _unfit(rule: Rule, name: str, level: Level) -> str | None:
    if name == "red" and rule.count in schema.STATISTICS:
        return f"{rule.count} compares, and compared figures give at most yellow: leave red out"
    return unfit(level, rule.count, limited=rule.limit is not None)


def _leave_out(exemption: Exemption, name_of: NameOf) -> LeaveOut:
    reason = by_language("desk.exempt", reason=exemption.reason)
    key = "desk.clause" if exemption.clause is None else "desk.clause.clause"
    clause = by_language(
        key, owner=exemption.owner, until=exemption.until, reason=exemption.reason,
        clause=exemption.clause or "",
    )  # fmt: skip
    people = frozenset((kind, name_of(name)) for kind, name in exemption.filter.people)
    return LeaveOut(
        replace(exemption.filter, people=people), reason["en"], reason["zh"], clause, by_desk=True
    )


def _check_exemption(rule: Rule, exemption: Exemption, page: Page) -> None:
    """What an exemption asks must be something that the rule's count has."""
    for name, place in exemption.asked.items():
        if name == "cancel_by" and rule.count not in CANCEL_BY_COUNTS:
            page.problem(place, f"{rule.id} counts {rule.count}, which nobody cancels")
        elif name in KINDS and rule.count in (*schema.OBSERVED_COUNTS, *schema.HELD_COUNTS):
            message = f"{rule.id} counts {rule.count}, of which nobody can be exempt by name"
            page.problem(place, message)
        elif name in OF_ORDERS and rule.count in schema.POSITION_COUNTS:
            page.problem(place, f"{name} is of orders, and {rule.count} are of what is held")
