"""Small FIX logs for tests: each message written as the fields that matter, the rest filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from export_fix import BEGIN, SOH, lines, wire

from abtrade.readers.foreign import stated_log
from abtrade.readers.kinds import open_sources
from abtrade.readers.raw import Source

USUAL = {"35": "8", "1": "A", "55": "cu2503", "207": "XSGE", "54": "1", "40": "2", "44": "70000",
         "59": "0"}  # fmt: skip
START = 3600  # seconds after midnight UTC: 09:00 in Shanghai


def message(text: str, number: int = 1, version: str = "4.4") -> str:
    """Return a message of fields ``37=1 150=0 ...``; ``1=`` leaves a usual field out."""
    given = dict(field.split("=", 1) for field in text.split())
    at = START + number
    clock = f"{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}"
    usual = {**USUAL, "17": f"E{number}", "60": f"20250218-{clock}"}
    if given.get("35", "8") != "8":
        usual = {}
    fields = [(int(tag), value) for tag, value in (usual | given).items() if value]
    return wire(sorted(fields, key=lambda field: field[0] != 35), version)


def log_text(text: str, version: str = "4.4", delimiter: str = SOH, prefix: str = "") -> str:
    """Return a log of one message for each line of ``text``; its lines count up the seconds."""
    made = [message(line, number, version) for number, line in enumerate(_lines(text), 1)]
    return lines(made, delimiter, prefix)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def write(path: Path, text: str, version: str = "4.4") -> Path:
    """Write a log of one message for each line of ``text``."""
    assert version in BEGIN
    path.write_text(log_text(text, version), encoding="utf-8", newline="")
    return path


def read(*paths: Path, **stated: Any) -> list[Source]:
    """Return the files as the sources of one log; raise AssertionError with what keeps them."""
    problems: list[str] = []
    sources = open_sources(list(paths), None, stated_log(**stated), problems)
    assert not problems, problems
    return sources


def rows(sources: list[Source], *columns: str) -> list[tuple[Any, ...]]:
    """Return columns of all sources' rows by seq, None where a source has no such column."""
    found = []
    for source in sources:
        for raw in source.read():
            for row in raw.record.to_pylist():
                found.append((row["seq"], *(row.get(column) for column in columns)))
    return [row[1:] for row in sorted(found, key=lambda row: row[0])]


def bad(sources: list[Source]) -> list[tuple[int, str]]:
    """Return the rows that were set aside: line and reason."""
    return [
        (row.row, row.reason) for source in sources for raw in source.read() for row in raw.bad
    ]
