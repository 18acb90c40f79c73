"""Tables of order fees: which brackets hold for a contract on a day, and what may be wrong."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from abtrade.errors import InputError
from abtrade.market.contracts import load_contracts
from abtrade.market.fees import Bracket, OrderFees, Schedule, load_fees

DAY = date(2025, 3, 3)
HEADER = ("exchange", "contract", "product", "kind", "scope", "above", "rate", "rate_above_otr",
          "otr", "from", "to")  # fmt: skip


def table(*lines: str) -> pa.Table:
    cells = [[cell.strip() or None for cell in line.split(",")] for line in lines]
    columns = zip(*cells, strict=True)
    return pa.table(
        {name: pa.array(column, pa.string()) for name, column in zip(HEADER, columns, strict=True)}
    )


def load(*lines: str, day: date = DAY) -> OrderFees:
    return load_fees(table(*lines), load_contracts(None, day), day)


def found(contract: str, *lines: str, exchange: str = "SHFE", day: date = DAY) -> Schedule | None:
    contracts = load_contracts(None, day)
    fees = load_fees(table(*lines) if lines else "shipped", contracts, day)
    return fees.of(contracts.facts(exchange, contract))


def errors(*lines: str) -> list[str]:
    with pytest.raises(InputError) as error:
        load(*lines)
    return str(error.value).splitlines()


FLAT = "SHFE,,rb,,,0,1,,,,"


# --- which brackets ------------------------------------------------------------------------------


def test_a_file_is_read(tmp_path):
    path = tmp_path / "fees.csv"
    path.write_text("exchange,product,above,rate,rate_above_otr,otr\n"
                    "上期所,RB,0,0.000001,0.5,2\n上期所,RB,100,0.25,0.5,2\n")
    contracts = load_contracts(None, DAY)
    schedule = load_fees(path, contracts, DAY).of(contracts.facts("SHFE", "rb2505"))
    assert schedule is not None
    assert schedule.brackets == (Bracket(0, 1, 500_000), Bracket(100, 250_000, 500_000))
    assert (schedule.otr, schedule.scope, schedule.status) == (2_000_000, "contract", None)
    assert schedule.source == "fees table rows 1 to 2"


@pytest.mark.parametrize("of", [pa.decimal128(12, 8), pa.float64()])
def test_numbers_of_any_type_are_exact(of):
    cells = [Decimal("0.1") if pa.types.is_decimal(of) else 0.1]
    made = pa.table({"exchange": ["SHFE"], "product": ["rb"], "above": [0],
                     "rate": pa.array(cells, of)})
    contracts = load_contracts(None, DAY)
    schedule = load_fees(made, contracts, DAY).of(contracts.facts("SHFE", "rb2505"))
    assert schedule is not None and schedule.brackets == (Bracket(0, 100_000, 100_000),)


def test_a_contract_comes_before_its_product_and_that_before_its_kind():
    lines = ("SHFE,,,future,,0,3,,,,", "SHFE,,rb,,,0,2,,,,", "SHFE,rb2505,,,,0,1,,,,")
    rates = {
        contract: found(contract, *lines).brackets[0].rate  # type: ignore[union-attr]
        for contract in ("rb2505", "rb2510", "cu2505")
    }
    assert rates == {"rb2505": 1_000_000, "rb2510": 2_000_000, "cu2505": 3_000_000}
    assert found("cu2505C80000", *lines) is None


def test_a_given_table_stands_before_the_shipped_one():
    given = found("m2505", "DCE,,,future,,0,7,,,,", exchange="DCE")
    assert given is not None and given.brackets == (Bracket(0, 7_000_000, 7_000_000),)
    beside = found("m2505", FLAT, exchange="DCE")
    assert beside is not None and beside.brackets[2] == Bracket(8000, 6_000_000, 15_000_000)


def test_dates_bound_brackets():
    lines = ("SHFE,,rb,,,0,1,,,,2025-03-02", "SHFE,,rb,,,0,2,,,2025-03-03,2025-03-04")
    rates = [
        None if (schedule := found("rb2505", *lines, day=date(2025, 3, day))) is None
        else schedule.brackets[0].rate
        for day in (2, 3, 4, 5)
    ]  # fmt: skip
    assert rates == [1_000_000, 2_000_000, 2_000_000, None]


def test_a_contract_without_a_fee_has_no_brackets_and_lacks_none():
    made = pa.table({"exchange": ["DCE"], "product": ["m"], "order_fee": ["false"]})
    contracts = load_contracts(made, DAY)
    fees = load_fees("shipped", contracts, DAY)
    facts = contracts.facts("DCE", "m2505")
    assert fees.of(facts) is None and not fees.lacks(facts)
    unknown = contracts.facts("SHFE", "rb2505")
    assert fees.of(unknown) is None and fees.lacks(unknown)


def test_a_product_that_its_exchange_does_not_have_is_noted():
    fees = load("SHFE,,rbb,,,0,1,,,,", "SHFE,,rbb,,,10,2,,,,", FLAT, "SIM,,abm,,,0,1,,,,")
    assert fees.notes == ["fees: row 1: SHFE has no product 'rbb'"]


def test_every_shipped_product_is_one():
    assert load_fees("shipped", load_contracts(None, DAY), DAY).notes == []


# --- the shipped ones ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exchange", "contract", "day", "rates"),
    [
        ("SHFE", "bu2306", date(2023, 4, 19), "0:0/0 4000:0.25/0.5 8000:1.25/2.5 40000:25/50"),
        ("DCE", "m2605", date(2026, 3, 3), "0:0/0 4000:0/3 8000:6/15"),
        ("DCE", "i2605", date(2026, 3, 3), "0:0/0 4000:0/0.1 8000:0.2/0.5"),
        ("DCE", "m2605-C-2950", date(2026, 3, 3), "0:0/0 4000:0/1 8000:2/5"),
        ("CZCE", "TA605", date(2026, 3, 3), "0:0/0 4000:0/2 8000:5/10 20000:10/40"),
        ("CZCE", "SR605C6000", date(2026, 3, 3), "0:0/0 4000:0/1 8000:2.5/5"),
        ("CFFEX", "IF2603", date(2026, 3, 3), "0:1/1"),
    ],
)
def test_shipped_brackets(exchange, contract, day, rates):
    schedule = found(contract, exchange=exchange, day=day)
    assert schedule is not None and schedule.status is not None
    told = " ".join(
        f"{above}:{Decimal(rate) / 10**6}/{Decimal(dearer) / 10**6}"
        for above, rate, dearer in schedule.brackets
    )
    assert told == rates


@pytest.mark.parametrize(
    ("exchange", "contract", "day"),
    [
        ("SHFE", "bu2306", date(2022, 8, 4)),
        ("SHFE", "bu2412", date(2024, 6, 3)),  # rates of that notice were not seen
        ("DCE", "m2411", date(2024, 10, 24)),
        ("CFFEX", "T2603", date(2026, 3, 3)),
        ("GFEX", "si2605", date(2026, 3, 3)),
    ],
)
def test_what_was_not_seen_is_not_shipped(exchange, contract, day):
    assert found(contract, exchange=exchange, day=day) is None


# --- bad tables ----------------------------------------------------------------------------------


def test_every_problem_is_told_at_once():
    assert errors(
        "SHFE,rb2505,rb,,,0,1,,,,",
        "SHFE,,,,,0,1,,,,",
        "SHFE,,cu,,,0,-1,,,,",
        "SHFE,,al,,,0,0.0000001,,,,",
        "SHFE,,zn,,,0,2,1,2,,",
        "SHFE,,pb,,,0,1,2,,,",
        "SHFE,,ni,,,0,1,,,2025-02-30,",
        "SHFE,,sn,,,0,1,,,2025-03-04,2025-03-03",
        "SHFE,,ag,,,0,10001,,,,",
        ",,au,,,0,1,,,,",
        "SHFE,DCE.m2505,,,,0,1,,,,",
        "SHFE,,hc,,group,0,1,,,,",
    ) == [
        "fees: row 1: found contract 'rb2505' and product 'rb', expected one of contract, product "
        "and kind",
        "fees: row 2: found none of them, expected one of contract, product and kind",
        "fees: row 3: column 'rate': found '-1', expected a number of at most 6 decimals, "
        "0 or more",
        "fees: row 4: column 'rate': found '0.0000001', expected a number of at most 6 decimals, "
        "0 or more",
        "fees: row 5: column 'rate_above_otr': found 1, expected the rate, 2, or more",
        "fees: row 6: found a rate_above_otr and no otr, expected both",
        "fees: row 7: column 'from': found '2025-02-30', expected a date YYYY-MM-DD",
        "fees: row 8: column 'from': found 2025-03-04, expected no later than 'to', 2025-03-03",
        "fees: row 9: column 'rate': found 10001, expected 10000 or less",
        "fees: row 10: column 'exchange': found a blank, expected the name of an exchange",
        "fees: row 11: column 'contract': found 'DCE.m2505', expected a contract of SHFE, as "
        "exchange says",
        "fees: row 12: column 'scope': found 'group', expected one of contract, series, underlying",
    ]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["SHFE,,rb,,,4000,1,,,,"], "row 1: column 'above': found 4000, expected 0 in the first "
         "row of its brackets"),
        ([FLAT, "SHFE,,rb,,,8000,1,,,,", "SHFE,,rb,,,4000,1,,,,"],
         "row 3: column 'above': found 4000, expected more than 8000, as row 2 has"),
        ([FLAT, "SHFE,,RB,,,0,1,,,,"],
         "row 2: column 'above': found 0, expected more than 0, as row 1 has"),
        (["SHFE,,rb,,,0,1,2,2,,", "SHFE,,rb,,,10,1,2,3,,"],
         "row 2: column 'otr': found 3, expected 2, as row 1 has"),
        (["SHFE,,cu_o,,series,0,1,,,,", "SHFE,,cu_o,,contract,10,1,,,,"],
         "row 2: column 'scope': found contract, expected series, as row 1 has"),
        (["SHFE,,rb,,,0,1,,,,2025-03-03", "SHFE,,rb,,,0,1,,,2025-03-03,"],
         "row 2: SHFE product 'rb' has dates that overlap those of row 1, expected one set of "
         "brackets a day"),
    ],
)  # fmt: skip
def test_brackets_that_do_not_fit_one_another(lines, problem):
    assert errors(*lines) == [f"fees: {problem}"]


def test_brackets_that_follow_one_another_are_fine():
    assert load("SHFE,,rb,,,0,1,,,,2025-03-02", "SHFE,,rb,,,0,1,,,2025-03-03,", FLAT.replace(
        "rb", "cu"))
