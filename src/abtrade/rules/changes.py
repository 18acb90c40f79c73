"""Changes: what differs between two versions of a rule, each difference as a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from ..wording import LANGUAGES, Language, bare, text
from .lint import reach
from .phrases import (
    assume_said,
    count_name,
    days_said,
    exchange_said,
    filter_said,
    level_said,
    only_said,
    products_said,
    quotas_said,
)
from .report import source_text
from .rule import Alternative, LeaveOut, Level, Rule, Text, assume_words, filter_words

RULE, TEXT, DAYS = "rule", "text", "days"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``kind``: of what is judged, of a text about it, or of the days in force."""

    part: str  # a key of the rule
    kind: str
    sentence: str
    before: str  # as said in the language; empty where there was nothing
    after: str
    basis: str = ""  # the clause that it rests on, as a sentence


def changes_of(before: Rule, after: Rule, lang: Language) -> list[Change]:
    """Return all that differs between two versions but their ids, none where they say the same."""
    return [
        *(found for fact in _FACTS if (found := _fact_change(fact, before, after, lang))),
        *_levels(before, after, lang),
        *_only(before, after, lang),
        *_exemptions(before, after, lang),
        *_alternatives(before, after, lang),
        *_days(before, after, lang),
        *_texts(before, after, lang),
    ]


def in_substance(changes: list[Change]) -> list[Change]:
    """Return the changes of what is judged alone."""
    return [change for change in changes if change.kind == RULE]


def sentences(changes: list[Change], lang: Language) -> str:
    """Return changes as running text, without what they rest on."""
    return text(lang, "sentence").join(change.sentence for change in changes)


# --- facts ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Fact:
    part: str
    raw: Callable[[Rule], Any]  # what is compared
    said: Callable[[Rule, Language], str]


def _contracts(rule: Rule, lang: Language) -> str:
    if rule.contracts is None:
        return text(lang, "kind_of_contract.all")
    return text(lang, f"short.kind_of_contract.{rule.contracts}")


def _limit(rule: Rule, lang: Language) -> str:
    return text(lang, "limit.name", limit=rule.limit) if rule.limit else text(lang, "limit.none")


def _groups(rule: Rule, lang: Language) -> str:
    return text(lang, f"name.groups_only.{'true' if rule.groups_only else 'false'}")


def _both(rule: Rule, lang: Language) -> str:
    return text(lang, f"name.both.{'true' if rule.both else 'false'}")


_FACTS: Final = (
    _Fact("exchange", lambda rule: rule.exchange, exchange_said),
    _Fact("products", lambda rule: rule.products, products_said),
    _Fact("contracts", lambda rule: rule.contracts, _contracts),
    _Fact(
        "count",
        lambda rule: (rule.count, rule.large_lots, rule.large_of_max, rule.burst_messages,
                      rule.burst_window, rule.kernel),
        count_name,
    ),
    _Fact("scope", lambda rule: rule.scope,
          lambda rule, lang: text(lang, f"name.scope.{rule.scope}")),
    _Fact("limit", lambda rule: rule.limit, _limit),
    _Fact("quotas", lambda rule: rule.quotas, quotas_said),
    _Fact("assume", assume_words, assume_said),
    _Fact("judged", lambda rule: rule.groups_only, _groups),
    _Fact("both", lambda rule: rule.both, _both),
    _Fact("status", lambda rule: rule.status,
          lambda rule, lang: text(lang, f"status.{rule.status}")),
)


def _fact_change(fact: _Fact, before: Rule, after: Rule, lang: Language) -> Change | None:
    if fact.raw(before) == fact.raw(after):
        return None
    was, now = fact.said(before, lang), fact.said(after, lang)
    return Change(fact.part, RULE, _sentence(fact.part, was, now, lang), was, now)


def _sentence(part: str, was: str, now: str, lang: Language, how: str = "changed") -> str:
    """Return a change as a sentence; ``how`` it changed matters where both sides say something."""
    if not was:
        how = "added"
    elif not now:
        how = "dropped"
    said = {
        "before": text(lang, "part.quoted", text=was), "after": text(lang, "part.quoted", text=now)
    }
    return text(lang, f"change.{how}", part=text(lang, f"part.{part}"), **said)


