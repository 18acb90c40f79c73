"""Auctions: where orders collect nothing comes in, and a book may be crossed."""

from __future__ import annotations

import pytest
from books_seen import found, seen

# --- by phase ----------------------------------------------------------------------------------

PHASED = "action order_id account side price lots phase\n"


def phased(rows: str) -> dict[str, int]:
    return seen(PHASED + rows)


@pytest.mark.parametrize(("phase", "collects"), [
    ("auction", True), ("closed", True), ("continuous", False)
])
def test_orders_collect_in_an_auction_and_while_closed(phase, collects):
    """None of three orders that reach each other is done with the book crossed."""
    said = phased(f"""
        new     1    A  buy   101  5  {phase}
        new     2    A  sell  100  5  {phase}
        new     3    A  buy   102  5  {phase}
        trade   3/2  -  -     101  5  {phase}
    """)
    assert said == ({"auction": 1} if collects else {"crossed": 1, "at_head": 1})


def test_what_collected_stands_in_queues():
    """The first trade after the auction takes who came first at the best price."""
    log = """
        new     1    A  buy   101  5  auction
        new     2    A  buy   101  5  auction
        new     3    A  buy   102  5  auction
        new     4    A  sell  100  5  auction
        trade   3/4  -  -     101  5  auction
        new     9    B  sell  101  5  continuous
        trade   9/{}  -  -    101  1  continuous
    """
    assert phased(log.format(1)) == {"auction": 1, "at_head": 1}
    assert phased(log.format(2)) == {"auction": 1, "not_first": 1}


CROSSED = """
    new     1    A  buy   101  5  auction
    new     2    A  sell  100  5  auction
"""


def test_an_auction_that_leaves_the_book_crossed_counts_once_at_the_first_row_after_it():
    log = CROSSED + "new 3 A buy 90 1 {}\nnew 4 A buy 90 1 {}\nnew 5 A buy 90 1 {}"
    assert found(PHASED + log.format(*["continuous"] * 3)).book_faults() == {"crossed": [3]}
    assert found(PHASED + log.format("closed", "-", "-")).book_faults() == {"crossed": [4]}
    assert phased(log.format(*["continuous"] * 3)) == {"crossed": 1}
    assert phased(log.format(*["auction"] * 3)) == {}


def test_each_auction_counts_for_itself():
    log = CROSSED + "new 3 A buy 90 1 continuous\n"
    assert phased(log + "new 4 A buy 90 1 auction\nnew 5 A buy 90 1 continuous") == {"crossed": 2}
    assert phased(log + "cancel 1 - - - - auction\nnew 5 A buy 90 1 continuous") == {"crossed": 1}


def test_the_trades_of_the_auction_uncross_the_book():
    log = CROSSED + "trade 2/1 - - 101 {} auction\nnew 3 A buy 90 1 continuous"
    assert phased(log.format(5)) == {"auction": 1}
    assert phased(log.format(4)) == {"auction": 1, "crossed": 1}


def test_who_comes_in_at_once_after_the_auction_is_not_the_auctions():
    log = CROSSED.replace("100", "102") + "new 3 A buy 102 5 continuous\ntrade 3/2 - - 102 5 -"
    assert phased(log) == {"at_head": 1}


def test_done_at_a_row_of_an_auction_is_not_crossed():
    log = """
        new     1    A  sell  101  5  continuous
        trade   8/7  -  -     101  1  continuous
        new     9    B  buy   101  5  continuous
        new     4    B  buy   90   5  {}
    """
    base = {"no_lots": 1, "unknown_resting": 1}
    assert phased(log.format("auction")) == base
    assert phased(log.format("continuous")) == base | {"crossed": 1}


def test_an_incoming_order_stays_that_through_its_trades_in_an_auction():
    log = """
        new     1    A  sell  101  5  continuous
        new     9    B  buy   101  5  continuous
        trade   9/1  -  -     101  1  auction
        trade   9/1  -  -     101  1  continuous
    """
    assert phased(log) == {"auction": 1, "at_head": 1}


def test_a_row_that_finds_both_is_counted_twice_and_named_once():
    log = """
        new     1    A  sell  101  5  continuous
        new     9    B  buy   101  5  continuous
        trade   9/1  -  -     101  1  auction
        new     4    B  buy   90   5  continuous
    """
    assert phased(log) == {"auction": 1, "crossed": 2}
    assert found(PHASED + log).book_faults() == {"crossed": [4]}


# --- without a phase ---------------------------------------------------------------------------

OPENING = """
    new     1    A  buy   101  5
    new     2    A  sell  100  5
    new     3    A  buy   101  5
"""


def test_a_log_without_phases_may_open_with_an_auction():
    log = OPENING + "trade 1/2 - - 101 {}\nnew 9 B sell 101 5\ntrade 9/3 - - 101 1"
    assert seen(log.format(5)) == {"auction": 1, "at_head": 1}


def test_it_ends_once_something_has_traded_and_the_book_is_not_crossed():
    log = OPENING + "trade 1/2 - - 101 4\ntrade 1/2 - - 101 1\n"
    assert seen(log + "new 9 B sell 101 5\ntrade 9/3 - - 101 1") == {"auction": 2, "at_head": 1}
    assert seen(OPENING + "cancel 2 - - - -\nnew 9 B sell 101 5\ntrade 9/1 - - 101 1") == {
        "auction": 1
    }
    assert seen(OPENING + "trade 8 - - 101 1\ncancel 2 - - - -\nnew 9 B sell 101 5\n"
                "trade 9/1 - - 101 1") == {"auction": 1, "at_head": 1}


def test_after_a_trade_none_begins():
    log = "trade {} - - 101 1" + OPENING
    assert seen(log.format("8")) == {"one_sided": 1, "crossed": 1}
    log = OPENING + "trade 1/2 - - 101 5\nnew 9 B sell 101 5\nnew 8 B sell 102 5"
    assert seen(log) == {"auction": 1, "crossed": 1}


@pytest.mark.parametrize(("trade_type", "begins"), [
    ("block", True), ("efp", True), ("exercise", True), ("-", False), ("normal", False),
    ("combination_leg", False),
])
def test_trades_off_the_book_begin_no_trading(trade_type, begins):
    log = f"""
        action  order_id  account  side  price  lots  trade_type
        trade   8         -        -     101    1     {trade_type}
        new     1         A        buy   101    5     -
        new     2         A        sell  100    5     -
        new     3         A        buy   90     5     -
    """
    assert seen(log) == ({"off_book": 1} if begins else {"one_sided": 1, "crossed": 1})


def test_a_row_with_a_phase_goes_by_that():
    log = """
        new     1    A  buy   101  5  -
        new     2    A  sell  100  5  -
        new     3    A  buy   101  5  -
        trade   3/2  -  -     101  1  {}
    """
    assert phased(log.format("-")) == {"auction": 1}
    assert phased(log.format("auction")) == {"auction": 1}
    assert phased(log.format("continuous")) == {"at_head": 1}


def test_a_book_that_never_crosses_opens_without_an_auction():
    log = "new 1 A buy 101 5\nnew 2 A sell 102 5\nnew 3 A buy 102 5\ntrade 3/2 - - 102 5"
    assert seen(log) == {"at_head": 1}
