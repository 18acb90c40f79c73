"""Cancels, large cancels, automatic remainders, and who took the order off."""

from __future__ import annotations

import pytest

from .table import count, rule

LARGE = [rule("large_cancels@300")]


def test_a_cancel_without_lots_takes_off_all_that_is_left():
    found = count("""
        action  order_id  account  lots
        new     1         A        5
        trade   1/9       -/B      2
        cancel  1         -        -
        cancel  1         -        1
    """)
    assert found.counts("A") == {"orders": 1, "messages": 2, "cancels": 1, "filled_orders": 1}
    assert found.faults() == {"unknown_order": [2], "event_after_finish": [4]}


def test_an_order_can_be_cancelled_in_parts():
    found = count("""
        action  order_id  account  lots
        new     1         A        5
        cancel  1         -        2
        cancel  1         -        3
    """)
    assert found.counts("A") == {"orders": 1, "messages": 3, "cancels": 2}
    assert found.faults() == {}


def test_a_cancel_of_no_lots_counts_nothing_and_is_no_message():
    found = count("""
        action  order_id  account  lots
        new     1         A        5
        cancel  1         -        0
        cancel  8         B        0
    """)
    assert found.counts("A") == {"orders": 1, "messages": 1}
    assert found.counts("B") == {}
    assert found.faults() == {"unknown_order": [3]}


def test_an_event_on_a_finished_order_counts_nothing():
    found = count("""
        action  order_id  account  lots
        new     1         A        5
        trade   1/9       -/B      5
        cancel  1         -        -
        amend   1         -        3
    """)
    assert found.counts("A") == {"orders": 1, "messages": 1, "filled_orders": 1}
    assert found.faults() == {"unknown_order": [2], "event_after_finish": [3, 4]}


def test_a_cancel_of_more_than_is_left_counts_with_the_lots_left():
    log = """
        action  order_id  account  lots
        new     1         A        299
        cancel  1         -        {lots}
        """
    over = count(log.format(lots=300), rules=LARGE)
    assert over.counts("A") == {"orders": 1, "messages": 2, "cancels": 1}
    assert over.faults() == {"cancel_over_left": [2]}
    assert count(log.format(lots=299), rules=LARGE).faults() == {}


@pytest.mark.parametrize(("lots", "large"), [("300", 1), ("299", 0), ("-", 1)])
def test_a_cancel_is_large_by_the_lots_it_took_off_and_not_by_its_order(lots, large):
    found = count(
        f"""
        action  order_id  account  lots
        new     1         A        400
        cancel  1         -        {lots}
        """,
        rules=LARGE,
    )
    assert found.counts("A").get("large_cancels@300", 0) == large


def test_what_was_filled_before_is_not_taken_off():
    found = count(
        """
        action  order_id  account  lots
        new     1         A        400
        trade   1/9       -        101
        cancel  1         -        -
        """,
        rules=LARGE,
    )
    assert found.counts("A") == {"orders": 1, "messages": 2, "cancels": 1, "filled_orders": 1}


def test_each_size_is_a_count_of_its_own():
    found = count(
        """
        action  order_id  account  lots
        new     1         A        400
        cancel  1         -        100
        cancel  1         -        -
        """,
        rules=[rule("large_cancels@300"), rule("large_cancels@100")],
    )
    large = {"large_cancels@100": 2, "large_cancels@300": 1}
    assert found.counts("A") == {"orders": 1, "messages": 3, "cancels": 2, **large}


# --- automatic remainders ----------------------------------------------------------------------

REMAINDER = """
    action  order_id  account  lots  tif    cancel_by
    new     1         A        400   {tif}  -
    cancel  1         -        -     -      {by}
    """


@pytest.mark.parametrize("tif", ["fak", "fok"])
@pytest.mark.parametrize("by", ["-", "client", "exchange"])
def test_an_automatic_remainder_counts_as_by_the_client(tif, by):
    found = count(REMAINDER.format(tif=tif, by=by), keep=["cancel_by"])
    assert found.counts("A", cancel_by="client") == {"cancels": 1, "messages": 1}


@pytest.mark.parametrize("by", ["expiry", "self_match", "disconnect"])
def test_a_fak_cancel_by_another_is_no_remainder_and_no_message(by):
    found = count(REMAINDER.format(tif="fak", by=by), keep=["cancel_by"])
    assert found.counts("A", cancel_by=by) == {"cancels": 1}


