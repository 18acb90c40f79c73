"""What order books cost: the core, and a scan, with and without them.

    python bench/books.py --rows 3000000 --rounds 7

The log is a made-up day that matches by price and time, so that the answer is known: every trade on
the book at the head of the best price, no fault, and the same counts with books as without. Cases
take turns batch by batch, on one processor and by its processor time; the least of all rounds is
told of each batch, for others may be at work on the machine, and the median beside it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import abtrade
from abtrade.batch import Batch
from abtrade.engine import Engine
from abtrade.market.contracts import load_contracts
from abtrade.names import Names
from abtrade.plan import make_plan
from abtrade.readers.log import open_log
from abtrade.schema import BOOK_FAULTS, BookCount
from abtrade.subjects import load_subjects


class Day:
    """A made-up day, decoded once."""

    def __init__(self, log: Path) -> None:
        self.log = open_log(log)
        self.names = Names()
        self.contracts = load_contracts(None, self.log.day)
        self.columns = frozenset(self.log.columns) - {"client", "member", "day"}
        self.batches: list[Batch] = list(
            self.log.batches(self.names, self.contracts, self.columns, {})
        )
        self.rows = sum(map(len, self.batches))

    def engine(self, *, book: bool) -> Engine:
        """Return an engine at the first row."""
        engine = Engine(
            "core", make_plan([], book=book), self.names, load_subjects(day=self.log.day),
            self.contracts, columns=self.columns, keep_finished=False,
        )  # fmt: skip
        engine.introduce()
        return engine


def core_costs(day: Day, rounds: int) -> dict[str, tuple[float, float]]:
    """Return ns a row of the core, by what it keeps: the least and the median of the rounds."""
    spent: dict[str, list[list[float]]] = {"plain": [], "book": []}
    for _ in range(rounds):
        engines = {"plain": day.engine(book=False), "book": day.engine(book=True)}
        for taken in spent.values():
            taken.append([])
        for batch in day.batches:
            for case, engine in engines.items():
                start = time.process_time_ns()
                engine.feed(batch)
                spent[case][-1].append(time.process_time_ns() - start)
        check(engines)
    return {
        case: (
            sum(map(min, zip(*taken, strict=True))) / day.rows,
            sum(map(median, zip(*taken, strict=True))) / day.rows,
        )
        for case, taken in spent.items()
    }


def check(engines: dict[str, Engine]) -> None:
    """Raise where a trade is not at the head of the best price, or books changed a count."""
    plain, kept = (engines[case].counter.finish() for case in ("plain", "book"))
    seen = np.array([book.counts for book in kept.books]).sum(0)
    assert seen[BookCount.AT_HEAD] > 0, "no trade is on the book"
    assert not seen[list(BOOK_FAULTS)].any(), dict(zip(BookCount, seen.tolist(), strict=True))
    assert np.array_equal(plain.cells.every().sum(0), kept.cells.every().sum(0)), "other counts"


def cpu_seconds(work: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Return the least and the median processor time of a piece of work."""
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken), median(taken)


def scan_costs(log: Path, rows: int, rounds: int) -> dict[str, tuple[float, float]]:
    """Return ns a row of a scan without outputs, with and without books."""
    return {
        case: tuple(each * 1e9 / rows for each in cpu_seconds(
            lambda book=book: abtrade.scan(log, book=book, threads=1), rounds))
        for case, book in (("scan", False), ("scan --book", True))
    }  # type: ignore[return-value]


def main() -> None:
    """Make the day, measure, and print a table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=3_000_000)
    asked.add_argument("--rounds", type=int, default=7)
    given = asked.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "made"
        abtrade.synth(made, rows=given.rows, offences="none")
        log = made / "day.parquet"
        day = Day(log)
        found = core_costs(day, given.rounds)
        found |= scan_costs(log, day.rows, max(1, given.rounds // 2))
    print(f"{day.rows:,} rows, {given.rounds} rounds, ns a row of processor time")
    for case, (least, middle) in found.items():
        print(f"{case:12} least {least:7.1f}  median {middle:7.1f}")


if __name__ == "__main__":
    main()
