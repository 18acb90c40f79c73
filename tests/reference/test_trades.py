"""Fills: filled orders, openings, both forms of a trade, combinations and their faults."""

from __future__ import annotations

import pytest

from .table import count

OPEN = """
    action  order_id  account  lots  offset
    new     1         A        9     open
    new     2         B        9     close
    """


def filled(found, account, contract="cu2503"):
    counts = found.counts(account, contract)
    return counts.get("filled_orders", 0), counts.get("open_lots", 0)


def test_a_match_fills_both_orders_and_openings_count_by_the_offset_of_each_order():
    found = count(OPEN + "trade 2/1 - 4 -\n" + "trade 2/1 - 5 -")
    assert filled(found, "A") == (1, 9)
    assert filled(found, "B") == (1, 0)
    assert found.faults() == {}


def test_buys_and_sells_are_added():
    found = count("""
        action  order_id  account  lots  offset  side
        new     1         A        9     open    buy
        new     2         A        9     open    sell
        trade   2/1       -        4     -       -
    """)
    assert filled(found, "A") == (2, 8)


def test_the_offset_of_the_trade_row_serves_where_the_order_has_none():
    found = count("""
        action  order_id  account  lots  offset
        new     1         A        9     -
        new     2         B        9     -
        trade   2/1       -        4     open
        new     3         C        9     close
        trade   3/1       -        4     open
    """)
    assert filled(found, "B") == (1, 4)
    assert filled(found, "A") == (1, 0)
    assert filled(found, "C") == (1, 0)


@pytest.mark.parametrize(("trade_type", "opened"), [
    ("-", 4), ("normal", 4), ("combination_leg", 4), ("efp", 0), ("block", 0), ("exercise", 0)
])
def test_only_normal_and_leg_fills_are_openings_but_every_fill_fills(trade_type, opened):
    found = count(f"""
        action  order_id  account  lots  offset  trade_type
        new     1         A        9     open    -
        new     2         B        9     open    -
        trade   2/1       -        4     -       {trade_type}
    """)
    assert filled(found, "A") == filled(found, "B") == (1, opened)


def test_a_filled_order_has_the_phase_of_its_new_row_and_an_opening_that_of_its_trade():
    found = count(
        """
        action   order_id  account  lots  offset  phase
        new      1         A        9     open    auction
        carried  2         B        9     open    closed
        trade    1/2       -        4     -       continuous
        """,
        keep=["phase"],
    )
    assert found.counts("A", phase="auction")["filled_orders"] == 1
    assert found.counts("A", phase="continuous") == {"open_lots": 4}
    assert found.counts("B", phase="closed") == {"filled_orders": 1}


def test_a_carried_order_can_be_a_filled_order():
    found = count("""
        action   order_id  account  lots
        carried  1         A        9
        carried  2         B        9
        trade    1/2       -        4
    """)
    assert found.counts("A") == found.counts("B") == {"filled_orders": 1}
    assert found.faults() == {}


def test_a_fill_of_more_than_is_left_counts_with_the_lots_printed():
    found = count("""
        action  order_id  account  lots  offset
        new     1         A        3     open
        new     2         B        4     open
        trade   2/1       -        4     -
        cancel  1         -        -     -
    """)
    assert filled(found, "A") == (1, 4)
    assert found.faults() == {"fill_over_left": [3], "event_after_finish": [4]}


def test_a_trade_on_a_finished_order_counts_for_that_order():
    found = count(
        """
        action  order_id  account  lots  offset  hedge
        new     1         A        3     open    hedge
        new     2         B        4     open    hedge
        cancel  1         -        -     -       -
        trade   2/1       -        4     -       -
        """,
        keep=["hedge"],
    )
    assert found.counts("A", hedge="hedge")["open_lots"] == 4
    assert found.faults() == {"trade_after_finish": [4]}


def test_each_reference_of_a_trade_has_a_fault_of_its_own():
    found = count("""
        action  order_id  account  lots  side
        new     1         A        3     sell
        new     2         B        9     buy
        trade   2/1       C/B      4     buy
        trade   2/1       C/B      1     sell
    """)
    # Of order 1 the row says the account only: the first is over its lots, the next after them.
    assert found.faults() == {"fill_over_left": [3], "trade_after_finish": [4], "differs": [3, 4]}
    assert filled(found, "C") == (0, 0)


