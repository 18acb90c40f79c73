"""Sniff: what files seem to be, what a scan would make of them, and the command to run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from . import schema
from .errors import InputError
from .readers.foreign import stated_log
from .readers.kinds import check_stated
from .readers.mapping import load_mapping
from .readers.sources import expand
from .side_tables import Source as Table
from .sniffing.command import scan_command, sorting_commands
from .sniffing.files import Looked, look_at
from .sniffing.found import FileFound, Remark, Sniffed
from .sniffing.judging import judge
from .sniffing.logs import LogFound, log_of
from .sniffing.others import SIDE_TABLES, folder_is
from .sniffing.proposal import MAPPING_NAME

OWN_REASON: Final = {
    **{what: what for what in ("settlement", "scan_output", "no_header", "state", "rule",
                               "mapping", "excel", "utf16")},
    "old_excel": "excel",
    **dict.fromkeys(("zip", "bzip2", "xz", "7z"), "packed"),
}
"""What a file may be that has a reason of its own not to be scanned, and that reason."""


def sniff(
    log: str | Path | Sequence[str | Path],
    *,
    rows: int = 5,
    mapping: str | Path | None = None,
    source: str | None = None,
    account_field: str | None = None,
    account: str | None = None,
    day: date | str | None = None,
    calendar: Table | None = None,
    write_mapping: str | Path | None = None,
) -> Sniffed:
    """Return what files seem to be, by their beginnings; several are taken for parts of one log.

    log : a file, a folder, a glob, or a list of them
    rows : how many events to keep of the first rows
    mapping, source, account_field, account, day, calendar : as for a scan, where they are known
    write_mapping : what the proposed mapping will be called, in the command

    Never reads more than the beginning of a file. Raises InputError where a path is nothing, or
    an option is wrong.
    """
    stated = stated_log(source, account_field, account, day, calendar)
    check_stated(stated)
    rule = None if mapping is None else load_mapping(mapping)
    given = [log] if isinstance(log, str | Path) else list(log)
    sniffed = Sniffed()
    looked = [] if _is_output(given, sniffed) else [
        look_at(path, rule, stated) for path in _files(given)
    ]  # fmt: skip
    sniffed.files += [one.found for one in looked]
    files = _one_kind(looked, sniffed)
    if not files:
        _say_why_not(sniffed)
        return sniffed
    found = log_of(files, stated, rows)
    _take(sniffed, files, found)
    if sniffed.kind == "mapping":
        sniffed.proposal, sniffed.shipped = files[0].proposal, files[0].shipped
        _check_mappings(sniffed, files)
    _say_reasons(sniffed, found)
    sniffed.scannable = not sniffed.reasons
    if sniffed.scannable:
        options: dict[str, str | None] = {
            "source": source,
            "account_field": account_field,
            "account": account,
            "mapping": _mapping_name(sniffed, mapping, write_mapping),
            "day": None if found.is_told and day is None else sniffed.day,
            "calendar": str(calendar) if isinstance(calendar, str | Path) else None,
        }
        options |= {lack.option: lack.placeholder for lack in sniffed.lacking}
        _say_how(sniffed, _as_given(given, files), options)
        if sniffed.day is not None and not found.is_told:
            sniffed.besides.append(Remark("sniff.besides.day", {"day": sniffed.day}))
    return sniffed


def _files(given: Sequence[str | Path]) -> list[Path]:
    if not given:
        raise InputError("no file is given")
    return expand(given)


def _is_output(given: Sequence[str | Path], sniffed: Sniffed) -> bool:
    """Whether one folder is given that a scan wrote; then it is noted."""
    path = Path(given[0]) if len(given) == 1 else None
    if path is None or not path.is_dir() or folder_is(path) is None:
        return False
    sniffed.files.append(FileFound(path, "scan_output", form="folder"))
    return True


def _one_kind(looked: Sequence[Looked], sniffed: Sniffed) -> list[Looked]:
    """Return the files of one log, of the surest kind there is; say which others there are."""
    kinds: dict[str, list[Looked]] = {}
    for one in looked:
        if one.part is not None:
            kinds.setdefault(one.part[0].name, []).append(one)
        elif one.found.what == "log":
            kinds.setdefault("canonical", []).append(one)
        elif one.proposal is not None or one.shipped is not None:
            kinds.setdefault("mapping", []).append(one)
    order = ["canonical", *(name for name in kinds if name not in ("canonical", "mapping"))]
    chosen = next((name for name in (*order, "mapping") if name in kinds), None)
    if chosen is None:
        return []
    sniffed.kind = chosen
    if rest := [one.found.path for name, files in kinds.items() if name != chosen for one in files]:
        sniffed.besides.append(Remark("sniff.besides.others", {"names": [str(p) for p in rest]}))
    return kinds[chosen]


def _take(sniffed: Sniffed, files: Sequence[Looked], found: LogFound) -> None:
    sniffed.sample = found.sample
    sniffed.notes = found.notes
    sniffed.lacking = found.lacking
    lacks_day = any(lack.option == "day" for lack in found.lacking)
    sniffed.day = None if found.day is None or lacks_day else found.day.isoformat()
    sniffed.day_how = "" if lacks_day else found.day_how
    sniffed.more_days = [one.isoformat() for one in found.more_days]
    judge(sniffed, found)
    for one in files:
        if found.sample.whole and len(files) == 1 and one.part is None:
            one.found.rows, one.found.rows_exact = found.sample.rows, True


def _check_mappings(sniffed: Sniffed, files: Sequence[Looked]) -> None:
    """Say where files need mappings that differ, and what a proposed one leaves open."""
    others = [str(one.found.path) for one in files if not _same_mapping(one, files[0])]
    if others:
        sniffed.reasons.append(Remark("sniff.why.mappings", {"names": others}))
    proposal = sniffed.proposal
    if proposal is None:
        return
    if proposal.has_states:
        sniffed.reasons.append(Remark("sniff.why.states"))
    if proposal.only_trades:
        sniffed.reasons.append(Remark("sniff.why.only_trades"))
    for column, words in proposal.unknown_words.items():
        remark = Remark("sniff.besides.words", {"column": column, "names": words})
        sniffed.besides.append(remark)


def _same_mapping(one: Looked, other: Looked) -> bool:
    """Whether one mapping makes a log of both files."""
    if one.proposal is None or other.proposal is None:
        return one.shipped == other.shipped
    mine, theirs = one.proposal.mapping, other.proposal.mapping
    return (mine.columns, mine.time) == (theirs.columns, theirs.time)


def _say_reasons(sniffed: Sniffed, found: LogFound) -> None:
    """Say what keeps a log from being scanned."""
    reasons = sniffed.reasons
    if found.problem is not None:
        reasons.append(Remark("sniff.why.problem", {"problem": found.problem}))
    if sniffed.missing and found.sources:
        reasons.append(Remark("sniff.why.missing", {"names": sniffed.missing}))
    if sniffed.sample.problem is not None and not sniffed.missing:
        reasons.append(Remark("sniff.why.problem", {"problem": sniffed.sample.problem}))
    for file in sniffed.files:
        if file.what in ("log", "part", "table") and file.problem is not None:
            reasons.append(Remark("sniff.why.problem", {"problem": file.problem}))
    sources = found.sources
    if len(sources) > 1 and any("seq" not in source.columns for source in sources):
        reasons.append(Remark("sniff.why.no_order"))
    if not reasons and not sniffed.sample.actions:
        some = "sniff.why.all_bad" if sniffed.sample.bad_rows else "sniff.why.no_rows"
        reasons.append(Remark(some))
    reasons[:] = [one for at, one in enumerate(reasons) if one not in reasons[:at]]


def _say_why_not(sniffed: Sniffed) -> None:
    """Say of each file that is no log why it is none."""
    for file in sniffed.files:
        if file.problem is not None:
            sniffed.reasons.append(Remark("sniff.why.problem", {"problem": file.problem}))
        elif file.what in SIDE_TABLES:
            option = f"--{SIDE_TABLES[file.what].replace('_', '-')}"
            sniffed.reasons.append(
                Remark("sniff.why.side_table", {"name": str(file.path), "option": option})
            )
        else:
            why = OWN_REASON.get(file.what, "no_log")
            sniffed.reasons.append(Remark(f"sniff.why.{why}", {"name": str(file.path)}))


def _mapping_name(
    sniffed: Sniffed, given: str | Path | None, write: str | Path | None
) -> str | None:
    if given is not None:
        return str(given)
    if sniffed.proposal is None:
        return sniffed.shipped
    return MAPPING_NAME if write is None else str(write)


def _as_given(given: Sequence[str | Path], files: Sequence[Looked]) -> list[str]:
    """Return the files as a command names them: by folder or glob where these mean just them."""
    wanted = {one.found.path.resolve() for one in files}
    if {path.resolve() for path in expand(given)} == wanted:
        return [str(one) for one in given]
    return [str(one.found.path) for one in files]


def _say_how(sniffed: Sniffed, files: list[str], options: dict[str, str | None]) -> None:
    """Say how to scan a log, and what to give with it."""
    there = {
        SIDE_TABLES[file.what]: str(file.path)
        for file in reversed(sniffed.files)
        if file.what in SIDE_TABLES
    }
    options |= {name: path for name, path in there.items() if options.get(name) is None}
    if sniffed.sample.unsorted is None:
        sniffed.commands = [scan_command(files, options)]
    else:
        sniffed.commands = sorting_commands(files, options)
    wants = [what for what in ("accounts", "links") if what not in there]
    if any("market_maker is no" in words for words in sniffed.assumed.values()):
        wants.append("market_makers")
    if schema.NO_EXCHANGE in sniffed.sample.exchanges:
        wants.append("contracts")
    sniffed.besides += [
        Remark(f"sniff.besides.{what}") for what in wants if what not in there
    ]
    if sniffed.uncovered:
        sniffed.besides.append(Remark("sniff.besides.rules", {"names": sniffed.uncovered}))
