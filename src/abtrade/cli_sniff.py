"""``abtrade sniff``: what files seem to be, and the command that scans them."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .cli_scan import parse_day
from .cli_support import (
    COULD_NOT_RUN,
    RAN,
    ForceOption,
    LangOption,
    exits,
    language,
    until_closed,
)

EXAMPLES = """\b
Examples:
  abtrade sniff orders.csv trades.csv
  abtrade sniff unknown.csv --write-mapping broker.yaml
  abtrade sniff logs/2025-03-03/ --rows 20 --lang zh
  abtrade sniff export/ --day 2025-03-03 --account 000100000001
  abtrade sniff day.parquet --format json

\b
Exit codes:
  0 it can be scanned, by the command that is printed; where that has placeholders, once
    they are filled in
  1 it cannot    2 wrong usage
"""


class SniffFormat(StrEnum):
    """Forms of standard output: for people, or for programs."""

    TABLE = "table"
    JSON = "json"


@exits
def sniff(
    log: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Files, a folder or globs: the parts of one log."),
    ],
    rows: Annotated[
        int, typer.Option(metavar="N", min=0, max=1000, help="How many events to show.")
    ] = 5,
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Mapping of other columns and codes (YAML).")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(metavar="KIND", help="The kind of log, where its content does not tell."),
    ] = None,
    account_field: Annotated[
        str | None,
        typer.Option(metavar="FIELD", help="Which field of a foreign log is the account."),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The account of a foreign log that names none."),
    ] = None,
    day: Annotated[
        date | None, typer.Option(metavar="DAY", parser=parse_day, help="Trading day.")
    ] = None,
    calendar: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Trading days over the shipped calendar.")
    ] = None,
    write_mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the proposed mapping there.")
    ] = None,
    form: Annotated[SniffFormat, typer.Option("--format", help="What to print.")] = (
        SniffFormat.TABLE
    ),
    lang: LangOption = None,
    force: ForceOption = False,
) -> int:
    """Say what files seem to be, how a scan would read them, and the command to run."""
    from .sinks.file import check_file, whole_file
    from .sinks.sniff_record import mapping_text, write_json
    from .sniff import sniff as run

    if write_mapping is not None:
        check_file(write_mapping, force=force)
    found = run(
        log,
        rows=rows,
        mapping=mapping,
        source=source,
        account_field=account_field,
        account=account,
        day=day,
        calendar=calendar,
        write_mapping=write_mapping,
    )
    speaks = language(lang)
    proposed = mapping_text(found, speaks)
    written = None
    if write_mapping is not None and proposed is not None:
        with whole_file(write_mapping, force=force) as file:
            file.write(proposed.encode())
        written = str(write_mapping)
    with until_closed():
        if form is SniffFormat.JSON:
            write_json(found, speaks, sys.stdout)
        else:
            from .sinks.sniffing import show_sniffed
            from .sinks.terminal import make_console

            show_sniffed(found, speaks, make_console(sys.stdout), written)
    return RAN if found.scannable else COULD_NOT_RUN
