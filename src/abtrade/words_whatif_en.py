"""The English texts of ``abtrade rules whatif``, by key; ``words_whatif_zh`` has the same."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "whatif.title": "{rule}, {days}: alerts without a scan",
    "whatif.title.level": "{rule}, {days}: alerts with other levels for {level}",
    "whatif.days": "{n} days, {first} to {last}",
    "whatif.variant.as it stands": "as it stands",
    "whatif.variant.changed": "changed",
    "whatif.column.red": "red",
    "whatif.column.yellow": "yellow",
    "whatif.column.subjects": "subjects",
    "whatif.column.days": "days",
    "whatif.column.day": "day",
    "whatif.column.state": "not judged",
    "whatif.column.exchange": "exchange",
    "whatif.column.subject": "subject",
    "whatif.column.scope": "scope",
    "whatif.column.count": "count",
    "whatif.column.change": "level",
    "whatif.column.variant": "variant",
    "whatif.column.gross": "gross",
    "whatif.column.unknown": "unknown",
    "whatif.none": "none",
    "whatif.by_day": "By day, red/yellow:",
    "whatif.changes": "From {one} to {other}: {comes} come, {goes} go, {others} change level.",
    "whatif.no_changes": "From {one} to {other}: nobody comes or goes.",
    "whatif.distribution": "What subjects come to in a scope and day, {n} in all; > marks "
    "thresholds:",
    "whatif.under": "under {n}",
    "whatif.from": "{n} and more",
    "whatif.status.blind": "blind: {why}",
    "whatif.status.not_in_force": "no such rule in force",
    "whatif.status.no_contracts": "no contract that it judges",
    "whatif.note.unloaded": "{day}: that scan did not load {rule}.",
    "whatif.note.rewritten": "{day}: {rule} has changed since the scan, from version {scanned} to "
    "{now}; it is judged as it is now.",
    "whatif.note.pseudonyms": "Names are pseudonyms, of the key {key}.",
    "whatif.note.broker": "The log is one broker's: counts may be higher in truth.",
    "whatif.note.assumed": "Assumed: {words}.",
    "whatif.no_events": "At which event a level is reached, a scan by such a rule tells.",
    "whatif.sheet.thresholds": "Thresholds",
    "whatif.sheet.days": "Days",
    "whatif.sheet.changes": "Come and go",
    "whatif.sheet.alerts": "Alerts",
    "whatif.sheet.more": "The first {most} of {n} rows; --out with .csv or .parquet "
    "has all alerts.",
    "whatif.wrote": "{name}: {n} alerts of {variants} variants",
}
