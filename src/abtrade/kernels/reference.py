"""ReferenceKernelObserver: desks' own measures in plain Python, one event after the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import state_hash
from ..counts import Crossing, Measure, Observed
from ..levels import scope_text
from ..measured import measures_of
from ..names import Names
from ..plan import ContractFacts, Plan, PlanRule
from ..reference_levels import Heard, Listener
from ..reference_rows import Row
from ..steps import Step
from .kernel import EVENT, Kernel, call
from .measures import leaves_out, level_of, levels_of, measure, no_number, reached_by
from .people import People, signed

Scope = tuple[str, str]  # exchange, as written


class ReferenceKernelObserver:
    """Every rule of a plan that a kernel measures for."""

    def __init__(self, plan: Plan, names: Names, kernels: Mapping[str, Kernel]) -> None:
        self._plan = plan
        self._people = People(names)
        self._rules = [
            _Rule(rule, kernels[rule.kernel], names, self._people)
            for rule in plan.rules
            if rule.kernel is not None
        ]

    def contract(self, contract: int, facts: ContractFacts) -> None:
        """Take up the next contract."""
        for rule in self._rules:
            rule.facts.append(facts)

    def account(self, account: int, subject: int, alone: int, client: int) -> None:
        """Take up the next account."""
        self._people.account(account, subject, alone, client)

    def listen(self, listener: Listener) -> None:
        """Have every event that is put to a rule told, with the figure after it."""
        for rule in self._rules:
            rule.listener = listener

    def row(self, row: Row, steps: Sequence[Step]) -> list[Crossing]:
        """Take up one row's steps; return the levels it reached."""
        return [crossing for rule in self._rules for crossing in rule.row(row, steps)]

    def finish(self) -> Observed:
        """End the day."""
        rows = [each for rule in self._rules for each in rule.measures()]
        return Observed(measures_of(self._plan, rows))

    def state_hash(self) -> int:
        """Return 64 bits of the state."""
        parts = (part for rule in self._rules for part in rule.state_parts())
        return sum(parts) & state_hash.WORD


@dataclass(slots=True)
class _Slot:
    """What stands for one who in one scope."""

    state: npt.NDArray[Any]  # (1, numbers)
    figure: float = 0.0  # after the last event
    highest: float = 0.0
    peak: tuple[int, int, int] = (0, 0, 0)  # seq, channel, ts
    reached: int = 0

    def judge(self, row: Row) -> None:
        """Take up the figure as it stands after a whole row."""
        if self.figure > self.highest:
            self.highest = self.figure
            self.peak = (row.seq, row.channel, row.ts)


