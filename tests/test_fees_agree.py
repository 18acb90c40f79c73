"""Order fees on random days: the same by either engine, and what the tallies of members add up to.
"""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
from hypothesis import given, settings

import abtrade
from abtrade import outputs
from strategies import DAY, Log, links, logs

FEES = pa.Table.from_pylist([
    {"exchange": "SHFE", "product": "cu", "kind": None, "above": 0, "rate": "0.1", "dear": "0.2"},
    {"exchange": "SHFE", "product": "cu", "kind": None, "above": 2, "rate": "1", "dear": "3.5"},
    {"exchange": "DCE", "product": None, "kind": "future", "above": 0, "rate": "1", "dear": None},
]).rename_columns(["exchange", "product", "kind", "above", "rate", "rate_above_otr"])
FEES = FEES.append_column("otr", pa.array(["1.5", "1.5", None]))
MAKERS = pa.table({"client": ["K"], "product": ["cu"]})


def scan(log: pa.Table, linked: pa.Table, **options: object) -> abtrade.ScanResult:
    return abtrade.scan(
        log, day=DAY, links=linked, market_makers=MAKERS, fees=FEES, rules=["shfe@2010-11-05"],
        **{"threads": 1, **options},
    )  # fmt: skip


@settings(max_examples=15)
@given(log=logs(), linked=links())
def test_the_engine_and_its_threads_do_not_matter(log: Log, linked: pa.Table) -> None:
    found = scan(log.table(), linked).fees
    assert found is not None and found.equals(outputs.sort_table("fees", found))
    assert scan(log.table(), linked, engine="reference").fees == found
    assert scan(log.table(), linked, threads=2).fees == found


@settings(max_examples=15)
@given(log=logs(), linked=links())
def test_messages_are_those_of_the_tallies(log: Log, linked: pa.Table) -> None:
    found = scan(log.table(), linked)
    assert found.fees is not None
    tallied: Counter[tuple[str, ...]] = Counter()
    for row in found.tallies.to_pylist():
        if row["messages"] and row["contract"].startswith(("cu", "m", "p")):
            key = (row["exchange"], row["subject_kind"], row["subject"], row["contract"])
            tallied[key] += row["messages"]
    charged = {
        (row["exchange"], row["subject_kind"], row["subject"], row["scope"].partition(":")[2]):
            row["messages"] + row["exempt_messages"]
        for row in found.fees.to_pylist()
    }  # fmt: skip
    assert charged == dict(tallied)
    exempt = [row for row in found.fees.to_pylist() if row["exempt_messages"]]
    assert all(row["scope"].startswith("contract:cu") for row in exempt)
