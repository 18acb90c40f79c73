"""Whole days as CTP counters dump them, in every form of file, read back to the same counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ctp_files import order, rows_of, saved, told
from export_ctp import Dump, by_front, dump, noise, sayable, write

import abtrade
from abtrade.errors import InputError
from abtrade.synth import MadeDay

DAY = date(2025, 2, 18)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> MadeDay:
    """A day of all six exchanges with its night session, in broker form."""
    folder = tmp_path_factory.mktemp("day") / "made"
    return abtrade.synth(folder, rows=8_000, two_rows=True, offences=6, day=DAY)


@pytest.fixture(scope="module")
def log(made) -> pa.Table:
    return sayable(pq.read_table(made.logs[0]))


@pytest.fixture(scope="module")
def dumped(log) -> Dump:
    return noise(dump(log, DAY))


@pytest.fixture(scope="module")
def expected(made, log) -> list[dict[str, Any]]:
    return tallies(made, log, day=DAY)


def tallies(made: MadeDay, log: Any, **options: Any) -> list[dict[str, Any]]:
    result = abtrade.scan(log, rules=[made.rules], **made.tables, **options)
    assert result.certificate["verdict"] == "complete"
    return result.tallies.to_pylist()


def three(made: Dump, folder: Path, suffix: str, **form: Any) -> None:
    write(made.orders, "orders", folder / f"orders{suffix}", **form)
    write(made.trades, "trades", folder / f"trades{suffix}", **form)
    write(made.actions, "actions", folder / f"actions{suffix}", **form)


def each_front(made: Dump, folder: Path) -> None:
    for number, rows in enumerate(by_front(made.orders)):
        write(rows, "orders", folder / f"{number}.csv")
    half = len(made.trades) // 2
    write(made.trades[:half], "trades", folder / "t0.csv")
    write(made.trades[half:], "trades", folder / "t1.parquet")
    write(made.actions, "actions", folder / "a.csv")


def as_number(field: str, cell: Any) -> Any:
    if field in ("ClientID", "OrderStatus", "OrderSysID") or not isinstance(cell, str):
        return cell
    return int(cell) if cell.strip().isdigit() else cell or None


def codes_as_numbers(made: Dump, folder: Path) -> None:
    """Codes that are digits as integers, ids without blanks as integers, no blanks but nulls."""
    for name in ("orders", "trades", "actions"):
        rows = [
            {field: as_number(field, cell) for field, cell in row.items()}
            for row in getattr(made, name)
        ]
        write(rows, name, folder / f"{name}.parquet")


FORMS: dict[str, Callable[[Dump, Path], None]] = {
    "utf-8": lambda made, folder: three(made, folder, ".csv"),
    "utf-8 with BOM": lambda made, folder: three(made, folder, ".csv", bom=True),
    "gbk": lambda made, folder: three(made, folder, ".csv", encoding="gbk"),
    "gb18030, gz": lambda made, folder: three(made, folder, ".csv.gz", encoding="gb18030"),
    "zst": lambda made, folder: three(made, folder, ".csv.zst"),
    "chinese": lambda made, folder: three(made, folder, ".csv", chinese=True),
    "chinese, gbk": lambda made, folder: three(made, folder, ".csv", chinese=True, encoding="gbk"),
    "parquet": lambda made, folder: three(made, folder, ".parquet"),
    "arrow": lambda made, folder: three(made, folder, ".arrow"),
    "codes as numbers": codes_as_numbers,
    "a file a front": each_front,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_day_is_read_back_to_the_same_tallies(made, dumped, expected, tmp_path, form):
    FORMS[form](dumped, tmp_path)
    assert tallies(made, tmp_path) == expected


def test_without_actions_nobody_is_known_to_have_cancelled(made, log, dumped, tmp_path):
    write(dumped.orders, "orders", tmp_path / "o.parquet")
    write(dumped.trades, "trades", tmp_path / "t.parquet")
    unsaid = log.drop_columns(["cancel_by"])
    assert tallies(made, tmp_path) == tallies(made, unsaid, day=DAY)


def test_last_states_alone_have_the_same_counts_but_for_self_trades(dumped, log, made, tmp_path):
    last = {(row["ExchangeID"], row["OrderLocalID"]): row for row in dumped.orders
            if row["OrderLocalID"]}  # fmt: skip
    rows = [row for row in last.values() if not row["OrderSysID"].startswith("TJBD")]
    write(rows, "orders", tmp_path / "o.parquet")
    counts = ("orders", "cancels", "messages", "filled_orders", "open_lots")

    def some(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        return [(row["subject"], row["contract"], *(row[c] for c in counts)) for row in found]

    unsaid = log.drop_columns(["cancel_by"])
    assert some(tallies(made, tmp_path)) == some(tallies(made, unsaid, day=DAY))


def test_events_stand_in_order_of_time(dumped, tmp_path):
    three(dumped, tmp_path, ".parquet")
    result = abtrade.scan(tmp_path)
    assert result.certificate["faults"] == {}


@pytest.mark.parametrize("sort", [False, True])
def test_a_dump_converts_to_a_canonical_log_with_the_same_counts(
    made, dumped, expected, tmp_path, sort
):
    bad = [{**dumped.orders[-1], "Direction": "9"}]
    three(Dump([*dumped.orders, *bad], dumped.trades, dumped.actions), tmp_path, ".parquet")
    out = tmp_path / "out" / "day.parquet"
    out.parent.mkdir()
    abtrade.convert(tmp_path, out, source="ctp", sort=sort)
    log = pq.read_table(out)
    result = abtrade.scan(log, rules=[made.rules], **made.tables)
    assert result.tallies.to_pylist() == expected and result.rejected.num_rows == 1


def test_the_first_chinese_word_may_come_late(tmp_path):
    rows = [order(OrderSysID=str(number)) for number in range(2000)]
    rows.append(order(OrderSysID="2000", StatusMsg="全部成交报单已提交", InvestorID="投资者"))
    log = abtrade.readers.log.open_log(saved(tmp_path / "o.csv", rows, "gbk"))
    assert len(rows_of(log)) == 2001


def test_utf8_that_breaks_off_is_not_read_as_anything_else(tmp_path):
    path = saved(tmp_path / "o.csv", [order(StatusMsg="已撤单"), order(InstrumentID="XX")])
    path.write_bytes(path.read_bytes() * 1 + b"\xff\xff,\n")
    with pytest.raises(InputError):
        abtrade.scan(path)


@pytest.mark.parametrize(
    ("field", "account"),
    [("ClientID", "00010001"), ("InvestorID", "I1"), ("ParticipantID+ClientID", "000100010001")],
)
def test_the_account_is_what_the_user_names(tmp_path, field, account):
    path = saved(tmp_path / "o.csv", [order()])
    log = abtrade.readers.log.open_log(
        path, stated=abtrade.readers.foreign.stated_log(account_field=field)
    )
    assert told(rows_of(log), "account") == [(account,)]
    assert f"the account is {field}" in log.notes


def test_without_trading_codes_the_investor_is_the_account(tmp_path):
    log = abtrade.readers.log.open_log(saved(tmp_path / "o.csv", [order(ClientID="")]))
    assert told(rows_of(log), "account") == [("I1",)]
    assert "the account is InvestorID" in log.notes


def test_a_row_with_a_blank_account_is_set_aside(tmp_path):
    path = saved(tmp_path / "o.csv", [order(), order(OrderSysID="8", ClientID=" ")])
    assert abtrade.scan(path).rejected["row"].to_pylist() == [2]


@pytest.mark.parametrize("field", ["ClientId", "Nothing", "MacAddress"])
def test_a_field_that_is_no_account_is_refused(tmp_path, field):
    with pytest.raises(InputError, match="--account-field"):
        abtrade.scan(saved(tmp_path / "o.csv", [order()]), account_field=field)


def test_quotes_and_spreadsheet_marks_around_codes_are_dropped(tmp_path):
    marked = {name: f"'{order()[name]}'" for name in ("Direction", "OrderStatus", "CombHedgeFlag")}
    log = abtrade.readers.log.open_log(
        saved(tmp_path / "o.csv", [order(**marked, OrderSubmitStatus='="3"')])
    )
    assert told(rows_of(log), "side", "hedge") == [("buy", "speculation")]
