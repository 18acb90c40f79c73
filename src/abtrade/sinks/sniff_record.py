"""What was sniffed, as JSON data, and those of its texts that every output of it has."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import IO, Any

from .. import wording
from ..safe_text import for_json, for_lines, for_terminal
from ..sniffing.found import FileFound, Lack, Remark, Sniffed
from ..sniffing.yaml_text import mapping_yaml
from ..wording import Language, text


def write_json(sniffed: Sniffed, lang: Language, file: IO[str]) -> None:
    """Write all that was found as one JSON object; ``lang`` is of reasons and remarks."""
    file.write(for_json(record(sniffed, lang), indent=2) + "\n")
    file.flush()


def record(sniffed: Sniffed, lang: Language) -> dict[str, Any]:
    """Return all that was found as JSON data."""
    sample = sniffed.sample
    return {
        "scannable": sniffed.scannable,
        "kind": sniffed.kind,
        "reasons": [_remark_record(remark, lang) for remark in sniffed.reasons],
        "lacking": [_lack_record(lack, lang) for lack in sniffed.lacking],
        "files": [_file_record(file) for file in sniffed.files],
        "columns": sniffed.columns,
        "missing": sniffed.missing,
        "absent": sniffed.absent,
        "day": sniffed.day,
        "day_how": sniffed.day_how,
        "more_days": sniffed.more_days,
        "visibility": sniffed.sight.word if sniffed.sight else None,
        "blind": sniffed.blind,
        "assumed": sniffed.assumed,
        "uncovered": sniffed.uncovered,
        "sample": {
            "rows": sample.rows,
            "whole": sample.whole,
            "first_ts": _iso(sample.first_ts),
            "last_ts": _iso(sample.last_ts),
            "contracts": sample.contracts,
            "exchanges": sample.exchanges,
            "accounts": sample.accounts,
            "actions": sample.actions,
            "events": [_event_record(event, sniffed) for event in sample.events],
            "bad_rows": sample.bad_rows,
            "bad": sample.bad,
            "unsorted": sample.unsorted,
        },
        "mapping": mapping_text(sniffed, lang),
        "mapping_name": sniffed.shipped,
        "notes": sniffed.notes,
        "commands": sniffed.commands,
        "besides": [_remark_record(remark, lang) for remark in sniffed.besides],
    }


def mapping_text(sniffed: Sniffed, lang: Language) -> str | None:
    """Return the proposed mapping file, None where none is needed."""
    if sniffed.proposal is None:
        return None
    return mapping_yaml(sniffed.proposal, partial(text, lang))


def remark_lines(remark: Remark, lang: Language) -> list[str]:
    """Return what a remark says, harmless; a problem may take several lines."""
    values = {name: _shown(name, value, lang) for name, value in remark.values.items()}
    return text(lang, remark.key, **values).split("\n")


def lack_line(lack: Lack, lang: Language) -> str:
    """Return what is to be stated, harmless."""
    key = f"sniff.lacking.{lack.option}{'.found' if lack.found else ''}"
    names = wording.names_of(lack.found, lang)
    return text(lang, key, placeholder=lack.placeholder, names=names)


def without_day(written: str, sniffed: Sniffed) -> str:
    """Return a time, its date replaced where that is of a stand-in for the trading day."""
    lacks = [lack for lack in sniffed.lacking if lack.option == "day" and lack.is_open]
    return lacks[0].placeholder + written[len(lacks[0].placeholder) :] if lacks else written


def _lack_record(lack: Lack, lang: Language) -> dict[str, Any]:
    return {**asdict(lack), "placeholder": lack.placeholder, "text": lack_line(lack, lang)}


def _event_record(event: dict[str, Any], sniffed: Sniffed) -> dict[str, Any]:
    return {**event, "ts": without_day(wording.iso_time(event["ts"]), sniffed)}


def _shown(name: str, value: str | list[str], lang: Language) -> str:
    if isinstance(value, list):
        return wording.names_of(value, lang)
    return for_lines(value) if name == "problem" else for_terminal(value)


def _remark_record(remark: Remark, lang: Language) -> dict[str, Any]:
    said = "\n".join(remark_lines(remark, lang))
    return {"about": remark.key.removeprefix("sniff."), **remark.values, "text": said}


def _file_record(file: FileFound) -> dict[str, Any]:
    return {
        "path": str(file.path),
        "what": file.what,
        "kind": file.kind,
        "part": file.part,
        "format": file.form or None,
        "compression": file.compression,
        "encoding": file.encoding,
        "delimiter": file.delimiter,
        "bytes": file.size,
        "rows": file.rows,
        "rows_exact": file.rows_exact,
        "columns": [use._asdict() for use in file.columns],
        "problem": file.problem,
    }


def _iso(ts: int | None) -> str | None:
    return None if ts is None else wording.iso_time(ts)
