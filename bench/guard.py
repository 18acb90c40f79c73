"""Guard: each stage's time over that of the yardstick, held to the ratio on record.

What other programs do on the machine must not fail a stage. So processor time is taken, not time on
the wall, each stage's beside a yardstick's of the same moment; and of several rounds what they
disturb least. A stage that looks slow is given more rounds, after longer and longer pauses.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from stages import Stage

LIMIT = 1.15
ROUNDS = 5
PAUSES_SECONDS = (0, 2, 5, 10, 20)
"""Before each retry: a neighbour that was busy may be done."""


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


Pair = tuple[float, float]
"""Processor seconds of a stage and of the yardstick just before."""


class Guard:
    """Times stages in turn with the yardstick."""

    def __init__(
        self,
        stages: Sequence[Stage],
        yardstick: Callable[[], object],
        pauses: Sequence[float] = PAUSES_SECONDS,
    ) -> None:
        self._stages = list(stages)
        self._yardstick = yardstick
        self._pauses = pauses
        self._times: dict[str, list[Pair]] = {stage.name: [] for stage in stages}
        yardstick()
        for stage in self._stages:
            _timed(stage)  # the first of everything is slower
        gc.freeze()  # what stages are fed with stays: no collection need look at it again

    def rounds(self, count: int, only: Sequence[str] | None = None) -> None:
        """Time every stage, or those named, so many times more."""
        for _ in range(count):
            for stage in self._stages:
                if only is None or stage.name in only:
                    beside = _cpu_seconds(self._yardstick)
                    self._times[stage.name].append((_timed(stage), beside))

    def ratios(self) -> dict[str, float]:
        """Return how many yardsticks each stage takes."""
        return {name: least_disturbed(times) for name, times in self._times.items()}

    def check(self, recorded: Mapping[str, float]) -> list[Line]:
        """Return how each stage stands, those that look slow tried again and again."""
        self.rounds(ROUNDS)
        for pause in self._pauses:
            slow = [line.name for line in self._lines(recorded) if line.is_slow]
            if not slow:
                break
            time.sleep(pause)
            self.rounds(ROUNDS, slow)
        return list(self._lines(recorded))

    def _lines(self, recorded: Mapping[str, float]) -> Iterator[Line]:
        for name, ratio in self.ratios().items():
            yield Line(name, ratio, recorded.get(name), len(self._times[name]))


def least_disturbed(times: Sequence[Pair]) -> float:
    """Return a stage's time in yardsticks: by rounds, or by the quickest of each, the less of both.

    Of the rounds the lower quartile is taken. A neighbour now and then spoils single rounds, one
    that never rests spoils all of them but not the quickest; a slower stage is slower in both.
    """
    by_round = sorted(stage / beside for stage, beside in times)
    quickest = min(stage for stage, _ in times) / min(beside for _, beside in times)
    return min(by_round[len(by_round) // 4], quickest)


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
