"""Orders out of rows of states, whatever the source, and wherever the rows are cut."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from abtrade.readers.states.orders import brought_together, has_id, named_somehow, orders_of
from abtrade.readers.states.rows import NO_TIME, Rows, State, joined, taken
from abtrade.readers.states.trades import once
from abtrade.readers.states.vocabulary import Vocabulary

IDS = st.sampled_from([None, "7", " 7", "007", "70", "A7", "", "1_2_3", "9" * 19])
ROWS = st.lists(st.tuples(IDS, st.sampled_from(list(State)), st.integers(-1, 5)), max_size=30)


def states(rows: list[tuple[str | None, State, int]]) -> Rows:
    count = len(rows)
    low, high = Vocabulary().ids("order_id", pa.array([row[0] for row in rows], pa.string()))
    return {
        "file": np.zeros(count, np.int32),
        "row": np.arange(1, count + 1),
        "exchange": np.zeros(count, np.int32),
        "order": low,
        "order_high": high,
        "front": np.arange(count) % 5 - 1,
        "state": np.array([row[1] for row in rows], np.uint8),
        "traded": np.array([row[2] for row in rows], np.int64),
        "since": np.arange(count),
        "ended": np.full(count, NO_TIME),
    }


@given(ROWS, st.integers(0, 30))
def test_where_rows_are_cut_does_not_matter(rows, cut):
    at_once = orders_of(states(rows))
    cells = states(rows)
    parts = [orders_of(taken(cells, slice(0, cut))), orders_of(taken(cells, slice(cut, None)))]
    in_parts = brought_together(joined(parts))
    assert {name: column.tolist() for name, column in in_parts.items()} == {
        name: column.tolist() for name, column in at_once.items()
    }


@given(ROWS)
def test_an_order_is_the_sum_of_its_rows(rows):
    cells = states(rows)
    found = orders_of(cells)
    named = [(row[0] or "").strip() for row in rows]
    assert found["rows"].sum() <= len(rows)
    written = {name for name in named if name}
    assert np.count_nonzero(has_id(found)) == len(written)
    assert found["traded"].tolist() == [
        max(t for (_, _, t), low, high in zip(rows, *_keys(cells), strict=True)
            if (low, high) == key)
        for key in zip(found["order"].tolist(), found["order_high"].tolist(), strict=True)
    ]  # fmt: skip


TRADES = st.lists(
    st.tuples(
        st.sampled_from([None, "7", "007"]), st.sampled_from(["1", "2"]), st.sampled_from([1, 2]),
        st.integers(1, 2), st.sampled_from([5.0, 6.0, np.nan]),
    ),
    max_size=12,
)  # fmt: skip


@given(TRADES)
def test_a_trade_counts_once_and_each_row_left_out_is_told(rows):
    words = Vocabulary()
    trade, order = (
        words.ids(name, pa.array([row[at] for row in rows], pa.string()))
        for at, name in enumerate(("trade_id", "order_id"))
    )
    count = len(rows)
    kept, repeats = once({
        "file": np.zeros(count, np.int32), "row": np.arange(1, count + 1),
        "exchange": np.zeros(count, np.int32), "contract": np.zeros(count, np.int32),
        "order": order[0], "order_high": order[1], "trade": trade[0], "trade_high": trade[1],
        "side": np.array([row[2] for row in rows], np.uint8),
        "lots": np.array([row[3] for row in rows], np.int64),
        "price": np.array([row[4] for row in rows], np.float64),
    })  # fmt: skip
    first, stays, others = {}, [], []
    for number, row in enumerate(rows, 1):
        before = first.setdefault(row[:3], row) if row[0] is not None else row
        if before is row:
            stays.append(number)
        elif str(before) != str(row):  # nan is nan
            others.append(number)
    assert kept["row"].tolist() == stays
    assert repeats.same == count - len(stays) - len(others)
    assert repeats.other == len(others)
    assert repeats.first_other == ((0, others[0]) if others else (-1, 0))


def _keys(cells: Rows) -> tuple[list[int], list[int]]:
    known = named_somehow(cells)
    return known["order"].tolist(), known["order_high"].tolist()


@given(st.lists(IDS, max_size=20))
def test_ids_are_written_as_they_were_read(texts):
    words = Vocabulary()
    low, high = words.ids("order_id", pa.array(texts, pa.string()))
    back = words.id_array("order_id", low, high).to_pylist()
    assert [None if cell is None else str(cell) for cell in back] == [
        (text or "").strip() or None for text in texts
    ]
