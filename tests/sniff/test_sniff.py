"""What sniffing makes of files: logs, parts of logs, tables beside them, everything else."""

from __future__ import annotations

import shlex
from pathlib import Path

import fake_kind
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sniffed_files import CANONICAL, LETTERS, STATEMENT, STATES, workbook, written
from typer.testing import CliRunner

import abtrade
from abtrade.cli import app
from abtrade.readers import kinds
from abtrade.snapshot import MAGIC
from abtrade.sniffing.found import Sniffed


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(kinds.KINDS, "fake", "fake_kind")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    fake_kind.rows_read.clear()


def whys(found: Sniffed) -> list[str]:
    return [reason.key.removeprefix("sniff.why.") for reason in found.reasons]


# --- logs ----------------------------------------------------------------------------------------


def test_a_canonical_log_is_recognised_in_every_format():
    written(Path("day.csv"), CANONICAL)
    for form in ("day.parquet", "day.arrow", "day.csv.gz"):
        abtrade.convert(["day.csv"], form)
    for form in ("day.csv", "day.parquet", "day.arrow", "day.csv.gz"):
        found = abtrade.sniff(form)
        assert found.scannable
        assert found.kind == "canonical"
        assert found.files[0].rows == 2
        assert found.files[0].rows_exact
        assert found.sample.actions == {"new": 1, "cancel": 1}
        assert found.sample.events[0]["price"] == "70000"
        assert found.proposal is None


def test_the_command_it_gives_runs():
    written(Path("it's a day.csv"), CANONICAL)
    found = abtrade.sniff("it's a day.csv")
    assert found.commands == [
        """abtrade scan 'it'"'"'s a day.csv' --day 2025-03-03 --out result"""
    ]
    ran = CliRunner().invoke(app, shlex.split(found.commands[0])[1:])
    assert ran.exit_code == 0, ran.output


def test_the_day_is_not_repeated_where_the_file_tells_it():
    written(Path("day.csv"), CANONICAL)
    abtrade.convert(["day.csv"], "day.parquet", day="2025-03-03")
    found = abtrade.sniff("day.parquet")
    assert found.day == "2025-03-03"
    assert found.commands == ["abtrade scan day.parquet --out result"]


def test_friday_night_is_mondays():
    night = CANONICAL.replace("2025-03-03 09:", "2025-02-28 21:")
    found = abtrade.sniff(written(Path("night.csv"), night))
    assert found.day == "2025-03-03"


def test_several_days_are_all_named():
    rows = CANONICAL + "3,2025-03-04 09:00:00,cu2503,new,9,A1,buy,70000,5\n"
    found = abtrade.sniff(written(Path("days.csv"), rows))
    assert (found.day, found.more_days) == ("2025-03-03", ["2025-03-04"])


def test_an_unsorted_log_is_sorted_first_and_its_commands_run():
    first, second, third = CANONICAL.splitlines(keepends=True)
    written(Path("day.csv"), first + third + second)
    found = abtrade.sniff("day.csv")
    assert "seq 1 comes after 2" in str(found.sample.unsorted)
    assert "seq" not in found.sample.events[0]
    assert len(found.commands) == 2
    for command in found.commands:
        ran = CliRunner().invoke(app, shlex.split(command)[1:])
        assert ran.exit_code == 0, ran.output


def test_tables_beside_the_log_go_into_the_command():
    Path("in").mkdir()
    written(Path("in/day.csv"), CANONICAL)
    written(Path("in/a.csv"), "account,client\nA1,C1\n")
    written(Path("in/g.csv"), "client,group\nC1,G1\n")
    written(Path("in/m.csv"), "client,product\nC1,cu\n")
    written(Path("in/c.csv"), "product,exchange,tick\ncu,SHFE,10\n")
    written(Path("in/f.csv"), "exchange,product,kind,above,rate\nSHFE,cu,,0,1\n")
    found = abtrade.sniff("in")
    assert found.commands == [
        "abtrade scan in/day.csv --day 2025-03-03 --accounts in/a.csv --links in/g.csv "
        "--market-makers in/m.csv --contracts in/c.csv --fees in/f.csv --out result"
    ]
    ran = CliRunner().invoke(app, shlex.split(found.commands[0])[1:])
    assert ran.exit_code == 0, ran.output


