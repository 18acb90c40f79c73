"""Make a large order log for timing: consistent orders, no faults, sizes and contracts by Zipf.

    python bench/make_log.py day.parquet --rows 10000000 --bare

What must be counted in it is written beside it, found from the orders that were made and not by
anything that is timed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from answer import LARGE_LOTS, YELLOW, Answer, from_json, sorted_offenders

DAY = "2010-11-08"
CONTRACTS = 250
ACCOUNTS = 20_000
GROUPS = 18_000
DAY_NS = 6 * 3600 * 1_000_000_000
START_NS = 1_289_178_000_000_000_000  # 09:00 in Shanghai
NEW, CANCEL, TRADE = 0, 1, 2
SLICE_ROWS = 1_000_000
ORDER_SHARE = 0.524

BUSY_ORDERS = np.linspace(700, 3000, 24).astype(int)
"""Orders of each busy account, all in one contract, so that a day of any size has offenders."""

BUSY_SHARE = 5
"""Busy accounts make at most one order in so many: a small log has few or none."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a log holds, by its maker."""

    rows: int
    kinds: tuple[int, int, int]  # rows of NEW, CANCEL, TRADE
    answer: Answer
    wide_offenders: int  # subjects with YELLOW["cancels"] cancels or more in all contracts


@dataclass(slots=True)
class MadeLog:
    """A day's orders, and its rows in time order as (kind, order, contra, lots, ts)."""

    account: npt.NDArray[np.int32]  # (orders,)
    contract: npt.NDArray[np.int16]  # (orders,)
    side: npt.NDArray[np.uint8]  # (orders,), 1 buy, 2 sell
    kind: npt.NDArray[np.uint8]  # (rows,)
    order: npt.NDArray[np.int32]  # (rows,), on a trade the incoming one
    contra: npt.NDArray[np.int32]  # (rows,), -1 but on a trade
    lots: npt.NDArray[np.int32]  # (rows,), of the order, taken off, or matched
    ts: npt.NDArray[np.int64]  # (rows,), ns since 1970 UTC

    def __len__(self) -> int:
        return len(self.kind)


def make(rows: int, seed: int = 1) -> MadeLog:
    """Make about ``rows`` rows: 52 % new, 26 % cancel, 22 % trade."""
    rng = np.random.default_rng(seed)
    orders = int(rows * ORDER_SHARE)
    account, contract = _who_and_where(rng, orders)
    placed = np.sort(rng.random(orders))
    ends = placed + rng.exponential(0.02, orders)
    lots = np.minimum(rng.zipf(1.6, orders), 2000).astype(np.int32)
    resting, incoming = _matches(rng, contract, int(rows * 0.22))
    fill = np.minimum(lots[resting], lots[incoming])
    left = lots.copy()
    left[resting] -= fill
    left[incoming] -= fill
    matched_at = placed[incoming]
    np.maximum.at(ends, resting, matched_at)
    np.maximum.at(ends, incoming, matched_at)
    cancelled = rng.permutation(np.flatnonzero(left > 0).astype(np.int32))[: int(rows * 0.27)]
    side = rng.integers(1, 3, orders, dtype=np.uint8)
    side[incoming] = 3 - side[resting]
    # In this order, for rows of one time stand as they are here: no cancel before its trade.
    at = np.concatenate([placed, matched_at, ends[cancelled]])
    in_time = np.argsort(at, kind="stable")
    counts = [orders, len(incoming), len(cancelled)]
    made = [np.arange(orders, dtype=np.int32), incoming, cancelled]
    contra = np.full(len(at), -1, np.int32)
    contra[orders : orders + len(resting)] = resting
    return MadeLog(
        account=account,
        contract=contract,
        side=side,
        kind=np.repeat(np.array([NEW, TRADE, CANCEL], np.uint8), counts)[in_time],
        order=np.concatenate(made)[in_time],
        contra=contra[in_time],
        lots=np.concatenate([lots, fill, left[cancelled]])[in_time],
        ts=(START_NS + at[in_time] / at.max() * DAY_NS).astype(np.int64),
    )


