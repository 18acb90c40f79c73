"""What a foreign log shows of the market stays with it through a conversion."""

from __future__ import annotations

from pathlib import Path

import export_vnpy
import pyarrow.parquet as pq
import pytest
from lives import lives_of
from typer.testing import CliRunner

import abtrade
from abtrade.cli import app
from abtrade.convert import convert

DAY = "2025-02-18"


@pytest.fixture(scope="module")
def last_states(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A day as vnpy's window saves it: a row an order, as it stood in the end."""
    folder = tmp_path_factory.mktemp("vnpy")
    made = abtrade.synth(folder / "made", rows=12_000, offences=5)
    day = lives_of(pq.read_table(made.logs[0]))
    return list(export_vnpy.export(day, folder, export_vnpy.VARIANTS["dump"]))


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_converted_last_states_tell_no_tipping_times(
    last_states: list[Path], tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"day.{ending}"
    convert(last_states, out, source="vnpy", sort=True)
    direct, converted = (abtrade.scan(log, rules=["shfe"]) for log in (last_states, out))
    for name in ("alerts", "results", "tallies"):
        assert getattr(direct, name).equals(getattr(converted, name)), name
    for key in ("visibility", "one_broker", "visibility_note"):
        assert direct.certificate[key] == converted.certificate[key], key
    assert direct.certificate["visibility"] == "final-state"
    assert set(converted.alerts["red_ts"].to_pylist()) <= {None}


def test_that_csv_has_no_place_for_it_is_said(last_states: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "day.csv"
    words = ["convert", *map(str, last_states), str(out), "--source", "vnpy", "--sort"]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0, told.stderr
    assert "CSV has no place to say what the log shows (visibility: final-state" in told.stderr
