"""Kinds of value that test files hold and rule files do not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import yaml

from ..rules.decimals import DECIMAL, too_long
from ..rules.document import REFUSED, Page, place_of, quoted
from ..rules.kinds import Item, Kind, Line, read_item

_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?", re.ASCII)
_SIGNED: Final = re.compile(f"-?{DECIMAL}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: any one value, as the text that stands there."""

    expected: str = "one value"

    def read(self, node: yaml.Node, page: Page) -> str | None:
        """Return the text."""
        if isinstance(node, yaml.ScalarNode) and node.value.strip():
            text: str = node.value
            return text.strip()
        page.problem(place_of(node), f"expected {self.expected}")
        return None

    def schema(self) -> dict[str, Any]:
        """Return a string, a number or a flag."""
        return {"type": ["string", "number", "boolean"]}


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day of the trading day, as ns since midnight."""

    def read(self, node: yaml.Node, page: Page) -> int | None:
        """Return the time."""
        text = Cell("a time such as 10:00:00").read(node, page)
        if text is None:
            return None
        found = _CLOCK.fullmatch(text)
        if found is None:
            page.problem(place_of(node), f"{quoted(text)}: expected a time such as 10:00:00")
            return None
        hours, minutes, seconds, fraction = found.groups("")
        whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
        return whole * 10**9 + int(fraction.ljust(9, "0"))

    def schema(self) -> dict[str, Any]:
        """Return a string of that form."""
        return {"type": "string", "pattern": f"^{_CLOCK.pattern}$"}


@dataclass(frozen=True, slots=True)
class Signed:
    """A number that may be below 0, kept exactly."""

    def read(self, node: yaml.Node, page: Page) -> Fraction | None:
        """Return the number as written in decimal."""
        text = Cell("a number").read(node, page)
        if text is None:
            return None
        if not _SIGNED.fullmatch(text):
            expected = too_long(text) or "a number"
            page.problem(place_of(node), f"{quoted(text)}: expected {expected}")
            return None
        return Fraction(text)

    def schema(self) -> dict[str, Any]:
        """Return a number."""
        return {"type": "number"}


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping whose keys are free texts."""

    kind: Kind

    def read(self, node: yaml.Node, page: Page) -> dict[str, Item] | None:
        """Return the values by key."""
        if not isinstance(node, yaml.MappingNode):
            page.problem(place_of(node), "expected a mapping, {name: value}")
            return None
        keys = [(Line().read(key, page), value) for key, value in node.value]
        return {key: read_item(self.kind, value, page) for key, value in keys if key is not None}

    def schema(self) -> dict[str, Any]:
        """Return an object whose values are of the kind."""
        return {"type": "object", "additionalProperties": self.kind.schema()}


@dataclass(frozen=True, slots=True)
class Either:
    """One word, or else something of another kind."""

    word: Kind
    other: Kind

    def read(self, node: yaml.Node, page: Page) -> Any:
        """Return the word where a single value stands there, else what the other kind reads."""
        is_word = isinstance(node, yaml.ScalarNode) and node.tag != REFUSED
        return (self.word if is_word else self.other).read(node, page)

    def schema(self) -> dict[str, Any]:
        """Return either."""
        return {"anyOf": [self.word.schema(), self.other.schema()]}
