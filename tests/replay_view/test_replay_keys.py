"""The keys are the same on the help page, in both pages of the documentation and in the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from abtrade.replay.view.frame import LEAST_WIDTH
from abtrade.replay.view.keys import KEYS, footer, help_lines
from abtrade.wording import LANGUAGES, Language
from abtrade.words_replay_en import WORDS as ENGLISH
from abtrade.words_replay_zh import WORDS as CHINESE

DOCS = Path(__file__).resolve().parents[2] / "docs"


def blanks(said: str) -> list[str]:
    return sorted(re.findall(r"\{(\w+)\}", said))


def test_both_languages_have_the_same_texts() -> None:
    assert list(ENGLISH) == list(CHINESE)
    assert {key: blanks(said) for key, said in ENGLISH.items()} == {
        key: blanks(said) for key, said in CHINESE.items()
    }


@pytest.mark.parametrize("page", ["replay-screen.md", "zh/replay-screen.md"])
def test_the_documentation_tells_every_key(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]*`) \| \S", text, re.MULTILINE)
    told = [set(re.findall(r"`([^`]+)`", row)) for row in rows]
    written = [set(keys.split()) for _, _, keys in KEYS if keys]
    assert all(any(keys <= row for row in told) for keys in written)
    assert len(told) == len(written)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_narrowest_footer_tells_of_help(lang: Language) -> None:
    said = footer(lang, LEAST_WIDTH)
    assert said.cell_len <= LEAST_WIDTH
    assert said.plain.strip().startswith("space")
    assert "h ? " in said.plain
    assert all(cell_len(each.plain) <= 74 for each in help_lines(lang))
