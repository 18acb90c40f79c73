"""abtrade: a full scan as the command makes it, every output written, then its totals read."""

from __future__ import annotations

import tempfile
from pathlib import Path

from abtrade.cli import settle_process

settle_process()

import pyarrow.compute as pc  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

from abtrade import scan  # noqa: E402
from answer import LARGE_LOTS, Answer, sorted_offenders  # noqa: E402
from make_log import DAY  # noqa: E402

COUNT_OF = {
    "shfe.frequent_cancel": "cancels",
    "shfe.large_cancel": "large_cancels",
    "shfe.self_trade": "self_trades",
}

TOTALS = ("cancels", f"large_cancels@{LARGE_LOTS}", "self_trades")


def count(log: Path, links: Path, form: str, threads: int) -> Answer:
    """Scan the log under the pack ``shfe``, on so many threads; ``form`` makes no difference."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        found = scan(log, links=links, rules=["shfe"], day=DAY, threads=threads, out=out)
        tallies = pq.read_table(out / "tallies.parquet", columns=list(TOTALS))
    verdict = found.certificate["verdict"]
    if verdict != "complete":
        raise AssertionError(f"the scan's verdict is {verdict}, expected complete")
    offenders = [
        (COUNT_OF[alert.result.rule], alert.result.subject, _contract(alert.result.scope),
         int(alert.result.counted))
        for alert in found.alert_list
    ]  # fmt: skip
    return Answer(
        *(pc.sum(tallies[name]).as_py() for name in TOTALS),
        sorted_offenders(offenders),
    )


def _contract(scope: str) -> str:
    kind, _, name = scope.partition(":")
    return name if kind == "contract" else ""
