"""Scan a trading day: an order log in, results, alerts and a certificate out."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from . import outputs, run_record, schema
from .alerts import Alert
from .bursts.report import bursts_table
from .certificate import make_certificate
from .comparison.comparing import statistics_of
from .comparison.report import ShareTables
from .contracts_told import contracts_table
from .counts import DayCounts
from .day_tables import DayTables
from .engine import ENGINES, Engine
from .errors import InputError, OutputError
from .identity_report import identities_of, links_table
from .job import Counted, Job, Options, Progress
from .kernels.loading import written
from .market.fees import OrderFees, fees_file
from .order_fees import fees_table
from .overlay_told import exempt_nobody, overlay_told
from .phases import Phases
from .plan import ContractFacts
from .positions.report import positions_table
from .pseudonyms import Pseudonyms, names_nobody_in_errors, pseudonyms_of
from .readers.foreign import stated_log
from .readers.log import Log, open_log
from .readers.shipped import mapping_file
from .rules.compile import Compiled, lacks_table
from .rules.evaluate import Verdicts, evaluate
from .rules.ledger import RuleBook
from .rules.packs import RuleSet
from .rules.rule import Rule
from .sinks.file import check_file, whole_file
from .sinks.folder import OUTPUT_TABLES, check_out, write_folder
from .unjudged import unjudged


@names_nobody_in_errors
def scan(
    log: Any,
    *,
    rules: Sequence[Any] | RuleSet = (),
    day: date | str | None = None,
    accounts: Any = None,
    links: Any = None,
    close_links: int | None = None,
    market_makers: Any = None,
    contracts: Any = None,
    positions: Any = None,
    limits: Any = None,
    fees: Any = None,
    history: Sequence[str | Path] = (),
    history_days: int = 20,
    statistics: bool = False,
    kernels: Sequence[Any] = (),
    overlay: str | Path | None = None,
    unverified: bool = False,
    book: bool = False,
    calendar: Any = None,
    sessions: Any = None,
    mapping: str | Path | None = None,
    source: str | None = None,
    account_field: str | None = None,
    account: str | None = None,
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
    pseudonymise: Pseudonyms | str | Path | None = None,
    out: str | Path | None = None,
    force: bool = False,
    progress: Progress | None = None,
    settings: Mapping[str, Any] | None = None,
) -> ScanResult:
    """Scan one trading day and return what was found; with ``out``, write it there.

    log : a file, a folder, a glob, a list of them, or an Arrow table
    rules : packs (``shfe``, ``shfe@2010-11-05``), rule files or folders; none: the pack of each
        contract's exchange in force on the day; or a RuleSet, rules that are read already
    day : the trading day; none: the log's own, see ``readers.day``
    accounts, links, market_makers, contracts : side tables, as files or Arrow tables
    positions : opening positions by account and contract, as a file or an Arrow table
    limits : limits over the shipped ones, as a file or an Arrow table
    fees : brackets of order fees over the shipped ones, as a file or an Arrow table, or
        ``shipped``: those alone; none: no fee is worked out
    history : outputs of earlier days, or folders of them, to compare with
    history_days : how many of them, the latest first
    statistics : tell shares and the largest subjects, as ``history`` and rules on such do anyway
    kernels : the desk's own measures: Python files, modules, or objects of ``kernels.Kernel``
    overlay : the desk's own levels, switches, readings and exemptions, as a file
    unverified : switch unverified rules of packs on; they give yellow at most
    book : keep each contract's order book, and say in the certificate how the log fits it
    calendar, sessions : tables over the shipped ones, as files or Arrow tables
    close_links : close over pairwise links, into groups of at most so many clients
    source : the kind of log, ``canonical`` or one of ``readers.kinds``; none: told by its content
    account_field : which field of a foreign log is the account; none: as its reader says
    account : the account of every row of a foreign log that names none
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
    pseudonymise : a file with a key; keyed hashes stand for accounts, clients, members and groups
    out : a folder; ``{day}`` in its name is the trading day
    settings : what else to put into the run's record, as JSON data by key

    Raises InputError, RuleError or OutputError.
    """
    pseudonyms = pseudonyms_of(pseudonymise)
    fees = fees_file(fees)
    if pseudonyms is not None and account is not None:
        raise InputError("--pseudonymise does not go with --account: run.json tells that account")
    started = time.time()
    clock = time.perf_counter()
    if engine not in ENGINES:
        raise InputError(f"engine {engine!r} is not known, expected one of {', '.join(ENGINES)}")
    if columns not in ("all", "needed"):
        raise InputError(f"columns {columns!r} is not known, expected all or needed")
    stated = stated_log(source, account_field, account, day, calendar)
    opened = open_log(log, day=day, mapping=mapping, stated=stated, pseudonyms=pseudonyms)
    if out is not None:
        out = of_day(out, opened.day)
        check_out(out, force=force)
    if save_state is not None:
        _check_state(Path(save_state), opened, force=force)
    job = Job(
        log=opened,
        stated=stated_words(assume),
        tables={
            "accounts": accounts,
            "links": links,
            "market_makers": market_makers,
            "contracts": contracts,
            "positions": positions,
            "limits": limits,
            "fees": fees,
            "sessions": sessions,
        },
        history=tuple(history),
        history_days=history_days,
        statistics=statistics,
        kernels=tuple(kernels),
        overlay=overlay,
        unverified=unverified,
        book=book,
        rule_specs=rules if isinstance(rules, RuleSet) else [str(spec) for spec in rules],
        close_links=close_links,
        engine=engine,
        threads=threads or min(4, os.cpu_count() or 1),
        whole=whole,
        keep_attributes=keep_attributes,
        columns=columns,
        progress=progress,
        saves_state=save_state is not None,
        resume=None if resume is None else Path(resume),
    )
    result = _judge(job.log, job.stated, job.count())
    options = Options(
        rules=rules.files if isinstance(rules, RuleSet) else tuple(map(str, rules)),
        day=None if day is None else str(day),
        accounts=_name(accounts),
        links=_name(links),
        close_links=close_links,
        market_makers=_name(market_makers),
        contracts=_name(contracts),
        positions=_name(positions),
        limits=_name(limits),
        fees=_name(fees),
        history=tuple(str(Path(each).resolve()) for each in history),
        history_days=history_days,
        statistics=statistics,
        kernels=tuple(map(written, kernels)),
        calendar=_name(calendar),
        sessions=_name(sessions),
        mapping=None if mapping is None else _name(mapping_file(mapping)),
        source=source,
        account_field=account_field,
        account=account,
        assume=tuple(f"{column}={word}" for column, word in sorted(job.stated.items())),
        engine=engine,
        threads=job.threads,
        whole=whole,
        keep_attributes=keep_attributes,
        columns=columns,
        pseudonyms=None if pseudonyms is None else pseudonyms.key_id,
        overlay=_name(overlay),
        unverified=unverified,
        book=book,
    )
    result.run = run_record.make(
        job.log,
        options,
        result.rules,
        inputs=[*job.earlier_inputs, *run_record.log_inputs(job.log, seal=seal)],
        derived=result.derived_from,
        kernels=job.kernel_records(),
        notes=result.notes,
        chinese={note["en"]: note["zh"] for note in result.desk_notes},
        rows=result.rows,
        started=started,
        seconds=time.perf_counter() - clock,
        seal=seal,
    ) | dict(settings or {})
    verdict = result.certificate["verdict"]
    if strict and verdict != "complete":
        raise InputError(
            f"--strict: the verdict is {verdict!r}, expected 'complete'; found "
            f"{_fault_line(result.certificate)}"
        )
    if job.state is not None:
        assert save_state is not None
        with whole_file(Path(save_state), force=force) as file:
            file.write(job.state)
    if out is not None:
        result.write(out, force=force)
    return result


def of_day(out: str | Path, day: date) -> Path:
    """Return the path with the trading day in place of ``{day}``."""
    return Path(str(out).replace("{day}", day.isoformat()))


def _check_state(path: Path, log: Log, *, force: bool) -> None:
    """Refuse to write the state over an input, or without ``force`` over anything."""
    if any(path.resolve() == Path(source.path).resolve() for source in log.sources):
        raise OutputError(f"{path}: is a file of the log; name another file for the state")
    check_file(path, force=force)


class ScanResult:
    """What a scan found.

    ``alerts``, ``results``, ``tallies``, ``cells``, ``self_pairs``, ``rejected``, ``links`` and
    ``contracts`` are Arrow tables, made when first asked for, and so is ``fees`` where fees were
    asked for; it is None where not. ``alert_list`` has the alerts as
    objects, ``certificate`` and ``run`` are JSON data, ``out`` is where they were written, if they
    were.
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
        statistics: ShareTables | None,
        phases: Phases | None,
        fees: OrderFees | None,
        notes: Sequence[str],
    ) -> None:
        self.certificate = certificate
        self.run: dict[str, Any] = {}
        self.out: Path | None = None
        self.derived_from = {} if phases is None else {"phase": phases.basis}
        self.rules = rules
        self.compiled = compiled
        held = {engine.roster.facts[found.contract].exchange for found in counts.rows}
        self.desk_notes = rules.desk.notes()
        self.desk_notes += exempt_nobody(rules, engine.roster, engine.subjects, held)
        self.notes: list[str] = [*log.notes, *rules.notes, *engine.subjects.notes]
        self.notes += [*notes, *_doubts(log, counts), *(note["en"] for note in self.desk_notes)]
        if log.pseudonyms is not None:
            self.notes = [log.pseudonyms.message(note) for note in self.notes]
        self._log = log
        self._counts = counts
        self._engine = engine
        self._verdicts = verdicts
        self._tables = tables
        self._fees = fees
        self._statistics = statistics

    @property
    def rows(self) -> int:
        """How many rows were counted: the good ones, redelivered ones left out."""
        return sum(sum(rows.actions.values()) for rows in self._counts.rows)

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
        return links_table(self._engine.roster, self._engine.subjects)

    @cached_property
    def contracts(self) -> pa.Table:
        """A row a contract of the log."""
        return contracts_table(self._engine.roster, self._engine.contracts)

    @cached_property
    def fees(self) -> pa.Table | None:
        """A row a subject and scope that order fees add up over; None: nobody asked for them."""
        if self._fees is None:
            return None
        engine = self._engine
        return fees_table(
            self._counts, engine.roster, engine.subjects, self._fees, self._log.day
        )

    @cached_property
    def bursts(self) -> pa.Table | None:
        """A row a rule on bursts and subject with messages; None where there is no such rule."""
        found = self._counts.observed.get("bursts")
        if found is None:
            return None
        return bursts_table(found, self.compiled.plan, self._engine.roster, self._log.day)

    @cached_property
    def shares(self) -> pa.Table | None:
        """A row a subject and scope: its parts of what all did; None where nothing asked for it."""
        return None if self._statistics is None else self._statistics.shares()

    @cached_property
    def concentration(self) -> pa.Table | None:
        """A row a scope: the part of the largest subjects; None where nothing asked for it."""
        return None if self._statistics is None else self._statistics.concentration()

    @cached_property
    def positions(self) -> pa.Table | None:
        """A row an account, contract and hedge flag; None where no rule asks what is held."""
        held = self._held
        return None if held is None else positions_table(held, self._engine.roster, self._log.day)

    @property
    def _held(self) -> Any:
        return self._counts.observed.get("positions")

    def write(self, out: Path, *, force: bool = False) -> None:
        """Write all outputs to a folder, whole or not at all."""
        write_folder(
            out,
            {n: partial(self._table, n) for n in OUTPUT_TABLES if n not in self._unasked},
            {"certificate.json": self.certificate, "run.json": self.run},
            {"alerts.jsonl": [outputs.alert_record(alert) for alert in self.alert_list]},
            force=force,
        )
        self.out = out

    @property
    def _unasked(self) -> set[str]:
        """The tables that nothing asked for, and that are not made."""
        made_by = {
            "fees": self._fees, "shares": self._statistics, "concentration": self._statistics,
            "positions": self._held,
            "bursts": self._counts.observed.get("bursts"),
        }  # fmt: skip
        return {name for name, maker in made_by.items() if maker is None}

    def _table(self, name: str) -> pa.Table:
        """Return a table, without keeping one that nobody has asked for."""
        kept = vars(self).get(name)
        return getattr(ScanResult, name).func(self) if kept is None else kept


