"""Changes to a rule that a question asks about: another level, an exemption less."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from .. import schema
from ..errors import InputError
from ..plan import Filter
from ..rules.decimals import too_long
from ..rules.document import printable, unknown_word
from ..rules.rule import OUTSIDE, Level, Rule, filter_words

_THRESHOLD: Final = re.compile(r"\s*(>=|>|)\s*(\d{1,18}(?:\.\d{1,9})?)\s*", re.ASCII)
_OPS: Final = {">=": "gte", ">": "gt", "": None}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number to put in the place of a level; ``op`` None: the rule's own comparison."""

    number: Fraction
    op: str | None = None

    def of(self, level: Level | None) -> Level:
        """Return the level that comes of the rule's own, ``>=`` where it has none."""
        return Level(self.op or (level.op if level else "gte"), self.number)


def thresholds(given: str | Iterable[object]) -> tuple[Threshold, ...]:
    """Return thresholds by their numbers, each once: of ``400,>=450`` or of numbers.

    Raises InputError with everything that is no threshold.
    """
    parts = given.split(",") if isinstance(given, str) else [_written(each) for each in given]
    found, wrong = {}, []
    for part in parts:
        match = _THRESHOLD.fullmatch(part)
        if match is None:
            expected = too_long(part.strip(" >=")) or "a number such as 450 or >450"
            wrong.append(f"--at: '{printable(part, 40)}': expected {expected}")
        else:
            one = Threshold(Fraction(match[2]), _OPS[match[1]])
            found[one] = one.number
    if wrong or not found:
        told = "\n".join(dict.fromkeys(wrong))
        raise InputError(told or "--at: expected numbers such as 400,450,500")
    return tuple(sorted(found, key=lambda each: (each.number, each.op == "gt")))


def level_of(rule: Rule, asked: str | None) -> str:
    """Return which level thresholds are put in the place of: the one asked for, else red.

    Raises InputError where the rule's count can have no such level.
    """
    level = asked or ("red" if rule.red is not None else "yellow")
    if level == "red" and rule.count in schema.STATISTICS:
        raise InputError(f"{rule.id}: {rule.count} gives at most yellow: ask with --level yellow")
    return level


def with_level(rule: Rule, name: str, threshold: Threshold) -> Rule:
    """Return a rule with another yellow or red. Raises InputError where its count cannot have it.
    """
    level = threshold.of(getattr(rule, name))
    if rule.count not in schema.FIGURES:
        if level.number.denominator != 1:
            raise InputError(
                f"--at: {rule.count} are counted in whole numbers, found {level.written}"
            )
        if level.number == 0 and level.op == "gte":
            raise InputError(f"--at: {rule.count} {level.written} is always so: begin at 1")
    return replace(rule, yellow=level) if name == "yellow" else replace(rule, red=level)


def without(rule: Rule, name: str) -> Rule | None:
    """Return a rule without an exemption, None where it has none of that name.

    name : a reason (``outside``: what ``only`` drops), a word of a filter (``fak``), an attribute
        with its word (``tif=fak``), or an attribute alone (``market_maker``)
    """
    if name == OUTSIDE:
        return replace(rule, only=()) if rule.only else None
    kept = []
    for entry in rule.leave_out:
        if name in (entry.reason, entry.reason_zh):
            continue
        narrowed = _narrowed(entry.filter, name)
        if narrowed is not None:
            kept.append(replace(entry, filter=narrowed))
    changed = tuple(kept)
    return replace(rule, leave_out=changed) if changed != rule.leave_out else None


def exemptions_of(rules: Iterable[Rule]) -> list[str]:
    """Return the names of exemptions that rules have: reasons first, then words."""
    names: dict[str, None] = {}
    for rule in rules:
        names.update(dict.fromkeys(entry.reason for entry in rule.leave_out))
        names.update({OUTSIDE: None} if rule.only else {})
    for rule in rules:
        for entry in rule.leave_out:
            for attribute, said in filter_words(entry.filter).items():
                if isinstance(said, bool):
                    names[attribute] = None
                elif attribute in schema.CODES:
                    names.update(dict.fromkeys(said))
    return list(names)


def no_exemption(name: str, rules: Sequence[Rule]) -> InputError:
    """Return the error of an exemption that no version of a rule has."""
    names = exemptions_of(rules)
    if not names:
        return InputError(f"--without-exemption: {rules[0].id} leaves nothing out")
    return InputError(f"--without-exemption: {unknown_word('exemption', name, names)}")


def _narrowed(entry: Filter, name: str) -> Filter | None:
    """Return a filter without a word, None where then nothing is left of it."""
    asked, _, word = name.rpartition("=")
    codes = {}
    for attribute, accepted in entry.codes.items():
        left = accepted
        if asked in ("", attribute):
            code = schema.code_words(attribute).get(word) if attribute in schema.CODES else None
            left = frozenset() if attribute == name and code not in accepted else accepted - {code}
        if not left:
            return None
        codes[attribute] = left
    if name == "order_fee" and entry.order_fee is not None:
        return None
    return replace(entry, codes=codes)


def _written(number: object) -> str:
    return format(Decimal(str(number)), "f") if isinstance(number, float) else str(number)
