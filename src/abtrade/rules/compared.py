"""Compared: what rules on shares and deviations come to, measured after the day is counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import nan
from typing import Any, Final

import numpy as np

from .. import schema
from ..batch import Int64
from ..comparison.shares import DONE, Held, parts_of, ranks, scopes_of
from ..comparison.usual import Floats, Usual, compare, earlier_parts, exact_usual
from ..counts import Behind, Measures
from ..levels import LARGE_FIELD
from ..measured import joined, measures_of_nothing
from ..plan import PlanRule
from .ledger import Ledger, Lookup, RuleBook, Whose, ledger_of

QUANTITY: Final = {
    "volume_share": "volume",
    "order_share": "orders",
    "cancel_share": "cancels",
    "volume_deviation": "volume",
    "order_deviation": "orders",
    "cancel_deviation": "cancels",
}
"""Count of a rule -> what is compared, of ``shares.DONE``."""

MARGIN: Final = 1e-12
"""How far from a level, in shares, floats tell on which side of it a figure is."""


def compared_measures(book: RuleBook, usual: Usual | None, held: Held | None) -> list[Measures]:
    """Return the measures of every rule of the plan on shares and deviations.

    usual, held : None where nothing tells them; the plan then has no rule that needs them
    """
    found: list[Measures] = []
    for rule in book.plan.rules:
        if rule.count in QUANTITY:
            cells = book.counts.cells
            amount = cells.of(_field(rule, book))
            found.append(_measures(rule, book, cells, amount, _totals(rule, book), usual))
        elif rule.count == "open_interest_share":
            assert held is not None, "a rule on open interest is blind without it"
            found.append(_of_open_interest(rule, book, held))
    return found


def _of_open_interest(rule: PlanRule, book: RuleBook, held: Held) -> Measures:
    """Return the larger of the two sides' shares of each subject in each scope; long of like ones.

    A scope of which the open interest is not known has none.
    """
    _, scope_of = book.scopes(rule)
    totals = np.zeros(int(scope_of.max(initial=-1)) + 1, np.int64)
    known = np.ones(len(totals), np.bool_)
    for contract in np.flatnonzero(scope_of >= 0).tolist():
        lots = held.open_interest.get(contract, 0)
        totals[scope_of[contract]] += lots
        known[scope_of[contract]] &= lots > 0
    sides = []
    for side, amount in held.lots.items():
        here = known[scope_of[held.contract]] & (scope_of[held.contract] >= 0)
        found = _measures(rule, book, held, np.where(here, amount, 0), totals, None)
        for behind in found.behind.values():
            behind.detail["side"] = side
        sides.append(found)
    return _larger(joined(sides))


def _larger(found: Measures) -> Measures:
    """Return the highest row of each subject and scope, the first of like ones."""
    order = np.lexsort((-found.gross, -found.counted, found.scope, found.subject))
    first = np.ones(len(order), np.bool_)
    subject, scope = found.subject[order], found.scope[order]
    first[1:] = (subject[1:] != subject[:-1]) | (scope[1:] != scope[:-1])
    return found.where(order[first])


def _measures(
    rule: PlanRule,
    book: RuleBook,
    whose: Whose,
    amount: Int64,
    totals: Int64,
    usual: Usual | None,
) -> Measures:
    """Return what a rule measures of amounts, (n,), in scopes with totals, (scopes,)."""
    ledger = ledger_of(rule, book.steps_of(rule, whose, amount))
    scopes, _ = book.scopes(rule)
    if not len(ledger.gross):
        return measures_of_nothing(rule, scopes)
    if rule.count in schema.SHARE_COUNTS:
        judged: _Shares | _Deviations = _Shares(rule, ledger, totals)
    else:
        assert usual is not None, "a rule on deviations is blind without earlier outputs"
        judged = _Deviations(rule, book, ledger, totals, usual)
    behind = _Behind(rule, book, whose, amount, ledger, totals, judged.figure)
    levels = [nan if rule.yellow_at is None else float(rule.yellow_at), nan]
    found = Measures(
        rule.index, scopes, ledger.subject, ledger.scope, judged.gross, judged.counted,
        ledger.exempt, ledger.unknown, judged.level, np.tile(levels, (len(ledger.gross), 1)),
        {
            i: Behind(*behind.of(i), behind.detail(i) | judged.detail(i))
            for i in np.flatnonzero(judged.level).tolist()
        },
    )  # fmt: skip
    return found.where(np.flatnonzero(~np.isnan(judged.gross)))  # no spread, and so no deviation


def _field(rule: PlanRule, book: RuleBook) -> int:
    """Return the place in a cell of what a rule compares."""
    count = DONE[QUANTITY[rule.count]]
    if count in schema.CELL_COUNTS:
        return schema.CELL_COUNTS.index(count)
    plan = book.plan
    return LARGE_FIELD + len(plan.large) + plan.extra.index(count)


def _totals(rule: PlanRule, book: RuleBook) -> Int64:
    """Return what all did in each scope of a rule, exempt or not: (scopes,)."""
    scopes, scope_of = book.scopes(rule)
    cells = book.counts.cells
    scope = scope_of[cells.contract]
    totals = np.zeros(len(scopes), np.int64)
    np.add.at(totals, scope[scope >= 0], cells.of(_field(rule, book))[scope >= 0])
    return totals


def _reached(rule: PlanRule, figure: Fraction) -> int:
    at, above = rule.yellow_at, rule.strict[0]
    return int(at is not None and (figure > at if above else figure >= at))


class _Shares:
    """Parts of what all did: levels are told by whole numbers, a number for each scope."""

    def __init__(self, rule: PlanRule, ledger: Ledger, totals: Int64) -> None:
        self._rule = rule
        self._totals = totals
        self.gross = parts_of(ledger.gross, totals[ledger.scope])
        self.counted = parts_of(ledger.counted, totals[ledger.scope])
        at: Int64 = np.array([rule.at_limit(total)[0] for total in totals.tolist()], np.int64)
        self.level = ((at[ledger.scope] >= 0) & (ledger.counted >= at[ledger.scope])).astype(int)

    def figure(self, client: int, scope: int, amount: int) -> tuple[Fraction, int]:
        """Return the share that a client's amount is, and the level code that it reaches."""
        share = Fraction(amount, int(self._totals[scope]))
        return share, _reached(self._rule, share)

    def detail(self, i: int) -> dict[str, Any]:
        """Return nothing more: a share is its numerator and denominator."""
        return {}


