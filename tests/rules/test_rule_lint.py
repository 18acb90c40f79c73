"""Each check on what a rule says fires on the wrong rule and is silent on its right twin."""

from __future__ import annotations

import pytest
from rule_makers import problems_of, rule_text

FAK, FOK = "{tif: fak, clause: x}", "{tif: fok, clause: x}"
CASES = {
    "red equal to yellow": (
        {"yellow": "{gte: 500}"},
        "10:12: red >= 500 must be above yellow >= 500",
        {"yellow": "{gte: 499}"},
    ),
    "red above n is red from n + 1": (
        {"yellow": "{gte: 500}", "red": "{gt: 499}"},
        "10:11: red > 499 must be above yellow >= 500",
        {"yellow": "{gte: 500}", "red": "{gt: 500}"},
    ),
    "yellow above n is yellow from n + 1": (
        {"yellow": "{gt: 499}", "red": "{gte: 500}"},
        "10:12: red >= 500 must be above yellow > 499",
        {"yellow": "{gt: 498}", "red": "{gte: 500}"},
    ),
    "red ratio under yellow": (
        {"count": "otr", "yellow": "{gt: 2.5}", "red": "{gte: 2.5}"},
        "10:12: red >= 2.5 must be above yellow > 2.5",
        {"count": "otr", "yellow": "{gte: 2.5}", "red": "{gt: 2.5}"},
    ),
    "no level": (
        {"red": None},
        "1:1: a rule without a level: give yellow, red or both",
        {"red": None, "yellow": "{gte: 1}"},
    ),
    "part of a cancel": (
        {"red": "{gte: 400.5}"},
        "10:12: cancels are counted in whole numbers, found >= 400.5",
        {"red": "{gte: 400.5}", "count": "otr"},
    ),
    "a level always reached": (
        {"red": "{gte: 0}"},
        "10:12: cancels >= 0 is always so: a level begins at 1",
        {"red": "{gt: 0}"},
    ),
    "large cancels of no size": (
        {"count": "large_cancels"},
        "8:8: the count large_cancels needs large_lots or large_of_max",
        {"count": "large_cancels", "large_lots": "300"},
    ),
    "a size for cancels": (
        {"large_lots": "300"},
        "11:13: large_lots is for large_cancels, found count cancels",
        {},
    ),
    "large from half a lot": (
        {"count": "large_cancels", "large_lots": "0.5"},
        "11:13: '0.5': expected a whole number of at least 1",
        {"count": "large_cancels", "large_lots": "1"},
    ),
    "large from nothing": (
        {"count": "large_cancels", "large_lots": "0"},
        "11:13: '0': expected a whole number of at least 1",
        {"count": "large_cancels", "large_lots": "1"},
    ),
    "both orders of a cancel": (
        {"both": "true"},
        "11:7: both is for counts of self-trades, found count cancels",
        {"both": "true", "count": "self_trade_lots"},
    ),
    "a burst of no size": (
        {"count": "burst_occasions", "scope": "exchange"},
        "8:8: the count burst_occasions needs burst_messages",
        {"count": "burst_occasions", "scope": "exchange", "burst_messages": "10"},
    ),
    "a burst of one message": (
        {"count": "burst_occasions", "scope": "exchange", "burst_messages": "1"},
        "11:17: '1': expected a whole number of at least 2",
        {"count": "burst_occasions", "scope": "exchange", "burst_messages": "2"},
    ),
    "a burst in one contract": (
        {"count": "burst_occasions", "burst_messages": "10"},
        "9:8: burst_occasions are over all contracts of an exchange: expected scope exchange",
        {"count": "burst_occasions", "burst_messages": "10", "scope": "exchange"},
    ),
    "a window for messages": (
        {"count": "messages", "burst_window": "sliding"},
        "11:15: burst_window is for burst_occasions, found count messages",
        {"count": "burst_occasions", "burst_messages": "10", "burst_window": "sliding",
         "scope": "exchange"},
    ),
    "a kernel without a name": (
        {"count": "kernel"},
        "8:8: the count kernel needs kernel",
        {"count": "kernel", "kernel": "busiest_minute"},
    ),
    "a limit for cancels": (
        {"limit": "opening"},
        "11:8: limit is for long_lots, short_lots, open_lots or ordered_open_lots, "
        "found count cancels",
        {"limit": "opening", "count": "open_lots"},
    ),
    "quotas for openings": (
        {"count": "open_lots", "limit": "opening", "quotas": "arbitrage"},
        "12:9: quotas is for long_lots or short_lots, found count open_lots",
        {"count": "long_lots", "limit": "position", "quotas": "[hedge, arbitrage]"},
    ),
    "no part of a limit": (
        {"count": "open_lots", "limit": "opening", "red": "{gt: 0}"},
        "10:11: > 0 of a limit: expected a multiple such as 0.8",
        {"count": "open_lots", "limit": "opening", "red": "{gt: 0.8}"},
    ),
    "part of a lot": (
        {"count": "long_lots", "red": "{gte: 0.8}"},
        "10:12: long_lots are counted in whole numbers, found >= 0.8",
        {"count": "long_lots", "red": "{gte: 0.8}", "limit": "position"},
    ),
    "red from a comparison": (
        {"count": "volume_share", "red": "{gte: 0.3}"},
        "10:6: volume_share compares, and compared figures give at most yellow: leave red out",
        {"count": "volume_share", "red": None, "yellow": "{gte: 0.3}"},
    ),
    "who cancelled a self-trade": (
        {"count": "self_trades", "leave_out": "[{cancel_by: expiry, clause: x}]"},
        "11:25: cancel_by is for cancels, large_cancels, messages, limit_price_cancels, "
        "limit_price_cancel_lots, burst_occasions or kernel, found count self_trades",
        {"count": "messages", "leave_out": "[{cancel_by: expiry, clause: x}]"},
    ),
    "an attribute of orders asked of what is held": (
        {"count": "long_lots", "only": "{tif: gfd}", "red": "{gte: 8}"},
        "11:13: tif is of orders, and long_lots are of what is held: leave it out",
        {"count": "long_lots", "only": "{hedge: hedge}", "red": "{gte: 8}"},
    ),
    "only who cancelled an order": (
        {"count": "orders", "only": "{cancel_by: client}"},
        "11:19: cancel_by is for cancels, large_cancels, messages, limit_price_cancels, "
        "limit_price_cancel_lots, burst_occasions or kernel, found count orders",
        {"only": "{cancel_by: client}"},
    ),
    "ends before it begins": (
        {"to": "2010-11-04"},
        "11:5: to 2010-11-04 is before from 2010-11-05",
        {"to": "2010-11-05"},
    ),
    "an exemption twice": (
        {"leave_out": f"[{FAK}, {FOK}, {FAK}]"},
        "11:59: this exemption is listed twice: the entry on line 11 takes all of it",
        {"leave_out": f"[{FAK}, {FOK}]"},
    ),
    "an exemption within an earlier one": (
        {"leave_out": "[{tif: [fak, fok], clause: x}, {tif: fok, hedge: hedge, clause: x}]"},
        "11:43: this exemption is never reached: the entry on line 11 takes all of it",
        {"leave_out": "[{tif: fok, hedge: hedge, clause: x}, {tif: [fak, fok], clause: x}]"},
    ),
    "an exemption of nothing": (
        {"leave_out": "[{clause: x, reason: none}]"},
        "11:13: names no events: give hedge, tif, cancel_by or the like",
        {"leave_out": "[{clause: x, reason: none, tif: fak}]"},
    ),
    "only nothing": (
        {"only": "{}"},
        "11:7: names no events: give hedge, tif, cancel_by or the like",
        {"only": "{tif: fak}"},
    ),
    "the engine's own reason": (
        {"leave_out": "[{tif: fak, reason: outside, clause: x}]"},
        "11:32: the reason 'outside' is what `only` drops: choose another",
        {"leave_out": "[{tif: fak, reason: outsider, clause: x}]"},
    ),
    "one reason, two Chinese names": (
        {"leave_out": "[{tif: fak, reason: a, reason_zh: 甲, clause: x}, "
                      "{tif: fok, reason: a, reason_zh: 乙, clause: x}]"},
        "11:94: the reason 'a' is called '甲' in an entry above",
        {"leave_out": "[{tif: fak, reason: a, reason_zh: 甲, clause: x}, "
                      "{tif: fok, reason: b, reason_zh: 乙, clause: x}]"},
    ),
    "verified in a secondary page": (
        {"status": "verified", "source": "{document: D, seen: secondary}"},
        "5:9: status verified needs a text seen official or reprint, found seen: secondary",
        {"status": "verified", "source": "{document: D, seen: reprint}"},
    ),
}


@pytest.mark.parametrize(("wrong", "message", "right"), CASES.values(), ids=CASES)
def test_check_fires_and_its_twin_is_silent(wrong, message, right):
    assert problems_of(rule_text(**wrong)) == [message]
    assert problems_of(rule_text(**right)) == []


def test_yellow_may_stand_alone_and_so_may_red():
    assert problems_of(rule_text(red=None, yellow="{gte: 400}")) == []
    assert problems_of(rule_text(red="{gte: 400}", yellow=None)) == []


def test_one_reason_may_name_two_exemptions():
    entries = "[{tif: fak, reason: a, clause: x}, {tif: fok, reason: a, clause: x}]"
    assert problems_of(rule_text(leave_out=entries)) == []


def test_lint_says_nothing_of_what_is_already_wrong_in_form():
    """A level that cannot be read is neither missing nor below the other."""
    problems = problems_of(rule_text(yellow="{gte: many}", red="{gte: 5}"))
    assert problems == ["11:15: 'many': expected a number such as 400"]
    entries = "[{tif: fakk, clause: x}, {tif: fokk, clause: x}]"
    assert len(problems_of(rule_text(leave_out=entries))) == 2
