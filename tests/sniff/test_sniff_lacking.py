"""Logs that need an option: shown as far as they go, with a command to fill in."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))
import export_dbn
import fix_log
from ctp_files import order, saved, trade
from small_files import files
from sniffed_files import CANONICAL, written

import abtrade
from abtrade.cli import app
from abtrade.sniffing.found import Sniffed

DATELESS = """
委托号, 代码, 交易所, 类型, 方向, 开平, 价格, 总数量, 已成交, 状态, 时间, 接口
1_1_1, lc2505, GFEX, 限价, 多, 开, 75020, 5, 0, 未成交, 09:00:00.7, CTP
1_1_2, lc2505, GFEX, 限价, 空, 开, 75040, 2, 0, 已撤销, 09:00:01.7, CTP
"""
TQSDK = """
order_id, exchange_id, instrument_id, direction, offset, volume_orign, volume_left, limit_price, \
exchange_order_id, insert_date_time, status
a, SHFE, cu2505, BUY, OPEN, 5, 5, 70000, 17, 1739842200000000000, ALIVE
"""


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def window(folder: Path) -> list[Path]:
    return files(folder, "gbk", orders=DATELESS)


def two_days(folder: Path) -> list[Path]:
    rows = [order(), order(OrderSysID="8", TradingDay="20250219")]
    return [saved(folder / "orders.csv", rows)]


def without_owner(folder: Path) -> list[Path]:
    nobody = {"ClientID": "", "InvestorID": "", "UserID": "trader 1"}
    return [saved(folder / "orders.csv", [order(**nobody)])]


def brokers_fix(folder: Path) -> list[Path]:
    text = "37=1 150=0 39=0 38=5 1= 453=1 448=C 447=D 452=3"
    return [fix_log.write(folder / "day.fix", text)]


def mbo(folder: Path) -> list[Path]:
    record = export_dbn.Record("A", 7, "B", 70000 * 10**9, 5, ts=1_739_842_200 * 10**9)
    return [export_dbn.write(folder / "day.dbn", [record], {"cu2505": 1})]


LACKING: dict[str, tuple[Callable[[Path], list[Path]], str, list[str], str]] = {
    "vnpy, no date": (window, "day", [], "2025-02-18"),
    "CTP, two days": (two_days, "day", ["2025-02-18", "2025-02-19"], "2025-02-19"),
    "CTP, no account": (without_owner, "account", ["UserID"], "A1"),
    "tqsdk": (lambda to: files(to, orders=TQSDK), "account", [], "A1"),
    "FIX": (brokers_fix, "account", ["party:3"], "A1"),
    "Databento": (mbo, "account", [], "A1"),
}


@pytest.mark.parametrize("name", LACKING)
def test_what_is_to_be_stated_is_said_and_then_it_scans(name: str, tmp_path: Path) -> None:
    make, option, known, value = LACKING[name]
    paths = [path.name for path in make(tmp_path)]
    found = abtrade.sniff(paths)
    assert found.scannable and found.reasons == []
    assert [(lack.option, lack.found) for lack in found.lacking] == [(option, known)]
    assert found.files[0].columns and found.sample.events and found.sample.bad_rows == 0
    placeholder = found.lacking[0].placeholder
    assert shlex.split(found.commands[0])[-4:-2] == [f"--{option}", placeholder]
    command = found.commands[0].replace(placeholder, value)
    given = abtrade.sniff(paths, **{option: value})
    assert given.lacking == [] and given.commands == [command]
    ran = CliRunner().invoke(app, shlex.split(command)[1:])
    assert ran.exit_code == 0, ran.output


def test_of_a_stand_in_nothing_is_told_as_a_fact(tmp_path: Path) -> None:
    window(tmp_path)
    found = abtrade.sniff("orders.csv")
    assert (found.day, found.sample.first_ts, found.sample.last_ts) == (None, None, None)
    assert "2099" not in printed("orders.csv", "--format", "json")
    files(tmp_path, orders=TQSDK)
    assert abtrade.sniff("orders.csv").sample.accounts == 0


def test_day_and_account_may_both_be_lacking(tmp_path: Path) -> None:
    files(tmp_path, orders=DATELESS.replace("接口", "什么"))
    found = abtrade.sniff("orders.csv")
    assert found.commands == ["abtrade scan orders.csv --account NAME --day YYYY-MM-DD "
                              "--out result"]  # fmt: skip


def test_the_days_of_dated_rows_are_offered(tmp_path: Path) -> None:
    dated = DATELESS.replace("09:00:01.7", "2025-02-18 09:00:01")
    found = sniffed_of(tmp_path, dated)
    assert [lack.found for lack in found.lacking] == [["2025-02-18"]]
    assert [event["action"] for event in found.sample.events] == ["new", "new", "cancel"]


def test_a_field_that_is_named_and_lacking_is_an_error(tmp_path: Path) -> None:
    window(tmp_path)
    found = abtrade.sniff("orders.csv", account_field="accountid", day="2025-02-18")
    assert not found.scannable and found.lacking == []


def sniffed_of(folder: Path, text: str) -> Sniffed:
    return abtrade.sniff(files(folder, "gbk", orders=text))


def printed(*words: str) -> str:
    ran = CliRunner().invoke(app, ["sniff", *words])
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def test_it_is_printed_in_both_languages(tmp_path: Path) -> None:
    window(tmp_path)
    english = printed("orders.csv", "--rows", "1", "--lang", "en")
    assert "The first rows, as a scan with --day YYYY-MM-DD would read them:" in english
    assert "YYYY-MM-DD 09:00:00.007000000  lc2505" in english
    assert "To be stated, as the log does not tell it:\n  --day YYYY-MM-DD: the trading day\n" in (
        english
    )
    assert "cannot be scanned" not in english
    chinese = printed("orders.csv", "--lang", "zh")
    assert "须由使用者给出：\n  --day YYYY-MM-DD：交易日\n" in chinese
    assert "无法扫描" not in chinese
    lacking = json.loads(printed("orders.csv", "--format", "json"))["lacking"]
    assert lacking[0].keys() == {"option", "found", "taken", "placeholder", "text"}


def test_a_day_among_several_is_shown_as_that_day(tmp_path: Path) -> None:
    two_days(tmp_path)
    shown = printed("orders.csv", "--lang", "en")
    assert "as a scan with --day 2025-02-18 would read them" in shown
    assert "2025-02-18 09:30:00.000000000" in shown
    assert "some of 2025-02-18, 2025-02-19" in shown


def test_options_of_a_scan_go_into_the_command(tmp_path: Path) -> None:
    window(tmp_path)
    Path("days.csv").write_text("from,to,kind\n2025-02-17,2025-02-17,no_night\n", encoding="utf-8")
    words = ["--day", "2025-02-18", "--account", "A1", "--source", "vnpy", "--calendar", "days.csv"]
    command = next(
        line for line in printed("orders.csv", *words).splitlines() if "abtrade scan" in line
    )
    assert all(f"{option} {value}" in command for option, value in zip(words[::2], words[1::2],
                                                                       strict=True))  # fmt: skip
    assert CliRunner().invoke(app, shlex.split(command)[1:]).exit_code == 0


# --- what tells the account ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("orders", "trades", "field", "how"),
    [
        ({}, {}, "ClientID", "filled in the first rows"),
        ({"ClientID": ""}, {}, "InvestorID", "as ClientID is not filled"),
        ({"ClientID": "", "InvestorID": "", "AccountID": "7"}, {"AccountID": "7"}, "AccountID",
         "as ClientID and InvestorID are not filled"),
    ],
)  # fmt: skip
def test_the_field_that_is_the_account_says_why(
    tmp_path: Path, orders: dict[str, str], trades: dict[str, str], field: str, how: str
) -> None:
    paths = [saved(tmp_path / "orders.csv", [order(**orders)]),
             saved(tmp_path / "trades.csv", [trade(**trades)])]  # fmt: skip
    for file in abtrade.sniff(paths).files:
        accounts = {use.column: use.how for use in file.columns if use.canonical == "account"}
        assert list(accounts) == [field]
        assert accounts[field].startswith(how)


def test_a_trade_file_without_trading_codes_settles_it_for_both(tmp_path: Path) -> None:
    row = {name: cell for name, cell in trade().items() if name != "ClientID"}
    paths = [saved(tmp_path / "orders.csv", [order()]), saved(tmp_path / "trades.csv", [row])]
    columns = [
        use.column for file in abtrade.sniff(paths).files for use in file.columns
        if use.canonical == "account"
    ]  # fmt: skip
    assert columns == ["InvestorID", "InvestorID"]


def test_it_is_said_where_an_account_is_stated_in_vain(tmp_path: Path) -> None:
    in_vain = "--account A9 is not used: ClientID tells the account"
    path = saved(tmp_path / "o.csv", [order()])
    assert in_vain in abtrade.scan(path, account="A9").notes
    assert in_vain in abtrade.scan(path, account="A9", account_field="ClientID").notes
    assert in_vain in abtrade.sniff(path, account="A9").notes
    assert not any("is not used" in note for note in abtrade.scan(path).notes)
    fix = fix_log.write(tmp_path / "day.fix", "37=1 150=0 39=0 38=5")
    assert "--account A9 is not used: Account (tag 1) tells the account" in (
        abtrade.scan(fix, account="A9").notes
    )
    canonical = written(tmp_path / "day.csv", CANONICAL)
    assert "--account A9 is not used: the log's own column account tells the account" in (
        abtrade.scan(canonical, account="A9").notes
    )
    export = files(tmp_path, "gbk", orders=DATELESS)
    both = abtrade.scan(export, account="A9", account_field="gateway_name", day="2025-02-18")
    assert "vnpy: --account-field gateway_name is not used: --account goes before it" in both.notes
