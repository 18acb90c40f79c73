"""Every kind of bad row, over every format, each beside a row like it that is good."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from day_files import (
    ALL,
    FORMATS,
    NEW,
    NS,
    Contracts,
    read,
    rows_of,
    table_of,
    write,
    write_table,
)

from abtrade.names import Names
from abtrade.readers.normalise import Normaliser
from abtrade.readers.raw import RawBatch

BARE = {"account": None, "side": None, "price": None, "lots": None}
"""What a cancel row of a real log leaves null."""

TRADE = {**BARE, "action": "trade", "lots": 1, "price": 70000.0, "contra_order_id": 5}

CASES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    # what, the bad row, its good twin, what the reason says
    ("unknown action", {"action": "nwe"}, {"action": "new"}, "action: found nwe"),
    ("unknown side", {"side": "long"}, {"side": "buy"}, "side: found long"),
    ("unknown tif", {"tif": "ioc"}, {"tif": "fak"}, "tif: found ioc"),
    ("unnamed canceller", {"cancel_by": "unnamed"}, {"cancel_by": "client"}, "cancel_by: found"),
    ("no action", {"action": None}, {}, "action: found nothing"),
    ("no contract", {"contract": None}, {}, "contract: found nothing"),
    ("blank contract", {"contract": " \u3000"}, {"contract": " cu2503\u3000"}, "contract: found"),
    ("no time", {"ts": None}, {}, "ts: found nothing"),
    ("no seq in a log with seq", {"seq": None}, {}, "seq: found nothing"),
    ("no order id", {"order_id": None}, {"order_id": 0}, "order_id: found nothing"),
    (
        "no order id on a cancel",
        {**BARE, "action": "cancel", "order_id": None},
        {**BARE, "action": "rfq", "order_id": None, "account": "a"},
        "order_id: found nothing, expected a value on a cancel row",
    ),
    (
        "no account on new",
        {"account": None},
        {**BARE, "action": "cancel"},
        "account: found nothing",
    ),
    (
        "no account on rfq",
        {**BARE, "action": "rfq"},
        {**BARE, "action": "reject"},
        "account: found nothing, expected a value on a rfq row",
    ),
    ("no side on new", {"side": None}, {**TRADE}, "side: found nothing"),
    (
        "no side on carried",
        {"action": "carried", "side": None},
        {"action": "carried"},
        "side: found nothing",
    ),
    ("no lots on new", {"lots": None}, {**BARE, "action": "cancel"}, "lots: found nothing"),
    ("no lots on trade", {**TRADE, "lots": None}, {**TRADE}, "lots: found nothing"),
    (
        "no lots on amend",
        {**BARE, "action": "amend"},
        {**BARE, "action": "amend", "lots": 0},
        "lots: found nothing",
    ),
    ("zero lots on new", {"lots": 0}, {"lots": 1}, "lots: found 0 on a new row"),
    (
        "zero lots on carried",
        {"action": "carried", "lots": 0},
        {"action": "carried", "lots": 1},
        "lots: found 0 on a carried row",
    ),
    ("zero lots on trade", {**TRADE, "lots": 0}, {**TRADE}, "lots: found 0 on a trade row"),
    ("negative lots", {"lots": -3}, {"lots": 3}, "lots: found -3"),
    (
        "negative lots on cancel",
        {**BARE, "action": "cancel", "lots": -1},
        {**BARE, "action": "cancel", "lots": 0},
        "lots: found -1 on a cancel row, expected 0 or more",
    ),
    (
        "negative lots on amend",
        {**BARE, "action": "amend", "lots": -1},
        {**BARE, "action": "reject", "lots": -1},
        "lots: found -1 on a amend row",
    ),
    ("off the tick", {"price": 70005.0}, {"price": 70010.0}, "price: found 70005"),
    (
        "off the tick by more than rounding",
        {"contract": "IF2503", "price": 4000.200001},
        {"contract": "IF2503", "price": 4000.2000001},
        "multiple of the tick 0.2",
    ),
    (
        "off the tick on a trade at CZCE",
        {**TRADE, "contract": "SR505", "price": 6000.5},
        {"contract": "SR505", "price": 6000.5},
        "multiple of the tick 1",
    ),
    (
        "off the tick, whatever the action",
        {**BARE, "action": "cancel", "price": 1.0},
        {**BARE, "action": "cancel", "price": 10.0},
        "price: found 1",
    ),
    ("infinite price", {"price": float("inf")}, {"price": -10.0}, "price: found"),
    ("no price on a trade", {**TRADE, "price": None}, {**TRADE}, "price: found nothing"),
    (
        "no price on a limit order",
        {"order_type": "limit", "price": None},
        {"order_type": "market", "price": None},
        "price: found nothing, expected a value on a new row",
    ),
    (
        "no price on a carried limit order",
        {"action": "carried", "order_type": "limit", "price": None},
        {"action": "carried", "order_type": None, "price": None},
        "price: found nothing",
    ),
]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("what", "bad", "good", "reason"), CASES, ids=[case[0] for case in CASES])
def test_bad_row_and_its_twin(
    tmp_path: Path, form: str, what: str, bad: dict[str, Any], good: dict[str, Any], reason: str
) -> None:
    twins = rows_of({}, good, bad, {})
    kept, aside = read(write(tmp_path, twins, form))
    assert [row["row"] for row in kept] == [1, 2, 4]
    assert [row.row for row in aside] == [3]
    assert reason in aside[0].reason.replace("'", "")


@pytest.mark.parametrize("form", FORMATS)
def test_a_bad_row_is_set_aside_once_with_all_its_reasons(tmp_path: Path, form: str) -> None:
    rows = rows_of({"side": "x", "lots": 0, "account": None, "price": 70001.0})
    kept, aside = read(write(tmp_path, rows, form))
    assert not kept
    assert len(aside) == 1
    for column in ("side", "lots", "account", "price"):
        assert f"{column}: found" in aside[0].reason


@pytest.mark.parametrize("form", FORMATS)
def test_the_content_is_the_whole_row_as_json(tmp_path: Path, form: str) -> None:
    rows = rows_of({"side": "=1+1\x1b[31m", "note": "甲"})
    _, aside = read(write(tmp_path, rows, form))
    content = json.loads(aside[0].content)
    assert content["side"] == "=1+1\x1b[31m"
    assert str(content["order_id"]) == "1"
    assert "2025-03-03" in content["ts"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_null_price_of_unknown_order_type_is_good(tmp_path: Path, form: str) -> None:
    kept, aside = read(write(tmp_path, rows_of({}, {"price": None}), form))
    assert not aside
    assert kept[1]["price"] == -(2**63)


@pytest.mark.parametrize("form", FORMATS)
def test_an_assumed_order_type_makes_no_row_bad(tmp_path: Path, form: str) -> None:
    rows = rows_of({"price": None}, {})
    kept, aside = read(write(tmp_path, rows, form), assume={"order_type": "limit"})
    assert not aside
    assert [row["order_type"] for row in kept] == [1, 1]


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_not_read_is_not_checked(tmp_path: Path, form: str) -> None:
    path = write(tmp_path, rows_of({"price": 70005.0, "side": "x"}), form)
    assert not read(path, frozenset({"seq"}))[1]
    assert read(path, frozenset({"price"}))[1]
    assert read(path, frozenset({"side"}))[1]


@pytest.mark.parametrize("cell", ["12x", "1.5", "１２", "1 2", "0x10", "1e3", "+1", "--1", "1_0"])
def test_text_that_is_no_number_of_lots(tmp_path: Path, cell: str) -> None:
    kept, aside = read(write(tmp_path, rows_of({"lots": cell}, {"lots": " 12 "}), "csv"))
    assert [row["lots"] for row in kept] == [12]
    assert aside[0].reason == f"lots: found {cell!r}, expected a whole number"


@pytest.mark.parametrize("cell", ["9223372036854775808", "x", "1.0"])
def test_text_that_is_no_seq(tmp_path: Path, cell: str) -> None:
    rows = rows_of({"seq": cell}, {"seq": "9223372036854775807"})
    kept, aside = read(write(tmp_path, rows, "csv"))
    assert [row["seq"] for row in kept] == [2**63 - 1]
    assert aside[0].reason.startswith(f"seq: found '{cell}'")


@pytest.mark.parametrize("cell", ["nan", "inf", "70,000", "7 0", "0x1p3", "1__0", "万", "-", "."])
def test_text_that_is_no_price(tmp_path: Path, cell: str) -> None:
    rows = rows_of({"price": cell}, {"price": "7e4"}, {"price": "-70000"}, {"price": "\t70000."})
    kept, aside = read(write(tmp_path, rows, "csv"))
    assert [row["price"] for row in kept] == [7000, -7000, 7000]
    assert aside[0].reason == f"price: found {cell!r}, expected a finite number"


@pytest.mark.parametrize(
    "cell",
    ["2025-03-03", "2025-03-03 9:00:00", "2025-02-29 09:00:00", "2025-03-03 24:00:00",
     "2025-03-03 09:00:60", "2025-03-03 09:00:00.", "2025-03-03 09:00:00.1234567891",
     "2025-03-03 09:00:00+8", "2025-03-03 09:00:00 +08:00", "2025/03/03 09:00:00",
     "9999-01-01T00:00:00", "1740963600", "nonsense"],
)  # fmt: skip
def test_text_that_is_no_time(tmp_path: Path, cell: str) -> None:
    rows = rows_of({"ts": cell}, {"ts": "2025-03-03T01:00:00.000000001Z"})
    kept, aside = read(write(tmp_path, rows, "csv"))
    assert [row["ts"] for row in kept] == [NS]
    assert aside[0].reason.startswith(f"ts: found '{cell}'")


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_a_time_that_ns_cannot_tell(tmp_path: Path, form: str) -> None:
    table = table_of(rows_of({}, {}))
    seconds = pa.array([16_725_225_600, NS // 10**9], pa.timestamp("ms")).cast(pa.timestamp("ms"))
    table = table.set_column(
        table.schema.get_field_index("ts"), "ts", pa.array([10**16, NS // 10**6], seconds.type)
    )
    kept, aside = read(write_table(tmp_path / "day", table, form))
    assert [row["row"] for row in kept] == [2]
    assert aside[0].reason.startswith("ts: found")


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_an_id_of_2_to_the_63(tmp_path: Path, form: str) -> None:
    rows = rows_of({"order_id": 2**63}, {"order_id": 2**63 - 1})
    kept, aside = read(write(tmp_path, rows, form, order_id=pa.uint64()))
    assert [row["order"] for row in kept] == [str(2**63 - 1)]
    assert "write the column as text" in aside[0].reason
    text, none_aside = read(write(tmp_path, rows, "csv"))
    assert [row["order"] for row in text] == [str(2**63), str(2**63 - 1)]
    assert not none_aside


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_a_float_price_that_is_no_number(tmp_path: Path, form: str) -> None:
    rows = rows_of({"price": float("nan")}, {"price": float("-inf")}, {"price": 1e300}, {})
    kept, aside = read(write(tmp_path, rows, form))
    assert [row["row"] for row in kept] == [4]
    assert all("price: found" in row.reason for row in aside)


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_whole_lots_in_floats(tmp_path: Path, form: str) -> None:
    """A frame with null lots has floats; whole ones are lots, others are not."""
    rows = rows_of({"lots": 3.0}, {"lots": 1.5}, {"lots": float("nan")}, {"lots": None})
    kept, aside = read(write(tmp_path, rows, form, lots=pa.float64()))
    assert [row["lots"] for row in kept] == [3]
    assert [row.row for row in aside] == [2, 3, 4]


def test_bad_rows_fill_their_seq() -> None:
    rows = rows_of({}, {"lots": 0}, {"seq": None}, {"lots": -1, "contract": None, "channel": 2})
    record = table_of(rows).combine_chunks().to_batches()[0]
    names = Names()
    found = Normaliser(names, Contracts(), ALL, {}, "arrow").batch(0, RawBatch(1, record))
    shfe = names.exchange("SHFE")
    assert found.bad_seqs == [(shfe, 0, 2), (shfe, 2, 4)]
    assert len(found.batch) == 1


def test_the_names_of_bad_rows_are_not_met(tmp_path: Path) -> None:
    """A row is set aside whole: its account is none of the log's."""
    rows = rows_of({}, {"account": "ghost", "lots": 0}, {"contract": "IF2503", "lots": 0})
    record = table_of(rows).combine_chunks().to_batches()[0]
    names = Names()
    Normaliser(names, Contracts(), ALL, {}, "arrow").batch(0, RawBatch(1, record))
    assert [name for _, name in names.accounts] == [NEW["account"]]
    assert names.contracts == [(0, "cu2503")]
