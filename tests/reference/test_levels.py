"""Levels: at which event a rule's count reaches them, for whom and over which scope."""

from __future__ import annotations

from abtrade import schema
from abtrade.plan import Filter

from .table import count, rule

SPECULATION = schema.Hedge.SPECULATION
HEDGE = schema.Hedge.HEDGE


def only(name, *codes):
    return Filter({name: frozenset(int(code) for code in codes)})


def left_out(name, *codes, **more):
    reasons = ("outside", "left out")
    return {"leave_out": (only(name, *codes),), "reasons": reasons, **more}


def orders(number, account="A", contract="cu2503", first_id=1):
    lines = [f"new {first_id + i} {account} 5 {contract}" for i in range(number)]
    return "\n".join(["", *lines])


HEADER = "action order_id account lots contract"


def test_a_level_is_crossed_at_the_event_that_reaches_it_and_once():
    rules = [rule("orders", yellow=2, red=3)]
    assert count(HEADER + orders(1), rules=rules).crossings() == []
    assert count(HEADER + orders(5), rules=rules).crossings() == [
        "2 orders yellow A contract:cu2503 2",
        "3 orders red A contract:cu2503 3",
    ]


def test_lots_can_jump_over_both_levels_in_one_event():
    log = """
        action  order_id  account  lots  offset
        new     1         A        9     open
        trade   1/2       -/B      {lots}  -
        """
    rules = [rule("open_lots", yellow=3, red=5)]
    assert count(log.format(lots=9), rules=rules).crossings() == [
        "2 open_lots yellow A contract:cu2503 9",
        "2 open_lots red A contract:cu2503 9",
    ]
    assert count(log.format(lots=2), rules=rules).crossings() == []


def test_the_two_fills_of_one_match_are_two_events():
    found = count(
        """
        action  order_id  account  lots  offset
        new     1         A        9     open
        new     2         A        9     open
        trade   2/1       -        3     -
        """,
        rules=[rule("open_lots", yellow=3, red=4)],
    )
    assert found.crossings() == [
        "3 open_lots yellow A contract:cu2503 3",
        "3 open_lots red A contract:cu2503 6",
    ]


def test_accounts_of_one_subject_are_added():
    log = HEADER + orders(1, "A") + orders(1, "B", first_id=5)
    rules = [rule("orders", yellow=2)]
    assert count(log, rules=rules, groups={"G": "A B"}).crossings() == [
        "2 orders yellow G contract:cu2503 2"
    ]
    assert count(log, rules=rules).crossings() == []


def test_wider_scopes_are_sums_over_their_contracts():
    log = HEADER + orders(1) + orders(1, contract="cu2504") + orders(1, contract="al2504")
    rules = [rule("orders", scope, yellow=2) for scope in schema.SCOPES]
    assert count(log, rules=rules).crossings() == [
        "2 orders yellow A product:cu 2",
        "2 orders yellow A exchange:SHFE 2",
    ]


def test_a_contract_of_no_known_product_is_a_product_of_its_own():
    log = HEADER + orders(1) + orders(1, contract="cu2504")
    rules = [rule("orders", "product", yellow=1)]
    found = count(log, rules=rules, products={"cu2503": None, "cu2504": None})
    assert found.crossings() == [
        "1 orders yellow A contract:cu2503 1",
        "2 orders yellow A contract:cu2504 1",
    ]


def test_two_exchanges_are_never_added():
    log = """
        action  order_id  account  lots  exchange
        new     1         A        5     SHFE
        new     1         A        5     DCE
        """
    rules = [rule("orders", "contract", yellow=2), rule("orders", "exchange", yellow=1)]
    assert count(log, rules=rules, groups={"G": "A"}).crossings() == [
        "1 orders yellow G exchange:SHFE 1",
        "2 orders yellow G exchange:DCE 1",
    ]


def test_a_rule_judges_the_contracts_of_its_exchange_and_products():
    log = HEADER + orders(1)
    hit = [rule("orders", exchange="SHFE"), rule("orders", products=frozenset({"cu"}))]
    miss = [rule("orders", exchange="DCE"), rule("orders", products=frozenset({"al"}))]
    assert len(count(log, rules=hit).crossings()) == 2
    assert count(log, rules=miss).crossings() == []


def test_crossings_stand_in_row_then_rule_then_level_order():
    log = HEADER + orders(2)
    rules = [rule("orders", yellow=1, red=2), rule("messages", yellow=1, red=1)]
    assert [line.split()[:3] for line in count(log, rules=rules).crossings()] == [
        ["1", "orders", "yellow"],
        ["1", "messages", "yellow"],
        ["1", "messages", "red"],
        ["2", "orders", "red"],
    ]


def test_large_cancels_are_counted_by_the_size_of_the_rule():
    log = """
        action  order_id  account  lots
        new     1         A        200
        cancel  1         -        -
        """
    rules = [rule("large_cancels@300"), rule("large_cancels@200")]
    assert count(log, rules=rules).crossings() == [
        "2 large_cancels@200 yellow A contract:cu2503 1"
    ]


# --- what is left out --------------------------------------------------------------------------

HEDGED = """
    action  order_id  account  lots  hedge
    new     1         A        5     hedge
    new     2         A        5     speculation
    new     3         A        5     -
    """


def test_what_a_rule_leaves_out_does_not_count_and_what_is_unknown_does():
    rules = [rule("orders", yellow=2, **left_out("hedge", HEDGE))]
    assert count(HEDGED, rules=rules).crossings() == ["3 orders yellow A contract:cu2503 2"]


def test_what_only_names_counts_and_so_does_what_is_unknown():
    rules = [rule("orders", yellow=2, only=(only("hedge", HEDGE),))]
    assert count(HEDGED, rules=rules).crossings() == ["3 orders yellow A contract:cu2503 2"]