class _Rule:
    """One rule: the figures of what it counts, and of all that it asks about.

    Every client has a slot of its own, whether or not its subject has others.
    """

    def __init__(self, rule: PlanRule, kernel: Kernel, names: Names, people: People) -> None:
        self.facts: list[ContractFacts] = []
        self.listener: Listener | None = None
        self._rule = rule
        self._kernel = kernel
        self._names = names
        self._people = people
        self._counted: dict[tuple[int, Scope], _Slot] = {}
        self._gross: dict[tuple[int, Scope], _Slot] = {}
        self._events: dict[tuple[int, Scope], Counter[int]] = defaultdict(Counter)  # by reason
        self._unknown: Counter[tuple[int, Scope]] = Counter()

    def row(self, row: Row, steps: Sequence[Step]) -> Iterator[Crossing]:
        """Take up one row's steps; yield the levels reached after all of them."""
        counted: dict[tuple[int, Scope], _Slot] = {}
        gross: dict[tuple[int, Scope], _Slot] = {}
        for step in steps:
            facts = self.facts[step.contract]
            if step.what in self._kernel.wants and self._rule.applies(facts):
                self._step(row, step, facts, counted, gross)
        for slot in (*counted.values(), *gross.values()):
            slot.judge(row)
        for (who, (_, scope)), slot in counted.items():
            now = reached_by(self._rule, slot.figure) & ~slot.reached
            slot.reached |= now
            for level in range(2):
                if now >> level & 1 and not who % 2:
                    yield Crossing(
                        self._rule.index, level, who // 2, scope, slot.figure, row.seq,
                        row.channel, row.ts,
                    )  # fmt: skip

    def _step(
        self,
        row: Row,
        step: Step,
        facts: ContractFacts,
        counted: dict[tuple[int, Scope], _Slot],
        gross: dict[tuple[int, Scope], _Slot],
    ) -> None:
        """Put one step before the kernel for each who; note the slots that it went to."""
        reason = self._rule.reason(step.attributes, facts)
        scope = (facts.exchange, scope_text(self._rule.scope, facts))
        event = self._event(row, step, facts)
        whos = {*self._people.whos(step.account), 2 * self._people.client_of(step.account) + 1}
        subjects = sorted(who for who in whos if not who % 2)
        for who in subjects:
            slot = gross[who, scope] = self._slot(self._gross, who, scope)
            self._run(slot, event, row, step)
        self._events[step.account, scope][reason] += 1
        if not reason:
            self._unknown[step.account, scope] += self._rule.unknown(step.attributes, facts)
            for who in whos:
                slot = counted[who, scope] = self._slot(self._counted, who, scope)
                self._run(slot, event, row, step)
        for who in subjects:
            self._tell(row, step, who // 2, scope, reason)

    def _slot(
        self, slots: dict[tuple[int, Scope], _Slot], who: int, scope: Scope
    ) -> _Slot:
        if (who, scope) not in slots:
            slots[who, scope] = _Slot(np.zeros((1, self._kernel.state), self._kernel.state_type))
        return slots[who, scope]

    def _event(self, row: Row, step: Step, facts: ContractFacts) -> npt.NDArray[np.void]:
        name = state_hash.full_name(facts.exchange, facts.contract)
        contract = signed(state_hash.name_hash(name))
        return np.array(
            [(row.ts, step.price, step.lots, step.what, step.side, step.offset, step.flags,
              contract, self._people.name(step.account))],
            EVENT,
        )  # fmt: skip

    def _run(self, slot: _Slot, event: npt.NDArray[np.void], row: Row, step: Step) -> None:
        out = np.full(1, np.nan)
        call(self._kernel, self._kernel.plain, event, np.zeros(1, np.int64), slot.state, out)
        if not np.isfinite(out[0]):
            raise no_number(self._kernel, float(out[0]), self._names, step.contract, row.seq)
        slot.figure = float(out[0])

    def _tell(self, row: Row, step: Step, subject: int, scope: Scope, reason: int) -> None:
        if self.listener is not None:
            slot = self._counted.get((2 * subject, scope))
            figure = 0.0 if slot is None else slot.figure
            self.listener(
                Heard(row, self._rule, subject, step.account, scope[1], reason, step.lots, figure,
                      None)
            )  # fmt: skip

    def measures(self) -> Iterator[Measure]:
        """Yield what the rule's figures came to, for each subject and scope where above 0."""
        nothing = _Slot(np.zeros((1, 0)))
        for (who, scope), gross in self._gross.items():
            slot = self._counted.get((who, scope), nothing)
            if not (gross.highest > 0 or slot.reached):
                continue
            subject = who // 2
            events, unknown = self._sums(subject, scope)
            yield measure(
                self._rule, self._kernel, subject, scope[1],
                gross=gross.highest, counted=slot.highest,
                exempt=tuple(events[code] for code in self._reasons()),
                unknown=unknown, levels=levels_of(self._rule), reached=slot.reached,
                events=events[0], peak=slot.peak,
                shares=self._shares(subject, scope) if slot.reached else {},
                alone=self._alone(subject, scope) if slot.reached else {},
            )  # fmt: skip

    def _reasons(self) -> range:
        return range(1, len(self._rule.reasons) + 1)

    def _sums(self, subject: int, scope: Scope) -> tuple[Counter[int], int]:
        """Return a subject's events by reason, and how many of those that count are unknown."""
        accounts = self._people.accounts(subject)
        events: Counter[int] = Counter()
        for account in accounts:
            events.update(self._events.get((account, scope), {}))
        return events, sum(self._unknown[account, scope] for account in accounts)

    def _shares(self, subject: int, scope: Scope) -> dict[int, int]:
        return {
            account: events[0]
            for account in self._people.accounts(subject)
            if (events := self._events.get((account, scope), {0: 0}))[0]
        }

    def _alone(self, subject: int, scope: Scope) -> dict[int, tuple[int | float, int]]:
        slots = {
            client: self._counted.get((2 * client + 1, scope))
            for client in self._people.clients(subject)
        }
        return {
            client: (slot.highest, level_of(slot.reached))
            for client, slot in slots.items()
            if slot is not None
        }

    def state_parts(self) -> Iterator[int]:
        """Yield the parts of the state hash: of clients, those that are judged besides."""
        rule = state_hash.name_hash(self._rule.id)
        several = set(self._people.columns()[2].tolist())
        for (who, scope), slot in self._counted.items():
            if not who % 2 or who // 2 in several:
                yield state_hash.mix(state_hash.KERNEL_FIGURE, rule, *self._words(who, scope, slot))
        gross = self._gross if leaves_out(self._rule) else {}
        for (who, scope), slot in gross.items():
            words = self._words(who, scope, slot)
            yield state_hash.mix(state_hash.KERNEL_GROSS_FIGURE, rule, *words)
        for (account, scope), events in self._events.items():
            name, unknown = self._people.name(account), self._unknown[account, scope]
            ledger = (rule, name, _scope_hash(scope), events[0], unknown)
            if events[0]:
                yield state_hash.mix(state_hash.KERNEL_EVENTS, *ledger)
            if gross:
                left_out = (events[code] for code in self._reasons())
                yield state_hash.mix(state_hash.KERNEL_GROSS_EVENTS, *ledger, *left_out)

    def _words(self, who: int, scope: Scope, slot: _Slot) -> Iterator[int]:
        yield from (self._people.hash_of(who), _scope_hash(scope), slot.reached)
        yield from (int(np.float64(slot.highest).view(np.int64)), *slot.peak)
        yield from slot.state[0].view(np.int64).tolist()


def _scope_hash(scope: Scope) -> int:
    return state_hash.name_hash(state_hash.full_name(*scope))
