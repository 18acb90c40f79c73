"""A conversion notices when a single cell of what it wrote is another one."""

from __future__ import annotations

import datetime
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from abtrade import log_writers
from abtrade.convert import convert
from abtrade.convert_check import Checksum
from abtrade.convert_keys import Records
from abtrade.errors import InputError, OutputError
from abtrade.external_sort import ExternalSort
from abtrade.readers.merge import Merge
from abtrade.readers.sources import open_source

NOON = datetime.datetime(2025, 3, 3, 12)
COLUMNS = {
    "seq": (pa.int64(), [1, 2, 3]),
    "ts": (pa.timestamp("ns", "Asia/Shanghai"), [NOON, NOON + datetime.timedelta(seconds=1), None]),
    "contract": (pa.dictionary(pa.int32(), pa.string()), ["cu2503", None, "al2503"]),
    "order_id": (pa.string(), ["007", "7", None]),
    "price": (pa.float64(), [0.1, None, -0.0]),
    "flag": (pa.bool_(), [True, False, None]),
    "small": (pa.int8(), [-1, None, 1]),
    "wide": (pa.uint64(), [2**64 - 1, 0, None]),
    "amount": (pa.decimal128(20, 4), [Decimal("1.5000"), None, Decimal("-2.0001")]),
    "date": (pa.date32(), [datetime.date(2025, 3, 3), None, datetime.date(2025, 3, 4)]),
    "note": (pa.large_string(), ["", "longer than eight bytes", None]),
    "bytes": (pa.binary(), [b"ab", None, b""]),
    "list": (pa.list_(pa.int64()), [[1, 2], None, []]),
}
IN_CSV = [name for name in COLUMNS if name not in ("bytes", "list")]


def a_record(names=tuple(COLUMNS)) -> pa.RecordBatch:
    arrays = [_made(values, kind) for kind, values in (COLUMNS[name] for name in names)]
    return pa.RecordBatch.from_arrays(arrays, list(names))


def _made(values, kind):
    if pa.types.is_dictionary(kind):
        return pa.array(values, kind.value_type).dictionary_encode()
    return pa.array(values, kind)


def sums_of(*records: pa.RecordBatch, as_text: bool = False) -> dict[str, int]:
    checksum = Checksum(records[0].schema, as_text=as_text)
    for record in records:
        checksum.add(record)
    return checksum.sums


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("name", COLUMNS)
def test_a_cell_in_the_place_of_another_changes_its_columns_sum_alone(name, as_text):
    if as_text and name not in IN_CSV:
        return
    record = a_record(IN_CSV if as_text else tuple(COLUMNS))
    before = sums_of(record, as_text=as_text)
    kind, values = COLUMNS[name]
    for at in range(3):
        for other in values:
            if other == values[at]:
                continue
            if as_text and {other, values[at]} <= {"", None}:
                continue  # nothing and an empty text are one in CSV
            changed = [*values[:at], other, *values[at + 1 :]]
            place = record.schema.get_field_index(name)
            after = sums_of(record.set_column(place, name, _made(changed, kind)), as_text=as_text)
            assert {key for key in before if before[key] != after[key]} == {name}


@pytest.mark.parametrize("name", COLUMNS)
def test_rows_in_another_order_have_another_sum(name):
    record = a_record()
    assert sums_of(record)[name] != sums_of(record.take(pa.array([1, 0, 2])))[name]


@given(st.integers(0, 3))
def test_where_batches_are_cut_does_not_matter(cut):
    record = a_record()
    assert sums_of(record.slice(0, cut), record.slice(cut)) == sums_of(record)


@given(st.lists(st.one_of(st.none(), st.text(st.characters(codec="utf-8"))), max_size=8))
def test_a_text_is_the_same_however_it_is_kept(texts):
    sums = {
        sums_of(pa.RecordBatch.from_arrays([array], ["word"]))["word"]
        for kind in (pa.string(), pa.large_string(), pa.string_view())
        for array in (pa.array(texts, kind), pa.array([None, *texts], kind)[1:])
    }
    encoded = pa.array(texts, pa.string()).dictionary_encode()
    sums.add(sums_of(pa.RecordBatch.from_arrays([encoded], ["word"]))["word"])
    assert len(sums) == 1


@pytest.mark.parametrize("ending", ["parquet", "arrow", "csv"])
@pytest.mark.parametrize("name", COLUMNS)
def test_a_flipped_cell_in_the_file_is_found(tmp_path, monkeypatch, ending, name):
    names = tuple(IN_CSV) if ending == "csv" else tuple(COLUMNS)
    if name not in names:
        return
    source, output = tmp_path / "in.parquet", tmp_path / f"out.{ending}"
    parquet.write_table(pa.Table.from_batches([a_record(names)]), source)
    convert(source, output)  # as it should be
    output.unlink()
    writer = log_writers._WRITERS[ending]
    write_group = writer.write_group

    def flipped(self, table):
        place, column = table.schema.get_field_index(name), table[name].combine_chunks()
        moved = column.take(pa.array([1, 1, 2]))
        write_group(self, table.set_column(place, table.schema.field(name), moved))

    monkeypatch.setattr(writer, "write_group", flipped)
    with pytest.raises(OutputError, match=f"column '{name}' reads differently"):
        convert(source, output)
    assert not output.exists()


