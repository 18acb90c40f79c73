"""FIX logs as people have them: packed, in parts, broken here and there, without accounts."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from export_fix import SOH, export, plain
from fix_log import bad, log_text, read, rows, write

import abtrade
from abtrade.errors import InputError
from abtrade.readers.foreign import Part, Stated
from abtrade.readers.kinds import kind, recognised
from abtrade.readers.sources import glimpse

TEXT = """150=0 37=1 11=a 38=3 151=3 14=0 453=2 448=M7 452=1 1=A
    150=0 37=2 11=b 38=2 151=2 14=0 54=2 1=B
    150=F 37=1 11=a 38=3 151=1 14=2 32=2 31=70000 880=T
    150=F 37=2 11=b 38=2 151=0 14=2 32=2 31=70000 880=T 54=2 1=B
    150=4 37=1 11=c 41=a 38=3 151=0 14=2"""
EVENTS = [("new", "1"), ("new", "2"), ("trade", "1"), ("trade", "2"), ("cancel", "1")]
COUNTS = ["subject", "orders", "cancels", "messages", "filled_orders", "self_trades"]


@pytest.fixture(scope="module", name="day")
def made_day(tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    """Return the log of a small made-up day of one exchange, without requests for quotes."""
    folder = tmp_path_factory.mktemp("day") / "made"
    abtrade.synth(folder, rows=10_000, offences=8, exchanges=("SHFE",))
    return plain(pq.read_table(folder / "day.parquet"))


@pytest.mark.parametrize("version", ["4.2", "4.4", "5.0"])
def test_a_day_counts_the_same_from_its_drop_copy(version: str, day: pa.Table, tmp_path: Path):
    at = day.column_names.index("ts")
    times = day["ts"].cast(pa.timestamp("ns", "UTC"))
    expected = abtrade.scan(day.set_column(at, "ts", times), day="2025-02-18")
    path = export(day, tmp_path / "copy.fix", version, "|", "20250218-01:00:00.000 : ")
    found = abtrade.scan(path)
    assert found.tallies.equals(expected.tallies)
    assert found.certificate["faults"] == expected.certificate["faults"] == {}
    assert (found.rows, found.certificate["rejected_rows"]) == (day.num_rows + trades(day), 0)


def trades(day: pa.Table) -> int:
    return day["action"].to_pylist().count("trade")


def test_sessions_of_a_day_are_one_log(day: pa.Table, tmp_path: Path):
    """Orders of even and odd numbers in a file each count as all in one."""
    whole = export(day, tmp_path / "whole.fix")
    lines = whole.read_text(encoding="utf-8").splitlines(keepends=True)
    parts = [tmp_path / "even.fix", tmp_path / "odd.fix"]
    for rest, part in enumerate(parts):
        own = [line for line in lines if int(line.split(f"{SOH}37=")[1].split(SOH)[0]) % 2 == rest]
        part.write_text("".join(own), encoding="utf-8", newline="")
    assert all(part.stat().st_size for part in parts)
    assert abtrade.scan(parts).tallies.equals(abtrade.scan(whole).tallies)
    assert abtrade.scan([whole, *parts]).tallies.equals(abtrade.scan(whole).tallies)


def test_rows_are_numbered_through_by_time_and_each_file_keeps_its_order(tmp_path: Path):
    lines = log_text(TEXT).splitlines(keepends=True)
    lines[3] = lines[3].replace("01:00:04", "01:00:01")  # late: the file's order stands
    first, second = tmp_path / "a.fix", tmp_path / "b.fix"
    first.write_text("".join(lines[i] for i in (0, 4)), encoding="utf-8")
    second.write_text("".join(lines[i] for i in (1, 2)), encoding="utf-8")
    sources = read(first, second)
    assert rows(sources, "seq", "action", "order_id") == [
        (1, "new", "1"), (2, "new", "2"), (3, "trade", "1"), (4, "cancel", "1")
    ]  # fmt: skip
    numbers = [raw.row_numbers().tolist() for source in sources for raw in source.read()]
    assert numbers == [[1, 2], [1, 2]]


@pytest.mark.parametrize("packed", ["plain", "gzip", "zstd"])
def test_packed_logs_are_read(packed: str, tmp_path: Path):
    data = log_text(TEXT).encode()
    path = tmp_path / "day.fix"
    if packed == "gzip":
        path.write_bytes(gzip.compress(data))
    elif packed == "zstd":
        path.write_bytes(pa.compress(data, "zstd", asbytes=True))
    else:
        path.write_bytes(data)
    assert rows(read(path), "action", "order_id") == EVENTS


def test_a_packed_log_that_is_cut_off_is_an_error(tmp_path: Path):
    path = tmp_path / "day.fix"
    path.write_bytes(gzip.compress(log_text(TEXT).encode())[:-20])
    with pytest.raises(InputError, match=r"day.fix: .*(cut-off|truncated|end|after line)"):
        abtrade.scan(path)


def test_nothing_of_a_log_is_lost_in_silence(tmp_path: Path):
    lines = log_text(TEXT).splitlines(keepends=True)
    broken = [
        "session opened\n", lines[0], "\n", lines[1][:60] + "\n", lines[2].replace("32=2", "32=3"),
        lines[3][40:], log_text("35=0\n35=9\n35=0"), lines[4],
        log_text("150=Z 37=9 54=8 17=Q 38=1.5 60=20251340-00:00:00"),
    ]  # fmt: skip
    path = tmp_path / "day.fix"
    path.write_text("".join(broken), encoding="utf-8", newline="")
    sources = read(path)
    assert rows(sources, "action") == [("new",), ("cancel",)]
    found = bad(sources)
    assert [line for line, _ in found] == [4, 5, 6, 11]
    assert "cut off" in found[0][1]
    assert "CheckSum (10)" in found[1][1]
    assert "part of a message" in found[2][1]
    for said in ("ExecType (150): found Z", "Side (54): found 8", "OrderQty (38): found 1.5",
                 "TransactTime (60): found 20251340-00:00:00"):  # fmt: skip
        assert said in found[3][1]
    assert "messages other than ExecutionReport (35=8), not read: 0 2, 9 1" in sources[0].notes
    assert "lines without a FIX message, not read: 1" in sources[0].notes
    result = abtrade.scan(path)
    assert result.certificate["verdict"] == "rejected rows"
    assert result.rejected["row"].to_pylist() == [4, 5, 6, 11]
    assert result.run["inputs"][0]["form"] == "fix"
    assert result.run["inputs"][0]["file_rows"] == 11


@pytest.mark.parametrize(
    ("field", "expected"),
    [(None, "A"), ("Account", "A"), ("party:24", "C24"), ("party:3", "C3"), ("tag:109", "T109")],
)
def test_the_account_is_the_field_that_the_user_names(
    field: str | None, expected: str, tmp_path: Path
):
    text = log_text("150=0 37=1 11=a 38=1 109=T109").replace(
        f"{SOH}10=", f"{SOH}453=3{SOH}448=M1{SOH}452=1{SOH}448=C24{SOH}452=24{SOH}"
        f"448=C3{SOH}452=3{SOH}10=",
    )  # fmt: skip
    path = tmp_path / "day.fix"
    path.write_text(text.replace(SOH, "|"), encoding="utf-8")
    assert rows(read(path, account_field=field), "account", "member") == [(expected, "M1")]


def test_a_log_without_accounts_is_refused_with_what_can_be_done(tmp_path: Path):
    text = log_text("150=0 37=1 11=a 38=1 151=1 14=0 1=").replace(SOH, "|")
    path = tmp_path / "day.fix"
    path.write_text(text.replace("|10=", "|453=1|448=C|452=24|10="), encoding="utf-8")
    with pytest.raises(InputError, match="no report has an account") as raised:
        abtrade.scan(path)
    assert "--account NAME" in str(raised.value)
    assert "--account-field party:24" in str(raised.value)
    assert abtrade.scan(path, account="ALL").tallies["subject"].to_pylist() == ["ALL"]
    assert abtrade.scan(path, account_field="party:24").tallies["subject"].to_pylist() == ["C"]
    with pytest.raises(InputError, match="--account-field role 24: expected Account"):
        abtrade.scan(path, account_field="role 24")


def test_the_day_is_the_calendars_and_a_log_of_two_is_refused(tmp_path: Path):
    night = write(tmp_path / "night.fix", "150=0 37=1 11=a 38=1 60=20250214-13:00:00")
    result = abtrade.scan(night)
    assert result.certificate["day"] == "2025-02-17"  # Friday 21:00 in Shanghai belongs to Monday
    other = write(tmp_path / "other.fix", "150=0 37=2 11=b 38=1 17=E2 60=20250218-01:00:00.5")
    with pytest.raises(InputError, match=r"trading days 2025-02-17, 2025-02-18, expected a log of"):
        abtrade.scan([night, other])
    assert abtrade.scan([night, other], day="2025-02-18").certificate["day"] == "2025-02-18"


def test_a_time_that_is_missing_is_that_of_sending(tmp_path: Path):
    path = write(tmp_path / "day.fix", "150=0 37=1 11=a 38=1 60= 52=20250218-01:00:00.123456789")
    (ts,), = rows(read(path), "ts")
    assert ts.value == 1_739_840_400_123_456_789


def test_a_folder_of_fix_logs_is_a_log(tmp_path: Path):
    write(tmp_path / "day.fix", TEXT)
    (tmp_path / "session.log").write_text("not a log of orders", encoding="utf-8")
    assert abtrade.scan(tmp_path).tallies.select(COUNTS).to_pylist() == [
        {"subject": "A", "orders": 1, "cancels": 1, "messages": 2, "filled_orders": 1,
         "self_trades": 0},
        {"subject": "B", "orders": 1, "cancels": 0, "messages": 1, "filled_orders": 1,
         "self_trades": 0},
    ]  # fmt: skip


def test_what_only_mentions_fix_is_no_fix_log(tmp_path: Path):
    canonical = tmp_path / "day.csv"
    canonical.write_text(
        "ts,contract,action,order_id,account,lots,note\n"
        "2025-02-18 09:00:00,cu2503,new,1,A,1,8=FIX.4.4|9=5|35=8|\n",
        encoding="utf-8",
    )
    assert recognised(glimpse(canonical), Stated()) is None
    words = tmp_path / "words.txt"
    words.write_text("sent 8=FIX.4.4 and 35=8\n", encoding="utf-8")
    assert kind("fix").part(glimpse(words)) is None


def test_each_tag_of_a_file_is_explained(tmp_path: Path):
    look = glimpse(write(tmp_path / "day.fix", TEXT))
    assert look.table is None or kind("fix").part(look) == "messages"
    part = Part(look, "messages")
    found = {m.column: m.canonical for m in kind("fix").meanings(part, [part], Stated())}
    assert found["37 OrderID"] == "order_id"
    assert found["1 Account"] == "account"
    assert found["880 TrdMatchID"] == "trade_id"
    by_party = Stated(account_field="party:24")
    found = {m.column: m.canonical for m in kind("fix").meanings(part, [part], by_party)}
    assert found["448 PartyID"] == "account"
    assert found["1 Account"] == ""
