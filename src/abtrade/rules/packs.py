"""Which rules judge a day: packs that ship, files and folders that a desk names."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Final, NoReturn

from ..errors import RuleError
from ..regular_file import open_regular
from .desk import Desk
from .document import SIZE_LIMIT, printable, quoted, suggestion
from .rule import Rule
from .syntax import parse_rule

_SUFFIXES: Final = (".yaml", ".yml")
_TEST_SUFFIXES: Final = (".test.yaml", ".test.yml")
_DAYS: Final = re.compile(r"^(from|to): (\d{4}-\d\d-\d\d)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules that were asked for; on a given day no two of one id.

    ``named``: they were asked for by name, and then judge contracts of every exchange.
    """

    rules: tuple[Rule, ...]  # by id, then by the day they begin
    named: bool
    hash: str  # SHA-256 over ids and versions, 64 hex digits
    files: tuple[str, ...]  # where these rules were read, in their order
    notes: tuple[str, ...] = ()  # what was asked for and has no rule on the day
    own: frozenset[str] = frozenset()  # ids of rules that were not asked for by their pack
    desk: Desk = Desk()  # noqa: RUF009 - frozen


def load_rules(specs: Sequence[str] | RuleSet, day: date | None) -> RuleSet:
    """Return the rules that the specs name, in force on the day; of every day for None.

    A spec is a pack (``shfe``), a pack as it stood on a day (``shfe@2010-11-05``), a rule file or
    a folder of them. No specs: every pack, each rule for contracts of its own exchange. Rules that
    are read already stand for themselves.
    Raises RuleError with the problems of all files.
    """
    if isinstance(specs, RuleSet):
        standing = [rule for rule in specs.rules if day is None or rule.in_force(day)]
        own = {rule.id for rule in standing}
        return replace(rule_set(standing, specs.named, specs.notes), own=frozenset(own))
    shelf = Shelf()
    chosen: dict[Path, Rule] = {}
    notes = []
    by_file: set[str] = set()
    for spec in specs or list_packs():
        rules, spec_day = shelf.take(spec, day)
        on = spec_day or day
        in_force = {path: rule for path, rule in rules.items() if not on or rule.in_force(on)}
        if not _is_pack(spec):
            by_file |= {rule.id for rule in in_force.values()}
        if rules and not in_force and specs:
            first = min(rule.from_day for rule in rules.values())
            notes.append(f"{printable(spec)}: no rule in force on {on}, the first is from {first}")
        chosen |= in_force
    if not chosen and not specs:
        notes.append(f"no rule that ships is in force on {day}")
    problems = shelf.all_problems()
    if day is not None and not problems:
        problems = _two_versions(chosen.values())
    if problems:
        raise RuleError(problems)
    return replace(
        rule_set(chosen.values(), named=bool(specs), notes=notes), own=frozenset(by_file)
    )


def rule_set(rules: Iterable[Rule], named: bool, notes: Iterable[str] = ()) -> RuleSet:
    """Return rules as a set, in the order of their ids."""
    in_order = tuple(sorted(rules, key=lambda rule: (rule.id, rule.from_day)))
    listing = "\n".join(f"{rule.id} {rule.version}" for rule in in_order)
    digest = hashlib.sha256(listing.encode()).hexdigest()
    return RuleSet(in_order, named, digest, tuple(rule.path for rule in in_order), tuple(notes))


def list_packs() -> list[str]:
    """Return the names of the packs that ship, sorted."""
    return sorted(folder.name for folder in rulebook_dir().iterdir() if _holds_rules(folder))


def _holds_rules(folder: Path) -> bool:
    hidden = folder.name.startswith(".")
    return not hidden and os.path.isdir(folder) and any(_rule_paths(folder))  # noqa: PTH112


def rulebook_dir() -> Path:
    """Return the folder that holds the packs, one folder each.

    An installed package carries them as ``rulebook``; a checkout, and an editable install of one,
    has them in its top-level ``rules``. Raises RuleError where there is neither.
    """
    package = Path(__file__).resolve().parents[1]
    places = [package / "rulebook"]
    if package.parent.name == "src":
        places.append(package.parents[1] / "rules")
    for place in places:
        if place.is_dir():
            return place
    raise RuleError([f"no rulebook: expected the folder {places[0]}; install abtrade again"])


class Shelf:
    """Rules taken so far, each file read once, and the problems met."""

    def __init__(self) -> None:
        self._read: dict[Path, Rule | None] = {}
        self._problems: list[str] = []

    def take(self, spec: str, day: date | None = None) -> tuple[dict[Path, Rule], date | None]:
        """Return the good rules of a spec by file, and the day the spec names.

        They are those of every day. Of a pack that ships and a day, asked for or named by the spec,
        they are those that stand on it, or the first of all where none does.
        """
        try:
            files, spec_day = _resolve(spec)
        except RuleError as error:
            self._problems += error.problems
            return {}, None
        if (on := spec_day or day) and files[0].is_relative_to(rulebook_dir()):
            files = _standing(files, on)
        read = {_real(path): self._rule(path) for path in files}
        return {path: rule for path, rule in read.items() if rule is not None}, spec_day

    @property
    def rules(self) -> dict[Path, Rule]:
        """The good rules taken so far, by file."""
        return {path: rule for path, rule in self._read.items() if rule is not None}

    @property
    def problems(self) -> list[str]:
        """The problems met in single files."""
        return list(self._problems)

    def all_problems(self) -> list[str]:
        """Return every problem met, those between files last."""
        return self._problems + _overlaps(self.rules.values())

    def _rule(self, path: Path) -> Rule | None:
        key = _real(path)
        if key not in self._read:
            try:
                self._read[key] = _read_rule(path)
            except RuleError as error:
                self._read[key] = None
                self._problems += error.problems
        return self._read[key]


