"""CompiledEngine: the compiled core behind the interface that the reference engine has.

It adds what the core leaves out because there is little of it: matches within a subject, and
levels in scopes wider than a contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from . import schema
from ._core import Scanner
from .batch import Batch, Int64
from .counts import BookSeen, Cells, ContractRows, Crossing, DayCounts, FaultCount
from .levels import LARGE_FIELD, cell_field, crossing_at
from .matches import MatchCounter
from .names import Names
from .observers import Observer, in_row_order
from .plan import ContractFacts, Plan
from .shards import Shards
from .state_hash import WORD, name_hash
from .wide import WideCounter


class FinishedOrdersNeeded(Exception):  # noqa: N818 - a request, not an error
    """A fill came for a finished order of which only a mark is left; scan again, keeping them."""


class OpeningsNeeded(Exception):  # noqa: N818 - a request, not an error
    """Which of two orders was opened later is asked for and not known; scan again, keeping that.

    They matched in an auction, which makes the later one the incoming one, and neither of them was
    opened in it.
    """


class CompiledEngine:
    """Count a day with the compiled core, on one thread or several.

    columns : canonical columns of the log that are read
    threads : shards of contracts that are worked on at once
    keep_finished : keep finished orders whole; without it they become marks, and a late fill
        raises FinishedOrdersNeeded
    auctions : rows of auctions have their phase, though the log has no such column
    keep_openings : keep of every order when it was opened; without it, and with ``auctions``, only
        of those that auctions open, and a match of others raises OpeningsNeeded
    clock_phases : phases are put in by the clock: only auctions are phases to a book
    """

    def __init__(
        self,
        plan: Plan,
        names: Names,
        *,
        columns: frozenset[str],
        threads: int = 1,
        keep_finished: bool = True,
        auctions: bool = False,
        keep_openings: bool = False,
        observers: Sequence[Observer] = (),
        clock_phases: bool = False,
    ) -> None:
        self.plan = plan
        self.names = names
        self._facts: list[ContractFacts] = []
        self._classes: dict[tuple[Any, ...], int] = {}
        self._class_of: list[int] = []
        self._reasons: list[dict[int, npt.NDArray[np.uint8]]] = []
        self._products: dict[str, int] = {}
        self._numberings: dict[str, int] = {}
        self._crossings: list[tuple[int, Crossing]] = []
        self._scanner = Scanner(
            len(plan.large),
            _watched(plan),
            threads,
            keep_finished,
            bool(columns & {"phase", "trade_id", "order_contract", "contra_order_contract"})
            or keep_openings,
            not columns.isdisjoint(schema.MATCH_COLUMNS),
            [schema.EXTRA_COUNTS.index(name) for name in plan.extra],
            sum(1 << what for what in {what for each in observers for what in each.wants}),
            plan.book,
            clock_phases,
        )
        self._observers = observers
        self._shards = Shards(self._scanner, threads)
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self._notes_openings = auctions and not keep_openings
        self._wide = WideCounter(plan, self._facts, self._reason)
        self._matches = MatchCounter(plan, self._facts, self._reason)

    def contract(self, contract_id: int, facts: ContractFacts) -> None:
        """Take up the next contract, by id."""
        assert contract_id == len(self._facts)
        self._facts.append(facts)
        self._class_of.append(self._class(facts))
        self._scanner.add_contract(
            self._class_of[-1],
            -1 if facts.product is None else self._product(facts.product),
            self._numberings.setdefault(facts.exchange, len(self._numberings)),
            facts.exchange in schema.REMAINDER_BEFORE_TRADES,
            name_hash(f"{facts.exchange}\x1f{facts.contract}"),
            schema.attribute_mask(self.plan.attributes_at(facts.exchange)),
            *facts.limit_prices(),
        )
        for observer in self._observers:
            observer.contract(contract_id, facts)

    def account(
        self,
        account_id: int,
        subject: int,
        alone: int,
        client: int,
        market_products: frozenset[str],
        named: int = 0,
    ) -> None:
        """Take up the next account, by id: who is judged for it, and where it makes markets."""
        exchange, name = self.names.accounts[account_id]
        makes = [self._product(product) for product in sorted(market_products)]
        if makes and "market_maker" not in self.plan.attributes_at(self.names.exchanges[exchange]):
            makes = []
        self._scanner.add_account(
            subject, alone, makes, name_hash(f"{self.names.exchanges[exchange]}\x1f{name}"), named
        )
        self._matches.account(subject, alone)
        for observer in self._observers:
            observer.account(account_id, subject, alone, client)

    def feed(self, batch: Batch) -> None:
        """Apply one batch, in row order.

        Raises FinishedOrdersNeeded where a late fill needs orders that were let go, OpeningsNeeded
        where a match in an auction needs more than is kept.
        """
        if not len(batch):
            return
        self._shards.assign(batch)
        base = self._scanner.rows
        self._scanner.load(batch)
        if self._pool is None:
            done = [self._scanner.run(0)]
        else:
            done = list(self._pool.map(self._scanner.run, range(self._scanner.shard_count)))
        if not all(done):
            raise FinishedOrdersNeeded
        crossings, increments, matches, steps = self._scanner.take()
        self._note_crossings(crossings, batch, base)
        if len(increments):
            self._crossings += self._wide.count(increments, batch, base)
        if self._notes_openings:
            self._matches.remember_openings(batch, base)
        if not self._matches.tells_incoming(matches):
            raise OpeningsNeeded
        self._matches.remember_texts(batch)
        if len(matches):
            self._crossings += self._matches.count(matches, batch, base)
        if len(steps):
            for observer in self._observers:
                self._crossings += observer.watch(steps, batch, base)

    def finish(self) -> DayCounts:
        """End the day: rows that waited for their twin become faults."""
        state = self.state_hash()
        seen = [observer.finish() for observer in self._observers]
        self._scanner.end_day()
        if self._pool is not None:
            self._pool.shutdown()
        return DayCounts(
            plan=self.plan,
            cells=self._cells(),
            pairs=self._matches.pairs(),
            crossings=in_row_order(
                [*self._crossings, *(found for each in seen for found in each.crossings)]
            ),
            faults=self._faults() + [fault for observed in seen for fault in observed.faults],
            rows=self._rows(),
            state_hash=state,
            measures=[measure for observed in seen for measure in observed.measures],
            observed={name: table for each in seen for name, table in each.tables.items()},
            books=self._books() if self.plan.book else [],
        )

    def peek(self) -> DayCounts:
        """Return the cells and pairs so far; the day goes on, and nothing else is told of it."""
        return DayCounts(self.plan, self._cells(), self._matches.pairs(), [], [], [], 0)

    def _cells(self) -> Cells:
        contract, account, attributes, counts = self._scanner.cells()
        extra = LARGE_FIELD + len(self.plan.large)
        return Cells(
            contract,
            account,
            attributes,
            np.ascontiguousarray(counts[:, :LARGE_FIELD]),
            np.ascontiguousarray(counts[:, LARGE_FIELD:extra]),
            np.ascontiguousarray(counts[:, extra:]),
        )

    def book(self, contract: int, levels: int) -> tuple[Int64, Int64]:
        """Return the best bids and asks of a contract, best first: (k, 3) price, lots, orders."""
        bids, asks = self._scanner.book(contract, levels)
        return bids, asks

    def resting_of(
        self, contract: int, own: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.void]:
        """Return the orders of some accounts in a contract's book: (n,) ``_core.RESTING``.

        Bids, asks, the incoming order; own: (accounts,) 1 for those.
        """
        return self._scanner.resting_of(contract, own)

    def tap(self, contract: int, levels: int, *, changes_only: bool) -> None:
        """Have a contract's best levels handed out after each of its rows from now on."""
        self._scanner.tap(contract, levels, changes_only)

    def take_depth(self) -> Int64:
        """Return what ``tap`` has handed out since: (n, 2 + 6 * levels).

        Row of the batch; price, lots and orders of each level, bids before asks; the contract.
        """
        return self._scanner.take_depth()

    def follow(self, accounts: Sequence[int]) -> None:
        """Have the orders of these accounts, and no others, looked at from now on."""
        self._scanner.follow(accounts)

    def take_sights(self) -> npt.NDArray[np.void]:
        """Return what ``follow`` has handed out since: (n,) ``_core.SIGHT``."""
        return self._scanner.take_sights()

    def release(self) -> None:
        """Let go of all state; nothing can be asked any more."""
        del self._scanner, self._shards, self._wide, self._matches, self._observers

    def state_hash(self) -> int:
        """Return a hash of the state, the same however the rows were batched or sharded."""
        seen = sum(observer.state_hash() for observer in self._observers)
        return (int(self._scanner.state_hash()) + seen) & WORD

    def memory(self) -> dict[str, int]:
        """Return how many live orders, marks and cells there are, and their bytes."""
        return dict(self._scanner.memory())

    def dump(self) -> tuple[dict[str, Any], list[bytes]]:
        """Return the state as plain values and bytes, for ``restore``."""
        plain = {
            "rows": int(self._scanner.rows),
            "crossings": [[index, *_crossing_values(c)] for index, c in self._crossings],
            "wide": self._wide.dump(),
            "matches": self._matches.dump(),
            "observers": [observer.dump() for observer in self._observers],
        }
        return plain, list(self._scanner.dump())

    def restore(self, plain: dict[str, Any], blobs: list[bytes]) -> None:
        """Take up what ``dump`` gave; contracts and accounts are added already, in order."""
        self._scanner.restore(blobs, plain["rows"])
        self._crossings = [(index, Crossing(*rest)) for index, *rest in plain["crossings"]]
        self._wide.restore(plain["wide"])
        self._matches.restore(plain["matches"])
        for observer, state in zip(self._observers, plain["observers"], strict=True):
            observer.restore(state)

    def _class(self, facts: ContractFacts) -> int:
        """Return the class of contracts that all rules judge as they judge this one."""
        rules = self.plan.covers(facts)
        limits = tuple(
            self.plan.rules[i].levels(facts) for i in rules if self.plan.rules[i].limit is not None
        )
        product = facts.product if self._asks_product(rules) else None
        sizes = tuple(size.at(facts.max_order_lots) for size in self.plan.large)
        key = (rules, product, facts.order_fee, limits, sizes)
        found = self._classes.get(key)
        if found is not None:
            return found
        tables = {index: self.plan.rules[index].reason_table(facts) for index in rules}
        levels, wide = [], set()
        for index in rules:
            rule = self.plan.rules[index]
            field = cell_field(self.plan, rule)
            if field is None:
                continue
            if rule.scope == "contract":
                levels.append((index, field, *rule.levels(facts), tables[index]))
            else:
                wide.add(field)
        self._reasons.append(tables)
        self._classes[key] = int(self._scanner.add_class(levels, sorted(wide), sizes))
        return self._classes[key]

    def _asks_product(self, rules: tuple[int, ...]) -> bool:
        filters = [
            entry
            for index in rules
            for entry in (*self.plan.rules[index].only, *self.plan.rules[index].leave_out)
        ]
        return any(entry.products is not None for entry in filters)

    def _reason(self, rule: int, contract: int) -> npt.NDArray[np.uint8] | None:
        """Return a rule's reasons by attributes in a contract, None where it does not apply."""
        return self._reasons[self._class_of[contract]].get(rule)

    def _product(self, product: str) -> int:
        return self._products.setdefault(product, len(self._products))

    def _note_crossings(self, records: Any, batch: Batch, base: int) -> None:
        for row, count, rule, level, subject, contract in records.tolist():
            scope = f"contract:{self._facts[contract].contract}"
            self._crossings.append(
                (base + row, crossing_at(batch, row, rule, level, subject, scope, count))
            )

    def _faults(self) -> list[FaultCount]:
        return [
            FaultCount(contract, schema.Fault(kind), count, tuple(row[1:] for row in first))
            for contract in range(len(self._facts))
            for kind, count, first in self._scanner.faults(contract)
        ]

    def _books(self) -> list[BookSeen]:
        """Return how the rows of each contract that has any fitted its book."""
        books = []
        for contract in range(len(self._facts)):
            if any(self._scanner.contract_rows(contract)[0]):
                counts, faults = self._scanner.book_seen(contract)
                first = {}
                for kind, count, rows in faults:
                    counts[kind] = count
                    first[schema.BookCount(kind)] = tuple(row[1:] for row in rows)
                books.append(BookSeen(contract, tuple(counts), first))
        return books

    def _rows(self) -> list[ContractRows]:
        rows = []
        for contract in range(len(self._facts)):
            actions, first_seq, last_seq, first_ts, last_ts = self._scanner.contract_rows(contract)
            if any(actions):
                by_action = {a: actions[a] for a in schema.Action if actions[a]}
                rows.append(
                    ContractRows(contract, by_action, first_seq, last_seq, first_ts, last_ts)
                )
        return rows


def _watched(plan: Plan) -> list[int]:
    """Return the count fields that some rule judges by contract."""
    fields = {cell_field(plan, rule) for rule in plan.rules if rule.scope == "contract"}
    return sorted(field for field in fields if field is not None)


def _crossing_values(crossing: Crossing) -> tuple[Any, ...]:
    return (
        crossing.rule,
        crossing.level,
        crossing.subject,
        crossing.scope,
        crossing.count,
        crossing.seq,
        crossing.channel,
        crossing.ts,
    )
