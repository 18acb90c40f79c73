"""The given contract table over the starter file: what wins, when, and what is wrong with it."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abtrade.errors import InputError
from abtrade.market.contracts import ContractTable, load_contracts

DAY = date(2025, 3, 3)
HEADER = ("contract", "exchange", "product", "tick", "order_fee", "from", "to")


def table(*lines: str, header: tuple[str, ...] = HEADER) -> pa.Table:
    cells = [[cell.strip() or None for cell in line.split(",")] for line in lines]
    columns = zip(*cells, strict=True)
    return pa.table(
        {name: pa.array(column, pa.string()) for name, column in zip(header, columns, strict=True)}
    )


def load(*lines: str, day: date = DAY) -> ContractTable:
    return load_contracts(table(*lines), day)


def errors(*lines: str, header: tuple[str, ...] = HEADER) -> list[str]:
    with pytest.raises(InputError) as error:
        load_contracts(table(*lines, header=header), DAY)
    return str(error.value).splitlines()


def test_a_file_is_read_with_its_codes_as_text(tmp_path):
    path = tmp_path / "contracts.csv"
    path.write_text("contract,exchange,tick,order_fee\n0700,HKEX,0.2,true\n")
    facts = load_contracts(path, DAY).facts("HKEX", "0700")
    assert (facts.tick, facts.order_fee) == (0.2, True)


def test_a_row_names_a_contract_of_any_spelling():
    found = load("ABM101,SIM,abm,0.01,,,")
    assert found.named(None, "ABM101").exchange == "SIM"
    facts = found.facts("SIM", "ABM101")
    assert (facts.product, facts.tick, facts.order_fee) == ("abm", 0.01, None)
    assert found.named(None, "ABM102").exchange is None
    assert not found.known("-", "ABM101")


def test_the_given_table_wins_over_the_starter_file():
    found = load("cu2503,SHFE,,5,,,")
    assert found.facts("SHFE", "cu2503").tick == 5
    assert found.facts("SHFE", "cu2504").tick == 10


def test_a_blank_cell_leaves_the_question_to_the_next():
    """The contract's row, then the product's, then the starter file."""
    found = load("cu2503,SHFE,,,true,,", ",SHFE,cu,5,false,,")
    one, other = found.facts("SHFE", "cu2503"), found.facts("SHFE", "cu2504")
    assert (one.product, one.tick, one.order_fee) == ("cu", 5, True)
    assert (other.product, other.tick, other.order_fee) == ("cu", 5, False)
    assert load("cu2503,SHFE,,,true,,").facts("SHFE", "cu2503").tick == 10


def test_a_row_of_a_product_is_not_of_its_options():
    found = load(",GFEX,si,,true,,", ",GFEX,lc_o,0.5,true,,")
    assert found.facts("GFEX", "si2505").order_fee is True
    assert found.facts("GFEX", "si2505-C-9000").order_fee is None
    assert found.facts("GFEX", "lc2505-C-80000").tick == 0.5
    assert found.facts("GFEX", "lc2505").order_fee is None


def test_a_given_product_is_matched_by_whole_spellings_of_its_exchange():
    found = load(",SHFE,zz,2,,,", ",CME,ES,0.25,,,")
    assert found.named(None, "zz2503").exchange == "SHFE"
    assert found.facts("SHFE", "zz2503").tick == 2
    assert found.named(None, "zz2513").exchange is None
    assert found.named(None, "ESH4").exchange is None  # no form of that exchange is known


def test_a_row_without_an_exchange_is_for_every_exchange():
    found = load("cu2503,,,,true,,", ",,m,,true,,")
    assert found.named(None, "cu2503").exchange == "SHFE"
    assert found.facts("SHFE", "cu2503").order_fee is True
    assert found.facts("XEX", "cu2503").order_fee is True
    assert found.named(None, "m2505").exchange == "DCE"
    assert found.facts("DCE", "m2505").order_fee is True
    assert found.facts("SHFE", "m2505").order_fee is None


def test_what_would_fit_several_exchanges_tells_none():
    found = load(",,zz,2,,,", "AA1,X1,,,,,", "AA1,X2,,,,,")
    assert found.named(None, "zz2503").exchange is None
    assert found.facts("GFEX", "zz2503").tick == 2
    assert found.named(None, "AA1").exchange is None
    assert load("AA1,X1,,,,,").named(None, "AA1").exchange == "X1"


@pytest.mark.parametrize(
    ("day", "tick"),
    [
        (date(2025, 2, 28), 10),
        (date(2025, 3, 1), 5),
        (date(2025, 3, 31), 5),
        (date(2025, 4, 1), 2),
    ],
)
def test_rows_hold_by_their_dates_both_ends_inclusive(day, tick):
    lines = (",SHFE,cu,5,,2025-03-01,2025-03-31", ",SHFE,cu,2,,2025-04-01,")
    assert load(*lines, day=day).facts("SHFE", "cu2506").tick == tick


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("cu2503,SHFE,,5,,,", "cu2503,SHFE,,2,,,"),
        ("cu2503,SHFE,,5,,,2025-03-01", "cu2503,SHFE,,2,,2025-03-01,"),
        (",SHFE,cu,5,,,", ",SHFE,cu,5,,2030-01-01,"),
        (",,cu,5,,,", ",SHFE,cu,5,,,"),
    ],
)
def test_overlapping_dates_are_an_error_that_names_both_rows(first, second):
    for lines in ((first, second), (second, first)):
        found = errors(*lines)
        assert len(found) == 1
        assert found[0].startswith("contracts: row 2: ")
        assert "has dates that overlap those of row 1, expected one row a day" in found[0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("cu2503,SHFE,,5,,,2025-02-28", "cu2503,SHFE,,2,,2025-03-01,"),
        ("cu2503,SHFE,,5,,,", "cu2503,INE,,2,,,"),
        ("cu2503,SHFE,,5,,,", "cu2504,SHFE,,2,,,"),
        ("cu2503,SHFE,cu,5,,,", ",SHFE,cu,2,,,"),
    ],
)
def test_dates_that_meet_and_other_names_are_none(first, second):
    for lines in ((first, second), (second, first)):
        assert load(*lines).known("SHFE", "cu2503")


def test_a_row_inside_a_long_one_overlaps_it_past_others():
    lines = (",SHFE,cu,5,,2025-01-01,2025-12-31", ",SHFE,cu,5,,2025-02-01,2025-02-02",
             ",SHFE,cu,5,,2025-06-01,2025-06-02")  # fmt: skip
    assert [line.partition(": ")[2][:5] for line in errors(*lines)] == ["row 2", "row 3"]


def test_all_problems_come_together():
    header = (*HEADER, "upper_limit", "lower_limit")
    assert errors(
        ",SHFE,,5,,,,,",
        "cu2503,SHFE,,0,,,,,",
        "cu2504,SHFE,,,,2025-03-02,2025-03-01,,",
        "cu2505,SHFE,,,,,,10,20",
        header=header,
    ) == [
        "contracts: row 1: found neither a contract nor a product, expected one of them",
        "contracts: row 2: column 'tick': found '0', expected a number, 1e-09 or more",
        "contracts: row 3: column 'from': found 2025-03-02, expected no later than 'to', "
        "2025-03-01",
        "contracts: row 4: column 'upper_limit': found 10.0, expected 20.0 or more",
    ]


def test_a_row_with_a_bad_cell_is_not_judged_against_others():
    assert errors("cu2503,SHFE,,5,,x,2025-02-28", "cu2503,SHFE,,2,,2025-01-01,") == [
        "contracts: row 1: column 'from': found 'x', expected a date YYYY-MM-DD"
    ]


def test_whether_the_order_fee_is_told_for_the_day_at_an_exchange():
    def tells(*lines: str, exchange: str | None = "GFEX") -> bool:
        return load(*lines).tells(("order_fee",), exchange)

    assert tells(",GFEX,si,,true,,")
    assert tells(",GFEX,si,,false,,")
    assert tells(",,zz,,false,,")
    assert not tells(",GFEX,si,5,,,")
    assert not tells(",GFEX,si,,true,2026-01-01,")
    assert not tells(",SHFE,cu,,true,,")
    assert tells(",GFEX,si,5,,,", exchange=None)  # the shipped rows of other exchanges


def test_a_row_can_give_a_combination_its_tick():
    found = load("SP b1811&b1901,DCE,,1,,,")
    assert found.facts("DCE", "SP b1811&b1901").tick == 1
    assert found.facts("DCE", "SP b1811&b1903").tick is None


def test_a_given_product_takes_no_tick_that_its_spelling_does_not_earn():
    found = load("odd,SHFE,cu,,,,")
    assert found.facts("SHFE", "odd").product == "cu"
    assert found.facts("SHFE", "odd").tick is None
    special = load("cu2503,SHFE,special,,,,").facts("SHFE", "cu2503")
    assert (special.product, special.tick) == ("special", None)


def test_notes_tell_columns_that_are_not_read():
    notes = load_contracts(table("cu2503,x", header=("contract", "colour")), DAY).notes
    assert notes == ["contracts: column 'colour' is not known, not read"]


def test_rows_take_every_spelling_and_two_of_one_contract_are_one():
    found = load("CU2503.XSGE,,,5,,,", "SR2505,郑商所,,2,,,", ",shfe,AL,7,,,", ",,DCE.M,3,,,")
    assert found.facts("SHFE", "cu2503").tick == 5
    assert found.facts("CZCE", "SR505").tick == 2
    assert found.facts("SHFE", "al2503").tick == 7
    assert found.facts("DCE", "m2505").tick == 3
    assert "row 2: contract 'cu2503' has dates that overlap" in errors(
        "cu2503.SHFE,,,5,,,", "CU2503,SHF,,5,,,")[0]  # fmt: skip


def test_a_row_that_names_two_exchanges_is_an_error():
    assert errors("cu2503.SHFE,DCE,,5,,,", ",DCE,SHFE.cu,5,,,") == [
        "contracts: row 1: column 'contract': found 'cu2503.SHFE', expected a contract of DCE, as "
        "exchange says",
        "contracts: row 2: column 'product': found 'SHFE.cu', expected a product of DCE, as "
        "exchange says",
    ]


def test_a_spelling_that_fits_two_exchanges_is_left_alone():
    found = load(",SHFE,zz,2,,,", ",DCE,zz,2,,,")
    assert found.named(None, "zz2503") == (None, "zz2503", None)
    assert found.named(None, "ZZ2503") == (None, "ZZ2503", None)
    assert found.named(None, "ZZ2503.DCE") == ("DCE", "zz2503", None)


def test_a_text_that_could_be_bent_to_two_exchanges_is_left_alone():
    found = load(",CZCE,CU,2,,,")
    assert found.named(None, "CU2503") == (None, "CU2503", None)
    assert found.named("SHFE", "CU2503") == ("SHFE", "cu2503", None)
    assert found.named("CZCE", "CU2503") == ("CZCE", "CU503", None)
    assert found.named(None, "cu2503") == ("SHFE", "cu2503", None)


def test_an_exact_name_wins_over_a_spelling_that_would_have_to_be_bent():
    found = load("CU2503,SIM,,5,,,")
    assert found.named(None, "CU2503") == ("SIM", "CU2503", None)
    assert found.named("SHFE", "CU2503") == ("SHFE", "cu2503", None)
    assert found.named(None, "cu2503") == ("SHFE", "cu2503", None)


def test_each_fact_tells_its_source_cell_by_cell():
    header = (*HEADER, "multiplier", "expiry")
    lines = ("cu2503,SHFE,,,true,2025-03-01,2025-03-07,,2025-03-17", ",SHFE,cu,5,false,,,,")
    told = load_contracts(table(*lines, header=header), DAY).describe("SHFE", "cu2503")
    assert told.matched == "contracts table"
    here = "contracts table row 1, 2025-03-01 to 2025-03-07"
    assert {name: (told.facts[name], told.sources[name]) for name in (
        "order_fee", "expiry", "tick", "month", "kind")} == {
        "order_fee": (True, here),
        "expiry": (date(2025, 3, 17), here),
        "tick": (5, "contracts table row 2"),
        "month": (202503, "spelling"),
        "kind": ("future", "spelling"),
    }  # fmt: skip
    assert told.facts["multiplier"] == 5
    assert told.sources["multiplier"].startswith("starter file, from 2021-01-01: ")


CTP = "InstrumentID,ExchangeID,InstrumentName,ProductID,PriceTick,VolumeMultiple," \
      "MaxLimitOrderVolume,ExpireDate,ProductClass,UnderlyingInstrID,StrikePrice,OptionsType"
CTP_ROWS = """cu2503,SHFE,铜2503,cu,20,5,500,20250317,1,,1.7976931348623157e+308,
SR505C6000,CZCE,白糖购,SRC,0.5,10,200,20250410,2,SR505,6000,1
SP a2505&a2507,DCE,豆一,SP a&a,1,10,0,20250514,3,a2505,0,0
l2602F,DCE,均价,l_f,1,5,1000,20260227,1,,0,
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_dump_of_ctp_instruments_is_a_contract_table(tmp_path, encoding):
    path = tmp_path / "instruments.csv"
    path.write_text(f"{CTP}\n{CTP_ROWS}", encoding=encoding)
    found = load_contracts(path, DAY)
    assert found.notes == [f"{path}: columns not read: 'InstrumentName'"]
    option = found.describe("CZCE", "SR505C6000").facts
    assert [option[name] for name in (
        "kind", "product", "tick", "multiplier", "max_order_lots", "expiry", "underlying", "strike",
        "option_type", "series", "month")] == [
        "option", "SR_o", 0.5, 10, 200, date(2025, 4, 10), "SR505", 6000, "call", "SR505_o", 202505
    ]  # fmt: skip
    future = found.describe("SHFE", "cu2503").facts
    assert (future["tick"], future.get("strike"), future.get("underlying")) == (20, None, None)
    pair = found.describe("DCE", "SP a2505&a2507")
    assert (pair.facts["kind"], pair.facts.get("product"), pair.legs) == (
        "combination", None, ("a2505", "a2507"))  # fmt: skip
    assert "max_order_lots" not in pair.facts
    assert found.facts("DCE", "l2602F").product == "l_f"  # CTP's name: the spelling tells none


