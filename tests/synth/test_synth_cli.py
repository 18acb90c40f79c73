"""The command says what it made, and its own commands scan and check that."""

from __future__ import annotations

import inspect
import shlex

import pytest
from typer.testing import CliRunner

from abtrade.cli import app
from abtrade.cli_synth import MAKING, parse_rows, synth


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    return done.exit_code, done.output


def command(output: str, start: str) -> list[str]:
    line = next(line.strip() for line in output.splitlines() if line.strip().startswith(start))
    return shlex.split(line)[1:]


@pytest.mark.parametrize("options", [(), ("--two-rows", "--log", "day.csv", "--lang", "zh")])
def test_what_it_says_to_run_runs_and_finds_all(tmp_path, options):
    code, said = run("synth", tmp_path / "made", "--rows", "40k", "--offences", 20, *options)
    assert code == 0, said
    code, _ = run(*command(said, "abtrade scan"), "--quiet", "--strict")
    assert code == 0
    check = command(said, "abtrade synth")
    code, said = run(*check, "--lang", "en")
    assert code == 0
    assert said.startswith("As planted: ")
    truth = tmp_path / "made" / "truth.csv"
    truth.write_text(truth.read_text().replace("90000", "90001"))
    code, said = run(*check, "--lang", "en")
    assert code == 1
    assert said.startswith("NOT as planted, ")
    assert run(*check, "--lang", "zh")[1].startswith("与预设不一致")


@pytest.mark.parametrize("text", ["10x", "", "k", "1e999M", "nan", "inf"])
def test_a_number_of_rows_that_is_none_is_wrong_usage(tmp_path, text):
    code, said = run("synth", tmp_path / "made", "--rows", text)
    assert code == 2
    assert "expected one such as 10M" in said


def test_a_number_of_rows_that_is_not_whole_is_wrong_usage(tmp_path):
    code, said = run("synth", tmp_path / "made", "--rows", "20000.5")
    assert code == 2
    assert "is no whole number" in said


@pytest.mark.parametrize(
    ("text", "rows"),
    [("500000", 500_000), ("500_000", 500_000), ("1e6", 1_000_000), ("500k", 500_000),
     ("1.5M", 1_500_000), ("0", 0)],
)  # fmt: skip
def test_rows_are_written_in_several_ways(text, rows):
    assert parse_rows(text) == rows


def test_an_exchange_may_be_in_small_letters(tmp_path):
    options = ("--rows", "2e4", "--offences", 0, "--exchange", "shfe")
    code, said = run("synth", tmp_path / "made", *options)
    assert code == 0, said
    assert "contracts of SHFE," in said


def test_a_folder_that_begins_with_a_dash_is_no_option(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, said = run("synth", "--rows", "20k", "--offences", 1, "--", "-y")
    assert code == 0, said
    code, _ = run(*command(said, "abtrade scan"), "--quiet")
    assert code == 0
    assert command(said, "abtrade scan")[1] == "./-y/day.parquet"
    assert run(*command(said, "abtrade synth"))[0] == 0


@pytest.mark.parametrize("option", [("--rows", "1M"), ("--bare",), ("--two-rows",), ("--force",),
                                    ("--exchange", "SHFE"), ("--day", "2025-02-18")])  # fmt: skip
def test_an_option_of_making_beside_a_check_is_wrong_usage(tmp_path, option):
    code, said = run("synth", tmp_path / "made", "--check", tmp_path / "out", *option)
    assert code == 2
    assert f"{option[0]}: does not go with --check" in " ".join(said.split())


def test_every_option_is_of_making_or_of_both():
    of_both = {"context", "out", "check", "quiet", "progress", "lang"}
    assert set(inspect.signature(synth).parameters) == of_both | set(MAKING)


def test_quiet_says_nothing(tmp_path):
    code, said = run("synth", tmp_path / "made", "--rows", "20000", "--offences", "0", "--quiet")
    assert (code, said) == (0, "")
