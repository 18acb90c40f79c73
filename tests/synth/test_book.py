"""The log is one that an exchange could have written: a checker of its own replays the book."""

from __future__ import annotations

from collections import Counter, defaultdict

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_days import made, scanned

from abtrade import schema
from abtrade.synthetic import _floor
from abtrade.synthetic.events import _Row
from replay import replay


def rows_of(day) -> list[dict]:
    table = pa.concat_tables([pq.read_table(path) for path in day.logs])
    if "ts" in table.column_names:
        at = table.column_names.index("ts")
        table = table.set_column(at, "ts", table["ts"].cast(pa.int64()))
    return table.to_pylist()


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    return made(tmp_path_factory.mktemp("book") / "day", rows=200_000, offences="all", seed=21)


@pytest.fixture(scope="module")
def rows(day) -> list[dict]:
    return rows_of(day)


def test_every_match_is_by_price_and_time_and_lots_are_conserved(rows):
    seen = replay(rows, schema.REMAINDER_BEFORE_TRADES)
    assert min(seen[kind] for kind in ("new", "cancel", "trade", "amend", "auction trades")) > 0


@pytest.mark.parametrize("seed", [1, 2])
def test_other_days_too(tmp_path, seed):
    day = made(tmp_path / "day", seed=seed, exchanges=("SHFE", "DCE"), density=3.0)
    replay(rows_of(day), schema.REMAINDER_BEFORE_TRADES)


def test_a_log_of_wrong_matches_does_not_pass(rows):
    broken = [dict(row) for row in rows]
    at = next(i for i, row in enumerate(broken)
              if row["action"] == "trade" and row["phase"] == "continuous")  # fmt: skip
    broken[at]["price"] += 1000
    with pytest.raises(AssertionError):
        replay(broken, schema.REMAINDER_BEFORE_TRADES)


def test_a_scan_finds_no_fault_and_no_bad_row(day):
    result = scanned(day, whole=True)
    assert result.certificate["verdict"] == "complete"
    assert not result.certificate["uncovered"] and not result.certificate["unmatched"]


def test_the_crowd_never_trades_with_itself(day, rows):
    owner = {}
    for line in (day.folder / "accounts.csv").read_text().splitlines()[1:]:
        account, exchange, client, _ = line.split(",")
        owner[exchange, account] = client
    for line in (day.folder / "links.csv").read_text().splitlines()[1:]:
        client, group, exchange, *_ = line.split(",")
        owner |= {key: group for key in owner if key[0] == exchange and owner[key] == client}
    sides = defaultdict(set)
    for row in rows:
        if row["action"] == "trade":
            one = owner[row["exchange"], row["account"]]
            other = owner[row["exchange"], row["contra_account"]]
            assert one != other or one.startswith(("9", "PLOT")), row
        if row["action"] == "new" and row["hedge"] != "market_maker":
            sides[owner[row["exchange"], row["account"]], row["contract"]].add(row["side"])
    assert all(len(each) == 1 for who, each in sides.items() if not who[0].startswith(("9", "PL")))


def test_the_day_has_all_that_a_day_has(rows):
    seen = Counter()
    for row in rows:
        for name in ("exchange", "action", "tif", "hedge", "offset", "order_type", "cancel_by",
                     "phase", "side"):  # fmt: skip
            seen[name, row[name]] += 1
    for name in ("tif", "hedge", "offset", "order_type", "cancel_by", "phase", "side"):
        missing = {word for word in schema.code_words(name) if not seen[name, word]}
        assert missing <= {"gtc", "market", "stop", "combination"}, name
    assert {name for kind, name in seen if kind == "exchange"} == set(schema.EXCHANGES)
    first, last = (pa.scalar(rows[i]["ts"], pa.timestamp("ns", "Asia/Shanghai")) for i in (0, -1))
    assert str(first).startswith("2025-02-17 20:55")
    assert str(last).startswith("2025-02-18 15:15")


def test_remainders_come_first_where_the_exchange_sends_them_so(rows):
    orders = {(r["exchange"], r["order_id"]): r for r in rows if r["action"] == "new"}
    first = {}
    for row in rows:
        key = row["exchange"], row["order_id"]
        if key in orders and orders[key]["tif"] == "fak" and row["action"] in ("cancel", "trade"):
            first.setdefault(key, []).append(row["action"])
    both = {key: actions for key, actions in first.items() if len(set(actions)) == 2}
    assert len(both) > 20
    assert {key[0] in schema.REMAINDER_BEFORE_TRADES for key in both} == {True, False}
    for (exchange, _), actions in both.items():
        early = exchange in schema.REMAINDER_BEFORE_TRADES
        assert actions.index("cancel") == (0 if early else len(actions) - 1)


def test_limit_days_reach_the_upper_limit_and_others_do_not(tmp_path):
    day = made(tmp_path / "day", rows=300_000, contracts=60, offences=0, exchanges=("SHFE", "DCE"))
    upper, lower = {}, {}
    for line in (day.folder / "contracts.csv").read_text().splitlines()[1:]:
        name, *_, up, low, _ = line.split(",")
        upper[name], lower[name] = float(up), float(low)
    traded = defaultdict(list)
    for row in rows_of(day):
        if row["action"] == "trade":
            traded[row["contract"]].append(row["price"])
    at_limit = {name for name, prices in traded.items() if max(prices) >= upper[name] - 1e-9}
    assert 2 <= len(at_limit) < len(traded) / 4
    assert all(lower[name] <= min(p) and max(p) <= upper[name] for name, p in traded.items())
    assert all(len(set(prices)) > 1 for prices in traded.values() if len(prices) > 200)


def test_rows_of_the_floor_are_read_by_the_names_it_has():
    assert _Row._fields == _floor.ROW.names
    assert _floor.ROW.itemsize == 72
