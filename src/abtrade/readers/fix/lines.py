"""Lines of a FIX log: a message each, as tags and values, or why a line cannot be read."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa

from ...errors import InputError
from ..raw import UNREADABLE, said

SOH: Final = "\x01"
START: Final = re.compile(
    rb"8=(FIXT\.1\.1|FIX\.\d\.\d(?:SP\d)?)(\x01|\||\^A|<SOH>)(?=9=|35=|\d+=)"
)
"""How a message begins: its version, and what stands between its fields."""

VERSIONS: Final = ("FIX.4.2", "FIX.4.3", "FIX.4.4", "FIX.5.0", "FIX.5.0SP1", "FIX.5.0SP2",
                   "FIXT.1.1")  # fmt: skip

_FIELD: Final = re.compile(rb"(?:\x01|\||\^A|<SOH>)(?:10=\d{3}|35=|17=|37=|150=)")
"""Fields by which a line shows that it is the rest of a message."""
_TRAILER: Final = re.compile(r"10=(\d{3})")
_PAIR: Final = re.compile(f"([^={SOH}]*)=([^{SOH}]*){SOH}")


class Message(NamedTuple):
    """A message without its CheckSum: its fields as they stand, and the first value of each tag."""

    fields: list[tuple[str, str]]
    values: dict[str, str]

    def parties(self) -> dict[str, str]:
        """Return who has which role: PartyRole (452) -> PartyID (448), the first of each."""
        found: dict[str, str] = {}
        name = ""
        for tag, value in self.fields:
            if tag == "448":
                name = value
            elif tag == "452" and name:
                found.setdefault(value, name)
        return found


def lines_of(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file, plain or compressed.

    Raises InputError where the file cannot be read on, naming the line reached.
    """
    done = 0
    try:
        codec = {b"\x1f\x8b": "gzip", b"\x28\xb5": "zstd"}.get(_magic(path))
        with pa.input_stream(str(path), compression=codec) as stream:
            for line in io.BufferedReader(stream, 1 << 20):
                yield line
                done += 1
    except UNREADABLE as error:
        raise InputError(f"{path}: after line {done}: {said(error)}") from error


def read_message(line: bytes, encoding: str) -> Message | str | None:
    """Return the message of a line, why it cannot be read, or None where it holds none."""
    begin = START.search(line)
    if begin is None:
        if _FIELD.search(line):
            return "found part of a message, expected one that begins with 8=FIX"
        return None
    version = begin[1].decode()
    if version not in VERSIONS:
        return f"BeginString (8): found {version}, expected one of {', '.join(VERSIONS)}"
    delimiter = begin[2].decode()
    raw = line[begin.start() :].rstrip(b"\r\n")
    if START.search(raw, 1):
        return "found a second message in the line, expected one message a line"
    text = raw.decode(encoding, "backslashreplace")
    if not text.endswith(delimiter):
        text += delimiter
    end = text.rfind(f"{delimiter}10=")
    if end < 0:
        problem = _cut_off(text, delimiter, encoding)
    elif delimiter == SOH:
        problem = _damaged(raw)
    else:
        problem = None if _TRAILER.match(text, end + len(delimiter)) else _NO_TRAILER
    return problem or _fields(text if end < 0 else text[: end + len(delimiter)], delimiter)


_NO_TRAILER: Final = "the message is cut off: CheckSum (10) has not three digits"


def _magic(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(2)


def _cut_off(text: str, delimiter: str, encoding: str) -> str | None:
    """Say what is wrong with a message without CheckSum; None where its length is as it says."""
    wire = text.replace(delimiter, SOH).encode(encoding, "backslashreplace")
    said_bytes, body = _body(wire)
    if said_bytes is None or said_bytes == len(body):
        return None
    return (
        f"the message is cut off: it has no CheckSum (10), and BodyLength (9) says {said_bytes} "
        f"bytes, found {len(body)}"
    )


def _damaged(raw: bytes) -> str | None:
    """Say what is wrong with a message whose bytes are as they were sent; None: nothing is."""
    end = raw.rfind(b"\x0110=") + 1
    trailer = raw[end + 3 :].split(b"\x01")[0]
    if not (len(trailer) == 3 and trailer.isdigit()):
        return _NO_TRAILER
    said_bytes, body = _body(raw[:end])
    if said_bytes is not None and said_bytes != len(body):
        return f"BodyLength (9): found {said_bytes}, expected {len(body)}"
    checksum = sum(raw[:end]) & 255
    if int(trailer) != checksum:
        return f"CheckSum (10): found {trailer.decode()}, expected {checksum:03}"
    return None


def _body(wire: bytes) -> tuple[int | None, bytes]:
    """Return what BodyLength says, None where it is not there, and what follows it."""
    _, _, rest = wire.partition(b"\x01")
    if not rest.startswith(b"9="):
        return None, rest
    length, _, body = rest[2:].partition(b"\x01")
    return (int(length) if length.isdigit() and len(length) < 10 else -1), body


def _fields(text: str, delimiter: str) -> Message | str:
    """Return the fields of a text, each with its delimiter behind it."""
    if delimiter != SOH:
        text = text.replace(delimiter, SOH)
    fields = _PAIR.findall(text)
    values = dict(reversed(fields))
    if len(fields) == text.count(SOH) and "".join(values).isdigit() and "" not in values:
        return Message(fields, values)
    pieces = text.split(SOH)[:-1]
    if delimiter == SOH:
        wrong = next(piece for piece in pieces if not piece.partition("=")[0].isdigit())
        return f"found the field {wrong!r}, expected TAG=VALUE"
    fields = _typed(pieces, delimiter)
    return Message(fields, dict(reversed(fields)))


def _typed(pieces: list[str], delimiter: str) -> list[tuple[str, str]]:
    """Return fields between delimiters that can be typed, and so may stand in a text as well."""
    fields: list[tuple[str, str]] = []
    for piece in pieces:
        tag, sign, value = piece.partition("=")
        if sign and tag.isdigit():
            fields.append((tag, value))
        elif fields:
            tag, value = fields[-1]
            fields[-1] = (tag, value + delimiter + piece)
    return fields
