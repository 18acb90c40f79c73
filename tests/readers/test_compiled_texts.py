"""Compiled passes over texts and keys do what plain Python would, cell by cell."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from abtrade.readers import _cells
from abtrade.readers.clocks import BLANK, UNREADABLE, clocks_of
from abtrade.readers.states.rows import numbered
from abtrade.readers.texts import NO_DIGITS, NO_TEXT, plain_numbers

TEXTS = st.lists(st.none() | st.text("0019 \tx-\u3000", max_size=22), max_size=20)
CLOCK = st.text("0125:9 x", max_size=9) | st.sampled_from(["23:59:59", "24:00:00", "09:60:00"])
WORD = st.sampled_from([0, 1, -1, 2**63 - 1, -(2**63), 1 << 40])
CSV = st.text('a,"\r\n', max_size=30)
ROW = re.compile(r'(?:"[^"]*+(?:""[^"]*+)*+"[^\r\n,]*+|(?!")[^\r\n,]*+)')
"""A cell as Arrow reads it."""


@given(TEXTS, st.integers(0, 5))
@example(["0" * 18, "0" * 19, "9" * 18, " 007 ", "0"], 0)
def test_digits(texts: list[str | None], skipped: int) -> None:
    numbers, zeros = plain_numbers(pa.array(texts, pa.string())[skipped:])
    for text, number, leading in zip(texts[skipped:], numbers, zeros, strict=True):
        written = (text or "").strip(" \t")
        if not written:
            assert (number, leading) == (0, NO_TEXT)
        elif re.fullmatch("[0-9]{1,18}", written):
            assert str(number).rjust(int(leading) + len(str(number)), "0") == written
        else:
            assert (number, leading) == (0, NO_DIGITS)


@given(st.lists(st.none() | CLOCK, max_size=20))
def test_clocks_of_the_usual_form(texts: list[str | None]) -> None:
    found = clocks_of(pa.array(texts, pa.string()))
    for text, ns in zip(texts, found.tolist(), strict=True):
        if not (text or "").strip():
            assert ns == BLANK
        elif re.fullmatch("([01][0-9]|2[0-3])(:[0-5][0-9]){2}", text or ""):
            hour, minute, second = map(int, str(text).split(":"))
            assert ns == ((hour * 60 + minute) * 60 + second) * 10**9
        elif re.fullmatch("[0-9]{2}(:[0-9]{2}){2}", text or ""):
            assert ns == UNREADABLE


@given(st.lists(st.tuples(WORD, WORD, WORD), max_size=40))
def test_rows_are_numbered_by_first_sight(rows: list[tuple[int, int, int]]) -> None:
    columns = [np.array([row[at] for row in rows], np.int64) for at in range(3)]
    columns[2] = columns[2].view(np.uint64)
    first = list(dict.fromkeys(rows))
    assert numbered(*columns).tolist() == [first.index(row) for row in rows]


@given(CSV)
@example('a,"b\n"\n"c""')
@example("a\r")
def test_where_whole_rows_of_csv_end(text: str) -> None:
    assert _cells.rows_end(text.encode(), ord(",")) == _rows_end(text)


def _rows_end(text: str) -> int:
    at = end = 0
    while cell := ROW.match(text, at):
        at = cell.end()
        if text[at : at + 2] == "\r\n":
            at = end = at + 2
        elif text[at : at + 1] == "\n" or (text[at : at + 1] == "\r" and at + 1 < len(text)):
            at = end = at + 1
        elif text[at : at + 1] == ",":
            at += 1
        else:
            break
    return end


@pytest.mark.parametrize("offsets", [[0, 4], [-1, 3], [0, 3, 2]])
def test_texts_outside_their_data(offsets: list[int]) -> None:
    places, count = np.array(offsets, np.int32), len(offsets) - 1
    data, out = np.zeros(3, np.uint8), np.zeros(count, np.int64)
    with pytest.raises(IndexError, match="text"):
        _cells.read_digits(data, places, None, out, np.zeros(count, np.uint64))
    with pytest.raises(IndexError, match="text"):
        _cells.read_clocks(data, places, None, 0, 0, out)
