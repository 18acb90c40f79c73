"""pyarrow alone: the very columns that a scan reads, decoded and dropped.

The floor under every scan of the file. It counts nothing, so that its answer is none.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

NAMES = ["contract", "action", "account", "side", "contra_account"]
BATCH_ROWS = 131_072


def count(log: Path, links: Path, form: str, threads: int) -> None:
    """Decode a Parquet file as the reader of a scan has it decoded, or walk over an Arrow one."""
    if log.suffix == ".arrow":
        with pa.memory_map(str(log)) as mapped:
            reader = pa.ipc.open_file(mapped)
            rows = sum(reader.get_batch(i).num_rows for i in range(reader.num_record_batches))
            expected = rows
    else:
        names = [name for name in pq.read_schema(log).names if name in NAMES]
        with pq.ParquetFile(log, pre_buffer=False, read_dictionary=names) as file:
            expected = file.metadata.num_rows
            batches = file.iter_batches(BATCH_ROWS, use_threads=threads > 1)
            rows = sum(batch.num_rows for batch in batches)
    if rows != expected:
        raise AssertionError(f"decoded {rows} rows, expected {expected}")
