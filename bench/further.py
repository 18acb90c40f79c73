"""What each further count costs: scans that ask for one, beside the scan that asks for none.

    python bench/further.py --rows 10000000 --rounds 5

A scan is a process of its own, on one processor, under the pack ``shfe`` and with every output
written; the clock is its processor time. Cases take turns, and a ratio is taken within a round.
Before a round is told its figures are compared with what the log's maker says.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from further_log import BURST_MESSAGES, read_expected, write_logs
from make_log import DAY, links_of
from measure import Bounds, resident_mb, run_bounded

KERNEL = Path(__file__).resolve().parents[1] / "examples" / "kernels" / "busiest_minute.py"
RULES: dict[str, dict[str, Any]] = {
    "long_lots": {"yellow": 100_000},
    "short_lots": {"yellow": 100_000},
    "burst_occasions": {"burst_messages": BURST_MESSAGES, "scope": "exchange", "yellow": 10},
    "volume_share": {"yellow": 0.5},
    "order_share": {"yellow": 0.5},
    "cancel_share": {"yellow": 0.5},
    "busiest_minute": {"count": "kernel", "kernel": "busiest_minute", "yellow": 100_000},
    "open_lots": {"yellow": 100_000},
    "ordered_open_lots": {"yellow": 100_000},
    "limit_price_cancels": {"yellow": 100_000},
    "limit_price_cancel_lots": {"yellow": 100_000},
}
"""What rules ask beside the count, contract as the scope where none is named."""


@dataclass(frozen=True, slots=True)
class Case:
    """A scan: of which log, and what it is asked for beside the pack."""

    name: str
    log: str  # bare or priced
    counts: tuple[str, ...] = ()
    fees: bool = False


def cases() -> list[Case]:
    """Return the scans; the first of each log is the plain one."""
    bare = [
        Case("positions", "bare", ("long_lots", "short_lots")),
        Case("bursts", "bare", ("burst_occasions",)),
        Case("shares", "bare", ("volume_share", "order_share", "cancel_share")),
        Case("order fees", "bare", fees=True),
    ]
    if importlib.util.find_spec("numba") is not None:
        bare.append(Case("a kernel", "bare", ("busiest_minute",)))
    priced = [
        Case("openings", "priced", ("open_lots", "ordered_open_lots")),
        Case("limit-price cancels", "priced", ("limit_price_cancels", "limit_price_cancel_lots")),
    ]
    of_bare = tuple(count for case in bare for count in case.counts)
    of_priced = tuple(count for case in priced for count in case.counts)
    return [
        Case("plain", "bare"), *bare, Case("all of these", "bare", of_bare, fees=True),
        Case("plain, priced", "priced"), *priced,
        Case("all, priced", "priced", (*of_bare, *of_priced), fees=True),
    ]  # fmt: skip


def scan(case: Case, folder: Path) -> dict[str, float]:
    """Scan, all outputs written, and return the sum of the figures of each count asked for."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    import abtrade

    log = folder / f"{case.log}.parquet"
    with tempfile.TemporaryDirectory() as made:
        rules = Path(made) / "rules"
        rules.mkdir()
        for count in case.counts:
            (rules / f"{count}.yaml").write_text(_rule(count), encoding="utf-8")
        out = Path(made) / "out"
        found = abtrade.scan(
            log,
            links=links_of(folder / "bare.parquet"),
            rules=["shfe", *([str(rules)] if case.counts else [])],
            contracts=folder / "contracts.csv",
            fees=folder / "fees.csv" if case.fees else None,
            kernels=[str(KERNEL)] if "busiest_minute" in case.counts else (),
            day=DAY,
            threads=1,
            out=out,
        )
        results = pq.read_table(out / "results.parquet")
    assert found.certificate["verdict"] == "complete", found.certificate["faults"]
    sums = {}
    for count in case.counts:
        of_rule = results.filter(pc.equal(results["rule"], f"bench.{count}"))
        figures = of_rule["gross"] if of_rule["ratio"].null_count else of_rule["ratio"]
        sums[count] = float(pc.sum(figures).as_py() or 0)
    if found.fees is not None:
        sums["fee"] = float(pc.sum(found.fees["fee"]).as_py())
    return sums


