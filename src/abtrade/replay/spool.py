"""Spool: a day's rows as they are counted, on the disk, so that any contract's are found again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..batch import Batch, Int64
from ..names import Names
from .scratch import Scratch

_LEFT_OUT = ("file", "row")
_TEXTS = ("order_text", "contra_text")


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A batch: its rows by contract, those of one contract in their order."""

    at: int  # in the file
    size: int
    schema: pa.Schema
    base: int  # index in the day of its first row
    contracts: npt.NDArray[np.int32]  # those that have rows, ascending
    ends: Int64  # where the rows of each end


class Spool:
    """The rows of a day.

    ``names`` and what the engine kept are those of the count that it was shown: ``keep_finished``
    and ``keep_openings`` as CompiledEngine has them.
    """

    def __init__(self) -> None:
        self.names = Names()
        self.keep_finished = False
        self.keep_openings = False
        self._scratch: Scratch | None = None
        self._chunks: list[_Chunk] = []
        self._links: set[tuple[int, int]] = set()
        self._rows = 0
        self._mapped: Any = None
        self._columns_of = lru_cache(maxsize=2)(self._read)

    def begin(self, names: Names, keep_finished: bool, keep_openings: bool) -> None:
        """Forget all rows."""
        self.close()
        self.names = names
        self.keep_finished = keep_finished
        self.keep_openings = keep_openings
        self._scratch = Scratch()
        self._chunks, self._links, self._rows = [], set(), 0

    def add(self, batch: Batch) -> None:
        """Take up the next rows."""
        if not len(batch):
            return
        assert self._scratch is not None
        self._note_links(batch)
        rows = np.bincount(batch.contract, minlength=1)
        contracts = np.flatnonzero(rows).astype(np.int32)
        order = np.argsort(batch.contract, kind="stable") if len(contracts) > 1 else None
        record = _record(batch, order)
        data = record.serialize()
        at = self._scratch.append(data, align=64)
        self._chunks.append(
            _Chunk(at, data.size, record.schema, self._rows, contracts, np.cumsum(rows[contracts]))
        )
        self._rows += len(batch)

    def close(self) -> None:
        """Give the room on the disk back."""
        self._columns_of.cache_clear()
        self._mapped = None
        if self._scratch is not None:
            self._scratch.close()

    @property
    def bytes(self) -> int:
        """How much room all rows take on the disk."""
        return 0 if self._scratch is None else self._scratch.size

    def contracts(self) -> dict[int, int]:
        """Return how many rows each contract has, by id."""
        found: dict[int, int] = {}
        for chunk in self._chunks:
            counts = np.diff(chunk.ends, prepend=0).tolist()
            for contract, rows in zip(chunk.contracts.tolist(), counts, strict=True):
                found[contract] = found.get(contract, 0) + rows
        return found

    def connected(self, contract: int) -> tuple[int, ...]:
        """Return the contracts whose orders are filled together with one's, itself among them."""
        found = {contract}
        while more := {b for a, b in self._links if a in found} - found:
            found |= more
        return tuple(sorted(found))

    def find(self, seqs: Int64) -> Iterator[tuple[int, int, int, int]]:
        """Yield (index in the day, contract, channel, seq) of every row of some ``seq``."""
        self._map()
        for number, chunk in enumerate(self._chunks):
            columns = self._columns_of(number)
            for at in np.flatnonzero(np.isin(columns["seq"], seqs)).tolist():
                channel = int(columns["channel"][at]) if "channel" in columns else 0
                index = chunk.base + int(columns["at"][at])
                yield index, int(columns["contract"][at]), channel, int(columns["seq"][at])

    def rows(self, contracts: Collection[int]) -> Rows:
        """Return the rows of some contracts."""
        self._map()
        return Rows(self, contracts)

    def _map(self) -> None:
        if self._mapped is None and self._scratch is not None:
            self._mapped = self._scratch.mapped()

    def _note_links(self, batch: Batch) -> None:
        for legs in (batch.order_contract, batch.contra_order_contract):
            if legs is not None and (here := np.flatnonzero(legs >= 0)).size:
                pairs = np.unique(np.stack([batch.contract[here], legs[here]], axis=1), axis=0)
                for a, b in pairs.tolist():
                    self._links |= {(a, b), (b, a)}

    def _read(self, number: int) -> dict[str, Any]:
        """Return the columns of a chunk, as they lie on the disk."""
        chunk = self._chunks[number]
        data = pa.py_buffer(self._mapped).slice(chunk.at, chunk.size)
        record = pa.ipc.read_record_batch(data, chunk.schema)
        return {
            name: record.column(i) if name in _TEXTS else record.column(i).to_numpy()
            for i, name in enumerate(chunk.schema.names)
        }


