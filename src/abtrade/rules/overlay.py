"""Overlay: the rules of a day as a desk has them judge: switched on and off, and overlaid."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from .desk import Desk, Named, by_language
from .document import Place, unknown_word
from .overlaid import NameOf, overlaid
from .overlay_syntax import Overlay
from .packs import RuleSet, list_packs, load_rules
from .rule import Rule, Text


def settle(
    rules: RuleSet,
    day: date,
    *,
    overlay: Overlay | None = None,
    unverified: bool = False,
    specs: Sequence[str] = (),
    name_of: NameOf = str,
) -> RuleSet:
    """Return the rules of a day as a desk has them judge.

    Unverified rules of packs are off but for those that the overlay switches on; ``unverified``
    switches all on. ``specs`` are those that the rules were loaded by; ``name_of`` tells under
    which name the log has an account, a client or a group.
    Raises RuleError with every problem that the overlay has with the rules that there are.
    """
    desk, changed = Desk(), rules.rules
    if overlay is not None:
        others = _check_names(overlay, rules, specs)
        changed = tuple(overlaid(rule, overlay, day, name_of) for rule in rules.rules)
        overlay.page.fail_if_any()
        desk = _told(overlay, rules, others, day)
    switched_off = {rule for (_, rule), _ in desk.switched_off}
    off = [rule for rule in changed if not (unverified or _is_on(rule, rules, overlay))]
    kept = tuple(rule for rule in changed if rule not in off and rule.id not in switched_off)
    named = tuple((rule.exchange, rule.id) for rule in off if rule.id not in switched_off)
    return replace(
        rules, rules=kept, hash=_hash(kept, overlay), files=tuple(rule.path for rule in kept),
        desk=replace(desk, unverified_off=named),
    )  # fmt: skip


def _is_on(rule: Rule, rules: RuleSet, overlay: Overlay | None) -> bool:
    """Whether a rule judges though nobody has switched all unverified ones on."""
    if rule.status != "unverified" or rule.id in rules.own:
        return True
    return overlay is not None and any(_fits(name, rule.id) for name, _ in overlay.switch_on)


def _fits(name: str, rule: str) -> bool:
    """Whether ``gfex``, ``gfex.*`` or ``gfex.self_trade`` means a rule."""
    return rule == name or rule.startswith(name.removesuffix(".*") + ".")


def _hash(rules: Sequence[Rule], overlay: Overlay | None) -> str:
    """Return the hash of rules, and of the overlay that made them what they are."""
    listing = [f"{rule.id} {rule.version}" for rule in rules]
    listing += [] if overlay is None else [f"overlay {overlay.sha256}"]
    return hashlib.sha256("\n".join(listing).encode()).hexdigest()


def _named(overlay: Overlay) -> Iterator[tuple[str, Place]]:
    """Yield each rule that an overlay names by its id, with the place."""
    for switch in overlay.switch_off:
        yield from switch.rules
    for rule, levels in overlay.levels.items():
        yield rule, levels.place
    for rule, (_, place) in overlay.alternatives.items():
        yield rule, place
    for exemption in overlay.exemptions:
        yield from exemption.rules


def _check_names(overlay: Overlay, rules: RuleSet, specs: Sequence[str]) -> dict[str, Rule]:
    """Return the rules that are named and not among those of the day, by id.

    Puts a problem on the overlay's page for each name that is of no rule at all.
    """
    given = {rule.id for rule in rules.rules}
    switched = [(name, place) for name, place in overlay.switch_on
                if not any(_fits(name, rule) for rule in given)]  # fmt: skip
    others = [(name, place) for name, place in _named(overlay) if name not in given]
    if not others and not switched:
        return {}
    every = [*load_rules([], None).rules, *load_rules(specs, None).rules]
    known = {rule.id: rule for rule in every}
    for name, place in others:
        if name not in known:
            overlay.page.problem(place, unknown_word("rule", name, dict.fromkeys(known)))
    for name, place in switched:
        if not any(_fits(name, rule) for rule in known):
            options = [*list_packs(), *known]
            overlay.page.problem(place, unknown_word("pack or rule", name, options))
    return {name: known[name] for name, _ in others if name in known}


def _told(overlay: Overlay, rules: RuleSet, others: dict[str, Rule], day: date) -> Desk:
    """Return what there is to say of an overlay, put upon the rules of a day."""
    given = {rule.id: rule.exchange for rule in rules.rules}
    switched_off: list[tuple[Named, Text]] = []
    expired: list[Text] = []
    for switch in overlay.switch_off:
        names = [name for name, _ in switch.rules]
        told = {"rules": ", ".join(names), "owner": switch.owner, "reason": switch.reason}
        if switch.until is None:
            why = by_language("desk.off", **told)
        else:
            why = by_language("desk.off.until", **told, until=switch.until)
        if switch.until is not None and switch.until < day:
            expired.append(by_language("desk.off.expired", **told, until=switch.until))
            continue
        switched_off += [((given[name], name), why) for name in names if name in given]
    for exemption in overlay.exemptions:
        if exemption.until < day:
            names = [name for name, _ in exemption.rules]
            expired.append(by_language(
                "desk.exempt.expired", rules=", ".join(names), owner=exemption.owner,
                reason=exemption.reason, until=exemption.until,
            ))  # fmt: skip
    off = {named for named, _ in switched_off}
    said = {*overlay.levels, *overlay.alternatives, *(name for name, _ in overlay.switch_on)}
    said |= {name for entry in overlay.exemptions for name, _ in entry.rules}
    not_given = sorted({(rule.exchange, rule.id) for rule in others.values()})
    asked = {rule.id for rule in others.values() if rule.in_force(day)}
    return Desk(
        switched_off=tuple(switched_off),
        not_in_force=tuple(each for each in not_given if each[1] not in asked),
        not_asked=tuple(each for each in not_given if each[1] in asked),
        idle=tuple(sorted(named for named in off if named[1] in said)),
        expired=tuple(expired),
        overlay=overlay.path,
        sha256=overlay.sha256,
        owner=overlay.owner,
    )
