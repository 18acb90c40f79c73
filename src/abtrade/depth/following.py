"""Following: the books of some contracts kept row by row, and handed out as they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa

from ..batch import Batch
from ..book_keeper import BookKeeper
from ..market.contracts import ContractTable
from ..names import Names
from .columns import Int64, action_column, book_schema, level_columns, name_column
from .wanted import Wanted
from .window import Books, Clock, Picker, Window, empty_levels

ROWS_AT_ONCE: Final = 8_192
"""Rows whose books are in memory at a time: with ten levels, four megabytes."""


@dataclass(slots=True)
class _Followed:
    """A contract whose book is shown."""

    id: int
    exchange: int
    name: str
    tick: float | None
    picker: Picker
    last: Int64  # its levels after the last row
    clock: Clock = field(default_factory=Clock)


class Following:
    """Keeps the books of the contracts that are wanted, and makes records of those to show.

    names : of the rows that will come
    columns : canonical columns of the log that are read
    auctions : rows of auctions have their phase, though the log has no such column
    has_channel : rows tell their channel
    """

    def __init__(
        self,
        names: Names,
        contracts: ContractTable,
        wanted: Wanted,
        window: Window,
        levels: int,
        *,
        columns: frozenset[str],
        auctions: bool,
        has_channel: bool,
        ticks: bool,
    ) -> None:
        self.schema = book_schema(levels, has_channel=has_channel, ticks=ticks)
        self._names = names
        self._wanted = wanted
        self._window = window
        self._levels = levels
        self._has_channel = has_channel
        self._ticks = ticks
        self._followed: list[_Followed] = []
        self._keeper = BookKeeper(
            names, contracts, columns=columns, auctions=auctions, clock_phases=auctions
        )

    @property
    def is_over(self) -> bool:
        """Whether all contracts were met, and each is past the end of the window."""
        names = self._names.exchanges
        met = ((names[each.exchange], each.name) for each in self._followed)
        return not self._wanted.lacking(met) and all(
            each.clock.now > self._window.end for each in self._followed
        )

    def records(self, batch: Batch) -> Iterator[pa.RecordBatch]:
        """Apply the next rows; yield the books to show, in the order in which they are known."""
        self._take_up()
        for start in range(0, len(batch), ROWS_AT_ONCE):
            part = batch.take(slice(start, start + ROWS_AT_ONCE))
            self._keeper.engine.feed(part)
            depth = self._keeper.engine.take_depth()
            shown = []
            for each in self._followed:
                of_it = depth if self._is_alone else depth[depth[:, -1] == each.id]
                rows = np.flatnonzero(part.naming(each.id))
                books = each.picker.pick(
                    _books(part, _told(each, of_it, part)), rows, each.clock.tell(part.ts[rows])
                )
                if len(books):
                    shown.append((each, books))
            yield from self._in_order(shown)

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Yield the books that waited for the clock when the log ended."""
        waiting = [(each, each.picker.rest()) for each in self._followed]
        late = [(each, books) for each, books in waiting if books is not None and len(books)]
        for each, books in sorted(late, key=lambda one: int(one[1].ts[0])):
            yield self._record(each, books)

    @property
    def _is_alone(self) -> bool:
        return len(self._followed) == 1

    def _take_up(self) -> None:
        """Take up what has come up since the last batch, and show the contracts that are wanted."""
        for contract, facts in self._keeper.take_up():
            exchange, name = self._names.contracts[contract]
            if self._wanted(facts.exchange, name):
                changes = self._window.changes and self._window.every is None
                self._keeper.engine.tap(contract, self._levels, changes_only=changes)
                picker, levels = Picker(self._window), empty_levels(6 * self._levels)
                self._followed.append(
                    _Followed(contract, exchange, name, facts.tick, picker, levels)
                )

    def _in_order(self, shown: list[tuple[_Followed, Books]]) -> Iterator[pa.RecordBatch]:
        """Yield records of several contracts' books by the rows that make them known."""
        records = [self._record(*each) for each in shown]
        if len(records) < 2:
            yield from records
            return
        at = np.concatenate([books.at for _, books in shown])
        joined = pa.Table.from_batches(records).combine_chunks()
        yield from joined.take(pa.array(np.argsort(at, kind="stable"))).to_batches()

    def _record(self, of: _Followed, books: Books) -> pa.RecordBatch:
        columns = [
            name_column(self._names.exchanges[of.exchange], len(books)),
            name_column(of.name, len(books)),
            pa.array(books.seq),
            *([_channels(books)] if self._has_channel else []),
            pa.array(books.ts).view(self.schema.field("ts").type),
            action_column(books.action),
            *level_columns(books.depth, of.tick, ticks=self._ticks),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)


def _told(of: _Followed, depth: Int64, batch: Batch) -> Int64:
    """Leave out rows of other contracts after which the levels shown stand as before."""
    if not len(depth):
        return depth
    levels, last = depth[:, 1:-1], of.last
    of.last = levels[-1].copy()
    own = batch.contract[depth[:, 0]] == of.id
    if own.all():
        return depth
    others = np.flatnonzero(~own)
    before = np.where((others > 0)[:, None], levels[others - 1], last)
    own[others] = (levels[others] != before).any(axis=1)
    return np.asarray(depth[own])


def _channels(books: Books) -> pa.Array:
    return pa.nulls(len(books), pa.int64()) if books.channel is None else pa.array(books.channel)


def _books(batch: Batch, depth: Int64) -> Books:
    """Return what the engine handed out of one contract in a batch."""
    at = depth[:, 0]
    return Books(
        at, batch.seq[at], None if batch.channel is None else batch.channel[at],
        batch.ts[at], batch.action[at], depth[:, 1:-1],
    )  # fmt: skip
