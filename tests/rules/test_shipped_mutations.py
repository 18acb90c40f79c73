"""The tests beside the rules that ship notice every small change of them, or explain why not."""

from __future__ import annotations

import pytest

from abtrade.rules.packs import list_packs
from abtrade.testing.case import Suite
from abtrade.testing.mutate import mutate
from abtrade.testing.mutation_report import problems
from abtrade.testing.mutations import mutations_of
from abtrade.testing.run import run_case, run_together
from abtrade.testing.suites import load_suites

pytestmark = pytest.mark.slow


def one_of_each_count() -> list[Suite]:
    """Return a rule with tests for each count that a rule which ships is on."""
    by_count = {suite.rule.count: suite for suite in load_suites() if suite.cases}
    return list(by_count.values())


@pytest.mark.parametrize("pack", list_packs())
def test_every_mutation_is_noticed_or_explained(pack):
    mutated = [mutate(suite) for suite in load_suites([pack])]
    assert [problem for each in mutated for problem in problems(each, "en")] == []


@pytest.mark.parametrize("suite", one_of_each_count(), ids=lambda suite: suite.rule.count)
def test_judged_together_mutations_of_a_rule_find_what_each_finds_alone(suite):
    rules = [each.rule for each in mutations_of(suite.rule)]
    for case in suite.cases:
        together = [outcome.problems for outcome in run_together(rules, case)]
        assert together == [run_case(rule, case).problems for rule in rules]
