"""A rule and its test file for tests, and what comes of running them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))
from rule_makers import a_rule

from abtrade.errors import RuleError
from abtrade.rules.rule import Rule
from abtrade.testing.case import Case
from abtrade.testing.cases import parse_cases
from abtrade.testing.outcome import Outcome
from abtrade.testing.run import run_case

HEAD = "rule: desk.cancels\ncontract: cu2412\ncases:\n"
LEAVE_OUT = "[{hedge: hedge, reason: hedging, clause: x}]"


def a_case(text: str, rule: Rule | None = None, head: str = HEAD) -> Case:
    """Return the one case whose keys are given as YAML, on 2024-10-25 unless they name a day."""
    lines = ["name: a case", *text.strip().splitlines()]
    if "day:" not in text:
        lines.insert(1, "day: 2024-10-25")
    body = "  - " + "\n    ".join(lines)
    (case,), _ = parse_cases(head + body + "\n", "rule.test.yaml", rule or a_rule())
    return case


def run(text: str, rule: Rule | None = None, engine: str = "core", **how: bool) -> Outcome:
    """Run the one case whose keys are given as YAML."""
    rule = rule or a_rule()
    return run_case(rule, a_case(text, rule), engine=engine, **how)


def failures(text: str, rule: Rule | None = None, **how: bool) -> list[str]:
    """Return what of a case is not as expected."""
    return run(text, rule, **how).failures


def problems_of(data: str, rule: Rule | None = None) -> list[str]:
    """Return the problems of a test file as ``line:column: message``."""
    try:
        parse_cases(data, "rule.test.yaml", rule or a_rule())
    except RuleError as error:
        heads = [problem.split("\n")[0] for problem in error.problems]
        return [head.removeprefix("rule.test.yaml:") for head in heads]
    return []
