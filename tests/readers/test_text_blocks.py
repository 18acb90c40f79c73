"""CSV read in blocks of whole rows; a process that refuses a log ends."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
from pathlib import Path

import pytest

from abtrade.readers import textblocks
from abtrade.readers.sources import open_source

HEADER = b"seq,ts,exchange,contract,account,order_id,event,side,price,lots\n"
LINE = "%d,2026-07-01T09:00:00.%09d+08:00,SHFE,cu2609,a%d,o%d,new,buy,100,1\n"


def log_text(rows: int) -> bytes:
    return HEADER + "".join(LINE % (n, n, n % 97, n) for n in range(rows)).encode()


def command(*words: str) -> subprocess.CompletedProcess[str]:
    called = [sys.executable, "-m", "abtrade", *words]
    return subprocess.run(called, check=False, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("size", [16, 17, 64, 1 << 20])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("text", ["a,b|1,2|3,4|", 'a,b|"1|""x""|",2|3,"4"y|5"6,7', "a,b||1,2||3,4"])
def test_blocks_are_whole_rows_wherever_they_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, end: str, size: int
) -> None:
    whole = text.replace("|", end).encode()
    path = tmp_path / "a.csv"
    path.write_bytes(whole)
    monkeypatch.setattr(textblocks, "READ_BYTES", size)
    blocks = list(textblocks.text_blocks(path, None, "utf-8", ","))
    assert b"".join(blocks) == whole
    assert all(block.count(b'"') % 2 == 0 or b'5"6' in block for block in blocks)
    assert all(block.endswith(end.encode()) for block in blocks[:-1])


def test_rows_are_numbered_over_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textblocks, "READ_BYTES", 1000)
    lines = log_text(200).splitlines(keepends=True)
    lines[50] = lines[150] = b"too,few\n"
    path = tmp_path / "a.csv"
    path.write_bytes(b"".join(lines))
    batches = list(open_source(path).read())
    assert [bad.row for raw in batches for bad in raw.bad] == [50, 150]
    numbers = [int(n) for raw in batches for n in raw.row_numbers()]
    assert numbers == [n for n in range(1, 201) if n not in (50, 150)]


@pytest.mark.slow
def test_a_refused_log_ends_the_process(tmp_path: Path) -> None:
    """Arrow's thread read on, and came into Python while the interpreter ended: a hang."""
    whole = gzip.compress(log_text(400_000), 1)
    rng = random.Random(1)
    path = tmp_path / "a.csv.gz"
    for _ in range(8):
        damaged = bytearray(whole)
        at = rng.randrange(100, len(whole) - 8)
        for place in range(at, at + 8):
            damaged[place] ^= rng.randrange(1, 256)
        path.write_bytes(damaged)
        assert command("convert", str(path), str(tmp_path / "o.arrow"), "-q").returncode == 1


@pytest.mark.slow
def test_several_files_refused_at_once_end_the_process(tmp_path: Path) -> None:
    """The headers had been read, and Arrow's threads still read on in the files."""
    folder = tmp_path / "v"
    folder.mkdir()
    text = log_text(50_000).replace(b"seq,", b"number,", 1)
    for name in "abcd":
        (folder / f"{name}.csv").write_bytes(text)
    for _ in range(8):
        done = command("convert", str(folder), str(tmp_path / "o.parquet"))
        assert (done.returncode, "Aborted" in done.stderr) == (1, False), done.stderr
