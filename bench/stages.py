"""The stages of a scan, each to be run alone on prepared input, with its counts checked.

An engine is fed batches that were read before; the plan says what it is asked for.
"""

from __future__ import annotations

import datetime
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

import abtrade
from abtrade import schema
from abtrade.batch import Batch
from abtrade.counts import DayCounts
from abtrade.engine import Engine
from abtrade.large import LargeSize
from abtrade.market.contracts import load_contracts
from abtrade.names import Names
from abtrade.plan import Filter, Plan, PlanRule, make_plan
from abtrade.readers.log import open_log
from abtrade.readers.sources import open_source
from abtrade.roster import Roster
from abtrade.rules.compile import compile_rules
from abtrade.rules.evaluate import evaluate
from abtrade.rules.ledger import RuleBook
from abtrade.rules.packs import load_rules
from abtrade.subjects import load_subjects
from abtrade.visibility import Sight
from answer import LARGE_LOTS, YELLOW
from make_log import DAY, NEW, Truth, is_grouped, links_of, read_truth

HEDGES = np.array([1] * 7 + [2, 3, 4], np.uint8)  # of each order by its id: schema.Hedge
TIFS = np.array([1] * 7 + [2], np.uint8)  # schema.Tif


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: ``prepare`` is not timed, ``work`` is, ``check`` raises on a wrong answer."""

    name: str
    prepare: Callable[[], Any]
    work: Callable[[Any], Any]
    check: Callable[[Any], None]


@dataclass
class Input:
    """A bare log, with everything read from it that a stage is fed with."""

    log: Path
    day: datetime.date = field(default=datetime.date.fromisoformat(DAY))

    @cached_property
    def truth(self) -> Truth:
        """What the log's maker says it holds."""
        return read_truth(self.log)

    @property
    def names(self) -> Names:
        """The names in the batches."""
        return self._read[0]

    @property
    def batches(self) -> list[Batch]:
        """The rows as the reader gives them."""
        return self._read[1]

    @cached_property
    def with_two_accounts(self) -> list[Batch]:
        """The rows with one account for all buyers and one for all sellers: cells stay near."""
        apart = [i for i, (_, name) in enumerate(self.names.accounts) if not is_grouped(name)][:2]
        of_side = np.array([-1, *apart], np.int32)
        return [replace(batch, account=of_side[batch.side]) for batch in self.batches]

    @cached_property
    def with_attributes(self) -> list[Batch]:
        """The rows with a hedge flag and a tif on each new order."""
        return [
            replace(
                batch,
                hedge=np.where(batch.account >= 0, HEDGES[batch.order % len(HEDGES)], 0),
                tif=np.where(batch.account >= 0, TIFS[batch.order % len(TIFS)], 0),
            )
            for batch in self.batches
        ]

    @cached_property
    def contracts(self) -> Any:
        return load_contracts(None, self.day)

    @cached_property
    def subjects(self) -> Any:
        return load_subjects(day=self.day, links=links_of(self.log))

    @cached_property
    def columns(self) -> frozenset[str]:
        return frozenset(self._open().columns)

    def engine(self, plan: Plan, *, threads: int = 1, attributes: bool = False) -> Engine:
        """Return an engine that asks what the plan says, at its first row."""
        columns = self.columns | ({"hedge", "tif"} if attributes else set())
        return Engine("core", plan, self.names, self.subjects, self.contracts, columns=columns,
                      threads=threads, keep_finished=False)  # fmt: skip

    @cached_property
    def _read(self) -> tuple[Names, list[Batch]]:
        names = Names()
        return names, list(self._open().batches(names, self.contracts, self.columns, {}))

    def _open(self) -> Any:
        return open_log(self.log, day=self.day)


def stages(given: Input, scratch: Path) -> list[Stage]:
    """Return every stage on this input; a scan writes below ``scratch``."""
    return [*reading_stages(given), *core_stages(given), *judging_stages(given, scratch)]


def reading_stages(given: Input) -> list[Stage]:
    """Decoding alone, and a log read and checked."""

    def decode(_: Any) -> int:
        return sum(len(raw.row_numbers()) for raw in open_source(given.log).read())

    def read(_: Any) -> int:
        log = open_log(given.log, day=given.day)
        return sum(map(len, log.batches(Names(), given.contracts, given.columns, {})))

    def check(rows: int) -> None:
        _equal("rows", rows, given.truth.rows)

    return [
        Stage("decode", lambda: None, decode, check),
        Stage("read", lambda: None, read, check),
    ]


