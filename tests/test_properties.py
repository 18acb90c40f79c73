"""What must hold for every log: who counts, how it is stored and split, who is called what."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import abtrade
from abtrade import schema
from abtrade.errors import InputError
from abtrade.job import Job
from abtrade.readers import reading
from abtrade.rules.packs import load_rules
from scenario import links as side_links
from scenario import log_table, parse, rule_files, table
from strategies import ACCOUNTS, CLIENTS, DAY, FORMS, Log, cuts, dictionaries, links, logs, write

RULES = parse("""
scenario  rules of every count and scope, all exemptions among them
rule cancels cancels contract yellow>=2 red>3 leave_out=cancel_by:expiry,exchange,self_match
rule fak cancels exchange yellow>=1 red>=3 only=tif:fak,fok
rule product cancels product yellow>=2 red>=4 leave_out=hedge:hedge|tif:fak
rule large2 large_cancels@2 contract yellow>=1 red>=2 leave_out=phase:auction
rule large5 large_cancels@5 exchange yellow>=1 red>=2
rule orders orders contract yellow>=2 red>=4 leave_out=hedge:hedge+tif:gfd|hedge:hedge
rule messages messages exchange yellow>=3 red>=6 leave_out=cancel_by:forced|order_type:quote
rule filled filled_orders contract yellow>=1 red>=3 leave_out=hedge:market_maker
rule openings open_lots contract yellow>=3 red>=9 leave_out=hedge:hedge
rule trades self_trades contract yellow>=1 red>=2 leave_out=hedge:hedge
rule both self_trades exchange yellow>=1 red>=3 both leave_out=hedge:hedge|tif:fak
rule pairs self_trade_pairs contract yellow>=1 red>=2 leave_out=tif:fak
rule incoming self_trade_orders contract yellow>=1 red>=2 leave_out=hedge:hedge
rule wide self_trade_orders exchange yellow>=1 red>=3 leave_out=phase:auction
rule lots self_trade_lots product yellow>=3 red>=7
rule otr otr contract yellow>=1 red>2 leave_out=hedge:hedge
09:00:00  new 1 A cu2501 buy 70000 1
faults    none
""")[0]
WRITTEN = ("alerts.parquet", "alerts.jsonl", "results.parquet", "tallies.parquet",
           "cells.parquet", "self_pairs.parquet", "links.parquet", "rejected.parquet",
           "certificate.json")

LEG_OF = {"cu2501": "cu2502", "cu2502": "cu2501"}

Scan = Callable[..., Any]


def examples(number: int) -> settings:
    """Return settings for so many random logs, ``ABTRADE_EXAMPLES`` times as many where given."""
    return settings(max_examples=number * int(os.environ.get("ABTRADE_EXAMPLES", "1")))


@pytest.fixture(scope="module", name="scan")
def scan_with_rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scan]:
    """Yield abtrade.scan with a rule of every kind, read once, on the day of the random logs."""
    rules = list(rule_files(RULES, tmp_path_factory.mktemp("rules")))

    def scan(log: Log | pa.Table | Path | list[Path], **options: Any) -> Any:
        table = log.table() if isinstance(log, Log) else log
        return abtrade.scan(table, **{"rules": rules, "day": DAY, "threads": 1, **options})

    with pytest.MonkeyPatch.context() as patch:
        read_once = cache(load_rules)
        patch.setattr(sys.modules[Job.__module__], "load_rules",
                      lambda specs, day: read_once(tuple(specs), day))
        yield scan


# --- two engines ---------------------------------------------------------------------------------


@examples(120)
@given(log=logs(), linked=links(), whole=st.booleans())
def test_core_equals_reference(scan: Scan, log: Log, linked: pa.Table, whole: bool) -> None:
    core = scan(log, links=linked, whole=whole, engine="core")
    reference = scan(log, links=linked, whole=whole, engine="reference")
    assert told(core) == told(reference)


@examples(20)
@given(log=logs(), linked=links())
def test_core_equals_reference_with_every_attribute_apart(
    scan: Scan, log: Log, linked: pa.Table
) -> None:
    core, reference = (
        scan(log, links=linked, rules=["shfe@2010-11-05"], keep_attributes=True, engine=engine)
        for engine in ("core", "reference")
    )
    assert told(core) == told(reference)


# --- the same input, the same output -------------------------------------------------------------


@examples(20)
@given(log=logs(), linked=links())
def test_threads_change_no_byte(scan: Scan, log: Log, linked: pa.Table) -> None:
    one, *others = (written(scan, log.table(), links=linked, threads=n) for n in (1, 2, 4))
    assert all(other == one for other in others)


@examples(25)
@given(log=logs(), linked=links(), rows=st.integers(1, 7))
def test_batch_edges_change_no_byte(scan: Scan, log: Log, linked: pa.Table, rows: int) -> None:
    whole = written(scan, log.table(), links=linked)
    batches: list[int] = []
    with small_batches(rows):
        cut = written(scan, log.table(), links=linked, threads=2,
                      progress=lambda done, _total: batches.append(done))
    assert cut == whole
    assert len(batches) > 1 or len(log.rows) < 3 * rows


@pytest.mark.parametrize("row", [
    "09:00:02  new  3  B  cu2501  buy  70000  5  seq=2",  # another row has the seq
    "09:00:02  new  3  B  cu2502  buy  70000  0  seq=3",  # a bad row
], ids=["ignored", "bad"])
def test_who_is_told_of_rows_set_aside_does_not_hang_on_batches(scan: Scan, row: str) -> None:
    (log,) = parse(f"""
