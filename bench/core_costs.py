"""What the core alone takes, by what it is asked for, in a process that does nothing else.

    python bench/core_costs.py LOG 0,1

Batches are read before the clock starts; every plan is fed the same ones, on one processor, and the
three rules on two as well, where there are two.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from stages import Input, Stage, core_stages

ON_TWO = "core: 3 rules"


def costs(log: Path, processors: list[int]) -> dict[str, Any]:
    """Return ns a row, by the wall and of processor time, and the state at the end, by stage."""
    os.sched_setaffinity(0, processors[:1])
    given = Input(log)
    found = {stage.name: _cost(given, stage) for stage in core_stages(given)}
    if len(processors) > 1:
        os.sched_setaffinity(0, processors[:2])
        (stage,) = [one for one in core_stages(given, threads=2) if one.name == ON_TWO]
        found[f"{ON_TWO}, 2 threads"] = _cost(given, stage)
    return found


def _cost(given: Input, stage: Stage) -> dict[str, Any]:
    prepared = stage.prepare()
    gc.collect()
    worked = time.process_time()
    start = time.perf_counter()
    engine = stage.work(prepared)
    seconds = time.perf_counter() - start
    worked = time.process_time() - worked
    memory = engine.counter.memory()
    stage.check(engine)
    each = 1e9 / given.truth.rows
    return {"ns_a_row": seconds * each, "cpu_ns_a_row": worked * each, "memory": memory}


if __name__ == "__main__":
    print(json.dumps(costs(Path(sys.argv[1]), [int(p) for p in sys.argv[2].split(",")])))
