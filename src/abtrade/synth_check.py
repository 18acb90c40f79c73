"""Hold what a scan wrote against the truth of a made-up day: all that was planted, and no more."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .synth_files import BESIDES, FEE_NUMBERS, TIPS, read_day, read_scan
from .synthetic.fee_truth import FeeTruth, Payer
from .synthetic.truth import About, Truth, exempt_text

Rows = Sequence[dict[str, Any]]


def check(day: str | Path, out: str | Path) -> list[str]:
    """Return a line for each thing in which a scan's output differs from the truth of its day.

    day : a folder that ``synth`` made
    out : the output folder of a scan of it, by its own rules and tables

    Raises InputError where one of the two is not such a folder, naming the file that is damaged.
    """
    meant = read_day(Path(day))
    found = read_scan(Path(out), with_fees=bool(meant.fees))
    truths = {truth.about: truth for truth in meant.truths}
    lines = []
    if found.verdict != "complete":
        lines.append(f"the verdict is {found.verdict!r}, expected 'complete'")
    if found.rows != meant.rows:
        lines.append(f"the scan counted {found.rows} rows, the day has {meant.rows}")
    lines += _repeated("alert", found.alerts)
    lines += _repeated("result", found.results)
    lines += _compare_alerts(truths, found.alerts)
    lines += _compare_results(truths, found.results)
    lines += _compare_fees(meant.fees, found.fees)
    return lines


def _repeated(what: str, rows: Rows) -> Iterator[str]:
    for about, times in Counter(map(_about, rows)).items():
        if times > 1:
            yield f"{times} {what}s, expected one: {_line(about)}"


def _compare_alerts(truths: dict[About, Truth], rows: Rows) -> Iterator[str]:
    due = {about: truth for about, truth in truths.items() if truth.level}
    alerts = {_about(row): row for row in rows}
    for about in sorted(due.keys() - alerts.keys()):
        yield f"planted, not found: {_line(about)}: {due[about].story}"
    for about in sorted(alerts.keys() - due.keys()):
        yield f"found, not planted: {_line(about)}"
    for about in sorted(due.keys() & alerts.keys()):
        truth, row = due[about], alerts[about]
        yield from _compare_numbers("alert", truth, row, row["count"])
        for name in TIPS:
            if row[name] != getattr(truth, name):
                yield (f"{_line(about)}: {name} is {row[name]}, "
                       f"expected {getattr(truth, name)}: {truth.story}")  # fmt: skip
        if truth.detail:
            yield from _compare_detail(truth, row)


def _compare_detail(truth: Truth, row: dict[str, Any]) -> Iterator[str]:
    """Yield differences in what an alert tells besides its figures."""
    try:
        found = json.loads(row["detail"] or "{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        yield f"{_line(truth.about)}: detail is no JSON object: {truth.story}"
        return
    found |= {name: row[name] for name in BESIDES if name != "detail"}
    for name, meant in truth.detail.items():
        if (told := _timeless(found.get(name))) != meant:
            yield f"{_line(truth.about)}: {name} is {told}, expected {meant}: {truth.story}"


def _timeless(value: Any) -> Any:
    """Return JSON data without its times: a seq tells the row."""
    if isinstance(value, list):
        return [_timeless(each) for each in value]
    if isinstance(value, dict):
        return {name: _timeless(each) for name, each in value.items() if name != "ts"}
    return value


def _compare_results(truths: dict[About, Truth], rows: Rows) -> Iterator[str]:
    """Yield differences in what was counted, alert or not, for every planted subject."""
    planted = {(about.exchange, about.subject_kind, about.subject) for about in truths}
    results = {_about(row): row for row in rows}
    for about in sorted(truths.keys() - results.keys()):
        yield f"no result: {_line(about)}: {truths[about].story}"
    for about, row in results.items():
        if about in truths:
            yield from _compare_numbers("result", truths[about], row, row["counted"])
        elif about[1:4] in planted:
            yield f"a result that is not in the truth: {_line(about)}"


def _compare_fees(meant: Sequence[FeeTruth], rows: Rows) -> Iterator[str]:
    """Yield differences in what every planted subject pays."""
    truths = {truth.about: truth for truth in meant if truth.fee is not None}
    planted = {truth.about[:3] for truth in meant}
    payers = [Payer(*(row[name] for name in Payer._fields)) for row in rows]
    for payer, times in Counter(payers).items():
        if times > 1:
            yield f"{times} fees, expected one: {' '.join(payer)}"
    for payer in sorted(truths.keys() - set(payers)):
        yield f"no fee: {' '.join(payer)}: {truths[payer].story}"
    for payer, row in zip(payers, rows, strict=True):
        if payer not in truths:
            if payer[:3] in planted:
                yield f"a fee that is not in the truth: {' '.join(payer)}"
            continue
        for name in FEE_NUMBERS:
            if row[name] != (due := getattr(truths[payer], name)):
                yield (f"fee: {' '.join(payer)}: {name} is {row[name]}, expected {due}: "
                       f"{truths[payer].story}")  # fmt: skip


def _compare_numbers(
    what: str, truth: Truth, row: dict[str, Any], counted: int | None
) -> Iterator[str]:
    is_ratio = row["ratio"] is not None
    found = (row["level"] or "", row["gross_ratio"] if is_ratio else row["gross"],
             row["ratio"] if is_ratio else counted, exempt_text(row["exempt"] or ()))  # fmt: skip
    meant = (truth.level, truth.gross, truth.counted, truth.exempt)
    if found != meant:
        yield f"{_line(truth.about)}: {what}: found {found}, expected {meant}: {truth.story}"


def _about(row: dict[str, Any]) -> About:
    return About(*(row[name] for name in About._fields))


def _line(about: About) -> str:
    return f"{about.rule} {about.exchange} {about.subject_kind} {about.subject} {about.scope}"
