"""Order fees of small days: whose messages add up over what, who is exempt, what is told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import abtrade
from abtrade import outputs
from abtrade.sinks.fee_lines import fee_lines

DAY = "2025-03-03"


def fak_log(orders: int) -> pa.Table:
    """Return FAK orders of account A in bitumen, each with its cancel."""
    rows = 2 * orders
    start = 1_681_866_000_000_000_000  # 09:00 on 2023-04-19 in Shanghai

    def by_turns(new: Any, cancel: Any, of: pa.DataType) -> pa.Array:
        return pa.array([new, cancel], of).take(pa.array(np.arange(rows) % 2))

    return pa.table({
        "exchange": by_turns("SHFE", "SHFE", pa.string()),
        "seq": np.arange(1, rows + 1),
        "ts": pa.array(start + np.arange(rows) * 1000).cast(pa.timestamp("ns", "Asia/Shanghai")),
        "contract": by_turns("bu2306", "bu2306", pa.string()),
        "action": by_turns("new", "cancel", pa.string()),
        "order_id": np.arange(rows) // 2 + 1,
        "account": by_turns("A", None, pa.string()),
        "tif": by_turns("fak", "fak", pa.string()),
        "lots": by_turns(1, None, pa.int64()),
    })  # fmt: skip


@pytest.mark.parametrize("engine", ["core", "reference"])
def test_the_bitumen_day_from_its_log(engine, tmp_path):
    orders = 59_600 if engine == "core" else 4_100
    found = abtrade.scan(fak_log(orders), fees="shipped", engine=engine, out=tmp_path / "out")
    (row,) = found.fees.to_pylist()
    fee = 4_042_000 if engine == "core" else 2_500
    assert (row["messages"], row["filled_orders"]) == (2 * orders, 0)
    assert (row["otr"], row["fee"], row["dearer"]) == (2 * orders - 1, Decimal(fee), True)
    assert (row["scope"], row["status"]) == ("contract:bu2306", "secondary")
    assert pq.read_table(tmp_path / "out" / "fees.parquet").equals(found.fees)


class Log:
    """Rows of a small log, one after the other."""

    def __init__(self, exchange: str, day: str) -> None:
        self.day = day
        self.rows: list[dict[str, Any]] = []
        self.exchange = exchange
        self.orders = 0

    def row(self, action: str, contract: str, order: int | None, **cells: Any) -> None:
        self.rows.append({
            "exchange": self.exchange, "seq": len(self.rows) + 1,
            "ts": f"{self.day}T09:30:00.{len(self.rows):06d}+08:00", "contract": contract,
            "action": action, "order_id": order, "account": None, "side": None, "price": None,
            "lots": None, "tif": None, "contra_order_id": None, **cells,
        })  # fmt: skip

    def fak(self, account: str, contract: str, *, lots: int = 2, fills: int = 0) -> None:
        """Send a FAK that is filled by so many lots; what is left goes with its cancel."""
        self.orders += 1
        order = self.orders
        self.row("new", contract, order, account=account, side="buy", lots=lots, tif="fak",
                 price=5000)  # fmt: skip
        if fills:
            self.row("trade", contract, order, contra_order_id=999_999, lots=fills, price=5000)
        if fills < lots:
            self.row("cancel", contract, order, lots=lots - fills)

    def scan(self, **options: Any) -> abtrade.ScanResult:
        table = pa.Table.from_pylist(self.rows)
        return abtrade.scan(table, day=self.day, **options)


def fees(found: abtrade.ScanResult) -> list[tuple[Any, ...]]:
    assert found.fees is not None
    assert found.fees.schema.equals(outputs.FEES)
    return [
        (row["subject"], row["scope"], row["messages"], row["filled_orders"], float(row["fee"]))
        for row in found.fees.to_pylist()
    ]


def brackets(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([{"above": 0, "rate": "1", **row} for row in rows])


def test_a_filled_fak_is_one_message_and_any_other_two():
    log = Log("SHFE", "2023-04-19")
    log.fak("A", "rb2310", fills=2)
    log.fak("B", "rb2310", fills=1)
    log.fak("C", "rb2310")
    found = log.scan(fees=brackets({"exchange": "SHFE", "product": "rb"}))
    assert fees(found) == [
        ("A", "contract:rb2310", 1, 1, 1.0),
        ("B", "contract:rb2310", 2, 1, 2.0),
        ("C", "contract:rb2310", 2, 0, 2.0),
    ]


@pytest.mark.parametrize(
    ("scope", "exchange", "contracts", "texts"),
    [
        ("contract", "SHFE", ["cu2505C70000", "cu2505P70000"],
         {"contract:cu2505C70000": 2, "contract:cu2505P70000": 4}),
        ("series", "SHFE", ["cu2505C70000", "cu2505P70000"], {"series:cu2505_o": 6}),
        ("underlying", "DCE", ["m2505-C-2950", "m2505-P-2800"], {"underlying:m2505": 6}),
    ],
)  # fmt: skip
def test_messages_add_up_over_the_scope(scope, exchange, contracts, texts):
    log = Log(exchange, DAY)
    log.fak("A", contracts[0])
    for _ in range(2):
        log.fak("A", contracts[1])
    table = brackets({"exchange": exchange, "kind": "option", "scope": scope})
    found = log.scan(fees=table)
    assert {text: messages for _, text, messages, *_ in fees(found)} == texts


def test_a_future_is_not_of_its_options():
    """An underlying's own messages are not those of the options on it."""
    log = Log("DCE", DAY)
    log.fak("A", "m2505")
    log.fak("A", "m2505-C-2950")
    assert fees(log.scan(fees="shipped")) == [
        ("A", "contract:m2505", 2, 0, 0.0), ("A", "underlying:m2505", 2, 0, 0.0),
    ]  # fmt: skip


