"""KernelObserver: desks' own measures in the compiled engine, a batch of events at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf, nan
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import state_hash
from ..batch import Batch
from ..counts import Behind, Crossing, Measures, Observed
from ..levels import LEVEL_OF, crossing_at, scope_text
from ..names import Names
from ..plan import ContractFacts, Plan, PlanRule
from ..steps import What
from .kernel import Kernel
from .measures import detail, least_figures, leaves_out, level_of, levels_of, no_number
from .people import People, signed
from .state import Kept


class KernelObserver:
    """Every rule of a plan that a kernel measures for."""

    def __init__(self, plan: Plan, names: Names, kernels: Mapping[str, Kernel]) -> None:
        self._people = People(names)
        self._rules = [
            _RuleWatch(rule, kernels[rule.kernel], names, self._people)
            for rule in plan.rules
            if rule.kernel is not None
        ]
        self.wants: frozenset[What] = frozenset().union(*(rule.wants for rule in self._rules))

    def contract(self, contract: int, facts: ContractFacts) -> None:
        """Take up the next contract."""
        for rule in self._rules:
            rule.contract(facts)

    def account(self, account: int, subject: int, alone: int, client: int) -> None:
        """Take up the next account."""
        parted = self._people.account(account, subject, alone, client)
        for rule in self._rules:
            if parted is not None:
                rule.part(parted)

    def watch(
        self, steps: npt.NDArray[np.void], batch: Batch, base: int
    ) -> list[tuple[int, Crossing]]:
        """Take up a batch's steps; return the levels reached, each with its row in the day."""
        return [
            (base + row, crossing)
            for rule in self._rules
            for row, crossing in rule.watch(steps, batch)
        ]

    def finish(self) -> Observed:
        """End the day."""
        return Observed([rule.measures() for rule in self._rules])

    def state_hash(self) -> int:
        """Return 64 bits of the state."""
        return sum(rule.state_hash() for rule in self._rules) & state_hash.WORD

    def dump(self) -> Any:
        """Return the state as JSON data."""
        return [rule.dump() for rule in self._rules]

    def restore(self, plain: Any) -> None:
        """Take up what ``dump`` gave."""
        for rule, state in zip(self._rules, plain, strict=True):
            rule.restore(state)


