"""A kind of foreign log for the tests of sniffing: a CSV of events under odd names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from abtrade.errors import InputError
from abtrade.readers.foreign import Glimpse as Look
from abtrade.readers.foreign import Kind, Meaning, Part, Stated
from abtrade.readers.made import Made, MadeSource
from abtrade.readers.raw import BadRow, Source

rows_read: list[int] = []
"""How many rows each opening has read, for the tests to see."""


class _Fake(Kind):
    name = "fake"
    title = "Fake counter"

    def part(self, glimpse: Look) -> str | None:
        return "orders" if "fakeid" in glimpse.columns else None

    def open(self, parts: Sequence[Part], stated: Stated) -> list[Source]:
        return [self._read(part) for part in parts]

    def _read(self, part: Part) -> Source:
        path = part.glimpse.path
        assert part.glimpse.table is not None
        ids = [
            text
            for raw in part.glimpse.table.read(("fakeid",))
            for text in raw.record.column("fakeid").to_pylist()
        ]
        rows_read.append(len(ids))
        if "broken" in ids:
            raise InputError(f"{path}: found a broken day")
        n = len(ids)
        table = pa.table(
            {
                "exchange": ["SHFE"] * n,
                "seq": np.arange(1, n + 1),
                "ts": pa.array([1_740_963_600_000_000_000] * n, pa.timestamp("ns", "UTC")),
                "contract": ["cu2503"] * n,
                "action": ["new"] * n,
                "order_id": ids,
                "account": ["A1"] * n,
                "lots": [1] * n,
            }
        )
        bad = [BadRow(n + 1, f"{path.name}: a made-up problem", "{}")]
        made = Made(table, np.arange(1, n + 1), bad, n + 1)
        return MadeSource(path, "fake", made, "0", visibility="broker", notes=[f"read {path}"])

    def meanings(self, part: Part, log: Sequence[Part], stated: Stated) -> list[Meaning]:
        return [Meaning("fakeid", "order_id", "trimmed"), Meaning("other", "")]


KIND = _Fake()
