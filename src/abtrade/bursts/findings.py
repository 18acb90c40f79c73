"""What bursts come to under a rule, in the words of results and tables; alike in both engines.

Of a rule with exemptions there are stages: the first has every message, each further one lacks
those exempt by one reason more, the last has those that count. What a reason takes is the
occasions that go with it from one stage to the next, so gross = counted + left out, always: a
stage is part of the one before, and fewer messages never make more occasions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ..counts import Measure
from ..plan import Plan, PlanRule

SECOND: Final = 1_000_000_000  # ns
SECONDS_KEPT: Final = 8
"""Calendar seconds, the latest, in which a row that comes late is still counted."""

OCCASIONS_TOLD: Final = 100
"""How many of a subject's occasions an alert tells, the first."""

COUNT: Final = "burst_occasions"

TABLE: Final = np.dtype([
    ("rule", "i4"), ("subject", "i4"), ("occasions", "i8"), ("counted", "i8"),
    ("most_messages", "i8"), ("most_from", "i8"), ("late_messages", "i8"),
])  # fmt: skip
"""A subject's bursts under a rule, for the output table; ``rule`` is an index into plan.rules."""


@dataclass(slots=True)
class Occasion:
    """A second with as many messages as a rule asks for."""

    start: int  # ns since 1970 UTC
    seq: int  # of the message that made it one
    channel: int
    messages: int  # that count, in the whole of it


@dataclass(slots=True)
class Findings:
    """What a subject came to under a rule."""

    rule: PlanRule
    subject: int
    scope: str
    occasions: tuple[int, ...]  # by stage
    unknown: int  # of the counted: with a message that rests on a blank
    most: int  # messages that count, in the fullest second
    most_from: int  # where that begins
    late: int  # messages of a second too long ago to be counted

    @property
    def level(self) -> int:
        """0 none, 1 yellow, 2 red."""
        return level_of(self.rule, self.occasions[-1])

    def row(self) -> tuple[int, ...]:
        """Return the row of ``TABLE``."""
        return (
            self.rule.index, self.subject, self.occasions[0], self.occasions[-1], self.most,
            self.most_from, self.late,
        )  # fmt: skip

    def measure(
        self, shares: dict[int, int], clients: dict[int, int], first: list[Occasion]
    ) -> Measure:
        """Return the measure.

        shares : by account, its messages that count in occasions, of the whole day
        clients : by client, the occasions that it comes to alone
        first : the first occasions
        """
        level, levels = self.level, levels_of(self.rule)
        return Measure(
            rule=self.rule.index,
            subject=self.subject,
            scope=self.scope,
            gross=self.occasions[0],
            counted=self.occasions[-1],
            exempt=self._exempt(),
            unknown=self.unknown,
            level=level,
            levels=levels,
            shares=shares if level else {},
            alone={who: (n, level_of(self.rule, n)) for who, n in clients.items()} if level else {},
            detail=self._detail(sum(shares.values()), first) if level else {},
        )

    def _exempt(self) -> tuple[int, ...]:
        exempt = [0] * len(self.rule.reasons)
        for stage, code in enumerate(reasons_of(self.rule)):
            exempt[code - 1] = self.occasions[stage] - self.occasions[stage + 1]
        return tuple(exempt)

    def _detail(self, messages: int, first: list[Occasion]) -> dict[str, Any]:
        return {
            "window": "sliding" if self.rule.sliding else "calendar",
            "messages": messages,  # that count, in all occasions
            "most": {"messages": self.most, "second": self.most_from},
            "occasions": [
                {"ts": each.start, "seq": each.seq, "channel": each.channel,
                 "messages": each.messages}
                for each in first
            ],
        }


def burst_rules(plan: Plan) -> list[PlanRule]:
    """Return the rules that count bursts."""
    return [rule for rule in plan.rules if rule.count == COUNT]


def reasons_of(rule: PlanRule) -> list[int]:
    """Return the reason codes that a rule has, in order; each ends a stage."""
    return [code for code in range(1, len(rule.leave_out) + 2) if code > 1 or rule.only]


def levels_of(rule: PlanRule) -> tuple[int | None, int | None]:
    """Return the occasions at which a rule turns yellow and red."""
    yellow, red = rule.yellow_at, rule.red_at
    return None if yellow is None else int(yellow), None if red is None else int(red)


def level_of(rule: PlanRule, occasions: int) -> int:
    """Return the level that so many occasions reach: 0 none, 1 yellow, 2 red."""
    reached = [code for code, at in enumerate(levels_of(rule), 1) if at is not None
               and occasions >= at]
    return max(reached, default=0)
