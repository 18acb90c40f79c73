"""``abtrade book``: best prices and depth of a contract after each of its rows."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    RAN,
    ROWS_REJECTED,
    ForceOption,
    LangOption,
    exits,
    language,
    progress_bar,
    tell,
    until_closed,
)
from .cli_tables import AssumeOption, ContractsOption, SessionsOption

if TYPE_CHECKING:
    from .book import Books
    from .wording import Language

EXAMPLES = """\b
Examples:
  abtrade book day.parquet --contract cu2503
  abtrade book day.parquet --contract cu2503 --levels 5 --to cu2503.parquet
  abtrade book day.parquet --contract cu2503 --top --changes --to best.csv
  abtrade book day.parquet --contract cu2503 --every 500ms --from 21:00 --to-time 21:30 > night.csv
"""


class BookForm(StrEnum):
    """Forms of what is printed."""

    TABLE = "table"
    CSV = "csv"
    JSONL = "jsonl"


@exits
def book(
    log: Annotated[
        list[str], typer.Argument(metavar="LOG", help="Files, folders or globs of one day.")
    ],
    contract: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONTRACT",
            help="cu2503 or SHFE.cu2503; repeatable.  [default: the only one of the log]",
        ),
    ] = None,
    levels: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, max=100, help="Price levels of each side.  [default: 10]"
        ),
    ] = None,
    top: Annotated[bool, typer.Option("--top", help="Best prices only: --levels 1.")] = False,
    changes: Annotated[
        bool, typer.Option("--changes", help="Only where the levels shown have changed.")
    ] = False,
    every: Annotated[
        str | None,
        typer.Option(
            metavar="LENGTH", help="At times of the clock, 500ms, 1s or 1m apart, not each row."
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="TIME", help="The first time to show: 09:30, 21:00:00.5."),
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to-time", metavar="TIME", help="The last time to show.")
    ] = None,
    ticks: Annotated[
        bool, typer.Option("--ticks", help="Prices in whole ticks, not as decimals.")
    ] = False,
    to: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a .parquet, .arrow, .csv or .jsonl file."),
    ] = None,
    form: Annotated[
        BookForm | None,
        typer.Option(
            "--format", help="What to print.  [default: a short table on a terminal, else csv]"
        ),
    ] = None,
    day: DayOption = None,
    contracts: ContractsOption = None,
    calendar: CalendarOption = None,
    sessions: SessionsOption = None,
    mapping: MappingOption = None,
    source: SourceOption = None,
    account_field: AccountFieldOption = None,
    account: AccountOption = None,
    assume: AssumeOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Errors only.")] = False,
    progress: Annotated[
        bool, typer.Option(help="A bar on standard error, where that is a terminal.")
    ] = True,
    lang: LangOption = None,
    force: ForceOption = False,
) -> int:
    """Write best prices and depth of a contract's order book, row by row or by the clock."""
    from .book import Books

    if to is not None and form is not None:
        raise typer.BadParameter("--format is for what is printed, and does not go with --to")
    if top and levels not in (None, 1):
        raise typer.BadParameter(f"--top is --levels 1, and does not go with --levels {levels}")
    levels = 1 if top else levels or 10
    with progress_bar(progress and not quiet and to is not None) as bar:
        found = Books(
            log, contract or (), levels,
            changes=changes, every=every, start=start, end=end, ticks=ticks,
            day=day, contracts=contracts, calendar=calendar, sessions=sessions, mapping=mapping,
            source=source, account_field=account_field, account=account,
            assume=dict(each.split("=", 1) for each in assume or ()), progress=bar,
        )  # fmt: skip
        if to is None:
            _print(found, form, levels, language(lang))
        else:
            from .depth.files import check_output, write_file

            check_output(to, found.inputs, force=force)
            rows = write_file(to, found.schema, found.records())
    if to is not None and not quiet:
        tell(f"{to}: {rows:,} rows")
    for note in () if quiet else found.notes:
        tell(f"note: {note}")
    return ROWS_REJECTED if found.rejected_rows else RAN


def prints_on_terminal() -> bool:
    """Whether people read what is printed as it comes."""
    return sys.stdout.isatty()


def _print(found: Books, form: BookForm | None, levels: int, lang: Language) -> None:
    form = form or (BookForm.TABLE if prints_on_terminal() else BookForm.CSV)
    if form is BookForm.TABLE:
        from .depth.shown import show_books
        from .sinks.terminal import make_console

        with until_closed():
            show_books(found.records(), levels, lang, make_console(sys.stdout))
        return
    from .depth.files import CsvStream, write_json

    with until_closed():
        out = sys.stdout.buffer
        if form is BookForm.JSONL:
            for record in found.records():
                write_json(record, out)
        else:
            stream = CsvStream(found.schema, out)
            for record in found.records():
                stream.write(record)
            stream.close()
        out.flush()