scenario  the only row of B does not count
group     G A B
09:00:01  new  1  A  cu2501  buy  70000  5  seq=1
09:00:02  new  2  A  cu2501  buy  70000  5  seq=2
{row}
faults    none
""")
    linked = table(side_links(log))
    whole = written(scan, log_table(log), links=linked)
    with small_batches(1):
        assert written(scan, log_table(log), links=linked) == whole


@examples(25)
@given(data=st.data(), log=logs(channels=False), linked=links())
def test_stop_and_resume_changes_no_byte(
    scan: Scan, data: st.DataObject, log: Log, linked: pa.Table
) -> None:
    """A day scanned in parts, each from the state of the one before, is the day.

    Clients are left out: a part can not know what a later one tells of an account.
    """
    table = log.with_rows([{**row, "client": None} for row in log.rows]).table()
    *parts, last = _parts(table, data.draw(cuts(table.num_rows)))
    with TemporaryDirectory() as folder:
        options: dict[str, Any] = {"links": linked}
        for number, part in enumerate(parts):
            scan(part, save_state=Path(folder, f"{number}"), threads=1 + number % 3, **options)
            options["resume"] = Path(folder, f"{number}")
        assert written(scan, last, **options) == written(scan, table, links=linked)


@examples(25)
@given(log=logs(), rows=st.integers(1, 50))
def test_format_and_row_groups_change_no_byte(scan: Scan, log: Log, rows: int) -> None:
    whole = written(scan, log.table())
    with TemporaryDirectory() as folder:
        for form in FORMS:
            path = write(log.table(), Path(folder, f"log.{form}"), rows)
            assert written(scan, path) == whole, form


@examples(25)
@given(log=logs())
def test_dictionaries_change_no_byte(scan: Scan, log: Log) -> None:
    whole = written(scan, log.table())
    with TemporaryDirectory() as folder:
        path = write(dictionaries(log.table()), Path(folder, "log.arrow"), 1000)
        assert written(scan, path) == whole
    assert written(scan, dictionaries(log.table())) == whole


@examples(20)
@given(data=st.data(), log=logs())
def test_split_into_files_changes_no_byte(scan: Scan, data: st.DataObject, log: Log) -> None:
    table = log.table()
    parts = _parts(table, data.draw(cuts(table.num_rows)))
    with TemporaryDirectory() as folder:
        whole = write(table, Path(folder, "whole.parquet"))
        files = [write(part, Path(folder, f"{i}.parquet")) for i, part in enumerate(parts)]
        assert written(scan, files) == written(scan, whole)


@examples(20)
@given(log=logs(), deal=st.integers(0, 3**40 - 1))
def test_interleaved_files_change_no_byte(scan: Scan, log: Log, deal: int) -> None:
    """Rows dealt out to files that each are sorted merge to the order of one file."""
    log = log.with_rows(_without_repeats(log.rows))
    table = log.table()
    indices = [[i for i in range(table.num_rows) if deal // 3**i % 3 == side] for side in range(3)]
    with TemporaryDirectory() as folder:
        whole = write(table, Path(folder, "whole.parquet"))
        files = [write(table.take(pa.array(index, pa.int64())), Path(folder, f"{i}.parquet"))
                 for i, index in enumerate(indices) if index]
        assert written(scan, files) == written(scan, whole)


@examples(25)
@given(log=logs(), linked=links())
def test_channels_are_one_log_in_the_order_of_their_running_ts(
    scan: Scan, log: Log, linked: pa.Table
) -> None:
    """Rows of several channels count as if the exchange had numbered them through."""
    log = log.with_rows(_without_repeats(log.rows))
    columns = tuple(column for column in log.columns if column != "channel")
    through = replace(log, rows=_numbered_through(log.rows), columns=columns)
    many, one = scan(log, links=linked), scan(through, links=linked)
    for name in ("tallies", "cells", "results", "links"):
        assert getattr(many, name).equals(getattr(one, name)), name


def test_without_seq_there_is_one_file_and_the_certificate_says_so(
    scan: Scan, tmp_path: Path
) -> None:
    table = log_table(RULES).drop_columns(["seq"])
    files = [write(table, tmp_path / name) for name in ("1.parquet", "2.parquet")]
    with pytest.raises(InputError, match="seq"):
        scan(files)
    assert not scan(files[0]).certificate["redelivery_seen"]
    assert scan(log_table(RULES)).certificate["redelivery_seen"]


# --- who is counted ------------------------------------------------------------------------------


@examples(25)
@given(log=logs(channels=False, faults=False), linked=links())
def test_contracts_scanned_apart_add_up_to_the_whole(
    scan: Scan, log: Log, linked: pa.Table
) -> None:
    """Without combinations a contract's tallies and alerts are its own.

    Clients are left out: the row that tells an account's may stand in another contract.
    """
    blank = dict.fromkeys(("order_contract", "contra_order_contract", "client"))
    log = log.with_rows([{**row, **blank} for row in log.rows])
    whole = scan(log, links=linked)
    parts = [
        scan(log.with_rows([row for row in log.rows if row["contract"] == contract]), links=linked)
        for contract in sorted({row["contract"] for row in log.rows})
    ]
    for name in ("tallies", "cells", "self_pairs"):
        assert bag(getattr(whole, name)) == sum((bag(getattr(p, name)) for p in parts), Counter())
    assert _contract_alerts([whole]) == _contract_alerts(parts)


@examples(25)
@given(log=logs(), linked=links(), names=st.permutations(["Z", "M", "Q9", "a b", "0A"]))
def test_renaming_accounts_changes_names_alone(
    scan: Scan, log: Log, linked: pa.Table | None, names: list[str]
) -> None:
    new = dict(zip(ACCOUNTS, names, strict=True))
    columns = ("account", "contra_account")
    renamed = log.with_rows([
        {c: new.get(v, v) if c in columns else v for c, v in row.items()} for row in log.rows
    ])
    relinked = None if linked is None else linked.set_column(
        0, "account", pa.array([new[a] for a in linked["account"].to_pylist()])
    )
    before, after = scan(log, links=linked), scan(renamed, links=relinked)
    for name in ("tallies", "cells", "self_pairs", "results"):
        keys = {"subject", "account", "incoming_account", "resting_account"}
        assert bag(getattr(before, name), keys, new) == bag(getattr(after, name), keys, {})
    assert before.certificate["faults"] == after.certificate["faults"]
    assert _tippings(before, new) == _tippings(after, {})


@examples(25)
@given(log=logs(), linked=links())
def test_the_side_of_a_leg_is_never_held_against_its_order(
    scan: Scan, log: Log, linked: pa.Table
) -> None:
    """Where no twin tells the sides of a match, the one of a leg's row changes nothing."""
    log = replace(log, columns=tuple(dict.fromkeys((*log.columns, "order_contract"))))
    one, other = (
        scan(log.with_rows([_as_leg(row, side) for row in log.rows]), links=linked)
        for side in ("buy", "sell")
    )
    assert told(one) == told(other)


