"""pandas: the counts with the file read by pyarrow, in the quickest form found.

One index over the orders gives the position of every order that a row names; what follows is
arithmetic on columns.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from answer import LARGE_LOTS, YELLOW, Answer, sorted_offenders

NAMES = {"contract", "action", "account", "contra_account"}
BARE = ["contract", "action", "order_id", "account", "lots", "contra_order_id"]
FULL = ["contract", "action", "account", "lots", "contra_account"]
CONTRACT_STEP = 1 << 40
"""An order's key is its contract's code times this, plus its id."""


def count(log: Path, links: Path, form: str, threads: int) -> Answer:
    """Count a ``bare`` or a ``full`` log; pandas works on one thread, pyarrow reads on more."""
    rows = _read(log, BARE if form == "bare" else FULL, threads)
    group_of = pd.read_csv(links, dtype=str).set_index("account")["group"]
    cells, one, other = (_bare if form == "bare" else _full)(rows)
    subject_of = group_of.reindex(one.cat.categories)
    subject_of = subject_of.fillna(pd.Series(subject_of.index, index=subject_of.index))
    code, subjects = pd.factorize(subject_of)
    left, right = code[one.cat.codes], code[other.cat.codes]
    selves = pd.Series(subjects[left[left == right]]).value_counts()
    cells["subject"] = cells["account"].map(subject_of).astype(object)
    found = cells.groupby(["subject", "contract"], observed=True)[["cancels", "large_cancels"]]
    found = found.sum()
    offenders = [
        (name, subject, contract, int(many))
        for name in ("cancels", "large_cancels")
        for (subject, contract), many in found.loc[found[name] >= YELLOW[name], name].items()
    ]
    reached = selves[selves >= YELLOW["self_trades"]]
    offenders += [("self_trades", subject, "", int(many)) for subject, many in reached.items()]
    return Answer(
        int(found["cancels"].sum()),
        int(found["large_cancels"].sum()),
        int(selves.sum()),
        sorted_offenders(offenders),
    )


def _bare(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Return cancels by account and contract, and the two accounts of each match."""
    key = _key(rows, "order_id")
    orders = rows.loc[rows["action"] == "new", ["account", "lots"]]
    index = pd.Index(key[orders.index])
    trades = rows[rows["action"] == "trade"]
    incoming = index.get_indexer(key[trades.index])
    resting = index.get_indexer(_key(trades, "contra_order_id"))
    cancelled = rows.index[rows["action"] == "cancel"]
    at = index.get_indexer(key[cancelled])
    filled = np.bincount(
        np.concatenate([incoming, resting]), np.tile(trades["lots"], 2), len(orders)
    )
    taken = orders["lots"].to_numpy() - filled
    cells = pd.DataFrame(
        {
            "account": orders["account"].array[at],
            "contract": rows["contract"].array[cancelled],
            "large": taken[at] >= LARGE_LOTS,
        }
    )
    account = orders["account"].array
    return _by_account(cells), pd.Series(account[incoming]), pd.Series(account[resting])


def _full(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Return the same of a log that says both accounts on every row."""
    cancelled = rows.loc[rows["action"] == "cancel", ["account", "contract", "lots"]]
    cells = cancelled.assign(large=cancelled["lots"] >= LARGE_LOTS)
    trades = rows.loc[rows["action"] == "trade", ["account", "contra_account"]]
    contra = trades["contra_account"].cat.set_categories(trades["account"].cat.categories)
    return _by_account(cells), trades["account"], contra


def _by_account(cancelled: pd.DataFrame) -> pd.DataFrame:
    groups = cancelled.groupby(["account", "contract"], observed=True)["large"]
    return groups.agg(cancels="size", large_cancels="sum").reset_index()


def _read(log: Path, columns: list[str], threads: int) -> pd.DataFrame:
    if log.suffix == ".arrow":
        with pa.memory_map(str(log)) as file:
            table = pa.ipc.open_file(file).read_all().select(columns)
    else:
        table = pq.read_table(
            log, columns=columns, read_dictionary=[name for name in columns if name in NAMES],
            use_threads=threads > 1, pre_buffer=False,
        )  # fmt: skip
    return table.unify_dictionaries().to_pandas(use_threads=threads > 1)


def _key(rows: pd.DataFrame, order: str) -> pd.Series:
    code = rows["contract"].cat.codes.astype("int64")
    return code * CONTRACT_STEP + rows[order].astype("int64")
