"""The command ``abtrade``: its verbs, each in a file of its own."""

from __future__ import annotations

import gc
import os
import signal
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from . import (
    __version__,
    cli_book,
    cli_convert,
    cli_demo,
    cli_explain,
    cli_replay,
    cli_rules,
    cli_scan,
    cli_sniff,
    cli_synth,
)
from .cli_config import ConfiguredCommand
from .cli_support import INTERRUPTED, close_pipe, complain

TERMINATED = 128 + signal.SIGTERM

app = typer.Typer(
    name="abtrade",
    help="An exchange-style rule engine for abnormal futures trading: a day's order log in, "
    "explained alerts out.",
    epilog="\b\nTry it:\n  abtrade demo --out demo\n  abtrade scan day.parquet --out result",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    add_completion=False,
)
app.command(epilog=cli_scan.EXAMPLES, cls=ConfiguredCommand)(cli_scan.scan)
app.command(epilog=cli_explain.EXAMPLES)(cli_explain.explain)
app.command(epilog=cli_replay.EXAMPLES)(cli_replay.replay)
app.add_typer(cli_rules.app, name="rules")
app.command(epilog=cli_book.EXAMPLES)(cli_book.book)
app.command(epilog=cli_convert.EXAMPLES)(cli_convert.convert)
app.command(epilog=cli_sniff.EXAMPLES)(cli_sniff.sniff)
app.command(epilog=cli_synth.EXAMPLES)(cli_synth.synth)
app.command(epilog=cli_demo.EXAMPLES)(cli_demo.demo)


def main() -> None:
    """Run the command line and exit with its code."""
    settle_process()
    if sys.stdout is None:
        # Whoever called closed it: what is printed goes nowhere, for as long as the command runs.
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _terminate)
    try:
        app(prog_name="abtrade")
    except KeyboardInterrupt:
        _leave(INTERRUPTED)
    except OSError as error:  # in what is printed before any verb begins, such as help
        _end_output(error)
    except SystemExit as end:
        if isinstance(end.code, int) and end.code:
            _leave(end.code)
        raise
    finally:
        _flush()


def _leave(code: int) -> NoReturn:
    """End at once: a log left in the middle is still read ahead, which an orderly end can trip on.

    Arrow's threads would call ``std::terminate``, and the exit code be lost.
    """
    _flush()
    os._exit(code)


def settle_process() -> None:
    """Set this process up for one command, before Arrow is imported: small, without pandas.

    Nothing is looked for that holds itself in a ring: there is next to none, and it takes a
    twentieth of a scan.
    """
    gc.disable()
    sys.meta_path.insert(0, _NoPandas())
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")  # a tenth less at the peak


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"abtrade {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None:
    pass


class _NoPandas(MetaPathFinder):
    """Keeps Arrow from importing pandas, which it would to make an array of any list.

    It takes a quarter of a second, and no verb has a use for it.
    """

    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError("the command abtrade does without pandas", name=fullname)


def _terminate(_: int, __: FrameType | None) -> NoReturn:
    """End as an exception does, so that what is half written is removed."""
    sys.exit(TERMINATED)


def _flush() -> None:
    try:
        sys.stdout.flush()
    except OSError as error:
        _end_output(error)


def _end_output(error: OSError) -> None:
    """Print no more; exit with an error unless whoever read standard output went away."""
    close_pipe()
    if not isinstance(error, BrokenPipeError):
        sys.exit(complain(f"standard output: {error.strerror or error}"))
