"""What should stand with a rule: where its text can be found, and a test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .finding import Finding, finding
from .rule_file import RuleFile

_TEST_SUFFIXES: Final = (".test.yaml", ".test.yml")


def check_citation(file: RuleFile) -> Iterator[Finding]:
    """Yield what a reader would miss who wants to find the text of a rule (R010).

    A rule whose text nobody claims to have seen, ``status: unverified``, cites what it can.
    """
    rule, source = file.rule, file.rule.source
    if rule.status != "unverified":
        if source.seen is None:
            yield finding("R010", file, ("source",), "seen", status=rule.status)
        if not (source.number or source.article or source.date or source.address
                or source.seen_in):  # fmt: skip
            yield finding("R010", file, ("source",), "found", status=rule.status)
    numbers = re.findall(r"\d+", source.number or "")
    if numbers and any(numbers[-1] not in re.findall(r"\d+", t) for t in rule.clause.values()):
        yield finding("R010", file, ("clause",), "number", number=source.number)


def check_test(file: RuleFile) -> Iterator[Finding]:
    """Yield a finding where no test stands beside the rule (R011)."""
    beside = [file.file.with_name(file.file.stem + suffix) for suffix in _TEST_SUFFIXES]
    if not any(test.is_file() for test in beside):
        yield finding("R011", file, (), test=beside[0].name)
