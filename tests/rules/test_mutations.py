"""Mutations of a rule: which there are, what they are called, and that each is another rule."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from rule_makers import a_rule

from abtrade.rules.packs import load_rules
from abtrade.rules.rule import Rule
from abtrade.testing.mutations import Mutation, mutations_of
from abtrade.words_mutation_en import WORDS as ENGLISH
from abtrade.words_mutation_zh import WORDS as CHINESE

NOT_BY_THE_CLIENT = "{cancel_by: [expiry, exchange], reason: not by the client, clause: none}"
FLIP = """
  - {order_fee: true, tif: [fak, fok]}
  - {order_fee: false}"""


def names(rule: Rule) -> list[str]:
    return [mutation.name["en"] for mutation in mutations_of(rule)]


def only_in(rule: Rule, word: str) -> list[str]:
    return [name for name in names(rule) if word in name]


def mutation(rule: Rule, name: str) -> Mutation:
    return next(each for each in mutations_of(rule) if each.name["en"] == name)


def what_changed(rule: Rule, name: str) -> set[str]:
    changed = mutation(rule, name).rule
    names = (field.name for field in fields(Rule))
    return {name for name in names if getattr(rule, name) != getattr(changed, name)}


def test_the_mutations_of_a_short_rule():
    assert names(a_rule(yellow="{gte: 400}")) == [
        "linked accounts alone",
        "yellow >= 400 -> > 400",
        "yellow >= 400 -> >= 399",
        "without yellow",
        "red >= 500 -> > 500",
        "red >= 500 -> >= 499",
        "without red",
        "count cancels -> messages",
        "scope contract -> product",
        "scope contract -> exchange",
        "from 2010-11-05 -> 2010-11-04",
        "from 2010-11-05 -> 2010-11-08",
    ]


def test_a_mutation_has_a_chinese_name():
    found = mutation(a_rule(), "red >= 500 -> > 500")
    assert found.name["zh"] == "red >= 500 改为 > 500"


def test_a_mutation_changes_one_thing():
    rule = a_rule(yellow="{gte: 400}", leave_out=f"[{NOT_BY_THE_CLIENT}]")
    assert what_changed(rule, "red >= 500 -> > 500") == {"red"}
    assert what_changed(rule, "scope contract -> exchange") == {"scope"}
    assert what_changed(rule, "linked accounts alone") == set()
    assert not mutation(rule, "linked accounts alone").merge_groups
    dropped = 'exemption "not by the client" without cancel_by expiry'
    assert what_changed(rule, dropped) == {"leave_out"}


def test_of_a_count_above_a_number_is_at_least_the_next():
    found = only_in(a_rule(red="{gt: 500}"), "red >")
    assert found == ["red > 500 -> >= 500", "red > 500 -> > 501"]


def test_of_a_limit_levels_move_by_a_tenth():
    rule = a_rule(count="open_lots", limit="opening", yellow="{gte: 0.8}", red="{gt: 1}")
    assert only_in(rule, " >") == [
        "yellow >= 0.8 -> > 0.8", "yellow >= 0.8 -> >= 0.9", "yellow >= 0.8 -> >= 0.7",
        "red > 1 -> >= 1", "red > 1 -> > 1.1", "red > 1 -> > 0.9",
    ]  # fmt: skip


def test_red_stays_above_yellow():
    rule = a_rule(count="self_trades", yellow="{gte: 4}", red="{gte: 5}")
    assert only_in(rule, "yellow") == ["yellow >= 4 -> >= 3", "without yellow"]
    assert only_in(rule, "red") == ["red >= 5 -> > 5", "without red"]


def test_a_level_from_the_first_on_goes_up_only():
    assert only_in(a_rule(red="{gte: 1}"), "red") == ["red >= 1 -> > 1"]


def test_a_rule_keeps_a_level():
    assert "without red" not in names(a_rule())


def test_days_move_to_trading_days():
    rule = a_rule(from_="2024-10-05", to="2024-10-25")  # a holiday, and a Friday
    assert only_in(rule, "from ") == [
        "from 2024-10-05 -> 2024-09-30", "from 2024-10-05 -> 2024-10-09"
    ]  # fmt: skip
    assert only_in(rule, "to ") == ["to 2024-10-25 -> 2024-10-24", "to 2024-10-25 -> 2024-10-28"]


def test_a_rule_of_one_day_does_not_end_before_it_begins():
    rule = a_rule(from_="2024-10-25", to="2024-10-25")
    assert only_in(rule, "2024") == ["from 2024-10-25 -> 2024-10-24", "to 2024-10-25 -> 2024-10-28"]


def test_exemptions_and_their_words():
    rule = a_rule(leave_out=f"[{NOT_BY_THE_CLIENT}, {{hedge: hedge, clause: none}}]")
    assert only_in(rule, "exemption") == [
        'without exemption "not by the client"',
        'exemption "not by the client" without cancel_by exchange',
        'exemption "not by the client" without cancel_by expiry',
        'exemption "not by the client" with cancel_by client',
        'exemption "not by the client" with cancel_by self_match',
        'exemption "not by the client" with cancel_by disconnect',
        'exemption "not by the client" with cancel_by forced',
        'without exemption "hedge hedge"',
        'exemption "hedge hedge" with hedge speculation',
        'exemption "hedge hedge" with hedge arbitrage',
        'exemption "hedge hedge" with hedge market_maker',
    ]


def test_exemptions_of_one_name_are_told_apart():
    by_flag = "{hedge: market_maker, reason: mm, clause: c}"
    by_table = "{market_maker: true, reason: mm, clause: c}"
    assert only_in(a_rule(leave_out=f"[{by_flag}, {by_table}]"), "without exemption") == [
        'without exemption "mm, entry 1"', 'without exemption "mm, entry 2"'
    ]  # fmt: skip


def test_what_an_exemption_asks_besides():
    rule = a_rule(leave_out="[{order_fee: false, tif: [fak, fok], product: [cu, al], clause: c}]")
    assert [name.partition(" ")[2] for name in only_in(rule, "exemption")][1:] == [
        '"tif fak or fok, product al or cu, no order fee" without tif fak',
        '"tif fak or fok, product al or cu, no order fee" without tif fok',
        '"tif fak or fok, product al or cu, no order fee" with tif gfd',
        '"tif fak or fok, product al or cu, no order fee" with tif gtc',
        '"tif fak or fok, product al or cu, no order fee" for any tif',
        '"tif fak or fok, product al or cu, no order fee" without product al',
        '"tif fak or fok, product al or cu, no order fee" without product cu',
        '"tif fak or fok, product al or cu, no order fee" for any product',
        '"tif fak or fok, product al or cu, no order fee" for any order_fee',
    ]


def test_filters_and_their_words():
    fee = 'only "tif fak or fok, order fee"'
    assert only_in(a_rule(only=FLIP), "only") == [
        "without only",
        'only without "tif fak or fok, order fee"',
        f"{fee} without tif fak",
        f"{fee} without tif fok",
        f"{fee} with tif gfd",
        f"{fee} with tif gtc",
        f"{fee} for any tif",
        'only without "no order fee"',
    ]


def test_a_change_that_no_event_can_tell_is_none():
    """What has no order fee counts by the other filter, whether the first asks for a fee or not."""
    rule = a_rule(only=FLIP)
    assert 'only "tif fak or fok, order fee" for any order_fee' not in names(rule)
    alone = a_rule(only="{order_fee: true, tif: [fak, fok]}")
    assert 'only "tif fak or fok, order fee" for any order_fee' in names(alone)


def test_an_assumption_is_dropped_alone_or_with_what_asks_for_it():
    rule = a_rule(only="{order_type: limit}", assume="{order_type: limit}")
    assert "without assuming order_type" in names(rule)
    assert what_changed(rule, "without only") == {"only", "assume"}


def test_products_sizes_windows_and_quotas():
    assert only_in(a_rule(products="[cu, al]"), "product") == [
        "scope contract -> product", "for all products", "without product al", "without product cu"
    ]  # fmt: skip
    assert "without product cu" not in names(a_rule(products="cu"))
    large = a_rule(count="large_cancels", large_lots="300")
    assert only_in(large, "large") == [
        "large_lots 300 -> 301", "large_lots 300 -> 299", "count large_cancels -> cancels"
    ]  # fmt: skip
    share = a_rule(count="large_cancels", large_of_max="{gt: 0.8}")
    assert only_in(share, "large_of_max") == [
        "large_of_max > 0.8 -> >= 0.8", "large_of_max > 0.8 -> > 0.9", "large_of_max > 0.8 -> > 0.7"
    ]  # fmt: skip
    bursts = a_rule(count="burst_occasions", burst_messages="10", scope="exchange")
    assert only_in(bursts, "burst") == [
        "burst_messages 10 -> 11", "burst_messages 10 -> 9", "burst_window calendar -> sliding"
    ]  # fmt: skip
    held = a_rule(count="long_lots", limit="position", quotas="[arbitrage, hedge]", red="{gt: 1}")
    assert only_in(held, "quota") == ["without quota hedge", "without quota arbitrage"]


def test_units_of_self_trades_and_both_sides():
    rule = a_rule(count="self_trades", leave_out="[{hedge: hedge, clause: c}]")
    assert only_in(rule, "count ") == [
        "count self_trades -> self_trade_pairs", "count self_trades -> self_trade_orders",
        "count self_trades -> self_trade_lots",
    ]  # fmt: skip
    assert "both false -> true" in names(rule)
    both = a_rule(count="self_trades", both="true", only="{tif: gfd}")
    assert "both true -> false" in names(both)
    assert only_in(a_rule(count="self_trades"), "both") == []


def test_both_languages_have_the_same_texts():
    def blanks(words: dict[str, str]) -> dict[str, list[str]]:
        return {key: sorted(re.findall(r"{(\w+)", text)) for key, text in words.items()}

    assert blanks(ENGLISH) == blanks(CHINESE)


@pytest.mark.parametrize("rule", load_rules((), None).rules, ids=lambda rule: rule.path)
def test_mutations_of_a_shipped_rule_have_names_of_their_own_and_differ(rule):
    found = mutations_of(rule)
    told = [mutation.name["en"] for mutation in found]
    assert len(set(told)) == len(told)
    versions = {mutation.rule.version for mutation in found if mutation.merge_groups}
    assert len(versions) == len(found) - 1
    assert rule.version not in versions
