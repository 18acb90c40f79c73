"""Types of the compiled floor; see ``_floor.pyx`` for what it does."""

from typing import Any

import numpy as np
import numpy.typing as npt

COMMANDS: dict[str, int]
ROW: np.dtype[Any]
ARRIVAL: np.dtype[Any]
COMMAND: np.dtype[Any]
CELL: np.dtype[Any]
QUOTER: np.dtype[Any]
MARKET: np.dtype[Any]

class Floor:
    dropped: int
    live: int

    def __init__(
        self,
        markets: npt.NDArray[Any],
        sessions: npt.NDArray[np.int64],
        cells: npt.NDArray[Any],
        quoters: npt.NDArray[Any],
        commands: npt.NDArray[Any],
        *,
        first_planted: int,
        two_rows: bool = False,
        chunk: int = ...,
        note_closes: bool = False,
    ) -> None: ...
    def load(self, arrivals: npt.NDArray[Any]) -> None: ...
    def run(self, until: int) -> bool: ...
    def take(self) -> npt.NDArray[Any]: ...
    def planted_rows(self) -> npt.NDArray[Any]: ...
    def closed_lots(self) -> npt.NDArray[np.int64]: ...
