"""``abtrade explain``: every event behind an alert."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .cli_support import (
    RAN,
    ForceOption,
    Format,
    KeyOption,
    LangOption,
    exits,
    language,
    until_closed,
)
from .safe_text import for_terminal

EXAMPLES = """\b
Examples:
  abtrade explain result 4c870048b799bb4e
  abtrade explain result 4c87 --export evidence.csv
  abtrade explain result 4c87 --log /archive/day.parquet --format json
"""


@exits
def explain(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Output folder of a scan.")],
    alert: Annotated[str, typer.Argument(metavar="ALERT_ID", help="Id, or how it begins.")],
    log: Annotated[
        list[str] | None,
        typer.Option(metavar="LOG", help="Where the log is now, if it was moved; repeatable."),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the events: .csv, .json, .jsonl or .parquet."),
    ] = None,
    pseudonymise: KeyOption = None,
    form: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TABLE,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
    lang: LangOption = None,
    force: ForceOption = False,
) -> int:
    """List every event behind an alert, with the life of its order, and export it."""
    from .explain import explain as run
    from .sinks import explanation

    if export is not None:
        explanation.check_export(export, force=force)
    found = run(out, alert, log=log, pseudonymise=pseudonymise)
    if export is not None:
        explanation.export(found, export, force=force)
    with until_closed():
        if form is not Format.TABLE:
            explanation.write_explanation(found, form.value, sys.stdout)
        elif not quiet:
            from .sinks.terminal import make_console

            explanation.show_explanation(found, language(lang), make_console(sys.stdout))
            if export is not None:
                print(for_terminal(str(export)))
    return RAN
