"""Measure one side on one file, in a process of its own that does nothing else.

    python bench/measure.py '{"side": "duckdb", "log": ..., "links": ..., "form": "bare", ...}'

The clock starts when the side's library is imported and stops when its answer is there. The
process is bound to as many processors as it is given threads.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from answer import Answer, from_json

POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Task:
    """What one process is to do."""

    side: str
    log: Path
    links: Path
    form: str  # bare or full
    processors: tuple[int, ...]  # one a thread


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a process may take before it is ended."""

    seconds: float
    memory_mb: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What a process took; ``failed`` says why it gave no answer, and then the rest is nothing."""

    answer: Answer | None = None
    seconds: float = 0
    cpu_seconds: float = 0
    peak_mb: int = 0  # the most that was resident at once, mapped files included
    own_peak_mb: int = 0  # without mapped files, as seen 20 times a second
    failed: str = ""


def measure(task: Task, bounds: Bounds) -> Measured:
    """Run a side and return what it took; a bound it broke is told, not raised.

    Raises RuntimeError as ``run_bounded`` does.
    """
    said = json.dumps(asdict(task) | {"log": str(task.log), "links": str(task.links)})
    threads = str(len(task.processors))
    environment = os.environ | {"POLARS_MAX_THREADS": threads, "OMP_NUM_THREADS": threads}
    ran = run_bounded([sys.executable, __file__, said], environment, bounds)
    if ran.failed:
        return Measured(failed=ran.failed)
    found = json.loads(ran.out.splitlines()[-1])
    answer = None if found["answer"] is None else from_json(found["answer"])
    return Measured(
        answer, found["seconds"], found["cpu_seconds"], found["peak_mb"], ran.own_peak_mb
    )


@dataclass(frozen=True, slots=True)
class Ran:
    """What a process said, and the memory it was seen to have; or why it was ended."""

    out: str
    own_peak_mb: int
    failed: str


def run_bounded(command: Sequence[str], environment: Mapping[str, str], bounds: Bounds) -> Ran:
    """Run a command, and end it where it breaks a bound.

    Raises RuntimeError with what it said where it failed, but for lack of memory, which is told.
    """
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        watch = _Watch(process, bounds)
        out, err = process.communicate()
        watch.join()
    failed = watch.broken
    if process.returncode and not failed:
        if "MemoryError" not in err and "OutOfMemory" not in err:
            raise RuntimeError(f"{' '.join(command)}: exit {process.returncode}\n{err}")
        failed = "ran out of memory"
    return Ran(out, watch.own_peak_mb, failed)


class _Watch(threading.Thread):
    """Looks at a process's memory and time until it ends, and ends it where it breaks a bound."""

    def __init__(self, process: subprocess.Popen[str], bounds: Bounds) -> None:
        super().__init__(daemon=True)
        self.own_peak_mb = 0
        self.broken = ""
        self._process = process
        self._bounds = bounds
        self.start()

    def run(self) -> None:
        end = time.monotonic() + self._bounds.seconds
        while self._process.poll() is None:
            self.own_peak_mb = max(self.own_peak_mb, resident_mb(self._process.pid, "RssAnon"))
            if self.own_peak_mb > self._bounds.memory_mb:
                self.broken = f"took more than {self._bounds.memory_mb:,} MB"
            elif time.monotonic() > end:
                self.broken = f"took more than {self._bounds.seconds:.0f} s"
            if self.broken:
                self._process.kill()
                return
            time.sleep(POLL_SECONDS)


def resident_mb(pid: int | str, field: str) -> int:
    """Return a field of a process's memory, 0 where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith(field)), 0)


def _run(task: dict[str, Any]) -> dict[str, Any]:
    """Do a task in this process and return what is to be said of it."""
    from importlib import import_module

    processors = task["processors"]
    os.sched_setaffinity(0, processors)
    side = import_module(f"sides.{task['side']}_side")
    before = time.process_time()
    start = time.perf_counter()
    answer = side.count(Path(task["log"]), Path(task["links"]), task["form"], len(processors))
    seconds = time.perf_counter() - start
    return {
        "answer": None if answer is None else asdict(answer),
        "seconds": seconds,
        "cpu_seconds": time.process_time() - before,
        # Not ru_maxrss: that of a new process begins with what its parent held.
        "peak_mb": resident_mb("self", "VmHWM"),
    }


if __name__ == "__main__":
    print(json.dumps(_run(json.loads(sys.argv[1]))))
