"""`abtrade rules test`: its reports, its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from case_makers import HEAD
from rule_makers import rule_text
from typer.testing import CliRunner, Result

from abtrade.cli import app
from abtrade.words_tests_en import WORDS as ENGLISH
from abtrade.words_tests_zh import WORDS as CHINESE

CASES = HEAD + (
    "  - {name: good, day: 2024-10-25, log: [{cancel: A, times: 500}],"
    " expect: [{subject: A, level: red}]}\n"
    "  - name: '<bad> & \"worse\"'\n"
    "    day: 2024-10-25\n"
    "    log: [{cancel: A, times: 499}]\n"
    "    expect: [{subject: A, counted: 500}]\n"
)
FAILURE = "desk/a.test.yaml:8: subject A: expected counted 500, found 499"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "a.yaml").write_text(rule_text())
    (folder / "a.test.yaml").write_text(CASES)
    (folder / "b.yaml").write_text(rule_text(id="desk.orders", count="orders"))
    return folder


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["rules", "test", "desk", "--lang", "en", *words])


def lines(result: Result) -> list[str]:
    return result.stdout.splitlines()


def test_what_fails_is_told_under_its_case(desk):
    result = run()
    assert result.exit_code == 1
    *told, figures = lines(result)
    assert told == [
        "desk.cancels 2010-11-05",
        "  ok  good",
        '  FAILED  <bad> & "worse"',
        f"    {FAILURE}",
        "desk.orders 2010-11-05",
        "  no test: expected desk/b.test.yaml",
    ]
    assert figures.startswith("2 rules, 2 cases: 1 passed, 1 failed; 1 rule without a test; ")


def test_the_concise_report_has_a_line_for_each_thing(desk):
    assert lines(run("--format", "concise"))[:-1] == [
        'desk/a.test.yaml:8: <bad> & "worse": subject A: expected counted 500, found 499',
        "desk.orders 2010-11-05: no test: expected desk/b.test.yaml",
    ]


def test_cases_can_be_chosen_by_name(desk):
    result = run("-k", "GOOD")
    assert result.exit_code == 0
    assert lines(result)[:-1] == ["desk.cancels 2010-11-05", "  ok  good"]
    result = run("-k", "nowhere")
    assert result.exit_code == 1
    assert "no case has nowhere in its name" in result.stderr


def test_both_engines_can_count(desk):
    core, reference = (lines(run("--engine", engine))[:-1] for engine in ("core", "reference"))
    assert core == reference


def test_json_has_every_case(desk):
    told = json.loads(run("--format", "json", "--coverage").stdout)
    first, second = told["rules"]
    good, bad = first["cases"]
    assert (good["passed"], good["failures"], good["line"]) == (True, [], 4)
    assert bad["failures"] == [
        {"line": 8, "message": "subject A: expected counted 500, found 499"}
    ]
    assert second["tests"] is None
    assert told["totals"] | {"seconds": 0} == {
        "rules": 2, "cases": 2, "passed": 1, "failed": 1, "untested": 1, "seconds": 0,
    }  # fmt: skip
    assert first["coverage"]["covered"] == 1
    assert {"item": "missed", "level": "red", "message": "red missed by the least"} in first[
        "coverage"
    ]["missing"]


def test_junit_is_a_suite_for_each_rule_file(desk):
    result = run("--format", "junit", "--coverage", "--out", "tests.xml")
    assert result.stdout == ""
    root = ET.parse("tests.xml").getroot()
    assert root.tag == "testsuites"
    first, second = root
    assert {key: first.get(key) for key in ("name", "tests", "failures", "errors", "skipped")} == {
        "name": "desk.cancels 2010-11-05", "tests": "3", "failures": "2", "errors": "0",
        "skipped": "0",
    }  # fmt: skip
    good, bad, coverage = first
    assert float(good.get("time", "")) > 0
    assert len(good) == 0
    assert bad.get("name") == '<bad> & "worse"'
    (failure,) = bad
    assert (failure.tag, failure.text) == ("failure", FAILURE)
    assert coverage.get("name") == "coverage"
    assert "not shown by any test: red missed by the least" in (coverage[0].text or "")
    assert second[0][0].tag == "skipped"
    assert root.get("tests") == str(len(root.findall(".//testcase"))) == "5"
    assert root.get("failures") == str(len(root.findall(".//failure"))) == "3"


def test_a_report_file_is_not_replaced_unasked(desk):
    Path("tests.xml").write_text("kept")
    result = run("--format", "junit", "--out", "tests.xml")
    assert result.exit_code == 1
    assert "tests.xml: exists already" in result.stderr
    assert Path("tests.xml").read_text() == "kept"
    run("--format", "junit", "--out", "tests.xml", "--force")
    assert ET.parse("tests.xml").getroot().tag == "testsuites"


def test_github_marks_the_lines(desk):
    assert lines(run("--format", "github")) == [
        "::error file=desk/a.test.yaml,line=8,title=desk.cancels 2010-11-05%3A <bad> & \"worse\"::"
        "subject A: expected counted 500, found 499",
        "::warning file=desk/b.yaml::no test: expected desk/b.test.yaml",
    ]


def test_what_is_not_covered_fails_a_run_that_asks(desk):
    (desk / "b.yaml").unlink()
    (desk / "a.test.yaml").write_text(HEAD + CASES.removeprefix(HEAD).splitlines()[0])
    assert run().exit_code == 0
    result = run("--coverage")
    assert result.exit_code == 1
    assert "  not shown by any test: red missed by the least" in lines(result)
    assert "desk: 1 rule, 6 items, 1 covered" in lines(result)


def test_a_bad_file_is_told_with_its_place(desk):
    (desk / "a.test.yaml").write_text(HEAD + "  - {nam: x}\n")
    result = run()
    assert result.exit_code == 1
    assert "desk/a.test.yaml:4:6: unknown key 'nam', did you mean 'name'?" in result.stderr


def test_both_languages_have_the_same_texts_with_the_same_blanks():
    def blanks(text: str) -> list[str]:
        return sorted(part.split("}")[0] for part in text.split("{")[1:])

    assert ENGLISH.keys() == CHINESE.keys()
    assert {key: blanks(text) for key, text in ENGLISH.items()} == {
        key: blanks(text) for key, text in CHINESE.items()
    }
