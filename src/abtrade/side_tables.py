"""Read a side table, a CSV or Parquet file beside the log, strictly and with all its problems."""

from __future__ import annotations

import codecs
import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar

from .errors import problems_error
from .market.exchanges import exchange_named
from .pseudonyms import Pseudonyms
from .regular_file import open_regular

if TYPE_CHECKING:
    import pyarrow as pa

Source: TypeAlias = "str | Path | pa.Table"
"""A file, or the table itself."""
Row = TypeVar("Row")
Kind = Literal["text", "exchange", "date", "int", "float", "decimal", "bool"]
Problem = tuple[int, str]
"""A row number (0: the whole table) and what is wrong there."""

PROBLEMS_SHOWN: Final = 1000
CHUNK: Final = 50_000
LARGEST: Final = 1e300
"""Above it stand the numbers by which some programs say that there is none."""


@dataclass(frozen=True, slots=True)
class Column:
    """What a column may hold. Blank cells are null; ``filled`` forbids them."""

    kind: Kind = "text"
    required: bool = False  # the table must have the column
    filled: bool = False  # and every cell of it
    words: tuple[str, ...] = ()  # texts only: the ones allowed
    positive: bool = False  # numbers only
    least: float | None = None  # numbers only: the smallest there may be
    names_nobody: bool = False  # texts only: no pseudonym takes its place
    codes: Mapping[str, str] | None = None  # texts only: what each says; any other says nothing
    unset: bool = False  # numbers only: zero, and the largest there is, say nothing


DATES: Final[dict[str, Column]] = {"from": Column("date"), "to": Column("date")}
"""The columns that say when a row holds, both ends inclusive, blank: open."""


