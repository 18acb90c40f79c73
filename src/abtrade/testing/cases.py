"""Read test files: every problem of one at once, each with its line and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

import yaml

from ..rules.document import Page, Place, compose, compose_fast, quoted, unknown_word
from ..rules.kinds import Item, read_item, words
from ..rules.rule import Rule, Text
from .case import (
    MARKET,
    NOT_IN_FORCE,
    OUTCOMES,
    TABLES,
    VERBS,
    Case,
    Expected,
    Line,
    TableRows,
    Tip,
)
from .clock import leaving
from .syntax import ONLY_FOR, TEST_FILE

ROWS_LIMIT: Final = 1_000_000
"""Rows of one case's log: a slip of the pen is no reason to fill the memory."""

_CODES: Final = ("side", "offset", "hedge", "tif", "order_type", "phase", "cancel_by", "trade_type")
_WHOLE: Final = ("times", "lots", "every", "ordered", "filled", "matches", "resting_orders",
                 "incoming_orders")  # fmt: skip
_RENAMED: Final = {"with": "other", "with_offset": "other_offset", "with_hedge": "other_hedge",
                   "with_tif": "other_tif", "with_order_type": "other_order_type"}  # fmt: skip


def parse_cases(
    data: str | bytes, name: str, rule: Rule
) -> tuple[tuple[Case, ...], dict[str, Text]]:
    """Return the cases of a test file, and why mutations go unnoticed, by their names.

    name : of the file, for messages
    rule : the rule beside it

    Raises RuleError with every problem of the text, in the order of their places.
    """
    page = Page(name, data, "test file")
    page.fail_if_any()
    found = _read(page, compose_fast(page), rule)
    if page.has_problems or found is None:
        page = Page(name, data, "test file")
        found = _read(page, compose(page), rule)
    page.fail_if_any()
    assert found is not None, "a file that holds no cases has a problem"
    return found


def _read(
    page: Page, root: yaml.Node | None, rule: Rule
) -> tuple[tuple[Case, ...], dict[str, Text]] | None:
    item = read_item(TEST_FILE, root, page) if root is not None else None
    if item is None or item.value is None:
        return None
    said: dict[str, Item] = item.value
    _check_rule(said, rule, page)
    cases = [_case(each, said, page) for each in _entries(said, "cases") if each.value is not None]
    _check_names(_entries(said, "cases"), "name", page)
    _check_names(_entries(said, "explained"), "mutation", page)
    if page.has_problems:
        return None
    explained = {
        entry.value["mutation"].value: entry.value["why"].plain()
        for entry in _entries(said, "explained")
    }
    return tuple(case for case in cases if case is not None), explained


def _check_rule(said: Mapping[str, Item], rule: Rule, page: Page) -> None:
    named = said.get("rule")
    if named is not None and named.value not in (None, rule.id):
        page.problem(
            named.place, f"rule {quoted(named.value)}: the rule beside it is {quoted(rule.id)}"
        )


def _check_names(entries: list[Item], key: str, page: Page) -> None:
    """No two entries have one name."""
    lines: dict[str, int] = {}
    for entry in entries:
        named = (entry.value or {}).get(key)
        if named is None or named.value is None:
            continue
        if named.value in lines:
            page.problem(named.place, f"{key} {quoted(named.value)}, first on line "
                                      f"{lines[named.value]}")  # fmt: skip
        lines.setdefault(named.value, named.place.line)


def _case(item: Item, file: Mapping[str, Item], page: Page) -> Case | None:
    """Return a case; None where something of it is wrong, its problem told."""
    said: dict[str, Item] = {
        **{key: value for key, value in file.items() if key in (*TABLES, "groups", "contract")},
        **item.value,
    }
    contract = said.get("contract")
    log = [
        _line(each, None if contract is None else contract.value, page)
        for each in _entries(said, "log")
        if each.value is not None
    ]
    _check_size(log, item.place, page)
    for line, why in leaving(log):
        page.problem(line.place, why)
    expect = said.get("expect")
    if "log" not in said and expect is not None and expect.value != NOT_IN_FORCE:
        page.problem(item.place, "a case without the key 'log'")
    groups = tuple(_group_rows(_entries(said, "groups"), said))
    tables: dict[str, TableRows] = {
        name: _table(_entries(said, name)) for name in TABLES if name in said
    }
    if expect is None or expect.value is None or None in log:
        return None
    found: str | tuple[Expected, ...] = expect.value if expect.value in OUTCOMES else ()
    if not found:
        subjects = {line.account for line in log if line} | {line.other for line in log if line}
        subjects |= {row["group"] for row in groups}
        subjects |= {row["client"] for row in tables.get("accounts", ()) if row.get("client")}
        subjects |= {row["account"] for row in tables.get("positions", ()) if "account" in row}
        found = tuple(
            _expected(each, log, subjects - {MARKET}, page)
            for each in expect.value
            if each.value is not None
        )
        _check_twice(found, page)
    if page.has_problems:
        return None
    return Case(
        name=said["name"].value,
        place=item.place,
        day=said["day"].value,
        log=tuple(line for line in log if line is not None),
        expect=found,
        tables=tables,
        groups=groups,
        assume=said["assume"].plain() if "assume" in said else {},
        without=frozenset(said["without"].plain()) if "without" in said else frozenset(),
    )


