"""Where what a verb prints goes: standard output or a file, and CSV as Excel wants it."""

from __future__ import annotations

import csv
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
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
NAMES = ("张三期货", "=1+1", "00012345")
BOM = b"\xef\xbb\xbf"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a rule and a log of two cancels by each name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    (tmp_path / "rule.yaml").write_text(RULE, encoding="utf-8")
    with (tmp_path / "day.csv").open("w", encoding="utf-8", newline="") as file:
        log = csv.writer(file)
        log.writerow(["seq", "ts", "contract", "action", "order_id", "account", "side", "price",
                      "lots"])  # fmt: skip
        for n in range(len(NAMES) * 2):
            at = f"2025-03-03 09:00:{n:02}"
            log.writerow([2 * n, at, "cu2505", "new", n, NAMES[n // 2], "buy", 70000, 5])
            log.writerow([2 * n + 1, at, "cu2505", "cancel", n, "", "", "", 5])
    return tmp_path


def scan(*options: str, code: int = 0) -> Any:
    words = ["scan", "day.csv", "--rules", "rule.yaml", *options]
    done = CliRunner().invoke(app, words, prog_name="abtrade")
    assert done.exit_code == code, done.output
    return done


# --- --to ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "xlsx"])
def test_a_file_holds_what_would_have_been_printed(here: Path, form: str) -> None:
    printed = scan("--format", form).stdout_bytes
    done = scan("--format", form, "--to", "out")
    assert done.stdout == ""
    assert done.stderr == "out: Alerts: 3 red, 0 yellow. Verdict: complete.\n"
    written = (here / "out").read_bytes()
    if form == "table":  # the line with the time taken differs
        printed, written = (b"".join(x for x in each.splitlines() if b"rows/s" not in x)
                            for each in (printed, written))  # fmt: skip
    assert written == printed
    assert len(written) > 300


def test_quiet_leaves_the_file_and_says_nothing(here: Path) -> None:
    assert scan("--quiet", "--to", "out.txt").output == ""
    assert "desk.cancels" in (here / "out.txt").read_text("utf-8")


def test_a_file_that_exists_is_kept_unless_forced(here: Path) -> None:
    (here / "out.csv").write_text("mine")
    done = scan("--format", "csv", "--to", "out.csv", "--out", "result", code=1)
    assert "out.csv: exists already; name another file, or replace it by --force" in done.stderr
    assert (here / "out.csv").read_text() == "mine"
    assert not (here / "result").exists()  # told before the work
    scan("--format", "csv", "--to", "out.csv", "--force")
    assert (here / "out.csv").read_text().startswith('"alert_id"')


@pytest.mark.parametrize("target", ["day.csv", "./day.csv", "rule.yaml", "state", "result"])
def test_no_file_of_the_run_is_replaced(here: Path, target: str) -> None:
    before = (here / "day.csv").read_bytes()
    done = scan("--to", target, "--force", "--save-state", "state", "--out", "result", code=1)
    assert "is another file of this run; name a file of its own" in done.stderr
    assert (here / "day.csv").read_bytes() == before


def test_a_log_named_by_its_folder_is_not_replaced_either(here: Path) -> None:
    (here / "logs").mkdir()
    (here / "day.csv").rename(here / "logs" / "day.csv")
    words = ["scan", "logs", "--rules", "rule.yaml", "--to", "logs/day.csv", "--force"]
    done = CliRunner().invoke(app, words, prog_name="abtrade")
    assert (done.exit_code, "is another file of this run" in done.stderr) == (1, True)


def test_the_folder_of_out_stays_as_a_scan_writes_it(here: Path) -> None:
    scan("--out", "result")
    done = scan("--out", "result", "--force", "--to", "result/alerts.csv", code=1)
    assert "is in the folder of --out, which is written whole" in done.stderr
    assert not (here / "result" / "alerts.csv").exists()


@pytest.mark.parametrize(
    ("form", "name"),
    [("xlsx", "a.csv"), ("xlsx", "a.JSON"), ("csv", "a.xlsx"), ("table", "a.XLSX")],
)
def test_a_workbook_is_not_called_a_text_nor_a_text_a_workbook(
    here: Path, form: str, name: str
) -> None:
    done = scan("--format", form, "--to", name, code=2)
    assert "no name for --format" in " ".join(done.stderr.split())
    assert not (here / name).exists()


def test_a_scan_that_fails_leaves_no_file(here: Path) -> None:
    with (here / "day.csv").open("a", encoding="utf-8") as file:
        file.write("12,2025-03-03 09:01:00,cu2505,new,9,x,neither,70000,5\n")
    scan("--format", "xlsx", "--to", "out.xlsx", "--strict", code=1)
    assert sorted(path.name for path in here.iterdir()) == ["day.csv", "rule.yaml"]


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "xlsx"])
def test_an_explanation_goes_to_a_file_too(here: Path, form: str) -> None:
    scan("--out", "result", "--quiet")
    line = (here / "result" / "alerts.jsonl").read_text("utf-8").splitlines()[0]
    words = ["explain", "result", json.loads(line)["alert_id"], "--format", form]
    printed = CliRunner().invoke(app, words, prog_name="abtrade")
    assert printed.exit_code == 0, printed.output
    told = CliRunner().invoke(app, [*words, "--to", "out"], prog_name="abtrade")
    assert (told.stdout, told.stderr) == ("", "out: Events behind it: 2\n")
    assert (here / "out").read_bytes() == printed.stdout_bytes


@pytest.mark.parametrize("option", ["--to", "--export"])
def test_an_explanation_does_not_replace_its_log(here: Path, option: str) -> None:
    scan("--out", "result", "--quiet")
    line = (here / "result" / "alerts.jsonl").read_text("utf-8").splitlines()[0]
    words = ["explain", "result", json.loads(line)["alert_id"], option, "day.csv", "--force"]
    before = (here / "day.csv").read_bytes()
    told = CliRunner().invoke(app, words, prog_name="abtrade")
    assert (told.exit_code, "is another file of this run" in told.stderr) == (1, True)
    assert (here / "day.csv").read_bytes() == before


@pytest.mark.parametrize("option", ["--to", "--export", "--html"])
def test_nothing_explained_goes_into_the_scans_folder(here: Path, option: str) -> None:
    scan("--out", "result")
    alert = json.loads((here / "result" / "alerts.jsonl").read_text().splitlines()[0])["alert_id"]
    path = here / "result" / ("at.html" if option == "--html" else "alerts.jsonl")
    before = {each: each.read_bytes() for each in (here / "result").iterdir()}
    words = ["explain", "result", alert, option, str(path), "--force"]
    told = CliRunner().invoke(app, words, prog_name="abtrade")
    assert (told.exit_code, "is in the output of a scan" in told.stderr) == (1, True)
    assert {each: each.read_bytes() for each in (here / "result").iterdir()} == before


def test_a_long_chinese_name_is_a_name(here: Path) -> None:
    name = "异" * 80 + ".csv"
    scan("--format", "csv", "--to", name)
    assert (here / name).is_file()


# --- a workbook is no text -----------------------------------------------------------------------


def test_a_workbook_is_not_put_on_a_terminal(here: Path) -> None:
    terminal, screen = pty.openpty()
    command = [sys.executable, "-m", "abtrade", "scan", "none.csv", "--format", "xlsx"]
    done = subprocess.run(command, stdout=screen, stderr=subprocess.PIPE, text=True, check=False)
    os.close(screen)
    os.close(terminal)
    assert done.returncode == 2
    assert "name a file by --to" in " ".join(done.stderr.split())


def test_a_workbook_holds_the_scan(here: Path) -> None:
    scan("--format", "xlsx", "--to", "out.xlsx", "--lang", "zh")
    book = load_workbook(here / "out.xlsx")
    assert book.sheetnames == ["摘要", "1 红灯", "2 红灯", "3 红灯"]
    shown = {cell.value for row in book["摘要"].iter_rows() for cell in row}
    assert set(NAMES) <= shown


# --- CSV as Excel wants it -----------------------------------------------------------------------


@pytest.mark.parametrize("to", [[], ["--to", "out.csv"]])
def test_a_byte_order_mark_stands_first(here: Path, to: list[str]) -> None:
    done = scan("--format", "csv", "--bom", *to)
    written = (here / "out.csv").read_bytes() if to else done.stdout_bytes
    plain = scan("--format", "csv").stdout_bytes
    assert written == BOM + plain
    rows = list(csv.DictReader(written.decode("utf-8-sig").splitlines()))
    assert {row["subject"] for row in rows} == {"张三期货", "'=1+1", "00012345"}
    assert "张三期货" in rows[0]["message_zh"] + rows[1]["message_zh"] + rows[2]["message_zh"]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]


def test_chinese_is_utf_8_with_the_mark_whatever_the_locale(here: Path) -> None:
    command = [sys.executable, "-X", "utf8=0", "-m", "abtrade", "scan", "day.csv", "--rules",
               "rule.yaml", "--format", "csv", "--bom"]  # fmt: skip
    plain = {**os.environ, "LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, check=True, env=plain)
    assert done.stdout.startswith(BOM)
    assert "张三期货" in done.stdout.decode("utf-8-sig")