class _RuleWatch:
    """One rule: the figures of what it counts, and where that may differ, of all it asks about."""

    def __init__(self, rule: PlanRule, kernel: Kernel, names: Names, people: People) -> None:
        self.wants = kernel.wants
        self._rule = rule
        self._kernel = kernel
        self._names = names
        self._people = people
        self._least = least_figures(rule)
        self._counted = Kept(rule, kernel, gross=False)
        self._gross = Kept(rule, kernel, gross=True) if leaves_out(rule) else None
        self._scopes: dict[tuple[str, str], int] = {}  # exchange, as written
        self._scope_of: list[int] = []  # by contract
        self._table_of: list[int] = []
        self._contract_names: list[int] = []
        self._tables: dict[bytes, int] = {}
        self._reasons = np.zeros((0, 1 << 16), np.uint8)
        self._unknown = np.zeros((0, 1 << 16), np.uint8)
        self._parted: list[int] = []

    def contract(self, facts: ContractFacts) -> None:
        """Take up the next contract: whether the rule judges it, and in which scope."""
        full = state_hash.full_name(facts.exchange, facts.contract)
        self._contract_names.append(signed(state_hash.name_hash(full)))
        if not self._rule.applies(facts):
            self._scope_of.append(-1)
            self._table_of.append(-1)
            return
        scope = (facts.exchange, scope_text(self._rule.scope, facts))
        self._scope_of.append(self._scopes.setdefault(scope, len(self._scopes)))
        reasons = self._rule.reason_table(facts)
        unknown = self._rule.unknown_table(facts).astype(np.uint8)
        key = reasons.tobytes() + unknown.tobytes()
        self._table_of.append(self._tables.setdefault(key, len(self._tables)))
        if len(self._tables) > len(self._reasons):
            self._reasons = np.vstack([self._reasons, reasons])
            self._unknown = np.vstack([self._unknown, unknown])

    def part(self, subject: int) -> None:
        """Judge a subject's clients besides from now on."""
        self._parted.append(subject)

    def _copy_parted(self) -> None:
        """Judge the clients of such subjects from what stands for them so far."""
        if not self._parted:
            return
        accounts = [each for subject in self._parted for each in self._people.accounts(subject)]
        pairs = self._counted.watch.accounts.pairs()
        for entry in np.flatnonzero(np.isin(pairs[:, 0], accounts)).tolist():
            account, scope = pairs[entry].tolist()
            self._counted.part(entry, 2 * self._people.client_of(account) + 1, scope)
        self._parted.clear()

    def watch(
        self, steps: npt.NDArray[np.void], batch: Batch
    ) -> Iterator[tuple[int, Crossing]]:
        """Take up a batch's steps; yield the levels reached, each with its row in the batch."""
        self._copy_parted()
        names = list(self._scopes)
        for row, level, slot, figure in self._run(self._counted, steps, batch):
            who, where = self._counted.watch.slots.pair(slot)
            yield row, crossing_at(
                batch, row, self._rule.index, level, who // 2, names[where][1], figure
            )
        if self._gross is not None:
            for _ in self._run(self._gross, steps, batch):
                pass

    def _run(
        self, kept: Kept, steps: npt.NDArray[np.void], batch: Batch
    ) -> Iterator[tuple[int, int, int, float]]:
        rule = (
            np.array(self._scope_of, np.int32), np.array(self._table_of, np.int32),
            np.array(self._contract_names, np.int64), self._reasons, self._unknown,
        )  # fmt: skip
        people = self._people.columns()
        least = (inf, inf) if kept.watch.gross else self._least
        start = 0
        while start < len(steps):
            start, n = kept.watch.gather(steps, start, batch.ts, rule, people)
            if not n:
                continue
            out = kept.run(n)
            found, bad = kept.watch.judge(out, *least, batch.seq, batch.channel, batch.ts)
            if bad >= 0:
                figure = float(out[~np.isfinite(out)][0])
                raise no_number(
                    self._kernel, figure, self._names, int(batch.contract[bad]),
                    int(batch.seq[bad]),
                )  # fmt: skip
            yield from found

    def measures(self) -> Measures:
        """Return what the rule's figures came to, for each subject and scope where above 0."""
        self._copy_parted()
        every = self._counted if self._gross is None else self._gross
        pairs = every.watch.slots.pairs()
        gross = every.columns()["highest"]
        mine = self._counted.watch.slots.find_all(pairs)
        columns = self._counted.columns()
        counted, reached = _at(columns["highest"], mine), _at(columns["reached"], mine)
        here = np.flatnonzero((pairs[:, 0] % 2 == 0) & ((gross > 0) | (reached > 0)))
        events, unknown, left_out = (table[here] for table in every.ledger())
        found = Measures(
            self._rule.index,
            [text for _, text in self._scopes],
            pairs[here, 0] // 2,
            pairs[here, 1],
            gross[here],
            counted[here],
            left_out
            if self._gross is not None
            else np.zeros((len(here), len(self._rule.reasons)), np.int64),
            unknown,
            LEVEL_OF[reached[here]],
            np.tile(
                np.array([nan if at is None else at for at in levels_of(self._rule)]),
                (len(here), 1),
            ),
            {},
        )
        for i in np.flatnonzero(found.level).tolist():
            slot = int(mine[here[i]])
            found.behind[i] = Behind(
                self._shares(int(found.subject[i]), int(found.scope[i])),
                self._alone(int(found.subject[i]), int(found.scope[i]), slot),
                detail(self._kernel, int(events[i]), tuple(columns["peak"][slot].tolist())),
            )
        return found

    def _shares(self, subject: int, where: int) -> dict[int, int]:
        entries, _ = self._counted.entries()
        found = {
            account: self._counted.watch.accounts.find(account, where)
            for account in self._people.accounts(subject)
        }
        return {
            account: int(entries["events"][at]) for account, at in found.items() if at >= 0
        }

    def _alone(
        self, subject: int, where: int, mine: int
    ) -> dict[int, tuple[int | float, int]]:
        columns = self._counted.columns()
        slots = dict.fromkeys(self._people.clients(subject), mine)
        if self._people.has_several(subject):
            slots = {
                client: self._counted.watch.slots.find(2 * client + 1, where) for client in slots
            }
        return {
            client: (float(columns["highest"][slot]), level_of(int(columns["reached"][slot])))
            for client, slot in slots.items()
            if slot >= 0
        }

    def state_hash(self) -> int:
        """Return 64 bits of the state: a sum over slots, and over what accounts contributed."""
        self._copy_parted()
        rule = state_hash.name_hash(self._rule.id)
        scopes = _words([state_hash.name_hash(state_hash.full_name(*key)) for key in self._scopes])
        kinds = [(state_hash.KERNEL_FIGURE, state_hash.KERNEL_EVENTS, self._counted)]
        if self._gross is not None:
            kinds.append(
                (state_hash.KERNEL_GROSS_FIGURE, state_hash.KERNEL_GROSS_EVENTS, self._gross)
            )
        total = 0
        for figure, events, kept in kinds:
            who, where = kept.watch.slots.pairs().T
            if not len(who):
                continue
            hashes = {each: self._people.hash_of(each) for each in set(who.tolist())}
            columns = kept.columns()
            total += state_hash.mix_columns(
                figure, rule, _words([hashes[each] for each in who.tolist()]), scopes[where],
                columns["reached"].astype(np.int64), columns["highest"], *columns["peak"].T.copy(),
                *columns["state"].T.copy(),
            )  # fmt: skip
            entries, exempt = kept.entries()
            _, where = kept.watch.accounts.pairs().T
            total += state_hash.mix_columns(
                events, rule, entries["name"].copy(), scopes[where], entries["events"].copy(),
                entries["unknown"].copy(), *exempt.T.copy(),
            )  # fmt: skip
        return total

    def dump(self) -> Any:
        """Return the state as JSON data."""
        self._copy_parted()
        kept = [self._counted, *([] if self._gross is None else [self._gross])]
        return [[list(key) for key in self._scopes], [each.dump() for each in kept]]

    def restore(self, plain: Sequence[Any]) -> None:
        """Take up what ``dump`` gave; the contracts are told, so that the scopes are numbered."""
        scopes, states = plain
        assert [list(key) for key in self._scopes] == scopes
        self._parted.clear()
        kept = [self._counted, *([] if self._gross is None else [self._gross])]
        for each, state in zip(kept, states, strict=True):
            each.restore(state)


def _at(column: npt.NDArray[Any], places: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """Return a column at places, 0 where a place is -1."""
    return np.append(column, np.zeros(1, column.dtype))[places]


def _words(numbers: list[int]) -> npt.NDArray[np.uint64]:
    return np.array([number & state_hash.WORD for number in numbers], np.uint64)
