"""abtrade: a full scan, every check made and every output written, then its own totals read."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow.compute as pc

from abtrade import scan
from answer import LARGE_LOTS, Answer, sorted_offenders
from make_log import DAY

COUNT_OF = {
    "shfe.frequent_cancel": "cancels",
    "shfe.large_cancel": "large_cancels",
    "shfe.self_trade": "self_trades",
}


def count(log: Path, links: Path, form: str, threads: int) -> Answer:
    """Scan the log under the pack ``shfe``, on so many threads; ``form`` makes no difference."""
    with tempfile.TemporaryDirectory() as folder:
        found = scan(log, links=links, rules=["shfe"], day=DAY, threads=threads,
                     out=Path(folder) / "out")  # fmt: skip
    verdict = found.certificate["verdict"]
    if verdict != "complete":
        raise AssertionError(f"the scan's verdict is {verdict}, expected complete")
    tallies = found.tallies
    offenders = [
        (COUNT_OF[alert.result.rule], alert.result.subject, _contract(alert.result.scope),
         int(alert.result.counted))
        for alert in found.alert_list
    ]  # fmt: skip
    return Answer(
        pc.sum(tallies["cancels"]).as_py(),
        pc.sum(tallies[f"large_cancels@{LARGE_LOTS}"]).as_py(),
        pc.sum(tallies["self_trades"]).as_py(),
        sorted_offenders(offenders),
    )


def _contract(scope: str) -> str:
    kind, _, name = scope.partition(":")
    return name if kind == "contract" else ""
