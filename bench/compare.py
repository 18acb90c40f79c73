"""Time a full scan beside DuckDB counting the same, on the same file, answers compared first.

    python bench/make_log.py day.parquet --rows 10000000 --bare
    python bench/compare.py day.parquet --rounds 5

Each measurement is a process of its own; the two take turns. A scan checks every row and writes
every output; DuckDB only counts.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LARGE = 300


def run_abtrade(log: Path, links: Path, threads: int) -> dict[str, int]:
    """Scan, write everything, and return the three counts over all subjects."""
    import pyarrow.compute as pc

    import abtrade

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        found = abtrade.scan(log, links=links, rules=["shfe"], day="2010-11-08", threads=threads,
                             out=out)
        tallies = found.tallies
        return {
            "cancels": pc.sum(tallies["cancels"]).as_py(),
            "large_cancels": pc.sum(tallies[f"large_cancels@{LARGE}"]).as_py(),
            "self_trades": pc.sum(tallies["self_trades"]).as_py(),
            "busiest": pc.max(tallies["cancels"]).as_py(),
        }


def run_duckdb(log: Path, links: Path, threads: int) -> dict[str, int]:
    """Count the same in SQL: rows joined back to their orders, accounts mapped to groups."""
    import duckdb

    db = duckdb.connect()
    db.execute(f"SET threads={threads}")
    cancels, large, busiest = db.execute(
        f"""
        WITH log AS (SELECT * FROM read_parquet('{log}')),
        links AS (SELECT account, "group" AS subject
                  FROM read_csv('{links}', all_varchar=true)),
        orders AS (SELECT contract, order_id, account, lots FROM log WHERE action = 'new'),
        fills AS (
            SELECT contract, order_id, sum(lots) AS filled FROM (
                SELECT contract, order_id, lots FROM log WHERE action = 'trade'
                UNION ALL
                SELECT contract, contra_order_id, lots FROM log WHERE action = 'trade')
            GROUP BY ALL),
        cancelled AS (
            SELECT o.account, c.contract,
                   coalesce(c.lots, o.lots - coalesce(f.filled, 0)) AS taken
            FROM log c JOIN orders o USING (contract, order_id)
            LEFT JOIN fills f USING (contract, order_id)
            WHERE c.action = 'cancel'),
        by_account AS (
            SELECT account, contract, count(*) AS n,
                   count(*) FILTER (WHERE taken >= {LARGE}) AS big
            FROM cancelled GROUP BY ALL),
        by_subject AS (
            SELECT coalesce(subject, right(account, 8)) AS subject, contract,
                   sum(n) AS n, sum(big) AS big
            FROM by_account LEFT JOIN links USING (account) GROUP BY ALL)
        SELECT sum(n), sum(big), max(n) FROM by_subject
        """
    ).fetchone()
    (matches,) = db.execute(
        f"""
        WITH log AS (SELECT * FROM read_parquet('{log}')),
        links AS (SELECT account, "group" AS subject
                  FROM read_csv('{links}', all_varchar=true)),
        orders AS (
            SELECT contract, order_id, coalesce(subject, right(account, 8)) AS subject
            FROM log LEFT JOIN links USING (account) WHERE action = 'new')
        SELECT count(*) FROM log t
        JOIN orders a USING (contract, order_id)
        JOIN orders b ON b.contract = t.contract AND b.order_id = t.contra_order_id
        WHERE t.action = 'trade' AND a.subject = b.subject
        """
    ).fetchone()
    return {
        "cancels": int(cancels),
        "large_cancels": int(large),
        "self_trades": int(matches),
        "busiest": int(busiest),
    }


RUNS = {"abtrade": run_abtrade, "duckdb": run_duckdb}


def measure(kind: str, log: Path, links: Path, threads: int) -> dict[str, object]:
    """Run one side in a process of its own; return its answer, seconds and peak memory."""
    command = [sys.executable, __file__, str(log), "--links", str(links), "--one", kind,
               "--threads", str(threads)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("log", type=Path)
    parser.add_argument("--links", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--one", choices=RUNS)
    given = parser.parse_args()
    links = given.links or given.log.with_suffix(".links.csv")
    if given.one:
        start = time.perf_counter()
        answer = RUNS[given.one](given.log, links, given.threads)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps({"answer": answer, "seconds": seconds, "peak_mb": peak}))
        return
    rounds = [
        {kind: measure(kind, given.log, links, given.threads) for kind in RUNS}
        for _ in range(given.rounds)
    ]
    answers = [one["answer"] for found in rounds for one in found.values()]
    if any(answer != answers[0] for answer in answers):
        sys.exit(f"the answers differ: {answers}")
    print("answers agree:", json.dumps(answers[0]))
    for kind in RUNS:
        seconds = [found[kind]["seconds"] for found in rounds]
        peak = max(found[kind]["peak_mb"] for found in rounds)
        print(f"{kind:8} median {statistics.median(seconds):.2f} s "
              f"({min(seconds):.2f} to {max(seconds):.2f}), peak {peak} MB")
    ratios = [found["duckdb"]["seconds"] / found["abtrade"]["seconds"] for found in rounds]
    print(f"duckdb / abtrade: median {statistics.median(ratios):.2f} "
          f"({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
