"""What sniffing finds: a file, its columns, a sample of its log, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..visibility import Sight

if TYPE_CHECKING:
    from .proposal import Proposal


class Remark(NamedTuple):
    """Something to say, in whatever language: the key of a text, and what fills its blanks."""

    key: str
    values: dict[str, Any] = {}  # noqa: RUF012  # never changed


class ColumnUse(NamedTuple):
    """What becomes of a column of a file."""

    column: str  # as the file names it
    canonical: str  # blank: it is not read
    how: str = ""  # where it is not just copied
    guess: bool = False  # told by a likeness or by values, not by a known name


PLACEHOLDERS: Final = {"day": "YYYY-MM-DD", "account": "NAME"}


@dataclass(slots=True)
class FileFound:
    """A file and what it seems to be.

    ``what`` is ``log`` or ``part`` of a log that can be scanned, ``table`` of unknown columns, a
    side table by the name of its option (``accounts``, ...), or what else it is (``pdf``, ...).
    """

    path: Path
    what: str
    kind: str | None = None  # of a foreign log: its name, as in --source
    title: str = ""  # of a foreign log: as people call it
    part: str | None = None  # of a foreign log: orders, trades, ...
    form: str = ""  # parquet, arrow, csv, text, binary
    compression: str | None = None
    encoding: str | None = None  # of text
    delimiter: str | None = None  # of CSV
    size: int = 0  # bytes
    rows: int | None = None
    rows_exact: bool = False  # else ``rows`` is an estimate
    columns: list[ColumnUse] = field(default_factory=list)
    problem: str | None = None  # what keeps it from being read


@dataclass(slots=True)
class Lack:
    """An option that has to say what a log does not.

    In the command, and in rows read meanwhile, ``placeholder`` stands where its value is to be.
    """

    option: str  # day or account
    found: list[str]  # days that rows are of; fields that could be the account
    taken: str | None = None  # one of ``found``, which the sample was read with

    @property
    def placeholder(self) -> str:
        """Return what stands for the value."""
        return PLACEHOLDERS[self.option]

    @property
    def is_open(self) -> bool:
        """Whether the sample was read with nothing but a stand-in."""
        return self.taken is None


@dataclass(slots=True)
class Sampled:
    """What the first rows of a log hold; counts and names are of these rows alone."""

    rows: int = 0  # rows read
    whole: bool = False  # whether these are all
    first_ts: int | None = None  # ns since 1970 UTC
    last_ts: int | None = None
    contracts: list[str] = field(default_factory=list)  # in the order met
    exchanges: list[str] = field(default_factory=list)  # in the order met
    accounts: int = 0
    actions: dict[str, int] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)  # the first, by canonical column
    bad_rows: int = 0
    bad: list[dict[str, Any]] = field(default_factory=list)  # the first: file, row, reason
    unsorted: str | None = None  # where a row stands out of order
    problem: str | None = None  # what kept the rest from being read


@dataclass(slots=True)
class Sniffed:
    """What files seem to be, taken together; ``scannable``: ``commands`` scan them.

    What is ``lacking`` has to be put into the commands for its placeholders before they run.
    ``missing`` are canonical columns without which nothing is counted, ``absent`` optional ones.
    ``blind`` and ``assumed`` are by rule, as in a scan's certificate.
    """

    files: list[FileFound] = field(default_factory=list)
    scannable: bool = False
    kind: str | None = None  # canonical, mapping, or a foreign log's kind
    reasons: list[Remark] = field(default_factory=list)  # why it cannot be scanned
    lacking: list[Lack] = field(default_factory=list)
    sample: Sampled = field(default_factory=Sampled)
    columns: list[str] = field(default_factory=list)  # canonical columns that the log has
    missing: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    day: str | None = None
    day_how: str = ""
    more_days: list[str] = field(default_factory=list)  # that the sample's times fall on too
    sight: Sight | None = None
    blind: dict[str, str] = field(default_factory=dict)
    assumed: dict[str, list[str]] = field(default_factory=dict)
    uncovered: list[str] = field(default_factory=list)  # exchanges that no rule is for
    proposal: Proposal | None = None  # of a mapping
    shipped: str | None = None  # a mapping that ships and fits, by name
    notes: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    besides: list[Remark] = field(default_factory=list)  # what to give with the log
