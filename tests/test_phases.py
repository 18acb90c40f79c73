"""Phases by the clock: as good as a column, in both engines, however the log is cut."""

from __future__ import annotations

import json
import random
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import abtrade
from abtrade.compiled import CompiledEngine, OpeningsNeeded
from abtrade.errors import InputError
from abtrade.explain import explain
from abtrade.reference import ReferenceEngine
from abtrade.schema import Phase
from random_day import RandomDay, random_day
from test_engines_agree import counted, feed

SAME = ("alerts.parquet", "results.parquet", "tallies.parquet", "cells.parquet",
        "self_pairs.parquet", "certificate.json")  # fmt: skip

RULE = """
id: t.{name}
about: {name}
count: {count}
scope: contract
{filter}
yellow: {{gte: 1}}
exchange: SHFE
from: 2020-01-01
status: secondary
source: {{document: made up for a test}}
clause: none
"""
FILTERS = {
    "auction": ("cancels", "leave_out:\n  - {phase: auction, clause: none}"),
    "continuous": ("cancels", "only: {phase: continuous}"),
    "pairs": ("self_trade_orders", ""),
}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("rules")
    paths = {name: folder / f"{name}.yaml" for name in FILTERS}
    for name, (count, text) in FILTERS.items():
        paths[name].write_text(RULE.format(name=name, count=count, filter=text).lstrip())
    return paths


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A made day whose log has a phase column: of all exchanges, nights and auctions in it."""
    return abtrade.synth(tmp_path_factory.mktemp("made") / "day", rows=60_000, offences=40)


def tables_of(found: Any) -> dict[str, list[dict[str, Any]]]:
    """Return what was found, what was assumed aside."""
    tables = {name: getattr(found, name) for name in ("tallies", "cells", "self_pairs")}
    tables["results"] = found.results.drop_columns(["assumed"])
    return {name: sorted(table.to_pylist(), key=repr) for name, table in tables.items()}


def scan(day: Any, log: Any, **options: Any) -> Any:
    return abtrade.scan(log, **{**day.tables, "day": "2025-02-18", **options})


# --- as good as a column -------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["core", "reference"])
def test_what_the_clock_tells_is_what_the_column_says(day, rules, engine):
    """A rule reads the phase: every row of the made day has that of its column."""
    table = pq.read_table(day.logs[0])
    asked = [rules["auction"], rules["continuous"]]
    told = scan(day, table, rules=asked, engine=engine)
    derived = scan(day, table.drop_columns(["phase"]), rules=asked, engine=engine)
    assert tables_of(derived) == tables_of(told)
    assert "derived" in told.certificate and not told.certificate["derived"]
    phase = table["phase"].to_pylist()
    rows = derived.certificate["derived"]["phase"]["rows"]
    assert rows["auction"] == phase.count("auction") > 0
    assert rows["continuous"] == phase.count("continuous") > 0
    assert not derived.certificate["assumed"] and not derived.certificate["blind"]


@pytest.mark.parametrize("engine", ["core", "reference"])
def test_which_order_came_in_is_told_where_no_rule_reads_the_phase(day, rules, engine):
    table = pq.read_table(day.logs[0])
    told = scan(day, table, rules=[rules["pairs"]], engine=engine)
    derived = scan(day, table.drop_columns(["phase"]), rules=[rules["pairs"]], engine=engine)
    assert tables_of(derived) == tables_of(told)
    assert derived.certificate["derived"]["phase"]["rows"] == {
        "auction": table["phase"].to_pylist().count("auction")
    }
    pairs = derived.self_pairs.to_pylist()
    ts = dict(zip(table["seq"].to_pylist(), table["phase"].to_pylist(), strict=True))
    assert any(ts[pair["first_seq"]] == "auction" for pair in pairs), "or nothing was tried"


def auction_day(seed: int, rows: int) -> RandomDay:
    """Return a random day without the columns that make the core keep where orders are opened."""
    rng = random.Random(seed)
    day = random_day(rng, rows)
    extra = {"phase", "trade_id", "order_contract", "contra_order_contract"}
    day.columns -= extra
    for name in ("trade", "trade_high", "has_trade", "order_contract", "contra_order_contract"):
        setattr(day.batch, name, None)
    likely = rng.choice([0.3, 0.9, 1.0])
    in_auction = np.array([rng.random() < likely for _ in range(rows)], np.uint8)
    day.batch.phase = in_auction * np.uint8(Phase.AUCTION)
    return day


def test_both_engines_settle_auctions_alike():
    """On random days: as the reference does, or the core asks to count once more, and then does."""
    settled = asked = 0
    for seed in range(150):
        day = auction_day(seed, 60)
        reference = day.introduce(ReferenceEngine(day.plan, day.names, columns=day.columns))
        reference.feed(day.batch)
        expected = counted(reference.finish())
        for keep_openings in (False, True):
            engine = day.introduce(
                CompiledEngine(
                    day.plan, day.names, columns=day.columns, keep_finished=True,
                    auctions=True, keep_openings=keep_openings,
                )
            )
            try:
                assert feed(engine, day, [20, 40]) == expected, seed
                settled += bool(expected["pairs"]) and not keep_openings
            except OpeningsNeeded:
                assert not keep_openings, seed
                asked += 1
    assert settled > 5 and asked > 5, "both ways were tried"


# --- however it is counted -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["auction", "pairs"])
def test_neither_threads_nor_files_nor_a_stop_change_a_byte(day, rules, tmp_path, name):
    table = pq.read_table(day.logs[0]).drop_columns(["phase"])
    cut = table.num_rows // 3
    parts = [tmp_path / "first.parquet", tmp_path / "second.parquet"]
    pq.write_table(table.slice(0, cut), parts[0])
    pq.write_table(table.slice(cut), parts[1])
    asked = {"rules": [rules[name]]}
    scan(day, table, **asked, threads=1, out=tmp_path / "whole")
    scan(day, parts, **asked, threads=3, out=tmp_path / "files")
    scan(day, parts[0], **asked, save_state=tmp_path / "state")
    scan(day, parts[1], **asked, resume=tmp_path / "state", out=tmp_path / "resumed")
    for file in SAME:
        whole = (tmp_path / "whole" / file).read_bytes()
        for other in ("files", "resumed"):
            assert (tmp_path / other / file).read_bytes() == whole, (other, file)


def test_an_alert_on_derived_phases_is_explained(day, rules, tmp_path):
    log = tmp_path / "log.parquet"
    pq.write_table(pq.read_table(day.logs[0]).drop_columns(["phase"]), log)
    found = scan(day, log, rules=[rules["continuous"]], out=tmp_path / "out")
    alert = found.alert_list[0]
    events = explain(tmp_path / "out", alert.alert_id).events
    assert events.num_rows == alert.result.gross


def test_a_state_under_other_sessions_is_refused(day, rules, tmp_path):
    table = pq.read_table(day.logs[0]).drop_columns(["phase"])
    asked = {"rules": [rules["auction"]]}
    scan(day, table.slice(0, 1000), **asked, save_state=tmp_path / "state")
    with pytest.raises(InputError, match="saved with sessions"):
        scan(day, table.slice(1000), **asked, resume=tmp_path / "state", sessions=HOURS)


# --- a clock and hours of one's own --------------------------------------------------------------

HOURS = pa.table(
    {
        "exchange": ["SHFE", "SHFE"],
        "product": ["cu", "cu"],
        "kind": ["none", "continuous"],
        "start": [None, "10:00"],
        "end": [None, "11:00"],
        "part": ["night", "day"],
    }
)


def log_of(*clock: str, contract: str = "cu2503", day: str = "2025-02-18") -> pa.Table:
    """Return an order and its cancel at each time of a day."""
    count = len(clock)
    ts = pa.array([f"{day}T{each}" for each in clock for _ in "ab"]).cast(pa.timestamp("ns"))
    return pa.table(
        {
            "seq": range(1, 2 * count + 1),
            "ts": ts,
            "contract": [contract] * (2 * count),
            "action": ["new", "cancel"] * count,
            "order_id": [n for n in range(count) for _ in "ab"],
            "account": ["A"] * (2 * count),
            "lots": [1] * (2 * count),
        }
    )


def test_a_desk_s_own_sessions_go_over_the_shipped(rules):
    log = log_of("09:30:00", "10:30:00")
    usual = abtrade.scan(log, rules=[rules["continuous"]])
    own = abtrade.scan(log, rules=[rules["continuous"]], sessions=HOURS)
    assert usual.results["counted"].to_pylist() == [2]
    assert own.results["counted"].to_pylist() == [1]
    told = own.certificate["derived"]["phase"]
    assert told["sessions"] == "given"
    assert told["fingerprint"] != usual.certificate["derived"]["phase"]["fingerprint"]
    assert "1 of 2 orders are timed outside every session and have phase closed" in own.notes


def test_a_clock_that_is_another_s_is_said_aloud(rules):
    """UTC written without a zone: 9:30 in Shanghai is 1:30, when rebar is closed."""
    found = abtrade.scan(log_of("03:00:00", "05:00:00", contract="rb2505"),
                         rules=[rules["continuous"], rules["auction"]])  # fmt: skip
    assert set(found.certificate["blind"]) == {"t.continuous"}
    assert found.certificate["assumed"] == {"t.auction": ["phase is continuous"]}
    assert found.certificate["derived"] == {}
    assert any("2 of 2 orders are timed outside every session" in note for note in found.notes)


def test_of_a_resumed_day_without_phases_nothing_is_pretended(rules, tmp_path):
    night, morning = log_of("10:00:00", contract="xx2505"), log_of("11:00:00", contract="xx2505")
    morning = morning.set_column(0, "seq", pa.array([3, 4]))
    morning = morning.set_column(4, "order_id", pa.array([5, 5]))
    asked = {"rules": [rules["continuous"]]}
    abtrade.scan(night, **asked, save_state=tmp_path / "state")
    with pytest.raises(InputError, match=r"no phase can be told.*--assume phase=continuous"):
        abtrade.scan(morning, **asked, resume=tmp_path / "state")


def test_rows_of_another_day_have_no_phase(rules):
    log = pa.concat_tables([log_of("10:00:00"), log_of("10:00:00", day="2025-02-19")])
    log = log.set_column(0, "seq", pa.array([1, 2, 3, 4]))
    log = log.set_column(4, "order_id", pa.array([1, 1, 2, 2]))
    found = abtrade.scan(log, rules=[rules["continuous"]], day=date(2025, 2, 18))
    assert found.certificate["derived"]["phase"]["rows"] == {
        "unknown": 2, "auction": 0, "continuous": 2, "closed": 0,
    }  # fmt: skip
    assert found.results["unknown"].to_pylist() == [1]
    assert any("by the calendar rows are of 2025-02-18 to 2025-02-19" in n for n in found.notes)


def test_the_record_says_on_what_it_rests(rules, tmp_path):
    abtrade.scan(log_of("10:00:00"), rules=[rules["continuous"]], out=tmp_path / "out")
    run = json.loads((tmp_path / "out" / "run.json").read_text())
    certificate = json.loads((tmp_path / "out" / "certificate.json").read_text())
    fingerprint = certificate["derived"]["phase"]["fingerprint"]
    assert run["derived"]["phase"] == [fingerprint, "2025-02-17", "2025-02-17"]
