"""Side tables as text, for tests."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from abtrade.subjects import Subjects, load_subjects

DAY = date(2025, 3, 3)


def rows(header: str, *lines: str) -> pa.Table:
    """Return a table of texts out of a header and lines with commas; blank is null."""
    cells = [[cell.strip() or None for cell in line.split(",")] for line in lines]
    names = [name.strip() for name in header.split(",")]
    return pa.table(
        {
            name: pa.array([line[at] for line in cells], pa.string())
            for at, name in enumerate(names)
        }
    )


def subjects(**inputs) -> Subjects:
    """Return the subjects of the day out of the inputs given."""
    return load_subjects(day=inputs.pop("day", DAY), **inputs)
