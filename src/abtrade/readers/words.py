"""Columns of few texts: each cell the position of its text, blanks trimmed, in a short list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .arrays import Bool, filled, indices_of, valid_of
from .columns import is_text
from .texts import as_strings, trimmed

Positions = npt.NDArray[Any]
"""(n,) integers of any width."""


@dataclass(frozen=True, slots=True)
class Words:
    """n cells; ``at[i]`` is a position in ``texts``, ``len(texts)`` where the cell is null."""

    at: Positions
    texts: list[str]
    has_nulls: bool
    is_new: bool  # whether ``texts`` is another list than the batch before had

    def nulls(self) -> Bool:
        """Return which cells are null or blank: (n,) bool."""
        return np.equal(self.at, len(self.texts))


class WordReader:
    """Reads one column batch by batch; a dictionary is worked on only where it has changed."""

    def __init__(self) -> None:
        self._entries = EntryReader()
        self._texts: list[str] = []
        self._moved: Positions | None = None  # where each entry stands in texts; None: same place

    def read(self, array: pa.Array) -> Words:
        """Return the cells of a column of text or integers, or of a dictionary of such.

        Raises InputError where text is not UTF-8.
        """
        found = self._entries.read(array)
        if found.texts is not None:
            self._take(found.texts)
        at = filled(found.at, found.valid, found.count)
        if self._moved is not None:
            at = self._moved[at]
        has_nulls = found.valid is not None or self._moved is not None
        return Words(at, self._texts, has_nulls, is_new=found.texts is not None)

    def _take(self, texts: list[str | None]) -> None:
        places = {text: at for at, text in enumerate(dict.fromkeys(t for t in texts if t))}
        self._texts = list(places)
        self._moved = None
        if len(places) < len(texts):
            null = len(places)
            moved = [null if text is None else places[text] for text in texts]
            self._moved = np.array([*moved, null], np.int64)


@dataclass(frozen=True, slots=True)
class Entries:
    """n cells as positions in the column's dictionary."""

    at: Positions  # (n,) anything where null
    valid: Bool | None  # (n,) None: none is null
    count: int  # entries of the dictionary
    texts: list[str | None] | None  # trimmed; None: the same as in the batch before


class EntryReader:
    """Tells whether a column's dictionary has changed, and what its texts are if so."""

    def __init__(self) -> None:
        self._dictionary: pa.Array | None = None

    def read(self, array: pa.Array) -> Entries:
        """Return the cells of a column of text or integers, or of a dictionary of such."""
        if not pa.types.is_dictionary(array.type):
            if pa.types.is_null(array.type):
                array = array.cast(pa.string())
            array = (as_strings(array) if is_text(array.type) else array).dictionary_encode()
        dictionary, texts = array.dictionary, None
        # A buffer's address says nothing: Arrow frees and reuses them from batch to batch.
        if self._dictionary is None or not dictionary.equals(self._dictionary):
            self._dictionary = dictionary
            texts = trimmed(as_strings(dictionary)).to_pylist()
        return Entries(indices_of(array), valid_of(array), len(dictionary), texts)
