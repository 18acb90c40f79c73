"""Files and folders that their owner alone may read, whatever the umask."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700


def make_folders(folder: Path) -> None:
    """Make a folder and those above it that are missing; those that exist stay as they are."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        with suppress(FileExistsError):  # made by another run meanwhile
            each.mkdir(FOLDER_MODE)


def close_off(place: Path) -> None:
    """Leave a file, or a folder with all that is in it, to its owner alone; links are left out."""
    for path in (place, *_below(place)):
        if not path.is_symlink():
            path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)


def _below(place: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(place):
        yield from (Path(folder, name) for name in (*folders, *files))
