"""Ask what a rule would say with other levels or fewer exemptions, of days that were scanned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ..errors import InputError
from ..rules.packs import RuleSet
from ..rules.rule import Rule
from .answer import AS_IS, CHANGED, DayAnswer, Note, Variant, WhatIf, note
from .change import Threshold, level_of, no_exemption, thresholds, with_level, without
from .judging import JUDGED, NOT_IN_FORCE, Judged, judge
from .scanned import ScannedDay, scanned_days
from .versions import Version, Versions

Progress = Callable[[int, "int | None"], None]
"""Told the rows of cells done and, where known, the rows in all."""


def whatif(
    outs: str | Path | Sequence[str | Path],
    *,
    rule: str | None = None,
    at: str | Iterable[object] = (),
    level: str | None = None,
    without_exemption: str | Sequence[str] = (),
    with_rules: str | Path | RuleSet | None = None,
    overlay: str | Path | None = None,
    progress: Progress | None = None,
) -> WhatIf:
    """Return what a rule would say with other levels or fewer exemptions, without a scan.

    outs : output folders of scans, or folders of such: one or many days
    rule : the id of the rule; may be left out where ``with_rules`` has one alone
    at : thresholds: numbers, ``">450"``, or a text of several, ``"400,450"``
    level : which level they are put in the place of; none: red, yellow where the rule has no red
    without_exemption : names of exemptions to do without: a reason, a word such as ``fak``
    with_rules : a rule file, folder or pack with the rule as it would be, or rules read already
    overlay : where the overlay of the scans is now, if it was moved; the very same file

    Counts and levels are those of a scan by such a rule. Raises InputError where that takes a
    scan, or a folder is not whole; RuleError where a rule cannot be read.
    """
    names = [without_exemption] if isinstance(without_exemption, str) else list(without_exemption)
    numbers = thresholds(at) if at else ()
    if not numbers and not names and with_rules is None:
        raise InputError("what is asked? Give thresholds by --at, or a change of the rule")
    days = scanned_days([outs] if isinstance(outs, str | Path) else outs)
    versions = Versions(rule, with_rules, overlay)
    question = _Question(numbers, level, tuple(names), with_rules is not None)
    asked = [_of_day(day, versions) for day in days]
    _check(asked, question, versions)
    question = question._replace(level=question.level_in(asked))
    answers = []
    done = 0
    for day, one in zip(days, asked, strict=True):
        answers.append(_answer(day, one, question, versions))
        if progress is not None:
            done += day.rows
            progress(done, None)
        day.release()
    return WhatIf(versions.rule, question.level, tuple(question.variants), answers,
                  _notes(asked, answers))  # fmt: skip


class _Asked(NamedTuple):
    """What is asked of one day: the rule as it stands, and the one that stands in its place."""

    day: ScannedDay
    standing: Version
    instead: Version | None

    @property
    def target(self) -> Version:
        return self.standing if self.instead is None else self.instead


class _Question(NamedTuple):
    """What is changed of a rule."""

    numbers: tuple[Threshold, ...]
    level: str | None
    exemptions: tuple[str, ...]
    replaced: bool

    @property
    def changes_rule(self) -> bool:
        return bool(self.exemptions) or self.replaced

    @property
    def variants(self) -> list[Variant]:
        changed = [Variant(CHANGED)] if self.changes_rule else []
        return [Variant(AS_IS), *changed, *map(Variant.at, self.numbers)]

    def changed(self, rule: Rule) -> Rule:
        for name in self.exemptions:
            rule = without(rule, name) or rule
        return rule

    def level_in(self, asked: Iterable[_Asked]) -> str | None:
        """Return which level thresholds are put in the place of, None where there are none."""
        rules = [one.target.rule for one in asked if one.target.rule is not None]
        return level_of(rules[0], self.level) if self.numbers and rules else None


def _of_day(day: ScannedDay, versions: Versions) -> _Asked:
    return _Asked(day, versions.of(day), versions.instead(day))


def _check(asked: Sequence[_Asked], question: _Question, versions: Versions) -> None:
    """Raise InputError for a rule of no day, or an exemption of no version of it."""
    rules = [one.target.rule for one in asked if one.target.rule is not None]
    if not rules:
        if any(versions.is_known(one.day) for one in asked):
            return
        raise versions.unknown([one.day for one in asked])
    for name in question.exemptions:
        if not any(without(rule, name) for rule in rules):
            raise no_exemption(name, rules)


def _answer(
    day: ScannedDay, one: _Asked, question: _Question, versions: Versions
) -> DayAnswer:
    standing, target = one.standing, one.target
    found = {variant: Judged(NOT_IN_FORCE) for variant in question.variants}
    wanted = {} if standing.rule is None else {Variant(AS_IS): standing.rule}
    if question.changes_rule:
        found |= judge(wanted, standing, versions, day)
        wanted = {}
    if target.rule is not None:
        rule = question.changed(target.rule)
        wanted |= {Variant(CHANGED): rule} if question.changes_rule else {}
        name = level_of(rule, question.level)
        wanted |= {Variant.at(n): with_level(rule, name, n) for n in question.numbers}
        version = target if rule is target.rule else target._replace(rule=rule)
        found |= judge(wanted, version, versions, day)
    _check_same(found[Variant(AS_IS)], standing, day)
    return DayAnswer(day.day, str(day.path), target.rule, found)


def _check_same(found: Judged, version: Version, day: ScannedDay) -> None:
    """Hold what the tables give under the scan's own rule against what the scan said.

    Raises InputError where they differ: then one of the files is not what the scan wrote.
    """
    if not version.is_scanned or found.status != JUDGED:
        return
    assert version.rule is not None
    said = day.said(version.rule.id)
    now = (len(found.counted), found.gross, *found.levels.values())
    if said != now:
        raise day.problem(
            f"results.parquet says of {version.rule.id} {_told(said)}, and the other tables give "
            f"{_told(now)}: the folder holds tables of different scans, or was changed; scan "
            f"{day.day} again"
        )


def _told(sums: Sequence[int]) -> str:
    rows, gross, yellow, red = sums
    return f"{rows} rows, gross {gross}, {yellow} yellow, {red} red"


def _notes(asked: Sequence[_Asked], answers: Sequence[DayAnswer]) -> list[Note]:
    """Return what a reader must know besides the numbers."""
    notes: dict[Note, None] = {}
    for one in asked:
        notes.update(dict.fromkeys(_notes_of_day(one)))
    for answer in answers:
        for judged in answer.found.values():
            notes.update({note("assumed", words=words): None for words in judged.assumed})
    return list(notes)


def _notes_of_day(one: _Asked) -> Iterator[Note]:
    rule, scanned, day = one.standing.rule, one.standing.scanned, str(one.day.day)
    if rule is not None and scanned is None:
        yield note("unloaded", day=day, rule=rule.id)
    elif rule is not None and scanned is not None and not one.standing.is_scanned:
        yield note("rewritten", day=day, rule=rule.id, scanned=scanned, now=rule.version)
    if (key := one.day.options.get("pseudonyms")) is not None:
        yield note("pseudonyms", key=key)
    if one.day.sight.one_broker:
        yield note("broker")
