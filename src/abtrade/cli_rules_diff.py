"""``abtrade rules diff``: what differs between two packs, two files, or two days of one pack."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

import typer

from .cli_rules_options import DayOption
from .cli_support import RAN, LangOption, exits, language, tell, until_closed

DIFFERENT: Final = 1
EXAMPLES: Final = (
    "\b\nExamples:\n  abtrade rules diff shfe@2024-10-24 shfe@2024-10-25\n"
    "  abtrade rules diff shfe ine --day 2026-07-06\n"
    "  abtrade rules diff desk/ desk-new/ --exit-code"
)


class DiffFormat(StrEnum):
    """Forms of a comparison."""

    TEXT = "text"
    JSON = "json"


@exits
def diff(
    before: Annotated[
        str, typer.Argument(metavar="BEFORE", help="A pack, PACK@DAY, a file or a folder.")
    ],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="What to compare it with.")],
    day: DayOption = None,
    format_: Annotated[
        DiffFormat, typer.Option("--format", help="How to show it.")
    ] = DiffFormat.TEXT,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 where anything differs.")
    ] = False,
    lang: LangOption = None,
) -> int:
    """Compare two sets of rules: what is new, what is gone and what changed, in sentences."""
    from .rules.diff import compare
    from .rules.packs import load_rules
    from .safe_text import for_json
    from .sinks.rule_changes import diff_data, diff_text

    told_in = language(lang)
    sides = [load_rules([spec], day) for spec in (before, after)]
    found = compare(sides[0].rules, sides[1].rules, told_in)
    with until_closed():
        if format_ is DiffFormat.JSON:
            print(for_json(diff_data(found, (before, after), told_in), indent=2))
        else:
            print(diff_text(found, (before, after), told_in))
    for note in dict.fromkeys(note for side in sides for note in side.notes):
        tell(note)
    return DIFFERENT if exit_code and found.differences else RAN
