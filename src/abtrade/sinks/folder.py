"""The output folder: there whole, or not there at all.

Files are written in a hidden folder beside the one asked for and brought to the disk; then that
folder is renamed. Whatever ends the run before (an error, a full disk, Ctrl-C) leaves nothing.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from ..errors import OutputError
from ..safe_text import for_json, for_terminal
from .private import FILE_MODE, close_off, make_folders

if TYPE_CHECKING:
    import pyarrow as pa

OUTPUT_TABLES: Final = (
    "alerts", "results", "tallies", "cells", "self_pairs", "rejected", "links", "contracts", "fees",
    "shares", "concentration", "positions", "bursts",
)
"""Tables of a scan; some are made only where they are asked for."""
MARK: Final = "run.json"
"""The file by which a folder is known as a scan's output, and may be replaced."""
OUTPUT_FILES: Final = (
    MARK,
    "certificate.json",
    "alerts.jsonl",
    *(f"{name}.parquet" for name in OUTPUT_TABLES),
)
"""All that a scan may write to its folder."""

ROWS_A_GROUP: Final = 1 << 17


def write_folder(
    out: Path,
    tables: Mapping[str, Callable[[], pa.Table]],
    documents: Mapping[str, Any],
    lines: Mapping[str, Iterable[Any]],
    *,
    force: bool = False,
) -> None:
    """Write a new folder: tables as ``<name>.parquet``, the others under their file names.

    tables : made one after the other, so that one is held at a time
    documents : file name -> JSON data, written indented
    lines : file name -> JSON data a line

    Same tables and documents give the same bytes. Raises OutputError where ``out`` may not be
    written or replaced, or the disk gives out; then nothing new is left.
    """
    with whole_folder(out, force=force) as folder:
        for name, table in tables.items():
            write_parquet(folder / f"{name}.parquet", table())
        for name, rows in lines.items():
            _write_lines(folder / name, rows)
        for name, document in documents.items():
            _write_lines(folder / name, [document], indent=2)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of output folder: the file it is known by, and all that it may hold."""

    maker: str  # who writes it, as a message says
    mark: str
    names: frozenset[str]


SCAN: Final = Kind("a scan", MARK, frozenset(OUTPUT_FILES))


def check_out(out: Path, *, force: bool = False, kind: Kind = SCAN) -> None:
    """Raise OutputError where ``out`` could not be written or replaced at the end of a run."""
    shown = for_terminal(str(out))
    place = _absolute(out)
    if not os.path.lexists(place):
        _check_parent(place, shown)
        return
    if not force:
        raise OutputError(f"{shown}: exists already; name another folder, or replace it by --force")
    if place.is_symlink() or not place.is_dir():
        raise OutputError(f"{shown}: is no folder, so --force does not replace it")
    here = Path.cwd().resolve()
    if place.resolve() in (here, *here.parents):
        raise OutputError(f"{shown}: holds the working directory, so --force does not replace it")
    names = sorted(entry.name for entry in place.iterdir())
    if names and kind.mark not in names:
        raise OutputError(
            f"{shown}: has no {kind.mark}, so it is no output of {kind.maker} and --force does not "
            "replace it"
        )
    foreign = [name for name in names if name not in kind.names]
    if foreign:
        raise OutputError(
            f"{shown}: holds {for_terminal(foreign[0])}, which {kind.maker} does not write, so "
            "--force does not replace it"
        )
    _check_parent(place, shown)


@contextmanager
def whole_folder(out: Path, *, force: bool = False, kind: Kind = SCAN) -> Iterator[Path]:
    """Give a hidden folder to write in; it becomes ``out`` when the block ends well.

    Nobody but the user may read it, nor what is in it, at any time. Raises OutputError as
    ``write_folder`` does; any way out of the block but its end removes the hidden folder.
    """
    check_out(out, force=force, kind=kind)
    place = _absolute(out)
    hidden: Path | None = None
    try:
        make_folders(place.parent)
        hidden = Path(tempfile.mkdtemp(prefix=_prefix(place), suffix=".tmp", dir=place.parent))
        yield hidden
        close_off(hidden)
        _sync_folder(hidden)
        _put_in_place(hidden, place, force=force)
        _sync_folder(place.parent)
    except OSError as error:
        raise OutputError(
            f"{for_terminal(str(out))}: cannot be written: {_cause(error)}"
        ) from error
    finally:
        if hidden is not None:
            shutil.rmtree(hidden, ignore_errors=True)


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write a table so that its bytes follow from its rows alone, and bring it to the disk."""
    import pyarrow.parquet as pq

    with _new_file(path) as file:
        pq.write_table(
            table.combine_chunks(),
            file,
            version="2.6",
            data_page_version="1.0",
            compression="zstd",
            compression_level=3,
            row_group_size=ROWS_A_GROUP,
        )


def _write_lines(path: Path, rows: Iterable[Any], indent: int | None = None) -> None:
    with _new_file(path) as file:
        for row in rows:
            file.write(for_json(row, indent=indent).encode() + b"\n")


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """Give a file of our own that only the user may read; it is on the disk when the block ends."""
    with open(path, "xb", opener=_private) as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, FILE_MODE)


def _put_in_place(hidden: Path, place: Path, *, force: bool) -> None:
    """Rename the new folder to its name; an old one goes only once the new one stands."""
    if not os.path.lexists(place):
        hidden.rename(place)
        return
    if not force:
        raise OutputError(f"{for_terminal(str(place))}: exists since this run began")
    aside = Path(tempfile.mkdtemp(prefix=_prefix(place), suffix=".old", dir=place.parent))
    old = aside / "old"
    try:
        place.rename(old)
        hidden.rename(place)
    except BaseException:
        if old.exists() and not place.exists():
            old.rename(place)
        raise
    finally:
        if place.exists():
            shutil.rmtree(aside, ignore_errors=True)


def _prefix(place: Path) -> str:
    return f".{place.name[:40]}."  # a name may have 255 bytes, and a character four


def _check_parent(place: Path, shown: str) -> None:
    parent = place.parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        raise OutputError(f"{shown}: {for_terminal(str(parent))} is no folder")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise OutputError(f"{shown}: may not write in {for_terminal(str(parent))}")


def _absolute(path: Path) -> Path:
    """Return a path without ``.`` and ``..``, its last part not followed if it is a link."""
    return Path(os.path.abspath(path))  # noqa: PTH100 (resolve would follow it)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cause(error: OSError) -> str:
    return for_terminal(error.strerror or str(error))
