"""Orders out of rows of states, whatever the source, and wherever the rows are cut."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from abtrade.readers.state_orders import brought_together, has_id, named_somehow, orders_of
from abtrade.readers.state_rows import NO_TIME, Rows, State, joined, taken
from abtrade.readers.vocabulary import Vocabulary

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
