"""What can go wrong, and whose doing it is.

::

    AbtradeError
    ├── InputError      wrong data: a log, a table, a mapping file, an option that names one
    │   ├── OrderError    rows out of sequence: `abtrade convert --sort` mends it
    │   └── LackingError  the log does not tell what an option can: that option mends it
    ├── RuleError       wrong rule: every problem of the rule files, each with its place
    └── OutputError     the result cannot be written where it was asked for

Wrong code is an ``assert``. A message says where, what was found and what was expected.
"""

from __future__ import annotations

from collections.abc import Sequence


class AbtradeError(Exception):
    """A run that cannot go on; the command prints the message and exits with 1."""


class InputError(AbtradeError):
    """The data given is not what was asked for."""


class OrderError(InputError):
    """Rows of a log stand out of sequence."""


class LackingError(InputError):
    """An option has to say what the log does not.

    option : by the name of its parameter: ``day`` or ``account``
    found : what it may be, as far as the log tells: the trading days that rows are of; for the
        account, fields that could be it with ``account_field``
    """

    def __init__(self, option: str, message: str, found: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.option = option
        self.found = tuple(found)


class OutputError(AbtradeError):
    """The output cannot be written."""


class RuleError(AbtradeError):
    """One or more rule files are wrong; ``problems`` holds a line for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


def problems_error(problems: Sequence[str]) -> InputError:
    """Return one InputError that tells every problem of an input, a line each."""
    return InputError("\n".join(problems))
