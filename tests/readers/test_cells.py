"""Cells read all at once are what Python reads one by one."""

from __future__ import annotations

import datetime
import decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from abtrade import ids
from abtrade.readers.arrays import filled, valid_of
from abtrade.readers.complaints import Complaints
from abtrade.readers.contents import content_of
from abtrade.readers.orderids import read_ids
from abtrade.readers.prices import read_prices
from abtrade.readers.raw import RawBatch
from abtrade.readers.texts import as_strings, trimmed, whole_numbers
from abtrade.readers.timeformat import to_iso
from abtrade.readers.times import SHANGHAI, texts_to_ns, timestamps_to_ns

DIGITS = st.text("0123456789", min_size=1, max_size=30)
ODD = st.text(" \t\u3000-+0123456789.eE万é", max_size=24) | st.text(max_size=6)
CELLS = st.lists(st.none() | DIGITS | DIGITS.map(lambda d: f"-{d}") | ODD, max_size=20)
BLANKS = " \t\u3000"


@settings(max_examples=300)
@given(CELLS)
@example(["7", "007", "0", "00", "-0", "-7", "-07", "+7", "9" * 18, "9" * 19, "0" * 70])
@example(["9223372036854775807", "9223372036854775808", "-9223372036854775808", " 1", "", None])
def test_ids_of_texts(cells: list[str | None]) -> None:
    """The quick way with many ids gives the words that ``ids.pack`` gives for one."""
    array = pa.array(["x", *cells, "y"], pa.string()).slice(1, len(cells))
    found = read_ids(array, "order_id", _complaints(array))
    expected = [None if not (c or "").strip(BLANKS) else c.strip(BLANKS) for c in cells]
    for at, text in enumerate(expected):
        words = (0 if found.high is None else int(found.high[at]), int(found.low[at]))
        assert words == ((0, 0) if text is None else ids.pack(text))
        digest = text is not None and ids.unpack(*words) is None
        assert (None if found.texts is None else found.texts[at]) == (text if digest else None)
    valid = [True] * len(cells) if found.valid is None else found.valid.tolist()
    assert valid == [text is not None for text in expected]
    assert (found.texts is None) == all(t is None or ids.unpack(*ids.pack(t)) for t in expected)


@settings(max_examples=200)
@given(CELLS)
def test_whole_numbers(cells: list[str | None]) -> None:
    """Of texts without blanks around them, as readers hand them on."""
    cells = [cell and cell.strip(BLANKS) for cell in cells]
    values, fits = whole_numbers(pa.array(cells, pa.string()))
    for cell, value, fit in zip(cells, values.tolist(), fits.tolist(), strict=True):
        digits = (cell or "").removeprefix("-")
        good = digits.isascii() and digits.isdigit() and -(2**63) <= int(cell or 0) < 2**63
        assert fit == good
        assert not good or value == int(cell or 0)


@settings(max_examples=200)
@given(CELLS)
def test_trimming(cells: list[str | None]) -> None:
    found = trimmed(as_strings(pa.array(cells, pa.string()))).to_pylist()
    assert found == [(cell or "").strip(BLANKS) or None for cell in cells]


MOMENTS = st.datetimes(datetime.datetime(1679, 1, 1), datetime.datetime(2261, 1, 1))
ZONES = st.sampled_from(["", "Z", "+08:00", "-0330", "+00:00", "+23:59"])


@settings(max_examples=200)
@given(
    st.lists(st.tuples(MOMENTS, st.integers(0, 9), st.sampled_from("T "), ZONES), max_size=8),
)
def test_times_of_texts(moments: list[tuple[datetime.datetime, int, str, str]]) -> None:
    texts, expected = [], []
    for moment, digits, between, zone in moments:
        fraction = f"{moment.microsecond:06d}789"[:digits]
        texts.append(
            f"{moment:%Y-%m-%d}{between}{moment:%H:%M:%S}{'.' if digits else ''}{fraction}{zone}"
        )
        since = moment.replace(microsecond=0) - datetime.datetime(1970, 1, 1)
        ns = since // datetime.timedelta(seconds=1) * 10**9 + int(fraction.ljust(9, "0"))
        expected.append(ns - _ahead(zone))
    found, fits = texts_to_ns(pa.array(texts, pa.string()))
    assert fits.all()
    assert found.tolist() == expected


