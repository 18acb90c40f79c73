"""What is said of positions, openings, bursts, limit-price cancels, shares and own measures."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from made_alerts import HOSTILE, made_scan
from made_measured import (
    burst_alert,
    deviation_alert,
    kernel_alert,
    limit_price_alert,
    opening_alert,
    position_alert,
    share_alert,
)

from abtrade import outputs
from abtrade.alert_message import message
from abtrade.alerts import Alert
from abtrade.measured_message import limit_short
from abtrade.sinks.stream import write_stream
from abtrade.sinks.terminal import make_console, show_scan
from abtrade.visibility import Sight


def test_a_position_over_its_limit_in_english() -> None:
    said = message(position_alert(), "en")
    assert said.startswith(
        "Group G1 (filed actual-control group; accounts A, B) held up to 700 lots long, all its "
        "accounts together, in SHFE contract cu1103 on trading day 2010-11-08. "
        "Red standard > 100% of the limit of 600 lots (from 601 lots on): first reached at seq 41, "
        "2010-11-08 10:15:00.000000000 Beijing time, when the position came to 620 lots. "
        "Yellow standard >= 80% of the limit of 600 lots (from 480 lots on): first reached at seq "
        "40, 2010-11-08 10:19:59.999999991 Beijing time, when the position came to 500 lots. "
        "The peak of 700 lots was reached at seq 44, 2010-11-08 10:20:00.000000000 Beijing time. "
        "At the opening it held 450 lots, at the end of the day 300 lots. "
        "It rose to the red level 2 times. "
        "It first fell back under the red level at seq 60, 2010-11-08 10:20:00.000000008 Beijing "
        "time, to 590 lots. "
        "Held by account at the peak: A (client X) 400, B (client Y) 300. "
        "With nothing left out it comes to 705 lots. "
        "Of which unknown, resting on something the log leaves blank: 0 lots. "
        "Assumed, as the log does not say: hedge is speculation; opening positions are none. "
        "Held by account when the level was first reached: A (client X) 400, B (client Y) 220. "
        "The largest single client, X, comes to 400 lots and did not reach the level alone. "
    )


def test_a_position_over_its_limit_in_chinese() -> None:
    said = message(position_alert(), "zh")
    assert said.startswith(
        "实际控制关系账户组 G1（已报备；交易编码 A、B）于 2010-11-08 交易日在上期所合约 cu1103 上"
        "多头合并持仓最高达 700 手。"
        "红灯标准（超过限额 600 手的 100%，即自 601 手起）：已达到，首次触发于北京时间 "
        "2010-11-08 10:15:00.000000000（seq 41），触发后持仓为 620 手。"
        "黄灯标准（达到限额 600 手的 80%，即自 480 手起）：已达到，首次触发于北京时间 "
        "2010-11-08 10:19:59.999999991（seq 40），触发后持仓为 500 手。"
        "持仓最高 700 手，出现于北京时间 2010-11-08 10:20:00.000000000（seq 44）。"
        "开盘前持仓 450 手，日终持仓 300 手。"
        "当日升至红灯标准 2 次。"
        "首次回落至红灯标准以下是在北京时间 2010-11-08 10:20:00.000000008（seq 60），为 590 手。"
        "持仓最高时各交易编码持仓：A（客户 X）400、B（客户 Y）300。"
        "不作剔除时为 705 手。"
        "其中情况不明（所依据的信息在委托流水中为空）：0 手。"
        "委托流水未载明而按假定处理的事项：投机套保标志为投机；开盘前持仓为零（未提供期初持仓）。"
        "首次达到时各交易编码持仓：A（客户 X）400、B（客户 Y）220。"
        "计数最多的单一客户为 X，计 400 手，单独未达到该标准。"
    )


def position_that(**changes: Any) -> str:
    """Return the message of the position with some of its detail changed."""
    alert = position_alert()
    return message(position_alert(detail={**alert.detail, **changes}), "en")


def test_a_position_that_was_there_when_the_day_began() -> None:
    alert = position_alert(red=None)
    alert.detail["peak"] = {"lots": 700, "seq": None, "ts": None}
    alert.detail["passage_count"] = {"yellow": 0, "red": 0}
    said = message(alert, "en")
    assert "reached; the position was that high when the day began." in said
    assert "The peak of 700 lots was the position at the opening." in said
    assert "It rose" not in said
    assert "当日开盘前持仓即已达到" in message(alert, "zh")


def test_a_position_that_ends_the_day_at_the_level_or_below() -> None:
    assert "It ended the day at the red level." in position_that(end=601)
    assert "It ended the day" not in position_that(end=600)
    assert "fell back" not in position_that(fell_back=[])
    no_limit = {"yellow_from": None, "red_from": None, "red_limit": "> 600"}
    assert "It ended the day at the red level." in message(ending(601, **no_limit), "en")
    assert "It ended the day" not in message(ending(600, **no_limit), "en")


def ending(lots: int, **changes: Any) -> Alert:
    return position_alert(detail={**position_alert().detail, "end": lots}, **changes)


def test_a_position_that_rose_once() -> None:
    assert "It rose to the red level once." in position_that(passage_count={"yellow": 1, "red": 1})


def test_a_limit_is_told_in_percent_and_in_lots() -> None:
    said = message(opening_alert(), "en")
    assert (
        "Account A opened 420 lots (buys and sells together) in all CFFEX contracts of series "
        "IO2503 on trading day 2010-11-08. Red standard > 100% of the limit of 500 lots (from 501 "
        "lots on): not reached. Yellow standard >= 80% of the limit of 500 lots (from 400 lots "
        "on): reached at seq 100,"
    ) in said
    assert (
        "在中金所期权系列 IO2503 全部合约上合计日内开仓 420 手（买开与卖开合计）。"
        "红灯标准（超过限额 500 手的 100%，即自 501 手起）：未达到。"
    ) in message(opening_alert(), "zh")
    assert limit_short(opening_alert(), "en") == ">= 400 (80%)"
    assert limit_short(opening_alert(yellow_limit=">= 0.125"), "zh") == ">= 400（12.5%）"


def test_a_limit_less_sure_than_its_rule_says_so_and_where_it_was_read() -> None:
    row = {"lots": 500, "source": "A notice.", "status": "unverified", "row": None}
    alert = opening_alert(status="verified", detail={"limit": 500, "limit_rows": [row]})
    assert outputs.alert_record(alert)["status"] == "unverified"
    assert (
        "The rule's text was read in the exchange's own words, or a reprint of them. "
        "The limit of 500 lots is unverified; its source: A notice."
    ) in message(alert, "en")
    assert "限额 500 手未经核实，出处：A notice。" in message(alert, "zh")


def test_a_limit_as_given_names_its_row_and_leaves_the_status_to_the_rule() -> None:
    row = {"lots": 500, "source": None, "status": "given", "row": 3}
    alert = opening_alert(status="secondary", detail={"limit": 500, "limit_rows": [row]})
    assert outputs.alert_record(alert)["status"] == "secondary"
    assert "The limit of 500 lots is as given, row 3 of the table of limits." in (
        message(alert, "en")
    )


def test_a_rule_without_a_limit_says_its_number() -> None:
    alert = opening_alert(yellow_limit=">= 400", yellow_from=None, detail={})
    assert "Yellow standard >= 400: reached at seq 100" in message(alert, "en")
    assert "黄灯标准（达到 400 手）：已达到" in message(alert, "zh")
    assert limit_short(alert, "en") == ">= 400"


def test_bursts_tell_the_first_and_the_busiest_second() -> None:
    said = message(burst_alert(), "en")
    assert (
        "Account A sent 10 messages or more within one second (a second of the clock) 12 times in "
        "all SHFE contracts on trading day 2010-11-08. Yellow standard >= 10: reached at seq 70,"
    ) in said
    assert (
        "The first such second began at 2010-11-08 09:01:02.000000000 Beijing time. The busiest "
        "began at 2010-11-08 13:30:00.000000000 Beijing time, with 19 messages. "
    ) in said
    assert "Messages in those seconds by account: A 112." in said
    assert (
        "在上期所全部合约上合计一秒内信息量达到 10 笔（按自然秒计）共 12 次。"
    ) in message(burst_alert(), "zh")
    once = burst_alert(count="burst_occasions@10/sliding", counted=1)
    assert "10 messages or more within one second (any second) once in" in message(once, "en")
    assert "（按任意一秒计）共 1 次" in message(once, "zh")


@pytest.mark.parametrize(
    ("count", "english", "chinese"),
    [
        ("limit_price_cancels", "made 402 cancels at limit prices already traded at in CZCE",
         "在涨跌停板价位撤单 402 次（该价位已有成交之后）"),
        ("limit_price_cancel_lots", "cancelled 402 lots at limit prices already traded at in CZCE",
         "在涨跌停板价位撤单 402 手（该价位已有成交之后）"),
        ("ordered_open_lots", "ordered to open 402 lots (buys and sells together) in CZCE",
         "申报开仓 402 手（买开与卖开合计）"),
        ("filled_lots", "had 402 lots filled (buys and sells together) in CZCE",
         "成交 402 手（买卖合计）"),
    ],
)  # fmt: skip
def test_counts_of_cells_have_words_and_units(count: str, english: str, chinese: str) -> None:
    alert = limit_price_alert(count=count)
    assert english in message(alert, "en")
    assert chinese in message(alert, "zh")
    unit = "次" if count == "limit_price_cancels" else "手"
    assert f"全部 414 {unit}，其中计入 402 {unit}" in message(alert, "zh")
    assert "1 lots" not in message(limit_price_alert(count=count, counted=1), "en")


def test_a_share_is_a_percentage_and_no_proof() -> None:
    said = message(share_alert(), "en")
    assert (
        "Account A made up 35.5% of all filled lots in SHFE contract cu1103 on trading day "
        "2010-11-08. Yellow standard >= 30%: reached, as judged at the end of the day. The subject "
        "has 355 lots of 1000 lots. It ranks 1 of all subjects there. A comparison is no proof: "
        "such a rule gives yellow at most. With nothing left out it comes to 36%."
    ) in said
    assert (
        "占全部成交手数的 35.5%。黄灯标准（达到 30%）：已达到，按日终结果判定。"
        "该主体为 355 手，全部为 1000 手。"
    ) in message(share_alert(), "zh")
    assert "比较本身不是证明：此类规则最高为黄灯。" in message(share_alert(), "zh")


def test_a_deviation_tells_the_usual_days() -> None:
    said = message(deviation_alert(), "en")
    assert "had a share of the cancels 6.5 spreads above the median of its own earlier days" in said
    assert (
        "Its share on this day is 14.3%; its shares of the last 20 days have a median of 1.3% and "
        "a spread of 2%."
    ) in said
    assert "其最近 20 个交易日占比的中位数为 1.3%，离差为 2%。" in message(deviation_alert(), "zh")


def test_a_desks_own_measure_is_named() -> None:
    said = message(kernel_alert(), "en")
    assert "came to 120.5 lots by the desk's own measure busiest_minute in SHFE contract" in said
    assert (
        "reached at seq 77, 2010-11-08 10:15:00.000000000 Beijing time, when the count came to "
        "101.5. What it measures: Lots cancelled in the minute with the most of them. It was "
        "highest at seq 80"
    ) in said
    assert "no proof" not in said
    assert "按自定义指标 busiest_minute 计为 120.5 lots" in message(kernel_alert(), "zh")
    said = message(kernel_alert(detail={**kernel_alert().detail, "unit": HOSTILE[0]}), "en")
    assert "\x1b" not in said


def test_one_brokers_log_is_said_to_lack_the_rest() -> None:
    broker = Sight("broker", one_broker=True)
    assert "the figure is of the part that is seen" in message(share_alert(sight=broker), "en")
    assert "the count is a lower bound" in message(position_alert(sight=broker), "en")


def test_names_within_the_detail_are_made_harmless() -> None:
    alert = position_alert()
    alert.detail["shares_at_peak"] = [
        {"account": name, "client": name, "counted": 1} for name in HOSTILE
    ]
    for lang in ("en", "zh"):
        said = message(alert, lang)
        assert not set(said) & set("\x1b\x9b\u202e\n")
        assert r"\x1b[31mred 1" in said


# --- other outputs -------------------------------------------------------------------------------


def test_the_record_holds_the_detail_as_data_with_readable_times() -> None:
    record = outputs.alert_record(position_alert())
    assert (record["yellow_from"], record["red_from"]) == (480, 601)
    assert record["detail"]["peak"] == {
        "lots": 700, "seq": 44, "ts": "2010-11-08T10:20:00.000000000+08:00"
    }  # fmt: skip
    assert record["detail"]["curve"][1] == [41, "2010-11-08T10:15:00.000000000+08:00", 620]
    bursts = outputs.alert_record(burst_alert())["detail"]
    assert bursts["most"]["second"] == "2010-11-08T13:30:00.000000000+08:00"
    assert outputs.alert_record(limit_price_alert())["detail"] is None


def test_the_table_holds_the_same_detail_as_json() -> None:
    table = outputs.alerts_table([position_alert(), limit_price_alert()])
    (red, yellow) = table["detail"].to_pylist()
    assert json.loads(red) == outputs.alert_record(position_alert())["detail"]
    assert yellow is None
    assert table["red_from"].to_pylist() == [601, None]


def test_csv_holds_the_detail_as_json_no_name_of_it_harmful() -> None:
    alert = position_alert()
    alert.detail["shares_at_peak"] = [
        {"account": name, "client": name, "counted": 1} for name in HOSTILE
    ]
    printed = io.StringIO()
    write_stream(made_scan([alert]), "csv", printed)
    (row,) = csv.DictReader(io.StringIO(printed.getvalue()))
    assert not set(row["detail"]) & set("\x1b\x9b\u202e\n")
    names = [share["account"] for share in json.loads(row["detail"])["shares_at_peak"]]
    assert names == list(HOSTILE)


@pytest.mark.parametrize(
    ("alert", "line"),
    [
        (position_alert(), "contract:cu1103 700 >= 601 (100%) 10:15:00 seq 41"),
        (share_alert(), "contract:cu1103 35.5% >= 30% end of day"),
        (position_alert(red=None), "contract:cu1103 700 >= 601 (100%) at the opening"),
    ],
)
def test_the_terminal_tells_lots_percent_and_the_opening(alert: Any, line: str) -> None:
    printed = io.StringIO()
    show_scan(made_scan([alert], clean=True), "en", make_console(printed, 250))
    assert line in " ".join(printed.getvalue().split())
