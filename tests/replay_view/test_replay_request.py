"""Requests that wait: the last place wins, steps add up; and the clock that plays a day."""

from __future__ import annotations

import pytest
from made_session import FIRST, GROUP, SECOND, STEP, MadeSession

from abtrade.replay.moment import Subject
from abtrade.replay.view.log_clock import LogClock
from abtrade.replay.view.request import Notice, Request, joined, perform


def waiting(*requests: tuple[str, object]) -> list[tuple[str, object]]:
    found: list[Request] = []
    for kind, value in requests:
        found = joined(found, Request(kind, value))
    return [(each.kind, each.value) for each in found]


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ([("step", 1), ("step", 1), ("step", -1)], [("step", 1)]),
        ([("row", 5), ("step", 1), ("row", 9)], [("row", 9)]),
        ([("edge", 1), ("step", -1), ("step", -1)], [("edge", 1), ("step", -2)]),
        ([("shift", SECOND), ("event", 1), ("event", 1)], [("shift", SECOND), ("event", 2)]),
        ([("clock", 1), ("shift", 5), ("clock", 2)], [("clock", 2)]),
        ([("follow", GROUP), ("step", 1), ("time", "9:31")], [("follow", GROUP), ("time", "9:31")]),
        ([("follow", None), ("follow", GROUP)], [("follow", GROUP)]),
        ([("step", 3), ("show", "SHFE.cu2504")], [("step", 3), ("show", "SHFE.cu2504")]),
    ],
)
def test_what_waits(asked: list[tuple[str, object]], left: list[tuple[str, object]]) -> None:
    assert waiting(*asked) == left


def test_seconds_go_on_where_no_row_comes() -> None:
    """Each press is a second of the log's clock, were rows minutes apart."""
    session = MadeSession(row=100)
    ts = perform(session, Request("shift", STEP // 5), None).ts
    for _ in range(3):
        ts = perform(session, Request("shift", STEP // 5), ts).ts
        assert session.row == 100
    assert perform(session, Request("shift", STEP // 5), ts).ts == FIRST + 100 * STEP
    assert session.row == 101


def test_times_stay_within_the_rows() -> None:
    session = MadeSession()
    assert perform(session, Request("shift", -SECOND), FIRST).ts == FIRST - 1
    assert session.row == 0
    assert perform(session, Request("shift", 10**18), FIRST).ts == session.last_ts
    assert session.row == session.rows


def test_several_alerts_on_go_as_far_as_there_are_some() -> None:
    session = MadeSession()
    done = perform(session, Request("alert", 5), None)
    assert session.row == 500
    assert done.notice == Notice("no_alert", {"who": session.subject})


def test_what_a_session_refuses_is_told() -> None:
    done = perform(MadeSession(), Request("follow", Subject("client", "nobody", "SHFE")), 7)
    assert done.notice == Notice("refused", {"why": "the day has no client 'nobody'"})
    assert done.ts == 7


def test_another_contract_is_shown_at_the_same_time() -> None:
    session = MadeSession(row=100)
    done = perform(session, Request("show", "SHFE.cu2504"), None)
    assert (session.contract, session.row, done.ts) == ("SHFE.cu2504", 100, FIRST + 99 * STEP)
    late = FIRST + 10**15
    assert perform(session, Request("show", "SHFE.cu2503"), late).ts == late
    assert session.row == session.rows
    session.asked.clear()
    assert perform(session, Request("show", "SHFE.cu2503"), 7).ts == 7
    assert session.asked == []


def test_the_log_s_clock_runs_at_its_speed_and_counts_missed_frames() -> None:
    clock = LogClock()
    clock.set(FIRST, 100.0)
    assert clock.at(100.5, 60) == FIRST + 30 * SECOND
    assert [clock.missed(wall) for wall in (100.1, 100.2, 100.26, 100.8, 100.9)] == [0, 0, 0, 4, 0]
