"""Answer: what every side of a comparison must count, in a form in which they can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

LARGE_LOTS: Final = 300
YELLOW: Final = {"cancels": 400, "large_cancels": 40, "self_trades": 4}
"""From how many a subject is an offender: in a contract, of self-trades in all of them."""

Offender = tuple[str, str, str, int]
"""(count, subject, contract or nothing, how many)"""


@dataclass(frozen=True, slots=True)
class Answer:
    """The three counts over all subjects, and who reached a level of which."""

    cancels: int
    large_cancels: int
    self_trades: int
    offenders: tuple[Offender, ...]


class AnswersDifferError(Exception):
    """Two sides count differently: no time of theirs means anything."""


def sorted_offenders(offenders: Iterable[Offender]) -> tuple[Offender, ...]:
    """Return offenders in the one order in which they are compared."""
    return tuple(sorted(offenders))


def from_json(said: Mapping[str, Any]) -> Answer:
    """Return the answer that a process wrote as JSON."""
    offenders = tuple((c, s, w, n) for c, s, w, n in said["offenders"])
    return Answer(said["cancels"], said["large_cancels"], said["self_trades"], offenders)


def check_equal(expected: Answer, found: Mapping[str, Answer]) -> None:
    """Raise AnswersDifferError with the first differences, where a side counts otherwise."""
    problems = [
        f"{side}: {_difference(expected, answer)}"
        for side, answer in found.items()
        if answer != expected
    ]
    if problems:
        raise AnswersDifferError("the answers differ; " + "; ".join(problems))


def _difference(expected: Answer, found: Answer) -> str:
    for name in ("cancels", "large_cancels", "self_trades"):
        if getattr(expected, name) != getattr(found, name):
            return f"{name} {getattr(found, name)}, expected {getattr(expected, name)}"
    only = sorted(set(found.offenders) - set(expected.offenders))[:3]
    lacks = sorted(set(expected.offenders) - set(found.offenders))[:3]
    return f"offenders {only} not expected, {lacks} not found"
