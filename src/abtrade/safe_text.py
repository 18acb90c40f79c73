"""Text from a log made harmless wherever people read it: terminal, CSV, HTML.

Account names come from outside. A name may carry terminal commands, marks that turn the reading
direction, characters nobody sees, HTML, or a formula that a spreadsheet would run. Which
characters count as unseen is written out here, not asked of Python's tables, so that the same
input gives the same output under every Python.
"""

from __future__ import annotations

import html
import json
import os
import re
from datetime import date
from typing import Any, Final

_CONTROLS: Final = "\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_UNSEEN: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_HARMFUL: Final = re.compile(f"[{_CONTROLS}{_UNSEEN}]")
_HARMFUL_OR_BACKSLASH: Final = re.compile(rf"[\\{_CONTROLS}{_UNSEEN}]")
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_SHORT: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\\": r"\\"}


def for_terminal(text: str) -> str:
    r"""Return one line of text in which every control or unseen character is spelled out.

    ``ESC`` becomes ``\x1b``, a line feed ``\n``, a right-to-left override ``\u202e`` and a
    backslash ``\\``, so that different texts stay different.
    """
    return _HARMFUL_OR_BACKSLASH.sub(lambda match: _spelled(match[0]), text)


def for_lines(text: str) -> str:
    """Return a message of several lines made harmless; its line ends, tabs, backslashes stay."""
    return _HARMFUL.sub(
        lambda match: match[0] if match[0] in "\n\t" else _spelled(match[0]), text
    )


def for_csv(cell: str) -> str:
    """Return a CSV cell that no spreadsheet takes for a formula, spelled out as for a terminal."""
    return guarded(for_terminal(cell))


def guarded(cell: str) -> str:
    """Return a cell with an apostrophe before it where it would be a formula; ``-5`` is none."""
    starts = cell.lstrip().startswith(_FORMULA_STARTS)
    return "'" + cell if starts and not _is_number(cell) else cell


def for_html(text: str) -> str:
    """Return text for an HTML page: no markup in it, nothing unseen in it."""
    return html.escape(for_terminal(text), quote=True)


def for_xml(text: str) -> str:
    """Return a text without characters that no XML document may hold; its library escapes."""
    return _NO_XML.sub("\ufffd", text)


def for_json(value: Any, *, indent: int | None = None) -> str:
    r"""Return JSON that reads back as ``value``, with harmful characters as ``\uXXXX`` escapes.

    Keys keep their order, other characters stand as they are; numpy numbers, dates and paths are
    taken. Raises ValueError for a number that JSON cannot hold (NaN, infinity).
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent, default=_plain)
    return _HARMFUL.sub(lambda match: _json_escape(match[0]), text)


def _spelled(char: str) -> str:
    if char in _SHORT:
        return _SHORT[char]
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(char: str) -> str:
    if char == "\n":  # between the lines of an indented document; never inside a JSON string
        return char
    code = ord(char)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def _plain(value: Any) -> Any:
    """Return a value that JSON has no word for as one that it has."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "item"):  # a numpy number
        return value.item()
    raise TypeError(f"{type(value).__name__} is no JSON")


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", cell, re.ASCII) is not None
