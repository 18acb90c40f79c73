"""``abtrade explain``: every event behind an alert."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .cli_output import SCANNED, BomOption, Printing, ToOption, keep_inputs, keep_out_of
from .cli_support import (
    RAN,
    ForceOption,
    Format,
    KeyOption,
    LangOption,
    exits,
    language,
)
from .safe_text import for_terminal

if TYPE_CHECKING:
    from .explain import Explanation
    from .wording import Language

EXAMPLES = """\b
Examples:
  abtrade explain result 4c870048b799bb4e
  abtrade explain result 4c87 --export evidence.csv
  abtrade explain result 4c87 --log /archive/day.parquet --format json
  abtrade explain result 4c87 --format xlsx --to evidence.xlsx
  abtrade explain result 4c87 --html evidence.html
"""


@exits
def explain(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Output folder of a scan.")],
    alert: Annotated[str, typer.Argument(metavar="ALERT_ID", help="Id, or how it begins.")],
    log: Annotated[
        list[str] | None,
        typer.Option(metavar="LOG", help="Where the log is now, if it was moved; repeatable."),
    ] = None,
    overlay: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where the scan's overlay is now, if it was moved."),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the events: .csv, .json, .jsonl or .parquet."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a page with a chart and the events: .html."),
    ] = None,
    within: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=0, help="How near to a cancel trades on the other side are told."
        ),
    ] = 5.0,
    pseudonymise: KeyOption = None,
    form: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TABLE,
    to: ToOption = None,
    bom: BomOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
    lang: LangOption = None,
    force: ForceOption = False,
) -> int:
    """List every event behind an alert, with the life of its order, and export it."""
    from .explain import explain as run
    from .sinks import explanation

    printing = Printing(form, to, bom, force, quiet)
    printing.check()
    if export is not None:
        explanation.check_export(export, force=force)
    if html is not None:
        from .sinks.page.page import check_page

        check_page(html, force=force)
    for output in (export, html, to):
        keep_out_of(output, out, SCANNED)
        keep_inputs(output, [pseudonymise])
    keep_inputs(to, [export, html])
    keep_inputs(html, [export])
    found = run(
        out, alert, log=log, overlay=overlay, pseudonymise=pseudonymise, within=within,
        scene=html is not None,
    )  # fmt: skip
    for output in (export, html, to):
        keep_inputs(output, found.inputs)
    if export is not None:
        explanation.export(found, export, force=force)
    if html is not None:
        _write_page(found, html, language(lang), force)
    if not printing.is_silent:
        _print(found, printing, language(lang))
        for output in (export, html):
            if output is not None and form is Format.TABLE and not quiet:
                print(for_terminal(str(output)))
    return RAN


def _write_page(found: Explanation, path: Path, lang: Language, force: bool) -> None:
    from .sinks.page.page import write_page

    assert found.scene is not None
    write_page(found, found.scene, lang, path, force=force)


def _print(found: Explanation, printing: Printing, lang: Language) -> None:
    from .sinks import explanation

    if printing.form is Format.XLSX:
        from .sinks.explained_book import write_explained_book

        with printing.binary() as book:
            write_explained_book(found, lang, book)
    elif printing.form is Format.TABLE:
        from .sinks.terminal import make_console

        with printing.text() as lines:
            explanation.show_explanation(found, lang, make_console(lines))
    else:
        with printing.text() as lines:
            explanation.write_explanation(found, printing.form.value, lines)
    printing.tell(explanation.events_said(found, lang))
