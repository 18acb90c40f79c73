"""A day that was scanned, taken up again: who is judged, what was counted, what the log had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .. import schema
from ..batch import Int32
from ..counts import Cells, DayCounts, Pair
from ..errors import InputError, problems_error
from ..names import Names
from ..plan import ContractFacts, Plan
from ..roster import Roster
from ..safe_text import for_terminal
from ..sinks.folder import MARK
from ..sinks.written import (
    UnreadableError,
    cause,
    document,
    lacking_columns,
    output_folders,
    table_columns,
    whole_table,
)
from ..visibility import Sight
from .rebuilt import StrangersError, cells_of, pairs_of

CERTIFICATE: Final = "certificate.json"
NEEDED: Final = {
    "cells": ("exchange", "account", "contract", "unknown_order", *schema.CELL_COUNTS),
    "self_pairs": ("exchange", "contract", "incoming", "resting", "matches", "lots", "first_seq"),
    "links": ("exchange", "account", "client", "client_kind", "group", "status"),
    "contracts": ("exchange", "contract", "product", "order_fee"),
    "results": ("rule", "exchange", "subject", "scope", "gross", "counted", "level", "blind"),
}
"""Tables of an output that are read, and columns that each has to have."""

KEYS: Final[dict[str, dict[str, type]]] = {
    MARK: {"day": str, "rules": dict, "rulebook": str, "options": dict},
    CERTIFICATE: {"columns": list, "stated": dict, "derived": dict, "blind": dict, "faults": dict,
                  "visibility": str, "one_broker": bool},
}  # fmt: skip
"""Documents of an output that are read, and keys that each has to have."""


def scanned_days(outs: Sequence[str | Path]) -> list[ScannedDay]:
    """Return what scans wrote, by day.

    outs : folders that a scan wrote, or folders of such

    Raises InputError with every problem: a folder that is no output or is damaged, one of another
    schema, two outputs of one day and exchange, names in one and pseudonyms in another.
    """
    problems: list[str] = []

    def tell(path: Path, what: str) -> None:
        problems.append(f"{for_terminal(str(path))}: {what}")

    days = []
    for path in output_folders(outs, tell):
        wrong = list(_unfit(path))
        for what in wrong:
            tell(path, what)
        if not wrong:
            days.append(ScannedDay(path, document(path, MARK), document(path, CERTIFICATE)))
    days.sort(key=lambda day: (day.day, str(day.path)))
    problems += [*_twice(days), *_names_and_pseudonyms(days)]
    if not days and not problems:
        problems.append("no outputs of a scan are given")
    if problems:
        raise problems_error(problems)
    return days


@dataclass
class ScannedDay:
    """The output folder of one day; its tables are read when they are first asked for."""

    path: Path
    run: dict[str, Any]
    certificate: dict[str, Any]

    @property
    def day(self) -> date:
        """The trading day."""
        return date.fromisoformat(self.run["day"])

    @property
    def options(self) -> dict[str, Any]:
        """What the scan was asked to do."""
        options: dict[str, Any] = self.run["options"]
        return options

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns that rules could read: of the log, stated for it, put in for it."""
        told = self.certificate
        return frozenset([*told["columns"], *told["stated"], *told["derived"]])

    @property
    def sight(self) -> Sight:
        """What the log showed."""
        told = self.certificate
        netted = "offset" not in self.columns
        return Sight(told["visibility"], told["one_broker"], netted)

    @cached_property
    def exchanges(self) -> frozenset[str]:
        """The exchanges of the log's contracts."""
        return frozenset(facts.exchange for facts in self.roster.facts)

    @cached_property
    def roster(self) -> Roster:
        """Who is judged for each account, and what is known of each contract."""
        names = Names()
        roster = Roster(names)
        known = {field.name for field in fields(ContractFacts)}
        told = [name for name in table_columns(self.path, "contracts") if name in known]
        for row in self.table("contracts", columns=told).to_pylist():
            names.contract(names.exchange(row["exchange"]), row["contract"])
            roster.facts.append(ContractFacts(**row))
        links = self.table("links", columns=list(NEEDED["links"]))
        for row in zip(*(links[name].to_pylist() for name in NEEDED["links"]), strict=True):
            _introduce(roster, *row)
        return roster

    @cached_property
    def kept(self) -> frozenset[str]:
        """The attributes that have a column in the cells."""
        return frozenset(schema.ATTRIBUTE_BITS) & set(table_columns(self.path, "cells"))

    def attributes_seen(self, exchange: str) -> frozenset[str]:
        """Return the attributes that are told in some cell of an exchange."""
        cells, names = self._cells[0], self.roster.names
        there = np.array([names.exchanges[e] == exchange for e, _ in names.contracts], np.bool_)
        seen = int(np.bitwise_or.reduce(cells.attributes[there[cells.contract]], initial=0))
        return frozenset(
            name for name in schema.ATTRIBUTE_BITS if schema.attribute_value(seen, name)
        )

    @property
    def further_counts(self) -> list[str]:
        """The counts that cells hold besides those that every cell has."""
        return list(self._cells[1])

    def counts(self, plan: Plan, further: Sequence[str], with_pairs: bool) -> DayCounts:
        """Return the day as an engine would have counted it for a plan.

        further : counts by the names of their columns, those of large cancels first
        with_pairs : whether pairs are asked for
        """
        cells, places = self._cells
        large = len(plan.large)
        tables = [cells.large[:, [places[name] for name in part]]
                  for part in (further[:large], further[large:])]  # fmt: skip
        named = self._named(plan)
        attributes = cells.attributes | named[cells.account] << schema.NAMED_AT
        whole = Cells(cells.contract, cells.account, attributes, cells.counts, *tables)
        pairs = self._pairs if with_pairs else []
        if named.any():
            pairs = [_with_codes(pair, named) for pair in pairs]
        return DayCounts(plan, whole, pairs, [], [], [], 0)

    def _named(self, plan: Plan) -> Int32:
        """Return the code of the exemptions that name each account: (accounts,) int32."""
        roster = self.roster
        codes = np.zeros(len(roster.subject_of), np.int32)
        if plan.people.size:
            for account, subject in enumerate(roster.subject_of):
                _, kind, name = roster.judged[subject]
                client = roster.clients[roster.client_of[account]][2]
                group = name if kind == "group" else None
                codes[account] = plan.people.code(roster.account_name(account), client, group)
        return codes

    def release(self) -> None:
        """Let go of the tables."""
        for name in ("_cells", "_pairs", "roster"):
            self.__dict__.pop(name, None)

    @cached_property
    def rows(self) -> int:
        """How many rows its cells have."""
        return len(self._cells[0].contract)

    @cached_property
    def _cells(self) -> tuple[Cells, dict[str, int]]:
        names_cancels = "cancel_by" in self.columns
        try:
            return cells_of(self.table("cells"), self.roster.names, names_cancels=names_cancels)
        except StrangersError as error:
            raise self._strangers("cells", error) from error

    @cached_property
    def _pairs(self) -> list[Pair]:
        try:
            return pairs_of(self.table("self_pairs"), self.roster.names)
        except StrangersError as error:
            raise self._strangers("self_pairs", error) from error

    def said(self, rule: str) -> tuple[int, int, int, int]:
        """Return what the scan said by a rule: rows, gross of all, yellow, red."""
        columns = ["rule", "gross", "level", "blind"]
        rows = self.table("results", columns=columns, filters=[("rule", "==", rule)])
        rows = rows.filter(pc.is_null(rows["blind"]))
        yellow, red = (pc.sum(pc.equal(rows["level"], level)).as_py() or 0
                       for level in schema.LEVELS)  # fmt: skip
        return rows.num_rows, pc.sum(rows["gross"]).as_py() or 0, yellow, red

    def table(self, name: str, **options: Any) -> pa.Table:
        """Return a table of the folder. Raises InputError where it cannot be read."""
        try:
            return whole_table(self.path, name, **options)
        except UnreadableError as error:
            raise self.problem(f"{name}.parquet cannot be read ({error})") from error

    def problem(self, what: str) -> InputError:
        """Return an error on this folder."""
        return InputError(f"{for_terminal(str(self.path))}: {what}")

    def _strangers(self, table: str, error: StrangersError) -> InputError:
        other = "links" if "account" in str(error) else "contracts"
        return self.problem(
            f"{table}.parquet has a {error} that {other}.parquet does not name; the folder holds "
            "tables of different scans, or was changed: scan that day again"
        )


