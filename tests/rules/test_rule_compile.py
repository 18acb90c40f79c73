"""Compiled rules say in numbers what the file says in words, and what the log cannot tell."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_makers import a_rule, rules_of

from abtrade import schema
from abtrade.large import LargeSize
from abtrade.market.contracts import load_contracts
from abtrade.plan import ContractFacts, Filter
from abtrade.rules.compile import compile_rules

ALL = frozenset(schema.LOG_COLUMNS)
FAK_FOK = frozenset({schema.Tif.FAK, schema.Tif.FOK})
LEFT_OUT = """
  - {tif: [fak, fok], reason: fill and kill, clause: a}
  - {hedge: hedge, market_maker: true, reason: hedging maker, clause: b}
  - {cancel_by: [expiry, exchange], reason: not by the client, clause: c}
  - {order_fee: true, product: cu, reason: fee, clause: d}"""


def compiled(*, columns=ALL, makers=True, fees=True, named=True, keep=(), **changes):
    rules = rules_of(a_rule(**changes), named=named)
    return compile_rules(rules, frozenset(columns), makers, fees, keep)


def plan_rule(**options):
    (rule,) = compiled(**options).plan.rules
    return rule


def test_words_become_codes():
    rule = plan_rule(only="{phase: auction}", leave_out="[{tif: [fak, fok], clause: a}]")
    assert rule.only == (Filter({"phase": frozenset({schema.Phase.AUCTION})}),)
    assert rule.leave_out == (Filter({"tif": FAK_FOK}),)


def test_reasons_are_outside_then_one_for_each_entry():
    assert plan_rule(leave_out=LEFT_OUT).reasons == (
        "outside", "fill and kill", "hedging maker", "not by the client", "fee"
    )


def test_two_entries_may_share_a_reason():
    entries = "[{tif: fak, reason: a, clause: x}, {tif: fok, reason: a, clause: x}]"
    rule = plan_rule(leave_out=entries)
    assert rule.reasons == ("outside", "a", "a")
    assert len(rule.leave_out) == 2


@pytest.mark.parametrize(
    ("count", "level", "at", "strict"),
    [
        ("cancels", "{gte: 500}", Fraction(500), False),
        ("cancels", "{gt: 500}", Fraction(501), False),
        ("otr", "{gte: 2.5}", Fraction(5, 2), False),
        ("otr", "{gt: 2.5}", Fraction(5, 2), True),
    ],
)
def test_levels(count, level, at, strict):
    rule = plan_rule(count=count, red=level)
    assert (rule.red_at, rule.strict) == (at, (False, strict))
    assert rule.yellow_at is None
    twin = plan_rule(count=count, red=None, yellow=level)
    assert (twin.yellow_at, twin.red_at, twin.strict) == (at, None, (strict, False))


def test_large_cancels_carry_their_size():
    found = compiled(count="large_cancels", large_lots="300")
    assert found.plan.large == (LargeSize(lots=300),)
    assert found.plan.rules[0].count_name == "large_cancels@300"
    assert compiled().plan.large == ()


def test_a_named_rule_judges_every_exchange_a_shipped_one_its_own():
    shfe, ine = ContractFacts("SHFE", "cu2503", "cu"), ContractFacts("INE", "sc2503", "sc")
    assert [plan_rule(named=True).applies(facts) for facts in (shfe, ine)] == [True, True]
    assert [plan_rule(named=False).applies(facts) for facts in (shfe, ine)] == [True, False]


def test_products_bound_a_named_rule_too():
    rule = plan_rule(products="[cu, al]")
    assert rule.applies(ContractFacts("DCE", "cu2503", "cu"))
    assert not rule.applies(ContractFacts("SHFE", "zn2503", "zn"))


def test_an_index_is_the_place_in_the_plan():
    rules = rules_of(
        a_rule(id="desk.b"), a_rule(id="desk.a", count="self_trades"), a_rule(id="desk.c")
    )
    found = compile_rules(rules, ALL - {"contra_order_id", "trade_id"})
    assert [(rule.index, rule.id) for rule in found.plan.rules] == [(0, "desk.b"), (1, "desk.c")]
    assert list(found.rules) == ["desk.a", "desk.b", "desk.c"]


def test_an_exemption_on_a_missing_column_is_not_applied_and_said():
    found = compiled(columns=ALL - {"hedge", "tif"}, leave_out=LEFT_OUT)
    (rule,) = found.plan.rules
    assert rule.reasons == ("outside", "not by the client", "fee")
    assert found.assumed == {"desk.cancels": ["tif is gfd", "hedge is speculation"]}


def test_nothing_is_assumed_where_all_is_known():
    found = compiled(leave_out=LEFT_OUT)
    assert (found.assumed, found.blind) == ({"desk.cancels": []}, {})


def test_missing_tables_are_said_too():
    found = compiled(makers=False, fees=False, leave_out=LEFT_OUT)
    assert found.plan.rules[0].reasons == ("outside", "fill and kill", "not by the client")
    assert found.assumed == {"desk.cancels": ["market_maker is no", "order_fee is no"]}


@pytest.mark.parametrize(
    ("exchange", "day", "blind"),
    [("SHFE", date(2022, 8, 5), False), ("SHFE", date(2022, 8, 4), True),
     ("GFEX", date(2026, 7, 6), True)],
)  # fmt: skip
def test_an_order_fee_is_known_at_the_exchanges_of_which_something_is_told(exchange, day, blind):
    rules = rules_of(a_rule(exchange=exchange, only="{order_fee: true}"), named=False)
    found = compile_rules(rules, ALL, contracts=load_contracts(None, day))
    assert bool(found.blind) is blind


def test_what_is_assumed_is_said_once():
    entries = "[{tif: fak, clause: x}, {tif: fok, clause: x}]"
    found = compiled(columns=ALL - {"tif"}, leave_out=entries)
    assert found.assumed == {"desk.cancels": ["tif is gfd"]}


@pytest.mark.parametrize(
    ("entry", "assumed"),
    [
        ("{tif: [gfd, gtc], clause: x}", "tif is not gfd or gtc"),
        ("{hedge: speculation, clause: x}", "hedge is not speculation"),
        ("{hedge: speculation, tif: fak, clause: x}", "tif is gfd"),  # enough, whatever the hedge
        ("{market_maker: false, clause: x}", "market_maker is yes"),
        ("{market_maker: true, clause: x}", "market_maker is no"),
    ],
)
def test_an_exemption_of_the_usual_assumes_the_unusual(entry, assumed):
    found = compiled(columns=ALL - {"tif", "hedge"}, makers=False, leave_out=f"[{entry}]")
    assert found.assumed == {"desk.cancels": [assumed]}
    assert found.plan.rules[0].leave_out == ()


@pytest.mark.parametrize(
    ("changes", "lacking", "why"),
    [
        ({"only": "{tif: [fak, fok]}"}, {"tif"}, "only: needs tif, which the log does not have"),
        ({"only": "{market_maker: true}"}, {"makers"},
         "only: needs market_maker, no market makers are given"),
        ({"only": "{order_fee: true}"}, {"fees"},
         "only: needs order_fee, no contract table tells it"),
        ({"only": "{tif: fak, hedge: hedge}"}, {"tif", "hedge"},
         "only: needs hedge, which the log does not have; tif, which the log does not have"),
        ({"count": "self_trades"}, {"contra_order_id", "trade_id"},
         "self_trades needs contra_order_id or trade_id, and the log has neither"),
        ({"count": "open_lots"}, {"offset"}, "open_lots needs offset, which the log does not have"),
    ],
)
def test_a_rule_is_blind_without_what_it_asks_for(changes, lacking, why):
    blind = compiled(
        columns=ALL - lacking, makers="makers" not in lacking, fees="fees" not in lacking, **changes
    )
    assert blind.blind == {"desk.cancels": why}
    assert (blind.plan.rules, blind.assumed) == ((), {})
    assert "desk.cancels" in blind.rules
    seeing = compiled(**changes)
    assert (seeing.blind, len(seeing.plan.rules)) == ({}, 1)


@pytest.mark.parametrize("column", ["contra_order_id", "trade_id"])
def test_either_form_of_trades_is_enough_for_self_trades(column):
    columns = (ALL - {"contra_order_id", "trade_id"}) | {column}
    assert compiled(columns=columns, count="self_trade_orders").blind == {}


def test_a_plan_keeps_the_attributes_that_its_rules_read_and_those_asked_for():
    found = compiled(leave_out="[{tif: fak, clause: x}]", only="{phase: continuous}")
    assert found.plan.attributes == {"tif", "phase"}
    unread = compiled(columns=ALL - {"tif"}, leave_out="[{tif: fak, clause: x}]", keep=["hedge"])
    assert unread.plan.attributes == {"hedge"}


def test_two_versions_of_a_rule_cannot_judge_one_day():
    rules = rules_of(a_rule(to="2019-12-31"), a_rule(from_="2020-01-01"))
    with pytest.raises(AssertionError):
        compile_rules(rules, ALL)


RULES = [
    plan_rule(leave_out=LEFT_OUT),
    plan_rule(leave_out=LEFT_OUT, only="{tif: [gfd, fak]}"),
    plan_rule(only="{cancel_by: [client, forced], market_maker: false}"),
    plan_rule(leave_out="[{order_fee: false, clause: x}, {phase: [auction, closed], clause: x}]"),
    plan_rule(only="{product: [cu, al], order_fee: true}", leave_out=LEFT_OUT),
]
FACTS = [
    ContractFacts("SHFE", "cu2503", product, fee)
    for product in ("cu", "zn", None)
    for fee in (True, False, None)
]


@settings(max_examples=300, deadline=None)
@given(st.integers(0, schema.ATTRIBUTE_SPACE - 1), st.sampled_from(RULES), st.sampled_from(FACTS))
def test_the_reason_table_agrees_with_the_reason(attributes, rule, facts):
    assert rule.reason_table(facts)[attributes] == rule.reason(attributes, facts)
    assert rule.unknown_table(facts)[attributes] == rule.unknown(attributes, facts)


def test_the_first_entry_that_fits_is_the_reason():
    low = {name: bits[0] for name, bits in schema.ATTRIBUTE_BITS.items()}
    fak = schema.Tif.FAK << low["tif"]
    expired = schema.CancelBy.EXPIRY << low["cancel_by"]
    gfd = schema.Tif.GFD << low["tif"]
    rule, facts = plan_rule(leave_out=LEFT_OUT), ContractFacts("SHFE", "zn2503", "zn")
    named = [rule.reasons[code - 1] if (code := rule.reason(attributes, facts)) else None
             for attributes in (fak, expired, fak | expired, gfd)]
    assert named == ["fill and kill", "not by the client", "fill and kill", None]


def contract(**facts):
    return ContractFacts("SHFE", "cu2503", "cu", **facts)


def packed(**codes):
    return sum(code << schema.ATTRIBUTE_BITS[name][0] for name, code in codes.items())


FLIP = "[{order_fee: true, tif: [fak, fok]}, {order_fee: false}]"


def test_an_event_counts_where_any_filter_fits():
    rule = plan_rule(only=FLIP)
    paid, free, unknown = (contract(order_fee=fee) for fee in (True, False, None))
    fak, gfd = packed(tif=schema.Tif.FAK), packed(tif=schema.Tif.GFD)
    assert [rule.reason(fak, paid), rule.reason(gfd, paid)] == [0, 1]
    assert [rule.reason(fak, free), rule.reason(gfd, free)] == [0, 0]
    assert not rule.unknown(gfd, free)
    assert [rule.applies(each) for each in (paid, free, unknown)] == [True, True, False]


def test_a_blank_matters_only_in_contracts_whose_filter_asks_for_it():
    rule = plan_rule(only=FLIP)
    assert rule.unknown(packed(), contract(order_fee=True))
    assert not rule.unknown(packed(), contract(order_fee=False))


def test_a_rule_is_blind_where_one_of_its_filters_is():
    found = compiled(only=FLIP, columns=ALL - {"tif"})
    assert found.blind == {"desk.cancels": "only: needs tif, which the log does not have"}


def test_a_blank_that_changes_nothing_is_none():
    """A FAK cancel in a contract with a fee counts, whatever the type of its order was."""
    market = "[{order_fee: true, tif: [fak, fok]}, {order_fee: true, order_type: market}]"
    rule = plan_rule(only=market, leave_out="[{hedge: hedge, phase: auction, clause: x}]")
    paid = contract(order_fee=True)
    continuous = {"phase": schema.Phase.CONTINUOUS}
    assert not rule.unknown(packed(tif=schema.Tif.FAK, **continuous), paid)
    assert rule.unknown(packed(tif=schema.Tif.GFD, **continuous), paid)
    assert rule.unknown(packed(tif=schema.Tif.FAK), paid)


MARKET_TOO = "[{order_type: market}, {tif: fak}]"


def test_what_a_rule_assumes_keeps_it_from_being_blind():
    found = compiled(only=MARKET_TOO, assume="{order_type: limit}", columns=ALL - {"order_type"})
    assert found.blind == {}
    assert found.assumed == {"desk.cancels": ["order_type is limit"]}
    assert found.plan.rules[0].only == (Filter({"tif": frozenset({schema.Tif.FAK})}),)
    market = compiled(only=MARKET_TOO, assume="{order_type: market}", columns=ALL - {"order_type"})
    assert market.plan.rules[0].reason(packed(tif=schema.Tif.GFD), contract()) == 0


def test_a_rule_whose_filters_all_ask_otherwise_counts_nothing():
    found = compiled(
        only="{order_type: market}", assume="{order_type: limit}", columns=ALL - {"order_type"}
    )
    assert found.plan.rules[0].reason(packed(tif=schema.Tif.GFD), contract()) == 1


def test_an_assumption_is_not_made_of_a_log_that_has_the_column():
    found = compiled(only=MARKET_TOO, assume="{order_type: limit}")
    assert found.assumed == {"desk.cancels": []}
    assert len(found.plan.rules[0].only) == 2


def test_a_part_of_the_maximum_order_size():
    asked = rules_of(a_rule(count="large_cancels", large_of_max="{gt: 0.8}"))
    assert compile_rules(asked, ALL).blind == {
        "desk.cancels": "contracts: needs max_order_lots, no contract table tells it"
    }
    sizes = pa.table({"contract": ["cu2503"], "exchange": ["SHFE"], "max_order_lots": [500]})
    table = load_contracts(sizes, date(2025, 1, 2))
    (rule,) = compile_rules(asked, ALL, contracts=table).plan.rules
    assert table.facts("SHFE", "cu2503").max_order_lots == 500
    assert rule.count_name == "large_cancels@over0.8max"
    assert rule.large is not None
    assert [rule.large.at(most) for most in (500, 20, 1, None)] == [401, 17, 1, None]
    assert [LargeSize(Fraction(4, 5)).at(most) for most in (500, 21, 1)] == [400, 17, 1]
    assert not rule.applies(contract())
    assert rule.applies(contract(max_order_lots=500))
