"""Where a verb prints: on standard output, or to a file that is there whole or not at all."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from glob import glob
from pathlib import Path
from typing import IO, Annotated, Final, TextIO

import typer

from .cli_support import Format, tell, until_closed
from .errors import OutputError
from .safe_text import for_terminal

SCANNED: Final = "the output of a scan, which nothing is added to"
"""What the folder is that a verb takes up again."""

TEXT_SUFFIXES: Final = (".csv", ".json", ".jsonl", ".txt")

ToOption = Annotated[
    Path | None,
    typer.Option("--to", metavar="FILE", help="Write there instead of on standard output."),
]
BomOption = Annotated[
    bool, typer.Option("--bom", help="Begin --format csv with a byte-order mark, for Excel.")
]


@dataclass(frozen=True, slots=True)
class Printing:
    """What a verb was asked to print, and where to."""

    form: Format
    to: Path | None
    bom: bool
    force: bool
    quiet: bool

    def check(self) -> None:
        """Raise BadParameter where options do not fit, OutputError where the file could not be."""
        if self.bom and self.form is not Format.CSV:
            raise typer.BadParameter("--bom goes with --format csv only")
        if self.to is not None and self._is_misnamed(self.to.suffix.lower()):
            raise typer.BadParameter(
                f"--to {for_terminal(str(self.to))}: is no name for --format {self.form.value}"
            )
        if self.to is None:
            if self.form is Format.XLSX and sys.stdout.isatty():
                raise typer.BadParameter(
                    "--format xlsx is no text for a terminal: name a file by --to FILE.xlsx, or "
                    "redirect standard output"
                )
            return
        from .sinks.file import check_file

        check_file(self.to, force=self.force)

    def _is_misnamed(self, suffix: str) -> bool:
        """Whether a workbook would be called a text, or a text a workbook."""
        return suffix in TEXT_SUFFIXES if self.form is Format.XLSX else suffix == ".xlsx"

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing to print; a file that is named is written all the same."""
        return self.form is Format.TABLE and self.quiet and self.to is None

    @contextlib.contextmanager
    def text(self) -> Iterator[TextIO]:
        """Give a stream of text to print to: UTF-8 in a file, and with a byte-order mark."""
        if self.to is None:
            with until_closed():
                yield self._begun(sys.stdout)
            return
        from .sinks.file import whole_text

        with whole_text(self.to, force=self.force) as file:
            yield self._begun(file)

    def _begun(self, file: TextIO) -> TextIO:
        if self.bom:
            if isinstance(file, io.TextIOWrapper):
                file.reconfigure(encoding="utf-8")
            file.write("\ufeff")
        return file

    @contextlib.contextmanager
    def binary(self) -> Iterator[IO[bytes]]:
        """Give a stream of bytes to print to."""
        if self.to is None:
            with until_closed():
                yield sys.stdout.buffer
                sys.stdout.buffer.flush()
            return
        from .sinks.file import whole_file

        with whole_file(self.to, force=self.force) as file:
            yield file

    def tell(self, what: str) -> None:
        """Say what a file now holds, where one was written and nobody asked for quiet."""
        if self.to is not None and not self.quiet:
            tell(f"{for_terminal(str(self.to))}: {what}")


def keep_inputs(output: Path | None, inputs: Iterable[Path | str | None]) -> None:
    """Raise OutputError where an output would replace what the verb reads or writes besides."""
    if output is None:
        return
    place = _real(output)
    if any(place == _real(each) for each in inputs if each is not None):
        shown = for_terminal(str(output))
        raise OutputError(f"{shown}: is another file of this run; name a file of its own")


def keep_inside(folder: Path | None, day: date | None, inputs: Iterable[Path | str | None]) -> None:
    """Raise OutputError where a folder that is written whole holds a file that the verb reads.

    ``{day}`` in the folder's name is the day, any where none is given.
    """
    if folder is None:
        return
    pattern = r"\d{4}-\d\d-\d\d" if day is None else day.isoformat()
    name = re.escape(str(_real(folder))).replace(re.escape("{day}"), pattern)
    for each in inputs:
        place = None if each is None else _real(each)
        if place is not None and any(re.fullmatch(name, str(p)) for p in (place, *place.parents)):
            shown = for_terminal(f"{folder}: holds {each}")
            raise OutputError(f"{shown}, which this run reads; name another folder")


def keep_out_of(
    output: Path | None,
    folder: Path | None,
    what: str = "the folder of --out, which is written whole",
) -> None:
    """Raise OutputError where an output would stand in a folder that is written whole."""
    if output is not None and folder is not None and _real(folder) in _real(output).parents:
        shown = for_terminal(str(output))
        raise OutputError(f"{shown}: is in {what}")


def files_of(given: Iterable[str]) -> Iterator[str]:
    """Yield what is named, and the files of a folder or a glob."""
    yield from given
    for each in given:
        pattern = str(Path(each, "*")) if Path(each).is_dir() else each
        yield from glob(pattern, recursive=True)  # noqa: PTH207 (it wants folder and pattern apart)


def rule_files_of(given: Iterable[str]) -> Iterator[str]:
    """Yield what is named, but for the packs, and the files of a folder."""
    from .rules.packs import list_packs

    packs = list_packs()
    yield from files_of([each for each in given if each.partition("@")[0] not in packs])


def _real(path: Path | str) -> Path:
    return Path(os.path.realpath(path))  # Path.resolve raises on a loop of links
