"""Names that an order has besides its OrderSysID, which it gets late: each as one number."""

from __future__ import annotations

from typing import Final

import numpy as np

from ...batch import Int32, Int64
from ..states.vocabulary import NO_ID, TEXT_ID, Vocabulary
from .cells import Cells

LOCAL: Final = ("ExchangeID", "TraderID", "OrderLocalID")
FRONT: Final = ("FrontID", "SessionID", "OrderRef")

_BITS: Final = 40
"""A reference has at most 12 digits."""
_MOST_PAIRS: Final = 1 << (63 - _BITS)


class OrderNames:
    """Numbers for the names ``local`` (LOCAL) and ``front`` (FRONT) of orders."""

    def __init__(self, words: Vocabulary) -> None:
        self._words = words
        self._pairs = {"local": _Pairs(), "front": _Pairs()}

    def local(self, cells: Cells, exchange: Int32) -> Int64:
        """Return the number of each row's exchange, trader and local number, -1: none; (n,)."""
        if not all(map(cells.has, LOCAL[1:])):
            return np.full(cells.count, -1, np.int64)
        return self._numbers("local", cells, exchange, cells.words("TraderID", "TraderID"), LOCAL)

    def front(self, cells: Cells) -> Int64:
        """Return the number of each row's front, session and reference, -1: none; (n,)."""
        if not all(map(cells.has, FRONT)):
            return np.full(cells.count, -1, np.int64)
        fronts, sessions = (cells.words(field, field) for field in FRONT[:2])
        return self._numbers("front", cells, fronts, sessions, FRONT)

    def text(self, kind: str, number: int) -> str:
        """Return a name as people know it, its parts joined by underscores."""
        pair = self._pairs[kind].met[number >> _BITS]
        columns = ("exchange", "TraderID") if kind == "local" else FRONT[:2]
        parts = [
            self._words.texts(column)[code]
            for column, code in zip(columns, (pair >> 32, pair & 0xFFFFFFFF), strict=True)
        ]
        return "_".join((*parts, str(number & ((1 << _BITS) - 1))))

    def _numbers(
        self, kind: str, cells: Cells, first: Int32, second: Int32, fields: tuple[str, ...]
    ) -> Int64:
        low, high = cells.ids(fields[2], fields[2])
        told = (first >= 0) & (second >= 0) & (high < TEXT_ID) & (high != NO_ID)
        told &= (low >= 0) & (low < 1 << _BITS)
        pairs = np.where(told, first.astype(np.int64) << 32 | second, -1)
        codes = self._pairs[kind].codes(pairs)
        return np.where(told & (codes < _MOST_PAIRS), codes << _BITS | low, -1)


class _Pairs:
    """Pairs of codes as one number each, ``first << 32 | second``, and the code of each pair.

    The pair -1 is none.
    """

    def __init__(self) -> None:
        self.met: list[int] = []  # by code
        self._sorted = np.array([-1])
        self._codes = np.array([-1])  # of each that is sorted

    def codes(self, pairs: Int64) -> Int64:
        """Return the codes of pairs, new or known, -1 where there is none: (n,)."""
        at = np.searchsorted(self._sorted, pairs, side="right") - 1
        new = self._sorted[at] != pairs
        if new.any():
            self.met += np.unique(pairs[new]).tolist()
            order = np.argsort(self.met)
            self._sorted = np.append(-1, np.array(self.met)[order])
            self._codes = np.append(-1, order)
            at = np.searchsorted(self._sorted, pairs)
        return self._codes[at]
