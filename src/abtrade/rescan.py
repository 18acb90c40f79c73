"""A scan taken up again: its record, and the same job once more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from .errors import InputError
from .job import Job, Prepared
from .pseudonyms import Pseudonyms
from .readers.foreign import stated_log
from .readers.log import open_log
from .regular_file import open_regular
from .run_record import input_record
from .safe_text import for_terminal

TABLES: Final = ("accounts", "links", "market_makers", "contracts", "positions", "limits",
                 "sessions")


def record_of(folder: Path) -> dict[str, Any]:
    """Return the record of the scan that wrote a folder. Raises InputError."""
    path = folder / "run.json"
    try:
        with open_regular(path) as file:
            run: dict[str, Any] = json.loads(file.read())
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise InputError(f"{path}: the record of the scan cannot be read ({error})") from error
    return run


def inputs_of(run: dict[str, Any]) -> list[Path]:
    """Return what a scan read, by its record: names of files, those in memory left out."""
    options = run["options"]
    read = [file["path"] for file in (*run["inputs"], *run["tables"].values())]
    read += [*options["history"], *options["kernels"], *options["rules"]]
    return [Path(path) for path in read if path != "<table>"]


def check_key(folder: Path, run: dict[str, Any], pseudonyms: Pseudonyms | None) -> None:
    """Refuse to name people where the scan did not, or other pseudonyms than it wrote."""
    wrote = run["options"].get("pseudonyms")
    if wrote is not None and pseudonyms is None:
        raise InputError(
            f"{folder}: the scan wrote pseudonyms; give the file of its key by --pseudonymise"
        )
    if wrote is None and pseudonyms is not None:
        raise InputError(f"{folder}: the scan wrote names: leave --pseudonymise out")
    if pseudonyms is not None and wrote != pseudonyms.key_id:
        raise InputError(f"{folder}: the scan wrote pseudonyms by another key than this")


def job_of(run: dict[str, Any], log: Any, pseudonyms: Pseudonyms | None) -> Job:
    """Return the scan as it was asked for, to be run again on the reference engine.

    log : where the log is now; None: where it was
    """
    options = run["options"]
    if log is None:
        log = [file["path"] for file in run["inputs"]]
        tables = [log, options["calendar"], *(options[name] for name in TABLES)]
        if "<table>" in log or "<table>" in tables:
            raise InputError("the scan read a table in memory; say where its log is now")
    stated = stated_log(
        options["source"], options["account_field"], options["account"], run["day"],
        options["calendar"],
    )
    return Job(
        log=open_log(
            log, day=run["day"], mapping=options["mapping"], stated=stated, pseudonyms=pseudonyms
        ),
        stated=dict(text.split("=", 1) for text in options["assume"]),
        tables={name: options[name] for name in TABLES},
        rule_specs=options["rules"],
        close_links=options["close_links"],
        engine="reference",
        threads=1,
        whole=False,
        keep_attributes=options["keep_attributes"],
        columns=options["columns"],
        progress=None,
        derives_phase="phase" in run["derived"],
        kernels=tuple(options["kernels"]),
        overlay=options["overlay"],
        unverified=options["unverified"],
    )


def alerts_of(folder: Path) -> list[dict[str, Any]]:
    """Return the alerts that a scan wrote. Raises InputError."""
    path = folder / "alerts.jsonl"
    try:
        with open_regular(path) as file:
            return [json.loads(line) for line in file]
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise InputError(f"{path}: no alerts of a scan can be read there ({error})") from error


def changed_tables(run: dict[str, Any]) -> Iterator[str]:
    """Yield which tables beside the log have been written or removed since the scan.

    An overlay is compared by what it holds, elsewhere.
    """
    for kind, table in run["tables"].items():
        told = "sha256" if "sha256" in table else "modified"
        if kind == "overlay" or told not in table:  # or it was a shipped one
            continue
        now = input_record(Path(table["path"]), told == "sha256")
        if (now.get("bytes"), now.get(told)) != (table["bytes"], table[told]):
            what = "the file has changed" if "bytes" in now else "the file has gone"
            yield f"{kind}: {for_terminal(table['path'])}: {what} since the scan"


def changed_since(run: dict[str, Any], job: Job, ready: Prepared) -> Iterator[str]:
    """Yield what has changed since the scan: files of the log, sessions, kernels."""
    for file, source in zip(run["inputs"], job.log.sources, strict=False):
        if file["fingerprint"] != source.fingerprint():
            yield f"{file['path']}: the file has changed since the scan"
    if ready.phases is not None and run["derived"]["phase"] != ready.phases.basis:
        yield "the trading days or the sessions have changed since the scan"
    for record in run["kernels"]:
        if record not in job.kernel_records():
            yield f"kernel {record['kernel']}: its code has changed since the scan"
