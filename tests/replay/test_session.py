"""Standing in a day: what a moment shows, and where one can go from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
import replayed_day

import abtrade
from abtrade.errors import InputError
from abtrade.replay.moment import PriceLevel, Subject
from abtrade.replay.session import Session

G1 = Subject("group", "G1", "SHFE")


@pytest.fixture(name="session")
def open_session(tmp_path: Path) -> Iterator[Session]:
    day = abtrade.replay(
        replayed_day.log(), "cu2501", subject="group:G1", **replayed_day.options(tmp_path)
    )
    with day:
        yield day


def test_the_book_and_the_subjects_part_in_it(session: Session) -> None:
    moment = session.at("09:00:05")
    tick = 10
    assert moment.bids == (
        PriceLevel(70000 // tick, 8, 2, 3, 1), PriceLevel(69990 // tick, 2, 1, 2, 1),
    )  # fmt: skip
    assert moment.asks == (PriceLevel(70020 // tick, 4, 1, 0, 0),)
    told = [(o.order_id, o.side, o.price * tick, o.lots, o.lots_before) for o in moment.orders]
    assert told == [("2", "buy", 70000, 3, 5), ("3", "buy", 69990, 2, 0)]
    assert (moment.row, moment.rows, moment.said) == (4, 10, "new sell 4 @ 70020")


def test_an_order_that_trades_stands_outside_the_queues(session: Session) -> None:
    session.seek_row(5)
    moment = session.moment()
    assert [order.order_id for order in moment.orders if order.incoming] == ["6"]
    assert moment.asks[0].price * 10 == 70020


def test_the_tape_tells_the_latest_trade_first_and_the_subjects_side(session: Session) -> None:
    session.seek_row(7)
    told = [(p.row, p.lots, p.side, p.own) for p in session.moment().tape]
    assert told == [(7, 1, "sell", "both"), (6, 5, "sell", "sold")]
    session.follow(Subject("account", "C", "SHFE"))
    assert [p.own for p in session.moment().tape] == [None, "bought"]


def test_counts_fill_towards_their_levels(session: Session) -> None:
    def standing(row: int) -> list[tuple[str, int, str | None]]:
        session.seek_row(row)
        return [(s.rule, s.count, s.level) for s in session.moment().standings]

    assert {(count, level) for _, count, level in standing(5)} == {(0, None)}
    assert {(count, level) for _, count, level in standing(7)} == {(0, None), (1, "red")}
    assert {(count, level) for _, count, level in standing(9)} == {(2, "yellow"), (1, "red")}


def test_alerts_fire_at_their_rows_and_ratios_at_the_end(session: Session) -> None:
    rows = [(alert.rule.rpartition(".")[2], alert.row) for alert in session.alerts]
    assert rows[:2] == [("trades", 7), ("cancels", 9)]
    assert [row for rule, row in rows[2:]] == [None] * (len(rows) - 2)
    session.seek_row(8)
    assert len(session.moment().fired) == 1
    session.seek_row(10)
    assert len(session.moment().fired) == len(rows) > 2


def test_going_from_event_to_event(session: Session) -> None:
    session.seek_row(3)
    assert (session.next_event(1), session.next_event(-1)) == (5, 2)
    assert (session.next_alert(1), session.next_alert(-1)) == (7, None)
    session.step(-5)
    assert session.row == 0
    assert session.moment().seq is None
    session.step(100)
    assert session.row == session.rows == 10
    assert session.next_event(1) is None


def test_another_contract_keeps_the_alerts_but_not_their_rows(session: Session) -> None:
    assert session.contracts == ["SHFE.cu2501", "SHFE.al2501"]
    session.show("al2501")
    assert (session.rows, session.row) == (1, 0)
    assert {alert.row for alert in session.alerts} == {None}
    session.seek_row(1)
    assert session.moment().subject == G1
    session.show("cu2501")
    session.seek_row(9)
    assert [s.count for s in session.moment().standings if s.count > 1] == [2]


def test_bounds_hold_in_every_contract(session: Session) -> None:
    """What stands before and after them is neither gone to nor told."""
    times = [session.ts_of(f"09:00:{second}") for second in ("03", "07", "05.5")]
    session.bound(*times)
    for _ in range(2):
        assert (session.first_row, session.last_row, session.until_row) == (2, 8, 4)
        assert (session.first_ts, session.last_ts) == tuple(times[:2])
        session.seek_row(session.rows)
        assert (session.row, len(session.moment().fired), session.next_alert(1)) == (8, 1, None)
        session.seek_row(0)
        assert (session.row, session.next_event(-1)) == (2, None)
        session.show("al2501")
        assert (session.first_row, session.last_row, session.until_row) == (0, 1, 1)
        session.show("cu2501")
    session.bound(session.ts_of("09:00:07"), session.ts_of("15:00"), None)
    session.seek_row(session.rows)
    assert [alert.row for alert in session.moment().fired] == [9]  # none of the end of the day


def test_what_fires_after_a_contracts_last_row_has_not_fired_there(session: Session) -> None:
    session.show("al2501")
    session.seek_row(1)
    assert all(alert.ts is None for alert in session.moment().fired)


def test_the_clock_never_goes_back(tmp_path: Path) -> None:
    """A row may be timed before the one above it; the clock stands where it was."""
    log = replayed_day.log()
    times = log["ts"].to_pylist()
    times[5] -= 60 * 10**9 if isinstance(times[5], int) else timedelta(seconds=60)
    back = log.set_column(
        log.schema.get_field_index("ts"), "ts", pa.array(times, log.schema.field("ts").type)
    )
    with abtrade.replay(back, "cu2501", **replayed_day.options(tmp_path)) as day:
        at = []
        for row in range(1, day.rows + 1):
            day.seek_row(row)
            ts = day.moment().ts
            assert ts is not None
            assert day.row_at(ts) >= row
            at.append(ts)
    assert at == sorted(at)


def test_no_session_goes_on_between_sessions(session: Session) -> None:
    session.seek_row(4)
    told = [session.phase_at(session.ts_of(when)) for when in ("10:00", "12:00", "08:00")]
    assert (told[0] != "closed", told[1:]) == (True, ["closed", "closed"])


def test_subjects_come_by_how_much_they_did(session: Session) -> None:
    assert session.subjects()[0] == G1
    assert {subject.name for subject in session.subjects()} == {"G1", "C", "D"}


@pytest.mark.parametrize(("when", "row"), [
    ("09:00:06", 7), ("09:00:05.999999999", 4), ("2025-01-06T09:00:02", 2),
    ("2025-01-06T01:00:02Z", 2), ("21:00", 0), ("15:00", 10),
])  # fmt: skip
def test_times_are_of_the_trading_day(session: Session, when: str, row: int) -> None:
    assert session.at(when).row == row


@pytest.mark.parametrize("when", ["2025-01-07T09:00:02", "25:00", "soon", "09:61"])
def test_other_times_are_refused(session: Session, when: str) -> None:
    with pytest.raises(InputError, match=r"trading day|is no time"):
        session.at(when)


@pytest.mark.parametrize(("subject", "said"), [
    ("A", "is judged as group:G1"), ("G2", "did you mean G1"), ("X9", "nobody"),
    ("client:C", "is judged as account:C"),
])  # fmt: skip
def test_unknown_subjects_are_told_what_is_near(
    session: Session, subject: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        session.follow(subject)


def test_an_unknown_contract_is_told_what_is_near(session: Session) -> None:
    with pytest.raises(InputError, match=r"cu2502.*such as SHFE\.cu2501"):
        session.show("cu2502")
    assert session.contract == "SHFE.cu2501"
