"""Names that would do harm, through a whole scan: log in, every output out."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from made_alerts import HOSTILE
from typer.testing import CliRunner

from abtrade.cli import app

RULE = """
id: desk.cancels
about: Two cancels.
exchange: SHFE
from: 2020-01-01
status: secondary
source: {document: Desk}
clause: Desk rule
count: cancels
scope: contract
red: {gte: 2}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a rule and a log of two cancels by each account, one row of it bad."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rule.yaml").write_text(RULE, encoding="utf-8")
    with (tmp_path / "day.csv").open("w", encoding="utf-8", newline="") as file:
        log = csv.writer(file)
        log.writerow(["seq", "ts", "contract", "action", "order_id", "account", "side", "price",
                      "lots"])  # fmt: skip
        seq = 0
        for name in (*HOSTILE, "plain"):
            for _ in range(2 if name != "plain" else 1):
                at = f"2025-03-03 09:00:{seq:02}"
                log.writerow([seq, at, "cu2505", "new", seq, name, "buy", 70000, 5])
                log.writerow([seq + 1, at, "cu2505", "cancel", seq, "", "", "", ""])
                seq += 2
        log.writerow([seq, at, "cu2505", "new", seq, HOSTILE[0], HOSTILE[0], 70000, 5])
    return tmp_path


def scan(*options: str) -> str:
    words = ["scan", "day.csv", "--rules", "rule.yaml", *options]
    result = CliRunner().invoke(app, words, prog_name="abtrade")
    assert result.exit_code == 4, result.output
    return result.output


def has_no_harm(text: str) -> bool:
    return not any(char in text for char in "\x1b\x9b\u202e")


def test_every_file_reads_back_and_holds_no_control_character(folder: Path) -> None:
    scan("--out", "out", "--quiet")
    table = pq.read_table(folder / "out" / "alerts.parquet", columns=["subject", "message"])
    assert set(table["subject"].to_pylist()) == set(HOSTILE)
    assert has_no_harm("".join(table["message"].to_pylist()))
    lines = (folder / "out" / "alerts.jsonl").read_text("utf-8")
    assert {json.loads(line)["subject"] for line in lines.splitlines()} == set(HOSTILE)
    for path in folder.glob("out/*.json*"):
        assert has_no_harm(path.read_text("utf-8")), path.name
    rejected = pq.read_table(folder / "out" / "rejected.parquet")
    assert rejected.num_rows == 1
    assert has_no_harm("".join(rejected["reason"].to_pylist()))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_everything_printed_is_harmless(folder: Path, form: str, lang: str) -> None:
    told = scan("--format", form, "--lang", lang)
    assert has_no_harm(told)
    assert "alert(1)" in told
    if form == "csv":
        cells = [cell for row in csv.reader(io.StringIO(told)) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


@pytest.mark.parametrize("name", HOSTILE)
def test_an_explanation_is_harmless(folder: Path, name: str) -> None:
    scan("--out", "out", "--quiet")
    lines = (folder / "out" / "alerts.jsonl").read_text("utf-8").splitlines()
    alert = next(each for line in lines if (each := json.loads(line))["subject"] == name)
    words = ["explain", "out", alert["alert_id"], "--lang", "en"]
    told = CliRunner().invoke(app, words, prog_name="abtrade")
    assert told.exit_code == 0, told.output
    assert "Events behind it: 2" in told.output
    assert has_no_harm(told.output)
