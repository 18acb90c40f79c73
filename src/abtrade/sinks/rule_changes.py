"""A comparison of two sets of rules, as lines for a terminal or as JSON data."""

from __future__ import annotations

from typing import Any

from ..rules.changes import Change
from ..rules.diff import Diff, Difference, levels_said
from ..rules.phrases import days_said
from ..rules.rule import Rule
from ..safe_text import for_lines
from ..wording import Language, amount, text


def diff_text(diff: Diff, names: tuple[str, str], lang: Language) -> str:
    """Return a comparison as lines; ``names`` are what was compared with what."""
    lines = [text(lang, "diff.title", before=names[0], after=names[1]), _sums(diff, lang)]
    for difference in diff.differences:
        lines += ["", _heading(difference, lang)]
        lines += [f"  - {line}" for line in _told(difference, lang)]
    return for_lines("\n".join(lines))


def diff_data(diff: Diff, names: tuple[str, str], lang: Language) -> dict[str, Any]:
    """Return a comparison as JSON data."""
    return {
        "before": names[0],
        "after": names[1],
        "language": lang,
        "same": diff.same,
        "differences": [
            {
                "kind": difference.kind,
                "before": _rule(difference.before),
                "after": _rule(difference.after),
                "changes": [_change(change) for change in difference.changes],
            }
            for difference in diff.differences
        ],
    }


def _sums(diff: Diff, lang: Language) -> str:
    if not diff.differences:
        return text(lang, "diff.none", n=amount(lang, "diff.sum.rules", diff.same))
    kinds = [difference.kind for difference in diff.differences]
    parts = [
        amount(lang, f"diff.sum.{kind}", kinds.count(kind))
        for kind in ("changed", "added", "removed")
    ]
    return text(lang, "diff.sums", parts=text(lang, "diff.list").join(parts), same=diff.same)


def _heading(difference: Difference, lang: Language) -> str:
    sides = [rule for rule in (difference.before, difference.after) if rule is not None]
    ids = list(dict.fromkeys(rule.id for rule in sides))
    name = ids[0] if len(ids) == 1 else text(lang, "diff.title", before=ids[0], after=ids[1])
    return text(lang, "part.line", part=text(lang, f"diff.{difference.kind}"), text=name)


def _told(difference: Difference, lang: Language) -> list[str]:
    if difference.kind == "changed":
        return [text(lang, "sentence").join(filter(None, (change.sentence, change.basis)))
                for change in difference.changes]
    rule = difference.after or difference.before
    assert rule is not None
    days = text(lang, "part.line", part=text(lang, "part.days"),
                text=days_said(rule.from_day, rule.to_day, lang))  # fmt: skip
    return [rule.about[lang], levels_said(rule, lang), text(lang, "sentence.end", text=days)]


def _rule(rule: Rule | None) -> dict[str, Any] | None:
    if rule is None:
        return None
    return {"rule": rule.id, "version": rule.version, "from": rule.from_day, "to": rule.to_day,
            "file": rule.path}  # fmt: skip


def _change(change: Change) -> dict[str, str]:
    return {
        "part": change.part,
        "kind": change.kind,
        "sentence": change.sentence,
        "before": change.before,
        "after": change.after,
        "basis": change.basis,
    }
