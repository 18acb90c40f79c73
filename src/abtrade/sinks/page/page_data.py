"""What the page of an explained alert is filled with, as plain JSON data.

Times are ns since midnight in Beijing of the scene's first date: a browser's numbers hold those
exactly. Texts that come from outside have no unseen characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ... import schema, wording
from ...order_lives import Life
from ...safe_text import for_lines, for_terminal
from ...scene import Scene, Shown
from ...wording import LANGUAGES, Language, text
from ..explanation import Explained, events_said, has_history

_DAY: Final = 86_400 * 10**9
_BEIJING: Final = 8 * 3_600 * 10**9
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?\Z")
_TERMS: Final = {"left_out": "reason", "level": "level", "fell_under": "level",
                 "action": "page.action"}  # fmt: skip
"""Columns of words that a language has its own for, with the kind of the word."""


def page_data(explained: Explained, scene: Scene, lang: Language) -> dict[str, Any]:
    """Return all that a page shows, as JSON data."""
    events = explained.events
    start = _start(events, scene)
    return {
        "lang": lang,
        "words": {each: wording.page_words(each) for each in LANGUAGES},
        "alert": {
            name: for_terminal(str(explained.alert[name])) for name in ("alert_id", "level", "rule")
        },
        "subject": for_terminal(explained.alert["subject"]),
        "title": {each: _title(explained.alert, each) for each in LANGUAGES},
        "message": {
            "en": for_lines(explained.alert["message"]),
            "zh": for_lines(explained.alert["message_zh"]),
        },
        "clause": {
            "en": for_lines(explained.alert["clause"] or ""),
            "zh": for_lines(explained.alert.get("clause_zh") or explained.alert["clause"] or ""),
        },
        "facts": {each: list(_facts(explained, scene, each)) for each in LANGUAGES},
        "said": {each: events_said(explained, each) for each in LANGUAGES},
        "levels": {
            level: limit
            for level in schema.LEVELS
            if (limit := _limit(explained.alert, level)) is not None
        },
        "opening": (explained.alert.get("detail") or {}).get("opening") or 0,
        "has_history": has_history(explained),
        "midnight_ms": (start + _BEIJING) // 10**6,
        "hours": [[a - start, b - start] for a, b in scene.hours],
        "contracts": [_contract(shown, start) for shown in scene.contracts],
        "orders": [_order(life, scene, start) for life in scene.orders],
        "touched": scene.touched,
        "events": {
            "n": events.num_rows,
            "columns": [  # those in which anything stands
                _column(name, column, start)
                for name, column in zip(events.column_names, events.columns, strict=True)
                if column.null_count < len(column)
            ],
        },
    }  # fmt: skip


def _start(events: pa.Table, scene: Scene) -> int:
    """Return midnight in Beijing, in ns since 1970 UTC, of the first date there is."""
    told = [life.steps[0].ts for life in scene.orders[:1]] + [start for start, _ in scene.hours[:1]]
    if events.num_rows:
        told.append(pc.min(events["ts"].cast(pa.int64())).as_py())
    first = min(told, default=0) + _BEIJING
    return first - first % _DAY - _BEIJING


def _limit(alert: Mapping[str, Any], level: str) -> float | None:
    """Return the count from which a level is reached: that of a share, or as in ``>= 500``."""
    if alert.get(f"{level}_from") is not None:
        return float(alert[f"{level}_from"])
    found = _NUMBER.search(alert.get(f"{level}_limit") or "")
    return None if found is None else float(found[0])


def _title(alert: Mapping[str, Any], lang: Language) -> str:
    kind = wording.term(lang, "kind", alert["subject_kind"])
    subject = text(lang, "subject", kind=kind, name=for_terminal(alert["subject"]))
    return f"{subject}  {for_terminal(alert['scope'])}"


def _facts(explained: Explained, scene: Scene, lang: Language) -> Iterator[list[str]]:
    """Yield what is told above all: a label and a value each; what is not there is left out."""
    alert, run = explained.alert, scene.run
    entries = text(lang, "entries")
    count = alert["ratio"] if alert["count"] is None else alert["count"]
    gross = alert["gross_ratio"] if alert["gross"] is None else alert["gross"]
    left_out = [f"{wording.term(lang, 'reason', why)} {n}" for why, n in alert["exempt"].items()]
    files = [file["path"] for file in run["inputs"]]
    for label, value in (
        ("column.rule", f"{alert['rule']} {alert['rule_version']}"),
        ("column.exchange", alert["exchange"]),
        ("sheet.day", f"{alert['day']} ({wording.day_how(run['day_how'], lang)})"),
        ("sheet.accounts", text(lang, "list").join(alert["accounts"])),
        ("column.count_name", alert["count_name"]),
        ("column.count", None if count is None else wording.number(count)),
        ("column.gross", None if gross is None else wording.number(gross)),
        ("column.left_out", entries.join(left_out)),
        ("sheet.unknown", alert["unknown"]),
        ("level.red", _reached(alert, "red", lang)),
        ("level.yellow", _reached(alert, "yellow", lang)),
        ("sheet.assumed", entries.join(wording.assumption(a, lang) for a in alert["assumed"])),
        ("page.visibility", alert["visibility"]),
        ("page.log", entries.join(files)),
        ("page.fingerprint", entries.join(str(file["fingerprint"]) for file in run["inputs"])),
        ("page.scan", f"abtrade {run['abtrade']}, {run['finished']}"),
        ("page.rulebook", run["rulebook"]),
        ("page.overlay", run["options"].get("overlay")),
    ):
        if value not in (None, ""):
            yield [text(lang, label), for_terminal(str(value))]


def _reached(alert: Mapping[str, Any], level: str, lang: Language) -> str | None:
    """Return a level's standard, and where it was reached."""
    limit = alert.get(f"{level}_limit")
    if limit is None:
        return None
    if (lots := alert.get(f"{level}_from")) is not None:
        sign, _, digits = limit.partition(" ")
        share = f"{sign} {wording.in_percent(digits, lang)}"
        limit = text(lang, "page.from", limit=share, lots=lots)
    if alert[f"{level}_seq"] is None:
        return str(limit)
    when = (alert[f"{level}_ts"] or "")[:29].replace("T", " ")
    return text(lang, "page.reached", limit=limit, seq=alert[f"{level}_seq"], when=when)


