"""Where a conversion writes: a folder of its own beside the output, so that all or none stays."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from .errors import OutputError
from .sinks.private import close_off


def check_place(output: Path, inputs: Sequence[Path], *, force: bool) -> None:
    """Raise OutputError where the output can or may not be written."""
    if output.resolve() in {path.resolve() for path in inputs}:
        raise OutputError(f"{output}: is an input as well, expected another file")
    if output.is_dir():
        raise OutputError(f"{output}: found a folder, expected a file to write")
    if output.exists() and not force:
        raise OutputError(f"{output}: the file exists; --force replaces it")
    if not output.parent.is_dir():
        raise OutputError(f"{output}: there is no folder {output.parent}")


@contextmanager
def place_for(output: Path) -> Iterator[Path]:
    """Give a path to write to, in a temporary folder beside the output; move it there at the end.

    The user alone may read either, at any time; the folder goes whatever happens. Raises
    OutputError, naming the output, where the file cannot be written: a full disk, no permission, a
    type its format does not have.
    """
    folder = None
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{output.name}.", dir=output.parent))
        place = folder / "output"
        yield place
        close_off(place)
        place.replace(output)
    except OSError as error:
        raise OutputError(f"{output}: cannot be written: {error.strerror or error}") from error
    except pa.ArrowException as error:
        raise OutputError(f"{output}: cannot be written: {' '.join(str(error).split())}") from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
