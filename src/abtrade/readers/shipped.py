"""Mapping files that ship, by name."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ..errors import InputError

FOLDER: Final = Path(__file__).parents[1] / "mappings"


def mappings() -> dict[str, Path]:
    """Return the mapping files that ship, by name."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.yaml"))}


def mapping_file(given: str | Path) -> Path:
    """Return the mapping file that a path or a name means: a file of that path comes first.

    Raises InputError where there is neither.
    """
    path, shipped = Path(given), mappings()
    if path.exists():
        return path
    if str(given) in shipped:
        return shipped[str(given)]
    raise InputError(
        f"{given}: cannot be read: no such file, and no mapping of this name ships; "
        f"there are {', '.join(shipped)}"
    )
