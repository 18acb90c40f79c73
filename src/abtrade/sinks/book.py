"""A workbook: sheets of cells that hold what they are told, and nothing a spreadsheet would run.

Text is written as text, never as a formula, a link or a number, with every control or unseen
character spelled out; links lead to sheets of the same book alone. Same cells, same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, Final

from ..safe_text import for_lines, for_terminal
from ..wording import Language, text

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

CELL_CHARS: Final = 32_767
"""UTF-16 units that a cell can hold."""

EXACT: Final = 10**15
"""Below it, a spreadsheet shows every digit of a whole number."""

CREATED: Final = datetime(2000, 1, 1)
PORTRAIT_WIDTH: Final = 130
"""Characters that fit beside one another on an upright page."""

LINE_POINTS: Final = 15
MOST_POINTS: Final = 400
"""A row can be 409 points high."""

STYLES: Final[dict[str, dict[str, Any]]] = {
    "plain": {"valign": "top"},
    "event": {"valign": "top"},
    "wrapped": {"valign": "top", "text_wrap": True},
    "fact": {"valign": "top", "text_wrap": True},
    "label": {"valign": "top", "font_color": "#595959"},
    "title": {"bold": True, "font_size": 14},
    "header": {"bold": True, "bg_color": "#D9E1F2", "bottom": 1, "valign": "top"},
    "link": {"valign": "top", "font_color": "#0563C1", "underline": 1},
    "whole": {"valign": "top", "num_format": "#,##0", "align": "right", "indent": 1},
    "ratio": {"valign": "top", "num_format": "0.00####", "align": "right", "indent": 1},
    "whole event": {"valign": "top", "num_format": "0", "align": "right", "indent": 1},
    "whole fact": {"valign": "top", "num_format": "#,##0", "align": "left"},
    "ratio fact": {"valign": "top", "num_format": "0.00####", "align": "left"},
    "red": {"valign": "top", "bold": True, "bg_color": "#FFC7CE", "font_color": "#9C0006"},
    "yellow": {"valign": "top", "bold": True, "bg_color": "#FFEB9C", "font_color": "#7F6000"},
}
TAB_COLOURS: Final = {"red": "#C00000", "yellow": "#FFC000"}
WRAPPED_STYLES: Final = frozenset({"wrapped", "fact"})
TEXT_STYLES: Final = WRAPPED_STYLES | {"plain", "event", "red", "yellow"}
"""Styles of data: what is typed over a cell of these stays text."""

FONTS: Final = {"en": "Calibri", "zh": "Microsoft YaHei"}


@contextmanager
def open_book(file: IO[bytes], lang: Language) -> Iterator[Book]:
    """Give a new workbook; it is written to ``file`` when the block ends well.

    The file need not be one in which one can go back.
    """
    from xlsxwriter import Workbook

    made = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": FONTS[lang], "font_size": 10},
    }
    workbook = Workbook(made, options)
    workbook.set_properties({"created": CREATED})
    yield Book(workbook, lang)
    workbook.close()
    file.write(made.getbuffer())


class Book:
    """A workbook under way, in one language."""

    def __init__(self, workbook: Workbook, lang: Language) -> None:
        self.lang = lang
        self._workbook = workbook
        self.styles = {
            name: workbook.add_format(
                {**style, "quote_prefix": True} if name in TEXT_STYLES else style
            )
            for name, style in STYLES.items()
        }

    def sheet(self, name: str, widths: Sequence[int], level: str | None = None) -> Sheet:
        """Add a sheet, its columns so many characters wide, its tab in the colour of a level.

        ``name`` is of abtrade's own making, never from data; Excel takes 31 characters.
        """
        worksheet = self._workbook.add_worksheet(name)
        for column, width in enumerate(widths):
            worksheet.set_column(column, column, width)
        if level is not None:
            worksheet.set_tab_color(TAB_COLOURS[level])
        worksheet.set_paper(9)  # A4
        if sum(widths) > PORTRAIT_WIDTH:
            worksheet.set_landscape()
        worksheet.fit_to_pages(1, 0)
        return Sheet(worksheet, self, name, widths)


class Sheet:
    """A sheet that is filled from the top: each call writes at ``row``, the next free one."""

    def __init__(self, worksheet: Worksheet, book: Book, name: str, widths: Sequence[int]) -> None:
        self.name = name
        self.row = 0
        self._worksheet = worksheet
        self._book = book
        self._widths = widths

    def line(self, values: Sequence[Any], style: str = "plain", **styles: str) -> None:
        """Write a row of cells; ``styles`` by column, as in ``c0="red"``, where they differ."""
        for column, value in enumerate(values):
            self._cell(column, value, styles.get(f"c{column}", style))
        self._heighten(
            _lines(str(value), width)
            for column, (value, width) in enumerate(zip(values, self._widths, strict=False))
            if styles.get(f"c{column}", style) in WRAPPED_STYLES
        )
        self.row += 1

    def paragraph(self, said: str, style: str = "wrapped", *, clean: bool = False) -> None:
        """Write a text over all columns, in a row high enough for it.

        ``clean``: names in it are spelled out already, and their backslashes doubled.
        """
        last = len(self._widths) - 1
        self._heighten([_lines(said, sum(self._widths))])
        if last:
            self._worksheet.merge_range(self.row, 0, self.row, last, "", self._book.styles[style])
        self._cell(0, said, style, clean=clean)
        self.row += 1

    def link(self, column: int, sheet: str, label: str) -> None:
        """Write a link to another sheet into the row that comes next."""
        style = self._book.styles["link"]
        target = f"internal:'{sheet}'!A1"
        self._worksheet.write_url(self.row, column, target, style, string=label)

    def table(self, name: str, headers: Sequence[str], rows: int) -> None:
        """Make a table with filters of the header and the ``rows`` that are written next."""
        options: Mapping[str, Any] = {
            "name": name,
            "style": "Table Style Light 1",
            "columns": [
                {"header": header, "header_format": self._book.styles["header"]}
                for header in headers
            ],
        }
        last = self.row + rows
        self._worksheet.add_table(self.row, 0, last, len(headers) - 1, options)
        self.row += 1

    def freeze(self, rows: int) -> None:
        """Keep the first rows in sight."""
        self._worksheet.freeze_panes(rows, 0)

    def skip(self) -> None:
        """Leave a row free."""
        self.row += 1

    def _heighten(self, lines: Iterable[int]) -> None:
        """Make the row high enough: not every program does so by itself, none for merged cells."""
        most = max(lines, default=1)
        if most > 1:
            self._worksheet.set_row(self.row, min(most * LINE_POINTS, MOST_POINTS))

    def _cell(self, column: int, value: Any, style: str, *, clean: bool = False) -> None:
        if value is None:
            return
        formats = self._book.styles
        if isinstance(value, float) or (isinstance(value, int) and abs(value) < EXACT):
            kind = "ratio" if isinstance(value, float) else "whole"
            number = formats.get(f"{kind} {style}", formats[kind])
            self._worksheet.write_number(self.row, column, value, number)
        else:
            spelled = for_lines if clean else for_terminal
            said = fitted(spelled(str(value)), self._book.lang)
            written = self._worksheet.write_string(self.row, column, said, formats[style])
            assert written == 0, f"row {self.row} or its text does not fit into a sheet"


def fitted(said: str, lang: Language) -> str:
    """Return a text that fits into a cell, and says so where it was cut."""
    units = said.encode("utf-16-le")
    if len(units) <= CELL_CHARS * 2:
        return said
    end = text(lang, "sheet.cut", n=f"{len(said):,}")
    return units[: (CELL_CHARS - len(end)) * 2].decode("utf-16-le", "ignore") + end


def _lines(said: str, width: int) -> int:
    """Return about how many lines a text takes, a Chinese character twice the room of another."""
    taken = len(said) + sum(char >= "\u2e80" for char in said)
    return -(-taken // int(width * 0.9))
