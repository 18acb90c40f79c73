"""The hook: a command that the operator names, run once a scan has ended, well or not."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, Final

import typer

from . import __version__
from .cli_support import COULD_NOT_RUN, INTERRUPTED, RAN, code_of, tell
from .errors import AbtradeError
from .safe_text import for_json

if TYPE_CHECKING:
    import subprocess

    from .scan import ScanResult

HOOK_FAILED: Final = 5
SCRIPTS: Final = (".py", ".sh")
SHOWN_BYTES: Final = 16_384
"""How much of what a hook prints is shown: the end of it."""
LONGEST_VARIABLE: Final = 16_384
"""How many characters of a fact are in the environment; a system takes no more than 128 KB."""


class HookOn(StrEnum):
    """What a hook is run after."""

    ALERTS = "alerts"
    FAILURE = "failure"
    ALWAYS = "always"


HookOption = Annotated[
    str | None,
    typer.Option(
        metavar="COMMAND", help="Run this after a scan with --out, without a shell; facts on stdin."
    ),
]
HookOnOption = Annotated[
    list[HookOn] | None,
    typer.Option(help="After what the hook runs; repeatable.  [default: alerts, failure]"),
]
HookTimeoutOption = Annotated[
    int, typer.Option(metavar="SECONDS", min=1, max=3600, help="How long the hook may take.")
]


@dataclass(frozen=True, slots=True)
class Hook:
    """A command, when it runs, for how long (seconds), and in which folder."""

    command: tuple[str, ...]
    on: frozenset[HookOn]
    timeout: int
    folder: Path | None

    def wants(self, facts: Facts) -> bool:
        """Whether the hook runs after such a scan."""
        happened = {HookOn.ALWAYS, HookOn(facts.event)} if facts.event != "done" else {
            HookOn.ALWAYS
        }
        return bool(self.on & happened)


@dataclass(slots=True)
class Facts:
    """What a hook is told. It names no account: an error does, unless the run has pseudonyms."""

    out: str
    day: str | None
    lang: str
    verdict: str | None = None
    red: int = 0
    yellow: int = 0
    rejected_rows: int = 0
    exit_code: int = RAN
    error: str | None = None
    abtrade: str = field(default=__version__)

    @property
    def event(self) -> str:
        """``failure``: the scan could not run; ``alerts``: it found some; ``done``: it did not."""
        if self.exit_code == COULD_NOT_RUN:
            return "failure"
        return "alerts" if self.red or self.yellow else "done"

    def take(self, result: ScanResult) -> None:
        """Note what a scan found."""
        levels = [alert.level for alert in result.alert_list]
        self.red, self.yellow = levels.count("red"), levels.count("yellow")
        self.day = result.certificate["day"]
        self.verdict = result.certificate["verdict"]
        self.rejected_rows = result.certificate["rejected_rows"]
        self.out = str(Path(result.out or self.out).absolute())

    def told(self) -> dict[str, Any]:
        """Return the facts as JSON data."""
        names = (name for name in self.__slots__)
        return {"event": self.event, **{name: getattr(self, name) for name in names}}


def make_hook(
    command: str, on: Sequence[HookOn] | None, timeout: int, folder: Path | None
) -> Hook:
    """Return a hook of a command line, split into words as a shell would, and run without one."""
    import shlex

    try:
        words = shlex.split(command)
    except ValueError as error:
        raise typer.BadParameter(f"--hook: {error}") from error
    if not words:
        raise typer.BadParameter("--hook: found nothing, expected a command")
    events = frozenset(on or (HookOn.ALERTS, HookOn.FAILURE))
    return Hook(tuple(words), events, timeout, folder)


def programs(hook: Hook | None) -> Iterator[Path]:
    """Yield the files that a hook runs: those of its words that name a program or a script."""
    if hook is None:
        return
    for word in hook.command:
        path = Path(hook.folder or "", word)
        is_file = os.path.isfile(path)  # noqa: PTH113 (Path.is_file raises on names too long)
        if is_file and (os.access(path, os.X_OK) or path.suffix in SCRIPTS):
            yield path


def followed_by(hook: Hook, facts: Facts, work: Callable[[], int]) -> int:
    """Do the work and run the hook after it, if it is wanted; return the exit code of both.

    A hook that fails makes it ``HOOK_FAILED``, but hides no code that the scan has given.
    """
    try:
        facts.exit_code = code_of(lambda: _noting(facts, work))
    except Exception as error:
        facts.exit_code, facts.error = COULD_NOT_RUN, type(error).__name__
        _run_wanted(hook, facts)
        raise
    if facts.exit_code == INTERRUPTED or _run_wanted(hook, facts):
        return facts.exit_code
    return facts.exit_code or HOOK_FAILED


def _noting(facts: Facts, work: Callable[[], int]) -> int:
    try:
        return work()
    except (AbtradeError, OSError, MemoryError) as error:
        facts.error = str(error) or type(error).__name__
        raise


def _run_wanted(hook: Hook, facts: Facts) -> bool:
    """Run the hook where it is wanted; tell whether nothing went wrong."""
    if not hook.wants(facts):
        return True
    import tempfile

    with tempfile.TemporaryFile() as output:
        problem = _run(hook, facts.told(), output)
        if said := _end_of(output):
            tell(said)
    if problem is not None:
        tell(f"hook {hook.command[0]}: {problem}")
    return problem is None


def _run(hook: Hook, told: Mapping[str, Any], output: IO[bytes]) -> str | None:
    """Run the command to its end; return what went wrong."""
    import subprocess

    variables = {
        f"ABTRADE_{name.upper()}": str(value).replace("\0", "")[:LONGEST_VARIABLE]
        for name, value in told.items()
        if value is not None and name != "abtrade"
    }
    try:
        running = subprocess.Popen(
            hook.command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd=hook.folder,
            env={**os.environ, **variables},
            start_new_session=True,
        )
    except (OSError, ValueError) as error:  # ValueError: of words that no system can pass on
        return f"cannot be run: {getattr(error, 'strerror', None) or error}"
    try:
        running.communicate(for_json(dict(told)).encode() + b"\n", hook.timeout)
    except subprocess.TimeoutExpired:
        return f"took longer than {hook.timeout} s and was ended"
    finally:
        _end(running)
    if running.returncode < 0:
        return f"was ended by signal {-running.returncode}"
    return f"ended with exit code {running.returncode}" if running.returncode else None


def _end(running: subprocess.Popen[bytes]) -> None:
    """End the command and all that it started, where any of it still runs."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()


def _end_of(output: IO[bytes]) -> str:
    length = output.seek(0, os.SEEK_END)
    output.seek(max(0, length - SHOWN_BYTES))
    return output.read().decode("utf-8", "replace").rstrip()
