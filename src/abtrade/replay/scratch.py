"""Scratch: columns of a replayed day on the disk, in files without a name that end with it."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt


@contextmanager
def _names_the_folder() -> Iterator[None]:
    """Have a file without a name say where it is: on a full disk one must know which."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, tempfile.gettempdir()) from error


class Scratch:
    """Bytes that are appended, then read at any place; nothing of them outlives the process."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="abtrade-")  # noqa: SIM115 - closed by close
        self.size = 0

    def append(self, data: Any, *, align: int = 1) -> int:
        """Append bytes; return where they begin."""
        gap = -self.size % align
        with _names_the_folder():
            self._file.write(bytes(gap))
            self.size += gap
            at = self.size
            self.size += self._file.write(data)
        return at

    def read(self, at: int, size: int) -> bytes:
        """Return a copy of some bytes."""
        self._file.seek(at)
        return self._file.read(size)

    def mapped(self) -> mmap.mmap | bytes:
        """Return all bytes as they lie on the disk; append no more."""
        with _names_the_folder():
            self._file.flush()
        if not self.size:
            return b""
        return mmap.mmap(self._file.fileno(), self.size, access=mmap.ACCESS_READ)

    def close(self) -> None:
        """Give the room back; what is still mapped stays until nobody holds it."""
        self._file.close()


class ScratchColumn:
    """A column of numbers that grows on the disk."""

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self._dtype = np.dtype(dtype)
        self._scratch = Scratch()

    def append(self, values: npt.NDArray[Any]) -> None:
        """Append numbers."""
        if len(values):
            self._scratch.append(np.ascontiguousarray(values, self._dtype).data)

    def array(self) -> npt.NDArray[Any]:
        """Return the whole column, to be read only; append no more."""
        found: npt.NDArray[Any] = np.zeros(0, self._dtype)
        if self._scratch.size:
            found = np.frombuffer(self._scratch.mapped(), self._dtype)
        self._scratch.close()
        return found
