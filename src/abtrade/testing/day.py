"""CaseDay: a case's log and the tables beside it, read once however often it is judged."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakKeyDictionary

import pyarrow as pa

from ..batch import Batch
from ..job import Job, Tables
from ..market.calendar import load_calendar
from ..names import Names
from ..pseudonyms import client_in
from ..readers.clock_day import FoundDay
from ..readers.identities import ContractLookup
from ..readers.log import Log
from ..readers.merge import ROOM_ROWS
from ..readers.table import TableSource
from ..rules.packs import RuleSet
from .case import MARKET, TABLES, Case
from .shorthand import MadeLog, make_log


class HeldLog(Log):
    """A log whose batches stay in memory once they have been read and checked."""

    _held: dict[Any, tuple[list[Batch], Names]]

    def batches(
        self,
        names: Names,
        contracts: ContractLookup,
        columns: Collection[str],
        assume: Mapping[str, str],
        whole: bool = False,
        threads: int = 1,
    ) -> Iterator[Batch]:
        """Yield the rows as ``Log.batches`` does, and give ``names`` what it then would have."""
        key = (
            id(contracts), frozenset(columns), tuple(sorted(assume.items())),
            tuple(names.contracts), tuple(names.accounts),
        )  # fmt: skip
        held = vars(self).setdefault("_held", {})
        if key not in held:
            read = list(super().batches(names, contracts, columns, assume, whole, threads))
            held[key] = read, names
        read, known = held[key]
        if names is not known:
            _copy(known, names)
        yield from map(replace, read)


def _copy(known: Names, names: Names) -> None:
    """Give names all that another knows; what both know has the same ids."""
    for exchange in known.exchanges:
        names.exchange(exchange)
    for at, name in known.contracts:
        names.contract(at, name)
    for at, name in known.accounts:
        names.account(at, name)


@dataclass(slots=True)
class CaseDay:
    """What a case is judged on."""

    case: Case
    made: MadeLog
    log: HeldLog
    _tables: dict[bool, Tables] = field(default_factory=dict)  # by whether groups are merged

    def job(self, rules: RuleSet, engine: str, *, merge_groups: bool) -> Job:
        """Return the scan of the day by these rules."""
        job = Job(
            log=self.log,
            stated=dict(self.case.assume),
            tables={
                **{name: _arrow(self.case.tables.get(name)) for name in TABLES},
                "accounts": _arrow(_accounts(self.case)),
                "links": _arrow(self.case.groups) if merge_groups else None,
                "sessions": None,
            },
            rule_specs=rules,
            close_links=None,
            engine=engine,
            threads=1,
            whole=False,
            keep_attributes=False,
            columns="all",
            progress=None,
        )
        if merge_groups not in self._tables:
            shared = _shared_by(self.case)
            tables = job.read_tables(like=_SHARED.get(shared))
            self._tables[merge_groups] = _SHARED[shared] = tables
        job.read = self._tables[merge_groups]
        return job


def day_of(case: Case) -> CaseDay:
    """Return the day of a case, made once."""
    if case not in _DAYS:
        calendar = load_calendar()
        made = make_log(case.log, case.day, calendar, case.without)
        source = TableSource(made.table, None)
        log = HeldLog([source], FoundDay(case.day, "given"), calendar, [], ROOM_ROWS)
        _DAYS[case] = CaseDay(case, made, log)
    return _DAYS[case]


def _shared_by(case: Case) -> tuple[Any, ...]:
    """Return what cases agree in that share tables of contracts and limits."""
    rows = (case.tables.get(name, ()) for name in ("contracts", "limits"))
    return case.day, *(tuple(tuple(sorted(row.items())) for row in table) for table in rows)


_SHARED: dict[tuple[Any, ...], Tables] = {}
_DAYS: WeakKeyDictionary[Case, CaseDay] = WeakKeyDictionary()


def _accounts(case: Case) -> tuple[dict[str, str], ...]:
    """Return the accounts table: who is in none and has no trading code is a client itself."""
    given = case.tables.get("accounts", ())
    others = {line.account for line in case.log} | {line.other for line in case.log}
    others |= {row["account"] for row in case.tables.get("positions", ()) if "account" in row}
    others -= {row.get("account") for row in given} | {MARKET}
    return given + tuple(
        {"account": name, "client": name} for name in sorted(others) if client_in(name) is None
    )


def _arrow(rows: tuple[dict[str, str], ...] | None) -> pa.Table | None:
    """Return rows as a table of texts, null where a row says nothing; None: no rows."""
    if not rows:
        return None
    columns = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([r.get(name) for r in rows], pa.string()) for name in columns})
