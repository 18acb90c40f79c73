"""Folders that scans wrote: found by what they hold, and read with a word for what is amiss."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..regular_file import open_regular
from ..safe_text import for_terminal
from .folder import OUTPUT_FILES

if TYPE_CHECKING:
    import pyarrow as pa

Tell = Callable[[Path, str], None]
"""Told a path and what is wrong with it."""


class UnreadableError(Exception):
    """A file of an output that is not there or not whole."""


def output_folders(given: Sequence[str | Path], tell: Tell) -> Iterator[Path]:
    """Yield each folder that looks like a scan's output, once.

    given : such folders, or folders of them
    """
    seen: set[Path] = set()
    for each in map(Path, given):
        try:
            inside = [each] if _is_output(each) else sorted(_outputs_in(each))
        except OSError as error:
            tell(each, f"cannot be read ({error.strerror})")
            continue
        if not inside:
            tell(each, "holds no output of a scan, expected some")
        for path in inside:
            if (real := path.resolve()) not in seen:
                seen.add(real)
                yield path


def document(path: Path, name: str) -> dict[str, Any]:
    """Return a JSON document of an output. Raises UnreadableError."""
    try:
        with open_regular(path / name) as file:
            found = json.loads(file.read().decode())
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise UnreadableError(cause(error)) from error
    if not isinstance(found, dict):
        raise UnreadableError("no JSON object")
    return found


def table_columns(path: Path, table: str) -> list[str]:
    """Return the columns of a table of an output. Raises UnreadableError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with open_regular(path / f"{table}.parquet") as file:
            return list(pq.read_schema(file).names)
    except (OSError, pa.ArrowException) as error:
        raise UnreadableError(cause(error)) from error


def whole_table(path: Path, table: str, **options: Any) -> pa.Table:
    """Return a table of an output; options as ``pq.read_table`` has them. Raises UnreadableError.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with open_regular(path / f"{table}.parquet") as file:
            return pq.read_table(file, **options)
    except (OSError, pa.ArrowException) as error:
        raise UnreadableError(cause(error)) from error


def cause(error: Exception) -> str:
    """Return why something could not be read, on one line."""
    if isinstance(error, KeyError):
        return f"no {error}"
    return for_terminal(getattr(error, "strerror", None) or str(error)).splitlines()[0]


def _outputs_in(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and not path.name.startswith(".") and _is_output(path):
            yield path


def _is_output(folder: Path) -> bool:
    """Whether a folder has any two of the files that a scan writes."""
    names = {path.name for path in folder.iterdir()}
    return len(names & set(OUTPUT_FILES)) > 1


def lacking_columns(path: Path, needed: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Yield what an output lacks of the columns that are needed, by table."""
    for table, columns in needed.items():
        try:
            lacking = set(columns) - set(table_columns(path, table))
        except UnreadableError as error:
            yield f"{table}.parquet cannot be read ({error})"
        else:
            if lacking:
                yield f"{table}.parquet lacks {', '.join(sorted(lacking))}"
