"""Trace: a subject's rows counted once more by the reference engine, with every step noted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from . import ids, schema
from .cancel_looks import LOOKS, WITHIN_S, CancelLooks
from .concerned import Concerned
from .engine import Engine
from .job import Job, Prepared
from .names import Names
from .order_lives import Lives
from .outputs import TIME
from .reference import ReferenceEngine
from .reference_levels import Heard
from .reference_rows import OrderKey, Reference, Row, rows_of
from .wording import clock, iso_time

EVENTS: Final = pa.schema([
    pa.field("n", pa.int64(), nullable=False),  # from 1, in the order of the log
    pa.field("seq", pa.int64(), nullable=False),
    pa.field("channel", pa.int64()),
    pa.field("ts", TIME, nullable=False),
    pa.field("file", pa.string(), nullable=False),
    pa.field("row", pa.int64(), nullable=False),  # data row of the file, from 1
    pa.field("action", pa.string(), nullable=False),
    pa.field("contract", pa.string(), nullable=False),
    pa.field("account", pa.string()),  # of a self-trade: the incoming side's
    pa.field("order_id", pa.string()),  # of a self-trade: the incoming order
    pa.field("contra_account", pa.string()),
    pa.field("contra_order_id", pa.string()),
    pa.field("price", pa.string()),  # of a cancel that tells none: its order's
    pa.field("lots", pa.int64()),  # of the row; null: all that was left
    pa.field("amount", pa.int64(), nullable=False),  # what it adds where it counts; or takes away
    pa.field("left_out", pa.string()),  # the reason; null where it counts
    pa.field("clause", pa.string()),  # the clause that the reason rests on
    pa.field("count", pa.int64()),  # counted after it; null where the log has no history
    pa.field("figure", pa.float64()),  # the same of a count that is a figure, which has no count
    pa.field("held", pa.int64()),  # of a position: what the account holds after it
    pa.field("level", pa.string()),  # the level that it reached; of a position, each time
    pa.field("fell_under", pa.string()),  # of a position: the level under which it fell
    *LOOKS,  # of a cancel: what it looked like
    pa.field("order_life", pa.string()),
    pa.field("contra_life", pa.string()),
])
"""One row an event that was put to the rule for the subject in the scope.

