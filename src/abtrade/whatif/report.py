"""An answer told on a terminal: alerts by threshold, by day, who comes and goes, a chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from .. import wording
from ..safe_text import for_terminal
from ..sinks.terminal import show_rows
from ..wording import Language, text
from .answer import Change, DayAnswer, Note, Variant, WhatIf
from .chart import distribution_lines, label, threshold_lines
from .distribution import distribution
from .judging import BLIND, JUDGED, NO_CONTRACTS, NOT_IN_FORCE

STATUSES: Final = {BLIND: "blind", NOT_IN_FORCE: "not_in_force", NO_CONTRACTS: "no_contracts"}
"""What becomes of a rule on a day where it is not judged -> the key of its text."""


def show_whatif(found: WhatIf, top: int, lang: Language, console: Console) -> None:
    """Print an answer; of each list of who comes and goes the first ``top``."""
    console.print(Text(title(found, lang), "bold"), soft_wrap=True)
    for line in threshold_lines(found, lang):
        console.print(line, soft_wrap=True)
    if len(found.days) > 1 or any(status(day) != JUDGED for day in found.days):
        _say(console, "")
        _show_days(found, lang, console)
    for one, other in found.neighbours():
        _say(console, "")
        _show_changes(found, one, other, top, lang, console)
    if bins := distribution(found):
        _say(console, "")
        total = sum(each.subjects for each in bins)
        _say(console, text(lang, "whatif.distribution", n=f"{total:,}"))
        for line in distribution_lines(bins, lang):
            console.print(line, soft_wrap=True)
    _say(console, "")
    for said in note_lines(found.notes, lang):
        _say(console, said)
    _say(console, text(lang, "whatif.no_events"))


def title(found: WhatIf, lang: Language) -> str:
    """Return what was asked, of which days."""
    days = sorted({day.day for day in found.days})
    when = str(days[0]) if len(days) == 1 else text(
        lang, "whatif.days", n=len(days), first=days[0], last=days[-1])  # fmt: skip
    key = "whatif.title" if found.level is None else "whatif.title.level"
    level = "" if found.level is None else text(lang, f"level.{found.level}")
    return text(lang, key, rule=for_terminal(found.rule), days=when, level=level)


def status(day: DayAnswer) -> str:
    """Return what becomes of the rule that was asked about on a day."""
    return day.last.status


def status_text(day: DayAnswer, lang: Language) -> str:
    """Return in words why a rule is not judged on a day, nothing where it is."""
    judged = day.last
    if judged.status == JUDGED:
        return ""
    why = "" if judged.why is None else for_terminal(wording.blindness(judged.why, lang))
    return text(lang, f"whatif.status.{STATUSES[judged.status]}", why=why)


def note_lines(notes: Sequence[Note], lang: Language) -> Iterator[str]:
    """Yield notes in a language."""
    for note in notes:
        values: dict[str, Any] = {name: for_terminal(value) for name, value in note.values}
        if "words" in values:
            values["words"] = wording.assumption(values["words"], lang)
        yield text(lang, f"whatif.note.{note.key}", **values)


def change_row(change: Change, lang: Language) -> dict[str, str]:
    """Return who comes or goes as cells of text."""
    kind = wording.term(lang, "kind", change.subject_kind)
    levels = [text(lang, f"level.{level}") if level else text(lang, "whatif.none")
              for level in (change.level, change.level_next)]  # fmt: skip
    return {
        text(lang, "whatif.column.day"): str(change.day),
        text(lang, "whatif.column.exchange"): change.exchange,
        text(lang, "whatif.column.subject"): f"{kind} {change.subject}",
        text(lang, "whatif.column.scope"): change.scope,
        text(lang, "whatif.column.count"): wording.number(change.counted),
        text(lang, "whatif.column.change"): " -> ".join(levels),
    }


def _show_days(found: WhatIf, lang: Language, console: Console) -> None:
    """Print a row a day: red/yellow under each variant."""
    _say(console, text(lang, "whatif.by_day"))
    names = {variant: label(found, variant, lang) for variant in found.variants}
    day_column, state = text(lang, "whatif.column.day"), text(lang, "whatif.column.state")
    rows = [
        {day_column: str(day.day),
         **{name: _levels(day, variant) for variant, name in names.items()},
         state: status_text(day, lang)}
        for day in found.days
    ]  # fmt: skip
    show_rows([day_column, *names.values(), state], rows, console)


def _levels(day: DayAnswer, variant: Variant) -> str:
    judged = day.found[variant]
    return f"{judged.levels['red']}/{judged.levels['yellow']}" if judged.status == JUDGED else "-"


def _show_changes(
    found: WhatIf, one: Variant, other: Variant, top: int, lang: Language, console: Console
) -> None:
    changes = found.changes(one, other)
    names = {"one": label(found, one, lang), "other": label(found, other, lang)}
    if not changes:
        _say(console, text(lang, "whatif.no_changes", **names))
        return
    comes = sum(change.level is None for change in changes)
    goes = sum(change.level_next is None for change in changes)
    _say(console, text(lang, "whatif.changes", **names, comes=f"{comes:,}", goes=f"{goes:,}",
                       others=f"{len(changes) - comes - goes:,}"))  # fmt: skip
    rows = [change_row(change, lang) for change in changes[:top]]
    if rows:
        show_rows(list(rows[0]), rows, console)
    if len(changes) > top:
        _say(console, text(lang, "more", n=f"{len(changes) - top:,}"))


def _say(console: Console, line: str) -> None:
    console.print(Text(line), soft_wrap=True)
