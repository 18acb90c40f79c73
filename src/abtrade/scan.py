"""Scan a trading day: an order log in, results, alerts and a certificate out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from . import outputs, run_record, schema, snapshot
from .alerts import Alert
from .batch import Batch
from .certificate import make_certificate
from .compiled import FinishedOrdersNeeded
from .counts import DayCounts
from .day_tables import DayTables
from .engine import ENGINES, Engine
from .errors import InputError, OutputError
from .market.contracts import ContractTable, load_contracts
from .names import Names
from .readers.log import Log, open_log
from .rules.compile import Compiled, compile_rules
from .rules.evaluate import Verdicts, evaluate
from .rules.ledger import RuleBook
from .rules.packs import RuleSet, load_rules
from .sinks.folder import check_out, write_folder
from .subjects import Subjects, load_subjects

if TYPE_CHECKING:
    from datetime import date

Progress = Callable[[int, "int | None"], None]
"""Told the rows done and, where known, the rows in all."""

TABLES = ("alerts", "results", "tallies", "cells", "self_pairs", "rejected", "links")


@dataclass(frozen=True, slots=True)
class Options:
    """What a scan was asked to do, as written to ``run.json``."""

    rules: tuple[str, ...] = ()
    day: str | None = None
    accounts: str | None = None
    links: str | None = None
    close_links: int | None = None
    market_makers: str | None = None
    contracts: str | None = None
    mapping: str | None = None
    assume: tuple[str, ...] = ()
    engine: str = "core"
    threads: int = 1
    whole: bool = False
    keep_attributes: bool = False
    columns: str = "all"


def scan(
    log: Any,
    *,
    rules: Sequence[Any] = (),
    day: date | str | None = None,
    accounts: Any = None,
    links: Any = None,
    close_links: int | None = None,
    market_makers: Any = None,
    contracts: Any = None,
    mapping: str | Path | None = None,
    assume: Sequence[str] | Mapping[str, str] = (),
    engine: str = "core",
    threads: int | None = None,
    whole: bool = False,
    keep_attributes: bool = False,
    columns: str = "all",
    seal: bool = False,
    strict: bool = False,
    save_state: str | Path | None = None,
    resume: str | Path | None = None,
    out: str | Path | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> ScanResult:
    """Scan one trading day and return what was found; with ``out``, write it there.

    log : a file, a folder, a glob, a list of them, or an Arrow table
    rules : packs (``shfe``, ``shfe@2010-11-05``), rule files or folders; none: the pack of each
        contract's exchange in force on the day
    day : the trading day; none: the log's own, see ``readers.day``
    accounts, links, market_makers, contracts : side tables, as files or Arrow tables
    close_links : close over pairwise links, into groups of at most so many clients
    assume : ``column=word``, what holds for the log where it does not say
    engine : ``core``, or ``reference`` to audit it
    threads : shards worked on at once; none: as many as there are processors, at most 4
    whole : the log is said to be whole, so that a gap in ``seq`` is a fault
    keep_attributes : keep every attribute apart in cells, not only those that rules read
    columns : ``all``: read, and so check, every canonical column; ``needed``: only those that
        the counts and the rules need
    seal : put the SHA-256 of every input into the run's record
    strict : write nothing and raise where the verdict is not ``complete``
    save_state : where to write the state at the end of this log, for the rest of the day to go on
    resume : the state that the day's earlier rows left, under the same options

    Raises InputError, RuleError or OutputError.
    """
    started = time.time()
    clock = time.perf_counter()
    if engine not in ENGINES:
        raise InputError(f"engine {engine!r} is not known, expected one of {', '.join(ENGINES)}")
    if columns not in ("all", "needed"):
        raise InputError(f"columns {columns!r} is not known, expected all or needed")
    if out is not None:
        check_out(Path(out), force=force)
    job = Job(
        log=open_log(log, day=day, mapping=mapping),
        stated=_stated(assume),
        tables={
            "accounts": accounts,
            "links": links,
            "market_makers": market_makers,
            "contracts": contracts,
        },
        rule_specs=list(rules),
        close_links=close_links,
        engine=engine,
        threads=threads or min(4, os.cpu_count() or 1),
        whole=whole,
        keep_attributes=keep_attributes,
        columns=columns,
        progress=progress,
        save_state=None if save_state is None else Path(save_state),
        resume=None if resume is None else Path(resume),
    )
    result = job.run()
    options = Options(
        rules=tuple(map(str, rules)),
        day=None if day is None else str(day),
        accounts=_name(accounts),
        links=_name(links),
        close_links=close_links,
        market_makers=_name(market_makers),
        contracts=_name(contracts),
        mapping=_name(mapping),
        assume=tuple(f"{column}={word}" for column, word in sorted(job.stated.items())),
        engine=engine,
        threads=job.threads,
        whole=whole,
        keep_attributes=keep_attributes,
        columns=columns,
    )
    result.run = run_record.make(
        job, options, result, started=started, seconds=time.perf_counter() - clock, seal=seal
    )
    verdict = result.certificate["verdict"]
    if strict and verdict != "complete":
        raise InputError(
            f"--strict: the verdict is {verdict!r}, expected 'complete'; found "
            f"{_fault_line(result.certificate)}"
        )
    if out is not None:
        result.write(Path(out), force=force)
    return result


class ScanResult:
    """What a scan found.

    ``alerts``, ``results``, ``tallies``, ``cells``, ``self_pairs``, ``rejected`` and ``links`` are
    Arrow tables, made when first asked for; ``alert_list`` has the alerts as objects,
    ``certificate`` and ``run`` are JSON data, ``out`` is where they were written, if they were.
    """

    def __init__(
        self,
        log: Log,
        counts: DayCounts,
        engine: Engine,
        compiled: Compiled,
        rules: RuleSet,
        certificate: dict[str, Any],
        verdicts: Verdicts,
        tables: DayTables,
    ) -> None:
        self.certificate = certificate
        self.run: dict[str, Any] = {}
        self.out: Path | None = None
        self.rules = rules
        self.compiled = compiled
        self.notes: list[str] = [*log.notes, *rules.notes, *engine.subjects.notes]
        self._log = log
        self._counts = counts
        self._engine = engine
        self._verdicts = verdicts
        self._tables = tables

    @property
    def alert_list(self) -> list[Alert]:
        """The alerts, red first."""
        return self._verdicts.alerts

    @cached_property
    def alerts(self) -> pa.Table:
        """A row an alert."""
        return outputs.alerts_table(self._verdicts.alerts)

    @cached_property
    def results(self) -> pa.Table:
        """A row a rule, subject and scope with gross > 0."""
        return self._tables.results(self._verdicts.results, self.compiled)

    @cached_property
    def tallies(self) -> pa.Table:
        """A row a subject and contract."""
        return self._tables.tallies()

    @cached_property
    def cells(self) -> pa.Table:
        """A row an account, contract and combination of attributes."""
        return self._tables.cells()

    @cached_property
    def self_pairs(self) -> pa.Table:
        """A row a pair of orders that traded within a subject."""
        return self._tables.self_pairs(has_channels="channel" in self._log.columns)

    @cached_property
    def rejected(self) -> pa.Table:
        """A row a bad row of the log."""
        return self._log.rejected()

    @cached_property
    def links(self) -> pa.Table:
        """A row an account of the log."""
        return self._tables.links(self._engine.subjects)

    def write(self, out: Path, *, force: bool = False) -> None:
        """Write all outputs to a folder, whole or not at all."""
        write_folder(
            out,
            {name: getattr(self, name) for name in TABLES},
            {"certificate.json": self.certificate, "run.json": self.run},
            {"alerts.jsonl": [outputs.alert_record(alert) for alert in self.alert_list]},
            force=force,
        )
        self.out = out


@dataclass(slots=True)
class Prepared:
    """All that a scan needs before the first row."""

    contracts: ContractTable
    subjects: Subjects
    rules: RuleSet
    compiled: Compiled
    columns: frozenset[str]  # read from the log

    def engine(
        self, kind: str, names: Names, *, threads: int = 1, keep_finished: bool = True
    ) -> Engine:
        """Return an engine for the day, at its first row."""
        return Engine(
            kind,
            self.compiled.plan,
            names,
            self.subjects,
            self.contracts,
            columns=self.columns,
            threads=threads,
            keep_finished=keep_finished,
        )


@dataclass(slots=True)
class Job:
    """One scan under way."""

    log: Log
    stated: dict[str, str]
    tables: dict[str, Any]
    rule_specs: list[Any]
    close_links: int | None
    engine: str
    threads: int
    whole: bool
    keep_attributes: bool
    columns: str
    progress: Progress | None
    save_state: Path | None = None
    resume: Path | None = None
    earlier_inputs: list[dict[str, Any]] = field(default_factory=list)  # of what was resumed

    def run(self) -> ScanResult:
        """Count the day and judge it."""
        ready = self.prepare()
        stateful = self.save_state is not None or self.resume is not None
        try:
            counts, engine = self._count(ready, keep_finished=stateful)
        except FinishedOrdersNeeded:
            counts, engine = self._count(ready, keep_finished=True)
        return self._judge(counts, engine, ready)

    def prepare(self) -> Prepared:
        """Read the side tables and the rules, and compile a plan for the log's columns."""
        contracts = load_contracts(self.tables["contracts"], self.log.day)
        subjects = load_subjects(
            day=self.log.day,
            accounts=self.tables["accounts"],
            links=self.tables["links"],
            market_makers=self.tables["market_makers"],
            close_links=self.close_links,
            log_clients=self.log.client_of_accounts(contracts),
        )
        rules = load_rules([str(spec) for spec in self.rule_specs], self.log.day)
        compiled = compile_rules(
            rules,
            frozenset(self.log.columns) | frozenset(self.stated),
            have_market_makers=subjects.has_market_makers,
            have_order_fee=contracts.has_order_fee,
            keep=KEPT_ATTRIBUTES if self.keep_attributes else (),
        )
        for rule in compiled.plan.rules:
            compiled.assumed[rule.id] += [
                f"{column} is {word}"
                for column, word in sorted(self.stated.items())
                if column in rule.attributes()
            ]
        return Prepared(contracts, subjects, rules, compiled, self._columns(compiled))

    def _columns(self, compiled: Compiled) -> frozenset[str]:
        """Return the canonical columns to read."""
        present = (frozenset(self.log.columns) & frozenset(schema.LOG_COLUMNS)) - UNREAD_COLUMNS
        if self.columns == "needed":
            present &= NEEDED_COLUMNS | compiled.plan.attributes
        return present | frozenset(self.stated)

    def batches(self, ready: Prepared, names: Names) -> Iterator[Batch]:
        """Yield the day's rows, in order and checked."""
        return self.log.batches(names, ready.contracts, ready.columns, self.stated, self.whole)

    def _count(self, ready: Prepared, *, keep_finished: bool) -> tuple[DayCounts, Engine]:
        names = Names()
        engine = ready.engine(
            self.engine, names, threads=self.threads, keep_finished=keep_finished
        )
        rows = 0
        if self.resume is not None:
            self._go_on(engine, ready, self.resume)
        for batch in self.batches(ready, names):
            engine.feed(batch)
            rows += len(batch)
            if self.progress is not None:
                self.progress(rows, self.log.rows)
        if self.save_state is not None:
            snapshot.save(engine, self.save_state, also=self._position(ready))
        return engine.finish(), engine

    def _position(self, ready: Prepared) -> dict[str, Any]:
        """Return what a snapshot must know beside the engine's state."""
        return {
            "day": self.log.day.isoformat(),
            "columns": sorted(ready.columns),
            "stated": self.stated,
            "log": self.log.state(),
            "inputs": [*self.earlier_inputs, *run_record.log_inputs(self)],
        }

    def _go_on(self, engine: Engine, ready: Prepared, path: Path) -> None:
        """Take up the state that the day's earlier rows left."""
        earlier = snapshot.resume(engine, path)
        for what, now in (
            ("day", self.log.day.isoformat()),
            ("columns", sorted(ready.columns)),
            ("stated", self.stated),
        ):
            if earlier[what] != now:
                raise InputError(f"{path}: saved with {what} {earlier[what]}, now {what} is {now}")
        self.log.continue_from(earlier["log"])
        self.earlier_inputs = earlier["inputs"]

    def _judge(self, counts: DayCounts, engine: Engine, ready: Prepared) -> ScanResult:
        compiled, rules, read = ready.compiled, ready.rules, ready.columns
        day = self.log.day.isoformat()
        book = RuleBook(counts, engine.roster)
        has_channels = "channel" in self.log.columns
        verdicts = evaluate(compiled, book, day, has_channels=has_channels)
        tables = DayTables(
            counts,
            engine.roster,
            self.log.day,
            sees_pairs=bool(read & {"contra_order_id", "trade_id"}),
            sees_offset="offset" in read,
        )
        held = {rows.contract for rows in counts.rows}
        certificate = make_certificate(
            counts,
            engine.roster,
            compiled,
            day=day,
            columns=sorted(read),
            sequence_faults=self.log.sequence_faults,
            rejected_rows=self.log.rejected_rows,
            has_seq="seq" in self.log.columns,
            assume=self.stated,
            uncovered=[
                f"{facts.exchange}:{facts.contract}"
                for contract, facts in enumerate(engine.roster.facts)
                if contract in held and not any(_covers(r, facts, rules) for r in rules.rules)
            ],
        )
        return ScanResult(self.log, counts, engine, compiled, rules, certificate, verdicts, tables)


