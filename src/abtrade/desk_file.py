"""The desk's file, ``abtrade.toml``: what a desk has settled once for all its runs."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .errors import InputError
from .regular_file import open_regular

NAME: Final = "abtrade.toml"
LARGEST: Final = 1 << 20
_HEADER: Final = re.compile(r"\s*\[\s*(?P<name>[\w\"'-]+)\s*\]")
_KEY: Final = re.compile(r"\s*(?P<quote>[\"']?)(?P<key>[\w-]+)(?P=quote)\s*=")


@dataclass(frozen=True, slots=True)
class DeskFile:
    """A file that was read: its tables by name, and where each key stands."""

    path: Path  # absolute
    sha256: str
    tables: dict[str, Any]
    places: dict[tuple[str, str], tuple[int, int]]  # (table, key) -> line, column, from 1
    others_write: str | None  # why others may have written it

    def place(self, table: str, key: str = "") -> str:
        """Return where a key of a table stands, as messages begin: ``abtrade.toml:3:1``."""
        found = self.places.get((table, key)) or self.places.get((table, ""))
        return ":".join(map(str, (self.path, *(found or ()))))

    def path_of(self, written: str) -> Path:
        """Return a path as the file means it: from the folder that the file stands in."""
        return self.path.parent / Path(written).expanduser()


def find(given: Path | None) -> Path | None:
    """Return the file given, else the one in the working directory, None where there is none."""
    if given is not None:
        return given
    return Path(NAME) if os.path.lexists(NAME) else None


def read(path: Path) -> DeskFile:
    """Read a desk's file. Raises InputError where it cannot be read or is no TOML."""
    import hashlib
    import tomllib

    try:
        with open_regular(path) as file:
            data = file.read(LARGEST + 1)
            found = os.fstat(file.fileno())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > LARGEST:
        raise InputError(f"{path}: longer than {LARGEST} bytes, this is no desk's file")
    try:
        text = data.decode("utf-8")
        tables = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: found bytes that are not UTF-8 at {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(_no_toml(path, str(error))) from error
    except RecursionError as error:
        raise InputError(f"{path}: is nested too deeply") from error
    digest = hashlib.sha256(data).hexdigest()
    return DeskFile(path.resolve(), digest, tables, _places(text), _others_write(found))


def _no_toml(path: Path, said: str) -> str:
    found = re.search(r"(.*) \(at line (\d+), column (\d+)\)$", said, re.DOTALL)
    return f"{path}:{found[2]}:{found[3]}: {found[1]}" if found else f"{path}: {said}"


def _places(text: str) -> dict[tuple[str, str], tuple[int, int]]:
    """Return where tables and their keys stand, as far as lines tell: the parser does not."""
    places: dict[tuple[str, str], tuple[int, int]] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = header["name"].strip("\"'")
            places.setdefault((table, ""), (number, line.index("[") + 1))
        elif key := _KEY.match(line):
            at = (number, key.start("quote") + 1)
            places.setdefault((table, key["key"]) if table else (key["key"], ""), at)
    return places


def _others_write(found: os.stat_result) -> str | None:
    if found.st_uid not in (0, os.geteuid()):
        return "belongs to another user"
    if stat.S_IMODE(found.st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
        return f"has mode {stat.S_IMODE(found.st_mode):04o}, so others may write it (chmod go-w)"
    return None