def core_stages(given: Input, threads: int = 1) -> list[Stage]:
    """The core under plans that ask for more and more."""
    nothing, three, forty = make_plan([]), make_plan(rules(3)), make_plan(rules(40))
    by_attribute, wide = make_plan(attribute_rules()), make_plan(wide_rules())

    def stage(name: str, plan: Plan, batches: str, check: Callable[[Engine], None]) -> Stage:
        def prepare() -> tuple[Engine, list[Batch]]:
            fed = getattr(given, batches)
            asks_more = plan is by_attribute
            engine = given.engine(plan, threads=threads, attributes=asks_more)
            engine.introduce()  # by name, account after account: no part of the core
            return engine, fed

        return Stage(f"core: {name}", prepare, feed, check)

    def check_totals(engine: Engine) -> None:
        check_counts(engine.finish(), given.truth, self_trades=True)

    def check_few_accounts(engine: Engine) -> None:
        check_counts(engine.finish(), given.truth, self_trades=False)

    def check_levels(engine: Engine) -> None:
        counts = engine.finish()
        check_counts(counts, given.truth, self_trades=True)
        first = [crossing for crossing in counts.crossings if crossing.rule < 3]
        reached = sum(crossing.level == 0 for crossing in first)
        _equal("yellow levels reached", reached, len(given.truth.answer.offenders))

    def check_wide(engine: Engine) -> None:
        counts = engine.finish()
        check_counts(counts, given.truth, self_trades=True)
        reached = [c for c in counts.crossings if c.rule == 0 and c.level == 0]
        _equal("wide levels reached", len(reached), given.truth.wide_offenders)

    return [
        stage("order table", nothing, "with_two_accounts", check_few_accounts),
        stage("cells", nothing, "batches", check_totals),
        stage("attributes", by_attribute, "with_attributes", check_totals),
        stage("wide scopes", wide, "batches", check_wide),
        stage("3 rules", three, "batches", check_levels),
        stage("40 rules", forty, "batches", check_levels),
    ]


def feed(prepared: tuple[Engine, list[Batch]]) -> Engine:
    """Give an engine its batches."""
    engine, batches = prepared
    for batch in batches:
        engine.feed(batch)
    return engine


def judging_stages(given: Input, scratch: Path) -> list[Stage]:
    """The rules put to a counted day, and a whole scan that writes its outputs."""
    compiled = compile_rules(load_rules(["shfe"], given.day), given.columns)
    out = scratch / "out"

    @cache
    def counted() -> tuple[DayCounts, Roster]:
        engine = feed((given.engine(compiled.plan), given.batches))
        return engine.finish(), engine.roster

    def count() -> RuleBook:
        return RuleBook(*counted())

    def judge(book: RuleBook) -> int:
        return len(evaluate(compiled, book, DAY, has_channels=False, sight=Sight()).alerts)

    def scan(_: Any) -> int:
        found = abtrade.scan(given.log, links=links_of(given.log), rules=["shfe"], day=DAY,
                             threads=1, out=out)  # fmt: skip
        _equal("verdict", found.certificate["verdict"], "complete")
        return len(found.alert_list)

    def check(alerts: int) -> None:
        _equal("alerts", alerts, len(given.truth.answer.offenders))

    return [
        Stage("rules", count, judge, check),
        Stage("scan", lambda: shutil.rmtree(out, ignore_errors=True), scan, check),
    ]


def rules(count: int) -> list[PlanRule]:
    """Return rules of three kinds, the three of the pack ``shfe`` first, at levels of their own."""
    kinds = (("cancels", "contract", 100), ("large_cancels", "contract", 10),
             ("self_trades", "exchange", 1))  # fmt: skip
    return [
        _rule(index, kind, scope, YELLOW[kind] + step * (index // 3))
        for index in range(count)
        for kind, scope, step in [kinds[index % 3]]
    ]


def attribute_rules() -> list[PlanRule]:
    """Return the three rules with hedgers and fill-and-kill orders left out."""
    left_out = (Filter({"hedge": frozenset({schema.Hedge.HEDGE})}),
                Filter({"tif": frozenset({schema.Tif.FAK, schema.Tif.FOK})}))  # fmt: skip
    reasons = ("outside", "hedge", "tif")
    return [replace(rule, leave_out=left_out, reasons=reasons) for rule in rules(3)]


def wide_rules() -> list[PlanRule]:
    """Return three rules that judge all contracts of an exchange together."""
    return [_rule(index, count, "exchange", YELLOW[count]) for index, count in enumerate(YELLOW)]


def _rule(index: int, count: str, scope: str, yellow: int) -> PlanRule:
    return PlanRule(
        index=index,
        id=f"bench.{index}",
        count=count,
        scope=scope,
        large=LargeSize(lots=LARGE_LOTS) if count == "large_cancels" else None,
        yellow_at=Fraction(yellow),
        red_at=Fraction(yellow + yellow // 4),
    )


def check_counts(counts: DayCounts, truth: Truth, *, self_trades: bool) -> None:
    """Raise where the totals of a counted day are not what the log's maker says."""
    cells = dict(zip(schema.CELL_COUNTS, counts.cells.counts.sum(axis=0).tolist(), strict=True))
    _equal("orders", cells["orders"], truth.kinds[NEW])
    _equal("cancels", cells["cancels"], truth.answer.cancels)
    if counts.plan.large:
        _equal("large cancels", int(counts.cells.large.sum()), truth.answer.large_cancels)
    expected = truth.answer.self_trades if self_trades else 0
    _equal("self-trades", sum(pair.matches for pair in counts.pairs), expected)
    _equal("faults", len(counts.faults), 0)


def _equal(what: str, found: Any, expected: Any) -> None:
    if found != expected:
        raise AssertionError(f"{what}: {found}, expected {expected}")


def bind(processors: int) -> None:
    """Keep this thread, and those it makes, on so many processors."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:processors])
