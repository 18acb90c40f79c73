"""Reading: one pass over a log's files, from raw batches to good rows in order."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np

from .. import schema
from ..batch import Batch
from ..names import Names
from .by_lane import ByLane, ExchangeTable
from .identities import ContractLookup
from .index import LogIndex, last_row
from .merge import Merge, rows_at_once
from .normalise import Normaliser
from .raw import BATCH_ROWS, BadRow, Source
from .stream import Chunk, Stream

ALWAYS_READ: Final = (*schema.REQUIRED_COLUMNS, "exchange", "channel", "seq")

BadSeqs = list[tuple[int, int, int]]

Item = tuple[Batch, list[tuple[int, BadRow]], BadSeqs]
"""Rows in order, and bad rows met on the way: (file, row), and (exchange id, channel, seq)."""


class Reading:
    """One pass; ``rows`` tells how many rows of each file were read.

    ``index`` says where the lanes of each file are; None: one file, in order as it stands.
    ``parallel``: columns may be decoded side by side.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        index: LogIndex | None,
        room: int,
        names: Names,
        contracts: ContractLookup,
        columns: Collection[str],
        assume: Mapping[str, str],
        parallel: bool = False,
    ) -> None:
        self.rows: list[int | None] = [0] * len(sources)
        self._sources = sources
        self._index = index
        self._room = room
        self._names = names
        self._contracts = contracts
        self._columns = frozenset(columns) | set(ALWAYS_READ)
        self._assume = assume
        self._parallel = parallel
        self._exchanges = ExchangeTable()
        self._bad: list[tuple[int, BadRow]] = []
        self._bad_seqs: BadSeqs = []

    def items(self) -> Generator[Item, None, None]:
        """Yield all good rows, and no later than what follows a bad row that bad row."""
        rows = Batch(*(np.empty(0, kind) for kind in _EMPTY))
        for rows in self._ordered():
            yield self._item(rows)
        if self._bad:
            yield self._item(rows.take(slice(0, 0)))

    def _item(self, rows: Batch) -> Item:
        item = rows, self._bad, self._bad_seqs
        self._bad, self._bad_seqs = [], []
        return item

    def _ordered(self) -> Iterator[Batch]:
        if self._index is None:
            for batch, _ in self._read(0, BATCH_ROWS):
                yield batch
            return
        files = self._index.files
        numbers = {lane: number for number, lane in enumerate(self._index.lanes)}
        batch_rows = rows_at_once(self._room, len(files))
        streams = [
            Stream(str(source.path), lanes, partial(self._chunks, at, batch_rows, numbers))
            for at, (source, lanes) in enumerate(zip(self._sources, files, strict=True))
        ]
        yield from Merge(streams, self._index.lanes, self._room)

    def _chunks(
        self, file: int, batch_rows: int, numbers: Mapping[tuple[str, int], int]
    ) -> Iterator[Chunk[Batch]]:
        for batch, end in self._read(file, batch_rows):
            lanes = []
            if len(batch):
                found = ByLane.of(self._exchanges.of(batch.contract, self._names), batch.channel)
                for at, (exchange, channel) in enumerate(found.keys):
                    number = numbers[self._names.exchanges[exchange], channel]
                    lanes.append((number, found.rows_of(at)))
            yield Chunk(batch, lanes, batch.seq, batch.ts, batch.row, end)

    def _read(self, file: int, batch_rows: int) -> Iterator[tuple[Batch, int]]:
        """Yield the good rows of a file as they stand, and how many of its rows are read."""
        source = self._sources[file]
        normaliser = Normaliser(
            self._names, self._contracts, self._columns, self._assume, source.format
        )
        for raw in source.read(self._columns, batch_rows, parallel=self._parallel):
            found = normaliser.batch(file, raw)
            self.rows[file] = end = last_row(raw)
            self._bad += [(file, row) for row in found.bad]
            self._bad_seqs += found.bad_seqs
            yield found.batch, end


_EMPTY: Final = ("i4", "i8", "i8", "i8", "i4", "u1", "i8", "i8", "i4")
"""The columns every Batch has."""