def _contract(shown: Shown, start: int) -> dict[str, Any]:
    line = shown.line
    return {
        "exchange": for_terminal(shown.exchange),
        "contract": for_terminal(shown.contract),
        "ts": (line.ts - start).tolist(),
        "price": np.round(line.price * shown.tick, 6).tolist(),
        "trades": line.trades,
        "lots": line.lots,
        "thinned": line.width > 0,
    }


def _order(life: Life, scene: Scene, start: int) -> dict[str, Any]:
    return {
        "id": for_terminal(life.text),
        "contract": scene.contract_of[life.key.contract],
        "account": for_terminal(scene.account_of[life.account]),
        "side": schema.word_of("side", life.side),
        "lots": _plain(life.lots),
        "fate": life.fate,
        "steps": [
            [
                step.ts - start,
                step.action,
                None if step.price is None else float(step.price),
                _plain(step.lots),
                _plain(step.left),
                _plain(step.seq),
                1 if (life.key, at) in scene.self_trades else 0,
            ]
            for at, step in enumerate(life.steps)
        ],
    }


def _column(name: str, column: pa.ChunkedArray, start: int) -> dict[str, Any]:
    """Return a column of the events: numbers as they are, texts once each with their places."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        values = [None if t is None else t - start for t in column.cast(pa.int64()).to_pylist()]
        return {"name": name, "kind": "time", "values": values, **_headers(name)}
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        values = [_plain(value) for value in column.to_pylist()]
        return {"name": name, "kind": "number", "values": values, **_headers(name)}
    if pa.types.is_boolean(kind):
        column = pc.if_else(column, "yes", "no")
    coded = column.cast(pa.string()).dictionary_encode().unify_dictionaries().combine_chunks()
    coded = coded.chunk(0) if isinstance(coded, pa.ChunkedArray) else coded
    words = coded.dictionary.to_pylist()
    kinds = {name: "value"} if pa.types.is_boolean(kind) else _TERMS
    return {
        "name": name,
        "kind": "text",
        "values": coded.indices.to_pylist(),
        "codes": [for_terminal(word) for word in words] if name in _TERMS else None,
        "texts": {
            lang: [_word(kinds.get(name), word, lang) for word in words] for lang in LANGUAGES
        },
        **_headers(name),
    }


def _plain(value: float | None) -> float | str | None:
    """Return a number that JSON and a browser hold exactly, else its text."""
    if value is None or (abs(value) <= 2**53 and np.isfinite(value)):
        return value
    return str(value)


def _word(kind: str | None, word: str, lang: Language) -> str:
    return for_terminal(word if kind is None else wording.term(lang, kind, word))


def _headers(name: str) -> dict[str, dict[str, str]]:
    """Return what the column is called; a column without words of its own has its name."""
    return {"header": {lang: wording.term(lang, "event.column", name) for lang in LANGUAGES}}
