"""The same seed gives the same bytes, and what cannot be is told in words."""

from __future__ import annotations

import json
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_days import made

from abtrade.errors import InputError, OutputError
from abtrade.synthetic.forms import OPTIONAL
from abtrade.synthetic.options import MOST_ACCOUNTS, MOST_ROWS, Options, filled_in


def contents(folder) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*") if path.is_file()}  # fmt: skip


@pytest.mark.parametrize("form", [{}, {"bare": True, "two_rows": True, "log": "day.arrow"}])
def test_a_seed_makes_the_same_bytes_and_another_seed_others(tmp_path, form):
    first = contents(made(tmp_path / "first", seed=4, **form).folder)
    assert contents(made(tmp_path / "again", seed=4, **form).folder) == first
    other = contents(made(tmp_path / "other", seed=5, **form).folder)
    log = form.get("log", "day.parquet")
    assert other[log] != first[log]
    assert other["truth.csv"] != first["truth.csv"]


def test_a_split_day_has_the_rows_of_a_whole_one(tmp_path):
    whole = pq.read_table(made(tmp_path / "whole", seed=4).logs[0])
    night, day = (pq.read_table(path) for path in made(tmp_path / "split", seed=4, split=True).logs)
    assert night.num_rows > 0 and day.num_rows > 0
    assert pa.concat_tables([night, day]).equals(whole)


def test_forms_tell_the_same_day(tmp_path):
    full = pq.read_table(made(tmp_path / "full", seed=4).logs[0])
    bare = pq.read_table(made(tmp_path / "bare", seed=4, bare=True).logs[0])
    assert set(full.column_names) - set(bare.column_names) == {"contra_account"}
    for name in set(bare.column_names) - {"account", "side", "lots"}:
        assert full[name].equals(bare[name]), name
    assert full["account"].null_count == 0
    action = bare["action"].cast(pa.string()).to_pylist()
    for name in ("account", "side", "lots"):
        told = {what for what, cell in zip(action, bare[name].to_pylist(), strict=True)
                if cell is not None}  # fmt: skip
        new = {"new", "reject"} | ({"rfq"} if name == "account" else set())
        assert told == (set(action) - {"cancel", "rfq"} if name == "lots" else new & set(action))


@pytest.mark.parametrize("name", OPTIONAL)
def test_a_column_can_be_left_out(tmp_path, name):
    day = made(tmp_path / "day", rows=20_000, offences=2, without=(name,))
    assert name not in pq.read_schema(day.logs[0]).names


@pytest.mark.parametrize("rows", [20_000, 300_000])
def test_the_log_is_about_as_long_as_asked(tmp_path, rows):
    day = made(tmp_path / "day", rows=rows, offences=3)
    held = pq.read_metadata(day.logs[0]).num_rows
    assert held == day.manifest["rows"]["all"]
    assert held == pytest.approx(rows, rel=0.1 if rows < 100_000 else 0.02)


