"""What a scan says besides its alerts, as lines: faults, what was lacking, totals, the verdict."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import pyarrow as pa

from .. import schema, wording
from ..alerts import Alert
from ..rules.compile import NO_LIMITS
from ..safe_text import for_terminal
from ..wording import Language, text
from .book_lines import book_lines
from .fee_lines import fee_lines
from .overlay_lines import overlay_lines

ALERTS_SHOWN: Final = 200
REJECTED_SHOWN: Final = 5
BLIND_SHOWN: Final = 3
_ONE_SIDED: Final = schema.Fault.ONE_SIDED_TRADE.name.lower()


class Scanned(Protocol):
    """What is shown of a scan."""

    @property
    def alert_list(self) -> Sequence[Alert]:
        """The alerts."""

    @property
    def tallies(self) -> pa.Table:
        """A row a subject and contract."""

    @property
    def rejected(self) -> pa.Table:
        """A row a bad row."""

    @property
    def fees(self) -> pa.Table | None:
        """A row a subject and scope of order fees; None where none were asked for."""

    @property
    def certificate(self) -> Mapping[str, Any]:
        """What the log held."""

    @property
    def run(self) -> Mapping[str, Any]:
        """How the run went."""

    @property
    def out(self) -> Any:
        """Where the files are, None where none were asked for."""


def title(result: Scanned, lang: Language) -> str:
    """Return the line above the alerts: the day, how it was found, the exchanges."""
    how = for_terminal(wording.day_how(result.run["day_how"], lang))
    exchanges = [name for name in result.certificate["exchanges"] if name != schema.NO_EXCHANGE]
    return text(
        lang,
        "title",
        day=result.certificate["day"],
        how=text(lang, "brackets", text=how),
        exchanges="".join(" " + for_terminal(name) for name in exchanges),
    )


def lines_below(result: Scanned, alerts: Sequence[Alert], lang: Language) -> Iterator[str]:
    """Yield the lines that stand below the alerts."""
    if len(alerts) > ALERTS_SHOWN:
        yield text(lang, "alerts.more", n=len(alerts) - ALERTS_SHOWN)
    yield _alert_totals(alerts, lang)
    yield from limits(result, lang)
    if result.fees is not None:
        yield from fee_lines(result.fees, result.certificate["no_fee_brackets"], lang)
    yield _totals(result, lang)
    yield _verdict(result, lang)
    if result.out is not None:
        out = for_terminal(shlex.quote(str(result.out)))
        yield text(lang, "files", out=out)
        if alerts:
            key = " --pseudonymise KEYFILE" if _has_pseudonyms(result.run) else ""
            yield text(lang, "explain", out=out, alert=alerts[0].alert_id) + key


def _has_pseudonyms(run: Mapping[str, Any]) -> bool:
    return run.get("options", {}).get("pseudonyms") is not None


def limits(result: Scanned, lang: Language) -> Iterator[str]:
    """Yield what was wrong with the log, and what of it could not be seen or judged."""
    certificate = result.certificate
    yield from _faults(certificate, lang)
    if book := certificate.get("book"):
        yield from book_lines(book, lang)
    yield from _rejected(result.rejected, certificate["rejected_rows"], lang)
    yield from granted(certificate, lang)
    yield from blind_rules(certificate["blind"], lang)
    if off := certificate["unverified_off"]:
        key = "unverified.off.one" if len(off) == 1 else "unverified.off"
        yield text(lang, key, n=len(off), names=wording.names_of(off, lang, BLIND_SHOWN))
    if overlay := certificate.get("overlay"):
        yield from overlay_lines(overlay, result.run["options"]["overlay"], lang)
    if certificate["uncovered"]:
        names = wording.names_of(list(certificate["uncovered"]), lang)
        yield text(lang, "uncovered", names=names)
    if certificate["unmatched"]:
        names = wording.names_of(list(certificate["unmatched"]), lang)
        yield text(lang, "unmatched", names=names)
    yield from _unjudged(certificate, lang)
    yield from _identities(certificate["identities"], lang)
    if note := certificate["visibility_note_zh" if lang == "zh" else "visibility_note"]:
        yield text(lang, "note", note=for_terminal(note))
    chinese = result.run.get("notes_zh", {}) if lang == "zh" else {}
    for note in result.run["notes"]:
        yield text(lang, "note", note=for_terminal(chinese.get(note, note)))


def _unjudged(certificate: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """Yield which contracts are not judged for want of a limit on positions, or of their kind.

    Limits on openings are set for single contracts: that others have none lacks nothing.
    """
    for key in ("no_position_limit", "no_limit_prices", "kind_unknown", "no_order_size",
                "no_order_fee"):
        contracts = {name for names in certificate[key].values() for name in names}
        if contracts:
            yield text(lang, key, names=wording.names_of(sorted(contracts), lang))


def in_short(result: Scanned, lang: Language) -> str:
    """Return how many alerts there are, and the verdict, in a line."""
    said = (_alert_totals(result.alert_list, lang), _verdict(result, lang))
    return text(lang, "sentence").join(said)


def reached(alert: Alert, lang: Language) -> str:
    """Return when and where an alert's level was reached, in a few words."""
    tipping = alert.red if alert.level == "red" else alert.yellow
    if tipping is None:
        count = schema.count_word(alert.result.count)
        if count in schema.FIGURES:
            return text(lang, "end of day")
        at_opening = count in schema.POSITION_COUNTS and alert.sight.has_history
        return text(lang, "at the opening" if at_opening else "time not known")
    return text(
        lang,
        "reached.short",
        clock=_short_clock(tipping.ts, alert.result.day),
        place=wording.place(tipping, lang),
    )


