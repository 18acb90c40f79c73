"""Engine: batches in, DayCounts out; the compiled core or the reference, on the same terms.

It introduces each contract and account to the engine when it first appears: which rules judge the
contract, and who is judged for the account.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from .batch import Batch
from .beside import Beside
from .counts import DayCounts
from .market.contracts import ContractTable
from .names import Names
from .observers import Observer
from .observing import observers_of, reference_observers_of
from .plan import ContractFacts, Plan
from .roster import Roster
from .subjects import Subjects

ENGINES: Final = ("core", "reference")


class Counter(Protocol):
    """What both engines offer."""

    def contract(self, contract_id: int, facts: ContractFacts) -> None:
        """Take up the next contract, by id."""

    def account(
        self,
        account_id: int,
        subject: int,
        alone: int,
        client: int,
        market_products: frozenset[str],
        named: int = 0,
    ) -> None:
        """Take up the next account, by id: its subject, the client judged besides, its client.

        named : the code of the exemptions that name it
        """

    def feed(self, batch: Batch) -> None:
        """Apply one batch, in row order."""

    def finish(self) -> DayCounts:
        """End the day."""

    def release(self) -> None:
        """Let go of the state, after ``finish``."""

    def state_hash(self) -> int:
        """Return a hash of the state."""


class Engine:
    """One day's counting.

    kind : ``core`` or ``reference``
    columns : canonical columns of the log that are read
    threads, keep_finished, auctions, keep_openings : of the compiled core, see CompiledEngine
    beside : what observers need that is not in the log
    observers : of the compiled core; none: those that the plan asks for
    clock_phases : phases are put in by the clock, as the log has none
    """

    def __init__(
        self,
        kind: str,
        plan: Plan,
        names: Names,
        subjects: Subjects,
        contracts: ContractTable,
        *,
        columns: frozenset[str],
        threads: int = 1,
        keep_finished: bool = True,
        auctions: bool = False,
        keep_openings: bool = False,
        beside: Beside = Beside(),  # noqa: B008 - frozen
        observers: Sequence[Observer] | None = None,
        clock_phases: bool = False,
    ) -> None:
        assert kind in ENGINES
        self.plan = plan
        self.names = names
        self.subjects = subjects
        self.contracts = contracts
        self.roster = Roster(names)
        self._limits = beside.limits
        self.counter = _counter(
            kind, plan, names, beside, columns, threads, keep_finished, auctions, keep_openings,
            observers, clock_phases,
        )  # fmt: skip

    def feed(self, batch: Batch) -> None:
        """Apply one batch, in row order."""
        self.introduce()
        self.counter.feed(batch)

    def finish(self) -> DayCounts:
        """End the day and return what was counted.

        Accounts that only rows set aside have named, as redelivered ones, are introduced too:
        whether the reader was ahead of the last batch must not matter.
        """
        self.introduce()
        return self.counter.finish()

    def release(self) -> None:
        """Let go of the counter's state once it has been counted; who is judged stays known."""
        self.counter.release()

    def state_hash(self) -> int:
        """Return a hash of the state, the same however the rows were batched or sharded."""
        return self.counter.state_hash()

    def introduce(self) -> None:
        """Tell the counter of contracts and accounts that have come up since the last batch."""
        for contract_id in range(len(self.roster.facts), len(self.names.contracts)):
            exchange, name = self.names.contracts[contract_id]
            facts = self.contracts.facts(self.names.exchanges[exchange], name)
            if self._limits is not None:
                facts = self._limits.put_in(facts)
            self.roster.facts.append(facts)
            self.counter.contract(contract_id, facts)
        for account_id in range(len(self.roster.subject_of), len(self.names.accounts)):
            self._introduce_account(account_id)

    def _introduce_account(self, account_id: int) -> None:
        roster = self.roster
        exchange, name = self.names.accounts[account_id]
        where = self.names.exchanges[exchange]
        place = self.subjects.place(where, name)
        subject = roster.subject(exchange, *place.subject)
        alone = place.alone
        roster.subject_of.append(subject)
        roster.alone_of.append(-1 if alone is None else roster.subject(exchange, *alone))
        roster.client_of.append(roster.client(exchange, place.client_kind, place.client))
        roster.joined.append(place.joined)
        if place.group is not None and place.status is not None:
            roster.status[subject] = place.status
        self.counter.account(
            account_id,
            subject,
            roster.alone_of[-1],
            roster.client_of[-1],
            self.subjects.market_products(where, name),
            self.plan.people.code(name, place.client, place.group),
        )


def _counter(
    kind: str,
    plan: Plan,
    names: Names,
    beside: Beside,
    columns: frozenset[str],
    threads: int,
    keep_finished: bool,
    auctions: bool,
    keep_openings: bool,
    observers: Sequence[Observer] | None,
    clock_phases: bool,
) -> Counter:
    if kind == "reference":
        from .reference import ReferenceEngine

        return ReferenceEngine(
            plan, names, columns=columns, observers=reference_observers_of(plan, names, beside),
            clock_phases=clock_phases,
        )  # fmt: skip
    from .compiled import CompiledEngine

    return CompiledEngine(
        plan,
        names,
        columns=columns,
        threads=threads,
        keep_finished=keep_finished,
        auctions=auctions,
        keep_openings=keep_openings,
        observers=observers_of(plan, names, beside) if observers is None else observers,
        clock_phases=clock_phases,
    )
