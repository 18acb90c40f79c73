"""The one order of rows, against a plain sort, whatever the files, blocks and batches."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from order_rows import batch_of

from abtrade.batch import Batch
from abtrade.errors import OrderError
from abtrade.names import Names
from abtrade.readers.merge import Merge
from abtrade.readers.stream import Chunk, LaneIndex, Stream

Row = dict[str, Any]


def lane_of(row: Row) -> tuple[str, int]:
    return row.get("exchange", "SHFE"), row.get("channel", 0)


class Files:
    """Files of rows as streams: read in chunks of one size, indexed in blocks of another."""

    def __init__(self, files: list[list[Row]], batch_rows: int = 4, block_rows: int = 4) -> None:
        self.names = Names()
        self.opened: list[int] = []
        self.read = 0  # rows of all files
        self.lanes = sorted({lane_of(row) for rows in files for row in rows})
        self.streams = [
            Stream(f"{index}.parquet", self._index(rows, block_rows), self._opener(index, rows,
                                                                                  batch_rows))
            for index, rows in enumerate(files)
        ]

    def _index(self, rows: list[Row], block_rows: int) -> dict[int, LaneIndex]:
        index: dict[int, LaneIndex] = defaultdict(LaneIndex)
        for start in range(0, len(rows), block_rows):
            block = rows[start : start + block_rows]
            for number, lane in enumerate(self.lanes):
                held = [row for row in block if lane_of(row) == lane]
                if held:
                    low = min(row["seq"] for row in held), min(row["ts"] for row in held)
                    index[number].add(start + len(block), *low)
        return dict(index)

    def _opener(self, index: int, rows: list[Row], batch_rows: int) -> Any:
        def chunks() -> Iterator[Chunk[Batch]]:
            self.opened.append(index)
            for start in range(0, len(rows), batch_rows):
                here = rows[start : start + batch_rows]
                numbered = [
                    {**row, "row": start + at, "file": index} for at, row in enumerate(here)
                ]
                good = [row for row in numbered if not row.get("bad")]
                batch = batch_of(good, self.names)
                self.read += len(here)
                yield Chunk(
                    batch, self._lanes(good), batch.seq, batch.ts, batch.row, start + len(here)
                )

        return chunks

    def _lanes(self, rows: list[Row]) -> list[tuple[int, Any]]:
        number = np.array([self.lanes.index(lane_of(row)) for row in rows], int)
        return [(lane, np.flatnonzero(number == lane)) for lane in np.unique(number).tolist()]

    def merge(self, room: int = 10**6) -> Merge[Batch]:
        return Merge(self.streams, self.lanes, room)

    def order(self, room: int = 10**6) -> dict[str, list[tuple[int, int, int, int]]]:
        """Return (channel, seq, file, row) of every row, by exchange, in merged order."""
        found: dict[str, list[tuple[int, int, int, int]]] = defaultdict(list)
        for batch in self.merge(room):
            channels = [0] * len(batch) if batch.channel is None else batch.channel.tolist()
            keys = zip(channels, batch.seq.tolist(), batch.file.tolist(), batch.row.tolist(),
                       strict=True)
            for contract, key in zip(batch.contract.tolist(), keys, strict=True):
                found[self.names.exchange_of(contract)].append(key)
        return dict(found)


def plain_sort(files: list[list[Row]]) -> dict[str, list[tuple[int, int, int, int]]]:
    """Say the same with nothing but sort."""
    lanes: dict[Any, list[tuple[int, int, int, int]]] = defaultdict(list)
    for index, rows in enumerate(files):
        for at, row in enumerate(rows):
            if not row.get("bad"):
                lanes[lane_of(row)].append((row["seq"], index, at, row["ts"]))
    order: dict[str, list[Any]] = defaultdict(list)
    for (exchange, channel), rows_of_it in lanes.items():
        top, last = -(2**63), None
        for seq, index, at, ts in sorted(rows_of_it):
            if seq != last:
                top = max(top, ts)
            last = seq
            order[exchange].append((top, channel, seq, index, at))
    return {exchange: [key[1:] for key in sorted(keys)] for exchange, keys in order.items()}


def contents(files: list[list[Row]], order: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return the rows of an order without the places where they stood."""
    return {
        exchange: [{**files[file][row], "row": 0, "file": 0} for _, _, file, row in keys]
        for exchange, keys in order.items()
    }


