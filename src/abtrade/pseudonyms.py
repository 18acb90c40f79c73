"""Pseudonyms: keyed hashes that stand for accounts, clients, members and groups from the door on.

A name is replaced where it is read, so nothing behind the readers knows it and no output can tell
it. Equal names get equal pseudonyms, which is all that finding subjects asks of a name, but for the
client within a code of 12 digits: that one is noted before the code is gone.
"""

from __future__ import annotations

import ast
import functools
import hmac
import json
import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from . import schema
from .errors import InputError, OutputError
from .regular_file import open_regular

NAME_COLUMNS: Final = ("account", "contra_account", "client", "member")
"""The columns of a log that name people."""

SHORTEST_KEY: Final = 32
LONGEST_KEY: Final = 4096
FEWEST_BYTES: Final = 10
"""Different bytes that a key has at least: 32 random ones have fewer once in 10^20 times or so."""

CLIENT_CODE: Final = re.compile("[0-9]{4}([0-9]{8})")
"""Member and client, as the six exchanges write them in one code."""

_PSEUDONYM: Final = re.compile("p-[0-9a-f]{16}")
_QUOTED: Final = re.compile(r"(?<![^\s(\[{=:,;/])b?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")")
_FORMS: Final = {
    "contract": re.compile("[A-Za-z]{1,2}[0-9]{3,4}(-?[CP]-?[0-9]{1,6})?"),
    "exchange": re.compile("|".join(schema.EXCHANGES)),
    "ts": re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}[.0-9]*Z?"),
}
"""What text in a column looks like that names nobody."""


P = ParamSpec("P")
ResultT = TypeVar("ResultT")


def client_in(code: str) -> str | None:
    """Return the client that an account's code of 12 digits holds, None where it is no such code.

    Of a pseudonym: ``Pseudonyms.client_in``.
    """
    found = CLIENT_CODE.fullmatch(code)
    return found[1] if found else None


class Pseudonyms:
    """The pseudonyms of one key: ``p-`` and 16 hexadecimal digits of HMAC-SHA-256 of the name.

    ``key_id`` tells keys apart without telling the key.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._of: dict[str, str] = {}
        self._name_of: dict[str, str] = {}
        self._clients: dict[str, str] = {}  # of codes of 12 digits, both as pseudonyms
        self._words = {
            *schema.LOG_COLUMNS, *schema.EXCHANGES, "complete", "faults", "rejected rows",
            *(word for column in schema.CODES for word in schema.code_words(column)),
        }  # fmt: skip
        self.key_id = self._digest("key", "")[:16]

    def of(self, name: str) -> str:
        """Return the pseudonym of a name, whether account, client, member or group.

        Raises InputError where two names come to one pseudonym: they would be counted as one.
        """
        found = self._of.get(name)
        if found is None:
            found = "p-" + self._digest("name", name)[:16]
            if self._name_of.setdefault(found, name) != name:
                raise InputError(
                    "two names come to the same pseudonym, which happens once in a great many "
                    "keys; make another key"
                )
            self._of[name] = found
            if client := client_in(name):
                self._clients[found] = self.of(client)
        return found

    def client_in(self, code: str) -> str | None:
        """Return the pseudonym of the client in the code of 12 digits behind a pseudonym."""
        return self._clients.get(code)

    def know(self, words: Iterable[str]) -> None:
        """Let words that are no names, such as those of a table's columns, stand in messages."""
        self._words.update(words)

    def message(self, text: str) -> str:
        """Return a message in which every quoted piece that may be data is a pseudonym."""
        return _QUOTED.sub(self._said, text)

    def content(self, content: str) -> str:
        """Return the JSON text of a row with only what can name nobody.

        That is times, numbers, codes, contracts, exchanges under their own columns, and pseudonyms;
        any other cell is replaced whole, for in a bad row a name may stand anywhere.
        """
        cells = json.loads(content)
        told = {name: self._cell(name, cell) for name, cell in cells.items()}
        return json.dumps(told, ensure_ascii=False)

    def _cell(self, column: str, cell: Any) -> Any:
        text = str(cell)
        if cell is None or _told_in(text, self._name_of) or self._fits(column, cell, text):
            return cell
        return self.of(text)

    def _fits(self, column: str, cell: Any, text: str) -> bool:
        """Whether a cell is what its column is for, and that is nobody's name."""
        if column not in schema.LOG_COLUMNS or column in NAME_COLUMNS or text in self._of:
            return False
        if column in schema.CODES:
            return text in schema.code_words(column)
        if column in _FORMS:
            return _FORMS[column].fullmatch(text) is not None
        return isinstance(cell, bool | int | float)

    def _said(self, quoted: re.Match[str]) -> str:
        try:
            inner = str(ast.literal_eval(quoted[0]))
        except (ValueError, SyntaxError):
            inner = quoted[0][1:-1]
        if inner in self._words or _told_in(inner, self._name_of):
            return quoted[0]
        return f"'{self.of(inner)}'"

    def _digest(self, use: str, text: str) -> str:
        about = f"abtrade {use}\0{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, about, "sha256").hex()


def _told_in(text: str, issued: Mapping[str, str]) -> bool:
    """Whether a text is of pseudonyms alone, a group formed of links among them."""
    parts = _PSEUDONYM.findall(text)
    rest = _PSEUDONYM.sub("", text).removeprefix("closed:").strip(":; ")
    return bool(parts) and not rest and all(part in issued for part in parts)


def read_key(path: str | Path) -> Pseudonyms:
    """Return the pseudonyms of the key in a file: 32 bytes or more that only its owner can read.

    Blanks and line ends around a key of text do not count. Raises InputError.
    """
    try:
        with open_regular(path) as file:
            found = os.fstat(file.fileno())
            key = file.read(LONGEST_KEY + 1)
    except OSError as error:
        raise InputError(f"{path}: the key cannot be read: {error.strerror}") from error
    key = key.strip() if key.isascii() else key
    problems = []
    if stat.S_IMODE(found.st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.S_IMODE(found.st_mode)
        problems.append(f"has mode {mode:04o}, so others may read it; expected 0600 (chmod 600)")
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        length = "more" if len(key) > LONGEST_KEY else str(len(key))
        problems.append(
            f"found {length} bytes, expected {SHORTEST_KEY} to {LONGEST_KEY} random ones "
            "(head -c 32 /dev/urandom | base64)"
        )
    elif len(set(key)) < FEWEST_BYTES:
        problems.append("holds the same few bytes again and again, expected random ones")
    if problems:
        raise InputError("\n".join(f"{path}: the key {problem}" for problem in problems))
    return Pseudonyms(key)


def pseudonyms_of(given: Pseudonyms | str | Path | None) -> Pseudonyms | None:
    """Return the pseudonyms given, or those of a key file. Raises InputError."""
    return read_key(given) if isinstance(given, str | Path) else given


def names_nobody_in_errors(work: Callable[P, ResultT]) -> Callable[P, ResultT]:
    """Have a function with an argument ``pseudonymise`` tell no names in its errors."""

    @functools.wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> ResultT:
        pseudonyms = pseudonyms_of(kwargs.get("pseudonymise"))  # type: ignore[arg-type]
        if pseudonyms is None:
            return work(*args, **kwargs)
        kwargs["pseudonymise"] = pseudonyms
        try:
            return work(*args, **kwargs)
        except (InputError, OutputError) as error:
            raise type(error)(pseudonyms.message(str(error))) from None

    return run
