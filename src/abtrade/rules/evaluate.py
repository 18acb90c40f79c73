"""Evaluate: rules put to a day's counts; results for all, alerts for those that reach a level."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

from .. import schema
from ..alerts import Alert, Result, Share, Tipping, alert_id, alert_order
from ..batch import Int64
from ..counts import Crossing, Measures
from ..measured import measures_of_nothing
from ..plan import PlanRule
from ..roster import Roster
from ..visibility import Sight
from .compile import Compiled
from .ledger import Ledger, Lookup, RuleBook, Steps, ledger_of
from .rule import Rule

MEASURED: Final = (*schema.OBSERVED_COUNTS, *schema.STATISTICS)
"""Counts whose results are measured, not summed out of cells or pairs."""

SUSPECTED_GROUP: Final = "a suspected group reaches yellow at most"
UNVERIFIED_RULE: Final = "an unverified rule reaches yellow at most"
"""Notes of alerts that cannot be red."""


@dataclass(slots=True)
class RuleResults:
    """All results of one rule: its ledger, with scopes, levels and ratios.

    ``level`` is 0 none, 1 yellow, 2 red. A ratio rule has the two ratios, gross and counted; its
    ledger holds messages, or of a measured figure nothing in their place.
    """

    rule: PlanRule
    scopes: list[str]
    ledger: Ledger
    level: Int64  # (n,)
    ratios: npt.NDArray[np.float64] | None  # (n, 2)
    measures: Measures | None = None  # row by row, where the count is measured


@dataclass(slots=True)
class Verdicts:
    """What all rules say of a day."""

    results: list[RuleResults]
    alerts: list[Alert]


def evaluate(
    compiled: Compiled, book: RuleBook, day: str, *, has_channels: bool, sight: Sight
) -> Verdicts:
    """Judge every subject by every rule of the plan.

    ``sight`` : what the log shows; where it has no history, no alert has a tipping event.
    """
    tipping = _tipping_events(book.counts.crossings if sight.has_history else [])
    results, alerts = [], []
    for rule in compiled.plan.rules:
        found, steps = results_of(rule, book)
        results.append(found)
        if found.level.any():
            alerts += _alerts(found, steps, compiled, book, tipping, day, has_channels, sight)
    alerts.sort(key=alert_order)
    return Verdicts(results, alerts)


# --- results -------------------------------------------------------------------------------------


def results_of(rule: PlanRule, book: RuleBook) -> tuple[RuleResults, Steps | None]:
    """Return what a rule says of every subject, and its steps where its count is a sum of such."""
    steps = None
    if rule.count in MEASURED:
        found = _measured_results(rule, book)
    elif rule.count in schema.RATIO_COUNTS:
        found = _otr_results(rule, book)
    else:
        steps = book.steps(rule)
        found = _results(rule, steps, book)
    _cap(found, book.roster)
    return found, steps


def _results(rule: PlanRule, steps: Steps, book: RuleBook) -> RuleResults:
    scopes, _ = book.scopes(rule)
    ledger = ledger_of(rule, steps)
    level = np.zeros(len(ledger.gross), np.int64)
    levels = book.levels(rule)[ledger.scope]
    for code in (1, 2):
        at = levels[:, code - 1]
        level[(at >= 0) & (ledger.counted >= at)] = code
    return RuleResults(rule, scopes, ledger, level, None)


def _whole_level(levels: Int64, counted: int) -> int:
    reached = 0
    for code, at in enumerate(levels.tolist(), start=1):
        if 0 <= at <= counted:
            reached = code
    return reached


def _measured_results(rule: PlanRule, book: RuleBook) -> RuleResults:
    """Return what was measured for a rule, in the order of subjects, then scopes as written."""
    found = [measures for measures in book.counts.measures if measures.rule == rule.index]
    measures = found[0] if found else measures_of_nothing(rule)
    scopes = sorted(set(measures.scopes))
    index = {scope: i for i, scope in enumerate(scopes)}
    places: Int64 = np.array([index[scope] for scope in measures.scopes], np.int64)
    order = np.lexsort((places[measures.scope], measures.subject))
    measures = measures.where(order)
    is_figure = rule.count in schema.FIGURES
    none = np.zeros(len(measures), np.int64)
    ledger = Ledger(
        measures.subject,
        places[measures.scope],
        none if is_figure else measures.gross,
        none if is_figure else measures.counted,
        measures.unknown,
        measures.exempt,
    )
    ratios = np.stack([measures.gross, measures.counted], axis=1) if is_figure else None
    return RuleResults(rule, scopes, ledger, measures.level.copy(), ratios, measures)


def _otr_results(rule: PlanRule, book: RuleBook) -> RuleResults:
    """Judge messages / max(1, filled orders) - 1, exactly, at the end of the day."""
    messages, filled = (
        book.cell_steps(rule, schema.CELL_COUNTS.index(count))
        for count in ("messages", "filled_orders")
    )
    scopes, _ = book.scopes(rule)
    ledger = ledger_of(rule, messages)
    fills = ledger_of(rule, filled)
    by_key = dict(zip(zip(fills.subject.tolist(), fills.scope.tolist(), strict=True),
                      zip(fills.gross.tolist(), fills.counted.tolist(), strict=True), strict=True))
    level = np.zeros(len(ledger.gross), np.int64)
    ratios = []
    for i, (subject, scope, gross, counted) in enumerate(
        zip(ledger.subject.tolist(), ledger.scope.tolist(), ledger.gross.tolist(),
            ledger.counted.tolist(), strict=True)
    ):
        filled_gross, filled_counted = by_key.get((subject, scope), (0, 0))
        ratio = otr(counted, filled_counted)
        level[i] = _ratio_level(rule, ratio) if counted else 0
        ratios.append((float(otr(gross, filled_gross)), float(ratio) if counted else 0.0))
    return RuleResults(rule, scopes, ledger, level, np.array(ratios, np.float64).reshape(-1, 2))


def otr(messages: int, filled_orders: int) -> Fraction:
    """Return the order-to-trade ratio, exactly."""
    return Fraction(messages, max(1, filled_orders)) - 1


def _ratio_level(rule: PlanRule, ratio: Fraction) -> int:
    reached = 0
    for code, (at, strict) in enumerate(
        zip((rule.yellow_at, rule.red_at), rule.strict, strict=True), start=1
    ):
        if at is not None and (ratio > at if strict else ratio >= at):
            reached = code
    return reached


def _cap(found: RuleResults, roster: Roster) -> None:
    """Take back levels that a subject does not reach, whatever the count.

    A suspected group reaches yellow at most, and so does everybody by an unverified rule; a rule
    for groups is not reached by others.
    """
    suspected = [s for s, status in roster.status.items() if status == "suspected"]
    capped = found.rule.capped | np.isin(found.ledger.subject, suspected)
    found.level[capped & (found.level == 2)] = 1
    if found.rule.groups_only:
        groups = [s for s, (_, kind, _) in enumerate(roster.judged) if kind == "group"]
        found.level[~np.isin(found.ledger.subject, groups)] = 0


def shares_of(counted: Mapping[int, int], roster: Roster) -> list[Share]:
    """Return what accounts contributed, by account id, as shares: the largest first."""
    shares = [
        Share(roster.account_name(account), roster.clients[roster.client_of[account]][2], n)
        for account, n in counted.items()
    ]
    return sorted(shares, key=lambda share: (-share.counted, share.account))


# --- alerts --------------------------------------------------------------------------------------

TippingEvents = dict[tuple[int, int, str, int], Crossing]


def _tipping_events(crossings: list[Crossing]) -> TippingEvents:
    return {(c.rule, c.subject, c.scope, c.level): c for c in crossings}


def _alerts(
    found: RuleResults,
    steps: Steps | None,
    compiled: Compiled,
    book: RuleBook,
    tipping: TippingEvents,
    day: str,
    has_channels: bool,
    sight: Sight,
) -> list[Alert]:
    people = _People(found, steps, book) if found.measures is None else _Measured(found, book)
    levels, limits = book.levels(found.rule).tolist(), book.limits(found.rule)
    alerts = []
    for i in np.flatnonzero(found.level).tolist():
        rule = compiled.rules[found.rule.id]
        result = result_of(found, i, compiled, book.roster, day)
        subject = int(found.ledger.subject[i])
        alert = _alert(
            found, rule, result, subject, people.of(i), tipping, book.roster, has_channels
        )
        alert.sight = sight
        if found.measures is not None:
            alert.detail = found.measures.behind[i].detail
        if found.rule.limit is not None:
            scope = int(found.ledger.scope[i])
            at = levels[scope] if found.measures is None else found.measures.levels[i].tolist()
            if found.measures is None and scope in limits:
                alert.detail |= {"limit": limits[scope].lots, "limit_rows": [limits[scope].told]}
            alert.yellow_from, alert.red_from = (None if n < 0 else n for n in at)
        alerts.append(alert)
    return alerts


def result_of(
    found: RuleResults, i: int, compiled: Compiled, roster: Roster, day: str
) -> Result:
    """Return the i-th result of a rule."""
    rule, ledger = found.rule, found.ledger
    subject = int(ledger.subject[i])
    _, kind, name = roster.judged[subject]
    exempt: dict[str, int] = {}
    for reason, n in zip(rule.reasons, ledger.exempt[i].tolist(), strict=True):
        if n:
            exempt[reason] = exempt.get(reason, 0) + n
    gross, counted = int(ledger.gross[i]), int(ledger.counted[i])
    ratio = None if found.ratios is None else found.ratios[i].tolist()
    return Result(
        rule=rule.id,
        day=day,
        exchange=roster.exchange_name(subject),
        subject=name,
        subject_kind=kind,
        scope=found.scopes[int(ledger.scope[i])],
        count=rule.count_name,
        gross=gross if ratio is None else ratio[0],
        counted=counted if ratio is None else ratio[1],
        exempt=exempt,
        unknown=int(ledger.unknown[i]),
        level=(None, "yellow", "red")[int(found.level[i])],
        assumed=list(compiled.assumed.get(rule.id, ())),
    )


@dataclass(slots=True)
class _Part:
    """What accounts and clients contributed to one alert."""

    accounts: list[str]
    shares: list[Share]
    largest_client: str
    largest_client_count: int | float
    alone: int  # level code that the largest client reaches alone


class _People:
    """Shares of the accounts and clients behind a rule's alerts."""

    def __init__(self, found: RuleResults, steps: Steps | None, book: RuleBook) -> None:
        self._found = found
        self._roster = book.roster
        self._levels = book.levels(found.rule)
        self._filled: Lookup | None = None
        if steps is None:
            messages, filled = (
                schema.CELL_COUNTS.index(count) for count in ("messages", "filled_orders")
            )
            steps = book.cell_steps(found.rule, messages)
            by_client = book.cell_steps(found.rule, messages, clients=True)
            self._filled = Lookup(book.cell_steps(found.rule, filled, clients=True))
        else:
            by_client = book.steps(found.rule, clients=True)
        self._by_subject = Lookup(steps)
        self._by_client = Lookup(by_client)
        self._members = book.members

    def of(self, i: int) -> _Part:
        """Return who is behind the i-th result."""
        subject = int(self._found.ledger.subject[i])
        scope = int(self._found.ledger.scope[i])
        mine = self._by_subject.counted(subject, scope)
        # Who did nothing that counts here has no figure: not 0, which would beat a negative ratio.
        clients = {self._roster.client_of[account] for account in mine.account.tolist()}
        client, count, level = self._largest(clients, scope)
        return _Part(
            sorted(self._roster.account_name(account) for account in self._members[subject]),
            self._shares(mine),
            self._roster.clients[client][2],
            count,
            level,
        )

    def _shares(self, mine: Steps) -> list[Share]:
        counted: dict[int, int] = defaultdict(int)
        for account, amount in zip(mine.account.tolist(), mine.amount.tolist(), strict=True):
            counted[account] += amount
        return shares_of(counted, self._roster)

    def _largest(self, clients: set[int], scope: int) -> tuple[int, int | float, int]:
        """Return the client with the highest figure of its own, the figure, its level."""
        ranked = []
        for client in clients:
            figure, level = self._figure(client, scope)
            ranked.append((-figure, self._roster.clients[client][2], client, level))
        figure, _, client, level = min(ranked)
        return client, int(-figure) if self._filled is None else float(-figure), level

    def _figure(self, client: int, scope: int) -> tuple[Fraction, int]:
        """Return what a client alone comes to, and the level code that this reaches."""
        rule = self._found.rule
        value = int(self._by_client.counted(client, scope).amount.sum())
        if self._filled is None:
            return Fraction(value), _whole_level(self._levels[scope], value)
        if not value:
            return Fraction(0), 0
        ratio = otr(value, int(self._filled.counted(client, scope).amount.sum()))
        return ratio, _ratio_level(rule, ratio)