def linked(status: str) -> pa.Table:
    return pa.table({"account": ["A", "B"], "group": ["G", "G"], "status": [status] * 2})


def test_a_group_is_one_client():
    log = Log("SHFE", "2023-04-19")
    for account in ("A", "B"):
        for _ in range(2):
            log.fak(account, "rb2310")
    steep = brackets({"exchange": "SHFE", "product": "rb", "rate": "0"},
                     {"exchange": "SHFE", "product": "rb", "above": 4})  # fmt: skip
    assert [row[4] for row in fees(log.scan(fees=steep))] == [0.0, 0.0]
    found = log.scan(fees=steep, links=linked("filed"))
    assert fees(found) == [("G", "contract:rb2310", 8, 0, 4.0)]


def test_a_suspected_group_has_rows_of_its_clients_too_and_is_not_told_as_paying():
    log = Log("SHFE", "2023-04-19")
    for account in ("A", "B", "B"):
        log.fak(account, "rb2310")
    found = log.scan(
        fees=brackets({"exchange": "SHFE", "product": "rb"}), links=linked("suspected")
    )
    assert [row[::4] for row in fees(found)] == [("A", 2.0), ("B", 4.0), ("G", 6.0)]
    (line,) = fee_lines(found.fees, [], "en")
    assert line == ("Order fees: 2 of 2 subjects pay, 6.00 yuan in all; account B pays most, 4.00 "
                    "yuan for SHFE contract:rb2310")  # fmt: skip


def test_market_makers_pay_nothing_in_their_product_and_it_is_said():
    log = Log("SHFE", "2023-04-19")
    for contract in ("rb2310", "cu2306"):
        log.fak("000100000007", contract)
    found = log.scan(
        fees=brackets({"exchange": "SHFE", "kind": "future"}),
        market_makers=pa.table({"client": ["00000007"], "product": ["rb"]}),
    )
    assert found.fees is not None
    told = [(row["scope"], row["messages"], row["exempt_messages"], float(row["fee"]), row["otr"])
            for row in found.fees.to_pylist()]  # fmt: skip
    assert told == [("contract:cu2306", 2, 0, 2.0, 1.0), ("contract:rb2310", 0, 2, 0.0, None)]


def test_contracts_without_brackets_are_named_and_those_without_a_fee_are_not():
    log = Log("SHFE", DAY)
    for contract in ("rb2505", "cu2505"):
        log.fak("A", contract)
    no_fee = pa.table({"exchange": ["SHFE"], "product": ["rb"], "order_fee": ["false"]})
    found = log.scan(fees="shipped", contracts=no_fee)
    assert fees(found) == []
    assert found.certificate["no_fee_brackets"] == ["SHFE:cu2505"]
    assert list(fee_lines(found.fees, ["SHFE:cu2505"], "en")) == [
        "No brackets of order fees known for: SHFE:cu2505"
    ]


def test_nobody_asked_and_nothing_is_made(tmp_path):
    log = Log("SHFE", "2023-04-19")
    log.fak("A", "rb2310")
    found = log.scan(out=tmp_path / "out")
    assert found.fees is None and found.certificate["no_fee_brackets"] is None
    assert not (tmp_path / "out" / "fees.parquet").exists()


def test_a_bad_table_stops_the_scan_before_it_counts():
    log = Log("SHFE", "2023-04-19")
    log.fak("A", "rb2310")
    with pytest.raises(abtrade.InputError, match="fees: row 1: column 'above': found 5"):
        log.scan(fees=brackets({"exchange": "SHFE", "product": "rb", "above": 5}))


# --- on a terminal -------------------------------------------------------------------------------


def paying(*fees: str) -> pa.Table:
    rows = [
        {"day": date(2025, 3, 3), "exchange": "SHFE", "subject": f"S\x1b{i}",
         "subject_kind": "client", "group_status": None, "scope": "contract:cu2505", "messages": 1,
         "exempt_messages": 0, "filled_orders": 0, "otr": 0.0, "dearer": False,
         "fee": Decimal(fee), "bracket_above": 0, "rate": Decimal(1), "messages_left": None,
         "next_rate": None, "next_message": Decimal(1), "status": None, "source": "made"}
        for i, fee in enumerate(fees)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, outputs.FEES)


def test_lines_are_harmless_and_exact():
    (line,) = fee_lines(paying("0.1", "1234567.000001"), [], "en")
    assert line == (
        "Order fees: 2 of 2 subjects pay, 1,234,567.100001 yuan in all; client S\\x1b1 pays most, "
        "1,234,567.000001 yuan for SHFE contract:cu2505"
    )
    assert list(fee_lines(paying("0"), [], "en")) == ["Order fees: none of 1 subjects pays any"]


def test_lines_in_chinese():
    (line,) = fee_lines(paying("4042000"), [], "zh")
    assert line.startswith("申报费：1 个主体中有 1 个须缴，合计 4,042,000.00 元；最多的是")
