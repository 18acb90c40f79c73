"""How a scan tells of its order books: certificate, terminal, JSON; never in the verdict."""

from __future__ import annotations

import importlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

import abtrade
from abtrade.sinks.stream import write_stream
from abtrade.sinks.summary import limits

HEADER = "exchange,seq,ts,contract,action,order_id,account,side,price,lots,contra_order_id"
ROWS = """
    SHFE cu2503 new    1 A sell 75010 5 -
    SHFE cu2503 new    2 A sell 75010 5 -
    SHFE cu2503 new    9 B buy  75010 9 -
    SHFE cu2503 trade  9 - -    75010 1 2
    SHFE cu2503 trade  9 - -    75010 1 1
    SHFE cu2504 cancel 7 - -    -   - -
    SHFE cu2504 new    1 A sell 75010 5 -
    INE  sc2503 carried 1 A sell 550 5 -
    INE  sc2503 cancel 8 - -    -   - -
"""


@pytest.fixture(name="log")
def log_path(tmp_path: Path) -> Path:
    lines = [HEADER]
    for seq, line in enumerate(ROWS.strip().splitlines(), start=1):
        exchange, contract, action, *rest = line.split()
        cells = [exchange, str(seq), f"2025-01-06 09:00:{seq:02}", contract, action, *rest]
        lines.append(",".join("" if cell == "-" else cell for cell in cells))
    path = tmp_path / "day.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def scan(log: Path, **how: Any) -> Any:
    return abtrade.scan(log, engine="reference", **how)


def test_the_certificate_has_each_book(log):
    certificate = scan(log, book=True).certificate
    books = {
        contract: entry["book"]
        for contracts in certificate["exchanges"].values()
        for contract, entry in contracts.items()
    }
    assert books["cu2503"] == {
        "counts": {"not_first": 1, "at_head": 1},
        "first": {"not_first": [{"seq": 4, "ts": "2025-01-06T09:00:04.000000000+08:00"}]},
        "begins_without_resting_orders": False,
    }
    assert books["cu2504"] == {
        "counts": {"unknown_resting": 1}, "first": {}, "begins_without_resting_orders": True
    }
    assert books["sc2503"]["counts"] == {"unknown_resting": 1}
    assert not books["sc2503"]["begins_without_resting_orders"], "it has carried rows"


def test_the_certificate_has_all_of_them_together(log):
    assert scan(log, book=True).certificate["book"] == {
        "counts": {"not_first": 1, "at_head": 1, "unknown_resting": 2},
        "begin_without_resting_orders": ["SHFE:cu2504"],
    }


def test_books_change_nothing_else(log):
    with_books, without = scan(log, book=True), scan(log)
    for name in ("alerts", "results", "tallies", "cells", "self_pairs"):
        assert getattr(with_books, name).equals(getattr(without, name)), name
    told, plain = dict(with_books.certificate), dict(without.certificate)
    assert "book" not in plain
    assert told["verdict"] == plain["verdict"]
    assert told["faults"] == plain["faults"]
    assert told["state_hash"] != plain["state_hash"]


def test_the_terminal_tells_of_them(log):
    found = scan(log, book=True)
    english, chinese = ([line for line in limits(found, lang) if word in line]
                        for lang, word in (("en", "rder"), ("zh", "订单簿")))
    assert (
        "Order books: 1 of 2 trades held against them took the first order at the best price; "
        "not so: not_first 1; not held against them: none"
    ) in english
    assert "Begins without the orders that rested then, so the book lacks them: SHFE:cu2504" in (
        english
    )
    assert chinese == [
        "订单簿：可比对的 2 笔成交中，1 笔成交于最优价位的首个报单；"
        "不符：not_first 1；不作比对：无",
        "流水开始时缺少当时的挂单，订单簿不全的合约：SHFE:cu2504",
    ]
    assert not [line for line in limits(scan(log), "zh") if "订单簿" in line]


def test_the_json_tells_of_them(log):
    for found, there in ((scan(log, book=True), True), (scan(log), False)):
        file = io.StringIO()
        write_stream(found, "json", file)
        assert (json.loads(file.getvalue()).get("book") == found.certificate.get("book")) and (
            ("book" in found.certificate) is there
        )


@pytest.mark.parametrize(("lang", "begins", "nothing"), [
    ("en", "Order books: no trade to hold against them;", "none"),
    ("zh", "订单簿：没有可比对的成交；", "无"),
])
@pytest.mark.parametrize("engine", ["core", "reference"])
def test_books_against_which_no_trade_can_be_held(tmp_path, engine, lang, begins, nothing):
    path = tmp_path / "day.csv"
    path.write_text(f"{HEADER}\nSHFE,1,2025-01-06 09:00:01,cu2503,cancel,7,,,,,\n", "utf-8")
    (line,) = [
        line for line in limits(abtrade.scan(path, engine=engine, book=True), lang)
        if line.startswith(begins)
    ]
    assert nothing in line


def test_no_text_has_two_meanings():
    for lang in ("en", "zh"):
        keys = [
            key
            for module in sorted((Path(abtrade.__file__).parent).glob(f"words*_{lang}.py"))
            for key in vars(importlib.import_module(f"abtrade.{module.stem}"))["WORDS"]
        ]
        assert sorted(keys) == sorted(set(keys))
