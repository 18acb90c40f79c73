"""Log: one trading day's rows, from any number of files, as ordered and checked batches."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from .. import schema
from ..batch import Batch
from ..counts import FaultCount
from ..errors import InputError, problems_error
from ..market.calendar import Calendar
from ..names import Names
from ..pseudonyms import Pseudonyms
from ..visibility import sight_of
from .ahead import ahead
from .clock_day import FoundDay
from .columns import check_columns, numbers_for_accounts
from .day import find_day
from .foreign import Stated, unused_by_canonical
from .identities import ContractLookup
from .index import LogIndex, build_index
from .keys import KeyReader
from .kinds import check_stated, open_sources
from .log_clients import find_clients
from .mapping import Mapping as MappingFile
from .mapping import load_mapping
from .merge import ROOM_ROWS
from .nameless import nameless, nameless_row
from .only import IsWanted, only
from .raw import BadRow, Source
from .reading import Reading
from .rejected import REJECTED, Rejected
from .sequence import SequenceCheck, add_faults
from .sources import expand
from .table import TableSource, is_table, table_of


def open_log(
    log: Any,
    *,
    day: date | str | None = None,
    mapping: str | Path | None = None,
    stated: Stated | None = None,
    room: int = ROOM_ROWS,
    pseudonyms: Pseudonyms | None = None,
) -> Log:
    """Return the log that a file, folder, glob or Arrow table holds, or a list of such.

    stated : what the user says of a log in a foreign form
    room : how many rows may be held in memory to bring files and channels into order
    pseudonyms : what stands for the names of people, which then no batch and no message tells

    Raises InputError with every file's problems.
    """
    rule = load_mapping(mapping) if mapping is not None else None
    stated = stated or Stated()
    check_stated(stated)
    sources = _sources(log, rule, stated)
    notes = unused_by_canonical(sources, stated)
    if pseudonyms is not None:
        sources = [nameless(source, pseudonyms) for source in sources]
    notes += [*dict.fromkeys(note for source in sources for note in source.notes), *_check(sources)]
    found = find_day(sources, day, stated.calendar)
    return Log(sources, found, stated.calendar, notes, room, pseudonyms)


class Log:
    """The rows of one trading day.

    ``columns`` are the canonical columns that any file has; ``day_how`` says how the day was
    found, ``calendar`` tells of the days around it; ``sight`` is what the log shows of the market
    and of its orders' history; ``rows`` is how many rows there are where the files say so, else
    None. After ``batches`` has ended, ``sequence_faults``, ``rejected_rows`` and ``rejected()``
    tell of it.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        found: FoundDay,
        calendar: Calendar,
        notes: Sequence[str],
        room: int,
        pseudonyms: Pseudonyms | None = None,
    ) -> None:
        self.sources = list(sources)
        self.day = found.day
        self.day_how = found.how
        self.calendar = calendar
        self.pseudonyms = pseudonyms
        self.notes = [*notes, *found.notes]
        have = {column for source in sources for column in source.columns}
        self.columns = tuple(column for column in schema.LOG_COLUMNS if column in have)
        self.has_seq = "seq" in have
        self.sight = sight_of(
            (source.visibility for source in sources),
            have,
            one_broker=any(source.one_broker for source in sources),
        )
        self.sequence_faults: dict[tuple[int, schema.Fault], FaultCount] = {}
        self._room = room
        self._rejected = Rejected()
        self._rows_read = [source.rows for source in sources]
        self._index: LogIndex | None = None
        self._clients: dict[tuple[str, str], str] | None = None
        self.client_notes: list[str] = []
        self._check: SequenceCheck | None = None
        self._earlier: Mapping[str, Any] | None = None

    @property
    def visibility(self) -> str:
        """One of ``schema.VISIBILITIES``."""
        return self.sight.word

    @property
    def rows(self) -> int | None:
        """How many rows there are, None where not every file has said."""
        counts = [count for count in self._rows_read if count is not None]
        return sum(counts) if len(counts) == len(self.sources) else None

    def file_rows(self) -> list[tuple[Source, int | None]]:
        """Return each file and how many rows it has, None where it has not been read."""
        return list(zip(self.sources, self._rows_read, strict=True))

    @property
    def rejected_rows(self) -> int:
        """How many rows were set aside as bad."""
        return self._rejected.count

    def rejected(self) -> pa.Table:
        """Return the rows that were set aside, by file and row, as in ``REJECTED``."""
        return self._rejected.table([str(source.path) for source in self.sources])

    def exchanges(self, contracts: ContractLookup) -> set[str]:
        """Return the exchanges that the log's rows are of, ``-`` where nothing tells one."""
        keys = KeyReader(contracts)
        met: set[str] = set()
        for source in self.sources:
            for raw in source.read(("exchange", "contract")):
                if raw.record.num_rows:
                    found = np.unique(keys.read(raw).exchange).tolist()
                    met.update(keys.exchanges[at] for at in found)
        return met

    def keep_only(self, contracts: ContractLookup, is_wanted: IsWanted) -> None:
        """Have ``batches`` read the rows of some contracts alone, as far as they can be told apart.

        What is wrong with the others is not noticed then.
        """
        self.sources = [only(source, contracts, is_wanted) for source in self.sources]
        self._index = None

    def client_of_accounts(self, contracts: ContractLookup) -> dict[tuple[str, str], str]:
        """Return the client that the log names for an account, by (exchange, account).

        Where rows differ the first stands, and a note says so.
        """
        if self._clients is None:
            self._clients, self.client_notes = find_clients(self.sources, contracts)
            self.notes += self.client_notes
        return dict(self._clients)

    def set_bad_rows_aside(self, contracts: ContractLookup) -> bool:
        """Ask for clients once more without the bad rows just met; tell whether any differs.

        A bad row is set aside whole: it does not say who is judged either.
        """
        if not self.rejected_rows or "client" not in self.columns:
            return False
        before = self._clients
        self.notes = [note for note in self.notes if note not in self.client_notes]
        self._clients, self.client_notes = find_clients(
            self.sources, contracts, self._rejected.rows()
        )
        self.notes += self.client_notes
        return self._clients != before

    def batches(
        self,
        names: Names,
        contracts: ContractLookup,
        columns: Collection[str],
        assume: Mapping[str, str],
        whole: bool = False,
        threads: int = 2,
    ) -> Iterator[Batch]:
        """Yield the good rows in the order in which they count, redelivered ones left out.

        columns : canonical columns to read; the key and the required ones always are
        assume : column to word, for what the log does not say
        whole : no seq is missing, or it is a fault
        threads : with more than one, the next batches are decoded while the caller works; then
            ``names`` may know of more than the batches so far

        May be called again; then all is read anew.
        Raises InputError where a file cannot be read on, OrderError where it is not sorted.
        """
        paths = [str(source.path) for source in self.sources]
        check = self._check = SequenceCheck(self.has_seq, whole, paths)
        self._begin(check)
        index = self._find_lanes(contracts)
        reading = Reading(
            self.sources, index, self._room, names, contracts, columns, assume, threads > 1
        )
        with closing(ahead(reading.items()) if threads > 1 else reading.items()) as items:
            for batch, bad, bad_seqs in items:
                self._rejected.add(self._nameless(bad))
                kept, faults = check.check(batch, names, bad_seqs)
                add_faults(self.sequence_faults, faults)
                if len(kept):
                    yield kept
        self._rows_read = reading.rows

    def _nameless(self, bad: list[tuple[int, BadRow]]) -> list[tuple[int, BadRow]]:
        if self.pseudonyms is None:
            return bad
        return [(file, nameless_row(row, self.pseudonyms)) for file, row in bad]

    def state(self) -> dict[str, Any]:
        """Return what was found so far and how the sequence stands, as plain values."""
        assert self._check is not None, "nothing was read yet"
        return {
            "sequence": self._check.state(),
            "faults": [
                [fault.contract, fault.kind, fault.count, fault.first]
                for fault in self.sequence_faults.values()
            ],
            "rejected": self.rejected().to_pylist(),
        }

    def continue_from(self, state: Mapping[str, Any]) -> None:
        """Have ``batches`` go on where a log read before this one ended, with the same Names."""
        if not self.has_seq:
            raise InputError("a log without seq cannot go on from another: its rows have no order")
        self._earlier = state

    def _begin(self, check: SequenceCheck) -> None:
        self.sequence_faults = {}
        if self._earlier is None:
            self._rejected = Rejected()
            return
        check.restore(self._earlier["sequence"])
        for contract, kind, count, first in self._earlier["faults"]:
            rows = tuple((channel, seq, ts) for channel, seq, ts in first)
            fault = schema.Fault(kind)
            self.sequence_faults[contract, fault] = FaultCount(contract, fault, count, rows)
        self._rejected = Rejected(pa.Table.from_pylist(self._earlier["rejected"], REJECTED))

    def _find_lanes(self, contracts: ContractLookup) -> LogIndex | None:
        """Return where the lanes of each file are, None where the rows stand in order as read.

        That is one file without channels; it takes a pass over the keys of all others.
        """
        if len(self.sources) == 1 and "channel" not in self.columns:
            return None
        if self._index is None:
            self._index = build_index(self.sources, KeyReader(contracts))
        if len(self.sources) == 1 and self._index.one_channel_each():
            return None
        return self._index


