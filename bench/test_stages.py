"""Stages of a scan under pytest-benchmark, each with its answer checked.

    pytest bench --benchmark-enable
"""

from __future__ import annotations

import datetime

import numpy as np
import pytest

import abtrade
from abtrade.market.contracts import load_contracts
from abtrade.names import Names
from abtrade.readers.log import open_log
from make_log import CANCEL, NEW, TRADE, make, write, write_links

ROWS = 200_000


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    folder = tmp_path_factory.mktemp("log")
    write(folder / "day.parquet", ROWS, bare=True)
    write_links(folder / "links.csv")
    return folder


@pytest.fixture(scope="module")
def kinds():
    return np.bincount(make(ROWS)["kind"], minlength=3)


def test_decode_and_check(benchmark, log, kinds):
    day = datetime.date(2010, 11, 8)
    contracts = load_contracts(None, day)

    def read():
        opened = open_log(log / "day.parquet", day=day)
        return sum(len(b) for b in opened.batches(Names(), contracts, opened.columns, {}))

    assert benchmark(read) == kinds.sum()


def test_scan(benchmark, log, kinds):
    def scan():
        return abtrade.scan(log / "day.parquet", links=log / "links.csv", rules=["shfe"],
                            day="2010-11-08", threads=1)

    found = benchmark(scan)
    assert found.certificate["verdict"] == "complete"
    tallies = found.tallies
    assert sum(tallies["orders"].to_pylist()) == kinds[NEW]
    assert sum(tallies["cancels"].to_pylist()) == kinds[CANCEL]
    assert kinds[TRADE] > 0
