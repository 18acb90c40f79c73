"""The script of the nightly run: it waits, scans, keeps by day, and tells what happened."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from test_desk_file import folder  # noqa: F401 (a fixture)

SCRIPT = Path(__file__).parents[1] / "examples/nightly/nightly.sh"
DAY = "2025-03-03"
SETTLED = """[scan]
rules = ["desk/two.yaml"]
out = "results/{day}"
quiet = true
[hook]
command = ["sh", "-c", "echo $ABTRADE_EVENT >> events"]
on = ["always"]
"""

pytestmark = pytest.mark.skipif(not shutil.which("flock"), reason="there is no flock here")


@pytest.fixture
def desk(folder: Path) -> Path:  # noqa: F811
    """Return a desk's folder with a log in ``incoming`` and the script, no log come yet."""
    shutil.copy(SCRIPT, "nightly.sh")
    Path("abtrade.toml").write_text(SETTLED)
    Path("abtrade.toml").chmod(0o644)
    Path("logs").mkdir()
    Path("bin").mkdir()
    Path("day.csv").rename(f"logs/{DAY}.parquet")  # what is in a file tells what it is
    command(f'exec {sys.executable} -m abtrade "$@"', "abtrade")
    return folder


def command(text: str, name: str) -> None:
    path = Path("bin") / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def run(*words: str, minutes: int = 0) -> int:
    environment = {
        **os.environ, "PATH": f"{Path('bin').absolute()}:{os.environ['PATH']}",
        "WAIT_MINUTES": str(minutes), "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    done = subprocess.run(
        [Path("nightly.sh").absolute(), *words],
        cwd="/", env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("", "")
    return done.returncode


def events() -> list[str]:
    return Path("events").read_text().split()


def test_a_log_that_is_whole_is_scanned_and_kept_by_day(desk: Path) -> None:
    Path(f"logs/{DAY}.parquet.done").touch()
    assert run(DAY) == 0
    assert Path(f"results/{DAY}/run.json").exists()
    assert events() == ["alerts"]
    assert "exit code 0" in Path(f"runs/{DAY}.log").read_text()
    assert Path(f"runs/{DAY}.log").stat().st_mode & 0o777 == 0o600


def test_a_rerun_wants_force_and_options_are_handed_on(desk: Path) -> None:
    Path(f"logs/{DAY}.parquet.done").touch()
    codes = [run(DAY), run(DAY), run(DAY, "--force", "--fail-on", "red")]
    assert codes == [0, 1, 3]
    assert "exists already" in Path(f"runs/{DAY}.log").read_text()


def test_it_waits_until_the_log_is_whole(desk: Path) -> None:
    command(f"echo waited >> waited; [ $(wc -l < waited) -lt 3 ] || touch logs/{DAY}.parquet.done",
            "sleep")  # fmt: skip
    assert run(DAY, minutes=9) == 0
    assert Path("waited").read_text().split() == ["waited"] * 3


def test_a_log_that_does_not_come_is_a_failure_that_the_hook_hears_of(desk: Path) -> None:
    assert run(DAY) == 1
    assert events() == ["failure"]
    assert f"{DAY}.parquet.done: no such file" in Path(f"runs/{DAY}.log").read_text()
    assert not Path("results").exists()


def test_a_holiday_is_left_out(desk: Path) -> None:
    Path("holidays.txt").write_text(f"2025-01-01\n{DAY}\n")
    assert run(DAY) == 0
    assert not Path("runs").exists()


def test_one_run_at_a_time(desk: Path) -> None:
    Path("runs").mkdir()
    with subprocess.Popen(["flock", "runs/lock", "cat"], stdin=subprocess.PIPE) as holder:
        while subprocess.run(["flock", "-n", "runs/lock", "true"], check=False).returncode == 0:
            pass
        assert run(DAY) == 75
        holder.communicate()


def test_old_runs_are_forgotten(desk: Path) -> None:
    Path("runs").mkdir()
    for name, days in (("old", 181), ("new", 170)):
        path = Path(f"runs/{name}.log")
        path.touch()
        os.utime(path, (path.stat().st_mtime - days * 86_400 - 3600,) * 2)
    Path(f"logs/{DAY}.parquet.done").touch()
    run(DAY)
    assert sorted(path.name for path in Path("runs").glob("*.log")) == [f"{DAY}.log", "new.log"]