def test_what_rules_lack_is_said():
    found = abtrade.sniff(written(Path("day.csv"), CANONICAL))
    assert list(found.blind) == ["shfe.frequent_cancel", "shfe.self_trade"]
    assert "cancel_by is client" in found.assumed["shfe.large_cancel"]
    full = CANONICAL.replace(",lots", ",lots,contra_order_id,cancel_by,hedge,tif")
    found = abtrade.sniff(written(Path("full.csv"), full.replace(",5\n", ",5,,,,\n")))
    assert found.blind == {}
    assert {told for each in found.assumed.values() for told in each} == {"market_maker is no"}


def test_an_exchange_without_rules_is_named():
    early = CANONICAL.replace("cu2503", "SR905").replace("2025-", "2009-")
    found = abtrade.sniff(written(Path("day.csv"), early))
    assert found.uncovered == ["CZCE"]


def test_a_required_column_that_is_missing_is_named():
    found = abtrade.sniff(written(Path("day.csv"), CANONICAL.replace("account", "remark")))
    assert not found.scannable
    assert "account" in found.missing
    assert "missing" in whys(found)


def test_files_without_seq_have_no_order():
    for name in ("a.csv", "b.csv"):
        written(Path(name), CANONICAL.replace("seq,", "number,"))
    found = abtrade.sniff(["a.csv", "b.csv"])
    assert whys(found) == ["no_order"]


def test_a_log_of_bad_rows_only_is_no_log():
    bad = CANONICAL.replace("2025-03-03", "monday")
    found = abtrade.sniff(written(Path("day.csv"), bad))
    assert not found.scannable
    assert found.sample.bad_rows == 2
    assert found.sample.bad[0]["row"] == 1


# --- foreign logs --------------------------------------------------------------------------------


def test_a_foreign_log_is_read_by_its_kind():
    written(Path("o.csv"), "fakeid,other\n7,x\n8,y\n")
    found = abtrade.sniff("o.csv", account="A1")
    assert found.scannable
    assert found.kind == "fake"
    assert found.files[0].part == "orders"
    assert [use.canonical for use in found.files[0].columns] == ["order_id", ""]
    assert [event["order_id"] for event in found.sample.events] == ["7", "8"]
    assert found.sight is not None
    assert found.sight.word == "broker"
    assert found.commands == [
        "abtrade scan o.csv --account A1 --day 2025-03-03 --out result"
    ]


def test_a_long_foreign_file_is_cut_and_keeps_its_name():
    written(Path("o.csv"), "fakeid,other\n" + "7,x\n" * 30_000)
    found = abtrade.sniff("o.csv")
    assert fake_kind.rows_read == [10_000]
    assert not found.sample.whole
    assert found.notes == ["read o.csv"]
    assert found.sample.bad[0]["file"] == "o.csv"
    assert (found.files[0].rows, found.files[0].rows_exact) == (30_000, True)


def test_what_keeps_a_foreign_log_from_being_read_is_said_of_the_file_itself():
    written(Path("o.csv"), "fakeid,other\nbroken,x\n" + "7,x\n" * 30_000)
    found = abtrade.sniff("o.csv")
    assert not found.scannable
    assert found.reasons[0].values["problem"] == "o.csv: found a broken day"


def test_a_kind_that_is_stated_and_does_not_fit_is_said():
    written(Path("day.csv"), LETTERS)
    found = abtrade.sniff("day.csv", source="fake")
    assert not found.scannable
    assert "Fake counter" in str(found.reasons[0].values["problem"])
    with pytest.raises(abtrade.InputError, match="is not known"):
        abtrade.sniff("day.csv", source="nonsense")


