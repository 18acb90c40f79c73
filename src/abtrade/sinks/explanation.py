"""An explained alert: its message, and every event behind it with the life of its order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final, Protocol

import pyarrow as pa
from rich.console import Console
from rich.text import Text

from .. import schema, wording
from ..errors import OutputError
from ..safe_text import for_json, for_lines, for_terminal
from ..wording import Language, text
from .cancel_lines import cancel_line, cancels_line
from .file import check_file, whole_file, whole_text
from .sheet import sheet_row
from .terminal import STYLES

FORMATS: Final = ("json", "jsonl", "csv")
SUFFIXES: Final = (".csv", ".json", ".jsonl", ".parquet")
"""Endings of the files that events can be exported to."""


class Explained(Protocol):
    """What is shown of an explanation."""

    @property
    def alert(self) -> Mapping[str, Any]:
        """The alert, as in ``alerts.jsonl``."""

    @property
    def events(self) -> pa.Table:
        """A row an event, in the order of the log."""


def show_explanation(explained: Explained, lang: Language, console: Console) -> None:
    """Print the alert's message, then each event on a line with the lives of its orders below."""
    message = explained.alert["message_zh" if lang == "zh" else "message"]
    _say(console, for_lines(message), STYLES[explained.alert["level"]])
    _say(console, events_said(explained, lang))
    if not has_history(explained):
        _say(console, text(lang, "events.unordered"))
    if cancels := cancels_line(explained.events, lang):
        _say(console, cancels)
    for event in events_of(explained.events):
        _say(console, _event_line(event, lang), STYLES.get(event["level"] or "", ""))
        if look := cancel_line(event, lang):
            _say(console, look)
        for side in ("order", "contra"):
            if event[f"{side}_life"]:
                life = for_terminal(event[f"{side}_life"])
                _say(console, text(lang, f"event.{side}_life", life=life))


def events_of(events: pa.Table) -> Iterator[dict[str, Any]]:
    """Yield events as JSON data, times as ISO 8601 texts."""
    at = events.column_names.index("ts")
    plain = events.set_column(at, "ts", events["ts"].cast(pa.int64()))
    for batch in plain.to_batches(max_chunksize=1 << 14):
        for event in batch.to_pylist():
            yield {**event, "ts": wording.iso_time(event["ts"])}


def write_explanation(explained: Explained, form: str, file: IO[str]) -> None:
    """Write the events as JSON (with the alert), JSON lines or CSV, formulas guarded."""
    assert form in FORMATS
    if form == "json":
        told = {"alert": explained.alert, "events": list(events_of(explained.events))}
        file.write(for_json(told, indent=2) + "\n")
    elif form == "jsonl":
        file.writelines(for_json(event) + "\n" for event in events_of(explained.events))
    else:
        file.write(sheet_row(explained.events.column_names))
        file.writelines(sheet_row(event.values()) for event in events_of(explained.events))


def check_export(path: Path, *, force: bool = False) -> None:
    """Raise OutputError where ``export`` could not write, or not in a format it knows."""
    if path.suffix not in SUFFIXES:
        shown = for_terminal(str(path))
        raise OutputError(f"{shown}: expected a name that ends with {' or '.join(SUFFIXES)}")
    check_file(path, force=force)


def export(explained: Explained, path: Path, *, force: bool = False) -> None:
    """Write the events to a file, in the format its ending says; raises OutputError."""
    check_export(path, force=force)
    if path.suffix != ".parquet":
        with whole_text(path, force=force) as lines:
            write_explanation(explained, path.suffix[1:], lines)
        return
    import pyarrow.parquet as pq

    with whole_file(path, force=force) as file:
        pq.write_table(explained.events, file)


def events_said(explained: Explained, lang: Language) -> str:
    """Return how many events there are and how many of them count, or why a figure has none."""
    n = explained.events.num_rows
    is_figure = schema.count_word(explained.alert["count_name"]) in schema.FIGURES
    if is_figure and not n:
        return text(lang, "events.none")
    left_out = n - explained.events["left_out"].null_count
    key = "events.left_out" if left_out else "events"
    return text(lang, key, n=n, counted=n - left_out, left_out=left_out)


def has_history(explained: Explained) -> bool:
    """Return whether the log tells in what order the events happened."""
    return explained.alert.get("visibility") != schema.FINAL_STATE


def _event_line(event: Mapping[str, Any], lang: Language) -> str:
    """Return an event on one line: when, what, whose, and what it added or why it did not."""
    place = "place" if event["channel"] is None else "place.channel"
    words = [
        f"{event['n']:>6}",
        event["ts"][:29].replace("T", " "),
        text(lang, place, seq=event["seq"], channel=event["channel"]),
        event["action"],
        for_terminal(event["contract"]),
        _side(event, "account", "order_id", lang),
        _side(event, "contra_account", "contra_order_id", lang),
        "" if event["lots"] is None else text(lang, "event.lots", lots=event["lots"]),
        _effect(event, lang),
    ]
    return "  ".join(word for word in words if word)


def _side(event: Mapping[str, Any], account: str, order: str, lang: Language) -> str:
    if event[order] is None and event[account] is None:
        return ""
    return text(
        lang,
        "event.side",
        account=for_terminal(event[account] or "-"),
        order=for_terminal(event[order] or "-"),
    )


def _effect(event: Mapping[str, Any], lang: Language) -> str:
    if event["left_out"] is not None:
        reason = wording.term(lang, "reason", event["left_out"])
        return text(lang, "event.left_out", reason=for_terminal(reason))
    if event["figure"] is not None:
        effect = text(lang, "event.figure", figure=wording.number(event["figure"]))
    elif event["count"] is None:
        effect = text(lang, "event.amount", n=event["amount"])
    else:
        effect = text(lang, "event.counts", n=event["amount"], count=event["count"])
    if event["held"] is not None:
        effect += text(lang, "event.held", held=event["held"])
    if level := event["fell_under"]:
        effect += text(lang, "event.fell_under", level=text(lang, f"level.{level}"))
    if level := event["level"]:
        effect += text(lang, f"event.{level}")
    return effect


def _say(console: Console, line: str, style: str = "") -> None:
    console.print(Text(line, style), soft_wrap=True)