@pytest.mark.parametrize(
    ("by", "who", "messages"),
    [
        ("client", "client", 1),
        ("forced", "forced", 1),
        ("-", "unnamed", 1),
        ("exchange", "exchange", 0),
        ("expiry", "expiry", 0),
        ("self_match", "self_match", 0),
        ("disconnect", "disconnect", 0),
    ],
)
def test_who_took_it_off_decides_whether_a_cancel_is_a_message(by, who, messages):
    found = count(REMAINDER.format(tif="gfd", by=by), keep=["cancel_by"])
    cancelled = found.counts("A", cancel_by=who)
    assert cancelled == {"cancels": 1, **({"messages": messages} if messages else {})}


def test_a_forced_cancel_of_a_fak_order_is_a_message_as_forced():
    found = count(REMAINDER.format(tif="fak", by="forced"), keep=["cancel_by"])
    assert found.counts("A", cancel_by="forced") == {"cancels": 1, "messages": 1}


def test_without_the_column_nobody_is_asked():
    found = count(
        """
        action  order_id  account  lots  tif
        new     1         A        5     fak
        new     2         A        5     gfd
        cancel  1         -        -     -
        cancel  2         -        -     -
        """,
        keep=["cancel_by"],
    )
    everything = {"orders": 2, "messages": 4, "cancels": 2}
    assert found.counts("A", cancel_by="-") == found.counts("A") == everything


@pytest.mark.parametrize(
    ("exchange", "large"), [("SHFE", 0), ("INE", 0), ("CFFEX", 0), ("DCE", 1), ("CZCE", 1)]
)
def test_a_remainder_of_null_lots_is_never_large_where_its_trades_come_after_it(exchange, large):
    log = REMAINDER.format(tif="fak", by="-")
    found = count(log, rules=LARGE, exchange=exchange)
    assert found.counts("A")["cancels"] == 1
    assert found.counts("A").get("large_cancels@300", 0) == large


@pytest.mark.parametrize(("tif", "by", "lots"), [
    ("gfd", "-", "-"),  # no remainder
    ("fak", "forced", "-"),  # no remainder
    ("fak", "-", "300"),  # says how many
])
def test_other_cancels_are_large_there_too(tif, by, lots):
    found = count(
        f"""
        action  order_id  account  lots  tif    cancel_by
        new     1         A        400   {tif}  -
        cancel  1         -        {lots}  -    {by}
        """,
        rules=LARGE,
    )
    assert found.counts("A")["large_cancels@300"] == 1


@pytest.mark.parametrize(("tif", "fault"), [("fak", {}), ("fok", {}), ("gfd", {
    "trade_after_finish": [3, 4]})])
def test_trades_after_the_cancel_of_a_fak_order_are_no_fault(tif, fault):
    found = count(f"""
        action   order_id  account  lots  tif    trade_id  contra_order_id
        new      1         A        10    {tif}  -         -
        cancel   1         -        -     -      -         -
        trade    1         -        6     -      50        -
        trade    1         -        9     -      51        -
        carried  2         B        99    -      -         -
        trade    2         -        6     -      50        -
        trade    2         -        9     -      51        -
    """)
    assert found.counts("A") == {"orders": 1, "messages": 2, "cancels": 1, "filled_orders": 1}
    assert found.faults() == fault


def test_such_a_cancel_of_a_part_leaves_the_rest_to_trade():
    found = count("""
        action   order_id  account  lots  tif
        new      1         A        10    fak
        carried  2         B        99    gfd
        cancel   1         -        4     -
        trade    1/2       -        6     -
        cancel   1         -        -     -
    """)
    assert found.counts("A") == {"orders": 1, "messages": 2, "cancels": 1, "filled_orders": 1}
    assert found.faults() == {"event_after_finish": [5]}


def test_a_fak_order_that_was_filled_whole_is_finished_as_any_other():
    found = count("""
        action   order_id  account  lots  tif
        new      1         A        10    fak
        carried  2         B        99    gfd
        trade    1/2       -        10    -
        trade    1/2       -        1     -
    """)
    assert found.faults() == {"trade_after_finish": [4]}


def test_no_remainder_is_inferred_where_the_log_has_no_row():
    found = count("""
        action   order_id  account  lots  tif
        new      1         A        10    fak
        carried  2         B        99    gfd
        trade    1/2       -        4     -
    """)
    assert found.counts("A") == {"orders": 1, "messages": 1, "filled_orders": 1}


def test_a_cancel_has_the_attributes_of_its_order_and_the_phase_of_its_row():
    found = count(
        """
        action  order_id  account  lots  hedge      order_type  phase
        new     1         A        9     arbitrage  quote       auction
        cancel  1         -        -     -          -           continuous
        """,
        keep=["hedge", "order_type", "phase"],
    )
    of_cancel = {"hedge": "arbitrage", "order_type": "quote", "phase": "continuous"}
    assert found.counts("A", **of_cancel) == {"cancels": 1, "messages": 1}
