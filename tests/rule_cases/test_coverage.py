"""Each item of coverage is missing where no case shows it, and is not where one does."""

from __future__ import annotations

import pytest
from case_makers import a_case
from rule_makers import a_rule

from abtrade.rules.rule import Rule
from abtrade.testing.coverage import coverage_of, items_of
from abtrade.testing.run import run_case

NO_CASE = "log: [{cancel: Z, times: 7, lots: 2}]\nexpect: [{subject: Z}]"


def missing(rule: Rule, *texts: str) -> set[str]:
    """Return what no case shows, in English; every case passes."""
    outcomes = []
    for text in texts:
        case = a_case(text, rule)
        outcome = run_case(rule, case)
        assert outcome.failures == []
        outcomes.append((case, outcome))
    return {item.told("en") for item in coverage_of(rule, outcomes).missing}


ONLY = "[{order_fee: true, tif: [fak, fok]}, {order_fee: false}]"
FEES = "contracts: [{contract: cu2412, order_fee: true}, {contract: al2412, order_fee: false}]\n"
HEDGING = "[{hedge: [hedge, arbitrage], reason: hedging, clause: x}]"
MAKING = "[{market_maker: true, reason: making, clause: x}]"
PAIRS = {"count": "self_trades", "leave_out": HEDGING, "red": "{gte: 2}"}
SHARE = {"count": "large_cancels", "large_of_max": "{gte: 0.8}"}

