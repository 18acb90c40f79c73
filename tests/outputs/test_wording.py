from __future__ import annotations

import string
from typing import Any

import pytest
from made_alerts import HOSTILE, RED, lone_alert, made_alert, ratio_alert

from abtrade import schema
from abtrade.alert_message import message
from abtrade.alerts import Share, Tipping
from abtrade.wording import (
    LANGUAGES,
    assumption,
    blindness,
    clock,
    day_how,
    iso_time,
    number,
)
from abtrade.words_en import WORDS as FIRST_ENGLISH
from abtrade.words_measured_en import WORDS as MEASURED_ENGLISH
from abtrade.words_measured_zh import WORDS as MEASURED_CHINESE
from abtrade.words_zh import WORDS as FIRST_CHINESE

ENGLISH, CHINESE = FIRST_ENGLISH | MEASURED_ENGLISH, FIRST_CHINESE | MEASURED_CHINESE

OPEN = ("attribute.", "value.", "unit.", "exchange.", "sign.", "reason.", "note.", "why.", "day.")
"""Words of logs and rules: a language names them only where it has another word."""


def closed(words: dict[str, str]) -> dict[str, str]:
    return {
        key: text
        for key, text in words.items()
        if not key.startswith(OPEN) and not key.startswith("did.one.") and key != "accounts.one"
    }


def blanks(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_say_the_same_things() -> None:
    english, chinese = closed(ENGLISH), closed(CHINESE)
    assert english.keys() == chinese.keys()
    assert [key for key in english if blanks(english[key]) != blanks(chinese[key])] == []


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=LANGUAGES)
def test_every_count_fault_status_and_kind_has_words(words: dict[str, str]) -> None:
    needed = [f"did.{count}" for count in schema.COUNTS]
    needed += [f"fault.{fault.name.lower()}" for fault in schema.Fault]
    needed += [f"group.{status}" for status in schema.GROUP_STATUSES]
    needed += [f"where.{scope}" for scope in schema.SCOPES]
    needed += [f"{key}.{kind}" for kind in schema.SUBJECT_KINDS for key in ("who", "kind")]
    needed += [f"source.{status}" for status in ("verified", "secondary", "unverified")]
    assert not [key for key in needed if key not in words]


def test_every_attribute_that_may_be_assumed_has_a_chinese_name() -> None:
    for name, value in schema.ASSUMED.items():
        assert f"attribute.{name}" in CHINESE
        assert f"value.{value}" in CHINESE
    assert [w for c in ("hedge", "tif", "order_type", "phase", "cancel_by")
            for w in schema.code_words(c) if f"value.{w}" not in CHINESE] == []  # fmt: skip


def test_a_red_alert_in_english() -> None:
    assert message(made_alert(), "en") == (
        "Group G1 (filed actual-control group; accounts A, B) made 512 cancels in SHFE contract "
        "cu1103 on trading day 2010-11-08. "
        "Red standard >= 500: reached at seq 123, 2010-11-08 09:33:20.250000000 Beijing time, when "
        "the count came to 500. "
        "Yellow standard >= 400: reached at seq 100, 2010-11-05 21:31:02.000000001 Beijing time, "
        "when the count came to 400. "
        "Gross 524: 512 counted, 12 left out (12 not by the client, under: Not an act of the "
        "client). "
        "Of which unknown, resting on something the log leaves blank: 0. "
        "Assumed, as the log does not say: hedge is speculation. "
        "Contributed by account: A (client X) 300, B (client Y) 212. "
        "The largest single client, X, comes to 300 and did not reach the level alone. "
        "Rule shfe.cancels, version 0123456789ab: Cancels in one contract and day. "
        "Clause: Guideline of 2010-11-05. "
        "The rule's text was read in secondary sources, not in the exchange's own."
    )


