"""run.json: facts about files and times, apart from what was found."""

from __future__ import annotations

import hashlib
import resource
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__, schema

if TYPE_CHECKING:
    from .job import Options
    from .readers.log import Log
    from .rules.packs import RuleSet


def make(
    log: Log,
    options: Options,
    rules: RuleSet,
    *,
    inputs: list[dict[str, Any]],
    derived: Mapping[str, Any],
    kernels: list[dict[str, str]],
    notes: list[str],
    chinese: Mapping[str, str],
    rows: int,
    started: float,
    seconds: float,
    seal: bool,
) -> dict[str, Any]:
    """Return the record of a run as JSON data.

    derived : what each column rests on that the log does not have and that was put in
    kernels : what each kernel that rules use came from
    notes, chinese : what else there is to say, and of some of it the Chinese by the English
    inputs : as ``log_inputs`` gives them; rows : that were counted
    started : seconds since 1970 UTC; seconds : how long it took
    seal : read every side table again for its SHA-256
    """
    tables = {
        name: input_record(Path(table), seal)
        for name, table in asdict(options).items()
        if name in ("accounts", "links", "market_makers", "contracts", "positions", "limits",
                    "fees", "calendar", "sessions", "mapping", "overlay")
        and table not in (None, "<table>")
    }
    return {
        "abtrade": __version__,
        "schema_version": schema.SCHEMA_VERSION,
        "inputs": inputs,
        "tables": tables,
        "rulebook": rules.hash,
        "overlay": rules.desk.sha256,
        "rules": {rule.id: rule.version for rule in rules.rules},
        "options": asdict(options),
        "day": log.day.isoformat(),
        "day_how": log.day_how,
        "derived": dict(derived),
        "kernels": kernels,
        "notes": notes,
        "notes_zh": dict(chinese),
        "started": _iso(started),
        "finished": _iso(started + seconds),
        "seconds": round(seconds, 6),
        "rows": rows,
        "rows_per_second": round(rows / seconds) if seconds > 0 else None,
        "peak_memory_bytes": peak_memory(),
        "working_directory": str(Path.cwd()),
    }


def log_inputs(log: Log, *, seal: bool = False) -> list[dict[str, Any]]:
    """Return the facts of each file of the log; ``rows`` are those of the log, made or read."""
    inputs = []
    for source, rows in log.file_rows():
        told = input_record(Path(source.path), seal)
        told |= {"fingerprint": source.fingerprint(), "rows": rows}
        if source.form is not None:
            told |= {"form": source.form, "file_rows": source.file_rows}
        inputs.append(told)
    return inputs


def peak_memory() -> int:
    """Return the most memory this process has held, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def input_record(path: Path, seal: bool) -> dict[str, Any]:
    """Return a file's path, size and time, and its hash where it is asked for."""
    if not path.exists():
        return {"path": str(path)}
    stat = path.stat()
    told: dict[str, Any] = {
        "path": str(path.resolve()),
        "bytes": stat.st_size,
        "modified": _iso(stat.st_mtime),
    }
    if seal:
        with path.open("rb") as file:
            told["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
    return told


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
