"""What rules ask of positions: which holdings count for whom, and where levels stand."""

from __future__ import annotations

from typing import Final, NamedTuple

from .. import schema
from ..beside import Beside
from ..levels import scope_text
from ..market.limit_rows import Limit
from ..market.limits import Limits, Person
from ..names import Names
from ..plan import ContractFacts, Plan, PlanRule
from ..subjects import Place

SIDES: Final = ("long", "short")
"""The sides of a position, in the order of ``schema.POSITION_COUNTS``."""

SPLITS_TODAY: Final = ("SHFE", "INE")
"""Exchanges that tell today's lots from yesterday's; a plain close takes yesterday's first."""

KINDS: Final = 16
"""Attributes of a holding: its hedge flag and whether its client makes the market; see ``kind``."""

Levels = tuple[int, int]
"""Lots at which yellow and red stand, -1 for never."""


def kind(hedge: int, makes_market: int) -> int:
    """Return the kind of a holding, below KINDS."""
    return 2 * hedge + makes_market


def attributes_of(kind: int) -> int:
    """Return the attributes, packed, that rules ask of a holding of a kind."""
    hedge_at, _ = schema.ATTRIBUTE_BITS["hedge"]
    maker_at, _ = schema.ATTRIBUTE_BITS["market_maker"]
    return (kind >> 1) << hedge_at | (kind & 1) << maker_at


class Judged(NamedTuple):
    """What one rule makes of the holdings in one contract."""

    rule: int  # index into plan.rules
    scope: int
    side: int  # index into SIDES
    reasons: bytes  # (KINDS,) 0 counts
    asks_hedge: bool  # a fill without a hedge flag is unknown to it
    doubtful: bool  # so is every one here, for a fact of the contract is not known


class PositionRules:
    """The rules of a plan that count positions, on one day.

    ``scopes[i]`` is (exchange, scope as written, facts of a contract in it).
    """

    def __init__(self, plan: Plan, names: Names, beside: Beside) -> None:
        self._plan = plan
        self._asks_limit = any(rule.limit is not None for rule in plan.rules)
        self._names = names
        self._beside = beside
        self._rules = [rule for rule in plan.rules if rule.count in schema.POSITION_COUNTS]
        self._scope_ids: dict[tuple[str, str], int] = {}
        self._limits: dict[tuple[int, int, frozenset[Person]], list[Limit]] = {}
        self.scopes: list[tuple[str, str, ContractFacts]] = []

    def of(self, facts: ContractFacts) -> list[Judged]:
        """Return what each rule that judges a contract makes of it, in the order of the plan."""
        return [self._judged(rule, facts) for rule in self._rules if rule.applies(facts)]

    def _judged(self, rule: PlanRule, facts: ContractFacts) -> Judged:
        return Judged(
            rule.index,
            self.scope(rule, facts),
            schema.POSITION_COUNTS.index(rule.count),
            bytes(rule.reason(attributes_of(kind), facts) for kind in range(KINDS)),
            "hedge" in rule.attributes(),
            rule.unknown(attributes_of(kind(schema.Hedge.SPECULATION, 0)), facts),
        )

    def scope(self, rule: PlanRule, facts: ContractFacts) -> int:
        """Return the id of the scope in which a rule judges a contract, new or known."""
        written = scope_text(rule.scope, facts)
        found = self._scope_ids.setdefault((facts.exchange, written), len(self.scopes))
        if found == len(self.scopes):
            self.scopes.append((facts.exchange, written, facts))
        return found

    def is_grouped(self, account: int) -> bool:
        """Whether the account's subject may be of several clients."""
        place = self._place(account)
        return place is None or place.group is not None

    def client_name(self, account: int) -> str:
        """Return the client of an account."""
        place = self._place(account)
        return self._names.accounts[account][1] if place is None else place.client

    def is_capped(self, rule: int, account: int, *, alone: bool) -> bool:
        """Whether yellow is the most for an account's subject, a suspected group's or any."""
        if self._plan.rules[rule].capped:
            return True
        place = self._place(account)
        return place is not None and place.status == "suspected" and not alone

    def makes_market(self, account: int, facts: ContractFacts) -> bool:
        """Whether the account's client makes the market in a contract, where a rule asks that."""
        subjects = self._beside.subjects
        if subjects is None or "market_maker" not in self._plan.attributes:
            return False
        return subjects.makes_market(*self._name(account), facts.product)

    def levels(self, rule: int, scope: int, account: int, alone: bool) -> Levels:
        """Return where the levels of a rule stand for the subject of an account in a scope.

        alone : for its client, where that is judged besides a suspected group
        """
        asked = self._plan.rules[rule]
        if asked.limit is not None:
            rows = self.limit(rule, scope, account, alone)
            return asked.at_limit(sum(row.lots for row in rows) if rows else None)
        return asked.levels(self.scopes[scope][2])

    def limit(self, rule: int, scope: int, account: int, alone: bool) -> list[Limit]:
        """Return the rows of the limit that levels are multiples of; none where none is known."""
        asked, limits = self._plan.rules[rule], self._beside.limits
        if asked.limit is None or limits is None:
            return []
        people = self._people(account, alone, limits)
        key = (rule, scope, people)
        if key not in self._limits:
            self._limits[key] = limits.position(
                asked.limit, self.scopes[scope][2], asked.scope, _hedge_of(asked), people,
                asked.quotas,
            )  # fmt: skip
        return self._limits[key]

    def is_plain(self, account: int) -> bool:
        """Whether no limit asks who the account's subject is."""
        limits = self._beside.limits
        if limits is None or not self._asks_limit:
            return True
        return self._people(account, False, limits) == {Person()}

    def _people(self, account: int, alone: bool, limits: Limits) -> frozenset[Person]:
        """Return the clients of the account's subject as limits see them; alike ones are one."""
        subjects = self._beside.subjects
        clients = self._clients(account, alone)
        if subjects is None or not clients:
            return frozenset({Person()})
        exchange = self._name(account)[0]
        return frozenset(
            Person(client if client in limits.clients else None, subjects.kind(exchange, client))
            for client in clients
        )

    def _clients(self, account: int, alone: bool) -> frozenset[str]:
        """Return the clients of the account's subject, silent ones too."""
        place, subjects = self._place(account), self._beside.subjects
        if place is None or subjects is None:
            return frozenset()
        if alone or place.group is None:
            return frozenset({place.client})
        return subjects.clients_of_group(self._name(account)[0], place.group)

    def _place(self, account: int) -> Place | None:
        subjects = self._beside.subjects
        return None if subjects is None else subjects.place(*self._name(account))

    def _name(self, account: int) -> tuple[str, str]:
        exchange, name = self._names.accounts[account]
        return self._names.exchanges[exchange], name


def _hedge_of(rule: PlanRule) -> int:
    """Return the one hedge flag that a rule counts, else speculation."""
    codes = {code for entry in rule.only for code in entry.codes.get("hedge", schema.Hedge)}
    return next(iter(codes)) if len(codes) == 1 else int(schema.Hedge.SPECULATION)
