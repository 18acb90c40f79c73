"""The log that further counts are timed on, and what each of them must come to in it.

The bare log is ``make_log``'s. The priced one has the same rows, with a price and ``offset`` open
on new orders and a price on trades. What must be found is worked out by numpy from the orders that
were made, and stands beside the log.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from make_log import (
    ACCOUNTS,
    CANCEL,
    CONTRACT_NAMES,
    CONTRACTS,
    GROUPS,
    NEW,
    TRADE,
    MadeLog,
    write,
)

Ints = npt.NDArray[np.int64]
PRICES = np.array([110.0, 90.0, 100.0])  # upper limit, lower limit, between
BURST_MESSAGES = 3
FEES = ((0, 100_000, 200_000), (20, 1_000_000, 2_500_000))  # above, millionths of a yuan, dearer
MOST_OTR = 2
SECOND, MINUTE = 10**9, 60 * 10**9


def write_logs(folder: Path, rows: int) -> None:
    """Write both logs, their contract and fee tables, and what must be found in them."""
    bare = folder / "bare.parquet"
    log = write(bare, rows, bare=True)
    _write_priced(bare, folder / "priced.parquet", log)
    _write_tables(folder)
    (folder / "expected.json").write_text(json.dumps(expected(log)), encoding="utf-8")


def expected(log: MadeLog) -> dict[str, dict[str, float]]:
    """Return the sum of each count's figures over all subjects and scopes, by log."""
    subject = np.where(log.account < 2 * (ACCOUNTS - GROUPS), log.account // 2,
                       log.account + ACCOUNTS).astype(np.int64)  # fmt: skip
    where = subject * CONTRACTS + log.contract
    bare = {
        **_positions(log, where),
        "burst_occasions": _bursts(log, subject),
        **_shares(log),
        "busiest_minute": _busiest_minutes(log, where),
        "fee": _fees(log, where),
    }
    matched = float(log.lots[log.kind == TRADE].sum())
    priced = {
        **bare,
        "long_lots": matched,  # every order opens, so nothing ever falls
        "short_lots": matched,
        "open_lots": 2 * matched,
        "ordered_open_lots": float(log.lots[log.kind == NEW].sum()),
        **_at_limits(log),
    }
    return {"bare": bare, "priced": priced}


def _positions(log: MadeLog, where: Ints) -> dict[str, float]:
    """Netted by account and contract, as the log has no offset; summed over a subject's accounts.

    Both sides of a trade stand at one row, and what is held is looked at after the row.
    """
    row = np.flatnonzero(log.kind == TRADE)
    sides = np.stack([log.order[row], log.contra[row]], axis=1).ravel()
    lots = np.repeat(log.lots[row].astype(np.int64), 2) * np.where(log.side[sides] == 1, 1, -1)
    row = np.repeat(row, 2)
    book = log.account[sides].astype(np.int64) * CONTRACTS + log.contract[sides]
    held = _running(book, lots, row)
    found = {}
    for name, sign in (("long_lots", 1), ("short_lots", -1)):
        after, before = np.maximum(sign * held, 0), np.maximum(sign * (held - lots), 0)
        total = _running(where[sides], after - before, row)
        found[name] = float(_largest(where[sides], _at_end_of_row(where[sides], total, row)).sum())
    return found


def _running(key: Ints, amount: Ints, row: Ints) -> Ints:
    """Return the running sum of amounts within each key, in the order of rows."""
    order = np.lexsort((np.arange(len(row)), key))
    total = np.cumsum(amount[order])
    begins = np.r_[True, key[order][1:] != key[order][:-1]]
    base = np.maximum.accumulate(np.where(begins, np.arange(len(total)), 0))
    found = np.empty_like(total)
    found[order] = total - (total[base] - amount[order][base])
    return found


def _at_end_of_row(key: Ints, total: Ints, row: Ints) -> Ints:
    """Return the totals, 0 where a later side of the same row is of the same key."""
    same = (row[1:] == row[:-1]) & (key[1:] == key[:-1])
    return np.where(np.r_[same, False], 0, total)


def _largest(key: Ints, amount: Ints) -> Ints:
    keys, at = np.unique(key, return_inverse=True)
    most = np.zeros(len(keys), np.int64)
    np.maximum.at(most, at, amount)
    return most


