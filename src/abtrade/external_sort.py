"""ExternalSort: rows of any number, brought into order within a bound on memory.

Rows are gathered into runs; each run is sorted and written to a temporary folder, lane by lane;
then all runs are merged. Order is by exchange; within it, rows of one channel stand by seq, and
those of several by the channel's running maximum of ``ts``, channel and seq. Rows of one seq keep
the order in which they came.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .batch import Int64
from .convert_keys import Records, positions_by_lane
from .log_writers import row_bytes
from .readers.keys import Keys
from .readers.merge import Merge
from .readers.stream import Chunk, LaneIndex, Stream

KEY_BYTES: Final = 64
"""What a row's keys take while its run is sorted."""

RUN_SHARE: Final = 4
"""A run takes one part in so many of the memory."""

BLOCK_SHARE: Final = 512
"""A block of a run, of which some hundreds are held at once, takes one part in so many."""

LEAST_BLOCK_ROWS: Final = 512
NO_LIMIT: Final = 1 << 62

SEQ, TS = "\0seq", "\0ts"
"""Columns of a run that hold the keys; no column of a log is named so."""

Lane = tuple[str, int]
"""(exchange, channel)."""


@dataclass(slots=True)
class _Run:
    """A sorted run on disk; of each lane the numbers of its blocks, which follow each other."""

    path: Path
    index: dict[Lane, LaneIndex] = field(default_factory=dict)
    blocks: dict[Lane, list[int]] = field(default_factory=dict)


class ExternalSort:
    """Takes rows in any order; ``sorted`` then yields them in order, once.

    ``schema`` is of the rows, ``folder`` a folder of the sort's own, ``memory`` in bytes.
    """

    def __init__(self, schema: pa.Schema, folder: Path, memory: int) -> None:
        self._schema = schema
        self._folder = folder
        self._memory = memory
        self._rows: list[pa.RecordBatch] = []
        self._keys: list[Keys] = []
        self._bytes = 0
        self._runs: list[_Run] = []

    def add(self, record: pa.RecordBatch, keys: Keys, exchanges: Sequence[str]) -> None:
        """Take rows with their keys; ``exchanges`` names what ``keys.exchange`` counts."""
        if not record.num_rows:
            return
        self._rows.append(record)
        self._keys.append(keys)
        self._bytes += (row_bytes(record) + KEY_BYTES) * record.num_rows
        if self._bytes >= self._memory // RUN_SHARE:
            self._write_run(exchanges)

    def sorted(self, exchanges: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield all rows in order."""
        if self._rows:
            self._write_run(exchanges)
        lanes = sorted({lane for run in self._runs for lane in run.index})
        for exchange in dict.fromkeys(exchange for exchange, _ in lanes):
            its_lanes = [lane for lane in lanes if lane[0] == exchange]
            streams = [
                Stream(
                    run.path.name,
                    {number: run.index[lane]},
                    partial(self._read, run, lane, number),
                )
                for run in self._runs
                for number, lane in enumerate(its_lanes)
                if lane in run.index
            ]
            for records in Merge(streams, its_lanes, NO_LIMIT):
                yield records.record.select(self._schema.names)

    # --- runs ---------------------------------------------------------------------------------

    def _write_run(self, exchanges: Sequence[str]) -> None:
        keys = _joined_keys(self._keys)
        record = self._joined_rows()
        rows = self._block_rows(record)
        run = _Run(self._folder / f"{len(self._runs)}.arrow")
        schema = pa.schema([*self._schema, (SEQ, pa.int64()), (TS, pa.int64())])
        options = pa.ipc.IpcWriteOptions(compression=None)
        written = 0
        with pa.OSFile(str(run.path), "wb") as sink, pa.ipc.new_file(
            sink, schema, options=options
        ) as writer:
            for (exchange, channel), at in positions_by_lane(keys):
                lane = exchanges[exchange], channel
                index = run.index[lane] = LaneIndex()
                run.blocks[lane] = []
                order = at[np.argsort(keys.seq[at], kind="stable")]
                for start in range(0, len(order), rows):
                    block = order[start : start + rows]
                    seq, ts = keys.seq[block], keys.ts[block]
                    writer.write_batch(_with_keys(record.take(pa.array(block)), seq, ts, schema))
                    index.add(start + len(block), int(seq[0]), int(ts.min()))
                    run.blocks[lane].append(written)
                    written += 1
        self._runs.append(run)
        pa.default_memory_pool().release_unused()

    def _joined_rows(self) -> pa.RecordBatch:
        """Return the rows gathered as one batch; column by column, so that they are held once."""
        columns = [[record.column(at) for record in self._rows] for at in range(len(self._schema))]
        self._rows, self._bytes = [], 0
        made = []
        for at in range(len(columns)):
            made.append(pa.concat_arrays(columns[at]))
            columns[at] = []
        return pa.RecordBatch.from_arrays(made, schema=self._schema)

    def _block_rows(self, record: pa.RecordBatch) -> int:
        rows = self._memory // BLOCK_SHARE // (row_bytes(record) + KEY_BYTES)
        return max(LEAST_BLOCK_ROWS, rows)

    def _read(self, run: _Run, lane: Lane, number: int) -> Iterator[Chunk[Records]]:
        """Yield one lane of a run, block by block."""
        end = 0
        with pa.OSFile(str(run.path)) as file:
            reader = pa.ipc.open_file(file)
            for block in run.blocks[lane]:
                record = reader.get_batch(block)
                seq, ts = (_numbers(record.column(name)) for name in (SEQ, TS))
                at = np.arange(len(seq))
                end += len(seq)
                yield Chunk(Records(record), [(number, at)], seq, ts, at, end)


def _joined_keys(parts: list[Keys]) -> Keys:
    """Return the keys of all parts as one, and empty the list."""
    channel = None
    if any(part.channel is not None for part in parts):
        channel = np.concatenate(
            [np.zeros_like(part.seq) if part.channel is None else part.channel for part in parts]
        )
    joined = Keys(
        np.concatenate([part.exchange for part in parts]),
        channel,
        np.concatenate([part.seq for part in parts]),
        np.concatenate([part.ts for part in parts]),
        None,
    )
    parts.clear()
    return joined


def _with_keys(
    record: pa.RecordBatch, seq: Int64, ts: Int64, schema: pa.Schema
) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([*record.columns, pa.array(seq), pa.array(ts)], schema=schema)


def _numbers(array: pa.Array) -> npt.NDArray[np.int64]:
    return np.asarray(array.to_numpy(zero_copy_only=False), np.int64)
