"""An output file: there whole, or not there at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TextIO

from ..errors import OutputError
from ..safe_text import for_terminal


def check_file(path: Path, *, force: bool = False) -> None:
    """Raise OutputError where a file could not be written, or replaced without ``force``."""
    shown = for_terminal(str(path))
    if path.is_dir():
        raise OutputError(f"{shown}: is a folder, expected the name of a file")
    if not force and os.path.lexists(path):
        raise OutputError(f"{shown}: exists already; name another file, or replace it by --force")
    if not path.parent.is_dir():
        raise OutputError(f"{shown}: {for_terminal(str(path.parent))} is no folder")


@contextmanager
def whole_file(path: Path, *, force: bool = False) -> Iterator[IO[bytes]]:
    """Give a hidden file to write to; it becomes ``path`` when the block ends well.

    Nobody but the user may read it. Raises OutputError where that cannot be; any way out of the
    block but its end leaves nothing.
    """
    check_file(path, force=force)
    prefix = f".{path.name[:40]}."  # a name may have 255 bytes, and a character four
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=prefix, delete=False) as file:
            hidden = Path(file.name)
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                hidden.replace(path)
            except BaseException:
                hidden.unlink(missing_ok=True)
                raise
    except OSError as error:
        cause = for_terminal(error.strerror or str(error))
        raise OutputError(f"{for_terminal(str(path))}: cannot be written: {cause}") from error


@contextmanager
def whole_text(path: Path, *, force: bool = False) -> Iterator[TextIO]:
    """Give a hidden file for text in UTF-8, line ends as they are, as ``whole_file`` does."""
    with whole_file(path, force=force) as file:
        lines = TextIOWrapper(file, encoding="utf-8", newline="")
        yield lines
        lines.detach()
