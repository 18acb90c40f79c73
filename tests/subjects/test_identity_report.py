"""The report on identities: each account, how it was joined and through what, and what was not."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from side_rows import DAY, rows

import abtrade

ACCOUNTS = "account, exchange, client"
LOG = pa.table({
    "ts": [f"2025-03-03 09:00:0{at}" for at in range(6)],
    "exchange": ["SHFE", "SHFE", "SHFE", "CFFEX", "CFFEX", "CFFEX"],
    "contract": ["cu2503"] * 3 + ["IF2503"] * 3,
    "action": ["new"] * 6,
    "order_id": list("123456"),
    "account": ["A", "B", "000100000003", "000100000011", "000100000012", "X"],
    "side": ["buy"] * 6,
    "lots": [1] * 6,
    "price": ["100"] * 6,
})  # fmt: skip


def report(**tables: Any) -> dict[str, dict[str, Any]]:
    found = abtrade.scan(LOG, day=DAY, rules=["shfe"], **tables)
    return {row["account"]: row for row in found.links.to_pylist()}


def certified(**tables: Any) -> dict[str, Any]:
    return abtrade.scan(LOG, day=DAY, rules=["shfe"], **tables).certificate["identities"]


def test_without_tables_it_says_how_each_account_was_read():
    found = report()
    assert [(row["client"], row["client_kind"], row["joined"]) for row in found.values()] == [
        ("00000011", "client", "12-digit code"),
        ("00000012", "client", "12-digit code"),
        ("X", "account", "the account itself"),
        ("00000003", "client", "12-digit code"),
        ("A", "account", "the account itself"),
        ("B", "account", "the account itself"),
    ]
    assert {row["in_accounts_table"] for row in found.values()} == {None}
    assert {name for name, row in found.items() if row["remark"]} == {
        "000100000011", "000100000012", "X"}  # fmt: skip
    assert found["X"]["remark"] == "other codes of this client cannot be told"
    assert certified() == {
        "CFFEX": {"accounts": 3, "joined": {"12-digit code": 2, "the account itself": 1},
                  "in_no_table": None, "codes_not_joined": 3},
        "SHFE": {"accounts": 3, "joined": {"12-digit code": 1, "the account itself": 2},
                 "in_no_table": None, "codes_not_joined": 0},
    }  # fmt: skip


def test_an_accounts_table_joins_codes_and_those_it_lacks_are_named():
    table = rows(ACCOUNTS, "000100000011,CFFEX,c1", "000100000012,CFFEX,c1", "A,SHFE,")
    found = report(accounts=table)
    assert found["000100000011"]["client_accounts"] == 2
    assert found["000100000011"]["remark"] is None
    assert {name: row["in_accounts_table"] for name, row in found.items()} == {
        "000100000011": True, "000100000012": True, "X": False, "000100000003": False,
        "A": True, "B": False}  # fmt: skip
    told = certified(accounts=table)
    assert told["CFFEX"]["in_no_table"] == {"accounts": 1, "first": ["X"]}
    assert told["CFFEX"]["codes_not_joined"] == 1
    assert told["SHFE"]["in_no_table"] == {"accounts": 2, "first": ["000100000003", "B"]}


def test_a_given_group_tells_its_rows_and_how_many_of_it_are_silent():
    links = rows(
        "account, client, group, status, source",
        "A,,G1,determined,notice 7", ",B,G1,determined,", "silent,,G1,determined,",
    )  # fmt: skip
    found = report(links=links)
    row = found["A"]
    assert (row["group"], row["status"], row["link"]) == ("G1", "determined", "link on account")
    assert row["through"] == ["row 1: account A (determined, notice 7)"]
    assert found["B"]["through"] == ["row 2: client B (determined)"]
    assert (row["group_clients"], row["group_clients_in_log"]) == (3, 2)
    alone = found["X"]
    assert (alone["group"], alone["through"], alone["group_clients"]) == (None, [], None)


def test_a_closed_group_tells_each_clients_own_links():
    links = rows(
        "a, b, relation, status, source",
        "A,B,same terminal,suspected,t1", "B,C,family,filed,t2", "C,D,,,",
    )  # fmt: skip
    found = report(links=links, close_links=5)
    assert found["A"]["through"] == ["row 1: A - B (same terminal, suspected, t1)"]
    assert found["B"]["through"] == [
        "row 1: A - B (same terminal, suspected, t1)", "row 2: B - C (family, filed, t2)"]
    assert found["A"]["link"] == "closed over 3 links"
    assert (found["A"]["group_clients"], found["A"]["group_clients_in_log"]) == (4, 2)


def test_many_links_of_one_client_are_cut_with_their_number():
    links = rows("a, b", *(f"A,L{at}" for at in range(8)))
    through = report(links=links, close_links=9)["A"]["through"]
    assert len(through) == 6
    assert through[-1] == "and 3 more"