class _Measured:
    """Shares of the accounts and clients behind alerts that were measured."""

    def __init__(self, found: RuleResults, book: RuleBook) -> None:
        assert found.measures is not None
        self._measures = found.measures
        self._roster = book.roster
        self._members = book.members
        self._is_figure = found.ratios is not None

    def of(self, i: int) -> _Part:
        """Return who is behind the i-th result."""
        behind, roster = self._measures.behind[i], self._roster
        clients = [
            (-figure, roster.clients[client][2], level)
            for client, (figure, level) in behind.alone.items()
        ]
        figure, client, level = min(clients, default=(0, "", 0))
        return _Part(
            sorted(map(roster.account_name, self._members[int(self._measures.subject[i])])),
            shares_of(behind.shares, roster),
            client,
            float(-figure) if self._is_figure else int(-figure),
            level,
        )


def _alert(
    found: RuleResults,
    rule: Rule,
    result: Result,
    subject: int,
    part: _Part,
    tipping: TippingEvents,
    roster: Roster,
    has_channels: bool,
) -> Alert:
    assert result.level is not None
    level = schema.LEVELS.index(result.level)
    status = roster.status.get(subject)
    notes = [] if rule.red is None else _why_capped(found.rule, status)
    tips = [
        _tip(tipping.get((found.rule.index, subject, result.scope, code)), has_channels)
        for code in range(2)
    ]
    yellow_level, yellow_tip = rule.yellow, tips[0]
    if notes and yellow_level is None:
        # What made it yellow is the event that reached red.
        yellow_level, yellow_tip = rule.red, tips[1]
    return Alert(
        alert_id=alert_id(
            rule.id, result.exchange, result.subject, result.subject_kind, result.scope, result.day
        ),
        result=result,
        rule_version=rule.version,
        level=result.level,
        about=rule.about,
        accounts=part.accounts,
        group_status=status,
        yellow_limit=yellow_level.written if yellow_level else None,
        red_limit=rule.red.written if rule.red else None,
        yellow=yellow_tip,
        red=None if notes else tips[1],
        shares=part.shares,
        largest_client=part.largest_client,
        largest_client_count=part.largest_client_count,
        reached_alone=part.alone >= level + 1,
        clause=_clause(rule, result.subject_kind),
        exempt_clauses=_exempt_clauses(rule, "en"),
        status=rule.status,
        notes=[*notes, *(note["en"] for note in rule.desk)],
        chinese=_chinese(rule),
    )


