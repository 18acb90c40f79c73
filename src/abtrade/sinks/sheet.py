"""CSV for spreadsheets: every cell quoted, none of them a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..safe_text import for_csv, for_json, guarded


@dataclass(frozen=True, slots=True)
class Json:
    """A value whose cell is JSON, None a blank one."""

    value: Any


def sheet_row(values: Iterable[Any]) -> str:
    """Return a line of CSV, its end included: lists with ``; `` between, maps as ``name=n``."""
    line = io.StringIO()
    writer = csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([_cell(value) for value in values])
    return line.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, Json):
        return "" if value.value is None else guarded(for_json(value.value))
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return guarded("; ".join(f"{for_csv(key)}={for_csv(str(n))}" for key, n in value.items()))
    if isinstance(value, list):
        return guarded("; ".join(_share(v) if isinstance(v, dict) else for_csv(v) for v in value))
    return for_csv(str(value))


def _share(share: Mapping[str, Any]) -> str:
    client = f" ({for_csv(share['client'])})" if share["client"] != share["account"] else ""
    return f"{for_csv(share['account'])}{client}={share['counted']}"
