"""The cases of the table: which side reads which file, on how many threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from measure import Bounds

MILLION = 1_000_000
MOST_PANDAS_ROWS = 10 * MILLION
"""pandas holds a log whole, several times over: it is not asked for more."""


@dataclass(frozen=True, slots=True, order=True)
class Contender:
    """A side, the file it is given, and its threads."""

    side: str
    format: str
    threads: int

    @property
    def key(self) -> str:
        """How it is named in the results."""
        return f"{self.side} {self.format} {self.threads}"


@dataclass(frozen=True, slots=True)
class Group:
    """Contenders that take turns on the rows of one log, round after round."""

    form: str
    rows: int
    rounds: int
    contenders: tuple[Contender, ...]

    @property
    def key(self) -> str:
        """How it is named in the results."""
        return f"{self.form} {self.rows}"

    @property
    def bounds(self) -> Bounds:
        """What a process may take: several times what the slowest took when this was written."""
        return Bounds(60 + self.rows / MILLION * 8, 2000 + self.rows // MILLION * 200)


BARE = """
abtrade: parquet converted arrow / parquet converted arrow
duckdb:  parquet converted arrow / parquet arrow
polars:  parquet arrow           / parquet
pandas:  parquet                 / parquet
decode:  parquet converted       / parquet
"""

FULL = """
abtrade: parquet converted arrow / parquet
duckdb:  parquet                 / parquet
polars:  parquet                 / parquet
pandas:  parquet                 /
decode:  parquet                 / parquet
"""

LONG_BARE = """
abtrade: parquet converted arrow / parquet
duckdb:  parquet arrow           / parquet
polars:  parquet                 /
decode:  parquet                 /
"""

LONG_FULL = """
abtrade: parquet                 /
duckdb:  parquet                 /
polars:  parquet                 /
decode:  parquet                 /
"""


def groups(sizes: Sequence[int], rounds: int | None, processors: int) -> list[Group]:
    """Return the groups: the smallest size in every combination, the larger ones in those that
    tell most; five rounds of the smallest and three of the others, where no number is given.
    """
    found = []
    for rows in sorted(sizes):
        short = rows == min(sizes)
        for form, text in (("bare", BARE if short else LONG_BARE),
                           ("full", FULL if short else LONG_FULL)):  # fmt: skip
            contenders = tuple(
                one
                for one in _contenders(text)
                if one.threads <= processors
                and (one.side != "pandas" or rows <= MOST_PANDAS_ROWS)
            )
            found.append(Group(form, rows, rounds or (5 if short else 3), contenders))
    return found


def _contenders(text: str) -> list[Contender]:
    """Read a side a line: its files on one thread, a slash, its files on two."""
    found = []
    for line in text.strip().splitlines():
        side, _, files = line.partition(":")
        for threads, formats in enumerate(files.split("/"), 1):
            found += [Contender(side, format, threads) for format in formats.split()]
    return found
