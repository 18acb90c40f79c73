"""Every further count comes to what the log's maker says, so that no wrong answer is timed."""

from __future__ import annotations

import pytest

from further import RULES, cases, check, report, scan
from further_log import read_expected, write_logs

ROWS = 60_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("further")
    write_logs(made, ROWS)
    return made


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_case_finds_what_the_maker_says(folder, case):
    check(case, scan(case, folder), read_expected(folder))


def test_there_is_something_to_find(folder):
    assert all(read_expected(folder)["priced"][count] > 0 for count in (*RULES, "fee"))


def test_a_wrong_figure_is_not_timed(folder):
    case = next(case for case in cases() if case.fees)
    with pytest.raises(AssertionError, match=r"order fees: fee is 1\.0, expected"):
        check(case, {"fee": 1.0}, read_expected(folder))


def test_ratios_are_taken_within_a_round():
    taken = {case.name: [{"cpu_seconds": 3.0, "peak_mb": 9}, {"cpu_seconds": 6.0, "peak_mb": 8}]
             for case in cases()}  # fmt: skip
    taken["plain"] = [{"cpu_seconds": 2.0, "peak_mb": 7}, {"cpu_seconds": 3.0, "peak_mb": 7}]
    assert "| bare | bursts | 4.50 | 1.75 (1.50 to 2.00) | 9 |" in report(taken)
    assert "| bare | plain | 2.50 | 1 | 7 |" in report(taken)
