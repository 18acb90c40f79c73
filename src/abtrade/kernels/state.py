"""Kept: a watch of a rule's events, with the numbers that the kernel keeps for its slots."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..batch import Int64
from ..plan import PlanRule
from ._kernels import ENTRY, Watch, grown
from .kernel import EVENT, Kernel, call, jitted


class Kept:
    """A watch, and what the kernel keeps for its slots."""

    def __init__(self, rule: PlanRule, kernel: Kernel, *, gross: bool) -> None:
        wants = sum(1 << what for what in kernel.wants)
        self.watch = Watch(wants, len(rule.reasons), gross)
        self.state = np.zeros((0, kernel.state), kernel.state_type)
        self._kernel = kernel
        self._function = jitted(kernel)
        self._out = np.empty(len(self.watch.events))

    def run(self, events: int) -> npt.NDArray[np.float64]:
        """Have the kernel measure the events that were gathered; return its figures."""
        self.make_room()
        out = self._out[:events]
        out.fill(np.nan)
        seen = self.watch.events[:events].view(EVENT)[:, 0]
        call(
            self._kernel, self._function, seen, self.watch.event_slots[:events], self.state, out
        )
        return out

    def make_room(self) -> None:
        """Make room for all slots there are."""
        used = self.watch.slots.used
        if used > len(self.state):
            self.state = grown(self.state, max(used, 2 * len(self.state), 64))

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return what stands for each slot, the kernel's numbers among it."""
        self.make_room()
        used = self.watch.slots.used
        own = {name: column[:used] for name, column in self.watch.columns.items()}
        return own | {"state": self.state[:used]}

    def entries(self) -> tuple[npt.NDArray[np.void], npt.NDArray[np.int64]]:
        """Return, by account and scope, its entry and its events left out by reason."""
        used = self.watch.accounts.used
        return self.watch.entries[:used], self.watch.exempt[:used]

    def ledger(self) -> tuple[Int64, Int64, Int64]:
        """Return, by slot of a subject, its events that count, the unknown ones, those left out:
        (n,), (n,), (n, reasons)."""
        entries, exempt = self.entries()
        table = np.column_stack([entries["events"], entries["unknown"], exempt])
        sums = np.zeros((self.watch.slots.used, table.shape[1]), np.int64)
        for judged in ("subject", "alone"):
            here = entries[judged] >= 0
            np.add.at(sums, entries[judged][here], table[here])
        return sums[:, 0], sums[:, 1], sums[:, 2:]

    def part(self, entry: int, who: int, scope: int) -> None:
        """Judge an entry's client besides, from what stands for its subject."""
        source, slot = self.watch.part(entry, who, scope)
        if slot >= 0:
            self.make_room()
            self.state[slot] = self.state[source]

    def dump(self) -> dict[str, Any]:
        """Return all that is kept as JSON data."""
        entries, exempt = self.entries()
        arrays = self.columns() | {
            "pairs": self.watch.slots.pairs(),
            "account_pairs": self.watch.accounts.pairs(),
            "entries": entries.view(np.int64),
            "exempt": exempt,
        }
        return {
            name: [array.dtype.str, list(array.shape), b64encode(array.tobytes()).decode("ascii")]
            for name, array in arrays.items()
        }

    def restore(self, plain: Mapping[str, Any]) -> None:
        """Take up what ``dump`` gave."""
        arrays = {
            name: np.frombuffer(b64decode(data), dtype).reshape(shape)
            for name, (dtype, shape, data) in plain.items()
        }
        columns = {name: arrays[name] for name in self.watch.columns}
        entries = arrays["entries"].view(ENTRY)
        self.watch.take_up(
            arrays["pairs"], columns, arrays["account_pairs"], entries, arrays["exempt"]
        )
        self.make_room()
        self.state[: len(arrays["state"])] = arrays["state"]
