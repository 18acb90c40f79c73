"""Defaults of a verb's options: out of the desk's file, under environment and command line.

Every option of the verb is known by its own name, so that one added later is known as well.
"""

from __future__ import annotations

import os
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperCommand

from .cli_support import tell
from .errors import InputError

if TYPE_CHECKING:
    from .desk_file import DeskFile

WRONG_USAGE: Final = 2
ENVIRONMENT: Final = "ABTRADE_SCAN"
HOOK_KEYS: Final = {"command": "hook", "on": "hook_on", "timeout": "hook_timeout"}
"""Keys of the file's table of the hook, and the parameters that they set."""

_OWN: Final = ("config", "no_config", "help", "ctx")
_FILE: Final = "abtrade.file"
_NO_FILE: Final = "abtrade.no_file"
_SOURCES: Final = {"COMMANDLINE": "command line", "ENVIRONMENT": "environment",
                   "DEFAULT_MAP": "file", "DEFAULT": "default"}  # fmt: skip


class ConfiguredCommand(TyperCommand):
    """A command whose options may stand in a file or the environment.

    Its switches can be turned off again where one of these turned them on.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for param in _options(self):
            param.envvar = _variable(param)
            param.show_envvar = False
            if param.is_flag and not param.secondary_opts:
                param.secondary_opts = [f"--no-{_key(param)}"]


def _note_no_file(ctx: typer.Context, wanted: bool) -> bool:
    ctx.meta[_NO_FILE] = wanted
    return wanted


def _read_file(ctx: typer.Context, given: Path | None) -> Path | None:
    """Take the defaults out of the desk's file before any other option is looked at."""
    from . import desk_file

    if ctx.resilient_parsing:
        return None
    problems = list(_unknown_variables(ctx))
    path = None if ctx.meta.get(_NO_FILE) else desk_file.find(given)
    if path is not None:
        try:
            found = desk_file.read(path)
        except InputError as error:
            problems.append(str(error))
        else:
            reading = _Reading(ctx, found)
            ctx.default_map = reading.defaults
            ctx.meta[_FILE] = found
            problems += reading.problems
    if problems:
        tell("\n".join(problems))
        raise typer.Exit(WRONG_USAGE)
    return path


NoConfigOption = Annotated[
    bool,
    typer.Option(
        "--no-config", is_eager=True, callback=_note_no_file, help="Read no abtrade.toml."
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        is_eager=True,
        callback=_read_file,
        envvar="ABTRADE_CONFIG",
        show_envvar=False,
        help="The desk's defaults.  [default: abtrade.toml of the working directory, if any]",
    ),
]


def file_of(ctx: typer.Context) -> DeskFile | None:
    """Return the desk's file that this run has read."""
    found: DeskFile | None = ctx.meta.get(_FILE)
    return found


def is_from_file(ctx: typer.Context, name: str) -> bool:
    """Whether a parameter has its value from the desk's file."""
    return _source(ctx, name) == "file"


def settings(ctx: typer.Context) -> dict[str, Any]:
    """Return the options in force, each with where it comes from, and the file with its hash.

    Of a hook only the program is told: its other words may be secret.
    """
    found = file_of(ctx)
    options = {}
    for param in _options(ctx.command):
        value = ctx.params.get(param.name)
        if param.name == "hook" and value:
            value = str(value).split()[0]
        told = [_plain(v) for v in value] if isinstance(value, list | tuple) else _plain(value)
        options[_key(param)] = {"value": told, "from": _source(ctx, param.name)}
    file = None if found is None else {"path": str(found.path), "sha256": found.sha256}
    return {"file": file, "options": options}


def _plain(value: Any) -> Any:
    value = value.value if isinstance(value, Enum) else value
    return value if value is None or isinstance(value, bool | int) else str(value)


def _source(ctx: typer.Context, name: str) -> str:
    source = ctx.get_parameter_source(name)
    return _SOURCES.get(source.name, "default") if source is not None else "default"


def _options(command: Any) -> list[Any]:
    return [
        param
        for param in command.params
        if param.param_type_name == "option" and param.name not in _OWN
    ]


def _key(param: Any) -> str:
    """Return what the file calls an option: its long name, without the dashes before it."""
    return str(max(param.opts, key=len)).lstrip("-")


def _variable(param: Any) -> str:
    return f"{ENVIRONMENT}_{_key(param).upper().replace('-', '_')}"


def _unknown_variables(ctx: typer.Context) -> Iterator[str]:
    known = {_variable(param) for param in _options(ctx.command)}
    for name in sorted(os.environ):
        if name.startswith(f"{ENVIRONMENT}_") and name not in known:
            yield f"environment: unknown variable {name!r}{_hint(name, known)}"


