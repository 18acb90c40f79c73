"""Facts that ship: what is told, from which day on, by which source, and what a user's row does."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from abtrade.market.contracts import load_contracts
from abtrade.market.products import Products
from abtrade.market.shipped_facts import COLUMNS, FACTS, SHIPPED
from abtrade.side_tables import dates_in_order, overlapping, read_table


def rows():
    table = read_table(SHIPPED, COLUMNS, check=dates_in_order)
    assert table.notes == []
    return list(table.select(*COLUMNS))


def facts(day: str, exchange: str, contract: str, table=None):
    found = load_contracts(table, date.fromisoformat(day))
    return found.describe(exchange, contract)


def test_no_two_rows_of_one_product_or_kind_state_a_fact_for_one_day():
    of: dict[tuple, list] = {}
    for number, exchange, product, kind, *cells, start, end, _, _ in rows():
        for fact, value in zip(FACTS, cells, strict=True):
            if value is not None:
                of.setdefault((exchange, product, kind, fact), []).append((start, end, number))
    assert [pair for spans in of.values() for pair in overlapping(spans)] == []


def test_each_row_names_a_product_that_its_exchange_has_and_states_something():
    products = Products(date(2025, 3, 3))
    for number, exchange, product, kind, *cells, start, _, _, source in rows():
        assert product is None or products.has(exchange, product), number
        assert product is None or (kind == "option") == (
            product.endswith("_o") or product in ("IO", "MO", "HO")
        ), number
        assert any(cell is not None for cell in cells), number
        assert start is not None, number
        assert len(source) > 20, number


@pytest.mark.parametrize(
    ("exchange", "contract", "first", "before"),
    [
        ("SHFE", "cu2210", "2022-08-05", "2022-08-04"),
        ("SHFE", "cu2210C60000", "2022-08-05", "2022-08-04"),
        ("SHFE", "ag2503C8000", "2024-10-25", "2024-10-24"),
        ("INE", "sc2203", "2021-11-26", "2021-11-25"),
        ("DCE", "p2205", "2021-11-26", "2021-11-25"),
        ("DCE", "m2501", "2024-06-03", "2024-06-02"),
        ("DCE", "jd2501", "2024-10-25", "2024-10-24"),
        ("DCE", "m2501-C-3000", "2024-10-25", "2024-10-24"),
        ("CZCE", "TA205", "2021-11-26", "2021-11-25"),
        ("CZCE", "MA301", "2022-08-05", "2022-08-04"),
        ("CZCE", "CF501", "2024-10-25", "2024-10-24"),
        ("CZCE", "SR501C6000", "2024-10-25", "2024-10-24"),
        ("CFFEX", "IF1509", "2015-08-03", "2015-07-31"),
        ("CFFEX", "T2409", "2024-07-01", "2024-06-28"),
    ],
)
def test_an_order_fee_is_known_from_its_first_day_and_not_before(exchange, contract, first, before):
    found = facts(first, exchange, contract)
    assert found.facts["order_fee"] is True
    assert found.sources["order_fee"].startswith(f"shipped, from {first}: ")
    assert "order_fee" not in facts(before, exchange, contract).facts


@pytest.mark.parametrize(
    ("exchange", "contract"),
    [("GFEX", "si2609"), ("SHFE", "ao2609"), ("INE", "ec2608"), ("CFFEX", "MO2609-C-6000"),
     ("CFFEX", "HO2609-C-2700"), ("INE", "sc2609TAS"), ("DCE", "lg2609")],
)  # fmt: skip
def test_where_no_source_was_seen_nothing_is_known(exchange, contract):
    assert "order_fee" not in facts("2026-07-06", exchange, contract).facts


def test_no_row_says_that_there_is_no_order_fee():
    """It would silence the brackets of a desk's own fee table."""
    assert {row[1 + list(COLUMNS).index("order_fee")] for row in rows()} == {True, None}


@pytest.mark.parametrize(
    ("exchange", "contract", "day", "limit", "market"),
    [
        ("CFFEX", "IM2208", "2022-07-22", 20, 10),
        ("CFFEX", "IO2002-C-4000", "2019-12-23", 20, None),
        ("CFFEX", "TL2306", "2023-04-21", 50, 30),
        ("SHFE", "cu2609", "2026-07-06", 500, 60),
        ("SHFE", "cu2609", "2026-07-03", None, None),
        ("DCE", "lg2507", "2024-11-18", 1000, None),
        ("CFFEX", "IF2503", "2025-03-03", None, None),
    ],
)
def test_sizes_of_limit_and_of_market_orders(exchange, contract, day, limit, market):
    found = facts(day, exchange, contract).facts
    assert (found.get("max_order_lots"), found.get("max_market_order_lots")) == (limit, market)


def test_a_users_row_wins_and_its_blank_asks_the_shipped_ones():
    cells = {"exchange": ["SHFE", "SHFE"], "product": ["cu", "al"], "order_fee": ["false", None]}
    table = pa.table({**cells, "max_order_lots": ["40", "50"]})
    copper = facts("2026-07-06", "SHFE", "cu2609", table)
    aluminium = facts("2026-07-06", "SHFE", "al2609", table)
    assert (copper.facts["order_fee"], copper.facts["max_order_lots"]) == (False, 40)
    assert copper.sources["order_fee"] == "contracts table row 1"
    assert copper.facts["max_market_order_lots"] == 60
    assert (aluminium.facts["order_fee"], aluminium.facts["max_order_lots"]) == (True, 50)
    assert aluminium.sources["order_fee"].startswith("shipped")


def test_a_contract_whose_product_a_user_tells_is_asked_of_nothing_else():
    table = pa.table({"contract": ["cu2609"], "exchange": ["SHFE"], "product": ["special"]})
    assert "order_fee" not in facts("2026-07-06", "SHFE", "cu2609", table).facts


def test_a_dump_of_ctp_tells_both_sizes(tmp_path):
    path = tmp_path / "instruments.csv"
    path.write_text(
        "InstrumentID,ExchangeID,MaxLimitOrderVolume,MaxMarketOrderVolume\ncu2609,SHFE,400,0\n"
    )
    told = facts("2026-07-06", "SHFE", "cu2609", path).facts
    assert (told["max_order_lots"], told["max_market_order_lots"]) == (400, 60)