@dataclass(slots=True)
class SideTable:
    """The rows of a table, by column; ``numbers`` are the rows' numbers in the file, from 1.

    A number counts every record after the header, blank ones too, so that row n of a plain CSV
    file is its line n + 1.
    """

    name: str
    columns: tuple[str, ...]  # the known columns that the table has
    notes: list[str]  # columns that were not read
    numbers: list[int]
    cells: dict[str, list[Any]]

    def __len__(self) -> int:
        return len(self.numbers)

    def select(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """Yield (row number, value of each named column) of every row; absent columns are null."""
        absent = [None] * len(self.numbers)
        return zip(self.numbers, *(self.cells.get(name, absent) for name in names), strict=True)


def read_table(
    source: Source,
    columns: Mapping[str, Column],
    *,
    name: str = "table",
    check: Callable[[SideTable], Iterable[Problem]] | None = None,
    pseudonyms: Pseudonyms | None = None,
    dump: bool = False,
) -> SideTable:
    """Read a CSV (UTF-8) or Parquet file, or an Arrow table that messages call ``name``.

    Texts are trimmed. ``check`` yields problems between cells; it is given the rows whose cells
    are good. A ``dump`` is another program's: it may be GBK, and has columns that are not read.
    With ``pseudonyms`` every free text is one, but for columns that name nobody.
    Raises InputError with every problem of the table.
    """
    reading = _Reading(str(source) if isinstance(source, (str, Path)) else name, columns, dump)
    if isinstance(source, (str, Path)):
        reading.read_file(Path(source))
    else:
        reading.read_arrow(source)
    table = reading.table()
    if pseudonyms is not None:
        take_names_out(table, columns, pseudonyms)
    reading.problems += (check(table) if check else ())
    if reading.problems:
        raise problems_error(problem_lines(table.name, reading.problems))
    return table


def take_names_out(
    table: SideTable, columns: Mapping[str, Column], pseudonyms: Pseudonyms
) -> None:
    """Put pseudonyms in place of the free texts of a table."""
    pseudonyms.know(columns)
    for name, cells in table.cells.items():
        column = columns[name]
        if column.kind == "text" and not column.words and not column.names_nobody:
            table.cells[name] = [None if cell is None else pseudonyms.of(cell) for cell in cells]


def column_names(source: Source) -> list[str]:
    """Return the names a table's header has, to tell one form of a table from another."""
    reading = _Reading("table", {})
    if not isinstance(source, (str, Path)):
        return [str(name) for name in source.column_names]
    reading.read_file(Path(source), header_only=True)
    if reading.problems:
        raise problems_error(problem_lines(str(source), reading.problems))
    return reading.header


def dates_in_order(table: SideTable) -> Iterator[Problem]:
    """Yield a problem for each row whose ``from`` comes after its ``to``."""
    for number, start, end in table.select("from", "to"):
        if start and end and start > end:
            yield number, f"column 'from': found {start}, expected no later than 'to', {end}"


def holds(day: date, start: date | None, end: date | None) -> bool:
    """Whether a row with these dates holds on the day."""
    return (start is None or start <= day) and (end is None or day <= end)


def overlapping(
    rows: Iterable[tuple[date | None, date | None, Row]],
) -> Iterator[tuple[Row, Row]]:
    """Yield each two rows that hold on a common day; given are first day, last day and row."""
    spans = sorted(
        ((start or date.min, end or date.max, row) for start, end, row in rows),
        key=lambda span: span[0],
    )
    before: list[tuple[date, Row]] = []
    for start, end, row in spans:
        before = [other for other in before if other[0] >= start]
        yield from ((other, row) for _, other in before)
        before.append((end, row))


def problem_lines(name: str, problems: Iterable[Problem]) -> list[str]:
    """Return a line for each problem, in the order of the rows."""
    ordered = sorted(problems, key=lambda problem: problem[0])
    lines = [
        f"{name}: row {number}: {text}" if number else f"{name}: {text}"
        for number, text in ordered[:PROBLEMS_SHOWN]
    ]
    if len(ordered) > PROBLEMS_SHOWN:
        lines.append(f"{name}: {len(ordered)} problems in all, the first {PROBLEMS_SHOWN} shown")
    return lines


class _Reading:
    """One table while it is read: its header, its good cells and its problems."""

    def __init__(self, name: str, columns: Mapping[str, Column], dump: bool = False) -> None:
        self.name = name
        self.columns = columns
        self.dump = dump
        self.header: list[str] = []
        self.places: dict[str, int] = {}  # known column -> index in the header
        self.notes: list[str] = []
        self.numbers: list[int] = []
        self.cells: dict[str, list[Any]] = {}
        self.bad_rows: set[int] = set()
        self.problems: list[Problem] = []

    def read_file(self, path: Path, header_only: bool = False) -> None:
        try:
            with open_regular(path) as file:
                parquet = file.read(4) == b"PAR1"
            if parquet or path.suffix.lower() in (".parquet", ".pq"):
                self._read_parquet(path, header_only)
            else:
                self._read_csv(path, header_only)
        except OSError as error:
            self.problems.append((0, error.strerror or str(error)))

    def _read_csv(self, path: Path, header_only: bool) -> None:
        encoding = "gb18030" if self.dump and not _is_utf8(path) else "utf-8-sig"
        errors = "replace" if header_only else "strict"
        with path.open(encoding=encoding, errors=errors, newline="") as file:
            first = 0
            for records in self._chunks(csv.reader(file, strict=True)):
                if first == 0:
                    self._take_header([text.strip() for text in records[0]])
                    if header_only:
                        return
                self._take_records(records[first == 0 :], first or 1)
                first += len(records)
        if first == 0 and not self.problems:
            self.problems.append((0, "found an empty file, expected a header with columns"))

    def _chunks(self, records: Iterator[list[str]]) -> Iterator[list[list[str]]]:
        """Yield runs of records, up to the place where the file can't be read any further."""
        chunk: list[list[str]] = []
        count = 0
        try:
            for record in records:
                chunk.append(record)
                count += 1
                if len(chunk) == CHUNK:
                    yield chunk
                    chunk = []
        except UnicodeDecodeError as error:
            found = f"found the byte 0x{error.object[error.start]:02x}, expected text in UTF-8"
            self.problems.append((count, f"here or soon after: {found}"))
        except csv.Error as error:
            self.problems.append((count, f"{error}, expected well-formed CSV"))
        if chunk:
            yield chunk

    def _take_records(self, records: list[list[str]], first: int) -> None:
        kept: list[list[str]] = []
        numbers: list[int] = []
        for number, record in enumerate(records, start=first):
            if not "".join(record).strip():
                continue
            if len(record) != len(self.header):
                found = f"found {len(record)} cells, expected {len(self.header)}"
                self.problems.append((number, found))
                continue
            kept.append(record)
            numbers.append(number)
        by_column = list(zip(*kept, strict=True)) or [()] * len(self.header)
        self._take_cells(numbers, {n: by_column[at] for n, at in self.places.items()})

    def _read_parquet(self, path: Path, header_only: bool) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(path) as file:
                if header_only:
                    self.header = file.schema_arrow.names
                else:
                    self.read_arrow(file.read())
        except pa.ArrowException as error:
            self.problems.append((0, f"not a whole Parquet file: {error}"))

    def read_arrow(self, table: pa.Table) -> None:
        self._take_header([str(name).strip() for name in table.column_names])
        cells: dict[str, Sequence[Any]] = {}
        for name, at in self.places.items():
            kind, column = self.columns[name].kind, table.column(at)
            if not _fits(kind, column.type):
                found = f"column '{name}': found {column.type}, expected {_EXPECTED[kind]}"
                zeros = "; numbers lose their leading zeros" if kind == "text" else ""
                self.problems.append((0, found + zeros))
                continue
            try:
                cells[name] = _plain(column)
            except (ValueError, OverflowError) as error:
                self.problems.append((0, f"column '{name}': {error}"))
        self._take_cells(list(range(1, table.num_rows + 1)), cells)

    def _take_header(self, header: list[str]) -> None:
        self.header = header
        for at, name in enumerate(header):
            if name in self.columns and name in self.places:
                self.problems.append((0, f"column '{name}' is there twice"))
            elif name in self.columns:
                self.places[name] = at
        absent = [name for name in self.columns if name not in self.places]
        others = [_shown(name) for name in header if name not in self.columns]
        if self.dump and others:
            self.notes.append(f"{self.name}: columns not read: {', '.join(others)}")
            header = []
        meant = set()
        for name in header:
            if name in self.columns:
                continue
            if close := get_close_matches(name.lower(), absent, 1, 0.75):
                meant.add(close[0])
                self.problems.append(
                    (0, f"column {_shown(name)} is not known, did you mean '{close[0]}'?")
                )
            else:
                self.notes.append(f"{self.name}: column {_shown(name)} is not known, not read")
        for name in absent:
            if self.columns[name].required and name not in meant:
                found = ", ".join(_shown(other) for other in self.header[:20])
                self.problems.append((0, f"column '{name}' is missing, found {found}"))

    def _take_cells(self, numbers: list[int], cells: Mapping[str, Sequence[Any]]) -> None:
        self.numbers += numbers
        for name, values in cells.items():
            column = self.columns[name]
            good, bad = _parse_all(values, column)
            self.cells.setdefault(name, []).extend(good)
            for index, found in bad:
                self.bad_rows.add(numbers[index])
                self.problems.append((numbers[index], f"column '{name}': {found}"))

    def table(self) -> SideTable:
        """Return the rows without a bad cell."""
        cells = {n: v for n, v in self.cells.items() if len(v) == len(self.numbers)}
        numbers = self.numbers
        if self.bad_rows:
            keep = [i for i, number in enumerate(numbers) if number not in self.bad_rows]
            numbers = [numbers[i] for i in keep]
            cells = {name: [values[i] for i in keep] for name, values in cells.items()}
        return SideTable(self.name, tuple(self.places), self.notes, numbers, cells)


_EXPECTED: Final[dict[Kind, str]] = {
    "text": "text",
    "exchange": "the name of an exchange",
    "date": "a date YYYY-MM-DD",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number of at most 6 decimals",
    "bool": "true or false",
}
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,12}(\.[0-9]{0,6})?")
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{4})([0-9]{2})([0-9]{2})")
_BOOLS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _parse_all(cells: Sequence[Any], column: Column) -> tuple[list[Any], list[Problem]]:
    """Return the values, null where blank or bad, and (index, what was found) of the bad ones."""
    parsed = {cell: _parse(cell, column) for cell in set(cells)}
    values = [parsed[cell] for cell in cells]
    bad = []
    if any(isinstance(value, _Bad) for value in parsed.values()):
        bad = [(at, value.text) for at, value in enumerate(values) if isinstance(value, _Bad)]
        values = [None if isinstance(value, _Bad) else value for value in values]
    return values, bad


