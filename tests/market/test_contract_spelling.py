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
    assert starter.named(None, contract).exchange == exchange
    facts = starter.facts(exchange, contract)
    assert (facts.product, facts.tick) == (product, tick)
    assert starter.known(exchange, contract)


@pytest.mark.parametrize(
    ("contract", "exchange", "product"),
    [
        ("cu2007C46000", "SHFE", "cu_o"),
        ("sc2403P630", "INE", "sc_o"),
        ("m1809-C-2950", "DCE", "m_o"),
        ("si2505-P-10000", "GFEX", "si_o"),
        ("SR901C4900", "CZCE", "SR_o"),
        ("sc2503TAS", "INE", "sc_tas"),
    ],
)
def test_options_and_tas_are_products_of_their_own_with_no_known_tick(
    starter, contract, exchange, product
):
    assert starter.named(None, contract).exchange == exchange
    facts = starter.facts(exchange, contract)
    assert (facts.product, facts.tick) == (product, None)


def test_an_option_with_a_code_of_its_own_has_its_own_figures(starter):
    facts = starter.facts("CFFEX", "IO2505-P-4000")
    assert (facts.product, facts.tick, facts.multiplier) == ("IO", 0.2, 100)


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
    assert starter.named(None, contract).exchange == exchange
    facts = starter.facts(exchange, contract)
    assert (facts.product, facts.tick) == (None, None)
    assert starter.known(exchange, contract)


@pytest.mark.parametrize(
    "contract",
    [
        "ABM101", "PM0", "ESH4", "CROISSANTS", "", "cu", "2503", "xx2503",
        "cu250", "cu25031", "m503", "IF503", "SR1503",  # too few digits, or too many, or past
        "cu2500", "cu2513", "SR500", "SR513",  # no month
        " cu2503", "cu2503 ", "cu2503\n", "cu2503.XEX", "XEX.cu2503", "cu2503.DCE", "cu２５03",
        "cu2503TAS",  # TAS is of INE
        "cu2503C", "sc2403X630",
        "IO2503", "IF2503-C-4000",  # IO is an option, IF a future
        "l2602F",  # a month-average contract is of no form that is known
        "SP b1811&cu1901", "SP b1811&b1913", "SP b1811", "SP b1811&b1901&b1903",
        "b1811&b1901", "SP b1811&b1901.CZCE",
    ],
)  # fmt: skip
def test_whatever_does_not_fit_as_a_whole_is_nothing(starter, contract):
    assert starter.named(None, contract).exchange is None
    for exchange in ("SHFE", "INE", "DCE", "CZCE", "CFFEX", "GFEX", "-"):
        facts = starter.facts(exchange, contract)
        assert (facts.product, facts.tick, facts.order_fee) == (None, None, None)
        assert not starter.known(exchange, contract)


def test_a_spelling_says_nothing_at_another_exchange(starter):
    assert starter.facts("DCE", "cu2503").product is None
    assert not starter.known("DCE", "cu2503")
    assert starter.known("SHFE", "cu2503")


@pytest.mark.parametrize(
    ("text", "exchange", "contract"),
    [
        ("cu2503.SHFE", "SHFE", "cu2503"),
        ("SHFE.cu2503", "SHFE", "cu2503"),
        ("CU2503.XSGE", "SHFE", "cu2503"),
        ("CU2503.SHF", "SHFE", "cu2503"),
        ("cu2503.上期所", "SHFE", "cu2503"),
        ("SC2503.XINE", "INE", "sc2503"),
        ("M2505.XDCE", "DCE", "m2505"),
        ("SR2505.ZCE", "CZCE", "SR505"),
        ("SR2505.XZCE", "CZCE", "SR505"),
        ("SR505.CZCE", "CZCE", "SR505"),
        ("IF2503.CCFX", "CFFEX", "IF2503"),
        ("IF2503.CFX", "CFFEX", "IF2503"),
        ("SI2505.GFE", "GFEX", "si2505"),
        ("M1809-C-2950.DCE", "DCE", "m1809-C-2950"),
        ("CZCE.SPD SR505&SR511", "CZCE", "SPD SR505&SR511"),
        ("SP a2505&a2507.DCE", "DCE", "SP a2505&a2507"),
        ("CU2503", "SHFE", "cu2503"),
        ("sr505", "CZCE", "SR505"),
        ("m2505C2950", "DCE", "m2505-C-2950"),
    ],
)
def test_every_foreign_spelling_is_the_exchanges_own(starter, text, exchange, contract):
    assert starter.named(None, text) == (exchange, contract, None)
    assert starter.named(exchange, text) == (exchange, contract, None)
    assert starter.named(None, contract) == (exchange, contract, None)


def test_a_suffix_that_contradicts_the_exchange_told_is_a_problem(starter):
    named = starter.named("DCE", "cu2503.SHFE")
    assert named == (
        "DCE", "cu2503.SHFE", "found 'cu2503.SHFE', expected a contract of DCE, as exchange says")
    assert starter.named("CME", "cu2503.SHFE").problem is not None
    assert starter.named("DCE", "cu2503").problem is None  # no suffix: only nothing known
    assert starter.named("DCE", "xx2503.SHFE").problem is None
    assert starter.named("-", "cu2503.SHFE") == ("-", "cu2503.SHFE", None)


@given(st.text(max_size=20), st.sampled_from([None, "SHFE", "CZCE", "CME", "-"]))
def test_a_name_is_given_once_and_never_raises(starter, text, exchange):
    named = starter.named(exchange, text)
    assert named.contract == text or starter.known(named.exchange, named.contract)
    if named.problem is None:
        assert starter.named(named.exchange, named.contract) == named


@given(st.text(alphabet="aAcCmMuUSRIFPTO0123459-& ", max_size=14))
def test_no_spelling_is_of_two_exchanges(starter, contract):
    exchanges = ("SHFE", "INE", "DCE", "CZCE", "CFFEX", "GFEX")
    fitting = [exchange for exchange in exchanges if starter.known(exchange, contract)]
    assert len(fitting) <= 1
    if fitting:
        assert starter.named(None, contract) == (fitting[0], contract, None)
