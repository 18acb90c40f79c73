"""Guard: each stage's time over that of the yardstick, held to the ratio on record.

Processor time is taken, not time on the wall, and of several rounds the least: what other programs
do on the machine must not fail a stage. A stage that looks slow is given more rounds before it is.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from stages import Stage

LIMIT = 1.15
ROUNDS = 5
RETRIES = 4


@dataclass
class Times:
    """Processor seconds of a stage and of the yardstick beside it, round by round."""

    stage: list[float] = field(default_factory=list)
    yardstick: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """How many yardsticks the stage takes, each at its quickest."""
        return min(self.stage) / min(self.yardstick)


@dataclass(frozen=True, slots=True)
class Line:
    """How a stage stands to its record, which is None where there is none."""

    name: str
    ratio: float
    recorded: float | None
    rounds: int

    @property
    def change(self) -> float:
        """The ratio over the one on record; 1 where there is none."""
        return self.ratio / self.recorded if self.recorded else 1.0

    @property
    def is_slow(self) -> bool:
        """Whether the stage is slower than the limit allows."""
        return self.change > LIMIT


class Guard:
    """Times stages in turn with the yardstick."""

    def __init__(self, stages: Sequence[Stage], yardstick: Callable[[], object]) -> None:
        self._stages = list(stages)
        self._yardstick = yardstick
        self._times = {stage.name: Times() for stage in stages}
        yardstick()
        for stage in self._stages:
            _timed(stage)  # the first of everything is slower

    def rounds(self, count: int, only: Sequence[str] | None = None) -> None:
        """Time every stage, or those named, so many times more."""
        for _ in range(count):
            for stage in self._stages:
                if only is None or stage.name in only:
                    times = self._times[stage.name]
                    times.yardstick.append(_cpu_seconds(self._yardstick))
                    times.stage.append(_timed(stage))

    def ratios(self) -> dict[str, float]:
        """Return the ratio of each stage."""
        return {name: times.ratio for name, times in self._times.items()}

    def check(self, recorded: Mapping[str, float]) -> list[Line]:
        """Return how each stage stands, those that look slow tried again and again."""
        self.rounds(ROUNDS)
        for _ in range(RETRIES):
            slow = [line.name for line in self._lines(recorded) if line.is_slow]
            if not slow:
                break
            self.rounds(ROUNDS, slow)
        return list(self._lines(recorded))

    def _lines(self, recorded: Mapping[str, float]) -> Iterator[Line]:
        for name, times in self._times.items():
            yield Line(name, times.ratio, recorded.get(name), len(times.stage))


def _timed(stage: Stage) -> float:
    prepared = stage.prepare()
    found: list[object] = []
    seconds = _cpu_seconds(lambda: found.append(stage.work(prepared)))
    stage.check(found[0])
    return seconds


def _cpu_seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start
