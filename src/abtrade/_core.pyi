"""Types of the compiled core; see ``_core.pyx`` for what it does."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .batch import Batch

SIZES: dict[str, int]
CODES: dict[str, dict[str, int]]
ATTRIBUTES: dict[str, int]
CELL_COUNTS: dict[str, int]
ENTRIES: dict[str, int]
FAULT_KINDS: int
FIRST_FAULTS_KEPT: int
CROSSING: np.dtype[Any]
INCREMENT: np.dtype[Any]
MATCH: np.dtype[Any]
STEP: np.dtype[Any]
SIGHT: np.dtype[Any]
RESTING: np.dtype[Any]
EXTRA_COUNTS: dict[str, int]
STEPS: dict[str, int]

class Scanner:
    rows: int
    shard_count: int

    def __init__(
        self,
        large_count: int,
        watched: Sequence[int],
        shards: int,
        keep_finished: bool,
        with_extra: bool,
        tells_matches: bool,
        extra: Sequence[int],
        step_kinds: int,
        with_book: bool = False,
        clock_phases: bool = False,
    ) -> None: ...
    def add_class(
        self,
        rules: Sequence[tuple[int, int, int, int, npt.NDArray[np.uint8]]],
        wide: Sequence[int],
        large: Sequence[int | None],
    ) -> int: ...
    def add_contract(
        self,
        class_id: int,
        product: int,
        numbering: int,
        remainder_first: bool,
        name_hash: int,
        mask: int,
        upper: int | None = None,
        lower: int | None = None,
    ) -> None: ...
    def add_account(
        self, subject: int, alone: int, makes: Sequence[int], name_hash: int, named: int = 0
    ) -> None: ...
    def set_shard(self, contract: int, shard: int) -> None: ...
    def load(self, batch: Batch) -> None: ...
    def run(self, shard: int) -> bool: ...
    def take(self) -> tuple[npt.NDArray[Any], ...]: ...
    def end_day(self) -> None: ...
    def cells(
        self,
    ) -> tuple[
        npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int64]
    ]: ...
    def contract_rows(self, contract: int) -> tuple[list[int], int, int, int, int]: ...
    def faults(
        self, contract: int
    ) -> list[tuple[int, int, list[tuple[int, int, int, int]]]]: ...
    def book_seen(
        self, contract: int
    ) -> tuple[list[int], list[tuple[int, int, list[tuple[int, int, int, int]]]]]: ...
    def book(
        self, contract: int, levels: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]: ...
    def resting_of(
        self, contract: int, own: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.void]: ...
    def tap(self, contract: int, levels: int, changes_only: bool) -> None: ...
    def take_depth(self) -> npt.NDArray[np.int64]: ...
    def follow(self, accounts: Sequence[int]) -> None: ...
    def take_sights(self) -> npt.NDArray[np.void]: ...
    def state_hash(self) -> int: ...
    def memory(self) -> dict[str, int]: ...
    def dump(self) -> list[bytes]: ...
    def restore(self, blobs: Sequence[bytes], rows: int) -> None: ...
