"""DuckDB: the counts in SQL, in the quickest form that was found.

Codes stand for names before anything is joined; only orders of a size that a large cancel needs
are asked for their fills; counts are taken by account and only then by group.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from answer import LARGE_LOTS, YELLOW, Answer, sorted_offenders

BARE = f"""
CREATE TYPE contracts AS ENUM (SELECT DISTINCT contract FROM log ORDER BY 1);
CREATE TYPE accounts AS ENUM (
    SELECT DISTINCT account FROM log WHERE account IS NOT NULL ORDER BY 1);
CREATE TEMP TABLE orders AS
    SELECT contract::contracts AS contract, order_id, account::accounts AS account,
           lots::INT AS lots
    FROM log WHERE action = 'new';
CREATE TEMP TABLE trades AS
    SELECT contract::contracts AS contract, order_id, contra_order_id, lots::INT AS lots
    FROM log WHERE action = 'trade';
CREATE TEMP TABLE cancelled AS
    SELECT contract, order_id, account, orders.lots
    FROM (SELECT contract::contracts AS contract, order_id FROM log WHERE action = 'cancel')
    JOIN orders USING (contract, order_id);
CREATE TEMP TABLE cells AS
    WITH big AS (SELECT * FROM cancelled WHERE lots >= {LARGE_LOTS}),
    filled AS (
        SELECT contract, order_id, sum(lots) AS filled FROM (
            SELECT contract, order_id, lots FROM trades SEMI JOIN big USING (contract, order_id)
            UNION ALL
            SELECT trades.contract, contra_order_id, trades.lots FROM trades
            SEMI JOIN big ON big.contract = trades.contract
                         AND big.order_id = trades.contra_order_id)
        GROUP BY ALL),
    counted AS (
        SELECT account, contract, count(*) AS cancels, 0 AS large_cancels
        FROM cancelled GROUP BY ALL
        UNION ALL
        SELECT account, contract, 0, count(*)
        FROM big LEFT JOIN filled USING (contract, order_id)
        WHERE lots - coalesce(filled, 0) >= {LARGE_LOTS} GROUP BY ALL)
    SELECT account::VARCHAR AS account, contract::VARCHAR AS contract,
           sum(cancels) AS cancels, sum(large_cancels) AS large_cancels
    FROM counted GROUP BY ALL;
CREATE TEMP TABLE selves AS
    SELECT coalesce(x."group", a.account::VARCHAR) AS subject, count(*) AS self_trades
    FROM trades
    JOIN orders a USING (contract, order_id)
    JOIN orders b ON b.contract = trades.contract AND b.order_id = trades.contra_order_id
    LEFT JOIN (SELECT TRY_CAST(account AS accounts) AS account, "group" FROM links) x
        ON x.account = a.account
    LEFT JOIN (SELECT TRY_CAST(account AS accounts) AS account, "group" FROM links) y
        ON y.account = b.account
    WHERE a.account = b.account OR x."group" = y."group" GROUP BY ALL;
"""

FULL = f"""
CREATE TEMP TABLE cells AS
    SELECT account, contract, count(*) AS cancels,
           count(*) FILTER (WHERE lots >= {LARGE_LOTS}) AS large_cancels
    FROM log WHERE action = 'cancel' GROUP BY ALL;
CREATE TEMP TABLE selves AS
    SELECT coalesce(x."group", log.account) AS subject, count(*) AS self_trades
    FROM log
    LEFT JOIN links x USING (account)
    LEFT JOIN links y ON y.account = log.contra_account
    WHERE action = 'trade' AND (log.account = contra_account OR x."group" = y."group")
    GROUP BY ALL;
"""

BY_SUBJECT = """
CREATE TEMP TABLE found AS
    SELECT coalesce("group", account) AS subject, contract, sum(cancels) AS cancels,
           sum(large_cancels) AS large_cancels
    FROM cells LEFT JOIN links USING (account) GROUP BY ALL;
"""

TOTALS = """
SELECT sum(cancels), sum(large_cancels), (SELECT sum(self_trades) FROM selves) FROM found
"""

OFFENDERS = f"""
SELECT 'cancels', subject, contract, cancels FROM found WHERE cancels >= {YELLOW["cancels"]}
UNION ALL
SELECT 'large_cancels', subject, contract, large_cancels FROM found
WHERE large_cancels >= {YELLOW["large_cancels"]}
UNION ALL
SELECT 'self_trades', subject, '', self_trades FROM selves
WHERE self_trades >= {YELLOW["self_trades"]}
"""


def count(log: Path, links: Path, form: str, threads: int) -> Answer:
    """Count a ``bare`` or a ``full`` log, Parquet or Arrow IPC, on so many threads."""
    db = duckdb.connect()
    db.execute(f"SET threads = {threads}; SET preserve_insertion_order = false")
    if log.suffix == ".arrow":
        db.register("log", _mapped(log))
    else:
        db.execute(f"CREATE VIEW log AS SELECT * FROM read_parquet('{log}')")
    db.execute(f"CREATE TEMP TABLE links AS SELECT * FROM read_csv('{links}', all_varchar = true)")
    for statement in ((BARE if form == "bare" else FULL) + BY_SUBJECT).split(";"):
        db.execute(statement)
    totals = db.execute(TOTALS).fetchone()
    assert totals is not None
    offenders = [(c, s, w, int(n)) for c, s, w, n in db.execute(OFFENDERS).fetchall()]
    cancels, large, selves = (int(total or 0) for total in totals)
    return Answer(cancels, large, selves, sorted_offenders(offenders))


def _mapped(log: Path) -> object:
    """Return the file as an Arrow table over mapped memory: nothing is read before it is asked."""
    import pyarrow as pa

    with pa.memory_map(str(log)) as file:
        return pa.ipc.open_file(file).read_all()
