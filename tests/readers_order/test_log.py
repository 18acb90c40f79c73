"""A log's rows come out in order and checked, however they are stored."""

from __future__ import annotations

import itertools
import random
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from log_files import new, table_of, write
from pyarrow import parquet

from abtrade.errors import InputError, OrderError
from abtrade.names import ContractName, Names
from abtrade.readers.keys import NoContracts
from abtrade.readers.log import Log, open_log
from abtrade.schema import LOG_COLUMNS, Fault

READ = set(LOG_COLUMNS) - {"day", "member", "client"}


class Contracts(NoContracts):
    """A table that knows that m* is of DCE and cu* of SHFE."""

    def named(self, exchange: str | None, text: str) -> ContractName:
        return ContractName(exchange or {"m": "DCE", "c": "SHFE"}.get(text[0]), text)


def rows_of(log: Log, whole: bool = False) -> list[tuple[Any, ...]]:
    """Return (exchange, channel, seq, contract, account, lots) of the rows, in order."""
    names, found = Names(), []
    for batch in log.batches(names, Contracts(), READ, {}, whole):
        channel = [0] * len(batch) if batch.channel is None else batch.channel.tolist()
        columns = channel, batch.seq, batch.contract, batch.account, batch.lots
        for place, seq, contract, account, lots in zip(*map(list, columns), strict=True):
            found.append((names.exchange_of(contract), place, seq, names.contracts[contract][1],
                          names.accounts[account][1], lots))
    return found


def faults_of(log: Log) -> dict[str, int]:
    found: dict[str, int] = {}
    for (_, kind), fault in log.sequence_faults.items():
        found[kind.name.lower()] = found.get(kind.name.lower(), 0) + fault.count
    return found


def seqs_of(log: Log) -> list[int]:
    return [row[2] for row in rows_of(log)]


def opened(given: Any, **options: Any) -> Log:
    return open_log(given, day="2025-03-03", **options)


def test_one_file_comes_out_as_it_stands(tmp_path):
    log = opened(write(tmp_path / "day.parquet", table_of([new(n) for n in (1, 2, 5)])))
    assert seqs_of(log) == [1, 2, 5]
    assert log.columns == ("seq", "ts", "contract", "action", "order_id", "account", "side", "lots")
    assert (log.rows, faults_of(log), log.rejected_rows) == (3, {}, 0)


def test_a_log_can_be_read_again():
    log = opened(table_of([new(1), new(1), new(2, lots=-1)]))
    assert seqs_of(log) == seqs_of(log) == [1]
    assert faults_of(log) == {"redelivered": 1}
    assert log.rejected_rows == log.rejected().num_rows == 1


def test_exchanges_stand_as_they_are_interleaved_in_one_file():
    log = opened(table_of([new(5), new(1, contract="m2505"), new(6), new(2, contract="m2505")]))
    assert [(row[0], row[2]) for row in rows_of(log)] == [
        ("SHFE", 5), ("DCE", 1), ("SHFE", 6), ("DCE", 2),
    ]


def test_a_log_without_seq_is_numbered_by_row():
    log = opened(table_of([new(n) for n in (7, 7, 3)], drop=("seq",)))
    assert seqs_of(log) == [1, 2, 3]
    assert not log.has_seq
    assert faults_of(log) == {"ts_backwards": 1}


def test_several_files_without_seq_are_refused(tmp_path):
    table = table_of([new(1)])
    one = write(tmp_path / "a.parquet", table)
    two = write(tmp_path / "b.parquet", table.drop_columns(["seq"]))
    with pytest.raises(InputError, match=r"b\.parquet: column 'seq' is missing.* 2 files"):
        opened([one, two])


def test_an_unsorted_file_is_refused_with_the_command(tmp_path):
    path = write(tmp_path / "day.csv", table_of([new(1), new(3), new(2)]))
    command = f"`abtrade convert {path} {tmp_path}/day.sorted.csv --sort`"
    with pytest.raises(OrderError) as error:
        rows_of(opened(path))
    assert str(error.value) == f"{path}: row 3: seq 2 comes after 3; sort the file with {command}"


def test_bad_rows_are_told_by_file_and_row(tmp_path):
    one = write(tmp_path / "one.csv", table_of([new(1), new(2, lots=0), new(5, side="up")]))
    two = write(tmp_path / "two.parquet", table_of([new(3), new(4, account=None)]))
    log = opened([one, two])
    assert seqs_of(log) == [1, 3]
    told = log.rejected().to_pylist()
    assert [(row["file"], row["row"]) for row in told] == [(str(one), 2), (str(one), 3),
                                                           (str(two), 2)]
    assert "lots" in told[0]["reason"] and '"side": "up"' in told[1]["content"]


