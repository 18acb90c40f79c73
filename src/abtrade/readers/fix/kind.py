"""FIX drop copies: logs of ExecutionReports, from FIX 4.2 to 5.0 SP2, as the events they tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from ... import schema
from ...batch import Int64
from ...errors import InputError, LackingError, problems_error
from ..columns import DICTIONARY_COLUMNS
from ..fingerprint import ends_hash
from ..foreign import Glimpse, Kind, Meaning, Part, Stated, unused_account
from ..in_order import in_order, trading_day
from ..made import Made, MadeSource
from ..raw import Source
from .file import FixFile, read_file
from .lines import START, read_message
from .orders import COLUMNS, Orders, Row
from .report import DEFAULT_ACCOUNT, AccountOf, account_reader
from .tags import TAGS
from .trades import is_superfluous, orders_filled_in_legs, settled, share_ids

MESSAGES: Final = "messages"


class Fix(Kind):
    """A drop copy: a message a line, its fields between SOH, ``|`` or ``^A``."""

    name = "fix"
    title = "FIX drop copy"

    def part(self, glimpse: Glimpse) -> str | None:
        """Return ``messages`` where a line of the file's start is or ends in a FIX message."""
        lines = glimpse.head.splitlines()
        return MESSAGES if any(START.search(line) for line in lines) else None

    def open(self, parts: Sequence[Part], stated: Stated) -> list[Source]:
        """Return the files of a log; a row is an event, its row number the message's line."""
        files = _read(parts, account_reader(stated.account_field))
        where = ", ".join(str(file.path) for file in files)
        notes = _name_accounts(files, stated, where)
        rows, made_of, more = _rows(files)
        notes += [*more, *_skipped(files)]
        times = np.array([row[COLUMNS.index("ts")] for row in rows], np.int64)
        day = trading_day(times, stated, where)
        return [
            MadeSource(
                file.path,
                self.name,
                made,
                ends_hash(file.path),
                day=day,
                day_from=None if stated.day else "the trading calendar",
                visibility="broker",
                notes=notes,
            )
            for file, made in zip(files, _made(files, rows, made_of), strict=True)
        ]

    def meanings(self, part: Part, log: Sequence[Part], stated: Stated) -> list[Meaning]:
        """Return what becomes of each tag of the reports in the file's start."""
        field = stated.account_field or DEFAULT_ACCOUNT
        account_tag = field.removeprefix("tag:") if field.startswith("tag:") else "1"
        tags: dict[str, None] = {}
        for line in part.glimpse.head.splitlines():
            message = read_message(line, part.glimpse.encoding)
            if message is not None and not isinstance(message, str):
                tags |= dict.fromkeys(message.values)
        found = []
        for tag in tags:
            name, canonical, how = TAGS.get(tag, ("", "", ""))
            if tag == account_tag and not field.startswith("party:"):
                canonical, how = "account", ""
            elif tag == "448" and field.startswith("party:"):
                canonical, how = "account", f"of PartyRole (452) {field.removeprefix('party:')}"
            elif canonical == "account":
                canonical = ""
            found.append(Meaning(f"{tag} {name}".strip(), canonical, how))
        return found


def _read(parts: Sequence[Part], account_of: AccountOf) -> list[FixFile]:
    """Return the files of a log, a report that several have in the first of them.

    Raises InputError with every file that cannot be read.
    """
    seen: set[tuple[str, ...]] = set()
    files: list[FixFile] = []
    problems: list[str] = []
    for part in parts:
        try:
            files.append(read_file(part.glimpse.path, part.glimpse.encoding, account_of, seen))
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise problems_error(problems)
    return files