def _levels(before: Rule, after: Rule, lang: Language) -> Iterator[Change]:
    for name in ("red", "yellow"):
        old: Level | None = getattr(before, name)
        new: Level | None = getattr(after, name)
        if old == new and (before.limit is None) == (after.limit is None):
            continue
        brief = _measure_alike(before, after)
        was = level_said(before, old, lang, brief=brief) if old else ""
        now = level_said(after, new, lang, brief=brief) if new else ""
        how = _direction(before, old, after, new) if old and new else "changed"
        yield Change(name, RULE, _sentence(name, was, now, lang, how), was, now)


def _direction(before: Rule, old: Level, after: Rule, new: Level) -> str:
    """Return whether a level is stricter or laxer, where both count the same."""
    if not _measure_alike(before, after):
        return "changed"
    was, now = (
        reach(level, rule.count, limited=rule.limit is not None)
        for level, rule in ((old, before), (new, after))
    )
    return "changed" if was == now else "stricter" if now < was else "laxer"


def _only(before: Rule, after: Rule, lang: Language) -> Iterator[Change]:
    if before.only != after.only:
        was, now = only_said(before, lang), only_said(after, lang)
        how = "added" if not was else "changed" if now else "dropped"
        sentence = text(lang, f"change.only.{how}", before=was, after=now)
        yield Change("only", RULE, sentence, was, now)


def _measure_alike(before: Rule, after: Rule) -> bool:
    """Whether two versions count the same over the same, so that their levels compare."""
    measured = [fact for fact in _FACTS if fact.part in ("count", "scope", "limit")]
    return all(fact.raw(before) == fact.raw(after) for fact in measured)


# --- exemptions ----------------------------------------------------------------------------------


def _exemptions(before: Rule, after: Rule, lang: Language) -> Iterator[Change]:
    same, alike, dropped, added = _matched(before.leave_out, after.leave_out)
    for old, new in same:
        yield from _renamed(old, new, after, lang)
    for old, new in alike:
        was, now = filter_said(old.filter, before, lang), filter_said(new.filter, after, lang)
        yield _exempt("changed", new, was, now, lang)
    for old in dropped:
        yield _exempt("dropped", old, filter_said(old.filter, before, lang), "", lang)
    for new in added:
        yield _exempt("added", new, "", filter_said(new.filter, after, lang), lang)
    yield from _reordered([old for old, _ in same], [new for _, new in same], after, lang)


def _reordered(
    old: list[LeaveOut], new: list[LeaveOut], rule: Rule, lang: Language
) -> Iterator[Change]:
    """Yield that exemptions both versions have, here in the first one's order, changed places."""
    now = [entry for entry in rule.leave_out if any(entry is one for one in new)]
    if [_key(entry) for entry in old] == [_key(entry) for entry in now]:
        return
    said = [text(lang, "list").join(reason_said(entry, lang) for entry in order)
            for order in (old, now)]  # fmt: skip
    sentence = text(lang, "change.exempt.order", before=said[0], after=said[1])
    yield Change("leave_out", RULE, sentence, *said)


Pairs = list[tuple[LeaveOut, LeaveOut]]


def _matched(
    before: tuple[LeaveOut, ...], after: tuple[LeaveOut, ...]
) -> tuple[Pairs, Pairs, list[LeaveOut], list[LeaveOut]]:
    """Match exemptions by what they leave out, else by reason; return also what has no match."""
    old, new = list(before), list(after)
    same = _take_pairs(old, new, _key)
    alike = _take_pairs(old, new, lambda entry: entry.reason)
    return same, alike, old, new


def _take_pairs(
    old: list[LeaveOut], new: list[LeaveOut], key: Callable[[LeaveOut], object]
) -> Pairs:
    """Take those of one key out of both lists, each once."""
    pairs = []
    for entry in list(old):
        match = next((other for other in new if key(other) == key(entry)), None)
        if match is not None:
            old.remove(entry)
            new.remove(match)
            pairs.append((entry, match))
    return pairs


def _key(entry: LeaveOut) -> object:
    return sorted(filter_words(entry.filter).items())


