"""A moment of a replayed day is what a scan of the rows until then would find."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import abtrade
from abtrade.replay.session import Session
from abtrade.rules.packs import RuleSet, load_rules
from scenario import parse, rule_files
from strategies import DAY, Log, links, logs

RULES = parse("""
scenario  a rule of each count that has a standing, and one of a wide scope
rule cancels cancels contract yellow>=2 red>3 leave_out=cancel_by:expiry,exchange,self_match
rule large2 large_cancels@2 contract yellow>=1 red>=2
rule orders orders contract yellow>=2 red>=4 leave_out=hedge:hedge
rule filled filled_orders contract yellow>=1 red>=3
rule trades self_trades contract yellow>=1 red>=2 leave_out=hedge:hedge
rule pairs self_trade_pairs contract yellow>=1 red>=2
rule wide cancels exchange yellow>=2 red>=4
rule otr otr contract yellow>=1 red>2
09:00:00  new 1 A cu2501 buy 70000 1
faults    none
""")[0]


@pytest.fixture(autouse=True, scope="module")
def keep_states_close_together() -> Iterator[None]:
    """Have checkpoints, and the states kept on ways back, every few rows of a small log."""
    with pytest.MonkeyPatch.context() as patch:
        course = sys.modules[Session.__module__.replace("session", "course")]
        patch.setattr(course, "spacing", lambda rows: 4)
        patch.setattr(course, "NEAR", 2)
        yield


@pytest.fixture(scope="module", name="rules")
def read_rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RuleSet]:
    folder: Path = tmp_path_factory.mktemp("rules")
    yield load_rules(rule_files(RULES, folder), date.fromisoformat(DAY))


def options_of(log: Log) -> dict[str, Any]:
    """Return options under which a part of a log is judged as the whole is."""
    stated = () if "phase" in log.columns else ("phase=continuous",)
    return {"day": DAY, "assume": stated}


def without(table: pa.Table, *columns: str) -> pa.Table:
    return table.select([name for name in table.column_names if name not in columns])


def rows_until(session: Session, table: pa.Table) -> pa.Table:
    """Return the rows of a log that stand at a session's moment."""
    moment = session.moment()
    if moment.row == 0:
        return table.slice(0, 0)
    at = session.day_index(moment.row)
    assert table["seq"][at].as_py() == moment.seq
    return table.slice(0, at + 1)


def of_contract(table: pa.Table, session: Session) -> list[dict[str, Any]]:
    moment = session.moment()
    mine = pc.and_(
        pc.equal(table["contract"], moment.contract), pc.equal(table["exchange"], moment.exchange)
    )
    return table.filter(mine).to_pylist()


@settings(max_examples=10)
@given(log=logs(channels=False, faults=False), linked=links(), data=st.data())
def test_counts_at_any_row_are_those_of_a_scan(
    rules: RuleSet, log: Log, linked: pa.Table | None, data: st.DataObject
) -> None:
    table = without(log.table(), "client")
    if not table.num_rows:
        return
    options = options_of(log) | {"rules": rules, "links": linked}
    with abtrade.replay(table, **options) as session:
        session.show(data.draw(st.sampled_from(session.contracts)))
        for _ in range(2):
            session.seek_row(data.draw(st.integers(0, session.rows)))
            before = rows_until(session, table)
            if not before.num_rows:
                assert session.tallies().num_rows == 0
                continue
            scan = abtrade.scan(before, **options)
            assert session.tallies().to_pylist() == of_contract(scan.tallies, session)
            hold_standings_to(scan, session)


def hold_standings_to(scan: Any, session: Session) -> None:
    """Hold every subject's standings to the results of a scan."""
    scope = f"contract:{session.moment().contract}"
    results = {
        (row["rule"], row["subject_kind"], row["subject"]): row
        for row in scan.results.to_pylist()
        if row["scope"] == scope and row["exchange"] == session.moment().exchange
    }
    for subject in session.subjects():
        session.follow(subject)
        for standing in session.moment().standings:
            row = results.get((standing.rule, subject.kind, subject.name))
            told = (standing.count, standing.gross, standing.level)
            assert told == ((0, 0, None) if row is None else (
                row["counted"], row["gross"], row["level"]))  # fmt: skip


@settings(max_examples=10)
@given(log=logs(channels=False, faults=False), data=st.data())
def test_the_state_depends_on_the_row_alone(rules: RuleSet, log: Log, data: st.DataObject) -> None:
    table = without(log.table(), "client", "order_contract", "contra_order_contract")
    table = table.filter(pc.equal(table["contract"], "cu2501"))
    if not table.num_rows:
        return
    options = options_of(log) | {"rules": rules}
    with abtrade.replay(table, **options) as session:
        row = data.draw(st.integers(0, session.rows - 1))
        session.seek_row(row)
        here = session.moment(hashed=True)
        session.step(1)
        session.step(-1)
        assert session.moment(hashed=True) == here
        session.seek_row(data.draw(st.integers(0, session.rows)))
        session.seek_row(row)
        assert session.moment(hashed=True) == here
        if row:
            scan = abtrade.scan(rows_until(session, table), book=True, threads=1, **options)
            assert scan._counts.state_hash == here.state_hash
