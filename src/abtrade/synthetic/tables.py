"""Tables beside a made-up log: accounts, links, market makers, contracts, and the test pack."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from ..rules.rule import Rule
from ..rules.syntax import parse_rule
from . import limits
from .contracts import Contract
from .people import Account
from .plots import ENDED

PACK: Final = Path(__file__).with_name("pack")
"""The test pack, a folder of rules."""

TABLES: Final = (
    "accounts.csv", "links.csv", "market_makers.csv", "contracts.csv", "limits.csv"
)  # fmt: skip
"""In the order of a command line; the last are there only where a rule of the day asks."""


def rule_of_pack(name: str) -> Rule:
    """Return a rule of the test pack by the name of its file."""
    path = PACK / f"{name}.yaml"
    return parse_rule(path.read_bytes(), path.name)


def write_tables(
    folder: Path,
    day: date,
    contracts: Sequence[Contract],
    accounts: Sequence[Account],
    makers: Sequence[tuple[Account, str]],
    rules: Sequence[Rule],
) -> None:
    """Write the tables, and these rules of the pack, into a folder. Raise OSError on failure."""
    write_accounts(folder / "accounts.csv", accounts)
    write_links(folder / "links.csv", day, accounts)
    _write_csv(
        folder / "market_makers.csv",
        ("client", "product", "exchange"),
        ((account.client, product, account.exchange) for account, product in makers),
    )
    _write_csv(
        folder / "contracts.csv",
        ("contract", "exchange", "product", "tick", "multiplier", "order_fee", "upper_limit",
         "lower_limit", "previous_close"),
        ((each.name, each.exchange, each.product, float(each.tick), each.multiplier,
          str(each.order_fee).lower(), each.price(each.levels - 1), each.price(0),
          each.price(each.previous)) for each in contracts),
    )  # fmt: skip
    if any(rule.limit is not None for rule in rules):
        _write_csv(folder / "limits.csv", limits.COLUMNS, limits.limit_rows(day, contracts))
    (folder / "rules").mkdir()
    for rule in rules:
        shutil.copyfile(PACK / rule.path, folder / "rules" / rule.path)


def write_accounts(path: Path, accounts: Iterable[Account]) -> None:
    """Write whose account is whose."""
    _write_csv(
        path,
        ("account", "exchange", "client", "member"),
        ((each.code, each.exchange, each.client, each.member) for each in accounts),
    )


def write_links(path: Path, day: date, accounts: Iterable[Account]) -> None:
    """Write which clients are linked."""
    _write_csv(
        path,
        ("client", "group", "exchange", "status", "from", "to", "source"),
        _links(day, accounts),
    )


def _links(day: date, accounts: Iterable[Account]) -> Iterator[tuple[str, ...]]:
    """Yield a row a linked client; a link that has ended did so the day before."""
    seen = set()
    for each in accounts:
        if each.group is None or (each.exchange, each.client) in seen:
            continue
        seen.add((each.exchange, each.client))
        ended = each.status == ENDED
        yield (
            each.client, each.group, each.exchange, "filed" if ended else each.status,
            "2020-01-02",
            str(day - timedelta(days=1)) if ended else "", "made up",
        )  # fmt: skip


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
