"""Stop and resume: a day scanned in parts says, byte for byte, what it says in one."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import abtrade
from abtrade.demo_day import make_day

SAME = ("alerts.parquet", "results.parquet", "tallies.parquet", "cells.parquet",
        "self_pairs.parquet", "rejected.parquet", "fees.parquet", "certificate.json",
        "alerts.jsonl")
FEES = pa.table({"exchange": ["SHFE"], "kind": ["future"], "above": [0], "rate": ["0.1"]})


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("day")
    make_day(folder, seed=3)
    return folder


def scan(day: Path, log: object, **options: object) -> object:
    return abtrade.scan(
        log, accounts=day / "accounts.csv", links=day / "links.csv", rules=["shfe"], fees=FEES,
        **options,
    )  # fmt: skip


def halves(day: Path, folder: Path) -> tuple[Path, Path]:
    """Cut the day's log in two, with a row of bad lots in each and a redelivered row between."""
    table = pq.read_table(day / "day.parquet")
    lots = table["lots"].to_pylist()
    lots[100] = lots[-100] = -5
    at = table.schema.get_field_index("lots")
    table = table.set_column(at, "lots", pa.array(lots, table.schema.field("lots").type))
    cut = table.num_rows // 2
    first, second = folder / "first.parquet", folder / "second.parquet"
    pq.write_table(table.slice(0, cut), first)
    pq.write_table(table.slice(cut - 1), second)
    return first, second


def test_a_day_in_two_parts_is_the_day(day, tmp_path):
    first, second = halves(day, tmp_path)
    scan(day, [first, second], out=tmp_path / "whole")
    scan(day, first, save_state=tmp_path / "state")
    scan(day, second, resume=tmp_path / "state", out=tmp_path / "parts")
    for name in SAME:
        whole, parts = (tmp_path / kind / name for kind in ("whole", "parts"))
        assert whole.read_bytes() == parts.read_bytes(), name
    certificate = json.loads((tmp_path / "parts" / "certificate.json").read_text())
    assert certificate["faults"]["redelivered"] == 1
    assert certificate["rejected_rows"] == 2


def test_the_record_names_the_files_of_both_parts(day, tmp_path):
    first, second = halves(day, tmp_path)
    scan(day, first, save_state=tmp_path / "state")
    found = scan(day, second, resume=tmp_path / "state")
    assert [Path(file["path"]).name for file in found.run["inputs"]] == [
        "first.parquet", "second.parquet"
    ]


def test_a_damaged_state_is_refused(day, tmp_path):
    first, second = halves(day, tmp_path)
    scan(day, first, save_state=tmp_path / "state")
    data = bytearray((tmp_path / "state").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "state").write_bytes(data)
    with pytest.raises(abtrade.InputError, match="not a whole abtrade snapshot"):
        scan(day, second, resume=tmp_path / "state")


def test_a_state_of_other_rules_is_refused(day, tmp_path):
    first, second = halves(day, tmp_path)
    scan(day, first, save_state=tmp_path / "state")
    with pytest.raises(abtrade.InputError, match="another plan"):
        abtrade.scan(
            second, accounts=day / "accounts.csv", links=day / "links.csv",
            rules=["shfe"], keep_attributes=True, resume=tmp_path / "state",
        )


@pytest.mark.parametrize("saved", [False, True])
def test_a_state_with_books_and_one_without_are_not_each_other(day, tmp_path, saved):
    first, second = halves(day, tmp_path)
    scan(day, first, save_state=tmp_path / "state", book=saved)
    with pytest.raises(abtrade.InputError, match=r"another plan.*with other of --book, "):
        scan(day, second, resume=tmp_path / "state", book=not saved)


def test_a_state_under_other_links_is_refused(day, tmp_path):
    first, second = halves(day, tmp_path)
    scan(day, first, save_state=tmp_path / "state")
    with pytest.raises(abtrade.InputError, match="other accounts, links, market makers"):
        abtrade.scan(second, rules=["shfe"], resume=tmp_path / "state")


def test_the_reference_has_no_state_to_save(day, tmp_path):
    first, _ = halves(day, tmp_path)
    with pytest.raises(abtrade.InputError, match="only the compiled core"):
        scan(day, first, engine="reference", save_state=tmp_path / "state")
