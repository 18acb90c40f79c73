"""Explain an alert: every event behind it, counted or left out, with the life of its order.

The log is read again, for the subject's own orders only, and counted by the reference engine; the
figure that comes out must be the alert's, or the log is not the one that was scanned.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from . import ids, schema
from .batch import Batch
from .engine import Engine
from .errors import InputError
from .job import Job, Prepared
from .names import Names
from .outputs import TIME
from .pseudonyms import Pseudonyms, names_nobody_in_errors, pseudonyms_of
from .readers.foreign import stated_log
from .readers.log import open_log
from .reference import ReferenceEngine
from .reference_levels import Heard
from .reference_rows import OrderKey, Row, rows_of
from .wording import clock

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
    pa.field("price", pa.string()),
    pa.field("lots", pa.int64()),  # of the row; null: all that was left
    pa.field("amount", pa.int64(), nullable=False),  # what it adds where it counts; of bursts:
    # 1 where it makes a second an occasion, else 0
    pa.field("left_out", pa.string()),  # the reason; null where it counts
    pa.field("clause", pa.string()),  # the clause that the reason rests on
    pa.field("count", pa.int64()),  # counted after it; null where the log has no history
    pa.field("level", pa.string()),  # the level that it reached
    pa.field("order_life", pa.string()),
    pa.field("contra_life", pa.string()),
])
"""One row an event that was put to the rule for the subject in the scope.

