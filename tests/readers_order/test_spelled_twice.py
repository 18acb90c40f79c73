"""One contract spelled in two ways is one, over files, merges, threads and a resumed day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import abtrade

DAY = date(2025, 3, 3)
SPELLINGS = ("cu2503.SHFE", "CU2503", "SR2505.ZCE", "SHFE.cu2503", "SR505")


def rows(start: int, end: int) -> pa.Table:
    """Return orders and their cancels, one a second, each naming its contract in another way."""
    seqs = range(start, end)
    return pa.table({
        "seq": list(seqs),
        "ts": [f"2025-03-03 09:{at // 60:02}:{at % 60:02}" for at in seqs],
        "contract": [SPELLINGS[at // 2 % len(SPELLINGS)] for at in seqs],
        "action": [("new", "cancel")[at % 2] for at in seqs],
        "order_id": [str(at // 2) for at in seqs],
        "account": [("A", "B", "C")[at // 2 % 3] for at in seqs],
        "side": ["buy"] * len(seqs),
        "lots": pa.array([1] * len(seqs), pa.int64()),
        "price": ["100"] * len(seqs),
    })  # fmt: skip


def outputs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "run.json"}


@pytest.fixture
def whole(tmp_path) -> dict[str, bytes]:
    abtrade.scan(rows(0, 60), day=DAY, rules=["shfe"], threads=1, out=tmp_path / "whole")
    return outputs(tmp_path / "whole")


def test_files_and_threads_change_nothing(whole, tmp_path):
    for name, start, end in (("a", 0, 20), ("b", 20, 60)):
        pq.write_table(rows(start, end), tmp_path / f"{name}.parquet")
    files = [tmp_path / "b.parquet", tmp_path / "a.parquet"]
    abtrade.scan(files, day=DAY, rules=["shfe"], threads=2, out=tmp_path / "split")
    assert outputs(tmp_path / "split") == whole


def test_a_resumed_day_says_the_same(whole, tmp_path):
    options = {"day": DAY, "rules": ["shfe"], "threads": 1}
    abtrade.scan(rows(0, 31), save_state=tmp_path / "state", **options)
    abtrade.scan(rows(31, 60), resume=tmp_path / "state", out=tmp_path / "two", **options)
    assert outputs(tmp_path / "two") == whole
