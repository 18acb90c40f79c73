"""The demo finds what it planted, says so, and would say if it did not."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from abtrade import demo as demo_module
from abtrade.cli import app
from abtrade.demo import demo, differences
from abtrade.demo_day import TRUTH
from abtrade.errors import OutputError

README = Path(__file__).resolve().parents[1] / "README.md"


@pytest.fixture
def truth_says(monkeypatch):
    """Let the demo read another truth table than the day was made by."""
    return lambda truths: monkeypatch.setattr(demo_module, "read_truth", lambda _: list(truths))


def test_every_planted_offence_is_found_and_nothing_else(tmp_path, capsys):
    out = tmp_path / "demo"
    assert demo(out) is True
    said = capsys.readouterr().out
    assert "As planted: 4 offences found" in said
    assert "5 look-alikes silent" in said
    assert "No faults in the log." in said
    assert f"abtrade explain {out}/scan " in said
    made = {path.name for path in out.iterdir()}
    assert made == {"day.parquet", "accounts.csv", "links.csv", "truth.csv", "scan"}
    assert (out / "scan" / "alerts.jsonl").read_text(encoding="utf-8").count("\n") == 4


def test_the_readme_shows_what_the_demo_prints(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    demo(Path("demo"))
    said = without_timing(capsys.readouterr().out)
    shown, message = re.findall(r"```(?:console|text)\n(.*?)```", README.read_text(), re.DOTALL)[:2]
    made = without_timing(shown)
    assert made.startswith("$ make demo\n")
    assert said in made
    written = Path("demo/scan/alerts.jsonl").read_text(encoding="utf-8").splitlines()
    assert " ".join(message.split()) in {json.loads(line)["message"] for line in written}


    page = README.with_name("docs") / "whatif.md"
    (shown,) = re.findall(r"```console\n\$ abtrade (.*?)\n(.*?)```", page.read_text(), re.DOTALL)
    asked = CliRunner().invoke(app, [*shown[0].split(), "--lang", "en"])
    assert asked.stdout.startswith(shown[1])


def without_timing(text: str) -> str:
    return re.sub(r"[\d.]+ s, [\d,]+ rows/s, peak memory [\d,]+ MB", "", text)


def test_the_demo_speaks_chinese(tmp_path, capsys):
    assert demo(tmp_path / "demo", seed=2, lang="zh") is True
    assert "与预设一致：4起" in capsys.readouterr().out


def test_an_offence_that_is_not_found_and_one_not_planted_are_told(tmp_path, capsys, truth_says):
    wrong = dataclasses.replace(TRUTH[0], counted=7)
    truth_says([wrong, *TRUTH[1:]])
    assert demo(tmp_path / "demo") is False
    said = capsys.readouterr().out
    assert "NOT as planted" in said
    assert "planted, not found: red self_trades 7, group AC2024-0117, contract:cu2503" in said
    assert "found, not planted: red self_trades 6, group AC2024-0117, contract:cu2503" in said


def test_look_alikes_need_no_alert():
    assert differences([], [truth for truth in TRUTH if truth.level == "none"]) == []
    assert len(differences([], TRUTH)) == 4


def test_a_folder_that_exists_is_left_alone(tmp_path):
    (tmp_path / "accounts.csv").write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["accounts.csv"]
