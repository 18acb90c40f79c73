"""Pictures of a moment: whole files of SVG that name nothing outside themselves."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from made_session import MadeSession
from rich.text import Text

from abtrade.errors import OutputError
from abtrade.replay.view.shot import write_shot
from abtrade.replay.view.svg import CELL_WIDTH, MARGIN, svg
from abtrade.wording import LANGUAGES, Language

NAMESPACE = "http://www.w3.org/2000/svg"


def texts(document: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(document).iter(f"{{{NAMESPACE}}}text"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_shot_is_whole_and_names_nothing_outside(lang: Language, tmp_path: Path) -> None:
    session = MadeSession(lang=lang, name="<a href='http://x'>[b]\x1b&\u202e")
    session.seek_row(520)
    write_shot(session, tmp_path / "at.svg", lang=lang, width=120, height=36)
    said = (tmp_path / "at.svg").read_text(encoding="utf-8")
    found = " ".join(each.text or "" for each in texts(said))
    assert ("预警" if lang == "zh" else "Alerts") in found
    outside = [each for each in re.findall(r"\w+://[^\s\"'<&]*", said) if each != NAMESPACE]
    assert set(outside) == {"http://x"}  # of the account's name, as text
    assert "@font-face" not in said
    assert "@import" not in said
    assert "url(" not in said
    names = {name for each in ElementTree.fromstring(said).iter() for name in each.attrib}
    assert not {name for name in names if "href" in name or name.startswith("on")}
    assert not set(said) & set("\x1b\u202e")
    assert "space" not in found  # keys are of no use in a picture
    assert list(tmp_path.iterdir()) == [tmp_path / "at.svg"]


def test_columns_stay_under_each_other_whatever_the_fonts() -> None:
    lines = [Text("ab 中文 7"), Text("◆    ⣿⣿  7")]
    ends = []
    for each in texts(svg(lines, 20, "t")):
        begin, length = float(each.attrib["x"]), float(each.attrib["textLength"])
        assert each.attrib["lengthAdjust"] == "spacingAndGlyphs"
        ends.append(((begin - MARGIN) / CELL_WIDTH, length / CELL_WIDTH, each.text))
    assert [(round(x, 1), round(n, 1), said) for x, n, said in ends] == [
        (0, 2, "ab"), (3, 4, "中文"), (8, 1, "7"),
        (0, 1, "◆"), (5, 2, "⣿⣿"), (9, 1, "7"),
    ]  # fmt: skip


def test_a_shot_that_cannot_be_leaves_nothing(tmp_path: Path) -> None:
    there = tmp_path / "at.svg"
    there.write_text("mine")
    with pytest.raises(OutputError):
        write_shot(MadeSession(), there, lang="en")
    assert there.read_text() == "mine"
    write_shot(MadeSession(), there, lang="en", force=True)
    assert there.read_text().startswith("<svg")
    with pytest.raises(OutputError):
        write_shot(MadeSession(), tmp_path / "none" / "at.svg", lang="en")
