"""A rule file with its places: what stands where, and which findings its author means."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ..document import Page, Place
from ..kinds import Item
from ..rule import Rule
from ..syntax import read_places

_REMARK: Final = re.compile(r"(?:^|\s)#\s*meant\s+(R\d{3})\b[:\s]*(.*)$")


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment that says why a finding stands: ``# meant R003: the standard was suspended``."""

    code: str
    why: str
    place: Place


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A rule, the file it was read from, and where in it each thing stands."""

    rule: Rule
    file: Path
    page: Page
    root: Item
    remarks: tuple[Remark, ...] = field(default=())

    def place(self, *keys: str | int) -> Place:
        """Return where the thing that keys and list positions lead to stands.

        That is the innermost of them that is there.
        """
        item = self.root
        for key in keys:
            if key not in _keys(item.value):
                break
            item = item.value[key]
        return item.place

    def excerpt(self, place: Place) -> str:
        """Return the line of a place with a caret under it."""
        return "\n".join(self.page.excerpt(place))


def read_rule_file(rule: Rule, file: Path) -> RuleFile:
    """Return a rule that was read without a problem, with the places of its file."""
    page = Page(rule.path, file.read_bytes())
    return RuleFile(rule, file, page, read_places(page), tuple(_remarks(page)))


def _keys(value: object) -> Collection[str | int]:
    if isinstance(value, dict):
        return value
    return range(len(value)) if isinstance(value, list) else ()


def _remarks(page: Page) -> list[Remark]:
    return [
        Remark(found[1], found[2].strip(), Place(number, found.start(1) + 1))
        for number, line in enumerate(page.lines, start=1)
        if (found := _REMARK.search(line))
    ]