@settings(max_examples=300)
@given(st.text("0123456789-: T.Z+", min_size=15, max_size=30))
def test_texts_that_look_like_times(text: str) -> None:
    """What is taken for a time, Python takes for one too."""
    _, fits = texts_to_ns(pa.array([text]))
    if fits[0]:
        assert datetime.datetime.fromisoformat(text[:19])


def _ahead(zone: str) -> int:
    if not zone:
        return SHANGHAI
    digits = zone.replace(":", "")
    minutes = 0 if zone == "Z" else int(digits[1:3]) * 60 + int(digits[3:])
    return (-1 if zone[0] == "-" else 1) * minutes * 60 * 10**9


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_timestamps_at_the_ends_of_what_ns_can_tell(unit: str, zone: str | None) -> None:
    factor = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}[unit]
    ahead = 0 if zone else SHANGHAI
    low, high = -(-(-(2**63) + ahead) // factor), (2**63 - 1) // factor
    cells = [low, low - 1, 0, high, high + 1, None]
    cells = [c if c is None or -(2**63) <= c < 2**63 else 0 for c in cells]
    array = pa.array(cells, pa.timestamp(unit, zone))
    found, fits = timestamps_to_ns(array)
    for cell, ns, fit in zip(cells[:5], found.tolist(), fits.tolist(), strict=False):
        exact = cell * factor - ahead
        assert fit == (-(2**63) <= exact < 2**63)
        assert not fit or ns == exact


@pytest.mark.parametrize(
    ("form", "text", "iso"),
    [
        ("%Y%m%d%H%M%S", "20250303090001", "2025-03-03 09:00:01"),
        ("%Y%m%d%H%M%S%f", "20250303090001123", "2025-03-03 09:00:01.123"),
        ("%Y-%m-%d %H:%M:%S", "2025-3-4 9:5:1", "2025-03-04 09:05:01"),
        ("%H:%M:%S %d/%m/%Y", "9:00:01 4/3/2025", "2025-03-04 09:00:01"),
        ("%Y.%m.%d (%H+%M+%S)", "2025.03.04 (9+0+1)", "2025-03-04 09:00:01"),
        ("%Y%%%m %d %H:%M:%S", "2025%3 4 9:00:01", "2025-03-04 09:00:01"),
        ("%Y.%m.%d %H:%M:%S", "2025x03x04 09:00:01", "2025x03x04 09:00:01"),
        ("%Y%m%d %H:%M:%S", "20250304 09:00:01 ", "20250304 09:00:01 "),
    ],
)
def test_formats(form: str, text: str, iso: str) -> None:
    assert to_iso(pa.array([text, None]), form).to_pylist() == [iso, None]


PRICES = st.decimals(-(10**9), 10**9, places=9) | st.decimals(-(10**6), 10**6, places=18)
HUGE = decimal.Decimal(2**70)
TICK = st.sampled_from([0.2, 1.0, 0.005, 10.0, -1e-6])


@settings(max_examples=200)
@given(
    st.lists(st.tuples(PRICES | st.integers(-(10**6), 10**6), TICK, st.booleans()), max_size=8),
    st.sampled_from([pa.decimal128(38, 18), pa.decimal256(60, 18), pa.decimal256(76, 25)]),
)
@example([(HUGE, 1.0, False), (-HUGE, 1e-6, False), (1, 1.0, False)], pa.decimal256(76, 0))
def test_decimal_prices(rows: list[tuple[Any, float, bool]], kind: pa.DataType) -> None:
    """Exact: a multiple of the tick within a millionth of it; towards zero where it is cut."""
    cells = [decimal.Decimal(price) for price, _, _ in rows]
    array = pa.array(cells, kind)
    ticks = np.array([tick for _, tick, _ in rows], np.float64)
    cut = np.array([cut for _, _, cut in rows], np.bool_)
    complaints = _complaints(array)
    found, _ = read_prices(array, ticks, lambda: cut, complaints)
    good = complaints.good()
    for at, (_, tick, is_cut) in enumerate(rows):
        exact = Fraction(cells[at]) / Fraction(decimal.Decimal(repr(abs(tick))))
        if abs(exact) >= 2**62:
            assert good is not None and not good[at]
            continue
        nearest = round(exact)
        on_tick = abs(exact - nearest) <= Fraction(1, 10**6)
        off = tick > 0 and not on_tick
        assert (good is None or good[at]) == (not off or is_cut)
        if off and is_cut:
            assert found[at] == int(exact)
        elif not off:
            assert abs(found[at] - exact) <= Fraction(1, 2)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(-(10**7), 10**7), TICK), max_size=10))