def _who_and_where(
    rng: np.random.Generator, orders: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int16]]:
    """Return the account and contract of each order; an account trades in up to six contracts."""
    weights = 1 / np.arange(1, CONTRACTS + 1)
    account = rng.integers(0, ACCOUNTS, orders, dtype=np.int32)
    favourites = rng.choice(CONTRACTS, (ACCOUNTS, 6), p=weights / weights.sum()).astype(np.int16)
    contract = favourites[account, rng.integers(0, 6, orders, dtype=np.int8)]
    busy = np.repeat(np.arange(len(BUSY_ORDERS)), BUSY_ORDERS)
    busy = rng.permutation(busy)[: orders // BUSY_SHARE]
    where = rng.choice(orders, len(busy), replace=False)
    account[where] = busy * (ACCOUNTS // len(BUSY_ORDERS))
    contract[where] = favourites[account[where], 0]
    return account, contract


def _matches(
    rng: np.random.Generator, contract: npt.NDArray[np.int16], most: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Pair orders that follow each other in a contract; return the resting and the incoming."""
    traded = np.flatnonzero(rng.random(len(contract)) < 0.86).astype(np.int32)
    traded = traded[np.argsort(contract[traded], kind="stable")]
    pairs = len(traded) // 2
    resting, incoming = traded[: 2 * pairs : 2], traded[1 : 2 * pairs : 2]
    same = contract[resting] == contract[incoming]
    return resting[same][:most], incoming[same][:most]


def truth(log: MadeLog) -> Truth:
    """Return what must be counted."""
    grouped = log.account < 2 * (ACCOUNTS - GROUPS)
    subject = np.where(grouped, log.account // 2, log.account + ACCOUNTS)
    off = log.order[log.kind == CANCEL]
    where = subject[off].astype(np.int64) * CONTRACTS + log.contract[off]
    large = log.lots[log.kind == CANCEL] >= LARGE_LOTS
    trade = log.kind == TRADE
    one, other = subject[log.order[trade]], subject[log.contra[trade]]
    selves = one[one == other]
    offenders = [
        *_offenders("cancels", where, by_contract=True),
        *_offenders("large_cancels", where[large], by_contract=True),
        *_offenders("self_trades", selves, by_contract=False),
    ]
    new, cancels, trades = np.bincount(log.kind, minlength=3).tolist()
    wide = np.unique(subject[off], return_counts=True)[1] >= YELLOW["cancels"]
    answer = Answer(cancels, int(large.sum()), len(selves), sorted_offenders(offenders))
    return Truth(len(log), (new, cancels, trades), answer, int(wide.sum()))


def read_truth(log: Path) -> Truth:
    """Return what the maker of a log wrote beside it."""
    said = json.loads(truth_of(log).read_text(encoding="utf-8"))
    return Truth(said["rows"], tuple(said["kinds"]), from_json(said["answer"]),
                 said["wide_offenders"])  # fmt: skip


def links_of(log: Path) -> Path:
    """Return where the groups of a log stand."""
    return log.with_suffix(".links.csv")


def truth_of(log: Path) -> Path:
    """Return where the maker of a log says what it holds."""
    return log.with_suffix(".truth.json")


def is_grouped(account: str) -> bool:
    """Whether an account is in a group."""
    return int(account[4:]) < 2 * (ACCOUNTS - GROUPS)


def _offenders(
    count: str, keys: npt.NDArray[np.int64], *, by_contract: bool
) -> Iterator[tuple[str, str, str, int]]:
    key, times = np.unique(keys, return_counts=True)
    for one, found in zip(key, times, strict=True):
        if found >= YELLOW[count]:
            who, where = divmod(int(one), CONTRACTS) if by_contract else (int(one), -1)
            yield count, _subject_name(who), _contract(where) if by_contract else "", int(found)


def _subject_name(subject: int) -> str:
    return f"G{subject}" if subject < ACCOUNTS else _account(subject - ACCOUNTS)


def _account(i: int) -> str:
    return f"{i % 40 + 1000:04d}{i:08d}"


def _contract(i: int) -> str:
    return f"{'abcdefghij'[i % 10]}x25{i // 10 % 12 + 1:02d}{i}"


def write(path: Path, rows: int, *, bare: bool, seed: int = 1) -> MadeLog:
    """Write the log as pyarrow writes Parquet, zstd; beside it its groups and what it holds.

    bare : accounts and sides on new rows only, no lots on cancels
    """
    log = make(rows, seed)
    writer = None
    for start in range(0, len(log), SLICE_ROWS):
        table = _table(log, slice(start, start + SLICE_ROWS), bare=bare)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=SLICE_ROWS)
    assert writer is not None, "a log of no rows"
    writer.close()
    write_links(links_of(path))
    truth_of(path).write_text(json.dumps(asdict(truth(log))), encoding="utf-8")
    return log


def _table(log: MadeLog, part: slice, *, bare: bool) -> pa.Table:
    order, kind, contra = log.order[part], log.kind[part], log.contra[part]
    every = np.ones(len(order), np.bool_)
    of_new, is_trade = kind == NEW, kind == TRADE
    columns = {
        "seq": pa.array(np.arange(part.start + 1, part.start + 1 + len(order))),
        "ts": pa.array(log.ts[part]).cast(pa.timestamp("ns", "Asia/Shanghai")),
        "contract": _coded(log.contract[order], CONTRACT_NAMES, every),
        "action": _coded(kind, ACTION_NAMES, every),
        "order_id": pa.array(order.astype(np.int64) + 1),
        "account": _coded(log.account[order], ACCOUNT_NAMES, of_new if bare else every),
        "side": _coded(log.side[order] - 1, SIDE_NAMES, of_new),
        "lots": pa.array(log.lots[part].astype(np.int64), mask=(kind == CANCEL) if bare else None),
        "contra_order_id": pa.array(contra.astype(np.int64) + 1, mask=~is_trade),
    }
    if not bare:
        columns["contra_account"] = _coded(log.account[contra], ACCOUNT_NAMES, is_trade)
    return pa.table(columns)


def _coded(
    index: npt.NDArray[np.integer], words: pa.Array, valid: npt.NDArray[np.bool_]
) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32), mask=~valid), words)


ACCOUNT_NAMES = pa.array([_account(i) for i in range(ACCOUNTS)])
CONTRACT_NAMES = pa.array([_contract(i) for i in range(CONTRACTS)])
ACTION_NAMES = pa.array(["new", "cancel", "trade"])
SIDE_NAMES = pa.array(["buy", "sell"])


def write_links(path: Path) -> None:
    """Write the groups: 2,000 of two accounts each; the rest stand alone."""
    lines = ["account,group"]
    lines += [f"{_account(i)},G{i // 2}" for i in range(2 * (ACCOUNTS - GROUPS))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--bare", action="store_true")
    given = parser.parse_args()
    write(given.out, given.rows, bare=given.bare)