@examples(25)
@given(log=logs(), first=st.sets(st.sampled_from(ACCOUNTS), min_size=1))
def test_joining_two_groups_never_lowers_self_trades(
    scan: Scan, log: Log, first: set[str]
) -> None:
    clients = {CLIENTS.get(account, account) for account in first}
    apart = ["G" if CLIENTS.get(a, a) in clients else "H" for a in ACCOUNTS]
    two = scan(log, links=pa.table({"account": ACCOUNTS, "group": apart}))
    one = scan(log, links=pa.table({"account": ACCOUNTS, "group": ["G"] * len(ACCOUNTS)}))
    for count in schema.PAIR_COUNTS:
        before, after = _by_contract(two.tallies, count), _by_contract(one.tallies, count)
        assert all(after[contract] >= n for contract, n in before.items())


@examples(25)
@given(log=logs(), linked=links(), which=st.sets(st.integers(0, 39), min_size=1))
def test_redelivered_rows_change_nothing_but_the_fault(
    scan: Scan, log: Log, linked: pa.Table, which: set[int]
) -> None:
    log = log.with_rows(_without_repeats(log.rows))
    rows = [row for i, row in enumerate(log.rows) for _ in range(1 + (i in which))]
    once, twice = scan(log, links=linked), scan(log.with_rows(rows), links=linked)
    repeated = len(rows) - len(log.rows)
    for name in ("alerts", "results", "tallies", "cells", "self_pairs"):
        assert getattr(once, name).equals(getattr(twice, name)), name
    wanted = dict(once.certificate["faults"])
    if repeated:
        wanted["redelivered"] = repeated
    assert twice.certificate["faults"] == wanted