SHOWN = [
    # rule, item, case that shows it, case that almost does
    ({"red": "{gte: 5}"}, "red reached by exactly enough",
     "log: [{cancel: A, times: 5}]\nexpect: [{subject: A, level: red}]",
     "log: [{cancel: A, times: 6}]\nexpect: [{subject: A, level: red}]"),
    ({"red": "{gte: 5}"}, "red reached by exactly enough",
     "log: [{cancel: A, times: 6}]\n"
     "expect: [{subject: A, level: red, red: {line: 1, time: 5}}]",
     "log: [{cancel: A, times: 4}]\nexpect: [{subject: A}]"),
    ({"red": "{gt: 5}"}, "red missed by the least",
     "log: [{cancel: A, times: 5}]\nexpect: [{subject: A}]",
     "log: [{cancel: A, times: 4}]\nexpect: [{subject: A}]"),
    ({"yellow": "{gte: 4}"}, "yellow reached by exactly enough",
     "log: [{cancel: A, times: 4}]\nexpect: [{subject: A, level: yellow}]",
     "log: [{cancel: A, times: 3}]\nexpect: [{subject: A}]"),
    ({"count": "otr", "red": "{gt: 9.5}"}, "red missed by the least",
     "log: [{cancel: A, times: 5}]\nexpect: [{subject: A, counted: 9}]",
     "log: [{cancel: A, times: 3}]\nexpect: [{subject: A, counted: 5}]"),
    ({"count": "large_cancels", "large_lots": "300"}, "a cancel of just 300 lots is large",
     "log: [{cancel: A, lots: 300}]\nexpect: [{subject: A, counted: 1}]",
     "log: [{cancel: A, lots: 301}]\nexpect: [{subject: A, counted: 1}]"),
    ({"count": "large_cancels", "large_lots": "300"},
     "a cancel of one lot less than 300 is not large",
     "log: [{cancel: A, lots: 299}]\nexpect: nothing",
     "log: [{cancel: A, lots: 298}]\nexpect: nothing"),
    (SHARE, "a cancel of just 0.8max lots is large",
     "contracts: [{contract: cu2412, max_order_lots: 101}]\n"
     "log: [{cancel: A, lots: 81}]\nexpect: [{subject: A, counted: 1}]",
     "contracts: [{contract: cu2412, max_order_lots: 100}]\n"
     "log: [{cancel: A, lots: 81}]\nexpect: [{subject: A, counted: 1}]"),
    ({"only": ONLY}, "only tif fak or fok, order fee: lets tif fok through",
     FEES + "log: [{cancel: A, tif: fok}]\nexpect: [{subject: A, counted: 1}]",
     FEES + "log: [{cancel: A, tif: fok, contract: al2412}]\nexpect: [{subject: A}]"),
    ({"only": ONLY}, "only no order fee: lets order_fee no through",
     FEES + "log: [{cancel: A, contract: al2412}]\nexpect: [{subject: A, counted: 1}]",
     FEES + "log: [{cancel: A, tif: fak}]\nexpect: [{subject: A, counted: 1}]"),
    ({"only": ONLY}, "only: stops something",
     FEES + "log: [{cancel: A}]\nexpect: [{subject: A, counted: 0, exempt: {outside: 1}}]",
     FEES + "log: [{cancel: A, tif: fak}]\nexpect: [{subject: A, counted: 1}]"),
    ({"leave_out": HEDGING}, "exemption hedging: leaves hedge arbitrage out",
     "log: [{cancel: A, hedge: arbitrage}]\nexpect: [{subject: A, counted: 0}]",
     "log: [{cancel: A, hedge: hedge}]\nexpect: [{subject: A, counted: 0}]"),
    ({"leave_out": MAKING}, "exemption making: leaves market_maker yes out",
     "market_makers: [{client: A, product: cu}]\nlog: [{cancel: A}]\n"
     "expect: [{subject: A, counted: 0, exempt: {making: 1}}]",
     "market_makers: [{client: A, product: al}]\nlog: [{cancel: A}]\nexpect: [{subject: A}]"),
    ({"count": "long_lots", "limit": "position", "leave_out": HEDGING, "red": "{gt: 1}"},
     "exemption hedging: leaves hedge hedge out",
     "limits: [{product: cu, limit: position, lots: 5}]\n"
     "log: [{trade: A, hedge: hedge}]\nexpect: [{subject: A, counted: 0, gross: 1}]",
     "limits: [{product: cu, limit: position, lots: 5}]\n"
     "log: [{trade: A, hedge: arbitrage}]\nexpect: [{subject: A, counted: 0, gross: 1}]"),
    (PAIRS, "a self-trade whose incoming order alone is exempt",
     "log: [{trade: A, with: A, hedge: hedge}]\nexpect: [{subject: A, counted: 0}]",
     "log: [{trade: A, with: A, hedge: hedge, with_hedge: hedge}]\n"
     "expect: [{subject: A, counted: 0}]"),
    (PAIRS, "a self-trade whose resting order alone is exempt",
     "log: [{trade: A, with: A, with_hedge: hedge}]\nexpect: [{subject: A, counted: 0}]",
     "log: [{trade: A, with: A, hedge: hedge}]\nexpect: [{subject: A, counted: 0}]"),
    (PAIRS | {"both": "true"}, "a self-trade with one order exempt counts",
     "log: [{trade: A, with: A, hedge: hedge}]\nexpect: [{subject: A, counted: 1}]",
     "log: [{trade: A, with: A}]\nexpect: [{subject: A, counted: 1}]"),
    (PAIRS | {"both": "true"}, "a self-trade with both orders exempt does not",
     "log: [{trade: A, with: A, hedge: hedge, with_hedge: hedge}]\n"
     "expect: [{subject: A, counted: 0}]",
     "log: [{trade: A, with: A, hedge: hedge}]\nexpect: [{subject: A, counted: 1}]"),
    ({"only": "{order_type: limit}", "assume": "{order_type: limit}"},
     "a log without order_type, which is taken for limit",
     "without: order_type\nlog: [{cancel: A}]\n"
     "expect: [{subject: A, counted: 1, assumed: order_type is limit}]",
     "log: [{cancel: A}]\nexpect: [{subject: A, counted: 1}]"),
    ({}, "judged on the first day, 2010-11-05",
     "day: 2010-11-05\nlog: [{cancel: A}]\nexpect: [{subject: A}]",
     "day: 2010-11-08\nlog: [{cancel: A}]\nexpect: [{subject: A}]"),
    ({}, "not in force on the day before, 2010-11-04",
     "day: 2010-11-04\nexpect: not in force",
     "day: 2010-11-03\nexpect: not in force"),
    ({"from": "2011-01-01"}, "judged on the first day, 2011-01-01",
     "day: 2011-01-04\nlog: [{cancel: A}]\nexpect: [{subject: A}]",
     "day: 2011-01-05\nlog: [{cancel: A}]\nexpect: [{subject: A}]"),
    ({"to": "2024-10-25"}, "judged on the last day, 2024-10-25",
     "day: 2024-10-25\nlog: [{cancel: A}]\nexpect: [{subject: A}]",
     "day: 2024-10-24\nlog: [{cancel: A}]\nexpect: [{subject: A}]"),
    ({"to": "2024-10-25"}, "not in force on the day after, 2024-10-26",
     "day: 2024-10-28\nexpect: not in force", "day: 2024-10-29\nexpect: not in force"),
    ({}, "amounts of one subject in two contracts, not added up",
     "log: [{cancel: A}, {cancel: A, contract: cu2501}]\nexpect:\n"
     '  - {subject: A, scope: "contract:cu2412"}\n  - {subject: A, scope: "contract:cu2501"}',
     "log: [{cancel: A}, {cancel: B, contract: cu2501}]\n"
     "expect: [{subject: A}, {subject: B}]"),
    ({"scope": "exchange"}, "amounts of one subject in two contracts, added up over the exchange",
     "log: [{cancel: A}, {cancel: A, contract: cu2501}]\nexpect: [{subject: A, counted: 2}]",
     "log: [{cancel: A}, {order: A, contract: cu2501}]\nexpect: [{subject: A, counted: 1}]"),
    ({"scope": "product"}, "amounts of one subject in two such scopes (product), not added up",
     "log: [{cancel: A}, {cancel: A, contract: al2412}]\nexpect:\n"
     '  - {subject: A, scope: "product:cu"}\n  - {subject: A, scope: "product:al"}',
     "log: [{cancel: A}, {cancel: A, contract: cu2501}]\nexpect: [{subject: A, counted: 2}]"),
    ({}, "linked accounts judged as one",
     "groups: [{group: G, clients: [A, B]}]\nlog: [{cancel: A}, {cancel: B}]\n"
     "expect: [{subject: G, counted: 2}]",
     "groups: [{group: G, clients: [A, B]}]\nlog: [{cancel: A}]\n"
     "expect: [{subject: G, counted: 1}]"),
    ({"products": "[cu, al]"}, "product al judged",
     "log: [{cancel: A, contract: al2412}]\nexpect: [{subject: A}]",
     "log: [{cancel: A}]\nexpect: [{subject: A}]"),
    ({"products": "[cu, al]"}, "another product of the exchange not judged",
     "log: [{cancel: A, contract: zn2412}]\nexpect: nothing",
     "log: [{cancel: A, contract: i2501}]\nexpect: nothing"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "item", "shows", "almost"), SHOWN, ids=[f"{n} {row[1]}" for n, row in enumerate(SHOWN)]
)
def test_an_item_is_shown_by_this_case_and_not_by_that(keys, item, shows, almost):
    rule = a_rule(**keys)
    assert item in {each.told("en") for each in items_of(rule)}
    assert item in missing(rule, almost)
    assert item not in missing(rule, shows)


def test_a_case_that_fails_shows_nothing():
    rule = a_rule(red="{gte: 5}")
    case = a_case("log: [{cancel: A, times: 5}]\nexpect: [{subject: A}]", rule)
    outcome = run_case(rule, case)
    assert outcome.failures == ["subject A: expected level none, found red"]
    assert len(coverage_of(rule, [(case, outcome)]).missing) == len(items_of(rule))


def test_a_rule_without_cases_has_nothing_shown():
    rule = a_rule(yellow="{gte: 4}", leave_out=HEDGING, only="{tif: fak}", to="2024-10-25")
    told = [item.told("en") for item in coverage_of(rule, []).missing]
    assert told == [item.told("en") for item in items_of(rule)]
    assert len(told) == len(set(told)) == 14


def test_every_item_is_told_in_both_languages():
    kinds = {
        item.key
        for keys, *_ in SHOWN
        for item in items_of(a_rule(**keys))
        if item.told("en") != item.told("zh")
    }
    assert len(kinds) == 22
