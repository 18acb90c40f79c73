"""Time a replay: opening, jumps to random rows, steps, moments; and what memory and disk it takes.

    python bench/replay.py one.parquet
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import abtrade

Times = tuple[float, float]
"""Seconds on the wall clock, and of the processor: on a busy machine these tell the work."""


def timed(work: Callable[[], object]) -> Times:
    begun, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, time.process_time() - used


def told(name: str, times: list[Times]) -> str:
    parts = [f"{name:<12}"]
    for clock, seconds in zip(("wall", "processor"), zip(*times, strict=True), strict=True):
        middle, worst = statistics.median(seconds) * 1e3, max(seconds) * 1e3
        parts.append(f"{clock}: median {middle:8.2f} ms, worst {worst:8.2f} ms")
    return "   ".join([*parts, f"of {len(times)}"])


def measure(log: Path, jumps: int, seed: int) -> None:
    begun, used = time.perf_counter(), time.process_time()
    with abtrade.replay(log) as session:
        print(f"{session.contract}: {session.rows:,} rows, opened in "
              f"{time.perf_counter() - begun:.1f} s, {time.process_time() - used:.1f} s of the "
              "processor")
        session.follow(session.subjects()[0])
        rng = random.Random(seed)
        rows = [rng.randint(0, session.rows) for _ in range(jumps)]
        print(told("jump", [timed(lambda r=row: session.seek_row(r)) for row in rows]))
        session.seek_row(session.rows * 9 // 10)
        print(told("step on", [timed(lambda: session.step(1)) for _ in range(jumps)]))
        print(told("step back", [timed(lambda: session.step(-1)) for _ in range(jumps)]))
        print(told("moment", [timed(session.moment) for _ in range(jumps)]))
        print(told("state hash", [timed(session.state_hash) for _ in range(jumps)]))
        subjects = session.subjects()[:5]
        print(told("follow", [timed(lambda s=each: session.follow(s)) for each in subjects]))
        print(f"checkpoints {session.checkpoint_bytes / 1e6:,.0f} MB on disk, rows "
              f"{session.spool_bytes / 1e6:,.0f} MB on disk, peak memory "
              f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("log", type=Path)
    parser.add_argument("--jumps", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    measure(given.log, given.jumps, given.seed)


if __name__ == "__main__":
    main()