def test_the_first_kind_that_fits_a_reference_stands():
    found = count("""
        action  order_id  account  lots
        new     1         A        3
        cancel  1         B        4
        cancel  1         B        4
    """)
    assert found.faults() == {"cancel_over_left": [2], "event_after_finish": [3]}


# --- one side missing, and broker form ---------------------------------------------------------


def test_a_trade_row_with_neither_contra_nor_id_fills_its_side_and_is_a_fault():
    found = count(BROKER + "trade 1 - 4 - buy 70 -")
    assert filled(found, "A") == (1, 4)
    assert found.faults() == {"one_sided_trade": [3]}


def test_a_log_without_a_column_for_the_other_side_lacks_none():
    found = count(OPEN + "trade 1 - 4 -")
    assert filled(found, "A") == (1, 4)
    assert found.faults() == {}


BROKER = """
    action  order_id  account  lots  offset  side  price  trade_id
    new     1         A        9     open    buy   70     -
    new     2         B        9     open    sell  70     -
    """


def test_two_rows_of_one_id_are_a_match():
    found = count(BROKER + "trade 1 - 4 - buy 70 x\n" + "trade 2 - 4 - sell 70 x")
    assert filled(found, "A") == filled(found, "B") == (1, 4)
    assert found.faults() == {}


def test_a_row_whose_twin_never_comes_is_a_fault_at_the_end_named_in_row_order():
    found = count(
        BROKER + "trade 1 - 4 - buy 70 x\n" + "trade 2 - 1 - sell 70 -\n" + "trade 2 - 1 - - - y"
    )
    assert filled(found, "A") == (1, 4)
    assert filled(found, "B") == (1, 2)
    assert found.faults() == {"one_sided_trade": [3, 4, 5]}


def test_an_id_of_two_contracts_is_two_trades():
    found = count("""
        action  order_id  account  lots  trade_id  contract
        new     1         A        9     -         cu2503
        new     1         B        9     -         al2503
        trade   1         -        4     7         cu2503
        trade   1         -        4     7         al2503
    """)
    assert found.fault_counts() == {
        ("cu2503", "one_sided_trade"): 1, ("al2503", "one_sided_trade"): 1
    }


def test_a_third_twin_fills_its_side_with_its_own_lots_and_is_a_fault():
    pair = "trade 1 - 4 - buy 70 x\n" + "trade 2 - 4 - sell 70 x\n"
    found = count(BROKER + pair + "trade 2 - 3 - sell 70 x\n" + "trade 1 - 1 - buy 70 x")
    assert filled(found, "A") == (1, 5)
    assert filled(found, "B") == (1, 7)
    assert found.faults() == {"one_sided_trade": [5, 6]}


@pytest.mark.parametrize("twin", ["3 - sell 70", "4 - sell 71", "4 - buy 70"])
def test_where_twins_differ_the_first_wins(twin):
    log = BROKER.replace("sell", "-").replace("buy", "-")
    found = count(log + "trade 1 - 4 - buy 70 x\n" + f"trade 2 - {twin} x")
    assert filled(found, "A") == filled(found, "B") == (1, 4)
    assert found.faults() == {"differs": [4]}


@pytest.mark.parametrize("twin", ["4 - sell 70", "4 - - 70", "4 - sell -"])
def test_twins_that_say_nothing_else_do_not_differ(twin):
    found = count(BROKER + "trade 1 - 4 - buy 70 x\n" + f"trade 2 - {twin} x")
    assert found.faults() == {}


@pytest.mark.parametrize(("side", "fault"), [
    ("sell", {}), ("-", {}), ("buy", {"differs": [4]})
])
def test_twins_are_of_opposite_sides_by_their_orders_where_the_rows_are_silent(side, fault):
    log = BROKER.replace("sell", side)
    found = count(log + "trade 1 - 4 - - 70 x\ntrade 2 - 4 - - 70 x")
    assert filled(found, "A") == filled(found, "B") == (1, 4)
    assert found.faults() == fault


def test_a_twin_that_differs_is_no_second_fault_of_its_reference():
    found = count(BROKER + "trade 1 - 4 - buy 70 x\n" + "trade 3 C 3 - sell 70 x")
    assert found.faults() == {"unknown_order": [4]}


def test_the_first_twins_lots_are_those_that_may_be_too_many():
    found = count(BROKER + "trade 1 - 9 - - - x\ntrade 2 - 4 - - - y\n"
                  "trade 2 - 3 - - - x\ntrade 1 - 4 - - - y")
    assert found.faults() == {"fill_over_left": [5], "trade_after_finish": [6]}
    assert filled(found, "B") == (1, 13)