Of a log that holds each order's last state only, the rows are in no order of time: there is no
running count, no level that an event reached, and lives of orders have no places and times.
"""


class Trace:
    """The subject's rows, counted once more with every step noted.

    ``within_s``: seconds around a cancel in which trades on the other side are told.
    ``counted`` is what the count comes to, of a position its peak; None: it has no events.
    ``heard`` has the events as they were put to the rule, ``steps`` the lives of orders, if given.
    """

    def __init__(
        self,
        job: Job,
        ready: Prepared,
        alert: dict[str, Any],
        within_s: float = WITHIN_S,
        steps: Lives | None = None,
    ) -> None:
        self.counted: float | None = None
        self.names = Names()
        self.heard: list[Heard] = []
        self._steps = steps
        self._job = job
        self._ready = ready
        self._alert = alert
        self._within_s = within_s
        self._count = schema.count_word(alert["count_name"])
        self._has_history = job.log.sight.has_history
        self._has_channels = "channel" in job.log.columns
        self._names = self.names
        self._where: list[tuple[int, int]] = []  # by index of a row: file, row
        self._lives: dict[OrderKey, list[str]] = defaultdict(list)
        self._owner: dict[OrderKey, int] = {}  # account, by order
        self._standing: dict[OrderKey, str | None] = {}  # price, by order
        self._order_price: dict[int, str | None] = {}  # by index of a cancel that tells none

    def events(self) -> pa.Table:
        """Return the events, in the order of the log."""
        engine = self._ready.engine("reference", self._names)
        assert isinstance(engine.counter, ReferenceEngine)
        heard: list[Heard] = []
        engine.counter.listen(heard.append)
        self._ready.introduce(self._names)
        concerned = Concerned(self._job, self._ready, self._names, self._alert)
        for batch in self._job.batches(self._ready, self._names):
            kept = batch.take(concerned.rows(batch))
            for row in rows_of(kept, len(self._where)):
                self._note(row)
            self._where += zip(kept.file.tolist(), kept.row.tolist(), strict=True)
            engine.feed(kept)
        self.heard = [event for event in heard if self._is_asked(event, engine)]
        self.heard.sort(key=lambda event: event.row.index)
        self.counted = self._come_to(self.heard)
        return self._table(self.heard)

    def _come_to(self, heard: Sequence[Heard]) -> float | None:
        """Return the highest count after a whole row; of a position it may be the opening's."""
        after = {event.row.index: event.count for event in heard}
        counts = list(after.values())
        if self._count in schema.POSITION_COUNTS:
            counts.append(self._alert["detail"]["opening"])
        elif self._count in schema.FIGURES:
            return max(counts, default=None)
        return max(counts, default=0)

    def _is_asked(self, event: Heard, engine: Engine) -> bool:
        exchange, kind, name = engine.roster.judged[event.subject]
        alert = self._alert
        return (
            event.rule.id == alert["rule"]
            and event.scope == alert["scope"]
            and (kind, name) == (alert["subject_kind"], alert["subject"])
            and self._names.exchanges[exchange] == alert["exchange"]
        )

    # --- orders --------------------------------------------------------------------------------

    def _note(self, row: Row) -> None:
        """Write down what a row did to each order it names."""
        price = self._price(row)
        if self._steps is not None:
            self._steps.note(row, price)
        what = _said(row, price)
        if self._has_history:
            what = f"seq {row.seq} {clock(row.ts)[11:]} {what}"
        if row.has_contra:
            self._lives[row.contra_reference().key].append(what)
        if row.action == schema.Action.RFQ:
            return
        key = row.order_reference().key
        self._lives[key].append(what)
        if row.action in (schema.Action.NEW, schema.Action.CARRIED) and key not in self._owner:
            self._owner[key], self._standing[key] = row.account, price
        elif row.action == schema.Action.AMEND and price is not None:
            self._standing[key] = price
        elif row.action == schema.Action.CANCEL and price is None:
            self._order_price[row.index] = self._standing.get(key)

    def _price(self, row: Row) -> str | None:
        if row.price == schema.NULL_PRICE:
            return None
        exchange, contract = self._names.contracts[row.contract]
        tick = self._ready.contracts.facts(self._names.exchanges[exchange], contract).tick
        unit = Decimal("0.000001") if tick is None else Decimal(str(tick))
        return format((row.price * unit).normalize(), "f")

    # --- the table -----------------------------------------------------------------------------

    def _table(self, heard: list[Heard]) -> pa.Table:
        clauses = self._alert["exempt_clauses"]
        reached, fell_under = self._marks(heard)
        is_figure = self._count in schema.FIGURES
        looks = self._looks(heard)
        rows, told = [], set()
        for n, event in enumerate(heard):
            row = event.row
            file, number = self._where[row.index]
            reason = event.rule.reasons[event.reason - 1] if event.reason else None
            again = (row.index, event.account) in told
            told.add((row.index, event.account))
            after = event.count if self._has_history else None
            rows.append(
                {
                    "n": n + 1,
                    "seq": row.seq,
                    "channel": self._channel(row),
                    "ts": row.ts,
                    "file": str(self._job.log.sources[file].path),
                    "row": number,
                    "action": schema.word_of("action", row.action),
                    "contract": self._names.contracts[row.contract][1],
                    "price": self._price(row) or self._order_price.get(row.index),
                    "lots": None if row.lots == schema.NULL_LOTS else row.lots,
                    "amount": event.amount,
                    "left_out": reason,
                    "clause": clauses.get(reason) if reason else None,
                    "count": None if is_figure else after,
                    "figure": after if is_figure else None,
                    "held": event.held if self._has_history else None,
                    "level": reached.get(n),
                    "fell_under": fell_under.get(n),
                    **looks.get(self._where[row.index], {}),
                    **self._sides(event, again=again),
                }
            )
        return pa.Table.from_pylist(rows, EVENTS)

    def _looks(self, heard: Sequence[Heard]) -> dict[tuple[int, int], dict[str, Any]]:
        """Return what the cancels among the events looked like, by file and row."""
        if not self._has_history:
            return {}
        cancels = [event.row for event in heard if event.row.action == schema.Action.CANCEL]
        contracts = {self._names.contracts[row.contract] for row in cancels}
        return CancelLooks(self._job, self._ready, self._alert, within_s=self._within_s).find(
            {self._where[row.index] for row in cancels},
            {(self._names.exchanges[exchange], name) for exchange, name in contracts},
        )

    def _channel(self, row: Row) -> int | None:
        return row.channel if self._has_channels else None

    def _marks(self, heard: Sequence[Heard]) -> tuple[dict[int, str], dict[int, str]]:
        """Return the levels that events reached, and under which ones fell, by place in the list.

        Where a row has several events, it is the last of those after which the count was as told.
        Where it has none, it is the second row of a match, that of somebody else: then it is the
        last event before it, the first row of the match.
        """
        if not self._has_history:
            return {}, {}
        alert, detail = self._alert, self._alert["detail"] or {}
        by_seq: dict[int, list[int]] = defaultdict(list)
        for i, event in enumerate(heard):
            if not event.reason:
                by_seq[event.row.seq].append(i)

        def placed(moments: Sequence[Mapping[str, Any]]) -> dict[int, str]:
            return {
                i: moment["level"]
                for moment in moments
                for i in [
                    i for i in by_seq[moment["seq"]]
                    if moment["ts"] == iso_time(heard[i].row.ts)
                    and moment["lots"] in (None, heard[i].count)
                ][-1:] or first_rows(moment)
            }  # fmt: skip

        def first_rows(moment: Mapping[str, Any]) -> list[int]:
            if moment["seq"] is None or by_seq[moment["seq"]] or self._has_channels:
                return []
            before = [seq for seq, at in by_seq.items() if at and seq < moment["seq"]]
            return [
                i for i in by_seq[max(before, default=0)]
                if heard[i].row.has_trade and heard[i].count == moment["lots"]
            ]  # fmt: skip

        tipped = [
            {"level": level, "seq": alert[f"{level}_seq"], "ts": alert[f"{level}_ts"],
             "lots": alert[f"{level}_at"]}
            for level in schema.LEVELS
        ]  # fmt: skip
        rising = sorted([*tipped, *detail.get("passages", ())], key=_rank)
        falling = sorted(detail.get("fell_back", ()), key=_rank, reverse=True)
        return placed(rising), placed(falling)

    def _sides(self, event: Heard, *, again: bool) -> dict[str, Any]:
        """Return the order or orders of an event, with their accounts and lives.

        again : whether the account has had an event of this row already, as the one side
        """
        row, pair = event.row, event.pair
        account = self._names.accounts[event.account][1]
        if row.action == schema.Action.RFQ:
            return {"account": account}
        if pair is not None:
            incoming = OrderKey(pair.incoming_contract, *ids.pack(pair.incoming))
            resting = OrderKey(pair.resting_contract, *ids.pack(pair.resting))
            return {
                "account": account,
                "order_id": pair.incoming,
                "order_life": self._life(incoming),
                "contra_account": self._names.accounts[pair.resting_account][1],
                "contra_order_id": pair.resting,
                "contra_life": self._life(resting),
            }
        order = row.order_reference()
        if not row.has_contra:
            return {"account": account, "order_id": order.text, "order_life": self._life(order.key)}
        contra = row.contra_reference()
        if again or (self._is_of(contra, event.account) and not self._is_of(order, event.account)):
            order, contra = contra, order
        return {
            "account": account,
            "order_id": order.text,
            "order_life": self._life(order.key),
            "contra_order_id": contra.text,
            "contra_life": self._life(contra.key),
        }

    def _is_of(self, reference: Reference, account: int) -> bool:
        return self._owner.get(reference.key, reference.account) == account

    def _life(self, key: OrderKey) -> str:
        return " | ".join(self._lives.get(key, ()))


def _rank(moment: Mapping[str, Any]) -> int:
    """Return the rank of a moment's level, the strictest highest."""
    return schema.LEVELS.index(moment["level"])


def _said(row: Row, price: str | None) -> str:
    """Return what a row says in a few words: ``new buy 5 @ 70000``."""
    words = [schema.word_of("action", row.action) or ""]
    words += [
        word
        for column in ("side", "offset", "tif")
        if (word := schema.word_of(column, getattr(row, column)))
    ]
    words.append("all left" if row.lots == schema.NULL_LOTS else str(row.lots))
    if price is not None:
        words.append(f"@ {price}")
    if row.cancel_by:
        words.append(f"by {schema.word_of('cancel_by', row.cancel_by)}")
    return " ".join(words)