@dataclass(frozen=True, slots=True)
class _Bad:
    text: str


def _parse(cell: Any, column: Column) -> Any:
    if isinstance(cell, str):
        cell = cell.strip() or None
    elif isinstance(cell, float) and math.isnan(cell):
        cell = None
    if column.codes is not None and cell is not None:
        cell = column.codes.get(cell)
    if cell is None:
        return _Bad("found a blank, expected " + _expected(column)) if column.filled else None
    try:
        value = _PARSERS[column.kind](cell)
    except (ValueError, OverflowError):
        value = None
    if column.unset and value is not None and not 0 < abs(value) < LARGEST:
        return None
    bad = (
        value is None
        or (column.words and value not in column.words)
        or (column.positive and value <= 0)
        or (column.least is not None and value < column.least)
    )
    return _Bad(f"found {_shown(cell)}, expected {_expected(column)}") if bad else value


def _expected(column: Column) -> str:
    if column.words:
        return "one of " + ", ".join(column.words)
    if column.least is not None:
        return f"{_EXPECTED[column.kind]}, {column.least:g} or more"
    return _EXPECTED[column.kind] + (" above 0" if column.positive else "")


def _date(cell: Any) -> date | None:
    if isinstance(cell, datetime):
        return cell.date() if cell == datetime(cell.year, cell.month, cell.day) else None
    if isinstance(cell, date):
        return cell
    found = _DATE.fullmatch(str(cell))
    return date(*(int(part) for part in found.groups() if part)) if found else None


