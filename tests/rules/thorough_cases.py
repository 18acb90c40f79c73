"""A short rule with cases beside it that together notice every mutation of it."""

from __future__ import annotations

from pathlib import Path

from rule_makers import rule_text

from abtrade.testing.case import Suite
from abtrade.testing.suites import load_suites

RULE = rule_text(
    yellow="{gte: 3}", red="{gte: 5}",
    leave_out="[{cancel_by: [expiry, exchange], reason: not by the client, clause: none}]",
)  # fmt: skip
HEAD = """
rule: desk.cancels
contract: cu2412
groups:
  - {group: G1, clients: [A, B]}
cases:
"""
THOROUGH = {
    "red": "{day: 2024-09-02, log: [{cancel: C, times: 5}], expect: [{subject: C, level: red}]}",
    "one less": "{day: 2024-09-02, log: [{cancel: C, times: 4}, {cancel: C, times: 9, contract: "
    "cu2501}], expect: [{subject: C, scope: 'contract:cu2412', counted: 4, level: yellow}, "
    "{subject: C, scope: 'contract:cu2501', level: red}]}",
    "yellow": "{day: 2024-09-02, log: [{cancel: A, times: 2}, {cancel: B}], "
    "expect: [{subject: G1, counted: 3, level: yellow}]}",
    "two less": "{day: 2024-09-02, log: [{cancel: C, times: 2}], expect: [{subject: C}]}",
    "exempt": "{day: 2024-09-02, log: [{cancel: C, cancel_by: expiry}, {cancel: C, cancel_by: "
    "exchange}, {cancel: C}], expect: [{subject: C, exempt: {not by the client: 2}}]}",
    "not exempt": "{day: 2024-09-02, log: [{cancel: C}, {cancel: D, cancel_by: self_match}, "
    "{cancel: E, cancel_by: disconnect}, {cancel: F, cancel_by: forced}], expect: [{subject: C}, "
    "{subject: D, counted: 1}, {subject: E, counted: 1}, {subject: F, counted: 1}]}",
    "first day": "{day: 2010-11-05, log: [{cancel: C}], expect: [{subject: C, counted: 1}]}",
    "day before": "{day: 2010-11-04, expect: not in force}",
}
"""A name of a case -> the case; together they notice every mutation of RULE."""


def suite_of(folder: Path, *cases: str, more: str = "") -> Suite:
    """Return a rule with some of the thorough cases beside it, and more text after them."""
    (folder / "rule.yaml").write_text(RULE)
    listed = [f"  - {{name: {name}, {THOROUGH[name][1:]}\n" for name in cases]
    (folder / "rule.test.yaml").write_text(HEAD + "".join(listed) + more)
    return load_suites([str(folder / "rule.yaml")])[0]
