"""Fingerprints: a file told from its other versions without reading all of it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

END_BYTES: Final = 65_536


def footer_hash(path: Path, magic: bytes) -> str:
    """Return a hash of a footer that its length (4 bytes) and ``magic`` follow, and of the size."""
    tail = 4 + len(magic)
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - tail, 0))
        length = int.from_bytes(file.read(4), "little")
        file.seek(max(size - tail - length, 0))
        return _hash(size, file.read())


def ends_hash(path: Path) -> str:
    """Return a hash of the first and the last 64 KiB, and of the size."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        start = file.read(END_BYTES)
        file.seek(max(size - END_BYTES, 0))
        return _hash(size, start + file.read(END_BYTES))


def _hash(size: int, content: bytes) -> str:
    made = hashlib.blake2b(size.to_bytes(8, "little"), digest_size=16)
    made.update(content)
    return made.hexdigest()
