"""Orders that no row of the day opened: what still counts, and for whom."""

from __future__ import annotations

from .table import count, rule

ATTRIBUTES = ["hedge", "tif", "order_type", "phase", "cancel_by"]


def test_a_cancel_counts_for_the_account_of_its_row():
    found = count(
        """
        action  order_id  account  lots  hedge  tif  phase       cancel_by
        cancel  1         A        300   hedge  fak  continuous  exchange
        cancel  2         A        300   hedge  fak  continuous  -
        cancel  3         -        300   hedge  fak  continuous  -
        """,
        rules=[rule("large_cancels@300")],
        keep=ATTRIBUTES,
    )
    nothing_known = {"unknown_order": "yes", "hedge": "-", "tif": "-", "phase": "continuous"}
    large = {"cancels": 1, "large_cancels@300": 1}
    assert found.counts("A", cancel_by="exchange", **nothing_known) == large
    assert found.counts("A", cancel_by="unnamed", **nothing_known) == {**large, "messages": 1}
    assert found.faults() == {"unknown_order": [1, 2, 3]}


def test_a_cancel_of_null_lots_is_a_cancel_but_never_large():
    log = """
        action  order_id  account  lots
        cancel  1         A        {lots}
        """
    large = [rule("large_cancels@1")]
    assert count(log.format(lots="-"), rules=large).counts("A") == {"cancels": 1, "messages": 1}
    assert "large_cancels@1" in count(log.format(lots="1"), rules=large).counts("A")


def test_an_amend_is_a_message_of_the_account_of_its_row():
    found = count("""
        action  order_id  account  lots
        amend   1         A        9
        amend   2         -        9
        amend   3         A        0
    """)
    assert found.counts("A", unknown_order="yes") == {"messages": 2}
    assert found.faults() == {"unknown_order": [1, 2, 3]}


def test_it_never_finishes():
    found = count("""
        action  order_id  account  lots
        cancel  1         A        -
        cancel  1         A        -
        amend   1         A        0
        trade   1/9       A/B      5
    """)
    assert found.counts("A") == {"cancels": 2, "messages": 3, "filled_orders": 1}
    # The trade refers to two such orders, and each is a fault.
    assert found.fault_counts() == {("cu2503", "unknown_order"): 5}
    assert found.faults() == {"unknown_order": [1, 2, 3, 4]}


def test_a_trade_fills_both_of_two_unknown_orders_each_for_its_own_account():
    found = count(
        """
        action  order_id  account  lots  offset  hedge  phase
        trade   1/2       A/B      5     open    hedge  continuous
        """,
        keep=ATTRIBUTES,
    )
    assert found.counts("A", phase="continuous", hedge="-") == {"open_lots": 5}
    assert found.counts("A", phase="-", hedge="-") == {"filled_orders": 1}
    # What a row says of the offset it says of order_id.
    assert found.counts("B") == {"filled_orders": 1}


def test_without_an_account_there_is_the_fault_only():
    found = count("""
        action  order_id  account  lots  offset
        trade   1/2       -/-      5     open
    """)
    assert len(found.day.cells.contract) == 0
    assert found.fault_counts() == {("cu2503", "unknown_order"): 2}


def test_it_is_one_filled_order_however_often_it_is_filled():
    found = count("""
        action  order_id  account  lots
        trade   1/2       A/B      5
        trade   1/3       A/B      5
        trade   4/3       A/B      5
    """)
    assert found.counts("A") == {"filled_orders": 2}
    assert found.counts("B") == {"filled_orders": 2}


def test_a_later_new_row_opens_it_with_its_own_lots_and_it_stays_one_filled_order():
    found = count("""
        action   order_id  account  lots
        carried  2         B        99
        trade    1/2       A        5
        new      1         A        7
        trade    1/2       -        7
    """)
    assert found.counts("A") == {"orders": 1, "messages": 1, "filled_orders": 1}
    assert found.counts("A", unknown_order="yes") == {"filled_orders": 1}
    assert found.faults() == {"unknown_order": [2]}


def test_it_is_filled_once_opened_where_nobody_was_known_to_be_filled_before():
    found = count("""
        action   order_id  account  lots
        carried  2         B        99
        trade    1/2       -        5
        new      1         A        7
        trade    1/2       -        7
        trade    1/2       -        1
    """)
    assert found.counts("A", unknown_order="-")["filled_orders"] == 1
    assert found.faults() == {"unknown_order": [2], "trade_after_finish": [5]}
