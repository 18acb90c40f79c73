"""Cells of text: blanks trimmed, and numbers read from them without forgiving anything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..batch import Int64, UInt64
from ..errors import InputError
from . import _cells
from .arrays import Bool, empty, valid_of

BLANKS: Final = " \t\u3000"
ASCII_BLANKS: Final = " \t"
NO_DIGITS: Final = np.uint64(1 << 63)
NO_TEXT: Final = np.uint64((1 << 64) - 1)

_FIRST_BYTES = np.zeros(256, np.bool_)  # of a blank
_FIRST_BYTES[[0x20, 0x09, 0xE3]] = True
_LAST_BYTES = np.zeros(256, np.bool_)
_LAST_BYTES[[0x20, 0x09, 0x80]] = True
_WHOLE = re.compile(r"-?[0-9]{1,40}\Z", re.ASCII)
_WHOLE_AS_FLOAT = re.compile(r"-?[0-9]{1,40}\.0*\Z", re.ASCII)
_DECIMAL = re.compile(r"-?([0-9]{1,40}\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Bytes:
    """The bytes of n texts, one behind the other."""

    data: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int32]  # (n + 1,)

    @property
    def starts(self) -> npt.NDArray[np.int32]:
        """Where each text starts in the data: (n,)."""
        return self.offsets[:-1]

    @property
    def ends(self) -> npt.NDArray[np.int32]:
        """Where each text ends: (n,)."""
        return self.offsets[1:]

    @property
    def lengths(self) -> npt.NDArray[np.int32]:
        """How many bytes each text has: (n,)."""
        return self.ends - self.starts

    def first(self) -> npt.NDArray[np.uint8]:
        """Return each text's first byte: (n,), 0 where it has none."""
        return self._at(self.starts)

    def last(self) -> npt.NDArray[np.uint8]:
        """Return each text's last byte: (n,), 0 where it has none."""
        return self._at(self.ends - 1)

    def _at(self, places: npt.NDArray[np.int32]) -> npt.NDArray[np.uint8]:
        if not len(self.data):
            return np.zeros(len(places), np.uint8)
        found = self.data[np.clip(places, 0, len(self.data) - 1)]
        return np.where(self.ends > self.starts, found, np.uint8(0))

    def count(self, flags: Bool) -> npt.NDArray[np.int32]:
        """Return how many of each text's bytes are flagged: (n,); flags as long as ``data``."""
        if not flags.any():
            return np.zeros(len(self.starts), np.int32)
        sums = np.zeros(len(flags) + 1, np.int32)
        np.cumsum(flags, out=sums[1:], dtype=np.int32)
        return sums[self.ends] - sums[self.starts]


def bytes_of(strings: pa.StringArray) -> Bytes:
    """Return the bytes of the texts; those of null cells may be anything."""
    _, offsets_buffer, data_buffer = strings.buffers()
    n = len(strings)
    if not n or offsets_buffer is None:
        return Bytes(np.zeros(0, np.uint8), np.zeros(n + 1, np.int32))
    offsets = np.frombuffer(offsets_buffer, np.int32, n + 1, strings.offset * 4)
    low, high = int(offsets[0]), int(offsets[-1])
    data = np.zeros(0, np.uint8)
    if data_buffer is not None and high > low:
        data = np.frombuffer(data_buffer, np.uint8, high - low, low)
    if low:
        offsets = offsets - np.int32(low)
    return Bytes(data, offsets)


def as_strings(array: pa.Array) -> pa.StringArray:
    """Return an array of text, or of bytes that are UTF-8, as strings.

    Raises InputError where bytes are not UTF-8.
    """
    try:
        strings = array if pa.types.is_string(array.type) else array.cast(pa.string())
        if (bytes_of(strings).data >= 0x80).any():
            strings.validate(full=True)
    except pa.ArrowInvalid as error:
        raise InputError(f"found bytes that are not UTF-8 ({error})") from error
    return strings


def trimmed(strings: pa.StringArray) -> pa.StringArray:
    """Return the texts without blanks at their ends; a text of blanks becomes null."""
    cells = bytes_of(strings)
    if (_FIRST_BYTES[cells.first()] | _LAST_BYTES[cells.last()]).any():
        if (cells.data < 0x80).all():
            strings = pc.ascii_trim(strings, characters=ASCII_BLANKS)
        else:
            strings = pc.utf8_trim(strings, characters=BLANKS)
        cells = bytes_of(strings)
    if (cells.lengths == 0).any():
        empty = pa.array(cells.lengths == 0)
        strings = pc.if_else(empty, pa.scalar(None, pa.string()), strings)
    return strings


def plain_numbers(strings: pa.StringArray) -> tuple[Int64, UInt64]:
    """Return numbers written in 1 to 18 ASCII digits, and how many zeros lead each: (n,) each.

    Blanks around one do not count. The number is 0 where a cell is not such: then NO_DIGITS or more
    stands for its zeros, NO_TEXT where it is null or blank.
    """
    cells = bytes_of(strings)
    numbers, zeros = empty(len(strings), np.int64), empty(len(strings), np.uint64)
    valid = valid_of(strings)
    flags = None if valid is None else valid.view(np.uint8)
    _cells.read_digits(cells.data, cells.offsets, flags, numbers, zeros)
    return numbers, zeros


def whole_numbers(strings: pa.StringArray, as_float: bool = False) -> tuple[Int64, Bool]:
    """Return integers written in ASCII digits, and which cells are such: (n,) each.

    Zeros may lead, a minus may stand before. ``as_float``: ``5.0`` is 5. Null cells are not such.
    """
    values, zeros = plain_numbers(strings)
    plain = np.less(zeros, NO_DIGITS)
    for at in _others(strings, plain):
        text = strings[at].as_py()
        if _WHOLE.match(text) or (as_float and _WHOLE_AS_FLOAT.match(text)):
            number = int(text.split(".")[0])
            if -(2**63) <= number < 2**63:
                values[at] = number
                plain[at] = True
    return values, plain


def decimal_numbers(strings: pa.StringArray) -> tuple[npt.NDArray[np.float64], Bool]:
    """Return numbers in decimal notation as floats, and which cells are such: (n,) each.

    A null cell, ``nan`` and ``inf`` are not such.
    """
    cells = bytes_of(strings)
    points = cells.data == ord(".")
    strange = cells.count(((cells.data - np.uint8(0x30)) > 9) & ~points)
    dots = cells.count(points)
    lengths = cells.lengths
    plain = (strange == 0) & (dots <= 1) & (lengths > dots) & (lengths <= 30)
    valid = valid_of(strings)
    if valid is not None:
        plain &= valid
    values = _floats(strings, plain)
    for at in _others(strings, plain):
        text = strings[at].as_py()
        if _DECIMAL.match(text):
            values[at] = float(text)
            plain[at] = True
    return values, plain


def _others(strings: pa.StringArray, plain: Bool) -> list[int]:
    """Return where the cells stand that are neither null nor plain."""
    valid = valid_of(strings)
    return np.flatnonzero(~plain if valid is None else valid & ~plain).tolist()


def _floats(strings: pa.StringArray, plain: Bool) -> npt.NDArray[np.float64]:
    if not plain.all():
        strings = pc.if_else(pa.array(plain), strings, pa.scalar(None, pa.string()))
    if strings.null_count == len(strings):
        return np.zeros(len(strings))
    numbers = strings.cast(pa.float64())
    return np.array(numbers.fill_null(0).to_numpy(zero_copy_only=False), np.float64)
