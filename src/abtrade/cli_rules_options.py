"""Options that verbs on rules share: which rules, and of which day."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from .cli_log import parse_day

SpecsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--rules", metavar="RULES", help="A pack, a file or a folder; repeatable.  [default: packs]"
    ),
]
DayOption = Annotated[
    date | None,
    typer.Option(
        metavar="DAY", parser=parse_day, help="As they stand on that day.  [default: of every day]"
    ),
]
