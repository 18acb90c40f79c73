"""``abtrade scan``: a day's order log in, alerts out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import schema
from .cli_config import ConfigOption, NoConfigOption, file_of, is_from_file, settings
from .cli_hook import (
    Facts,
    Hook,
    HookOn,
    HookOnOption,
    HookOption,
    HookTimeoutOption,
    followed_by,
    make_hook,
    programs,
)
from .cli_log import (
    AccountFieldOption,
    AccountOption,
    CalendarOption,
    DayOption,
    MappingOption,
    SourceOption,
)
from .cli_output import (
    BomOption,
    Printing,
    ToOption,
    files_of,
    keep_inputs,
    keep_inside,
    keep_out_of,
    rule_files_of,
)
from .cli_support import (
    LEVEL_REACHED,
    RAN,
    ROWS_REJECTED,
    ForceOption,
    Format,
    KeyOption,
    LangOption,
    exits,
    language,
    progress_bar,
    tell,
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
    from .scan import ScanResult
    from .wording import Language

EXAMPLES = """\b
Examples:
  abtrade scan day.parquet --out result
  abtrade scan logs/2010-11-08/ --links groups.csv --accounts accounts.csv --out result
  abtrade scan day.csv.gz --mapping broker.yaml --day 2010-11-08 --rules shfe@2010-11-05
  abtrade scan day.parquet --format xlsx --to alerts.xlsx
  abtrade scan day.parquet --format csv --bom --to alerts.csv
  abtrade scan day.parquet --out result --strict --fail-on red
  abtrade scan night.parquet --save-state night.state
  abtrade scan morning.parquet --resume night.state --out result

\b
Exit codes:
  0 ran    1 could not run, or --strict and the verdict is not complete
  2 wrong usage    3 --fail-on was reached    4 ran, but rows were rejected
  5 ran, but the hook failed
  130 Ctrl-C
