"""Files of any kind as the sources of one log: canonical ones as they are, foreign ones read."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from .. import schema
from ..errors import InputError, problems_error
from .foreign import CANONICAL, Glimpse, Kind, Part, Stated
from .mapping import Mapping
from .raw import Source
from .sources import glimpse, open_source

KINDS: Final[dict[str, str]] = {
    "ctp": ".ctp.kind",
    "vnpy": ".exports.vnpy",
    "tqsdk": ".exports.tqsdk",
    "fix": ".fix.kind",
    "databento": ".dbn.kind",
}
"""Kinds of foreign logs by name, and the module whose ``KIND`` reads them; the first that fits."""


COLUMNS_SHOWN: Final = 6
"""Of a table that is no log."""


def kind(name: str) -> Kind:
    """Return the kind of a name; its module is imported when it is asked for."""
    found: Kind = import_module(KINDS[name], __package__).KIND
    return found


def check_stated(stated: Stated) -> None:
    """Raise InputError where the kind of log that is stated is not known."""
    if stated.source not in (None, CANONICAL, *KINDS):
        raise InputError(
            f"--source {stated.source}: is not known, expected one of "
            f"{', '.join((CANONICAL, *KINDS))}"
        )


def open_sources(
    paths: Sequence[Path], mapping: Mapping | None, stated: Stated, problems: list[str]
) -> list[Source]:
    """Return the files of one log, opened; append to ``problems`` what keeps any from it.

    With a mapping, or where the user says so, each file is canonical; else what it is, its
    content tells. All files of a kind are one log of it, and there must be no other beside it.
    """
    sources: list[Source] = []
    seem: dict[Path, str] = {}
    foreign: dict[str, list[Part]] = {}
    for path in paths:
        try:
            if mapping is not None or stated.source == CANONICAL:
                sources.append(open_source(path, mapping))
                continue
            look = glimpse(path)
            found = recognised(look, stated)
            seem[path] = _seems(look, found)
            if found is not None:
                foreign.setdefault(found[0].name, []).append(found[1])
            elif look.table is not None and look.encoding == "utf-8":
                sources.append(look.table)
            else:
                sources.append(open_source(path))
        except InputError as error:
            problems.append(str(error))
    if len(set(map(_log_of, seem.values()))) > 1:
        problems.append(_mixed(seem))
        return []
    for name, parts in foreign.items():
        try:
            sources += kind(name).open(parts, stated)
        except InputError as error:
            problems.append(str(error))
    return sources


_CANONICAL: Final = "an order log"
_OTHER: Final = "no order log: it has "


def _seems(look: Glimpse, found: tuple[Kind, Part] | None) -> str:
    """Return in words what a file is: the title of its log, and which part of it."""
    if found is not None:
        return f"{found[0].title}, {found[1].what}"
    have = set(schema.REQUIRED_COLUMNS) & set(look.columns)
    if look.columns and len(have) * 2 < len(schema.REQUIRED_COLUMNS):
        return _OTHER + ", ".join(repr(name) for name in look.columns[:COLUMNS_SHOWN])
    return _CANONICAL


def _log_of(seems: str) -> str:
    """Return which log a file belongs to, by what it seems to be."""
    return _OTHER if seems.startswith(_OTHER) else seems.partition(", ")[0]


def _mixed(seem: dict[Path, str]) -> str:
    """Return why files that are not of one log are refused: each, and what tells more."""
    folders = {str(path.parent) for path in seem}
    names = [*folders] if len(folders) == 1 else [str(path) for path in seem]
    lines = [f"{path}: seems {seems}" for path, seems in seem.items()]
    return "\n".join(
        [
            "found files that are not of one log; give those of one alone, other tables by their "
            f"options; `abtrade sniff {shlex.join(names)}` tells more",
            *lines,
        ]
    )


def foreign_hints(paths: Sequence[Path]) -> list[str]:
    """Return a line for each kind of foreign log that files are of, on how they are converted."""
    found: dict[str, list[str]] = {}
    for path in paths:
        try:
            known = recognised(glimpse(path), Stated())
        except InputError:
            continue
        if known is not None:
            found.setdefault(known[0].name, []).append(str(path))
    return [
        f"{', '.join(names)}: found {kind(name).title}; --source {name} makes canonical rows of it"
        for name, names in found.items()
    ]


def recognised(look: Glimpse, stated: Stated) -> tuple[Kind, Part] | None:
    """Return the kind of a foreign file and what part of a log it is, None for a canonical one.

    Raises InputError where the user names a kind, and the file is none of it.
    """
    if stated.source is not None:
        named = kind(stated.source)
        what = named.part(look)
        if what is None:
            raise problems_error([f"{look.path}: found no file of {named.title}"])
        return named, Part(look, what)
    if set(schema.REQUIRED_COLUMNS) <= set(look.columns):
        return None
    for name in KINDS:
        one = kind(name)
        what = one.part(look)
        if what is not None:
            return one, Part(look, what)
    return None