def test_a_row_with_both_contra_and_id_is_exchange_form():
    found = count("""
        action  order_id  account  lots  trade_id
        new     1         A        9     -
        new     2         B        9     -
        trade   2/1       -        4     x
        trade   2/1       -        4     x
        trade   2/1       -        1     x
    """)
    assert found.counts("A")["filled_orders"] == found.counts("B")["filled_orders"] == 1
    assert found.faults() == {}


def test_in_broker_form_a_contra_account_alone_says_nothing():
    found = count("""
        action  order_id  account  lots  trade_id  contra_account
        trade   1         A        4     x         B
        trade   2         -        4     x         A
    """)
    assert found.counts("A") == {"filled_orders": 1}
    assert found.counts("B") == {}
    assert found.fault_counts() == {("cu2503", "unknown_order"): 2}


# --- combinations ------------------------------------------------------------------------------

LEGS = """
    action   order_id  account  lots  offset  contract  order_contract
    new      1         A        10    close   sp        -
    carried  8         B        99    -       cu2503    -
    carried  9         B        99    -       cu2505    -
    """


def test_a_leg_fills_the_order_where_it_stands_and_opens_where_it_trades():
    found = count(LEGS + "trade 1/8 - 4 open cu2503 sp\n" + "trade 1/9 - 4 close cu2505 sp")
    assert found.counts("A", "sp") == {"orders": 1, "messages": 1, "filled_orders": 1}
    assert found.counts("A", "cu2503") == {"open_lots": 4}
    assert found.counts("A", "cu2505") == {}
    assert found.faults() == {}


def test_the_offset_of_a_leg_is_the_rows_and_else_the_orders():
    opening = LEGS.replace("close", "open")
    assert "open_lots" in count(opening + "trade 1/8 - 4 - cu2503 sp").counts("A", "cu2503")
    assert count(opening + "trade 1/8 - 4 close cu2503 sp").counts("A", "cu2503") == {}


def test_lots_left_fall_by_the_leg_filled_first_and_not_by_every_leg():
    legs = "trade 1/8 - 6 - cu2503 sp\n" + "trade 1/9 - 6 - cu2505 sp\n"
    found = count(LEGS + legs + "cancel 1 - 4 - sp -")
    assert found.faults() == {}
    over = count(LEGS + legs + "trade 1/8 - 5 - cu2503 sp")
    assert over.faults() == {"fill_over_left": [6]}


def test_a_leg_may_be_filled_after_another_has_finished_the_order():
    first = "trade 1/8 - 10 - cu2503 sp\n"
    assert count(LEGS + first + "trade 1/9 - 10 - cu2505 sp").faults() == {}
    assert count(LEGS + first + "trade 1/8 - 1 - cu2503 sp").faults() == {
        "trade_after_finish": [5]
    }


def test_a_leg_filled_after_the_order_was_cancelled_is_a_fault():
    leg, cancel = "trade 1/8 - 4 - cu2503 sp\n", "cancel 1 - - - sp -\n"
    found = count(LEGS + leg + cancel + "trade 1/9 - 4 - cu2505 sp")
    assert found.faults("cu2505") == {"trade_after_finish": [6]}
    assert count(LEGS + leg + "trade 1/9 - 4 - cu2505 sp\n" + cancel).faults() == {}


def test_the_contra_order_may_stand_in_another_contract_too():
    found = count("""
        action  order_id  account  lots  offset  contract  contra_order_contract
        new     1         A        10    open    sp        -
        new     2         B        10    open    cu2503    -
        trade   2/1       -        4     close   cu2503    sp
        trade   2/7       -/C      4     open    cu2503    sp
    """)
    assert found.counts("A", "sp")["filled_orders"] == 1
    # Of the contra order's leg no offset is told, so its order's stands.
    assert found.counts("A", "cu2503") == {"open_lots": 4}
    assert found.counts("B", "cu2503")["open_lots"] == 8
    assert found.counts("C", "sp") == {"filled_orders": 1}
    assert found.fault_counts() == {("cu2503", "unknown_order"): 1}


def test_only_a_trade_speaks_of_another_contract():
    found = count(LEGS + "cancel 8 - - - cu2503 sp")
    assert found.counts("B", "cu2503")["cancels"] == 1
    assert found.faults() == {}
