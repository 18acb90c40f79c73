"""Which orders are in the book, and where in their queue: whom a trade takes tells."""

from __future__ import annotations

import pytest
from books_seen import seen

THREE = """
    new     1    A  sell  101  5
    new     2    A  sell  101  5
    new     3    A  sell  102  5
"""
BUYS = "new 9 B buy 102 9\n"


def taken(rows: str, order: int) -> dict[str, int]:
    """Return what is said of a trade of an incoming buy with a sell, after some rows."""
    return seen(THREE + rows + BUYS + f"trade 9/{order} - - 101 1")


def test_of_one_price_the_first_comes_first():
    assert taken("", 1) == {"at_head": 1}
    assert taken("", 2) == {"not_first": 1}


def test_a_better_price_comes_first():
    assert taken("", 3) == {"not_best": 1}
    assert taken("cancel 1 - - - -\ncancel 2 - - - -\n", 3) == {"at_head": 1}
    assert taken("new 4 A sell 100 1\n", 1) == {"not_best": 1}
    assert taken("new 4 A sell 100 1\n", 4) == {"at_head": 1}


def test_of_buys_the_higher_price_is_better():
    log = """
        new     1    A  buy   99  5
        new     2    A  buy   98  5
        new     9    B  sell  98  9
        trade   9/{}  -  -    98  1
    """
    assert seen(log.format(1)) == {"at_head": 1}
    assert seen(log.format(2)) == {"not_best": 1}


def test_a_carried_order_rests_at_the_end_of_its_queue():
    assert taken("carried 4 A sell 101 5\n", 1) == {"at_head": 1}
    assert taken("cancel 1 - - - -\ncarried 4 A sell 101 5\n", 4) == {"not_first": 1}
    assert taken("carried 4 A sell 100 5\n", 4) == {"at_head": 1}


@pytest.mark.parametrize(("gone", "trades"), [
    ("cancel 1 - - - -", 1), ("cancel 1 - - - 5", 1), ("cancel 1 - - - 7", 1),
    ("amend 1 - - - 0", 1), ("trade 8/1 - - 101 5", 2),
])
def test_an_order_without_lots_left_is_out_of_the_book(gone, trades):
    assert taken(gone + "\n", 2) == {"at_head": trades}


@pytest.mark.parametrize("some", ["cancel 1 - - - 4", "amend 1 - - - 1", "trade 8/1 - - 101 4"])
def test_an_order_with_lots_left_keeps_its_place(some):
    assert taken(some + "\n", 2)["not_first"] == 1


# --- unpriced ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("column", "word", "is_in"), [
    ("tif", "-", True), ("tif", "gfd", True), ("tif", "gtc", True), ("tif", "fak", False),
    ("tif", "fok", False), ("order_type", "-", True), ("order_type", "limit", True),
    ("order_type", "quote", True), ("order_type", "combination", True),
    ("order_type", "market", False), ("order_type", "stop", False),
])
def test_what_trades_at_once_or_at_no_price_has_no_place(column, word, is_in):
    log = f"""
        action  order_id  account  side  price  lots  {column}
        new     1         A        sell  100    5     {word}
        new     2         A        sell  101    5     -
        new     9         B        buy   101    9     -
        trade   9/{{}}    -        -     101    1     -
    """
    assert seen(log.format(1)) == {"at_head" if is_in else "unpriced": 1}
    assert seen(log.format(2)) == {"not_best" if is_in else "at_head": 1}


@pytest.mark.parametrize(("side", "price"), [("-", "100"), ("sell", "-")])
def test_an_order_without_side_or_price_has_no_place(side, price):
    log = f"""
        new     1    A  {side}  {price}  5
        new     2    A  sell    101      5
        new     9    B  buy     101      9
        trade   9/{{}}  -  -    101      1
    """
    assert seen(log.format(1)) == {"unpriced": 1}
    assert seen(log.format(2)) == {"at_head": 1}


