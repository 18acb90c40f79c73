"""The Chinese pages say what the English ones do: same commands, same options, same numbers."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from abtrade.cli import app
from abtrade.demo import demo
from test_demo import without_timing

ROOT = Path(__file__).resolve().parents[1]
ENGLISH, CHINESE = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md"))
PAGES = [ROOT / "README.zh.md", *sorted((ROOT / "docs/zh").glob("*.md"))]


def blocks(page: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


def commands(command: Any, name: str = "abtrade") -> Iterator[tuple[str, set[str]]]:
    """Yield each command with its options."""
    yield name, {opt for p in command.params for opt in (*p.opts, *p.secondary_opts)}
    for verb, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{name} {verb}")


COMMANDS = dict(commands(get_command(app)))
KNOWN = {"--help"}.union(*COMMANDS.values())


def options_in(page: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", page))


def verbs_in(page: str) -> set[str]:
    """Return the verbs in code: within a line, or where one of a block begins."""
    code = "\n".join([*blocks(page, "sh"), *blocks(page, "console"), *re.findall("`(.*?)`", page)])
    return set(re.findall(r"^(?:\$ )?abtrade ((?:rules )?[a-z]+)\b", code, re.MULTILINE))


@pytest.mark.parametrize("kind", ["sh", "yaml", "python"])
def test_what_is_typed_is_the_same(kind: str) -> None:
    assert blocks(CHINESE, kind) == blocks(ENGLISH, kind)


def test_the_same_blocks_stand_in_the_same_order() -> None:
    kinds = [re.findall(r"^```([a-z]+)$", page, re.MULTILINE) for page in (CHINESE, ENGLISH)]
    assert kinds[0] == kinds[1]
    typed = [re.findall(r"^\$ (.*)$", page, re.MULTILINE) for page in (CHINESE, ENGLISH)]
    assert typed[0] == typed[1]


def test_the_same_options_and_verbs_are_named_and_exist() -> None:
    known = KNOWN
    assert options_in(CHINESE) == options_in(ENGLISH) <= known
    assert verbs_in(CHINESE) == verbs_in(ENGLISH)
    assert {f"abtrade {verb}" for verb in verbs_in(CHINESE)} <= set(COMMANDS)


def test_the_same_tables_with_the_same_names() -> None:
    names = [
        re.findall(r"^\| (`.*?)\|", page.replace("`、`", "`, `"), re.MULTILINE)
        for page in (CHINESE, ENGLISH)
    ]
    assert names[0] == names[1]


def test_the_same_numbers() -> None:
    speed = [re.split(r"^## (?:Speed|速度)$", p, flags=re.MULTILINE)[1].split("\n## ")[0]
             for p in (CHINESE, ENGLISH)]  # fmt: skip
    numbers = [sorted(re.findall(r"\d[\d,.]*\d|\d", text)) for text in speed]
    assert numbers[0] == numbers[1]


def test_the_demo_is_shown_as_it_speaks_chinese(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    demo(Path("demo"), lang="zh")
    (shown,), (message,) = blocks(CHINESE, "console"), blocks(CHINESE, "text")
    assert untimed(capsys.readouterr().out) in untimed(shown)
    written = Path("demo/scan/alerts.jsonl").read_text("utf-8").splitlines()
    assert message.strip() in {json.loads(line)["message_zh"] for line in written}


def untimed(text: str) -> str:
    return re.sub(r"用时 .* MB", "", without_timing(text))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_page_names_what_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    assert options_in(text) <= KNOWN
    assert {f"abtrade {verb}" for verb in verbs_in(text)} <= set(COMMANDS)
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert (page.parent / link).exists(), link
    for settled in blocks(text, "toml"):
        assert set(tomllib.loads(settled)) <= {"scan", "hook"}


def test_every_exit_code_is_told() -> None:
    told = [
        re.findall(r"^\| (\d+) \|", (ROOT / page).read_text("utf-8"), re.MULTILINE)
        for page in ("docs/zh/outputs.md", "docs/outputs.md")
    ]
    assert [set(codes) for codes in told] == [{"0", "1", "2", "3", "4", "5", "130"}] * 2
