"""Complaints: which rows of a batch are bad, and why."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .arrays import Bool
from .contents import content_of, text_of
from .raw import BadRow, RawBatch

Reason = str | Callable[[int], str]
"""What is wrong with the rows flagged, or with the row at a place in the batch."""


class Complaints:
    """Reasons gathered column by column; a row may have several, and is set aside once."""

    def __init__(self, raw: RawBatch) -> None:
        self._raw = raw
        self._found: list[tuple[Bool, Reason]] = []
        self._bad: Bool | None = None

    def add(self, bad: Bool, reason: Reason) -> None:
        """Complain of the rows flagged; a reason may depend on the row's place in the batch."""
        if bad.any():
            self._found.append((bad, reason))
            self._bad = bad if self._bad is None else self._bad | bad

    def cell(self, column: str, expected: str) -> Callable[[int], str]:
        """Return a reason that tells a cell and what was expected of it."""
        return lambda at: (
            f"{column}: found {text_of(self._raw.record.column(column), at)}, expected {expected}"
        )

    def good(self) -> Bool | None:
        """Return the rows without complaint: (n,) bool, None where that is all."""
        return None if self._bad is None else ~self._bad

    def rows(self) -> list[BadRow]:
        """Return the bad rows, those of the raw batch among them, in file order."""
        if self._bad is None:
            return self._raw.bad
        places = np.flatnonzero(self._bad)
        numbers = self._raw.row_numbers()[places]
        contents = content_of(self._raw.record, places)
        made = [
            BadRow(int(number), self._reasons(int(at)), content)
            for at, number, content in zip(places, numbers, contents, strict=True)
        ]
        return sorted([*self._raw.bad, *made], key=lambda row: row.row)

    def _reasons(self, at: int) -> str:
        return "; ".join(
            reason if isinstance(reason, str) else reason(at)
            for bad, reason in self._found
            if bad[at]
        )
