"""The rules that ship pass the tests beside them, under both engines, and are covered by them."""

from __future__ import annotations

import pytest

from abtrade.engine import ENGINES
from abtrade.rules.packs import list_packs
from abtrade.testing.coverage import coverage_of
from abtrade.testing.run import run_case
from abtrade.testing.suites import load_suites

SUITES = {pack: load_suites([pack]) for pack in list_packs()}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("pack", SUITES)
def test_every_case_passes_and_all_is_covered(pack, engine):
    failed, missing = [], []
    for suite in SUITES[pack]:
        outcomes = [(case, run_case(suite.rule, case, engine=engine)) for case in suite.cases]
        failed += [
            f"{suite.shown}: {case.name}: {outcome.failures}"
            for case, outcome in outcomes
            if outcome.problems
        ]
        found = coverage_of(suite.rule, outcomes).missing
        missing += [f"{suite.shown}: {item.told('en')}" for item in found]
    assert failed == []
    assert missing == []