Of a log that holds each order's last state only, the rows are in no order of time: there is no
running count, no level that an event reached, and lives of orders have no places and times.
"""


@dataclass(slots=True)
class Explanation:
    """An alert as it was written, and the events behind it (``EVENTS``).

    ``inputs`` are the files that were read for it.
    """

    alert: dict[str, Any]
    events: pa.Table
    inputs: list[Path] = field(default_factory=list)


@names_nobody_in_errors
def explain(
    out: str | Path,
    alert_id: str,
    *,
    log: Any = None,
    pseudonymise: Pseudonyms | str | Path | None = None,
) -> Explanation:
    """Return every event behind an alert of a scan's output folder.

    log : where the log is now, if it is no longer where the scan found it
    pseudonymise : the key, or its file, of a scan that wrote pseudonyms; events have them too

    Raises InputError where the folder, the alert or the log is not what it was.
    """
    folder = Path(out)
    alert = _alert(folder, alert_id)
    run = _run(folder)
    pseudonyms = pseudonyms_of(pseudonymise)
    _check_key(folder, run, pseudonyms)
    job = _job(run, log, pseudonyms)
    ready = job.prepare()
    _check_same(run, ready, job, alert)
    trace = _Trace(job, ready, alert)
    events = trace.events()
    if trace.counted != alert["count"] and alert["count"] is not None:
        raise InputError(
            f"{folder}: alert {alert_id} counts {alert['count']}, the log now gives "
            f"{trace.counted}; it is not the log that was scanned"
        )
    tables = (run["options"][name] for name in (*_TABLES, "mapping"))
    inputs = [*(source.path for source in job.log.sources), *map(Path, filter(None, tables))]
    return Explanation(alert, events, inputs)


# --- what the scan left behind -------------------------------------------------------------------


def _alert(folder: Path, alert_id: str) -> dict[str, Any]:
    path = folder / "alerts.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        alerts = [json.loads(line) for line in lines]
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise InputError(f"{path}: no alerts of a scan can be read there ({error})") from error
    found = [alert for alert in alerts if alert["alert_id"].startswith(alert_id)]
    if len(found) != 1:
        known = ", ".join(alert["alert_id"] for alert in alerts[:10]) or "none"
        what = "no alert" if not found else f"{len(found)} alerts"
        raise InputError(f"{folder}: {what} with the id {alert_id!r}; there are: {known}")
    alert: dict[str, Any] = found[0]
    return alert


def _run(folder: Path) -> dict[str, Any]:
    path = folder / "run.json"
    try:
        run: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise InputError(f"{path}: the record of the scan cannot be read ({error})") from error
    return run


def _check_key(folder: Path, run: dict[str, Any], pseudonyms: Pseudonyms | None) -> None:
    """Refuse to name people where the scan did not, or other pseudonyms than it wrote."""
    wrote = run["options"].get("pseudonyms")
    if wrote is not None and pseudonyms is None:
        raise InputError(
            f"{folder}: the scan wrote pseudonyms; give the file of its key by --pseudonymise"
        )
    if wrote is None and pseudonyms is not None:
        raise InputError(f"{folder}: the scan wrote names: leave --pseudonymise out")
    if pseudonyms is not None and wrote != pseudonyms.key_id:
        raise InputError(f"{folder}: the scan wrote pseudonyms by another key than this")


def _job(run: dict[str, Any], log: Any, pseudonyms: Pseudonyms | None) -> Job:
    """Return the scan as it was asked for, to be run again."""
    options = run["options"]
    if log is None:
        log = [file["path"] for file in run["inputs"]]
        tables = [log, options["calendar"], *(options[name] for name in _TABLES)]
        if "<table>" in log or "<table>" in tables:
            raise InputError("the scan read a table in memory; say where its log is now")
    stated = stated_log(
        options["source"], options["account_field"], options["account"], run["day"],
        options["calendar"],
    )
    return Job(
        log=open_log(
            log, day=run["day"], mapping=options["mapping"], stated=stated, pseudonyms=pseudonyms
        ),
        stated=dict(text.split("=", 1) for text in options["assume"]),
        tables={name: options[name] for name in _TABLES},
        rule_specs=options["rules"],
        close_links=options["close_links"],
        engine="reference",
        threads=1,
        whole=False,
        keep_attributes=options["keep_attributes"],
        columns=options["columns"],
        progress=None,
        derives_phase="phase" in run["derived"],
        kernels=tuple(options["kernels"]),
    )


_TABLES: Final = ("accounts", "links", "market_makers", "contracts", "positions", "limits",
                  "sessions")


def _check_same(
    run: dict[str, Any], ready: Prepared, job: Job, alert: dict[str, Any]
) -> None:
    """Refuse a log or a rule that has changed since the scan."""
    changed = [
        f"{file['path']}: the file has changed since the scan"
        for file, source in zip(run["inputs"], job.log.sources, strict=False)
        if file["fingerprint"] != source.fingerprint()
    ]
    if ready.phases is not None and run["derived"]["phase"] != ready.phases.basis:
        changed.append("the trading days or the sessions have changed since the scan")
    rule = ready.compiled.rules.get(alert["rule"])
    if rule is None or rule.version != alert["rule_version"]:
        changed.append(f"rule {alert['rule']}: its text has changed since the scan")
    if changed:
        raise InputError("\n".join(changed))


# --- the events ----------------------------------------------------------------------------------


class _Trace:
    """The subject's rows, counted once more with every step noted."""

    def __init__(self, job: Job, ready: Prepared, alert: dict[str, Any]) -> None:
        self.counted = 0
        self._job = job
        self._ready = ready
        self._alert = alert
        self._has_history = job.log.sight.has_history
        self._names = Names()
        self._heard: list[Heard] = []
        self._where: list[tuple[int, int]] = []  # by index of a row: file, row
        self._lives: dict[OrderKey, list[str]] = defaultdict(list)

    def events(self) -> pa.Table:
        """Return the events, in the order of the log."""
        engine = self._ready.engine("reference", self._names)
        assert isinstance(engine.counter, ReferenceEngine)
        engine.counter.listen(self._heard.append)
        own = self._own_orders()
        for batch in self._job.batches(self._ready, self._names):
            kept = batch.take(self._concerns(batch, own))
            for row in rows_of(kept, len(self._where)):
                self._note_life(row)
            self._where += zip(kept.file.tolist(), kept.row.tolist(), strict=True)
            engine.feed(kept)
        asked = (event for event in self._heard if self._is_asked(event, engine))
        # Of a burst the first messages are heard of only when the last has made it one.
        heard = sorted(asked, key=lambda event: event.row.index)
        if heard:
            self.counted = heard[-1].count
        return self._table(heard)

    def _is_asked(self, event: Heard, engine: Engine) -> bool:
        exchange, kind, name = engine.roster.judged[event.subject]
        alert = self._alert
        return (
            event.rule.id == alert["rule"]
            and event.scope == alert["scope"]
            and (kind, name) == (alert["subject_kind"], alert["subject"])
            and self._names.exchanges[exchange] == alert["exchange"]
        )

    def _own_orders(self) -> set[OrderKey]:
        """Return the orders that the subject's accounts opened."""
        own: set[OrderKey] = set()
        for batch in self._job.batches(self._ready, self._names):
            opens = np.isin(batch.action, (schema.Action.NEW, schema.Action.CARRIED))
            for i in np.flatnonzero(opens & self._members()[batch.account]).tolist():
                high = 0 if batch.order_high is None else int(batch.order_high[i])
                own.add(OrderKey(int(batch.contract[i]), high, int(batch.order[i])))
        return own

    def _members(self) -> Any:
        """Return whether each account is the subject's; the last entry stands for no account."""
        wanted = (self._alert["subject_kind"], self._alert["subject"])
        subjects = self._ready.subjects
        member = np.zeros(len(self._names.accounts) + 1, np.bool_)
        for account, (exchange, name) in enumerate(self._names.accounts):
            where = self._names.exchanges[exchange]
            if where == self._alert["exchange"]:
                judged = (subjects.subject(where, name), subjects.alone(where, name))
                member[account] = wanted in judged
        return member

    def _concerns(self, batch: Batch, own: set[OrderKey]) -> Any:
        """Return the rows that name one of the subject's orders or accounts."""
        member = self._members()
        concerned = member[batch.account].copy()
        if batch.contra_account is not None:
            concerned |= member[batch.contra_account]
        low = np.array(sorted({key.low for key in own}), np.int64)
        likely = np.isin(batch.order, low)
        if batch.contra is not None:
            likely |= np.isin(batch.contra, low)
        for row in np.flatnonzero(likely & ~concerned).tolist():
            concerned[row] = any(key in own for key in _keys(batch, row))
        return concerned

    def _note_life(self, row: Row) -> None:
        """Write down what a row did to each order it names."""
        what = _said(row, self._price(row))
        if self._has_history:
            what = f"seq {row.seq} {clock(row.ts)[11:]} {what}"
        if row.action != schema.Action.RFQ:
            self._lives[row.order_reference().key].append(what)
        if row.has_contra:
            self._lives[row.contra_reference().key].append(what)

    def _price(self, row: Row) -> str | None:
        if row.price == schema.NULL_PRICE:
            return None
        exchange, contract = self._names.contracts[row.contract]
        tick = self._ready.contracts.facts(self._names.exchanges[exchange], contract).tick
        unit = Decimal("0.000001") if tick is None else Decimal(str(tick))
        return format((row.price * unit).normalize(), "f")

    def _table(self, heard: list[Heard]) -> pa.Table:
        clauses = self._alert["exempt_clauses"]
        reached = {
            (self._alert[f"{level}_seq"], self._alert[f"{level}_channel"]): level
            for level in schema.LEVELS
            if self._alert[f"{level}_seq"] is not None and self._has_history
        }
        has_channels = "channel" in self._job.log.columns
        rows = []
        for n, event in enumerate(heard, start=1):
            row = event.row
            channel = row.channel if has_channels else None
            file, number = self._where[row.index]
            reason = event.rule.reasons[event.reason - 1] if event.reason else None
            rows.append(
                {
                    "n": n,
                    "seq": row.seq,
                    "channel": channel,
                    "ts": row.ts,
                    "file": str(self._job.log.sources[file].path),
                    "row": number,
                    "action": schema.word_of("action", row.action),
                    "contract": self._names.contracts[row.contract][1],
                    "price": self._price(row),
                    "lots": None if row.lots == schema.NULL_LOTS else row.lots,
                    "amount": event.amount,
                    "left_out": reason,
                    "clause": clauses.get(reason) if reason else None,
                    "count": event.count if self._has_history else None,
                    "level": None if event.reason else reached.get((row.seq, channel)),
                    **self._sides(event),
                }
            )
        return pa.Table.from_pylist(rows, EVENTS)

    def _sides(self, event: Heard) -> dict[str, Any]:
        """Return the order or orders of an event, with their accounts and lives."""
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
        sides = {"account": account, "order_id": order.text, "order_life": self._life(order.key)}
        if row.has_contra:
            contra = row.contra_reference()
            sides |= {"contra_order_id": contra.text, "contra_life": self._life(contra.key)}
        return sides

    def _life(self, key: OrderKey) -> str:
        return " | ".join(self._lives.get(key, ()))


def _keys(batch: Batch, row: int) -> Iterator[OrderKey]:
    """Yield the orders that a row of a batch names."""
    contract = int(batch.contract[row])
    is_trade = batch.action[row] == schema.Action.TRADE
    high = 0 if batch.order_high is None else int(batch.order_high[row])
    yield OrderKey(_stands_in(batch.order_contract, row, contract, is_trade), high,
                   int(batch.order[row]))
    if batch.contra is not None and batch.has_contra is not None and batch.has_contra[row]:
        high = 0 if batch.contra_high is None else int(batch.contra_high[row])
        yield OrderKey(_stands_in(batch.contra_order_contract, row, contract, is_trade), high,
                       int(batch.contra[row]))


def _stands_in(column: Any, row: int, contract: int, is_trade: bool) -> int:
    """Return the contract in which an order that a row names stands."""
    if not is_trade or column is None or column[row] == schema.NULL_ID:
        return contract
    return int(column[row])


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
