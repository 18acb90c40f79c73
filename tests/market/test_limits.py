"""Limits on lots: which row holds for a contract, a subject and a day; what is no such table."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from abtrade.errors import InputError
from abtrade.market.contracts import load_contracts
from abtrade.market.limit_rows import COLUMNS, SHIPPED, Limit, read_limits
from abtrade.market.limits import Limits, Person, load_limits
from abtrade.plan import ContractFacts
from abtrade.schema import Hedge

DAY = date(2025, 3, 3)
SPECULATION, ARBITRAGE = int(Hedge.SPECULATION), int(Hedge.ARBITRAGE)


def table(header: str, *lines: str) -> pa.Table:
    """Return a side table of texts; cells of a line stand apart by commas, a blank one is null."""
    columns = zip(*(line.split(",") for line in lines), strict=True)
    return pa.table({
        name: pa.array([cell or None for cell in cells], pa.string())
        for name, cells in zip(header.split(","), columns, strict=True)
    })


def load(header: str, *lines: str, day: date = DAY) -> Limits:
    return load_limits(table(header, *lines), load_contracts(None, day), day)


def facts_of(contract: str, exchange: str = "SHFE", day: date = DAY) -> ContractFacts:
    return load_contracts(None, day).facts(exchange, contract)


def position(limits: Limits, contract: str = "cu2503", *, name: str = "position",
             kinds: tuple[str, ...] = (), clients: tuple[str, ...] = ("c1",),
             hedge: int = SPECULATION, quotas: tuple[int, ...] = (), scope: str = "contract",
             exchange: str = "SHFE") -> int | None:
    facts = facts_of(contract, exchange, limits.day)
    people = {Person(client, kind) for client in clients for kind in kinds or (None,)}
    return lots(limits.position(name, facts, scope, hedge, people, quotas))


def lots(rows: list[Limit]) -> int | None:
    return sum(row.lots for row in rows) if rows else None


def problems(header: str, *lines: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        load(header, *lines)
    return str(caught.value).splitlines()


# --- which row holds -----------------------------------------------------------------------------


def test_a_contract_comes_before_months_of_its_product_and_those_before_the_product():
    limits = load(
        "product,contract,month_from,month_to,lots",
        "cu,,,,100", "cu,,202503,202504,70", ",cu2504,,,50",
    )
    assert [position(limits, c) for c in ("cu2504", "cu2503", "cu2505")] == [50, 70, 100]
    assert position(limits, "al2503") is None


@pytest.mark.parametrize(("day", "lots"), [
    (date(2025, 2, 28), 300),  # one month before delivery
    (date(2025, 3, 3), 60),  # the month of delivery, from its first trading day
    (date(2025, 1, 27), 900),
    (date(2024, 3, 15), 900),  # the same month a year before
])
def test_months_before_delivery_are_those_of_the_trading_day(day: date, lots: int):
    limits = load("product,months_before,lots", "cu,,900", "cu,1,300", "cu,0,60", day=day)
    assert position(limits) == lots


def test_months_before_count_across_the_turn_of_a_year():
    limits = load("product,months_before,lots", "cu,1,300", day=date(2024, 12, 31))
    assert position(limits, "cu2501") == 300


@pytest.mark.parametrize(("day", "lots"), [
    ("2025-02-28", None), ("2025-03-03", 20), ("2025-03-07", 20), ("2025-03-10", None),
])
def test_a_row_holds_from_its_first_day_to_its_last(day: str, lots: int | None):
    on = date.fromisoformat(day)
    limits = load("contract,lots,from,to", "cu2503,20,2025-03-03,2025-03-07", day=on)
    assert position(limits) == lots


def test_a_client_comes_before_its_kind_and_that_before_everybody():
    limits = load("contract,kind,client,lots",
                  "cu2503,,,100", "cu2503,fund,,80", "cu2503,,c9,500")
    assert position(limits) == 100
    assert position(limits, kinds=("fund",)) == 80
    assert position(limits, kinds=("other",)) == 100
    assert position(limits, kinds=("fund",), clients=("c9",)) == 500


def test_of_several_kinds_the_lowest_limit_stands():
    limits = load("contract,kind,lots", "cu2503,fund,80", "cu2503,person,30", "cu2503,bank,90")
    assert position(limits, kinds=("bank", "fund", "person")) == 30
    assert position(limits) is None


def test_a_client_of_no_kind_brings_everybodys_limit_into_its_group():
    limits = load("contract,kind,client,lots", "cu2503,,,10", "cu2503,fund,,100",
                  "cu2503,,rich,500")
    facts = facts_of("cu2503")

    def of(*people: Person) -> int | None:
        return lots(limits.position("position", facts, "contract", SPECULATION, people, ()))

    assert of(Person(None, "fund")) == 100
    assert of(Person(None, "fund"), Person()) == 10
    assert of(Person("rich", "fund")) == 500
    assert of(Person("rich", "fund"), Person(None, "fund")) == 100
    assert of(Person("rich"), Person()) == 10


def test_the_month_comes_before_the_kind_of_client():
    limits = load("product,months_before,kind,client,lots", "cu,,,,100", "cu,,fund,,60",
                  "cu,0,,,10", "cu,,,rich,80")
    assert position(limits, "cu2503", kinds=("fund",)) == 10
    assert position(limits, "cu2503", clients=("rich",)) == 80
    assert position(limits, "cu2504", kinds=("fund",)) == 60
    assert position(limits, "cu2504", clients=("rich",)) == 80


def test_approved_quotas_of_a_group_are_summed_and_added():
    limits = load("contract,client,hedge,lots", "cu2503,,,100",
                  "cu2503,c1,arbitrage,40", "cu2503,c2,arbitrage,60", "cu2503,c2,hedge,1000")
    both = ("c1", "c2")
    assert position(limits, clients=both) == 100
    assert position(limits, clients=both, quotas=(ARBITRAGE,)) == 200
    assert position(limits, clients=("c3",), quotas=(ARBITRAGE,)) == 100
    assert position(limits, clients=both, hedge=ARBITRAGE) == 100
    assert position(limits, clients=("c3",), hedge=ARBITRAGE) is None


def test_of_several_clients_own_limits_on_speculation_the_lowest_stands():
    limits = load("contract,client,lots", "cu2503,c1,40", "cu2503,c2,60")
    assert position(limits, clients=("c1", "c2")) == 40


def test_a_limit_of_another_name_or_scope_is_another_limit():
    limits = load("product,limit,scope,lots", "cu,,,5", "cu,,product,50", "cu,own,,7")
    assert position(limits) == 5
    assert position(limits, scope="product") == 50
    assert position(limits, name="own") == 7


def test_the_users_row_wins_over_one_that_ships_and_leaves_others_alone():
    day = date(2026, 2, 2)
    shipped = load_limits(None, load_contracts(None, day), day)
    own = load("exchange,product,limit,lots", "SHFE,ag,opening,90", day=day)
    ag, sn = facts_of("ag2604", day=day), facts_of("sn2604", day=day)
    assert shipped.put_in(ag).limits == (("opening", "contract", 800),)
    assert own.put_in(ag).limits == (("opening", "contract", 90),)
    assert own.put_in(sn).limits == (("opening", "contract", 200),)


def test_a_row_names_contracts_and_exchanges_however_they_are_spelled():
    limits = load("exchange,contract,lots", ",CU2503.SHF,30", "郑商所,SR2505,40")
    assert position(limits) == 30
    assert position(limits, "SR505", exchange="CZCE") == 40


def test_limits_for_everybody_are_put_into_what_is_known_of_a_contract():
    limits = load(
        "product,limit,scope,kind,client,hedge,lots",
        "cu,opening,,,,,10", "cu,opening,product,,,,99", "cu,,,fund,,,5", "cu,,,,c1,hedge,6",
    )
    told = limits.put_in(facts_of("cu2503")).limits
    assert told == (("opening", "contract", 10), ("opening", "product", 99))


def test_a_limit_on_a_series_is_for_options():
    limits = load("product,limit,scope,lots", "IO,opening,series,90", "IF,opening,series,90")
    option, future = facts_of("IO2504-C-4000", "CFFEX"), facts_of("IF2504", "CFFEX")
    assert ("opening", "series", 90) in limits.put_in(option).limits
    assert ("opening", "series", 90) not in limits.put_in(future).limits


def test_which_limits_are_known_at_an_exchange_on_the_day():
    limits = load("contract,client,lots,to", "cu2503,c1,5,", "al2503,,5,2025-03-02")
    assert limits.knows("position", "contract", "SHFE")
    assert not limits.knows("position", "contract", "DCE")
    assert limits.knows("position", "contract", None)
    assert not limits.knows("position", "product", None)
    assert limits.speaks_of("position", "contract", facts_of("cu2503"))
    assert not limits.speaks_of("position", "contract", facts_of("al2503"))


def test_limits_are_told_from_others_by_their_rows_on_the_day():
    lines = ("cu2503,5,2025-03-03,", "al2503,5,,2025-03-02")
    header = "contract,lots,from,to"
    basis = load(header, *lines).basis
    assert basis == load(header, *lines[::-1]).basis  # the other does not hold on the day
    assert basis != load(header, lines[0].replace("5", "6"), lines[1]).basis


# --- bad tables ----------------------------------------------------------------------------------


def test_every_problem_of_a_table_is_told_with_its_row():
    found = problems(
        "exchange,contract,product,limit,scope,kind,client,hedge,lots,from,to",
        "SHFE,cu2503,,,,,,,0,,",
        "SHFE,cu2503,,,,,,,-5,,",
        "SHFE,cu2503,,,,,,,1.5,,",
        "SHFE,cu2503,cu,,,,,,5,,",
        "SHFE,,,,,,,,5,,",
        "SHFE,cu2504,,,,,,,5,2025-03-04,2025-03-03",
        "SHFE,cu2505,,,,,,hedging,5,,",
        "SHFE,cu2506,,,group,,,,5,,",
        "SHFE,cu2507,,opening,,fund,,,5,,",
        "SHFE,cu2508,,opening,,,c1,,5,,",
        "SHFE,cu2509,,opening,,,,hedge,5,,",
        "HKEX,cu2510,,,,,,,5,,",
        "SHFE,cu2511,,Opening limit,,,,,5,,",
        "SHFE,cu2512,,,product,,,,5,,",
        "DCE,cu2512.SHFE,,,,,,,5,,",
        "SHFE,cu2512,,,,,,,,,",
    )
    heads = [line.removeprefix("limits: ").split(",")[0].split("expected")[0] for line in found]
    assert heads == [
        "row 1: column 'lots': found '0'",
        "row 2: column 'lots': found '-5'",
        "row 3: column 'lots': found '1.5'",
        "row 4: found both of contract and product",
        "row 5: found neither of contract and product",
        "row 6: column 'from': found 2025-03-04",
        "row 7: column 'hedge': found 'hedging'",
        "row 8: column 'scope': found 'group'",
        "row 9: column 'kind': found 'fund'",
        "row 10: column 'client': found 'c1'",
        "row 11: column 'hedge': found 'hedge'",
        "row 12: column 'exchange': found 'HKEX'",
        "row 13: column 'limit': found 'Opening limit'",
        "row 14: column 'scope': found product with a contract",
        "row 15: column 'contract': found 'cu2512.SHFE'",
        "row 16: column 'lots': found a blank",
    ]


@pytest.mark.parametrize(("header", "one", "other"), [
    ("contract,lots,from,to", "cu2503,5,2025-01-02,2025-03-31", "cu2503,6,2025-03-31,"),
    ("contract,lots", "cu2503,5", "CU2503.SHFE,5"),
    ("exchange,contract,lots", "SHFE,zz01,5", ",zz01,5"),
    ("contract,hedge,lots", "cu2503,,5", "cu2503,speculation,6"),
    ("contract,limit,lots", "cu2503,,5", "cu2503,position,6"),
    ("contract,client,lots", "cu2503,c1,5", "cu2503,c1,6"),
    ("product,months_before,lots", "cu,1,5", "cu,1,6"),
    ("product,month_from,month_to,lots", "cu,202503,202506,5", "cu,202506,,6"),
])
def test_two_rows_that_say_the_same_thing_of_one_day_are_refused(header, one, other):
    (problem,) = problems(header, one, other)
    assert problem.startswith("limits: row 2: the limit 'position' of ")
    assert "overlap those of row 1" in problem


@pytest.mark.parametrize(("header", "one", "other"), [
    ("contract,lots,from,to", "cu2503,5,,2025-03-02", "cu2503,6,2025-03-03,"),
    ("contract,kind,lots", "cu2503,fund,5", "cu2503,,5"),
    ("contract,client,lots", "cu2503,c1,5", "cu2503,c2,6"),
    ("contract,hedge,lots", "cu2503,hedge,5", "cu2503,,6"),
    ("product,scope,lots", "cu,product,5", "cu,,6"),
    ("product,months_before,lots", "cu,1,5", "cu,,6"),
    ("product,month_from,month_to,lots", "cu,202503,202505,5", "cu,202506,,6"),
    ("product,month_from,month_to,lots", "cu,202503,202505,5", "cu,,,6"),
    ("exchange,product,lots", "SHFE,m,5", "DCE,m,6"),
])
def test_rows_that_differ_in_days_or_in_whom_they_are_for_may_stand_together(header, one, other):
    assert load(header, one, other).knows("position", "contract", None)


@pytest.mark.parametrize(("line", "found"), [
    ("cu,202513,,,", "month_from': found 202513"),
    ("cu,2503,,,", "month_from': found 2503"),
    ("cu,202506,202503,,", "month_from': found 202506"),
    ("cu,202503,,1,", "months_before': found 1 with month_from"),
    ("cu,202503,,,product", "month_from': goes with scope contract or series"),
])
def test_months_that_cannot_be_are_refused(line: str, found: str):
    (problem,) = problems("product,month_from,month_to,months_before,scope,lots", line + ",5")
    assert found in problem


def test_the_limits_that_ship_are_well_formed_and_tell_their_source():
    contracts = load_contracts(None, DAY)
    rows, notes = read_limits(SHIPPED, contracts)
    assert not notes
    assert all(row.source and row.confidence and row.start and row.exchange for row in rows)
    assert all(contracts.product_named(row.exchange, row.product).problem is None for row in rows)
    assert {row.exchange for row in rows} == {"SHFE", "INE", "DCE", "CZCE", "CFFEX", "GFEX"}
    assert {row.limit for row in rows} <= {"opening", "opening_deep_otm"}
    assert set(SHIPPED.read_text("utf-8").splitlines()[0].split(",")) <= set(COLUMNS)


@pytest.mark.parametrize(("exchange", "contract", "day", "limits"), [
    ("CFFEX", "IF1512", "2015-09-07", {("opening", "product"): 10}),
    ("CFFEX", "IF1906", "2019-04-22", {("opening", "contract"): 500}),
    ("CFFEX", "IF1906", "2019-04-19", {}),
    ("CFFEX", "IM2301", "2022-12-16", {}),
    ("CFFEX", "IM2301", "2022-12-19", {("opening", "contract"): 500}),
    ("CFFEX", "MO2301-C-6000", "2022-12-19", {
        ("opening", "product"): 200, ("opening", "series"): 100,
        ("opening_deep_otm", "contract"): 30}),
    ("SHFE", "ag2602", "2026-01-27", {("opening", "contract"): 800}),
    ("SHFE", "ag2602", "2026-01-26", {}),
    ("SHFE", "ag2702", "2026-01-27", {}),
    ("INE", "ec2502", "2024-02-27", {("opening", "contract"): 50}),
    ("DCE", "i2309", "2023-02-22", {("opening", "contract"): 1000}),
    ("DCE", "i2310", "2023-02-22", {("opening", "contract"): 2000}),
    ("DCE", "jm2305", "2023-05-19", {}),
    ("DCE", "jm2601", "2025-08-15", {("opening", "contract"): 1000}),
    ("CZCE", "SH601", "2025-09-02", {("opening", "contract"): 10000}),
    ("CZCE", "SH601", "2025-09-01", {}),
    ("GFEX", "lc2612", "2026-01-15", {("opening", "contract"): 400}),
    ("GFEX", "lc2601", "2025-08-01", {("opening", "contract"): 2000}),
])
def test_limits_that_ship_hold_on_their_days(exchange, contract, day, limits):
    on = date.fromisoformat(day)
    contracts = load_contracts(None, on)
    told = load_limits(None, contracts, on).put_in(contracts.facts(exchange, contract)).limits
    assert {(name, scope): lots for name, scope, lots in told} == limits
