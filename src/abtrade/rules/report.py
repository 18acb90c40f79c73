"""Rules told to people: as rows of a list, and as a page on one rule."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .rule import (
    Alternative,
    LeaveOut,
    Level,
    Rule,
    Source,
    assume_words,
    filter_sentence,
    only_sentence,
)

COLUMNS: Final = ("id", "count", "scope", "yellow", "red", "from", "to", "status", "about")
"""The columns of ``list_rows``, in the order in which to show them."""

_LABELS: Final = {
    "rule": ("rule", "规则"),
    "version": ("version", "版本"),
    "status": ("status", "可信度"),
    "exchange": ("exchange", "交易所"),
    "products": ("products", "品种"),
    "in_force": ("in force", "有效期"),
    "count": ("counts", "统计量"),
    "scope": ("scope", "统计范围"),
    "only": ("only", "仅统计"),
    "assume": ("taken for granted without the column", "无此列时假定"),
    "leave_out": ("left out", "不计入"),
    "groups_only": ("judges", "监控对象"),
    "both": ("exempt where", "豁免条件"),
    "yellow": ("yellow", "黄灯"),
    "red": ("red", "红灯"),
    "clause": ("clause", "依据"),
    "linked_clause": ("linked accounts", "关联账户合并依据"),
    "source": ("source", "出处"),
    "notes": ("notes", "说明"),
    "alternative": ("another reading", "另一读法"),
    "desk": ("the desk's own", "本机构设定"),
    "path": ("file", "文件"),
}
_FROM_TO: Final = {"en": ("from {}", "{} to {}"), "zh": ("自{}起", "{}至{}")}
_GROUPS: Final = {"en": "groups of linked clients alone", "zh": "仅实际控制关系账户组"}
_BOTH: Final = {"en": "both orders are", "zh": "双方报单均符合"}
_SEEN: Final = {
    "en": {"official": "seen in the official text", "reprint": "seen in a reprint",
           "secondary": "seen in a secondary source"},
    "zh": {"official": "见于官方原文", "reprint": "见于转载", "secondary": "见于二手资料"},
}
_STATUS_ZH: Final = {"verified": "见于原文或转载", "secondary": "二手资料", "unverified": "未核实"}


def list_rows(rules: Iterable[Rule], lang: str = "en") -> list[dict[str, str]]:
    """Return a row for each rule, with the keys of COLUMNS; empty where a rule says nothing."""
    return [
        {
            "id": rule.id,
            "count": rule.count_name,
            "scope": rule.scope,
            "yellow": rule.yellow.written if rule.yellow else "",
            "red": rule.red.written if rule.red else "",
            "from": rule.from_day.isoformat(),
            "to": rule.to_day.isoformat() if rule.to_day else "",
            "status": rule.status,
            "about": rule.about[lang],
        }
        for rule in rules
    ]


def show_text(rule: Rule, lang: str) -> str:
    """Return all that a rule says, in English (``en``) or Chinese (``zh``), lines of text."""
    parts = [
        ("rule", rule.id),
        ("version", rule.version),
        ("status", _STATUS_ZH[rule.status] if lang == "zh" else rule.status),
        ("exchange", rule.exchange),
        ("products", ", ".join(sorted(rule.products or ()))),
        ("in_force", _in_force(rule, lang)),
        ("count", rule.count_name),
        ("scope", rule.scope),
        ("only", only_sentence(rule)),
        ("assume", "，".join(_assume(rule)) if lang == "zh" else ", ".join(_assume(rule))),
        *(("leave_out", _leave_out(entry, lang)) for entry in rule.leave_out),
        ("groups_only", _GROUPS[lang] if rule.groups_only else ""),
        ("both", _BOTH[lang] if rule.both else ""),
        ("yellow", rule.yellow.written if rule.yellow else ""),
        ("red", rule.red.written if rule.red else ""),
        ("clause", rule.clause[lang]),
        ("linked_clause", rule.linked_clause[lang] if rule.linked_clause else ""),
        ("source", source_text(rule.source, lang)),
        ("notes", rule.notes[lang] if rule.notes else ""),
        *(("alternative", _alternative(entry, lang)) for entry in rule.alternatives),
        *(("desk", entry[lang]) for entry in rule.desk),
        ("path", rule.path),
    ]
    colon = "：" if lang == "zh" else ": "
    lines = [f"{_LABELS[key][lang == 'zh']}{colon}{text}" for key, text in parts if text]
    return "\n".join([rule.about[lang], "", *lines])


def source_text(source: Source, lang: str) -> str:
    """Return a source as one citation."""
    seen = _SEEN[lang][source.seen] if source.seen else ""
    if seen and source.seen_in:
        seen += f" ({source.seen_in[lang]})" if lang == "en" else f"（{source.seen_in[lang]}）"
    parts = [
        source.document[lang],
        source.number,
        source.article,
        source.date.isoformat() if source.date else "",
        seen,
        source.address,
    ]
    return ("；" if lang == "zh" else "; ").join(part for part in parts if part)


def _assume(rule: Rule) -> list[str]:
    return [f"{name} {word}" for name, word in assume_words(rule).items()]


def _in_force(rule: Rule, lang: str) -> str:
    endless, bounded = _FROM_TO[lang]
    return bounded.format(rule.from_day, rule.to_day) if rule.to_day else (
        endless.format(rule.from_day)
    )


def _alternative(entry: Alternative, lang: str) -> str:
    said = ", ".join(
        f"{key} {value.written if isinstance(value, Level) else _plain(value)}"
        for key, value in entry.changes.items()
    )
    template = "{}（{}）。{}" if lang == "zh" else "{} ({}). {}"
    return template.format(entry.name, said, entry.about[lang])


def _plain(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def _leave_out(entry: LeaveOut, lang: str) -> str:
    reason = entry.reason_zh if lang == "zh" else entry.reason
    template = "{}（{}）。{}" if lang == "zh" else "{} ({}). {}"
    return template.format(reason, filter_sentence(entry.filter), entry.clause[lang])
