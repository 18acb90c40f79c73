"""``abtrade replay``: alerts in order with the market then, and errors that say what is wrong."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import replayed_day
from typer.testing import CliRunner

import abtrade
from abtrade.cli import app
from abtrade.sinks.replayed import paced


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["replay", *words], prog_name="abtrade")


@pytest.fixture(name="day", scope="module")
def write_day(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return replayed_day.files(tmp_path_factory.mktemp("day"))


@pytest.fixture(name="output", scope="module")
def scan_day(tmp_path_factory: pytest.TempPathFactory, day: list[str]) -> Path:
    out = tmp_path_factory.mktemp("scanned") / "out"
    done = CliRunner().invoke(app, ["scan", *day, "--out", str(out), "-q"])
    assert done.exit_code == 0, done.output
    return out


def records(*words: str) -> list[dict[str, Any]]:
    done = run(*words, "--jsonl")
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_alerts_come_with_the_market_then(day: list[str]) -> None:
    first, second, *_ = records(*day)
    assert (first["subject"], first["count"], first["row"]) == ("G1", 1, 7)
    assert first["bid"] == {"price": "70000", "lots": 2, "orders": 1}
    assert first["ask"] == {"price": "70020", "lots": 4, "orders": 1}
    assert first["last"] == "70000"
    assert [(o["order_id"], o["lots"], o["level"]) for o in first["own"]["orders"]] == [
        ("2", 2, 1), ("3", 2, 2),
    ]  # fmt: skip
    assert (second["count"], second["at"]) == (2, "2025-01-06T09:00:08.000000000+08:00")
    assert (second["bid"], second["own"]["bid_lots"]) == (None, 0)


def test_an_output_tells_the_log_and_its_options(day: list[str], output: Path) -> None:
    assert records(str(output)) == records(*day)


def test_an_alert_opens_at_its_event_for_its_subject(output: Path) -> None:
    every = records(str(output))
    told = records(str(output), "--alert", every[1]["alert_id"][:8])
    assert told == [each for each in every[1:] if each["subject"] == every[1]["subject"]]


def test_times_bound_what_is_told_and_the_last_line_tells_where_it_stops(output: Path) -> None:
    assert [each["row"] for each in records(str(output), "--to", "09:00:07")] == [7]
    found = records(str(output), "--from", "09:00:07", "--until", "09:00:08.5", "--subject", "G1")
    assert [each.get("row") for each in found] == [9, None]
    assert found[-1]["moment"]["row"] == 9
    assert found[-1]["moment"]["own"]["standings"][0]["count"] == 2


def test_a_time_before_all_rows_is_said_to_be(output: Path) -> None:
    lines = run(str(output), "--until", "08:00", "--lang", "en").stdout.splitlines()
    assert lines[0].startswith("before the first row  SHFE.cu2501  row 0 of 10")


def test_plain_lines_in_both_languages(output: Path) -> None:
    english = run(str(output), "--to", "09:00:07", "--lang", "en").stdout.splitlines()
    assert english[0].startswith("2025-01-06 09:00:06.000  SHFE.cu2501  red  Group G1")
    assert english[1:5] == [
        "    bid 70000 x 2, ask 70020 x 4, last 70000",
        "    own lots: 4 on the bid, 0 on the ask",
        "      buy 2 @ 70000, 0 lots before it",
        "      buy 2 @ 69990, 0 lots before it",
    ]
    chinese = run(str(output), "--to", "09:00:07", "--lang", "zh").stdout.splitlines()
    assert "买一 70000 x 2，卖一 70020 x 4，最新 70000" in chinese[1]
    assert len(chinese) == len(english) == 6


def test_nothing_to_tell_is_said(output: Path) -> None:
    assert run(str(output), "--to", "09:00:01", "--lang", "en").stdout == "no alert here\n"


@pytest.mark.parametrize(("words", "said"), [
    (("--contract", "cu2502"), "cu2502: the day has none of that name"),
    (("--subject", "A"), "is judged as group:G1"),
    (("--alert", "zz"), "no alert whose id begins so; there are: "),
    (("--from", "2025-01-08T09:00"), "another trading day"),
    (("--from", "10:00", "--to", "09:00"), "--to is before --from"),
    (("--rules", "shfe"), "leave that out, or name the log"),
])  # fmt: skip
def test_errors_say_what_is_wrong(output: Path, words: tuple[str, ...], said: str) -> None:
    done = run(str(output), *words)
    assert done.exit_code == 1
    assert said in done.stderr


@pytest.mark.parametrize("words", [
    ("--speed", "0"), ("--speed", "fast"), ("--plain", "--jsonl"), ("--close-links", "3"),
])  # fmt: skip
def test_wrong_usage(output: Path, words: tuple[str, ...]) -> None:
    assert run(str(output), *words).exit_code == 2


def test_a_picture_replaces_nothing_that_is_replayed(day: list[str], output: Path) -> None:
    """A log may be called whatever it likes; no picture goes into a scan's folder."""
    folder = Path(day[0]).parent
    log = folder / "log.svg"
    log.write_bytes(b"a log")
    said = "is another file of this run"
    for words in ([str(log)], [str(folder)], [str(folder / "*.svg")], [*day, "--links", str(log)]):
        done = run(*words, "--shot", str(log), "--force")
        assert (done.exit_code, said in done.stderr) == (1, True), words
    done = run(str(output), "--shot", str(output / "at.svg"))
    assert (done.exit_code, "is in the output of a scan" in done.stderr) == (1, True)
    assert log.read_bytes() == b"a log"
    log.unlink()
    assert not (output / "at.svg").exists()


