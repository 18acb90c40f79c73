"""The kinds of value a rule file holds, each read out of a YAML node and told as JSON Schema.

Reading and schema stand side by side, so that what an editor checks is what a scan accepts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final, Protocol

import yaml

from ..safe_text import for_lines
from .decimals import DECIMAL, too_long
from .document import REFUSED, Page, Place, place_of, printable, quoted, suggestion, unknown_word

LINE_LIMIT: Final = 2000
_STRING_TAGS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp")
_NULL_TAG = "tag:yaml.org,2002:null"
_BLANK_VALUE = re.compile(r"\s*\Z")


@dataclass(frozen=True, slots=True)
class Item:
    """A value and where it stands; None where it could not be read, its problem told."""

    place: Place
    value: Any

    def plain(self) -> Any:
        """Return the value without places, mappings as dicts and lists as lists."""
        if isinstance(self.value, dict):
            return {name: item.plain() for name, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value


class Kind(Protocol):
    """How a value is written."""

    def read(self, node: yaml.Node, page: Page) -> Any:
        """Return the value of a node, None where it is wrong: then the page has the problem."""

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of such a value."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a list."""

    noun: str
    options: tuple[str, ...]

    def read(self, node: yaml.Node, page: Page) -> str | None:
        """Return the word."""
        word = _scalar(node, page, f"one of {', '.join(self.options)}")
        if word is not None and word not in self.options:
            page.problem(place_of(node), unknown_word(self.noun, word, self.options))
            return None
        return word

    def schema(self) -> dict[str, Any]:
        """Return an enumeration."""
        return {"enum": list(self.options)}


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a given form."""

    pattern: str
    expected: str

    def read(self, node: yaml.Node, page: Page) -> str | None:
        """Return the name."""
        name = _string(node, page, self.expected)
        if name is not None and not re.fullmatch(self.pattern, name, re.ASCII):
            page.problem(place_of(node), f"{quoted(name)}: expected {self.expected}")
            return None
        return name

    def schema(self) -> dict[str, Any]:
        """Return a string of that form."""
        return {"type": "string", "pattern": f"^{self.pattern}$"}


@dataclass(frozen=True, slots=True)
class Line:
    """A text for people, told as one line however it is broken in the file."""

    def read(self, node: yaml.Node, page: Page) -> str | None:
        """Return the text, runs of blanks and line ends as one blank."""
        raw = _string(node, page, "a text")
        if raw is None:
            return None
        text = " ".join(raw.split())
        if len(text) > LINE_LIMIT:
            problem = f"a text of {len(text)} characters: expected at most {LINE_LIMIT}"
        elif for_lines(text) != text:
            problem = f"a text with characters that do not print: {printable(text, 40)}"
        else:
            return text
        page.problem(place_of(node), problem)
        return None

    def schema(self) -> dict[str, Any]:
        """Return a string that is not blank."""
        return {"type": "string", "pattern": r"\S"}


@dataclass(frozen=True, slots=True)
class Day:
    """A date."""

    def read(self, node: yaml.Node, page: Page) -> date | None:
        """Return the date."""
        text = _scalar(node, page, "a date such as 2010-11-05")
        if text is None:
            return None
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
                return date.fromisoformat(text)
        except ValueError:
            page.problem(place_of(node), f"{quoted(text)} is no day of the calendar")
            return None
        page.problem(place_of(node), f"{quoted(text)}: expected a date such as 2010-11-05")
        return None

    def schema(self) -> dict[str, Any]:
        """Return a date in ISO form."""
        return {"type": "string", "format": "date", "pattern": r"^\d{4}-\d\d-\d\d$"}


@dataclass(frozen=True, slots=True)
class Number:
    """A number not below 0, kept exactly; ``least`` given: a whole one from there on."""

    least: int | None = None

    def read(self, node: yaml.Node, page: Page) -> Fraction | None:
        """Return the number as written in decimal."""
        expected = "a number such as 400"
        text = _scalar(node, page, expected)
        if text is None:
            return None
        if _style(node) or not re.fullmatch(DECIMAL, text, re.ASCII):
            expected = (None if _style(node) else too_long(text)) or expected
            page.problem(place_of(node), f"{quoted(text)}: expected {expected}")
            return None
        number = Fraction(text)
        if self.least is not None and (number.denominator != 1 or number < self.least):
            message = f"{quoted(text)}: expected a whole number of at least {self.least}"
            page.problem(place_of(node), message)
            return None
        return number

    def schema(self) -> dict[str, Any]:
        """Return a number with its least value."""
        if self.least is None:
            return {"type": "number", "minimum": 0}
        return {"type": "integer", "minimum": self.least}


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false, and no other word for it."""

    def read(self, node: yaml.Node, page: Page) -> bool | None:
        """Return the flag."""
        text = _scalar(node, page, "true or false")
        if text is None:
            return None
        if _style(node) or text not in ("true", "false"):
            page.problem(place_of(node), f"{quoted(text)}: expected true or false")
            return None
        return text == "true"

    def schema(self) -> dict[str, Any]:
        """Return a boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class OneOrMany:
    """One value, or a list of different ones; read as a list either way."""

    kind: Kind

    def read(self, node: yaml.Node, page: Page) -> list[Item]:
        """Return the values."""
        if not isinstance(node, yaml.SequenceNode):
            return [read_item(self.kind, node, page)]
        items = [read_item(self.kind, each, page) for each in node.value]
        if not items:
            page.problem(place_of(node), "an empty list: name at least one")
        seen: list[Any] = []
        for item in items:
            plain = item.plain()
            if plain is not None and plain in seen:
                what = quoted(plain) if isinstance(plain, str) else "this"
                page.problem(item.place, f"{what} is listed twice")
            seen.append(plain)
        return items

    def schema(self) -> dict[str, Any]:
        """Return one value or a list."""
        one = self.kind.schema()
        many = {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}
        return {"anyOf": [one, many]}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list."""

    kind: Kind

    def read(self, node: yaml.Node, page: Page) -> list[Item] | None:
        """Return the entries."""
        if not isinstance(node, yaml.SequenceNode):
            page.problem(place_of(node), f"{_found(node)}: expected a list, one `- ` an entry")
            return None
        if not node.value:
            page.problem(place_of(node), "an empty list: name at least one entry")
        return [read_item(self.kind, each, page) for each in node.value]

    def schema(self) -> dict[str, Any]:
        """Return a list of at least one entry."""
        return {"type": "array", "items": self.kind.schema(), "minItems": 1}


