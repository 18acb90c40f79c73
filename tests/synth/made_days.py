"""Days made for tests, scanned by their own rules and tables, and held against their truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import abtrade
from abtrade.scan import ScanResult
from abtrade.synth import MadeDay
from abtrade.synth_check import check

FORMS: dict[str, dict[str, Any]] = {
    "full": {},
    "bare": {"bare": True},
    "two rows": {"two_rows": True},
    "bare, two rows": {"bare": True, "two_rows": True},
    "arrow": {"log": "log.arrow"},
    "bare, arrow, split": {"bare": True, "log": "log.arrow", "split": True},
    "csv": {"log": "day.csv"},
    "one exchange": {"exchanges": ("SHFE",)},
    "one exchange, split": {"exchanges": ("CZCE",), "split": True},
    "no exchange": {"without": ("exchange",)},
    "no tif": {"without": ("tif",)},
    "bare, no tif": {"bare": True, "without": ("tif",)},
    "no cancel_by": {"without": ("cancel_by",)},
    "no hedge, no offset": {"without": ("hedge", "offset")},
    "bare, nothing optional": {
        "bare": True,
        "without": ("cancel_by", "hedge", "offset", "order_type", "phase", "price", "side", "tif"),
    },
}  # fmt: skip
"""Every form of log that synth writes, by a name."""

DENSITIES = (0.1, 1.0, 5.0, 1000.0)


def made(folder: Path, **options: Any) -> MadeDay:
    """Make a small day: rows and stories as given, else 60,000 and 40."""
    return abtrade.synth(folder, **({"rows": 60_000, "offences": 40} | options))


def scanned(day: MadeDay, out: Path | None = None, **options: Any) -> ScanResult:
    """Scan a day by its own tables, and by the test pack unless told otherwise."""
    usual = {"rules": [day.rules], "day": day.manifest["options"]["day"], **day.tables}
    return abtrade.scan([str(path) for path in day.logs], **usual | options, out=out, force=True)


def differences(day: MadeDay, out: Path, **options: Any) -> list[str]:
    """Scan a day; return in what the scan differs from the truth."""
    scanned(day, out, **options)
    return check(day.folder, out)


def of_the_crowd(day: MadeDay, result: ScanResult) -> list[str]:
    """Return the alerts of a scan on accounts that were not planted.

    Openings aside: how many lots a crowd opens goes by its size, and limits that ship do not.
    """
    return [
        f"{alert.result.rule} {alert.result.subject}"
        for alert in result.alert_list
        if not alert.result.subject.startswith(("9", "PLOT"))
        and "opening" not in alert.result.rule
    ]
