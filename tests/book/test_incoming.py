"""The incoming order: it stands outside the queues until its trades are told."""

from __future__ import annotations

import pytest
from books_seen import found, seen

BOOK = """
    new     1    A  buy   100  5
    new     2    A  sell  101  5
    new     3    A  sell  102  5
"""


def after(rows: str, trade: str) -> dict[str, int]:
    return seen(BOOK + rows + trade)


# --- which order it is -------------------------------------------------------------------------


@pytest.mark.parametrize(("order", "incoming"), [
    ("buy 100", False), ("buy 101", True), ("buy 103", True),
    ("sell 102", False), ("sell 101", False), ("sell 100", True), ("sell 99", True),
])
def test_an_order_that_reaches_the_best_of_the_other_side_comes_in(order, incoming):
    """Named as contra order, one that rests is the resting order; one that comes in is not."""
    other = 2 if order.startswith("buy") else 1
    price = 101 if other == 2 else 100
    log = BOOK + f"new 9 B {order} 5\ntrade {other}/9 - - {price} 1\ntrade 9/{other} - - {price} 1"
    assert (seen(log) == {"at_head": 2}) is incoming


def test_no_row_of_its_trades_finds_the_book_crossed():
    log = BOOK + "new 9 B buy 102 8\ntrade 9/2 - - 101 5\ntrade 9/3 - - 102 3\nnew 4 A sell 103 1"
    assert seen(log) == {"at_head": 2}


def test_with_the_lots_that_are_left_it_rests_once_it_reaches_nothing():
    """It rests at 101 after its trade: a sell there trades with it, and with no better buy."""
    rest = "new 9 B buy 101 8\ntrade 9/2 - - 101 5\n"
    assert after(rest, "new 8 A sell 100 9\ntrade 8/9 - - 101 3") == {"at_head": 2}
    assert after(rest, "new 8 A sell 100 9\ntrade 8/1 - - 100 3") == {"at_head": 1, "not_best": 1}


def test_it_rests_at_the_end_of_the_queue_of_its_price():
    log = """
        new     1    A  buy   100  5
        new     2    A  sell  100  2
        trade   2/1  -  -     100  2
        new     3    A  sell  101  5
        new     4    A  buy   101  7
        trade   4/3  -  -     101  5
        new     5    A  buy   101  1
        new     6    A  sell  101  1
        trade   6/{}  -  -    101  1
    """
    assert seen(log.format(4)) == {"at_head": 3}
    assert seen(log.format(5)) == {"at_head": 2, "not_first": 1}


def test_it_rests_when_others_leave_too():
    """A self-match takes the sell off: the buy reaches nothing more, and rests."""
    log = """
        action  order_id  account  side  price  lots  cancel_by
        new     1         A        sell  101    5     -
        new     9         A        buy   101    5     -
        cancel  1         -        -     -      -     self_match
        new     2         A        sell  101    5     -
        trade   2/9       -        -     101    5     -
    """
    assert seen(log) == {"at_head": 1}


def test_with_no_lots_left_it_is_gone():
    log = BOOK + "new 9 B buy 101 5\ntrade 9/2 - - 101 5\nnew 8 A sell 99 5\ntrade 8/1 - - 100 5"
    assert seen(log) == {"at_head": 2}


# --- when it is done ---------------------------------------------------------------------------

TRADED = "trade 8/7 - - 100 1\n"
"""Something has traded, so that no order collects."""


@pytest.mark.parametrize("row", [
    "new 4 A buy 90 1", "carried 4 A buy 90 1", "cancel 3 - - - -", "cancel 77 - - - -",
    "amend 3 - - - 4", "amend 77 - - - 4", "reject 55 B - - 0", "rfq - B - - -",
    "trade 55/3 - - 102 1",
])
def test_any_other_row_finds_it_done(row):
    """The book is crossed then; nothing is lost, for it rests all the same."""
    row = row.replace("rfq - B - - -", "rfq - B - - 0")
    said = found(BOOK + TRADED + "new 9 B buy 101 5\n" + row)
    assert said.book_faults()["crossed"] == [6]
    assert said.book()["crossed"] == 1


