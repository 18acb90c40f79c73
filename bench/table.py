"""Measure abtrade beside DuckDB, Polars and pandas on the same logs, and write what came out.

    python bench/table.py [--quick] [--rows 10000000,50000000] [--rounds N] [--folder DIR]

Writes bench/results/table.json, and from it docs/benchmarks.md, docs/benchmarks.svg and the
README's part, each when the whole run is done. A run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import start_costs
from answer import check_equal
from cases import Contender, Group, groups
from inputs import Inputs, keep_in_cache
from machine import code_hash, commit, machine, versions
from measure import Measured, Task, measure
from picture import picture
from record import Record
from report import headline, put, replace_file, report
from results import Results

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "table.json"
SIZES = (10_000_000, 50_000_000)
QUICK_SIZES = (1_000_000,)
QUICK_ROUNDS = 2
SMALL_ROUNDS = 5
PEERS = ("duckdb", "polars", "pandas")


class Run:
    """One run of the table: what there is to measure, and what was."""

    def __init__(
        self,
        folder: Path,
        cases: list[Group],
        small_rounds: int,
        *,
        fresh: bool,
        say: Callable[[str], None],
    ) -> None:
        self._cases = cases
        self._small_rounds = small_rounds
        self._say = say
        self._inputs = Inputs(folder, say)
        self._facts = {"machine": machine(), "versions": versions()}
        self._record = Record(folder, self._facts | {"code": code_hash()}, fresh=fresh)
        self._processors = sorted(os.sched_getaffinity(0))

    def measure(self) -> None:
        """Measure what the record lacks."""
        for group in self._cases:
            held = self._record.rounds(group.key)
            self._drop_other_contenders(group, held)
            for number in range(len(held), group.rounds):
                self._record.add(group.key, self._round(group, number))
        rows = self._cases[0].rows
        log = self._inputs.log("bare", rows)
        tiny = self._inputs.log("bare", start_costs.ROWS)
        for number in range(len(self._record.rounds(f"core {rows}")), self._small_rounds):
            self._say(f"core, round {number + 1} of {self._small_rounds}")
            self._record.add(f"core {rows}", self._core(log, number))
        for number in range(len(self._record.rounds("start")), 2 * self._small_rounds):
            self._say(f"start, round {number + 1} of {2 * self._small_rounds}")
            self._record.add("start", start_costs.costs(tiny))

    def results(self, command: str, at: str) -> Results:
        """Return everything that was measured."""
        rows = self._cases[0].rows
        core = {
            "asked_rows": rows,
            "rounds": self._record.rounds(f"core {rows}")[: self._small_rounds],
        }
        return Results(
            {
                "made": datetime.date.today().isoformat(),
                "command": command,
                "commit": at,
                **self._facts,
                "groups": {group.key: self._held(group) for group in self._cases},
                "core": core,
                "start": {"rounds": self._record.rounds("start")[: 2 * self._small_rounds]},
            }
        )

    def _held(self, group: Group) -> dict[str, Any]:
        truth = self._inputs.truth(group.form, group.rows)
        answer = {key: value for key, value in asdict(truth.answer).items() if key != "offenders"}
        formats = dict.fromkeys(one.format for one in group.contenders)
        return {
            "form": group.form,
            "asked_rows": group.rows,
            "rows": truth.rows,
            "answer": answer,
            "offenders": len(truth.answer.offenders),
            "bytes": {
                format: self._inputs.log(group.form, group.rows, format).stat().st_size
                for format in formats
            },
            "rounds": self._record.rounds(group.key)[: group.rounds],
        }

    def _drop_other_contenders(self, group: Group, held: list[Any]) -> None:
        """Forget rounds in which others took part: a ratio needs the same ones in each."""
        wanted = {one.key for one in group.contenders}
        held[:] = [found for found in held if set(found) == wanted]

    def _round(self, group: Group, number: int) -> dict[str, Any]:
        """Let every contender have its turn, then compare the answers, then tell the times."""
        expected = self._inputs.truth(group.form, group.rows).answer
        earlier = self._record.rounds(group.key)
        began = time.monotonic()
        found: dict[str, Measured] = {}
        turns = len(group.contenders)
        for at in range(turns):
            one = group.contenders[(at + number) % turns]
            self._say(
                f"{group.key}, round {number + 1} of {group.rounds}: {one.key} ({at + 1}/{turns})"
            )
            failed = next((past[one.key]["failed"] for past in earlier), "")
            found[one.key] = Measured(failed=failed) if failed else self._turn(group, one, number)
        answers = {key: m.answer for key, m in found.items() if m.answer is not None}
        check_equal(expected, answers)
        told = ", ".join(
            f"{key} {m.failed or format(m.seconds, '.2f') + ' s'}" for key, m in found.items()
        )
        took = time.monotonic() - began
        left = (group.rounds - number - 1) * took
        self._say(f"answers agree; {told}; this log's rounds take {left:.0f} s more")
        return {one.key: _without_answer(found[one.key]) for one in group.contenders}

    def _turn(self, group: Group, one: Contender, number: int) -> Measured:
        log = self._inputs.log(group.form, group.rows, one.format)
        links = self._inputs.links(group.form, group.rows)
        keep_in_cache(log)
        task = Task(one.side, log, links, group.form, self._bound_to(one.threads, number))
        return measure(task, group.bounds)

    def _bound_to(self, threads: int, number: int) -> tuple[int, ...]:
        """Return processors, other ones each round; all in a round share the first."""
        count = len(self._processors)
        return tuple(self._processors[(number + at) % count] for at in range(threads))

    def _core(self, log: Path, number: int) -> Any:
        processors = ",".join(map(str, self._bound_to(min(2, len(self._processors)), number)))
        command = [sys.executable, str(ROOT / "bench" / "core_costs.py"), str(log), processors]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"core_costs: exit {done.returncode}\n{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])


def _without_answer(measured: Measured) -> dict[str, Any]:
    """Return what is kept of a measurement: its answer is that of all the others."""
    return {key: value for key, value in asdict(measured).items() if key != "answer"}


def write_docs(results: Results, root: Path) -> None:
    """Write the page, the picture and the README's part, each whole or not at all."""
    replace_file(root / "docs" / "benchmarks.svg", picture(results))
    put(root / "docs" / "benchmarks.md", report(results))
    put(root / "README.md", headline(results))


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true",
                        help="a million rows, two rounds, told here and written nowhere")
    parser.add_argument("--rows", type=lambda text: [int(one) for one in text.split(",")],
                        help="sizes of the logs, comma between; the smallest in every combination")
    parser.add_argument("--rounds", type=int, help="of every log")
    parser.add_argument("--folder", type=Path, help="where logs and rounds are kept",
                        default=Path(tempfile.gettempdir()) / "abtrade-bench")
    parser.add_argument("--fresh", action="store_true", help="forget rounds of a stopped run")
    parser.add_argument("--no-write", action="store_true", help="tell the tables, write nothing")
    parser.add_argument("--render", action="store_true",
                        help="measure nothing: write the pages again from the last results")
    return parser.parse_args(arguments)  # fmt: skip


def main(arguments: list[str]) -> int:
    given = parse(arguments)
    if given.render:
        write_docs(Results.read(RESULTS), ROOT)
        return 0
    missing = [peer for peer in PEERS if find_spec(peer) is None]
    if missing:
        print(f"not installed: {', '.join(missing)}; pip install '.[bench]'", file=sys.stderr)
        return 1
    rows = given.rows or (QUICK_SIZES if given.quick else SIZES)
    rounds = given.rounds or (QUICK_ROUNDS if given.quick else None)
    at = commit()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled once, as where a user installs it
    cases = groups(rows, rounds, len(os.sched_getaffinity(0)))
    run = Run(given.folder, cases, rounds or SMALL_ROUNDS, fresh=given.fresh, say=_say)
    run.measure()
    results = run.results(" ".join(["python bench/table.py", *arguments]), at)
    print(report(results))
    if not (given.quick or given.no_write):
        RESULTS.parent.mkdir(exist_ok=True)
        replace_file(RESULTS, json.dumps(results.data, indent=1) + "\n")
        write_docs(results, ROOT)
    return 0


def _say(text: str) -> None:
    print(f"{datetime.datetime.now():%H:%M:%S} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
