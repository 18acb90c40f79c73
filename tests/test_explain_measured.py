"""Alerts on further counts explained end to end: every event behind them, and where it led."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import abtrade
from abtrade.cli import app
from abtrade.errors import InputError

RULE = """
id: desk.{name}
about: {{en: What the desk watches, zh: 风控关注}}
exchange: CZCE
from: 2020-01-01
status: secondary
source: {{document: Handbook of the desk}}
clause: Handbook of the desk
scope: {scope}
{more}
"""
HEADER = "seq,ts,contract,action,order_id,account,side,offset,hedge,price,lots,contra_order_id"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with a group of two clients and the facts of a contract."""
    monkeypatch.chdir(tmp_path)
    table("links.csv", "group,client,status", "G1,A,filed", "G1,B,filed")
    table(
        "contracts.csv", "exchange,contract,tick,upper_limit,lower_limit", "CZCE,SR503,1,6300,5700"
    )
    return tmp_path


def table(name: str, *lines: str) -> str:
    Path(name).write_text("\n".join(lines) + "\n", "utf-8")
    return name


def log(*rows: str) -> str:
    """Write a log of ``second action order account side offset price lots contra``."""
    lines = []
    for seq, row in enumerate(rows, start=1):
        second, action, order, account, side, offset, price, lots, contra = (
            "" if cell == "-" else cell for cell in row.split()
        )
        hedge = "speculation" if action == "new" else ""
        lines.append(
            f"{seq},2025-01-06 10:00:{second},SR503,{action},{order},{account},{side},{offset},"
            f"{hedge},{price},{lots},{contra}"
        )
    return table("day.csv", HEADER, *lines)


def explained(day: str, name: str, more: str, *, scope: str = "contract", **given: Any) -> Any:
    """Scan a day by one rule, and explain its only alert."""
    rule = table(f"{name}.yaml", RULE.format(name=name, scope=scope, more=more))
    tables = {"links": "links.csv", "contracts": "contracts.csv"}
    abtrade.scan(day, rules=[rule], out="out", **tables, **given)
    lines = Path("out/alerts.jsonl").read_text("utf-8").splitlines()
    (alert,) = [json.loads(line) for line in lines]
    return abtrade.explain("out", alert["alert_id"])


def columns(found: Any, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(found.events[name].to_pylist() for name in names), strict=True))


OPENINGS = (
    "01 new 1 A buy open 6000 10 -",
    "02 new 2 B sell open 6000 4 -",
    "03 trade 2 - - - 6000 4 1",
    "04 new 3 Z sell close 6000 3 -",
    "05 trade 3 - - - 6000 3 1",
    "06 new 4 A sell close 6000 3 -",
    "07 new 5 Z buy open 6000 3 -",
    "08 trade 5 - - - 6000 3 4",
    "09 new 6 Z sell close 6000 3 -",
    "10 trade 6 - - - 6000 3 1",
)
"""A buys 10 to open, 4 of them from B of the same group, and sells 3 to close in between."""


def test_openings_of_both_sides_each_with_its_own_order() -> None:
    limits = table("limits.csv", "exchange,contract,limit,scope,lots",
                   "CZCE,SR503,opening,contract,10")
    more = "count: open_lots\nlimit: opening\nyellow: {gte: 0.8}\nred: {gt: 1}"
    found = explained(log(*OPENINGS), "opening", more, limits=limits)
    assert columns(found, "seq", "account", "order_id", "amount", "count", "level") == [
        (3, "B", "2", 4, 4, None),
        (3, "A", "1", 4, 8, "yellow"),
        (5, "A", "1", 3, 11, "red"),
        (10, "A", "1", 3, 14, None),
    ]
    assert found.events["contra_order_id"].to_pylist() == ["1", "2", "3", "6"]
    assert found.alert["message"].startswith("Group G1 (filed actual-control group; accounts A, B)")
    assert "Red standard > 100% of the limit of 10 lots (from 11 lots on)" in found.alert["message"]
    assert (found.alert["yellow_from"], found.alert["red_from"]) == (8, 11)


def test_cancels_at_the_limit_price_with_trades_of_others() -> None:
    day = log(
        "01 new 1 A buy open 6300 5 -",
        "02 cancel 1 - - - - 2 -",
        "03 new 2 Y sell open 6300 1 -",
        "03 new 3 Z buy open 6300 1 -",
        "04 trade 2 - - - 6300 1 3",
        "05 cancel 1 - - - - - -",
        "06 new 4 A buy open 6299 5 -",
        "07 cancel 4 - - - - - -",
    )
    found = explained(day, "limit_price", "count: limit_price_cancels\nyellow: {gte: 1}")
    assert columns(found, "seq", "action", "price", "amount", "count", "level") == [
        (6, "cancel", "6300", 1, 1, "yellow")
    ]
    assert found.events["order_life"].to_pylist()[0].startswith("seq 1 10:00:01.000000000 new buy")
    assert "made 1 cancel at a limit price already traded at in CZCE" in found.alert["message"]


