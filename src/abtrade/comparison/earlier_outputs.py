"""Earlier outputs: what scans of earlier days wrote, found and checked before any is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from .. import schema
from ..errors import InputError, problems_error
from ..safe_text import for_terminal
from ..sinks.folder import MARK
from ..sinks.written import (
    UnreadableError,
    cause,
    document,
    lacking_columns,
    output_folders,
    table_columns,
)
from ..visibility import Sight
from .shares import DONE

NEEDED: Final = {
    "cells": ("exchange", "account", "contract", "orders", "cancels"),
    "links": ("exchange", "account", "client", "client_kind"),
    "contracts": ("exchange", "contract", "product"),
}
"""Tables of an output that are read, and the columns that each has to have."""

LEAST_DAYS: Final = 5
"""With fewer earlier days than these no rule is judged by them: their spread says too little."""


@dataclass(frozen=True, slots=True)
class EarlierOutput:
    """The output of one earlier day."""

    path: Path
    day: date
    has_volume: bool  # whether it holds the lots that were filled


@dataclass(frozen=True, slots=True)
class EarlierOutputs:
    """The outputs to compare with, by day, and what was left out of them."""

    outputs: tuple[EarlierOutput, ...] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def have_volume(self) -> bool:
        """Whether every one of them holds the lots that were filled."""
        return all(output.has_volume for output in self.outputs)

    def lacking(self) -> dict[str, str]:
        """Return the counts that cannot be judged by these days -> what they need, and why."""
        if not self.outputs:
            why = "history, no earlier outputs are given"
        elif len(self.outputs) < LEAST_DAYS:
            why = f"history, fewer than {LEAST_DAYS} earlier days are given"
        elif not self.have_volume:
            return {"volume_deviation": "filled_lots, which earlier outputs do not have"}
        else:
            return {}
        return dict.fromkeys(schema.DEVIATION_COUNTS, why)


def find_earlier_outputs(
    history: Sequence[str | Path],
    day: date,
    days: int,
    *,
    pseudonyms: str | None = None,
    sight: Sight | None = None,
) -> EarlierOutputs:
    """Return the outputs of the latest ``days`` days before ``day``.

    history : folders that a scan wrote, or folders of such
    pseudonyms : what tells the key of today's pseudonyms from others
    sight : what today's log shows; what another view shows cannot be compared with it

    Raises InputError with every problem: a folder that is no output or is damaged, one of another
    schema, key or view, two outputs of one day.
    """
    if days < 2:
        raise InputError(f"--history-days: found {days}, expected 2 or more")
    problems: list[str] = []
    found: dict[Path, date] = {}
    for path in output_folders(history, lambda path, what: problems.append(_problem(path, what))):
        try:
            found[path] = date.fromisoformat(document(path, MARK)["day"])
        except (UnreadableError, KeyError, TypeError, ValueError) as error:
            problems.append(_problem(path, f"{MARK} tells no day ({cause(error)})"))
    earlier = {path: found_day for path, found_day in found.items() if found_day < day}
    latest = sorted(set(earlier.values()))[-days:]
    outputs = []
    for that_day in latest:
        paths = [path for path, found_day in earlier.items() if found_day == that_day]
        if len(paths) > 1:
            told = " and ".join(for_terminal(str(path)) for path in paths)
            problems.append(f"history: {told} are both of {that_day}, expected one output a day")
            continue
        wrong = list(_unfit(paths[0], pseudonyms, sight))
        problems += [_problem(paths[0], what) for what in wrong]
        if not wrong:
            outputs.append(EarlierOutput(paths[0], that_day, _has_volume(paths[0])))
    if problems:
        raise problems_error(problems)
    return EarlierOutputs(tuple(outputs), _notes(found.values(), day, len(latest), days))


def _notes(found: Iterable[date], day: date, used: int, days: int) -> list[str]:
    """Return what of the outputs was left out, and where there are few."""
    notes = []
    if later := sum(found_day >= day for found_day in found):
        notes.append(f"history: {later} outputs are not of a day before {day} and were left out")
    if used < days:
        notes.append(f"history: outputs of {used} earlier days were found, {days} were asked for")
    return notes


def _unfit(path: Path, pseudonyms: str | None, sight: Sight | None) -> Iterator[str]:
    """Yield why an output cannot be compared with."""
    run = document(path, MARK)
    if run.get("schema_version") != schema.SCHEMA_VERSION:
        yield (
            f"is of schema version {run.get('schema_version')}, expected {schema.SCHEMA_VERSION}; "
            "scan that day again"
        )
        return
    options = run.get("options")
    wrote = options.get("pseudonyms") if isinstance(options, dict) else None
    if wrote != pseudonyms:
        kinds = ["names" if key is None else "pseudonyms" for key in (wrote, pseudonyms)]
        other = " of another key" if kinds[0] == kinds[1] else ""
        yield f"holds {kinds[0]}{other}, and today's log is scanned with {kinds[1]}"
    try:
        certificate = document(path, "certificate.json")
    except UnreadableError as error:
        yield f"certificate.json cannot be read ({error})"
    else:
        view = (certificate.get("visibility"), certificate.get("one_broker"))
        if sight is not None and view != (sight.word, sight.one_broker):
            yield (
                f"shows what {_view(*view)} sees, and today's log what "
                f"{_view(sight.word, sight.one_broker)} sees"
            )
    yield from lacking_columns(path, NEEDED)


def _view(word: object, one_broker: object) -> str:
    broker = " of one broker" if one_broker and word != schema.BROKER else ""
    return f"'{word}'{broker}"


def _has_volume(path: Path) -> bool:
    return DONE["volume"] in table_columns(path, "cells")


def _problem(path: Path, what: str) -> str:
    return f"history: {for_terminal(str(path))}: {what}"