def test_cancels_not_by_the_client_can_be_left_out():
    log = """
        action  order_id  account  lots  cancel_by
        new     1         A        5     -
        new     2         A        5     -
        cancel  1         -        -     expiry
        cancel  2         -        -     {by}
        """
    rules = [rule("cancels", yellow=1, **left_out("cancel_by", schema.CancelBy.EXPIRY))]
    assert count(log.format(by="client"), rules=rules).crossings() == [
        "4 cancels yellow A contract:cu2503 1"
    ]
    assert count(log.format(by="expiry"), rules=rules).crossings() == []


# --- self-trades -------------------------------------------------------------------------------

SELF = """
    action  order_id  account  lots  hedge
    new     1         A        9     speculation
    new     2         A        9     speculation
    new     3         A        9     hedge
    """


def self_levels(matches, **how):
    names = schema.PAIR_COUNTS
    found = count(SELF + matches, rules=[rule(name, yellow=2, **how) for name in names])
    return {line.split()[1]: int(line.split()[0]) for line in found.crossings()}


def test_matches_and_lots_count_each_time_but_pairs_and_incoming_orders_once():
    again = "trade 2/1 - 1 -\ntrade 2/1 - 1 -\n"
    assert self_levels(again) == {"self_trades": 5, "self_trade_lots": 5}
    assert self_levels(again + "trade 2/3 - 1 -\n") == {
        "self_trades": 5, "self_trade_lots": 5, "self_trade_pairs": 6
    }
    assert self_levels(again + "trade 3/1 - 1 -\n") == {
        "self_trades": 5, "self_trade_lots": 5, "self_trade_pairs": 6, "self_trade_orders": 6
    }


def test_a_pair_is_one_whichever_of_its_orders_came_in():
    assert self_levels("trade 2/1 - 1 -\ntrade 1/2 - 1 -\n") == {
        "self_trades": 5, "self_trade_lots": 5, "self_trade_orders": 5
    }


def test_a_pair_is_one_within_a_contract_of_trading():
    legs = """
        action  order_id  account  lots  contract  order_contract  contra_order_contract
        new     1         A        9     sp        -               -
        new     2         A        9     sp        -               -
        trade   2/1       -        4     cu2503    sp              sp
        trade   2/1       -        4     {leg}     sp              sp
        """
    rules = [rule("self_trade_pairs", "exchange", 2), rule("self_trade_orders", "exchange", 2)]
    assert len(count(legs.format(leg="cu2505"), rules=rules).crossings()) == 2
    assert count(legs.format(leg="cu2503"), rules=rules).crossings() == []


def test_a_self_trade_is_exempt_when_either_order_is_or_only_when_both_are():
    out = left_out("hedge", HEDGE)
    one_hedged = "trade 1/3 - 1 -\ntrade 3/1 - 1 -\n"
    both_hedged = "trade 3/3 - 1 -\ntrade 3/3 - 1 -\n"
    assert self_levels(one_hedged, **out) == {}
    assert self_levels(both_hedged, **out, both=True) == {}
    assert self_levels(one_hedged, **out, both=True) == {
        "self_trades": 5, "self_trade_lots": 5, "self_trade_orders": 5
    }


def test_a_pair_and_an_incoming_order_count_from_their_first_match_that_counts():
    found = count(
        """
        action  order_id  account  lots  phase
        new     1         A        9     -
        new     2         A        9     -
        trade   2/1       -        1     closed
        trade   2/1       -        1     continuous
        trade   2/1       -        1     continuous
        """,
        rules=[
            rule("self_trade_pairs", **left_out("phase", schema.Phase.CLOSED)),
            rule("self_trade_orders", **left_out("phase", schema.Phase.CLOSED)),
        ],
    )
    assert found.crossings() == [
        "4 self_trade_pairs yellow A contract:cu2503 1",
        "4 self_trade_orders yellow A contract:cu2503 1",
    ]


# --- suspected groups --------------------------------------------------------------------------

ALONE = {"groups": {"G": "A B C"}, "clients": {"K": "A B"}, "suspected": ["G"]}


def test_clients_of_a_suspected_group_are_judged_alone_besides():
    log = HEADER + orders(1, "A") + orders(1, "C", first_id=4) + orders(1, "B", first_id=7)
    rules = [rule("orders", yellow=2, red=3)]
    assert count(log, rules=rules, **ALONE).crossings() == [
        "2 orders yellow G contract:cu2503 2",
        "3 orders yellow K contract:cu2503 2",
        "3 orders red G contract:cu2503 3",
    ]
    filed = {**ALONE, "suspected": []}
    assert [line.split()[3] for line in count(log, rules=rules, **filed).crossings()] == ["G", "G"]


def test_a_self_trade_is_a_clients_own_only_where_both_sides_are_that_client():
    log = """
        action  order_id  account  lots
        new     1         A        9
        new     2         B        9
        new     3         C        9
        trade   3/1       -        1
        trade   2/1       -        1
        """
    rules = [rule(name) for name in schema.PAIR_COUNTS]
    found = count(log, rules=rules, **ALONE)
    of_group = [line for line in found.crossings() if " G " in line]
    of_client = [line for line in found.crossings() if " K " in line]
    assert [line.split()[0] for line in of_group] == ["4"] * 4
    assert [line.split()[0] for line in of_client] == ["5"] * 4


def test_otr_is_judged_at_the_end_of_the_day_and_has_no_tipping_event():
    assert count(HEADER + orders(9), rules=[rule("otr", yellow=1)]).crossings() == []
    assert count(HEADER + orders(9), rules=[rule("orders", yellow=1)]).crossings() != []