KEPT_ATTRIBUTES = ("hedge", "tif", "order_type", "phase", "cancel_by", "market_maker")
UNREAD_COLUMNS = frozenset({"member", "client", "day"})
"""Canonical columns that no count needs: clients and the day are found before the scan."""

NEEDED_COLUMNS = frozenset(schema.REQUIRED_COLUMNS) | {
    "exchange",
    "channel",
    "seq",
    "offset",
    "tif",
    "contra_order_id",
    "contra_account",
    "trade_id",
    "order_contract",
    "contra_order_contract",
    "trade_type",
    "cancel_by",
    "phase",
}
"""What the counts need whatever the rules: the rest is read to be checked."""


def _covers(rule: Any, facts: Any, rules: RuleSet) -> bool:
    """Whether a rule, evaluated or blind, is meant for a contract."""
    if not rules.named and rule.exchange != facts.exchange:
        return False
    return rule.products is None or facts.product in rule.products


def _stated(assume: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    """Return what is stated for the log, by column."""
    if isinstance(assume, Mapping):
        return dict(assume)
    stated: dict[str, str] = {}
    for text in assume:
        column, sign, word = text.partition("=")
        if not sign or not column.strip() or not word.strip():
            raise InputError(f"--assume: found {text!r}, expected column=word, e.g. tif=gfd")
        if stated.setdefault(column.strip(), word.strip()) != word.strip():
            raise InputError(f"--assume: {column.strip()} is stated twice, with different words")
    return stated


def _name(source: Any) -> str | None:
    """Return how an input is written down: a path as absolute, a table as such."""
    if source is None:
        return None
    if isinstance(source, str | Path):
        return str(Path(source).resolve())
    return "<table>"


def _fault_line(certificate: Mapping[str, Any]) -> str:
    parts = [f"{kind} {count}" for kind, count in certificate["faults"].items()]
    if certificate["rejected_rows"]:
        parts.insert(0, f"rejected rows {certificate['rejected_rows']}")
    return ", ".join(parts)


__all__ = ["Options", "OutputError", "ScanResult", "scan"]
