"""The four faults of a row's place, and what stays silent beside each."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from order_rows import batch_of, seqs

from abtrade.batch import Batch
from abtrade.errors import OrderError
from abtrade.names import Names
from abtrade.readers.sequence import SequenceCheck, add_faults, sort_command
from abtrade.schema import FIRST_FAULTS_KEPT, Fault


def run(
    *batches: list[dict[str, Any]], whole: bool = False, has_seq: bool = True
) -> tuple[list[tuple[int, int]], list[tuple[str, int]]]:
    """Return (seq, lots) of the rows that stand, and (kind, seq) of every fault seen first."""
    names, check = Names(), SequenceCheck(has_seq, whole, ["day.parquet"])
    rows, faults = [], []
    for batch in batches:
        kept, found = check.check(batch_of(batch, names), names)
        rows += list(zip(seqs(kept), kept.lots.tolist(), strict=True))
        faults += [(f.kind.name.lower(), first[1]) for f in found for first in f.first]
    return rows, faults


def row(seq: int, **more: Any) -> dict[str, Any]:
    return {"seq": seq, "ts": seq, **more}


def test_rows_in_order_pass_untouched():
    names, check = Names(), SequenceCheck(True)
    batch = batch_of([row(1), row(2), row(9)], names)
    kept, faults = check.check(batch, names)
    assert kept is batch
    assert faults == []


def test_a_redelivered_row_is_dropped():
    assert run([row(1), row(2), row(2), row(3)]) == (
        [(1, 1), (2, 1), (3, 1)],
        [("redelivered", 2)],
    )


def test_the_first_of_two_rows_of_one_seq_stands():
    assert run([row(1), row(2, lots=5), row(2, lots=7)]) == (
        [(1, 1), (2, 5)],
        [("seq_conflict", 2)],
    )


def test_a_third_copy_is_compared_with_the_first():
    rows, faults = run([row(2, lots=5), row(2, lots=7), row(2, lots=5), row(2, lots=7)])
    assert rows == [(2, 5)]
    assert sorted(faults) == [("redelivered", 2), ("seq_conflict", 2), ("seq_conflict", 2)]


def test_file_and_row_are_no_content():
    assert run([row(2, row=1, file=0), row(2, row=8, file=1)])[1] == [("redelivered", 2)]


def test_ts_is_content():
    assert run([row(2, ts=5), row(2, ts=6)])[1] == [("seq_conflict", 2)]


def test_copies_are_seen_across_batches_and_after_a_silent_batch():
    batches = [row(2, lots=5)], [row(2, lots=5), row(2, lots=6)], [row(2, lots=5)], [row(3)]
    rows, faults = run(*batches)
    assert rows == [(2, 5), (3, 1)]
    assert faults == [("redelivered", 2), ("seq_conflict", 2), ("redelivered", 2)]


def test_a_column_one_batch_lacks_is_null_in_the_other():
    assert run([row(2)], [row(2, side=0)])[1] == [("redelivered", 2)]
    assert run([row(2)], [row(2, side=1)])[1] == [("seq_conflict", 2)]


def test_the_same_seq_in_another_exchange_or_channel_is_another_row():
    rows, faults = run(
        [row(1), row(1, exchange="DCE"), row(1, channel=2), row(2), row(2, exchange="DCE")]
    )
    assert len(rows) == 5
    assert faults == []


def test_lanes_are_compared_each_for_itself():
    batch = [row(5), row(1, exchange="DCE"), row(5), row(1, exchange="DCE", lots=3)]
    assert run(batch) == ([(5, 1), (1, 1)], [("redelivered", 5), ("seq_conflict", 1)])


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_falling_seq_names_file_row_and_command(cut):
    rows = [row(1), row(88121), row(7, exchange="DCE"), row(88120), row(88119)]
    names, check = Names(), SequenceCheck(True, files=["day.parquet"])
    with pytest.raises(OrderError) as error:
        check.check(batch_of(rows[:cut], names), names)
        later = [{**r, "row": i} for i, r in enumerate(rows[cut:], cut + 1)]
        check.check(batch_of(later, names), names)
    assert str(error.value) == (
        "day.parquet: row 4: seq 88120 comes after 88121; sort the file with "
        "`abtrade convert day.parquet day.sorted.parquet --sort`"
    )


def test_the_sort_command_can_be_pasted():
    assert sort_command(["my logs/day.csv.gz"]) == (
        "abtrade convert 'my logs/day.csv.gz' 'my logs/day.sorted.csv.gz' --sort"
    )
    assert sort_command(["a", "b"]) == "abtrade convert a b a.sorted.parquet --sort"


def test_a_gap_is_a_fault_only_of_a_whole_log():
    log = [row(1), row(2), row(5), row(6)]
    assert run(log)[1] == []
    assert run(log, whole=True)[1] == [("seq_gap", 5)]
    assert run(log[:2], log[2:], whole=True)[1] == [("seq_gap", 5)]


def test_a_whole_log_may_begin_anywhere():
    assert run([row(70), row(71)], whole=True)[1] == []


def test_a_copy_makes_no_gap():
    assert run([row(1), row(1), row(2)], whole=True)[1] == [("redelivered", 1)]


def test_bad_rows_fill_their_seq():
    names, check = Names(), SequenceCheck(True, whole=True)
    check.check(batch_of([row(1)], names), names, bad=[(0, 0, 2)])
    faults = check.check(batch_of([row(4)], names), names, bad=[(0, 0, 3), (0, 0, 3), (0, 0, 6)])
    assert faults[1] == []
    found = check.check(batch_of([row(8)], names), names)[1]  # 6 is bad, 5 and 7 are missing
    assert [fault.kind for fault in found] == [Fault.SEQ_GAP]


def test_bad_rows_of_another_channel_fill_nothing():
    names, check = Names(), SequenceCheck(True, whole=True)
    bad = [(0, 1, 2), (1, 0, 2)]
    found = check.check(batch_of([row(1), row(3)], names), names, bad=bad)[1]
    assert [fault.kind for fault in found] == [Fault.SEQ_GAP]


def test_many_channels_are_told_apart():
    log = [row(n // 40, channel=n % 40) for n in range(400)]
    assert run(log)[1] == []
    again = log.index(row(3, channel=33))
    assert run([*log[:again], log[again], *log[again:]])[1] == [("redelivered", 3)]


def test_ts_may_stand_still_but_not_go_back():
    assert run([row(1, ts=5), row(2, ts=5)])[1] == []
    assert run([row(1, ts=5), row(2, ts=4), row(3, ts=4)]) == (
        [(1, 1), (2, 1), (3, 1)],
        [("ts_backwards", 2)],
    )
    assert run([row(1, ts=5)], [row(2, ts=4)])[1] == [("ts_backwards", 2)]


def test_ts_of_another_channel_is_not_compared():
    assert run([row(1, ts=5, channel=1), row(2, ts=4, channel=2)])[1] == []


def test_ts_is_compared_with_the_row_that_stands():
    assert run([row(1, ts=5), row(1, ts=9), row(2, ts=6)])[1] == [("seq_conflict", 1)]


def test_a_row_has_one_fault_of_the_sequence():
    assert run([row(1, ts=5), row(3, ts=4)], whole=True)[1] == [("seq_gap", 3)]


def test_without_seq_only_ts_is_checked():
    log = [row(1, ts=5), row(3, ts=4), row(4, ts=9)]
    assert run(log, has_seq=False, whole=True)[1] == [("ts_backwards", 3)]


def test_faults_are_counted_by_contract_with_their_first_rows():
    names, check = Names(), SequenceCheck(True)
    log = [row(n, contract=c) for n in range(1, 31) for c in ("a", "a", "b")]
    for index, item in enumerate(log):
        item["seq"] = index // 2  # two of each: every second row conflicts or is redelivered
        item["ts"] = item["seq"]
    total: dict[Any, Any] = {}
    for start in range(0, len(log), 5):
        add_faults(total, check.check(batch_of(log[start : start + 5], names), names)[1])
    whole: dict[Any, Any] = {}
    add_faults(whole, SequenceCheck(True).check(batch_of(log, names), names)[1])
    assert total == whole
    assert sum(fault.count for fault in total.values()) == 45
    assert all(len(fault.first) <= FIRST_FAULTS_KEPT for fault in total.values())
    assert any(fault.count > FIRST_FAULTS_KEPT for fault in total.values())


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "seq": st.integers(0, 9),
            "ts": st.integers(0, 5),
            "exchange": st.sampled_from(["SHFE", "DCE"]),
            "channel": st.sampled_from([0, 3, -1, 2**50]),
            "lots": st.integers(1, 2),
            "side": st.integers(0, 1),
        }
    ),
    max_size=30,
)


def plain(log: list[dict[str, Any]], whole: bool, bad: list[Any]) -> tuple[list[int], list[Any]]:
    """Say the same, row by row: positions that stand, (position, kind) of the faults."""
    first: dict[Any, dict[str, Any]] = {}
    kept, faults = [], []
    for at, item in enumerate(log):
        lane = item["exchange"], item["channel"]
        before = first.get(lane)
        if before is not None and item["seq"] == before["seq"]:
            same = {**item, "row": 0} == {**before, "row": 0}
            faults.append((at, Fault.REDELIVERED if same else Fault.SEQ_CONFLICT))
            continue
        if before is not None:
            missing = set(range(before["seq"] + 1, item["seq"]))
            missing -= {seq for exchange, channel, seq in bad if (exchange, channel) == lane}
            if whole and missing:
                faults.append((at, Fault.SEQ_GAP))
            elif item["ts"] < before["ts"]:
                faults.append((at, Fault.TS_BACKWARDS))
        first[lane] = item
        kept.append(at)
    return kept, faults


@settings(max_examples=300, deadline=None)
@given(ROWS, st.lists(st.integers(0, 30), max_size=4), st.booleans(), st.data())
def test_any_cut_finds_what_a_plain_loop_finds(log, cuts, whole, data):
    """Batches cut anywhere, stopped and resumed between, find the same faults."""
    log.sort(key=lambda item: (item["seq"]))
    for index, item in enumerate(log):
        item["row"] = index
    lanes = [("SHFE", 0), ("DCE", 3)]
    bad = [(*data.draw(st.sampled_from(lanes)), data.draw(st.integers(0, 9))) for _ in range(3)]
    names, check, kept, faults = Names(), SequenceCheck(True, whole), [], {}
    numbered = [(names.exchange(exchange), channel, seq) for exchange, channel, seq in bad]
    edges = [0, *sorted(min(cut, len(log)) for cut in cuts), len(log)]
    for start, end in itertools.pairwise(edges):
        rows, found = check.check(batch_of(log[start:end], names), names, numbered)
        kept += rows.row.tolist()
        add_faults(faults, found)
        resumed = SequenceCheck(True, whole)
        resumed.restore(check.state())
        check = resumed
    expected_kept, expected = plain(log, whole, bad)
    assert kept == expected_kept
    by_kind = {kind: [log[at] for at, k in expected if k == kind] for kind in Fault}
    exchange_of = {names.contract(names.exchange(x), "cu2503"): x for x in ("SHFE", "DCE")}
    for kind, rows in by_kind.items():
        for contract, exchange in exchange_of.items():
            of_it = [r for r in rows if r["exchange"] == exchange]
            fault = faults.get((contract, kind))
            assert (fault.count if fault else 0) == len(of_it)
            told = [(r["channel"], r["seq"], r["ts"]) for r in of_it[:FIRST_FAULTS_KEPT]]
            assert list(fault.first if fault else ()) == told


def test_state_is_plain():
    names, check = Names(), SequenceCheck(True, whole=True)
    bad = [(0, 4, 2), (0, 4, 3)]
    check.check(batch_of([row(1, channel=4, side=2), row(2)], names), names, bad)
    state = json.loads(json.dumps(check.state()))
    resumed = SequenceCheck(True, whole=True)
    resumed.restore(state)
    kept, faults = resumed.check(batch_of([row(4, channel=4)], names), names)
    assert (seqs(kept), faults) == ([4], [])


def test_an_empty_batch_is_no_trouble():
    names, check = Names(), SequenceCheck(True)
    assert run([], [row(1)], [], [row(1)])[1] == [("redelivered", 1)]
    empty = batch_of([row(1)], names).take(np.array([], int))
    assert isinstance(check.check(empty, names)[0], Batch)
