"""Columns of codes: canonical words, and for actions their integers, as those of ``schema``."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from .. import schema
from ..batch import UInt8
from .arrays import filled, looked_up, valid_of, whole_of
from .complaints import Complaints
from .words import EntryReader

UNKNOWN: Final = 255


class CodeReader:
    """Reads one code column batch by batch."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._codes = schema.code_words(column)
        self._expected = f"one of {', '.join(self._codes)}"
        # Sources number sides, offsets and hedge flags each in its own way: digits say nothing
        # here, and a mapping file translates them.
        integers = self._codes.values() if column == "action" else ()
        self._integer_texts = {str(code): code for code in integers}
        self._by_integer = np.full(256, UNKNOWN, np.uint8)
        self._by_integer[list(integers)] = list(integers)
        self._entries = EntryReader()
        self._by_entry = np.zeros(1, np.uint8)

    def read(self, array: pa.Array, complaints: Complaints) -> UInt8:
        """Return the codes: (n,) uint8, 0 where null; complain of words and integers unknown."""
        if pa.types.is_integer(array.type):
            return self._integers(array, complaints)
        entries = self._entries.read(array)
        if entries.texts is not None:
            self._by_entry = np.array([*map(self._code, entries.texts), 0], np.uint8)
        found = looked_up(self._by_entry, entries.at, entries.valid)
        if (self._by_entry == UNKNOWN).any():
            complaints.add(found == UNKNOWN, complaints.cell(self._column, self._expected))
        return found

    def _integers(self, array: pa.Array, complaints: Complaints) -> UInt8:
        values, valid = whole_of(array), valid_of(array)
        fits = (values >= 0) & (values < UNKNOWN)
        found = self._by_integer.take(np.where(fits, values, UNKNOWN).astype(np.intp))
        found = filled(found, valid, 0)
        complaints.add(found == UNKNOWN, complaints.cell(self._column, self._expected))
        return found

    def _code(self, text: str | None) -> int:
        """Return the code of a word or of an integer's text."""
        if text is None:
            return 0
        return self._codes.get(text.lower(), self._integer_texts.get(text, UNKNOWN))
