"""A case passes where its day comes to what it expects, and says what differs where not."""

from __future__ import annotations

import pytest
from case_makers import LEAVE_OUT, a_case, failures, run
from rule_makers import a_rule

from abtrade.testing.case import Tip
from abtrade.testing.run import run_case


def test_levels_are_reached_at_the_repetition_that_tips_them():
    rule = a_rule(yellow="{gte: 400}")
    outcome = run(
        "log: [{cancel: B, times: 7}, {cancel: A, times: 500}]\n"
        "expect:\n"
        "  - {subject: A, counted: 500, level: red, yellow: {line: 2, time: 400},\n"
        "     red: {line: 2, time: 500}, reached_alone: true}\n"
        "  - {subject: B, counted: 7}",
        rule,
    )
    assert outcome.failures == []
    assert outcome.seen is not None
    assert outcome.seen.results[0].tips == {"yellow": Tip(2, 400), "red": Tip(2, 500)}


def test_everything_that_differs_is_told_with_its_line():
    outcome = run(
        "log: [{cancel: A, times: 500}]\n"
        "expect:\n"
        "  - {subject: A, counted: 499, gross: 501, unknown: 1, exempt: {hedging: 2},\n"
        "     level: yellow, red: {line: 1, time: 499}, reached_alone: false,\n"
        "     assumed: hedge is speculation}"
    )
    assert outcome.failures == [
        "subject A: expected counted 499, found 500",
        "subject A: expected gross 501, found 500",
        "subject A: expected unknown 1, found 0",
        "subject A: expected exempt hedging 2, found nothing",
        "subject A: expected level yellow, found red",
        "subject A: expected red at line 1, time 499, found at line 1, time 500",
        "subject A: expected reached_alone no, found yes",
        "subject A: expected assumed hedge is speculation, found none",
    ]
    assert {problem.line for problem in outcome.problems} == {8}


def test_a_level_that_is_not_stated_must_not_be_reached():
    assert failures("log: [{cancel: A, times: 500}]\nexpect: [{subject: A}]") == [
        "subject A: expected level none, found red"
    ]


def test_every_result_has_to_be_listed():
    assert failures(
        "log: [{cancel: A}, {cancel: B, times: 2}]\nexpect: [{subject: A, counted: 1}]"
    ) == ["subject B, contract:cu2412: expected no result, found counted 2, gross 2, level none"]


def test_a_result_that_does_not_come_is_told():
    text = "log: [{cancel: A}, {order: B}]\nexpect: [{subject: A}, {subject: B}]"
    assert failures(text) == ["subject B: expected a result, found none"]


def test_of_several_results_the_scope_says_which():
    log = "log: [{cancel: A}, {cancel: A, contract: cu2501, times: 2}]\n"
    assert failures(log + "expect: [{subject: A}]") == [
        "subject A: has several results: say which by scope: contract:cu2412, contract:cu2501"
    ]
    assert not failures(
        log + 'expect:\n  - {subject: A, scope: "contract:cu2412", counted: 1}\n'
        '  - {subject: A, scope: "contract:cu2501", counted: 2}'
    )


def test_nothing_is_no_result_at_all():
    assert not failures("log: [{order: A}]\nexpect: nothing")
    assert failures("log: [{cancel: A}]\nexpect: nothing") == [
        "expected nothing, found judged",
        "subject A, contract:cu2412: expected no result, found counted 1, gross 1, level none",
    ]


def test_a_rule_is_not_in_force_before_its_first_day():
    assert not failures("day: 2010-11-04\nexpect: not in force")
    assert failures("expect: not in force") == ["expected not in force, found nothing"]
    assert failures("day: 2010-11-04\nlog: [{cancel: A}]\nexpect: [{subject: A}]") == [
        "expected results, found not in force"
    ]


def test_a_rule_is_blind_where_its_filter_asks_for_a_column_the_log_lacks():
    rule = a_rule(only="{tif: fak}")
    log = "log: [{cancel: A, tif: fak}]\n"
    assert not failures(log + "without: tif\nexpect: blind", rule)
    assert failures(log + "expect: blind", rule) == ["expected blind, found judged"]
    assert failures(log + "without: tif\nexpect: [{subject: A}]", rule) == [
        "expected results, found blind: only: needs tif, which the log does not have"
    ]


def test_a_rule_is_not_blind_on_contracts_of_another_exchange():
    rule = a_rule(only="{tif: fak}")
    log = "log: [{cancel: A, contract: m2501}]\nwithout: tif\n"
    assert not failures(log + "expect: nothing", rule)


