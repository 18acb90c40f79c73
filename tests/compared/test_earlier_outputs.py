"""Earlier outputs: which are taken, and every way in which one is not fit to be."""

from __future__ import annotations

import json
import shutil
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from statistic_days import DAYS, TODAY, a_day, earlier, scan

from abtrade.comparison.earlier_outputs import find_earlier_outputs
from abtrade.errors import InputError

LOG = {("A", "cu2505"): (2, 1), ("B", "cu2505"): (3,)}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return earlier(tmp_path_factory.mktemp("kept"), dict.fromkeys(DAYS[:3], LOG))


@pytest.fixture
def history(kept, tmp_path):
    return shutil.copytree(kept, tmp_path / "history")


def days_of(history, day=TODAY, days=20):
    found = find_earlier_outputs(history, date.fromisoformat(day), days)
    return [output.day.isoformat() for output in found.outputs], found.notes


def refused(history, **options):
    with pytest.raises(InputError) as error:
        scan(a_day(LOG), history=[history], **options)
    return str(error.value).splitlines()


def edited(folder, **changes):
    path = folder / "run.json"
    run = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(run | changes), "utf-8")


def test_folders_and_folders_of_folders_each_once(history):
    one = history / DAYS[1]
    assert days_of([history])[0] == list(DAYS[:3])
    assert days_of([one])[0] == [DAYS[1]]
    assert days_of([history, one, one / ".." / DAYS[1]])[0] == list(DAYS[:3])


def test_today_and_later_days_are_left_out_and_told(history):
    assert days_of([history], day=DAYS[1]) == (
        [DAYS[0]],
        [
            f"history: 2 outputs are not of a day before {DAYS[1]} and were left out",
            "history: outputs of 1 earlier days were found, 20 were asked for",
        ],
    )


def test_the_latest_days_are_taken_and_older_ones_not_even_checked(history):
    edited(history / DAYS[0], schema_version=0)
    assert days_of([history], days=2) == (list(DAYS[1:3]), [])


def test_what_is_no_output_beside_them_is_passed_over(history):
    (history / "notes").mkdir()
    (history / ".2025-03-06.x.tmp").mkdir()
    (history / "readme.txt").write_text("outputs of the desk")
    assert days_of([history])[0] == list(DAYS[:3])


def test_two_outputs_of_one_day_are_named(history):
    shutil.copytree(history / DAYS[0], history / "again")
    assert refused(history) == [
        f"history: {history / DAYS[0]} and {history / 'again'} are both of {DAYS[0]}, "
        "expected one output a day"
    ]


def test_every_problem_is_told_at_once(history):
    edited(history / DAYS[0], schema_version=7)
    edited(history / DAYS[1], day="yesterday")
    (history / DAYS[2] / "cells.parquet").write_bytes(b"PAR1")
    (history / DAYS[2] / "certificate.json").write_text("[]")
    lines = refused(history)
    assert len(lines) == 4
    assert f"{DAYS[1]}: run.json tells no day (Invalid isoformat string" in lines[0]
    assert f"{DAYS[0]}: is of schema version 7, expected 1; scan that day again" in lines[1]
    assert f"{DAYS[2]}: certificate.json cannot be read (no JSON object)" in lines[2]
    assert f"{DAYS[2]}: cells.parquet cannot be read (" in lines[3]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("run.json", "run.json tells no day (No such file or directory)"),
        ("links.parquet", "links.parquet cannot be read ("),
        ("certificate.json", "certificate.json cannot be read (No such file or directory)"),
    ],
)
def test_a_folder_that_lost_a_file_is_named(history, name, told):
    (history / DAYS[0] / name).unlink()
    [line] = refused(history)
    assert line.startswith(f"history: {history / DAYS[0]}: {told}")


def test_a_table_without_its_columns_is_named(history):
    path = history / DAYS[0] / "contracts.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["product"]), path)
    [line] = refused(history)
    assert line.endswith(f"{DAYS[0]}: contracts.parquet lacks product")


def test_tables_that_do_not_go_together_are_damaged(history):
    path = history / DAYS[0] / "links.parquet"
    pq.write_table(pq.read_table(path).slice(0, 1), path)
    [line] = refused(history)
    assert f"{DAYS[0]}: is damaged, its tables do not go together" in line


def test_a_folder_without_outputs_and_one_that_is_not_there(tmp_path):
    assert refused(tmp_path) == [
        f"history: {tmp_path}: holds no output of a scan, expected some"
    ]
    gone = tmp_path / "gone"
    assert refused(gone) == [f"history: {gone}: cannot be read (No such file or directory)"]


def test_names_and_pseudonyms_do_not_mix(history, tmp_path):
    keys = [tmp_path / name for name in ("one.key", "other.key")]
    for i, key in enumerate(keys):
        key.write_bytes(bytes(range(i, i + 64)))
        key.chmod(0o600)
    lines = refused(history, pseudonymise=keys[0])
    assert all("holds names, and today's log is scanned with pseudonyms" in x for x in lines)
    secret = earlier(tmp_path / "secret", {DAYS[0]: LOG}, pseudonymise=keys[0])
    assert "holds pseudonyms, and today's log is scanned with names" in refused(secret)[0]
    assert "holds pseudonyms of another key" in refused(secret, pseudonymise=keys[1])[0]
    found = scan(a_day(LOG), history=[secret], pseudonymise=keys[0])
    assert {row["order_median"] for row in found.shares.to_pylist()} == {0.4, 0.6}


def test_another_view_of_the_market_is_not_compared_with(history):
    path = history / DAYS[0] / "certificate.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"visibility": "broker"}))
    [line] = refused(history)
    assert line.endswith("shows what 'broker' sees, and today's log what 'exchange' sees")


def test_two_days_are_the_least(history):
    assert refused(history, history_days=1) == ["--history-days: found 1, expected 2 or more"]


def test_an_account_told_twice_is_not_counted_twice(history):
    path = history / DAYS[0] / "links.parquet"
    rows = pq.read_table(path)
    pq.write_table(pa.concat_tables([rows, rows]), path)
    [line] = refused(history)
    assert "is told twice" in line