# --- what is no log ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "what", "why"),
    [
        ("a.txt", STATEMENT.encode("gbk"), "settlement", "settlement"),
        ("b.pdf", b"%PDF-1.7\n%\xe2\xe3", "pdf", "no_log"),
        ("c.zip", b"PK\x03\x04 cut off", "zip", "packed"),
        ("d.7z", b"7z\xbc\xaf\x27\x1c", "7z", "packed"),
        ("e.csv", CANONICAL.encode("utf-16"), "utf16", "utf16"),
        ("f.state", MAGIC + b"\x00\x01", "state", "state"),
        ("g.yaml", b"id: x\ncount: cancels\nscope: contract\nred: {gte: 5}\n", "rule", "rule"),
        ("h.yaml", "columns: {合约: contract}\n".encode(), "mapping", "mapping"),
        ("i.json", b'{"verdict": "complete"}', "json", "no_log"),
        ("j.csv", b"34200.1,1,1611,18,5853300,1\n34200.2,1,1612,18,5853200,1\n", "no_header",
         "no_header"),
        ("k.txt", b"Dear all,\nthis is a letter, with commas.\n", "unknown", "no_log"),
        ("l.csv", b"account,client\nA,B\n", "accounts", "side_table"),
        ("m.csv", "成交序号,手续费,手数\n1,2,3\n".encode("gbk"), "settlement", "settlement"),
        ("n.csv", b"InstrumentID,ExchangeID,PriceTick,VolumeMultiple\n", "instruments",
         "side_table"),
        ("o.csv", b"InvestorID,ExchangeID,ClientID,ClientIDType\n", "trading_codes",
         "side_table"),
        ("p.parquet", b"PAR1 cut off", "unknown", "problem"),
        ("q.csv.gz", b"\x1f\x8b\x08\x00 cut off", "unreadable", "problem"),
        ("r.csv", b"", "empty", "problem"),
        ("s.dat", bytes(range(256)) * 9, "unknown", "problem"),
    ],
)  # fmt: skip
def test_other_files_are_named_and_why_they_cannot_be_scanned(
    name: str, content: bytes, what: str, why: str
):
    Path(name).write_bytes(content)
    found = abtrade.sniff(name)
    assert found.files[0].what == what
    assert whys(found)[0] == why
    assert not found.scannable
    assert CliRunner().invoke(app, ["sniff", name]).exit_code == 1


def test_a_workbook_a_result_table_and_a_result_folder():
    found = abtrade.sniff(workbook(Path("a.xlsx")))
    assert (found.files[0].what, whys(found)) == ("excel", ["excel"])
    written(Path("day.csv"), CANONICAL)
    abtrade.scan("day.csv", out="result")
    assert whys(abtrade.sniff("result")) == ["scan_output"]
    assert abtrade.sniff("result/results.parquet").files[0].what == "output"


def test_states_and_trades_are_no_events():
    found = abtrade.sniff(written(Path("states.csv"), STATES))
    assert whys(found)[0] == "states"
    trades = "成交编号,合约,价格,手数,时间,交易编码,委托号\n1,cu2503,7,1,2025-03-03 09:00:00,A,1\n"
    assert whys(abtrade.sniff(written(Path("trades.csv"), trades)))[0] == "only_trades"


def test_a_path_that_is_nothing_is_an_error():
    with pytest.raises(abtrade.InputError, match="no such file"):
        abtrade.sniff("nowhere.csv")


def test_columns_that_hold_no_text_do_no_harm():
    table = pa.table({
        "date": pa.array([[1], [2]]), "clock": ["09:00:00"] * 2, "x": pa.array([None, b"\xff"]),
        "side": [1.5, 2.5], "symbol": pa.array([{"a": 1}] * 2),
    })  # fmt: skip
    pq.write_table(table, "odd.parquet")
    assert not abtrade.sniff("odd.parquet").scannable
