"""``abtrade rules whatif``: thresholds and exemptions answered again without a scan."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .cli_support import (
    RAN,
    ForceOption,
    LangOption,
    exits,
    language,
    progress_bar,
    tell,
    until_closed,
)
from .safe_text import for_terminal

if TYPE_CHECKING:
    from .whatif.answer import WhatIf
    from .wording import Language

EXAMPLES = """\b
Examples:
  abtrade rules whatif result --rule shfe.frequent_cancel --at 400,450,500,550
  abtrade rules whatif results/ --rule shfe.frequent_cancel --at 450 --level yellow
  abtrade rules whatif results/ --rule desk.cancels --without-exemption fak
  abtrade rules whatif results/ --with-rules new.yaml --out answer.svg
"""


class Form(StrEnum):
    """Forms of what is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class LevelWord(StrEnum):
    """Levels that thresholds can be put in the place of."""

    RED = "red"
    YELLOW = "yellow"


@exits
def whatif(
    outs: Annotated[
        list[Path],
        typer.Argument(metavar="OUT...", help="Output folders of scans, or folders of such."),
    ],
    rule: Annotated[str | None, typer.Option(metavar="ID", help="The rule that is asked.")] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="N,N,...", help="Thresholds; a bare number keeps the rule's sign."),
    ] = None,
    level: Annotated[
        LevelWord | None,
        typer.Option(help="The level they stand in for.  [default: red, if the rule has one]"),
    ] = None,
    without_exemption: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Without this reason, or word (fak); repeatable."),
    ] = None,
    with_rules: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The rule as it stands there, in place of the scan's."),
    ] = None,
    overlay: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where the scans' overlay is now, if it was moved."),
    ] = None,
    top: Annotated[
        int, typer.Option(min=0, metavar="N", help="How many come and go lines to show.")
    ] = 10,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write .csv, .json, .parquet, .xlsx or .svg."),
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="What to print.")] = Form.TABLE,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
    lang: LangOption = None,
    force: ForceOption = False,
) -> int:
    """Answer other thresholds and exemptions out of what scans wrote."""
    from .whatif.asking import whatif as ask
    from .whatif.files import check_answer_file, write_answer_file

    if out is not None:
        check_answer_file(out, force=force)
    with progress_bar(not quiet and form is Form.TABLE) as progress:
        found = ask(
            outs,
            rule=rule,
            at=at or (),
            level=None if level is None else level.value,
            without_exemption=without_exemption or (),
            with_rules=with_rules,
            overlay=overlay,
            progress=progress,
        )
    if out is not None:
        write_answer_file(found, out, language(lang), force=force)
    if not quiet:
        _print(found, form, top, language(lang))
        if out is not None:
            _tell_of_file(found, out, language(lang))
    return RAN


def _print(found: WhatIf, form: Form, top: int, lang: Language) -> None:
    with until_closed():
        if form is Form.TABLE:
            from .sinks.terminal import make_console
            from .whatif.report import show_whatif

            show_whatif(found, top, lang, make_console(sys.stdout))
        else:
            from .whatif.record import write_answer

            write_answer(found, form.value, sys.stdout)


def _tell_of_file(found: WhatIf, out: Path, lang: Language) -> None:
    from .wording import text

    alerts, variants = f"{found.alerts.num_rows:,}", len(found.variants)
    name = for_terminal(str(out))
    tell(text(lang, "whatif.wrote", name=name, n=alerts, variants=variants))