def _resolve(spec: str) -> tuple[list[Path], date | None]:
    """Return the files of a spec and the day it names."""
    if _is_pack(spec):
        name, at, day = spec.partition("@")
        return _rule_files(rulebook_dir() / name), _spec_day(spec, day) if at else None
    path = Path(spec)
    if not spec or not _exists(path):
        packs = list_packs()
        near = suggestion(spec.partition("@")[0], packs)
        end = f", did you mean '{near}'?" if near else f"; the packs are {', '.join(packs)}"
        raise RuleError([f"{quoted(spec)} is no rule pack, no file and no folder{end}"])
    if not path.is_dir():
        if path.name.endswith(_TEST_SUFFIXES):
            raise RuleError([f"{printable(spec)}: the test of a rule: expected a rule"])
        return [path], None
    if files := _rule_files(path):
        return files, None
    raise RuleError([f"{printable(spec)}: no rule in this folder: expected *.yaml"])


def _is_pack(spec: str) -> bool:
    name = spec.partition("@")[0]
    folder = rulebook_dir() / name
    return folder.name == name and _holds_rules(folder)


def _spec_day(spec: str, text: str) -> date:
    try:
        if len(text) == len("2010-11-05"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise RuleError([f"{quoted(spec)}: expected a pack and a day, such as shfe@2010-11-05"])


def _rule_files(folder: Path) -> list[Path]:
    """Return the rule files in a folder and its folders, sorted; no hidden ones and no tests."""
    return sorted(_rule_paths(folder))


def _rule_paths(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, onerror=_unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for path in (Path(parent, name) for name in names if _is_rule_name(name)):
            if path.is_file() or not _exists(path):  # no pipes; what is gone is told when read
                yield path


def _standing(files: list[Path], day: date) -> list[Path]:
    """Leave out files of which the days they tell say that they do not stand on this one.

    Reading versions of other days would cost a small scan more than all else. Where none stands,
    the one that begins first is returned.
    """
    told = {path: _days_of(path) for path in files}
    on = day.isoformat()
    standing = [
        path for path in files if told[path].get("from", on) <= on <= told[path].get("to", on)
    ]
    return standing or [min(files, key=lambda path: told[path].get("from", ""))]


def _days_of(path: Path) -> dict[str, str]:
    with contextlib.suppress(OSError):
        return dict(_DAYS.findall(path.read_text("utf-8", errors="replace")))
    return {}


def _is_rule_name(name: str) -> bool:
    hidden, test = name.startswith("."), name.endswith(_TEST_SUFFIXES)
    return name.endswith(_SUFFIXES) and not hidden and not test


def _unreadable(error: OSError) -> NoReturn:
    raise RuleError([f"{printable(str(error.filename))}: cannot be read: {error.strerror}"])


def _read_rule(path: Path) -> Rule:
    try:
        with open_regular(path) as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        _unreadable(error)
    return _parsed(data, _shown(path))


@lru_cache(maxsize=1024)  # whoever scans many days in a process reads the same rules each time
def _parsed(data: bytes, name: str) -> Rule:
    return parse_rule(data, name)


def _shown(path: Path) -> str:
    """Return a path as short as it can be told from the working directory."""
    with contextlib.suppress(ValueError, OSError):
        path = path.relative_to(Path.cwd())
    return printable(str(path), 4096)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # Path.resolve raises on a loop of links


def _exists(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110  # Path.exists raises on names too long


def _overlaps(rules: Iterable[Rule]) -> list[str]:
    """Return a problem for each two files that have one id on one day.

    Successive versions of a rule share its id.
    """
    return [
        f"{other.path}: the id {other.id} stands in {rule.path} too, for days they share"
        for rule, other in overlapping(rules)
    ]


def overlapping(rules: Iterable[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Yield each two rules of one id that are in force on one day."""
    by_id = sorted(rules, key=lambda rule: (rule.id, rule.path))
    for rule, other in combinations(by_id, 2):
        if rule.id == other.id and _share_days(rule, other):
            yield rule, other


def _share_days(rule: Rule, other: Rule) -> bool:
    ends = [each.to_day for each in (rule, other) if each.to_day]
    return not ends or max(rule.from_day, other.from_day) <= min(ends)


def _two_versions(rules: Iterable[Rule]) -> list[str]:
    """Return a problem for each rule asked for as it stood on two days, and not the same."""
    by_id = sorted(rules, key=lambda rule: (rule.id, rule.from_day))
    return [
        f"{other.path}: a version of {other.id} other than that of {rule.path}: ask for one day"
        for rule, other in combinations(by_id, 2)
        if rule.id == other.id
    ]