def _hint(name: str, known: Any) -> str:
    from difflib import get_close_matches

    found = get_close_matches(name, sorted(known), 1, 0.6)
    return f", did you mean {found[0]!r}?" if found else ""


class _Reading:
    """The values of a desk's file, checked against the options of the verb."""

    def __init__(self, ctx: typer.Context, file: DeskFile) -> None:
        self.problems: list[str] = []
        self.defaults: dict[str, Any] = {}
        self._ctx = ctx
        self._file = file
        self._hints = typing.get_type_hints(ctx.command.callback)
        by_name = {param.name: param for param in _options(ctx.command)}
        hook = {key: by_name.pop(name) for key, name in HOOK_KEYS.items() if name in by_name}
        known = {"scan": {_key(param): param for param in by_name.values()}, "hook": hook}
        for table, values in file.tables.items():
            if table not in known:
                self._complain(table, "", f"unknown table {table!r}{_hint(table, known)}")
            elif not isinstance(values, dict):
                self._complain(table, "", f"found {table} = ..., expected a table [{table}]")
            else:
                self._take(table, values, known[table])
        if "hook" in file.tables and file.others_write:
            self._complain("hook", "", f"names a command, and the file {file.others_write}")
        if "kernels" in self.defaults and file.others_write:
            said = f"names code to be run, and the file {file.others_write}"
            self._complain("scan", "kernels", f"kernels: {said}")

    def _take(self, table: str, values: Mapping[str, Any], known: Mapping[str, Any]) -> None:
        for key, value in values.items():
            if key not in known:
                of_hook = key in HOOK_KEYS.values()
                hint = "; a hook has its table [hook]" if of_hook else _hint(key, known)
                self._complain(table, key, f"unknown key {key!r}{hint}")
                continue
            told, problems = self._told(known[key], value)
            for said in problems:
                self._complain(table, key, f"{key}: {said}")
            if not problems:
                self.defaults[known[key].name] = told

    def _complain(self, table: str, key: str, text: str) -> None:
        self.problems.append(f"{self._file.place(table, key)}: {text}")

    def _told(self, param: Any, value: Any) -> tuple[Any, list[str]]:
        """Return a value as the command line would have it, and all that is wrong with it."""
        kind = _without_none(self._hints[param.name])
        problems: list[str] = []
        if typing.get_origin(kind) is not list:
            return self._checked(param, kind, value, problems), problems
        if not isinstance(value, list):
            return None, [f"found {_shown(value)}, expected a list of texts"]
        (kind,) = typing.get_args(kind)
        return [self._checked(param, kind, each, problems) for each in value], problems

    def _checked(self, param: Any, kind: Any, value: Any, problems: list[str]) -> Any:
        """Return one value as the command line would have it; put down what is wrong with it."""
        told = None
        try:
            told = self._one(param.name, kind, value)
            param.process_value(self._ctx, [told] if param.multiple else told)
        except (ValueError, typer.BadParameter) as error:
            problems.append(getattr(error, "message", None) or str(error))
        return told

    def _one(self, name: str, kind: Any, value: Any) -> Any:
        if name == "hook":
            return _command(value)
        if kind is bool or kind is int:
            if type(value) is not kind:
                expected = "true or false" if kind is bool else "a whole number"
                raise ValueError(f"found {_shown(value)}, expected {expected}")
            return value
        if kind is date and type(value) is date:
            return value.isoformat()
        if not isinstance(value, str):
            raise ValueError(f"found {_shown(value)}, expected text")
        if not value.strip() or "\0" in value:
            raise ValueError(f"found {_shown(value)}, expected text that is not blank")
        if isinstance(kind, type) and issubclass(kind, Enum):
            words = [str(member.value) for member in kind]
            if value not in words:
                raise ValueError(f"unknown word {value!r}, expected one of {', '.join(words)}")
        if (name, value) == ("fees", "shipped"):
            return value  # a word, not a path
        if kind is Path or self._is_path(name, value):
            return str(self._file.path_of(value))
        return value

    def _is_path(self, name: str, written: str) -> bool:
        """Whether rules or kernels are named by a path, which starts at the file, and not as a pack
        or a module.
        """
        endings = {"rules": (".yaml", ".yml"), "kernels": (".py",)}.get(name)
        return endings is not None and ("/" in written or written.endswith(endings))


def _without_none(hint: Any) -> Any:
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        (hint,) = (each for each in typing.get_args(hint) if each is not types.NoneType)
    return hint


def _command(value: Any) -> str:
    import shlex

    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        raise ValueError(
            f'found {_shown(value)}, expected a list of words, such as ["python3", "post.py"]'
        )
    if not value[0].strip() or any("\0" in word for word in value):
        raise ValueError(f"found {_shown(value)}, expected a program first, and no NUL in a word")
    return shlex.join(value)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + "..."