def _line(item: Item, contract: str | None, page: Page) -> Line | None:
    """Return a line of a log; None where it is wrong, its problem told."""
    said: dict[str, Item] = item.value
    verbs = [verb for verb in VERBS if verb in said]
    if len(verbs) != 1:
        page.problem(
            item.place, f"a line of the log has one verb, {words(VERBS)}: found {len(verbs)}"
        )
        return None
    verb = verbs[0]
    for key, value in said.items():
        if verb not in ONLY_FOR.get(key, VERBS) and key not in VERBS:
            page.problem(value.place, f"{key} is for {words(ONLY_FOR[key])}, found {verb}")
    for key in (verb, "with"):
        if key in said and said[key].value == MARKET:
            page.problem(said[key].place, f"{MARKET} is the account that everybody trades with")
    values = {key: value.value for key, value in said.items() if key != verb}
    if "contract" not in values and contract is None:
        page.problem(item.place, "no contract: name it in the line, the case or the file")
    if None in values.values() or said[verb].value is None:
        return None
    line = Line(
        place=item.place,
        verb=verb,
        account=said[verb].value,
        contract=values.get("contract") or contract or "",
        **{_RENAMED.get(key, key): _plain(key, value)
           for key, value in values.items() if key != "contract"},
    )  # fmt: skip
    _check_lots(line, said, page)
    return line


def _plain(key: str, value: Any) -> Any:
    return int(value) if key in _WHOLE else value


def _check_lots(line: Line, said: Mapping[str, Item], page: Page) -> None:
    taken = line.lots + line.filled
    if line.ordered is not None and line.ordered < taken:
        page.problem(
            said["ordered"].place,
            f"ordered {line.ordered} is below the {taken} lots that are filled and taken off",
        )
    if line.resting_orders > 1 and line.incoming_orders > 1:
        page.problem(
            said["incoming_orders"].place,
            "one of resting_orders and incoming_orders is more than one order, not both",
        )


def _check_size(log: list[Line | None], place: Place, page: Page) -> None:
    rows = sum(rows_of(line) for line in log if line is not None)
    if rows > ROWS_LIMIT:
        page.problem(place, f"a log of {rows} rows: expected at most {ROWS_LIMIT}")


def rows_of(line: Line) -> int:
    """Return at least how many rows of a log a line stands for."""
    return line.times * (line.matches * line.resting_orders * line.incoming_orders + 1)


def _group_rows(groups: list[Item], said: Mapping[str, Item]) -> Iterator[dict[str, str]]:
    """Yield a row of links for each member: a client, or an account whose client is another."""
    accounts = _table(_entries(said, "accounts"))
    clients = {row.get("client") for row in accounts}
    others = {row.get("account") for row in accounts} - clients
    for group in groups:
        told = group.plain() or {}
        for member in told.get("clients") or ():
            if member is not None and told.get("group") is not None:
                yield {
                    "account" if member in others else "client": member,
                    "group": told["group"],
                    "status": told.get("status") or "filed",
                }


def _table(rows: list[Item]) -> TableRows:
    """Return the rows of a table, blank cells left out."""
    return tuple(
        {name: cell.value for name, cell in row.value.items() if cell.value is not None}
        for row in rows
        if row.value is not None
    )


def _expected(item: Item, log: list[Line | None], subjects: set[str], page: Page) -> Expected:
    said: dict[str, Item] = item.value
    subject = said.get("subject")
    if subject is not None and subject.value is not None and subject.value not in subjects:
        page.problem(subject.place, unknown_word("subject", subject.value, sorted(subjects)))
    for level in ("yellow", "red"):
        if level in said and said[level].value is not None:
            _check_tip(said[level], log, page)
    told = item.plain()
    return Expected(
        place=item.place,
        subject=told.get("subject") or "",
        scope=told.get("scope"),
        counted=told.get("counted"),
        gross=told.get("gross"),
        exempt=_whole_map(told.get("exempt")),
        unknown=_whole(told.get("unknown")),
        level=told.get("level"),
        yellow=_tip(told.get("yellow")),
        red=_tip(told.get("red")),
        reached_alone=told.get("reached_alone"),
        assumed=tuple(told["assumed"]) if told.get("assumed") else None,
    )


def _check_twice(expected: Sequence[Expected], page: Page) -> None:
    """No two expectations are of one subject and scope."""
    lines: dict[tuple[str, str | None], int] = {}
    for each in expected:
        key = each.subject, each.scope
        if each.subject and key in lines:
            scope = "" if each.scope is None else f" with scope {quoted(each.scope)}"
            first = f"first on line {lines[key]}"
            page.problem(each.place, f"repeated subject {quoted(each.subject)}{scope}, {first}")
        lines.setdefault(key, each.place.line)


def _check_tip(item: Item, log: list[Line | None], page: Page) -> None:
    line, time = item.value.get("line"), item.value.get("time")
    if line is None or line.value is None:
        return
    if line.value > len(log):
        page.problem(line.place, f"line {line.value}: the log has {len(log)}")
        return
    meant = log[int(line.value) - 1]
    if meant is None or time is None or time.value is None:
        return
    if time.value > meant.times:
        page.problem(time.place, f"time {time.value}: the line stands {meant.times} times")


def _tip(told: Mapping[str, Fraction] | None) -> Tip | None:
    if told is None or None in (told.get("line"), told.get("time")):
        return None
    return Tip(int(told["line"]), int(told["time"]))


def _whole(number: Fraction | None) -> int | None:
    return None if number is None else int(number)


def _whole_map(told: Mapping[str, Fraction | None] | None) -> dict[str, int] | None:
    if told is None:
        return None
    return {key: int(number) for key, number in told.items() if number is not None}


def _entries(said: Mapping[str, Item], key: str) -> list[Item]:
    """Return the entries of a list, none where it is not there or could not be read."""
    item = said.get(key)
    return item.value if item is not None and isinstance(item.value, list) else []
