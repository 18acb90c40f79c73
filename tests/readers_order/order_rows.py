"""Small batches of rows, written as tuples, for the tests of order."""

from __future__ import annotations

from typing import Any

import numpy as np

from abtrade.batch import Batch
from abtrade.names import Names


def batch_of(rows: list[dict[str, Any]], names: Names, file: int = 0) -> Batch:
    """Return a Batch; a row may give exchange, channel, seq, ts, contract, lots, row, file."""

    def column(name: str, default: int, dtype: str) -> Any:
        return np.array([row.get(name, default) for row in rows], dtype)

    contracts = [
        names.contract(names.exchange(r.get("exchange", "SHFE")), r.get("contract", "cu2503"))
        for r in rows
    ]
    return Batch(
        file=column("file", file, "i4"),
        row=np.array([r.get("row", i + 1) for i, r in enumerate(rows)], "i8"),
        seq=column("seq", 0, "i8"),
        ts=column("ts", 0, "i8"),
        contract=np.array(contracts, "i4"),
        action=column("action", 1, "u1"),
        order=column("order", 0, "i8"),
        lots=column("lots", 1, "i8"),
        account=column("account", 0, "i4"),
        channel=column("channel", 0, "i8") if any("channel" in r for r in rows) else None,
        side=column("side", 0, "u1") if any("side" in r for r in rows) else None,
    )


def seqs(batch: Batch) -> list[int]:
    return batch.seq.tolist()
