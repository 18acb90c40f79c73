"""Files of an answer, of the kind that their ending says: CSV, JSON, Parquet, xlsx or SVG."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ..errors import OutputError
from ..safe_text import for_terminal
from ..sinks.file import check_file, whole_file, whole_text
from ..wording import Language
from .answer import WhatIf
from .picture import picture
from .record import write_answer

SUFFIXES: Final = (".csv", ".json", ".parquet", ".xlsx", ".svg")


def check_answer_file(path: Path, *, force: bool = False) -> None:
    """Raise OutputError where a file could not be written, or its ending says no known kind."""
    if path.suffix.lower() not in SUFFIXES:
        shown = for_terminal(str(path))
        raise OutputError(f"{shown}: expected a name that ends with {' or '.join(SUFFIXES)}")
    check_file(path, force=force)


def write_answer_file(
    found: WhatIf, path: Path, lang: Language, *, force: bool = False
) -> None:
    """Write an answer to a file, whole or not at all; CSV and Parquet hold its alerts."""
    check_answer_file(path, force=force)
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".xlsx"):
        with whole_file(path, force=force) as file:
            if suffix == ".xlsx":
                from .workbook import write_book

                write_book(found, lang, file)
            else:
                import pyarrow.parquet as pq

                pq.write_table(found.alerts, file)
        return
    with whole_text(path, force=force) as lines:
        if suffix == ".svg":
            lines.write(picture(found, lang))
        else:
            write_answer(found, suffix[1:], lines)
