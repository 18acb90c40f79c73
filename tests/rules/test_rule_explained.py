"""A rule told in plain sentences, in English and Chinese."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import rule_makers
from hypothesis import given
from rule_makers import good_rules

from abtrade import schema
from abtrade.errors import RuleError
from abtrade.rules import kinds
from abtrade.rules.changes import changes_of
from abtrade.rules.diff import compare
from abtrade.rules.explained import explain_rule, version_on
from abtrade.rules.packs import load_rules
from abtrade.rules.phrases import filter_said, level_said
from abtrade.rules.rule import Rule
from abtrade.rules.syntax import ASSUME, FILTER_FIELDS, RULE, SOURCE, STATUSES, parse_rule
from abtrade.sinks.rule_changes import diff_text
from abtrade.sinks.rule_page import page_data, page_markdown, page_text
from abtrade.wording import LANGUAGES, Language

FLIP = "[{order_fee: true, tif: [fak, fok]}, {order_fee: false}]"
HEDGING = (
    "{hedge: hedge, reason: hedging, reason_zh: 套期保值, "
    "clause: {en: Article 10., zh: 第十条。}}"
)
LIMIT = {"limit": "position", "red": "{gt: 1}"}


def a_rule(**changes):
    """Return the short rule as one that may turn red."""
    return rule_makers.a_rule(**{"status": "secondary", **changes})


def said(rule: Rule, part: str, lang: Language) -> list[str]:
    """Return the sentences of one part of an explained rule; none where it has no such part."""
    explained = explain_rule(rule, [rule], lang)
    return [each for found in explained.parts if found.key == part for each in found.sentences]


# --- what is said of each kind of rule -----------------------------------------------------------


def test_the_flip_of_order_types_is_told_contract_by_contract():
    rule = a_rule(only=FLIP)
    assert said(rule, "only", "en") == [
        "Only these count: on contracts with an order fee, cancels of FAK or FOK orders; on "
        "contracts without an order fee, all cancels. All else is left out, as “outside what the "
        "rule counts”."
    ]
    assert said(rule, "only", "zh") == [
        "仅统计：收取申报费的合约上，FAK、FOK指令的撤单；不收取申报费的合约上，全部撤单。"
        "其余不计入，原因载为“不属于本规则计数对象”。"
    ]


def test_a_standard_on_cancels():
    rule = a_rule(yellow="{gte: 400}", leave_out=f"[{HEDGING}]")
    assert said(rule, "count", "en") == [
        "Cancels are counted: each that takes at least one lot off an order is one, whoever takes "
        "it off.",
        "The rule is for contracts of SHFE.",
        "Each contract is judged by itself, each trading day anew.",
        "A level is reached at the event that brings the count to it.",
    ]
    assert said(rule, "levels", "en") == [
        "Red: at least 500 cancels. This is the standard that the clause sets.",
        "Yellow: at least 400 cancels. This is a warning before the standard, a level of the "
        "desk's own.",
    ]
    assert said(rule, "levels", "zh") == [
        "红灯：撤单达到500次（含）以上，为所依据条款的标准。",
        "黄灯：撤单达到400次（含）以上，为自设的预警标准，低于条款标准。",
    ]
    assert said(rule, "leave_out", "en") == [
        "hedging: cancels of orders for hedging. Basis: Article 10."
    ]
    assert said(rule, "leave_out", "zh") == ["套期保值：套期保值报单的撤单。依据：第十条。"]


def test_a_standard_on_large_cancels_by_lots_and_by_a_part_of_the_maximum():
    by_lots = a_rule(count="large_cancels", large_lots="300", red="{gte: 50}")
    by_part = a_rule(count="large_cancels", large_of_max="{gt: 0.8}", red="{gte: 50}")
    assert said(by_lots, "levels", "en")[0].startswith(
        "Red: at least 50 cancels, each of at least 300 lots."
    )
    assert said(by_lots, "levels", "zh")[0].startswith(
        "红灯：单笔撤单量达到300手（含）以上的撤单达到50次（含）以上"
    )
    assert said(by_part, "count", "en")[0].endswith(
        "A cancel is large that takes off more than 80% of the contract's maximum order size of "
        "the day, whatever the size of its order."
    )
    assert said(by_part, "count", "zh")[0] == (
        "统计大额撤单次数，单笔撤单量超过当日该合约最大下单数量的80%的撤单计一次，不论原报单数量大小。"
    )
    unknown = (
        "A contract whose maximum order size is not known is not judged, and the run names it."
    )
    assert unknown in said(by_part, "silent", "en")
    assert unknown not in said(by_lots, "silent", "en")


def test_a_standard_on_self_trades_says_which_orders_have_to_fit():
    either = a_rule(count="self_trades", red="{gte: 5}", leave_out=f"[{HEDGING}]")
    both = replace(either, both=True)
    assert said(either, "leave_out", "en") == [
        "hedging: self-trades with orders for hedging on either side. Basis: Article 10.",
        "A self-trade is exempt where either of its orders is; the incoming one is asked first.",
    ]
    assert said(both, "leave_out", "en")[0].startswith(
        "hedging: self-trades with orders for hedging on both sides."
    )
    assert said(either, "leave_out", "zh")[0].startswith("套期保值：任一方为套期保值报单的自成交。")
    assert said(both, "leave_out", "zh")[0].startswith("套期保值：双方均为套期保值报单的自成交。")
    only = a_rule(count="self_trades", red="{gte: 5}", only="{tif: fak}")
    assert "with FAK orders on both sides." in said(only, "only", "en")[0]
    assert "on at least one side." in said(replace(only, both=True), "only", "en")[0]


def test_a_standard_on_positions_is_told_as_parts_of_a_limit():
    rule = a_rule(
        count="long_lots", quotas="[hedge, arbitrage]", yellow="{gte: 0.8}",
        leave_out=f"[{HEDGING}]", **LIMIT,
    )
    assert said(rule, "levels", "en") == [
        "Red: lots held long come to more than the limit. This is the standard that the clause "
        "sets.",
        "Yellow: lots held long come to at least 80% of the limit. This is a warning before the "
        "standard, a level of the desk's own.",
        "The limit is the one named “position” in the table of limits, in lots, for the trading "
        "day. Where none is known, nothing is judged.",
        "Approved quotas for hedging and arbitrage are added to the limit, those of all clients of "
        "a group together.",
    ]
    assert said(rule, "levels", "zh")[:2] == [
        "红灯：多头持仓超过限额，为所依据条款的标准。",
        "黄灯：多头持仓达到限额的80%（含）以上，为自设的预警标准，低于条款标准。",
    ]
    assert said(rule, "leave_out", "en")[0].startswith("hedging: lots held for hedging.")
    assert said(rule, "leave_out", "zh")[0].startswith("套期保值：套期保值持仓。")


def test_a_duty_to_report_has_no_red_level():
    rule = a_rule(count="burst_occasions", burst_messages="10", scope="exchange", red=None,
                  yellow="{gte: 10}")  # fmt: skip
    assert said(rule, "levels", "en") == [
        "Yellow: at least 10 seconds with 10 messages or more. The rule has no red level."
    ]
    assert said(rule, "levels", "zh") == [
        "黄灯：一秒内信息量达到10笔（含）以上的情形达到10次（含）以上。本规则不设红灯。"
    ]
    assert "A second is one of the clock." in said(rule, "count", "en")[0]
    sliding = replace(rule, burst_window="sliding")
    assert "A second may begin at any moment" in said(sliding, "count", "en")[0]


def test_a_comparison_with_earlier_days():
    rule = a_rule(count="volume_deviation", red=None, yellow="{gte: 1}")
    assert said(rule, "levels", "en")[0].startswith("Yellow: at least 1 spread above the median.")
    assert said(rule, "levels", "zh")[0].startswith("黄灯：高出中位数达到1个离差（含）以上。")
    assert "Levels are judged at the end of the day." in said(rule, "count", "en")
    share = a_rule(count="cancel_share", red=None, yellow="{gt: 0.125}")
    assert said(share, "levels", "en")[0].startswith("Yellow: more than 12.5% of all cancels.")


def test_one_is_singular():
    one = a_rule(red="{gte: 1}")
    assert level_said(one, one.red, "en") == "at least 1 cancel"
    assert level_said(a_rule(), a_rule().red, "en") == "at least 500 cancels"
    large = a_rule(count="large_cancels", large_lots="1", red="{gt: 1}")
    assert level_said(large, large.red, "en") == "more than 1 cancel of at least 1 lot"


# --- filters -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("only", "english", "chinese"),
    [
        ("{product: cu}", "on contracts of cu, all cancels", "cu合约上，全部撤单"),
        ("{product: [al, cu], order_fee: false}",
         "on contracts of al or cu without an order fee, all cancels",
         "不收取申报费的al、cu合约上，全部撤单"),
        ("{tif: fak, order_type: [limit, market], hedge: [speculation, arbitrage]}",
         "cancels of FAK limit or market orders for speculation or arbitrage",
         "投机、套利FAK限价、市价指令的撤单"),
        ("{market_maker: true}",
         "cancels of orders from clients that make a market in the product",
         "做市商报单的撤单"),
        ("{market_maker: false, tif: gfd}",
         "cancels of GFD orders from clients that make no market in the product",
         "非做市商GFD指令的撤单"),
        ("{phase: auction}", "cancels in a call auction", "集合竞价阶段的撤单"),
        ("{cancel_by: [expiry, disconnect]}", "cancels on expiry or on a lost connection",
         "因到期失效、断线产生的撤单"),
        ("{phase: closed, tif: fok, cancel_by: exchange}",
         "cancels of FOK orders outside trading hours by the exchange",
         "非交易阶段FOK指令因交易所撤销产生的撤单"),
    ],
)  # fmt: skip
def test_filters_as_phrases(only, english, chinese):
    rule = a_rule(only=only)
    assert filter_said(rule.only[0], rule, "en", is_only=True) == english
    assert filter_said(rule.only[0], rule, "zh", is_only=True) == chinese


@pytest.mark.parametrize(
    ("count", "english", "chinese"),
    [
        ("orders", "FAK orders", "FAK指令"),
        ("messages", "messages of FAK orders", "FAK指令的信息量"),
        ("filled_lots", "fills of FAK orders", "FAK指令的成交"),
        ("kernel", "events of FAK orders", "FAK指令的事件"),
    ],
)
def test_a_filter_speaks_of_what_is_counted(count, english, chinese):
    rule = a_rule(count=count, kernel="own" if count == "kernel" else None, only="{tif: fak}")
    assert filter_said(rule.only[0], rule, "en", is_only=True) == english
    assert filter_said(rule.only[0], rule, "zh", is_only=True) == chinese


# --- what the log may not tell -------------------------------------------------------------------


def test_what_makes_blind_what_is_not_applied_and_what_is_taken_for_granted():
    rule = a_rule(
        only="[{order_fee: true, tif: fak}, {order_type: market}]", assume="{order_type: limit}",
        leave_out=f"[{HEDGING}]",
    )
    assert said(rule, "silent", "en") == [
        "Where the log does not tell the type of the order at all, it is taken to be “limit”, and "
        "each alert says so.",
        "Where neither the log nor a table beside it tells the time in force (tif) or whether a "
        "contract carries an order fee, nothing is judged by this rule, and the run says so.",
        "Where neither the log nor a table beside it tells the hedge flag, the exemptions that ask "
        "for it are not applied, and each alert says so.",
        "An event that leaves it blank counts, and is told as unknown.",
    ]
    assert said(rule, "silent", "zh")[0] == (
        "委托流水未载明报单类型的，一律按“限价”处理，并在每条告警中写明。"
    )
    assert said(a_rule(), "silent", "en") == []


# --- versions and days ---------------------------------------------------------------------------

FIRST = a_rule(from_="2010-11-05", to="2018-12-31")
SECOND = a_rule(from_="2019-01-21", to="2024-10-24", red="{gte: 400}")
THIRD = a_rule(from_="2024-10-25", red="{gte: 400}", clause="Other words.")
KNOWN = [THIRD, FIRST, SECOND, a_rule(id="desk.other")]


def test_what_came_before_and_after_is_told_with_what_it_changed():
    parts = {part.key: part.sentences for part in explain_rule(SECOND, KNOWN, "en").parts}
    assert parts["days"] == (
        "In force from 2019-01-21 to 2024-10-24, both trading days included.",
    )
    assert parts["versions"] == (
        "from 2010-11-05 to 2018-12-31: the first known here",
        "from 2019-01-01 to 2019-01-20 no version is known",
        "from 2019-01-21 to 2024-10-24 (this version): Red: from at least 500 cancels to at least "
        "400 cancels, which is stricter.",
        "since 2024-10-25: the same as far as seen",
    )


def test_the_version_of_a_day_and_else_the_last_one():
    assert version_on("desk.cancels", KNOWN, date(2018, 12, 31)) == FIRST
    assert version_on("desk.cancels", KNOWN, date(2024, 10, 25)) == THIRD
    assert version_on("desk.cancels", KNOWN, None) == THIRD
    with pytest.raises(RuleError, match="not in force on 2019-01-02: it is from 2010-11-05 to"):
        version_on("desk.cancels", KNOWN, date(2019, 1, 2))
    with pytest.raises(RuleError, match=r"did you mean 'desk\.cancels'"):
        version_on("desk.cancel", KNOWN, None)


def test_another_reading_is_told_with_what_it_would_change():
    other = "[{name: times_400, about: {en: Older tables say 400., zh: 较早的表为400次。}, " \
            "set: {red: {gte: 400}}}]"
    rule = a_rule(alternatives=other)
    assert said(rule, "alternatives", "en") == [
        "“times_400”, where an overlay chooses it: Older tables say 400. Red: from at least 500 "
        "cancels to at least 400 cancels, which is stricter."
    ]
    assert said(rule, "alternatives", "zh") == [
        "“times_400”（经自设文件选用方生效）：较早的表为400次。"
        "红灯：由“撤单达到500次（含）以上”改为“撤单达到400次（含）以上”，从严。"
    ]
    (added,) = changes_of(a_rule(), rule, "en")
    assert added.sentence.startswith("Another reading, “times_400”, is told: Older tables say 400.")
    (dropped,) = changes_of(rule, a_rule(), "en")
    assert dropped.sentence == "The other reading “times_400” is no longer told."


def test_an_unverified_rule_says_that_it_is_off_and_gives_no_red():
    told = "in a pack it is off unless it is switched on, and nobody gets more than yellow by it."
    unverified = a_rule(status="unverified", yellow="{gte: 400}")
    assert said(unverified, "levels", "en")[-1].endswith(told)
    assert not any(told in sentence for sentence in said(a_rule(), "levels", "en"))


# --- all that the language can say ---------------------------------------------------------------


def test_every_word_of_the_language_has_words_of_its_own():
    for field in FILTER_FIELDS:
        if isinstance(field.kind, kinds.Flag):
            words = ("true", "false")
        elif field.name == "product":
            words = ("cu", "al")
        else:
            words = tuple(schema.code_words(field.name))
        for lang in LANGUAGES:
            rules = [a_rule(only=f"{{{field.name}: {word}}}") for word in words]
            told = {filter_said(rule.only[0], rule, lang, is_only=True) for rule in rules}
            assert len(told) == len(words), (field.name, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_count_scope_and_status_is_told_apart(lang):
    rules = [
        a_rule(
            count=count, red=None, yellow="{gt: 2}",
            scope="exchange" if count == "burst_occasions" else "product",
            large_lots="300" if count == "large_cancels" else None,
            burst_messages="10" if count == "burst_occasions" else None,
            kernel="own" if count == "kernel" else None,
        )
        for count in schema.COUNTS
    ]
    assert len({said(rule, "count", lang)[0] for rule in rules}) == len(schema.COUNTS)
    assert all(said(rule, "levels", lang) for rule in rules)
    assert len({said(a_rule(scope=scope), "count", lang)[2] for scope in schema.SCOPES}) == 4
    assert len({said(a_rule(status=each), "source", lang)[0] for each in STATUSES}) == 3
    for field in ASSUME.fields:
        told = {
            tuple(said(a_rule(only=f"{{{field.name}: {word}}}",
                              assume=f"{{{field.name}: {other}}}"), "silent", lang))
            for word in list(schema.code_words(field.name))[:1]
            for other in schema.code_words(field.name)
        }  # fmt: skip
        assert len(told) == len(schema.code_words(field.name))


SAYS = {
    "about": "Other.", "exchange": "DCE", "products": "cu", "from": "2011-01-04",
    "to": "2030-01-02", "status": "unverified", "source": "{document: Other}", "clause": "Other.",
    "linked_clause": "Other.", "count": "orders", "large_lots": "7", "large_of_max": "{gt: 0.5}",
    "burst_messages": "7", "burst_window": "sliding", "kernel": "other", "limit": "other",
    "quotas": "arbitrage", "contracts": "deep_out_of_the_money", "scope": "product",
    "only": "{tif: fok}", "assume": "{tif: gtc}", "leave_out": f"[{HEDGING}]", "both": "true",
    "groups_only": "true",
    "yellow": "{gt: 3}", "red": "{gt: 900}", "notes": "Other.",
    "alternatives": "[{name: other, about: Other., set: {red: {gte: 900}}}]",
}  # fmt: skip
LARGE = {"count": "large_cancels", "large_lots": "300"}
BURSTS = {"count": "burst_occasions", "burst_messages": "10", "scope": "exchange"}
BESIDE = {
    "large_lots": LARGE, "large_of_max": LARGE, "burst_messages": BURSTS, "burst_window": BURSTS,
    "kernel": {"count": "kernel", "kernel": "own"}, "assume": {"only": "{tif: fak}"},
    "limit": {"count": "long_lots", **LIMIT}, "quotas": {"count": "long_lots", **LIMIT},
    "both": {"count": "self_trades", "leave_out": f"[{HEDGING}]"},
}  # fmt: skip
KEYS_TOLD_BY = {
    "groups_only": "judged",
    "from": "days", "to": "days", "large_lots": "count", "large_of_max": "count",
    "burst_messages": "count", "burst_window": "count", "kernel": "count",
}  # fmt: skip
"""Key -> the part of a change that tells it, where that has another name."""
UNTOLD = {"id"}
"""Keys that are told in the heading."""


@pytest.mark.parametrize("key", [field.name for field in RULE.fields if field.name not in UNTOLD])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_key_of_a_rule_changes_what_is_said_and_is_told_as_a_change(key, lang):
    plain = BESIDE.get(key, {})
    other = {**plain, f"{key}_": SAYS[key]}
    if key == "large_of_max":
        del other["large_lots"]
    rules = [a_rule(**keys) for keys in (plain, other)]
    pages = [explain_rule(rule, [], lang) for rule in rules]
    assert pages[0].parts != pages[1].parts or pages[0].about != pages[1].about
    assert KEYS_TOLD_BY.get(key, key) in {change.part for change in changes_of(*rules, lang)}


def test_every_key_of_a_source_is_told():
    said_there = {
        "number": "〔2024〕92", "article": "Art. 7", "date": "2024-07-19", "seen": "reprint",
        "seen_in": "{en: a page, zh: 网页}", "address": "https://example.org/",
        "document": "Rules",
    }  # fmt: skip
    assert {field.name for field in SOURCE.fields} == said_there.keys()
    source = ", ".join(f"{key}: '{text}'" if "{" not in text else f"{key}: {text}"
                       for key, text in said_there.items())  # fmt: skip
    told = " ".join(said(a_rule(source=f"{{{source}}}"), "source", "en"))
    for text in ("Rules", "〔2024〕92", "Art. 7", "2024-07-19", "reprint", "a page", "example.org"):
        assert text in told


SHIPPED = load_rules([], None).rules
WORD = r"[A-Za-z_][A-Za-z0-9_]*"
KNOWN_CODES = {"FAK", "FOK", "GFD", "GTC", "OTR", "tif", "max"}


@pytest.mark.parametrize("rule", SHIPPED, ids=lambda rule: f"{rule.id}-{rule.from_day}")
def test_the_chinese_of_a_shipped_rule_has_no_english_of_ours(rule):
    """What the rule's own texts say in Chinese is theirs."""
    page = page_text(explain_rule(rule, SHIPPED, "zh"), "zh").partition("\n")[2]
    own = "".join(
        text["zh"] for text in (
            rule.about, rule.clause, rule.linked_clause, rule.notes, rule.source.document,
            rule.source.seen_in, *(entry.clause for entry in rule.leave_out),
            *(entry.about for entry in rule.alternatives),
        ) if text
    )  # fmt: skip
    given = {*re.findall(WORD, f"{own} {rule.source.address} {rule.source.number} "
                         f"{rule.source.article} {rule.limit}"),
             *(rule.products or ()), *KNOWN_CODES,
             *(entry.name for entry in rule.alternatives)}  # fmt: skip
    for version in SHIPPED:
        if version.id == rule.id:
            given |= {word for entry in version.leave_out for word in
                      re.findall(WORD, entry.reason_zh)}
            given |= version.products or frozenset()
            given.update(*(entry.filter.products or () for entry in version.leave_out))
    assert set(re.findall(WORD, page)) <= given


