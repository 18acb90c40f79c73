"""Bugs that were found, each with the scan that showed it, and its silent twin."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import abtrade

COLUMNS = ("seq", "ts", "contract", "action", "order_id", "account", "side", "price", "lots")


def rule(folder: Path, more: str, name: str = "rule.yaml") -> Path:
    path = folder / name
    path.write_text(
        "id: desk.cancels\nabout: x\nexchange: SHFE\nfrom: 2020-01-01\nstatus: secondary\n"
        "source: {document: Desk}\nclause: x\ncount: cancels\nscope: contract\n" + more
    )
    return path


def log(*rows: tuple[Any, ...], **columns: list[Any]) -> pa.Table:
    """Rows of (contract, action, order, account, lots), a second apart."""
    table = {name: [] for name in COLUMNS}
    for n, (contract, action, order, account, lots) in enumerate(rows, 1):
        values = (n, f"2025-03-03 09:00:{n:02}", contract, action, order, account,
                  "buy" if action == "new" else None, 70000 if action == "new" else None, lots)
        for name, value in zip(COLUMNS, values, strict=True):
            table[name].append(value)
    return pa.table({**table, **columns})


ONE_CANCEL_EACH = (
    ("cu2503", "new", 1, "A", 5), ("cu2503", "cancel", 1, None, 5),
    ("ao2503", "new", 2, "A", 5), ("ao2503", "cancel", 2, None, 5),
)


def scan(table: pa.Table, rules: Path, **options: Any) -> Any:
    return abtrade.scan(table, rules=[rules], day="2025-03-03", **options)


def result_of(found: Any, scope: str) -> dict[str, Any]:
    [row] = [r for r in found.results.to_pylist() if r["scope"] == scope]
    return {**row, "exempt": dict(row["exempt"])}


FEES = pa.table({"exchange": ["SHFE"], "product": ["cu"], "order_fee": ["true"]})


def test_a_contract_whose_order_fee_no_table_tells_is_not_judged_where_it_matters(tmp_path):
    only = rule(tmp_path, "only: {order_fee: false}\nred: {gte: 1}\n")
    found = scan(log(*ONE_CANCEL_EACH), only, contracts=FEES)
    assert {row["scope"] for row in found.results.to_pylist()} == {"contract:cu2503"}
    cu = result_of(found, "contract:cu2503")
    assert (cu["counted"], cu["unknown"], cu["exempt"]) == (0, 0, {"outside": 1})
    (told,) = found.certificate["no_order_fee"].values()
    assert told == ["SHFE:ao2503"]


def test_an_exemption_on_a_fact_no_table_tells_is_not_applied_and_is_told(tmp_path):
    left_out = rule(tmp_path, "leave_out:\n  - {order_fee: true, clause: x}\nred: {gte: 9}\n")
    found = scan(log(*ONE_CANCEL_EACH), left_out, contracts=FEES)
    assert result_of(found, "contract:ao2503")["unknown"] == 1
    assert result_of(found, "contract:cu2503")["counted"] == 0


def test_a_contract_of_unknown_product_is_named(tmp_path):
    found = scan(log(("zz2503", "new", 1, "A", 5), ("cu2503", "new", 1, "A", 5)),
                 rule(tmp_path, "red: {gte: 9}\n"))
    assert found.certificate["unmatched"] == ["-:zz2503"]


def test_a_suspected_group_under_a_rule_with_red_alone_has_its_tipping_event(tmp_path):
    links = pa.table({"account": ["A"], "group": ["G"], "status": ["suspected"]})
    found = scan(log(*ONE_CANCEL_EACH), rule(tmp_path, "red: {gte: 1}\n"), links=links)
    by_kind = {alert.result.subject_kind: alert for alert in found.alert_list
               if alert.result.scope == "contract:cu2503"}
    group, alone = by_kind["group"], by_kind["account"]
    assert (group.level, group.yellow.seq, group.red) == ("yellow", 2, None)
    assert (alone.level, alone.yellow, alone.red.seq) == ("red", None, 2)


def test_a_bad_row_does_not_say_whose_client_an_account_is(tmp_path):
    rows = [("cu2503", "new", 1, "X", -1), ("cu2503", "new", 2, "X", 1),
            ("cu2503", "new", 3, "Y", 1)]
    rules = rule(tmp_path, "red: {gte: 9}\n")
    bad = scan(log(*rows, client=["C", "D", "D"]), rules)
    assert bad.tallies["subject"].to_pylist() == ["D"]
    rows[0] = ("cu2503", "new", 1, "X", 1)
    good = scan(log(*rows, client=["C", "D", "D"]), rules)
    assert good.tallies["subject"].to_pylist() == ["C", "D"]
    assert "more than one client" in good.certificate["notes"][0]


def test_the_day_is_found_from_times_written_as_text(tmp_path):
    pq.write_table(log(*ONE_CANCEL_EACH), tmp_path / "day.parquet")
    found = abtrade.scan(tmp_path / "day.parquet", rules=["shfe"])
    assert found.certificate["day"] == "2025-03-03"


@pytest.mark.parametrize("kind", [pa.date32(), pa.float64()])
def test_a_time_column_of_a_wrong_type_is_told(tmp_path, kind):
    table = log(*ONE_CANCEL_EACH)
    at = table.schema.get_field_index("ts")
    table = table.set_column(at, "ts", pa.array([1, 2, 3, 4]).cast(pa.int32()).cast(kind))
    pq.write_table(table, tmp_path / "day.parquet")
    with pytest.raises(abtrade.InputError, match=r"day\.parquet: column 'ts': found type"):
        abtrade.scan(tmp_path / "day.parquet", rules=["shfe"])


def test_a_day_far_from_the_log_and_a_log_that_judges_nothing_are_noted(tmp_path):
    rules = rule(tmp_path, "red: {gte: 9}\n")
    far = abtrade.scan(log(*ONE_CANCEL_EACH), rules=[rules], day="2031-01-06")
    assert any("by the calendar rows are of 2025-03-03" in note for note in far.notes)
    none = abtrade.scan(log(), rules=[rules], day="2025-03-03")
    assert "the log has no good rows: nothing was judged" in none.notes
    assert scan(log(*ONE_CANCEL_EACH), rules).notes == []


def test_numbers_as_accounts_are_noted(tmp_path):
    table = log(*ONE_CANCEL_EACH).drop(["account"]).append_column(
        "account", pa.array([1, None, 1, None], pa.int64()))
    found = scan(table, rule(tmp_path, "red: {gte: 9}\n"))
    assert any("leading zeros are lost" in note for note in found.notes)


def test_force_spares_a_folder_that_holds_what_no_scan_writes(tmp_path):
    rules = rule(tmp_path, "red: {gte: 9}\n")
    out = tmp_path / "out"
    scan(log(*ONE_CANCEL_EACH), rules, out=out)
    scan(log(*ONE_CANCEL_EACH), rules, out=out, force=True)
    (out / "notes.txt").write_text("mine")
    with pytest.raises(abtrade.OutputError, match=r"holds notes\.txt"):
        scan(log(*ONE_CANCEL_EACH), rules, out=out, force=True)
    assert (out / "notes.txt").read_text() == "mine"


def test_a_state_is_not_saved_over_the_log_nor_without_force_over_anything(tmp_path):
    rules = rule(tmp_path, "red: {gte: 9}\n")
    path, state = tmp_path / "day.parquet", tmp_path / "state"
    pq.write_table(log(*ONE_CANCEL_EACH), path)
    before = path.read_bytes()
    with pytest.raises(abtrade.OutputError, match="is a file of the log"):
        abtrade.scan(path, rules=[rules], save_state=path, force=True)
    assert path.read_bytes() == before
    state.write_text("mine")
    with pytest.raises(abtrade.OutputError, match="exists already"):
        abtrade.scan(path, rules=[rules], save_state=state)
    assert state.read_text() == "mine"


def test_a_strict_run_that_fails_saves_no_state(tmp_path):
    rules = rule(tmp_path, "red: {gte: 9}\n")
    bad = log(("cu2503", "new", 1, "A", -1), ("cu2503", "new", 2, "A", 1))
    with pytest.raises(abtrade.InputError, match="--strict"):
        scan(bad, rules, strict=True, save_state=tmp_path / "state")
    assert not (tmp_path / "state").exists()


def test_sums_of_huge_lots_do_not_wrap_round(tmp_path):
    largest = 1 << 40
    opens = rule(tmp_path, f"red: {{gt: {3 * largest - 1}}}\n")
    opens.write_text(opens.read_text().replace("count: cancels", "count: open_lots"))
    rows = [("cu2503", "new", n, "A" if n % 2 else "B", largest) for n in range(1, 7)]
    trades = [("cu2503", "trade", n, None, largest) for n in (1, 3, 5)]
    table = log(*rows, *trades, price=[70000] * 9, offset=["open"] * 6 + [None] * 3,
                contra_order_id=[None] * 6 + [2, 4, 6])
    [first, second] = [
        scan(table, opens, engine=engine).alert_list for engine in ("core", "reference")
    ]
    assert [alert.result.counted for alert in first] == [3 * largest] * 2
    assert first == second


def test_a_size_beyond_any_order_is_a_bad_row(tmp_path):
    found = scan(log(("cu2503", "new", 1, "A", (1 << 40) + 1)), rule(tmp_path, "red: {gte: 9}\n"))
    [reason] = found.rejected["reason"].to_pylist()
    assert reason == "lots: found 1099511627777, expected 1099511627776 or fewer"


@pytest.mark.slow
def test_a_subject_of_many_accounts_just_under_a_level_costs_what_others_do(tmp_path):
    """Its cells once had no part of what was left, and each event walked all of them."""
    rules = tmp_path / "rules"
    rules.mkdir()
    rule(rules, "red: {gte: 500}\n")
    orders = rule(rules, "red: {gte: 1000000}\n", "orders.yaml")
    orders.write_text(orders.read_text().replace("cancels", "orders"))

    def seconds(accounts: int) -> float:
        held = 499
        names = [f"{n:012}" for n in range(accounts)]
        rows = [("new", n) for n in range(held)] + [("cancel", n) for n in range(held)]
        rows += [("new", held + n) for n in range(60_000)]
        table = pa.table({
            "seq": range(1, len(rows) + 1),
            "ts": pa.array([n * 10**6 for n in range(len(rows))], pa.timestamp("ns")),
            "contract": ["cu2503"] * len(rows),
            "action": [action for action, _ in rows],
            "order_id": [n for _, n in rows],
            "account": [names[n % accounts] if action == "new" else None for action, n in rows],
            "side": ["buy" if action == "new" else None for action, _ in rows],
            "lots": [1] * len(rows),
        })
        links = pa.table({"account": names, "group": ["G"] * accounts})
        start = time.process_time()
        scan(table, rules, links=links, threads=1)
        return time.process_time() - start

    one = min(seconds(1) for _ in range(3))
    assert min(seconds(1000) for _ in range(3)) < 5 * one + 0.2