def _short_clock(ts: int, day: str) -> str:
    """Return a time of the day, with its date where that is another; 0, 3, 6 or 9 digits."""
    shown = wording.clock(ts).removeprefix(f"{day} ")
    while shown.endswith("000"):
        shown = shown[:-3]
    return shown.removesuffix(".")


def _alert_totals(alerts: Sequence[Alert], lang: Language) -> str:
    if not alerts:
        return text(lang, "alerts.none")
    red = sum(alert.level == "red" for alert in alerts)
    return text(lang, "alerts", red=red, yellow=len(alerts) - red)


def _verdict(result: Scanned, lang: Language) -> str:
    certificate = result.certificate
    is_one_sided = certificate["verdict"] == "faults" and not _others(certificate)
    key = "one_sided" if is_one_sided else certificate["verdict"]
    verdict = text(lang, f"verdict.{key}")
    return text(lang, "verdict", verdict=verdict)


def _faults(certificate: Mapping[str, Any], lang: Language) -> Iterator[str]:
    others = _others(certificate)
    told_apart = len(others) < len(certificate["faults"])
    if told_apart:
        first = _first(certificate, _ONE_SIDED, lang)
        trades = f"{certificate['faults'][_ONE_SIDED]:,}"
        yield text(lang, "faults.one_sided", n=trades, first=first)
    if not others:
        yield text(lang, "faults.none.other" if told_apart else "faults.none")
        return
    yield text(lang, "faults.title")
    for kind, n in others.items():
        about = text(lang, f"fault.{kind}")
        first = _first(certificate, kind, lang)
        yield text(lang, "fault.line", n=n, kind=kind, about=about, first=first)


def _others(certificate: Mapping[str, Any]) -> dict[str, int]:
    """Return the faults without those that one broker's log has by its nature."""
    expected = _ONE_SIDED if certificate["one_broker"] else None
    return {kind: n for kind, n in certificate["faults"].items() if kind != expected}


def _first(certificate: Mapping[str, Any], kind: str, lang: Language) -> str:
    return text(lang, "list").join(_first_faults(certificate["exchanges"], kind))


