"""Index: which lanes each file of a log holds, block by block, and how low seq and ts reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ..batch import Int64
from .by_lane import ByLane
from .keys import KEY_COLUMNS, Keys
from .raw import BATCH_ROWS, RawBatch, Source
from .stream import LaneIndex


@dataclass(slots=True)
class LogIndex:
    """The index of each file, by lane; ``lanes`` are (exchange, channel), ``rows`` per file."""

    lanes: list[tuple[str, int]] = field(default_factory=list)
    files: list[dict[int, LaneIndex]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def one_channel_each(self) -> bool:
        """Whether no exchange has more than one channel."""
        exchanges = [exchange for exchange, _ in self.lanes]
        return len(set(exchanges)) == len(exchanges)


class ReadsKeys(Protocol):
    """What tells the keys of raw rows."""

    @property
    def exchanges(self) -> list[str]:
        """The exchanges met so far."""
        ...

    def read(self, raw: RawBatch) -> Keys:
        """Return the keys of a batch's rows."""
        ...


def build_index(
    sources: Sequence[Source], reader: ReadsKeys, batch_rows: int = BATCH_ROWS
) -> LogIndex:
    """Read the keys of every row once.

    A row that will be set aside as bad is indexed where its keys can be read, so the index may
    know of lanes, and of lower seqs and times, that never come.
    """
    index = LogIndex()
    numbers: dict[tuple[str, int], int] = {}
    for source in sources:
        lanes: dict[int, LaneIndex] = {}
        end = 0
        for raw in source.read(KEY_COLUMNS, batch_rows):
            end = max(end, last_row(raw))
            for exchange, channel, seq, ts in _lowest(reader.read(raw)):
                lane = reader.exchanges[exchange], channel
                number = numbers.setdefault(lane, len(numbers))
                lanes.setdefault(number, LaneIndex()).add(end, seq, ts)
        index.files.append(lanes)
        index.rows.append(end)
    index.lanes = list(numbers)
    return index


def last_row(raw: RawBatch) -> int:
    """Return the last data row of a batch, one set aside by the reader included."""
    if raw.end is not None:
        return raw.end
    rows = raw.row_numbers()
    return max(int(rows[-1]) if len(rows) else 0, *(bad.row for bad in raw.bad), raw.first_row - 1)


def _lowest(keys: Keys) -> list[tuple[int, int, int, int]]:
    """Return exchange, channel, lowest seq and lowest ts of each lane of a batch."""
    exchange, channel, seq, ts = keys.exchange, keys.channel, keys.seq, keys.ts
    if keys.known is not None:
        exchange, seq, ts = exchange[keys.known], seq[keys.known], ts[keys.known]
        channel = None if channel is None else channel[keys.known]
    if not len(seq):
        return []
    lanes = ByLane.of(exchange, channel)
    seqs, times = _least(lanes, seq), _least(lanes, ts)
    return [
        (*lane, low, early)
        for lane, low, early in zip(lanes.keys, seqs.tolist(), times.tolist(), strict=True)
    ]


def _least(lanes: ByLane, column: Int64) -> Int64:
    least: Int64 = np.minimum.reduceat(lanes.sort(column), lanes.starts)
    return least
