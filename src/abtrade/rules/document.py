"""One YAML document as plain nodes, every problem in it kept with its place.

What no rule needs is refused: anchors, aliases, tags, a second document, deep nesting, tabs. So
nothing is expanded, built or evaluated, and no text costs more than its length.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import yaml

from ..errors import RuleError
from ..safe_text import for_lines

SIZE_LIMIT: Final = 64 * 1024
"""Bytes; a long rule has four thousand."""
DEPTH_LIMIT: Final = 8
PROBLEM_LIMIT: Final = 100
REFUSED: Final = "!refused"
"""The tag of a node that stands for something refused, whose problem is told already."""

_ILLEGAL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_TAB = re.compile(" *\t")
_TOLD_APART = re.compile("[\\t\\r\\\\?\x85\u2028\u2029\ufeff]")
_EXCERPT_WIDTH = 90


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a text; line and column count from 1, columns in characters."""

    line: int
    column: int


class Page:
    """The text of one file, and the problems found in it so far."""

    def __init__(self, name: str, data: str | bytes, noun: str = "rule") -> None:
        self.noun = noun  # what the file is to be, for messages
        self.name = printable(name, 4096)
        encoding = "utf-8" if isinstance(data, str) else _encoding(data)
        self.text = data if isinstance(data, str) else data.decode(encoding, "replace")
        self.text = self.text.removeprefix("\ufeff")
        self.lines = _LINE_END.split(self.text)
        self._problems: list[tuple[Place, str]] = []
        self._check_text(data)

    def problem(self, place: Place, message: str) -> None:
        """Keep a problem."""
        self._problems.append((place, message))

    @property
    def has_problems(self) -> bool:
        """Whether any was found."""
        return bool(self._problems)

    def fail_if_any(self) -> None:
        """Raise RuleError with all problems, in the order of their places; return if none."""
        if self._problems:
            raise RuleError(self._told())

    def _check_text(self, data: str | bytes) -> None:
        if len(data) > SIZE_LIMIT:
            self.problem(Place(1, 1), f"longer than {SIZE_LIMIT} bytes: this is no {self.noun}")
            return
        if isinstance(data, bytes):
            if _encoding(data) != "utf-8":
                self.problem(Place(1, 1), "text in UTF-16; save the file as UTF-8")
                return
            self._check_encoding(data)
        for number, line in enumerate(self.lines, start=1):
            if tab := _TAB.match(line):
                self.problem(
                    Place(number, tab.end()), "a tab in the indentation: indent with blanks"
                )
            for found in _ILLEGAL.finditer(line):
                message = f"the character U+{ord(found[0]):04X} may not stand in a {self.noun}"
                self.problem(Place(number, found.start() + 1), message)

    def _check_encoding(self, data: bytes) -> None:
        try:
            data.decode()
        except UnicodeDecodeError as error:
            before = data[: error.start].decode().removeprefix("\ufeff")
            lines = _LINE_END.split(before)
            message = f"not UTF-8: byte 0x{data[error.start]:02x}; save the file as UTF-8"
            self.problem(Place(len(lines), len(lines[-1]) + 1), message)

    def _told(self) -> list[str]:
        in_order = sorted(self._problems, key=lambda problem: problem[0])
        told = [self._tell(place, message) for place, message in in_order[:PROBLEM_LIMIT]]
        if more := len(in_order) - len(told):
            told.append(f"{self.name}: {more} more problems")
        return told

    def _tell(self, place: Place, message: str) -> str:
        head = f"{self.name}:{place.line}:{place.column}: {message}"
        return "\n".join([head, *self.excerpt(place)])

    def excerpt(self, place: Place) -> list[str]:
        """Return the line of a place and a caret under it; nothing where it is blank."""
        line = self.lines[place.line - 1] if place.line <= len(self.lines) else ""
        return _excerpt(line, place.column)


def _encoding(data: bytes) -> str:
    """Return in what a text is encoded: UTF-16 says so, or has a zero in its first character."""
    little = data.startswith(b"\xff\xfe") or data[1:2] == b"\0"
    big = data.startswith(b"\xfe\xff") or data[:1] == b"\0"
    return "utf-16-le" if little else "utf-16-be" if big else "utf-8"


def compose_fast(page: Page) -> yaml.Node | None:
    """Return the root as ``compose`` does, None where that has to be asked.

    libyaml is many times as fast, but words its errors otherwise, marks what is empty elsewhere
    and takes some texts that ``compose`` refuses. So it reads no text with a character that either
    may see in its own way, and where a problem comes up, ``compose`` is to tell it.
    """
    if not yaml.__with_libyaml__ or _TOLD_APART.search(page.text):
        return None
    loader = yaml.CSafeLoader(page.text)
    try:
        return _Composer(loader, page).document()
    except (yaml.YAMLError, ValueError, OverflowError, _TooDeepError):
        return None
    finally:
        loader.dispose()


def compose(page: Page) -> yaml.Node | None:
    """Return the root of the page's one document, None where it cannot be read at all."""
    loader = yaml.SafeLoader(page.text)
    try:
        return _Composer(loader, page).document()
    except yaml.MarkedYAMLError as error:
        page.problem(_mark_place(error.problem_mark or error.context_mark), _wording(error))
    except (ValueError, OverflowError):  # an escape such as "\UFFFFFFFF"
        page.problem(_mark_place(loader.get_mark()), "an escape that stands for no character")
    except _TooDeepError:
        pass
    finally:
        loader.dispose()
    return None