class Rows:
    """The rows of some contracts, in the order of the log; the first is row 0."""

    def __init__(self, spool: Spool, contracts: Collection[int]) -> None:
        self._spool = spool
        self._wanted = np.array(sorted(contracts), np.int32)
        counts = [self._count(chunk) for chunk in spool._chunks]
        self._chunks = [number for number, count in enumerate(counts) if count]
        self._ends = np.cumsum([counts[number] for number in self._chunks], dtype=np.int64)

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def batches(self, first: int, last: int) -> Iterator[Batch]:
        """Yield rows ``first`` up to, not with, ``last``."""
        place = int(np.searchsorted(self._ends, first, "right"))
        while first < last:
            begin = self._begin(place)
            end = min(last, int(self._ends[place]))
            yield self._batch(place, slice(first - begin, end - begin))
            first, place = end, place + 1

    def at(self, rows: Int64) -> Batch:
        """Return some rows, ascending; at least one."""
        places = np.searchsorted(self._ends, rows, "right")
        parts = []
        for place in np.unique(places).tolist():
            begin = self._begin(place)
            parts.append(self._batch(place, rows[places == place] - begin))
        return Batch.join(parts)

    def indices(self) -> Iterator[Int64]:
        """Yield the index in the day of each row, chunk by chunk."""
        for number in self._chunks:
            picked = self._picked(number)
            columns = self._spool._columns_of(number)
            yield self._spool._chunks[number].base + columns["at"][picked].astype(np.int64)

    def index(self, row: int) -> int:
        """Return the index in the day of one row."""
        place = int(np.searchsorted(self._ends, row, "right"))
        number = self._chunks[place]
        at = self._spool._columns_of(number)["at"][self._picked(number)]
        return self._spool._chunks[number].base + int(at[row - self._begin(place)])

    def _begin(self, place: int) -> int:
        """Return the first row of a chunk."""
        return int(self._ends[place - 1]) if place else 0

    def _count(self, chunk: _Chunk) -> int:
        here = np.isin(chunk.contracts, self._wanted)
        return int(np.diff(chunk.ends, prepend=0)[here].sum())

    def _picked(self, number: int) -> Any:
        """Return where in a chunk the rows stand, in the order of the log."""
        chunk = self._spool._chunks[number]
        places = np.flatnonzero(np.isin(chunk.contracts, self._wanted)).tolist()
        runs = [(int(chunk.ends[p - 1]) if p else 0, int(chunk.ends[p])) for p in places]
        if len(runs) == 1:
            return slice(*runs[0])
        rows = np.concatenate([np.arange(*run) for run in runs])
        at = self._spool._columns_of(number)["at"]
        return rows[np.argsort(at[rows], kind="stable")]

    def _batch(self, place: int, rows: Any) -> Batch:
        number = self._chunks[place]
        picked = self._picked(number)
        if isinstance(picked, slice):
            if isinstance(rows, slice):
                rows = slice(picked.start + rows.start, picked.start + rows.stop)
            else:
                rows = picked.start + rows
        else:
            rows = picked[rows]
        columns = dict(self._spool._columns_of(number))
        del columns["at"]
        taken: dict[str, Any] = {
            n: _texts(c, rows) if n in _TEXTS else c[rows] for n, c in columns.items()
        }
        none = np.zeros(len(taken["seq"]), np.int64)
        return Batch(file=none.astype(np.int32), row=none, **taken)


def _record(batch: Batch, order: npt.NDArray[np.intp] | None) -> pa.RecordBatch:
    """Return a batch's columns in an order, with the place of each row in the batch."""
    at = np.arange(len(batch)) if order is None else order
    columns: dict[str, Any] = {"at": pa.array(at.astype(np.int32))}
    for name, whole in batch.columns().items():
        if whole is None or name in _LEFT_OUT:
            continue
        column = whole if order is None else whole[order]
        if name in _TEXTS:
            encoded = [None if t is None else t.encode("utf-8", "surrogatepass") for t in column]
            columns[name] = pa.array(encoded, pa.binary())
        else:
            columns[name] = pa.array(np.ascontiguousarray(column))
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _texts(column: pa.Array, rows: Any) -> npt.NDArray[np.object_]:
    taken = column.slice(rows.start, rows.stop - rows.start) if isinstance(rows, slice) else (
        column.take(pa.array(rows))
    )  # fmt: skip
    found = np.empty(len(taken), np.object_)
    found[:] = [
        None if text is None else text.decode("utf-8", "surrogatepass")
        for text in taken.to_pylist()
    ]
    return found
