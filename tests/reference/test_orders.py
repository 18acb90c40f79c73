"""What opens, changes and ends an order, and which rows are messages."""

from __future__ import annotations

from .table import count


def test_a_new_row_is_an_order_and_a_message():
    found = count("""
        action  order_id  account  lots
        new     1         A        5
        new     2         A        5
        new     3         B        5
    """)
    assert found.counts("A") == {"orders": 2, "messages": 2}
    assert found.counts("B") == {"orders": 1, "messages": 1}
    assert found.faults() == {}


def test_a_carried_row_is_neither_order_nor_message_but_opens_one():
    found = count("""
        action   order_id  account  lots
        carried  1         A        5
        cancel   1         -        -
    """)
    assert found.counts("A") == {"cancels": 1, "messages": 1}
    assert found.faults() == {}


def test_a_reject_is_neither_order_nor_message():
    found = count("""
        action  order_id  account  lots
        reject  1         A        5
        new     2         A        5
        cancel  1         -        -
    """)
    assert found.counts("A") == {"orders": 1, "messages": 1}
    assert found.faults() == {"unknown_order": [3]}


def test_a_reject_of_an_order_that_was_opened_is_a_fault_without_effect():
    found = count("""
        action   order_id  account  lots
        new      1         A        5
        reject   1         A        5
        cancel   1         -        -
        reject   1         A        5
        carried  2         A        5
        reject   2         A        5
        reject   3         A        5
        new      3         A        5
    """)
    assert found.counts("A") == {"orders": 2, "messages": 3, "cancels": 1}
    assert found.faults() == {"reject_after_new": [2, 4, 6]}


def test_an_rfq_is_a_message_with_its_own_attributes():
    found = count(
        """
        action  order_id  account  lots  hedge         order_type  phase       tif
        rfq     -         A        -     market_maker  quote       continuous  fak
        new     1         A        1     speculation   limit       continuous  gfd
        """,
        keep=["hedge", "order_type", "phase", "tif"],
    )
    of_rfq = {"hedge": "market_maker", "order_type": "quote", "phase": "continuous", "tif": "-"}
    assert found.counts("A", **of_rfq) == {"messages": 1}
    assert found.counts("A") == {"orders": 1, "messages": 2}


def test_the_first_of_two_orders_with_one_id_stands():
    found = count("""
        action   order_id  account  lots
        new      1         A        5
        new      1         B        9
        carried  1         B        9
        cancel   1         -        6
    """)
    assert found.counts("A") == {"orders": 1, "messages": 2, "cancels": 1}
    assert found.counts("B") == {}
    assert found.faults() == {"duplicate_order": [2, 3], "cancel_over_left": [4]}


def test_a_finished_id_is_still_taken():
    found = count("""
        action  order_id  account  lots
        new     1         A        5
        cancel  1         -        -
        new     1         A        5
    """)
    assert found.counts("A") == {"orders": 1, "messages": 2, "cancels": 1}
    assert found.faults() == {"duplicate_order": [3]}


def test_an_id_is_unique_within_a_contract_and_as_written():
    found = count("""
        action  order_id  account  lots  contract
        new     7         A        5     cu2503
        new     7         A        5     al2503
        new     007       A        5     cu2503
        new     X7        A        5     cu2503
        new     x7        A        5     cu2503
    """)
    assert found.counts("A") == {"orders": 4, "messages": 4}
    assert found.counts("A", "al2503") == {"orders": 1, "messages": 1}
    assert found.faults() == {}


def test_an_amend_is_a_message_and_says_the_lots_left_after_it():
    found = count("""
        action  order_id  account  lots
        new     1         A        5
        amend   1         -        9
        cancel  1         -        9
    """)
    assert found.counts("A") == {"orders": 1, "messages": 3, "cancels": 1}
    assert found.faults() == {}


def test_an_amend_that_says_no_lots_leaves_them_as_they_are():
    found = count("""
        action  order_id  account  lots
        new     1         A        5
        amend   1         -        -
        cancel  1         -        6
    """)
    assert found.counts("A") == {"orders": 1, "messages": 3, "cancels": 1}
    assert found.faults() == {"cancel_over_left": [3]}


