from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_alerts import HOSTILE, lone_alert, made_alert

from abtrade import outputs
from abtrade.errors import OutputError
from abtrade.sinks.folder import check_out, whole_folder, write_folder

RUN = {"run.json": {"rows": 1}}


def write(out: Path, *, force: bool = False, table: pa.Table | None = None) -> None:
    alerts = [made_alert(), *(lone_alert(name) for name in HOSTILE)]
    write_folder(
        out,
        {"alerts": lambda: outputs.alerts_table(alerts) if table is None else table},
        {"certificate.json": {"verdict": "complete", "names": list(HOSTILE)}, **RUN},
        {"alerts.jsonl": (outputs.alert_record(alert) for alert in alerts)},
        force=force,
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_all_is_there_and_reads_back(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    write(out)
    assert names(out) == ["alerts.jsonl", "alerts.parquet", "certificate.json", "run.json"]
    table = pq.read_table(out / "alerts.parquet")
    assert table.schema.equals(outputs.ALERTS)
    lines = (out / "alerts.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["alert_id"] for line in lines][1:]
    assert len(lines) == table.num_rows == 1 + len(HOSTILE)
    assert json.loads((out / "certificate.json").read_text("utf-8"))["names"] == list(HOSTILE)
    assert names(out.parent) == ["out"]


def test_only_the_user_may_read(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write(tmp_path / "out")
    finally:
        os.umask(before)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}


def test_same_tables_are_the_same_bytes(tmp_path: Path) -> None:
    whole = outputs.alerts_table([lone_alert(f"{i:04}") for i in range(50)])
    pieces = pa.concat_tables([whole.slice(0, 7), whole.slice(7)])
    write(tmp_path / "one", table=whole)
    time.sleep(0.01)
    write(tmp_path / "two", table=pieces)
    for name in names(tmp_path / "one"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


# --- a folder that exists ------------------------------------------------------------------------


def test_a_folder_that_exists_is_not_touched(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for attempt in (lambda: check_out(out), lambda: write(out)):
        with pytest.raises(OutputError, match="exists already; name another folder, or replace"):
            attempt()
    assert names(tmp_path) == ["out"]
    assert names(out) == []


def test_force_replaces_an_output_and_nothing_of_the_old_is_left(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(out)
    (out / "links.parquet").write_text("old")
    check_out(out, force=True)
    write(out, force=True)
    assert "links.parquet" not in names(out)
    assert names(tmp_path) == ["out"]


def test_force_makes_do_with_an_empty_folder_or_none(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "empty", force=True)
    write(tmp_path / "new", force=True)
    assert names(tmp_path / "empty") == names(tmp_path / "new")


def test_force_does_not_replace_what_is_no_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, file, link, real = (tmp_path / name for name in ("home", "file", "link", "real"))
    home.mkdir()
    (home / "thesis.txt").write_text("mine")
    file.write_text("mine")
    write(real)
    link.symlink_to(real)
    for out, why in ((home, "has no run.json"), (file, "is no folder"), (link, "is no folder")):
        with pytest.raises(OutputError, match=why):
            write(out, force=True)
    (real / "inside").mkdir()
    monkeypatch.chdir(real / "inside")
    for out in (real, Path(), Path("..")):
        with pytest.raises(OutputError, match=r"holds the working directory|has no run"):
            write(out, force=True)
    assert file.read_text() == (home / "thesis.txt").read_text() == "mine"
    assert "alerts.parquet" in names(real)


def test_a_place_that_cannot_be_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file is no folder"):
        check_out(tmp_path / "file" / "out")
    check_out(tmp_path / "new" / "out")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_place_one_may_not_write_in_is_told_before_the_work(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="may not write in"):
        check_out(tmp_path / "out")


def test_a_name_with_control_characters_does_no_harm(tmp_path: Path) -> None:
    out = tmp_path / "a\x1b[31m\nb"
    write(out)
    with pytest.raises(OutputError) as error:
        check_out(out)
    assert r"a\x1b[31m\nb: exists already" in str(error.value)
    assert "\x1b" not in str(error.value)


# --- what goes wrong on the way ------------------------------------------------------------------


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    told = "out: cannot be written: File too large"
    with pytest.raises(OutputError, match=told), file_size_limit(2000):
        write(tmp_path / "out")
    assert names(tmp_path) == []


def test_a_full_disk_leaves_the_old_output_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(OutputError), file_size_limit(2000):
        write(out, force=True)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert names(tmp_path) == ["out"]


def test_a_disk_that_fails_on_sync_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError, match="cannot be written: No space left on device"):
        write(tmp_path / "out")
    assert names(tmp_path) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError])
def test_whatever_ends_the_writing_leaves_nothing(tmp_path: Path, error: Any) -> None:
    def lines() -> Iterator[Any]:
        yield {"a": 1}
        raise error

    with pytest.raises(error):
        write_folder(tmp_path / "out", {}, RUN, {"alerts.jsonl": lines()})
    assert names(tmp_path) == []


def test_an_interrupt_between_the_renames_brings_the_old_output_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    write(out)
    rename = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        if self.suffix == ".tmp":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(out, force=True)
    assert "alerts.parquet" in names(out)
    assert names(tmp_path) == ["out"]


def test_a_folder_made_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(OutputError, match="exists since this run began"), whole_folder(out):
        out.mkdir()
    assert names(tmp_path) == ["out"]


def test_a_process_that_is_killed_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from abtrade.sinks.folder import whole_folder\n"
        "with whole_folder(Path(sys.argv[1])) as folder:\n"
        "    (folder / 'run.json').write_text('{}'); print('ready', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    left = names(tmp_path)
    assert len(left) == 1
    assert left[0].startswith(".out.")