def test_an_amend_may_give_the_price():
    log = """
        new     1    A  sell  -    5
        new     2    A  sell  101  5
        amend   1    -  -     {}   {}
        new     9    B  buy   101  9
        trade   9/1  -  -     101  1
    """
    assert seen(log.format(100, 5)) == {"at_head": 1}
    assert seen(log.format(101, 3)) == {"not_first": 1}
    assert seen(log.format("-", 3)) == {"unpriced": 1}


def test_an_amend_gives_no_place_to_one_that_may_have_none():
    log = """
        action  order_id  account  side  price  lots  tif
        new     1         A        {}    -      5     {}
        new     2         A        sell  101    5     -
        amend   1         -        sell  100    5     -
        new     9         B        buy   101    9     -
        trade   9/1       -        -     101    1     -
    """
    assert seen(log.format("sell", "-")) == {"at_head": 1}
    assert seen(log.format("-", "-")) == {"unpriced": 1}
    assert seen(log.format("sell", "fak")) == {"unpriced": 1}


# --- amends ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", ["amend 1 - - - 5", "amend 1 - - - 4", "amend 1 - - 101 5",
                                  "amend 1 - - 101 2"])
def test_an_amend_that_keeps_price_and_lots_keeps_the_place(kept):
    assert taken(kept + "\n", 1) == {"at_head": 1}
    assert taken(kept + "\n", 2) == {"not_first": 1}


@pytest.mark.parametrize("lost", ["amend 1 - - - 6", "amend 1 - - 101 6"])
def test_an_amend_that_raises_the_lots_loses_the_place(lost):
    assert taken(lost + "\n", 1) == {"not_first": 1}
    assert taken(lost + "\n", 2) == {"at_head": 1}


def test_lots_are_raised_against_what_is_left():
    assert taken("cancel 1 - - - 3\namend 1 - - - 2\n", 1) == {"at_head": 1}
    assert taken("cancel 1 - - - 3\namend 1 - - - 3\n", 1) == {"not_first": 1}


def test_an_amended_price_goes_to_the_end_of_its_queue():
    assert taken("amend 1 - - 102 5\n", 1) == {"not_best": 1}
    assert taken("amend 1 - - 102 5\ncancel 2 - - - -\n", 1) == {"not_first": 1}
    assert taken("amend 3 - - 101 5\ncancel 1 - - - -\n", 3) == {"not_first": 1}
    assert taken("amend 3 - - 100 5\n", 3) == {"at_head": 1}


def test_there_and_back_again_loses_the_place():
    assert taken("amend 1 - - 103 5\namend 1 - - 101 5\n", 2) == {"at_head": 1}


def test_an_amend_of_a_finished_order_brings_nothing_back():
    assert taken("cancel 1 - - - -\namend 1 - - 100 5\n", 2) == {"at_head": 1}


def test_the_first_of_two_orders_with_one_id_stands():
    assert taken("new 1 A sell 103 5\n", 1) == {"at_head": 1}


# --- what takes lots off -----------------------------------------------------------------------


def test_a_fill_of_more_than_is_left_takes_the_order_out():
    assert taken("trade 8/1 - - 101 9\n", 2) == {"at_head": 2}
    assert taken("trade 8/1 - - 101 4\n", 2) == {"at_head": 1, "not_first": 1}


def test_a_block_trade_takes_lots_off_too():
    log = """
        action  order_id  account  side  price  lots  trade_type
        new     1         A        sell  101    5     -
        new     2         A        sell  101    5     -
        trade   8/1       -        -     101    {}    block
        new     9         B        buy   101    9     -
        trade   9/2       -        -     101    1     -
    """
    assert seen(log.format(5)) == {"off_book": 1, "at_head": 1}
    assert seen(log.format(4)) == {"off_book": 1, "not_first": 1}


def test_contracts_and_exchanges_have_books_of_their_own():
    log = """
        action  order_id  account  contract  side  price  lots
        new     1         A        cu2503    sell  101    5
        new     2         A        {}        sell  101    5
        new     9         B        {}        buy   101    9
        trade   9/2       -        {}        -     101    1
    """
    assert seen(log.format(*["cu2504"] * 3), "cu2504") == {"at_head": 1}
    assert seen(log.format(*["cu2503"] * 3), "cu2503") == {"not_first": 1}
