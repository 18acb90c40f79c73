"""The starter file: a wrong tick would set good rows aside, so what is not sure is not told."""

from __future__ import annotations

from datetime import date

import pytest

from abtrade.market.contracts import STARTER, STARTER_COLUMNS, load_contracts
from abtrade.schema import EXCHANGES
from abtrade.side_tables import dates_in_order, read_table


def test_it_reads_without_a_note_and_covers_the_six_exchanges():
    starter = read_table(STARTER, STARTER_COLUMNS, check=dates_in_order)
    assert starter.notes == []
    assert {exchange for _, exchange in starter.select("exchange")} == set(EXCHANGES)


def test_a_code_is_of_one_exchange():
    starter = read_table(STARTER, STARTER_COLUMNS)
    codes = {(product, exchange) for _, product, exchange in starter.select("product", "exchange")}
    assert len({product for product, _ in codes}) == len(codes)


def test_ticks_of_one_product_do_not_overlap():
    ends: dict[str, date] = {}
    starter = read_table(STARTER, STARTER_COLUMNS)
    for _, product, start, end in starter.select("product", "from", "to"):
        assert product not in ends or (start and start > ends[product])
        ends[product] = end or date.max


@pytest.mark.parametrize(
    ("exchange", "contract", "tick", "multiplier"),
    [("DCE", "l2505", 1, 5), ("DCE", "v2505", 1, 5), ("SHFE", "bu2506", 1, 10),
     ("CFFEX", "TS2506", 0.002, 20000)],
)  # fmt: skip
def test_where_two_ticks_are_found_and_no_date_only_days_that_are_sure_have_one(
    exchange, contract, tick, multiplier
):
    late = load_contracts(None, date(2023, 9, 15)).facts(exchange, contract)
    assert (late.tick, late.multiplier) == (tick, multiplier)
    before = load_contracts(None, date(2023, 9, 14)).facts(exchange, contract)
    assert (before.product, before.tick) == (contract.rstrip("0123456789"), None)


@pytest.mark.parametrize(("day", "tick"), [(date(2024, 12, 17), 50), (date(2024, 12, 18), 20)])
def test_a_tick_that_changed_on_a_known_day_changes_on_it(day, tick):
    assert load_contracts(None, day).facts("GFEX", "lc2505").tick == tick


def test_before_the_first_day_it_vouches_for_the_product_is_known_and_the_tick_is_not():
    old = load_contracts(None, date(2010, 11, 5)).facts("SHFE", "au1012")
    assert (old.product, old.tick) == ("au", None)
    new = load_contracts(None, date(2021, 1, 1)).facts("SHFE", "au2106")
    assert (new.product, new.tick) == ("au", 0.02)