def check(
    case: Case, sums: Mapping[str, float], told: Mapping[str, Mapping[str, float]]
) -> None:
    """Raise where a figure is not what the log's maker tells of that log."""
    expected = told[case.log]
    for count, figure in sums.items():
        if abs(figure - expected[count]) > 1e-6 * max(1.0, expected[count]):
            raise AssertionError(
                f"{case.name}: {count} is {figure}, expected {expected[count]}"
            )
    assert set(sums) == {*case.counts, *(["fee"] if case.fees else [])}


def _rule(count: str) -> str:
    asked = {"count": count, "scope": "contract", **RULES[count]}
    level = asked.pop("yellow")
    lines = [f"{name}: {value}" for name, value in asked.items()]
    return "\n".join(
        [f"id: bench.{count}", "about: Made for timing.", "exchange: SHFE", "from: 2000-01-01",
         "status: unverified", "source: {document: none}", "clause: none", *lines,
         f"yellow: {{gte: {level}}}", ""]
    )  # fmt: skip


# --- rounds --------------------------------------------------------------------------------------


def measure(folder: Path, rounds: int) -> dict[str, list[dict[str, float]]]:
    """Return what every case took in each round, its figures held to what they must be."""
    expected = read_expected(folder)
    found: dict[str, list[dict[str, float]]] = {case.name: [] for case in cases()}
    size = (folder / "bare.parquet").stat().st_size
    bounds = Bounds(600 + size / 1e6, 4000)
    for number in range(rounds):
        turns = cases()
        for at in range(len(turns)):
            case = turns[(at + number) % len(turns)]
            ran = run_bounded(
                [sys.executable, __file__, "--case", case.name, "--folder", str(folder)],
                os.environ, bounds,
            )  # fmt: skip
            if ran.failed:
                raise RuntimeError(f"{case.name}: {ran.failed}")
            told = json.loads(ran.out.splitlines()[-1])
            check(case, told.pop("sums"), expected)
            found[case.name].append(told)
            print(f"round {number + 1}: {case.name} {told['cpu_seconds']:.2f} s", file=sys.stderr)
    return found


def report(found: Mapping[str, list[dict[str, float]]]) -> str:
    """Return the costs as a table in Markdown."""
    lines = ["| log | asked for | seconds of processor | times the plain scan | peak MB |",
             "| --- | --- | --- | --- | --- |"]  # fmt: skip
    plain: list[dict[str, float]] = []
    for case in cases():
        taken = found[case.name]
        if not case.counts and not case.fees:
            plain = taken
        ratios = sorted(
            one["cpu_seconds"] / base["cpu_seconds"]
            for one, base in zip(taken, plain, strict=True)
        )
        times = f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        seconds = median(one["cpu_seconds"] for one in taken)
        peak = max(one["peak_mb"] for one in taken)
        asked = case.name.partition(",")[0]
        cells = (case.log, asked, f"{seconds:.2f}", "1" if taken is plain else times, f"{peak:,}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _run(case: Case, folder: Path) -> None:
    """Scan in this process and say what it took."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    import abtrade.scan  # noqa: F401 - not on the clock: it is the same for all

    before = time.process_time()
    sums = scan(case, folder)
    told = {"cpu_seconds": time.process_time() - before, "peak_mb": resident_mb("self", "VmHWM")}
    print(json.dumps(told | {"sums": sums}))


def main() -> None:
    """Measure, or with ``--case`` be one of the processes that are measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the logs are, or are to be made")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case is not None:
        _run(next(case for case in cases() if case.name == given.case), given.folder)
        return
    folder = given.folder or Path(tempfile.gettempdir()) / f"abtrade-further-{given.rows}"
    if not (folder / "expected.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_logs(folder, given.rows)
    print(report(measure(folder, given.rounds)))


if __name__ == "__main__":
    main()