def dropped(record: pa.RecordBatch) -> pa.RecordBatch:
    return record.slice(1)


def doubled(record: pa.RecordBatch) -> pa.RecordBatch:
    return record.take(pa.array([0, *range(record.num_rows)]))


def replaced(record: pa.RecordBatch) -> pa.RecordBatch:
    return record.take(pa.array([1, *range(1, record.num_rows)]))


def altered(record: pa.RecordBatch) -> pa.RecordBatch:
    lots = record.column("lots").to_pylist()
    return record.set_column(1, "lots", pa.array([lots[0] + 1, *lots[1:]]))


def crossed(record: pa.RecordBatch) -> pa.RecordBatch:
    """Return the rows, of which the first two have changed one cell."""
    lots = record.column("lots").to_pylist()
    return record.set_column(1, "lots", pa.array([lots[1], lots[0], *lots[2:]]))


HARMS = {
    dropped: "20 rows were read, and 19 written",
    doubled: "20 rows were read, and 21 written",
    replaced: "the rows written are not those that were read",
    altered: "the rows written are not those that were read",
    crossed: "the rows written are not those that were read",
}


def two_files(folder: Path) -> list[Path]:
    """Write two logs of ten rows, which take turns after every five."""
    paths = [folder / f"in{first}.parquet" for first in (0, 1)]
    for first, path in enumerate(paths):
        seqs = [seq for seq in range(20) if seq // 5 % 2 == first]
        rows = [{"seq": seq, "lots": seq % 7, "contract": f"c{seq}"} for seq in seqs]
        parquet.write_table(pa.Table.from_pylist(rows), path)
    return paths


def once(harm, records):
    """Yield the records, the first with rows harmed."""
    records = iter(records)
    yield harm(next(records))
    yield from records


@pytest.mark.parametrize("ending", ["parquet", "arrow", "csv"])
@pytest.mark.parametrize("harm", HARMS)
def test_rows_that_a_sort_harms_are_found(tmp_path, monkeypatch, ending, harm):
    inputs, output = two_files(tmp_path), tmp_path / f"out.{ending}"
    assert convert(inputs, output, sort=True, force=True).rows == 20
    output.unlink()
    in_order = ExternalSort.sorted
    monkeypatch.setattr(
        ExternalSort, "sorted", lambda self, exchanges: once(harm, in_order(self, exchanges))
    )
    with pytest.raises(OutputError, match=f"{output}: {HARMS[harm]}"):
        convert(inputs, output, sort=True)
    assert not output.exists()


@pytest.mark.parametrize("sort", [False, True])
@pytest.mark.parametrize("harm", HARMS)
def test_rows_that_a_merge_harms_are_found(tmp_path, monkeypatch, sort, harm):
    inputs, output = two_files(tmp_path), tmp_path / "out.parquet"
    merged = Merge.__iter__
    monkeypatch.setattr(
        Merge,
        "__iter__",
        lambda self: once(lambda rows: Records(harm(rows.record)), merged(self)),
    )
    with pytest.raises(OutputError, match=HARMS[harm]):
        convert(inputs, output, sort=sort)
    assert not output.exists()


def test_a_merge_that_does_not_read_a_file_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(
        sys.modules["abtrade.convert"],
        "Merge",
        lambda streams, lanes, room: Merge(streams[:1], lanes, room),
    )
    with pytest.raises(OutputError, match="20 rows were to be merged, and 10 were read"):
        convert(two_files(tmp_path), tmp_path / "out.parquet")


@pytest.mark.parametrize("sort", [False, True])
@pytest.mark.parametrize("ending", ["parquet", "arrow"])
@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary(2)])
def test_bytes_that_are_no_text_are_kept(tmp_path, kind, ending, sort):
    cells = [b"\xff\x00", None, b"ab"]
    source, output = tmp_path / "in.parquet", tmp_path / f"out.{ending}"
    parquet.write_table(pa.table({"seq": [1, 2, 3], "mark": pa.array(cells, kind)}), source)
    convert(source, output, sort=sort)
    (raw,) = open_source(output).read()
    assert raw.record.schema.field("mark").type == kind
    assert raw.record.column("mark").to_pylist() == cells


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (pa.array([[1], [2]]), "{output}: column 'mark' is list"),
        (pa.array([{"a": 1}, {"a": 2}]), "{output}: column 'mark' is struct"),
        (pa.array([b"ab", b"cd"], pa.binary(2)), "{output}: column 'mark' is fixed_size_binary"),
        (pa.array([b"\xff", b"cd"]), "{source}: from row 1 on: found bytes that are not UTF-8"),
    ],
)
def test_what_csv_cannot_hold_is_told_with_the_files_name(tmp_path, values, said):
    source, output = tmp_path / "in.parquet", tmp_path / "out.csv"
    parquet.write_table(pa.table({"seq": [1, 2], "mark": values}), source)
    with pytest.raises(InputError) as caught:
        convert(source, output)
    assert str(caught.value).startswith(said.format(source=source, output=output))
    assert list(tmp_path.iterdir()) == [source]
