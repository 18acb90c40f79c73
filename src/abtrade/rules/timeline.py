"""A timeline of rules: which version stood when, and what changed on which day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from ..wording import Language, text
from .changes import changes_of, in_substance, sentences
from .diff import levels_said
from .explained import ONE_DAY, gap_between, versions_of
from .rule import Rule

BEGINS, CHANGES, ENDS = "begins", "changes", "ends"
NONE, STANDS, BEGUN = 0, 1, 2
"""What a cell of the chart holds: no version, one that stood before, one that is new."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happens to a rule on a day."""

    day: date
    kind: str  # begins, changes, ends
    rule: str  # id
    version: Rule  # the one that begins; of an end the one that ended
    sentence: str


@dataclass(frozen=True, slots=True)
class Row:
    """One rule: its versions, and what stands of it from each day of the timeline on."""

    rule: str  # id
    versions: tuple[Rule, ...]
    cells: tuple[int, ...]  # NONE, STANDS, BEGUN by day
    unverified: tuple[bool, ...]
    gaps: tuple[tuple[date, date], ...]  # first and last day without a version between two


@dataclass(frozen=True, slots=True)
class Timeline:
    """Rules over time. ``days``: those on which something changes, and the first one shown."""

    name: str
    days: tuple[date, ...]
    rows: tuple[Row, ...]
    events: tuple[Event, ...]  # by day, then rule

    def short(self, rule: str) -> str:
        """Return the id of a rule without the first word, where all have the same."""
        packs = {row.rule.partition(".")[0] for row in self.rows}
        return rule.partition(".")[2] if len(packs) == 1 else rule


def timeline_of(
    name: str,
    rules: Iterable[Rule],
    lang: Language,
    first: date | None = None,
    last: date | None = None,
) -> Timeline:
    """Return the timeline of rules; ``first`` and ``last`` bound the days, both included."""
    known = list(rules)
    ids = sorted({rule.id for rule in known})
    events = [
        event for rule_id in ids for event in _events(versions_of(rule_id, known), lang)
        if (first is None or first <= event.day) and (last is None or event.day <= last)
    ]
    events.sort(key=lambda event: (event.day, event.rule))
    days = {event.day for event in events}
    if first is not None and any(rule.in_force(first) for rule in known):
        days.add(first)
    in_order = tuple(sorted(days))
    rows = [_row(versions_of(rule_id, known), in_order) for rule_id in ids]
    return Timeline(name, in_order, tuple(row for row in rows if any(row.cells)), tuple(events))


def _events(versions: Sequence[Rule], lang: Language) -> Iterator[Event]:
    """Yield what happens to one rule, in the order of the days."""
    before: Rule | None = None
    for version in versions:
        again = gap_between(before, version) is not None
        if before is not None and again:
            yield _end(before, lang)
        kind = BEGINS if before is None or again else CHANGES
        said = _said(before, version, again, lang)
        yield Event(version.from_day, kind, version.id, version, said)
        before = version
    if before is not None and before.to_day is not None:
        yield _end(before, lang)


def _end(version: Rule, lang: Language) -> Event:
    assert version.to_day is not None
    sentence = text(lang, "timeline.ends", last=version.to_day)
    return Event(version.to_day + ONE_DAY, ENDS, version.id, version, sentence)


def _said(before: Rule | None, after: Rule, again: bool, lang: Language) -> str:
    if before is None:
        return text(lang, "timeline.begins", levels=levels_said(after, lang))
    found = in_substance(changes_of(before, after, lang))
    changes = sentences(found, lang) if found else text(lang, "timeline.same")
    return text(lang, "timeline.begins.again", changes=changes) if again else changes


def _row(versions: Sequence[Rule], days: Sequence[date]) -> Row:
    standing = [next((rule for rule in versions if rule.in_force(day)), None) for day in days]
    cells = tuple(
        NONE if rule is None else BEGUN if rule.from_day == day else STANDS
        for day, rule in zip(days, standing, strict=True)
    )
    gaps = (gap_between(*pair) for pair in pairwise(versions))
    return Row(
        versions[0].id,
        tuple(versions),
        cells,
        tuple(rule is not None and rule.status == "unverified" for rule in standing),
        tuple(gap for gap in gaps if gap is not None),
    )


COLUMNS: Final = ("pack", "rule", "day", "event", "version", "status", "from", "to", "sentence")
"""The columns of ``event_rows``."""


def event_rows(timeline: Timeline) -> list[dict[str, object]]:
    """Return a row for each event, with the keys of COLUMNS."""
    return [
        {
            "pack": timeline.name,
            "rule": event.rule,
            "day": event.day,
            "event": event.kind,
            "version": event.version.version,
            "status": event.version.status,
            "from": event.version.from_day,
            "to": event.version.to_day,
            "sentence": event.sentence,
        }
        for event in timeline.events
    ]
