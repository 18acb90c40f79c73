"""Sniffing reads the beginning of a file, and nothing that a file holds makes it fail."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sniffed_files import CANONICAL, COUNTER, LETTERS, STATEMENT, STATES

import abtrade
from abtrade.sinks.sniff_record import record
from abtrade.sinks.sniffing import show_sniffed
from abtrade.sinks.terminal import make_console

ROW = "{},2025-03-03 09:00:00.5,cu2503,new,{},A1,buy,70000,5\n"


def bytes_read() -> int:
    """Return how many bytes this process has read, from files and else."""
    counts = Path("/proc/self/io").read_text()
    return int(counts.split("rchar: ")[1].split()[0])


@pytest.fixture(scope="module")
def long_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "day.csv"
    rows = "".join(ROW.format(n, n) for n in range(1, 10_001))
    with path.open("w") as file:
        file.write(CANONICAL.partition("\n")[0] + "\n")
        for _ in range(120):
            file.write(rows)
    return path


@pytest.fixture(scope="module")
def long_parquet(long_csv: Path) -> Path:
    path = long_csv.with_suffix(".parquet")
    ids = pa.array(range(1_000_000), pa.int64())
    n = len(ids)
    table = pa.table({
        "seq": ids, "ts": pa.array([1_740_963_600_000_000_000] * n, pa.timestamp("ns")),
        "contract": ["cu2503"] * n, "action": ["new"] * n, "order_id": ids,
        "account": ["A1"] * n, "lots": ids,
    })  # fmt: skip
    pq.write_table(table, path, compression="none", use_dictionary=False, row_group_size=n)
    return path


@pytest.mark.parametrize("which", ["long_csv", "long_parquet"])
def test_only_the_beginning_is_read(which: str, request: pytest.FixtureRequest):
    path = request.getfixturevalue(which)
    size = path.stat().st_size
    assert size > 55e6
    abtrade.sniff(path)  # rules, calendar and modules are read once
    before = bytes_read()
    found = abtrade.sniff(path)
    assert bytes_read() - before < size / 2
    assert found.scannable
    assert 10_000 <= found.sample.rows < 25_000
    assert not found.sample.whole


def test_rows_are_estimated(long_csv: Path):
    found = abtrade.sniff(long_csv).files[0]
    assert not found.rows_exact
    assert found.rows == pytest.approx(1_200_000, rel=0.05)


def test_rows_of_a_compressed_file_are_estimated(long_csv: Path):
    path = long_csv.with_suffix(".csv.gz")
    with long_csv.open("rb") as file:
        path.write_bytes(gzip.compress(file.read(12_000_000), 1))
    found = abtrade.sniff(path).files[0]
    assert found.compression == "gzip"
    assert not found.rows_exact
    assert found.rows == pytest.approx(12_000_000 / 56, rel=0.15)


def told(path: Path) -> None:
    """Sniff a file, and put what was found into every output."""
    found = abtrade.sniff(path)
    for lang in ("en", "zh"):
        show_sniffed(found, lang, make_console(io.StringIO()))  # type: ignore[arg-type]
        record(found, lang)  # type: ignore[arg-type]


@given(data=st.binary(max_size=300))
@example(b"\x1f\x8b")
@example(b"ARROW1\x00\x00")
@example(b"\xff\xff\xff\xff\x00")
@example(b"\xef\xbb\xbf")
@example(b'a,b,c\n"')
@example(b",,,\n,,,\n")
@example(b"ts,contract,action,order_id,account,lots")
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, data: bytes):
    path = tmp_path_factory.getbasetemp() / "any.bin"
    path.write_bytes(data)
    told(path)


TEXTS = [text.encode("gbk") for text in (CANONICAL, COUNTER, LETTERS, STATEMENT, STATES)]


@settings(max_examples=60)
@given(data=st.data(), text=st.sampled_from(TEXTS))
def test_no_damage_to_a_text_makes_it_fail(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, text: bytes
):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(text[:start] + data.draw(st.binary(max_size=8)) + text[end:])
    told(path)


@settings(max_examples=60)
@given(data=st.data(), form=st.sampled_from([".parquet", ".arrow", ".csv.gz", ".csv.zst"]))
def test_no_damage_to_a_file_makes_it_fail(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, form: str
):
    folder = tmp_path_factory.getbasetemp()
    whole, path = folder / f"whole{form}", folder / f"any{form}"
    if not whole.exists():
        (folder / "whole.csv").write_text(CANONICAL)
        abtrade.convert([folder / "whole.csv"], whole)
    content = whole.read_bytes()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(start + 8, len(content))))
    path.write_bytes(content[:start] + data.draw(st.binary(max_size=4)) + content[end:])
    told(path)
