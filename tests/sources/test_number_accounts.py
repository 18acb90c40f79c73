"""Accounts that a file holds as numbers: whose leading zeros are gone, nobody can tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ctp_files import order
from small_files import scanned

import abtrade
from abtrade.errors import InputError

VNPY = {
    "symbol": "cu2505", "exchange": "SHFE", "orderid": "1_2_3", "type": "限价", "direction": "多",
    "offset": "开", "price": 70000.0, "volume": 5.0, "traded": 0.0, "status": "未成交",
    "datetime": "2025-03-03 09:00:00+08:00", "accountid": 10001,
}  # fmt: skip
TQSDK = {
    "order_id": "PYSDK_1", "exchange_order_id": "11", "exchange_id": "SHFE",
    "instrument_id": "cu2505", "direction": "BUY", "offset": "OPEN", "volume_orign": 5,
    "volume_left": 5, "limit_price": 70000.0, "price_type": "LIMIT", "volume_condition": "ANY",
    "time_condition": "GFD", "insert_date_time": 1_740_963_600_000_000_000, "status": "ALIVE",
    "user_id": 10001,
}  # fmt: skip
CASES = [(order(ClientID=10001), "ClientID"), (VNPY, "accountid"), (TQSDK, "user_id")]


def saved(folder: Path, row: dict[str, Any]) -> list[Path]:
    pq.write_table(pa.Table.from_pylist([row]), folder / "orders.parquet")
    return [folder / "orders.parquet"]


@pytest.mark.parametrize(("row", "field"), CASES, ids=["ctp", "vnpy", "tqsdk"])
def test_a_foreign_log_of_such_accounts_is_refused_unless_the_field_is_named(row, field, tmp_path):
    paths = saved(tmp_path, row)
    told = f"column '{field}' holds numbers, so leading zeros are lost"
    with pytest.raises(InputError, match=f"{told}.*or name the field with --account-field"):
        scanned(paths)
    named = scanned(paths, account_field=field)
    assert any(told in note for note in named.run["notes"])
    assert named.tallies["subject"].to_pylist() == ["10001"]


def test_texts_are_taken_as_they_are(tmp_path: Path):
    found = scanned(saved(tmp_path, VNPY | {"accountid": "00010001"}))
    assert found.tallies["subject"].to_pylist() == ["00010001"]
    assert not any("holds numbers" in note for note in found.run["notes"])


def test_a_canonical_log_of_such_accounts_says_so():
    row = {"seq": 1, "ts": "2025-03-03 09:00:00", "action": "new", "order_id": 1, "account": 7,
           "contract": "rb2505", "exchange": "SHFE", "side": "buy", "price": 3000.0, "lots": 1}
    notes = abtrade.scan(pa.Table.from_pylist([row])).run["notes"]
    assert any("column 'account' holds numbers, so leading zeros are lost" in one for one in notes)
