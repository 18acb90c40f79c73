"""``abtrade convert``: an order log into another format, sorted if asked."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from .cli_log import (
    AccountFieldOption,
    AccountOption,
    CalendarOption,
    MappingOption,
    SourceOption,
    parse_day,
)
from .cli_support import RAN, ForceOption, exits, progress_bar, tell

EXAMPLES = """\b
Examples:
  abtrade convert day.csv.gz day.parquet
  abtrade convert --sort day.parquet day-sorted.parquet
  abtrade convert --split-days week.parquet days/
  abtrade convert 09.csv 10.csv 13.csv day.arrow --mapping broker.yaml
"""


@exits
def convert(
    inputs: Annotated[
        list[str], typer.Argument(metavar="IN", help="Files, folders or globs of one log.")
    ],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="A .parquet, .arrow or .csv[.gz|.zst] file.")
    ],
    sort: Annotated[bool, typer.Option("--sort", help="Bring the rows in order of seq.")] = False,
    by_day: Annotated[
        bool, typer.Option("--split-days", help="OUT is a new folder: a file a trading day.")
    ] = False,
    mapping: MappingOption = None,
    source: SourceOption = None,
    account_field: AccountFieldOption = None,
    account: AccountOption = None,
    day: Annotated[
        date | None,
        typer.Option(metavar="DAY", parser=parse_day, help="Trading day, to keep with the file."),
    ] = None,
    memory: Annotated[
        int, typer.Option(metavar="MB", min=16, help="Memory to sort in, about.")
    ] = 512,
    calendar: CalendarOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Errors only.")] = False,
    progress: Annotated[
        bool, typer.Option(help="A bar on standard error, where that is a terminal.")
    ] = True,
    force: ForceOption = False,
) -> int:
    """Convert a log between Parquet, Arrow and CSV, in bounded memory."""
    from .convert import convert as run

    if by_day and (force or day is not None):
        raise typer.BadParameter("--split-days goes with neither --day nor --force")
    if calendar is not None and not by_day:
        raise typer.BadParameter("--calendar is of use with --split-days only")
    usual: dict[str, Any] = {
        "sort": sort,
        "mapping": mapping,
        "source": source,
        "account_field": account_field,
        "account": account,
        "memory_mb": memory,
    }
    with progress_bar(progress and not quiet) as bar:
        if by_day:
            from .convert import split_days

            report = split_days(inputs, out, calendar=calendar, progress=bar, **usual)
        else:
            report = run(inputs, out, day=day, force=force, progress=bar, **usual)
    if report.lost:
        tell(f"{out}: CSV has no place to say what the log shows ({report.lost}); "
             "a scan of it will not know")
    if report.unreadable:
        some = "1 row" if report.unreadable == 1 else f"{report.unreadable:,} rows"
        tell(f"{some} could not be read; kept as text in column unreadable")
    if report.untold:
        tell(f"{report.untold:,} rows tell no trading day; each went with the row before it")
    if not quiet:
        for each in report.days:
            tell(f"{each.path}: {each.rows:,} rows of {each.day}")
        tell(f"{out}: {report.rows:,} rows, {report.bytes:,} bytes in {report.seconds:.2f} s")
    return RAN
