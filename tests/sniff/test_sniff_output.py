"""What sniffing prints, in both languages and as JSON, and that none of it does harm."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import pytest
from sniffed_files import CANONICAL, COUNTER, STATEMENT, written
from typer.testing import CliRunner

from abtrade.cli import app
from abtrade.readers.ctp import accounts, meanings
from abtrade.readers.dbn import kind as dbn
from abtrade.readers.exports import tqsdk, vnpy
from abtrade.readers.fix import tags
from abtrade.words_sniff_en import WORDS as ENGLISH
from abtrade.words_sniff_zh import WORDS as CHINESE


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)


def printed(*words: str, code: int = 0) -> str:
    ran = CliRunner().invoke(app, ["sniff", *words])
    assert ran.exit_code == code, ran.output
    return ran.stdout


LOG_EN = """\
day.csv: an order log in abtrade's own columns
  CSV, UTF-8, 163 bytes, 2 rows
  Columns: seq, ts, contract, action, order_id, account, side, price, lots

The first rows, as a scan would read them:
seq  ts                             contract  action  order_id  account  side  price  lots  exchange
1    2025-03-03 09:00:00.500000000  cu2503    new     1         A1       buy   70000  5     SHFE
2    2025-03-03 09:00:01.500000000  cu2503    cancel  1         A1       buy   70000  5     SHFE

All 2 rows were read.
Trading day: 2025-03-03 (the trading day of the first rows by the calendar)
Times: 2025-03-03 09:00:00.500000000 to 2025-03-03 09:00:01.500000000 (Beijing)
Contracts: 1 SHFE: cu2503
Accounts: 1
Rows: cancel 1, new 1
Not in the log: exchange, channel, member, client, offset, hedge, order_type, tif, \
contra_order_id, contra_account, trade_id, order_contract, contra_order_contract, trade_type, \
cancel_by, phase, day
Assumed, as the log does not say:
  hedge is speculation: shfe.large_cancel
  tif is gfd: shfe.large_cancel
  market_maker is no: shfe.large_cancel
  cancel_by is client: shfe.large_cancel
Blind rules, not evaluated:
  shfe.frequent_cancel: only: needs tif, which the log does not have
  shfe.self_trade: self_trades needs contra_order_id or trade_id, and the log has neither

To scan it:
  abtrade scan day.csv --day 2025-03-03 --out result
Besides:
  --accounts FILE tells whose account is whose, where clients have several
  --links FILE lists the groups of linked accounts
  --market-makers FILE, where a client makes markets
  check the day: 2025-03-03 is the trading day of the first rows by the calendar
"""

COUNTER_ZH = """\
counter.csv：列名不是 abtrade 标准列名的表格
  CSV、GB18030、分隔符 |、321 字节、4 行
列          对应             方式
委托号      order_id
对手委托号  contra_order_id
合约        contract
动作        action           取值经过转换
客户号      account
方向        side             取值经过转换
开平        offset           取值经过转换
价格        price
手数        lots
日期        ts               日期与时间两列合并
时间        ts               日期与时间两列合并
  不读取：备注

前几行，按扫描时的读法：
seq  ts                             contract  action  order_id  account   side  price  lots  \
exchange  offset
1    2025-03-03 09:00:00.500000000  cu2503    new     131       00012345  buy   70000  5     \
SHFE      open

已读完全部 4 行。
交易日：2025-03-03（按日历由前几行推出）
时间：2025-03-03 09:00:00.500000000 至 2025-03-03 09:00:02.250000000（北京时间）
合约：1 个 SHFE：cu2503
交易编码：2 个
各类行数：cancel 1、new 2、trade 1
流水中没有：exchange、channel、seq、member、client、hedge、order_type、tif、contra_account、\
trade_id、order_contract、contra_order_contract、trade_type、cancel_by、phase、day
委托流水未载明而按假定处理的事项：
  投机套保标志为投机：shfe.large_cancel、shfe.self_trade
  报单有效期限（tif）为当日有效（GFD）：shfe.large_cancel、shfe.self_trade
  做市商身份为否：shfe.large_cancel、shfe.self_trade
  撤单发起方为客户：shfe.large_cancel
无法判定、未执行的规则：
  shfe.frequent_cancel：only: 需要 tif，委托流水中没有

请核对以下映射并存为 mapping.yaml，或用 --write-mapping mapping.yaml 直接写出：
  # 由 abtrade sniff 根据前几行拟出，请核对。
  columns:
    委托号: order_id
    对手委托号: contra_order_id
    合约: contract
    动作: action
    客户号: account
    方向: side
    开平: offset
    价格: price
    手数: lots
  codes:
    action: {报单: new, 成交: trade, 撤单: cancel, 改单: amend, 拒单: reject, 结转: carried, \
询价: rfq}
    side: {买: buy, 卖: sell}
    offset: {开: open, 平今: close_today, 平: close, 平昨: close_yesterday}
  time: {join: [日期, 时间], format: "%Y%m%d %H:%M:%S.%f"}
  encoding: gb18030
  delimiter: "|"

