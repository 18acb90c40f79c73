"""Columns of order and trade ids, as the two words of ``ids``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from .. import ids
from ..batch import Int64, Texts, UInt64
from .arrays import Bool, decimal_words, decoded, filled, valid_of, whole_of
from .columns import is_text, is_whole_decimal
from .complaints import Complaints
from .texts import NO_DIGITS, as_strings, plain_numbers, trimmed

_TOO_LARGE: Final = "an id below 2^63; write the column as text"


@dataclass(slots=True)
class Ids:
    """n ids; the words are 0 where an id is null."""

    low: Int64  # (n,)
    high: UInt64 | None  # (n,); None: all 0
    valid: Bool | None  # (n,); None: all are
    texts: Texts | None  # (n,) as written, where a digest stands for it; None: no digest


def read_ids(array: pa.Array, column: str, complaints: Complaints) -> Ids:
    """Return the ids of a column of integers or text; complain of those that do not fit."""
    array = decoded(array)
    if is_text(array.type) or pa.types.is_null(array.type):
        return _texts(trimmed(as_strings(array)))
    valid = valid_of(array)
    if is_whole_decimal(array.type):
        values, fits = decimal_words(array)
        _complain(~fits, valid, column, complaints)
    else:
        values = whole_of(array)
        if values.dtype == np.uint64:
            _complain(values > np.uint64(2**63 - 1), valid, column, complaints)
    values = values.astype(np.int64, copy=False)
    return Ids(filled(values, valid, 0), None, valid, None)


def _complain(unfit: Bool, valid: Bool | None, column: str, complaints: Complaints) -> None:
    bad = unfit if valid is None else unfit & valid
    complaints.add(bad, complaints.cell(column, _TOO_LARGE))


def _texts(strings: pa.StringArray) -> Ids:
    """Return the words of trimmed texts: digits all at once, others one by one and once each."""
    valid = valid_of(strings)
    low, high = plain_numbers(strings)
    others = np.flatnonzero(high == NO_DIGITS)
    if valid is not None:
        high = np.where(valid, high, np.uint64(0))
    if not len(others):
        return Ids(low, high if high.any() else None, valid, None)
    encoded = strings.take(pa.array(others)).dictionary_encode()
    places = whole_of(encoded.indices)
    written = encoded.dictionary.to_pylist()
    packed_high, packed_low = ids.pack_all(written)
    low[others], high[others] = packed_low[places], packed_high[places]
    digests = (packed_high & np.uint64(ids.DIGEST_BIT)) != 0
    texts = None
    if digests.any():
        texts = np.full(len(strings), None, object)
        kept = np.array(written, object)
        kept[~digests] = None
        texts[others] = kept[places]
    return Ids(low, high if high.any() else None, valid, texts)
