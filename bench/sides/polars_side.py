"""Polars: the counts by its streaming engine over a lazy scan, in the quickest form found.

As for DuckDB: codes stand for names, only orders of a size that a large cancel needs are asked for
their fills, and counts are taken by account and only then by group.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from answer import LARGE_LOTS, YELLOW, Answer, sorted_offenders

CONTRACT_STEP = 1 << 40
"""An order's key is its contract's code times this, plus its id."""


def count(log: Path, links: Path, form: str, threads: int) -> Answer:
    """Count a ``bare`` or a ``full`` log; POLARS_MAX_THREADS must have been set to ``threads``."""
    if pl.thread_pool_size() != threads:
        raise AssertionError(f"polars has {pl.thread_pool_size()} threads, expected {threads}")
    read = pl.scan_ipc if log.suffix == ".arrow" else pl.scan_parquet
    rows = read(log).with_columns(pl.col("contract", "account").cast(pl.Categorical))
    groups = pl.read_csv(links, schema={"account": pl.Categorical, "group": pl.String})
    cells, matches = (_bare if form == "bare" else _full)(rows)
    return _answer(cells, matches, groups)


def _bare(rows: pl.LazyFrame) -> tuple[pl.DataFrame, pl.LazyFrame]:
    """Return cancels by account and contract, and the two accounts of each match."""
    orders = _collect(
        rows.filter(pl.col("action") == "new").select(
            _key("order_id"), "account", pl.col("lots").cast(pl.Int32)
        )
    ).lazy()
    trades = _collect(
        rows.filter(pl.col("action") == "trade").select(
            _key("order_id"),
            _key("contra_order_id").alias("contra"),
            pl.col("lots").cast(pl.Int32).alias("fill"),
        )
    ).lazy()
    cancelled = _collect(
        rows.filter(pl.col("action") == "cancel")
        .select("contract", _key("order_id"))
        .join(orders, on="key")
    )
    big = cancelled.lazy().filter(pl.col("lots") >= LARGE_LOTS)
    fills = pl.concat(
        [trades.select("key", "fill"), trades.select(pl.col("contra").alias("key"), "fill")]
    )
    filled = (
        fills.join(big.select("key"), on="key", how="semi")
        .group_by("key")
        .agg(pl.col("fill").sum())
    )
    large = (
        big.join(filled, on="key", how="left")
        .filter(pl.col("lots") - pl.col("fill").fill_null(0) >= LARGE_LOTS)
        .group_by("account", "contract")
        .agg(pl.len().alias("large_cancels"))
    )
    cells = (
        cancelled.lazy()
        .group_by("account", "contract")
        .agg(pl.len().alias("cancels"))
        .join(large, on=["account", "contract"], how="left")
    )
    who = orders.select("key", "account")
    matches = trades.join(who, on="key").join(
        who.rename({"account": "contra_account"}), left_on="contra", right_on="key"
    )
    return _collect(cells), matches.select("account", "contra_account")


def _full(rows: pl.LazyFrame) -> tuple[pl.DataFrame, pl.LazyFrame]:
    """Return the same of a log that says both accounts on every row."""
    cells = (
        rows.filter(pl.col("action") == "cancel")
        .group_by("account", "contract")
        .agg(
            pl.len().alias("cancels"),
            (pl.col("lots") >= LARGE_LOTS).sum().alias("large_cancels"),
        )
    )
    matches = rows.filter(pl.col("action") == "trade").select(
        "account", pl.col("contra_account").cast(pl.Categorical)
    )
    return _collect(cells), matches


def _answer(cells: pl.DataFrame, matches: pl.LazyFrame, groups: pl.DataFrame) -> Answer:
    """Map accounts to groups, and find who reached a level."""
    subject = pl.coalesce("group", pl.col("account").cast(pl.String)).alias("subject")
    contra = groups.rename({"account": "contra_account", "group": "contra_group"}).lazy()
    selves = _collect(
        matches.join(groups.lazy(), on="account", how="left")
        .join(contra, on="contra_account", how="left")
        .filter(
            (pl.col("account") == pl.col("contra_account"))
            | (pl.col("group") == pl.col("contra_group"))
        )
        .group_by(subject)
        .agg(pl.len().alias("self_trades"))
    ).with_columns(pl.lit("").alias("contract"))
    found = (
        cells.join(groups, on="account", how="left")
        .group_by(subject, pl.col("contract").cast(pl.String))
        .agg(pl.col("cancels").sum(), pl.col("large_cancels").sum())
    )
    offenders = [
        (count, *row)
        for count, table in (("cancels", found), ("large_cancels", found), ("self_trades", selves))
        for row in table.filter(pl.col(count) >= YELLOW[count])
        .select("subject", "contract", count)
        .iter_rows()
    ]
    return Answer(
        int(found["cancels"].sum()),
        int(found["large_cancels"].sum()),
        int(selves["self_trades"].sum()),
        sorted_offenders(offenders),
    )


def _key(order: str) -> pl.Expr:
    code = pl.col("contract").to_physical().cast(pl.Int64)
    return (code * CONTRACT_STEP + pl.col(order)).alias("key")


def _collect(rows: pl.LazyFrame) -> pl.DataFrame:
    return rows.collect(engine="streaming")