cells = st.text(alphabet="cuSRCZE.2503-&P _", max_size=12)


@given(st.lists(st.tuples(cells, cells, cells), max_size=4))
def test_no_table_of_any_texts_raises_anything_but_an_input_error(rows):
    given_table = pa.table({
        name: pa.array([row[at] for row in rows], pa.string())
        for at, name in enumerate(("contract", "exchange", "product"))
    })  # fmt: skip
    try:
        found = load_contracts(given_table, DAY)
    except InputError as error:
        assert str(error).startswith("contracts: row ")
        return
    for contract, exchange, _ in rows:
        named = found.named(exchange or None, contract)
        assert found.describe(named.exchange or "-", named.contract).facts is not None


def test_a_dump_without_its_exchange_is_refused(tmp_path):
    path = tmp_path / "instruments.csv"
    path.write_text("InstrumentID,PriceTick\ncu2503,10\n")
    with pytest.raises(InputError, match="column 'ExchangeID' is missing"):
        load_contracts(path, DAY)


def test_a_tick_that_no_price_can_stand_on_is_refused():
    assert load("cu2503,SHFE,,1e-9,,,").facts("SHFE", "cu2503").tick == 1e-9
    with pytest.raises(InputError, match="found '1e-300', expected a number, 1e-09 or more"):
        load("cu2503,SHFE,,1e-300,,,")