def _exempt(how: str, entry: LeaveOut, was: str, now: str, lang: Language) -> Change:
    reason = reason_said(entry, lang)
    sentence = text(lang, f"change.exempt.{how}", reason=reason, before=was, after=now)
    key = "change.basis.was" if how == "dropped" else "change.basis"
    basis = text(lang, key, clause=bare(entry.clause[lang]))
    return Change("leave_out", RULE, sentence, was, now, basis)


def _renamed(old: LeaveOut, new: LeaveOut, rule: Rule, lang: Language) -> Iterator[Change]:
    """Yield how the words of one exemption differ."""
    what = filter_said(new.filter, rule, lang)
    names = [{"en": entry.reason, "zh": entry.reason_zh} for entry in (old, new)]
    if names[0] != names[1]:
        was, now = (name[lang] for name in names)
        key = "change.exempt.reason" if was != now else "change.exempt.reason.other"
        sentence = text(lang, key, before=was, after=what, reason=now)
        yield Change("leave_out", TEXT, sentence, was, now)
    if old.clause != new.clause:
        was, now = _differing(old.clause, new.clause, lang)
        sentence = text(lang, "change.exempt.clause", after=what, clause=bare(now))
        yield Change("leave_out", TEXT, sentence, was, now)


def reason_said(entry: LeaveOut, lang: Language) -> str:
    """Return the name under which the events of an exemption are told."""
    return entry.reason_zh if lang == "zh" else entry.reason


# --- other readings ------------------------------------------------------------------------------


def reading_said(rule: Rule, entry: Alternative, lang: Language) -> str:
    """Return what another source says, and how the rule would differ under it."""
    found = in_substance(changes_of(rule, rule.with_alternative(entry.name), lang))
    return text(lang, "reading", about=bare(entry.about[lang]), changes=sentences(found, lang))


def _alternatives(before: Rule, after: Rule, lang: Language) -> Iterator[Change]:
    old = {entry.name: entry for entry in before.alternatives}
    new = {entry.name: entry for entry in after.alternatives}
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) == new.get(name):
            continue
        was, now = (
            reading_said(rule, known[name], lang) if name in known else ""
            for rule, known in ((before, old), (after, new))
        )
        how = "added" if not was else "changed" if now else "dropped"
        sentence = text(lang, f"change.reading.{how}", name=name, after=now)
        yield Change("alternatives", TEXT, sentence, was, now)
    if old == new and list(old) != list(new):
        was, now = (text(lang, "list").join(known) for known in (old, new))
        sentence = text(lang, "change.reading.order", after=now)
        yield Change("alternatives", TEXT, sentence, was, now)


# --- days and texts ------------------------------------------------------------------------------


def _days(before: Rule, after: Rule, lang: Language) -> Iterator[Change]:
    was, now = (days_said(rule.from_day, rule.to_day, lang) for rule in (before, after))
    if was != now:
        sentence = text(lang, "change.days", before=was, after=now)
        yield Change("days", DAYS, sentence, was, now)


def _texts(before: Rule, after: Rule, lang: Language) -> Iterator[Change]:
    for name in ("about", "clause", "linked_clause", "notes"):
        old: Text = getattr(before, name) or {}
        new: Text = getattr(after, name) or {}
        if old != new:
            yield _text_change(name, *_differing(old, new, lang), lang)
    if before.source != after.source:
        was, now = _differing(_citation(before), _citation(after), lang)
        yield _text_change("source", was, now, lang)


def _citation(rule: Rule) -> Text:
    return {lang: source_text(rule.source, lang) for lang in LANGUAGES}


def _text_change(part: str, was: str, now: str, lang: Language) -> Change:
    key = "change.text" if was and now else "change.text.dropped" if was else "change.text.added"
    return Change(part, TEXT, text(lang, key, part=text(lang, f"part.{part}"), after=now), was, now)


def _differing(old: Text, new: Text, lang: Language) -> tuple[str, str]:
    """Return two texts in a language, in another where they differ there alone."""
    if old.get(lang) == new.get(lang):
        lang = "en" if lang == "zh" else "zh"
    return old.get(lang, ""), new.get(lang, "")
