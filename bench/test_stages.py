"""Each stage of a scan under pytest-benchmark, its counts held to what the log's maker knows.

    pytest bench --benchmark-enable
"""

from __future__ import annotations

import os

import pytest

from make_log import write
from stages import Input, stages

ROWS = int(os.environ.get("ABTRADE_BENCH_ROWS", "200000"))
NAMES = ["decode", "read", "core: order table", "core: cells", "core: attributes",
         "core: wide scopes", "core: 3 rules", "core: 40 rules", "rules", "scan"]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("log")
    write(folder / "day.parquet", ROWS, bare=True)
    return {stage.name: stage for stage in stages(Input(folder / "day.parquet"), folder)}


@pytest.mark.parametrize("name", NAMES)
def test_stage(benchmark, made, name):
    stage = made[name]
    found = benchmark.pedantic(
        stage.work, setup=lambda: ((stage.prepare(),), {}), rounds=5, warmup_rounds=1
    )
    stage.check(found)


def test_every_stage_is_timed(made):
    assert sorted(made) == sorted(NAMES)
