"""Bench: one rule of the test pack, with all it is told of people and contracts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from math import ceil, floor

from .. import schema
from ..plan import Filter
from ..rules.rule import OUTSIDE, Level, Rule
from . import limits
from .contracts import Contract
from .events import Attributes, Event
from .forms import Form
from .people import Account
from .plots import ENDED, Planted
from .truth import About

Levels = dict[str, int | None]
"""By name of a level: the least whole number that reaches it, None where none does."""


class Bench:
    """One rule: who is judged for what, why an event is left out, and where the levels are."""

    def __init__(
        self, rule: Rule, contracts: Sequence[Contract], planted: Planted, form: Form
    ) -> None:
        self.rule = rule
        self.contracts = contracts
        self.planted = planted
        self.form = form
        self._makers = {(account.client, product) for account, product in planted.makers}
        self._own = limits.OwnLimits(planted)
        members: dict[str, set[str]] = defaultdict(set)
        for account in planted.accounts:
            members[account.group or ""].add(account.client)
        self._members = {group: sorted(clients) for group, clients in members.items()}
        self._leave_out = [
            entry for entry in rule.leave_out if not _asks_hidden(entry.filter, form)
        ]
        self.reasons = [entry.reason for entry in self._leave_out]
        self._reason: Callable[[int, int, Attributes], str | None] = cache(self._find_reason)

    def is_blind(self) -> bool:
        """Whether the log lacks what the rule can't do without."""
        if set(_NEEDED.get(self.rule.count, ())) & self.form.without:
            return True
        return any(_asks_hidden(entry, self.form) for entry in self.rule.only)

    def abouts(self, event: Event) -> Iterator[tuple[About, bool]]:
        """Yield what an event belongs to, and whether that is of a suspected group.

        A match does where both sides are one subject's.
        """
        contract = self.contracts[event.contract]
        if self.rule.products is not None and contract.product not in self.rule.products:
            return
        subjects = subjects_of(self.planted.account(event.account))
        if event.other is not None:
            others = subjects_of(self.planted.account(event.other))
            subjects = [each for each in subjects if each in others]
        scope = scope_of(self.rule.scope, contract)
        for kind, name, suspected in subjects:
            yield About(self.rule.id, contract.exchange, kind, name, scope), suspected

    def levels(self, contract: Contract, about: About) -> Levels:
        """Return where the levels are for a subject, in a scope that a contract is in."""
        lots: int | None = 1
        if self.rule.limit is not None:
            clients = [about.subject]
            if about.subject_kind == "group":
                clients = self._members[about.subject]
            lots = limits.lots_of(self.rule, contract, self._own, clients)
        return {name: _least(getattr(self.rule, name), lots) for name in schema.LEVELS}

    def left_out(self, event: Event) -> str | None:
        """Return why an event is left out, None where it counts."""
        first = self._reason(event.account, event.contract, event.attributes)
        if event.other is None or event.other_attributes is None:
            return first
        second = self._reason(event.other, event.contract, event.other_attributes)
        if self.rule.both:
            return first if first is not None and second is not None else None
        return first if first is not None else second

    def _find_reason(self, account: int, contract: int, attributes: Attributes) -> str | None:
        if self.rule.only and not any(
            self._fits(entry, account, contract, attributes) for entry in self.rule.only
        ):
            return OUTSIDE
        for entry in self._leave_out:
            if self._fits(entry.filter, account, contract, attributes):
                return entry.reason
        return None

    def _fits(self, asked: Filter, account: int, contract: int, attributes: Attributes) -> bool:
        made = self.contracts[contract]
        if asked.order_fee is not None and made.order_fee is not asked.order_fee:
            return False
        told = attributes._asdict()
        told["market_maker"] = int(
            (self.planted.account(account).client, made.product) in self._makers
        )
        return all(told[name] in codes for name, codes in asked.codes.items())


_NEEDED = {
    "open_lots": ("offset",),
    "ordered_open_lots": ("offset",),
    "limit_price_cancels": ("price", "side"),
    "limit_price_cancel_lots": ("price", "side"),
    "long_lots": ("side",),
    "short_lots": ("side",),
}
"""Count -> the columns that it cannot do without."""


def subjects_of(account: Account) -> list[tuple[str, str, bool]]:
    """Return who is judged for an account: kind, name, whether a suspected group."""
    client = ("client", account.client, False)
    if account.group is None or account.status == ENDED:
        return [client]
    suspected = account.status == "suspected"
    group = ("group", account.group, suspected)
    return [group, client] if suspected else [group]


def scope_of(kind: str, contract: Contract) -> str:
    """Return a scope as it is written, nothing for none."""
    names = {"contract": contract.name, "product": contract.product, "exchange": contract.exchange}
    return f"{kind}:{names[kind]}" if kind else ""


def _asks_hidden(asked: Filter, form: Form) -> bool:
    return any(name in form.untold for name in asked.codes)


def _least(level: Level | None, lots: int | None) -> int | None:
    """Return the least whole number that reaches a level, a multiple of so many lots."""
    if level is None or lots is None:
        return None
    at: Fraction = level.number * lots
    return floor(at) + 1 if level.op == "gt" else ceil(at)
