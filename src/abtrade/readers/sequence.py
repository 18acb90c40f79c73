"""SequenceCheck: the four faults of a row's place in the log, found row against row before.

Rows come in the order in which they are counted. A lane is one channel of one exchange; what is
compared is always a row with the row before it in its lane:

=====================  ============================================  ===============
found                  is                                            effect
=====================  ============================================  ===============
same seq and content   ``REDELIVERED``                               row is dropped
same seq, other        ``SEQ_CONFLICT``; a third copy is compared    row is dropped
content                with the first
lower seq              ``OrderError``                                the run stops
seq leaves one out     ``SEQ_GAP``, if the log is said to be whole   none
earlier ts             ``TS_BACKWARDS``                              none
=====================  ============================================  ===============

A row has one of these faults at most, the first that fits. A bad row fills its seq where that can
be read. Nothing is missing before the first row of a lane.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..batch import Batch, Int64
from ..counts import FaultCount
from ..errors import OrderError
from ..names import Names
from ..schema import FIRST_FAULTS_KEPT, Fault
from .by_lane import ByLane, ExchangeTable, Lane

BadSeqs = Sequence[tuple[int, int, int]]
"""(exchange id, channel, seq) of rows set aside as bad."""


class SequenceCheck:
    """Checks one log's rows as they pass, batch after batch.

    ``has_seq``: the log has a ``seq`` of its own; else seq is the row number and only ``ts`` can
    be wrong. ``whole``: no seq may be missing. ``files`` are the paths that ``Batch.file`` counts.
    """

    def __init__(self, has_seq: bool, whole: bool = False, files: Sequence[str] = ()) -> None:
        self.has_seq = has_seq
        self.whole = whole and has_seq
        self._files = files
        self._last: dict[Lane, Batch] = {}  # the last row kept in each lane, as a batch of one
        self._bad: dict[Lane, Int64] = {}  # seqs of bad rows that no row kept has passed yet
        self._exchanges = ExchangeTable()

    def check(
        self, batch: Batch, names: Names, bad: BadSeqs = ()
    ) -> tuple[Batch, list[FaultCount]]:
        """Return the rows that stand and the faults found, in the order of the rows.

        ``bad``: rows set aside since the last call. Raises OrderError on a seq that falls.
        """
        if self.whole:
            self._note_bad(bad)
        if not len(batch):
            return batch, []
        lanes = self._lanes(batch, names)
        if self._clean(lanes, batch):
            self._remember(lanes, batch, lanes.ends - 1)
            return batch, []
        return self._sift(batch, names)

    def state(self) -> dict[str, Any]:
        """Return what is carried from batch to batch, as plain values."""
        return {
            "last": [[*lane, _row_values(row)] for lane, row in self._last.items()],
            "bad": [[*lane, seqs.tolist()] for lane, seqs in self._bad.items()],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a ``state()`` of the same log, with the same Names."""
        self._last = {(e, c): _row_batch(values) for e, c, values in state["last"]}
        self._bad = {(e, c): np.array(seqs, np.int64) for e, c, seqs in state["bad"]}

    # --- the usual case: nothing to find ------------------------------------------------------

    def _clean(self, lanes: ByLane, batch: Batch) -> bool:
        """Whether every row follows the one before it in its lane as it should.

        What rises over all rows rises in every lane: ``ts`` mostly does, and is not gathered.
        """
        if not (batch.ts[1:] >= batch.ts[:-1]).all():
            ts = lanes.sort(batch.ts)
            if not _all_between(ts[1:] >= ts[:-1], lanes.starts):
                return False
        if self.has_seq:
            seq = lanes.sort(batch.seq)
            if not _all_between(self._follows(seq[1:], seq[:-1]), lanes.starts):
                return False
        heads = lanes.positions(lanes.starts)
        return all(
            lane not in self._last
            or (
                ts >= self._last[lane].ts[0]
                and (not self.has_seq or bool(self._follows(seq, self._last[lane].seq[0])))
            )
            for lane, seq, ts in zip(lanes.keys, batch.seq[heads], batch.ts[heads], strict=True)
        )

    def _follows(self, seq: Any, before: Any) -> Any:
        return seq == before + 1 if self.whole else seq > before

    def _remember(self, lanes: ByLane, batch: Batch, ends: npt.NDArray[np.intp]) -> None:
        """Keep the rows at ``ends`` (positions in lane order) as their lanes' last."""
        positions = lanes.order[ends] if lanes.order is not None else ends
        rows = batch.take(positions)
        for index, lane in enumerate(lanes.keys):
            self._last[lane] = rows if len(rows) == 1 else rows.take([index])
            self._forget_bad(lane, int(rows.seq[index]))

    # --- something to find --------------------------------------------------------------------

    def _sift(self, batch: Batch, names: Names) -> tuple[Batch, list[FaultCount]]:
        """Find every fault; the last row of each lane goes before the batch, to compare with."""
        lasts = list(self._last.values())
        rows = Batch.join([*lasts, batch])
        lanes = self._lanes(rows, names)
        fault = np.full(len(rows), NO_FAULT, np.int8)  # in lane order, as all arrays here
        first = np.ones(len(rows), np.bool_)  # of its seq
        if self.has_seq:
            seq = lanes.sort(rows.seq)
            self._refuse_falling(rows, lanes, seq)
            first[1:] = lanes.starts_mask(len(rows))[1:] | (seq[1:] != seq[:-1])
            copies = np.flatnonzero(~first)
            originals = np.maximum.accumulate(np.where(first, np.arange(len(rows)), 0))[copies]
            same = _same_content(rows, lanes.positions(copies), lanes.positions(originals))
            fault[copies] = np.where(same, Fault.REDELIVERED, Fault.SEQ_CONFLICT)
        kept = np.flatnonzero(first)
        self._find_gaps_and_ts(rows, lanes, kept, fault)
        self._remember(lanes, rows, kept[np.searchsorted(kept, lanes.ends, "left") - 1])
        return _result(batch, rows, lanes, fault, len(lasts))

    def _refuse_falling(self, rows: Batch, lanes: ByLane, seq: Int64) -> None:
        falls = np.flatnonzero((seq[1:] < seq[:-1]) & ~lanes.starts_mask(len(seq))[1:]) + 1
        if len(falls):
            positions = lanes.positions(falls)
            which = int(np.argmin(positions))  # the one that stands first in the log
            at = int(positions[which])
            raise falling_seq(
                self._file(int(rows.file[at])),
                int(rows.row[at]),
                int(rows.seq[at]),
                int(seq[falls[which] - 1]),
            )

    def _file(self, index: int) -> str:
        return self._files[index] if index < len(self._files) else f"file {index + 1}"

    def _find_gaps_and_ts(
        self, rows: Batch, lanes: ByLane, kept: npt.NDArray[np.intp], fault: npt.NDArray[np.int8]
    ) -> None:
        """Mark rows kept whose ts is earlier, or whose seq leaves one out, with their fault."""
        starts = lanes.starts_mask(len(rows))[kept][1:]
        seq, ts = lanes.sort(rows.seq)[kept], lanes.sort(rows.ts)[kept]
        fault[kept[1:][(ts[1:] < ts[:-1]) & ~starts]] = Fault.TS_BACKWARDS
        if self.whole:
            gaps = np.flatnonzero((seq[1:] - seq[:-1] > 1) & ~starts) + 1
            filled = self._filled(lanes, kept[gaps], seq[gaps - 1], seq[gaps])
            fault[kept[gaps[filled < seq[gaps] - seq[gaps - 1] - 1]]] = Fault.SEQ_GAP

    def _filled(
        self, lanes: ByLane, at: npt.NDArray[np.intp], low: Int64, high: Int64
    ) -> npt.NDArray[np.intp]:
        """Return how many bad rows' seqs lie between two seqs of the lane that ``at`` is in."""
        filled = np.zeros(len(at), np.intp)
        for lane, start, end in zip(lanes.keys, lanes.starts, lanes.ends, strict=True):
            bad = self._bad.get(lane)
            if bad is not None:
                here = (at >= start) & (at < end)
                filled[here] = np.searchsorted(bad, high[here], "left")
                filled[here] -= np.searchsorted(bad, low[here], "right")
        return filled

    # --- lanes and bad rows -------------------------------------------------------------------

    def _lanes(self, batch: Batch, names: Names) -> ByLane:
        return ByLane.of(self._exchanges.of(batch.contract, names), batch.channel)

    def _note_bad(self, bad: BadSeqs) -> None:
        lanes: dict[Lane, list[int]] = {}
        for exchange, channel, seq in bad:
            lanes.setdefault((exchange, channel), []).append(seq)
        for lane, seqs in lanes.items():
            known = self._bad.get(lane, _NO_SEQS)
            self._bad[lane] = np.union1d(known, np.array(seqs, np.int64))

    def _forget_bad(self, lane: Lane, seq: int) -> None:
        if lane in self._bad:
            self._bad[lane] = self._bad[lane][np.searchsorted(self._bad[lane], seq, "right") :]


