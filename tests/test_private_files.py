"""Whatever a verb writes, its owner alone may read: at the end and on the way there."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from abtrade.cli import app
from abtrade.convert_place import place_for
from abtrade.sinks.file import whole_file
from abtrade.sinks.folder import whole_folder
from abtrade.synth import synth
from test_desk_file import RULE


@pytest.fixture(params=[0o000, 0o022], ids=["umask 000", "umask 022"])
def here(request: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o755)
    before = os.umask(request.param)
    yield tmp_path
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def open_to_others(folder: Path, known: set[Path]) -> dict[str, str]:
    """Return the new files and folders below that anybody but the owner may do anything with."""
    new = [path for path in folder.rglob("*") if path not in known]
    assert new
    return {str(path.relative_to(folder)): oct(mode(path)) for path in new if mode(path) & 0o077}


def write_few_rows(folder: Path) -> None:
    """Write a log with two cancels, and a rule that two of them are red by."""
    times = (f"{n},2025-03-03 09:00:0{n},SHFE,cu2505" for n in range(4))
    events = ("new,1", "cancel,1", "new,2", "cancel,2")
    rows = (f"{at},{event},A,buy,1,70000" for at, event in zip(times, events, strict=True))
    header = "seq,ts,exchange,contract,action,order_id,account,side,lots,price"
    (folder / "few.csv").write_text("\n".join((header, *rows)))
    (folder / "few.yaml").write_text(RULE.format(name="two", at=2))


def run(folder: Path, command: str) -> None:
    known = set(folder.rglob("*"))
    done = CliRunner().invoke(app, shlex.split(command), prog_name="abtrade")
    assert done.exit_code == 0, done.output
    assert open_to_others(folder, known) == {}, command


def test_every_verb_writes_for_its_owner_alone(here: Path) -> None:
    write_few_rows(here)
    log = "few.csv --rules few.yaml"
    run(here, f"scan {log} --out deep/er/out --save-state state --format csv --to alerts.csv")
    run(here, f"scan {log} --out deep/er/out --force --format xlsx --to alerts.xlsx")
    found = CliRunner().invoke(app, shlex.split(f"scan {log} --format jsonl")).stdout
    alert = found.split('"')[3]
    run(here, f"explain deep/er/out {alert} --export events.parquet --format json --to a.json")
    run(here, f"explain deep/er/out {alert} --export events.csv --format xlsx --to events.xlsx")
    for out in ("day.parquet", "day.arrow", "day.csv", "day.csv.gz"):
        run(here, f"convert few.csv {out}")
    run(here, "convert --sort --memory 16 day.csv sorted.parquet")


def test_a_demo_is_its_owners_alone(here: Path) -> None:
    run(here, "demo --out demo")


@pytest.mark.parametrize("log", ["day.parquet", "day.csv"])
def test_a_made_day_is_its_owners_alone(here: Path, log: str) -> None:
    known = set(here.rglob("*"))
    synth("made/day", rows=10_000, log=log, split=True, offences="none")
    assert open_to_others(here, known) == {}


def test_a_file_that_is_replaced_is_closed_to_others(here: Path) -> None:
    write_few_rows(here)
    (here / "day.csv").write_text("old")
    (here / "day.csv").chmod(0o666)
    done = CliRunner().invoke(app, shlex.split("convert --force few.csv day.csv"))
    assert (done.exit_code, mode(here / "day.csv")) == (0, 0o600)


def test_nobody_else_may_look_while_it_is_written(here: Path) -> None:
    with whole_folder(here / "new" / "out") as folder:
        (folder / "names.csv").write_text("secret")
        assert [mode(folder), mode(here / "new")] == [0o700, 0o700]
    with whole_file(here / "state") as file:
        assert mode(Path(file.name)) == 0o600
    with place_for(here / "day.csv") as place:
        place.write_text("secret")
        assert mode(place.parent) == 0o700


def test_a_folder_that_was_there_keeps_its_mode(here: Path) -> None:
    (here / "shared").mkdir(mode=0o755)
    (here / "shared").chmod(0o755)
    with whole_folder(here / "shared" / "out"):
        pass
    assert mode(here / "shared") == 0o755
