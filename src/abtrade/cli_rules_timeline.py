"""``abtrade rules timeline``: which version of each rule stood when, and what changed."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from typing import Annotated, Final

import typer

from .cli_log import parse_day
from .cli_support import RAN, LangOption, exits, language, until_closed

EXAMPLES: Final = (
    "\b\nExamples:\n  abtrade rules timeline shfe\n"
    "  abtrade rules timeline --from 2024-01-01 --lang zh\n"
    "  abtrade rules timeline --format csv > changes.csv"
)


class TimelineFormat(StrEnum):
    """Forms of a timeline."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


@exits
def timeline(
    packs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RULES]...", help="Packs, files or folders.  [default: packs]"),
    ] = None,
    first: Annotated[
        date | None,
        typer.Option("--from", metavar="DAY", parser=parse_day, help="First day to show."),
    ] = None,
    last: Annotated[
        date | None,
        typer.Option("--to", metavar="DAY", parser=parse_day, help="Last day to show."),
    ] = None,
    format_: Annotated[
        TimelineFormat, typer.Option("--format", help="How to show it.")
    ] = TimelineFormat.TEXT,
    lang: LangOption = None,
) -> int:
    """Show the versions of each rule over time, and each change in a sentence."""
    from .rules.packs import list_packs, load_rules
    from .rules.timeline import timeline_of
    from .safe_text import for_json
    from .sinks.rule_timeline import timeline_csv, timeline_data, timeline_text

    if first and last and first > last:
        raise typer.BadParameter(f"--to {last} is before --from {first}")
    told_in = language(lang)
    found = [
        timeline_of(name, load_rules([name], None).rules, told_in, first, last)
        for name in packs or list_packs()
    ]
    with until_closed():
        if format_ is TimelineFormat.JSON:
            print(for_json([timeline_data(each) for each in found], indent=2))
        elif format_ is TimelineFormat.CSV:
            sys.stdout.writelines(timeline_csv(found))
        else:
            print("\n\n".join(timeline_text(each, told_in) for each in found))
    return RAN
