"""Types of the watches of kernels; see ``_kernels.pyx`` for what they do."""

from typing import Any

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]

ENTRY: np.dtype[Any]

class Slots:
    used: int

    def find(self, one: int, other: int) -> int: ...
    def add(self, one: int, other: int) -> int: ...
    def pair(self, slot: int) -> tuple[int, int]: ...
    def pairs(self) -> Int64: ...
    def find_all(self, pairs: Int64) -> Int64: ...

class Watch:
    slots: Slots
    accounts: Slots
    gross: bool
    columns: dict[str, npt.NDArray[Any]]
    entries: npt.NDArray[np.void]
    exempt: Int64
    events: Int64
    event_slots: Int64

    def __init__(self, wants: int, reasons: int, gross: bool) -> None: ...
    def take_up(
        self,
        pairs: Int64,
        columns: dict[str, npt.NDArray[Any]],
        account_pairs: Int64,
        entries: npt.NDArray[np.void],
        exempt: Int64,
    ) -> None: ...
    def part(self, entry: int, who: int, scope: int) -> tuple[int, int]: ...
    def gather(
        self,
        steps: npt.NDArray[np.void],
        start: int,
        ts: Int64,
        rule: tuple[npt.NDArray[Any], ...],
        people: tuple[npt.NDArray[Any], ...],
    ) -> tuple[int, int]: ...
    def judge(
        self,
        out: npt.NDArray[np.float64],
        yellow: float,
        red: float,
        seq: Int64,
        channel: Int64 | None,
        ts: Int64,
    ) -> tuple[list[tuple[int, int, int, float]], int]: ...

def grown(column: npt.NDArray[Any], rows: int) -> npt.NDArray[Any]: ...
