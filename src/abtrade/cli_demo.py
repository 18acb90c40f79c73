"""``abtrade demo``: a made-up day with planted offences, scanned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .cli_support import COULD_NOT_RUN, RAN, LangOption, exits, language

EXAMPLES = """\b
Examples:
  abtrade demo
  abtrade demo --out another --seed 7 --lang zh
"""


@exits
def demo(
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="New folder for the day and its scan.")
    ] = Path("abtrade-demo"),
    seed: Annotated[int, typer.Option(metavar="N", help="Another seed, another day.")] = 1,
    lang: LangOption = None,
) -> int:
    """Make a small day with planted offences, scan it, and hold the alerts to what was planted."""
    from .demo import demo as run

    return RAN if run(out, seed, language(lang)) else COULD_NOT_RUN
