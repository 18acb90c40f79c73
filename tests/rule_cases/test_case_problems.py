"""A test file that is wrong says where, what was found and what was expected, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_makers import HEAD, problems_of
from rule_makers import rule_text

from abtrade.errors import RuleError
from abtrade.testing.suites import load_suites

GOOD = "  - {name: a, day: 2024-10-25, log: [{cancel: A}], expect: [{subject: A, counted: 1}]}\n"


def test_a_good_file_has_no_problem():
    assert problems_of(HEAD + GOOD) == []


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        ("log: [{cancle: A}], expect: nothing",
         "unknown key 'cancle', did you mean 'cancel'?"),
        ("log: [{cancel: A, order: B}], expect: nothing",
         "a line of the log has one verb, order, cancel, trade, amend, rfq or reject: found 2"),
        ("log: [{order: A, filled: 2}], expect: nothing", "filled is for cancel, found order"),
        ("log: [{cancel: A, matches: 2}], expect: nothing", "matches is for trade, found cancel"),
        ("log: [{rfq: A, lots: 2}], expect: nothing",
         "lots is for order, cancel, trade, amend or reject, found rfq"),
        ("log: [{cancel: A, tif: fakk}], expect: nothing",
         "unknown tif word 'fakk', did you mean 'fak'?"),
        ("log: [{cancel: market}], expect: nothing",
         "market is the account that everybody trades with"),
        ("log: [{cancel: A, lots: 3, ordered: 2}], expect: nothing",
         "ordered 2 is below the 3 lots that are filled and taken off"),
        ("log: [{trade: A, resting_orders: 2, incoming_orders: 2}], expect: nothing",
         "one of resting_orders and incoming_orders is more than one order, not both"),
        ("log: [{cancel: A, at: 25:00:00}], expect: nothing",
         "'25:00:00': expected a time such as 10:00:00"),
        ("log: [{cancel: A, times: 0}], expect: nothing",
         "'0': expected a whole number of at least 1"),
        (f"log: [{{cancel: A, times: {'9' * 19}}}], expect: nothing",
         f"'{'9' * 19}': expected at most {'9' * 18}"),
        (f"log: [{{cancel: A}}], expect: [{{subject: A, counted: -{'9' * 19}}}]",
         f"'-{'9' * 19}': expected a number of at least -{'9' * 18}"),
        ("log: [{cancel: A, times: 600000}], expect: nothing",
         "a log of 1200000 rows: expected at most 1000000"),
        ("log: [{cancel: A, times: 250, every: 86400000}], expect: nothing",
         "times 250, every 86400000 ms: the clock runs past 18:00:00, where the trading day ends"),
        ("log: [{cancel: A, every: 99999999999999999, times: 2}], expect: nothing",
         "times 2, every 99999999999999999 ms: the clock runs past 18:00:00, where the trading day "
         "ends"),
        ("log: [{order: A, at: 17:59:59.99}, {order: A}, {order: A}], expect: nothing",
         "times 1, every 10 ms: the clock runs past 18:00:00, where the trading day ends"),
        ("log: [{order: A, at: 21:00:00, every: 3600000, times: 10}], expect: nothing",
         "times 10, every 3600000 ms: the clock runs past 06:00:00, where the night session ends"),
        ("log: [{order: A}], expect: [{subject: A}, {subject: A, counted: 1}]",
         "repeated subject 'A', first on line 4"),
        ("log: [{order: A}], expect: [{subject: A, scope: x:y}, {subject: A, scope: x:y}]",
         "repeated subject 'A' with scope 'x:y', first on line 4"),
        ("log: [], expect: nothing", "an empty list: name at least one entry"),
        ("expect: nothing", "a case without the key 'log'"),
        ("log: [{cancel: A}]", "a case without the key 'expect'"),
        ("log: [{cancel: A}], expect: nothin",
         "unknown expectation 'nothin', did you mean 'nothing'?"),
        ("log: [{cancel: A}], expect: [{subject: B}]", "unknown subject 'B': expected A"),
        ("log: [{cancel: A}], expect: [{subject: A, red: {line: 2, time: 1}}]",
         "line 2: the log has 1"),
        ("log: [{cancel: A, times: 3}], expect: [{subject: A, red: {line: 1, time: 4}}]",
         "time 4: the line stands 3 times"),
        ("log: [{cancel: A}], without: tiff, expect: nothing",
         "unknown column 'tiff', did you mean 'tif'?"),
        ("log: [{cancel: A}], groups: [{group: G, clients: []}], expect: nothing",
         "an empty list: name at least one"),
        ("log: [{cancel: 00012345}], expect: nothing",
         "'00012345' is not read as a text: put it in quotes"),
    ],
)  # fmt: skip
def test_a_problem_has_its_place(case, problem):
    (found,) = problems_of(f"{HEAD}  - {{name: a, day: 2024-10-25, {case}}}\n")
    line, column, message = found.split(":", 2)
    assert line == "4"
    assert int(column) > 1
    assert message.strip() == problem


@pytest.mark.parametrize(
    "case",
    [
        "log: [{order: A, times: 2, every: 28799999}], expect: nothing",
        "log: [{order: A, at: 21:00:00, every: 3600000, times: 9}], expect: nothing",
        "log: [{order: A, at: 02:00:00}, {order: A, at: 15:00:00}], expect: nothing",
        "log: [{order: A, at: 15:00:00}, {order: A, at: 09:00:00}], expect: nothing",
        "log: [{order: A}], expect: [{subject: A, scope: x:y}, {subject: A, scope: x:z}]",
    ],
)
def test_within_the_day_the_clock_goes_as_a_test_needs_it(case):
    assert problems_of(f"{HEAD}  - {{name: a, day: 2024-10-25, {case}}}\n") == []


def test_all_problems_are_told_at_once():
    text = (
        "rule: desk.orders\ncontract: cu2412\ncases:\n" + GOOD + GOOD
        + "  - {name: b, day: 2024-02-30, log: [{cancel: A, lot: 5}], expect: nothing}\n"
    )  # fmt: skip
    assert problems_of(text) == [
        "1:7: rule 'desk.orders': the rule beside it is 'desk.cancels'",
        "5:12: name 'a', first on line 4",
        "6:20: '2024-02-30' is no day of the calendar",
        "6:50: unknown key 'lot', did you mean 'lots'?",
    ]


def test_a_file_without_cases_is_a_problem():
    (found,) = problems_of("rule: desk.cancels\n")
    assert found == "1:1: the tests of a rule without the key 'cases'"
    assert problems_of("rule: desk.cancels\ncases: []\n") == [
        "2:8: an empty list: name at least one entry"
    ]


def test_a_line_needs_a_contract_from_somewhere():
    text = "rule: desk.cancels\ncases:\n" + GOOD
    assert problems_of(text) == ["3:38: no contract: name it in the line, the case or the file"]


def test_what_no_test_needs_is_refused():
    assert "anchor" in problems_of(HEAD + GOOD.replace("[{cancel", "&a [{cancel"))[0]
    assert "repeated key" in problems_of(HEAD + GOOD.replace("name: a,", "name: a, name: b,"))[0]


def test_a_mutation_is_explained_once():
    entry = "  - {mutation: red >= -> >, why: {en: so, zh: 如此}}\n"
    assert problems_of(f"{HEAD}{GOOD}explained:\n{entry}{entry}") == [
        "7:16: mutation 'red >= -> >', first on line 6"
    ]


# --- files and folders ---------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "a.yaml").write_text(rule_text())
    (folder / "a.test.yaml").write_text(HEAD + GOOD)
    (folder / "b.yaml").write_text(rule_text(id="desk.orders", count="orders"))
    return folder


def test_a_suite_is_a_rule_file_with_the_test_file_beside_it(desk):
    tested, untested = load_suites(["desk"])
    assert (tested.rule.id, len(tested.cases), tested.shown) == (
        "desk.cancels", 1, "desk/a.test.yaml",
    )  # fmt: skip
    assert (untested.rule.id, untested.cases) == ("desk.orders", ())


@pytest.mark.parametrize("spec", ["desk/a.yaml", "desk/a.test.yaml"])
def test_a_file_is_named_by_its_rule_or_its_tests(desk, spec):
    assert [suite.rule.id for suite in load_suites([spec])] == ["desk.cancels"]


def test_a_test_without_a_rule_is_a_problem(desk):
    (desk / "c.test.yaml").write_text(HEAD + GOOD)
    with pytest.raises(RuleError) as caught:
        load_suites(["desk"])
    assert caught.value.problems == ["desk/c.test.yaml: no rule beside it"]
    with pytest.raises(RuleError, match=r"there is no desk/c\.yaml"):
        load_suites(["desk/c.test.yaml"])


def test_problems_of_all_files_are_told(desk):
    (desk / "a.test.yaml").write_text(HEAD)
    (desk / "b.yaml").write_text(rule_text(count="orderz"))
    (desk / "b.test.yaml").write_text(HEAD)
    with pytest.raises(RuleError) as caught:
        load_suites(["desk"])
    places = [problem.split(": ")[0] for problem in caught.value.problems]
    assert places == ["desk/b.yaml:8:8", "desk/a.test.yaml:3:7"]


def test_a_pack_that_ships_has_a_suite_for_each_rule_file():
    suites = load_suites(["shfe"])
    assert len(suites) >= 9
    assert all(suite.rule.exchange == "SHFE" for suite in suites)