def test_a_red_alert_in_chinese() -> None:
    assert message(made_alert(), "zh") == (
        "实际控制关系账户组 G1（已报备；交易编码 A、B）于 2010-11-08 交易日在上期所合约 cu1103 上"
        "撤单 512 次。"
        "红灯标准（达到 500 次）：已达到，触发于北京时间 2010-11-08 09:33:20.250000000（seq 123），"
        "触发后计数为 500。"
        "黄灯标准（达到 400 次）：已达到，触发于北京时间 2010-11-05 21:31:02.000000001（seq 100），"
        "触发后计数为 400。"
        "全部 524 次，其中计入 512 次，不计入 12 次（非客户自行撤单 12 次，依据：不是客户的行为）。"
        "其中情况不明（所依据的信息在委托流水中为空）：0 次。"
        "委托流水未载明而按假定处理的事项：投机套保标志为投机。"
        "各交易编码计入数量：A（客户 X）300、B（客户 Y）212。"
        "计数最多的单一客户为 X，计 300 次，单独未达到该标准。"
        "规则 shfe.cancels，版本 0123456789ab：单个合约单日的撤单次数。"
        "依据：2010 年 11 月 5 日指引。"
        "规则文本来自二手资料，未与交易所原文核对。"
    )


def test_a_level_not_reached_is_said() -> None:
    alert = lone_alert("A")
    assert "Red standard >= 500: not reached." in message(alert, "en")
    assert "红灯标准（达到 500 次）：未达到。" in message(alert, "zh")
    assert "not reached" not in message(made_alert(), "en")


def test_a_suspected_group_is_not_measured_by_red() -> None:
    note = "a suspected group reaches yellow at most"
    alert = made_alert(group_status="suspected", level="yellow", red=None, notes=[note])
    assert "Red standard >= 500: not applied to a suspected group." in message(alert, "en")
    assert message(alert, "en").endswith(f"Note: {note}.")
    assert "红灯标准（达到 500 次）：对疑似账户组不适用。" in message(alert, "zh")
    assert message(alert, "zh").endswith("说明：该账户组为疑似，最高为黄灯。")


def test_a_ratio_is_judged_at_the_end_of_the_day() -> None:
    english, chinese = message(ratio_alert(), "en"), message(ratio_alert(), "zh")
    assert "of 81.5 in SHFE contract cu1103" in english
    assert "Red standard > 80: reached, as judged at the end of the day." in english
    assert "Without exemptions the ratio is 90.25; messages left out: 12 not by" in english
    assert "Messages counted by account: 000100012345 (client 00012345) 330." in english
    assert "红灯标准（超过 80）：已达到，按日终结果判定。" in chinese
    assert "seq" not in english + chinese
    assert "Yellow" not in english  # the rule has no yellow


def test_nothing_left_out_and_nothing_assumed_are_said() -> None:
    alert = made_alert(exempt={}, gross=512, assumed=[])
    assert "Gross 512, all counted: nothing was left out." in message(alert, "en")
    assert "Nothing was assumed." in message(alert, "en")
    assert "全部 512 次均计入，没有剔除。" in message(alert, "zh")
    assert "没有按假定处理的事项。" in message(alert, "zh")


def test_an_exemption_without_a_clause_names_its_reason() -> None:
    alert = made_alert(exempt={"outside": 7}, exempt_clauses={})
    assert "7 left out (7 outside what the rule counts)." in message(alert, "en")
    assert "不计入 7 次（不属于本规则计数对象 7 次）。" in message(alert, "zh")


def test_self_trades_name_the_incoming_side_and_a_client_on_both() -> None:
    alert = made_alert(count="self_trades", scope="exchange:SHFE", counted=5, gross=5, exempt={})
    english, chinese = message(alert, "en"), message(alert, "zh")
    assert "traded with itself 5 times (matches) in all SHFE contracts on" in english
    assert "Contributed by account of the incoming order: A (client X) 300" in english
    assert "X, is on both sides of 300 and did not reach the level alone." in english
    assert "在上期所全部合约上合计自成交 5 次（按成交笔数计）。" in chinese
    alert.largest_client_count = 0
    assert "No single client is on both sides of any, so none reached it" in message(alert, "en")
    assert "没有买卖双方为同一客户的自成交，" in message(alert, "zh")


