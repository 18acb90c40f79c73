"""The page on tests of rules shows what its own example comes to, and every key there is."""

from __future__ import annotations

import re
from pathlib import Path

from typer.testing import CliRunner

from abtrade.cli import app
from abtrade.testing.syntax import BESIDE, CASE, EXPECTED, LOG_LINE, TEST_FILE

PAGE = (Path(__file__).resolve().parents[2] / "docs/rules-testing.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def untimed(report: str) -> str:
    return re.sub(r"; [\d.]+ s$", "", report.strip())


def test_the_example_comes_to_what_the_page_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rule, tests, *_ = blocks("yaml")
    Path("desk").mkdir()
    Path("desk/copper_cancels.yaml").write_text(rule, "utf-8")
    Path("desk/copper_cancels.test.yaml").write_text(tests, "utf-8")
    command, shown = blocks("console")[0].split("\n", 1)
    ran = CliRunner().invoke(app, [*command.split()[2:], "--lang", "en"])
    assert ran.exit_code == 0
    assert untimed(ran.stdout) == untimed(shown)
    checked = CliRunner().invoke(app, ["rules", "check", "desk", "--strict", "--lang", "en"])
    assert (checked.exit_code, checked.output) == (0, "no problems\n")

    Path("desk/copper_cancels.yaml").write_text(rule.replace("gte: 250", "gt: 250"), "utf-8")
    ran = CliRunner().invoke(app, ["rules", "test", "desk", "--lang", "en"])
    assert ran.exit_code == 1
    assert blocks("text")[0] in ran.stdout
    assert blocks("text")[0].count("FAILED") == ran.stdout.count("FAILED")


def test_the_example_is_tested_too_weakly_until_it_is_mended(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rule, tests, case, explained = blocks("yaml")
    Path("desk").mkdir()
    Path("desk/copper_cancels.yaml").write_text(rule, "utf-8")

    def ran(tests: str) -> tuple[int, str]:
        Path("desk/copper_cancels.test.yaml").write_text(tests, "utf-8")
        run = CliRunner().invoke(app, [*command.split()[2:], "--lang", "en"])
        return run.exit_code, untimed(run.stdout)

    command, shown = blocks("console")[1].split("\n", 1)
    assert ran(tests) == (1, untimed(shown))
    code, said = ran(tests + case)
    assert (code, "0 survived" in said) == (0, True)
    code, said = ran(tests + explained)
    assert (code, "1 explained, 1 survived" in said) == (1, True)


def test_every_key_is_told():
    told = set(re.findall(r"`([a-z_]+)(?:: A)?`", PAGE))
    for table in (TEST_FILE, CASE, LOG_LINE, EXPECTED):
        assert {field.name for field in table.fields} - told == set(), table.noun
    assert {field.name for field in BESIDE} <= told
