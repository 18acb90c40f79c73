"""A rule explained: plain sentences, part by part, that can be held against the text it is of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from .. import schema
from ..errors import RuleError
from ..wording import Language, bare, has_text, term, text
from .changes import changes_of, in_substance, reading_said, reason_said, sentences
from .document import unknown_word
from .phrases import (
    any_of,
    count_sentence,
    days_said,
    exchange_said,
    filter_said,
    level_said,
    only_said,
    products_said,
    quotas_said,
)
from .report import source_text
from .rule import Rule, assume_words, filter_sentence, filter_words

ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """What a rule says of one thing. ``key`` is ``part.<key>`` of the words."""

    key: str
    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """One version of a rule in a language."""

    rule: Rule
    about: str
    parts: tuple[Part, ...]


def explain_rule(rule: Rule, known: Iterable[Rule], lang: Language) -> Explained:
    """Return a rule in sentences.

    known : rules of every day; those of its id are told as what came before and after
    """
    versions = versions_of(rule.id, known)
    told = {
        "judged": _judged(rule, lang),
        "count": _counted(rule, lang),
        "levels": _levels(rule, lang),
        "only": _only(rule, lang),
        "leave_out": _leave_out(rule, lang),
        "silent": _silent(rule, lang),
        "clause": [rule.clause[lang]],
        "source": _source(rule, lang),
        "days": [_days(rule, lang)],
        "alternatives": [
            text(lang, "reading.said", name=entry.name, reading=reading_said(rule, entry, lang))
            for entry in rule.alternatives
        ],
        "versions": _versions(rule, versions, lang),
        "notes": [rule.notes[lang]] if rule.notes else [],
    }
    parts = (Part(key, text(lang, f"part.{key}"), tuple(said)) for key, said in told.items())
    return Explained(rule, rule.about[lang], tuple(part for part in parts if part.sentences))


def version_on(rule_id: str, known: Sequence[Rule], day: date | None) -> Rule:
    """Return the version of a rule that stands on a day; for None its last.

    Raises RuleError for a rule that is not known, or not in force on the day.
    """
    versions = versions_of(rule_id, known)
    if not versions:
        raise RuleError([unknown_word("rule", rule_id, dict.fromkeys(rule.id for rule in known))])
    if day is None:
        return versions[-1]
    if found := [rule for rule in versions if rule.in_force(day)]:
        return found[0]
    told = ", ".join(days_said(rule.from_day, rule.to_day, "en") for rule in versions)
    raise RuleError([f"{rule_id} is not in force on {day}: it is {told}"])


def versions_of(rule_id: str, known: Iterable[Rule]) -> list[Rule]:
    """Return the versions of a rule, the first in force first."""
    return sorted((rule for rule in known if rule.id == rule_id), key=lambda rule: rule.from_day)


# --- who, what and where -------------------------------------------------------------------------


def _judged(rule: Rule, lang: Language) -> Iterator[str]:
    yield text(lang, "judged.groups" if rule.groups_only else "judged")
    if rule.linked_clause:
        yield text(lang, "judged.linked", clause=bare(rule.linked_clause[lang]))
    else:
        yield text(lang, "judged.linked.clause")


def _counted(rule: Rule, lang: Language) -> Iterator[str]:
    yield count_sentence(rule, lang)
    exchange = exchange_said(rule, lang)
    if rule.products is None:
        yield text(lang, "where.all", exchange=exchange)
    else:
        yield text(lang, "where.products", exchange=exchange, products=products_said(rule, lang))
    if rule.contracts:
        kind = text(lang, f"kind_of_contract.{rule.contracts}")
        yield text(lang, "where.kind", kind=kind)
    yield text(lang, f"scope.{rule.scope}")
    yield text(lang, f"when{_manner(rule.count)}")


def _manner(count: str) -> str:
    if count in schema.POSITION_COUNTS:
        return ".position"
    if count == "kernel":
        return ".kernel"
    return ".figure" if count in schema.FIGURES else ""


def _levels(rule: Rule, lang: Language) -> Iterator[str]:
    if rule.red:
        yield text(lang, "level.said.red", amount=level_said(rule, rule.red, lang))
    if rule.yellow:
        key = "level.said.yellow" if rule.red else "level.said.yellow.alone"
        yield text(lang, key, amount=level_said(rule, rule.yellow, lang))
    else:
        yield text(lang, "level.alone.red")
    if rule.status == "unverified":
        yield text(lang, "level.unverified")
    if rule.limit:
        yield text(lang, "limit.of", limit=rule.limit)
    if rule.quotas:
        yield text(lang, "quotas.of", quotas=quotas_said(rule, lang))


# --- what counts and what does not ---------------------------------------------------------------


def _only(rule: Rule, lang: Language) -> Iterator[str]:
    if rule.only:
        yield text(lang, "only.said", entries=only_said(rule, lang))


def _leave_out(rule: Rule, lang: Language) -> Iterator[str]:
    for entry in rule.leave_out:
        what, reason = filter_said(entry.filter, rule, lang), reason_said(entry, lang)
        if reason != filter_sentence(entry.filter):  # a name was given
            what = text(lang, "part.line", part=reason, text=what)
        yield text(lang, "leave_out.said", what=what, clause=bare(entry.clause[lang]))
    if not rule.leave_out:
        yield text(lang, "leave_out.none")
    elif rule.count in schema.PAIR_COUNTS:
        yield text(lang, f"both.{'true' if rule.both else 'false'}")
    if len({entry.reason for entry in rule.leave_out}) > 1:
        yield text(lang, "leave_out.first")


def _silent(rule: Rule, lang: Language) -> Iterator[str]:
    """Yield what becomes of the rule where the log does not tell what it asks."""
    only = {name for entry in rule.only for name in filter_words(entry)}
    exempt = {name for entry in rule.leave_out for name in filter_words(entry.filter)}
    if has_text(lang, f"needs.{rule.count}"):
        yield text(lang, f"needs.{rule.count}")
    if rule.large_of_max:
        yield text(lang, "large.unknown")
    for name, word in assume_words(rule).items():
        value = term(lang, "value", word)
        yield text(lang, "silent.assume", attribute=text(lang, f"asked.{name}"), value=value)
    for key, asked in (("only", only), ("leave_out", exempt - only)):
        if names := [name for name in schema.ASSUMED if name in asked - rule.assume.keys()]:
            attributes = any_of((text(lang, f"asked.{name}") for name in names), lang)
            yield text(lang, f"silent.{key}", attributes=attributes)
    if (only | exempt) - {"product"}:
        yield text(lang, "silent.cell")


# --- on what it rests ----------------------------------------------------------------------------


def _source(rule: Rule, lang: Language) -> Iterator[str]:
    yield text(lang, f"source.{rule.status}")
    yield text(lang, "source.said", source=bare(source_text(rule.source, lang)))


def _days(rule: Rule, lang: Language) -> str:
    if rule.to_day is None:
        return text(lang, "days.said.endless", first=rule.from_day)
    return text(lang, "days.said", days=days_said(rule.from_day, rule.to_day, lang))


def _versions(rule: Rule, versions: Sequence[Rule], lang: Language) -> Iterator[str]:
    """Yield each version with its days and what it changed, and days on which there was none."""
    if len(versions) < 2:
        yield text(lang, "versions.lone")
        return
    before: Rule | None = None
    for version in versions:
        if gap := gap_between(before, version):
            yield text(lang, "version.gap", first=gap[0], last=gap[1])
        days = days_said(version.from_day, version.to_day, lang)
        key = "version.this" if version == rule else "version.other"
        yield text(lang, key, days=days, changes=_changes(before, version, lang))
        before = version


def _changes(before: Rule | None, after: Rule, lang: Language) -> str:
    if before is None:
        return text(lang, "version.first")
    found = in_substance(changes_of(before, after, lang))
    return sentences(found, lang) if found else text(lang, "version.same")


def gap_between(before: Rule | None, after: Rule) -> tuple[date, date] | None:
    """Return the first and last day between two versions on which none is in force."""
    if before is None or before.to_day is None or before.to_day + ONE_DAY >= after.from_day:
        return None
    return before.to_day + ONE_DAY, after.from_day - ONE_DAY
