"""The guard fails a stage that became slower, names it, and lets the others pass."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

import check
from guard import LIMIT, PAUSES_SECONDS, ROUNDS, Guard, Line, least_disturbed
from make_log import write
from stages import Input, Stage, core_stages, reading_stages

NO_PAUSES = (0,) * len(PAUSES_SECONDS)
MOST_ROUNDS = ROUNDS * (1 + len(PAUSES_SECONDS))


def burn(seconds):
    """Work for so long, by the processor's clock."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def stage(name, seconds):
    return Stage(name, lambda: None, lambda _: burn(seconds), lambda _: None)


def test_a_stage_slower_than_the_limit_is_found_after_retries():
    made = [stage("steady", 0.004), stage("slowed", 0.006)]
    guard = Guard(made, lambda: burn(0.004), NO_PAUSES)
    steady, slowed = guard.check({"steady": 1.0, "slowed": 1.0})
    assert not steady.is_slow
    assert steady.rounds == ROUNDS
    assert slowed.is_slow
    assert slowed.rounds == MOST_ROUNDS


def test_a_stage_that_was_only_disturbed_passes():
    times = iter([0.01, *[0.008] * ROUNDS, *[0.004] * 100])
    disturbed = Stage("disturbed", lambda: None, lambda _: burn(next(times)), lambda _: None)
    guard = Guard([disturbed], lambda: burn(0.004), NO_PAUSES)
    (line,) = guard.check({"disturbed": 1.0})
    assert not line.is_slow
    assert ROUNDS < line.rounds < MOST_ROUNDS


def test_what_neighbours_spoil_counts_least():
    quiet = [(2.0, 1.0)] * 4
    assert least_disturbed(quiet) == 2.0
    assert least_disturbed([*quiet, (9.0, 1.0), (2.0, 1.5)]) == 2.0
    never_at_rest = [(3.0, 1.2), (2.0, 0.8), (2.6, 1.0), (3.0, 1.0)]
    assert least_disturbed(never_at_rest) == 2.5
    assert least_disturbed([(1.2 * stage, beside) for stage, beside in quiet]) == 2.4


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
    write(log, 30_000, bare=True)
    given = Input(log)
    made = [*reading_stages(given), *core_stages(given)[:2]]
    assert check.record(made, tmp_path / "recorded.json") == 0

    def slowed(prepared):
        began = time.process_time()
        found = made[1].work(prepared)
        burn((time.process_time() - began) * 1.5)
        return found

    slower = [made[0], replace(made[1], work=slowed), *made[2:]]
    assert check.check(slower, tmp_path / "recorded.json", NO_PAUSES) == 1
    assert "read: " in capsys.readouterr().err


def test_what_is_on_record_are_the_stages_of_now():
    from test_stages import NAMES

    recorded = json.loads(check.RECORDED.read_text(encoding="utf-8"))
    assert sorted(recorded["ratios"]) == sorted(NAMES)
