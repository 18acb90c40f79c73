"""``abtrade rules check``: what is wrong with rules, by file, line and column."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .cli_log import DayOption, MappingOption
from .cli_support import (
    COULD_NOT_RUN,
    RAN,
    LangOption,
    exits,
    language,
    tell,
    until_closed,
)


class CheckFormat(StrEnum):
    """Forms of findings."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    GITHUB = "github"
    JUNIT = "junit"


EXAMPLES = """\b
Examples:
  abtrade rules check my-rules/
  abtrade rules check --strict --format github
  abtrade rules check shfe --log day.parquet --contracts contracts.csv

\b
Exit codes:
  0 no errors    1 errors, or with --strict warnings
"""


@exits
def check(
    rules: Annotated[
        list[str] | None,
        typer.Argument(metavar="RULES", help="Rule files, folders or packs.  [default: packs]"),
    ] = None,
    log: Annotated[
        list[Path] | None,
        typer.Option(metavar="LOG", help="A day's log: which rules would be blind on it?"),
    ] = None,
    day: DayOption = None,
    mapping: MappingOption = None,
    contracts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Contract table, as for scan.")
    ] = None,
    limits: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Limits table, as for scan.")
    ] = None,
    form: Annotated[
        CheckFormat, typer.Option("--format", help="Form of the findings.")
    ] = CheckFormat.FULL,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 on warnings too.")
    ] = False,
    lang: LangOption = None,
) -> int:
    """Check rules: every problem at once, as file:line:column, and what rules do to each other."""
    from .rules.checking.check import check_rules
    from .rules.checking.forms import told
    from .wording import text

    found = check_rules(
        rules or (), log=list(log) if log else None, day=day, mapping=mapping,
        contracts=contracts, limits=limits,
    )  # fmt: skip
    tongue = language(lang)
    errors = any(each.fails(strict=False) for each in found)
    if form is CheckFormat.FULL:
        if found:
            tell(told(found, form.value, tongue))
        if not errors:
            key = "check.warned" if found else "check.nothing"
            with until_closed():
                print(text(tongue, key, warnings=len(found)))
    else:
        with until_closed():
            if said := told(found, form.value, tongue, strict=strict):
                print(said)
    return COULD_NOT_RUN if any(each.fails(strict) for each in found) else RAN
