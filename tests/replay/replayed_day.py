"""A small day to be replayed: two traders in one contract, a third in another, two alerts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from abtrade.rules.packs import RuleSet, load_rules
from scenario import links, log_table, parse, rule_files, table

DAY = "2025-01-06"
SCENARIO = parse("""
time      action  order  account  contract  side  price  lots

scenario  orders that rest, trade with their own, and are cancelled
group G1 A B
rule cancels cancels contract yellow>=2 red>=3
rule trades self_trades contract red>=1
rule ratio otr contract red>1
09:00:01  new     1      C        cu2501    buy   70000  5
09:00:02  new     2      A        cu2501    buy   70000  3
09:00:03  new     3      A        cu2501    buy   69990  2
09:00:04  new     4      D        cu2501    sell  70020  4
09:00:05  new     5      D        al2501    sell  20000  1
09:00:06  new     6      B        cu2501    sell  70000  6
09:00:06  trade   6/1    -        cu2501    sell  70000  5
09:00:06  trade   6/2    -        cu2501    sell  70000  1
09:00:07  cancel  2      -        cu2501    -     -      -
09:00:08  cancel  3      -        cu2501    -     -      -
09:00:09  cancel  4      -        cu2501    -     -      -
expect    G1 cu2501 self_trades=1
""")[0]


def options(folder: Path) -> dict[str, Any]:
    """Return the options under which the day is judged."""
    rules: RuleSet = load_rules(list(rule_files(SCENARIO, folder)), date.fromisoformat(DAY))
    return {"day": DAY, "rules": rules, "links": linked()}


def log() -> pa.Table:
    return log_table(SCENARIO)


def linked(group: str = "G1") -> pa.Table:
    found = table([{**row, "group": group} for row in links(SCENARIO)])
    assert found is not None
    return found


def files(folder: Path, group: str = "G1") -> list[str]:
    """Write the day to files; return the words that have a verb read them."""
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(log(), folder / "day.parquet")
    pq.write_table(linked(group), folder / "links.parquet")
    words = [str(folder / "day.parquet"), "--day", DAY, "--links", str(folder / "links.parquet")]
    for rule in rule_files(SCENARIO, folder):
        words += ["--rules", str(rule)]
    return words
