"""One day in every form that a reader knows, sniffed, and scanned by the command that is given."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))
import export_ctp
import export_dbn
import export_fix
import export_tqsdk
import export_vnpy
from lives import Lives, lives_of

import abtrade
from abtrade.cli import app

DAY = date(2025, 2, 18)



class Day(NamedTuple):
    """The made-up day, as exchanges tell it and as brokers do."""

    lives: Lives
    broker: pa.Table


Export = Callable[[Day, Path], Sequence[Path]]


def ctp(day: Day, folder: Path, **form: bool) -> list[Path]:
    dump = export_ctp.dump(export_ctp.sayable(day.broker), DAY)
    encoding = "gbk" if form else "utf-8"
    return [
        export_ctp.write(rows, what, folder / f"{what}.csv", encoding=encoding, **form)
        for what, rows in (("orders", dump.orders), ("trades", dump.trades))
    ]


EXPORTS: dict[str, tuple[str, Export, dict[str, str]]] = {
    "CTP": ("ctp", ctp, {}),
    "CTP, Chinese headers": ("ctp", lambda day, to: ctp(day, to, chinese=True), {}),
    "vnpy": (
        "vnpy",
        lambda day, to: export_vnpy.export(day.lives, to, export_vnpy.VARIANTS["window, gbk"]),
        {"day": "2025-02-18"},
    ),
    "tqsdk": (
        "tqsdk",
        lambda day, to: export_tqsdk.export(
            day.lives, to, sorted({one.row["account"] for one in day.lives.orders}), users=True
        ),
        {},
    ),
    "FIX": ("fix", lambda day, to: [export_fix.export(day.lives.base, to / "day.fix")], {}),
    "Databento": (
        "databento",
        lambda day, to: [export_dbn.export(export_fix.plain(day.lives.base), to / "day.dbn")],
        {"account": "M"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def made_day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    folder = tmp_path_factory.mktemp("day")
    one = abtrade.synth(folder / "one", rows=12_000, offences=5)
    two = abtrade.synth(folder / "two", rows=12_000, offences=5, two_rows=True)
    return Day(lives_of(pq.read_table(one.logs[0])), pq.read_table(two.logs[0]))


@pytest.mark.parametrize("name", EXPORTS)
def test_every_form_is_recognised_and_its_command_runs(
    name: str, made_day: Day, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    kind, export, options = EXPORTS[name]
    paths = export(made_day, tmp_path)
    monkeypatch.chdir(tmp_path)
    found = abtrade.sniff([path.name for path in paths], **options)
    assert found.kind == kind
    assert found.reasons == []
    assert found.day == DAY.isoformat()
    assert found.sample.bad_rows == 0
    assert len(found.sample.events) == 5
    assert all(file.columns or file.form != "csv" for file in found.files)
    ran = CliRunner().invoke(app, shlex.split(found.commands[0])[1:])
    assert ran.exit_code == 0, ran.output