@pytest.mark.parametrize("row", [
    "trade 9/2 - - 101 1", "trade 2/9 - - 101 1", "trade 9 - - 101 1", "trade 55 - - 101 1",
    "cancel 9 - - - 1", "cancel 9 - - - -", "amend 9 - - - 4", "amend 9 - - - 6",
])
def test_its_own_rows_and_trades_of_one_order_leave_it(row):
    log = BOOK + TRADED + "new 9 B buy 101 5\n" + row
    assert "crossed" not in seen(log)
    assert ("crossed" in seen(log + "\nnew 4 A buy 90 1")) is not row.startswith("cancel 9 - - - -")


def test_lots_that_a_fill_and_kill_order_lacks_are_gone_before_its_trades():
    """The book is held against them all the same: the log does not tell that it is one."""
    log = BOOK + TRADED + "new 9 B buy 101 8\ncancel 9 - - - 3\ntrade 9/2 - - 101 5"
    assert seen(log)["at_head"] == 1


@pytest.mark.parametrize(("cancel_by", "crossed"), [
    ("self_match", 0), ("client", 1), ("exchange", 1), ("-", 1)
])
def test_a_self_match_belongs_to_what_it_does(cancel_by, crossed):
    log = f"""
        action  order_id  account  side  price  lots  cancel_by
        new     1         A        sell  101    5     -
        trade   8/7       -        -     101    1     -
        new     9         A        buy   101    5     -
        cancel  66        -        -     -      -     {cancel_by}
    """
    assert seen(log).get("crossed", 0) == crossed


def test_rows_of_other_contracts_leave_it():
    log = """
        action  order_id  account  contract  side  price  lots
        new     1         A        cu2503    sell  101    5
        trade   8/7       -        cu2503    -     101    1
        new     9         A        cu2503    buy   101    5
        new     4         A        {}        buy   90     5
        trade   9/1       -        cu2503    -     101    5
    """
    assert seen(log.format("cu2504")) == {"no_lots": 1, "unknown_resting": 1, "at_head": 1}
    assert seen(log.format("cu2503"))["crossed"] == 1


def test_the_order_that_ends_it_can_be_the_next_one_to_come_in():
    log = BOOK + TRADED + """
        new     8    B  buy   101  5
        new     9    B  buy   101  5
        trade   9/2  -  -     101  5
    """
    assert found(log).book_faults()["crossed"] == [6]
    assert seen(log)["at_head"] == 1


def test_at_the_end_of_the_day_nothing_finds_it_done():
    assert "crossed" not in seen(BOOK + TRADED + "new 9 B buy 101 5")


def test_a_carried_order_does_not_come_in():
    """It rests though it reaches the other side; none is done, and none counted as crossed."""
    log = BOOK + TRADED + "carried 9 B buy 101 5\nnew 4 A buy 90 1\ntrade 2/9 - - 101 1"
    assert "crossed" not in seen(log)


# --- amended orders ----------------------------------------------------------------------------


def test_an_amended_order_that_reaches_the_other_side_comes_in():
    log = BOOK + "amend 1 - - 101 5\ntrade 1/2 - - 101 5\nnew 4 A sell 101 1"
    assert seen(log) == {"at_head": 1}


def test_the_lots_raised_count_for_what_comes_in():
    log = BOOK + "amend 1 - - 101 7\ntrade 1/2 - - 101 5\nnew 8 A sell 101 2\ntrade 8/1 - - 101 2"
    assert seen(log) == {"at_head": 2}


@pytest.mark.parametrize(("price", "rests"), [("101", False), ("102", False), ("100", True)])
def test_amended_the_incoming_order_goes_by_its_new_price(price, rests):
    """Where it rests it is behind order 1, and taken before its turn."""
    log = BOOK + f"new 9 B buy 101 5\namend 9 - - {price} 5\ntrade 2/9 - - 101 5"
    assert seen(log) == {"not_first" if rests else "at_head": 1}
