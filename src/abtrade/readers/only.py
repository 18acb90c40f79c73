"""Only: a source read for the rows of some contracts, the others left out before they are checked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Final, cast

import numpy as np
import pyarrow as pa

from ..names import Names
from .arrays import Bool
from .identities import ContractLookup, ContractReader
from .index import last_row
from .raw import BATCH_ROWS, RawBatch, Source
from .words import Positions, WordReader

IsWanted = Callable[[str, str], bool]
"""Told an exchange and a contract, both as they are called in the outputs."""

LEGS: Final = ("order_contract", "contra_order_contract")
"""Columns that name the contract of an order besides that of the row."""


def only(source: Source, contracts: ContractLookup, is_wanted: IsWanted) -> Source:
    """Return a source without the rows that are of other contracts and name no order of these.

    Rows keep their numbers. Rows that cannot be read at all stay: nothing tells what they are of.
    """
    return cast(Source, _OnlySource(source, contracts, is_wanted))


def rows_by_contract(
    sources: Iterable[Source], contracts: ContractLookup
) -> Counter[tuple[str, str]]:
    """Return how many rows there are of each (exchange, contract)."""
    found: Counter[tuple[str, str]] = Counter()
    for source in sources:
        slots = _Slots(contracts)
        for raw in source.read(("exchange", "contract")):
            for slot, n in enumerate(np.bincount(slots.of(raw.record)).tolist()):
                exchange, contract = slots.reader.name_of(slot) if n else ("", None)
                if contract is not None:
                    found[exchange, contract] += n
    return found


class _OnlySource:
    """A source in all things but what it reads."""

    def __init__(
        self, source: Source, contracts: ContractLookup, is_wanted: IsWanted
    ) -> None:
        self._source = source
        self._contracts = contracts
        self._is_wanted = is_wanted

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def read(
        self,
        columns: Collection[str] | None = None,
        batch_rows: int = BATCH_ROWS,
        *,
        parallel: bool = True,
    ) -> Iterator[RawBatch]:
        filtering = _Filter(self._contracts, self._is_wanted)
        if columns is not None:
            columns = {*columns, "exchange", "contract", *LEGS} & {*self._source.columns}
        for raw in self._source.read(columns, batch_rows, parallel=parallel):
            keep = filtering.rows(raw.record)
            if not keep.all():
                raw.end = last_row(raw)
                raw.rows = raw.row_numbers()[keep]
                raw.record = raw.record.filter(pa.array(keep))
            yield raw


class _Filter:
    """Tells which rows of one batch after another are wanted."""

    def __init__(self, contracts: ContractLookup, is_wanted: IsWanted) -> None:
        self._slots = _Slots(contracts)
        self._legs = {column: WordReader() for column in LEGS}
        self._is_wanted = is_wanted

    def rows(self, record: pa.RecordBatch) -> Bool:
        """Return whether each row is of a wanted contract, or names an order of one: (n,) bool."""
        slots = self._slots.of(record)
        reader = self._slots.reader
        wanted = np.zeros(int(slots.max(initial=-1)) + 1, np.bool_)
        for slot in np.flatnonzero(np.bincount(slots)).tolist():
            exchange, contract = reader.name_of(slot)
            wanted[slot] = contract is not None and self._is_wanted(exchange, contract)
        keep: Bool = wanted[slots]
        for column, words in self._legs.items():
            if column in record.schema.names:
                legs = words.read(record.column(column))
                keep |= self._names_one(slots, legs.at, legs.texts)
        return keep

    def _names_one(self, slots: Positions, at: Positions, texts: list[str]) -> Bool:
        """Return whether a further column of contracts names a wanted one: (n,) bool."""
        width = len(texts) + 1
        pairs, back = np.unique(slots.astype(np.int64) * width + at, return_inverse=True)
        wanted = np.zeros(len(pairs), np.bool_)
        for index, pair in enumerate(pairs.tolist()):
            slot, text = divmod(pair, width)
            if text < len(texts):
                name = self._slots.reader.name_in(slot, texts[text])
                wanted[index] = self._is_wanted(self._slots.reader.exchange_of(slot), name)
        return np.asarray(wanted[back])


class _Slots:
    """The pairs of exchange and contract of one batch after another."""

    def __init__(self, contracts: ContractLookup) -> None:
        self.reader = ContractReader(Names(), contracts)
        self._words = {"exchange": WordReader(), "contract": WordReader()}

    def of(self, record: pa.RecordBatch) -> Positions:
        """Return the slot of each row: (n,)."""
        found = {
            name: reader.read(record.column(name))
            for name, reader in self._words.items()
            if name in record.schema.names
        }
        return self.reader.slots(found.get("exchange"), found["contract"])
