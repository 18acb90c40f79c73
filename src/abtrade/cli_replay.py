"""``abtrade replay``: a trading day's market and alerts, at any of its moments."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .cli_log import (
    AccountFieldOption,
    AccountOption,
    CalendarOption,
    DayOption,
    MappingOption,
    SourceOption,
)
from .cli_output import SCANNED, files_of, keep_inputs, keep_out_of, rule_files_of
from .cli_support import (
    RAN,
    ForceOption,
    KeyOption,
    LangOption,
    exits,
    language,
    progress_bar,
    until_closed,
)
from .cli_tables import (
    AccountsOption,
    AssumeOption,
    CloseLinksOption,
    ContractsOption,
    HistoryDaysOption,
    HistoryOption,
    KernelsOption,
    LimitsOption,
    LinksOption,
    MarketMakersOption,
    OverlayOption,
    PositionsOption,
    RulesOption,
    SessionsOption,
    ThreadsOption,
    UnverifiedOption,
)

if TYPE_CHECKING:
    from .replay.session import Session
    from .replay.wanted import Wanted
    from .wording import Language

EXAMPLES = """\b
Examples:
  abtrade replay day.parquet --contract cu2503
  abtrade replay result --alert 4c870048
  abtrade replay result --contract cu2503 --from 21:00 --to 21:30 --subject group:G1
  abtrade replay day.parquet --jsonl > alerts.jsonl
  abtrade replay result --alert 4c870048 --shot moment.svg
