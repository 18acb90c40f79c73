"""Normaliser: raw batches in, EVENTS and bad rows out.

A row is bad where a cell is of the wrong type or an unknown code, a required cell is null, too few
lots are given, or the price stands off the tick. It is set aside whole, with all its reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa

from .. import schema
from ..batch import Batch
from ..errors import InputError, problems_error
from ..names import Names
from ..schema import Action
from .arrays import Bool, decoded, valid_of
from .codes import CodeReader
from .columns import ID_COLUMNS, NAME_COLUMNS, check_columns, is_text, type_problems
from .complaints import Complaints
from .events import EventMaker
from .identities import ContractLookup, ContractReader
from .numbers import UNREADABLE, read_whole
from .orderids import read_ids
from .prices import read_prices
from .raw import BadRow, RawBatch
from .rowchecks import Cells, Whole, check_rows, is_any
from .texts import as_strings, trimmed
from .times import texts_to_ns, timestamps_to_ns
from .words import Positions, WordReader, Words

T = TypeVar("T")


class Normalised(NamedTuple):
    """What became of a raw batch."""

    batch: Batch  # the good rows
    bad: list[BadRow]  # the others, in file order
    bad_seqs: list[tuple[int, int, int]]  # (exchange id, channel, seq) of bad rows that tell it


class Normaliser:
    """Turns the batches of one file into EVENTS.

    ``columns`` are the canonical columns to read, as far as the file has them; those that every
    log must have are always read. ``assume`` names words for columns the log leaves null or lacks.
    ``file_format`` is for messages, where a batch does not name its file.
    """

    def __init__(
        self,
        names: Names,
        contracts: ContractLookup,
        columns: Collection[str],
        assume: Mapping[str, str],
        file_format: str,
    ) -> None:
        self._names = names
        self._columns = frozenset(columns) | frozenset(schema.REQUIRED_COLUMNS)
        self._format = file_format
        self._schema: pa.Schema | None = None
        self._contracts = ContractReader(names, contracts)
        self._words = {column: WordReader() for column in NAME_COLUMNS if column not in _FOR_OTHERS}
        self._codes = {column: CodeReader(column) for column in schema.CODES}
        self._events = EventMaker(names, self._contracts, self._columns, assume)

    def batch(self, file_index: int, raw: RawBatch) -> Normalised:
        """Return the good rows as EVENTS, and the bad ones.

        Raises InputError where a column cannot be read at all.
        """
        where = raw.where or self._format
        if self._schema is None or not raw.record.schema.equals(self._schema):
            self._check_schema(raw.record.schema, where)
        complaints = Complaints(raw)
        with _in_place(f"{where}: from row {raw.first_row} on"):
            cells = self._read(raw.record, complaints)
        check_rows(cells, complaints)
        good = complaints.good()
        batch = self._events.make(file_index, raw.row_numbers(), cells, good)
        bad_seqs = [] if good is None else self._bad_seqs(cells, ~good)
        return Normalised(batch, complaints.rows(), bad_seqs)

    def _check_schema(self, found: pa.Schema, where: str) -> None:
        problems = [
            *(
                f"column '{name}' is missing"
                for name in schema.REQUIRED_COLUMNS
                if name not in found.names
            ),
            *type_problems(found, self._columns),
        ]
        if problems:
            raise problems_error([f"{where}: {problem}" for problem in problems])
        self._schema = found

    def _read(self, record: pa.RecordBatch, complaints: Complaints) -> Cells:
        """Read each column by itself."""
        there = {name: record.column(name) for name in record.schema.names if name in self._columns}

        def read(name: str, reader: Callable[..., T], *more: Any) -> T:
            with _in_place(f"column '{name}'"):
                return reader(there[name], *more)

        codes = {
            name: read(name, reader.read, complaints)
            for name, reader in self._codes.items()
            if name in there
        }
        words = {
            name: read(name, reader.read) for name, reader in self._words.items() if name in there
        }
        slots = self._contracts.slots(words.get("exchange"), words["contract"])
        self._doubt(slots, words, complaints)
        cells = Cells(codes["action"], slots, codes, {}, {}, words)
        for name in ("seq", "channel", "lots"):
            if name in there:
                cells.numbers[name] = Whole(*read(name, read_whole, name, complaints))
        cells.numbers["ts"] = read("ts", _read_times, complaints)
        for name in ID_COLUMNS:
            if name in there:
                cells.ids[name] = read(name, read_ids, name, complaints)
        if "price" in there:
            ticks = self._contracts.ticks(slots)
            price = read("price", read_prices, ticks, lambda: self._cut(cells), complaints)
            cells.numbers["price"] = Whole(*price)
        return cells

    def _doubt(self, slots: Positions, words: dict[str, Words], complaints: Complaints) -> None:
        """Complain of rows whose contract is, as it is written, one of another exchange."""
        found = {"contract": self._contracts.doubts(slots)}
        for column in ("order_contract", "contra_order_contract"):
            if column in words:
                found[column] = self._contracts.doubts_in(slots, words[column])
        for column, (keys, problems) in found.items():
            if problems:
                complaints.add(
                    np.isin(keys, list(problems)), partial(_problem, column, keys, problems)
                )

    def _cut(self, cells: Cells) -> Bool:
        """Return which rows are orders that their exchange cuts to the tick."""
        return self._contracts.cut(cells.slots) & ~is_any(cells.action, (Action.TRADE,))

    def _bad_seqs(self, cells: Cells, bad: Bool) -> list[tuple[int, int, int]]:
        """Return the place in the sequence of the bad rows that tell it."""
        seq, channel = cells.numbers.get("seq"), cells.numbers.get("channel")
        if seq is None:
            return []
        told = bad & (seq.values != UNREADABLE)
        if seq.valid is not None:
            told &= seq.valid
        found = []
        for at in np.flatnonzero(told):
            exchange = self._contracts.exchange_of(int(cells.slots[at]))
            if exchange == schema.NO_EXCHANGE and len(self._names.exchanges) == 1:
                exchange = self._names.exchanges[0]
            number = 0 if channel is None else int(channel.values[at])
            found.append((self._names.exchange(exchange), number, int(seq.values[at])))
        return found


def _problem(column: str, keys: Positions, problems: dict[int, str], at: int) -> str:
    return f"{column}: {problems[int(keys[at])]}"


def _read_times(array: pa.Array, complaints: Complaints) -> Whole:
    array = decoded(array)
    if is_text(array.type) or pa.types.is_null(array.type):
        array = trimmed(as_strings(array))
        values, fits = texts_to_ns(array)
    else:
        values, fits = timestamps_to_ns(array)
    valid = valid_of(array)
    complaints.add(
        ~fits if valid is None else valid & ~fits,
        complaints.cell("ts", "a time as in ISO 8601, 1678 to 2261"),
    )
    return Whole(values, valid)


@contextmanager
def _in_place(place: str) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        raise InputError(f"{place}: {error}") from error


_FOR_OTHERS: Final = ("member", "client")
"""Columns of names that EVENTS do not hold: who asks for them reads them apart."""

__all__ = ["ContractLookup", "Normalised", "Normaliser", "check_columns"]
