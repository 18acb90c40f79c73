"""Mutate: try each small change of a rule on the cases beside it, until one of them notices."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..rules.rule import Rule, Text
from .case import Case, Suite
from .cases import rows_of
from .mutations import Mutation, mutations_of
from .run import run_case, run_together

KILLED: Final = "killed"
SURVIVED: Final = "survived"
EXPLAINED: Final = "explained"
STATES: Final = (KILLED, SURVIVED, EXPLAINED)


@dataclass(frozen=True, slots=True)
class Tried:
    """A mutation that was tried."""

    mutation: Mutation
    noticed_by: str | None  # the name of a case that fails by it
    why: Text | None = None  # why none can, as the test file says

    @property
    def state(self) -> str:
        """Whether a case noticed it, or else whether somebody has said why none can."""
        if self.noticed_by is not None:
            return KILLED
        return SURVIVED if self.why is None else EXPLAINED


@dataclass(frozen=True, slots=True)
class Stale:
    """An explanation that nothing needs: of a mutation that a case notices, or that there is not.
    """

    name: str
    noticed_by: str | None  # None: there is no such mutation


@dataclass(frozen=True, slots=True)
class Mutated:
    """A suite whose rule was changed in every small way."""

    suite: Suite
    tried: tuple[Tried, ...]
    stale: tuple[Stale, ...]
    failing: tuple[str, ...]  # cases that fail by the rule as it is: they can notice nothing
    seconds: float

    @property
    def survivors(self) -> list[Tried]:
        """The mutations that no case notices and nobody has explained."""
        return [each for each in self.tried if each.state == SURVIVED]

    @property
    def is_sound(self) -> bool:
        """Whether all mutations are noticed or explained, and no more than that is explained."""
        return not (self.survivors or self.stale or self.failing)


def mutate(suite: Suite, *, engine: str = "core") -> Mutated:
    """Try every mutation of a suite's rule on its cases, the shortest cases first.

    engine : ``core`` or ``reference``
    """
    started = time.perf_counter()
    mutations = mutations_of(suite.rule)
    noticed_by: dict[int, str] = {}  # by place among the mutations
    failing = []
    for case in sorted(suite.cases, key=_rows):
        left = {i: each for i, each in enumerate(mutations) if i not in noticed_by}
        noticed = _noticed(case, suite.rule, left, engine)
        if noticed is None:
            failing.append(case.name)
        else:
            noticed_by |= dict.fromkeys(noticed, case.name)
    tried = tuple(
        Tried(each, noticed_by.get(i), _explanation(each, suite))
        for i, each in enumerate(mutations)
    )
    stale = tuple(_stale(suite, tried))
    return Mutated(suite, tried, stale, tuple(failing), time.perf_counter() - started)


def may_notice(case: Case, rule: Rule, mutation: Mutation) -> bool:
    """Whether a mutation can change anything on a case's day."""
    if not mutation.merge_groups:
        return bool(case.groups) and rule.in_force(case.day)
    in_force = mutation.rule.in_force(case.day)
    if in_force is not rule.in_force(case.day):
        return True
    on_its_days = replace(mutation.rule, from_day=rule.from_day, to_day=rule.to_day)
    return in_force and on_its_days != rule


def _noticed(
    case: Case, rule: Rule, mutations: dict[int, Mutation], engine: str
) -> list[int] | None:
    """Return which mutations a case fails by; None where it fails by the rule as it is."""
    asked = {i: each for i, each in mutations.items() if may_notice(case, rule, each)}
    merged = [i for i, each in asked.items() if each.merge_groups]
    rules = [rule, *(asked[i].rule for i in merged)]
    as_it_is, *outcomes = run_together(rules, case, engine=engine)
    if as_it_is.problems:
        return None
    noticed = [i for i, outcome in zip(merged, outcomes, strict=True) if outcome.problems]
    alone = [i for i in asked if i not in merged]
    if alone and run_case(rule, case, merge_groups=False, engine=engine).problems:
        noticed += alone
    return noticed


def _explanation(mutation: Mutation, suite: Suite) -> Text | None:
    found = [suite.explained[name] for name in mutation.name.values() if name in suite.explained]
    return found[0] if found else None


def _stale(suite: Suite, tried: Sequence[Tried]) -> Iterator[Stale]:
    by_name = {name: each for each in tried for name in each.mutation.name.values()}
    for name in suite.explained:
        if name not in by_name:
            yield Stale(name, None)
        elif (case := by_name[name].noticed_by) is not None:
            yield Stale(name, case)


def _rows(case: Case) -> int:
    return sum(map(rows_of, case.log))
