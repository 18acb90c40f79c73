"""What every verb of the command shares: choices, language, errors, exit codes, progress."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, ParamSpec

import typer

from .errors import AbtradeError, OutputError
from .safe_text import for_lines

if TYPE_CHECKING:
    from .wording import Language

RAN: Final = 0
COULD_NOT_RUN: Final = 1
LEVEL_REACHED: Final = 3
ROWS_REJECTED: Final = 4
INTERRUPTED: Final = 130

Progress = Callable[[int, int | None], None]
"""Told the rows done and the rows in all, None where that is not known."""

P = ParamSpec("P")


class Lang(StrEnum):
    """Languages of what people read."""

    ZH = "zh"
    EN = "en"


class Format(StrEnum):
    """Forms of what a verb prints: for people, for programs, or for spreadsheets."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"


LangOption = Annotated[
    Lang | None, typer.Option(help="Language of what is shown.  [default: by locale]")
]
KeyOption = Annotated[
    Path | None,
    typer.Option(
        metavar="KEYFILE", help="Keyed hashes for accounts, clients, members, groups everywhere."
    ),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace an output that exists.")]


def exits(verb: Callable[P, int]) -> Callable[P, None]:
    """Turn what a verb returns or raises into an exit code, and an error into a message."""

    @functools.wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        raise typer.Exit(code_of(lambda: verb(*args, **kwargs)))

    return run


def code_of(work: Callable[[], int]) -> int:
    """Return the exit code of some work; an error that it raises is printed."""
    try:
        return work()
    except AbtradeError as error:
        return complain(str(error))
    except KeyboardInterrupt:
        tell("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        close_pipe()
        return RAN
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return complain(f"{where}{error.strerror or error}")
    except MemoryError:
        return complain("out of memory")


def complain(message: str) -> int:
    """Print an error on standard error; return the exit code of a run that failed."""
    tell(message)
    return COULD_NOT_RUN


def tell(message: str) -> None:
    """Print a message on standard error, made harmless."""
    with contextlib.suppress(OSError):
        print(for_lines(message), file=sys.stderr, flush=True)


@contextlib.contextmanager
def until_closed() -> Iterator[None]:
    """Let a block print until whoever reads standard output goes away, as ``head`` does.

    Raises OutputError where it cannot be written for another reason.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        close_pipe()
    except OSError as error:
        close_pipe()
        raise OutputError(f"standard output: {error.strerror or error}") from error


def close_pipe() -> None:
    """Send what is still printed nowhere: nobody reads it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def language(asked: Lang | None) -> Language:
    """Return the language asked for, else the one of the locale: Chinese or English."""
    if asked is not None:
        return "zh" if asked is Lang.ZH else "en"
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next((name for name in names if name), "")
    return "zh" if locale.lower().startswith("zh") else "en"


@contextlib.contextmanager
def progress_bar(wanted: bool) -> Iterator[Progress | None]:
    """Give a call that moves a bar on standard error, None where there is no terminal for it."""
    if not wanted or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TextColumn("{task.completed:,} rows"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("rows", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