# --- sums ----------------------------------------------------------------------------------------


@examples(25)
@given(log=logs(), linked=links())
def test_gross_is_counted_and_exempt(scan: Scan, log: Log, linked: pa.Table) -> None:
    for row in scan(log, links=linked).results.to_pylist():
        if row["gross"] is not None:
            assert row["gross"] == row["counted"] + sum(n for _, n in row["exempt"])
            assert 0 <= row["unknown"] <= row["counted"]


@examples(25)
@given(log=logs(), linked=links())
def test_tallies_are_sums_of_cells_and_pairs(scan: Scan, log: Log, linked: pa.Table) -> None:
    found = scan(log, links=linked)
    judged = {(r["exchange"], r["account"]): r for r in found.links.to_pylist()}
    sums: Counter[tuple[str, ...]] = Counter()
    for row in found.cells.to_pylist():
        person = judged[row["exchange"], row["account"]]
        subject = person["group"] or person["client"] or row["account"]
        for count in ("orders", "cancels", "messages", "filled_orders", "open_lots",
                      "large_cancels@2", "large_cancels@5"):
            sums[row["exchange"], subject, row["contract"], count] += row[count] or 0
    groups = {(r["exchange"], r["subject"], r["contract"]): r for r in found.tallies.to_pylist()
              if r["subject"] in {p["group"] or p["client"] or p["account"]
                                  for p in judged.values()}}
    for (exchange, subject, contract, count), total in sums.items():
        assert (groups[exchange, subject, contract][count] or 0) == total
    matches: Counter[tuple[str, ...]] = Counter()
    lots: Counter[tuple[str, ...]] = Counter()
    for row in found.self_pairs.to_pylist():
        key = (row["exchange"], row["subject"], row["contract"])
        matches[key] += row["matches"]
        lots[key] += row["lots"]
    for key, row in groups.items():
        assert ((row["self_trades"] or 0), (row["self_trade_lots"] or 0)) == (matches[key],
                                                                              lots[key])
        assert (row["self_trade_orders"] or 0) <= 2 * (row["self_trade_pairs"] or 0)
        assert (row["self_trade_pairs"] or 0) <= (row["self_trades"] or 0)


