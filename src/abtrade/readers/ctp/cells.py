"""Cells of a batch of a structure's rows, read field by field; bad ones are complained of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...batch import Int32, Int64, UInt8, UInt64
from ..arrays import Bool, decoded, indices_of, valid_of
from ..clocks import UNREADABLE, clocks_of
from ..columns import is_text
from ..complaints import Complaints
from ..numbers import whole_cells
from ..raw import RawBatch
from ..states.vocabulary import NO_ID, NULL, TEXT_ID, Vocabulary
from ..texts import as_strings, bytes_of, decimal_numbers, trimmed
from .codes import BLANK, NOTHING, UNKNOWN, Field

_AS_TEXT: Final = "an id as text: a number like this has lost digits or zeros, as in a spreadsheet"

NO_PRICE: Final = 1e300
"""No price is so large: a field of a double that was never filled has the largest there is."""


class Cells:
    """The rows of a batch; ``names`` are the file's columns by the field they hold."""

    def __init__(self, raw: RawBatch, names: Mapping[str, str], words: Vocabulary) -> None:
        self._record = raw.record
        self._names = names
        self._words = words
        self.count = raw.record.num_rows
        self.complaints = Complaints(raw)

    def code(self, column: str, text: str) -> int:
        """Return the code of a text of the vocabulary."""
        return self._words.code(column, text)

    def has(self, field: str) -> bool:
        """Whether the file has a field."""
        return field in self._names

    def bad(self, field: str, rows: Bool, expected: str) -> None:
        """Complain of a field's cells in the rows flagged."""
        if rows.any():
            self.complaints.add(rows, self.complaints.cell(self._names[field], expected))

    def codes(self, field: str, meaning: Field, needed: bool = False) -> UInt8:
        """Return the codes of a field, NOTHING where it is blank or not there: (n,).

        needed : complain of blank cells
        """
        if not self.has(field):
            return np.full(self.count, NOTHING, np.uint8)
        found = _codes(self._cells(field), meaning)
        bad = found == UNKNOWN
        blank = found == BLANK
        self.bad(field, bad | blank if needed else bad, meaning.expected())
        return np.where(blank, np.uint8(NOTHING), found)

    def words(self, field: str, column: str, needed: bool = False) -> Int32:
        """Return a field's texts as codes of the vocabulary under ``column``: (n,)."""
        if not self.has(field):
            return np.full(self.count, NULL, np.int32)
        found = self._words.codes(column, self._cells(field), field)
        if needed:
            self.bad(field, found == NULL, "a value")
        return found

    def joined_words(self, fields: Sequence[str], column: str) -> Int32:
        """Return the texts of several fields put together, NULL where any is blank: (n,)."""
        parts = [trimmed(_strings(self._cells(field))) for field in fields]
        return self._words.codes(column, pc.binary_join_element_wise(*parts, ""), "+".join(fields))

    def ids(self, field: str, column: str) -> tuple[Int64, UInt64]:
        """Return the words of a field's ids: (n,) each."""
        return self._words.ids(column, self._cells(field))

    def sure_ids(self, field: str, column: str) -> tuple[Int64, UInt64]:
        """Return ids as ``ids``; complain of those that were numbers with a point or an exponent.

        Of such a number the last digits and the zeros before it are lost.
        """
        cells = decoded(self._cells(field))
        if pa.types.is_floating(cells.type):
            valid = valid_of(cells)
            told = np.ones(self.count, np.bool_) if valid is None else valid
            self.bad(field, told, _AS_TEXT)
            return np.zeros(self.count, np.int64), np.full(self.count, NO_ID, np.uint64)
        low, high = self._words.ids(column, cells)
        self.bad_floats(field, column, np.where(high == np.uint64(TEXT_ID), low, NULL))
        return low, high

    def bad_floats(self, field: str, column: str, codes: Int64 | Int32) -> None:
        """Complain of texts of the vocabulary that are numbers with a point or an exponent."""
        if wrong := self._words.floats(column):
            self.bad(field, np.isin(codes, wrong), _AS_TEXT)

    def starts_with(self, field: str, start: str) -> Bool:
        """Return which texts of a field begin so, blanks before them aside: (n,)."""
        cells = decoded(self._cells(field))
        if not is_text(cells.type):
            return np.zeros(self.count, np.bool_)
        begins = pc.match_substring(as_strings(cells), start)
        if not pc.any(begins).as_py():
            return np.zeros(self.count, np.bool_)
        found = pc.starts_with(trimmed(as_strings(cells)), start)
        return np.asarray(found.fill_null(False), np.bool_)

    def lots(self, field: str, least: int) -> Int64:
        """Return whole numbers of at least ``least``, which blank cells are no such: (n,)."""
        values, valid, bad = whole_cells(self._cells(field), as_float=True)
        wrong = values < least
        if bad is not None:
            wrong |= bad
        if valid is not None:
            wrong |= ~valid
        self.bad(field, wrong, f"a whole number, {least} or more")
        return values

    def prices(self, field: str) -> np.ndarray:
        """Return prices, nan where there is none: (n,) float64."""
        cells = decoded(self._cells(field))
        if is_text(cells.type) or pa.types.is_null(cells.type):
            strings = trimmed(as_strings(cells))
            values, fits = decimal_numbers(strings)
            valid = valid_of(strings)
            self.bad(field, ~fits if valid is None else valid & ~fits, "a number")
            values = np.where(fits, values, np.nan)
        else:
            values = np.array(cells.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
        return np.where(np.abs(values) < NO_PRICE, values, np.nan)

    def clocks(self, field: str) -> Int64:
        """Return times of day in ns since midnight, below 0 where there is none: (n,)."""
        found = clocks_of(self._cells(field))
        self.bad(field, found == UNREADABLE, "a time of day, as 09:30:05")
        return found

    def _cells(self, field: str) -> pa.Array:
        return self._record.column(self._names[field])


def _codes(cells: pa.Array, meaning: Field) -> UInt8:
    """Return the code of each cell, BLANK, or UNKNOWN: (n,)."""
    if pa.types.is_string(cells.type) and valid_of(cells) is None:
        found = bytes_of(cells)
        if (found.lengths == 1).all() and len(found.data):
            table = _code_of_letters(meaning)
            letters = found.data[found.starts[0] : found.ends[-1]]
            return np.asarray(table[np.minimum(letters, 127)])
    if not pa.types.is_dictionary(cells.type):
        cells = _strings(cells).dictionary_encode()
    texts = _strings(cells.dictionary).to_pylist()
    table = np.array([*(_code(text, meaning) for text in texts), BLANK], np.uint8)
    valid, at = valid_of(cells), indices_of(cells)
    return np.asarray(table[at if valid is None else np.where(valid, at, len(texts))])


@cache
def _code_of_letters(meaning: Field) -> UInt8:
    return np.array([_code(chr(byte), meaning) for byte in range(128)], np.uint8)


def _code(text: str | None, meaning: Field) -> int:
    return meaning.meaning(text) if text and text.strip(" \t\u3000\x00'\"") else BLANK


def _strings(cells: pa.Array) -> pa.StringArray:
    cells = decoded(cells)
    return as_strings(cells) if is_text(cells.type) else cells.cast(pa.string())
