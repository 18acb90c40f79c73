"""Results: the rounds of a run, and the medians and ratios that are told of them."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cases import Contender


@dataclass(frozen=True, slots=True)
class Ratio:
    """A median of ratios taken round by round, with the least and the most."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


class Results:
    """What a run found, as it stands in its JSON file."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    @classmethod
    def read(cls, path: Path) -> Results:
        """Return the results of a file."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def groups(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield each group of contenders, by key."""
        yield from self.data["groups"].items()

    def group(self, form: str, rows: int) -> str:
        """Return the key of a group."""
        return f"{form} {rows}"

    def sizes(self) -> list[int]:
        """Return the numbers of rows that were asked for, ascending."""
        return sorted({group["asked_rows"] for _, group in self.groups()})

    def contenders(self, group: str) -> list[Contender]:
        """Return who took part in a group."""
        keys = self.data["groups"][group]["rounds"][0] if group in self.data["groups"] else ()
        found = [key.rsplit(" ", 2) for key in keys]
        return [Contender(side, format, int(threads)) for side, format, threads in found]

    def failed(self, group: str, contender: Contender) -> str:
        """Return why a contender gave no answer, if it gave none."""
        return next((one["failed"] for one in self._rounds(group, contender)), "")

    def seconds(self, group: str, contender: Contender) -> float:
        """Return the median of its times."""
        return statistics.median(one["seconds"] for one in self._rounds(group, contender))

    def cpu_seconds(self, group: str, contender: Contender) -> float:
        """Return the median of its processor times, over all its threads."""
        return statistics.median(one["cpu_seconds"] for one in self._rounds(group, contender))

    def peak_mb(self, group: str, contender: Contender) -> int:
        """Return the most memory it had in any round, mapped files included."""
        return max(int(one["peak_mb"]) for one in self._rounds(group, contender))

    def ratio(self, group: str, one: Contender, other: Contender) -> Ratio | None:
        """Return how many times the time of ``one`` the ``other`` took; None if either has none.
        """
        if not self._took_part(group, one) or not self._took_part(group, other):
            return None
        pairs = zip(self._rounds(group, one), self._rounds(group, other), strict=True)
        return ratio_of([b["seconds"] / a["seconds"] for a, b in pairs])

    def core(self, stage: str, of: str = "cpu_ns_a_row") -> list[float]:
        """Return ns a row of a stage of the core, round by round: of processor time, or of wall."""
        return [found[stage][of] for found in self.data["core"]["rounds"] if stage in found]

    def core_ratio(self, one: str, other: str, of: str = "cpu_ns_a_row") -> Ratio | None:
        """Return how many times the time of one stage another took."""
        pairs = list(zip(self.core(one, of), self.core(other, of), strict=False))
        return ratio_of([b / a for a, b in pairs]) if pairs else None

    def memory(self, stage: str) -> dict[str, int]:
        """Return the state of the core at the end of a stage."""
        found: dict[str, int] = self.data["core"]["rounds"][0][stage]["memory"]
        return found

    def above_python(self, what: str) -> float:
        """Return the median of the seconds that a command takes above a bare Python."""
        rounds = self.data["start"]["rounds"]
        return statistics.median(found[what] - found["python"] for found in rounds)

    def _took_part(self, group: str, contender: Contender) -> bool:
        return contender in self.contenders(group) and not self.failed(group, contender)

    def _rounds(self, group: str, contender: Contender) -> list[dict[str, Any]]:
        return [one[contender.key] for one in self.data["groups"][group]["rounds"]]


def ratio_of(ratios: Sequence[float]) -> Ratio:
    """Return the median of ratios, with the least and the most."""
    return Ratio(statistics.median(ratios), min(ratios), max(ratios))