def put_rules(log: Log, counted: Counted) -> tuple[Verdicts, Compiled, ShareTables | None]:
    """Return what the rules say of a counted day, what they were compiled to, and shares.

    Of the rules nothing is said that are for exchanges the log has nothing of.
    """
    counts, engine, ready = counted.counts, counted.engine, counted.ready
    compiled = ready.compiled
    book = RuleBook(counts, engine.roster, ready.beside.limits)
    held = {engine.roster.facts[rows.contract].exchange for rows in counts.rows}
    if held and not ready.rules.named:
        compiled = compiled.at(held)
    statistics = None
    if ready.statistics:
        positions = ready.beside.positions
        statistics = statistics_of(
            book, engine.subjects, ready.earlier, log.day,
            None if positions is None else positions.open_interest,
        )  # fmt: skip
    verdicts = evaluate(
        compiled, book, log.day.isoformat(),
        has_channels="channel" in log.columns, sight=log.sight,
    )  # fmt: skip
    return verdicts, compiled, statistics


def _judge(log: Log, stated: Mapping[str, str], counted: Counted) -> ScanResult:
    """Put the rules to a counted day."""
    counts, engine, ready = counted.counts, counted.engine, counted.ready
    rules, read = ready.rules, ready.columns
    day = log.day.isoformat()
    held = [engine.roster.facts[rows.contract] for rows in counts.rows]
    if held and not rules.named:
        rules = replace(rules, desk=rules.desk.at({facts.exchange for facts in held}))
    verdicts, compiled, statistics = put_rules(log, counted)
    tables = DayTables(
        counts,
        engine.roster,
        log.day,
        sees_pairs=not read.isdisjoint(schema.MATCH_COLUMNS),
        sees_offset="offset" in read,
        sight=log.sight,
    )
    certificate = make_certificate(
        counts,
        engine.roster,
        compiled,
        day=day,
        columns=sorted(read),
        sight=log.sight,
        sequence_faults=log.sequence_faults,
        rejected_rows=log.rejected_rows,
        has_seq="seq" in log.columns,
        assume=stated,
        derived={} if ready.phases is None else {"phase": ready.phases.told()},
        uncovered=[
            f"{facts.exchange}:{facts.contract}"
            for facts in held
            if not _is_covered(facts, compiled, rules)
        ],
        unmatched=[
            f"{facts.exchange}:{facts.contract}"
            for facts in held
            if not ready.contracts.known(facts.exchange, facts.contract)
        ],
        no_fee_brackets=None if ready.fees is None else [
            f"{facts.exchange}:{facts.contract}" for facts in held if ready.fees.lacks(facts)
        ],
        desk=rules.desk,
        unjudged=unjudged(compiled.plan, held, ready.beside.limits),
        identities=identities_of(engine.roster, engine.subjects),
        notes=log.client_notes,
        overlay=overlay_told(
            rules, verdicts, engine.roster, {facts.exchange for facts in held}
        ),
    )
    return ScanResult(
        log, counts, engine, compiled, rules, certificate, verdicts, tables, statistics,
        ready.phases, ready.fees, counted.notes,
    )  # fmt: skip


