"""Matches within a subject: which they are, which order came in, and which pairs they make."""

from __future__ import annotations

import pytest

from .table import count

TWO = """
    action  order_id  account  lots
    new     1         A        9
    new     2         B        9
    """
LINKED = {"G": "A B"}


def test_a_match_of_two_accounts_of_one_subject_is_a_self_trade():
    log = TWO + "trade 2/1 - 4"
    assert count(log, groups=LINKED).pairs() == ["2/1 B/A x1 4 lots @3"]
    assert count(log, clients={"K": "A B"}).pairs() == ["2/1 B/A x1 4 lots @3"]
    assert count(log).pairs() == []


def test_two_orders_of_one_account_are_one_subject():
    assert count(TWO.replace("B", "A") + "trade 2/1 - 4").pairs() == ["2/1 A/A x1 4 lots @3"]


def test_an_order_matched_with_itself_is_filled_twice_and_is_a_self_trade():
    found = count("""
        action  order_id  account  lots  offset
        new     1         A        10    open
        trade   1/1       -        4     -
        trade   1/1       -        1     -
    """)
    assert found.pairs() == ["1/1 A/A x2 5 lots @2"]
    assert found.counts("A") == {"orders": 1, "messages": 1, "filled_orders": 1, "open_lots": 10}
    assert found.faults() == {}


def test_both_fills_of_such_a_match_are_taken_off():
    log = """
        action  order_id  account  lots
        new     1         A        {lots}
        trade   1/1       -        4
        """
    assert count(log.format(lots=8)).faults() == {}
    assert count(log.format(lots=7)).faults() == {"fill_over_left": [2]}
    assert count(log.format(lots=4)).faults() == {"trade_after_finish": [2]}


def test_an_order_in_two_broker_rows_of_one_trade_is_matched_with_itself():
    found = count("""
        action  order_id  account  lots  trade_id
        new     1         A        9     -
        trade   1         -        4     x
        trade   1         -        4     x
    """)
    assert found.pairs() == ["1/1 A/A x1 4 lots @3"]
    assert found.faults() == {}


@pytest.mark.parametrize(("trade_type", "pairs"), [
    ("-", 1), ("normal", 1), ("combination_leg", 1), ("efp", 0), ("block", 0), ("exercise", 0)
])
def test_only_normal_matches_and_those_of_legs_are_self_trades(trade_type, pairs):
    found = count(
        f"""
        action  order_id  account  lots  trade_type
        new     1         A        9     -
        new     2         A        9     -
        trade   2/1       -        4     {trade_type}
        """
    )
    assert len(found.pairs()) == pairs


def test_matches_of_one_pair_that_are_alike_are_one_row():
    found = count(TWO + "trade 2/1 - 4\ntrade 2/1 - 3\ntrade 1/2 - 1", groups=LINKED)
    assert found.pairs() == ["2/1 B/A x2 7 lots @3", "1/2 A/B x1 1 lots @5"]


def test_matches_that_are_not_alike_in_what_rules_read_are_several_rows():
    log = """
        action  order_id  account  lots  phase
        new     1         A        9     auction
        new     2         A        9     auction
        trade   2/1       -        4     auction
        trade   2/1       -        3     continuous
        """
    assert count(log).pairs() == ["2/1 A/A x2 7 lots @3"]
    assert len(count(log, keep=["phase"]).pairs()) == 2


def test_attributes_of_a_pair_are_those_of_its_orders_with_the_phase_of_the_trade():
    found = count(
        """
        action  order_id  account  lots  hedge  tif  phase
        new     1         A        9     hedge  gfd  auction
        new     2         B        9     -      fak  auction
        trade   2/1       -        4     -      -    continuous
        """,
        groups=LINKED,
        makers={"A": "cu"},
        keep=["hedge", "tif", "phase", "market_maker"],
    )
    (pair,) = found.day.pairs
    fak, continuous, market_maker = 2 << 3, 2 << 9, 1 << 14
    assert pair.incoming_attributes == fak | continuous
    assert pair.resting_attributes == 2 | 1 << 3 | continuous | market_maker


# --- which order came in -----------------------------------------------------------------------


