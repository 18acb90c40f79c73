"""Options of verbs that judge a day: its rules, the tables beside its log, what is stated for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import schema


def parse_assumption(text: str) -> str:
    """Return ``column=word`` if it is written so; which words there are the readers know."""
    column, _, word = text.partition("=")
    if not column.strip() or not word.strip():
        raise typer.BadParameter(f"{text!r}: expected COLUMN=WORD, such as tif=gfd")
    columns = [name for name in schema.CODES if name not in ("action", "side")]
    if column.strip() not in columns:
        raise typer.BadParameter(f"{text!r}: expected one of {', '.join(columns)} before the =")
    words = schema.code_words(column.strip())
    if word.strip().lower() not in words:
        raise typer.BadParameter(f"{text!r}: expected one of {', '.join(words)} after the =")
    return text


RulesOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="RULES",
        help="A pack (shfe, shfe@2010-11-05), a rule file or a folder; repeatable.  "
        "[default: the pack of each contract's exchange]",
    ),
]
AccountsOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Accounts table: account to client.")
]
LinksOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Links table: groups or pairs of accounts.")
]
CloseLinksOption = Annotated[
    int | None,
    typer.Option(metavar="N", min=2, help="Close over pairs, in groups of at most N clients."),
]
MarketMakersOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Market makers by client and product.")
]
ContractsOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Contract table.  [default: the shipped]")
]
PositionsOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Opening positions: account, contract, long, short."),
]
LimitsOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Limits and quotas over the shipped ones, dated."),
]
HistoryOption = Annotated[
    list[Path] | None,
    typer.Option(metavar="DIR", help="Outputs of earlier days, or a folder of them; repeatable."),
]
HistoryDaysOption = Annotated[
    int, typer.Option(metavar="N", min=2, help="How many earlier days to compare with.")
]
KernelsOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FILE|MODULE", help="Python with the desk's own measures, run; repeatable."
    ),
]
OverlayOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The desk's own levels, switches and exemptions."),
]
UnverifiedOption = Annotated[
    bool,
    typer.Option("--unverified", help="Switch unverified rules of packs on: yellow at most."),
]
SessionsOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Trading hours over the shipped sessions.")
]
AssumeOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN=WORD",
        parser=parse_assumption,
        help="State what the log does not say, such as tif=gfd; repeatable.",
    ),
]
ThreadsOption = Annotated[
    int | None, typer.Option(metavar="N", min=1, max=256, help="Threads.  [default: up to 4]")
]
