"""The compiled passes over cells do what a line of numpy says, and look before they index."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from abtrade.readers import _cells
from abtrade.readers.arrays import LARGE_BYTES, counted_up, empty, filled, looked_up

WHOLE = (np.uint8, np.int32, np.int64)


@given(st.data(), st.sampled_from(WHOLE), st.integers(0, 200))
def test_filled_keeps_what_is_valid(data, dtype, count):
    values = data.draw(arrays.arrays(dtype, count))
    valid = data.draw(arrays.arrays(np.bool_, count))
    null = data.draw(st.integers(np.iinfo(dtype).min, np.iinfo(dtype).max))
    made = filled(values, valid, null)
    assert made.dtype == dtype
    assert made.tolist() == np.where(valid, values, dtype(null)).tolist()


@given(st.data(), st.sampled_from((np.int8, np.uint8, np.int32, np.float64)),
       st.sampled_from((np.int32, np.int64)), st.integers(1, 9), st.integers(0, 200))
def test_looked_up_is_take(data, kind, width, size, count):
    table = np.arange(size).astype(kind)
    at = data.draw(arrays.arrays(width, count, elements=st.integers(0, size - 1)))
    assert looked_up(table, at).tolist() == table.take(at).tolist()
    valid = data.draw(arrays.arrays(np.bool_, count))
    garbage = np.where(valid, at, data.draw(arrays.arrays(width, count)))
    expected = np.where(valid, table.take(at), table[-1])
    assert looked_up(table, garbage, valid).tolist() == expected.tolist()


@pytest.mark.parametrize("width", [np.int32, np.int64])
@pytest.mark.parametrize("wrong", [-1, 3, 2**31 - 1])
@pytest.mark.parametrize("valid", [None, np.ones(4, np.bool_)])
def test_a_position_outside_the_table_is_refused(width, wrong, valid):
    at = np.array([0, 1, wrong, 2], width)
    with pytest.raises(IndexError):
        looked_up(np.arange(3, dtype=np.uint8), at, valid)


@pytest.mark.parametrize("valid", [None, np.ones(1, np.bool_)])
def test_an_empty_table_has_nothing_to_look_up(valid):
    table, none = np.empty(0, np.int32), np.empty(0, np.int32)
    assert not len(looked_up(table, none))
    with pytest.raises(IndexError):
        looked_up(table, np.zeros(1, np.int32), valid)


@pytest.mark.parametrize("call", [
    lambda: _cells.fill(np.zeros(3, np.int64), np.ones(2, np.uint8), 0, np.zeros(3, np.int64)),
    lambda: _cells.fill(np.zeros(2, np.int64), np.ones(3, np.uint8), 0, np.zeros(3, np.int64)),
    lambda: _cells.look_up(np.zeros(1, np.int32), np.zeros(2, np.int32), np.zeros(3, np.int32)),
])  # fmt: skip
def test_columns_of_different_length_are_refused(call):
    with pytest.raises(AssertionError):
        call()


def test_rows_are_counted_up():
    assert counted_up(2**40, 3).tolist() == [2**40, 2**40 + 1, 2**40 + 2]


def test_memory_of_a_column_is_nobody_elses_while_it_is_held():
    count = LARGE_BYTES // 8
    held = [empty(count, np.int64) for _ in range(100)]
    for number, column in enumerate(held):
        column[:] = number
    assert all((column == number).all() for number, column in enumerate(held))
    part = held[0][10:20]
    held.clear()
    again = [empty(count, np.int64) for _ in range(100)]
    for column in again:
        column[:] = -1
    assert (part == 0).all()


def test_memory_of_a_column_is_used_again():
    at = empty(LARGE_BYTES, np.int64).ctypes.data
    assert empty(LARGE_BYTES, np.int64).ctypes.data == at


@given(st.data(), st.booleans(), st.integers(1, 60))
def test_counted_ticks_are_rounded_quotients(data, with_nulls, count):
    ticks = np.array([5.0, 0.2, 0.02, -1e-6])
    at = data.draw(arrays.arrays(np.int32, count, elements=st.integers(0, 3)))
    whole = data.draw(arrays.arrays(np.int64, count, elements=st.integers(-(10**6), 10**6)))
    prices = whole * np.abs(ticks[at])
    valid = data.draw(arrays.arrays(np.bool_, count)) if with_nulls else None
    if valid is not None:
        prices[~valid] = np.nan
    out = empty(count, np.int64)
    assert _cells.count_ticks(
        prices, None if valid is None else valid.view(np.uint8), ticks[at], 1e-6, -7, out
    )
    expected = whole if valid is None else np.where(valid, whole, -7)
    assert out.tolist() == expected.tolist()


@pytest.mark.parametrize("price", [5.1, np.nan, np.inf, -np.inf, 5 * 2.0**51, -5 * 2.0**52, 1e300])
def test_a_price_off_its_tick_or_past_rounding_is_not_counted(price):
    prices, ticks, out = np.array([10.0, price]), np.full(2, 5.0), np.zeros(2, np.int64)
    assert not _cells.count_ticks(prices, None, ticks, 1e-6, 0, out)
    first = np.array([1, 0], np.uint8)
    assert _cells.count_ticks(prices, first, ticks, 1e-6, -7, out)
    assert out.tolist() == [2, -7]
