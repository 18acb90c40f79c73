"""Keys: what of a raw row tells its place in the order, read without checking the rest of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..batch import Int64
from ..names import ContractName, Names
from ..plan import ContractFacts
from ..schema import NO_EXCHANGE
from .arrays import Bool, decoded, valid_of
from .by_lane import Exchanges
from .columns import is_text
from .complaints import Complaints
from .identities import ContractLookup, ContractReader
from .numbers import read_whole
from .raw import RawBatch
from .stream import LOWEST
from .texts import as_strings, trimmed
from .times import texts_to_ns, timestamps_to_ns
from .words import WordReader, Words

KEY_COLUMNS: Final = ("exchange", "contract", "channel", "seq", "ts")


@dataclass(slots=True)
class Keys:
    """The place of n raw rows."""

    exchange: Exchanges  # (n,) index into KeyReader.exchanges
    channel: Int64 | None  # (n,) 0 where null
    seq: Int64  # (n,) the row number where the log has none
    ts: Int64  # (n,) ns, LOWEST where it is null or no time
    known: Bool | None  # (n,) rows whose seq and channel can be read; None: all


class KeyReader:
    """Reads the keys of one file after another; ``exchanges`` names what they count.

    Without a contract table a row that names no exchange is of the exchange ``-``.
    """

    def __init__(self, contracts: ContractLookup | None = None) -> None:
        self._contracts = ContractReader(Names(), contracts or NoContracts())
        self._words = {"exchange": WordReader(), "contract": WordReader()}
        self._ids = {NO_EXCHANGE: 0}

    @property
    def exchanges(self) -> list[str]:
        """The exchanges met so far, ``-`` before all others."""
        return list(self._ids)

    def read(self, raw: RawBatch) -> Keys:
        """Return the keys of a batch's rows."""
        record, complaints = raw.record, Complaints(raw)
        seq, channel = raw.row_numbers(), None
        known: Bool | None = None
        if "seq" in record.schema.names:
            seq, known = read_whole(record.column("seq"), "seq", complaints)
        if "channel" in record.schema.names:
            channel, _ = read_whole(record.column("channel"), "channel", complaints)
        good = complaints.good()
        if good is not None:
            known = good if known is None else good & known
        ts = np.full(len(seq), LOWEST)
        if "ts" in record.schema.names:
            ns, fits = read_times(record.column("ts"))
            ts = ns if fits is None else np.where(fits, ns, LOWEST)
        return Keys(self._exchange(record), channel, seq, ts, known)

    def _exchange(self, record: pa.RecordBatch) -> Exchanges:
        found = {
            name: reader.read(record.column(name))
            for name, reader in self._words.items()
            if name in record.schema.names
        }
        contract = found.get("contract") or _blank(record.num_rows)
        slots = self._contracts.slots(found.get("exchange"), contract)
        met = np.flatnonzero(np.bincount(slots))
        table = np.zeros(int(met.max(initial=0)) + 1, np.uint16)
        for slot in met.tolist():
            exchange = self._contracts.exchange_of(slot)
            table[slot] = self._ids.setdefault(exchange, len(self._ids))
        return table.take(slots)


class NoContracts:
    """A contract table that knows none."""

    def named(self, exchange: str | None, text: str) -> ContractName:
        """Return the text as it stands."""
        return ContractName(exchange, text)

    def facts(self, exchange: str, contract: str) -> ContractFacts:
        """Return facts of which none is known."""
        return ContractFacts(exchange, contract)


def read_times(array: pa.Array) -> tuple[Int64, Bool | None]:
    """Return ns since 1970 UTC and which cells are times (None: all): (n,) each."""
    array = decoded(array)
    if is_text(array.type):
        array = trimmed(as_strings(array))
        ns, fits = texts_to_ns(array)
    elif pa.types.is_timestamp(array.type):
        ns, fits = timestamps_to_ns(array)
    else:
        return np.zeros(len(array), np.int64), np.zeros(len(array), np.bool_)
    valid = valid_of(array)
    if valid is not None:
        fits = fits & valid
    return ns, None if fits.all() else fits


def _blank(count: int) -> Words:
    """Return n cells that are all null."""
    at: npt.NDArray[np.int32] = np.zeros(count, np.int32)
    return Words(at, [], has_nulls=True, is_new=True)