# --- helpers -------------------------------------------------------------------------------------


def told(found: Any) -> dict[str, Any]:
    """Return all that a scan found, as plain values."""
    tables = ("alerts", "results", "tallies", "cells", "self_pairs", "links", "rejected")
    return {"certificate": found.certificate,
            **{name: getattr(found, name).to_pylist() for name in tables}}


def written(scan: Scan, log: Any, **options: Any) -> dict[str, bytes]:
    """Return the bytes of every file a scan writes whose bytes are promised."""
    with TemporaryDirectory() as folder:
        scan(log, out=Path(folder, "out"), **options)
        return {name: Path(folder, "out", name).read_bytes() for name in WRITTEN}


@contextmanager
def small_batches(rows: int) -> Iterator[pytest.MonkeyPatch]:
    """Read logs in batches of a few rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "BATCH_ROWS", rows)
        patch.setattr(reading, "rows_at_once", lambda _room, _files: rows)
        yield patch


def bag(
    table: pa.Table, keys: Iterable[str] = (), new: dict[str, str] | None = None
) -> Counter[Any]:
    """Return the rows of a table in no order, names in the columns ``keys`` put anew."""
    rows = []
    for row in table.to_pylist():
        for key in keys:
            if key in row and new:
                row[key] = new.get(row[key], row[key])
        rows.append(repr(sorted(row.items())))
    return Counter(rows)


def _parts(table: pa.Table, edges: Sequence[int]) -> list[pa.Table]:
    return [table.slice(a, b - a) for a, b in pairwise([0, *edges, table.num_rows]) if b > a]


def _as_leg(row: dict[str, Any], side: str) -> dict[str, Any]:
    """Return a trade without a second row as one in another contract than its order's."""
    has_twin = row.get("contra_order_id") is None and row.get("trade_id") is not None
    if row["action"] != "trade" or row["contract"] not in LEG_OF or has_twin:
        return row
    leg = LEG_OF[row["contract"]]
    return {**row, "contract": leg, "order_contract": row["contract"], "side": side}


def _without_repeats(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out each row whose seq stands before it in its exchange and channel."""
    seen: set[tuple[Any, ...]] = set()
    kept = []
    for row in rows:
        key = (row.get("exchange"), row.get("channel"), row["seq"])
        if key not in seen:
            kept.append(row)
        seen.add(key)
    return kept


def _numbered_through(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows by the running maximum of their channel's ts, then channel, then seq."""
    latest: dict[tuple[Any, ...], int] = {}
    keyed = []
    for row in rows:
        lane = (row.get("exchange"), row.get("channel"))
        latest[lane] = max(latest.get(lane, 0), row["ts"])
        keyed.append((latest[lane], row.get("channel") or 0, row["seq"], row))
    ordered = [row for *_, row in sorted(keyed, key=lambda key: key[:3])]
    return [{**row, "seq": number} for number, row in enumerate(ordered, start=1)]


def _contract_alerts(parts: Iterable[Any]) -> Counter[Any]:
    """Return the alerts of single contracts, but for what they say of the whole log."""
    alerts = (part.alerts.drop_columns(["accounts", "message", "message_zh"]) for part in parts)
    return sum((bag(a.filter(pa.compute.starts_with(a["scope"], "contract:"))) for a in alerts),
               Counter())


def _tippings(found: Any, new: dict[str, str]) -> Counter[Any]:
    return Counter(
        (a.result.rule, new.get(a.result.subject, a.result.subject), a.result.scope, a.level,
         a.result.counted, a.yellow and a.yellow.seq, a.red and a.red.seq, a.largest_client_count,
         a.reached_alone)
        for a in found.alert_list
    )


def _by_contract(tallies: pa.Table, count: str) -> Counter[tuple[str, str]]:
    sums: Counter[tuple[str, str]] = Counter()
    for row in tallies.to_pylist():
        sums[row["exchange"], row["contract"]] += row[count] or 0
    return sums