def place_of(node: yaml.Node) -> Place:
    """Return where a node begins."""
    return _mark_place(node.start_mark)


def printable(text: str, limit: int = 200) -> str:
    """Return a text fit to print on one line: cut, and without characters that act."""
    cut = text if len(text) <= limit else text[:limit] + "..."
    return for_lines(cut).replace("\n", r"\n").replace("\t", r"\t")


def quoted(text: str) -> str:
    """Return a word of the file as a message shows it."""
    return f"'{printable(text, 40)}'"


def suggestion(word: str, options: Iterable[str]) -> str | None:
    """Return the option that is most like the word, None where none is."""
    by_lower = {option.lower(): option for option in options}
    near = difflib.get_close_matches(word[:40].lower(), by_lower, 1, 0.6)
    return by_lower[near[0]] if near else None


def unknown_word(noun: str, word: str, options: Iterable[str]) -> str:
    """Return the message on a word that is none of the options."""
    options = list(options)
    near = suggestion(word, options)
    end = f", did you mean '{near}'?" if near else f": expected {', '.join(options)}"
    return f"unknown {noun} {quoted(word)}{end}"


class _TooDeepError(Exception):
    pass


class _Composer:
    """Nodes out of the parser's events; what is refused becomes a REFUSED scalar."""

    def __init__(self, loader: yaml.SafeLoader | yaml.CSafeLoader, page: Page) -> None:
        self.loader: Any = loader  # its event methods carry no types
        self.page = page

    def document(self) -> yaml.Node | None:
        self.loader.get_event()  # the stream's start
        if self.loader.check_event(yaml.StreamEndEvent):
            self.page.problem(Place(1, 1), f"empty: expected a {self.page.noun}")
            return None
        self.loader.get_event()  # the document's start
        root = self.node(depth=1)
        self.loader.get_event()  # the document's end
        if not self.loader.check_event(yaml.StreamEndEvent):
            place = _mark_place(self.loader.peek_event().start_mark)
            self.page.problem(place, f"a second document: a file holds one {self.page.noun}")
        return root

    def node(self, depth: int) -> yaml.Node:
        event = self.loader.get_event()
        place = _mark_place(event.start_mark)
        if depth > DEPTH_LIMIT:
            self.page.problem(place, f"nested deeper than {DEPTH_LIMIT} levels")
            raise _TooDeepError
        refused = self.refusal(event)
        if refused:
            self.page.problem(place, refused)
        node = self.content(event, depth)
        if refused:
            return yaml.ScalarNode(REFUSED, "", event.start_mark, event.end_mark)
        return node

    def refusal(self, event: Any) -> str | None:
        if isinstance(event, yaml.AliasEvent):
            return f"the alias *{printable(str(event.anchor), 40)}: write the value out"
        if event.anchor is not None:
            return f"the anchor &{printable(event.anchor, 40)}: a {self.page.noun} has no anchors"
        if event.tag is not None:
            return f"the tag {printable(event.tag, 40)}: a {self.page.noun} has no tags"
        return None

    def content(self, event: Any, depth: int) -> yaml.Node:
        start, end = event.start_mark, event.end_mark
        if isinstance(event, yaml.SequenceStartEvent):
            return yaml.SequenceNode("list", self.items(depth), start, end)
        if isinstance(event, yaml.MappingStartEvent):
            return yaml.MappingNode("map", self.pairs(depth), start, end)
        if isinstance(event, yaml.AliasEvent):
            return yaml.ScalarNode(REFUSED, "", start, end)
        tag = self.loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        return yaml.ScalarNode(tag, event.value, start, end, style=event.style)

    def items(self, depth: int) -> list[yaml.Node]:
        nodes = []
        while not self.loader.check_event(yaml.SequenceEndEvent):
            nodes.append(self.node(depth + 1))
        self.loader.get_event()
        return nodes

    def pairs(self, depth: int) -> list[tuple[yaml.Node, yaml.Node]]:
        """Return keys and values; a repeated key keeps its first value."""
        pairs: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        while not self.loader.check_event(yaml.MappingEndEvent):
            key, value = self.node(depth + 1), self.node(depth + 1)
            if not isinstance(key, yaml.ScalarNode):
                self.page.problem(place_of(key), "a key must be a word")
            elif key.value in pairs:
                first = place_of(pairs[key.value][0])
                message = f"repeated key {quoted(key.value)}, first on line {first.line}"
                self.page.problem(place_of(key), message)
            elif key.tag != REFUSED:
                pairs[key.value] = key, value
        self.loader.get_event()
        return list(pairs.values())


def _mark_place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _wording(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "cannot be read"
    if "'\\t'" in problem:
        return "a tab where YAML wants a blank"
    return f"not YAML: {printable(problem)}" + (f" {error.context}" if error.context else "")


def _excerpt(line: str, column: int) -> list[str]:
    """Return the source line about a column, and a caret under it; nothing for a blank line."""
    start = max(0, column - 1 - _EXCERPT_WIDTH * 2 // 3)
    piece = line[start : start + _EXCERPT_WIDTH]
    if not piece.strip():
        return []
    before = for_lines(piece[: column - 1 - start])
    blanks = "".join(_blank(char) for char in before)
    return [f"  {for_lines(piece)}", f"  {blanks}^"]


def _blank(char: str) -> str:
    """Return blanks as wide as a character on a terminal."""
    if char == "\t":
        return "\t"
    if unicodedata.combining(char):
        return ""
    return "  " if unicodedata.east_asian_width(char) in "WF" else " "