def falling_seq(file: str, row: int, seq: int, before: int) -> OrderError:
    """Return the error for a seq that is lower than the one before it."""
    return OrderError(
        f"{file}: row {row}: seq {seq} comes after {before}; "
        f"sort the file with `{sort_command([file])}`"
    )


def sort_command(files: Sequence[str]) -> str:
    """Return the command that brings these files into order."""
    first = Path(files[0])
    stem, _, ending = first.name.partition(".")
    target = first.with_name(f"{stem}.sorted.{ending or 'parquet'}")
    return " ".join(["abtrade convert", *map(shlex.quote, [*files, str(target)]), "--sort"])


def add_faults(total: dict[tuple[int, Fault], FaultCount], more: Iterable[FaultCount]) -> None:
    """Add the faults of later rows to a total by (contract id, kind)."""
    for fault in more:
        key = fault.contract, fault.kind
        known = total.get(key)
        if known is None:
            total[key] = fault
        else:
            first = (*known.first, *fault.first)[:FIRST_FAULTS_KEPT]
            total[key] = FaultCount(*key, known.count + fault.count, first)


NO_FAULT: Final = -1
_NO_SEQS: Final = np.empty(0, np.int64)


def _all_between(follows: npt.NDArray[np.bool_], starts: npt.NDArray[np.intp]) -> bool:
    """Whether rows follow one another, not asking the first row of a lane."""
    follows[starts[1:] - 1] = True
    return bool(follows.all())


