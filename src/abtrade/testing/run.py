"""Run a case: a scan of its day by its rule, and what of it is not as expected."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..alerts import Alert, Result, Tipping
from ..errors import AbtradeError
from ..job import Counted
from ..rules.evaluate import RuleResults, result_of
from ..rules.ledger import RuleBook
from ..rules.packs import rule_set
from ..rules.rule import Rule
from ..scan import put_rules
from ..schema import Fault
from .case import BLIND, JUDGED, MARKET, NOT_IN_FORCE, NOTHING, Case
from .compare import compare
from .day import CaseDay, day_of
from .outcome import Failure, Found, Outcome, Seen


def run_case(rule: Rule, case: Case, *, merge_groups: bool = True, engine: str = "core") -> Outcome:
    """Judge a case's day by a rule and compare.

    merge_groups : False: linked accounts are judged each alone
    engine : ``core`` or ``reference``
    """
    started = time.perf_counter()
    try:
        seen = see([rule], case, merge_groups=merge_groups, engine=engine)[0]
    except AbtradeError as error:
        problems = [
            Failure("test.error", {"message": line}, case.place.line)
            for line in str(error).splitlines()
        ]
        return Outcome(tuple(problems), None, time.perf_counter() - started)
    return _outcome(case, seen, started)


def run_together(rules: Sequence[Rule], case: Case, *, engine: str = "core") -> list[Outcome]:
    """Judge a case's day by several rules in one scan, each as if by itself; rules may be alike."""
    started = time.perf_counter()
    named = [replace(rule, id=f"{rule.id}.{n}") for n, rule in enumerate(rules)]
    try:
        found = see(named, case, merge_groups=True, engine=engine)
    except AbtradeError:  # of which rule is not known
        return [run_case(rule, case, engine=engine) for rule in rules]
    return [_outcome(case, seen, started) for seen in found]


def _outcome(case: Case, seen: Seen, started: float) -> Outcome:
    problems = (*seen.mishaps, *compare(case, seen))
    return Outcome(problems, seen, time.perf_counter() - started)


def see(rules: Sequence[Rule], case: Case, *, merge_groups: bool, engine: str) -> list[Seen]:
    """Scan a case's day by rules of different ids, and return what each saw."""
    # What a rule says is tested, not how sure it is: an unverified one is yellow at most.
    in_force = [replace(rule, status="secondary") for rule in rules if rule.in_force(case.day)]
    found = {rule.id: Seen(NOT_IN_FORCE) for rule in rules}
    if not case.log:
        found |= {rule.id: Seen(NOTHING) for rule in in_force}
    elif in_force:
        day = day_of(case)
        sure = rule_set(map(_as_if_sure, in_force), named=False)
        job = day.job(sure, engine, merge_groups=merge_groups)
        found |= _judged(case, day, job.count())
    return [found[rule.id] for rule in rules]


def _judged(case: Case, day: CaseDay, counted: Counted) -> dict[str, Seen]:
    """Return what each rule in force saw, by id."""
    verdicts, compiled, _ = put_rules(day.log, counted)
    roster = counted.engine.roster
    nothing = Seen(
        NOTHING,
        contracts=tuple(roster.facts),
        market_makers=_market_makers(counted),
        subject_of={
            roster.account_name(account): roster.judged[subject][2]
            for account, subject in enumerate(roster.subject_of)
        },
        mishaps=tuple(_mishaps(case, day, counted)),
    )
    found = dict.fromkeys(compiled.rules, nothing)
    found |= {rule: replace(nothing, state=BLIND, why=why) for rule, why in compiled.blind.items()}
    book = RuleBook(counted.counts, roster, counted.ready.beside.limits)
    alerts = {_key(alert.result): alert for alert in verdicts.alerts}
    for rows in verdicts.results:
        all_results = [
            result_of(rows, i, compiled, roster, day.log.day.isoformat())
            for i in range(len(rows.ledger.subject))
        ]
        results = [
            _found(result, alerts.get(_key(result)), day, (at[0], at[1]))
            for result, at in zip(all_results, _levels(rows, book), strict=True)
            if result.subject != MARKET and result.gross
        ]
        found[rows.rule.id] = replace(
            nothing,
            state=JUDGED if results else NOTHING,
            results=tuple(sorted(results, key=lambda found: (found.subject, found.scope))),
            rule=rows.rule,
        )
    return found


def _key(result: Result) -> tuple[str, str, str, str]:
    return result.rule, result.subject_kind, result.subject, result.scope


def _found(
    result: Result, alert: Alert | None, day: CaseDay, levels: tuple[float, float]
) -> Found:
    tips = {} if alert is None else _tips(alert)
    return Found(
        result.subject, result.subject_kind, result.scope, result.counted, result.gross,
        result.exempt, result.unknown, result.level, result.assumed,
        {level: day.made.place(tip.seq) for level, tip in tips.items()},
        None if alert is None else alert.reached_alone,
        levels,
        {level: tip.count for level, tip in tips.items()},
    )  # fmt: skip


def _as_if_sure(rule: Rule) -> Rule:
    """Return a rule to be judged for what it says, however sure that is."""
    return replace(rule, status="verified") if rule.status == "unverified" else rule


def _levels(rows: RuleResults, book: RuleBook) -> list[list[float]]:
    """Return where each result of a rule turns yellow and red, -1 for never."""
    if rows.measures is not None:
        found: list[list[float]] = np.nan_to_num(rows.measures.levels, nan=-1).tolist()
    else:
        found = book.levels(rows.rule)[rows.ledger.scope].tolist()
    return found


def _tips(alert: Alert) -> dict[str, Tipping]:
    tips = {"yellow": alert.yellow, "red": alert.red}
    return {level: tip for level, tip in tips.items() if tip is not None}


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
