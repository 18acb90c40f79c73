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
    rule, tests = blocks("yaml")
    Path("desk").mkdir()
    Path("desk/copper_cancels.yaml").write_text(rule, "utf-8")
    Path("desk/copper_cancels.test.yaml").write_text(tests, "utf-8")
    command, shown = blocks("console")[0].split("\n", 1)
    ran = CliRunner().invoke(app, [*command.split()[2:], "--lang", "en"])
    assert ran.exit_code == 0
    assert untimed(ran.stdout) == untimed(shown)

    Path("desk/copper_cancels.yaml").write_text(rule.replace("gte: 250", "gt: 250"), "utf-8")
    ran = CliRunner().invoke(app, ["rules", "test", "desk", "--lang", "en"])
    assert ran.exit_code == 1
    assert blocks("text")[0] in ran.stdout


def test_every_key_is_told():
    told = set(re.findall(r"`([a-z_]+)(?:: A)?`", PAGE))
    for table in (TEST_FILE, CASE, LOG_LINE, EXPECTED):
        assert {field.name for field in table.fields} - told == set(), table.noun
    assert {field.name for field in BESIDE} <= told
