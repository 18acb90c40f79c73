"""Checkpoints: states of an engine at many rows of a contract, so that any other is near one."""

from __future__ import annotations

import json
from bisect import bisect_right
from typing import Any, Final

import pyarrow as pa

from ..compiled import CompiledEngine
from .scratch import Scratch

State = tuple[dict[str, Any], list[bytes]]
"""A state as ``CompiledEngine.dump`` gives it."""

LEAST_ROWS: Final = 1 << 15
"""So many rows are fed in no time: no checkpoint is nearer to the one before."""
MOST: Final = 40
"""How many checkpoints there are at most; with 10 million rows one in 250,000."""


def spacing(rows: int) -> int:
    """Return after how many rows the next checkpoint comes."""
    return max(LEAST_ROWS, -(-rows // MOST))


class Checkpoints:
    """States by how many rows had been applied, compressed, in a file without a name."""

    def __init__(self) -> None:
        self._scratch = Scratch()
        self._codec = pa.Codec("lz4")
        self._rows: list[int] = []
        self._kept: list[list[tuple[int, int, int]]] = []

    @property
    def bytes(self) -> int:
        """How much room all take on the disk."""
        return self._scratch.size

    def keep(self, rows: int, engine: CompiledEngine) -> None:
        """Keep the state after so many rows; more than those kept before."""
        plain, blobs = engine.dump()
        places = []
        for blob in (json.dumps(plain).encode(), *blobs):
            packed = self._codec.compress(blob)
            places.append((self._scratch.append(packed), packed.size, len(blob)))
        self._rows.append(rows)
        self._kept.append(places)

    def before(self, rows: int) -> int | None:
        """Return the last place kept at or before a number of rows, None: there is none."""
        found = bisect_right(self._rows, rows)
        return self._rows[found - 1] if found else None

    def state(self, rows: int) -> State:
        """Return the state of a place that was kept."""
        plain, *blobs = (
            self._codec.decompress(self._scratch.read(at, size), whole, asbytes=True)
            for at, size, whole in self._kept[bisect_right(self._rows, rows) - 1]
        )
        return json.loads(plain), blobs

    def close(self) -> None:
        """Give the room on the disk back."""
        self._scratch.close()
