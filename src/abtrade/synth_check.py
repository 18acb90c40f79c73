"""Hold what a scan wrote against the truth of a made-up day: all that was planted, and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from .errors import InputError
from .synthetic.truth import About, Truth, exempt_text, read_truth

TIPS: Final = ("yellow_at", "yellow_seq", "red_at", "red_seq")


def check(day: str | Path, out: str | Path) -> list[str]:
    """Return a line for each thing in which a scan's output differs from the truth of its day.

    day : a folder that ``synth`` made
    out : the output folder of a scan of it, by its own rules and tables

    Raises InputError where one of the two is not such a folder.
    """
    try:
        truths = {truth.about: truth for truth in read_truth(Path(day) / "truth.csv")}
        manifest = json.loads((Path(day) / "manifest.json").read_text(encoding="utf-8"))
        certificate = json.loads((Path(out) / "certificate.json").read_text(encoding="utf-8"))
        alerts = pq.read_table(Path(out) / "alerts.parquet").to_pylist()
        results = pq.read_table(Path(out) / "results.parquet").to_pylist()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{day}, {out}: no made day and its scan: {error}") from error
    lines = []
    if certificate["verdict"] != "complete":
        lines.append(f"the verdict is {certificate['verdict']!r}, expected 'complete'")
    held = [each for contracts in certificate["exchanges"].values() for each in contracts.values()]
    rows = sum(sum(each.get("rows", {}).values()) for each in held)
    if rows != manifest["rows"]["all"]:
        lines.append(f"the scan counted {rows} rows, the day has {manifest['rows']['all']}")
    lines += _compare_alerts(truths, {_about(row): row for row in alerts})
    return lines + list(_compare_results(truths, {_about(row): row for row in results}))


def _compare_alerts(truths: dict[About, Truth], alerts: dict[About, dict[str, Any]]) -> list[str]:
    due = {about: truth for about, truth in truths.items() if truth.level}
    lines = [f"planted, not found: {_line(about)}: {due[about].story}"
             for about in sorted(due.keys() - alerts.keys())]  # fmt: skip
    lines += [f"found, not planted: {_line(about)}" for about in sorted(alerts.keys() - due.keys())]
    for about in sorted(due.keys() & alerts.keys()):
        truth, row = due[about], alerts[about]
        for name in ("level", *TIPS):
            if row[name] != getattr(truth, name):
                lines.append(f"{_line(about)}: {name} is {row[name]}, "
                             f"expected {getattr(truth, name)}: {truth.story}")  # fmt: skip
    return lines


def _compare_results(
    truths: dict[About, Truth], results: dict[About, dict[str, Any]]
) -> Iterator[str]:
    """Yield differences in what was counted, alert or not, for every planted subject."""
    planted = {(about.exchange, about.subject_kind, about.subject) for about in truths}
    for about in sorted(truths.keys() - results.keys()):
        yield f"no result: {_line(about)}: {truths[about].story}"
    for about, row in results.items():
        if about not in truths:
            if about[1:4] in planted:
                yield f"a result that is not in the truth: {_line(about)}"
            continue
        truth = truths[about]
        is_ratio = row["ratio"] is not None
        found = (row["level"] or "", row["gross_ratio"] if is_ratio else row["gross"],
                 row["ratio"] if is_ratio else row["counted"],
                 exempt_text(row["exempt"]))  # fmt: skip
        meant = (truth.level, truth.gross, truth.counted, truth.exempt)
        if found != meant:
            yield f"{_line(about)}: found {found}, expected {meant}: {truth.story}"


def _about(row: dict[str, Any]) -> About:
    return About(*(row[name] for name in About._fields))


def _line(about: About) -> str:
    return f"{about.rule} {about.exchange} {about.subject_kind} {about.subject} {about.scope}"
