"""``abtrade sniff``: what files seem to be, and the command that scans them."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .cli_log import (
    AccountFieldOption,
    AccountOption,
    CalendarOption,
    DayOption,
    MappingOption,
    SourceOption,
)
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
    mapping: MappingOption = None,
    source: SourceOption = None,
    account_field: AccountFieldOption = None,
    account: AccountOption = None,
    day: DayOption = None,
    calendar: CalendarOption = None,
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