"""


def parse_speed(text: str) -> float:
    """Return how many seconds of the log pass in one; ``max`` is infinity."""
    if text.strip().lower() == "max":
        return math.inf
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < math.inf:
        raise typer.BadParameter(f"{text!r}: expected a number above 0, such as 60, or max")
    return speed


@exits
def replay(
    log: Annotated[
        list[str],
        typer.Argument(
            metavar="DAY", help="Files, folders or globs of one day, or a scan's output folder."
        ),
    ],
    moved: Annotated[
        list[str] | None,
        typer.Option(
            "--log", metavar="LOG", help="Where a scan's log is now, if it was moved; repeatable."
        ),
    ] = None,
    contract: Annotated[
        str | None,
        typer.Option(metavar="C", help="Contract to show.  [default: the one with most rows]"),
    ] = None,
    subject: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Whom to follow; group:NAME, client:NAME, account:NAME."),
    ] = None,
    alert: Annotated[
        str | None,
        typer.Option(
            metavar="ALERT_ID", help="Open where this alert fired, its subject followed."
        ),
    ] = None,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="T", help="Show nothing before: 21:00:00, or ISO 8601."),
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="T", help="Show nothing after.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="T", help="Stop playing there; in a pipe, tell at last what stands."),
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            metavar="N|max",
            parser=parse_speed,
            help="Seconds of the log in a second.  [default: 1; in a pipe max]",
        ),
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Alerts in order with the market then, as lines.")
    ] = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Alerts in order with the market then, as JSON lines.")
    ] = False,
    shot: Annotated[
        Path | None,
        typer.Option(metavar="FILE.svg", help="Write the view where it opens, or at --until."),
    ] = None,
    width: Annotated[
        int, typer.Option(metavar="N", min=80, max=400, help="Columns of --shot.")
    ] = 120,
    height: Annotated[
        int, typer.Option(metavar="N", min=24, max=200, help="Lines of --shot.")
    ] = 40,
    day: DayOption = None,
    rules: RulesOption = None,
    accounts: AccountsOption = None,
    links: LinksOption = None,
    close_links: CloseLinksOption = None,
    market_makers: MarketMakersOption = None,
    contracts: ContractsOption = None,
    positions: PositionsOption = None,
    limits: LimitsOption = None,
    history: HistoryOption = None,
    history_days: HistoryDaysOption = 20,
    kernels: KernelsOption = None,
    overlay: OverlayOption = None,
    unverified: UnverifiedOption = False,
    calendar: CalendarOption = None,
    sessions: SessionsOption = None,
    mapping: MappingOption = None,
    source: SourceOption = None,
    account_field: AccountFieldOption = None,
    account: AccountOption = None,
    assume: AssumeOption = None,
    threads: ThreadsOption = None,
    pseudonymise: KeyOption = None,
    progress: Annotated[
        bool, typer.Option(help="A bar on standard error, where that is a terminal.")
    ] = True,
    lang: LangOption = None,
    force: ForceOption = False,
) -> int:
    """Replay a trading day: the book, a subject's orders in it and its counts, at any moment."""
    if plain + jsonl + (shot is not None) > 1:
        raise typer.BadParameter("--plain, --jsonl and --shot: expected one of them")
    if close_links is not None and links is None:
        raise typer.BadParameter("--close-links needs the pairwise links that --links names")
    if shot is not None:
        _check_shot(shot, [*log, *(moved or [])], force)
        beside = [*rule_files_of(rules or []), accounts, links, market_makers, contracts,
                  positions, limits, *(history or []), *(kernels or []), overlay, mapping,
                  calendar, sessions, pseudonymise]  # fmt: skip
        keep_inputs(shot, beside)
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    tells = plain or jsonl or not (shot is not None or on_terminal)
    from .replay.opening import is_output, open_day
    from .replay.session import Session
    from .replay.wanted import wanted_of

    with progress_bar(progress) as bar:
        opened = open_day(
            log[0] if len(log) == 1 and is_output(log[0]) else log,
            day=day, rules=rules or (), accounts=accounts, links=links, close_links=close_links,
            market_makers=market_makers, contracts=contracts, positions=positions, limits=limits,
            history=history or (), history_days=history_days, kernels=kernels or (),
            overlay=overlay, unverified=unverified, calendar=calendar, sessions=sessions,
            mapping=mapping, source=source, account_field=account_field, account=account,
            assume=assume or (), threads=threads, pseudonymise=pseudonymise,
            moved=moved, lang=language(lang), progress=bar,
        )  # fmt: skip
        wanted = wanted_of(opened, contract, subject, alert, first, last, until)
        session = Session(opened, wanted.contract_shown(opened), bar)
    with session:
        if tells:
            form = "jsonl" if jsonl else "plain"
            _tell(session, wanted, form, language(lang), math.inf if speed is None else speed)
        else:
            _show(session, wanted, shot, language(lang), speed, (width, height), force)
    return RAN


def _check_shot(shot: Path, log: list[str], force: bool) -> None:
    """Refuse a picture where none can be, and over what is replayed."""
    from .replay.opening import is_output
    from .replay.view.shot import check_shot

    check_shot(shot, force=force)
    keep_inputs(shot, files_of(log))
    for folder in (Path(each) for each in log if is_output(each)):
        from .rescan import inputs_of, record_of

        keep_out_of(shot, folder, SCANNED)
        keep_inputs(shot, inputs_of(record_of(folder)))


def _tell(
    session: Session, wanted: Wanted, form: str, lang: Language, speed: float
) -> None:
    from .replay.records import records_of
    from .sinks.replayed import write_records

    with until_closed():
        write_records(records_of(session, wanted), form, lang, sys.stdout, speed)


def _show(
    session: Session,
    wanted: Wanted,
    shot: Path | None,
    lang: Language,
    speed: float | None,
    size: tuple[int, int],
    force: bool,
) -> None:
    """Open the view, or write a picture of it."""
    row = wanted.place(session)
    if shot is None:
        from .replay.view.app import run

        run(session, row, 1.0 if speed is None else speed, lang)
        return
    session.seek_row(row if session.until_row is None else session.until_row)
    from .replay.view.shot import write_shot

    write_shot(session, shot, lang=lang, width=size[0], height=size[1], force=force)
