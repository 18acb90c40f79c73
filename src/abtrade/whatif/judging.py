"""Judging a scanned day by a rule and by variants of it, out of what the scan wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .. import schema
from ..day_tables import DayTables
from ..outputs import RESULTS
from ..plan import PlanRule
from ..rules.compile import Compiled
from ..rules.evaluate import RuleResults, results_of
from ..rules.ledger import RuleBook
from ..rules.rule import Rule
from .enough import MEASURED, check_enough, compiled_for, further, needs_scan
from .scanned import ScannedDay
from .versions import Version, Versions

KeyT = TypeVar("KeyT")

JUDGED: Final = "judged"
BLIND: Final = "blind"
NOT_IN_FORCE: Final = "not in force"
NO_CONTRACTS: Final = "no contracts"
"""What becomes of a rule on a day."""


@dataclass(slots=True)
class Judged:
    """What one variant of a rule says of a day.

    ``alerts`` has the rows of ``results.parquet`` that reach a level; ``counted`` all figures.
    """

    status: str
    alerts: pa.Table = field(default_factory=RESULTS.empty_table)
    counted: np.ndarray[Any, Any] = field(default_factory=lambda: np.zeros(0))
    gross: int = 0  # of all rows together, 0 for a figure
    why: str | None = None  # of a rule that is blind
    assumed: tuple[str, ...] = ()

    @property
    def levels(self) -> dict[str, int]:
        """How many alerts there are, by level."""
        return {level: pc.sum(pc.equal(self.alerts["level"], level)).as_py() or 0
                for level in schema.LEVELS}  # fmt: skip


def judge(
    variants: Mapping[KeyT, Rule], version: Version, versions: Versions, day: ScannedDay
) -> Iterator[tuple[KeyT, Judged]]:
    """Yield what each variant of a rule says of a day; they differ in levels alone.

    Raises InputError where only a scan can tell.
    """
    rules = list(variants.items())
    if not rules:
        return
    first = rules[0][1]
    if why := needs_scan(first):
        raise day.problem(f"{why}: it takes a scan to answer for {first.id}")
    blind = _was_blind(version, day)
    compiled = compiled_for(first, version.named, day)
    why = blind or compiled.blind.get(first.id)
    if why is not None:
        yield from ((name, Judged(BLIND, why=why)) for name, _ in rules)
        return
    plan_rule = compiled.plan.rules[0]
    if not any(plan_rule.applies(facts) for facts in day.roster.facts):
        yield from ((name, Judged(NO_CONTRACTS)) for name, _ in rules)
        return
    if first.count in MEASURED:
        judging: _Ledgers | _Measured = _Measured(version, day)
    else:
        check_enough(first, plan_rule, version, versions, day)
        judging = _Ledgers(compiled, day)
    for name, rule in rules:
        found = judging.judged(compiled_for(rule, version.named, day))
        yield name, replace(found, assumed=tuple(compiled.assumed[first.id]))


class _Ledgers:
    """Variants put to the ledgers of a day: the same that a scan puts its rules to."""

    def __init__(self, compiled: Compiled, day: ScannedDay) -> None:
        rule = compiled.plan.rules[0]
        counts = day.counts(compiled.plan, further(rule), rule.count in schema.PAIR_COUNTS)
        self._book = RuleBook(counts, day.roster)
        self._tables = DayTables(
            counts, day.roster, day.day, sees_pairs=True, sees_offset=True, sight=day.sight
        )

    def judged(self, compiled: Compiled) -> Judged:
        """Return what one variant says of the day."""
        found, _ = results_of(compiled.plan.rules[0], self._book)
        return Judged(
            JUDGED,
            self._tables.results([_reached(found)], compiled),
            found.ledger.counted if found.ratios is None else found.ratios[:, 1],
            0 if found.ratios is not None else int(found.ledger.gross.sum()),
        )


def _reached(found: RuleResults) -> RuleResults:
    """Return the results that reach a level alone."""
    rows = np.flatnonzero(found.level)
    ledger = found.ledger
    kept = replace(ledger, **{
        name: getattr(ledger, name)[rows]
        for name in ("subject", "scope", "gross", "counted", "unknown", "exempt")
    })  # fmt: skip
    ratios = None if found.ratios is None else found.ratios[rows]
    return replace(found, ledger=kept, level=found.level[rows], ratios=ratios)


class _Measured:
    """Variants put to figures that the scan measured, and wrote for everybody."""

    def __init__(self, version: Version, day: ScannedDay) -> None:
        rule = version.rule
        assert rule is not None
        if not version.is_scanned:
            raise day.problem(
                f"{rule.count} is measured event by event: it takes a scan to answer for another "
                f"rule than {rule.id} as that scan went by it"
            )
        table = day.table("results")
        self._rows = table.filter(
            pc.and_(pc.equal(table["rule"], rule.id), pc.is_null(table["blind"]))
        ).combine_chunks()
        roster = day.roster
        suspected = {
            (roster.exchange_name(subject), *roster.judged[subject][1:])
            for subject, status in roster.status.items() if status == "suspected"
        }  # fmt: skip
        names = (self._rows[name].to_pylist() for name in ("exchange", "subject_kind", "subject"))
        self._most = np.array([1 if who in suspected else 2 for who in zip(*names, strict=True)],
                              np.int64)  # fmt: skip

    def judged(self, compiled: Compiled) -> Judged:
        """Return what one variant says of the day."""
        rule = compiled.plan.rules[0]
        is_figure = rule.count in schema.FIGURES
        counted = self._rows["ratio" if is_figure else "counted"].to_numpy()
        levels = np.array([_level(rule, value) for value in counted.tolist()], np.int64)
        levels = np.minimum(levels, np.minimum(self._most, 1 if rule.capped else 2))
        words = pa.array([None, "yellow", "red"], pa.string()).take(pa.array(levels))
        at = RESULTS.names.index("level")
        rows = self._rows.set_column(at, RESULTS.field(at), words)
        gross = pc.sum(rows["gross"]).as_py() or 0
        return Judged(JUDGED, rows.filter(pc.is_valid(rows["level"])), counted, gross)


def _level(rule: PlanRule, value: float) -> int:
    """Return the level that a measured figure reaches: 0 none, 1 yellow, 2 red."""
    reached = 0
    is_figure = rule.count in schema.FIGURES
    for code, (at, strict) in enumerate(
        zip((rule.yellow_at, rule.red_at), rule.strict, strict=True), start=1
    ):
        figure = Fraction(value)
        if at is not None and (figure > at if is_figure and strict else figure >= at):
            reached = code
    return reached


def _was_blind(version: Version, day: ScannedDay) -> str | None:
    """Return why the scan could not evaluate the rule, None where it could or had another."""
    if version.rule is None or version.scanned is None:
        return None
    why = day.certificate["blind"].get(version.rule.id)
    return why if version.is_scanned else None