class _Deviations:
    """Shares against the same subjects' shares of earlier days.

    Floats tell which come near a level; those are judged by exact fractions.
    """

    def __init__(
        self, rule: PlanRule, book: RuleBook, ledger: Ledger, totals: Int64, usual: Usual
    ) -> None:
        self._rule, self._usual, self._totals = rule, usual, totals
        self._quantity = QUANTITY[rule.count]
        self._ledger = ledger
        self._scopes = _places(rule, book)  # of the rule's scopes, in ``usual``
        self._earlier_totals = usual.totals(rule.scope, self._quantity)
        total = totals[ledger.scope]
        found = self._earlier(ledger.subject, ledger.scope, clients=False)
        share = parts_of(ledger.counted, total)
        self._compared = compare(share, found)
        self.counted = self._compared.deviation
        self.gross = compare(parts_of(ledger.gross, total), found).deviation
        self.level = np.zeros(len(share), np.int64)
        for i in self._near(share).tolist():
            self._judge(i)

    def _judge(self, i: int) -> None:
        """Put exact figures in place of a row's floats, and the level that they reach."""
        scope, ledger = int(self._ledger.scope[i]), self._ledger
        middle, spread = self._exact(int(ledger.subject[i]), scope, clients=False)
        if spread:
            total = int(self._totals[scope])
            counted = (Fraction(int(ledger.counted[i]), total) - middle) / spread
            self.level[i] = _reached(self._rule, counted)
            self.counted[i] = float(counted)
            self.gross[i] = float((Fraction(int(ledger.gross[i]), total) - middle) / spread)
            self._compared.median[i], self._compared.spread[i] = float(middle), float(spread)

    def figure(self, client: int, scope: int, amount: int) -> tuple[Fraction, int]:
        """Return a client's own deviation, 0 without a spread, and the level that it reaches."""
        middle, spread = self._exact(client, scope, clients=True)
        if not spread:
            return Fraction(0), 0
        deviation = (Fraction(amount, int(self._totals[scope])) - middle) / spread
        return deviation, _reached(self._rule, deviation)

    def detail(self, i: int) -> dict[str, Any]:
        """Return what the share is compared with."""
        days = self._usual.days
        return {
            "share": float(Fraction(int(self._ledger.counted[i]),
                                    int(self._totals[self._ledger.scope[i]]))),
            "median": float(self._compared.median[i]),
            "spread": float(self._compared.spread[i]),
            "days": len(days),
            "first_day": days[0].isoformat(),
            "last_day": days[-1].isoformat(),
        }

    def _earlier(self, judge: Int64, scope: Int64, *, clients: bool) -> Floats:
        place = self._scopes[scope]
        amounts = self._usual.amounts(
            self._rule.scope, self._quantity, judge, place, clients=clients
        )
        return earlier_parts(amounts, self._earlier_totals, place)

    def _near(self, share: Floats) -> Int64:
        """Return the rows whose share may reach the level."""
        found = self._compared
        at = 0.0 if self._rule.yellow_at is None else float(self._rule.yellow_at)
        return np.flatnonzero(
            (found.spread > 0) & (share - found.median >= at * found.spread - MARGIN)
        )

    def _exact(self, judge: int, scope: int, *, clients: bool) -> tuple[Fraction, Fraction]:
        """Return the median and the spread of a subject's, or a client's, earlier shares."""
        place = self._scopes[[scope]]
        amounts = self._usual.amounts(
            self._rule.scope, self._quantity, np.array([judge]), place, clients=clients
        )
        return exact_usual(amounts[:, 0].tolist(), self._earlier_totals[:, place[0]].tolist())


