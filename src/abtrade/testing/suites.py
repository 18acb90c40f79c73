"""Suites: rule files with the test files beside them, as packs, files and folders name them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ..errors import RuleError
from ..regular_file import open_regular
from ..rules.document import SIZE_LIMIT, printable
from ..rules.packs import Shelf, list_packs, rulebook_dir
from ..rules.rule import Rule
from .case import Suite, test_name
from .cases import parse_cases

_TEST_SUFFIXES: Final = (".test.yaml", ".test.yml")


def load_suites(specs: Sequence[str] = ()) -> list[Suite]:
    """Return a suite for each rule file that the specs name, by rule, then the day it begins.

    A spec is a pack (``shfe``; ``shfe@2010-11-05``: its rules in force that day), a rule file, a
    test file, or a folder. None: every pack that ships. A rule file without a test file beside it
    has a suite without cases. Raises RuleError with the problems of all files.
    """
    shelf = Shelf()
    problems: list[str] = []
    rules: dict[Path, Rule] = {}
    for named in specs or list_packs():
        spec = _rule_beside(named, problems) if named.endswith(_TEST_SUFFIXES) else named
        if spec is None:
            continue
        found, day = shelf.take(spec)
        rules |= {path: rule for path, rule in found.items() if not day or rule.in_force(day)}
        problems += _orphans(spec)
    problems = shelf.all_problems() + problems
    suites = []
    for path, rule in rules.items():
        try:
            suites.append(_suite(path, rule))
        except RuleError as error:
            problems += error.problems
    if problems:
        raise RuleError(list(dict.fromkeys(problems)))
    return sorted(suites, key=lambda suite: (suite.rule.id, suite.rule.from_day))


def _suite(path: Path, rule: Rule) -> Suite:
    beside = Path(test_name(str(path)))
    if not os.path.lexists(beside):
        return Suite(rule, beside)
    try:
        with open_regular(beside) as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        shown = printable(str(beside))
        raise RuleError([f"{shown}: cannot be read: {error.strerror}"]) from error
    cases, explained = parse_cases(data, test_name(rule.path), rule)
    return Suite(rule, beside, cases, explained)


def _rule_beside(spec: str, problems: list[str]) -> str | None:
    """Return the rule file that a test file tests, None where there is none: a problem."""
    rule = _rule_name(spec)
    if os.path.lexists(spec) and os.path.lexists(rule):
        return rule
    lacking = printable(rule if os.path.lexists(spec) else spec)
    problems.append(f"{printable(spec)}: the test of a rule: there is no {lacking}")
    return None


def _orphans(spec: str) -> list[str]:
    """Return a problem for each test file of a pack or folder that has no rule beside it."""
    name = spec.partition("@")[0]
    folder = rulebook_dir() / name if name in list_packs() else Path(spec)
    if not folder.is_dir():
        return []
    found = sorted(
        path for suffix in _TEST_SUFFIXES for path in folder.rglob(f"*{suffix}")
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )  # fmt: skip
    return [
        f"{printable(str(path), 4096)}: no rule beside it"
        for path in found
        if not os.path.lexists(_rule_name(str(path)))
    ]


def _rule_name(test: str) -> str:
    """Return the name of the rule file that belongs beside a test file."""
    stem, dot, suffix = test.rpartition(".")
    return f"{stem.removesuffix('.test')}{dot}{suffix}"