def test_an_amend_to_nothing_is_a_message_and_finishes_the_order_but_is_no_cancel():
    found = count("""
        action  order_id  account  lots
        new     1         A        5
        amend   1         -        0
        cancel  1         -        -
        amend   1         -        5
        trade   1/2       -        1
    """)
    assert found.counts("A") == {"orders": 1, "messages": 2, "filled_orders": 1}
    assert found.faults() == {
        "event_after_finish": [3, 4],
        "trade_after_finish": [5],
        "unknown_order": [5],
    }


def test_an_amend_never_reopens_a_finished_order():
    found = count("""
        action  order_id  account  lots
        new     1         A        5
        cancel  1         -        -
        amend   1         -        5
        cancel  1         -        -
    """)
    assert found.counts("A") == {"orders": 1, "messages": 2, "cancels": 1}
    assert found.faults() == {"event_after_finish": [3, 4]}


def test_an_amend_has_the_phase_of_its_row_and_the_rest_of_its_order():
    found = count(
        """
        action  order_id  account  lots  hedge  tif  phase
        new     1         A        5     hedge  gfd  auction
        amend   1         -        4     -      -    continuous
        """,
        keep=["hedge", "tif", "phase"],
    )
    both = {"hedge": "hedge", "tif": "gfd"}
    assert found.counts("A", phase="auction", **both) == {"orders": 1, "messages": 1}
    assert found.counts("A", phase="continuous", **both) == {"messages": 1}


def test_what_a_later_row_says_otherwise_is_a_fault_and_the_new_row_wins():
    found = count("""
        action  order_id  account  lots  side  hedge        tif
        new     1         A        9     buy   speculation  gfd
        amend   1         B        8     buy   speculation  gfd
        amend   1         A        7     sell  speculation  gfd
        amend   1         A        6     buy   hedge        gfd
        cancel  1         A        1     buy   speculation  fak
        cancel  1         A        1     buy   speculation  gfd
        cancel  1         -        1     -     -            -
    """)
    assert found.counts("A") == {"orders": 1, "messages": 7, "cancels": 3}
    assert found.counts("B") == {}
    assert found.faults() == {"differs": [2, 3, 4, 5]}


def test_what_the_new_row_leaves_open_no_later_row_contradicts():
    found = count("""
        action  order_id  account  lots  side  hedge        tif
        new     1         A        9     -     -            -
        cancel  1         A        1     sell  speculation  fak
    """)
    assert found.faults() == {}


def test_attributes_that_no_rule_reads_are_not_kept_apart():
    log = """
        action  order_id  account  lots  hedge
        new     1         A        9     hedge
        new     2         A        9     speculation
        """
    assert len(count(log).day.cells.contract) == 1
    assert len(count(log, keep=["hedge"]).day.cells.contract) == 2


def test_market_making_is_a_fact_of_the_account_and_the_product():
    found = count(
        """
        action  order_id  account  lots  contract
        new     1         A        9     cu2503
        new     2         A        9     al2503
        new     3         B        9     cu2503
        """,
        keep=["market_maker"],
        makers={"A": "cu zn"},
    )
    assert found.counts("A", market_maker="yes") == {"orders": 1, "messages": 1}
    assert found.counts("A", "al2503", market_maker="yes") == {}
    assert found.counts("B", market_maker="yes") == {}


def test_rows_of_a_contract_are_told_with_the_first_and_the_last():
    found = count("""
        action  order_id  account  lots  contract  seq  ts
        new     1         A        9     cu2503    11   500
        new     2         A        9     al2503    12   600
        cancel  9         -        -     cu2503    13   400
    """)
    cu = found.day.rows[0]
    assert {action.name: n for action, n in cu.actions.items()} == {"NEW": 1, "CANCEL": 1}
    assert (cu.first_seq, cu.last_seq, cu.first_ts, cu.last_ts) == (11, 13, 500, 400)
    assert [rows.contract for rows in found.day.rows] == [0, 1]


def test_the_first_five_rows_of_a_fault_are_named_and_all_are_counted():
    found = count("""
        action  order_id  account  lots  channel
        cancel  1         -        -     3
        cancel  1         -        -     3
        cancel  1         -        -     4
        cancel  1         -        -     4
        cancel  1         -        -     4
        cancel  1         -        -     4
    """)
    (fault,) = found.day.faults
    assert fault.count == 6
    assert [(channel, seq) for channel, seq, _ in fault.first] == [
        (3, 1), (3, 2), (4, 3), (4, 4), (4, 5)
    ]
