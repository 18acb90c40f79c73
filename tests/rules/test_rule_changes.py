"""What differs between rules, told as sentences, and sets of rules compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from rule_makers import a_rule, good_rules

from abtrade.errors import RuleError
from abtrade.rules.changes import changes_of, in_substance
from abtrade.rules.diff import compare
from abtrade.rules.packs import load_rules
from abtrade.rules.rule import Rule
from abtrade.sinks.rule_changes import diff_data, diff_text
from abtrade.wording import LANGUAGES

FAK = (
    "{tif: [fak, fok], reason: fill and kill, reason_zh: FAK与FOK, "
    "clause: {en: Art. 9, zh: 第九条}}"
)
ELSEWHERE = FAK.replace("Art. 9", "Art. 8").replace("第九", "第八")
HEDGING = "{hedge: hedge, reason: hedging, reason_zh: 套期保值, clause: {en: Art. 10, zh: 第十条}}"


def told(before: Rule, after: Rule, lang: str = "en") -> list[str]:
    return [change.sentence for change in changes_of(before, after, lang)]


@pytest.mark.parametrize(
    ("before", "after", "english", "chinese"),
    [
        ({}, {"red": "{gte: 400}"},
         "Red: from at least 500 cancels to at least 400 cancels, which is stricter.",
         "红灯：由“撤单达到500次（含）以上”改为“撤单达到400次（含）以上”，从严。"),
        ({}, {"red": "{gt: 500}"},
         "Red: from at least 500 cancels to more than 500 cancels, which is laxer.",
         "红灯：由“撤单达到500次（含）以上”改为“撤单超过500次”，从宽。"),
        ({}, {"red": "{gt: 499}"},
         "Red: from at least 500 cancels to more than 499 cancels.",
         "红灯：由“撤单达到500次（含）以上”改为“撤单超过499次”。"),
        ({}, {"yellow": "{gte: 400}"}, "Yellow: newly at least 400 cancels.",
         "黄灯：新增“撤单达到400次（含）以上”。"),
        ({"yellow": "{gte: 400}"}, {}, "Yellow: no longer at least 400 cancels.",
         "黄灯：取消“撤单达到400次（含）以上”。"),
        ({}, {"scope": "exchange"},
         "Added up over: from each contract to all contracts of the exchange.",
         "统计范围：由“单个合约”改为“交易所全部合约”。"),
        ({}, {"products": "cu"}, "Products: from all products to product cu.",
         "适用品种：由“全部品种”改为“cu品种”。"),
        ({"count": "self_trades"}, {"count": "self_trade_orders"},
         "What is counted: from self-trades, each match as one to self-trades, each incoming order "
         "as one.",
         "统计内容：由“自成交次数（每笔成交计一次）”改为“自成交次数（同一主动方报单计一次）”。"),
        ({}, {"only": "{order_fee: true, tif: [fak, fok]}"},
         "Only these count now: on contracts with an order fee, cancels of FAK or FOK orders.",
         "改为仅统计：收取申报费的合约上，FAK、FOK指令的撤单。"),
        ({"only": "{tif: fak}"}, {},
         "Everything counts now; before, only these: cancels of FAK orders.",
         "改为全部统计；原仅统计：FAK指令的撤单。"),
        ({"only": "{tif: fak}"}, {"only": "[{tif: fak}, {order_type: market}]"},
         "Only these count now: cancels of FAK orders; cancels of market orders. Before, only "
         "these: cancels of FAK orders.",
         "改为仅统计：FAK指令的撤单；市价指令的撤单。原仅统计：FAK指令的撤单。"),
        ({"only": "{order_type: limit}"},
         {"only": "{order_type: limit}", "assume": "{order_type: limit}"},
         "Taken for granted: newly the type of the order is limit.",
         "按假定处理：新增“报单类型为限价”。"),
        ({}, {"leave_out": f"[{FAK}]"},
         "Newly exempt, as fill and kill: cancels of FAK or FOK orders.",
         "新增豁免（FAK与FOK）：FAK、FOK指令的撤单。"),
        ({"leave_out": f"[{FAK}]"}, {},
         "No longer exempt, as fill and kill: cancels of FAK or FOK orders.",
         "取消豁免（FAK与FOK）：FAK、FOK指令的撤单。"),
        ({"leave_out": f"[{FAK}]"}, {"leave_out": f"[{FAK.replace('[fak, fok]', 'fok')}]"},
         "Exempt as fill and kill: from “cancels of FAK or FOK orders” to “cancels of FOK orders”.",
         "豁免（FAK与FOK）：由“FAK、FOK指令的撤单”改为“FOK指令的撤单”。"),
        ({"leave_out": f"[{FAK}, {HEDGING}]"}, {"leave_out": f"[{HEDGING}, {FAK}]"},
         "The exemptions are asked in another order: hedging, fill and kill; before: fill and "
         "kill, hedging.",
         "各项豁免的先后顺序改为：套期保值、FAK与FOK；原为：FAK与FOK、套期保值。"),
        ({"leave_out": f"[{FAK}]"}, {"leave_out": f"[{ELSEWHERE}]"},
         "The exemption of cancels of FAK or FOK orders rests on other words: Art. 8.",
         "FAK、FOK指令的撤单的豁免依据改为：第八条。"),
        ({"status": "unverified"}, {"status": "secondary"},
         "How sure: from unverified to read in secondary sources, not in the exchange's own text.",
         "可信度：由“未经核实”改为“来自二手资料，未与交易所原文核对”。"),
        ({}, {"clause": "Rule 2."}, "“Clause” now reads: Rule 2.", "依据的表述改为：Rule 2."),
        ({}, {"notes": "Mind."}, "“Notes” is new: Mind.", "说明新增：Mind."),
        ({}, {"to": "2024-10-24"},
         "In force from 2010-11-05 to 2024-10-24; the other since 2010-11-05.",
         "有效期：2010-11-05至2024-10-24；另一版本为2010-11-05起。"),
    ],
)  # fmt: skip
def test_a_change_in_a_sentence(before, after, english, chinese):
    old, new = a_rule(**before), a_rule(**after)
    assert told(old, new) == [english]
    assert told(old, new, "zh") == [chinese]


def test_a_text_that_differs_in_the_other_language_alone_is_told_in_that():
    old, new = a_rule(clause="{en: One., zh: 一。}"), a_rule(clause="{en: One., zh: 二。}")
    assert told(old, new) == ["“Clause” now reads: 二。"]


def test_a_name_that_differs_in_the_other_language_alone_is_not_told_as_a_new_one():
    entry = "{hedge: hedge, reason: hedging, reason_zh: %s, clause: x}"
    old, new = (a_rule(leave_out=f"[{entry % name}]") for name in ("套期保值", "套保"))
    assert [change.sentence for change in changes_of(old, new, "en")] == [
        "The exemption of cancels of orders for hedging has another name in Chinese; in English "
        "it is still told as hedging."
    ]
    assert told(old, new, "zh")[0].endswith("改称“套保”，原称“套期保值”。")


def test_an_exemption_tells_what_it_rests_on_or_rested_on():
    old, new = a_rule(), a_rule(leave_out=f"[{FAK}]")
    assert [change.basis for change in changes_of(old, new, "en")] == ["Basis: Art. 9."]
    assert [change.basis for change in changes_of(new, old, "zh")] == ["原依据：第九条。"]


@given(good_rules(), good_rules())
def test_rules_say_the_same_exactly_where_nothing_is_told(before, after):
    for lang in LANGUAGES:
        assert changes_of(before, before, lang) == []
        assert bool(changes_of(before, after, lang)) == (before.version != after.version)


@settings(max_examples=20)
@given(good_rules())
def test_a_rule_with_other_words_is_the_same_in_substance(rule):
    other = replace(rule, clause={"en": "New words.", "zh": "新。"}, notes=None)
    assert in_substance(changes_of(rule, other, "en")) == []


# --- sets of rules -------------------------------------------------------------------------------

OLD = a_rule(id="desk.a", to="2024-10-24")
NEW = a_rule(id="desk.a", from_="2024-10-25", red="{gte: 400}")
GONE, ALIKE, ADDED = (a_rule(id=f"desk.{name}") for name in ("gone", "alike", "new"))


def test_what_is_new_gone_and_changed_and_how_many_are_the_same():
    diff = compare([OLD, GONE, ALIKE], [NEW, ALIKE, ADDED], "en")
    assert diff_text(diff, ("x", "y"), "en").splitlines() == [
        "x → y",
        "1 rule changed, 1 added, 1 removed; 1 the same.",
        "",
        "changed: desk.a",
        "  - Red: from at least 500 cancels to at least 400 cancels, which is stricter.",
        "  - In force since 2024-10-25; the other from 2010-11-05 to 2024-10-24.",
        "",
        "removed: desk.gone",
        "  - Cancels per subject and contract in one day.",
        "  - Red: at least 500 cancels.",
        "  - In force: since 2010-11-05.",
        "",
        "added: desk.new",
        "  - Cancels per subject and contract in one day.",
        "  - Red: at least 500 cancels.",
        "  - In force: since 2010-11-05.",
    ]
    assert diff_text(diff, ("x", "y"), "zh").splitlines()[1] == (
        "变更 1 条规则，新增 1 条，取消 1 条，未变 1 条。"
    )
    kinds = [(each["kind"], each["changes"][:1]) for each in diff_data(diff, ("x", "y"), "en")[
        "differences"]]  # fmt: skip
    assert [kind for kind, _ in kinds] == ["changed", "removed", "added"]
    assert kinds[0][1][0]["after"] == "at least 400 cancels"


def test_nothing_differs_and_it_is_said():
    assert diff_text(compare([OLD, GONE], [OLD, GONE], "en"), ("x", "x"), "en") == (
        "x → x\nNothing differs: 2 rules are the same on both sides."
    )
    assert diff_text(compare([OLD], [OLD], "zh"), ("x", "x"), "zh").endswith(
        "没有差异：两边的 1 条规则相同。"
    )


def test_versions_of_one_first_day_are_matched_then_the_others_in_order():
    third = a_rule(id="desk.a", from_="2025-01-02")
    diff = compare([OLD, NEW], [NEW, third], "en")
    pairs = [(each.before, each.after) for each in diff.differences]
    assert pairs == [(OLD, third)]
    assert diff.same == 1
    assert [(each.before, each.after) for each in compare([OLD], [OLD, NEW], "en").differences] == [
        (None, NEW)
    ]


def test_two_exchanges_are_compared_by_the_standard_and_in_substance_alone():
    shfe = a_rule(id="shfe.cancels", clause="One.")
    dce = a_rule(id="dce.cancels", exchange="DCE", clause="Two.", red="{gte: 400}")
    (found,) = compare([shfe], [dce], "en").differences
    assert [change.part for change in found.changes] == ["red"]
    assert "changed: shfe.cancels → dce.cancels" in diff_text(
        compare([shfe], [dce], "en"), ("shfe", "dce"), "en"
    )
    assert compare([shfe], [replace(dce, red=shfe.red)], "en").same == 1
    with pytest.raises(RuleError, match=r"several versions of desk\.a: name a day"):
        compare([shfe], [OLD, NEW], "en")


def test_the_flip_of_order_types_shows_between_two_days():
    """On 2024-10-25 FAK and FOK began to count at CZCE, and others ceased to, where a fee is."""
    before, after = (load_rules(["czce"], date(2024, 10, day)).rules for day in (24, 25))
    diff = compare(before, after, "en")
    changed = {each.after.id for each in diff.differences if each.after and each.before}
    assert "czce.limit_price_cancel" in changed
    (limit,) = (each for each in diff.differences
                if each.after and each.after.id == "czce.limit_price_cancel")  # fmt: skip
    assert "No longer exempt, as fill and kill: cancels of FAK or FOK orders." in [
        change.sentence for change in limit.changes
    ]
