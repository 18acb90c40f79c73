"""``abtrade convert``: an order log into another format, sorted if asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .cli_support import RAN, ForceOption, exits, tell

EXAMPLES = """\b
Examples:
  abtrade convert day.csv.gz day.parquet
  abtrade convert --sort day.parquet day-sorted.parquet
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
    sort: Annotated[bool, typer.Option("--sort", help="Sort rows by seq.")] = False,
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Mapping of other columns and codes (YAML).")
    ] = None,
    memory: Annotated[
        int, typer.Option(metavar="MB", min=16, help="Memory to sort in, in megabytes.")
    ] = 512,
    force: ForceOption = False,
) -> int:
    """Convert a log between Parquet, Arrow and CSV, in bounded memory."""
    from .convert import convert as run

    rows = run(inputs, out, sort=sort, mapping=mapping, memory_mb=memory, force=force)
    tell(f"{out}: {rows} rows")
    return RAN