def _first_faults(exchanges: Mapping[str, Any], kind: str) -> list[str]:
    """Return the first rows of a fault kind, by contract: ``SHFE cu2503 seq 12 15``."""
    told, left = [], schema.FIRST_FAULTS_KEPT
    for exchange, contracts in exchanges.items():
        for contract, entry in contracts.items():
            rows = entry["faults"].get(kind, {}).get("first", [])[:left]
            if not rows:
                continue
            left -= len(rows)
            where = contract if exchange == schema.NO_EXCHANGE else f"{exchange} {contract}"
            told.append(f"{for_terminal(where)} seq {' '.join(str(row['seq']) for row in rows)}")
    return told


def _rejected(rejected: pa.Table, n: int, lang: Language) -> Iterator[str]:
    if not n:
        return
    yield text(lang, "rejected.title", n=n)
    for row in rejected.slice(0, REJECTED_SHOWN).to_pylist():
        yield text(
            lang,
            "rejected.line",
            file=for_terminal(row["file"]),
            row=row["row"],
            reason=for_terminal(row["reason"]),
        )


def granted(certificate: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """Yield what was stated for the log, put in, and assumed by rules."""
    if stated := certificate["stated"]:
        entries = [
            wording.assumption(f"{for_terminal(name)} is {for_terminal(value)}", lang)
            for name, value in stated.items()
        ]
        yield text(lang, "stated", entries=text(lang, "entries").join(entries))
    if (derived := certificate["derived"].get("phase")) and any(derived["rows"].values()):
        key = "derived.rows" if "continuous" in derived["rows"] else "derived.auction"
        yield text(lang, key, **{name: f"{n:,}" for name, n in derived["rows"].items()})
    if not certificate["assumed"]:
        return
    rules: dict[str, list[str]] = {}
    for rule, assumed in certificate["assumed"].items():
        for words in assumed:
            rules.setdefault(words, []).append(rule)
    yield text(lang, "assumed.title")
    for words, names in rules.items():
        entries = [for_terminal(name) for name in names]
        what = for_terminal(wording.assumption(words, lang))
        yield text(lang, "rule.line", what=what, entries=text(lang, "list").join(entries))


def blind_rules(blind: Mapping[str, str], lang: Language) -> Iterator[str]:
    """Yield which rules cannot be judged, and why."""
    by_reason: dict[str, list[str]] = {}
    for rule, reason in blind.items():
        by_reason.setdefault(reason, []).append(rule)
    without_limits = by_reason.pop(NO_LIMITS, [])
    if by_reason:
        yield text(lang, "blind.title")
    for reason, names in by_reason.items():
        why = for_terminal(wording.blindness(reason, lang))
        named = wording.names_of(names, lang, BLIND_SHOWN)
        yield text(lang, "rule.line", what=named, entries=why)
    if without_limits:
        yield text(lang, "blind.limits", names=wording.names_of(without_limits, lang, BLIND_SHOWN))


def _identities(identities: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """Yield which accounts the accounts table lacks, and how many codes could not be joined."""
    lacking = {exchange: told["in_no_table"] for exchange, told in identities.items()}
    n = sum(told["accounts"] for told in lacking.values() if told)
    if n:
        names = [f"{where} {name}" for where, told in lacking.items() for name in told["first"]]
        yield text(lang, "accounts.lacking", n=n, names=wording.names_of(names, lang))
    for exchange, told in identities.items():
        if told["codes_not_joined"]:
            where = wording.exchange_name(exchange, lang)
            yield text(lang, "accounts.apart", where=where, n=told["codes_not_joined"])


def _totals(result: Scanned, lang: Language) -> str:
    run = result.run
    contracts = sum(len(held) for held in result.certificate["exchanges"].values())
    subjects = result.tallies.group_by(["exchange", "subject_kind", "subject"]).aggregate([])
    line = text(
        lang,
        "totals",
        rows=f"{run['rows']:,}",
        contracts=contracts,
        subjects=f"{subjects.num_rows:,}",
    )
    return line + text(
        lang,
        "totals.speed",
        seconds=f"{run['seconds']:.2f}",
        speed=f"{run['rows_per_second'] or 0:,.0f}",
        mb=f"{run['peak_memory_bytes'] / 1e6:,.0f}",
    )
