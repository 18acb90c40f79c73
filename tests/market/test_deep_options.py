"""Options deep out of the money: by the listed strikes and the previous close of the underlying."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from abtrade.market.contracts import ContractTable, load_contracts

DAY = date(2025, 3, 3)
STRIKES = range(3500, 4501, 50)


def listed(*kinds: str, close: str | None = "4000", strikes=STRIKES) -> ContractTable:
    """Return a table that lists options on an index, each with the index's close."""
    rows = [
        {"contract": f"IO2504-{kind}-{strike}", "underlying_close": close}
        for kind in kinds for strike in strikes
    ]
    return load_contracts(pa.Table.from_pylist(rows), DAY)


def deep(contracts: ContractTable, contract: str, exchange: str = "CFFEX") -> bool | None:
    return contracts.facts(exchange, contract).deep_out_of_the_money


@pytest.mark.parametrize(("contract", "told"), [
    ("IO2504-C-4450", False),  # the 9th above 4000
    ("IO2504-C-4500", True),  # the 10th
    ("IO2504-C-3500", False),  # deep in the money
    ("IO2504-P-3550", False),
    ("IO2504-P-3500", True),
    ("IO2504-P-4500", False),
])
def test_the_tenth_strike_beyond_the_close_is_deep(contract: str, told: bool):
    assert deep(listed("C", "P"), contract) is told


def test_between_two_strikes_the_first_beyond_the_close_is_the_first():
    assert deep(listed("C", close="3999.9"), "IO2504-C-4450") is True
    assert deep(listed("P", close="4000.1"), "IO2504-P-3550") is True


def test_strikes_are_counted_as_listed_however_far_apart():
    contracts = listed("C", strikes=[*range(4010, 4100, 10), 5000])
    assert deep(contracts, "IO2504-C-4090") is False
    assert deep(contracts, "IO2504-C-5000") is True


def test_strikes_of_another_month_are_not_of_the_series():
    rows = [
        {"contract": f"IO250{4 + i % 2}-C-{4010 + 10 * i}", "underlying_close": 4000.0}
        for i in range(20)
    ]
    contracts = load_contracts(pa.Table.from_pylist(rows), DAY)
    assert deep(contracts, "IO2504-C-4200") is None  # not listed in that month
    assert deep(contracts, "IO2504-C-4190") is True
    assert deep(contracts, "IO2505-C-4200") is True
    assert deep(contracts, "IO2505-C-4180") is False


def test_the_close_of_an_underlying_with_a_row_of_its_own_is_taken_from_there():
    rows = [{"contract": "cu2504", "previous_close": 70000.0, "underlying_close": None}] + [
        {"contract": f"cu2504C{70000 + 1000 * i}", "previous_close": 5.0, "underlying_close": 1.0}
        for i in range(1, 12)
    ]
    contracts = load_contracts(pa.Table.from_pylist(rows), DAY)
    assert deep(contracts, "cu2504C79000", "SHFE") is False
    assert deep(contracts, "cu2504C80000", "SHFE") is True
    assert deep(contracts, "cu2504", "SHFE") is None


def test_unknown_stays_unknown():
    assert deep(listed("C", close=None), "IO2504-C-4500") is None
    assert deep(listed("C"), "IO2504-C-4550") is None  # not listed: then others may lack too
    assert deep(load_contracts(None, DAY), "IO2504-C-4500") is None
