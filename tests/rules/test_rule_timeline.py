"""Which version of each rule stood when: a chart within 80 columns, and each change as told."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rule_makers import a_rule

from abtrade.rules.packs import list_packs, load_rules
from abtrade.rules.timeline import timeline_of
from abtrade.sinks.folding import fold
from abtrade.sinks.rule_timeline import timeline_csv, timeline_data, timeline_text
from abtrade.wording import LANGUAGES

CANCELS = [
    a_rule(from_="2010-11-05", to="2018-12-31", status="secondary"),
    a_rule(from_="2019-01-21", to="2024-10-24", red="{gte: 400}", status="secondary"),
    a_rule(from_="2024-10-25", red="{gte: 400}", status="secondary", clause="Other words."),
]
OTHERS = [
    a_rule(id="desk.ended", from_="2010-11-05", to="2019-12-31", status="unverified"),
    a_rule(id="desk.late", from_="2024-10-25", status="unverified", yellow="{gte: 400}"),
]
RULES = [*CANCELS, *OTHERS]


def lines(**bounds: date) -> list[str]:
    return timeline_text(timeline_of("desk", RULES, "en", **bounds), "en").splitlines()


def test_a_timeline_in_english():
    assert lines() == [
        "desk: 3 rules, 5 days",
        "",
        "         1     2     3     4     5",
        "cancels  |=====      |===========|=====",
        "ended    |-----------------",
        "late                             |-----",
        "",
        "|== a version from that day on; |-- one that is unverified; blank: none",
        "",
        " 1  2010-11-05",
        "    cancels: begins. Red: at least 500 cancels.",
        "    ended: begins. Red: at least 500 cancels.",
        "",
        " 2  2019-01-01",
        "    cancels: ends; its last day was 2018-12-31.",
        "",
        " 3  2019-01-21",
        "    cancels: begins again. Red: from at least 500 cancels to at least 400",
        "      cancels, which is stricter.",
        "",
        " 4  2020-01-01",
        "    ended: ends; its last day was 2019-12-31.",
        "",
        " 5  2024-10-25",
        "    cancels: Only the texts change.",
        "    late: begins. Red: at least 500 cancels. Yellow: at least 400 cancels.",
        "",
        "Gap: cancels has no version from 2019-01-01 to 2019-01-20.",
    ]


def test_a_timeline_in_chinese():
    told = timeline_text(timeline_of("desk", CANCELS, "zh"), "zh").splitlines()
    assert told[0] == "desk：1 条规则，4 个日期"
    again = "    cancels：再次施行。红灯：由“撤单达到500次（含）以上”改为“撤单达到400次（含）"
    assert again in told
    assert told[-1] == "空档：cancels自2019-01-01至2019-01-20没有版本。"


def test_a_part_of_the_time_begins_with_what_stood_already():
    told = lines(first=date(2019, 6, 3), last=date(2024, 10, 24))
    assert told[:5] == [
        "desk: 2 rules, 2 days",
        "",
        "         1     2",
        "cancels  ============",
        "ended    ------",
    ]
    assert told[8:10] == [" 1  2019-06-03", "    stood already: cancels, ended"]
    assert lines(last=date(2010, 11, 4)) == ["desk: no rule is in force in these days."]


def test_rows_for_programs():
    timeline = timeline_of("desk", RULES, "en")
    rows = list(csv.DictReader(io.StringIO("".join(timeline_csv([timeline])))))
    assert [(row["day"], row["rule"], row["event"]) for row in rows] == [
        ("2010-11-05", "desk.cancels", "begins"),
        ("2010-11-05", "desk.ended", "begins"),
        ("2019-01-01", "desk.cancels", "ends"),
        ("2019-01-21", "desk.cancels", "begins"),
        ("2020-01-01", "desk.ended", "ends"),
        ("2024-10-25", "desk.cancels", "changes"),
        ("2024-10-25", "desk.late", "begins"),
    ]
    data = timeline_data(timeline)
    assert data["rules"][0]["gaps"] == [{"first": date(2019, 1, 1), "last": date(2019, 1, 20)}]
    assert [each["from"].year for each in data["rules"][0]["versions"]] == [2010, 2019, 2024]


def test_many_days_go_on_below():
    rules = [a_rule(from_=f"20{year:02}-01-02", to=f"20{year + 1:02}-01-01", status="secondary",
                    red=f"{{gte: {year}}}") for year in range(10, 50)]  # fmt: skip
    told = timeline_text(timeline_of("desk", rules, "en"), "en").splitlines()
    assert [line for line in told if line.startswith("cancels  ")] == [
        "cancels  " + "|==" * 23,
        "cancels  " + "|==" * 17,
    ]


@pytest.mark.parametrize("pack", list_packs())
@pytest.mark.parametrize("lang", LANGUAGES)
def test_shipped_packs_fit_80_columns(pack, lang):
    rules = load_rules([pack], None).rules
    timeline = timeline_of(pack, rules, lang)
    for line in timeline_text(timeline, lang).splitlines():
        assert cell_len(line) <= 80
    told = {(event.rule, event.day) for event in timeline.events if event.kind != "ends"}
    assert told == {(rule.id, rule.from_day) for rule in rules}


@given(
    st.lists(st.sampled_from(["撤单，", "ab", " ", "（甲）", "“乙”。", "c；", "FAK、FOK指令"]))
    .map("".join),
    st.integers(12, 30),
)
def test_folding_loses_nothing_and_begins_no_line_with_a_comma(text, width):
    folded = fold(text, width)
    assert "".join(folded).replace(" ", "") == text.replace(" ", "")
    assert not any(line.startswith(tuple("，。；、）”")) for line in folded[1:])
    if "ab" * 4 not in text and "ccc" not in text:
        assert all(cell_len(line) <= width for line in folded)
