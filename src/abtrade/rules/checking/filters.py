"""What a rule's filters leave of its events: everything left out, or a filter that does nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .events import COUNTED, FIRST_EXEMPTION, Event, events, judges, reason
from .finding import Finding, finding
from .rule_file import RuleFile


def check_filters(file: RuleFile) -> Iterator[Finding]:
    """Yield what is wrong between ``products``, ``only`` and ``leave_out`` of a rule.

    Where nothing is left to count (R005), single filters are not told besides.
    """
    rule = file.rule
    if not rule.only and not rule.leave_out:
        return
    known = [event for event in events(rule, blanks=False) if judges(rule, event)]
    if all(reason(rule, event) != COUNTED for event in known):
        yield _nothing_left(file, known)
        return
    every = [event for event in events(rule) if judges(rule, event)]
    yield from _only_filters(file, known, every)
    reasons = {reason(rule, event) for event in every}
    for index in range(len(rule.leave_out)):
        if index + FIRST_EXEMPTION not in reasons:
            yield finding("R008", file, ("leave_out", index))


def _nothing_left(file: RuleFile, known: Sequence[Event]) -> Finding:
    """Return the finding, at the entry after which nothing is left."""
    entries = [entry.filter for entry in file.rule.leave_out]
    for count in range(len(entries) + 1):
        part = entries[:count]
        if all(reason(file.rule, event, leave_out=part) != COUNTED for event in known):
            break
    return finding("R005", file, ("leave_out", count - 1) if count else ("only",))


def _only_filters(
    file: RuleFile, known: Sequence[Event], every: Sequence[Event]
) -> Iterator[Finding]:
    """Yield a finding for each filter of ``only`` that lets nothing through, or nothing more.

    Of two that let the same through, the later one is told.
    """
    rule = file.rule
    needed = list(range(len(rule.only)))
    for index in reversed(needed.copy()):
        alone, others = [rule.only[index]], [rule.only[each] for each in needed if each != index]
        let_through = [event for event in every if not reason(rule, event, only=alone,
                                                              leave_out=())]  # fmt: skip
        if all(reason(rule, event, only=alone) != COUNTED for event in known):
            yield finding("R006", file, ("only", index))
        elif others and not any(
            reason(rule, event, only=others, leave_out=()) for event in let_through
        ):
            needed.remove(index)
            yield finding("R007", file, ("only", index))
