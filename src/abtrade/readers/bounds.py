"""Bounds of a column, as a Parquet file's statistics have them: nothing of it is read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from .arrays import Bool
from .keys import read_times
from .raw import Source


def parquet_bounds(source: Source, column: str) -> tuple[Any, Any] | None:
    """Return the least and greatest cell of a column as a Parquet file's statistics have them.

    Times in ns since 1970 UTC. None where they do not tell, or the column is not as in the file.
    """
    if source.format != "parquet":
        return None
    import pyarrow.parquet as pq

    with pq.ParquetFile(source.path) as file:
        metadata, schema = file.metadata, file.schema_arrow
    at = metadata.schema.names.index(column) if column in metadata.schema.names else -1
    kind = source.schema.field(column).type
    if at < 0 or not metadata.num_rows or schema.field(column).type != kind:
        return None
    found = [metadata.row_group(group).column(at).statistics
             for group in range(metadata.num_row_groups) if metadata.row_group(group).num_rows]
    if not all(one is not None and one.has_min_max for one in found):
        return None
    if not pa.types.is_timestamp(kind):
        return min(one.min for one in found), max(one.max for one in found)
    raw = np.array([[one.min_raw, one.max_raw] for one in found])
    if raw.dtype != np.int64:
        return None
    ns, fits = read_times(pa.array(raw.ravel()).cast(kind))
    fit: Bool | bool = True if fits is None else fits
    return (int(ns.min()), int(ns.max())) if np.all(fit) else None
