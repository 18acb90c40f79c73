"""The report of mutations: which were noticed, and by which case; which nobody has explained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..wording import Language, amount, by_language, text
from .mutate import STATES, Mutated, Tried
from .report import command

Problem = tuple[str, str]
"""The file that a problem is in, and the problem in words."""


def full_lines(mutated: Sequence[Mutated], seconds: float, lang: Language) -> Iterator[str]:
    """Yield a line for each mutation, what is wrong with explanations and cases, the figures."""
    for each in mutated:
        yield each.suite.name
        if each.suite.cases:
            for tried in each.tried:
                yield f"  {text(lang, f'mutation.{tried.state}')}  {told(tried, lang)}"
        for _, problem in other_problems(each, lang):
            yield f"  {problem}"
    yield summary(mutated, seconds, lang)


def concise_lines(mutated: Sequence[Mutated], seconds: float, lang: Language) -> Iterator[str]:
    """Yield a line for each thing to mend, and the figures."""
    for each in mutated:
        for file, problem in problems(each, lang):
            yield f"{file}: {problem}"
    yield summary(mutated, seconds, lang)


def github_lines(mutated: Sequence[Mutated], lang: Language) -> Iterator[str]:
    """Yield each thing to mend as a workflow command."""
    for each in mutated:
        for file, problem in problems(each, lang):
            yield command("error", problem, file=file, title=each.suite.name)


def problems(each: Mutated, lang: Language) -> Iterator[Problem]:
    """Yield all that there is to mend about a suite."""
    if each.suite.cases:
        for tried in each.survivors:
            yield each.suite.shown, told(tried, lang)
    yield from other_problems(each, lang)


def other_problems(each: Mutated, lang: Language) -> Iterator[Problem]:
    """Yield what there is to mend besides survivors: tests, explanations and cases.

    Of a suite without tests no survivor is told: all are.
    """
    shown = each.suite.shown
    if not each.suite.cases:
        yield each.suite.rule.path, text(lang, "test.untested", path=shown)
    for stale in each.stale:
        why = "unknown" if stale.noticed_by is None else "killed"
        values = {"name": stale.name, "case": stale.noticed_by}
        yield shown, text(lang, f"mutation.stale.{why}", **values)
    for case in each.failing:
        yield shown, text(lang, "mutation.failing", case=case)


def told(tried: Tried, lang: Language) -> str:
    """Return a mutation with what noticed it, why nothing does, or that nothing does."""
    name = by_language(tried.mutation.name, lang)
    if tried.noticed_by is not None:
        return text(lang, "mutation.noticed", name=name, case=tried.noticed_by)
    if tried.why is not None:
        return text(lang, "mutation.why", name=name, why=by_language(tried.why, lang))
    return text(lang, "mutation.unnoticed", name=name)


def records(mutated: Sequence[Mutated], seconds: float, lang: Language) -> dict[str, Any]:
    """Return the run as JSON data; names of mutations are those that test files use."""
    return {
        "rules": [_record(each, lang) for each in mutated],
        "totals": {**totals(mutated), "seconds": round(seconds, 3)},
    }


def _record(each: Mutated, lang: Language) -> dict[str, Any]:
    rule = each.suite.rule
    return {
        "rule": rule.id,
        "from": rule.from_day.isoformat(),
        "file": rule.path,
        "tests": each.suite.shown if each.suite.cases else None,
        "mutations": [
            {
                "name": tried.mutation.name["en"],
                "told": by_language(tried.mutation.name, lang),
                "state": tried.state,
                "noticed_by": tried.noticed_by,
                "why": None if tried.why is None else by_language(tried.why, lang),
            }
            for tried in each.tried
        ],
        "stale": [{"name": stale.name, "noticed_by": stale.noticed_by} for stale in each.stale],
        "failing": list(each.failing),
    }


def totals(mutated: Sequence[Mutated]) -> dict[str, int]:
    """Return the figures of a run."""
    states = [tried.state for each in mutated for tried in each.tried]
    return {
        "rules": len(mutated),
        "mutations": len(states),
        **{state: states.count(state) for state in STATES},
        "stale": sum(len(each.stale) for each in mutated),
        "failing": sum(len(each.failing) for each in mutated),
        "untested": sum(not each.suite.cases for each in mutated),
    }


def summary(mutated: Sequence[Mutated], seconds: float, lang: Language) -> str:
    """Return the figures in a line."""
    figures = totals(mutated)
    told = {
        name: amount(lang, key, figures[name])
        for name, key in (
            ("rules", "test.n.rules"), ("mutations", "mutation.n.mutations"),
            ("stale", "mutation.n.stale"), ("failing", "mutation.n.failing"),
            ("untested", "test.n.untested"),
        )
    }  # fmt: skip
    return text(lang, "mutation.summary", **{**figures, **told}, seconds=seconds)