def _doubts(log: Log, counts: DayCounts) -> list[str]:
    """Return notes where nothing was judged, or the day does not look like the log's."""
    if not counts.rows:
        return ["the log has no good rows: nothing was judged"]
    notes = [] if counts.plan.rules else ["no rule was evaluated: nothing was judged"]
    ends = np.array([(rows.first_ts, rows.last_ts) for rows in counts.rows], np.int64)
    days, _ = log.calendar.trading_days_of(ends.ravel())
    if days != [log.day]:
        told = f"{days[0]} to {days[-1]}" if len(days) > 1 else str(days[0])
        notes.append(
            f"the day is {log.day}, but by the calendar rows are of {told}; all count as of "
            f"{log.day}"
        )
    return notes


def _is_covered(facts: ContractFacts, compiled: Compiled, rules: RuleSet) -> bool:
    """Whether some rule is evaluated for a contract, or would be if the log told more."""
    if compiled.plan.covers(facts):
        return True
    blind = (compiled.rules[rule] for rule, why in compiled.blind.items() if not lacks_table(why))
    return any(_is_for(rule, facts, rules) for rule in blind)


def _is_for(rule: Rule, facts: ContractFacts, rules: RuleSet) -> bool:
    if not rules.named and rule.exchange != facts.exchange:
        return False
    return rule.products is None or facts.product in rule.products


def stated_words(assume: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    """Return what is stated for the log, by column. Raises InputError."""
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
