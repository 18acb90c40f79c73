"""A comparison of two sets of rules: which are new, which are gone, and what changed in others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from ..errors import RuleError
from ..wording import Language, text
from .changes import Change, changes_of, in_substance
from .phrases import level_said
from .rule import Rule

Pair = tuple[Rule | None, Rule | None]


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one rule. Of a new one ``before`` is None, of one that is gone ``after``."""

    before: Rule | None
    after: Rule | None
    changes: tuple[Change, ...]  # of one that both sides have

    @property
    def kind(self) -> str:
        """``added``, ``removed`` or ``changed``."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"


@dataclass(frozen=True, slots=True)
class Diff:
    """Two sets of rules compared."""

    differences: tuple[Difference, ...]
    same: int  # rules that both sides have alike


def compare(before: Sequence[Rule], after: Sequence[Rule], lang: Language) -> Diff:
    """Return what differs between two sets of rules, in the order of their ids.

    Rules are matched by id; where the sides share none (two exchanges), by the id without its
    first word. Of several versions of an id those of the same first day are matched, then those
    in the same order. Of two rules with different ids neither texts nor exchange are compared.
    Raises RuleError for several versions where ids are not shared.
    """
    name = _matched_by(before, after)
    found = []
    same = 0
    for old, new in _pairs(before, after, name):
        changes = _changes(old, new, lang)
        if old and new and not changes:
            same += 1
        else:
            found.append(Difference(old, new, changes))
    return Diff(tuple(found), same)


def _changes(old: Rule | None, new: Rule | None, lang: Language) -> tuple[Change, ...]:
    """Return how two rules differ; of two of different ids, in what they judge but where."""
    if old is None or new is None:
        return ()
    found = changes_of(old, new, lang)
    if old.id != new.id:
        found = [change for change in in_substance(found) if change.part != "exchange"]
    return tuple(found)


def _matched_by(before: Sequence[Rule], after: Sequence[Rule]) -> Callable[[Rule], str]:
    if {rule.id for rule in before} & {rule.id for rule in after}:
        return lambda rule: rule.id
    for side in (before, after):
        ids = [rule.id for rule in side]
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            what = f"no rule id is on both sides, and there are several versions of {twice[0]}"
            raise RuleError([f"{what}: name a day, with --day or as shfe@2024-10-25"])
    return lambda rule: rule.id.partition(".")[2]


def _pairs(
    before: Iterable[Rule], after: Iterable[Rule], name: Callable[[Rule], str]
) -> list[Pair]:
    """Return each rule of either side with what it is matched with, None where with nothing."""
    sides = [_by_name(rules, name) for rules in (before, after)]
    pairs: list[Pair] = []
    for each in sorted({*sides[0], *sides[1]}):
        pairs += _versions(sides[0].get(each, []), sides[1].get(each, []))
    return pairs


def _by_name(rules: Iterable[Rule], name: Callable[[Rule], str]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in sorted(rules, key=lambda rule: (name(rule), rule.from_day)):
        found.setdefault(name(rule), []).append(rule)
    return found


def _versions(before: list[Rule], after: list[Rule]) -> list[Pair]:
    """Match the versions of one rule: those of one first day, then one after the other."""
    olds, news = ({rule.from_day: rule for rule in side} for side in (before, after))
    alike: list[Pair] = [(old, news[day]) for day, old in olds.items() if day in news]
    others = zip_longest(
        (old for day, old in olds.items() if day not in news),
        (new for day, new in news.items() if day not in olds),
    )
    return sorted([*alike, *others], key=_first_day)


def _first_day(pair: Pair) -> date:
    return min(rule.from_day for rule in pair if rule is not None)


def levels_said(rule: Rule, lang: Language) -> str:
    """Return the levels of a rule in one sentence each."""
    told = []
    for name in ("red", "yellow"):
        level = getattr(rule, name)
        if level is not None:
            part = text(lang, f"part.{name}")
            said = text(lang, "part.line", part=part, text=level_said(rule, level, lang))
            told.append(text(lang, "sentence.end", text=said))
    return text(lang, "sentence").join(told)
