"""Which field is the account: the one the user names, else the trading code where it is filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...batch import Int32
from ...errors import InputError, LackingError
from ..foreign import Stated, unused_account
from ..raw import Source
from ..texts import BLANKS
from ..vocabulary import NULL
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

    def notes(self, stated: Stated) -> list[str]:
        """Return what a reader of the results must know."""
        if self.stated is not None:
            return ["the account is --account"]
        fields = "+".join(self.fields)
        return [f"the account is {fields}", *unused_account(stated, fields)]

    def codes(self, cells: Cells) -> Int32:
        """Return the account of each row, NULL where it is blank: (n,)."""
        if self.stated is not None:
            return np.full(cells.count, cells.code("account", self.stated), np.int32)
        if not all(map(cells.has, self.fields)):
            return np.full(cells.count, NULL, np.int32)
        if len(self.fields) == 1:
            return cells.words(self.fields[0], "account")
        return cells.joined_words(self.fields, "account")


File = tuple[Source, dict[str, str]]
"""A file and its columns by the field they hold."""


def account_field(orders: Sequence[File], trades: Sequence[File], stated: Stated) -> AccountField:
    """Return which fields are the account.

    Raises InputError where a field is named that is none, or that a file of orders lacks;
    LackingError where no file tells any account, and none is stated.
    """
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
        return AccountField(fields)
    for field in USUAL:
        if all(field in names for _, names in (*orders, *trades)) and _filled(orders, field):
            return AccountField((field,), why=WHY[field])
    if stated.account is not None:
        return AccountField((), stated.account)
    for field in USUAL:
        if _could_be(orders, field):
            return AccountField((field,), why=WHY[field])
    raise LackingError(
        "account",
        f"{orders[0][0].path}: no field that orders and trades share tells the account "
        f"({', '.join(USUAL)}); name one with --account-field, or state the account with --account",
        [field for field in USABLE if field not in FIRMS and _could_be(orders, field)],
    )


def _could_be(orders: Sequence[File], field: str) -> bool:
    return all(field in names for _, names in orders) and _filled(orders, field)


def _filled(files: Sequence[File], field: str) -> bool:
    """Whether a field is filled among the first rows of any file."""
    for source, names in files:
        for raw in source.read((names[field],), parallel=False):
            cells = raw.record.column(names[field])
            if any(str(cell).strip(BLANKS) for cell in cells.unique().to_pylist() if cell):
                return True
            break
    return False
