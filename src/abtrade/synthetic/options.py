"""Options: what was asked of a made-up day, checked, and with every default filled in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Final

from .. import schema
from ..errors import InputError, problems_error
from ..market.calendar import load_calendar
from .contracts import BUSY_EACH, MOST_CONTRACTS, QUIET_EACH
from .families import FAMILIES, stories_of
from .forms import OPTIONAL

CAP: Final = 350
"""Cancels of a subject of the crowd in a contract at most: below any level."""

ROOM: Final = 0.8
"""How near to its cap a subject of the crowd may be expected to come, on average."""

ROWS_AN_ORDER: Final = 1.92
UNFILLED: Final = 0.6
"""Share of the crowd's orders that end unfilled, about."""

MOST_ROWS: Final = 1_000_000_000
MOST_ACCOUNTS: Final = 2_000_000
"""Accounts are held in memory, rows are not: a crowd of so many takes about 1.3 GB."""

DENSITIES: Final = (0.01, 1000)

RESERVED: Final = (
    "accounts.csv", "links.csv", "market_makers.csv", "contracts.csv", "limits.csv",
    "positions.csv", "fees.csv", "truth.csv", "fee_truth.csv", "manifest.json", "rules",
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
    plant: tuple[str, ...] = ("orders",)


def filled_in(given: Options) -> Options:
    """Return options with defaults, all problems of them told at once."""
    problems = list(_wrong_types(given)) or list(_problems(given))
    if problems:
        raise problems_error(problems)
    places = len(given.exchanges)
    fewest = (BUSY_EACH + QUIET_EACH) * places
    suited = round((given.rows / 10_000) ** 0.8 / given.density)
    contracts = given.contracts or min(MOST_CONTRACTS, max(fewest, suited), 42 * places)
    usual = min(20_000, given.rows / 500) / given.density
    most = min(given.rows, MOST_ACCOUNTS)
    accounts = given.accounts or min(most, round(max(fewest_accounts(given), usual)))
    groups = given.groups or max(1, accounts * 9 // 10)
    if groups > accounts:
        raise InputError(f"found {groups} groups of {accounts} accounts, expected as many or fewer")
    plant = tuple(name for name in FAMILIES if name in given.plant)
    return replace(given, contracts=contracts, accounts=accounts, groups=groups, plant=plant)


def fewest_accounts(given: Options) -> int:
    """Return how many accounts are always enough for so many rows, however they are shared out."""
    unfilled = given.rows / ROWS_AN_ORDER * UNFILLED
    return round(max(40 * len(given.exchanges), unfilled / (CAP * ROOM) / 0.6))


def _wrong_types(given: Options) -> Iterator[str]:
    """Yield what is of another type than its option, as only Python can give it."""
    for each in fields(Options):
        value, (kinds, words) = getattr(given, each.name), _TYPES[str(each.type)]
        if type(value) not in kinds:
            yield f"{each.name}: found {value!r}, expected {words}"


_TYPES: Final[dict[str, tuple[tuple[type, ...], str]]] = {
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "str": ((str,), "a text"),
    "bool": ((bool,), "True or False"),
    "str | int": ((str, int), "all, none or a number of stories"),
    "tuple[str, ...]": ((tuple,), "texts"),
}


def _problems(given: Options) -> Iterator[str]:
    unknown = [name for name in given.exchanges if name not in schema.EXCHANGES]
    if unknown or not given.exchanges or len(set(given.exchanges)) < len(given.exchanges):
        found = ", ".join(given.exchanges) or "none"
        yield f"exchanges: found {found}, expected some of {', '.join(schema.EXCHANGES)}, each once"
    for name in given.without:
        if name not in OPTIONAL:
            yield f"without: found {name!r}, expected some of {', '.join(OPTIONAL)}"
    yield from _problems_of_size(given)
    if isinstance(given.offences, str) and given.offences not in ("all", "none"):
        yield f"offences: found {given.offences!r}, expected all, none or a number of stories"
    for name in given.plant:
        if name not in FAMILIES:
            yield f"plant: found {name!r}, expected some of {', '.join(FAMILIES)}, or all"
    most = len(stories_of(given.plant))
    if isinstance(given.offences, int) and not 0 <= given.offences <= most:
        yield (f"offences: found {given.offences}, expected all, none or a number up to {most}: "
               "there are no more stories")  # fmt: skip
    if Path(given.log).name != given.log or given.log in RESERVED or given.log.startswith("."):
        yield f"log: found {given.log!r}, expected the name of a file, such as day.parquet"
    try:
        day = date.fromisoformat(given.day)
    except ValueError:
        yield f"day: found {given.day!r}, expected one such as 2025-02-18"
    else:
        if day.year < 2021 or not load_calendar().is_trading_day(day):
            yield f"day: found {day}, expected a trading day from 2021 on"


def _problems_of_size(given: Options) -> Iterator[str]:
    for name in ("rows", "contracts", "accounts", "groups", "seed"):
        if getattr(given, name) < 0 or (name == "rows" and given.rows < 1):
            yield f"{name}: found {getattr(given, name)}, expected a positive number"
    if given.rows > MOST_ROWS:
        yield f"rows: found {given.rows}, expected at most {MOST_ROWS}"
    elif given.accounts > (most := min(max(given.rows, 1), MOST_ACCOUNTS)):
        yield (f"accounts: found {given.accounts}, expected at most {most}: no more than rows, and "
               f"than {MOST_ACCOUNTS}")  # fmt: skip
    if not DENSITIES[0] <= given.density <= DENSITIES[1]:
        low, high = DENSITIES
        yield f"density: found {given.density}, expected a number from {low} to {high}"
