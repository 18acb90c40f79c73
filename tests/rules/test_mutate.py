"""Mutations tried on cases: what notices them, what nothing notices, what is explained."""

from __future__ import annotations

import pytest
from thorough_cases import THOROUGH, suite_of

from abtrade.testing.mutate import Mutated, Stale, may_notice, mutate
from abtrade.testing.mutations import mutations_of
from abtrade.testing.run import run_case, run_together
from abtrade.testing.suites import load_suites


def states(mutated: Mutated) -> dict[str, tuple[str, str | None]]:
    return {each.mutation.name["en"]: (each.state, each.noticed_by) for each in mutated.tried}


def survivors(mutated: Mutated) -> list[str]:
    return [each.mutation.name["en"] for each in mutated.survivors]


def test_thorough_cases_notice_every_mutation(tmp_path):
    mutated = mutate(suite_of(tmp_path, *THOROUGH))
    assert survivors(mutated) == []
    assert mutated.is_sound
    assert states(mutated)["red >= 5 -> > 5"] == ("killed", "red")
    assert states(mutated)["from 2010-11-05 -> 2010-11-04"] == ("killed", "day before")


@pytest.mark.parametrize(
    ("left_out", "unnoticed"),
    [
        ("two less", ["yellow >= 3 -> >= 2"]),
        ("one less", ["red >= 5 -> >= 4", "scope contract -> product",
                      "scope contract -> exchange"]),
        ("yellow", ["linked accounts alone", "yellow >= 3 -> > 3"]),
        ("first day", ["from 2010-11-05 -> 2010-11-08"]),
        ("day before", ["from 2010-11-05 -> 2010-11-04"]),
        ("not exempt", ['exemption "not by the client" with cancel_by self_match',
                        'exemption "not by the client" with cancel_by disconnect',
                        'exemption "not by the client" with cancel_by forced']),
        ("exempt", ['without exemption "not by the client"',
                    'exemption "not by the client" without cancel_by exchange',
                    'exemption "not by the client" without cancel_by expiry']),
    ],
)  # fmt: skip
def test_what_one_case_less_does_not_notice(tmp_path, left_out, unnoticed):
    mutated = mutate(suite_of(tmp_path, *(name for name in THOROUGH if name != left_out)))
    assert survivors(mutated) == unnoticed
    assert not mutated.is_sound


def test_a_rule_without_cases_notices_nothing(tmp_path):
    suite = suite_of(tmp_path, *THOROUGH)
    (tmp_path / "rule.test.yaml").unlink()
    mutated = mutate(load_suites([str(tmp_path / "rule.yaml")])[0])
    assert len(mutated.survivors) == len(mutations_of(suite.rule))
    assert not mutated.is_sound


def test_an_explained_survivor_is_none(tmp_path):
    explained = "explained: [{mutation: 'yellow >= 3 -> >= 2', why: {en: reason, zh: 理由}}]"
    suite = suite_of(tmp_path, *(name for name in THOROUGH if name != "two less"),
                     more=explained)  # fmt: skip
    mutated = mutate(suite)
    assert states(mutated)["yellow >= 3 -> >= 2"] == ("explained", None)
    assert mutated.is_sound


def test_a_mutation_may_be_explained_by_its_chinese_name(tmp_path):
    explained = "explained: [{mutation: yellow >= 3 改为 >= 2, why: reason}]"
    names = (name for name in THOROUGH if name != "two less")
    assert mutate(suite_of(tmp_path, *names, more=explained)).is_sound


def test_an_explanation_that_nothing_needs_is_stale(tmp_path):
    explained = "explained: [{mutation: without red, why: x}, {mutation: no such thing, why: x}]"
    mutated = mutate(suite_of(tmp_path, *THOROUGH, more=explained))
    assert mutated.stale == (Stale("without red", "red"), Stale("no such thing", None))
    assert survivors(mutated) == []
    assert not mutated.is_sound


def test_a_case_that_fails_as_it_is_notices_nothing(tmp_path):
    wrong = "  - {name: wrong, day: 2024-09-02, log: [{cancel: C}], expect: nothing}"
    mutated = mutate(suite_of(tmp_path, *THOROUGH, more=wrong))
    assert mutated.failing == ("wrong",)
    assert "wrong" not in {case for _, case in states(mutated).values()}
    assert not mutated.is_sound


def test_judged_together_each_rule_finds_what_it_finds_alone(tmp_path):
    suite = suite_of(tmp_path, *THOROUGH)
    rules = [suite.rule, *(each.rule for each in mutations_of(suite.rule)), suite.rule]
    for case in suite.cases:
        together = [outcome.problems for outcome in run_together(rules, case)]
        assert together == [run_case(rule, case).problems for rule in rules]


def test_a_case_that_is_not_asked_would_notice_nothing(tmp_path):
    suite = suite_of(tmp_path, *THOROUGH)
    unasked = [
        (case, each) for case in suite.cases for each in mutations_of(suite.rule)
        if not may_notice(case, suite.rule, each)
    ]  # fmt: skip
    assert unasked
    for case, each in unasked:
        assert not run_case(each.rule, case, merge_groups=each.merge_groups).problems
