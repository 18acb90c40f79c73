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
from . import fees, limits, positions
from .contracts import Contract
from .forms import Form
from .people import Account
from .plots import ENDED, Planted
from .positions import Key, Lots

PACK: Final = Path(__file__).with_name("pack")
"""The test pack, a folder of rules."""

TABLES: Final = (
    "accounts.csv", "links.csv", "market_makers.csv", "contracts.csv", "limits.csv",
    "positions.csv", "fees.csv",
)  # fmt: skip
"""In the order of a command line; the last three only where stories of the day are about them."""


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
) -> None:
    """Write the tables of every day into a folder. Raise OSError where that cannot be."""
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


def write_rules(folder: Path, rules: Iterable[Rule]) -> None:
    """Write rules of the test pack."""
    (folder / "rules").mkdir()
    for rule in rules:
        shutil.copyfile(PACK / rule.path, folder / "rules" / rule.path)


def write_limits(
    folder: Path, day: date, contracts: Sequence[Contract], planted: Planted
) -> None:
    """Write the limits that rules of the day go by."""
    rows = limits.limit_rows(day, contracts, limits.OwnLimits(planted))
    _write_csv(folder / "limits.csv", limits.COLUMNS, rows)


def write_positions(
    folder: Path,
    held: Iterable[tuple[Key, Lots]],
    accounts: Sequence[Account],
    contracts: Sequence[Contract],
    form: Form,
) -> None:
    """Write what is held when the day begins."""
    rows = positions.position_rows(held, accounts, contracts, form)
    _write_csv(folder / "positions.csv", positions.COLUMNS, rows)


def write_fees(folder: Path, day: date, contracts: Sequence[Contract]) -> None:
    """Write what messages cost."""
    _write_csv(folder / "fees.csv", fees.COLUMNS, fees.fee_rows(day, contracts))


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
