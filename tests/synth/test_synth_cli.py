"""The command says what it made, and its own commands scan and check that."""

from __future__ import annotations

import shlex

import pytest
from typer.testing import CliRunner

from abtrade.cli import app


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


@pytest.mark.parametrize("text", ["10x", "", "k", "1e999M"])
def test_a_number_of_rows_that_is_none_is_wrong_usage(tmp_path, text):
    code, said = run("synth", tmp_path / "made", "--rows", text)
    assert code == 2
    assert "expected one such as 10M" in said


def test_quiet_says_nothing(tmp_path):
    code, said = run("synth", tmp_path / "made", "--rows", "20000", "--offences", "0", "--quiet")
    assert (code, said) == (0, "")