"""


class FailOn(StrEnum):
    """Levels that make the exit code 3."""

    YELLOW = "yellow"
    RED = "red"


class EngineKind(StrEnum):
    """The compiled core, or the plain-Python reference to audit it."""

    CORE = "core"
    REFERENCE = "reference"


class ColumnsRead(StrEnum):
    """Every canonical column, or only those that counts and rules need."""

    ALL = "all"
    NEEDED = "needed"


def parse_out(text: str) -> Path:
    """Return the path of a folder; ``{day}`` alone may stand in it in braces."""
    rest = text.replace("{day}", "")
    if "{" in rest or "}" in rest:
        raise typer.BadParameter(f"{text!r}: found other braces than those of {{day}}")
    return Path(text)


@exits
def scan(
    ctx: typer.Context,
    log: Annotated[
        list[str], typer.Argument(metavar="LOG", help="Files, folders or globs of one day.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", parser=parse_out, help="Folder to write all outputs to."),
    ] = None,
    day: DayOption = None,
    rules: RulesOption = None,
    accounts: AccountsOption = None,
    links: LinksOption = None,
    close_links: CloseLinksOption = None,
    market_makers: MarketMakersOption = None,
    contracts: ContractsOption = None,
    positions: PositionsOption = None,
    limits: LimitsOption = None,
    fees: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE|shipped", help="Order fees by brackets, dated, over the shipped ones."
        ),
    ] = None,
    history: HistoryOption = None,
    history_days: HistoryDaysOption = 20,
    statistics: Annotated[
        bool,
        typer.Option("--statistics", help="Tell shares, and what the ten largest subjects have."),
    ] = False,
    kernels: KernelsOption = None,
    overlay: OverlayOption = None,
    unverified: UnverifiedOption = False,
    book: Annotated[
        bool, typer.Option("--book", help="Keep order books, and tell how the log fits them.")
    ] = False,
    calendar: CalendarOption = None,
    sessions: SessionsOption = None,
    mapping: MappingOption = None,
    source: SourceOption = None,
    account_field: AccountFieldOption = None,
    account: AccountOption = None,
    assume: AssumeOption = None,
    engine: Annotated[
        EngineKind, typer.Option(help="core, or reference: slow, to audit it.")
    ] = EngineKind.CORE,
    threads: ThreadsOption = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="The log is whole: a gap in seq is a fault.")
    ] = False,
    keep_attributes: Annotated[
        bool, typer.Option("--keep-attributes", help="Keep all attributes apart in cells.")
    ] = False,
    columns: Annotated[
        ColumnsRead, typer.Option(help="Read, and so check, all columns or only those needed.")
    ] = ColumnsRead.ALL,
    seal: Annotated[
        bool, typer.Option("--seal", help="Write the SHA-256 of every input down.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail where the verdict is not complete.")
    ] = False,
    save_state: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Save the state, for the rest of the day to go on from."),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Go on from a state that --save-state wrote."),
    ] = None,
    pseudonymise: KeyOption = None,
    fail_on: Annotated[
        FailOn | None, typer.Option(help="Exit with 3 where an alert reaches this level.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TABLE,
    to: ToOption = None,
    bom: BomOption = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No table and no progress; errors only.")
    ] = False,
    progress: Annotated[
        bool, typer.Option(help="A bar on standard error, where that is a terminal.")
    ] = True,
    lang: LangOption = None,
    force: ForceOption = False,
    hook: HookOption = None,
    hook_on: HookOnOption = None,
    hook_timeout: HookTimeoutOption = 60,
    no_config: NoConfigOption = False,
    config: ConfigOption = None,
) -> int:
    """Scan a trading day: order log in, red and yellow alerts out."""
    if close_links is not None and links is None:
        raise typer.BadParameter("--close-links needs the pairwise links that --links names")
    _tell_file(ctx, quiet, language(lang))
    printing = Printing(form, to, bom, force, quiet)
    printing.check()
    made_hook = _hook_of(ctx, hook, hook_on, hook_timeout, out)
    inputs = [*files_of(log), *rule_files_of(rules or []), accounts, links, market_makers,
              contracts, positions, limits, fees, *(history or []), *(kernels or []), overlay,
              mapping, calendar, sessions, resume, pseudonymise, config,
              *programs(made_hook)]  # fmt: skip
    for output in (to, save_state):
        keep_out_of(output, out)
        keep_inputs(output, [*inputs, out])
    keep_inputs(to, [save_state])
    keep_inside(out, day, inputs)
    facts = Facts(str(out), None if day is None else day.isoformat(), language(lang))

    def work() -> int:
        from .scan import scan as run

        with progress_bar(progress and not quiet) as bar:
            result = run(
                log,
                rules=rules or (),
                day=day,
                accounts=accounts,
                links=links,
                close_links=close_links,
                market_makers=market_makers,
                contracts=contracts,
                positions=positions,
                limits=limits,
                fees=fees,
                history=history or (),
                history_days=history_days,
                statistics=statistics,
                kernels=kernels or (),
                overlay=overlay,
                unverified=unverified,
                book=book,
                calendar=calendar,
                sessions=sessions,
                mapping=mapping,
                source=source,
                account_field=account_field,
                account=account,
                assume=assume or [],
                engine=engine.value,
                threads=threads,
                whole=whole,
                keep_attributes=keep_attributes,
                columns=columns.value,
                seal=seal,
                strict=strict,
                save_state=save_state,
                resume=resume,
                pseudonymise=pseudonymise,
                out=out,
                force=force,
                progress=bar,
                settings={"settings": settings(ctx)},
            )
        facts.take(result)
        if not printing.is_silent:
            _print(result, printing, language(lang))
        return _exit_code(result, fail_on)

    return work() if made_hook is None or out is None else followed_by(made_hook, facts, work)


def _tell_file(ctx: typer.Context, quiet: bool, lang: Language) -> None:
    """Say which file the defaults come from."""
    file = file_of(ctx)
    if file is not None and not quiet:
        from .wording import text

        tell(text(lang, "settings", file=file.path))


def _hook_of(
    ctx: typer.Context, hook: str | None, on: list[HookOn] | None, timeout: int, out: Path | None
) -> Hook | None:
    """Return the hook asked for; one of the file is passed over where there is no ``--out``."""
    if hook is None:
        return None
    file = file_of(ctx) if is_from_file(ctx, "hook") else None
    if out is None and file is None:
        raise typer.BadParameter("--hook runs after a scan with --out DIR, and there is none")
    return make_hook(hook, on, timeout, None if file is None else file.path.parent)


def _print(result: ScanResult, printing: Printing, lang: Language) -> None:
    if printing.form is Format.XLSX:
        from .sinks.workbook import write_workbook

        with printing.binary() as book:
            write_workbook(result, lang, book)
    elif printing.form is Format.TABLE:
        from .sinks.terminal import make_console, show_scan

        with printing.text() as lines:
            show_scan(result, lang, make_console(lines))
    else:
        from .sinks.stream import write_stream

        with printing.text() as lines:
            write_stream(result, printing.form.value, lines)
    from .sinks.summary import in_short

    printing.tell(in_short(result, lang))


def _exit_code(result: ScanResult, fail_on: FailOn | None) -> int:
    """Return the first that applies: 3 level reached, 4 rows rejected, 0."""
    levels = {alert.level for alert in result.alert_list}
    if fail_on is not None and levels & set(schema.LEVELS[schema.LEVELS.index(fail_on.value) :]):
        return LEVEL_REACHED
    return ROWS_REJECTED if result.certificate["rejected_rows"] else RAN