def _sources(log: Any, mapping: MappingFile | None, stated: Stated) -> list[Source]:
    """Return what is named, each opened; raise InputError with every problem."""
    given = [log] if isinstance(log, str | Path) or is_table(log) else list(log)
    if not given:
        raise InputError("no log is given, expected a file, a folder, a glob or an Arrow table")
    tables = sum(map(is_table, given))
    sources: list[Source] = []
    paths: list[Path] = []
    problems: list[str] = []
    for number, one in enumerate(given, 1):
        try:
            if is_table(one):
                name = "<table>" if tables == 1 else f"<table {number}>"
                sources.append(TableSource(table_of(one), mapping, name))
            else:
                paths += expand([one])
        except InputError as error:
            problems.append(str(error))
    each = {path.resolve(): path for path in reversed(paths)}
    sources += open_sources(list(reversed(each.values())), mapping, stated, problems)
    if problems:
        raise problems_error(problems)
    return sources


def _no_parquet(source: Source) -> str | None:
    """Return that a text is no Parquet file, where it has that name and no column of a log."""
    is_named = source.path is not None and str(source.path).lower().endswith(".parquet")
    if is_named and source.format == "csv" and not set(source.columns) & set(schema.LOG_COLUMNS):
        return f"{source.path}: found text without a column of a log, expected a Parquet file"
    return None


def _check(sources: Sequence[Source]) -> list[str]:
    """Return notes on the columns of the files; raise InputError where they make no log."""
    notes: list[str] = []
    problems: list[str] = []
    for source in sources:
        try:
            notes += check_columns(source.columns, str(source.path))
        except InputError as error:
            problems.append(_no_parquet(source) or str(error))
    without_seq = [str(source.path) for source in sources if "seq" not in source.columns]
    if without_seq and len(sources) > 1:
        problems.append(
            f"{', '.join(without_seq)}: column 'seq' is missing, and without it the rows of "
            f"{len(sources)} files have no order; give one file, or files with seq"
        )
    if problems:
        raise problems_error(problems)
    have = {column for source in sources for column in source.columns}
    for source in sources:
        lacks = [c for c in schema.LOG_COLUMNS if c in have and c not in source.columns]
        if "account" in source.columns:
            numbers = numbers_for_accounts(source.schema, "account", str(source.path))
            notes += filter(None, [numbers])
        if lacks:
            notes.append(f"{source.path}: lacks {', '.join(lacks)}, which other files have")
    return notes
