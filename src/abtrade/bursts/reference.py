"""Bursts in plain Python: the seconds in which somebody sent many messages.

A message is placed in a second: of the clock, or of a window that opens at a message. Each stage
of a rule has seconds of its own; the one that brings the messages of a second to the number that
the rule asks for makes it an occasion, and stands for it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from .. import schema, state_hash
from ..counts import Crossing, Observed
from ..levels import scope_text
from ..measured import measures_of
from ..names import Names
from ..plan import ContractFacts, Plan, PlanRule
from ..reference_levels import Heard, Listener
from ..reference_rows import Row
from ..state_hash import mix
from ..steps import Flag, Step
from .findings import (
    OCCASIONS_TOLD,
    SECOND,
    SECONDS_KEPT,
    TABLE,
    Findings,
    Occasion,
    burst_rules,
    levels_of,
    reasons_of,
)


@dataclass(eq=False, slots=True)
class _Message:
    """A message as one rule sees it."""

    row: Row
    account: int
    reason: int  # 0 where it counts
    unknown: bool
    moment: int = 0  # start of its second; sliding: the clock at it


@dataclass(eq=False, slots=True)
class _Second:
    """A second, and the messages of one stage in it."""

    start: int
    messages: list[_Message] = field(default_factory=list)
    made_by: _Message | None = None  # that which made it an occasion

    @property
    def unknown(self) -> bool:
        """Whether a message in it rests on a blank."""
        return any(message.unknown for message in self.messages)


class _Stage(Protocol):
    """The messages of one stage, in their seconds."""

    occasions: list[_Second]

    def add(self, message: _Message) -> _Second:
        """Take up a message; return the second that it is in."""

    def parts(self) -> Iterator[tuple[int, ...]]:
        """Yield what else the state hash is made of."""


class _CalendarStage:
    """Seconds of the clock."""

    def __init__(self, needed: int) -> None:
        self._needed = needed
        self.seconds: dict[int, _Second] = {}
        self.occasions: list[_Second] = []

    def add(self, message: _Message) -> _Second:
        """Put a message into its second."""
        second = self.seconds.setdefault(message.moment, _Second(message.moment))
        second.messages.append(message)
        if len(second.messages) == self._needed:
            second.made_by = message
            self.occasions.append(second)
        return second

    def parts(self) -> Iterator[tuple[int, ...]]:
        """Yield nothing: the seconds of all stages are told together."""
        yield from ()


class _SlidingStage:
    """Windows of one second that follow each other; each opens at a message.

    The earliest that holds enough messages is taken, and the next opens when it is over. So none
    could be put in besides: there are as many as there can be.
    """

    def __init__(self, needed: int) -> None:
        self._needed = needed
        self.waiting: list[_Message] = []  # later than the last window, within one second
        self.occasions: list[_Second] = []

    def add(self, message: _Message) -> _Second:
        """Put a message into the window that is open, or see whether it makes one."""
        if self.occasions and message.moment < self.occasions[-1].start + SECOND:
            self.occasions[-1].messages.append(message)
            return self.occasions[-1]
        self.waiting = [each for each in self.waiting if message.moment - each.moment < SECOND]
        self.waiting.append(message)
        second = _Second(self.waiting[0].moment, self.waiting)
        if len(self.waiting) == self._needed:
            second.made_by = message
            self.occasions.append(second)
            self.waiting = []
        return second

    def parts(self) -> Iterator[tuple[int, ...]]:
        """Yield the last window, then each message that waits for one."""
        if self.occasions:
            last = self.occasions[-1]
            yield state_hash.BURST_WINDOW, last.start, len(last.messages), last.unknown
        for message in self.waiting:
            yield state_hash.BURST_WAITING, message.moment, message.unknown


class _Followed:
    """The messages of somebody under one rule."""

    def __init__(self, rule: PlanRule, scope: str) -> None:
        assert rule.burst_messages is not None
        make = _SlidingStage if rule.sliding else _CalendarStage
        self.rule = rule
        self.scope = scope
        self.stages: list[_Stage] = [
            make(rule.burst_messages) for _ in range(len(reasons_of(rule)) + 1)
        ]
        self.first: _Message | None = None
        self.late = self.most = self.most_from = 0
        self.clock = schema.NULL_PRICE  # sliding: the latest time so far
        self.latest: list[int] = []  # calendar: starts of the latest seconds, ascending
        self.untold: dict[_Message, Heard] = {}

    @property
    def counted(self) -> int:
        """The occasions that count."""
        return len(self.stages[-1].occasions)

    def add(self, message: _Message) -> list[_Second]:
        """Take up a message; return the second that it is in, of each stage it belongs to."""
        self.first = self.first or message
        if not self._place(message):
            self.late += 1
            return []
        found = [
            stage.add(message)
            for stage, lacks in zip(self.stages, [0, *reasons_of(self.rule)], strict=True)
            if not message.reason or message.reason > lacks
        ]
        if not message.reason and len(found[-1].messages) > self.most:
            self.most, self.most_from = len(found[-1].messages), found[-1].start
        return found

    def inside(self) -> Counter[int]:
        """Return, by account, the messages that count in occasions so far."""
        seconds = self.stages[-1].occasions
        return Counter(message.account for second in seconds for message in second.messages)

    def findings(self, subject: int) -> Findings:
        """Return what all this came to."""
        return Findings(
            self.rule, subject, self.scope, tuple(len(stage.occasions) for stage in self.stages),
            self._unknown, self.most, self.most_from, self.late,
        )  # fmt: skip

    def first_occasions(self) -> list[Occasion]:
        """Return the first occasions that count."""
        return [
            Occasion(second.start, second.made_by.row.seq, second.made_by.row.channel,
                     len(second.messages))
            for second in self.stages[-1].occasions[:OCCASIONS_TOLD]
            if second.made_by is not None
        ]

    def parts(self) -> Iterator[tuple[int, ...]]:
        """Yield what the state hash is made of."""
        yield (
            state_hash.BURSTS, self.clock if self.rule.sliding else 0, self.late, self._unknown,
            *(len(stage.occasions) for stage in self.stages),
        )  # fmt: skip
        for start in self.latest:
            seconds = [
                stage.seconds.get(start, _Second(start))
                for stage in self.stages
                if isinstance(stage, _CalendarStage)
            ]
            counts = (len(second.messages) for second in seconds)
            yield state_hash.BURST_SECOND, start, seconds[-1].unknown, *counts
        for at, stage in enumerate(self.stages):
            yield from ((*part, at) for part in stage.parts())

    @property
    def _unknown(self) -> int:
        return sum(second.unknown for second in self.stages[-1].occasions)

    def _place(self, message: _Message) -> bool:
        """Find the moment of a message; False where its second is too long ago."""
        ts = message.row.ts
        if self.rule.sliding:
            message.moment = self.clock = max(self.clock, ts)
            return True
        message.moment = ts - ts % SECOND
        if message.moment not in self.latest:
            self.latest = sorted([*self.latest, message.moment])[-SECONDS_KEPT:]
        return message.moment in self.latest


class ReferenceBursts:
    """The bursts of all who are judged, and of each client of theirs alone."""

    def __init__(self, plan: Plan, names: Names) -> None:
        self._plan = plan
        self._rules = burst_rules(plan)
        self._names = names
        self._facts: list[ContractFacts] = []
        self._judges: list[list[int]] = []  # by account
        self._client: list[int] = []  # by account
        # by rule and who is judged: under None all their messages, then those of each client
        self._followed: dict[tuple[int, int], dict[int | None, _Followed]] = defaultdict(dict)
        self._listener: Listener | None = None

    def contract(self, contract: int, facts: ContractFacts) -> None:
        """Take up the next contract."""
        self._facts.append(facts)

    def account(self, account: int, subject: int, alone: int, client: int) -> None:
        """Take up the next account."""
        self._judges.append([subject] if alone < 0 else [subject, alone])
        self._client.append(client)

    def listen(self, listener: Listener) -> None:
        """Have the messages of every occasion told; amount 1 is that which made it count."""
        self._listener = listener

    def row(self, row: Row, steps: Sequence[Step]) -> list[Crossing]:
        """Take up a row's messages; return the levels that they reached."""
        reached: list[Crossing] = []
        for step in steps:
            if step.flags & (Flag.MESSAGE | Flag.REMAINDER) == Flag.MESSAGE:
                facts = self._facts[step.contract]
                for rule in self._rules:
                    if rule.applies(facts):
                        reached += self._message(row, step, rule, facts)
        return reached

    def finish(self) -> Observed:
        """End the day."""
        measures, rows = [], []
        for (_, subject), by_client in self._followed.items():
            followed = by_client[None]
            found = followed.findings(subject)
            rows.append(found.row())
            if found.occasions[0]:
                alone = {who: its.counted for who, its in by_client.items() if who is not None}
                inside, first = dict(followed.inside()), followed.first_occasions()
                measures.append(found.measure(inside, alone, first))
        return Observed(measures_of(self._plan, measures), {"bursts": np.array(rows, TABLE)})

    def state_hash(self) -> int:
        """Return 64 bits of the state."""
        parts = []
        for (rule, subject), by_client in self._followed.items():
            followed = by_client[None]
            assert followed.first is not None
            who = self._who(subject, followed.first.account)
            parts += [mix(kind, rule, who, *rest) for kind, *rest in followed.parts()]
            parts += [
                mix(state_hash.BURST_SHARE, rule, self._who(subject, account), inside)
                for account, inside in followed.inside().items()
            ]
        return sum(parts) & state_hash.WORD

    def _message(
        self, row: Row, step: Step, rule: PlanRule, facts: ContractFacts
    ) -> Iterator[Crossing]:
        """Put a message to a rule for everybody whose it is."""
        scope, client = scope_text(rule.scope, facts), self._client[step.account]
        reason = rule.reason(step.attributes, facts)
        unknown = not reason and rule.unknown(step.attributes, facts)
        for subject in self._judges[step.account]:
            for whose in (None, client):
                by_client = self._followed[rule.index, subject]
                followed = by_client.setdefault(whose, _Followed(rule, scope))
                message = _Message(row, step.account, reason, unknown)
                found = followed.add(message)
                if whose is None:
                    yield from self._reached(followed, found, message, subject)

    def _reached(
        self, followed: _Followed, found: list[_Second], message: _Message, subject: int
    ) -> Iterator[Crossing]:
        """Yield the levels that a message reached, and tell of it."""
        row, rule, counted = message.row, followed.rule, followed.counted
        made = not message.reason and any(each.made_by is message for each in found[-1:])
        for level, at in enumerate(levels_of(rule)):
            if made and counted == at:
                yield Crossing(
                    rule.index, level, subject, followed.scope, counted, row.seq, row.channel,
                    row.ts,
                )  # fmt: skip
        if self._listener is not None:
            followed.untold[message] = Heard(
                row, rule, subject, message.account, followed.scope, message.reason, int(made),
                counted, None,
            )  # fmt: skip
            self._tell(followed, found, message, self._listener)

    def _tell(
        self, followed: _Followed, found: list[_Second], message: _Message, listener: Listener
    ) -> None:
        """Tell the messages of occasions, of all messages or of those that count, each once."""
        for second in found:
            if second.made_by is not None:
                told = second.messages if second.made_by is message else [message]
                for each in told:
                    if each in followed.untold:
                        listener(followed.untold.pop(each))

    def _who(self, subject: int, account: int) -> int:
        """Return 64 bits that name who is judged: by an account of theirs, and as what."""
        exchange, name = self._names.accounts[account]
        full = state_hash.full_name(self._names.exchanges[exchange], name)
        as_what = self._judges[account].index(subject)
        return state_hash.name_hash(full) ^ as_what
