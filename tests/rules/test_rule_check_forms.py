"""Findings as people and programs read them, and what the command's exit code says of them."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rule_makers import rule_text
from typer.testing import CliRunner, Result

from abtrade.cli import app

CLAIMED = {"status": "verified", "source": "{document: D, number: '12', seen: official}"}


def run(*words: object) -> Result:
    told = [str(word) for word in ("rules", "check", *words)]
    return CliRunner().invoke(app, told, env={"LC_ALL": "C"})


@pytest.fixture
def warned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with one warning: its clause does not name document 12."""
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(rule_text(**CLAIMED))
    Path("a.test.yaml").write_text("")
    return Path("a.yaml")


@pytest.fixture
def wrong(warned: Path) -> Path:
    """A file with an error: what it counts is left out."""
    warned.write_text(
        rule_text(
            status="unverified",
            leave_out="[{tif: [gfd, gtc], clause: x}, {tif: [fak, fok], clause: x}]",
        )
    )
    return warned


def test_full_tells_line_place_and_advice(warned):
    found = run(warned)
    assert (found.exit_code, found.stdout) == (0, "no errors, warnings: 1\n")
    assert found.stderr == (
        "a.yaml:7:9: R010 warning: the clause does not name the number of its document, 12\n"
        "  clause: Rule 1 of the desk.\n"
        "          ^\n"
        "  an alert is as good as the clause it names: complete source and clause\n"
    )


def test_full_in_chinese(warned):
    told = run(warned, "--lang", "zh").stderr
    assert told.startswith("a.yaml:7:9: R010 警告: clause 未写明其文件的文号 12\n")


def test_concise_is_a_line_each(warned):
    assert run(warned, "--format", "concise").stdout == (
        "a.yaml:7:9: R010 warning: the clause does not name the number of its document, 12\n"
    )


def test_json_has_texts_in_both_languages(warned):
    [one] = json.loads(run(warned, "--format", "json").stdout)
    assert {name: one[name] for name in ("code", "severity", "file", "line", "column", "rule")} == {
        "code": "R010", "severity": "warning", "file": "a.yaml", "line": 7, "column": 9,
        "rule": "desk.cancels",
    }  # fmt: skip
    assert set(one["message"]) == set(one["advice"]) == {"en", "zh"}


def test_github_marks_the_line_and_its_text_cannot_break_out(warned):
    assert run(warned, "--format", "github").stdout == (
        "::warning file=a.yaml,line=7,col=9,title=R010::the clause does not name the number of its "
        "document, 12\n"
    )
    Path("a,b%.yaml").write_text("id: x.y\nred: '50%\n")
    told = run("a,b%.yaml", "--format", "github").stdout
    assert told.startswith("::error file=a%2Cb%25.yaml,line=")
    assert len(told.splitlines()) == 1


def test_junit_fails_by_errors_alone(warned, wrong):
    Path("b.yaml").write_text(rule_text(id="desk.b<&>"))
    tree = ElementTree.fromstring(run(".", "--format", "junit").stdout)
    assert (tree.get("tests"), tree.get("failures")) == ("2", "2")
    cases = {case.get("name"): case for case in tree.iter("testcase")}
    assert "R005 a.yaml:11:43" in cases
    assert cases["R005 a.yaml:11:43"].find("failure") is not None
    warned.write_text(rule_text(**CLAIMED))
    tree = ElementTree.fromstring(run("a.yaml", "--format", "junit").stdout)
    assert tree.get("failures") == "0"
    assert [case.find("failure") for case in tree.iter("testcase")] == [None]


def test_where_warnings_fail_servers_are_told_of_failures(warned):
    tree = ElementTree.fromstring(run(warned, "--strict", "--format", "junit").stdout)
    assert [each.get("failures") for each in (tree, *tree.iter("testsuite"))] == ["1", "1"]
    [failure] = tree.iter("failure")
    assert failure.get("message").startswith("a.yaml:7:9: R010 warning: ")
    assert run(warned, "--strict", "--format", "github").stdout.startswith("::error file=a.yaml,")


@pytest.mark.parametrize("form", ["full", "concise", "json", "github", "junit"])
def test_exit_codes(warned, form):
    assert run(warned, "--format", form).exit_code == 0
    assert run(warned, "--format", form, "--strict").exit_code == 1
    warned.write_text("id: x.y\n")
    assert run(warned, "--format", form).exit_code == 1


def test_nothing_found(warned):
    warned.write_text(rule_text(status="unverified"))
    assert run(warned).stdout == "no problems\n"
    assert run(warned, "--strict").exit_code == 0
    assert json.loads(run(warned, "--format", "json").stdout) == []


def test_of_the_shipped_packs_nothing_is_found():
    assert run("--strict").stdout == "no problems\n"


def test_of_the_packs_those_of_other_exchanges_than_the_logs_are_not_blind(warned):
    Path("day.csv").write_text(
        "seq,ts,contract,action,order_id,account,side,price,lots\n"
        "1,2025-03-03 09:00:00,cu2505,new,1,A,buy,70000,1\n"
    )
    found = run("--log", "day.csv", "--day", "2025-03-03", "--format", "json").stdout
    blind = {one["rule"] for one in json.loads(found) if one["code"] == "R012"}
    assert "shfe.self_trade" in blind
    assert {rule.split(".")[0] for rule in blind} == {"shfe"}


@pytest.mark.parametrize("data", [b"no table, of any kind\n", b"\x8e\xff\x01,\x90\n"])
def test_a_log_that_is_no_parquet_file_but_named_so_is_told_once(warned, data):
    Path("day.parquet").write_bytes(data)
    found = run(warned, "--log", "day.parquet")
    assert found.exit_code == 1
    assert len(found.output.splitlines()) == 1
    assert found.output.startswith("day.parquet: found ")
    assert "Parquet" in found.output


def test_a_log_tells_which_rules_would_be_blind(warned):
    warned.write_text(rule_text(only="{tif: fak}"))
    Path("day.csv").write_text(
        "seq,ts,contract,action,order_id,account,side,price,lots\n"
        "1,2025-03-03 09:00:00,cu2505,new,1,A,buy,70000,1\n"
    )
    found = run(warned, "--log", "day.csv", "--day", "2025-03-03")
    assert found.exit_code == 0
    assert "R012 warning: desk.cancels is blind on this log of 2025-03-03: only: needs tif, which" \
        in found.stderr
