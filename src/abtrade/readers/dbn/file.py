"""One DBN file of Databento: its MBO records as a numpy array, and which contract is which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...errors import InputError
from ..raw import UNREADABLE, said

MAGIC: Final = b"DBN"
PREFIX: Final = 8
"""Bytes before the metadata: magic, version, and the metadata's length."""

MBO: Final = "mbo"
RTYPE: Final = 160
RECORD: Final = np.dtype(
    [
        ("length", "u1"),  # of the record, in words of four bytes
        ("rtype", "u1"),
        ("publisher_id", "<u2"),
        ("instrument_id", "<u4"),
        ("ts_event", "<u8"),
        ("order_id", "<u8"),
        ("price", "<i8"),  # 1e-9
        ("size", "<u4"),
        ("flags", "u1"),
        ("channel_id", "u1"),
        ("action", "S1"),
        ("side", "S1"),
        ("ts_recv", "<u8"),
        ("ts_in_delta", "<i4"),
        ("sequence", "<u4"),
    ]
)
SENT: Final = np.dtype([*RECORD.descr, ("ts_out", "<u8")])
"""A record as a live gateway sends it, where that was asked to say when."""

Records = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class DbnFile:
    """The MBO records of a file."""

    path: Path
    exchange: str  # the venue that the dataset is named for
    records: Records  # (n,) of RECORD
    names: dict[int, list[tuple[date, date, str]]]  # of an instrument: from, until, contract

    def contract(self, instrument: int, day: date) -> str | None:
        """Return the contract that an instrument id stands for on a day, None: not known."""
        for start, end, name in self.names.get(instrument, ()):
            if start <= day < end:
                return name
        return None


def read_dbn(path: Path) -> DbnFile:
    """Return the records of a DBN file, plain or in zstd.

    Raises InputError where it is cut off, is of another schema, or cannot be read.
    """
    data = _bytes(path)
    metadata, start = _metadata(path, data)
    found = None if metadata.schema is None else str(metadata.schema)
    if found != MBO:
        raise InputError(
            f"{path}: found DBN of schema {found or 'mixed, as a live stream has it'}, expected "
            "mbo: only market by order tells orders apart"
        )
    kind = SENT if metadata.ts_out else RECORD
    size = len(data) - start
    if size % kind.itemsize:
        raise InputError(
            f"{path}: after record {size // kind.itemsize}: the file is cut off within a record"
        )
    records = np.frombuffer(data, kind, offset=start)
    _check(path, records)
    if kind is SENT:
        records = records[list(RECORD.names or ())].astype(RECORD)
    return DbnFile(path, str(metadata.dataset).partition(".")[0], records, _names(metadata))


def _bytes(path: Path) -> Any:
    """Return what a file holds, as a buffer."""
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) == MAGIC:
                return np.memmap(path, np.uint8, "r")
        with pa.input_stream(str(path), compression="zstd") as stream:
            return np.frombuffer(stream.read_buffer(), np.uint8)
    except UNREADABLE as error:
        raise InputError(f"{path}: found damaged or cut-off data: {said(error)}") from error


def _metadata(path: Path, data: Any) -> tuple[Any, int]:
    """Return a file's metadata, and where its records begin."""
    try:
        from databento_dbn import Metadata
    except ImportError as error:
        raise InputError(
            f"{path}: is a DBN file of Databento, and what reads its metadata is not installed; "
            "pip install 'abtrade[databento]'"
        ) from error
    length = int.from_bytes(bytes(data[4:PREFIX]), "little")
    start = PREFIX + length
    if len(data) < max(start, PREFIX + 1):
        raise InputError(f"{path}: the file is cut off within its metadata")
    try:
        return Metadata.decode(bytes(data[:start])), start
    except Exception as error:  # the decoder has errors of its own, and of no common kind
        raise InputError(f"{path}: found DBN metadata that cannot be read: {error}") from error


def _check(path: Path, records: Records) -> None:
    """Raise InputError at the first record that is none of MBO."""
    other = (records["rtype"] != RTYPE) | (records["length"] != records.itemsize // 4)
    if other.any():
        at = int(np.argmax(other))
        raise InputError(
            f"{path}: record {at + 1}: found type {records['rtype'][at]} of "
            f"{4 * int(records['length'][at])} bytes, expected {RTYPE} of {records.itemsize}"
        )


def _names(metadata: Any) -> dict[int, list[tuple[date, date, str]]]:
    """Return the contract of each instrument id by date; of a symbol that is an id, the other."""
    names: dict[int, list[tuple[date, date, str]]] = {}
    for symbol, intervals in metadata.mappings.items():
        for interval in intervals:
            start, end, other = (_field(interval, key) for key in _INTERVAL)
            instrument, name = (other, symbol) if other.isdigit() else (symbol, other)
            if instrument.isdigit() and name:
                names.setdefault(int(instrument), []).append((start, end, name))
    return names


_INTERVAL: Final = ("start_date", "end_date", "symbol")


def _field(interval: Any, key: str) -> Any:
    return interval[key] if isinstance(interval, dict) else getattr(interval, key)