def _int(cell: Any) -> int | None:
    if isinstance(cell, str):
        return int(cell) if _WHOLE.fullmatch(cell) else None
    return int(cell) if cell == int(cell) else None


def _float(cell: Any) -> float | None:
    if isinstance(cell, str) and not _NUMBER.fullmatch(cell):
        return None
    value = float(cell)
    return value if math.isfinite(value) else None


def _decimal(cell: Any) -> Decimal | None:
    """Return a number as it is written, of a float as Python writes it."""
    text = cell if isinstance(cell, str) else format(Decimal(str(cell)).normalize(), "f")
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def _bool(cell: Any) -> bool | None:
    return _BOOLS.get(str(cell).lower())


_PARSERS: Final[dict[Kind, Callable[[Any], Any]]] = {
    "text": str,
    "exchange": exchange_named,
    "date": _date,
    "int": _int,
    "float": _float,
    "decimal": _decimal,
    "bool": _bool,
}


def _is_utf8(path: Path) -> bool:
    """Whether a whole file is UTF-8."""
    with path.open("rb") as file:
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _fits(kind: Kind, arrow: pa.DataType) -> bool:
    """Whether values of an Arrow type can be cells of a kind at all."""
    from pyarrow import types as t

    if t.is_dictionary(arrow):
        arrow = arrow.value_type
    texts = (t.is_null, t.is_string, t.is_large_string, t.is_string_view)
    if any(is_text(arrow) for is_text in texts):
        return True
    number = t.is_integer(arrow) or t.is_floating(arrow) or t.is_decimal(arrow)
    if kind == "date":
        return bool(
            t.is_date(arrow) or t.is_integer(arrow) or (t.is_timestamp(arrow) and not arrow.tz)
        )
    if kind == "bool":
        return bool(t.is_boolean(arrow) or t.is_integer(arrow))
    return bool(number and kind in ("int", "float", "decimal"))


def _plain(column: pa.ChunkedArray) -> list[Any]:
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us"), safe=False)
    values: list[Any] = column.to_pylist()
    return values


def _shown(cell: Any) -> str:
    if isinstance(cell, (date, Decimal, int, float)):
        return str(cell)
    text = str(cell)
    return repr(text if len(text) <= 60 else text[:60] + "...")
