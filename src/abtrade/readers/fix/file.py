"""One file of a FIX log: its reports, each with its line, and what else its lines hold."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern
from typing import Final

from ..raw import BadRow
from . import words
from .lines import Message, lines_of, read_message
from .report import AccountOf, Report, kind_of, read_report

EXECUTION_REPORT: Final = "8"
LOOKED_AT: Final = 1_000
"""How many reports are asked which parties they name."""

Key = tuple[str, ...]


@dataclass(slots=True)
class FixFile:
    """The reports of a file that say something of an order, each once."""

    path: Path
    reports: list[Report] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)  # of each report, from 1
    bad: list[BadRow] = field(default_factory=list)
    line_count: int = 0
    other_lines: int = 0  # that hold no message
    repeated: int = 0  # reports met before
    messages: Counter[str] = field(default_factory=Counter)  # MsgType of messages not read
    ignored: Counter[str] = field(default_factory=Counter)  # ExecType of reports not read
    roles: set[str] = field(default_factory=set)  # PartyRoles of the first reports


def read_file(path: Path, encoding: str, account_of: AccountOf, seen: set[Key]) -> FixFile:
    """Return the reports of a file; ``seen`` has the keys of those met before, and gets theirs.

    Raises InputError where the file cannot be read.
    """
    found = FixFile(path)
    for number, line in enumerate(lines_of(path), 1):
        found.line_count = number
        message = read_message(line, encoding)
        if message is None:
            found.other_lines += bool(line.strip())
        elif isinstance(message, str):
            found.bad.append(_bad(number, message, line, encoding))
        elif message.values.get("35") != EXECUTION_REPORT:
            found.messages[message.values.get("35", "")] += 1
        else:
            _add(found, number, line, message, encoding, account_of, seen)
    return found


def _add(
    found: FixFile,
    number: int,
    line: bytes,
    message: Message,
    encoding: str,
    account_of: AccountOf,
    seen: set[Key],
) -> None:
    if kind_of(message) == words.IGNORED:
        found.ignored[message.values.get("150", "")] += 1
        return
    report = read_report(message, account_of)
    if isinstance(report, str):
        found.bad.append(_bad(number, report, line, encoding))
        return
    if report.key in seen:
        found.repeated += 1
        return
    seen.add(report.key)
    if len(found.reports) < LOOKED_AT:
        found.roles.update(message.parties())
    _share_texts(report)
    found.reports.append(report)
    found.lines.append(number)


def _share_texts(report: Report) -> None:
    """Keep texts that repeat once: a day has far fewer than it has reports."""
    report.contract = intern(report.contract)
    report.account = intern(report.account) if report.account else None
    report.member = intern(report.member) if report.member else None
    report.price = intern(report.price) if report.price else None
    report.last_price = intern(report.last_price) if report.last_price else None
    report.order_id = intern(report.order_id) if report.order_id else None
    report.client_id = intern(report.client_id) if report.client_id else None
    report.key = ()


def _bad(number: int, reason: str, line: bytes, encoding: str) -> BadRow:
    text = line.rstrip(b"\r\n").decode(encoding, "backslashreplace")
    return BadRow(number, reason, json.dumps({"line": text}, ensure_ascii=False))
