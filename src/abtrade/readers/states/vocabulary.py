"""Vocabulary: the texts of a foreign log as codes, and its order and trade ids as two words."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ...batch import Int32, Int64, UInt64
from ...names import intern_in
from ..arrays import Bool, decoded, valid_of, whole_of
from ..columns import is_text
from ..texts import NO_DIGITS, as_strings, plain_numbers, trimmed
from ..words import WordReader

NULL: Final = -1
"""The code of a null text."""

TEXT_ID: Final = 1 << 63
"""The high word of an id that is no run of digits: its low word is then a text's code."""
NO_ID: Final = (1 << 64) - 1
"""The high word of an id that is null."""

_FLOAT: Final = re.compile(
    r"[0-9]+\.[0-9]*([eE][+-]?[0-9]+)?\Z|[0-9]+[eE]\+[0-9]+\Z", re.ASCII
)


class Vocabulary:
    """Texts by column, each with a code from 0 in the order of first sight."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = defaultdict(list)
        self._floats: dict[str, list[int]] = defaultdict(list)
        self._looked: Counter[str] = Counter()  # so many texts were looked at for floats
        self._codes: dict[str, dict[str, int]] = defaultdict(dict)
        self._readers: dict[tuple[str, str], WordReader] = {}
        self._tables: dict[tuple[str, str], Int32] = {}

    def code(self, column: str, text: str) -> int:
        """Return the code of a text, new or known."""
        return intern_in(self._codes[column], self._texts[column], text)

    def texts(self, column: str) -> list[str]:
        """Return the texts of a column, by code."""
        return self._texts[column]

    def floats(self, column: str) -> list[int]:
        """Return the codes of texts that are numbers with a point or an exponent."""
        found, texts = self._floats[column], self._texts[column]
        done = self._looked[column]
        found += [code for code in range(done, len(texts)) if _FLOAT.match(texts[code])]
        self._looked[column] = len(texts)
        return found

    def codes(self, column: str, cells: pa.Array, field: str = "") -> Int32:
        """Return the codes of cells, NULL where one is null or blank: (n,).

        field : what the file calls the column, where several of its fields make one
        """
        key = (column, field)
        words = self._readers.setdefault(key, WordReader()).read(cells)
        if words.is_new:
            known = list(map(self._codes[column].get, words.texts))
            if None in known:
                known = [self.code(column, text) for text in words.texts]
            self._tables[key] = np.array([*known, NULL], np.int32)
        return np.asarray(self._tables[key][words.at])

    def ids(self, column: str, cells: pa.Array) -> tuple[Int64, UInt64]:
        """Return the words of ids, (n,) each: digits, leading zeros kept, or any other text."""
        cells = decoded(cells)
        if is_text(cells.type) or pa.types.is_null(cells.type):
            return self._text_ids(column, as_strings(cells))
        valid = valid_of(cells)
        high = np.zeros(len(cells), np.uint64)
        if valid is not None:
            high[~valid] = NO_ID
        return np.where(high == 0, whole_of(cells).astype(np.int64), 0), high

    def id_array(self, column: str, low: Int64, high: UInt64) -> pa.Array:
        """Return ids as they are written: int64 where all are plain numbers, else text."""
        null = high == np.uint64(NO_ID)
        if not (high[~null]).any():
            return pa.array(low, mask=null if null.any() else None)
        written = pa.array(low).cast(pa.string())
        for zeros in np.unique(high[(high < TEXT_ID) & (high > 0)]).tolist():
            padded = pc.binary_join_element_wise("0" * zeros, written, "")
            written = pc.if_else(pa.array(high == np.uint64(zeros)), padded, written)
        is_word = high == np.uint64(TEXT_ID)
        if is_word.any():
            words = pa.array(self._texts[column], pa.string()).take(
                pa.array(np.where(is_word, low, 0))
            )
            written = pc.if_else(pa.array(is_word), words, written)
        return pc.if_else(pa.array(null), pa.scalar(None, pa.string()), written)

    def words(self, column: str, codes: npt.NDArray[Any]) -> pa.DictionaryArray:
        """Return the texts of codes, null where one is below 0."""
        null: Bool = codes < 0
        at = pa.array(codes.astype(np.int32), mask=null if null.any() else None)
        return pa.DictionaryArray.from_arrays(at, pa.array(self._texts[column], pa.string()))

    def _text_ids(self, column: str, strings: pa.StringArray) -> tuple[Int64, UInt64]:
        low, high = plain_numbers(strings)
        if len(others := np.flatnonzero(high == NO_DIGITS)):
            rest = trimmed(strings.take(pa.array(others)))
            low[others], high[others] = plain_numbers(rest)
            words = high[others] == NO_DIGITS
            low[others[words]] = self.codes(column, rest.filter(pa.array(words)))
        return low, high
