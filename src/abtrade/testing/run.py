"""Run a case: a scan of its day by its rule, and what of it is not as expected."""

from __future__ import annotations

import time

from ..alerts import Alert
from ..errors import AbtradeError
from ..job import Counted
from ..rules.evaluate import result_of
from ..rules.packs import rule_set
from ..rules.rule import Rule
from ..scan import put_rules
from ..schema import Fault
from .case import BLIND, JUDGED, MARKET, NOT_IN_FORCE, NOTHING, Case, Tip
from .compare import compare
from .day import CaseDay, day_of
from .outcome import Failure, Found, Outcome, Seen


def run_case(rule: Rule, case: Case, *, merge_groups: bool = True, engine: str = "core") -> Outcome:
    """Judge a case's day by a rule and compare.

    merge_groups : False: linked accounts are judged each alone
    engine : ``core`` or ``reference``
    """
    started = time.perf_counter()
    seen = None
    try:
        seen = see(rule, case, merge_groups=merge_groups, engine=engine)
        problems = [*seen.mishaps, *compare(case, seen)]
    except AbtradeError as error:
        problems = [
            Failure("test.error", {"message": line}, case.place.line)
            for line in str(error).splitlines()
        ]
    return Outcome(tuple(problems), seen, time.perf_counter() - started)


def see(rule: Rule, case: Case, *, merge_groups: bool, engine: str) -> Seen:
    """Scan a case's day by one rule."""
    if not rule.in_force(case.day):
        return Seen(NOT_IN_FORCE)
    if not case.log:
        return Seen(NOTHING)
    day = day_of(case)
    counted = day.job(rule_set([rule], named=False), engine, merge_groups=merge_groups).count()
    verdicts, compiled, _ = put_rules(day.log, counted)
    mishaps = tuple(_mishaps(case, day, counted))
    if compiled.blind:
        return Seen(BLIND, why=compiled.blind[rule.id], mishaps=mishaps)
    roster = counted.engine.roster
    alerts = {(a.result.subject_kind, a.result.subject, a.result.scope): a for a in verdicts.alerts}
    results = []
    for rows in verdicts.results:
        for i in range(len(rows.ledger.subject)):
            result = result_of(rows, i, compiled, roster, day.log.day.isoformat())
            if result.subject == MARKET or not result.gross:
                continue
            alert = alerts.get((result.subject_kind, result.subject, result.scope))
            results.append(
                Found(
                    result.subject, result.subject_kind, result.scope, result.counted,
                    result.gross, result.exempt, result.unknown, result.level, result.assumed,
                    {} if alert is None else _tips(alert, day),
                    None if alert is None else alert.reached_alone,
                )
            )  # fmt: skip
    return Seen(
        JUDGED if results else NOTHING,
        tuple(sorted(results, key=lambda found: (found.subject, found.scope))),
        rule=compiled.plan.rules[0] if compiled.plan.rules else None,
        contracts=tuple(roster.facts),
        market_makers=_market_makers(counted),
        mishaps=mishaps,
    )


def _tips(alert: Alert, day: CaseDay) -> dict[str, Tip]:
    tips = {"yellow": alert.yellow, "red": alert.red}
    return {level: day.made.place(tip.seq) for level, tip in tips.items() if tip is not None}


def _market_makers(counted: Counted) -> frozenset[tuple[str, str]]:
    names, subjects = counted.engine.names, counted.engine.subjects
    return frozenset(
        (account, product)
        for exchange, account in names.accounts
        for product in subjects.market_products(names.exchanges[exchange], account)
    )


def _mishaps(case: Case, day: CaseDay, counted: Counted) -> list[Failure]:
    """Return what is wrong with the log that a case's lines made."""
    found = []
    if day.log.rejected_rows:
        row = day.log.rejected().to_pylist()[0]
        place = day.made.place(row["row"])
        found.append(
            Failure(
                "test.bad_row",
                {"line": place.line, "time": place.time, "reason": row["reason"]},
                case.log[place.line - 1].place.line,
            )
        )
    for fault in counted.counts.faults:
        if fault.kind in _HARMLESS:
            continue
        place = day.made.place(fault.first[0][1])
        found.append(
            Failure(
                "test.fault",
                {"line": place.line, "time": place.time, "fault": fault.kind.name.lower()},
                case.log[place.line - 1].place.line,
            )
        )
    return found


_HARMLESS = frozenset({Fault.CLOSE_OVER_HELD, Fault.TS_BACKWARDS})
"""Of a made log: nobody is said to hold what is closed, and the clock is set as a test needs it."""
