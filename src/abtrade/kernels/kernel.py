"""Kernels: a desk's own measures, functions over resolved events that rules use by name.

A kernel is called with the events of a stretch of rows, in the order of the log::

    def measure(events, slots, state, out):
        for i in range(len(events)):
            mine = state[slots[i]]
            ...
            out[i] = ...

events : (n,) ``EVENT``
slots : (n,) int64, who is judged by each event, in which scope: a row of ``state``
state : (slots, numbers) of the kernel's ``state_type``, kept from stretch to stretch, 0 at first;
    all that a kernel may remember
out : (n,) float64, what the slot of each event comes to after it

Stretches begin and end anywhere between rows. numba is imported where a rule uses a kernel, and
there alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from inspect import signature
from traceback import extract_tb
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..errors import InputError, problems_error
from ..steps import What

Function = Callable[[Any, Any, Any, Any], None]

EVENT: Final = np.dtype([
    ("ts", "i8"),  # ns since 1970 UTC
    ("price", "i8"),  # of the row, in ticks, millionths without a tick size; schema.NULL_PRICE
    ("lots", "i8"),  # as in steps.Step
    ("what", "i8"),  # steps.What
    ("side", "i8"),  # schema.Side, 0 unknown
    ("offset", "i8"),  # schema.Offset, 0 unknown
    ("flags", "i8"),  # steps.Flag
    ("contract", "i8"),  # a number that stands for its name: alike or not, the same in every run
    ("account", "i8"),  # likewise
])
"""An event as a kernel sees it. All are 64 bits, so that arithmetic is the same in both engines."""

WORDS: Final = {what.name.lower(): what for what in What}
STATE_TYPES: Final = ("int64", "float64")
MOST_STATE: Final = 4096
PARAMETERS: Final = 4
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
_INSTALL: Final = "pip install 'abtrade[kernels]'"


@dataclass(frozen=True, slots=True)
class Kernel:
    """A measure that rules may name."""

    name: str
    wants: frozenset[What]  # the events that it is given
    function: Function  # as it was written, or jitted by its writer
    state: int  # numbers it keeps for each slot
    state_type: str  # one of STATE_TYPES
    unit: str
    about: str

    @property
    def plain(self) -> Function:
        """The function in plain Python."""
        plain: Function = getattr(self.function, "py_func", self.function)
        return plain

    @property
    def place(self) -> str:
        """Where the function stands: file and line."""
        code = getattr(self.plain, "__code__", None)
        return "-" if code is None else f"{code.co_filename}:{code.co_firstlineno}"


def kernel(
    name: str,
    *,
    wants: Collection[str],
    state: int = 1,
    state_type: str = "int64",
    unit: str = "",
    about: str = "",
) -> Callable[[Function], Kernel]:
    """Make a function the measure of that name; see the module for what it is called with.

    wants : the events it is given: order, carried, cancel, amend, rfq, fill
    state : how many numbers it keeps for each slot
    state_type : int64 or float64
    unit : what the measure counts, such as lots
    about : what it measures, in a sentence; none: the first line of the function's docstring

    Raises InputError with all that is wrong.
    """

    def made(function: Function) -> Kernel:
        problems = _problems(name, wants, state, state_type, function)
        if problems:
            raise problems_error([f"kernel {name!r}: {problem}" for problem in problems])
        told = about or (function.__doc__ or "").strip().partition("\n")[0]
        what = frozenset(WORDS[word] for word in wants)
        return Kernel(name, what, function, state, state_type, unit, told)

    return made


def _problems(
    name: Any, wants: Any, state: Any, state_type: Any, function: Any
) -> list[str]:
    problems = []
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        problems.append("expected a name of lower-case letters, digits and _, at most 60")
    if isinstance(wants, str) or not wants or not set(wants) <= set(WORDS):
        problems.append(f"found wants {wants!r}, expected some of {', '.join(WORDS)}")
    if type(state) is not int or not 0 <= state <= MOST_STATE:
        problems.append(f"found state {state!r}, expected how many numbers, 0 to {MOST_STATE}")
    if state_type not in STATE_TYPES:
        problems.append(f"found state_type {state_type!r}, expected {' or '.join(STATE_TYPES)}")
    plain = getattr(function, "py_func", function)
    if not callable(plain) or len(signature(plain).parameters) != PARAMETERS:
        problems.append("expected a function of (events, slots, state, out)")
    return problems


@cache
def jitted(made: Kernel) -> Function:
    """Return a kernel's function compiled, for the arrays that it will be called with.

    One that is not jitted is jitted here, with checks of every index. Raises InputError where
    numba is not there or cannot compile it.
    """
    try:
        import numba
    except ImportError as error:
        raise InputError(
            f"kernel {made.name} ({made.place}): numba is needed to run it: {_INSTALL}"
        ) from error
    function: Any = made.function
    if not hasattr(function, "py_func"):
        function = numba.njit(function, boundscheck=True)
    call(
        made, function, np.zeros(0, EVENT), np.zeros(0, np.int64),
        np.zeros((0, made.state), made.state_type), np.zeros(0),
    )  # fmt: skip
    compiled: Function = function
    return compiled


def call(
    made: Kernel,
    function: Function,
    events: npt.NDArray[np.void],
    slots: npt.NDArray[np.int64],
    state: npt.NDArray[Any],
    out: npt.NDArray[np.float64],
) -> None:
    """Call a kernel's function, compiled or plain; whatever goes wrong is told as an InputError."""
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            function(events, slots, state, out)
    except Exception as error:
        raise InputError(f"kernel {made.name} ({_where(made, error)}): {_said(error)}") from error


def _where(made: Kernel, error: Exception) -> str:
    """Return the file and line of an error, as far as they can be told."""
    file = made.place.rpartition(":")[0]
    lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == file]
    lines += [
        int(line)
        for path, line in re.findall(r'File "(.+?)", line (\d+)', str(error))
        if file.endswith(path)
    ]
    return f"{file}:{lines[-1]}" if lines else made.place


def _said(error: Exception) -> str:
    """Return the kind of an error and the first line of it that says something."""
    lines = (line.strip() for line in str(error).splitlines())
    said = [line for line in lines if line and not line.startswith("Failed in nopython mode")]
    return f"{type(error).__name__}: {said[0]}" if said else type(error).__name__
