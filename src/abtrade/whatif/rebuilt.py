"""Cells and pairs as an engine has them, rebuilt out of the tables that a scan wrote."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .. import schema
from ..batch import Int64
from ..counts import Cells, Pair
from ..names import Names

Index = npt.NDArray[np.int64]


class StrangersError(Exception):
    """Accounts or contracts that the tables of one output do not agree on."""


def cells_of(table: pa.Table, names: Names, *, names_cancels: bool) -> tuple[Cells, dict[str, int]]:
    """Return cells, and by count the place of each further count in ``Cells.large``.

    names_cancels : whether the log names who cancelled; a cancel with nobody named is then such

    ``Cells.large`` holds every count of the table that no cell has anyway. Raises StrangersError.
    """
    further = [
        name
        for name in table.column_names
        if pa.types.is_integer(table.schema.field(name).type) and name not in schema.CELL_COUNTS
    ]
    cancels = _whole(table, "cancels")
    cells = Cells(
        _ids(table, "contract", names.contracts, names).astype(np.int32),
        _ids(table, "account", names.accounts, names).astype(np.int32),
        _packed(table, "", cancels if names_cancels else None).astype(np.int32),
        np.stack([_whole(table, name) for name in schema.CELL_COUNTS], axis=1),
        _columns(table, further),
        np.zeros((table.num_rows, 0), np.int64),
    )
    return cells, {name: place for place, name in enumerate(further)}


def pairs_of(table: pa.Table, names: Names) -> list[Pair]:
    """Return the pairs of orders, those of an exchange in the order of their first matches.

    Raises StrangersError.
    """
    ids = {
        name: _ids(table, name, known, names).tolist()
        for name, known in (
            ("contract", names.contracts), ("incoming_contract", names.contracts),
            ("resting_contract", names.contracts), ("incoming_account", names.accounts),
            ("resting_account", names.accounts),
        )
    }  # fmt: skip
    packed = {side: _packed(table, f"{side}_").tolist() for side in ("incoming", "resting")}
    seqs = _whole(table, "first_seq")
    times = table["first_ts"].cast(pa.int64()).to_numpy()
    channels = _whole(table, "first_channel")
    index = _places(table, seqs, channels, times)
    whole = {name: _whole(table, name).tolist() for name in ("matches", "lots")}
    texts = {name: table[name].to_pylist() for name in ("incoming", "resting")}
    return [
        Pair(
            ids["contract"][i], texts["incoming"][i], texts["resting"][i],
            ids["incoming_contract"][i], ids["resting_contract"][i],
            ids["incoming_account"][i], ids["resting_account"][i],
            packed["incoming"][i], packed["resting"][i],
            whole["matches"][i], whole["lots"][i],
            int(index[i]), int(seqs[i]), int(channels[i]), int(times[i]),
        )
        for i in range(table.num_rows)
    ]  # fmt: skip


def _places(table: pa.Table, seqs: Index, channels: Index, times: Index) -> Index:
    """Return the place of each pair's first match: by its channel's latest time, channel, seq.

    Only the times of these matches are known, which is enough where times run forwards.
    """
    exchange = table["exchange"].combine_chunks().dictionary_encode().indices.to_numpy()
    lane = np.lexsort((seqs, channels, exchange))
    latest = np.empty(len(lane), np.int64)
    other = np.diff(exchange[lane]).astype(np.bool_) | np.diff(channels[lane]).astype(np.bool_)
    for rows in np.split(lane, np.flatnonzero(other) + 1):
        latest[rows] = np.maximum.accumulate(times[rows])
    place = np.empty(len(lane), np.int64)
    place[np.lexsort((seqs, channels, latest))] = np.arange(len(lane))
    return place


def _ids(table: pa.Table, column: str, known: list[tuple[int, str]], names: Names) -> Index:
    """Return the dense ids of names, each of its row's exchange."""
    ids = np.full(table.num_rows, -1, np.int64)
    exchange = pc.index_in(table["exchange"], pa.array(names.exchanges, pa.string()))
    at = exchange.fill_null(-1).to_numpy()
    for number in np.unique(at[at >= 0]).tolist():
        those = [i for i, (where, _) in enumerate(known) if where == number]
        texts = pa.array([known[i][1] for i in those], pa.string())
        rows = np.flatnonzero(at == number)
        found = pc.index_in(table[column].take(pa.array(rows)), texts).fill_null(-1).to_numpy()
        if those:
            ids[rows] = np.where(found >= 0, np.array(those, np.int64)[found], -1)
    if (ids < 0).any():
        raise StrangersError(column)
    return ids


def _packed(table: pa.Table, prefix: str, cancels: Int64 | None = None) -> Index:
    """Return packed attributes; what the table does not keep apart is null.

    cancels : where given, a row with cancels and nobody named has them taken off by nobody named
    """
    packed = np.zeros(table.num_rows, np.int64)
    for name, (low, _) in schema.ATTRIBUTE_BITS.items():
        if prefix + name not in table.column_names:
            continue
        codes = _codes(table[prefix + name], name)
        if name == "cancel_by" and cancels is not None:
            codes[(codes == 0) & (cancels > 0)] = int(schema.CancelBy.UNNAMED)
        packed |= codes << low
    return packed


def _codes(column: pa.ChunkedArray, name: str) -> Index:
    if name not in schema.CODES:
        flags: Index = column.to_numpy().astype(np.int64)
        return flags
    words: Mapping[str, int] = schema.code_words(name)
    code = np.array([0, *words.values()], np.int64)
    found = pc.index_in(column, pa.array(list(words), pa.string()))
    codes: Index = code[found.fill_null(-1).to_numpy() + 1]
    return codes


def _columns(table: pa.Table, names: list[str]) -> Int64:
    if not names:
        return np.zeros((table.num_rows, 0), np.int64)
    return np.stack([_whole(table, name) for name in names], axis=1)


def _whole(table: pa.Table, name: str) -> Int64:
    """Return a column of whole numbers, null and a column that is not there as 0."""
    if name not in table.column_names:
        return np.zeros(table.num_rows, np.int64)
    numbers: Int64 = pc.fill_null(table[name], 0).to_numpy().astype(np.int64)
    return numbers
