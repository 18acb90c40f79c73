from __future__ import annotations

import html
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abtrade.safe_text import for_csv, for_html, for_json, for_lines, for_terminal, guarded


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("\x9b31m", r"\x9b31m"),
        ("a\u202eb", r"a\u202eb"),
        ("\u200bA\ufeff", r"\u200bA\ufeff"),
        ("\U000e0041", r"\U000e0041"),
        ("\udc80", r"\udc80"),
        ("back\\slash", r"back\\slash"),
    ],
)
def test_control_and_unseen_characters_are_spelled_out(name: str, spelled: str) -> None:
    assert for_terminal(name) == spelled


@pytest.mark.parametrize("name", ["000100012345", "自营 一号", "a b", "é", "[bold]x", "<b>", "≥"])
def test_other_names_stay_as_they_are(name: str) -> None:
    assert for_terminal(name) == name


@given(st.text(), st.text())
def test_different_names_stay_different(a: str, b: str) -> None:
    assert (for_terminal(a) == for_terminal(b)) == (a == b)


@given(st.text())
def test_a_name_stays_on_its_line(name: str) -> None:
    shown = for_terminal(name)
    assert len(shown.splitlines()) <= 1
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in shown)


@pytest.mark.parametrize("cell", ["=cmd()", "+1+1", "-2+3", "@SUM(A1)", " =x", "＝x", "-a"])
def test_formulas_are_guarded(cell: str) -> None:
    assert for_csv(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-5", "+5", "-1.25", "a=b", "A-1", "", "cu2503"])
def test_what_is_no_formula_is_not_touched(cell: str) -> None:
    assert for_csv(cell) == cell
    assert guarded(cell) == cell


def test_html_is_text() -> None:
    assert for_html("<script>&\"'\x1b") == "&lt;script&gt;&amp;&quot;&#x27;\\x1b"


@given(st.text())
def test_html_reads_back(name: str) -> None:
    page = for_html(name)
    assert not set("<>\"'") & set(page)
    assert html.unescape(page) == for_terminal(name)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(json_values, st.sampled_from([None, 2]))
def test_json_reads_back_and_holds_no_control_character(value: object, indent: int | None) -> None:
    text = for_json(value, indent=indent)
    assert json.loads(text) == value
    assert not any(char in text for char in "\x1b\x9b\u202e\u2028\x7f")
    text.encode()


def test_json_refuses_what_is_no_number() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        for_json(float("nan"))
    with pytest.raises(TypeError):
        for_json({1, 2})


def test_messages_keep_their_lines() -> None:
    message = "a.yaml:1:2: 'x\x1b'\n\tC:\\x\n\t  ^"
    assert for_lines(message) == "a.yaml:1:2: 'x\\x1b'\n\tC:\\x\n\t  ^"
