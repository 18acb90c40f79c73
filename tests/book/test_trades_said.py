"""What is said of each trade: the first that fits."""

from __future__ import annotations

import pytest
from books_seen import found, seen

QUEUE = """
    new     1    A  sell  101  5
    new     2    A  sell  101  5
"""

# --- which is the resting order ----------------------------------------------------------------


@pytest.mark.parametrize("orders", ["9/1", "1/9"])
def test_the_resting_order_is_the_one_in_a_queue(orders):
    """A log may write the two of a trade the other way round."""
    assert seen(QUEUE + f"new 9 B buy 101 5\ntrade {orders} - - 101 1") == {"at_head": 1}


def test_of_two_in_queues_it_is_the_contra_order():
    log = QUEUE + "trade 1/2 - - 101 1"
    assert seen(log) == {"not_first": 1}
    assert seen(QUEUE + "trade 2/1 - - 101 1") == {"at_head": 1}


def test_of_two_in_no_queue_it_is_the_contra_order():
    """Order 7 was never opened, order 8 has no place."""
    log = "new 8 A sell - 5\ntrade {} - - 101 1"
    assert seen(log.format("7/8")) == {"unpriced": 1}
    assert seen(log.format("8/7")) == {"no_lots": 1, "unknown_resting": 1}


def test_an_order_matched_with_itself_is_the_resting_one():
    assert seen(QUEUE + "trade 1/1 - - 101 1") == {"at_head": 1}
    assert seen(QUEUE + "trade 2/2 - - 101 1") == {"not_first": 1}


@pytest.mark.parametrize(("price", "said"), [(101, "unpriced"), (100, "at_head")])
def test_the_incoming_order_is_in_no_queue(price, said):
    """Order 8 has no place, and order 9 none in a queue if it comes in."""
    log = f"""
        action  order_id  account  side  price    lots  tif
        new     1         A        sell  101      5     -
        new     8         A        sell  100      5     fak
        new     9         B        buy   {price}  5     -
        trade   8/9       -        -     101      1     -
    """
    assert seen(log) == {said: 1}


# --- each kind ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("trade_type", "said"), [
    ("block", "off_book"), ("efp", "off_book"), ("exercise", "off_book"), ("-", "at_head"),
    ("normal", "at_head"), ("combination_leg", "at_head"),
])
def test_off_book_is_by_the_type_of_trade(trade_type, said):
    log = f"""
        action  order_id  account  side  price  lots  trade_type  phase
        new     1         A        sell  101    5     -           {{}}
        new     9         B        buy   101    5     -           {{}}
        trade   9/1       -        -     101    1     {trade_type}  {{}}
    """
    assert seen(log.format(*["continuous"] * 3)) == {said: 1}
    in_auction = {"off_book": 1} if said == "off_book" else {"auction": 1}
    assert seen(log.format(*["auction"] * 3)) == in_auction


def test_a_row_that_tells_one_order_is_one_sided():
    assert seen(QUEUE + "trade 1 - - 101 1") == {"one_sided": 1}


LEGS = """
    action  order_id  account  contract  side  price  lots  order_contract  contra_order_contract
    new     1         A        SP-1      buy   5      5     -               -
    new     2         A        cu2503    buy   101    5     -               -
    new     9         B        cu2503    sell  101    5     -               -
"""


def test_a_resting_order_of_another_contract_is_a_combinations():
    assert seen(LEGS + "trade 9/1 - cu2503 - 101 1 - SP-1") == {"leg": 1}
    assert seen(LEGS + "trade 1/9 - cu2503 - 101 1 SP-1 -") == {"leg": 1}
    assert seen(LEGS + "trade 9/2 - cu2503 - 101 1 - -") == {"at_head": 1}


@pytest.mark.parametrize(("price", "said"), [("-", "at_head"), ("5", "leg")])
def test_a_combination_without_a_place_takes_who_rests(price, said):
    log = f"""
        action  order_id  account  contract  side  price    lots  {{}}
        new     1         A        SP-1      buy   {price}  5     -
        new     2         A        cu2503    buy   101      5     -
        trade   {{}}      -        cu2503    -     101      1     SP-1
    """
    assert seen(log.format("order_contract", "1/2")) == {"at_head": 1}
    assert seen(log.format("contra_order_contract", "2/1")) == {said: 1}


def test_a_leg_takes_lots_off_the_combinations_book():
    log = LEGS + """
        trade   9/1       -        cu2503    -     101    {}    -               SP-1
        new     3         A        SP-1      buy   5      5     -               -
        new     8         B        SP-1      sell  5      5     -               -
        trade   8/3       -        SP-1      -     5      1     -               -
    """
    assert seen(log.format(5), "SP-1") == {"at_head": 1}
    assert seen(log.format(4), "SP-1") == {"not_first": 1}


def test_the_incoming_order_of_another_contract_rests_right_after_a_leg_takes_the_other_off():
    log = """
        action  order_id  account  contract  side  price  lots  contra_order_contract
        new     1         A        SP-1      sell  5      5     -
        new     2         A        SP-1      buy   5      5     -
        trade   9/1       -        cu2503    -     101    {}    SP-1
        new     3         A        SP-1      buy   4      5     -
    """
    assert seen(log.format(5), "SP-1") == {}
    assert seen(log.format(4) + "trade 8 - SP-1 - 5 1 -", "SP-1") == {"auction": 1}


def test_a_resting_order_of_no_lots_is_a_fault():
    assert seen(QUEUE + "trade 9/7 - - 101 1") == {"no_lots": 1, "unknown_resting": 1}
    assert seen(QUEUE + "cancel 1 - - - -\ntrade 9/1 - - 101 1") == {"no_lots": 1}
    assert seen(QUEUE + "cancel 1 - - - 4\ntrade 9/1 - - 101 1") == {"at_head": 1}


