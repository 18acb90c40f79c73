"""Fail where a stage of a scan became slower, beside a yardstick, than it was when recorded.

    python bench/check.py            # make bench-check
    python bench/check.py --record   # make bench-record

The ratios on record are those of one machine; on another kind of processor record anew, on the
version to compare with.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from guard import LIMIT, PAUSES_SECONDS, Guard, Line
from machine import machine
from make_log import write
from report import replace_file
from stages import Input, Stage, bind, stages
from yardstick import Yardstick

RECORDED = Path(__file__).parent / "recorded.json"
ROWS = 300_000
ROUNDS_ON_RECORD = 12


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", action="store_true", help="put the ratios of now on record")
    given = parser.parse_args(arguments)
    bind(1)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "day.parquet"
        write(log, ROWS, bare=True)
        made = stages(Input(log), Path(folder))
        return record(made, RECORDED) if given.record else check(made, RECORDED)


def record(made: Sequence[Stage], path: Path) -> int:
    """Put the ratios of the stages on record."""
    guard = Guard(made, Yardstick().work)
    guard.rounds(ROUNDS_ON_RECORD)
    ratios = {name: round(ratio, 4) for name, ratio in guard.ratios().items()}
    told = {"processor": machine()["processor"], "rows": ROWS, "ratios": ratios}
    replace_file(path, json.dumps(told, indent=1) + "\n")
    for name, ratio in ratios.items():
        print(f"{name:20} {ratio:8.3f}")
    return 0


def check(
    made: Sequence[Stage], path: Path, pauses: Sequence[float] = PAUSES_SECONDS
) -> int:
    """Tell how each stage stands; return 1 where one is slower than the limit allows."""
    if not path.exists():
        print(f"{path}: there is no record; make one with --record", file=sys.stderr)
        return 1
    recorded = json.loads(path.read_text(encoding="utf-8"))
    here = machine()["processor"]
    if recorded["processor"] != here:
        print(f"recorded on {recorded['processor']}, this is {here}: ratios may differ for that")
    lines = Guard(made, Yardstick().work, pauses).check(recorded["ratios"])
    print(f"{'stage':20} {'yardsticks':>10} {'recorded':>10} {'change':>8} {'rounds':>7}")
    for line in lines:
        print(_told(line))
    for name in sorted(set(recorded["ratios"]) - {line.name for line in lines}):
        print(f"{name:20} is on record, and is no stage any more")
    slow = [line for line in lines if line.is_slow]
    for line in slow:
        more = (line.change - 1) * 100
        print(f"{line.name}: {more:.0f} % slower than recorded, {LIMIT - 1:.0%} is allowed",
              file=sys.stderr)  # fmt: skip
    return 1 if slow else 0


def _told(line: Line) -> str:
    if line.recorded is None:
        return f"{line.name:20} {line.ratio:10.3f} {'new':>10} {'':8} {line.rounds:7}"
    mark = " SLOWER" if line.is_slow else ""
    return (f"{line.name:20} {line.ratio:10.3f} {line.recorded:10.3f} {line.change - 1:+8.1%} "
            f"{line.rounds:7}{mark}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
