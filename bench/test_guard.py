"""The guard fails a stage that became slower, names it, and lets the others pass."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

import check
from guard import LIMIT, RETRIES, ROUNDS, Guard, Line
from make_log import write
from stages import Input, Stage, core_stages, reading_stages


def burn(seconds):
    """Work for so long, by the processor's clock."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def stage(name, seconds):
    return Stage(name, lambda: None, lambda _: burn(seconds), lambda _: None)


def test_a_stage_slower_than_the_limit_is_found_after_retries():
    guard = Guard([stage("steady", 0.004), stage("slowed", 0.006)], lambda: burn(0.004))
    steady, slowed = guard.check({"steady": 1.0, "slowed": 1.0})
    assert not steady.is_slow
    assert steady.rounds == ROUNDS
    assert slowed.is_slow
    assert slowed.rounds == ROUNDS * (1 + RETRIES)


def test_a_stage_that_was_only_disturbed_passes():
    times = iter([0.01, *[0.008] * ROUNDS, *[0.004] * 100])
    disturbed = Stage("disturbed", lambda: None, lambda _: burn(next(times)), lambda _: None)
    (line,) = Guard([disturbed], lambda: burn(0.004)).check({"disturbed": 1.0})
    assert not line.is_slow
    assert ROUNDS < line.rounds < ROUNDS * (1 + RETRIES)


def test_the_limit():
    assert not Line("s", LIMIT * 0.999, 1.0, 5).is_slow
    assert Line("s", LIMIT * 1.001, 1.0, 5).is_slow
    assert not Line("s", 9.0, None, 5).is_slow


def test_a_wrong_count_is_no_time():
    def refuse(_):
        raise AssertionError("wrong")

    with pytest.raises(AssertionError, match="wrong"):
        Guard([Stage("s", lambda: None, lambda _: None, refuse)], lambda: None)


def test_no_record_fails(tmp_path, capsys):
    assert check.check([stage("s", 0.001)], tmp_path / "none.json") == 1
    assert "there is no record" in capsys.readouterr().err


def test_stages_that_came_or_went_are_told(tmp_path, capsys):
    path = tmp_path / "recorded.json"
    path.write_text(json.dumps({"processor": "another", "ratios": {"gone": 1.0}}))
    assert check.check([stage("fresh", 0.001)], path) == 0
    said = capsys.readouterr().out
    assert "recorded on another" in said
    assert "gone" in said
    assert "new" in said


@pytest.mark.slow
def test_a_real_stage_slowed_down_fails_by_name(tmp_path, capsys):
    log = tmp_path / "day.parquet"
    write(log, 100_000, bare=True)
    given = Input(log)
    made = [*reading_stages(given), *core_stages(given)[:2]]
    assert check.record(made, tmp_path / "recorded.json") == 0

    def slowed(prepared):
        began = time.process_time()
        found = made[1].work(prepared)
        burn((time.process_time() - began) * 0.6)
        return found

    slower = [made[0], replace(made[1], work=slowed), *made[2:]]
    assert check.check(slower, tmp_path / "recorded.json") == 1
    assert "read: " in capsys.readouterr().err


def test_what_is_on_record_are_the_stages_of_now():
    from test_stages import NAMES

    recorded = json.loads(check.RECORDED.read_text(encoding="utf-8"))
    assert sorted(recorded["ratios"]) == sorted(NAMES)
