"""What was sniffed, told on a terminal; what comes out of a file is made harmless."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from .. import wording
from ..safe_text import for_terminal
from ..schema import LOG_COLUMNS, NO_EXCHANGE
from ..sniffing.found import ColumnUse, FileFound, Sniffed
from ..sniffing.proposal import MAPPING_NAME
from ..wording import Language, text
from .sniff_record import lack_line, mapping_text, remark_lines, without_day
from .summary import blind_rules, granted
from .terminal import show_rows

REASONS_SHOWN: Final = 20
_FIRST: Final = ("seq", "ts", "contract", "action", "order_id", "account", "side", "price", "lots")


def show_sniffed(
    sniffed: Sniffed, lang: Language, console: Console, written: str | None = None
) -> None:
    """Print what was found; ``written``: the file that the mapping was written to."""
    for file in sniffed.files:
        _show_file(file, sniffed, lang, console)
    _show_sample(sniffed, lang, console)
    for line in _judged(sniffed, lang):
        _say(console, line)
    for paragraph in (_mapping(sniffed, lang, written), _how(sniffed, lang)):
        for at, line in enumerate(paragraph):
            _say(console, line if at else f"\n{line}")


# --- files ---------------------------------------------------------------------------------------


def _show_file(file: FileFound, sniffed: Sniffed, lang: Language, console: Console) -> None:
    what = text(
        lang, f"sniff.what.{file.what}", title=for_terminal(file.title),
        part=for_terminal(file.part or ""),
    ) if file.what == "part" else text(lang, f"sniff.what.{file.what}")  # fmt: skip
    line = text(lang, "sniff.file", name=for_terminal(str(file.path)), what=what)
    console.print(Text(line, "bold"), soft_wrap=True)
    _say(console, "  " + text(lang, "list").join(_facts(file, lang)))
    codes = {} if sniffed.proposal is None else sniffed.proposal.mapping.codes
    _show_columns(file, codes, lang, console)


def _facts(file: FileFound, lang: Language) -> Iterator[str]:
    if file.form:
        yield text(lang, f"sniff.form.{file.form}")
    if file.compression:
        yield file.compression
    if file.encoding:
        yield file.encoding.upper()
    if file.delimiter and file.delimiter != ",":
        sign = text(lang, "sniff.tab") if file.delimiter == "\t" else file.delimiter
        yield text(lang, "sniff.delimiter", sign=sign)
    yield text(lang, "sniff.size", n=f"{file.size:,}")
    if file.rows is not None:
        unit = "lines" if file.form == "text" else "rows"
        how = "exact" if file.rows_exact else "about"
        yield text(lang, f"sniff.{unit}.{how}", n=f"{file.rows:,}")


def _show_columns(
    file: FileFound, codes: Mapping[str, Any], lang: Language, console: Console
) -> None:
    read = [use for use in file.columns if use.canonical]
    rest = [use.column for use in file.columns if not use.canonical]
    if all(use.column == use.canonical and not use.how for use in read):
        if read:
            names = text(lang, "list").join(use.column for use in read)
            _say(console, "  " + text(lang, "sniff.columns.same", names=names))
    else:
        titles = [text(lang, f"sniff.{key}") for key in ("column", "becomes", "how")]
        rows = [
            dict(zip(titles, (use.column, use.canonical, how), strict=True))
            for use in read
            for how in [_how_column(use, codes, lang)]
        ]
        show_rows(titles, rows, console)
    if rest:
        names = wording.names_of(rest, lang)
        _say(console, "  " + text(lang, "sniff.columns.not_read", names=names))


def _how_column(use: ColumnUse, codes: Mapping[str, Any], lang: Language) -> str:
    is_joined = use.how == "joined"
    told = [text(lang, "sniff.how.joined") if is_joined else wording.term(lang, "how", use.how)]
    if use.canonical in codes:
        told.append(text(lang, "sniff.how.codes"))
    if use.guess:
        told.append(text(lang, "sniff.guess"))
    return text(lang, "list").join(word for word in told if word)


# --- the sample ----------------------------------------------------------------------------------


def _show_sample(sniffed: Sniffed, lang: Language, console: Console) -> None:
    sample = sniffed.sample
    if not sample.rows:
        return
    if sample.events:
        _say(console, "")
        _say(console, _above_events(sniffed, lang))
        names = _event_columns(sample.events)
        rows = [
            {name: _cell(name, event, sniffed) for name in names} for event in sample.events
        ]
        show_rows(names, rows, console)
    _say(console, "")
    for line in _sample_lines(sniffed, lang):
        _say(console, line)


def _above_events(sniffed: Sniffed, lang: Language) -> str:
    if not sniffed.lacking:
        return text(lang, "sniff.events")
    stated = " ".join(
        f"--{lack.option} {lack.taken or lack.placeholder}" for lack in sniffed.lacking
    )
    return text(lang, "sniff.events.stated", stated=for_terminal(stated))


def _event_columns(events: Sequence[Mapping[str, Any]]) -> list[str]:
    there = {name for event in events for name in event}
    return [name for name in dict.fromkeys((*_FIRST, *LOG_COLUMNS)) if name in there]


def _cell(name: str, event: Mapping[str, Any], sniffed: Sniffed) -> str:
    value = event.get(name)
    if value is None:
        return ""
    return without_day(wording.clock(value), sniffed) if name == "ts" else str(value)


def _sample_lines(sniffed: Sniffed, lang: Language) -> Iterator[str]:
    sample = sniffed.sample
    yield text(lang, f"sniff.sample.{'whole' if sample.whole else 'part'}", n=f"{sample.rows:,}")
    if sniffed.day is not None:
        how = for_terminal(wording.day_how(sniffed.day_how, lang))
        how = text(lang, "brackets", text=how)
        yield text(lang, "sniff.day", day=sniffed.day, how=how)
    if sniffed.more_days:
        yield text(lang, "sniff.day.more", names=wording.names_of(sniffed.more_days, lang))
    if sample.first_ts is not None and sample.last_ts is not None:
        first, last = wording.clock(sample.first_ts), wording.clock(sample.last_ts)
        yield text(lang, "sniff.times", first=first, last=last)
    if sample.contracts:
        names = wording.names_of(sample.contracts, lang)
        known = [for_terminal(name) for name in sample.exchanges if name != NO_EXCHANGE]
        exchanges = "".join(f" {name}" for name in known)
        yield text(lang, "sniff.contracts", n=len(sample.contracts), exchanges=exchanges,
                   names=names)  # fmt: skip
        if sample.accounts:
            yield text(lang, "sniff.accounts", n=f"{sample.accounts:,}")
    if sample.actions:
        entries = [
            text(lang, "sniff.action", action=action, n=f"{n:,}")
            for action, n in sorted(sample.actions.items())
        ]
        yield text(lang, "sniff.actions", entries=text(lang, "list").join(entries))
    if sample.bad_rows:
        yield text(lang, "sniff.bad", n=f"{sample.bad_rows:,}")
    for row in sample.bad:
        harmless = {"file": for_terminal(row["file"]), "reason": for_terminal(row["reason"])}
        yield text(lang, "sniff.bad.row", row=row["row"], **harmless)
    if sample.unsorted is not None:
        yield text(lang, "sniff.unsorted", where=for_terminal(sample.unsorted))


# --- what follows from it ------------------------------------------------------------------------


def _judged(sniffed: Sniffed, lang: Language) -> Iterator[str]:
    if sniffed.kind is None:
        return
    if sniffed.columns and sniffed.absent:
        names = text(lang, "list").join(sniffed.absent)
        yield text(lang, "sniff.absent", names=names)
    yield from (text(lang, "note", note=for_terminal(note)) for note in sniffed.notes)
    if not sniffed.scannable:
        return
    if sniffed.sight is not None and (note := wording.sight_note(sniffed.sight, lang)):
        yield note
    yield from granted({"stated": {}, "derived": {}, "assumed": sniffed.assumed}, lang)
    yield from blind_rules(sniffed.blind, lang)
    told = [name for name in sniffed.sample.exchanges if name != NO_EXCHANGE]
    if not told:
        yield text(lang, "sniff.no_exchange")
    elif not (sniffed.assumed or sniffed.blind or sniffed.uncovered):
        yield text(lang, "sniff.rules.fine")


def _mapping(sniffed: Sniffed, lang: Language, written: str | None) -> Iterator[str]:
    if sniffed.shipped is not None:
        yield text(lang, "sniff.mapping.shipped", name=sniffed.shipped)
    proposed = mapping_text(sniffed, lang)
    if proposed is None:
        return
    if written is not None:
        yield text(lang, "sniff.mapping.written", name=for_terminal(written))
        return
    key = "sniff.mapping" if sniffed.scannable else "sniff.mapping.incomplete"
    yield text(lang, key, name=MAPPING_NAME)
    yield from (f"  {line}" for line in proposed.splitlines())


def _how(sniffed: Sniffed, lang: Language) -> Iterator[str]:
    if sniffed.reasons:
        yield text(lang, "sniff.no")
    for remark in sniffed.reasons[:REASONS_SHOWN]:
        yield from (text(lang, "sniff.why", why=line) for line in remark_lines(remark, lang))
    if sniffed.lacking:
        yield text(lang, "sniff.lacking")
    for lack in sniffed.lacking:
        yield text(lang, "sniff.besides.line", what=lack_line(lack, lang))
    if sniffed.commands:
        yield text(lang, "sniff.command.sort" if len(sniffed.commands) > 1 else "sniff.command")
    for command in sniffed.commands:
        yield text(lang, "sniff.command.line", command=for_terminal(command))
    if sniffed.besides:
        yield text(lang, "sniff.besides")
    for remark in sniffed.besides:
        yield from (text(lang, "sniff.besides.line", what=w) for w in remark_lines(remark, lang))


def _say(console: Console, line: str) -> None:
    console.print(Text(line), soft_wrap=True)