@st.composite
def logs(draw: Any) -> list[Row]:
    """Return a day: lanes sorted by seq, shuffled into each other; copies, bad rows, late ts."""
    lanes = draw(
        st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 3)), min_size=1, max_size=4,
                 unique=True)
    )
    rng = random.Random(draw(st.integers(0, 2**32)))
    clock, log = 0, []
    next_seq = dict.fromkeys(lanes, 0)
    for _ in range(draw(st.integers(0, 60))):
        lane = rng.choice(lanes[: rng.randint(1, len(lanes))])  # later lanes are quieter
        clock += rng.randint(0, 2)
        next_seq[lane] += rng.randint(0, 2) if rng.random() < 0.3 else 1
        ts = clock - (rng.randint(1, 30) if rng.random() < 0.1 else 0)
        log.append({"exchange": lane[0], "channel": lane[1], "seq": next_seq[lane], "ts": ts,
                    "lots": rng.randint(1, 9), "bad": rng.random() < 0.1})
    for row in log:
        if row["bad"] and rng.random() < 0.3:
            row["seq"], row["ts"] = rng.choice([(0, 0), (10**9, 10**9), (0, 10**9)])
    return log


SIZES = st.integers(1, 20)


@settings(max_examples=300, deadline=None)
@given(logs(), st.data(), SIZES, SIZES)
def test_any_split_into_files_comes_out_as_a_plain_sort(log, data, batch_rows, block_rows):
    """Rows dealt to files at random, each keeping its own order."""
    count = data.draw(st.integers(1, 5))
    files: list[list[Row]] = [[] for _ in range(count)]
    for row in log:
        files[data.draw(st.integers(0, count - 1))].append(row)
    assert Files(files, batch_rows, block_rows).order() == plain_sort(files)


@settings(max_examples=200, deadline=None)
@given(logs(), st.data(), SIZES, SIZES)
def test_ranges_that_overlap_come_out_as_a_plain_sort(log, data, batch_rows, block_rows):
    """Files that are stretches of the log, some rows sent twice."""
    edges = data.draw(st.lists(st.integers(0, len(log)), max_size=4))
    files = [
        log[max(0, start - data.draw(st.integers(0, 9))) : end]
        for start, end in itertools.pairwise([0, *sorted(edges), len(log)])
    ]
    data.draw(st.randoms(use_true_random=False)).shuffle(files)
    assert Files(files, batch_rows, block_rows).order() == plain_sort(files)


@settings(max_examples=100, deadline=None)
@given(logs(), st.randoms(use_true_random=False), SIZES)
def test_channels_may_be_interleaved_in_any_way(log, rng, batch_rows):
    """One file; each lane keeps its order, the lanes are shuffled into each other."""
    lanes: dict[Any, list[Row]] = defaultdict(list)
    for row in log:
        lanes[lane_of(row)].append(row)
    turns = [lane for lane, rows in lanes.items() for _ in rows]
    rng.shuffle(turns)
    queues = {lane: iter(rows) for lane, rows in lanes.items()}
    shuffled = [next(queues[lane]) for lane in turns]
    expected = contents([log], plain_sort([log]))
    assert contents([shuffled], Files([shuffled], batch_rows).order()) == expected


@settings(max_examples=100, deadline=None)
@given(logs(), st.integers(2, 5), SIZES)
def test_a_log_cut_into_files_by_row_is_the_log(log, count, batch_rows):
    """Copies apart: which of them is the first follows the files' order."""
    seen = set()
    unique = [row for row in log
              if not row["bad"] and (key := (*lane_of(row), row["seq"])) not in seen
              and not seen.add(key)]
    files = [unique[start::count] for start in range(count)]
    whole = contents([unique], Files([unique]).order())
    assert contents(files, Files(files, batch_rows).order()) == whole


def rows(*seqs: int, **more: Any) -> list[Row]:
    return [{"seq": seq, "ts": seq, **more} for seq in seqs]


