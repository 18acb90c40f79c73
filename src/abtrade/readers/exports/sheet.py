"""Sheet: one file of a trading program's export, its cells read strictly and bad rows kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ...batch import Int64
from ..arrays import Bool, decoded, valid_of
from ..columns import is_text
from ..complaints import Complaints
from ..foreign import Part
from ..numbers import whole_cells
from ..raw import BadRow, RawBatch, Source
from ..sources import as_table
from ..texts import as_strings, decimal_numbers, trimmed
from .days import Stamps
from .times import Times

Names = dict[str, tuple[str, ...]]
"""Field -> what files call it; the first that is there."""

TEXT: Final = pa.string()


def columns_of(columns: Sequence[str], names: Names) -> dict[str, str]:
    """Return field -> column, for the fields that are there; blanks around names do not matter."""
    plain = {column.strip(" \ufeff"): column for column in columns}
    found = {}
    for field, known in names.items():
        column = next((plain[name] for name in known if name in plain), None)
        if column is not None:
            found[field] = column
    return found


class Sheet:
    """All rows of a file; each call reads one field of every row and complains of bad cells."""

    def __init__(self, number: int, part: Part, names: Names) -> None:
        table = as_table(part.glimpse)
        self.number = number
        self.part = part
        self.path = part.glimpse.path
        self.columns = columns_of(part.glimpse.columns, names)
        self._raw = _whole(table, list(dict.fromkeys(self.columns.values())))
        self._complaints = Complaints(self._raw)
        self.count = self._raw.record.num_rows
        self.rows = self._raw.row_numbers()
        self.file_rows = self.count + len(self._raw.bad)
        self.fingerprint = table.fingerprint()
        self.schema = table.schema

    def text(self, field: str, *, needed: bool = True) -> pa.StringArray:
        """Return trimmed texts, null where there is none: (n,)."""
        if field not in self.columns:
            return pa.nulls(self.count, TEXT)
        cells = decoded(self._cells(field))
        if is_text(cells.type) or pa.types.is_null(cells.type):
            texts = trimmed(as_strings(cells.cast(TEXT) if not is_text(cells.type) else cells))
        else:
            texts = cells.cast(TEXT)
        if needed:
            self._complain(field, _null(texts), "a value")
        return texts

    def words(
        self, field: str, table: Mapping[str, int], *, needed: bool = True
    ) -> npt.NDArray[np.uint8]:
        """Return the code of each word as ``plain_word`` has it, 0 where there is none: (n,)."""
        texts = self.text(field, needed=needed).dictionary_encode()
        codes = [table.get(plain_word(text), -1) for text in texts.dictionary.to_pylist()]
        at = np.asarray(texts.indices.fill_null(len(codes)))
        found = np.array([*codes, 0], np.int16)[at]
        self._complain(field, found < 0, f"one of {', '.join(table)}")
        return np.asarray(np.maximum(found, 0), np.uint8)

    def lots(self, field: str, least: int) -> Int64:
        """Return whole numbers, which may be written as floats: (n,), at least so large."""
        cells = decoded(self._cells(field))
        if is_text(cells.type):  # "5.0", as every number of such exports may be
            cells = pc.replace_substring_regex(trimmed(as_strings(cells)), r"\.0*$", "")
        values, valid, bad = whole_cells(cells, as_float=False)
        wrong = values < least
        for which in (bad, None if valid is None else ~valid):
            wrong = wrong if which is None else wrong | which
        self._complain(field, wrong, f"a whole number from {least}")
        return np.where(wrong, least, values)

    def price(self, field: str) -> npt.NDArray[np.float64]:
        """Return prices, nan where there is none: (n,)."""
        cells = decoded(self._cells(field))
        if not is_text(cells.type):
            return np.asarray(cells.cast(pa.float64()).fill_null(np.nan), np.float64)
        texts = trimmed(as_strings(cells))
        texts = pc.if_else(pc.equal(pc.utf8_lower(texts), "nan"), pa.scalar(None, TEXT), texts)
        values, fits = decimal_numbers(texts)
        self._complain(field, ~fits & ~_null(texts), "a price")
        return np.where(fits, values, np.nan)

    def cells(self, field: str) -> pa.Array:
        """Return the cells of a field as they are in the file, without a dictionary: (n,)."""
        return decoded(self._cells(field))

    def when(self, times: Times, lacks: Bool | None = None) -> Stamps:
        """Return when rows were; those that may lack a time have that of the row before.

        lacks : (n,) rows that may; None: none may
        """
        carried = times.blank & lacks if lacks is not None and times.fits.any() else False
        self._complain("time", ~times.fits & ~np.asarray(carried), "a time")
        return times.carried_on()

    def complain(self, field: str, bad: Bool, expected: str) -> None:
        """Set rows aside whose cell of a field is not what was expected."""
        self._complain(field, bad, expected)

    def good(self) -> Bool:
        """Return the rows that nothing was complained of: (n,)."""
        good = self._complaints.good()
        return np.ones(self.count, np.bool_) if good is None else good

    def bad(self) -> list[BadRow]:
        """Return the rows that were set aside."""
        return self._complaints.rows()

    def _cells(self, field: str) -> pa.Array:
        return self._raw.record.column(self.columns[field])

    def _complain(self, field: str, bad: Bool, expected: str) -> None:
        if bad.any():
            column = self.columns.get(field)
            reason: Any = f"{field}: found nothing, expected {expected}"
            if column is not None:
                reason = self._complaints.cell(column, expected)
            self._complaints.add(bad, reason)


def plain_word(text: str) -> str:
    """Return a word of an enumeration as a table has it, however it is written.

    ``Direction.LONG``, ``<Direction.LONG: '...'>``, ``LONG`` and ``Long`` are ``long``;
    ``Close Today`` and ``CLOSETODAY`` are ``closetoday``.
    """
    if text.startswith("<"):
        text = text[1:].partition(":")[0]
    return text.rpartition(".")[2].replace(" ", "").replace("_", "").casefold()


def _whole(table: Source, columns: list[str]) -> RawBatch:
    """Return all rows of a file at once."""
    batches = list(table.read(columns))
    if not batches:
        nothing = pa.table([pa.nulls(0, TEXT)] * len(columns), names=columns)
        return RawBatch(1, _one_batch(nothing), np.zeros(0, np.int64), [], str(table.path))
    joined = pa.Table.from_batches([raw.record for raw in batches]).unify_dictionaries()
    rows = np.concatenate([raw.row_numbers() for raw in batches])
    bad = [row for raw in batches for row in raw.bad]
    return RawBatch(1, _one_batch(joined), rows, bad, batches[0].where)


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    arrays = [
        column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
        for column in table.columns
    ]
    return pa.RecordBatch.from_arrays(arrays, table.schema.names)


def _null(array: pa.Array) -> Bool:
    valid = valid_of(array)
    return np.zeros(len(array), np.bool_) if valid is None else ~valid
