"""What `abtrade rules test --mutate` says, in each of its forms."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from thorough_cases import THOROUGH, suite_of
from typer.testing import CliRunner, Result

from abtrade.cli import app

EXPLAINED = """explained:
  - {mutation: from 2010-11-05 -> 2010-11-04, why: {en: the first day is not known, zh: 起始日不详}}
"""
STALE = "  - {mutation: without red, why: x}\n  - {mutation: nonsense, why: x}\n"


def run(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["rules", "test", "--mutate", *options, str(folder)])


def names(*left_out: str) -> list[str]:
    return [name for name in THOROUGH if name not in left_out]


@pytest.fixture
def wanting(tmp_path: Path) -> Path:
    """Return a folder where there is one of everything to mend."""
    wrong = "  - {name: wrong, day: 2024-09-02, log: [{cancel: C}], expect: nothing}\n"
    suite_of(tmp_path, *names("two less", "day before"), more=wrong + EXPLAINED + STALE)
    (tmp_path / "other.yaml").write_text((tmp_path / "rule.yaml").read_text().replace(
        "desk.cancels", "desk.untested"
    ))  # fmt: skip
    return tmp_path


def test_all_is_well(tmp_path):
    suite_of(tmp_path, *names("day before"), more=EXPLAINED)
    said = run(tmp_path)
    assert said.exit_code == 0
    lines = said.output.splitlines()
    assert lines[0] == "desk.cancels 2010-11-05"
    assert "  killed  red >= 5 -> > 5: red" in lines
    assert "  explained  from 2010-11-05 -> 2010-11-04: the first day is not known" in lines
    assert lines[-1].startswith(
        "1 rule, 19 mutations: 18 killed, 1 explained, 0 survived; 0 explanations that nothing "
        "needs; 0 cases that fail; 0 rules without a test; "
    )


def test_everything_to_mend_is_said_at_once(wanting):
    said = run(wanting, "--format", "concise")
    assert said.exit_code == 1
    tests = str(wanting / "rule.test.yaml")
    assert said.output.splitlines()[:-1] == [
        f"{tests}: yellow >= 3 -> >= 2: no case notices",
        f'{tests}: explained, but the case "red" notices: without red',
        f"{tests}: explained, but the rule has no such mutation: nonsense",
        f"{tests}: fails by the rule as it is, so it can notice nothing: wrong",
        f"{wanting / 'other.yaml'}: no test: expected {wanting / 'other.test.yaml'}",
    ]


def test_in_chinese(tmp_path):
    suite_of(tmp_path, *names("two less", "day before"), more=EXPLAINED)
    said = run(tmp_path, "--lang", "zh")
    assert "  未发现  yellow >= 3 改为 >= 2：没有用例能发现" in said.output.splitlines()
    assert "  已说明  from 2010-11-05 改为 2010-11-04：起始日不详" in said.output.splitlines()


def test_workflow_commands(wanting):
    said = run(wanting, "--format", "github")
    assert said.exit_code == 1
    lines = said.output.splitlines()
    assert len(lines) == 5
    assert lines[0] == (
        f"::error file={wanting / 'rule.test.yaml'},title=desk.cancels 2010-11-05"
        "::yellow >= 3 -> >= 2: no case notices"
    )


def test_json(wanting):
    told = json.loads(run(wanting, "--format", "json", "--lang", "zh").output)
    assert {key: n for key, n in told["totals"].items() if key != "seconds"} == {
        "rules": 2, "mutations": 38, "killed": 17, "survived": 20, "explained": 1, "stale": 2,
        "failing": 1, "untested": 1,
    }  # fmt: skip
    first, second = told["rules"]
    assert (first["rule"], second["tests"]) == ("desk.cancels", None)
    assert first["mutations"][0] == {
        "name": "linked accounts alone", "told": "关联账户不合并", "state": "killed",
        "noticed_by": "yellow", "why": None,
    }  # fmt: skip
    assert first["stale"] == [
        {"name": "without red", "noticed_by": "red"}, {"name": "nonsense", "noticed_by": None}
    ]  # fmt: skip
    assert first["failing"] == ["wrong"]


def test_junit(wanting):
    root = ET.fromstring(run(wanting, "--format", "junit").output)
    first, second = root
    assert [first.get(key) for key in ("tests", "failures", "skipped")] == ["22", "4", "1"]
    assert root.get("tests") == str(22 + int(second.get("tests") or 0))
    failed = [case.get("name") for case in first if case.find("failure") is not None]
    assert failed == ["yellow >= 3 -> >= 2", "test file", "test file", "test file"]
    skipped = first.find("testcase/skipped")
    assert skipped is not None
    assert "the first day is not known" in skipped.get("message", "")


def test_a_rule_is_chosen_by_its_name_with_all_of_its_cases(wanting):
    told = json.loads(run(wanting, "--format", "json", "-k", "untested").output)
    assert [rule["rule"] for rule in told["rules"]] == ["desk.untested"]
    said = run(wanting, "--format", "json", "-k", "two less")
    assert said.exit_code == 1
    assert "no rule has two less in its name" in said.stderr


def test_the_reference_engine_notices_the_same(tmp_path):
    suite_of(tmp_path, *names("day before"), more=EXPLAINED)
    core, reference = (run(tmp_path, "--engine", each) for each in ("core", "reference"))
    assert core.output.splitlines()[:-1] == reference.output.splitlines()[:-1]


def test_coverage_is_a_run_of_its_own(tmp_path):
    suite_of(tmp_path, *THOROUGH)
    said = run(tmp_path, "--coverage")
    assert said.exit_code == 2