def test_the_first_rows_of_each_fault_are_named():
    log = QUEUE + "new 3 A sell 102 99\n" + "trade 9/2 - - 101 1\n" + "trade 9/3 - - 102 1\n" * 7
    said = found(log)
    assert said.book() == {"not_first": 1, "not_best": 7}
    assert said.book_faults() == {"not_first": [4], "not_best": [5, 6, 7, 8, 9]}


# --- broker form -------------------------------------------------------------------------------


def twins(rows: str) -> dict[str, int]:
    return seen("action order_id account side price lots trade_id trade_type phase\n" + rows)


@pytest.mark.parametrize("first", ["1", "9"])
def test_of_two_rows_the_one_in_a_queue_rests_whichever_comes_first(first):
    second = {"1": "9", "9": "1"}[first]
    log = f"""
        new     1         A        sell  101    {{}}     -  -  -
        new     2         A        sell  101    5        -  -  -
        new     9         B        buy   101    {{}}     -  -  -
        trade   {first}   -        -     101    3        t  -  -
        trade   {second}  -        -     101    3        t  -  -
    """
    for sell, buy in ((3, 3), (3, 5), (5, 3), (5, 5)):
        assert twins(log.format(sell, buy)) == {"at_head": 1}
    assert twins(log.replace("trade   1 ", "trade   2 ").format(5, 5)) == {"not_first": 1}


def test_each_order_is_looked_at_before_the_row_that_fills_it():
    """The resting order's row takes its last lots; it was first before it all the same."""
    log = """
        new     1    A  sell  101  3  -  -  -
        new     9    B  buy   101  3  -  -  -
        trade   1    -  -     101  3  t  -  -
        trade   9    -  -     101  3  t  -  -
        new     4    A  sell  101  3  -  -  -
    """
    assert twins(log) == {"at_head": 1}


def test_where_both_rest_it_is_the_one_opened_first():
    log = """
        new     1    A  sell  101  3  -  -  -
        new     2    A  sell  101  3  -  -  -
        trade   {}   -  -     101  1  t  -  -
        trade   {}   -  -     101  1  t  -  -
    """
    assert twins(log.format(1, 2)) == twins(log.format(2, 1)) == {"at_head": 1}


def test_where_neither_rests_one_never_opened_was_there_first():
    log = "new 8 A sell - 3 - - -\ntrade {} - - 101 1 t - -\ntrade {} - - 101 1 t - -"
    assert twins(log.format(8, 7)) == twins(log.format(7, 8)) == {"no_lots": 1}


def test_what_the_match_is_stands_at_its_second_row():
    log = """
        new     1    A  sell  101  3  -  -  continuous
        trade   1    -  -     101  1  t  -  {}
        trade   9    -  -     101  1  t  -  {}
    """
    assert twins(log.format("continuous", "auction")) == {"auction": 1}
    assert twins(log.format("auction", "continuous")) == {"at_head": 1}


def test_a_type_that_one_of_two_rows_tells_is_the_trades():
    log = """
        new     1    A  sell  101  3  -  -  -
        trade   1    -  -     101  1  t  {}  -
        trade   9    -  -     101  1  t  {}  -
    """
    assert twins(log.format("block", "-")) == {"off_book": 1}
    assert twins(log.format("-", "block")) == {"off_book": 1}
    assert twins(log.format("normal", "block")) == {"at_head": 1}


def test_a_third_row_is_one_sided():
    log = """
        new     1    A  sell  101  5  -  -  -
        trade   1    -  -     101  1  t  -  -
        trade   9    -  -     101  1  t  -  -
        trade   1    -  -     101  1  t  {}  {}
    """
    assert twins(log.format("-", "-")) == {"at_head": 1, "one_sided": 1}
    assert twins(log.format("block", "-")) == {"at_head": 1, "off_book": 1}
    assert twins(log.format("-", "auction")) == {"at_head": 1, "auction": 1}


def test_one_whose_other_row_never_comes_is_one_sided():
    log = "new 1 A sell 101 5 - - -\ntrade 1 - - 101 1 t {} {}"
    assert twins(log.format("-", "-")) == {"one_sided": 1}
    assert twins(log.format("block", "auction")) == {"one_sided": 1}


# --- unknown orders ----------------------------------------------------------------------------


@pytest.mark.parametrize(("row", "n"), [
    ("cancel 7 - - - -", 1), ("cancel 7 - - - 0", 1), ("amend 7 - - 101 5", 1),
    ("trade 9/7 - - 101 1", 1), ("trade 7/2 - - 101 1", 0), ("trade 7 - - 101 1", 0),
    ("reject 7 A - - 0", 0), ("cancel 1 - - - -", 0), ("cancel 1 - - - -\ncancel 1 - - - -", 0),
])
def test_what_must_have_rested_before_the_log_begins(row, n):
    assert seen(QUEUE + row).get("unknown_resting", 0) == n


def test_a_stray_fill_opens_no_order():
    assert seen("trade 9/7 - - 101 1\ntrade 9/7 - - 101 1\ncancel 7 - - - -") == {
        "no_lots": 2, "unknown_resting": 3
    }


def test_a_resting_order_unknown_in_another_contract_counts_where_the_row_is():
    log = LEGS + "trade 9/77 - cu2503 - 101 1 - SP-1"
    assert seen(log)["unknown_resting"] == 1
    assert seen(log, "SP-1") == {}