def test_prices_on_the_tick_are_the_same_as_decimals_floats_and_text(
    rows: list[tuple[int, float]],
) -> None:
    cells = [n * decimal.Decimal(repr(abs(tick))) for n, tick in rows]
    ticks = np.array([tick for _, tick in rows], np.float64)
    no = np.zeros(len(rows), np.bool_)
    for array in (
        pa.array(cells, pa.decimal128(30, 6)),
        pa.array([float(cell) for cell in cells], pa.float64()),
        pa.array([format(cell, "f") for cell in cells], pa.string()),
    ):
        complaints = _complaints(array)
        found, _ = read_prices(array, ticks, lambda: no, complaints)
        assert complaints.good() is None
        assert found.tolist() == [n for n, _ in rows]


@given(st.lists(st.none() | st.integers(-128, 127), max_size=30), st.integers(0, 9))
def test_null_cells(cells: list[int | None], skipped: int) -> None:
    array = pa.array([None] * skipped + cells, pa.int8()).slice(skipped)
    valid = valid_of(array)
    assert (valid is None) == (array.null_count == 0)
    values = np.array([99 if cell is None else cell for cell in cells], np.int32)
    assert filled(values, valid, -7).tolist() == [-7 if c is None else c for c in cells]
    assert filled(values, valid, 0).tolist() == [c or 0 for c in cells]


def test_content_of_any_type() -> None:
    moment = datetime.datetime(2025, 3, 3, 9)
    record = pa.RecordBatch.from_pydict(
        {
            "ns": pa.array([1], pa.timestamp("ns", "Asia/Shanghai")),
            "clock": pa.array([1], pa.time64("ns")),
            "span": pa.array([1], pa.duration("ns")),
            "day": pa.array([moment.date()]),
            "decimal": pa.array([decimal.Decimal("1.50")]),
            "nan": pa.array([float("nan")]),
            "bytes": pa.array([b"\xff\x00"]),
            "view": pa.array(["a"], pa.string_view()).dictionary_encode(),
            "list": pa.array([[1, 2]]),
            "flag": pa.array([True]),
            "null": pa.array([None]),
        }
    )
    assert content_of(record, [0]) == [
        '{"ns": "1970-01-01 08:00:00.000000001+0800", "clock": "00:00:00.000000001", "span": 1, '
        '"day": "2025-03-03", "decimal": "1.50", "nan": "nan", "bytes": "\\\\xff\\u0000", '
        '"view": "a", "list": "[1, 2]", "flag": true}'
    ]


def _complaints(array: pa.Array) -> Complaints:
    record = pa.RecordBatch.from_arrays([array, array], ["order_id", "price"])
    return Complaints(RawBatch(1, record))
