"""A mapping proposed for a table of unknown columns, from its header words and its values."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field, replace
from typing import Final

import pyarrow as pa

from .. import schema
from ..readers.mapping import Mapping, TimeRule
from .cells import Cells
from .found import ColumnUse
from .header import CLOCK, DATE, STATUS, Meant, meanings_of
from .moments import are_clocks, are_dates, joined_rule, rule_of
from .values import codes_of, column_by_words, look_like_contracts

MAPPING_NAME: Final = "mapping.yaml"
"""What a proposed mapping is called where it has no name yet."""
CODE_COLUMNS: Final = (*schema.CODES, "exchange")


@dataclass(slots=True)
class Proposal:
    """A mapping, and how sure each part of it is."""

    mapping: Mapping
    uses: list[ColumnUse]  # in the order of the table
    guessed_codes: set[str] = field(default_factory=set)  # canonical columns
    unknown_words: dict[str, list[str]] = field(default_factory=dict)  # by canonical column
    has_states: bool = False  # a column of states of orders, and none of actions
    only_trades: bool = False

    @property
    def is_needed(self) -> bool:
        """Whether the table is another than the canonical one."""
        return self.mapping != Mapping(self.mapping.path)

    @property
    def columns(self) -> set[str]:
        """The canonical columns that there are."""
        made = {"ts"} if self.mapping.time.join else set()
        return made | {use.canonical for use in self.uses} & set(schema.LOG_COLUMNS)


def propose(
    cells: MappingType[str, Cells], encoding: str = "utf-8", delimiter: str = ","
) -> Proposal:
    """Return a mapping for a table, by its first rows.

    Where all that a log must have is there under its own name, other names are left alone.
    """
    meant = _meanings(cells)
    time = _time(cells, meant)
    codes, guessed, unknown = _codes(cells, meant)
    uses = [_use(name, meant.get(name), time) for name in cells]
    mapping = Mapping(
        MAPPING_NAME,
        columns={
            use.column: use.canonical
            for use in uses
            if use.canonical in schema.LOG_COLUMNS
            and use.canonical != use.column
            and use.column not in time.join
        },
        codes=codes,
        time=time,
        encoding=encoding,
        delimiter=delimiter,
    )
    proposal = Proposal(mapping, uses, guessed, unknown)
    if "action" not in proposal.columns:
        proposal.has_states = any(one.canonical == STATUS for one in meant.values())
        proposal.only_trades = not proposal.has_states and "trade_id" in proposal.columns
    return proposal


def _meanings(cells: MappingType[str, Cells]) -> dict[str, Meant]:
    """Return what each column means, by its name where its values do not gainsay it."""
    if set(schema.REQUIRED_COLUMNS) <= set(cells):
        return {name: Meant(name, guess=False) for name in cells if name in schema.LOG_COLUMNS}
    by_name = meanings_of(cells, lambda name, one: name == one or _may_be(one, cells[name]))
    meant = {name: _settled(one, cells[name]) for name, one in by_name.items()}
    taken = {one.canonical for one in meant.values()}
    for name, column in cells.items():
        if name in meant:
            continue
        found = _by_values(column, taken)
        if found is not None and found not in taken:
            taken.add(found)
            meant[name] = Meant(found, guess=True)
    return meant


def _settled(meant: Meant, column: Cells) -> Meant:
    """Return a time's meaning as its cells have it: all of it, its date or its time of day."""
    if meant.canonical not in ("ts", DATE, CLOCK) or not _is_written(column.type):
        return meant
    if are_dates(column.filled):
        return Meant(DATE, meant.guess)
    return Meant(CLOCK if are_clocks(column.filled) else "ts", meant.guess)


def _may_be(canonical: str, column: Cells) -> bool:
    """Whether a column's cells can be what its name says."""
    if not column.filled:
        return True
    if canonical in schema.CODES:
        codes = codes_of(canonical, column.distinct)
        return len(codes.unknown) < len(column.distinct)
    if canonical in ("lots", "price", "seq", "channel"):
        return column.are_numbers()
    return True


def _by_values(column: Cells, taken: set[str]) -> str | None:
    if found := column_by_words(column.distinct, taken):
        return found
    if "contract" not in taken and look_like_contracts(column.distinct):
        return "contract"
    if taken.isdisjoint({"ts", CLOCK}) and _is_written(column.type):
        if are_clocks(column.filled):
            return CLOCK
        if not are_dates(column.filled) and rule_of(column.filled) is not None:
            return "ts"
    if taken.isdisjoint({"ts", DATE}) and are_dates(column.filled):
        return DATE
    return None


def _time(cells: MappingType[str, Cells], meant: MappingType[str, Meant]) -> TimeRule:
    """Return how ``ts`` is written, an empty rule where nothing needs to be said."""
    by_meaning = {one.canonical: name for name, one in meant.items()}
    if "ts" in by_meaning:
        column = cells[by_meaning["ts"]]
        if pa.types.is_timestamp(column.type):
            return TimeRule()
        return rule_of(column.filled) or TimeRule()
    date = by_meaning.get(DATE) or by_meaning.get("day")
    clock = by_meaning.get(CLOCK)
    if date is None or clock is None:
        return TimeRule()
    pairs = [
        (day, at)
        for day, at in zip(cells[date].texts, cells[clock].texts, strict=True)
        if day is not None and at is not None
    ]
    rule = joined_rule((date, clock), [list(one) for one in zip(*pairs, strict=True)] or [[]])
    if rule is None:
        return TimeRule()
    return rule if DATE in by_meaning else replace(rule, date="trading")


def _codes(
    cells: MappingType[str, Cells], meant: MappingType[str, Meant]
) -> tuple[dict[str, dict[str, str | None]], set[str], dict[str, list[str]]]:
    """Return words to translate by canonical column, which are guesses, and words not known."""
    codes: dict[str, dict[str, str | None]] = {}
    guessed, unknown = set(), {}
    for name, (canonical, _) in meant.items():
        if canonical not in CODE_COLUMNS or _counts_codes(canonical, cells[name]):
            continue
        found = codes_of(canonical, cells[name].distinct)
        if found.words:
            codes[canonical] = dict(found.words)
        if found.guess:
            guessed.add(canonical)
        if found.unknown:
            unknown[canonical] = found.unknown
    return codes, guessed, unknown


def _counts_codes(canonical: str, column: Cells) -> bool:
    """Whether a column of actions holds their canonical codes."""
    return canonical == "action" and pa.types.is_integer(column.type)


def _use(name: str, meant: Meant | None, time: TimeRule) -> ColumnUse:
    if name in time.join:
        guess = meant is not None and meant.guess
        return ColumnUse(name, "ts", "joined", guess)
    if meant is None or meant.canonical not in schema.LOG_COLUMNS:
        return ColumnUse(name, "")
    how = ""
    if meant.canonical == "ts" and time != TimeRule():
        how = time.formats[0] if time.formats else f"{time.unit} since 1970"
    return ColumnUse(name, meant.canonical, how, meant.guess)


def _is_written(kind: pa.DataType) -> bool:
    return not pa.types.is_timestamp(kind)