def test_a_position_with_every_fill_and_what_each_account_holds() -> None:
    positions = table("positions.csv", "account,contract,long,short", "A,SR503,20,0", "B,SR503,3,9")
    found = explained(
        log(*OPENINGS), "position", "count: long_lots\nyellow: {gte: 28}\nred: {gte: 30}",
        positions=positions,
    )  # fmt: skip
    names = ("seq", "account", "order_id", "amount", "count", "held", "level", "fell_under")
    assert columns(found, *names) == [
        (3, "A", "1", 4, 27, 24, None, None),
        (5, "A", "1", 3, 30, 27, "red", None),
        (8, "A", "4", -3, 27, 24, None, "yellow"),
        (10, "A", "1", 3, 30, 27, "red", None),
    ]
    message = found.alert["message"]
    assert "held up to 30 lots long" in message
    assert "At the opening it held 23 lots, at the end of the day 30 lots." in message
    assert "It rose to the red level 2 times." in message
    assert "It first fell back under the red level at seq 8" in message
    assert "Held by account at the peak: A 27, B 3." in message


def test_a_fill_of_an_order_never_opened_has_the_side_that_its_counterparty_tells() -> None:
    header = "seq,ts,contract,action,order_id,account,side,offset,price,lots,contra_order_id"
    at = "2025-01-06 10:00:00,SR503"
    day = table(
        "day.csv", f"{header},contra_account",
        f"1,{at},new,9,Z,sell,open,6000,40,,",
        f"2,{at},trade,9,,,,6000,35,5,A",
    )  # fmt: skip
    found = explained(day, "position", "count: long_lots\nyellow: {gte: 20}")
    assert columns(found, "seq", "account", "order_id", "amount", "level") == [
        (2, "A", "5", 35, "yellow")
    ]


def test_a_cancel_in_the_name_of_another_account_than_the_orders() -> None:
    day = log(
        "01 new 1 A buy open 6000 1 -", "01 cancel 1 - - - - - -",
        "02 new 2 A buy open 6000 1 -", "02 cancel 2 - - - - - -",
        "03 new 9 Z buy open 6000 1 -", "03 cancel 9 A - - - - -",
    )  # fmt: skip
    found = explained(day, "cancels", "count: cancels\nyellow: {gte: 2}")
    assert columns(found, "seq", "account", "count") == [(2, "A", 1), (4, "A", 2)]


def test_both_rows_of_a_brokers_trade_of_which_the_first_wins() -> None:
    header = "seq,ts,contract,action,order_id,account,side,offset,price,lots,trade_id"
    at = "2025-01-06 10:00:00,SR503"
    day = table(
        "day.csv", header,
        f"1,{at},new,8,Z,sell,close,6000,40,", f"2,{at},new,9,A,buy,open,6000,40,",
        f"3,{at},trade,8,,,,6000,35,T1", f"4,{at},trade,9,,,,6000,30,T1",
    )  # fmt: skip
    found = explained(day, "openings", "count: open_lots\nyellow: {gte: 20}")
    assert columns(found, "seq", "account", "amount") == [(4, "A", 35)]


def test_a_position_moved_by_matches_of_two_rows() -> None:
    """The position is that after the match; a level stands where its second row has it."""
    day = log(
        "01 new   1 A buy  open  6000 7 -", "02 new   2 C sell open  6000 7 -",
        "03 trade 1 - buy  -     6000 7 -", "04 trade 2 - sell -     6000 7 -",
        "05 new   3 B buy  open  6000 5 -", "06 new   4 A sell close 6000 5 -",
        "07 trade 3 - buy  -     6000 5 -", "08 trade 4 - sell -     6000 5 -",
    )  # fmt: skip
    header, *rows = Path(day).read_text("utf-8").splitlines()
    matches = [f"{row}{n // 4}" if ",trade," in row else row for n, row in enumerate(rows)]
    table(day, header.replace("contra_order_id", "trade_id"), *matches)
    found = explained(day, "held", "count: long_lots\nyellow: {gte: 7}\nred: {gte: 8}")
    assert (found.alert["level"], found.alert["count"]) == ("yellow", 7)
    assert found.alert["yellow_seq"] == 4
    told = [(e["seq"], e["count"], e["level"]) for e in found.events.to_pylist()]
    assert told == [(3, 7, "yellow"), (7, 7, None), (8, 7, None)]