@dataclass(frozen=True, slots=True)
class Field:
    """A key of a mapping; ``about`` is what an editor shows for it."""

    name: str
    kind: Kind
    about: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping of known keys; ``exactly_one``: of its keys one is given and no more;
    ``at_least_one``: it is not empty.
    """

    noun: str
    fields: tuple[Field, ...]
    exactly_one: bool = False
    at_least_one: bool = False

    def read(self, node: yaml.Node, page: Page) -> dict[str, Item] | None:
        """Return the known keys that are there; a misspelt key stands in for the one meant."""
        if not isinstance(node, yaml.MappingNode):
            keys = ", ".join(field.name for field in self.fields[:4])
            message = f"{_found(node)}: expected {self.noun}, with keys such as {keys}"
            page.problem(place_of(node), message)
            return None
        kinds = {field.name: field.kind for field in self.fields}
        items: dict[str, Item] = {}
        for key, value in node.value:
            if key.value in kinds:
                items[key.value] = read_item(kinds[key.value], value, page)
            else:
                page.problem(place_of(key), unknown_word("key", key.value, kinds))
                meant = suggestion(key.value, kinds)
                items.setdefault(meant or key.value, Item(place_of(key), None))
        self._check_presence(items, place_of(node), page)
        return {name: item for name, item in items.items() if name in kinds}

    def _check_presence(self, items: dict[str, Item], place: Place, page: Page) -> None:
        for field in self.fields:
            if field.required and field.name not in items:
                page.problem(place, f"{self.noun} without the key '{field.name}'")
        if self.exactly_one and len(items) != 1:
            names = " or ".join(self._names())
            page.problem(place, f"{self.noun} has one key, {names}: found {len(items)}")
        if self.at_least_one and not items:
            page.problem(place, f"{self.noun} without a key: give {words(self._names())}")

    def _names(self) -> list[str]:
        return [field.name for field in self.fields]

    def schema(self) -> dict[str, Any]:
        """Return an object that takes these keys alone."""
        told: dict[str, Any] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {field.name: _described(field) for field in self.fields},
        }
        if required := [field.name for field in self.fields if field.required]:
            told["required"] = required
        if self.exactly_one:
            told |= {"minProperties": 1, "maxProperties": 1}
        if self.at_least_one:
            told |= {"minProperties": 1}
        return told


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping of names of one form to values of one kind."""

    noun: str
    name: Name
    kind: Kind

    def read(self, node: yaml.Node, page: Page) -> dict[str, Item] | None:
        """Return the values by name, each with the place of its name."""
        if not isinstance(node, yaml.MappingNode):
            page.problem(place_of(node), f"{_found(node)}: expected {self.noun}")
            return None
        if not node.value:
            page.problem(place_of(node), "an empty mapping: name at least one")
        items: dict[str, Item] = {}
        for key, value in node.value:
            name = self.name.read(key, page)
            found = read_item(self.kind, value, page)
            if name is not None:
                items[name] = Item(place_of(key), found.value)
        return items

    def schema(self) -> dict[str, Any]:
        """Return an object with keys of that form."""
        return {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "patternProperties": {self.name.schema()["pattern"]: self.kind.schema()},
        }