@pytest.mark.parametrize(
    ("count", "counted", "english", "chinese"),
    [
        ("orders", 1, "entered 1 order in", "报单 1 笔。"),
        ("large_cancels@300", 2, "made 2 large cancels (of at least 300 lots each) in",
         "大额撤单 2 次（单笔撤单量达到 300 手）。"),
        ("large_cancels@300", 1, "made 1 large cancel (of at least 300 lots) in",
         "大额撤单 1 次（单笔撤单量达到 300 手）。"),
        ("self_trade_lots", 40, "traded 40 lots with itself in", "自成交 40 手。"),
        ("messages", 4000, "sent 4000 messages in", "产生信息量 4000 笔。"),
    ],
)  # fmt: skip
def test_what_a_subject_did(count: str, counted: int, english: str, chinese: str) -> None:
    alert = made_alert(count=count, counted=counted)
    assert english in message(alert, "en")
    assert chinese in message(alert, "zh")


def test_a_log_without_exchange_names_none() -> None:
    alert = lone_alert("A", exchange="-")
    assert "Account A made 402 cancels in contract cu1103 on" in message(alert, "en")
    assert "交易编码 A 于 2010-11-08 交易日在合约 cu1103 上撤单 402 次。" in message(alert, "zh")


def test_a_channel_stands_beside_its_seq() -> None:
    alert = made_alert(red=Tipping(500, 9, 3, RED.ts))
    assert "reached at channel 3 seq 9, " in message(alert, "en")
    assert "（通道 3 seq 9）" in message(alert, "zh")


def test_a_long_list_of_accounts_says_how_many_more() -> None:
    accounts = [f"{i:03}" for i in range(25)]
    shares = [Share(account, account, 1) for account in accounts]
    alert = made_alert(accounts=accounts, shares=shares)
    assert "018, 019 and 5 more)" in message(alert, "en")
    assert "018 1, 019 1 and 5 more." in message(alert, "en")
    assert "018、019 等，另有 5 个）" in message(alert, "zh")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", HOSTILE)
def test_names_do_no_harm_in_a_message(name: str, lang: Any) -> None:
    for alert in (
        lone_alert(name),
        made_alert(subject=name, accounts=[name], shares=[Share(name, name, 1)],
                   largest_client=name, exempt={name: 1}, scope=f"contract:{name}"),
    ):  # fmt: skip
        said = message(alert, lang)
        assert not any(char in said for char in "\x1b\x9b\n\u202e")
        assert len(said) > 200


def test_times_have_nine_digits_and_are_those_of_beijing() -> None:
    assert clock(0) == "1970-01-01 08:00:00.000000000"
    assert clock(-1) == "1970-01-01 07:59:59.999999999"
    assert iso_time(RED.ts) == "2010-11-08T09:33:20.250000000+08:00"


def test_numbers_keep_every_digit_that_matters() -> None:
    assert number(2**62) == str(2**62)
    assert number(80.00001) == "80.00001"
    assert number(1 / 3) == "0.333333333333"


def test_assumptions_and_blindness_in_chinese() -> None:
    assert assumption("tif is gfd", "zh") == "报单有效期限（tif）为当日有效（GFD）"
    assert assumption("hedge is not hedge or arbitrage", "zh") == "投机套保标志不是套保或套利"
    assert assumption("hedge is not hedge or arbitrage", "en") == "hedge is not hedge or arbitrage"
    blind = "only: needs tif, which the log does not have; market_maker, no market makers are given"
    assert blindness(blind, "zh").endswith("tif，委托流水中没有；market_maker，未提供做市商名单")
    assert blindness(blind, "en") == blind
    assert blindness("something else", "zh") == "something else"


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("given", "给定"),
        ("the metadata of a.parquet", "取自文件元数据 a.parquet"),
        ("column 'day' of a.csv", "取自 day 列 a.csv"),
        ("the calendar date of every row", "取自各行的日历日期"),
        ("something else", "something else"),
    ],
)
def test_how_the_day_was_found(english: str, chinese: str) -> None:
    assert day_how(english, "en") == english
    assert day_how(english, "zh") == chinese
