"""A day exported as trading programs do, and read back, has the counts of the log it came from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import export_tqsdk
import export_vnpy
import pyarrow.parquet as pq
import pytest
from lives import Lives, lives_of

import abtrade
from abtrade.scan import ScanResult

DAY = "2025-02-18"


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Lives:
    """A day of all six exchanges, night sessions and planted offences in it."""
    made = abtrade.synth(tmp_path_factory.mktemp("day") / "made", rows=30_000, offences=40)
    return lives_of(pq.read_table(made.logs[0]))


@pytest.fixture(scope="module")
def told(lives: Lives) -> list[dict[str, Any]]:
    return tallies(scanned(lives.base, day=DAY))


def scanned(log: Any, **options: Any) -> ScanResult:
    return abtrade.scan(log, rules=["shfe@2010-11-05"], **options)


def tallies(result: ScanResult) -> list[dict[str, Any]]:
    rows = result.tallies.to_pylist()
    return sorted(rows, key=lambda row: (row["exchange"], row["contract"], row["subject"]))


@pytest.mark.parametrize("name", export_vnpy.VARIANTS)
def test_vnpy(lives: Lives, told: list[dict[str, Any]], tmp_path: Path, name: str) -> None:
    variant = export_vnpy.VARIANTS[name]
    paths = export_vnpy.export(lives, tmp_path, variant)
    result = scanned(paths, day=DAY if variant.window else None)
    assert (result.run["day"], result.certificate["verdict"]) == (DAY, "complete")
    assert tallies(result) == told


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_tqsdk_with_users(
    lives: Lives, told: list[dict[str, Any]], tmp_path: Path, ending: str
) -> None:
    users = sorted({life.row["account"] for life in lives.orders})
    paths = export_tqsdk.export(lives, tmp_path, users, users=True, ending=ending)
    result = scanned(paths)
    assert (result.run["day"], result.certificate["verdict"]) == (DAY, "complete")
    assert tallies(result) == told


@pytest.mark.parametrize("prefix", [False, True])
def test_tqsdk_of_one_account(
    lives: Lives, told: list[dict[str, Any]], tmp_path: Path, prefix: bool
) -> None:
    account = busiest(lives)
    paths = export_tqsdk.export(lives, tmp_path, [account], prefix=prefix)
    result = scanned(paths, account=account)
    assert set(result.certificate["faults"]) <= {"one_sided_trade"}  # the other side is not there
    assert tallies(result) == of_account(told, account)


def busiest(lives: Lives) -> str:
    """Return the account with most trades."""
    accounts: Sequence[str] = [side.life.row["account"] for side in lives.sides]
    return max(sorted(set(accounts)), key=accounts.count)


def of_account(told: list[dict[str, Any]], account: str) -> list[dict[str, Any]]:
    rows = [row for row in told if row["subject"] == account[4:]]
    assert rows
    return rows
