"""Book: the order books of a log's contracts as a table, after each row or at times of the clock.

What a book is, and which orders are in it, is said in docs/book.md.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from .batch import Batch
from .book_keeper import PLACE_COLUMNS, book_columns
from .depth.following import Following
from .depth.wanted import Wanted, check_met, only_contract
from .depth.window import HIGHEST, LOWEST, Window
from .errors import InputError
from .market.contracts import load_contracts
from .market.moments import length_of, moment_of
from .market.sessions import load_sessions
from .names import Names
from .phases import Phases
from .readers.foreign import stated_log
from .readers.log import open_log
from .schema import BROKER

Progress = Callable[[int, "int | None"], None]
"""Told the rows done and, where known, the rows in all."""

LEVELS_AT_MOST: Final = 100


def book(
    log: Any,
    contract: str | Sequence[str] = (),
    levels: int = 10,
    *,
    changes: bool = False,
    every: str | None = None,
    start: str | datetime | None = None,
    end: str | datetime | None = None,
    ticks: bool = False,
    day: date | str | None = None,
    contracts: Any = None,
    calendar: Any = None,
    sessions: Any = None,
    mapping: str | Path | None = None,
    source: str | None = None,
    account_field: str | None = None,
    account: str | None = None,
    assume: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> pa.RecordBatchReader:
    """Return books of contracts as a table that is read batch by batch; see docs/book-tables.md.

    log : a file, a folder, a glob, a list of them, or an Arrow table
    contract : ``cu2503``, ``SHFE.cu2503``, or several; none: the only one of the log
    levels : how many of each side
    changes : only where the shown levels differ from those shown before
    every : show the book at times of the clock so far apart, such as ``500ms``, not after each row
    start, end : what of the day is shown, both ends included: a datetime, or a text such as
        ``09:30`` or ``2025-02-18 21:00:00.5``; without a zone, Beijing time
    ticks : prices in whole ticks, not as decimals
    contracts, calendar, sessions : tables over the shipped ones, as files or Arrow tables
    assume : column to word, what holds for the log where it does not say
    the others : as for ``scan``

    Raises InputError, also while it is read.
    """
    return Books(
        log, contract, levels, changes=changes, every=every, start=start, end=end, ticks=ticks,
        day=day, contracts=contracts, calendar=calendar, sessions=sessions, mapping=mapping,
        source=source, account_field=account_field, account=account, assume=assume,
        progress=progress,
    ).reader()  # fmt: skip


class Books:
    """The books that were asked for, see ``book``; the log is open, and not yet read.

    ``schema`` has their columns; ``notes`` are what a reader of them must know, after ``records``
    has ended more of them; ``rejected_rows`` is how many rows were set aside as bad by then.
    """

    def __init__(
        self,
        log: Any,
        contract: str | Sequence[str] = (),
        levels: int = 10,
        *,
        changes: bool = False,
        every: str | None = None,
        start: str | datetime | None = None,
        end: str | datetime | None = None,
        ticks: bool = False,
        day: date | str | None = None,
        contracts: Any = None,
        calendar: Any = None,
        sessions: Any = None,
        mapping: str | Path | None = None,
        source: str | None = None,
        account_field: str | None = None,
        account: str | None = None,
        assume: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> None:
        if not 1 <= levels <= LEVELS_AT_MOST:
            raise InputError(f"levels: found {levels}, expected 1 to {LEVELS_AT_MOST}")
        stated = stated_log(source, account_field, account, day, calendar)
        self._log = open_log(log, day=day, mapping=mapping, stated=stated)
        self._stated = dict(assume or {})
        self._check_columns()
        self._window = Window.of_day(
            self._log.day,
            start=LOWEST if start is None else moment_of(start, self._log.day, self._log.calendar),
            end=HIGHEST if end is None else moment_of(end, self._log.day, self._log.calendar),
            every=None if every is None else length_of(every),
            changes=changes,
        )
        if self._window.start > self._window.end:
            raise InputError(f"the window begins at {start} and ends before, at {end}")
        self._contracts = load_contracts(contracts, self._log.day)
        self._sources = list(self._log.sources)
        asked = [contract] if isinstance(contract, str) else list(contract)
        self._wanted = Wanted(
            asked or [only_contract(self._sources, self._contracts)], self._contracts
        )
        self._log.keep_only(self._contracts, self._wanted)
        self._sessions = load_sessions(sessions)
        self._progress = progress
        self._names = Names()
        self._columns = book_columns(self._log) | frozenset(self._stated)
        self._tells_phase = "phase" in self._columns
        self._following = Following(
            self._names, self._contracts, self._wanted, self._window, levels,
            columns=self._columns, auctions=not self._tells_phase,
            has_channel="channel" in self._log.columns, ticks=ticks,
        )  # fmt: skip
        self.schema = self._following.schema

    @property
    def inputs(self) -> list[Path]:
        """The files of the log."""
        return [source.path for source in self._sources]

    @property
    def rejected_rows(self) -> int:
        """How many rows of these contracts were set aside as bad."""
        return self._log.rejected_rows

    @property
    def notes(self) -> list[str]:
        """What a reader must know of the books."""
        notes = list(self._log.notes)
        if self._log.visibility == BROKER:
            notes.append("the log is one broker's: its books hold the orders of that broker alone")
        if bad := self.rejected_rows:
            some = "1 bad row was" if bad == 1 else f"{bad:,} bad rows were"
            notes.append(f"{some} set aside, and moved no book")
        return notes

    def reader(self) -> pa.RecordBatchReader:
        """Return the table, to be read once."""
        return pa.RecordBatchReader.from_batches(self.schema, self.records())

    def records(self) -> Iterator[pa.RecordBatch]:
        """Yield the table's rows; may be called once. Raises InputError."""
        rows = 0
        with closing(self._batches()) as batches:
            for batch in batches:
                yield from self._following.records(batch)
                rows += len(batch)
                if self._progress is not None:
                    self._progress(rows, None)
                if self._following.is_over:
                    break
        yield from self._following.rest()
        check_met(self._wanted, self._sources, self._contracts)

    def _batches(self) -> Generator[Batch, None, None]:
        rows = self._log.batches(
            self._names, self._contracts, self._columns, self._stated, threads=2
        )
        log = self._log
        phases = Phases(self._sessions, log.calendar, self._contracts, log.day, everywhere=False)
        yield from rows if self._tells_phase else phases.filled(rows, self._names)

    def _check_columns(self) -> None:
        """Refuse a log that tells of no book."""
        if not self._log.sight.has_history:
            raise InputError("the log holds each order's last state only: it tells of no book")
        lacks = [name for name in PLACE_COLUMNS if name not in self._log.columns]
        if lacks:
            raise InputError(
                f"the log lacks {' and '.join(lacks)}, without which no order has a place in a book"
            )