def _name_accounts(files: Sequence[FixFile], stated: Stated, where: str) -> list[str]:
    """Give the reports the stated account where the log names none; return notes.

    Raises LackingError where none is stated either.
    """
    reports = [report for file in files for report in file.reports]
    if any(report.account for report in reports):
        return unused_account(stated, stated.account_field or "Account (tag 1)")
    if reports and stated.account is None:
        roles = sorted({role for file in files for role in file.roles}, key=lambda r: (len(r), r))
        fields = [f"party:{role}" for role in roles]
        others = "".join(f", or --account-field {field}" for field in fields)
        raise LackingError(
            "account",
            f"{where}: no report has an account in {stated.account_field or 'Account (tag 1)'}, "
            f"and every count is about an account; say --account NAME for all of it{others}",
            fields,
        )
    for report in reports:
        report.account = stated.account
    return []


def _rows(files: Sequence[FixFile]) -> tuple[list[Row], Int64, list[str]]:
    """Return the rows of all files in one order, the report each was made of, and notes.

    A report is told by its position in all files' reports.
    """
    order = in_order([np.array([r.ts for r in f.reports], np.int64) for f in files if f.reports])
    reports = [report for file in files for report in file.reports]
    kept, notes = settled([reports[at] for at in order])
    in_legs = orders_filled_in_legs(kept)
    notes += share_ids(
        [r for r in kept if r is not None and r.kind == "trade" and not is_superfluous(r, in_legs)]
    )
    orders = Orders(kept)
    rows: list[Row] = []
    made_of: list[int] = []
    for at, report in zip(order.tolist(), kept, strict=True):
        row = None if report is None else orders.row(report)
        if row is not None:
            rows.append(row)
            made_of.append(at)
    notes += [f"{text}: {count}" for text, count in orders.notes.items()]
    return rows, np.array(made_of, np.int64), notes


def _made(files: Sequence[FixFile], rows: Sequence[Row], made_of: Int64) -> list[Made]:
    """Return each file's rows, numbered through."""
    table = _table(rows)
    ends = np.cumsum([len(file.reports) for file in files])
    of_file = np.searchsorted(ends, made_of, "right")
    lines = np.array([line for file in files for line in file.lines], np.int64)
    return [
        Made(
            table.take(pa.array(np.flatnonzero(of_file == number))),
            lines[made_of[of_file == number]],
            file.bad,
            file.line_count,
        )
        for number, file in enumerate(files)
    ]


def _table(rows: Sequence[Row]) -> pa.Table:
    """Return rows as canonical columns, optional ones that no row has a cell of left out."""
    columns: dict[str, pa.Array] = {"seq": pa.array(np.arange(1, len(rows) + 1, dtype=np.int64))}
    cells: Iterable[tuple[Any, ...]] = zip(*rows, strict=True) if rows else [()] * len(COLUMNS)
    for name, values in zip(COLUMNS, cells, strict=True):
        if name == "ts":
            columns[name] = pa.array(values, pa.int64()).cast(pa.timestamp("ns", "UTC"))
            continue
        array = pa.array(values, pa.int64() if name == "lots" else pa.string())
        if array.null_count == len(array) and name not in schema.REQUIRED_COLUMNS:
            continue
        columns[name] = array.dictionary_encode() if name in DICTIONARY_COLUMNS else array
    return pa.table(columns)


def _skipped(files: Sequence[FixFile]) -> list[str]:
    """Return notes on what the files hold besides the reports that were read."""
    messages: Counter[str] = sum((file.messages for file in files), Counter())
    ignored: Counter[str] = sum((file.ignored for file in files), Counter())
    lines = sum(file.other_lines for file in files)
    repeated = sum(file.repeated for file in files)
    notes = []
    if messages:
        notes.append(f"messages other than ExecutionReport (35=8), not read: {_told(messages)}")
    if ignored:
        notes.append(f"reports that change no order, by ExecType (150): {_told(ignored)}")
    if repeated:
        notes.append(f"reports delivered again, counted once: {repeated}")
    if lines:
        notes.append(f"lines without a FIX message, not read: {lines}")
    return notes


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{what or 'none'} {count}" for what, count in sorted(counts.items()))


KIND: Final = Fix()