def _bursts(log: MadeLog, subject: Ints) -> float:
    sent = log.kind != TRADE
    seconds = log.ts[sent] // SECOND
    times = np.unique(subject[log.order[sent]] * (1 << 40) + seconds, return_counts=True)[1]
    return float((times >= BURST_MESSAGES).sum())


def _shares(log: MadeLog) -> dict[str, float]:
    """All shares of a contract come to 1."""
    told = {"order_share": NEW, "cancel_share": CANCEL, "volume_share": TRADE}
    return {
        name: float(len(np.unique(log.contract[log.order[log.kind == kind]])))
        for name, kind in told.items()
    }


def _busiest_minutes(log: MadeLog, where: Ints) -> float:
    off = log.kind == CANCEL
    minute = log.ts[off] // MINUTE
    key = where[log.order[off]] * (1 << 30) + minute
    keys, at = np.unique(key, return_inverse=True)
    lots = np.bincount(at, log.lots[off]).astype(np.int64)
    return float(_largest(keys >> 30, lots).sum())


def _fees(log: MadeLog, where: Ints) -> float:
    messages = np.bincount(where[log.order[log.kind != TRADE]])
    traded = np.unique(np.r_[log.order[log.kind == TRADE], log.contra[log.kind == TRADE]])
    filled = np.bincount(where[traded], minlength=len(messages))
    dearer = messages > (MOST_OTR + 1) * np.maximum(1, filled)
    total = 0
    for (above, rate, more), end in zip(FEES, (FEES[1][0], 1 << 40), strict=True):
        within = np.clip(messages, above, end) - above
        total += int((within * np.where(dearer, more, rate)).sum())
    return total / 1e6


def _at_limits(log: MadeLog) -> dict[str, float]:
    """Cancels of buys at the upper, of sells at the lower limit after a trade at it."""
    row = np.arange(len(log))
    trade, off = log.kind == TRADE, log.kind == CANCEL
    order = log.order[off]
    counted = np.zeros(len(order), np.bool_)
    for side, limit in ((1, 0), (2, 1)):
        first = np.full(CONTRACTS, len(log))
        at = trade & (_trade_price(log) == limit)
        np.minimum.at(first, log.contract[log.order[at]], row[at])
        counted |= ((log.side[order] == side) & (order % len(PRICES) == limit)
                    & (row[off] > first[log.contract[order]]))  # fmt: skip
    return {"limit_price_cancels": float(counted.sum()),
            "limit_price_cancel_lots": float(log.lots[off][counted].sum())}  # fmt: skip


def _trade_price(log: MadeLog) -> npt.NDArray[np.intp]:
    """Return which of ``PRICES`` each row has, were it a trade: the resting order's."""
    return np.where(log.contra >= 0, log.contra % len(PRICES), -1)


def _write_priced(bare: Path, path: Path, log: MadeLog) -> None:
    with pq.ParquetFile(bare) as source:
        writer = None
        start = 0
        for group in range(source.num_row_groups):
            table = source.read_row_group(group)
            part = slice(start, start + table.num_rows)
            start = part.stop
            kind = log.kind[part]
            place = np.where(kind == TRADE, _trade_price(log)[part], log.order[part] % len(PRICES))
            table = table.append_column("price", pa.array(PRICES[place], mask=kind == CANCEL))
            words = np.zeros(len(kind), np.int32)
            offset = pa.DictionaryArray.from_arrays(
                pa.array(words, mask=kind != NEW), pa.array(["open"])
            )
            table = table.append_column("offset", offset)
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
        assert writer is not None
        writer.close()


def _write_tables(folder: Path) -> None:
    names = CONTRACT_NAMES.to_pylist()
    lines = ["contract,tick,upper_limit,lower_limit", *(f"{name},1,110,90" for name in names)]
    (folder / "contracts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lines = ["exchange,contract,above,rate,rate_above_otr,otr"]
    for name in names:
        lines += [f"-,{name},{above},{rate / 1e6},{dearer / 1e6},{MOST_OTR}"
                  for above, rate, dearer in FEES]  # fmt: skip
    (folder / "fees.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_expected(folder: Path) -> dict[str, dict[str, float]]:
    """Return what must be found in the logs of a folder, by log."""
    text = (folder / "expected.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, float]] = json.loads(text)
    return found