_LANGUAGES = Table(
    "a text by language",
    (
        Field("en", Line(), "In English.", required=True),
        Field("zh", Line(), "In Chinese.", required=True),
    ),
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in English and Chinese; one plain text serves as both."""

    def read(self, node: yaml.Node, page: Page) -> dict[str, Item] | None:
        """Return the text by language."""
        if isinstance(node, yaml.MappingNode):
            return _LANGUAGES.read(node, page)
        line = Line().read(node, page)
        return None if line is None else dict.fromkeys(("en", "zh"), Item(place_of(node), line))

    def schema(self) -> dict[str, Any]:
        """Return a string, or an object with both languages."""
        return {"$ref": "#/$defs/text"}

    @staticmethod
    def definition() -> dict[str, Any]:
        """Return what the schema's reference means."""
        return {"anyOf": [Line().schema(), _LANGUAGES.schema()]}


def read_item(kind: Kind, node: yaml.Node, page: Page) -> Item:
    """Return the value of a node with its place; of a refused node None."""
    return Item(place_of(node), None if node.tag == REFUSED else kind.read(node, page))


def words(names: Iterable[str]) -> str:
    """Return names as a list within a sentence: ``a, b or c``."""
    *rest, last = names
    return f"{', '.join(rest)} or {last}" if rest else last


def _described(field: Field) -> dict[str, Any]:
    return {"description": field.about, **field.kind.schema()}


def _scalar(node: yaml.Node, page: Page, expected: str) -> str | None:
    """Return the text of a scalar that is there, None with a problem for anything else."""
    if isinstance(node, yaml.ScalarNode) and node.tag != _NULL_TAG:
        text: str = node.value
        if not _BLANK_VALUE.match(text):
            return text
    page.problem(place_of(node), f"{_found(node)}: expected {expected}")
    return None


def _string(node: yaml.Node, page: Page, expected: str) -> str | None:
    """Return the text of a scalar that any YAML reader takes for a string."""
    text = _scalar(node, page, expected)
    if text is not None and node.tag not in _STRING_TAGS:
        page.problem(place_of(node), f"{quoted(text)} is not read as a text: put it in quotes")
        return None
    return text


def _found(node: yaml.Node) -> str:
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    return "nothing" if _BLANK_VALUE.match(node.value) else quoted(node.value)


def _style(node: yaml.Node) -> str | None:
    """Return how a scalar is quoted, None where it is not."""
    assert isinstance(node, yaml.ScalarNode)
    return node.style
