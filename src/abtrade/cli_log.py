"""Options of every verb that reads a log: what form it has, its account, its mapping, its day."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from .market import years


def parse_day(text: str) -> date:
    """Return a day written 2010-11-08 or 20101108."""
    for form in ("%Y-%m-%d", "%Y%m%d"):
        try:
            day = datetime.strptime(text, form).date()
        except ValueError:
            continue
        if not years.is_known(day):
            raise typer.BadParameter(f"{text!r}: expected {years.EXPECTED}")
        return day
    raise typer.BadParameter(f"{text!r} is no day, expected one such as 2010-11-08")


DayOption = Annotated[
    date | None,
    typer.Option(
        metavar="DAY",
        parser=parse_day,
        help="Trading day, such as 2010-11-08.  [default: the log's own]",
    ),
]
CalendarOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Trading days over the shipped calendar.")
]
MappingOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Mapping of other columns and codes: YAML, or the name of one."
    ),
]
SourceOption = Annotated[
    str | None,
    typer.Option(
        metavar="KIND", help="What form the log has; scan and sniff tell it by its content."
    ),
]
AccountFieldOption = Annotated[
    str | None, typer.Option(metavar="FIELD", help="Which field of a foreign log is the account.")
]
AccountOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="The account of a foreign log that names none.")
]
