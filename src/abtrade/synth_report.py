"""What synth says: what it made, how to scan that, and whether a scan found what was planted."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .safe_text import for_terminal
from .synthetic.fee_truth import FEE_TRUTH, read_fee_truth
from .synthetic.truth import read_truth

if TYPE_CHECKING:
    from .synth import MadeDay
    from .wording import Language

MOST_LINES: Final = 40

_WORDS: Final = {
    "en": {
        "made": "Made {day}, {rows:,} rows in {contracts} contracts of {exchanges}, {accounts:,} "
        "accounts, seed {seed}: {folder}",
        "planted": "Planted: {stories} stories. A scan by the test pack must give {alerts} alerts; "
        "what else the planted accounts come to stands beside them in {truth}",
        "scan": "Scan it:",
        "check": "Hold the scan against the truth:",
        "right": "As planted: {alerts} alerts, each at its level, count and event, and nothing "
        "else; {silent} results that give no alert.",
        "fees": "Order fees as planted: {fees}.",
        "wrong": "NOT as planted, {n} differences:",
        "more": "  ... and {n} more",
    },
    "zh": {
        "made": "已生成 {day} 的委托流水：{rows:,} 行，{exchanges} 共 {contracts} 个合约，"
        "{accounts:,} 个交易编码，种子 {seed}：{folder}",
        "planted": "预设 {stories} 个情节。按测试规则扫描应得 {alerts} 条报警；"
        "预设账户的其余结果一并见 {truth}",
        "scan": "扫描：",
        "check": "与预设核对：",
        "right": "与预设一致：{alerts} 条报警，级别、次数和触发事件均相符，无其他报警；"
        "另有 {silent} 条结果不构成报警。",
        "fees": "申报费与预设一致：{fees} 条。",
        "wrong": "与预设不一致，共 {n} 处：",
        "more": "  …… 另有 {n} 处",
    },
}


def made(day: MadeDay, lang: Language) -> list[str]:
    """Return lines on a day that was just made, with the commands that scan and check it."""
    words, options = _WORDS[lang], day.manifest["options"]
    out = day.folder.with_name(day.folder.name + "-scan")
    lines = [
        words["made"].format(
            day=options["day"], rows=day.manifest["rows"]["all"], contracts=options["contracts"],
            exchanges=" ".join(options["exchanges"]), accounts=options["accounts"],
            seed=options["seed"], folder=_shell(day.folder),
        )
    ]  # fmt: skip
    if day.manifest["stories"]:
        lines.append(
            words["planted"].format(
                stories=day.manifest["stories"], alerts=day.manifest["alerts"],
                truth=_shell(day.truth),
            )
        )  # fmt: skip
    lines += [words["scan"], f"  {scan_command(day, out)}", words["check"]]
    return [*lines, f"  abtrade synth {_shell(day.folder)} --check {_shell(out)}"]


def scan_command(day: MadeDay, out: Path) -> str:
    """Return the command that scans a made day by its own rules and tables."""
    parts: list[str | Path] = ["abtrade", "scan", *day.logs, "--rules", day.rules]
    for name, path in day.tables.items():
        parts += [f"--{name.replace('_', '-')}", path]
    if any(".csv" in path.name for path in day.logs):  # CSV cannot say what day it is of
        parts += ["--day", day.manifest["options"]["day"]]
    return " ".join(_shell(part) for part in (*parts, "--out", out))


def checked(folder: Path, wrong: Sequence[str], lang: Language) -> list[str]:
    """Return lines on a scan that was held against the truth."""
    words = _WORDS[lang]
    if wrong:
        lines = [words["wrong"].format(n=len(wrong))]
        lines += [f"  {for_terminal(line)}" for line in wrong[:MOST_LINES]]
        if len(wrong) > MOST_LINES:
            lines.append(words["more"].format(n=len(wrong) - MOST_LINES))
        return lines
    truths = read_truth(folder / "truth.csv")
    alerts = sum(bool(truth.level) for truth in truths)
    lines = [words["right"].format(alerts=alerts, silent=len(truths) - alerts)]
    if (path := folder / FEE_TRUTH).exists():
        due = [truth for truth in read_fee_truth(path) if truth.fee is not None]
        lines.append(words["fees"].format(fees=len(due)))
    return lines


def _shell(part: str | Path) -> str:
    """Return a part of a command as a shell takes it; a path is never taken for an option."""
    text = str(part)
    if isinstance(part, Path) and text.startswith("-"):
        text = f"./{text}"
    return for_terminal(shlex.quote(text))
