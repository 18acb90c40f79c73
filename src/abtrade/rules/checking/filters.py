"""What a rule's filters leave of its events: everything left out, or a filter that does nothing."""

from __future__ import annotations

from collections.abc import Iterator

from .events import Event, Filters, events, filters_of
from .finding import Finding, finding
from .rule_file import RuleFile


def check_filters(file: RuleFile) -> Iterator[Finding]:
    """Yield what is wrong between ``products``, ``only`` and ``leave_out`` of a rule.

    Where nothing is left to count (R005), single filters are not told besides.
    """
    asked = filters_of(file.rule)
    if not asked.only and not asked.leave_out:
        return
    known = [*events(file.rule, blanks=False)]
    if not any(asked.counts(event) for event in known):
        yield _nothing_left(file, asked, known)
        return
    every = [*events(file.rule)]
    yield from _only_filters(file, asked, known, every)
    reasons = {asked.exemption(event) for event in every if asked.lets_through(event)}
    for index in range(len(asked.leave_out)):
        if index not in reasons:
            yield finding("R008", file, ("leave_out", index))


def _nothing_left(file: RuleFile, asked: Filters, known: list[Event]) -> Finding:
    """Return the finding, at the entry after which nothing is left."""
    for count in range(len(asked.leave_out) + 1):
        part = Filters(asked.products, asked.only, asked.leave_out[:count])
        if not any(part.counts(event) for event in known):
            break
    return finding("R005", file, ("leave_out", count - 1) if count else ("only",))


def _only_filters(
    file: RuleFile, asked: Filters, known: list[Event], every: list[Event]
) -> Iterator[Finding]:
    """Yield a finding for each filter of ``only`` that lets nothing through, or nothing more.

    Of two that let the same through, the later one is told.
    """
    needed = list(range(len(asked.only)))
    for index in reversed(needed.copy()):
        alone = Filters(asked.products, (asked.only[index],), asked.leave_out)
        others = tuple(asked.only[each] for each in needed if each != index)
        rest = Filters(asked.products, others, ())
        if not any(alone.counts(event) for event in known):
            yield finding("R006", file, ("only", index))
        elif others and all(rest.lets_through(e) for e in every if alone.lets_through(e)):
            needed.remove(index)
            yield finding("R007", file, ("only", index))
