"""Rows read many at once are what they are read one by one, whatever Arrow types they come in.

A batch of one row takes no short cut that holds for a batch as a whole.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from day_files import ALL, Contracts
from hypothesis import given, settings
from hypothesis import strategies as st

from abtrade.names import Names
from abtrade.readers.normalise import Normaliser
from abtrade.readers.raw import RawBatch

WORDS: dict[str, list[Any]] = {
    "action": ["new", "cancel", "trade", "amend", "reject", "carried", "rfq", " NEW ", "nwe", None],
    "side": ["buy", "sell", " ", "long", None],
    "tif": ["gfd", "fak", None, "ioc"],
    "account": ["a", "b", " a", "\u3000", None],
    "contract": ["cu2503", "SR505", "zz1", "cu2504 ", None],
    "exchange": ["SHFE", "shfe", "CZCE", "", None],
    "contra_account": ["b", "c", None],
}
USUAL = {"action": "new", "contract": "cu2503", "account": "a", "side": "buy", "tif": "gfd"}
INDICES = (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32())
TEXTS = (pa.string(), pa.large_string(), pa.string_view(), pa.binary())
WHOLES = (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(),
          pa.uint64())  # fmt: skip
GARBAGE = 113
"""What stands where a cell is null: no index of any dictionary here."""


def fixed(values: list[Any], kind: pa.DataType, garbage: Any = GARBAGE) -> pa.Array:
    """Return an array that holds garbage in its null slots."""
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return pa.array(values, kind)
    dense = np.array([garbage if v is None else v for v in values], kind.to_pandas_dtype())
    made = pa.array(dense, mask=np.array([v is None for v in values], np.bool_))
    assert made.type == kind
    return made


@st.composite
def words(draw: Any, name: str, count: int) -> pa.Array:
    """Return a column of words, most of them the usual one, as text or in a dictionary."""
    usual = USUAL.get(name, WORDS[name][0])
    cell = st.one_of(st.just(usual), st.just(usual), st.sampled_from(WORDS[name]))
    cells = draw(st.lists(cell, min_size=count, max_size=count))
    kind = draw(st.sampled_from((*TEXTS, None, None)))
    if kind is not None:
        return pa.array(cells, kind)
    entries = draw(st.permutations(list(dict.fromkeys(c for c in cells if c is not None))))
    places = [None if c is None else entries.index(c) for c in cells]
    text = draw(st.sampled_from(TEXTS[:3]))
    return pa.DictionaryArray.from_arrays(
        fixed(places, draw(st.sampled_from(INDICES))), pa.array(entries, text), safe=False
    )


@st.composite
def wholes(draw: Any, count: int, low: int, *others: Any) -> pa.Array:
    """Return a column of whole numbers from ``low`` on, or of text that writes them."""
    kind = draw(st.sampled_from((*WHOLES, pa.string(), pa.decimal128(38, 0))))
    if kind == pa.string():
        cell = st.integers(low, 120).map(str) | st.sampled_from((" 7", "007", "x", None, *others))
    elif pa.types.is_decimal(kind):
        cell = st.integers(low, 120) | st.sampled_from((2**63, None))
    else:
        least = max(low, 0) if "uint" in str(kind) else low
        extremes = (2**64 - 1, 2**63) if kind == pa.uint64() else ()
        cell = st.integers(least, 120) | st.sampled_from((None, *extremes))
    cells = draw(st.lists(cell, min_size=count, max_size=count))
    return fixed([Decimal(c) if pa.types.is_decimal(kind) and c is not None else c for c in cells],
                 kind)  # fmt: skip


@st.composite
def times(draw: Any, count: int) -> pa.Array:
    unit, zone = draw(st.sampled_from(("s", "ms", "us", "ns"))), draw(
        st.sampled_from((None, "UTC", "Asia/Shanghai"))
    )
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    cell = st.integers(0, 1_741_000_000).map(lambda s: s * per_second) | st.sampled_from(
        (None, 2**62)
    )
    return fixed(draw(st.lists(cell, min_size=count, max_size=count)), pa.int64()).cast(
        pa.timestamp(unit, zone)
    )


@st.composite
def prices(draw: Any, count: int) -> pa.Array:
    kind = draw(st.sampled_from((pa.float64(), pa.float32(), pa.string(), pa.decimal128(20, 4))))
    on_tick = st.integers(1, 9000).map(lambda ticks: ticks * 10.0)
    odd: list[Any] = [None, 10.5, 0.02]
    if kind == pa.float64():
        odd += [float("nan"), float("inf"), -float("inf"), 1e300, 1e17, 5e-324, 10 + 1e-9]
    cells = draw(st.lists(on_tick | st.sampled_from(odd), min_size=count, max_size=count))
    if kind == pa.string():
        return pa.array([None if c is None else f" {c}" for c in cells], kind)
    if pa.types.is_decimal(kind):
        return pa.array([None if c is None else Decimal(str(c)) for c in cells], kind)
    return fixed(cells, kind, float("nan"))


@st.composite
def records(draw: Any) -> pa.RecordBatch:
    """Return a slice of a batch, so that its arrays have offsets."""
    before, count, after = (draw(st.integers(*bounds)) for bounds in ((0, 9), (1, 30), (0, 3)))
    n = before + count + after
    columns = {
        "ts": draw(times(n)),
        "order_id": draw(wholes(n, -3, "x1", "é")),
        "lots": draw(wholes(n, -1, "2.0")),
        **{name: draw(words(name, n)) for name in ("contract", "action", "account")},
    }
    optional = {
        "seq": wholes(n, 0),
        "channel": wholes(n, 0),
        "contra_order_id": wholes(n, 0, "x1"),
        "price": prices(n),
        **{name: words(name, n) for name in ("exchange", "side", "tif", "contra_account")},
    }
    for name, column in optional.items():
        if draw(st.booleans()):
            columns[name] = draw(column)
    return pa.record_batch(columns).slice(before, count)


def read(batches: list[RawBatch]) -> tuple[list[tuple[Any, ...]], list[Any], list[Any]]:
    """Return the good rows as plain values with names for ids, the bad rows, and their seqs."""
    names = Names()
    normaliser = Normaliser(names, Contracts(), ALL, {}, "arrow")
    rows, bad, bad_seqs = [], [], []
    for raw in batches:
        found = normaliser.batch(0, raw)
        columns = {key: col for key, col in found.batch.columns().items() if col is not None}
        for at in range(len(found.batch)):
            row = {key: column[at] for key, column in columns.items()}
            row["contract"] = _named(names, names.contracts, row["contract"])
            for key in ("account", "contra_account"):
                if key in row:
                    row[key] = _named(names, names.accounts, row[key])
            # What a batch has nowhere is left out of it as a whole.
            rows.append({key: value for key, value in row.items() if value not in (None, 0)})
        bad += found.bad
        bad_seqs += [(channel, seq) for _, channel, seq in found.bad_seqs]
    return rows, bad, bad_seqs


def _named(names: Names, known: list[tuple[int, str]], id_: int) -> tuple[str, str] | None:
    if id_ < 0:
        return None
    exchange, name = known[id_]
    return names.exchanges[exchange], name


@settings(max_examples=120, deadline=None)
@given(records())
def test_many_rows_are_read_as_one_by_one(record: pa.RecordBatch) -> None:
    together = read([RawBatch(1, record)])
    alone = read([RawBatch(1 + at, record.slice(at, 1)) for at in range(record.num_rows)])
    assert together == alone


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=40))
def test_a_bad_row_among_thousands_is_the_same_bad_row(places: list[int]) -> None:
    """Columns large enough for memory that is used again, and a dictionary of every index."""
    n, repeat = 20_000, 97
    places = sorted({at * 49 for at in places})
    actions = ["new"] * n
    for at in places:
        actions[at] = "nwe"
    noon = datetime.datetime(2025, 3, 3, 12)
    record = pa.record_batch({
        "ts": pa.array([noon] * n, pa.timestamp("ns")),
        "order_id": pa.array(range(n)),
        "lots": pa.array([1] * n, pa.int32()),
        "contract": pa.array(["cu2503"] * n).dictionary_encode(),
        "action": pa.array(actions).dictionary_encode(),
        "account": pa.array([f"a{at % repeat}" for at in range(n)]).dictionary_encode(),
    })  # fmt: skip
    names = Names()
    normaliser = Normaliser(names, Contracts(), ALL, {}, "arrow")
    for first in (1, 1 + n):  # the second time all names are known
        found = normaliser.batch(0, RawBatch(first, record))
        assert [row.row for row in found.bad] == [first + at for at in places]
        good = np.setdiff1d(np.arange(n), places)
        assert (found.batch.row == first + good).all()
        assert (found.batch.order == good).all()
        accounts = [names.accounts[id_][1] for id_ in found.batch.account.tolist()]
        assert accounts == [f"a{at % repeat}" for at in good.tolist()]