@given(good_rules())
def test_whatever_can_be_written_is_told_in_whole_sentences(rule):
    rule = replace(rule, notes=None, clause={"en": "B.", "zh": "乙。"})
    for lang in LANGUAGES:
        for part in explain_rule(rule, [rule], lang).parts:
            for sentence in part.sentences:
                assert sentence.endswith("." if lang == "en" else "。")
                assert "  " not in sentence
                assert "的的" not in sentence
                assert not re.search(r"[{}]|\b(\w+) \1\b|[A-Za-z] [，。；：]", sentence)


# --- forms ---------------------------------------------------------------------------------------


def test_the_page_as_text_markdown_and_data():
    rule = a_rule(about="Cancels *in* <one> day.", notes="Mind.")
    explained = explain_rule(rule, [rule], "en")
    text, markdown = page_text(explained, "en"), page_markdown(explained, "en")
    assert text.splitlines()[:5] == [
        f"desk.cancels (Version {rule.version})", "Cancels *in* <one> day.", "",
        "Who is judged", f"  {said(rule, 'judged', 'en')[0]}",
    ]
    assert "\n  - Red: at least 500 cancels. This is" in text
    assert markdown.startswith("# desk.cancels (Version")
    assert r"Cancels \*in\* \<one\> day." in markdown
    assert "## Levels\n\n- Red: at least 500 cancels." in markdown
    data = page_data(explained, date(2024, 10, 25), "en")
    assert (data["rule"], data["day"], data["to"]) == ("desk.cancels", date(2024, 10, 25), None)
    assert data["parts"][-1] == {"part": "notes", "title": "Notes", "sentences": ["Mind."]}


DOCS = (Path(__file__).parents[2] / "docs/rules.md").read_text("utf-8")


def test_the_page_on_rules_shows_what_is_said():
    (example,) = re.findall(r"^```yaml\n(id: .*?)^```", DOCS, re.DOTALL | re.MULTILINE)
    rule = parse_rule(example, "desk/copper_cancels.yaml")
    explained, changed = re.findall(r"^```text\n(.*?)^```", DOCS, re.DOTALL | re.MULTILINE)
    assert explained.rstrip() in page_text(explain_rule(rule, [rule], "en"), "en")
    other = parse_rule(
        example.replace("gt: 200", "gt: 180").replace("- hedge: hedge",
                                                      "- hedge: [hedge, arbitrage]"), "other.yaml"
    )  # fmt: skip
    assert changed.rstrip() in diff_text(compare([rule], [other], "en"), ("a", "b"), "en")