扫描命令：
  abtrade scan counter.csv --mapping mapping.yaml --day 2025-03-03 --out result
另外：
  一个客户有多个交易编码时，用 --accounts FILE 提供对照表
  用 --links FILE 提供实际控制关系账户组
  有做市商时，用 --market-makers FILE 提供名单
  请核对交易日：2025-03-03 是按日历由前几行推出的
"""

STATEMENT_EN = """\
statement.txt: a settlement statement
  text, GB18030, 246 bytes, 4 lines

It cannot be scanned:
  statement.txt: holds trades only, no orders and no cancels: no cancel can be counted. Ask the \
broker for orders and trades
"""


def test_a_log_in_english():
    written(Path("day.csv"), CANONICAL)
    assert printed("day.csv") == LOG_EN


def test_a_table_with_its_mapping_in_chinese():
    written(Path("counter.csv"), COUNTER, "gbk")
    assert without_seq(printed("counter.csv", "--lang", "zh", "--rows", "1")) == without_seq(
        COUNTER_ZH
    )


def without_seq(shown: str) -> str:
    """The counter's rows have no seq."""
    return shown.replace("seq  ts", "ts").replace("\n1    2025", "\n2025")


def test_a_statement_in_english():
    written(Path("statement.txt"), STATEMENT, "gbk")
    assert printed("statement.txt", code=1) == STATEMENT_EN


def test_json_has_it_all(capsys: pytest.CaptureFixture[str]):
    written(Path("counter.csv"), COUNTER, "gbk")
    told: dict[str, Any] = json.loads(printed("counter.csv", "--format", "json", "--rows", "2"))
    assert set(told) == {
        "scannable", "kind", "reasons", "files", "columns", "missing", "absent", "day", "day_how",
        "lacking", "more_days", "visibility", "blind", "assumed", "uncovered", "sample", "mapping",
        "mapping_name", "notes", "commands", "besides",
    }  # fmt: skip
    assert told["scannable"] is True
    assert told["files"][0]["columns"][0] == {
        "column": "委托号", "canonical": "order_id", "how": "", "guess": False,
    }  # fmt: skip
    assert len(told["sample"]["events"]) == 2
    assert told["sample"]["events"][0]["ts"] == "2025-03-03T09:00:00.500000000+08:00"
    assert told["besides"][0]["about"] == "besides.accounts"
    assert "columns:" in told["mapping"]


def test_nothing_of_a_file_reaches_the_terminal_as_it_stands():
    evil = "\x1b]0;hi\x07\u202e"
    name = f"d{evil}\n.csv"
    header = f"ts,contract,action,order_id,account,lots,{evil}x\n"
    rows = f"2025-03-03 09:00:00,cu{evil},new,{evil},{evil},5,\n2025-03-03,{evil},x,,,,\n"
    written(Path(name), header + rows)
    written(Path(f"t{evil}.csv"), f"{evil},合约,动作{evil}\n{evil},cu2503,{evil}\n")
    for words in ([name], [f"t{evil}.csv"], [name, "--format", "json"]):
        for lang in ("zh", "en"):
            shown = CliRunner().invoke(app, ["sniff", *words, "--lang", lang])
            assert shown.exit_code in (0, 1), shown.output
            assert set(shown.stdout) & set("\x1b\x07\u202e") == set()


def test_both_languages_say_the_same_things():
    only_zh = {key for key in CHINESE if key.startswith(("day.", "how."))}
    assert ENGLISH.keys() == CHINESE.keys() - only_zh
    assert [key for key in ENGLISH if blanks(ENGLISH[key]) != blanks(CHINESE[key])] == []


def test_what_readers_say_of_columns_is_there_in_chinese():
    """English stands in the readers; what is no longer said there has no Chinese either."""
    told = [*tqsdk.MEANINGS.values(), *vnpy.MEANINGS.values(), *meanings.COMMON.values()]
    told += [one for fields in meanings.OF.values() for one in fields.values()]
    told += [one[1:] for one in tags.TAGS.values()]
    told += [one[1:] for one in dbn.MEANINGS]
    hows = {how for canonical, how in told if canonical and how}
    hows |= {*accounts.WHY.values(), accounts.NAMED}
    assert {key.removeprefix("how.") for key in CHINESE if key.startswith("how.")} == hows


def blanks(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
