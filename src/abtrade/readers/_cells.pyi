"""Types of the compiled passes over cells; see ``_cells.pyx`` for what they do."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Valid = npt.NDArray[np.uint8]

class Block:
    def __init__(self, size: int) -> None: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...

def fill(values: Array, valid: Valid, null: int, out: Array) -> None: ...
def count_up(first: int, out: npt.NDArray[np.int64]) -> None: ...
def look_up(table: Array, at: Array, out: Array) -> None: ...
def look_up_valid(table: Array, at: Array, valid: Valid, out: Array) -> None: ...
def sum_cells(words: npt.NDArray[np.uint64], valid: Valid | None, first_row: int) -> int: ...
def fold_cells(
    words: npt.NDArray[np.uint64], valid: Valid | None, rows: npt.NDArray[np.uint64]
) -> None: ...
def hash_texts(
    data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], out: npt.NDArray[np.uint64]
) -> None: ...
def count_ticks(
    prices: Array,
    valid: Valid | None,
    ticks: Array,
    tolerance: float,
    null: int,
    out: npt.NDArray[np.int64],
) -> bool: ...
def read_digits(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int32],
    valid: Valid | None,
    numbers: npt.NDArray[np.int64],
    zeros: npt.NDArray[np.uint64],
) -> int: ...
def read_clocks(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int32],
    valid: Valid | None,
    none: int,
    odd: int,
    out: npt.NDArray[np.int64],
) -> int: ...
def rows_end(text: bytes, delimiter: int) -> int: ...
def number_rows(keys: npt.NDArray[np.int64], out: npt.NDArray[np.int64]) -> int: ...
