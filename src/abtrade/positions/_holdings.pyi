"""Types of the compiled holdings; see ``_holdings.pyx`` for what they do."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..batch import Int32, Int64, UInt8

HOLDING: np.dtype[Any]
LINK: np.dtype[Any]
SLOT: np.dtype[Any]
SIZES: dict[str, int]
NO_LEVEL: int
OPENING_SEQ: int

Shares = dict[int, int]

class Holdings:
    shares: dict[tuple[int, int], Shares]

    def __init__(
        self,
        rules: Sequence[tuple[int, int, bool]],
        levels: Callable[[int, int, int, bool], tuple[int, int]],
        tells_over: bool,
    ) -> None: ...
    def add_scope(self, name_hash: int) -> None: ...
    def add_contract(
        self,
        splits_today: bool,
        entries: Sequence[tuple[int, int, int, bytes, bool, bool]],
        name_hash: int,
    ) -> None: ...
    def add_account(
        self,
        subject: int,
        alone: int,
        client: int,
        is_grouped: bool,
        is_plain: bool,
        name_hash: int,
    ) -> None: ...
    def open_day(
        self,
        account: Int32,
        contract: Int32,
        hedge: UInt8,
        makes: UInt8,
        held: Int64,
        today: Int64,
    ) -> None: ...
    def watch(
        self,
        steps: npt.NDArray[np.void],
        channel: Int64 | None,
        seq: Int64,
        ts: Int64,
        base: int,
    ) -> tuple[list[tuple[int, ...]], list[tuple[int, int]]]: ...
    def end_day(self) -> list[tuple[int, ...]]: ...
    def holdings(self) -> npt.NDArray[np.void]: ...
    def slots(self) -> npt.NDArray[np.void]: ...
    def account_of(self, slot: int) -> int: ...
    def counted_shares(self, slot: int, at_peak: bool = False) -> Shares: ...
    def client_peaks(self, slot: int) -> dict[int, int]: ...
    def record(self, slot: int) -> dict[str, Any]: ...
    def state_hash(self) -> int: ...
    def dump(self) -> tuple[dict[str, npt.NDArray[np.void]], list[Any], list[Any]]: ...
    def restore(
        self,
        holdings: npt.NDArray[np.void],
        links: npt.NDArray[np.void],
        slots: npt.NDArray[np.void],
        noted: Sequence[Any],
        waiting: Sequence[Any],
        shares: dict[tuple[int, int], Shares],
    ) -> None: ...
