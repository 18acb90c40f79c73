"""The files of a made-up log: one, or one for the night session and one for the day's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..log_writers import Writer, format_of, open_writer
from .forms import Maker

GROUP_BYTES: Final = 96 << 20
"""What waits to be written together, of a file."""


class LogFiles:
    """The files of the log: one, or one for the night and one for the day."""

    def __init__(self, paths: Sequence[Path], columns: pa.Schema, morning: int) -> None:
        self._morning = morning
        self._writers: list[Writer] = []
        for path in paths:
            form, compression = format_of(path, None, None)
            self._writers.append(open_writer(path, form, compression, columns, GROUP_BYTES))

    def __enter__(self) -> LogFiles:
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        for writer in self._writers:
            if kind is None:
                writer.close()
            else:
                writer.abandon()

    def write(self, rows: npt.NDArray[Any], maker: Maker) -> None:
        """Write rows to the file, or files, of their time."""
        if len(self._writers) == 1:
            self._writers[0].write(maker.batch(rows))
            return
        cut = int(np.searchsorted(rows["ts"], self._morning))
        for writer, part in zip(self._writers, (rows[:cut], rows[cut:]), strict=True):
            if len(part):
                writer.write(maker.batch(part))