@pytest.mark.parametrize(("phase", "orders", "pair"), [
    ("continuous", "1/2", "1/2"),
    ("continuous", "2/1", "2/1"),
    ("-", "1/2", "1/2"),
    ("auction", "1/2", "2/1"),
    ("auction", "2/1", "2/1"),
    ("auction", "1/8", "1/8"),  # never opened: before all others
    ("auction", "8/1", "1/8"),
    ("auction", "8/9", "8/9"),
])
def test_in_an_auction_the_later_order_came_in_and_else_the_one_named_first(phase, orders, pair):
    found = count(f"""
        action  order_id  account  lots  phase
        new     1         A        9     auction
        new     2         A        9     auction
        trade   {orders}  A/A      4     {phase}
    """)
    assert [line.split()[0] for line in found.pairs()] == [pair]


@pytest.mark.parametrize(("first", "second", "pair"), [
    (1, 2, "2/1"), (2, 1, "2/1"), (1, 8, "1/8"), (8, 1, "1/8"), (8, 9, "9/8"), (9, 8, "8/9")
])
def test_in_broker_form_the_later_order_came_in_and_on_a_tie_that_of_the_second_row(
    first, second, pair
):
    found = count(f"""
        action   order_id  account  lots  trade_id
        carried  1         A        9     -
        carried  2         A        9     -
        trade    {first}   A        4     x
        trade    {second}  A        4     x
    """)
    assert found.pairs() == [f"{pair} A/A x1 4 lots @4"]


# --- broker form -------------------------------------------------------------------------------

BROKER = """
    action  order_id  account  lots  trade_id  trade_type
    new     1         A        9     -         -
    new     2         A        9     -         -
    """


def test_the_match_stands_at_the_second_row_with_the_lots_of_the_first():
    found = count(BROKER + "trade 1 - 4 x -\ntrade 2 - 3 x -")
    assert found.pairs() == ["2/1 A/A x1 4 lots @4"]


def test_a_third_twin_is_no_match():
    found = count(BROKER + "trade 1 - 4 x -\ntrade 2 - 4 x -\ntrade 1 - 4 x -\ntrade 2 - 4 x -")
    assert found.pairs() == ["2/1 A/A x1 4 lots @4"]
    assert found.fault_counts()["cu2503", "one_sided_trade"] == 2


def test_one_side_alone_is_no_match():
    assert count(BROKER + "trade 1 - 4 x -\ntrade 2 - 4 y -").pairs() == []
    assert count(BROKER + "trade 1 - 4 x -\ntrade 2 - 4 x -").pairs() != []


@pytest.mark.parametrize(("first", "second", "pairs"), [
    ("efp", "normal", 0), ("efp", "-", 0), ("-", "efp", 0), ("normal", "efp", 1), ("-", "-", 1)
])
def test_of_two_types_of_one_trade_the_first_twins_stands(first, second, pairs):
    found = count(BROKER + f"trade 1 - 4 x {first}\ntrade 2 - 4 x {second}")
    assert len(found.pairs()) == pairs


# --- unknown orders and combinations -----------------------------------------------------------


def test_unknown_orders_are_matched_for_the_accounts_of_the_row():
    found = count("""
        action  order_id  account  lots
        trade   1/2       A/A      4
        trade   1/2       A/B      4
        trade   1/2       A/-      4
        trade   1/2       B/B      4
    """)
    assert found.pairs() == ["1/2 A/A x1 4 lots @1", "1/2 B/B x1 4 lots @4"]


def test_an_order_unknown_at_one_match_and_opened_at_the_next_makes_two_rows():
    found = count("""
        action  order_id  account  lots
        new     1         A        9
        trade   2/1       A        4
        new     2         A        9
        trade   2/1       A        4
    """)
    assert found.pairs() == ["2/1 A/A x1 4 lots @2", "2/1 A/A x1 4 lots @4"]


def test_a_combinations_match_stands_in_the_contract_of_its_leg():
    found = count("""
        action  order_id  account  lots  contract  order_contract
        new     1         A        9     cu2503    -
        new     1         A        9     sp        -
        trade   1/1       -        4     cu2503    sp
    """)
    (pair,) = found.day.pairs
    contract, incoming, resting = pair.contract, pair.incoming_contract, pair.resting_contract
    names = [found.names.contracts[i][1] for i in (contract, incoming, resting)]
    assert names == ["cu2503", "sp", "cu2503"]
    assert found.counts("A", "cu2503")["filled_orders"] == 1
    assert found.counts("A", "sp")["filled_orders"] == 1


def test_ids_are_told_as_written():
    found = count("""
        action  order_id   account  lots
        new     007        A        9
        new     a-long-id  A        9
        trade   007/a-long-id  -    4
        trade   a-long-id/007  -    4
    """)
    assert [line.split()[0] for line in found.pairs()] == ["007/a-long-id", "a-long-id/007"]
