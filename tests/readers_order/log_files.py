"""Small logs as Arrow tables and files, for the tests of order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

SHANGHAI = pa.timestamp("ns", "Asia/Shanghai")
NINE = 1_740_963_600 * 10**9  # 2025-03-03 09:00 in Shanghai
TYPES = {
    "seq": pa.int64(),
    "channel": pa.int64(),
    "ts": SHANGHAI,
    "lots": pa.int64(),
    "order_id": pa.int64(),
}


def new(seq: int | None, **more: Any) -> dict[str, Any]:
    """Return a `new` row; seq None: no value, though there is a column."""
    row = {
        "seq": seq,
        "ts": NINE + (seq or 0) * 1000,
        "contract": "cu2503",
        "action": "new",
        "order_id": seq or 0,
        "account": "a1",
        "side": "buy",
        "lots": 1,
    }
    return {**row, **more}


def table_of(rows: list[dict[str, Any]], drop: tuple[str, ...] = ()) -> pa.Table:
    names = [name for name in dict.fromkeys(n for row in rows for n in row) if name not in drop]
    return pa.table(
        {n: pa.array([row.get(n) for row in rows], TYPES.get(n, pa.string())) for n in names}
    )


def write(path: Path, table: pa.Table) -> Path:
    """Write a table in the format that the name says."""
    if path.suffix == ".parquet":
        pa.parquet.write_table(table, path, row_group_size=7)
    elif path.suffix == ".arrow":
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table, 5)
    else:
        index = table.schema.get_field_index("ts")
        if index >= 0 and pa.types.is_timestamp(table.schema.field(index).type):
            local = table["ts"].cast(pa.timestamp("ns", "Asia/Shanghai"))
            texts = pa.array([str(t).replace(" ", "T") for t in _texts(local)])
            table = table.set_column(index, "ts", texts)
        pa.csv.write_csv(table, path)
    return path


def _texts(column: pa.ChunkedArray) -> list[str]:
    utc = column.cast(pa.timestamp("ns", "UTC")).cast(pa.string()).to_pylist()
    return [text.replace("Z", "+00:00") for text in utc]
