"""A scan finds every planted offence, at its level, count and event, and nothing else."""

from __future__ import annotations

import random

import pytest
from made_days import DENSITIES, FORMS, differences, made, of_the_crowd, scanned


@pytest.mark.parametrize("form", FORMS)
def test_a_few_stories_in_every_form(tmp_path, form):
    day = made(tmp_path / "day", seed=random.Random(form).randrange(1000), **FORMS[form])
    assert day.manifest["alerts"] > 0
    assert differences(day, tmp_path / "out") == []


@pytest.mark.parametrize("engine", ["core", "reference"])
def test_all_stories_by_both_engines(tmp_path, engine):
    day = made(tmp_path / "day", rows=180_000, offences="all", seed=5)
    assert day.manifest["alerts"] > 250
    assert differences(day, tmp_path / "out", engine=engine) == []


@pytest.mark.parametrize("density", DENSITIES)
@pytest.mark.parametrize("without", [(), ("cancel_by",)])
def test_the_crowd_comes_near_no_level(tmp_path, density, without):
    day = made(tmp_path / "day", rows=100_000, seed=8, density=density, without=without)
    assert differences(day, tmp_path / "out") == []
    assert of_the_crowd(day, scanned(day, rules=())) == []


@pytest.mark.slow
@pytest.mark.parametrize("form", list(FORMS)[::2])
def test_all_stories_in_every_other_form(tmp_path, form):
    seed = random.Random(f"all of {form}").randrange(10_000)
    day = made(tmp_path / "day", rows=200_000, offences="all", seed=seed, **FORMS[form])
    assert differences(day, tmp_path / "out") == []
    assert of_the_crowd(day, scanned(day, rules=())) == []


@pytest.mark.slow
@pytest.mark.parametrize("density", [DENSITIES[0], DENSITIES[-1]])
def test_all_stories_in_a_large_crowd(tmp_path, density):
    day = made(
        tmp_path / "day", rows=500_000, offences="all", seed=9, density=density, bare=True
    )
    assert differences(day, tmp_path / "out") == []
    assert of_the_crowd(day, scanned(day, rules=())) == []