@pytest.mark.parametrize("cut", ["cu2503,new,7\n", "2025-03-03 09:30:00,cu2503,new,9,A,5,two\n"])
def test_rows_without_a_seq_are_told_wherever_no_other_row_follows(tmp_path, monkeypatch, cut):
    """A file of nothing else has no lane, and no lane waits for what stands behind its last row."""
    monkeypatch.setattr("abtrade.readers.reading.rows_at_once", lambda room, files: 2)
    head = "ts,contract,action,order_id,account,lots,seq\n"
    good = "2025-03-03 09:30:0{0},cu2503,new,{0},A,5,{0}\n"
    paths = [tmp_path / f"{name}.csv" for name in "abc"]
    paths[0].write_text(head + good.format(1) + cut * 5)
    paths[1].write_text(head + cut * 5)
    paths[2].write_text(head + good.format(2))
    log = opened(paths)
    assert seqs_of(log) == [1, 2]
    told = [(Path(row["file"]).name, row["row"]) for row in log.rejected().to_pylist()]
    assert told == [("a.csv", row) for row in range(2, 7)] + [("b.csv", row) for row in range(1, 6)]


def test_a_log_of_bad_rows_alone_tells_them():
    log = opened(table_of([new(1, lots=0), new(2, action="dance")]))
    assert rows_of(log) == []
    assert log.rejected_rows == 2


def test_bad_rows_leave_no_gap_in_a_whole_log(tmp_path):
    rows = [new(n) for n in range(1, 7)]
    rows[2]["lots"] = 0
    whole = opened(table_of(rows))
    rows_of(whole, whole=True)
    assert faults_of(whole) == {}
    parts = [write(tmp_path / f"{i}.parquet", table_of(rows[i::2])) for i in range(2)]
    split = opened(parts)
    rows_of(split, whole=True)
    assert faults_of(split) == {}
    gap = opened(table_of(rows[:3] + rows[4:]))
    rows_of(gap, whole=True)
    assert faults_of(gap) == {"seq_gap": 1}
    assert next(iter(gap.sequence_faults.values())).first[0][1] == 5


def test_a_file_may_lack_an_optional_column(tmp_path):
    one = write(tmp_path / "one.parquet", table_of([new(1, tif="fak"), new(3, tif="gfd")]))
    two = write(tmp_path / "two.parquet", table_of([new(2)]))
    log = opened([one, two])
    assert "tif" in log.columns
    assert log.notes == [f"{two}: lacks tif, which other files have"]
    tifs = [int(t) for b in log.batches(Names(), Contracts(), READ, {}) for t in b.tif]
    assert tifs == [2, 0, 1]


def test_a_missing_column_is_told_for_every_file(tmp_path):
    table = table_of([new(1)])
    one = write(tmp_path / "one.parquet", table.drop_columns(["account"]))
    two = write(tmp_path / "two.csv", table.drop_columns(["lots"]))
    with pytest.raises(InputError) as error:
        opened([one, two, tmp_path / "three.csv"])
    assert "three.csv: no such file" in str(error.value)
    with pytest.raises(InputError) as error:
        opened([one, two])
    assert "one.parquet: column 'account'" in str(error.value)
    assert "two.csv: column 'lots'" in str(error.value)


@pytest.mark.parametrize("form", ["table", "record", "reader", "list"])
def test_arrow_data_is_a_log(form):
    table = table_of([new(1), new(2)])
    record = table.combine_chunks().to_batches()[0]
    given = {"table": table, "record": record, "reader": table.to_reader(), "list": [table]}[form]
    log = opened(given)
    assert seqs_of(log) == [1, 2]
    assert [rows for _, rows in log.file_rows()] == [2]
    assert log.sources[0].fingerprint() == opened(table).sources[0].fingerprint()


def test_tables_may_be_parts_of_a_log():
    log = opened([table_of([new(2, lots=0), new(3)]), table_of([new(1)])])
    assert seqs_of(log) == [1, 3]
    assert log.rejected()["file"].to_pylist() == ["<table 1>"]


def test_a_file_named_twice_is_read_once(tmp_path):
    path = write(tmp_path / "day.parquet", table_of([new(1)]))
    log = opened([tmp_path, path])
    assert (seqs_of(log), faults_of(log)) == ([1], {})


def test_channels_in_one_file_come_out_by_time():
    late, early = new(1, channel=1), new(1, channel=2, account="a2")
    late["ts"] += 10**9
    log = opened(table_of([late, early]))
    assert [row[1] for row in rows_of(log)] == [2, 1]
    alone = opened(table_of([late, {**early, "contract": "m2505"}]))
    assert [row[1] for row in rows_of(alone)] == [1, 2], "another exchange waits for nobody"


def test_rows_too_far_apart_for_the_memory_are_refused(tmp_path):
    tables = [table_of([new(n) for n in range(start, 60, 2)]) for start in (0, 1)]
    paths = [write(tmp_path / f"{i}.parquet", table) for i, table in enumerate(tables)]
    with pytest.raises(OrderError, match=r"stand more than 40 rows apart; .*--sort`"):
        rows_of(opened(paths, room=40))
    assert len(rows_of(opened(paths, room=60))) == 60


