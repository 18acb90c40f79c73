"""A scan's alerts as a stream for other programs: JSON, JSON lines or CSV.

The CSV is made for spreadsheets too: no cell of it is taken for a formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Final

from ..alerts import Alert, alert_order
from ..outputs import ALERTS, alert_record
from ..safe_text import for_json
from .sheet import Json, sheet_row
from .summary import Scanned

FORMATS: Final = ("json", "jsonl", "csv")
CERTIFICATE_KEYS: Final = (
    "day",
    "verdict",
    "visibility",
    "visibility_note",
    "visibility_note_zh",
    "rejected_rows",
    "faults",
    "stated",
    "derived",
    "assumed",
    "blind",
    "unverified_off",
    "switched_off",
    "uncovered",
    "unmatched",
    "no_position_limit",
    "no_opening_limit",
    "no_limit_prices",
    "kind_unknown",
    "no_order_size",
    "no_order_fee",
    "identities",
)
"""What the JSON tells of the certificate beside the alerts."""


def write_stream(result: Scanned, form: str, file: IO[str]) -> None:
    """Write alerts, red first, as one JSON object, a JSON object a line, or CSV with a header."""
    assert form in FORMATS
    alerts = sorted(result.alert_list, key=alert_order)
    for line in _LINES[form](result, alerts):
        file.write(line)
    file.flush()


def _json(result: Scanned, alerts: Sequence[Alert]) -> Iterator[str]:
    told = {key: result.certificate[key] for key in CERTIFICATE_KEYS}
    certificate = result.certificate
    told |= {key: certificate[key] for key in ("overlay", "book") if key in certificate}
    yield for_json({**told, "alerts": [alert_record(alert) for alert in alerts]}, indent=2) + "\n"


def _jsonl(_: Scanned, alerts: Sequence[Alert]) -> Iterator[str]:
    for alert in alerts:
        yield for_json(alert_record(alert)) + "\n"


def _csv(_: Scanned, alerts: Sequence[Alert]) -> Iterator[str]:
    yield sheet_row(ALERTS.names)
    for alert in alerts:
        record = alert_record(alert)
        yield sheet_row({**record, "detail": Json(record["detail"])}.values())


_LINES: Final = {"json": _json, "jsonl": _jsonl, "csv": _csv}
