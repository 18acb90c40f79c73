"""Following: the books of some contracts kept row by row, and handed out as they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..batch import Batch
from ..compiled import CompiledEngine
from ..market.contracts import ContractTable
from ..names import Names
from ..plan import Plan, make_plan
from .columns import Int64, action_column, level_columns, name_column
from .wanted import Wanted
from .window import Books, Clock, Picker, Window

ROWS_AT_ONCE: Final = 8_192
"""Rows whose books are in memory at a time: with ten levels, four megabytes."""


@dataclass(slots=True)
class _Followed:
    """A contract with the engine that keeps its book."""

    id: int
    exchange: int
    name: str
    tick: float | None
    engine: CompiledEngine
    picker: Picker
    accounts: int = 0  # that the engine knows


class Following:
    """Keeps the books of the contracts that are wanted.

    names : of the rows that will come
    columns : canonical columns of the log that are read
    auctions : rows of auctions have their phase, though the log has no such column
    """

    def __init__(
        self,
        names: Names,
        contracts: ContractTable,
        wanted: Wanted,
        window: Window,
        shape: Shape,
        columns: frozenset[str],
        *,
        auctions: bool,
    ) -> None:
        self._names = names
        self._contracts = contracts
        self._wanted = wanted
        self._window = window
        self._shape = shape
        self._columns = columns
        self._auctions = auctions
        self._known = 0
        self._followed: list[_Followed] = []
        self._clocks: dict[int, Clock] = {}  # by exchange

    @property
    def is_over(self) -> bool:
        """Whether every contract met so far is past the end of the window."""
        return bool(self._clocks) and all(
            clock.now > self._window.end for clock in self._clocks.values()
        )

    def records(self, batch: Batch) -> Iterator[pa.RecordBatch]:
        """Apply the next rows; yield the books to show, in the order in which they are known."""
        self._take_up_contracts()
        for start in range(0, len(batch), ROWS_AT_ONCE):
            part = batch.take(slice(start, start + ROWS_AT_ONCE))
            yield from self._in_order([(each, self._books(each, part)) for each in self._followed])
    
    def rest(self) -> Iterator[pa.RecordBatch]:
        """Yield the books that waited for the clock when the log ended."""
        for each in self._followed:
            books = each.picker.rest()
            if books is not None and len(books):
                yield self._shape.record(each, books)
