"""What an overlay file may say, and how it becomes an Overlay."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml

from ..errors import InputError, RuleError
from ..people import KINDS
from ..plan import Filter
from ..regular_file import open_regular
from . import kinds
from .document import SIZE_LIMIT, Page, Place, compose, compose_fast, printable
from .kinds import Field, Item, Table
from .rule import Level, Text
from .syntax import FILTER_FIELDS, RED, RULE_ID, YELLOW, read_filter, read_level

_NOUN: Final = "desk overlay"
_UNTIL: Final = Field("until", kinds.Day(), "Last trading day on which it holds.")
_OWNER: Final = Field("owner", kinds.Line(), "Who answers for it.", required=True)
_REASON: Final = Field("reason", kinds.Text(), "Why.", required=True)
_PEOPLE: Final = kinds.OneOrMany(kinds.Line())
_RULES: Final = kinds.OneOrMany(RULE_ID)

WHO: Final = (
    Field("account", _PEOPLE, "Trading codes, as the log has them."),
    Field("client", _PEOPLE, "Clients, with all their accounts."),
    Field("group", _PEOPLE, "Groups of linked accounts, as --links names them."),
)
"""Whose events an exemption is of; of several keys one has to fit."""

SWITCH_OFF: Final = Table(
    "an entry of switch_off",
    (
        Field("rule", _RULES, "Rules that judge nobody.", required=True),
        _OWNER,
        _REASON,
        _UNTIL,
    ),
)

EXEMPTION: Final = Table(
    "an entry of exemptions",
    (
        Field("rule", _RULES, "Rules that leave these events out besides.", required=True),
        *FILTER_FIELDS,
        *WHO,
        _OWNER,
        _REASON,
        Field("until", kinds.Day(), "Last trading day on which it holds.", required=True),
        Field("clause", kinds.Text(), "What it rests on."),
    ),
)

OVERLAY: Final = Table(
    "an overlay",
    (
        Field("owner", kinds.Text(), "Whose overlay it is; alerts name them.", required=True),
        Field("switch_off", kinds.ListOf(SWITCH_OFF), "Rules that judge nobody."),
        Field(
            "switch_on",
            kinds.OneOrMany(
                kinds.Name(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*(\.\*)?",
                           "a pack such as gfex, or a rule such as gfex.self_trade"),
            ),
            "Packs and rules whose unverified rules judge, up to yellow.",
        ),
        Field(
            "levels",
            kinds.MapOf(
                "levels by rule", RULE_ID,
                Table("levels of a rule", (YELLOW, RED), at_least_one=True),
            ),
            "The desk's own levels, by rule.",
        ),
        Field(
            "alternatives",
            kinds.MapOf(
                "alternatives by rule", RULE_ID,
                kinds.Name(r"[a-z][a-z0-9_]{0,39}", "the name of one of the rule's alternatives"),
            ),
            "Which reading of a rule holds where sources conflict.",
        ),
        Field("exemptions", kinds.ListOf(EXEMPTION), "What rules leave out besides."),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Switch:
    """Rules that a desk has switched off."""

    rules: tuple[tuple[str, Place], ...]
    owner: str
    reason: Text
    until: date | None


@dataclass(frozen=True, slots=True)
class Exemption:
    """Events that a desk has rules leave out."""

    rules: tuple[tuple[str, Place], ...]
    filter: Filter
    asked: Mapping[str, Place]  # what the filter asks, and where it stands
    owner: str
    reason: Text
    until: date
    clause: Text | None


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels that a desk has set for a rule, each with its place."""

    place: Place
    levels: Mapping[str, tuple[Level, Place]]  # by yellow, red


@dataclass(frozen=True, slots=True)
class Overlay:
    """A desk's own say over the rules: levels, readings, switches and exemptions."""

    path: Path
    sha256: str
    page: Page  # for problems that only the rules themselves show
    owner: Text
    switch_off: tuple[Switch, ...] = ()
    switch_on: tuple[tuple[str, Place], ...] = ()
    levels: Mapping[str, Levels] = field(default_factory=dict)
    alternatives: Mapping[str, tuple[str, Place]] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()


def read_overlay(path: str | Path) -> Overlay:
    """Return the overlay that a file says. Raises RuleError with every problem of its text."""
    path = Path(path)
    try:
        with open_regular(path) as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        told = f"{printable(str(path))}: cannot be read: {error.strerror}"
        raise RuleError([told]) from error
    return parse_overlay(data, path)


