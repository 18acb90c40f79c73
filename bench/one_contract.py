"""Make a log of one contract out of a synthetic day: its busiest contract, cut to so many rows.

    abtrade synth made --rows 22M --contracts 5 --exchange SHFE --offences none
    python bench/one_contract.py made/day.parquet one.parquet --rows 10000000

For timing a replay: what ``bench/replay.py`` measures grows with the rows of one contract.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq


def cut(day: Path, out: Path, rows: int) -> tuple[str, int]:
    """Write the first rows of a log's busiest contract; return the contract, and how many."""
    log = pq.ParquetFile(day)
    counts: dict[str, int] = {}
    for batch in log.iter_batches(columns=["contract"]):
        for each in pc.value_counts(batch.column(0)).to_pylist():
            counts[each["values"]] = counts.get(each["values"], 0) + each["counts"]
    busiest = max(counts, key=lambda contract: counts[contract])
    written = 0
    with pq.ParquetWriter(out, log.schema_arrow) as file:
        for batch in log.iter_batches():
            column = batch.column(batch.schema.get_field_index("contract"))
            mine = batch.filter(pc.equal(column, busiest)).slice(0, rows - written)
            if mine.num_rows:
                file.write_batch(mine)
                written += mine.num_rows
    return busiest, written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("day", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    given = parser.parse_args()
    contract, rows = cut(given.day, given.out, given.rows)
    print(f"{contract}: {rows:,} rows")


if __name__ == "__main__":
    main()
