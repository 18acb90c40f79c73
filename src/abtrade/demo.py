"""Show abtrade at work: make a day with planted offences, scan it, and hold the alerts to it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .demo_day import DAY, DemoDay, Truth, make_day, read_truth
from .errors import OutputError
from .safe_text import for_terminal

if TYPE_CHECKING:
    from .alerts import Alert
    from .wording import Language


def demo(out: Path, seed: int = 1, lang: Language = "en") -> bool:
    """Make a day in a new folder, scan it, print what was found; return whether it was planted.

    ``out`` gets ``day.parquet``, ``accounts.csv``, ``links.csv``, ``truth.csv``, and the scan's
    output in ``scan``. Raises OutputError where ``out`` exists or cannot be written.
    """
    from .scan import scan
    from .sinks.folder import whole_folder
    from .sinks.terminal import show_scan

    if out.exists():
        raise OutputError(f"{for_terminal(str(out))}: exists already; name another folder")
    with whole_folder(out) as folder:
        make_day(folder, seed)
    day = DemoDay(out)
    words = _WORDS[lang]
    print(words["made"].format(folder=_shell(out), day=DAY))
    print(f"$ {_command(day)}", end="\n\n")
    found = scan(day.log, accounts=day.accounts, links=day.links, out=out / "scan")
    show_scan(found, lang)
    truths = read_truth(day.truth)
    wrong = differences(found.alert_list, truths)
    silent = sum(truth.level == "none" for truth in truths)
    key = "wrong" if wrong else "right"
    print()
    print(words[key].format(n=len(truths) - silent, silent=silent, truth=_shell(day.truth)))
    for line in wrong:
        print(f"  {line}")
    return not wrong


def differences(alerts: Sequence[Alert], truths: Sequence[Truth]) -> list[str]:
    """Return a line for each alert that the truth table lacks, and for each it has in vain."""
    found = {_about(alert) for alert in alerts}
    planted = {
        (truth.level, truth.count, truth.subject_kind, truth.subject, truth.scope, truth.counted)
        for truth in truths
        if truth.level != "none"
    }
    lines = [f"planted, not found: {_line(each)}" for each in sorted(planted - found)]
    return lines + [f"found, not planted: {_line(each)}" for each in sorted(found - planted)]


_About = tuple[str, str, str, str, str, int | float]

_WORDS: Final = {
    "en": {
        "made": "Made a trading day of SHFE, {day}, with planted offences: {folder}",
        "right": "As planted: {n} offences found, each at its level and count; {silent} look-alikes"
        " silent; nothing else. What was planted: {truth}",
        "wrong": "NOT as planted, see {truth}:",
    },
    "zh": {
        "made": "已生成上期所一个交易日（{day}）的委托流水，内有预设的异常交易：{folder}",
        "right": "与预设一致：{n}起异常全部报警，级别和次数均相符；"
        "{silent}起相似的正常行为均未报警；无其他报警。预设内容：{truth}",
        "wrong": "与预设不一致，见 {truth}：",
    },
}


def _about(alert: Alert) -> _About:
    result = alert.result
    return (
        alert.level,
        result.count,
        result.subject_kind,
        result.subject,
        result.scope,
        result.counted,
    )


def _line(about: _About) -> str:
    level, count, kind, subject, scope, counted = about
    return f"{level} {count} {counted}, {kind} {subject}, {scope}"


def _command(day: DemoDay) -> str:
    scan = ("abtrade", "scan", day.log, "--accounts", day.accounts, "--links", day.links)
    return " ".join(_shell(part) for part in (*scan, "--out", day.folder / "scan"))


def _shell(part: str | Path) -> str:
    return for_terminal(shlex.quote(str(part)))
