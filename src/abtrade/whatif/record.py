"""An answer for other programs: as JSON data, and its alerts as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any, Final

from ..rules.rule import decimal_text
from ..safe_text import for_json
from ..sinks.sheet import sheet_row
from .answer import ALERTS, WhatIf
from .distribution import distribution
from .report import note_lines, status, status_text

FORMATS: Final = ("json", "csv")


def record(found: WhatIf) -> dict[str, Any]:
    """Return an answer as JSON data: what was asked, counts, days, changes, steps, alerts."""
    return {
        "rule": found.rule,
        "level": found.level,
        "variants": list(_variants(found)),
        "days": [
            {
                "day": day.day,
                "path": day.path,
                "status": status(day),
                "why": status_text(day, "en") or None,
                "alerts": {found.label(v): judged.levels for v, judged in day.found.items()},
            }
            for day in found.days
        ],
        "changes": [change._asdict() for pair in found.neighbours()
                    for change in found.changes(*pair)],
        "distribution": [
            {"from": each.low, "below": each.high, "subjects": each.subjects}
            for each in distribution(found)
        ],
        "notes": list(note_lines(found.notes, "en")),
        "alerts": [{**row, "exempt": dict(row["exempt"])} for row in found.alerts.to_pylist()],
    }  # fmt: skip


def write_answer(found: WhatIf, form: str, file: IO[str]) -> None:
    """Write an answer as JSON, or its alerts as CSV, no cell of it a formula."""
    assert form in FORMATS
    if form == "json":
        file.write(for_json(record(found), indent=2) + "\n")
        return
    file.write(sheet_row(ALERTS.names))
    for batch in found.alerts.to_batches(max_chunksize=1 << 14):
        for row in batch.to_pylist():
            file.write(sheet_row({**row, "exempt": dict(row["exempt"])}.values()))


def _variants(found: WhatIf) -> Iterator[dict[str, Any]]:
    for variant in found.variants:
        told: dict[str, Any] = {"variant": found.label(variant), "threshold": None}
        if variant.threshold is not None:
            level = found.level_at(variant)
            told["threshold"] = {level.op: decimal_text(level.number)}
        yield told | found.counts(variant)._asdict()
