"""Which field is the account: the one the user names, else the trading code where it is filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...batch import Int32
from ...errors import InputError, LackingError
from ..foreign import Stated, notes_on_accounts, unused_account
from ..raw import Source
from ..states.vocabulary import NULL
from ..texts import BLANKS
from .cells import Cells

USABLE: Final = ("ClientID", "InvestorID", "AccountID", "UserID", "BrokerID", "ParticipantID",
                 "BusinessUnit", "InvestUnitID")  # fmt: skip
USUAL: Final = ("ClientID", "InvestorID", "AccountID")
"""The first that orders and trades have, and that is filled, is the account."""
FIRMS: Final = ("BrokerID", "ParticipantID")
"""Tell clients apart in company of another field alone."""
WHY: Final = {
    "ClientID": "filled in the first rows; another with --account-field",
    "InvestorID": "as ClientID is not filled in all files; another with --account-field",
    "AccountID": "as ClientID and InvestorID are not filled in all files; another with "
    "--account-field",
}
"""Why a field of ``USUAL`` is the account."""
NAMED: Final = "as --account-field says"


@dataclass(frozen=True, slots=True)
class AccountField:
    """The account of rows: the fields whose texts make it, or one account for all."""

    fields: tuple[str, ...]
    stated: str | None = None
    why: str = NAMED
    numbers: tuple[str, ...] = ()  # what is wrong with a field that the user named all the same

    def notes(self, stated: Stated) -> list[str]:
        """Return what a reader of the results must know."""
        if self.stated is not None:
            return ["the account is --account"]
        fields = "+".join(self.fields)
        return [f"the account is {fields}", *self.numbers, *unused_account(stated, fields)]

    def codes(self, cells: Cells) -> Int32:
        """Return the account of each row, NULL where it is blank: (n,)."""
        if self.stated is not None:
            return np.full(cells.count, cells.code("account", self.stated), np.int32)
        if not all(map(cells.has, self.fields)):
            return np.full(cells.count, NULL, np.int32)
        if len(self.fields) == 1:
            found = cells.words(self.fields[0], "account")
            cells.bad_floats(self.fields[0], "account", found)
            return found
        return cells.joined_words(self.fields, "account")


File = tuple[Source, dict[str, str]]
"""A file and its columns by the field they hold."""


def account_field(orders: Sequence[File], trades: Sequence[File], stated: Stated) -> AccountField:
    """Return which fields are the account.

    Raises InputError where a field is named that is none, or that a file of orders lacks, or where
    none is named and accounts are numbers, or where no file of orders has a row; LackingError where
    no file tells any account, and none is stated.
    """
    if not any(_has_rows(file) for file in orders):
        raise InputError(
            f"{', '.join(str(source.path) for source, _ in orders)}: found no rows of orders, "
            "expected one or more"
        )
    if stated.account_field is not None:
        fields = tuple(part.strip() for part in stated.account_field.split("+"))
        unknown = [field for field in fields if field not in USABLE]
        if unknown:
            raise InputError(
                f"--account-field {stated.account_field}: found {', '.join(unknown)}, expected "
                f"{', '.join(USABLE)}, or several joined by +"
            )
        for source, names in orders:
            lacking = [field for field in fields if field not in names]
            if lacking:
                raise InputError(
                    f"{source.path}: has no {', '.join(lacking)}, which --account-field names; "
                    f"it has {', '.join(field for field in USABLE if field in names) or 'none'}"
                )
        numbers = _numbers(fields, (*orders, *trades), stated)
        return AccountField(fields, numbers=numbers)
    for field in USUAL:
        if all(field in names for _, names in (*orders, *trades)) and _filled(orders, field):
            return _of(field, (*orders, *trades), stated)
    if stated.account is not None:
        return AccountField((), stated.account)
    for field in USUAL:
        if _could_be(orders, field):
            return _of(field, (*orders, *trades), stated)
    raise LackingError(
        "account",
        f"{orders[0][0].path}: no field that orders and trades share tells the account "
        f"({', '.join(USUAL)}); name one with --account-field, or state the account with --account",
        [field for field in USABLE if field not in FIRMS and _could_be(orders, field)],
    )


def _could_be(orders: Sequence[File], field: str) -> bool:
    return all(field in names for _, names in orders) and _filled(orders, field)


def _of(field: str, files: Sequence[File], stated: Stated) -> AccountField:
    _numbers((field,), files, stated)
    return AccountField((field,), why=WHY[field])


def _numbers(fields: Sequence[str], files: Sequence[File], stated: Stated) -> tuple[str, ...]:
    """Return notes on columns that hold numbers; raise InputError where no field was named."""
    columns = (
        (str(source.path), source.schema, names[field])
        for source, names in files
        for field in fields
        if field in names
    )
    return tuple(notes_on_accounts(stated.account_field, columns))


def _has_rows(file: File) -> bool:
    source, names = file
    column = (names["InstrumentID"],)
    return any(raw.record.num_rows or raw.bad for raw in source.read(column, parallel=False))


def _filled(files: Sequence[File], field: str) -> bool:
    """Whether a field is filled among the first rows of any file."""
    for source, names in files:
        for raw in source.read((names[field],), parallel=False):
            cells = raw.record.column(names[field])
            if any(str(cell).strip(BLANKS) for cell in cells.unique().to_pylist() if cell):
                return True
            break
    return False
