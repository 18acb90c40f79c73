"""A line of a FIX log is a message, whole and undamaged, or it is told why it is none."""

from __future__ import annotations

import simplefix
from export_fix import SOH, wire
from hypothesis import given
from hypothesis import strategies as st

from abtrade.readers.fix.lines import Message, read_message
from abtrade.readers.fix.report import account_reader, read_report

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters=SOH + "\r\n", exclude_categories=("Cs",)),
    min_size=1, max_size=12,
)  # fmt: skip
FIELDS = st.lists(
    st.tuples(st.sampled_from([1, 11, 17, 37, 55, 58, 150, 448, 452, 880, 5001]), TEXTS),
    min_size=1, max_size=20,
)  # fmt: skip
WHOLE = wire([(35, "8"), (37, "1"), (17, "E1"), (150, "0"), (58, "text")])


def parsed(line: bytes) -> Message:
    message = read_message(line, "utf-8")
    assert isinstance(message, Message), message
    return message


@given(FIELDS)
def test_messages_read_as_another_library_reads_and_writes_them(fields: list[tuple[int, str]]):
    theirs = simplefix.FixMessage()
    theirs.append_pair(8, "FIX.4.4")
    theirs.append_pair(35, "8")
    for tag, value in fields:
        theirs.append_pair(tag, value)
    line = theirs.encode()
    assert line == wire([(35, "8"), *fields]).encode()
    parser = simplefix.FixParser()
    parser.append_buffer(line)
    pairs = [(int(tag), value.decode()) for tag, value in parser.get_message().pairs]
    mine = parsed(line)
    assert mine.fields == [(str(tag), value) for tag, value in pairs[:-1]]
    first = {str(tag): value for tag, value in reversed(pairs[:-1])}
    assert mine.values == first


@given(st.integers(1, len(WHOLE) - 2))
def test_a_message_cut_off_anywhere_is_none(end: int):
    rest = WHOLE[:end]
    told = read_message(rest.encode() + b"\n", "utf-8")
    before_checksum = rest in (WHOLE[:-7], WHOLE[:-8])  # its length still is as it says
    assert isinstance(told, Message) == before_checksum
    told = read_message(WHOLE[end:].encode(), "utf-8")
    assert not isinstance(told, Message)


@given(st.integers(20, len(WHOLE) - 2), st.integers(1, 255))
def test_a_damaged_byte_is_seen(at: int, by: int):
    line = bytearray(WHOLE.encode())
    line[at] = (line[at] + by) % 256
    assert not isinstance(read_message(bytes(line), "utf-8"), Message)


@given(st.binary(max_size=60), st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)))
def test_whatever_stands_in_a_line_is_a_message_or_told(junk: bytes, start: int, end: int):
    line = WHOLE[:start].encode() + junk + WHOLE[end:].encode()
    told = read_message(line, "utf-8")
    assert told is None or isinstance(told, str | Message)
    if isinstance(told, Message):
        read_report(told, account_reader("party:1"))


def test_each_reason_says_what_was_found():
    def reason(line: str) -> str | None:
        found = read_message(line.encode(), "utf-8")
        assert not isinstance(found, Message)
        return found

    assert reason(WHOLE.replace("9=30", "9=31")) == "BodyLength (9): found 31, expected 30"
    assert "CheckSum (10): found 000, expected " in str(reason(WHOLE[:-4] + "000\x01"))
    assert reason(WHOLE.replace("FIX.4.4", "FIX.4.1")).startswith("BeginString (8): found FIX.4.1")
    assert "second message" in str(reason(WHOLE + WHOLE))
    assert reason(WHOLE[12:]) == "found part of a message, expected one that begins with 8=FIX"
    assert reason("") is None
    assert reason("20250218 session opened") is None
    text = f"8=FIX.4.4{SOH}35=8{SOH}17 E1{SOH}"
    assert reason(text) == "found the field '17 E1', expected TAG=VALUE"


def test_prefixes_and_delimiters_of_printed_logs_are_read():
    for delimiter in ("|", "^A", "<SOH>", SOH):
        for prefix in ("", "2025-02-18 09:00:00.123 IN : ", "<20250218-01:00:00, A->B> ("):
            line = prefix + WHOLE.replace(SOH, delimiter)
            assert parsed(line.encode()).values["58"] == "text"
    assert parsed(WHOLE.replace(SOH, "|")[:-1].encode()).values["37"] == "1"


def test_a_printed_delimiter_inside_a_text_does_not_end_it():
    for text in ("one|two", "one|two=3", "||", "=|x"):
        line = f"8=FIX.4.4|35=8|58={text}|37=7|10=000|"
        assert parsed(line.encode()).values == {
            "8": "FIX.4.4", "35": "8", "58": text, "37": "7",
        }  # fmt: skip


def test_text_in_gbk_is_read_as_text():
    line = wire([(35, "8"), (1, "账户")]).replace(SOH, "|").encode("gbk")
    message = read_message(line, "gb18030")
    assert isinstance(message, Message)
    assert message.values["1"] == "账户"
