"""What starting takes: Python alone, the command's help, and a scan of a thousand rows."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from make_log import DAY, links_of

ROWS = 1_000


def commands(log: Path) -> dict[str, list[str]]:
    """Return what is started, by name."""
    abtrade = [sys.executable, "-m", "abtrade"]
    scan = ["scan", str(log), "--links", str(links_of(log)), "--rules", "shfe", "--day", DAY]
    return {
        "python": [sys.executable, "-c", "pass"],
        "help": [*abtrade, "--help"],
        "scan": [*abtrade, *scan, "--quiet"],
    }


def costs(log: Path) -> dict[str, float]:
    """Return the seconds that each takes, from start to end."""
    return {name: _seconds(command) for name, command in commands(log).items()}


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return time.perf_counter() - start
