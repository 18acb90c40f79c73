"""``abtrade synth``: a made-up trading day with planted offences, and the truth about them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from . import schema
from .cli_log import parse_day
from .cli_support import (
    COULD_NOT_RUN,
    RAN,
    ForceOption,
    LangOption,
    exits,
    language,
    progress_bar,
    until_closed,
)

EXAMPLES = """\b
Examples:
  abtrade synth made
  abtrade synth made --rows 10M --bare --seed 7
  abtrade synth made --rows 500k --exchange SHFE --two-rows --log day.arrow
  abtrade synth made --check result      (after the scan that synth names)
"""

_UNITS = {"k": 1_000, "K": 1_000, "M": 1_000_000}


def parse_rows(text: str) -> int:
    """Return a number written 500000, 500_000, 1e6, 500k or 10M."""
    unit = _UNITS.get(text[-1:], 1)
    try:
        rows = float(text[:-1] if unit > 1 else text) * unit
        whole = round(rows)
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text!r} is no number, expected one such as 10M") from None
    if unit == 1 and whole != rows:
        raise typer.BadParameter(f"{text!r} is no whole number, expected one such as 10M")
    return whole


def parse_offences(text: str) -> str:
    """Return ``all``, ``none`` or a whole number, as text."""
    if text not in ("all", "none") and not text.isdecimal():
        raise typer.BadParameter(f"{text!r}: expected all, none or a number of stories")
    return text


MAKING: Final = (
    "rows", "seed", "day", "exchange", "contracts", "accounts", "groups", "density", "offences",
    "plant", "log", "bare", "two_rows", "split", "without", "force",
)  # fmt: skip
"""Options that a check has no use for."""


def refuse_making(context: typer.Context) -> None:
    """Raise BadParameter where an option of a day to be made is given."""
    for name in MAKING:
        source = context.get_parameter_source(name)
        if source is not None and source.name != "DEFAULT":
            option = f"--{name.replace('_', '-')}"
            raise typer.BadParameter(f"{option}: does not go with --check, which makes nothing")


@exits
def synth(
    context: typer.Context,
    out: Annotated[Path, typer.Argument(metavar="DIR", help="New folder for the day.")],
    rows: Annotated[
        str, typer.Option(metavar="N", help="Rows of the log, about: 200000, 500k, 10M.")
    ] = "1M",
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Same seed, same bytes.")] = 1,
    day: Annotated[
        date | None,
        typer.Option(metavar="DAY", parser=parse_day, help="Trading day.  [default: 2025-02-18]"),
    ] = None,
    exchange: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Exchange; repeatable.  [default: all six]"),
    ] = None,
    contracts: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Contracts.  [default: by the rows]")
    ] = None,
    accounts: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Accounts of the crowd.  [default: by the rows]"),
    ] = None,
    groups: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Their subjects.  [default: 9 in 10 accounts]"),
    ] = None,
    density: Annotated[
        float, typer.Option(metavar="X", help="Orders of an account and contract, times the usual.")
    ] = 1.0,
    offences: Annotated[
        str,
        typer.Option(metavar="N", parser=parse_offences, help="all, none, or how many stories."),
    ] = "all",
    plant: Annotated[
        list[str] | None,
        typer.Option(metavar="FAMILY", help="What stories are about; repeatable; all: of any kind.")
    ] = None,
    log: Annotated[
        str, typer.Option(metavar="NAME", help="Name of the log, .parquet, .arrow or .csv.")
    ] = "day.parquet",
    bare: Annotated[
        bool, typer.Option("--bare", help="Account, side on new orders only; cancels without lots.")
    ] = False,
    two_rows: Annotated[
        bool, typer.Option("--two-rows", help="A match has two rows and a trade id.")
    ] = False,
    split: Annotated[
        bool, typer.Option("--split", help="The night session in a file of its own.")
    ] = False,
    without: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Leave a column out; repeatable.")
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(metavar="OUT", help="Make nothing: hold a scan of DIR against its truth."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Errors only.")] = False,
    progress: Annotated[
        bool, typer.Option(help="A bar on standard error, where that is a terminal.")
    ] = True,
    lang: LangOption = None,
    force: ForceOption = False,
) -> int:
    """Make a trading day with planted offences, and the truth about them beside it."""
    from . import synth_report

    if check is not None:
        refuse_making(context)
        from .synth_check import check as compare

        wrong = compare(out, check)
        with until_closed():
            if wrong or not quiet:
                print("\n".join(synth_report.checked(out, wrong, language(lang))))
        return COULD_NOT_RUN if wrong else RAN
    from .synth import DAY
    from .synth import synth as run

    with progress_bar(progress and not quiet) as bar:
        made = run(
            out,
            rows=parse_rows(rows),
            seed=seed,
            day=day or DAY,
            exchanges=[code.upper() for code in exchange or ()] or schema.EXCHANGES,
            contracts=contracts,
            accounts=accounts,
            groups=groups,
            density=density,
            offences=int(offences) if offences.isdecimal() else offences,
            plant=plant or ("orders",),
            log=log,
            bare=bare,
            two_rows=two_rows,
            split=split,
            without=without or (),
            force=force,
            progress=bar,
        )
    if not quiet:
        with until_closed():
            print("\n".join(synth_report.made(made, language(lang))))
    return RAN
