"""A quote that is not closed must not swallow rows."""

from __future__ import annotations

from pathlib import Path

import pytest

import abtrade

HEADER = "ts,seq,contract,action,order_id,account,side,price,lots"


def write(folder: Path, accounts: dict[int, str], rows: int = 50) -> Path:
    lines = [
        f"2025-03-03 09:00:00,{n},cu2503,new,{n},{accounts.get(n, 'A')},buy,70000,1"
        for n in range(1, rows + 1)
    ]
    path = folder / "day.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return path


def scan(path: Path) -> object:
    return abtrade.scan(path, rules=["shfe"])


def test_to_the_end_of_the_file(tmp_path):
    with pytest.raises(abtrade.InputError, match=r"day\.csv: row 5: goes over 46 lines"):
        scan(write(tmp_path, {5: '"A'}))


def test_to_the_next_stray_quote(tmp_path):
    with pytest.raises(abtrade.InputError, match=r"day\.csv: row 5: goes over 11 lines"):
        scan(write(tmp_path, {5: '"A', 15: 'A"'}))


def test_after_a_row_of_too_few_fields(tmp_path):
    path = write(tmp_path, {5: '"A', 15: 'A"'})
    path.write_text(path.read_text().replace("09:00:00,2,cu2503,new", "09:00:00,2,cu2503"))
    with pytest.raises(abtrade.InputError, match=r"day\.csv: row 5: goes over 11 lines"):
        scan(path)


def test_a_closed_quote_is_nothing(tmp_path):
    found = scan(write(tmp_path, {5: '"A"', 6: '"B,C"', 7: '"D\nE"'}))
    assert found.certificate["verdict"] == "complete"
    assert set(found.tallies["subject"].to_pylist()) == {"A", "B,C", "D\nE"}
