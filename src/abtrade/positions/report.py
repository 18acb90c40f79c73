"""positions.parquet: what each account held through the day, out of what observers saw."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .. import outputs, schema
from ..roster import Roster
from .rules import SIDES, SPLITS_TODAY
from .table import AT_OPENING


def positions_table(held: npt.NDArray[np.void], roster: Roster, day: date) -> pa.Table:
    """Return holdings, (n,) ``positions.HELD``, with the columns of ``outputs.POSITIONS``."""
    names = roster.names
    hedges = [schema.word_of("hedge", code) for code in range(max(schema.Hedge) + 1)]
    exchange = np.array([at for at, _ in names.contracts], np.int64)[held["contract"]]
    columns: dict[str, Any] = {
        "day": [day] * len(held),
        "exchange": _taken(names.exchanges, exchange),
        "account": _taken([name for _, name in names.accounts], held["account"]),
        "contract": _taken([name for _, name in names.contracts], held["contract"]),
        "hedge": _taken(hedges, held["hedge"]),
        "bought": held["filled"][:, 0],
        "sold": held["filled"][:, 1],
        "side_unknown": held["unplaced"],
    }
    splits = np.isin(exchange, [
        at for at, name in enumerate(names.exchanges) if name in SPLITS_TODAY
    ])  # fmt: skip
    for at, side in enumerate(SIDES):
        seq = held["peak_seq"][:, at]
        columns |= {
            f"{side}_opening": held["opening"][:, at],
            f"{side}_opening_today": pa.array(held["opening_today"][:, at], mask=~splits),
            f"{side}_end": held["held"][:, at],
            f"{side}_end_today": pa.array(held["today"][:, at], mask=~splits),
            f"{side}_peak": held["peak"][:, at],
            f"{side}_peak_seq": pa.array(seq, mask=seq == AT_OPENING),
        }
    return outputs.sort_table("positions", outputs.table_of(outputs.POSITIONS, columns))


def _taken(words: list[Any], at: npt.NDArray[Any]) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(at.astype(np.int64)))
