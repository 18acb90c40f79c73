"""tqsdk's orders and trades: what becomes of each, and what such files leave open."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_files import counts, events, files, opened, scanned

from abtrade.errors import InputError

AT = 1_740_963_600_000_000_000  # 2025-03-03 09:00:00 in Shanghai
ORDER = {
    "datetime": "2025-03-03 09:00:00.000000", "order_id": "PYSDK_insert_1",
    "exchange_order_id": "        1234", "exchange_id": "SHFE", "instrument_id": "cu2505",
    "direction": "BUY", "offset": "OPEN", "status": "ALIVE", "volume_orign": "5",
    "volume_left": "5", "limit_price": "70000.0", "price_type": "LIMIT",
    "volume_condition": "ANY", "time_condition": "GFD", "insert_date_time": str(AT),
    "last_msg": "未成交", "user_id": "U1",
}  # fmt: skip
TRADE = {
    "datetime": "2025-03-03 09:00:01.000000", "trade_id": "PYSDK_insert_1|  77",
    "order_id": "PYSDK_insert_1", "exchange_trade_id": "          77", "exchange_id": "SHFE",
    "instrument_id": "cu2505", "direction": "BUY", "offset": "OPEN", "price": "70000.0",
    "volume": "2", "trade_date_time": str(AT + 10**9), "user_id": "U1",
}  # fmt: skip

NEVER_THERE = {"exchange_order_id": "", "status": "FINISHED", "last_msg": "资金不足"}


def orders(*changes: dict[str, str], users: bool = True) -> str:
    return written(ORDER, changes, users)


def trades(*changes: dict[str, str], users: bool = True) -> str:
    return written(TRADE, changes, users)


def written(row: dict[str, str], changes: tuple[dict[str, str], ...], users: bool) -> str:
    names = [name for name in row if users or name != "user_id"]
    cells = [[(row | change)[name] for name in names] for change in changes]
    return "\n".join(",".join(line) for line in [names, *cells])


@pytest.mark.parametrize(
    ("cells", "rows"),
    [
        ({}, [("new", 5)]),
        ({"volume_left": "3"}, [("new", 5), ("trade", 2)]),
        ({"volume_left": "0", "status": "FINISHED"}, [("new", 5), ("trade", 5)]),
        ({"volume_left": "5", "status": "FINISHED"}, [("new", 5), ("cancel", 5)]),
        ({"volume_left": "3", "status": "FINISHED"}, [("new", 5), ("trade", 2), ("cancel", 3)]),
        (NEVER_THERE, [("reject", 5)]),
        (NEVER_THERE | {"insert_date_time": "0"}, [("reject", 5)]),
        ({"status": "FINISHED", "last_msg": "已撤单报单被拒绝SHFE:价格超出"}, [("reject", 5)]),
        ({"status": "FINISHED", "last_msg": "已撤单报单已提交"}, [("new", 5), ("cancel", 5)]),
        ({"exchange_order_id": ""}, []),
    ],
)  # fmt: skip
def test_each_status_without_a_file_of_trades(
    tmp_path: Path, cells: dict[str, str], rows: list[tuple[str, int]]
) -> None:
    paths = files(tmp_path, orders=orders(cells, {"order_id": "other"}))
    told = events(opened(paths), "order_id", "action", "lots")
    assert [row[1:] for row in told if row[0] == "PYSDK_insert_1"] == rows


@pytest.mark.parametrize(
    ("time", "volume", "price", "tif", "order_type"),
    [
        ("GFD", "ANY", "LIMIT", "gfd", "limit"),
        ("IOC", "ANY", "LIMIT", "fak", "limit"),
        ("IOC", "MIN", "LIMIT", "fak", "limit"),
        ("IOC", "ALL", "LIMIT", "fok", "limit"),
        ("IOC", "ANY", "ANY", "fak", "market"),
        ("GTC", "ANY", "LIMIT", "gtc", "limit"),
        ("GFA", "ANY", "LIMIT", None, "limit"),
    ],
)
def test_conditions(
    tmp_path: Path, time: str, volume: str, price: str, tif: str | None, order_type: str
) -> None:
    cells = {"time_condition": time, "volume_condition": volume, "price_type": price}
    told = events(opened(files(tmp_path, orders=orders(cells))), "tif", "order_type")
    assert told == [(tif, order_type)]


@pytest.mark.parametrize("contract", ["cu2505", "SHFE.cu2505"])
def test_a_contract_with_its_exchange_or_without(tmp_path: Path, contract: str) -> None:
    paths = files(tmp_path, orders=orders({"instrument_id": contract}))
    assert events(opened(paths), "contract", "exchange") == [("cu2505", "SHFE")]


def test_the_id_of_a_match_is_that_of_the_exchange(tmp_path: Path) -> None:
    """The library's own differs from side to side; a self-trade would not be seen by it."""
    both = [{"volume_left": "3"}, {"order_id": "P2", "direction": "SELL", "volume_left": "3"}]
    paths = files(
        tmp_path,
        orders=orders(*both),
        trades=trades({}, {"order_id": "P2", "trade_id": "P2|  77", "direction": "SELL"}),
    )
    assert counts(scanned(paths), "U1", "self_trades", "filled_orders") == [1, 2]


def test_a_file_appended_to_twice_counts_once(tmp_path: Path) -> None:
    """Saved in the course of the day and once more at its end, as the files grow."""
    done = {"status": "FINISHED", "volume_left": "3"}
    paths = files(tmp_path, orders=orders({}, done, done), trades=trades({}, {}))
    result = scanned(paths)
    assert counts(result, "U1", "orders", "cancels", "open_lots") == [1, 1, 2]
    assert "tqsdk: 1 trades told once more left out" in result.run["notes"]


def test_users_have_ids_of_their_own(tmp_path: Path) -> None:
    paths = files(tmp_path, orders=orders({}, {"user_id": "U2", "status": "FINISHED"}))
    result = scanned(paths)
    assert counts(result, "U1", "orders", "cancels") == [1, 0]
    assert counts(result, "U2", "orders", "cancels") == [1, 1]


def test_without_a_user_the_account_is_to_be_given(tmp_path: Path) -> None:
    paths = files(tmp_path, orders=orders({}, users=False), trades=trades({}, users=False))
    with pytest.raises(InputError, match=r"no column user_id; give it with --account") as error:
        opened(paths)
    assert len(str(error.value).splitlines()) == 2  # each file
    assert events(opened(paths, account="A"), "account") == [("A",), ("A",)]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"volume_left": "6"}, "volume_left: found '6', expected no more than volume_orign"),
        ({"status": "DONE"}, "status: found 'DONE', expected one of alive, finished"),
        ({"insert_date_time": "0"}, "insert_date_time: found '0', expected a time"),
        ({"insert_date_time": "2025-03-03"}, "insert_date_time: found '2025-03-03', expected a"),
        ({"time_condition": "XXX"}, "time_condition: found 'XXX', expected one of ioc, gfd"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside(
    tmp_path: Path, cells: dict[str, str], reason: str
) -> None:
    result = scanned(files(tmp_path, orders=orders({}, {"order_id": "4", **cells})))
    (bad,) = result.rejected.to_pylist()
    assert (bad["row"], bad["reason"][: len(reason)]) == (2, reason)
    assert counts(result, "U1", "orders") == [1]
