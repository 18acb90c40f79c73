"""Contracts of a log: one each, however written; told in contracts.parquet, or named as unknown."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

import abtrade
from abtrade.sinks.terminal import make_console, show_scan

DAY = date(2025, 3, 3)


def log(*contracts: str | None, **more: list[Any]) -> pa.Table:
    """Return a log with an order and its cancel in each contract named."""
    n = len(contracts)
    return pa.table({
        "ts": [f"2025-03-03 09:{at // 60:02}:{at % 60:02}" for at in range(2 * n)],
        "contract": [each for each in contracts for _ in "nc"],
        "action": ["new", "cancel"] * n,
        "order_id": [str(at // 2) for at in range(2 * n)],
        "account": ["A"] * (2 * n),
        "side": ["buy"] * (2 * n),
        "lots": pa.array([1] * (2 * n), pa.int64()),
        "price": ["100"] * (2 * n),
        **{name: [cell for cell in cells for _ in "nc"] for name, cells in more.items()},
    })  # fmt: skip


def scan(table: pa.Table, **options: Any) -> abtrade.ScanResult:
    return abtrade.scan(table, day=DAY, rules=["shfe"], **options)


def told(result: abtrade.ScanResult, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in columns) for row in result.contracts.to_pylist()]


SPELLINGS = ("cu2503", "CU2503", "cu2503.SHFE", "SHFE.cu2503", "CU2503.XSGE", "CU2503.SHF")


@pytest.mark.parametrize("engine", ["core", "reference"])
def test_two_spellings_of_a_contract_are_one(engine):
    found = scan(log(*SPELLINGS), engine=engine)
    (tally,) = found.tallies.to_pylist()
    assert (tally["exchange"], tally["contract"], tally["cancels"]) == ("SHFE", "cu2503", 6)
    assert list(found.certificate["exchanges"]["SHFE"]) == ["cu2503"]
    assert found.certificate["unmatched"] == []


def test_an_exchange_column_is_read_in_every_spelling():
    names = ["SHFE", "shfe", "XSGE", "SHF", "上期所", None]
    found = scan(log(*SPELLINGS, exchange=names))
    assert [row["cancels"] for row in found.tallies.to_pylist()] == [6]


def test_a_leg_may_be_written_as_elsewhere():
    """The order stands in another contract than the trade; both spellings mean that one."""
    pair, _, leg, _ = log("SP a2505&a2507", "a2505").to_pylist()
    leg |= {"side": "sell"}
    trade = leg | {"action": "trade", "side": "buy", "order_id": "0", "contra_order_id": "1"}
    for spelled in ("SP a2505&a2507", "SP A2505&A2507.XDCE"):
        trade |= {"order_contract": spelled, "ts": "2025-03-03 09:30:00"}
        rows = [dict.fromkeys(trade) | row for row in (pair, leg, trade)]
        found = scan(pa.Table.from_pylist(rows))
        assert found.certificate["faults"] == {}, spelled
        assert found.self_pairs.column("incoming_contract").to_pylist() == ["SP a2505&a2507"]
        assert len(found.contracts) == 2


def test_an_exchange_that_contradicts_a_suffix_is_a_bad_row_with_its_reason():
    found = scan(log("cu2503.SHFE", "m2505", exchange=["DCE", "DCE"]))
    assert found.rejected.column("reason").to_pylist() == [
        "contract: found 'cu2503.SHFE', expected a contract of DCE, as exchange says"] * 2
    assert [row[0] for row in told(found, "contract")] == ["m2505"]
    leg = scan(log("m2505", exchange=["DCE"], order_contract=["cu2503.SHFE"]))
    assert leg.rejected.column("reason").to_pylist()[0].startswith("order_contract: found 'cu2503")


def test_what_matches_nothing_stays_as_it_is_and_is_named():
    found = scan(log("cu2503", "l2602F", "SR1503", "ES H5.CME"))
    names = ["-:ES H5.CME", "-:SR1503", "-:l2602F"]
    assert found.certificate["unmatched"] == names
    assert told(found, "contract", "matched", "product") == [
        ("ES H5.CME", None, None), ("SR1503", None, None), ("l2602F", None, None),
        ("cu2503", "spelling", "cu")]  # fmt: skip
    for lang, words in (("en", "left as they stand: "), ("zh", "按原样保留的合约：")):
        shown = io.StringIO()
        show_scan(found, lang, make_console(shown))
        assert words + names[0] in shown.getvalue()


def test_each_contract_is_told_with_its_sources():
    table = pa.table({"contract": ["SR505C6000"], "exchange": ["CZCE"], "tick": ["0.5"]})
    found = scan(log("SR2505C6000.ZCE", "SPD SR505&SR509", "cu2503"), contracts=table)
    rows = {row["contract"]: row for row in found.contracts.to_pylist()}
    option, pair, future = rows["SR505C6000"], rows["SPD SR505&SR509"], rows["cu2503"]
    assert {name: option[name] for name in ("matched", "kind", "product", "month", "underlying",
                                            "series", "option_type", "strike", "tick")} == {
        "matched": "contracts table", "kind": "option", "product": "SR_o", "month": 202505,
        "underlying": "SR505", "series": "SR505_o", "option_type": "call", "strike": 6000,
        "tick": 0.5}  # fmt: skip
    assert dict(option["sources"])["tick"] == "contracts table row 1"
    assert dict(option["sources"])["strike"] == "spelling"
    assert (pair["kind"], pair["legs"], pair["product"]) == (
        "combination", ["SR505", "SR509"], None)
    assert (future["tick"], future["multiplier"], future["strike"]) == (10, 5, None)
    assert dict(future["sources"])["tick"].startswith("starter file, from 2021-01-01: ")


def test_a_canonical_log_and_one_of_another_tool_give_the_same_outputs(tmp_path):
    """All but the record of the run, byte for byte."""
    own = ["cu2503", "SR505", "m2505-C-2950", "IF2503", "sc2503"]
    other = ["CU2503.XSGE", "SR2505.ZCE", "M2505-C-2950.DCE", "if2503", "INE.sc2503"]
    for name, contracts in (("own", own), ("other", other)):
        scan(log(*contracts), out=tmp_path / name)
    for path in sorted((tmp_path / "own").iterdir()):
        if path.name != "run.json":
            assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes(), path.name
