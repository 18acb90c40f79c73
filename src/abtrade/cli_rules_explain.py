"""``abtrade rules explain``: a rule as plain sentences."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

import typer

from .cli_rules_options import DayOption, SpecsOption
from .cli_support import RAN, LangOption, exits, language, until_closed

EXAMPLES: Final = (
    "\b\nExamples:\n  abtrade rules explain shfe.frequent_cancel --day 2024-10-25\n"
    "  abtrade rules explain shfe.frequent_cancel --lang zh --format markdown"
)


class PageFormat(StrEnum):
    """Forms of a rule that is explained."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


@exits
def explain(
    rule: Annotated[str, typer.Argument(metavar="ID", help="Id of the rule.")],
    rules: SpecsOption = None,
    day: DayOption = None,
    format_: Annotated[
        PageFormat, typer.Option("--format", help="How to show it.")
    ] = PageFormat.TEXT,
    lang: LangOption = None,
) -> int:
    """Explain a rule in plain sentences: who, what, from which number on, what is exempt."""
    from .rules.explained import explain_rule, version_on
    from .rules.packs import load_rules
    from .safe_text import for_json
    from .sinks.rule_page import page_data, page_markdown, page_text

    known = load_rules(rules or (), None).rules
    told_in = language(lang)
    explained = explain_rule(version_on(rule, known, day), known, told_in)
    with until_closed():
        if format_ is PageFormat.JSON:
            print(for_json(page_data(explained, day, told_in), indent=2))
        elif format_ is PageFormat.MARKDOWN:
            print(page_markdown(explained, told_in))
        else:
            print(page_text(explained, told_in))
    return RAN
