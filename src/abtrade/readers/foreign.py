"""Foreign logs: what a reader of a source's own form is given, and what it says of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import ClassVar, Final, NamedTuple

import pyarrow as pa

from ..errors import problems_error
from ..market.calendar import Calendar, load_calendar
from ..side_tables import Source as Table
from .columns import numbers_for_accounts
from .dates import known_day, parse_day
from .raw import Source

CANONICAL: Final = "canonical"
"""What a user calls a log in the form that needs no reader of its own."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What the user states of a log that its files do not say."""

    source: str | None = None  # the kind of log, CANONICAL or a kind's name; None: told by content
    account_field: str | None = None  # which of the source's fields is the account
    account: str | None = None  # the account of rows in a log that names none
    day: date | None = None  # the trading day
    calendar: Calendar = field(default_factory=load_calendar)


def stated_log(
    source: str | None = None,
    account_field: str | None = None,
    account: str | None = None,
    day: date | str | None = None,
    calendar: Table | None = None,
) -> Stated:
    """Return what is stated of a log; the day as a date, or as a message may name it.

    calendar : a desk's own table over the shipped calendar, as a file or an Arrow table
    """
    given = parse_day(day, "--day") if isinstance(day, str) else day
    if given is not None:
        known_day(given, "--day")
    return Stated(source, account_field, account, given, load_calendar(calendar))


def unused_account(stated: Stated, teller: str) -> list[str]:
    """Return a note where an account is stated, though ``teller`` tells the accounts."""
    if stated.account is None:
        return []
    return [f"--account {stated.account} is not used: {teller} tells the account"]


def unused_by_canonical(sources: Sequence[Source], stated: Stated) -> list[str]:
    """Return notes on what is stated of foreign logs, where all sources are canonical ones."""
    if any(source.form is not None for source in sources):
        return []
    column = "the log's own column account"
    notes = unused_account(stated, column)
    if stated.account_field is not None:
        notes.append(f"--account-field {stated.account_field} is not used: {column} is the account")
    return notes


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a look into a file shows before it is known what the file is."""

    path: Path
    head: bytes  # the first bytes, as they are after decompression
    encoding: str  # of text: utf-8, or gb18030 (which gbk is part of) where it cannot be that
    table: Source | None  # the file as a table under its own column names, None: it is none

    @property
    def columns(self) -> tuple[str, ...]:
        """The table's own column names, none where the file is no table."""
        return () if self.table is None else self.table.columns


class Part(NamedTuple):
    """A file of a foreign log and what it holds: ``orders``, ``trades``, ..."""

    glimpse: Glimpse
    what: str


class Meaning(NamedTuple):
    """What becomes of a column of a foreign file."""

    column: str
    canonical: str  # a canonical column, blank where it is not used
    how: str = ""  # in a few words, where it is not just copied


def notes_on_accounts(
    named: str | None, columns: Iterable[tuple[str, pa.Schema, str]]
) -> list[str]:
    """Return a note for each column of accounts that holds numbers, where the user named the field.

    named : what --account-field names
    columns : the file, its schema, and its column

    Raises InputError where the user named none: whose account a number is may then be anybody's
    guess.
    """
    found = (numbers_for_accounts(schema, column, path) for path, schema, column in columns)
    numbers = [told for told in found if told is not None]
    if numbers and named is None:
        hint = "or name the field with --account-field"
        raise problems_error([f"{told}, {hint}" for told in numbers])
    return numbers


class Kind(ABC):
    """A form of log that needs a reader of its own."""

    name: ClassVar[str]  # as in --source
    title: ClassVar[str]  # as people call it

    @abstractmethod
    def part(self, glimpse: Glimpse) -> str | None:
        """Return what a file of this kind holds, None where it is none of this kind."""

    @abstractmethod
    def open(self, parts: Sequence[Part], stated: Stated) -> list[Source]:
        """Return all files of one log, read: canonical rows, numbered through by ``seq``.

        Raises InputError with every problem of the files.
        """

    @abstractmethod
    def meanings(self, part: Part, log: Sequence[Part], stated: Stated) -> list[Meaning]:
        """Return what becomes of each column of a file, in the file's order.

        log : all files of the log, which may settle together what a column is
        """
