"""Every side of the comparison counts what the log's maker says it holds."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import pyarrow.parquet as pq
import pytest

import abtrade
from answer import YELLOW, AnswersDifferError, check_equal
from make_log import DAY, links_of, make, read_truth, truth, write

ROWS = 60_000
COUNTING = ("abtrade", "duckdb", "polars", "pandas")


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    for form in ("bare", "full"):
        plain = folder / f"{form}.parquet"
        write(plain, ROWS, bare=form == "bare")
        abtrade.convert(plain, folder / f"{form}.converted.parquet")
        abtrade.convert(plain, folder / f"{form}.arrow")
    return folder


def side_of(name):
    if name != "abtrade":
        pytest.importorskip(name, reason=f"{name} is not installed: pip install '.[bench]'")
    return import_module(f"sides.{name}_side")


def threads_of(name):
    return import_module("polars").thread_pool_size() if name == "polars" else 1


@pytest.mark.parametrize("file", [".parquet", ".converted.parquet", ".arrow"])
@pytest.mark.parametrize("form", ["bare", "full"])
@pytest.mark.parametrize("name", COUNTING)
def test_a_side_finds_what_the_maker_says(logs, name, form, file):
    side = side_of(name)
    plain = logs / f"{form}.parquet"
    expected = read_truth(plain).answer
    found = side.count(logs / f"{form}{file}", links_of(plain), form, threads_of(name))
    check_equal(expected, {name: found})


def test_a_log_has_offenders_of_each_count():
    counts = {offender[0] for offender in truth(make(500_000)).answer.offenders}
    assert counts == set(YELLOW)


@pytest.mark.parametrize("file", [".parquet", ".arrow"])
def test_decoding_alone_counts_nothing(logs, file):
    side = import_module("sides.decode_side")
    assert side.count(logs / f"bare{file}", links_of(logs / "bare.parquet"), "bare", 1) is None


@pytest.mark.parametrize("form", ["bare", "full"])
def test_decoding_alone_takes_the_columns_that_a_scan_reads(logs, form):
    log = logs / f"{form}.parquet"
    read = abtrade.scan(log, rules=["shfe"], day=DAY).certificate["columns"]
    assert sorted(read) == sorted(pq.read_schema(log).names)


@pytest.mark.parametrize(
    "wrong",
    [
        {"cancels": 1},
        {"large_cancels": 1},
        {"self_trades": 1},
        {"offenders": (("cancels", "G1", "ax25010", 500),)},
    ],
)
def test_one_difference_is_told(wrong):
    expected = truth(make(20_000)).answer
    check_equal(expected, {"this": expected})
    with pytest.raises(AnswersDifferError, match=f"that: {next(iter(wrong))}"):
        check_equal(expected, {"this": expected, "that": replace(expected, **wrong)})


def test_a_log_is_about_as_long_as_asked_and_the_same_again():
    one, other = make(200_000), make(200_000)
    assert abs(len(one) - 200_000) < 2_000
    assert (one.ts == other.ts).all()
    assert (one.order == other.order).all()
    assert (one.ts[1:] >= one.ts[:-1]).all()
