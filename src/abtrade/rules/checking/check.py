"""Check rules: every finding in files, folders and packs, by one call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from ...market.contracts import ContractTable, load_contracts
from ..document import Place
from ..packs import Shelf, list_packs
from .beside import check_citation, check_test
from .filters import check_filters
from .finding import Finding, finding
from .reach import check_reach
from .rule_file import RuleFile, read_rule_file
from .shadow import check_shadows
from .versions import check_versions

_TOLD: Final = re.compile(r"(.+?):(\d+):(\d+): (.*)", re.DOTALL)
"""A problem of a file: its place, the message and the line with a caret."""


def check_rules(
    specs: Sequence[str],
    *,
    log: Any = None,
    day: date | None = None,
    mapping: Path | None = None,
    contracts: Path | None = None,
    limits: Path | None = None,
) -> list[Finding]:
    """Return every finding on the rules that the specs name, by file and place; no specs: packs.

    log : files of a day to ask which rules would be blind on it; ``day`` is its trading day where
        it does not tell, ``mapping`` what its columns mean
    contracts, limits : a desk's own tables, as a scan takes them

    Raises InputError where the log or a table cannot be read.
    """
    shelf = Shelf()
    for spec in specs or list_packs():
        shelf.take(spec)
    files = [read_rule_file(rule, path) for path, rule in sorted(shelf.rules.items())]
    table = None
    if log is None and contracts is not None:
        table = load_contracts(contracts, day or date.today())
    found = [_form(problem) for problem in shelf.problems]
    of_rules = [*check_versions(files), *check_shadows(files)]
    if log is not None:
        blind, table = _on_log(
            files, log, day, mapping, contracts, limits, named=bool(specs)
        )
        of_rules += blind
    for file in files:
        of_rules += _of_one(file, table)
    found += _not_meant(of_rules, files, with_log=log is not None)
    return sorted(found, key=lambda each: (each.path, each.place or Place(0, 0), each.code))


def _of_one(file: RuleFile, contracts: ContractTable | None) -> Iterator[Finding]:
    yield from check_filters(file)
    yield from check_reach(file, contracts)
    yield from check_citation(file)
    yield from check_test(file)


def _on_log(
    files: Sequence[RuleFile], log: Any, day: date | None, mapping: Path | None,
    contracts: Path | None, limits: Path | None, *, named: bool,
) -> tuple[list[Finding], ContractTable]:  # fmt: skip
    """Return the rules that are blind on a log, and the contracts of its day."""
    from ...market.limits import load_limits
    from ...readers.log import open_log
    from .on_log import check_on_log

    opened = open_log(log, day=day, mapping=mapping)
    table = load_contracts(contracts, opened.day)
    known = load_limits(limits, table, opened.day)
    return [*check_on_log(files, opened, table, known, named=named)], table


def _form(problem: str) -> Finding:
    """Return what reading a file said of it."""
    head = _TOLD.fullmatch(problem)
    if head is None:
        return Finding("R001", "", None, {"en": problem, "zh": problem})
    message, _, excerpt = head[4].partition("\n")
    place = Place(int(head[2]), int(head[3]))
    return Finding("R001", head[1], place, {"en": message, "zh": message}, excerpt=excerpt)


def _not_meant(
    found: Iterable[Finding], files: Sequence[RuleFile], *, with_log: bool
) -> Iterator[Finding]:
    """Yield the findings but those that a remark in the file says are meant.

    A remark without a reason, or on nothing that was found, is a finding itself (R013).
    """
    remarks = {file.rule.path: file for file in files}
    used: set[tuple[str, str]] = set()
    for each in found:
        file = remarks.get(each.path)
        said = [r for r in file.remarks if r.code == each.code and r.why] if file else []
        if said:
            used.add((each.path, each.code))
        else:
            yield each
    for path, file in remarks.items():
        for remark in file.remarks:
            if not remark.why:
                yield finding("R013", file, remark.place, "why", about=remark.code)
            elif (path, remark.code) not in used and (with_log or remark.code != "R012"):
                yield finding("R013", file, remark.place, "idle", about=remark.code)
