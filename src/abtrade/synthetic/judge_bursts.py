"""Bursts of planted accounts: seconds with so many messages, for the truth."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from ..rules.rule import OUTSIDE
from .bench import Bench
from .events import Events
from .tally import Tally
from .truth import About

SECOND: Final = 10**9


class _Message(NamedTuple):
    ts: int
    seq: int
    reason: str | None


def burst_tallies(bench: Bench, events: Events) -> Iterator[Tally]:
    """Yield what every subject comes to.

    A reason has exempted as many occasions as there are fewer without the messages it takes, the
    reasons taking theirs one after the other.
    """
    said: dict[tuple[About, bool], list[_Message]] = defaultdict(list)
    for event in events["burst_messages"]:
        message = _Message(event.ts, event.seq, bench.left_out(event))
        for whom in bench.abouts(event):
            said[whom].append(message)
    for (about, suspected), messages in said.items():
        levels = bench.levels(bench.contracts[0], about)  # the same everywhere: no limit
        tally = Tally(bench.rule, about, suspected, levels)
        left, occasions = messages, _occasions(bench, messages)
        tally.gross = len(occasions)
        for reason in (OUTSIDE, *dict.fromkeys(bench.reasons)):
            left = [message for message in left if message.reason != reason]
            fewer = _occasions(bench, left)
            tally.exempt[reason] += len(occasions) - len(fewer)
            occasions = fewer
        tally.counted = len(occasions)
        for nth, seq in enumerate(occasions, start=1):
            tally.pass_levels(nth - 1, nth, seq)
        yield tally


def _occasions(bench: Bench, messages: Sequence[_Message]) -> list[int]:
    """Return the seq of the message that completes each occasion, in order."""
    least = bench.rule.burst_messages
    assert least is not None, "a rule on bursts says of how many messages"
    find = _of_any_second if bench.rule.burst_window == "sliding" else _of_the_clock
    return find(messages, least)


def _of_the_clock(messages: Sequence[_Message], least: int) -> list[int]:
    in_second: Counter[int] = Counter()
    found = []
    for message in messages:
        in_second[message.ts // SECOND] += 1
        if in_second[message.ts // SECOND] == least:
            found.append(message.seq)
    return found


def _of_any_second(messages: Sequence[_Message], least: int) -> list[int]:
    """A planted subject's bursts stand far apart, so any window that holds one will do."""
    found: list[int] = []
    at = 0
    while at + least <= len(messages):
        last = messages[at + least - 1]
        if last.ts < messages[at].ts + SECOND:
            found.append(last.seq)
            end = messages[at].ts + SECOND
            while at < len(messages) and messages[at].ts < end:
                at += 1
        else:
            at += 1
    return found
