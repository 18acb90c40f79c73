"""Assumptions: words that the user states for columns the log leaves null or lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from .. import schema
from ..batch import UInt8
from ..errors import problems_error
from ..schema import Action
from .columns import did_you_mean

_ORDERS: Final = (Action.NEW, Action.CARRIED)
_SPOKEN_FOR: Final = {
    "offset": (*_ORDERS, Action.TRADE),
    "hedge": (*_ORDERS, Action.RFQ),
    "order_type": (*_ORDERS, Action.RFQ),
    "tif": _ORDERS,
    "trade_type": (Action.TRADE,),
    "cancel_by": (Action.CANCEL,),
    "phase": tuple(Action),
}
"""Column -> the rows whose own cell is asked: elsewhere an order's ``new`` row speaks, and a word
put in would differ from it."""


class Assumptions:
    """Column -> word, checked; raises InputError with all that is wrong."""

    def __init__(self, words: Mapping[str, str]) -> None:
        problems = [problem for item in words.items() if (problem := _problem(*item))]
        if problems:
            raise problems_error(problems)
        self._codes = {
            column: schema.code_words(column)[word.lower()] for column, word in words.items()
        }
        self._rows = {column: _flags(_SPOKEN_FOR[column]) for column in words}

    def fill(self, column: str, codes: UInt8 | None, action: UInt8) -> UInt8 | None:
        """Return a column's codes with its word where they are null: (n,), None: no column."""
        code = self._codes.get(column)
        if code is None:
            return codes
        if codes is None:
            codes = np.zeros(len(action), np.uint8)
        blank = (codes == 0) & self._rows[column].take(action)
        return np.asarray(codes + blank * np.uint8(code))


def _flags(actions: tuple[Action, ...]) -> np.ndarray:
    flags = np.zeros(max(Action) + 1, np.bool_)
    flags[list(actions)] = True
    return flags


def _problem(column: str, word: str) -> str | None:
    if column not in _SPOKEN_FOR:
        hint = did_you_mean(column, _SPOKEN_FOR) or f", expected one of {', '.join(_SPOKEN_FOR)}"
        return f"assume {column}={word}: no column that can be assumed{hint}"
    words = schema.code_words(column)
    if word.lower() not in words:
        hint = did_you_mean(word, words) or f", expected one of {', '.join(words)}"
        return f"assume {column}={word}: unknown word '{word}'{hint}"
    return None