def test_a_picture_replaces_no_log_that_the_scan_read(day: list[str], tmp_path: Path) -> None:
    words = replayed_day.files(tmp_path / "day")
    log, out = tmp_path / "day.svg", tmp_path / "out"
    Path(words[0]).rename(tmp_path / "day" / "log.parquet")
    log.symlink_to(tmp_path / "day" / "log.parquet")
    words[0] = str(tmp_path / "day" / "log.parquet")
    assert CliRunner().invoke(app, ["scan", *words, "--out", str(out), "-q"]).exit_code == 0
    before = Path(words[0]).read_bytes()
    done = run(str(out), "--shot", str(log), "--force")
    assert (done.exit_code, "is another file of this run" in done.stderr) == (1, True)
    assert Path(words[0]).read_bytes() == before


@pytest.mark.parametrize("name", ["at.png", "at.parquet", "at"])
def test_a_picture_is_called_one(day: list[str], tmp_path: Path, name: str) -> None:
    done = run(*day, "--shot", str(tmp_path / name))
    assert (done.exit_code, "expected a name that ends with .svg" in done.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_a_log_that_has_changed_is_refused(day: list[str], tmp_path: Path) -> None:
    words = replayed_day.files(tmp_path / "log")
    out = tmp_path / "out"
    assert CliRunner().invoke(app, ["scan", *words, "--out", str(out), "-q"]).exit_code == 0
    pq.write_table(replayed_day.log().slice(0, 5), words[0])
    done = run(str(out))
    assert done.exit_code == 1
    assert "has changed since the scan" in done.stderr


@pytest.mark.parametrize("column", ["price", "side"])
def test_a_log_without_a_book_says_so(tmp_path: Path, column: str) -> None:
    words = replayed_day.files(tmp_path)
    pq.write_table(replayed_day.log().drop_columns([column]), words[0])
    told = records(*words, "--until", "09:00:05", "--subject", "G1")[-1]["moment"]
    own = told["own"]
    assert (told["book"], told["bid"], told["ask"]) == ("none", None, None)
    assert (own["bid_lots"], own["ask_lots"], own["orders"]) == (None, None, None)
    lines = run(*words, "--until", "09:00:05", "--subject", "G1", "--lang", "en").stdout
    assert "the log tells of no book" in lines
    assert "own lots" not in lines


def test_a_log_may_be_elsewhere_by_now(tmp_path: Path) -> None:
    words = replayed_day.files(tmp_path / "log")
    out, now = tmp_path / "out", tmp_path / "moved.parquet"
    assert CliRunner().invoke(app, ["scan", *words, "--out", str(out), "-q"]).exit_code == 0
    before = records(str(out))
    Path(words[0]).rename(now)
    assert run(str(out)).exit_code == 1
    assert records(str(out), "--log", str(now)) == before
    assert "name the output" in run(str(now), *words[1:], "--log", str(now)).stderr
    pq.write_table(replayed_day.log().slice(0, 5), now)
    assert "has changed since the scan" in run(str(out), "--log", str(now)).stderr


def test_tables_that_have_changed_are_refused(tmp_path: Path) -> None:
    """Other links, other alerts: whom they judge is not what the scan said."""
    words = replayed_day.files(tmp_path / "log")
    out = tmp_path / "out"
    assert CliRunner().invoke(app, ["scan", *words, "--out", str(out), "-q"]).exit_code == 0
    lines = (out / "alerts.jsonl").read_text().splitlines(keepends=True)
    (out / "alerts.jsonl").write_text("".join(lines[1:]))
    done = run(str(out))
    dropped = json.loads(lines[0])["alert_id"]
    assert (done.exit_code, f"these differ: {dropped}" in done.stderr) == (1, True)
    other = json.loads(lines[0]) | {"count": 77}
    (out / "alerts.jsonl").write_text("".join([json.dumps(other) + "\n", *lines[1:]]))
    assert f"these differ: {dropped}" in run(str(out)).stderr
    (out / "alerts.jsonl").write_text("".join(lines))
    links = Path(words[words.index("--links") + 1])
    pq.write_table(replayed_day.linked("G2"), links)
    done = run(str(out))
    assert (done.exit_code, "links.parquet: the file has changed" in done.stderr) == (1, True)
    links.unlink()
    assert "links.parquet: the file has gone since the scan" in run(str(out)).stderr


def test_names_come_out_harmless(tmp_path: Path) -> None:
    words = replayed_day.files(tmp_path, group="G\x1b[31m")
    lines = run(*words, "--plain").stdout
    assert "\x1b" not in lines
    assert r"G\x1b[31m" in lines


def test_nothing_is_left_on_the_disk(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with abtrade.replay(output):
        assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_full_disk_is_named(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: Any) -> Any:
        return Path("/dev/full").open("wb+", buffering=0)

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    done = run(str(output))
    assert done.exit_code == 1
    assert f"{tmp_path}: No space left on device" in done.stderr


def test_the_pace_is_that_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    now, waited = [100.0], list[float]()

    def sleep(seconds: float) -> None:
        waited.append(round(seconds, 3))
        now[0] += seconds

    monkeypatch.setattr("time.sleep", sleep)
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    at = "2025-01-06T09:00:{:02}.000000000+08:00"
    told = [{"at": at.format(second)} for second in (1, 31, 31, 59)]
    assert list(paced(told, 10.0)) == told
    assert waited == [0.0, 3.0, 0.0, 2.8]