def test_what_a_log_lacks_may_be_stated():
    rule = a_rule(only="{tif: fak}")
    log = "log: [{cancel: A}]\nwithout: tif\n"
    assert not failures(log + "assume: {tif: fak}\nexpect: [{subject: A, counted: 1}]", rule)
    assert not failures(log + "assume: {tif: gfd}\nexpect: [{subject: A, counted: 0}]", rule)


def test_what_a_rule_takes_for_granted_is_told():
    rule = a_rule(leave_out=LEAVE_OUT)
    text = "log: [{cancel: A, hedge: hedge}]\nwithout: hedge\n"
    expect = "expect: [{subject: A, counted: 1, assumed: hedge is speculation}]"
    assert not failures(text + expect, rule)


def test_a_contract_that_the_rule_does_not_judge_is_named():
    text = "log: [{cancel: A, contract: i2501}]\nexpect: [{subject: A}]"
    assert failures(text) == [
        "subject A: expected a result, but the rule judges none of the contracts of the log: "
        "DCE.i2501"
    ]
    assert not failures(text.replace("[{subject: A}]", "nothing"))


@pytest.mark.parametrize("engine", ["core", "reference"])
def test_linked_accounts_are_judged_as_one_unless_they_are_kept_apart(engine):
    text = (
        "groups: [{group: G1, clients: [A, B]}]\n"
        "log: [{cancel: A, times: 300}, {cancel: B, times: 200}]\n"
        "expect: [{subject: G1, counted: 500, level: red, red: {line: 2, time: 200},"
        " reached_alone: false}]"
    )
    case = a_case(text)
    for _ in range(2):
        assert not run_case(a_rule(), case, engine=engine).failures
        apart = run_case(a_rule(), case, engine=engine, merge_groups=False)
        assert apart.seen is not None
        found = {result.subject: result.counted for result in apart.seen.results}
        assert found == {"A": 300, "B": 200}


def test_a_suspected_group_is_judged_beside_its_clients():
    text = (
        "groups: [{group: G1, clients: [A, B], status: suspected}]\n"
        "log: [{cancel: A, times: 300}, {cancel: B, times: 200}]\n"
        "expect:\n  - {subject: G1, counted: 500, level: yellow}\n"
        "  - {subject: A, counted: 300}\n  - {subject: B, counted: 200}"
    )
    assert not failures(text, a_rule(yellow="{gte: 400}"))


def test_tables_stand_beside_the_log_as_in_a_scan():
    rule = a_rule(
        leave_out="[{market_maker: true, reason: making, clause: x},"
        " {order_fee: true, reason: fee, clause: x}]"
    )
    text = (
        "market_makers: [{client: A, product: cu}]\n"
        "contracts: [{contract: al2412, order_fee: true}, {contract: cu2412, order_fee: false}]\n"
        "accounts: [{account: B1, client: B}, {account: B2, client: B}]\n"
        "log: [{cancel: A}, {cancel: B1}, {cancel: B2}, {cancel: B2, contract: al2412}]\n"
        "expect:\n  - {subject: A, counted: 0, exempt: {making: 1}}\n"
        '  - {subject: B, scope: "contract:cu2412", counted: 2}\n'
        '  - {subject: B, scope: "contract:al2412", counted: 0, exempt: {fee: 1}}'
    )
    assert not failures(text, rule)


def test_a_table_that_is_wrong_fails_the_case():
    text = "contracts: [{contract: cu2412, order_fee: 5}]\nlog: [{cancel: A}]\nexpect: nothing"
    assert failures(text) == [
        "could not be scanned: contracts: row 1: column 'order_fee': found '5', expected true or "
        "false"
    ]


def test_a_row_that_no_reader_takes_fails_the_case():
    text = "log: [{order: A}, {cancel: A, times: 3, price: 70001}]\nexpect: [{subject: A}]"
    assert "line 2 of the log, time 1: no good row: price" in failures(text)[0]


def test_a_changed_rule_is_judged_anew_on_the_same_case():
    case = a_case("log: [{cancel: A, times: 5}]\nexpect: [{subject: A, level: red}]")
    assert not run_case(a_rule(red="{gte: 5}"), case).failures
    assert run_case(a_rule(red="{gt: 5}"), case).failures
    assert run_case(a_rule(count="orders", red="{gte: 6}"), case).failures
