"""Open a day to be replayed: a log with what stands beside it, or a scan's output."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from ..alerts import Alert
from ..errors import InputError, problems_error
from ..job import Job, Progress
from ..pseudonyms import Pseudonyms, names_nobody_in_errors, pseudonyms_of
from ..readers.foreign import stated_log
from ..readers.log import open_log
from ..rescan import alerts_of, changed_since, changed_tables, check_key, job_of, record_of
from ..rules.overlay_syntax import overlay_of_scan
from ..rules.packs import RuleSet
from ..safe_text import for_terminal
from ..scan import stated_words
from ..sinks.folder import MARK
from ..wording import Language
from .opened import OpenedDay
from .session import Session

SHOWN: Final = 10
"""How many ids of alerts an error lists."""


@names_nobody_in_errors
def replay(
    log: Any,
    contract: str | None = None,
    *,
    subject: str | None = None,
    lang: Language = "en",
    progress: Progress | None = None,
    **options: Any,
) -> Session:
    """Return a session in which any moment of a contract's day can be stood at.

    log : as ``scan`` has it, or the output folder of a scan, which tells all options itself
    contract : ``cu2503`` or ``SHFE.cu2503``; none: the one with most rows
    subject : whom to follow, by name or as ``group:NAME``
    lang : of what is told in words: messages of alerts, what a row says
    options : those of ``scan`` that say what the log is and who is judged by what, see ``open_day``

    The alerts are those of the scan. ``.at(ts)`` of the session gives the book, the subject's
    orders and its counts at a time. The rows are kept on the disk, in the folder for temporary
    files, until the session is closed or the process ends.

    Raises InputError, RuleError, or OrderError.
    """
    opened = open_day(log, lang=lang, progress=progress, **options)
    try:
        session = Session(opened, contract, progress)
        if subject is not None:
            session.follow(subject)
    except BaseException:
        opened.close()
        raise
    return session


@names_nobody_in_errors
def open_day(
    log: Any,
    *,
    rules: Sequence[Any] | RuleSet = (),
    day: date | str | None = None,
    accounts: Any = None,
    links: Any = None,
    close_links: int | None = None,
    market_makers: Any = None,
    contracts: Any = None,
    positions: Any = None,
    limits: Any = None,
    history: Sequence[str | Path] = (),
    history_days: int = 20,
    kernels: Sequence[Any] = (),
    overlay: str | Path | None = None,
    unverified: bool = False,
    calendar: Any = None,
    sessions: Any = None,
    mapping: str | Path | None = None,
    source: str | None = None,
    account_field: str | None = None,
    account: str | None = None,
    assume: Sequence[str] | Mapping[str, str] = (),
    threads: int | None = None,
    pseudonymise: Pseudonyms | str | Path | None = None,
    moved: Any = None,
    lang: Language = "en",
    progress: Progress | None = None,
) -> OpenedDay:
    """Scan a day and keep its rows on the disk; options as ``scan`` has them.

    moved : where the log of a scan's output is now, if it is no longer where the scan found it

    Raises InputError, RuleError, or OrderError.
    """
    pseudonyms = pseudonyms_of(pseudonymise)
    threads = threads or min(4, os.cpu_count() or 1)
    if is_output(log):
        beside = {
            "--rules": rules, "--day": day, "--accounts": accounts, "--links": links,
            "--close-links": close_links, "--market-makers": market_makers,
            "--contracts": contracts, "--positions": positions, "--limits": limits,
            "--history": history, "--kernels": kernels, "--unverified": unverified,
            "--calendar": calendar, "--sessions": sessions, "--mapping": mapping,
            "--source": source, "--account-field": account_field, "--account": account,
            "--assume": assume,
        }  # fmt: skip
        given = [name for name, value in beside.items() if value]
        if given:
            raise InputError(
                f"{log}: is the output of a scan, whose record tells {', '.join(given)}: leave "
                "that out, or name the log"
            )
        job = _scanned(Path(log), moved, overlay, pseudonyms)
    else:
        if moved:
            raise InputError("--log tells where the log of a scan's output is now: name the output")
        stated = stated_log(source, account_field, account, day, calendar)
        job = Job(
            log=open_log(log, day=day, mapping=mapping, stated=stated, pseudonyms=pseudonyms),
            stated=stated_words(assume),
            tables={
                "accounts": accounts,
                "links": links,
                "market_makers": market_makers,
                "contracts": contracts,
                "positions": positions,
                "limits": limits,
                "sessions": sessions,
            },
            history=tuple(history),
            history_days=history_days,
            kernels=tuple(kernels),
            overlay=overlay,
            unverified=unverified,
            rule_specs=rules if isinstance(rules, RuleSet) else [str(spec) for spec in rules],
            close_links=close_links,
            engine="core",
            threads=1,
            whole=False,
            keep_attributes=False,
            columns="all",
            progress=None,
        )
    opened = OpenedDay(replace(job, threads=threads, progress=progress), lang)
    if is_output(log):
        _check_alerts(Path(log), opened)
    return opened


def is_output(log: Any) -> bool:
    """Whether a folder is one that a scan wrote."""
    return isinstance(log, str | Path) and (Path(log) / MARK).is_file()


def _check_alerts(folder: Path, opened: OpenedDay) -> None:
    """Refuse a day whose alerts are no longer those that the scan wrote."""
    try:
        wrote = {alert["alert_id"]: alert for alert in alerts_of(folder)}
        gives = {alert.alert_id: alert for alert in opened.alerts}
        others = sorted(wrote.keys() ^ gives.keys())
        others += [each for each in wrote.keys() & gives if not _is_same(wrote[each], gives[each])]
        if others:
            more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
            raise InputError(
                f"{folder}: what the scan read no longer gives the alerts that it wrote; these "
                f"differ: {', '.join(map(for_terminal, others[:SHOWN]))}{more}"
            )
    except BaseException:
        opened.close()
        raise


def _is_same(wrote: Mapping[str, Any], gives: Alert) -> bool:
    """Whether an alert that was written is the one that comes out now; ratios have no count."""
    told = [wrote["level"], wrote["count"], wrote["yellow_seq"], wrote["red_seq"]]
    count = None if wrote["count"] is None else gives.result.counted
    seqs = [None if tip is None else tip.seq for tip in (gives.yellow, gives.red)]
    return told == [gives.level, count, *seqs]


def _scanned(
    folder: Path, moved: Any, overlay: str | Path | None, pseudonyms: Pseudonyms | None
) -> Job:
    """Return the job of a scan, once more. Raises InputError where something has changed since."""
    run = record_of(folder)
    check_key(folder, run, pseudonyms)
    options = run["options"]
    options["overlay"] = overlay_of_scan(run, overlay, folder)
    job = job_of(run, moved or None, pseudonyms)
    job = replace(
        job, engine="core", history=tuple(options["history"]),
        history_days=options["history_days"], statistics=options["statistics"],
        book=options["columns"] == "needed",
    )  # fmt: skip
    beside = list(changed_tables(run))
    if beside:
        raise problems_error(beside)
    ready = job.prepare()
    changed = list(changed_since(run, job, ready))
    told = {rule.id: rule.version for rule in ready.rules.rules}
    changed += [
        f"rule {rule}: its text, or what the overlay says of it, has changed since the scan"
        for rule, version in run["rules"].items()
        if told.get(rule) != version
    ]
    if changed:
        raise problems_error(changed)
    return job
