"""Contracts as other tools spell them: each is the exchange's own, or nothing."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abtrade.market.contracts import STARTER, STARTER_COLUMNS
from abtrade.market.exchanges import OTHER_NAMES, exchange_named
from abtrade.market.respelling import STYLES, parse_foreign, split_exchange, write
from abtrade.market.spelling import Contract, parse
from abtrade.side_tables import read_table

DAY = date(2025, 3, 3)
PRODUCTS = {row[1:] for row in read_table(STARTER, STARTER_COLUMNS).select(
    "exchange", "kind", "product")}  # fmt: skip


def is_product(exchange: str, kind: str, code: str, _: str) -> bool:
    return (exchange, kind, code) in PRODUCTS


def own(exchange: str, text: str, day: date = DAY) -> Contract:
    found = parse(text, exchange, day, is_product)
    assert found is not None, text
    return found


def foreign(exchange: str, text: str, day: date = DAY) -> Contract | None:
    return parse_foreign(text, exchange, day, is_product)


def spellings() -> list[Contract]:
    """Return a future, and where the exchange has them an option, a pair and more, a product."""
    found = []
    for exchange, kind, code in sorted(PRODUCTS):
        digits = "505" if exchange == "CZCE" else "2505"
        dash = "-" if exchange in ("DCE", "GFEX", "CFFEX") else ""
        future, option = code + digits, f"{code}{digits}{dash}C{dash}4000"
        if kind == "future":
            found.append(own(exchange, future))
            found.append(own(exchange, f"SP {future}&{code}{digits[:-2]}12"))
        if kind == "option" or exchange != "CFFEX":
            found.append(own(exchange, option))
        if exchange == "INE":
            found.append(own(exchange, future + "TAS"))
    return found


@pytest.mark.parametrize("style", STYLES)
def test_what_is_written_is_read_back_for_every_product(style):
    """The twin, that nothing else is read, is in test_contract_spelling."""
    for contract in spellings():
        text = write(contract, style)
        exchange, rest = split_exchange(text)
        assert exchange == (None if style == "exchange" else contract.exchange), text
        assert foreign(contract.exchange, rest) == contract, text


def test_the_ways_of_writing_are_those_of_the_tools():
    told = [
        [write(own(exchange, text), style) for style in STYLES]
        for exchange, text in (("SHFE", "cu2503"), ("CZCE", "SR503"), ("DCE", "m2505-C-2950"))
    ]
    assert told == [
        ["cu2503", "cu2503.SHFE", "SHFE.cu2503", "CU2503.XSGE", "CU2503.SHF"],
        ["SR503", "SR503.CZCE", "CZCE.SR503", "SR2503.XZCE", "SR2503.ZCE"],
        ["m2505-C-2950", "m2505-C-2950.DCE", "DCE.m2505-C-2950", "M2505-C-2950.XDCE",
         "M2505-C-2950.DCE"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("exchange", "text", "code"),
    [
        ("SHFE", "CU2503", "cu2503"),
        ("SHFE", "Cu2007c46000", "cu2007C46000"),
        ("SHFE", "cu2007-C-46000", "cu2007C46000"),
        ("DCE", "M2505C2950", "m2505-C-2950"),
        ("GFEX", "SI2505", "si2505"),
        ("CZCE", "sr503", "SR503"),
        ("CZCE", "SR2503", "SR503"),
        ("CZCE", "SR2503C4900", "SR503C4900"),
        ("CZCE", "SR2503-P-4900", "SR503P4900"),
        ("CZCE", "spd SR2505&SR2511", "SPD SR505&SR511"),
        ("CFFEX", "if2503", "IF2503"),
        ("CFFEX", "IO2503P4000", "IO2503-P-4000"),
        ("INE", "SC2503tas", "sc2503TAS"),
        ("DCE", "SP b2511 & b2601", "SP b2511&b2601"),
    ],
)
def test_case_dashes_and_the_decade_are_forgiven(exchange, text, code):
    found = foreign(exchange, text)
    assert found is not None
    assert found == own(exchange, code)


@pytest.mark.parametrize(
    ("exchange", "text"),
    [
        ("SHFE", "cu503"), ("SHFE", "cu2513"), ("DCE", "cu2503"), ("CZCE", "SR1503"),
        ("CZCE", "SR3503"), ("SHFE", "cu2503TAS"), ("CFFEX", "IF2503C4000"), ("SHFE", "cu 2503"),
        ("SHFE", "cu_2503"), ("DCE", "SP b2511&cu2601"), ("SHFE", "cu2503C"), ("XEX", "cu2503"),
        ("SHFE", "cu２５03"), ("SHFE", ""), ("CZCE", "SR503C" + "9" * 5000),
    ],
)  # fmt: skip
def test_what_is_none_stays_none(exchange, text):
    assert foreign(exchange, text) is None


@pytest.mark.parametrize(
    ("day", "text", "month"),
    [
        (date(2025, 3, 3), "SR503", 202503),
        (date(2025, 3, 31), "SR503", 202503),
        (date(2025, 4, 1), "SR503", 203503),  # delivered: the next of that name
        (date(2029, 12, 31), "SR912", 202912),
        (date(2029, 12, 31), "SR001", 203001),
        (date(2030, 1, 2), "SR001", 203001),
        (date(2030, 1, 2), "SR912", 203912),
        (date(2019, 11, 1), "SR011", 202011),
        (date(2010, 11, 5), "SR105", 201105),
    ],
)
def test_the_decade_of_czce_is_the_first_that_is_not_over(day, text, month):
    assert own("CZCE", text, day).month == month
    long = f"SR{month // 100 % 100:02d}{text[-2:]}"
    assert foreign("CZCE", long, day) == own("CZCE", text, day)
    assert foreign("CZCE", f"SR{(month // 100 + 10) % 100:02d}{text[-2:]}", day) is None


def test_what_a_spelling_tells():
    assert own("SHFE", "cu2503")[2:5] == ("future", "cu", 202503)
    assert own("CZCE", "SR509C4900")[2:] == (
        "option", "SR_o", 202509, "call", 4900, "SR509", "SR509_o", ())  # fmt: skip
    assert own("CFFEX", "IO2503-P-4000")[2:] == (
        "option", "IO", 202503, "put", 4000, None, "IO2503", ())  # fmt: skip
    tas = own("INE", "sc2503TAS")
    assert (tas.kind, tas.product, tas.underlying) == ("tas", "sc_tas", "sc2503")
    pair = own("DCE", "SP b2511&b2601")
    assert (pair.kind, pair.product, pair.month) == ("combination", None, None)
    assert [leg.code for leg in pair.legs] == ["b2511", "b2601"]


def test_every_name_of_an_exchange_is_one_of_the_six():
    for exchange, names in OTHER_NAMES.items():
        assert {exchange_named(name) for name in (exchange, exchange.lower(), *names)} == {exchange}
        assert {exchange_named(name.lower()) for name in names} == {exchange}
    assert [exchange_named(name) for name in ("CME", "cme", "-", "", "ſhfe", "SHFE ")] == [
        "CME", "cme", "-", "", "ſhfe", "SHFE "]  # fmt: skip


@given(st.text(max_size=20), st.sampled_from(["SHFE", "INE", "DCE", "CZCE", "CFFEX", "GFEX", "-"]))
def test_no_text_raises(text, exchange):
    found = foreign(exchange, split_exchange(text).text)
    assert found is None or found.exchange == exchange


@given(st.text(alphabet="aAcCmMuUSsRIFPT012345-&. ", max_size=16))
def test_nothing_like_a_contract_raises_and_reading_twice_is_reading_once(text):
    for exchange in ("SHFE", "INE", "DCE", "CZCE", "CFFEX", "GFEX"):
        found = foreign(exchange, text)
        assert found is None or foreign(exchange, found.code) == found
