"""Truth about order fees: what a scan must say that each planted subject pays."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, NamedTuple

from .truth import number_of, read_rows

FEE_TRUTH: Final = "fee_truth.csv"


class Payer(NamedTuple):
    """Who pays, and for what."""

    exchange: str
    subject_kind: str
    subject: str
    scope: str


@dataclass(frozen=True, slots=True)
class FeeTruth:
    """A planted subject and a contract in which it sent messages; fees in yuan.

    No fee at all where the contract has none: a scan then says nothing of it.
    """

    exchange: str
    subject_kind: str
    subject: str
    scope: str
    messages: int  # that are charged
    exempt_messages: int  # of a market maker
    filled_orders: int
    dearer: bool
    fee: Decimal | None
    next_message: Decimal | None  # what one more costs that leads to no fill
    story: str

    @property
    def about(self) -> Payer:
        """What it is about."""
        return Payer(self.exchange, self.subject_kind, self.subject, self.scope)


def read_fee_truth(path: Path) -> list[FeeTruth]:
    """Return the rows of such a file; raise InputError as ``truth.read_rows`` does."""
    return read_rows(path, FeeTruth, _values)


def _values(row: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = dict(row)
    if row["dearer"] not in ("true", "false"):
        raise ValueError(f"dearer: found {row['dearer']!r}, expected true or false")
    values["dearer"] = row["dearer"] == "true"
    for name in ("messages", "exempt_messages", "filled_orders"):
        values[name] = number_of(name, row[name], int)
    for name in ("fee", "next_message"):
        try:
            values[name] = Decimal(row[name]) if row[name] else None
        except InvalidOperation:
            raise ValueError(f"{name}: found {row[name]!r}, expected a number") from None
    return values