def _same_content(
    rows: Batch, left: npt.NDArray[np.intp], right: npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_]:
    """Return whether the rows at two lists of positions say the same, file and row aside."""
    same = np.ones(len(left), np.bool_)
    for name, column in rows.columns().items():
        if column is not None and name not in ("file", "row"):
            same &= column[left] == column[right]
    return same


def _result(
    batch: Batch, rows: Batch, lanes: ByLane, fault: npt.NDArray[np.int8], added: int
) -> tuple[Batch, list[FaultCount]]:
    """Return the rows of ``batch`` that stand and the faults, both as the batch stood.

    ``fault`` is in lane order over ``rows``: ``added`` rows, then the batch.
    """
    by_row = np.empty_like(fault)
    by_row[lanes.positions(np.arange(len(fault)))] = fault
    by_row = by_row[added:]
    dropped = (by_row == Fault.REDELIVERED) | (by_row == Fault.SEQ_CONFLICT)
    faults = _count(rows, np.flatnonzero(by_row != NO_FAULT) + added, by_row[by_row != NO_FAULT])
    return (batch.take(~dropped) if dropped.any() else batch), faults


def _count(
    rows: Batch, positions: npt.NDArray[np.intp], kinds: npt.NDArray[np.int8]
) -> list[FaultCount]:
    """Return the faults at ``positions``, counted by contract and kind, in order of first sight."""
    keys = rows.contract[positions].astype(np.int64) * len(Fault) + kinds
    _, first_at, which = np.unique(keys, return_index=True, return_inverse=True)
    counts = np.bincount(which)
    order = np.argsort(which, kind="stable")
    heads = np.concatenate(([0], np.cumsum(counts)[:-1]))
    found = []
    for group in np.argsort(first_at).tolist():
        chosen = order[heads[group] : heads[group] + min(counts[group], FIRST_FAULTS_KEPT)]
        at = positions[chosen]
        channels = [0] * len(at) if rows.channel is None else rows.channel[at].tolist()
        first = tuple(zip(channels, rows.seq[at].tolist(), rows.ts[at].tolist(), strict=True))
        kind = Fault(int(kinds[chosen[0]]))
        found.append(FaultCount(int(rows.contract[at[0]]), kind, int(counts[group]), first))
    return found


def _row_values(row: Batch) -> dict[str, Any]:
    return {
        name: [column.dtype.str, column[0] if column.dtype == object else column[0].item()]
        for name, column in row.columns().items()
        if column is not None
    }


def _row_batch(values: Mapping[str, Any]) -> Batch:
    columns: dict[str, Any] = {field.name: None for field in fields(Batch)}
    for name, (dtype, value) in values.items():
        columns[name] = np.array([value], dtype)
    return Batch(**columns)
