"""The command that scans what was sniffed, complete and quoted for a shell."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

OUT: Final = "result"
_OPTIONS: Final = {
    "source": "--source",
    "account_field": "--account-field",
    "account": "--account",
    "mapping": "--mapping",
    "day": "--day",
    "calendar": "--calendar",
    "accounts": "--accounts",
    "links": "--links",
    "market_makers": "--market-makers",
    "contracts": "--contracts",
    "fees": "--fees",
}
_OF_ROWS: Final = ("source", "account_field", "account", "mapping")
"""Options that say how the files are read: what was converted needs them no more."""


def scan_command(files: Sequence[str], options: Mapping[str, str | None]) -> str:
    """Return the command that scans files; an option that is None is left out."""
    return _written(["abtrade", "scan", *files, *_given(options), "--out", OUT])


def sorting_commands(files: Sequence[str], options: Mapping[str, str | None]) -> list[str]:
    """Return the commands that bring files in order and scan what comes out."""
    reading = {name: options.get(name) for name in _OF_ROWS}
    rest = {name: value for name, value in options.items() if name not in _OF_ROWS}
    made = _sorted_name(files[0])
    return [
        _written(["abtrade", "convert", "--sort", *files, made, *_given(reading)]),
        scan_command([made], rest),
    ]


def _given(options: Mapping[str, str | None]) -> list[str]:
    words = []
    for name, option in _OPTIONS.items():
        if value := options.get(name):
            words += [f"{option}={value}"] if value.startswith("-") else [option, value]
    return words


def _sorted_name(file: str) -> str:
    name = Path(file).name
    return f"{name.split('.')[0] or 'log'}.sorted.parquet"


def _written(words: Sequence[str]) -> str:
    return " ".join(shlex.quote(word) for word in words)