def _why_capped(rule: PlanRule, status: str | None) -> list[str]:
    """Return the notes on why an alert is yellow at most; none where it may be red."""
    notes = [SUSPECTED_GROUP] if status == "suspected" else []
    return [*notes, UNVERIFIED_RULE] if rule.capped else notes


def _joined(sentences: list[str], language: str) -> str:
    """Put sentences one after the other, with a blank between them where the language has it."""
    return ("" if language == "zh" else " ").join(sentences)


def _exempt_clauses(rule: Rule, language: str) -> dict[str, str]:
    """Return the clauses of each reason; two entries of one reason rest on both."""
    clauses: dict[str, str] = {}
    for entry in rule.leave_out:
        clause = entry.clause[language]
        known = clauses.get(entry.reason)
        parts = [clause] if known is None or known == clause else [known, clause]
        clauses[entry.reason] = _joined(parts, language)
    return clauses


def _chinese(rule: Rule) -> dict[str, str]:
    """Return the Chinese of reasons, exemption clauses and the desk's notes by their English."""
    english, chinese = _exempt_clauses(rule, "en"), _exempt_clauses(rule, "zh")
    words = {entry.reason: entry.reason_zh for entry in rule.leave_out}
    words |= {note["en"]: note["zh"] for note in rule.desk}
    return words | {english[reason]: chinese[reason] for reason in english}


def _tip(crossing: Crossing | None, has_channels: bool) -> Tipping | None:
    if crossing is None:
        return None
    channel = crossing.channel if has_channels else None
    return Tipping(crossing.count, crossing.seq, channel, crossing.ts)


def _clause(rule: Rule, kind: str) -> dict[str, str]:
    """Return the clause of the standard; for a group also what its merging rests on."""
    texts = {}
    for language, clause in rule.clause.items():
        linked = (rule.linked_clause or {}).get(language) if kind == "group" else None
        texts[language] = _joined([clause, linked] if linked else [clause], language)
    return texts
