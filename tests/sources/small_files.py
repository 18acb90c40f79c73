"""Small exports written by hand, and what a scan makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import abtrade
from abtrade.readers.foreign import stated_log
from abtrade.readers.kinds import kind, recognised
from abtrade.readers.raw import Source
from abtrade.readers.sources import glimpse
from abtrade.scan import ScanResult


def files(folder: Path, encoding: str = "utf-8", **texts: str) -> list[Path]:
    """Write each text to a CSV file of its name; blanks around cells are for the eye alone."""
    paths = []
    for name, text in texts.items():
        lines = (line for line in text.splitlines() if line.strip())
        rows = [",".join(cell.strip() for cell in line.split(",")) for line in lines]
        path = folder / f"{name}.csv"
        path.write_bytes(("\n".join(rows) + "\n").encode(encoding))
        paths.append(path)
    return paths


def scanned(paths: list[Path], **options: Any) -> ScanResult:
    """Scan by a rule pack that asks for the size of cancels."""
    return abtrade.scan(paths, **{"rules": ["shfe@2010-11-05"], **options})


def counts(result: ScanResult, subject: str, *names: str, contract: str = "cu2505") -> list[Any]:
    """Return counts of a subject in a contract; none where it has no tally."""
    for row in result.tallies.to_pylist():
        if (row["subject"], row["contract"]) == (subject, contract):
            return [row[name] for name in names]
    return []


def opened(paths: list[Path], **options: Any) -> list[Source]:
    """Open files of one foreign log."""
    stated = stated_log(**options)
    parts = [recognised(glimpse(path), stated) for path in paths]
    (name,) = {found[0].name for found in parts if found is not None}
    return kind(name).open([found[1] for found in parts if found is not None], stated)


def events(sources: list[Source], *columns: str) -> list[tuple[Any, ...]]:
    """Return cells of all rows made, by seq."""
    rows = [row for source in sources for raw in source.read() for row in raw.record.to_pylist()]
    return [tuple(row.get(c) for c in columns) for row in sorted(rows, key=lambda row: row["seq"])]
