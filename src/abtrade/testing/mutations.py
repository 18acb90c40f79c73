"""Mutations: small changes to a rule, each of which some test of the rule should notice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from typing import Final

from .. import schema
from ..market.calendar import load_calendar
from ..plan import Filter
from ..rules.rule import Level, Rule, Text, filter_sentence, filter_words
from ..wording import LANGUAGES, text
from .same_rule import same_reasons, what_it_asks
from .sound import is_sound

_ONE_DAY: Final = timedelta(days=1)
_TENTH: Final = Fraction(1, 10)

SCOPES: Final = {
    "contract": ("product", "exchange"),
    "series": ("contract", "product"),
    "product": ("contract", "exchange"),
    "exchange": ("product", "contract"),
}
"""Scope -> the scopes it may be taken for."""

COUNTS: Final = {
    "orders": ("messages",),
    "messages": ("orders",),
    "cancels": ("messages",),
    "large_cancels": ("cancels",),
    "filled_orders": ("orders",),
    "filled_lots": ("open_lots",),
    "open_lots": ("ordered_open_lots",),
    "ordered_open_lots": ("open_lots",),
    "long_lots": ("short_lots",),
    "short_lots": ("long_lots",),
    "limit_price_cancels": ("limit_price_cancel_lots", "cancels"),
    "limit_price_cancel_lots": ("limit_price_cancels",),
    "self_trades": ("self_trade_pairs", "self_trade_orders", "self_trade_lots"),
    "self_trade_pairs": ("self_trades", "self_trade_orders"),
    "self_trade_orders": ("self_trades", "self_trade_pairs"),
    "self_trade_lots": ("self_trades",),
    "volume_share": ("order_share",),
    "order_share": ("cancel_share",),
    "cancel_share": ("order_share",),
    "volume_deviation": ("order_deviation",),
    "order_deviation": ("cancel_deviation",),
    "cancel_deviation": ("order_deviation",),
}
"""Count -> the counts it may be taken for."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A rule changed in one small way.

    ``name`` is by language, and the same as long as the rule says the same. ``merge_groups`` False:
    the rule is as it was, but linked accounts are judged each alone.
    """

    name: Text
    rule: Rule
    merge_groups: bool = True


def mutations_of(rule: Rule) -> list[Mutation]:
    """Return the small changes that make another rule, one that a file could say.

    Levels, sizes and days move to the next number or trading day either way; levels, exemptions,
    filters and their words are dropped one at a time; counts and scopes change to their like.
    """
    seen = {what_it_asks(rule)}
    kept = [replace(_mutation(rule, "linked"), merge_groups=False)]
    for make in _MAKERS:
        for mutation in make(rule):
            if is_sound(mutation.rule) and (asks := what_it_asks(mutation.rule)) not in seen:
                seen.add(asks)
                kept.append(mutation)
    return kept


def _mutation(rule: Rule, key: str, **values: object) -> Mutation:
    name: Text = {lang: text(lang, f"mutation.{key}", **values) for lang in LANGUAGES}
    return Mutation(name, rule)


def _changed(rule: Rule, field: str, old: object, new: object) -> Mutation:
    changed = replace(rule, **{field: new})  # type: ignore[arg-type]
    return _mutation(changed, "changed", what=field.removesuffix("_day"), old=old, new=new)


# --- levels, sizes and what is counted -----------------------------------------------------------


def _levels(rule: Rule) -> Iterator[Mutation]:
    for name in schema.LEVELS:
        level: Level | None = getattr(rule, name)
        if level is not None:
            is_part = rule.limit is not None or level.number.denominator != 1
            yield from _near(rule, name, level, _TENTH if is_part else Fraction(1))
            dropped = replace(rule, **{name: None})  # type: ignore[arg-type]
            yield _mutation(dropped, "without", what=name)


def _near(rule: Rule, name: str, level: Level, step: Fraction) -> Iterator[Mutation]:
    """Yield the rule with the other comparison, and with the next numbers."""
    other = "gte" if level.op == "gt" else "gt"
    for op, number in (
        (other, level.number), (level.op, level.number + step), (level.op, level.number - step)
    ):  # fmt: skip
        new = Level(op, number)
        changed = replace(rule, **{name: new})  # type: ignore[arg-type]
        yield _mutation(changed, "changed", what=name, old=level.written, new=new.written)


def _sizes(rule: Rule) -> Iterator[Mutation]:
    for name in ("large_lots", "burst_messages"):
        size: int | None = getattr(rule, name)
        if size is not None:
            yield _changed(rule, name, size, size + 1)
            yield _changed(rule, name, size, size - 1)
    if rule.large_of_max is not None:
        yield from _near(rule, "large_of_max", rule.large_of_max, _TENTH)


def _counts(rule: Rule) -> Iterator[Mutation]:
    sizeless = replace(rule, large_lots=None, large_of_max=None)
    for count in COUNTS.get(rule.count, ()):
        yield _changed(sizeless, "count", rule.count, count)
    if rule.count == "burst_occasions":
        for window in schema.BURST_WINDOWS:
            yield _changed(rule, "burst_window", rule.burst_window, window)
    for scope in SCOPES[rule.scope]:
        yield _changed(rule, "scope", rule.scope, scope)
    for code in sorted(rule.quotas):
        fewer = replace(rule, quotas=rule.quotas - {code})
        yield _mutation(fewer, "quota", quota=schema.word_of("hedge", code))


# --- on which days, and of what ------------------------------------------------------------------


def _days(rule: Rule) -> Iterator[Mutation]:
    calendar = load_calendar()
    first = calendar.next_after(rule.from_day - _ONE_DAY)
    for day in (calendar.previous(first), calendar.next_after(first)):
        yield _changed(rule, "from_day", rule.from_day, day)
    if rule.to_day is not None:
        last = calendar.previous(rule.to_day + _ONE_DAY)
        for day in (calendar.previous(last), calendar.next_after(last)):
            yield _changed(rule, "to_day", rule.to_day, day)


def _contracts(rule: Rule) -> Iterator[Mutation]:
    if rule.products is not None:
        yield _mutation(replace(rule, products=None), "products")
        for product in sorted(rule.products) if len(rule.products) > 1 else ():
            fewer = replace(rule, products=rule.products - {product})
            yield _mutation(fewer, "product", product=product)
    if rule.contracts is not None:
        yield _mutation(replace(rule, contracts=None), "contracts")
    if rule.groups_only:
        yield _mutation(
            replace(rule, groups_only=False), "changed", what="groups_only", old="true", new="false"
        )


# --- which events --------------------------------------------------------------------------------


def _exemptions(rule: Rule) -> Iterator[Mutation]:
    if rule.count in schema.PAIR_COUNTS and (rule.only or rule.leave_out):
        old, new = ("true", "false") if rule.both else ("false", "true")
        yield _mutation(replace(rule, both=not rule.both), "changed", what="both", old=old, new=new)
    for i, entry in enumerate(rule.leave_out):
        name = _name_of(rule, i)
        before, after = rule.leave_out[:i], rule.leave_out[i + 1 :]
        yield from _other(rule, replace(rule, leave_out=before + after), "exemption", name=name)
        for smaller, how, told in _asking_otherwise(entry.filter):
            changed = (*before, replace(entry, filter=smaller), *after)
            changed_rule = replace(rule, leave_out=changed)
            yield from _other(rule, changed_rule, f"exemption.{how}", name=name, **told)


def _only(rule: Rule) -> Iterator[Mutation]:
    if rule.only:
        yield from _other(rule, replace(rule, only=()), "only")
    for i, entry in enumerate(rule.only):
        name = filter_sentence(entry)
        before, after = rule.only[:i], rule.only[i + 1 :]
        if len(rule.only) > 1:
            yield from _other(rule, replace(rule, only=before + after), "only.filter", name=name)
        for smaller, how, told in _asking_otherwise(entry):
            changed = replace(rule, only=(*before, smaller, *after))
            yield from _other(rule, changed, f"only.{how}", name=name, **told)
    for attribute in sorted(rule.assume):
        fewer = {name: code for name, code in rule.assume.items() if name != attribute}
        yield _mutation(replace(rule, assume=fewer), "assume", attribute=attribute)


def _asking_otherwise(entry: Filter) -> Iterator[tuple[Filter, str, dict[str, str]]]:
    """Yield a filter that takes a word less or more, or asks one attribute less; how, and which."""
    asked = filter_words(entry)
    for name, said in asked.items():
        for word in said if isinstance(said, list) and len(said) > 1 else ():
            yield _without_word(entry, name, word), "word", {"attribute": name, "word": word}
        for word in _other_words(entry, name):
            yield _with_word(entry, name, word), "more", {"attribute": name, "word": word}
        if len(asked) > 1:
            yield _without(entry, name), "any", {"attribute": name}


def _without_word(entry: Filter, name: str, word: str) -> Filter:
    if name == "product":
        return replace(entry, products=(entry.products or frozenset()) - {word})
    fewer = entry.codes[name] - {schema.code_words(name)[word]}
    return replace(entry, codes={**entry.codes, name: fewer})


def _other_words(entry: Filter, name: str) -> list[str]:
    """Return the words that an attribute may have besides those of the filter."""
    if name not in schema.CODES:  # a flag; or products, of which there is no end
        return []
    return [word for word, code in schema.code_words(name).items() if code not in entry.codes[name]]


def _with_word(entry: Filter, name: str, word: str) -> Filter:
    more = entry.codes[name] | {schema.code_words(name)[word]}
    return replace(entry, codes={**entry.codes, name: more})


def _without(entry: Filter, name: str) -> Filter:
    if name == "product":
        return replace(entry, products=None)
    if name == "order_fee":
        return replace(entry, order_fee=None)
    return replace(entry, codes={each: said for each, said in entry.codes.items() if each != name})


def _other(rule: Rule, changed: Rule, key: str, **values: str) -> Iterator[Mutation]:
    """Yield a mutation, unless all events have the reasons that they had."""
    if not same_reasons(rule, changed):
        yield _mutation(_assuming_what_is_asked(changed), key, **values)


def _assuming_what_is_asked(rule: Rule) -> Rule:
    filters = (*rule.only, *(entry.filter for entry in rule.leave_out))
    asked = {name for entry in filters for name in entry.codes}
    kept = {name: code for name, code in rule.assume.items() if name in asked}
    return replace(rule, assume=kept)


def _name_of(rule: Rule, i: int) -> str:
    """Return an exemption's reason, with its place where several entries share it."""
    reason = rule.leave_out[i].reason
    shared = [entry.reason for entry in rule.leave_out].count(reason) > 1
    return f"{reason}, entry {i + 1}" if shared else reason


_MAKERS: Final = (_levels, _sizes, _counts, _days, _contracts, _only, _exemptions)
