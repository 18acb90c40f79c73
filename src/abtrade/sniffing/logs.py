"""The log that files make together: opened, and read by its first rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import InputError, LackingError
from ..readers.day import told_day
from ..readers.foreign import Kind, Part, Stated, unused_by_canonical
from ..readers.keys import read_times
from ..readers.raw import Source
from ..readers.sources import glimpse
from .files import Looked
from .found import PLACEHOLDERS, ColumnUse, Lack, Sampled
from .reading import read_sample
from .sample import Sample, cut_copy

_ANY_DAY = date(2099, 12, 1)
"""Stands for the day of a log whose files do not tell it: late, so that ticks are today's."""


@dataclass(slots=True)
class LogFound:
    """The first rows of a log, and what they tell of all of it."""

    sources: list[Source] = field(default_factory=list)
    day: date | None = None
    day_how: str = ""
    is_told: bool = False  # whether the day is the files' own word, not worked out
    more_days: list[date] = field(default_factory=list)
    sample: Sampled = field(default_factory=Sampled)
    lacking: list[Lack] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problem: str | None = None


def log_of(files: Sequence[Looked], stated: Stated, rows: int) -> LogFound:
    """Return the log that files of one kind make, by its first rows."""
    if files[0].part is None:
        sources = [looked.source for looked in files if looked.source is not None]
        found = _log_of(sources, stated, rows)
        found.notes += unused_by_canonical(sources, stated)
        return found
    kind, _ = files[0].part
    with _copies(files) as parts:
        at_home = _Homes(parts)
        log = [part for _, part in parts]
        _note_uses(files, log, kind, stated)
        lacking: list[Lack] = []
        try:
            opened, meanwhile = _opened(kind, log, stated, lacking)
        except InputError as error:
            return LogFound(lacking=lacking, problem=at_home.words(str(error)))
        found = _log_of(opened, meanwhile, rows)
        _take_back(found, lacking)
        at_home.mend(found)
        for looked, source in zip(files, opened, strict=False):
            _note_rows(looked, source, at_home)
    return found


def _opened(
    kind: Kind, log: Sequence[Part], stated: Stated, lacking: list[Lack]
) -> tuple[list[Source], Stated]:
    """Return the files, opened, and what they were opened with: what is ``lacking`` put in."""
    while True:
        try:
            return kind.open(log, stated), stated
        except LackingError as error:
            if any(lack.option == error.option for lack in lacking):
                raise
            lack = Lack(error.option, list(error.found))
            lacking.append(lack)
            if lack.option == "day":
                lack.taken = lack.found[0] if lack.found else None
                day = date.fromisoformat(lack.taken) if lack.taken else _ANY_DAY
                stated = replace(stated, day=day)
            else:
                stated = replace(stated, account=PLACEHOLDERS["account"])


def _take_back(found: LogFound, lacking: list[Lack]) -> None:
    """Leave out of what was found what follows from a stand-in alone."""
    found.lacking = lacking
    for lack in lacking:
        if lack.option == "account":
            found.sample.accounts = 0
        elif lack.is_open:
            found.day = None
            found.sample.first_ts = found.sample.last_ts = None


class _Homes:
    """Gives what was read of copies the names of the files themselves."""

    def __init__(self, parts: Sequence[tuple[Path, Part]]) -> None:
        self._names = {
            str(part.glimpse.path): str(path)
            for path, part in parts
            if part.glimpse.path != path
        }

    def is_copy(self, path: Path) -> bool:
        return str(path) in self._names

    def words(self, text: str) -> str:
        for copy, path in self._names.items():
            text = text.replace(copy, path)
        return text

    def mend(self, found: LogFound) -> None:
        found.notes = [self.words(note) for note in found.notes]
        found.day_how = self.words(found.day_how)
        sample = found.sample
        sample.whole = sample.whole and not self._names
        for row in sample.bad:
            row["file"], row["reason"] = self.words(row["file"]), self.words(row["reason"])
        sample.problem = self.words(sample.problem) if sample.problem else None


@contextmanager
def _copies(files: Sequence[Looked]) -> Iterator[list[tuple[Path, Part]]]:
    """Give each file's path and its part of the log, cut to a sample where it is longer."""
    with TemporaryDirectory(prefix="abtrade-sniff-") as folder:
        parts = []
        for number, looked in enumerate(files):
            assert looked.part is not None
            kind, part = looked.part
            room = Path(folder, str(number))
            room.mkdir()
            copy = cut_copy(part.glimpse, room)
            if copy is not None:
                look = glimpse(copy)
                part = Part(look, kind.part(look) or part.what)
            parts.append((looked.found.path, part))
        yield parts


def _note_uses(files: Sequence[Looked], log: Sequence[Part], kind: Kind, stated: Stated) -> None:
    for looked in files:
        assert looked.part is not None
        looked.found.columns = [
            ColumnUse(meaning.column, meaning.canonical, meaning.how)
            for meaning in kind.meanings(looked.part[1], log, stated)
        ]


def _note_rows(looked: Looked, source: Source, homes: _Homes) -> None:
    if source.file_rows is not None and not homes.is_copy(source.path):
        looked.found.rows, looked.found.rows_exact = source.file_rows, True


def _log_of(sources: list[Source], stated: Stated, rows: int) -> LogFound:
    found = LogFound(sources)
    found.notes = list(dict.fromkeys(note for source in sources for note in source.notes))
    samples = [Sample(source) for source in sources]
    try:
        _find_day(found, samples, stated)
    except InputError as error:
        found.problem = str(error)
    found.sample = read_sample(sources, found.day or _ANY_DAY, rows)
    return found


def _find_day(found: LogFound, samples: Sequence[Sample], stated: Stated) -> None:
    told = told_day(samples, stated.day)
    if told is not None:
        found.day, found.day_how = told
        found.is_told = True
        return
    bounds = [bound for sample in samples for bound in _bounds(sample)]
    days = sorted({stated.calendar.trading_day_of(ts) for ts in bounds})
    if days:
        found.day, *found.more_days = days
        found.day_how = "the trading day of the first rows by the calendar"


def _bounds(sample: Sample) -> list[int]:
    """Return the first and last time of a sample, none where it has no time."""
    if "ts" not in sample.columns:
        return []
    found: list[int] = []
    for raw in sample.read(("ts",)):
        ns, fits = read_times(raw.record.column("ts"))
        ns = ns if fits is None else ns[fits]
        found += [int(ns.min()), int(ns.max())] if len(ns) else []
    return [min(found), max(found)] if found else []
