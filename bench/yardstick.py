"""The yardstick: fixed work in plain Python and numpy, against which stages of a scan are timed.

Its three parts are what stages are bound by: the interpreter, arithmetic on columns, and memory
that answers late. Changing it makes every recorded ratio worthless.
"""

from __future__ import annotations

import numpy as np

LOOPS = 120_000
SORTED = 300_000
TABLE = 1 << 23
LOOKED_UP = 1_000_000


class Yardstick:
    """The work with its data at hand."""

    def __init__(self) -> None:
        rng = np.random.default_rng(20101108)
        self._words = [f"w{i % 977}" for i in range(LOOPS)]
        self._numbers = rng.integers(0, 1 << 40, SORTED)
        self._table = np.zeros(TABLE, np.int64)
        self._places = rng.integers(0, TABLE, LOOKED_UP)

    def work(self) -> int:
        """Do it; the sum keeps any part from being left out."""
        return self._interpreter() + self._columns() + self._memory()

    def _interpreter(self) -> int:
        counts: dict[str, int] = {}
        for word in self._words:
            counts[word] = counts.get(word, 0) + 1
        return len(counts)

    def _columns(self) -> int:
        order = np.argsort(self._numbers, kind="stable")
        return int(np.cumsum(self._numbers[order] & 0xFF)[-1])

    def _memory(self) -> int:
        self._table[self._places] += 1
        return int(self._table[self._places].sum() > 0)