def test_the_manifest_tells_the_options(tmp_path):
    day = made(tmp_path / "day", seed=9, density=2.0, without=["price"])
    manifest = json.loads((day.folder / "manifest.json").read_text())
    assert manifest["options"]["seed"] == 9
    assert manifest["options"]["density"] == 2.0
    assert manifest["options"]["without"] == ["price"]
    assert manifest["stories"] == 40


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rows": 0}, "rows: found 0, expected a positive number"),
        ({"rows": 30_000, "offences": "all"}, r"rows: found 30000, expected \d+ or more for"),
        ({"exchanges": ["NYSE"]}, "exchanges: found NYSE, expected some of SHFE"),
        ({"exchanges": ["SHFE", "SHFE"]}, "each once"),
        ({"contracts": 7}, "found 7 contracts, expected 30 or more"),
        ({"contracts": 5000}, r"found 5000 contracts, expected \d+ or fewer on 2025-02-18"),
        ({"accounts": 10, "groups": 20}, "found 20 groups of 10 accounts"),
        ({"rows": 500_000, "accounts": 60}, r"accounts: found 60, expected about \d+ or more"),
        ({"rows": 500_000, "accounts": 1}, r"accounts: found 1, expected about \d+ or more, so"),
        ({"rows": 500_000, "groups": 1}, r"groups: found 1, expected about \d+ or more, so"),
        ({"rows": 200_000, "accounts": 5_000_000}, "found 5000000, expected at most 200000"),
        ({"rows": 10**8, "accounts": 5_000_000}, "found 5000000, expected at most 2000000"),
        ({"rows": 10**12}, "rows: found 1000000000000, expected at most 1000000000"),
        ({"density": 0}, "density: found 0, expected a number from 0.01 to 1000"),
        ({"density": 1e-6}, "density: found 1e-06, expected a number from 0.01 to 1000"),
        ({"density": float("nan")}, "density: found nan, expected a number from 0.01 to 1000"),
        ({"offences": 9999}, r"offences: found 9999, expected .* a number up to \d+"),
        ({"offences": -1}, r"offences: found -1, expected .* a number up to \d+"),
        ({"log": ".parquet"}, "expected the name of a file"),
        ({"rows": 1000, "offences": 0}, "expected 5000 or more for 0 stories$"),
        ({"rows": 1000, "offences": 1}, "or more for 1 story; or fewer offences$"),
        ({"rows": "10M"}, "rows: found '10M', expected a whole number"),
        ({"seed": None}, "seed: found None, expected a whole number"),
        ({"density": "2"}, "density: found '2', expected a number"),
        ({"bare": "no"}, "bare: found 'no', expected True or False"),
        ({"offences": None}, "offences: found None, expected all, none or a number"),
        ({"exchanges": None}, "exchanges: found None, expected a text, or several"),
        ({"exchanges": "NYSE"}, "exchanges: found NYSE, expected some of SHFE"),
        ({"without": ["tif", 5]}, r"without: found \['tif', 5\], expected a text, or several"),
        ({"offences": "some"}, "offences: found 'some', expected all, none or a number"),
        ({"log": "day.xls"}, "the name does not tell the format"),
        ({"log": "../day.parquet"}, "expected the name of a file"),
        ({"log": "truth.csv"}, "expected the name of a file"),
        ({"without": ["seq"]}, "without: found 'seq', expected some of exchange"),
        ({"day": "2025-02-22"}, "day: found 2025-02-22, expected a trading day"),
        ({"day": "2025-10-06"}, "day: found 2025-10-06, expected a trading day"),
        ({"day": "yesterday"}, "day: found 'yesterday', expected one such as"),
    ],
)
def test_options_that_cannot_be_are_told(tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        made(tmp_path / "day", **options)
    assert list(tmp_path.iterdir()) == []


def test_a_text_stands_for_itself_where_several_can_be_given(tmp_path):
    day = made(tmp_path / "day", rows=20_000, offences=1, exchanges="SHFE", without="tif")
    assert day.manifest["options"]["exchanges"] == ("SHFE",)
    assert day.manifest["options"]["without"] == ("tif",)


def test_the_accounts_of_a_sparse_day_are_bounded():
    given = Options(rows=150_000, seed=1, day="2025-02-18", exchanges=("SHFE",), contracts=0,
                    accounts=0, groups=0, density=0.01, offences="all", log="day.parquet",
                    bare=False, two_rows=False, split=False, without=())  # fmt: skip
    assert filled_in(given).accounts == 30_000
    assert filled_in(replace(given, rows=MOST_ROWS)).accounts == MOST_ACCOUNTS


def test_all_problems_are_told_at_once(tmp_path):
    with pytest.raises(InputError) as raised:
        made(tmp_path / "day", rows=0, density=-1, without=["x"])
    assert len(str(raised.value).splitlines()) == 3


def test_a_folder_is_replaced_only_with_force_and_only_a_made_day(tmp_path):
    made(tmp_path / "day", rows=20_000, offences=1, log="old.parquet")
    with pytest.raises(OutputError, match="exists already"):
        made(tmp_path / "day", rows=20_000, offences=1)
    day = made(tmp_path / "day", rows=20_000, offences=1, force=True)
    assert [path.name for path in day.logs] == ["day.parquet"]
    assert not (day.folder / "old.parquet").exists()
    (day.folder / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"holds mine\.txt, which synth does not write"):
        made(tmp_path / "day", rows=20_000, offences=1, force=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="is no output of synth"):
        made(tmp_path / "other", force=True)
    assert (tmp_path / "other" / "mine.txt").read_text() == "mine"
