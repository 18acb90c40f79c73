"""Job: one scan under way, from side tables and rules to a counted day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import pyarrow as pa

from . import run_record, schema, snapshot
from .batch import Batch
from .beside import Beside
from .comparison.earlier_outputs import EarlierOutputs, find_earlier_outputs
from .comparison.shares import DONE
from .compiled import FinishedOrdersNeeded, OpeningsNeeded
from .counts import DayCounts
from .engine import Engine
from .errors import InputError
from .market.contracts import ContractTable, load_contracts
from .market.fees import OrderFees, load_fees
from .market.limits import Limits, load_limits
from .market.sessions import load_sessions
from .names import Names
from .observers import Observer
from .observing import counts_positions
from .phases import Phases
from .plan import Plan
from .positions.notes import position_notes
from .positions.table import Positions, load_positions
from .readers.log import Log
from .rules.compile import Compiled, compile_rules
from .rules.overlay import settle
from .rules.overlay_syntax import read_overlay
from .rules.packs import RuleSet, load_rules
from .subjects import Subjects, load_subjects

if TYPE_CHECKING:
    from .kernels.loading import Loaded

Progress = Callable[[int, "int | None"], None]
"""Told the rows done and, where known, the rows in all."""


class Listener(Protocol):
    """What is shown the rows of a day while they are counted."""

    def begin(self, names: Names, keep_finished: bool, keep_openings: bool) -> None:
        """Forget what was shown: the day is counted from its first row, perhaps once more."""

    def add(self, batch: Batch) -> None:
        """Take up the next rows, which have been counted."""


KEPT_ATTRIBUTES: Final = ("hedge", "tif", "order_type", "phase", "cancel_by", "market_maker")
UNREAD_COLUMNS: Final = frozenset({"member", "client", "day"})
"""Canonical columns that no count needs: clients and the day are found before the scan."""

NEEDED_COLUMNS: Final = frozenset(schema.REQUIRED_COLUMNS) | {
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
    positions: str | None = None
    limits: str | None = None
    fees: str | None = None
    history: tuple[str, ...] = ()
    history_days: int = 20
    statistics: bool = False
    kernels: tuple[str, ...] = ()
    calendar: str | None = None
    sessions: str | None = None
    mapping: str | None = None
    source: str | None = None
    account_field: str | None = None
    account: str | None = None
    assume: tuple[str, ...] = ()
    engine: str = "core"
    threads: int = 1
    whole: bool = False
    keep_attributes: bool = False
    columns: str = "all"
    pseudonyms: str | None = None  # what tells their key from others
    overlay: str | None = None
    unverified: bool = False
    book: bool = False


@dataclass(slots=True)
class Prepared:
    """All that a scan needs before the first row."""

    contracts: ContractTable
    subjects: Subjects
    rules: RuleSet
    compiled: Compiled
    columns: frozenset[str]  # read from the log
    beside: Beside = field(default_factory=Beside)
    phases: Phases | None = None  # put in by their times, where the log has no such column
    fees: OrderFees | None = None  # where they were asked for
    earlier: EarlierOutputs = field(default_factory=EarlierOutputs)
    statistics: bool = False  # whether shares are asked for

    @property
    def has_phases(self) -> bool:
        """Whether every row that can have a phase gets one, as if the log had the column."""
        return self.phases is not None and self.phases.everywhere

    @property
    def _has_auctions(self) -> bool:
        """Whether the rows of auctions, and no others, have their phase put in."""
        return self.phases is not None and not self.has_phases

    def engine(
        self,
        kind: str,
        names: Names,
        *,
        threads: int = 1,
        keep_finished: bool = True,
        keep_openings: bool = True,
        plan: Plan | None = None,
        observers: Sequence[Observer] | None = None,
    ) -> Engine:
        """Return an engine for the day, at its first row.

        plan, observers : in the place of those that the rules ask for
        """
        return Engine(
            kind,
            self.compiled.plan if plan is None else plan,
            names,
            self.subjects,
            self.contracts,
            columns=self.columns | ({"phase"} if self.has_phases else set()),
            threads=threads,
            keep_finished=keep_finished,
            auctions=self._has_auctions,
            keep_openings=self._has_auctions and keep_openings,
            beside=self.beside,
            observers=observers,
            clock_phases=self.phases is not None,
        )

    def introduce(self, names: Names) -> None:
        """Name everybody of the opening positions, where held lots are counted, before any row."""
        if self.beside.positions is not None and counts_positions(self.compiled.plan):
            self.beside.positions.introduce(names)


@dataclass(slots=True)
class Tables:
    """What the tables beside the log say of the day."""

    contracts: ContractTable
    subjects: Subjects
    limits: Limits
    positions: Positions | None


@dataclass(slots=True)
class Counted:
    """A day that was counted, not yet judged."""

    ready: Prepared
    engine: Engine
    counts: DayCounts
    notes: list[str]


@dataclass(slots=True)
class Job:
    """One scan under way."""

    log: Log
    stated: dict[str, str]
    tables: dict[str, Any]
    rule_specs: list[str] | RuleSet
    close_links: int | None
    engine: str
    threads: int
    whole: bool
    keep_attributes: bool
    columns: str
    progress: Progress | None
    saves_state: bool = False
    state: bytes | None = None  # at the end of the log, before the day is ended
    resume: Path | None = None
    earlier_inputs: list[dict[str, Any]] = field(default_factory=list)  # of what was resumed
    derives_phase: bool = True
    history: tuple[str | Path, ...] = ()
    history_days: int = 20
    statistics: bool = False
    kernels: tuple[Any, ...] = ()
    overlay: str | Path | None = None
    unverified: bool = False
    book: bool = False
    loaded: dict[str, Loaded] = field(default_factory=dict)  # the kernels that rules use
    notes: list[str] = field(default_factory=list)
    read: Tables | None = None  # of the same day, where they are read already
    listener: Listener | None = None

    def count(self) -> Counted:
        """Count the day.

        It is counted once more where a bad row had named a client, a late fill asks for finished
        orders, or the phases that rules were judged by turn out to be none.
        """
        counted = self._count_once(self.prepare())
        named = self.log.set_bad_rows_aside(counted.ready.contracts)
        if self._gives_up_phases(counted.ready) or named:
            counted = self._count_once(self.prepare())
        return counted

    def _gives_up_phases(self, ready: Prepared) -> bool:
        """Whether phases were put in that nobody can judge by; then there are to be none."""
        if ready.phases is None or not ready.has_phases or self.saves_state:
            return False
        why = ready.phases.unusable()
        if why is None:
            return False
        if self.resume is not None:
            raise InputError(
                f"no phase can be told: {why}; scan the day in one go, or state it for both parts, "
                "as --assume phase=continuous"
            )
        self.notes.append(f"no phase is put in: {why}")
        self.derives_phase = False
        return True

    def _count_once(self, ready: Prepared) -> Counted:
        keep_finished = keep_openings = self.saves_state or self.resume is not None
        while True:
            try:
                return self._count(ready, keep_finished, keep_openings)
            except FinishedOrdersNeeded:
                keep_finished = True
            except OpeningsNeeded:
                keep_openings = True

    def prepare(self) -> Prepared:
        """Read the side tables and the rules, and compile a plan for the log's columns."""
        tables = self.read or self.read_tables()
        contracts, subjects, limits = tables.contracts, tables.subjects, tables.limits
        positions = tables.positions
        rules = self._rules()
        self._load_kernels({rule.kernel for rule in rules.rules if rule.kernel is not None})
        known = frozenset(self.log.columns) | frozenset(self.stated)
        derives = self.derives_phase and "phase" not in known
        earlier = self._earlier()
        asked = self.statistics or bool(self.history)
        compiled = compile_rules(
            rules,
            known | ({"phase"} if derives else set()),
            have_market_makers=subjects.has_market_makers,
            keep=KEPT_ATTRIBUTES if self.keep_attributes else (),
            kernels=self.loaded,
            extra=set(DONE.values()) & set(schema.EXTRA_COUNTS) if asked else (),
            lacking=earlier.lacking() | _lacking_of(positions) | self._lacking_history(),
            limits=limits,
            contracts=contracts,
            have_positions=positions is not None,
            follow_positions=asked and positions is not None,
            book=self.book,
        )
        for rule in compiled.plan.rules:
            compiled.assumed[rule.id] += [
                f"{column} is {word}"
                for column, word in sorted(self.stated.items())
                if column in rule.attributes()
            ]
        phases = None
        if derives:
            phases = Phases(
                load_sessions(self.tables["sessions"]),
                self.log.calendar,
                contracts,
                self.log.day,
                everywhere="phase" in compiled.plan.attributes,
            )
        beside = Beside(
            limits=limits, kernels=self.loaded, subjects=subjects, positions=positions
        )
        fees = self.tables.get("fees")
        return Prepared(
            contracts, subjects, rules, compiled, self._columns(compiled), beside, phases,
            None if fees is None else load_fees(fees, contracts, self.log.day),
            earlier,
            asked or any(rule.count in schema.STATISTICS for rule in compiled.plan.rules),
        )  # fmt: skip

    def _rules(self) -> RuleSet:
        """Return the rules that were asked for, as the desk has them judge."""
        return settle(
            load_rules(self.rule_specs, self.log.day),
            self.log.day,
            overlay=None if self.overlay is None else read_overlay(self.overlay),
            unverified=self.unverified,
            specs=() if isinstance(self.rule_specs, RuleSet) else self.rule_specs,
            name_of=str if self.log.pseudonyms is None else self.log.pseudonyms.of,
        )

    def read_tables(self, like: Tables | None = None) -> Tables:
        """Read the tables beside the log.

        like : of a day on which the tables of contracts and limits are the same: they are shared
        """
        contracts = like.contracts if like else load_contracts(
            self.tables["contracts"], self.log.day
        )  # fmt: skip
        subjects = load_subjects(
            day=self.log.day,
            accounts=self.tables["accounts"],
            links=self.tables["links"],
            market_makers=self.tables["market_makers"],
            close_links=self.close_links,
            log_clients=self.log.client_of_accounts(contracts),
            pseudonyms=self.log.pseudonyms,
            product_named=contracts.product_named,
        )
        limits = like.limits if like else load_limits(
            self.tables["limits"], contracts, self.log.day, self.log.pseudonyms
        )  # fmt: skip
        positions = None
        if self.tables.get("positions") is not None:
            positions = load_positions(
                self.tables["positions"], contracts,
                lambda: self.log.exchanges(contracts), self.log.pseudonyms,
            )  # fmt: skip
        return Tables(contracts, subjects, limits, positions)

    def _lacking_history(self) -> dict[str, str]:
        """Return what positions lack where a log holds each order's last state only."""
        if self.log.sight.has_history:
            return {}
        return dict.fromkeys(schema.POSITION_COUNTS, "history, which the log does not have")

    def _earlier(self) -> EarlierOutputs:
        """Return the outputs of earlier days to compare with."""
        if not self.history:
            return EarlierOutputs()
        return find_earlier_outputs(
            self.history, self.log.day, self.history_days,
            pseudonyms=self._key_id(), sight=self.log.sight,
        )  # fmt: skip

    def _load_kernels(self, used: set[str]) -> None:
        """Load what rules use, once; where none uses any, nothing of it is run."""
        if self.loaded or not (used or self.kernels):
            return
        from .kernels import loading as kernel_loading

        if used:
            self.loaded = kernel_loading.load_kernels(self.kernels, used)
            return
        kernel_loading.check_files(self.kernels)
        note = "no rule names a kernel: what --kernels names was not run"
        if note not in self.notes:
            self.notes.append(note)

    def _columns(self, compiled: Compiled) -> frozenset[str]:
        """Return the canonical columns to read."""
        present = (frozenset(self.log.columns) & frozenset(schema.LOG_COLUMNS)) - UNREAD_COLUMNS
        if self.columns == "needed":
            present &= NEEDED_COLUMNS | compiled.plan.columns
        return present | frozenset(self.stated)

    def batches(self, ready: Prepared, names: Names) -> Iterator[Batch]:
        """Yield the day's rows, in order and checked."""
        rows = self.log.batches(
            names, ready.contracts, ready.columns, self.stated, self.whole, self.threads
        )
        return rows if ready.phases is None else ready.phases.filled(rows, names)

    def _count(self, ready: Prepared, keep_finished: bool, keep_openings: bool) -> Counted:
        names = Names()
        engine = ready.engine(
            self.engine,
            names,
            threads=self.threads,
            keep_finished=keep_finished,
            keep_openings=keep_openings,
        )
        rows = 0
        if self.resume is not None:
            self._go_on(engine, ready, self.resume)
        ready.introduce(names)
        if self.listener is not None:
            self.listener.begin(names, keep_finished, keep_openings)
        for batch in self.batches(ready, names):
            engine.feed(batch)
            if self.listener is not None:
                self.listener.add(batch)
            rows += len(batch)
            if self.progress is not None:
                self.progress(rows, self.log.rows)
        if self.saves_state:
            self.state = snapshot.pack(engine, also=self._position(ready))
        counts = engine.finish()
        engine.release()  # the day's tables are made in the room that this gives
        pa.default_memory_pool().release_unused()
        notes = [*self.notes, *ready.beside.notes, *ready.earlier.notes]
        notes += ready.phases.notes() if ready.phases is not None else []
        notes += ready.fees.notes if ready.fees is not None else []
        notes += position_notes(ready.beside, engine.roster, counts)
        return Counted(ready, engine, counts, notes)

    def _position(self, ready: Prepared) -> dict[str, Any]:
        """Return what a snapshot must know beside the engine's state."""
        return {
            "day": self.log.day.isoformat(),
            "columns": sorted(ready.columns),
            "stated": self.stated,
            "pseudonyms": self._key_id(),
            "visibility": self.log.visibility,
            "phases": None if ready.phases is None else ready.phases.dump(),
            "sessions": None if ready.phases is None else ready.phases.basis,
            "limits": ready.beside.limits_basis,
            "positions": ready.beside.positions_basis,
            "kernels": self.kernel_records(),
            "overlay": ready.rules.desk.sha256,
            "overlay_path": None if self.overlay is None else str(Path(self.overlay).resolve()),
            "log": self.log.state(),
            "inputs": [*self.earlier_inputs, *run_record.log_inputs(self.log)],
        }

    def kernel_records(self) -> list[dict[str, str]]:
        """Return what each kernel that rules use came from, as JSON data."""
        return [loaded.record for loaded in self.loaded.values()]

    def _key_id(self) -> str | None:
        pseudonyms = self.log.pseudonyms
        return None if pseudonyms is None else pseudonyms.key_id

    def _go_on(self, engine: Engine, ready: Prepared, path: Path) -> None:
        """Take up the state that the day's earlier rows left."""
        desk = ready.rules.desk

        def same_overlay(earlier: dict[str, Any]) -> None:
            if earlier.get("overlay") != desk.sha256:
                was = earlier.get("overlay_path")
                raise InputError(f"{path}: {_other_overlay(was, self.overlay)}")

        earlier = snapshot.resume(engine, path, check=same_overlay)
        for what, now in (
            ("day", self.log.day.isoformat()),
            ("columns", sorted(ready.columns)),
            ("stated", self.stated),
            ("pseudonyms", self._key_id()),
            ("visibility", self.log.visibility),
            ("sessions", None if ready.phases is None else ready.phases.basis),
            ("limits", ready.beside.limits_basis),
            ("positions", ready.beside.positions_basis),
            ("kernels", self.kernel_records()),
        ):
            saved = earlier.get(what)
            if saved != now:
                raise InputError(f"{path}: saved with {what} {saved}, now {what} is {now}")
        if ready.phases is not None:
            ready.phases.restore(earlier["phases"])
        self.log.continue_from(earlier["log"])
        self.earlier_inputs = earlier["inputs"]


def _other_overlay(was: str | None, now: str | Path | None) -> str:
    """Return how the overlay of a state and that of a run differ, each by its path."""
    if was is None:
        return f"saved without an overlay, now --overlay is {now}"
    if now is None:
        return f"saved with --overlay {was}, now there is none"
    if Path(now).resolve() == Path(was):
        return f"saved with --overlay {was}, which has changed since"
    return f"saved with --overlay {was}, now --overlay is {now}, which says something else"


def _lacking_of(positions: Positions | None) -> dict[str, str]:
    """Return the counts that cannot be judged by a table of positions -> what they need, and why.
    """
    if positions is not None and positions.open_interest:
        return {}
    why = "no positions are given"
    if positions is not None:
        why = "which the positions table does not give"
    return {"open_interest_share": f"open_interest, {why}"}