def overlay_of_scan(
    run: Mapping[str, Any], given: str | Path | None, folder: str | Path
) -> str | None:
    """Return where the overlay of a scan is now, None where it had none.

    run : the record of the scan, of the output in ``folder``
    given : where it is said to be; it must be the very same file
    Raises InputError.
    """
    recorded: str | None = run["options"].get("overlay")
    if recorded is None:
        if given is None:
            return None
        raise InputError(f"{printable(str(folder))}: the scan had no overlay: leave --overlay out")
    if given is None:
        if not Path(recorded).exists():
            told = "the overlay of the scan is not there; say where it is now by --overlay"
            raise InputError(f"{printable(recorded)}: {told}")
        return recorded
    if read_overlay(given).sha256 != run["overlay"]:
        raise InputError(
            f"{printable(str(given))}: the overlay has changed since the scan, or is another: its "
            f"SHA-256 is not the one in {printable(str(folder))}/run.json"
        )
    return str(given)


def parse_overlay(data: bytes, path: Path) -> Overlay:
    """Return the overlay that a text says; ``path`` is its file's, for messages."""
    page = Page(str(path), data, _NOUN)
    page.fail_if_any()
    item = _read(page, compose_fast(page))
    if item is None or page.has_problems:
        page = Page(str(path), data, _NOUN)
        item = _read(page, compose(page))
    page.fail_if_any()
    assert item is not None, "a file that is no overlay has a problem"
    return _overlay(item.value, page, path, hashlib.sha256(data).hexdigest())


def _read(page: Page, root: yaml.Node | None) -> Item | None:
    item = kinds.read_item(OVERLAY, root, page) if root is not None else None
    if item is not None and item.value is not None:
        _check_filters(item, page)
    return item


def _check_filters(item: Item, page: Page) -> None:
    """An exemption of everything is no exemption: that switches the rule off."""
    entries = item.value.get("exemptions")
    for entry in (entries.value if entries is not None else None) or ():
        if entry.value is not None and not any(field.name in entry.value for field in ASKED):
            message = "names no events: give hedge, client or such, or switch the rule off"
            page.problem(entry.place, message)


ASKED: Final = (*FILTER_FIELDS, *WHO)
"""What an exemption may ask of an event."""


def _overlay(said: Mapping[str, Item], page: Page, path: Path, sha256: str) -> Overlay:
    def entries(name: str) -> list[Item]:
        found: list[Item] = said[name].value if name in said else []
        return found

    def by_rule(name: str) -> dict[str, Item]:
        found: dict[str, Item] = said[name].value if name in said else {}
        return found

    return Overlay(
        path,
        sha256,
        page,
        owner=said["owner"].plain(),
        switch_off=tuple(_switch(entry.value) for entry in entries("switch_off")),
        switch_on=_placed(entries("switch_on")),
        levels={
            rule: Levels(found.place, {
                name: (read_level(level.plain()), level.place)
                for name, level in found.value.items()
            })
            for rule, found in by_rule("levels").items()
        },
        alternatives={
            rule: (found.value, found.place)
            for rule, found in by_rule("alternatives").items()
        },
        exemptions=tuple(_exemption(entry.value) for entry in entries("exemptions")),
    )  # fmt: skip


def _placed(items: list[Item]) -> tuple[tuple[str, Place], ...]:
    return tuple((item.value, item.place) for item in items)


def _switch(said: Mapping[str, Item]) -> Switch:
    until = said["until"].value if "until" in said else None
    return Switch(
        _placed(said["rule"].value), said["owner"].value, said["reason"].plain(), until
    )


def _exemption(said: Mapping[str, Item]) -> Exemption:
    asked = {field.name: said[field.name] for field in ASKED if field.name in said}
    people = frozenset(
        (kind, name) for kind in KINDS if kind in asked for name in asked[kind].plain()
    )
    return Exemption(
        _placed(said["rule"].value),
        replace(read_filter({name: item.plain() for name, item in asked.items()}), people=people),
        {name: item.place for name, item in asked.items()},
        said["owner"].value,
        said["reason"].plain(),
        said["until"].value,
        said["clause"].plain() if "clause" in said else None,
    )


