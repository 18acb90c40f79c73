"""A text file as blocks of whole rows, so that Arrow is left with nothing to read ahead in."""

from __future__ import annotations

import codecs
import re
from collections.abc import Generator
from pathlib import Path
from typing import Final

import pyarrow as pa

from . import _cells

EITHER: Final = "utf-8 or gb18030"
"""An encoding: the one of these that a file's first characters beyond ASCII are in."""

READ_BYTES: Final = 1 << 20
"""How much text is read at a time; no row is longer."""


def text_blocks(
    path: Path, codec: str | None, encoding: str, delimiter: str
) -> Generator[bytes, None, None]:
    """Yield a file's text in UTF-8, each block whole rows, the first with the header.

    codec : gzip or zstd, None where it is plain

    Raises OSError where the file cannot be read or decompressed, UnicodeDecodeError where it is
    other text, and ValueError behind a row longer than ``READ_BYTES``, mostly a quote not closed.
    """
    decoder = _decoder(encoding)
    mark = ord(delimiter)
    rest, ended = b"", False
    with pa.input_stream(str(path), compression=codec) as file:
        while not ended:
            read = file.read(READ_BYTES)
            ended = not read
            text = rest + decoder.decode(read, ended).encode()
            end = len(text) if ended else _rows_end(text, mark)
            if len(text) - end > READ_BYTES:
                yield text  # what its reader says of the row goes before
                raise ValueError(f"found a row of more than {READ_BYTES:,} bytes")
            rest = text[end:]
            if end:
                yield text[:end]


def unreadable_line(path: Path, codec: str | None, encoding: str) -> int:
    """Return the line, from 1, where a file's text ends to be of its encoding; 0: nowhere."""
    decoder, lines = _decoder(encoding), 1
    with pa.input_stream(str(path), compression=codec) as file:
        while read := file.read(READ_BYTES):
            try:
                decoder.decode(read)
            except UnicodeDecodeError as error:
                return lines + error.object[: error.start].count(b"\n")
            lines += read.count(b"\n")
    return 0


def header_of(block: bytes, delimiter: str) -> bytes:
    """Return the first row of a block, blank lines before it included, with its end."""
    found = re.compile(rb"[\r\n]*+" + _row(delimiter)).match(block)
    return found[0] if found else block


def native(text: bytes) -> pa.BufferReader:
    """Return text to read in memory that Arrow's threads may drop without entering Python.

    Arrow reads ahead in a thread of its own, also when its reader is left early. Were that to come
    into Python while the interpreter ends, the process would hang or abort.
    """
    out = pa.BufferOutputStream()
    out.write(text)
    return pa.BufferReader(out.getvalue())


def _decoder(encoding: str) -> _Either | codecs.IncrementalDecoder:
    return _Either() if encoding == EITHER else codecs.getincrementaldecoder(encoding)()


class _Either:
    """Decodes UTF-8; or GB18030, where what follows nothing but ASCII is no UTF-8."""

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._open = True  # nothing but ASCII so far

    def decode(self, read: bytes, final: bool = False) -> str:
        if not self._open:
            return self._decoder.decode(read, final)
        pending = self._decoder.getstate()[0]
        try:
            text = self._decoder.decode(read, final)
        except UnicodeDecodeError:
            self._open = False
            self._decoder = codecs.getincrementaldecoder("gb18030")()
            return self._decoder.decode(pending + read, final)
        self._open = text.isascii()
        return text


def _rows_end(text: bytes, mark: int) -> int:
    if b'"' not in text:
        # A file may end its lines with \r alone; the last byte may be half of \r\n.
        return text.rfind(b"\n") + 1 or text.rfind(b"\r", 0, len(text) - 1) + 1
    return _cells.rows_end(text, mark)


def _row(delimiter: str) -> bytes:
    """Return the pattern of a row as Arrow reads it: a quote counts at the start of a cell only."""
    mark = re.escape(delimiter.encode())
    plain = rb"[^\r\n" + mark + rb"]*+"
    cell = rb'(?:"[^"]*+(?:""[^"]*+)*+"' + plain + rb'|(?!")' + plain + rb")"
    return cell + rb"(?:" + mark + cell + rb")*+(?:\r?\n|\r(?=[^\n]))"