def test_a_position_that_stood_at_the_opening_and_never_moved() -> None:
    positions = table("positions.csv", "account,contract,long,short", "A,SR503,30,0", "B,SR503,0,9")
    day = log("01 new 1 A buy open 6000 10 -", "02 cancel 1 - - - - - -")
    found = explained(day, "held", "count: long_lots\nyellow: {gte: 28}", positions=positions)
    assert found.events.num_rows == 0
    assert "the position was that high when the day began" in found.alert["message"]


def test_the_messages_of_each_burst() -> None:
    day = log(
        "01 new 1 A buy open 6000 1 -", "01 new 2 B buy open 6000 1 -",
        "01 cancel 1 - - - - - -", "02 new 3 A buy open 6000 1 -",
        "03 new 4 A buy open 6000 1 -", "03 new 5 A buy open 6000 1 -",
        "03 cancel 5 - - - - - -",
    )  # fmt: skip
    more = "count: burst_occasions\nburst_messages: 3\nyellow: {gte: 2}"
    found = explained(day, "bursts", more, scope="exchange")
    assert columns(found, "seq", "account", "amount", "level") == [
        (1, "A", 0, None), (2, "B", 0, None), (3, "A", 1, None),
        (5, "A", 0, None), (6, "A", 0, None), (7, "A", 1, "yellow"),
    ]  # fmt: skip
    assert "sent 3 messages or more within one second (a second of the clock) 2 times" in (
        found.alert["message"]
    )


KERNEL = '''
import abtrade


@abtrade.kernel("cancelled", wants=("cancel",), state=1, unit="lots", about="Lots cancelled.")
def cancelled(events, slot, state, out):
    for i in range(len(events)):
        state[slot[i], 0] += events[i]["lots"]
        out[i] = state[slot[i], 0]
'''


def test_the_events_of_a_desks_own_measure_with_its_figure() -> None:
    pytest.importorskip("numba")
    kernel = table("own.py", KERNEL)
    day = log("01 new 1 A buy open 6000 5 -", "02 cancel 1 - - - - 2 -", "03 cancel 1 - - - - - -")
    more = "count: kernel\nkernel: cancelled\nyellow: {gt: 4.5}"
    found = explained(day, "own", more, kernels=[kernel])
    assert columns(found, "seq", "count", "figure", "level") == [
        (2, None, 2.0, None), (3, None, 5.0, "yellow")
    ]  # fmt: skip
    assert "came to 5 lots by the desk's own measure cancelled" in found.alert["message"]


def test_a_comparison_has_no_events_and_says_so() -> None:
    day = log(*(f"01 new {n} {who} buy open 6000 5 -" for n, who in enumerate("ABZ")))
    found = explained(day, "share", "count: order_share\nyellow: {gt: 0.5}")
    assert found.events.num_rows == 0
    said = CliRunner().invoke(app, ["explain", "out", found.alert["alert_id"], "--lang", "en"])
    assert "No single event stands behind this figure" in said.output
    assert "The subject has 2 of 3." in said.output
    said = CliRunner().invoke(app, ["explain", "out", found.alert["alert_id"], "--lang", "zh"])
    assert "该数值没有单独的事件" in said.output


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_every_form_tells_what_is_held_and_where_it_fell_back(form: str) -> None:
    found = explained(log(*OPENINGS), "position", "count: long_lots\nyellow: {gte: 6}")
    words = ["explain", "out", found.alert["alert_id"], "--format", form, "--lang", "en"]
    said = CliRunner().invoke(app, words).output
    if form == "table":
        assert "-3 = 4, the account holds 4  back under yellow" in said
        assert "+3 = 7, the account holds 7  YELLOW reached" in said
    elif form == "json":
        told = json.loads(said)
        assert [event["held"] for event in told["events"]] == [4, 7, 4, 7]
        assert told["alert"]["detail"]["curve"][0][2] == 7
    else:
        assert '"held"' in said


def test_another_log_than_the_one_scanned_is_refused() -> None:
    found = explained(log(*OPENINGS), "position", "count: long_lots\nyellow: {gte: 6}")
    Path("day.csv").write_text(Path("day.csv").read_text("utf-8").replace("6000", "600"), "utf-8")
    with pytest.raises(InputError, match="changed since the scan"):
        abtrade.explain("out", found.alert["alert_id"])


@pytest.mark.parametrize("name", ["alerts.jsonl", "run.json"])
def test_a_pipe_in_place_of_a_file_of_the_output_is_refused_at_once(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "alerts.jsonl").write_text('{"alert_id": "ab"}\n')
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    with pytest.raises(InputError, match="found a pipe or a device"):
        abtrade.explain(tmp_path, "ab")