def test_copies_from_two_files_are_neighbours():
    files = [rows(1, 2, 3, 4, 5), rows(2, 3, 3), rows(3, 4)]
    assert [(seq, file) for _, seq, file, _ in Files(files, 2).order()["SHFE"]] == [
        (1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 1), (3, 2), (4, 0), (4, 2), (5, 0),
    ]


def test_files_of_their_own_ranges_stream_one_after_the_other():
    files = [rows(*range(200, 300)), rows(*range(100)), rows(*range(100, 200))]
    source = Files(files, batch_rows=10)
    merge = source.merge(room=10)
    seen = []
    for batch in merge:
        seen += batch.seq.tolist()
        assert source.read - len(seen) <= 0, "nothing is read ahead"
    assert seen == list(range(300))
    assert source.opened == [1, 2, 0]
    assert merge.held_most == 10


def test_overlapping_files_hold_about_a_chunk_each():
    files = [rows(*range(start, 3000, 3)) for start in range(3)]
    source = Files(files, batch_rows=50)
    merge = source.merge()
    assert [seq for batch in merge for seq in batch.seq.tolist()] == list(range(3000))
    assert merge.held_most <= 3 * 2 * 50


def test_a_quiet_channel_holds_nothing_back():
    busy = rows(*range(2000), channel=1)
    late = rows(*range(1000), channel=2)
    for at, row in enumerate(late):
        row["ts"] = 1900 + at
    log = sorted(busy + late, key=lambda row: (row["ts"], row["channel"]))
    source = Files([log], batch_rows=50, block_rows=50)
    merge = source.merge()
    count = sum(len(batch) for batch in merge)
    assert count == 3000
    assert merge.held_most <= 150


def test_more_rows_apart_than_there_is_room_for_name_the_command():
    files = [rows(*range(0, 1000, 2), channel=1), rows(*range(1, 1000, 2), channel=2)]
    log = files[0] + files[1]  # channel by channel, in one file
    with pytest.raises(OrderError, match=r"0\.parquet: .* 100 rows apart; .*convert 0\.parquet "):
        Files([log], batch_rows=50).order(room=100)
    assert Files([log], batch_rows=50).order(room=1000) == plain_sort([log])


@pytest.mark.parametrize("batch_rows", [1, 2, 10])
def test_an_unsorted_file_is_named_with_its_row(batch_rows):
    files = [rows(1, 5, 9), rows(2, 7, 6, 8)]
    with pytest.raises(OrderError, match=r"^1\.parquet: row 2: seq 6 comes after 7; .*--sort`$"):
        Files(files, batch_rows).order()


def test_rows_in_order_are_not_copied():
    log = sorted(
        rows(*range(0, 9000, 2), channel=1) + rows(*range(0, 9000), channel=2),
        key=lambda row: (row["ts"], row["channel"]),
    )
    source = Files([log], batch_rows=4500, block_rows=4500)
    for batch in source.merge():
        assert batch.seq.base is not None or len(batch) == 4500


def test_an_ignored_copy_does_not_move_the_channel():
    first = [{"seq": 1, "ts": 10, "channel": 1}, {"seq": 1, "ts": 99, "channel": 1},
             {"seq": 2, "ts": 11, "channel": 1}]
    other = [{"seq": 1, "ts": 50, "channel": 2}]
    order = Files([first + other], 1).order()["SHFE"]
    assert [key[:2] for key in order] == [(1, 1), (1, 1), (1, 2), (2, 1)]


def test_a_bad_row_of_a_late_ts_hides_no_row_behind_it():
    log = [*rows(1, 2, channel=1), {"seq": 1, "ts": 99, "channel": 2, "bad": True},
           *rows(5, channel=1), {"seq": 2, "ts": 1, "channel": 2}]
    assert Files([log], 2, 1).order() == plain_sort([log])


def test_no_rows_no_trouble():
    assert Files([[]]).order() == {}
    assert Files([[], rows(1), []]).order() == {"SHFE": [(0, 1, 1, 0)]}
    assert Files([rows(1, 2, bad=True)]).order() == {}
