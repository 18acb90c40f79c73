"""Shares of a day: of volume, orders and cancels, by contract and product."""

from __future__ import annotations

import random
from collections import defaultdict

import pyarrow as pa
import pytest
from statistic_days import a_day, scan, shares

from abtrade.comparison.shares import TOP, largest, ranks

BUSY = {("A", "cu2505"): (6, 3), ("B", "cu2505"): (2, 1), ("C", "cu2506"): (2, 0)}
TRADES = [("A", "B", "cu2505", 4), ("A", "C", "cu2506", 1)]
SUSPECTED = pa.table(
    {"account": ["A", "C"], "group": ["G", "G"], "status": ["suspected", "suspected"]}
)


def test_a_subject_has_its_part_of_all_lots_orders_and_cancels():
    result = scan(a_day(BUSY, TRADES), statistics=True)
    assert shares(result, "volume") == {
        ("A", "cu2505"): 4, ("B", "cu2505"): 4, ("A", "cu2506"): 1, ("C", "cu2506"): 1,
    }  # fmt: skip
    assert shares(result, "volume_share")["A", "cu2505"] == 0.5
    assert shares(result, "order_share")["A", "cu2505"] == 7 / 10
    assert shares(result, "cancel_share")["A", "cu2505"] == 3 / 4
    assert shares(result, "cancel_share")["C", "cu2506"] == 0  # nobody cancelled there
    assert shares(result, "volume_share", "product") == {
        ("A", "cu"): 0.5, ("B", "cu"): 0.4, ("C", "cu"): 0.1,
    }  # fmt: skip


def test_alike_subjects_share_a_rank():
    result = scan(a_day({("A", "cu2505"): (5,), ("B", "cu2505"): (5,), ("C", "cu2505"): (3, 1)}),
                  statistics=True)  # fmt: skip
    assert list(shares(result, "order_rank").values()) == [1, 1, 3]
    assert list(shares(result, "cancel_rank").values()) == [None, None, 1]


def test_a_suspected_group_s_clients_stand_besides_and_add_nothing_to_the_whole():
    result = scan(a_day(BUSY, TRADES), statistics=True, links=SUSPECTED)
    found = shares(result, "volume_share", "product")
    assert found == {("G", "cu"): 0.6, ("B", "cu"): 0.4, ("A", "cu"): 0.5, ("C", "cu"): 0.1}
    assert shares(result, "volume_rank", "product") == {
        ("G", "cu"): 1, ("B", "cu"): 2, ("A", "cu"): None, ("C", "cu"): None,
    }  # fmt: skip
    [cu] = [row for row in result.concentration.to_pylist() if row["scope"] == "product:cu"]
    assert (cu["subjects"], cu["volume"], cu["volume_top10"]) == (2, 10, 1.0)


def test_the_ten_largest_subjects_of_twelve():
    lots = [20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 1, 1]
    log = a_day({(f"a{i:02}", "cu2505"): (n,) for i, n in enumerate(lots)})
    [contract, product] = scan(log, statistics=True).concentration.to_pylist()
    assert (contract["scope"], product["scope"]) == ("contract:cu2505", "product:cu")
    assert contract["subjects"] == 12
    assert contract["order_top10"] == product["order_top10"] == 110 / 112
    assert contract["cancel_top10"] == 0


def test_a_contract_of_no_known_product_stands_once():
    result = scan(a_day({("A", "x"): (1,)}), statistics=True)
    assert [row["scope"] for row in result.shares.to_pylist()] == ["contract:x"]


def test_a_log_without_rows_has_empty_tables():
    result = scan(a_day({("A", "cu2505"): (1,)}).slice(0, 0), statistics=True)
    assert (result.shares.num_rows, result.concentration.num_rows) == (0, 0)


def test_nothing_is_told_where_nothing_asks(tmp_path):
    log = a_day(BUSY, TRADES)
    plain = scan(log, out=tmp_path / "plain")
    asked = scan(log, out=tmp_path / "asked", statistics=True)
    assert (plain.shares, plain.concentration) == (None, None)
    more = {"shares.parquet", "concentration.parquet"}
    names = [{path.name for path in (tmp_path / kind).iterdir()} for kind in ("plain", "asked")]
    assert names[1] - names[0] == more
    assert "filled_lots" not in plain.tallies.column_names
    assert "filled_lots" in asked.tallies.column_names


@pytest.mark.parametrize("seed", range(5))
def test_both_engines_any_threads_and_one_whole(seed, tmp_path):
    rng = random.Random(seed)
    people, contracts = [f"a{i}" for i in range(14)], ["cu2505", "cu2506", "al2505", "zz1"]
    done = {
        (rng.choice(people), rng.choice(contracts)): (n := rng.randint(1, 6), rng.randint(0, n))
        for _ in range(25)
    }
    trades = [
        (rng.choice(people), rng.choice(people), rng.choice(contracts), rng.randint(1, 9))
        for _ in range(20)
    ]
    log = a_day(done, trades)
    tables = []
    for engine, threads in (("core", 1), ("core", 3), ("reference", 1)):
        result = scan(log, statistics=True, engine=engine, threads=threads)
        tables.append((result.shares, result.concentration))
    assert tables[0] == tables[1] == tables[2]
    whole: dict[str, float] = defaultdict(float)
    for row in tables[0][0].to_pylist():
        whole[row["scope"]] += row["volume_share"]
    assert {round(total, 12) for total in whole.values()} <= {0.0, 1.0}
    lots = sum(trade[3] for trade in trades)
    every = [row for row in tables[0][1].to_pylist() if row["scope"].startswith("contract:")]
    assert sum(row["volume"] for row in every) == 2 * lots


@pytest.mark.parametrize("seed", range(20))
def test_ranks_and_the_largest_are_those_of_sorting(seed):
    import numpy as np

    rng = random.Random(seed)
    rows = [(rng.randrange(3), rng.randint(0, 5)) for _ in range(rng.choice([0, 1, 7, 60]))]
    scope, amount = np.array(rows, np.int64).reshape(len(rows), 2).T
    expected = [1 + sum(s == scope and n > mine for s, n in rows) for scope, mine in rows]
    assert ranks(scope, amount).tolist() == expected
    tops = [sum(sorted((n for s, n in rows if s == one), reverse=True)[:TOP]) for one in range(3)]
    assert largest(scope, amount, 3).tolist() == tops
