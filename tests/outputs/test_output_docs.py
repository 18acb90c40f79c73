from __future__ import annotations

from pathlib import Path

import pytest

from abtrade import outputs, schema
from abtrade.large import LargeSize
from abtrade.sinks.stream import CERTIFICATE_KEYS

DOCS = (Path(__file__).parents[2] / "docs" / "outputs.md").read_text("utf-8")


def section(title: str) -> str:
    return DOCS.split(f"## {title}", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize(
    ("title", "columns"),
    [
        ("alerts.parquet", outputs.ALERTS.names),
        ("results.parquet", outputs.RESULTS.names),
        ("tallies.parquet", outputs.tallies_schema([LargeSize(lots=300)]).names),
        ("cells.parquet", list(schema.ATTRIBUTE_BITS)),
        ("rejected.parquet", outputs.REJECTED.names),
        ("links.parquet", outputs.LINKS.names),
        ("contracts.parquet", outputs.CONTRACTS.names),
        ("fees.parquet", outputs.FEES.names),
        ("shares.parquet", [*outputs.SUBJECT_SHARES.names, *outputs.CONCENTRATION.names]),
        ("positions.parquet", outputs.POSITIONS.names),
        ("bursts.parquet", outputs.BURSTS.names),
        ("certificate.json", list(CERTIFICATE_KEYS)),
    ],
)
def test_every_column_is_told(title: str, columns: list[str]) -> None:
    told = section(title)
    assert [name for name in columns if f"`{name}`" not in told] == []


def test_every_column_of_pairs_is_told() -> None:
    names = outputs.self_pairs_schema({"hedge"}).names
    told = section("cells.parquet")
    plain = [name for name in names if not name.endswith("unknown_order")]
    assert [name for name in plain if f"`{name}`" not in told] == []