# --- clients -----------------------------------------------------------------------------------


def test_the_log_names_clients():
    log = opened(table_of([new(1, client="c1"), new(2, account="a2", client="c2"),
                           new(3, contract="m2505", client="c3"), new(4, account="a4")]))
    assert log.client_of_accounts(Contracts()) == {
        ("SHFE", "a1"): "c1", ("SHFE", "a2"): "c2", ("DCE", "a1"): "c3",
    }
    assert log.notes == []


def test_a_log_without_the_column_names_none():
    assert opened(table_of([new(1)])).client_of_accounts(Contracts()) == {}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_first_client_stands_whatever_the_files(order):
    rows = [new(1, client="c9"), new(2, client="c1"), new(3, client="c9")]
    log = opened([table_of([rows[at], new(9, account="b", client="d")]) for at in order])
    assert log.client_of_accounts(Contracts()) == {("SHFE", "a1"): "c9", ("SHFE", "b"): "d"}
    assert log.notes == ["the log names more than one client for 1 accounts; the first stands: "
                         "SHFE a1 (c1, c9)"]


# --- sameness ----------------------------------------------------------------------------------


def a_day(seed: int, channels: bool) -> list[dict[str, Any]]:
    """Return a day of two exchanges, with copies, conflicts and bad rows."""
    rng, rows, clock = random.Random(seed), [], 0
    lanes = [(c, n) for c in ("cu2503", "m2505") for n in ((1, 2) if channels else (0,))]
    seqs = dict.fromkeys(lanes, 0)
    for _ in range(40):
        lane = rng.choice(lanes)
        clock += rng.randint(0, 3)
        seqs[lane] += rng.choice([1, 1, 1, 2])
        row = new(seqs[lane], contract=lane[0], account=f"a{rng.randint(1, 3)}", order_id=len(rows))
        row["ts"] += clock * 10**6 - rng.choice([0] * 9 + [10**7])
        if channels:
            row["channel"] = lane[1]
        if rng.random() < 0.1:
            row["lots"] = 0
        rows.append(row)
        if rng.random() < 0.1:
            rows.append({**row, "lots": rng.randint(1, 2)})
    return rows


def by_exchange(rows: list[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    return {e: [row for row in rows if row[0] == e] for e in sorted({row[0] for row in rows})}


@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**6), st.booleans(), st.data())
def test_files_and_formats_change_nothing(tmp_path, seed, channels, data):
    """Copies of a seq stay in one file, for the order of files is theirs to say."""
    rows = a_day(seed, channels)
    whole = opened(table_of(rows))
    expected, faults = rows_of(whole, whole=True), faults_of(whole)
    count = data.draw(st.integers(1, 3))
    home = {key: data.draw(st.integers(0, count - 1))
            for key in dict.fromkeys((r["contract"], r["seq"]) for r in rows)}
    files = []
    for number in range(count):
        part = [row for row in rows if home[row["contract"], row["seq"]] == number]
        ending = data.draw(st.sampled_from(["parquet", "arrow", "csv"]))
        if part:
            files.append(write(tmp_path / f"{number}.{ending}", table_of(part)))
    split = opened(files)
    assert by_exchange(rows_of(split, whole=True)) == by_exchange(expected)
    assert faults_of(split) == faults
    assert split.rejected_rows == whole.rejected_rows
    for path in files:
        path.unlink()


# --- the thread that reads ahead ---------------------------------------------------------------


def big(tmp_path: Path) -> Path:
    path = tmp_path / "big.parquet"
    parquet.write_table(table_of([new(n) for n in range(5000)]), path, row_group_size=100)
    return path


def test_stopping_early_ends_the_thread(monkeypatch, tmp_path):
    monkeypatch.setattr("abtrade.readers.reading.BATCH_ROWS", 100)
    before = threading.active_count()
    batches = opened(big(tmp_path)).batches(Names(), Contracts(), READ, {})
    next(batches)
    assert threading.active_count() == before + 1
    batches.close()
    assert threading.active_count() == before


def test_an_interrupt_in_the_caller_ends_the_thread(monkeypatch, tmp_path):
    monkeypatch.setattr("abtrade.readers.reading.BATCH_ROWS", 100)
    before = threading.active_count()

    def work() -> None:
        for _ in opened(big(tmp_path)).batches(Names(), Contracts(), READ, {}):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert threading.active_count() == before


def test_what_goes_wrong_in_the_thread_is_raised_here(tmp_path):
    path = big(tmp_path)
    log = opened(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 400] = b"\xff" * 400
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"big\.parquet"):
        rows_of(log)
    assert threading.active_count() == 1


def test_faults_name_their_kind():
    log = opened(table_of([new(1), new(1, lots=2)]))
    rows_of(log)
    assert [kind for _, kind in log.sequence_faults] == [Fault.SEQ_CONFLICT]