def _places(rule: PlanRule, book: RuleBook) -> Int64:
    """Return the place of each scope of a rule among the day's scopes of that kind."""
    _, scope_of = book.scopes(rule)
    of_contract = scopes_of(book.roster, rule.scope).of_contract
    places: Int64 = np.zeros(int(scope_of.max(initial=-1)) + 1, np.int64)
    here = scope_of >= 0
    places[scope_of[here]] = of_contract[here]
    return places


@dataclass(slots=True)
class _Behind:
    """Who is behind a subject's figure: its accounts, and its clients each alone."""

    rule: PlanRule
    book: RuleBook
    whose: Whose
    amount: Int64
    ledger: Ledger
    totals: Int64
    figure: Callable[[int, int, int], tuple[Fraction, int]]
    _lookups: tuple[Lookup, Lookup] | None = None
    _ranks: Int64 | None = None

    def of(self, i: int) -> tuple[dict[int, int], dict[int, tuple[float, int]]]:
        """Return account -> counted amount, and client -> (figure, level code) of a row."""
        subject, scope = int(self.ledger.subject[i]), int(self.ledger.scope[i])
        by_subject, by_client = self._found()
        mine = by_subject.counted(subject, scope)
        shares: dict[int, int] = {}
        for account, amount in zip(mine.account.tolist(), mine.amount.tolist(), strict=True):
            shares[account] = shares.get(account, 0) + amount
        alone = {}
        for client in sorted({self.book.roster.client_of[account] for account in shares}):
            amount = int(by_client.counted(client, scope).amount.sum())
            figure, level = self.figure(client, scope, amount)
            alone[client] = float(figure), level
        return shares, alone

    def detail(self, i: int) -> dict[str, Any]:
        """Return the whole numbers behind a share, and its rank; none of a client judged besides.
        """
        if self._ranks is None:
            besides = np.isin(self.ledger.subject, self.book.roster.alone())
            own = np.flatnonzero(~besides)
            self._ranks = np.zeros(len(besides), np.int64)
            self._ranks[own] = ranks(self.ledger.scope[own], self.ledger.gross[own])
        return {
            "numerator": int(self.ledger.counted[i]),
            "denominator": int(self.totals[self.ledger.scope[i]]),
            "rank": int(self._ranks[i]) or None,
        }

    def _found(self) -> tuple[Lookup, Lookup]:
        if self._lookups is None:
            rule, whose, amount = self.rule, self.whose, self.amount
            self._lookups = (
                Lookup(self.book.steps_of(rule, whose, amount)),
                Lookup(self.book.steps_of(rule, whose, amount, clients=True)),
            )
        return self._lookups
