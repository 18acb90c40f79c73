"""The logs that are measured: made once, kept in a folder, and handed out by form and size.

All that knows how a log is made is here and in ``make_log``.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from make_log import Truth, links_of, read_truth, truth_of

HERE = Path(__file__).parent
FORMS = ("bare", "full")
FORMATS = {"parquet": ".parquet", "converted": ".converted.parquet", "arrow": ".arrow"}
"""As pyarrow writes it; as ``abtrade convert`` writes it; Arrow IPC as ``abtrade convert`` does."""

ROW_BYTES = {"parquet": 14, "converted": 14, "arrow": 90}
"""Rather more than a row takes on disk."""

READ_BYTES = 8 << 20


class NoRoomError(Exception):
    """The disk has no room for a log."""


class Inputs:
    """The logs of a folder; ``say`` is told of each that has to be made."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._folder = folder / f"logs-{_hash('make_log.py', 'answer.py')}"
        self._say = say

    def log(self, form: str, rows: int, format: str = "parquet") -> Path:
        """Return where a log is, made if it is not there yet."""
        plain = self._folder / f"{form}-{rows}.parquet"
        if not plain.exists():
            self._make(plain, form, rows)
        if format == "parquet":
            return plain
        path = self._folder / f"{form}-{rows}-{_writers_hash()}{FORMATS[format]}"
        if not path.exists():
            self._convert(plain, path, rows * ROW_BYTES[format])
        return path

    def links(self, form: str, rows: int) -> Path:
        """Return where the groups of a log are."""
        return links_of(self.log(form, rows))

    def truth(self, form: str, rows: int) -> Truth:
        """Return what a log holds, by its maker."""
        return read_truth(self.log(form, rows))

    def _make(self, path: Path, form: str, rows: int) -> None:
        self._begin(path, rows * ROW_BYTES["parquet"])
        half = path.with_name(f"half-{path.name}")
        bare = ["--bare"] if form == "bare" else []
        _run(HERE / "make_log.py", half, "--rows", str(rows), *bare)
        for of in (links_of, truth_of):
            of(half).replace(of(path))
        half.replace(path)

    def _convert(self, plain: Path, path: Path, size: int) -> None:
        self._begin(path, size)
        half = path.with_name(f"half-{path.name}")
        _run("-m", "abtrade", "convert", plain, half, "--quiet", "--force")
        half.replace(path)

    def _begin(self, path: Path, size: int) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self._folder).free
        if free < 2 * size:
            raise NoRoomError(
                f"{path} may take {size >> 20:,} MB, of which twice must be free; found "
                f"{free >> 20:,} MB; name another --folder, or fewer --rows"
            )
        self._say(f"making {path.name} (once)")


def keep_in_cache(path: Path) -> None:
    """Read a file through, so that it is in the page cache when it is measured."""
    with path.open("rb", buffering=0) as file:
        while file.read(READ_BYTES):
            pass


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        [sys.executable, *map(str, command)], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")


def _hash(*names: str) -> str:
    return hash_of([HERE / name for name in names])[:8]


def _writers_hash() -> str:
    import abtrade

    package = Path(abtrade.__file__).parent
    return hash_of([*package.glob("convert*.py"), package / "log_writers.py"])[:8]


def hash_of(paths: list[Path]) -> str:
    """Return a hash of the contents of files, by name."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
