"""The hook: what it is told, when it runs, and that it hides nothing."""

from __future__ import annotations

import json
import shlex
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from test_desk_file import folder, scan, settle  # noqa: F401 (a fixture)

pytestmark = pytest.mark.usefixtures("folder")

SAVE = "import os, sys; open('told', 'a').write(sys.stdin.read()); print(os.environ['ABTRADE_RED'])"
ALERT, SILENT = ("--rules", "desk/two.yaml"), ("--rules", "desk/nine.yaml")
OUT = ("--out", "out-{day}", "--force")


def command(code: str) -> str:
    return shlex.join([sys.executable, "-c", code])


def told() -> list[dict[str, Any]]:
    """Return what the hook was told since this was asked last."""
    path = Path("told")
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return [json.loads(line) for line in lines]


def test_it_is_told_what_the_scan_came_to() -> None:
    done = scan(*ALERT, *OUT, "--hook", command(SAVE), "--lang", "zh", "--fail-on", "red", "-q")
    assert done.exit_code == 3
    assert done.stderr == "1\n"
    (facts,) = told()
    assert facts.pop("abtrade")
    assert facts == {
        "event": "alerts", "out": str(Path("out-2025-03-03").absolute()), "day": "2025-03-03",
        "lang": "zh", "verdict": "complete", "red": 1, "yellow": 0, "rejected_rows": 0,
        "exit_code": 3, "error": None,
    }  # fmt: skip
    assert Path(facts["out"], "run.json").exists()


def test_it_is_told_of_a_failure() -> None:
    done = scan(*ALERT, *OUT, "--hook", command(SAVE), "--links", "none.csv")
    assert done.exit_code == 1
    assert "none.csv" in done.stderr
    (facts,) = told()
    assert (facts["event"], facts["exit_code"], facts["day"]) == ("failure", 1, None)
    assert "none.csv" in facts["error"]


@pytest.mark.parametrize(
    ("on", "events"),
    [
        ([], ["alerts", "failure"]),
        (["alerts"], ["alerts"]),
        (["failure"], ["failure"]),
        (["always"], ["alerts", "done", "failure"]),
        (["alerts", "failure", "always"], ["alerts", "done", "failure"]),
    ],
)
def test_it_runs_when_it_is_wanted(on: list[str], events: list[str]) -> None:
    words = [word for each in on for word in ("--hook-on", each)]
    for rules in (ALERT, SILENT, ("--rules", "none.yaml")):
        scan(*rules, *OUT, *words, "--hook", command(SAVE))
    assert [facts["event"] for facts in told()] == events


def test_a_bug_is_told_and_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(import_module("abtrade.scan"), "scan", broken)
    with pytest.raises(AssertionError):  # of ``scan``: a bug is no exit code
        scan(*ALERT, *OUT, "--hook", command(SAVE))
    assert [facts["error"] for facts in told()] == ["ZeroDivisionError"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.exit(7)", "ended with exit code 7"),
        ("import os; os.kill(os.getpid(), 9)", "ended by signal 9"),
        ("print('\\x1b[31mred'); 1/0", "\\x1b[31mred"),
    ],
)
@pytest.mark.parametrize(
    ("words", "exit_code"),
    [(ALERT, 5), ((*ALERT, "--fail-on", "red"), 3), (("--rules", "none.yaml"), 1)],
)
def test_a_failing_hook_is_said_and_hides_nothing(
    code: str, said: str, words: tuple[str, ...], exit_code: int
) -> None:
    done = scan(*words, *OUT, "--hook", command(code))
    assert done.exit_code == exit_code
    assert said in done.stderr
    assert "\x1b" not in done.stderr


def test_a_command_that_is_not_there_is_said() -> None:
    done = scan(*ALERT, *OUT, "--hook", "./no-such-program")
    assert (done.exit_code, "cannot be run: No such file" in done.stderr) == (5, True)


def test_a_word_that_no_system_passes_on_is_said() -> None:
    done = scan(*ALERT, *OUT, "--hook", "./post.py\0x")
    assert (done.exit_code, "cannot be run: embedded null byte" in done.stderr) == (5, True)


def test_a_long_error_is_whole_in_the_facts_and_begun_in_the_environment() -> None:
    name = "x" * 200_000
    done = scan(*ALERT, *OUT, "--links", name, "--hook", command(SAVE))
    assert (done.exit_code, "cannot be run" in done.stderr) == (1, False)
    (facts,) = told()
    assert name in facts["error"]


def test_one_that_takes_too_long_is_ended_with_all_it_started() -> None:
    code = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', "
        "\"import time; time.sleep(2); open('late', 'w')\"])\n"
        "time.sleep(60)"
    )
    began = time.monotonic()
    done = scan(*ALERT, *OUT, "--hook", command(code), "--hook-timeout", "1")
    assert (done.exit_code, "longer than 1 s" in done.stderr) == (5, True)
    assert time.monotonic() - began < 10
    time.sleep(1.5)
    assert not Path("late").exists()


def test_no_shell_reads_the_command() -> None:
    told_words = "import sys; open('told', 'w').write(repr(sys.argv[1:]))"
    scan(*ALERT, *OUT, "--hook", command(told_words) + " '$HOME' ';' 'touch x' `id` *")
    assert Path("told").read_text() == repr(["$HOME", ";", "touch x", "`id`", "*"])


def test_it_may_leave_its_input_unread() -> None:
    assert scan(*ALERT, *OUT, "--hook", "true").exit_code == 0


@pytest.mark.parametrize("words", [("--hook", "'"), ("--hook", ""), ("--hook-on", "now"),
                                   ("--hook-timeout", "0")])  # fmt: skip
def test_a_wrong_hook_is_wrong_usage(words: tuple[str, ...]) -> None:
    done = scan(*ALERT, *OUT, *words, *(() if words[0] == "--hook" else ("--hook", "true")))
    assert done.exit_code == 2
    assert not list(Path().glob("out-*"))


def test_it_needs_an_output_folder() -> None:
    assert scan(*ALERT, "--hook", command(SAVE)).exit_code == 2
    settle(f"[hook]\ncommand = {json.dumps(shlex.split(command(SAVE)))}")
    assert scan(*ALERT).exit_code == 0
    assert told() == []


def test_that_of_a_file_runs_in_the_folder_of_the_file() -> None:
    Path("desk/post.py").write_text(SAVE)
    settle(f'[hook]\ncommand = [{json.dumps(sys.executable)}, "post.py"]', "desk/abtrade.toml")
    assert scan(*ALERT, *OUT, "--config", "desk/abtrade.toml").exit_code == 0
    Path("desk/told").rename("told")
    (facts,) = told()
    assert facts["out"] == str(Path("out-2025-03-03").absolute())


def test_a_rule_or_mapping_cannot_name_one() -> None:
    rule = Path("desk/two.yaml").read_text("utf-8")
    Path("evil.yaml").write_text(rule + "hook: {command: [touch, evil]}\n", "utf-8")
    assert "unknown" in scan("--rules", "evil.yaml", *OUT).stderr
    Path("map.yaml").write_text("columns: {}\nhook: {command: [touch, evil]}\n", "utf-8")
    assert "unknown key 'hook'" in scan(*ALERT, "--mapping", "map.yaml", *OUT).stderr
    assert not Path("evil").exists()