def _with_codes(pair: Pair, named: Int32) -> Pair:
    """Return a pair whose orders carry the codes of their accounts."""
    incoming, resting = (
        packed | int(named[account]) << schema.NAMED_AT
        for packed, account in (
            (pair.incoming_attributes, pair.incoming_account),
            (pair.resting_attributes, pair.resting_account),
        )
    )
    return replace(pair, incoming_attributes=incoming, resting_attributes=resting)


def _introduce(
    roster: Roster, where: str, account: str, client: str, kind: str, group: str | None,
    status: str | None,
) -> None:  # fmt: skip
    """Add an account with its client, and with the subject that is judged for it."""
    exchange = roster.names.exchange(where)
    roster.names.account(exchange, account)
    subject = roster.subject(exchange, *(("group", group) if group else (kind, client)))
    alone = roster.subject(exchange, kind, client) if group and status == "suspected" else -1
    roster.subject_of.append(subject)
    roster.alone_of.append(alone)
    roster.client_of.append(roster.client(exchange, kind, client))
    if group and status:
        roster.status[subject] = status


def _unfit(path: Path) -> Iterator[str]:
    """Yield why an output cannot be taken up."""
    for name, keys in KEYS.items():
        try:
            told = document(path, name)
        except UnreadableError as error:
            yield f"{name} cannot be read ({error})"
            continue
        version = told.get("schema_version")
        if version != schema.SCHEMA_VERSION:
            yield (
                f"{name} is of schema version {version}, expected {schema.SCHEMA_VERSION}; "
                "scan that day again"
            )
            return
        wrong = [key for key, kind in keys.items() if not isinstance(told.get(key), kind)]
        if wrong:
            yield f"{name} lacks {', '.join(wrong)}"
        elif name == MARK:
            try:
                date.fromisoformat(told["day"])
            except ValueError as error:
                yield f"{name} tells no day ({cause(error)})"
    yield from lacking_columns(path, NEEDED)


def _twice(days: Sequence[ScannedDay]) -> Iterator[str]:
    """Yield a problem for each day and exchange that two outputs are of."""
    held: dict[tuple[date, str], ScannedDay] = {}
    for each in days:
        for exchange in sorted(each.certificate.get("exchanges", ())):
            before = held.setdefault((each.day, exchange), each)
            if before is not each:
                told = " and ".join(for_terminal(str(one.path)) for one in (before, each))
                yield f"{told} are both of {each.day} at {exchange}, expected one output of it"


def _names_and_pseudonyms(days: Sequence[ScannedDay]) -> Iterator[str]:
    """Yield a problem where one person may go by several names."""
    keys = {day.options.get("pseudonyms"): day for day in days}
    if len(keys) > 1:
        told = [
            f"{for_terminal(str(day.path))} has "
            + ("names" if key is None else f"pseudonyms of the key {key}")
            for key, day in keys.items()
        ]
        yield f"{'; '.join(told)}; expected outputs of one key, or all with names"
