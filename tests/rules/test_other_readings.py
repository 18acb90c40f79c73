"""Other readings of shipped rules: each makes a difference to some small day beside its rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from abtrade.rules.packs import list_packs
from abtrade.testing.case import Suite
from abtrade.testing.run import run_case
from abtrade.testing.suites import load_suites

SUITES = [
    (suite, reading.name)
    for suite in load_suites(list_packs())
    for reading in suite.rule.alternatives
]


@pytest.mark.parametrize(
    ("suite", "reading"),
    SUITES,
    ids=[f"{suite.rule.id} {suite.rule.from_day} {name}" for suite, name in SUITES],
)
def test_another_reading_judges_otherwise(suite: Suite, reading: str) -> None:
    rule = suite.rule
    other = replace(rule.with_alternative(reading), id=rule.id)
    assert all(not run_case(rule, case).failures for case in suite.cases)
    assert any(run_case(other, case).failures for case in suite.cases)
