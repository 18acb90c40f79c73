"""One thread means one: nothing is decoded on another, and Arrow brings no pandas along."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import threading

import pytest
from log_files import new, table_of
from pyarrow import parquet
from test_log import READ, Contracts, opened

from abtrade.names import Names

SCAN = """
import sys
from abtrade.cli import main
sys.argv = ["abtrade", "scan", *sys.argv[1:]]
try:
    main()
finally:
    print("pandas" in sys.modules)
"""


def test_with_one_thread_the_caller_reads_by_itself(monkeypatch, tmp_path):
    monkeypatch.setattr("abtrade.readers.reading.BATCH_ROWS", 100)
    path = tmp_path / "day.parquet"
    parquet.write_table(table_of([new(n) for n in range(1000)]), path)
    before = threading.active_count()
    found = {}
    for threads in (1, 2):
        found[threads] = []
        for batch in opened(path).batches(Names(), Contracts(), READ, {}, threads=threads):
            found[threads] += batch.order.tolist()
            assert threads > 1 or threading.active_count() == before
    assert found[1] == found[2]
    assert len(found[1]) == 1000


@pytest.mark.skipif(importlib.util.find_spec("pandas") is None, reason="there is no pandas")
def test_the_command_does_without_pandas(tmp_path):
    path = tmp_path / "day.parquet"
    parquet.write_table(table_of([new(n) for n in range(10)]), path)
    done = subprocess.run(
        [sys.executable, "-c", SCAN, str(path), "--out", str(tmp_path / "out"), "--quiet"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split()[-1] == "False"
