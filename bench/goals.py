"""The goals of speed and memory, and how a run stands to each."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from cases import Contender
from results import Ratio, Results

SCAN, DUCKDB, POLARS, PANDAS, DECODE = "abtrade", "duckdb", "polars", "pandas", "decode"
TABLE, CELLS, ATTRIBUTES = "core: order table", "core: cells", "core: attributes"
THREE, FORTY = "core: 3 rules", "core: 40 rules"
NAMES = {SCAN: "abtrade", DUCKDB: "DuckDB", POLARS: "Polars", PANDAS: "pandas",
         DECODE: "pyarrow decode alone"}  # fmt: skip
FILES = {"parquet": "Parquet", "converted": "converted Parquet", "arrow": "Arrow IPC"}


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal and what was measured; ``reached`` is None where there is nothing to hold it to."""

    number: int
    what: str
    goal: str
    measured: str
    reached: bool | None


def goals(results: Results) -> list[Goal]:
    """Return the lines that the run can fill, in order."""
    found = [
        *_against_peers(results),
        *_over_decode(results),
        *_core(results),
        *_memory(results),
        *_threads(results),
        *_rules(results),
        *_start(results),
        *_cell(results),
    ]
    return sorted(found, key=lambda goal: goal.number)


def _against_peers(results: Results) -> Iterator[Goal]:
    """1, 2 and 3: a scan on one thread, and peers that count, on one thread."""
    parquet, arrow = Contender(SCAN, "parquet", 1), Contender(SCAN, "arrow", 1)
    converted = Contender(SCAN, "converted", 1)
    wanted = (
        (1, "bare", parquet, Contender(DUCKDB, "parquet", 1), 2.3),
        (1, "bare", parquet, Contender(POLARS, "parquet", 1), 3.0),
        (1, "bare", parquet, Contender(PANDAS, "parquet", 1), 4.0),
        (1, "bare", converted, Contender(DUCKDB, "converted", 1), 3.0),
        (2, "bare", arrow, Contender(DUCKDB, "parquet", 1), 6.0),
        (2, "bare", arrow, Contender(DUCKDB, "arrow", 1), 5.0),
        (3, "full", parquet, Contender(DUCKDB, "parquet", 1), None),
        (3, "full", parquet, Contender(POLARS, "parquet", 1), None),
    )
    for rows in results.sizes():
        for number, form, scan, peer, least in wanted:
            ratio = results.ratio(results.group(form, rows), scan, peer)
            if ratio is not None:
                what = (
                    f"{form} {short(rows)}, 1 thread: scan of {FILES[scan.format]}, "
                    f"times as quick as {NAMES[peer.side]} on {FILES[peer.format]}"
                )
                yield _at_least(number, what, ratio, least)


def _over_decode(results: Results) -> Iterator[Goal]:
    """4: a scan over pyarrow's decode of the very columns it reads."""
    for group, held in results.groups():
        for threads in (1, 2):
            decode = Contender(DECODE, "parquet", threads)
            ratio = results.ratio(group, decode, Contender(SCAN, "parquet", threads))
            if ratio is not None:
                plural = "s" if threads > 1 else ""
                what = (
                    f"{held['form']} {short(held['asked_rows'])}, {threads} thread{plural}: "
                    "scan over decode alone"
                )
                yield _at_most(4, what, ratio, 1.65)


def _core(results: Results) -> Iterator[Goal]:
    """5: what the core takes a row."""
    for stage, most in ((TABLE, 26), (CELLS, 50), (ATTRIBUTES, 65)):
        if times := results.core(stage):
            ns = statistics.median(times)
            measured = f"{ns:.0f} ns ({min(times):.0f} to {max(times):.0f})"
            yield Goal(5, f"{stage}, ns of processor a row", f"<= {most}", measured, ns <= most)


def _memory(results: Results) -> Iterator[Goal]:
    """6: peak memory of a bare scan from Parquet, and its growth with the log."""
    scan = Contender(SCAN, "parquet", 1)
    peaks = {
        rows: results.peak_mb(group, scan)
        for rows in results.sizes()
        if scan in results.contenders(group := results.group("bare", rows))
    }
    if len(peaks) < 2:
        return
    least, most = min(peaks), max(peaks)
    growth = peaks[most] / peaks[least]
    yield Goal(6, f"bare {short(most)} from Parquet: peak memory", "<= 300 MB",
               f"{peaks[most]} MB", peaks[most] <= 300)  # fmt: skip
    yield Goal(6, f"the same over {short(least)}", "<= 1.05", f"{growth:.2f}", growth <= 1.05)


def _threads(results: Results) -> Iterator[Goal]:
    """7: two threads over one."""
    ratio = results.core_ratio(f"{THREE}, 2 threads", THREE, of="ns_a_row")
    if ratio is not None:
        yield _at_least(7, "core, 3 rules: 2 threads over 1", ratio, 1.8)
    for group, held in results.groups():
        one, two = (Contender(SCAN, "parquet", threads) for threads in (1, 2))
        ratio = results.ratio(group, two, one)
        if ratio is not None:
            what = f"scan of {held['form']} {short(held['asked_rows'])}: 2 threads over 1"
            yield _at_least(7, what, ratio, 1.6)


def _rules(results: Results) -> Iterator[Goal]:
    """8: forty rules over three."""
    ratio = results.core_ratio(THREE, FORTY)
    if ratio is None:
        return
    yield _at_most(8, "core: 40 rules over 3", ratio, 1.10)
    grown = results.memory(FORTY)["cell_bytes"] - results.memory(THREE)["cell_bytes"]
    yield Goal(8, "state of 40 rules above that of 3", "none", f"{grown:,} bytes", grown <= 0)


def _start(results: Results) -> Iterator[Goal]:
    """9: what starting takes above a bare Python."""
    for what, name, most in (("help", "abtrade --help", 0.2), ("scan", "scan of 1,000 rows", 0.6)):
        if results.data["start"]["rounds"]:
            seconds = results.above_python(what)
            yield Goal(9, f"{name}, above a bare Python", f"<= {most} s", f"{seconds:.2f} s",
                       seconds <= most)  # fmt: skip


def _cell(results: Results) -> Iterator[Goal]:
    """10: what a cell takes."""
    for stage in (CELLS, ATTRIBUTES):
        if results.core(stage):
            held = results.memory(stage)
            size = held["cell_bytes"] / held["cells"]
            yield Goal(10, f"{stage}, bytes a cell", "<= 64", f"{size:.0f}", size <= 64)


def _at_least(number: int, what: str, ratio: Ratio, least: float | None) -> Goal:
    if least is None:
        return Goal(number, what, "reported", str(ratio), None)
    return Goal(number, what, f">= {least:g}", str(ratio), ratio.median >= least)


def _at_most(number: int, what: str, ratio: Ratio, most: float) -> Goal:
    return Goal(number, what, f"<= {most:g}", str(ratio), ratio.median <= most)


def short(rows: int) -> str:
    """Return a number of rows as people say it."""
    return f"{rows // 1_000_000}M" if rows >= 1_000_000 else f"{rows:,}"
