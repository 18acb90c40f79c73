"""What a scan says besides its alerts, as lines: faults, what was lacking, totals, the verdict."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import pyarrow as pa

from .. import schema, wording
from ..alerts import Alert
from ..safe_text import for_terminal
from ..wording import Language, text

ALERTS_SHOWN: Final = 200
REJECTED_SHOWN: Final = 5


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
    certificate = result.certificate
    yield from _alert_totals(alerts, lang)
    yield from _faults(certificate, lang)
    yield from _rejected(result.rejected, certificate["rejected_rows"], lang)
    yield from granted(certificate, lang)
    yield from blind_rules(certificate["blind"], lang)
    if certificate["uncovered"]:
        names = wording.names_of(list(certificate["uncovered"]), lang)
        yield text(lang, "uncovered", names=names)
    if note := certificate["visibility_note_zh" if lang == "zh" else "visibility_note"]:
        yield text(lang, "note", note=for_terminal(note))
    yield from (text(lang, "note", note=for_terminal(note)) for note in result.run["notes"])
    yield _totals(result, lang)
    yield text(lang, "verdict", verdict=text(lang, f"verdict.{certificate['verdict']}"))
    if result.out is not None:
        out = for_terminal(shlex.quote(str(result.out)))
        yield text(lang, "files", out=out)
        if alerts:
            yield text(lang, "explain", out=out, alert=alerts[0].alert_id)


def _alert_totals(alerts: Sequence[Alert], lang: Language) -> Iterator[str]:
    if len(alerts) > ALERTS_SHOWN:
        yield text(lang, "alerts.more", n=len(alerts) - ALERTS_SHOWN)
    if not alerts:
        yield text(lang, "alerts.none")
        return
    red = sum(alert.level == "red" for alert in alerts)
    yield text(lang, "alerts", red=red, yellow=len(alerts) - red)


def _faults(certificate: Mapping[str, Any], lang: Language) -> Iterator[str]:
    if not certificate["faults"]:
        yield text(lang, "faults.none")
        return
    yield text(lang, "faults.title")
    for kind, n in certificate["faults"].items():
        about = text(lang, f"fault.{kind}")
        first = text(lang, "list").join(_first_faults(certificate["exchanges"], kind))
        yield text(lang, "fault.line", n=n, kind=kind, about=about, first=first)


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
    """Yield what was stated for the log, and what rules had to assume."""
    if stated := certificate["stated"]:
        entries = [
            wording.assumption(f"{for_terminal(name)} is {for_terminal(value)}", lang)
            for name, value in stated.items()
        ]
        yield text(lang, "stated", entries=text(lang, "entries").join(entries))
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
    if not blind:
        return
    yield text(lang, "blind.title")
    for rule, reason in blind.items():
        why = for_terminal(wording.blindness(reason, lang))
        yield text(lang, "rule.line", what=for_terminal(rule), entries=why)


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
