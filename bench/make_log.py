"""Make a large order log for timing: consistent orders, no faults, sizes and contracts by Zipf.

    python bench/make_log.py day.parquet --rows 10000000 --bare
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CONTRACTS = 250
ACCOUNTS = 20_000
GROUPS = 18_000
DAY_NS = 6 * 3600 * 1_000_000_000
START_NS = 1_289_178_000_000_000_000  # 2010-11-08 09:00 in Shanghai
NEW, CANCEL, TRADE = 0, 1, 2


def make(rows: int, seed: int = 1) -> dict[str, np.ndarray]:
    """Return the log's columns: about 51 % new, 27 % cancel, 22 % trade rows, in time order."""
    rng = np.random.default_rng(seed)
    orders = int(rows * 0.51)
    weights = 1 / np.arange(1, CONTRACTS + 1)
    account = rng.integers(0, ACCOUNTS, orders)
    favourites = rng.choice(CONTRACTS, (ACCOUNTS, 6), p=weights / weights.sum())
    contract = favourites[account, rng.integers(0, 6, orders)]
    placed = np.sort(rng.random(orders))
    ends = placed + rng.exponential(0.02, orders)
    lots = np.minimum(rng.zipf(1.6, orders), 2000)
    traded = np.flatnonzero(rng.random(orders) < 0.86)
    traded = traded[np.lexsort((placed[traded], contract[traded]))]
    pairs = len(traded) // 2
    resting, incoming = traded[: 2 * pairs : 2], traded[1 : 2 * pairs : 2]
    same = contract[resting] == contract[incoming]
    resting, incoming = resting[same][: int(rows * 0.22)], incoming[same][: int(rows * 0.22)]
    fill = np.minimum(lots[resting], lots[incoming])
    left = lots.copy()
    left[resting] -= fill
    left[incoming] -= fill
    matched_at = np.zeros(orders)
    matched_at[resting] = matched_at[incoming] = placed[incoming]
    cancelled = rng.permutation(np.flatnonzero(left > 0))[: int(rows * 0.27)]
    side = rng.integers(1, 3, orders)
    side[incoming] = 3 - side[resting]
    at = np.concatenate([placed, np.maximum(ends, matched_at)[cancelled], placed[incoming]])
    kind = np.repeat([NEW, CANCEL, TRADE], [orders, len(cancelled), len(incoming)])
    order = np.concatenate([np.arange(orders), cancelled, incoming])
    in_time = np.lexsort((kind == CANCEL, at))
    contra = np.concatenate([np.full(orders + len(cancelled), -1), resting])
    size = np.concatenate([lots, left[cancelled], fill])
    return {
        "ts": (START_NS + at / at.max() * DAY_NS).astype(np.int64)[in_time],
        "kind": kind[in_time],
        "order": order[in_time],
        "contra": contra[in_time],
        "lots": size[in_time],
        "account_of_order": account,
        "contract_of_order": contract,
        "side_of_order": side,
    }


def write(path: Path, rows: int, *, bare: bool, seed: int = 1) -> None:
    """Write the log as Parquet; ``bare``: accounts and sides on new rows, no lots on cancels."""
    log = make(rows, seed)
    order, kind, contra = log["order"], log["kind"], log["contra"]
    of_new = kind == NEW
    is_trade = kind == TRADE
    named = of_new if bare else np.ones(len(order), np.bool_)
    accounts = pa.array([f"{i % 40 + 1000:04d}{i:08d}" for i in range(ACCOUNTS)])
    contracts = pa.array([f"{'abcdefghij'[i % 10]}x25{i // 10 % 12 + 1:02d}{i}" for i in
                          range(CONTRACTS)])

    def coded(index: np.ndarray, words: pa.Array, valid: np.ndarray) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(
            pa.array(index.astype(np.int32), mask=~valid), words
        )

    count = len(order)
    every = np.ones(count, np.bool_)
    columns = {
        "seq": pa.array(np.arange(1, count + 1)),
        "ts": pa.array(log["ts"]).cast(pa.timestamp("ns", "Asia/Shanghai")),
        "contract": coded(log["contract_of_order"][order], contracts, every),
        "action": coded(kind, pa.array(["new", "cancel", "trade"]), every),
        "order_id": pa.array(order + 1),
        "account": coded(log["account_of_order"][order], accounts, named),
        "side": coded(log["side_of_order"][order] - 1, pa.array(["buy", "sell"]), of_new),
        "lots": pa.array(log["lots"], mask=(kind == CANCEL) if bare else None),
        "contra_order_id": pa.array(contra + 1, mask=~is_trade),
    }
    if not bare:
        columns["contra_account"] = coded(
            log["account_of_order"][np.maximum(contra, 0)], accounts, is_trade
        )
    pq.write_table(pa.table(columns), path, compression="zstd", row_group_size=1_000_000)


def write_links(path: Path) -> None:
    """Write the groups: 2,000 of two accounts each, by client; the rest stand alone."""
    both = range(2 * (ACCOUNTS - GROUPS))
    lines = ["account,group"]
    lines += [f"{i % 40 + 1000:04d}{i:08d},G{i // 2}" for i in both]
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--bare", action="store_true")
    given = parser.parse_args()
    write(given.out, given.rows, bare=given.bare)
    write_links(given.out.with_suffix(".links.csv"))
