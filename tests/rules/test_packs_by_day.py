"""Which version of a standard judges a day: the one that was in force then."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from abtrade.rules.packs import load_rules

DAYS = ("2011-06-01", "2016-04-25", "2019-06-03", "2024-10-24", "2024-10-25", "2026-11-02")
FIRST_DAYS = {
    "dce.self_trade": (None, "2016-04-25", "2018-04-18", "2023-08-30", "2023-08-30", "2023-08-30"),
    "dce.frequent_cancel": (
        None, "2016-04-25", "2018-04-18", "2018-04-18", "2024-10-25", "2024-10-25",
    ),
    "dce.large_cancel": (
        None, "2016-04-25", "2018-04-18", "2022-07-01", "2022-07-01", "2022-07-01",
    ),
    "dce.merged_position_long": (None, None, "2018-04-18", None, None, None),
    "czce.self_trade": (None, None, "2018-11-09", "2018-11-09", "2024-10-25", "2024-10-25"),
    "czce.frequent_cancel": (None, None, "2018-11-09", "2018-11-09", "2024-10-25", "2024-10-25"),
    "czce.large_cancel": (None, None, "2018-11-09", "2018-11-09", "2024-10-25", "2024-10-25"),
    "czce.merged_position_short": (None, None, "2019-01-02", "2019-01-02", None, None),
    "cffex.self_trade": (None, *["2015-08-03"] * 2, *["2022-07-01"] * 3),
    "cffex.frequent_cancel_index": (None, *["2015-08-03"] * 2, *["2022-07-01"] * 3),
    "cffex.frequent_cancel_bond": (None, None, None, *["2024-07-01"] * 3),
    "cffex.frequent_cancel_option": (None, None, None, *["2022-07-01"] * 3),
    "cffex.large_cancel": (None, None, "2018-01-02", *["2022-07-01"] * 3),
    "cffex.intraday_opening": (None, None, "2019-04-22", *["2022-12-19"] * 3),
}  # fmt: skip
"""Rule -> the first day of its version in force on each of the days; None: there is none."""


@pytest.mark.parametrize(("day", "column"), [(day, n) for n, day in enumerate(DAYS)])
def test_the_version_in_force_judges_a_day(day, column):
    rules = load_rules(["dce", "czce", "cffex"], date.fromisoformat(day)).rules
    found = {rule.id: rule.from_day.isoformat() for rule in rules}
    assert {id_: found.get(id_) for id_ in FIRST_DAYS} == {
        id_: versions[column] for id_, versions in FIRST_DAYS.items()
    }


@pytest.mark.parametrize("pack", ["dce", "czce", "cffex"])
def test_no_day_lies_between_two_versions(pack):
    versions: dict[str, list] = {}
    for rule in load_rules([pack], None).rules:
        versions.setdefault(rule.id, []).append(rule)
    for rules in versions.values():
        for earlier, later in pairwise(rules):
            assert (later.from_day - earlier.to_day).days == 1


def test_what_no_text_of_its_time_tells_is_unverified():
    rules = load_rules(["dce", "czce", "cffex"], None).rules
    unverified = {(rule.id, rule.from_day.year) for rule in rules if rule.status == "unverified"}
    positions = {f"{pack}.position_limit_{side}" for pack in ("dce", "czce", "cffex")
                 for side in ("long", "short")}
    early_2016 = {"dce.self_trade", "dce.frequent_cancel", "dce.large_cancel"}
    assert unverified == {(id_, 2011) for id_ in positions} | {(id_, 2016) for id_ in early_2016}
