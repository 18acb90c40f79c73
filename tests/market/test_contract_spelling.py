"""A contract's exchange and product come from its whole spelling, or from nothing."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abtrade.market.contracts import ContractTable, load_contracts


@pytest.fixture(scope="module")
def starter() -> ContractTable:
    return load_contracts(None, date(2025, 3, 3))


@pytest.mark.parametrize(
    ("contract", "exchange", "product", "tick"),
    [
        ("cu2503", "SHFE", "cu", 10),
        ("au2512", "SHFE", "au", 0.02),
        ("sc2503", "INE", "sc", 0.1),
        ("m2505", "DCE", "m", 1),
        ("pp2505", "DCE", "pp", 1),
        ("si2505", "GFEX", "si", 5),
        ("SR503", "CZCE", "SR", 1),
        ("AP510", "CZCE", "AP", 1),
        ("IF2503", "CFFEX", "IF", 0.2),
        ("T2503", "CFFEX", "T", 0.005),
    ],
)
def test_a_future_has_its_products_tick(starter, contract, exchange, product, tick):
    assert starter.exchange_of(contract) == exchange
    facts = starter.facts(exchange, contract)
    assert (facts.product, facts.tick, facts.order_fee) == (product, tick, None)
    assert starter.known(exchange, contract)


@pytest.mark.parametrize(
    ("contract", "exchange", "product"),
    [
        ("cu2007C46000", "SHFE", "cu_o"),
        ("sc2403P630", "INE", "sc_o"),
        ("m1809-C-2950", "DCE", "m_o"),
        ("si2505-P-10000", "GFEX", "si_o"),
        ("SR901C4900", "CZCE", "SR_o"),
        ("IO2005-P-4000", "CFFEX", "IO"),
        ("sc2503TAS", "INE", "sc_tas"),
    ],
)
def test_options_and_tas_are_products_of_their_own_with_no_known_tick(
    starter, contract, exchange, product
):
    assert starter.exchange_of(contract) == exchange
    facts = starter.facts(exchange, contract)
    assert (facts.product, facts.tick) == (product, None)


@pytest.mark.parametrize(
    ("contract", "exchange"),
    [
        ("SP b1811&b1901", "DCE"),
        ("SPC a2101&m2101", "DCE"),
        ("SPD SR005&SR011", "CZCE"),
        ("STD SR005C5000&SR005P5000", "CZCE"),
    ],
)
def test_a_combination_is_of_its_legs_exchange_and_of_no_product(starter, contract, exchange):
    assert starter.exchange_of(contract) == exchange
    facts = starter.facts(exchange, contract)
    assert (facts.product, facts.tick) == (None, None)
    assert starter.known(exchange, contract)


@pytest.mark.parametrize(
    "contract",
    [
        "ABM101", "PM0", "ESH4", "CROISSANTS", "", "cu", "2503", "xx2503",
        "CU2503", "ap2503", "ap503", "if2503",  # another case
        "cu250", "cu25031", "SR2503", "m503", "IF503",  # too few digits, or too many
        "cu2500", "cu2513", "SR500", "SR513",  # no month
        " cu2503", "cu2503 ", "cu2503\n", "cu2503.SHFE", "cu２５03",
        "cu2503TAS",  # TAS is of INE
        "cu2503C", "m2505C2950", "cu2503-C-46000", "sc2403X630", "SR901-C-4900",
        "IO2503", "IF2503-C-4000",  # IO is an option, IF a future
        "l2602F",  # a month-average contract is of no form that is known
        "SP b1811&cu1901", "SP b1811&b1913", "SP b1811", "SP b1811&b1901&b1903",
        "SP  b1811&b1901", "b1811&b1901", "sp b1811&b1901",
    ],
)  # fmt: skip
def test_whatever_does_not_fit_as_a_whole_is_nothing(starter, contract):
    assert starter.exchange_of(contract) is None
    for exchange in ("SHFE", "INE", "DCE", "CZCE", "CFFEX", "GFEX", "-"):
        facts = starter.facts(exchange, contract)
        assert (facts.product, facts.tick, facts.order_fee) == (None, None, None)
        assert not starter.known(exchange, contract)


def test_a_spelling_says_nothing_at_another_exchange(starter):
    assert starter.facts("DCE", "cu2503").product is None
    assert not starter.known("DCE", "cu2503")
    assert starter.known("SHFE", "cu2503")


def test_contracts_that_matched_nothing_can_be_asked():
    table = load_contracts(None, date(2025, 3, 3))
    assert table.unmatched == []
    for exchange, contract in (("SHFE", "cu2503"), ("-", "PM0"), ("-", "ABM101"), ("-", "PM0")):
        table.facts(exchange, contract)
    assert table.unmatched == [("-", "ABM101"), ("-", "PM0")]


@given(st.text(alphabet="aAcCmMuUSRIFPTO0123459-& ", max_size=14))
def test_no_spelling_is_of_two_exchanges(starter, contract):
    exchanges = ("SHFE", "INE", "DCE", "CZCE", "CFFEX", "GFEX")
    fitting = [exchange for exchange in exchanges if starter.known(exchange, contract)]
    assert len(fitting) <= 1
    assert starter.exchange_of(contract) == (fitting[0] if fitting else None)
