"""Options: what was asked of a made-up day, checked, and with every default filled in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final

from .. import schema
from ..errors import InputError, problems_error
from .contracts import BUSY_EACH, MOST_CONTRACTS, QUIET_EACH
from .forms import OPTIONAL

CAP: Final = 350
"""Cancels of a subject of the crowd in a contract at most: below any level."""

ROOM: Final = 0.8
"""How near to its cap a subject of the crowd may be expected to come, on average."""

ROWS_AN_ORDER: Final = 1.92
UNFILLED: Final = 0.6
"""Share of the crowd's orders that end unfilled, about."""

RESERVED: Final = (
    "accounts.csv", "links.csv", "market_makers.csv", "contracts.csv", "truth.csv", "manifest.json",
    "rules",
)  # fmt: skip
"""What stands beside the log."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for, with every default filled in."""

    rows: int
    seed: int
    day: str
    exchanges: tuple[str, ...]
    contracts: int
    accounts: int
    groups: int
    density: float
    offences: str | int
    log: str
    bare: bool
    two_rows: bool
    split: bool
    without: tuple[str, ...]


def filled_in(given: Options) -> Options:
    """Return options with defaults, all problems of them told at once."""
    problems = list(_problems(given))
    if problems:
        raise problems_error(problems)
    places = len(given.exchanges)
    fewest = (BUSY_EACH + QUIET_EACH) * places
    suited = round((given.rows / 10_000) ** 0.8 / given.density)
    contracts = given.contracts or min(MOST_CONTRACTS, max(fewest, suited), 42 * places)
    usual = min(20_000, given.rows / 500) / given.density
    least = given.rows / ROWS_AN_ORDER * UNFILLED / (CAP * ROOM) / 0.6
    accounts = given.accounts or round(max(40 * places, usual, least))
    groups = given.groups or max(1, accounts * 9 // 10)
    if groups > accounts:
        raise InputError(f"found {groups} groups of {accounts} accounts, expected as many or fewer")
    values = asdict(given) | {"contracts": contracts, "accounts": accounts, "groups": groups}
    return Options(**values)


def _problems(given: Options) -> Iterator[str]:
    unknown = [name for name in given.exchanges if name not in schema.EXCHANGES]
    if unknown or not given.exchanges or len(set(given.exchanges)) < len(given.exchanges):
        found = ", ".join(given.exchanges) or "none"
        yield f"exchanges: found {found}, expected some of {', '.join(schema.EXCHANGES)}, each once"
    for name in given.without:
        if name not in OPTIONAL:
            yield f"without: found {name!r}, expected some of {', '.join(OPTIONAL)}"
    for name in ("rows", "contracts", "accounts", "groups", "seed"):
        if getattr(given, name) < 0 or (name == "rows" and given.rows < 1):
            yield f"{name}: found {getattr(given, name)}, expected a positive number"
    if not 0 < given.density <= 1000:
        yield f"density: found {given.density}, expected a number above 0, at most 1000"
    if isinstance(given.offences, str) and given.offences not in ("all", "none"):
        yield f"offences: found {given.offences!r}, expected all, none or a number of stories"
    if Path(given.log).name != given.log or given.log in RESERVED:
        yield f"log: found {given.log!r}, expected the name of a file, such as day.parquet"
    try:
        day = date.fromisoformat(given.day)
    except ValueError:
        yield f"day: found {given.day!r}, expected one such as 2025-02-18"
    else:
        if day.weekday() >= 5 or day.year < 2021:
            yield f"day: found {day}, expected a weekday from 2021 on"
