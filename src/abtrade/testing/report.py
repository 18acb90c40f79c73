"""The report of a test run: rules, their cases, and what is not as expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..wording import Language, text
from .case import Case, Suite
from .outcome import Outcome


@dataclass(frozen=True, slots=True)
class Tested:
    """A suite that was run."""

    suite: Suite
    cases: tuple[tuple[Case, Outcome], ...]

    @property
    def failed(self) -> list[tuple[Case, Outcome]]:
        """The cases that failed."""
        return [(case, outcome) for case, outcome in self.cases if outcome.problems]

    @property
    def name(self) -> str:
        """The rule, with the day it begins: versions of a rule share its id."""
        return f"{self.suite.rule.id} {self.suite.rule.from_day}"


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of a run."""

    rules: int
    cases: int
    failed: int
    untested: int
    seconds: float

    @property
    def passed(self) -> int:
        """Cases that passed."""
        return self.cases - self.failed


def totals(tested: Sequence[Tested], seconds: float) -> Totals:
    """Return the figures of a run that took so long."""
    return Totals(
        rules=len(tested),
        cases=sum(len(each.cases) for each in tested),
        failed=sum(len(each.failed) for each in tested),
        untested=sum(not each.suite.cases for each in tested),
        seconds=seconds,
    )


def full_lines(tested: Sequence[Tested], seconds: float, lang: Language) -> Iterator[str]:
    """Yield a line for each case, with what is not as expected under it, and the figures."""
    for each in tested:
        yield each.name
        if not each.suite.cases:
            yield f"  {text(lang, 'test.untested', path=each.suite.shown)}"
        for case, outcome in each.cases:
            verdict = text(lang, "test.failed" if outcome.problems else "test.passed")
            yield f"  {verdict}  {case.name}"
            for problem in outcome.problems:
                yield f"    {each.suite.shown}:{problem.line}: {problem.told(lang)}"
    yield summary(tested, seconds, lang)


def concise_lines(tested: Sequence[Tested], seconds: float, lang: Language) -> Iterator[str]:
    """Yield a line for each thing that is not as expected, and the figures."""
    for each in tested:
        if not each.suite.cases:
            yield f"{each.name}: {text(lang, 'test.untested', path=each.suite.shown)}"
        for case, outcome in each.failed:
            for problem in outcome.problems:
                place = f"{each.suite.shown}:{problem.line}"
                yield f"{place}: {case.name}: {problem.told(lang)}"
    yield summary(tested, seconds, lang)


def github_lines(tested: Sequence[Tested], lang: Language) -> Iterator[str]:
    """Yield what is not as expected as workflow commands, which mark the lines of a change."""
    for each in tested:
        if not each.suite.cases:
            message = text(lang, "test.untested", path=each.suite.shown)
            yield f"::warning file={_property(each.suite.rule.path)}::{_data(message)}"
        for case, outcome in each.failed:
            for problem in outcome.problems:
                where = f"file={_property(each.suite.shown)},line={problem.line}"
                title = _property(f"{each.name}: {case.name}")
                yield f"::error {where},title={title}::{_data(problem.told(lang))}"


def records(tested: Sequence[Tested], seconds: float, lang: Language) -> dict[str, Any]:
    """Return the run as JSON data."""
    figures = totals(tested, seconds)
    return {
        "rules": [_record(each, lang) for each in tested],
        "totals": {
            "rules": figures.rules,
            "cases": figures.cases,
            "passed": figures.passed,
            "failed": figures.failed,
            "untested": figures.untested,
            "seconds": round(seconds, 3),
        },
    }


def summary(tested: Sequence[Tested], seconds: float, lang: Language) -> str:
    """Return the figures in a line."""
    figures = totals(tested, seconds)
    return text(
        lang, "test.summary", rules=figures.rules, cases=figures.cases, passed=figures.passed,
        failed=figures.failed, untested=figures.untested, seconds=seconds,
    )  # fmt: skip


def _record(each: Tested, lang: Language) -> dict[str, Any]:
    return {
        "rule": each.suite.rule.id,
        "from": each.suite.rule.from_day.isoformat(),
        "file": each.suite.rule.path,
        "tests": each.suite.shown if each.suite.cases else None,
        "cases": [
            {
                "name": case.name,
                "line": case.place.line,
                "passed": not outcome.problems,
                "seconds": round(outcome.seconds, 4),
                "failures": [
                    {"line": problem.line, "message": problem.told(lang)}
                    for problem in outcome.problems
                ],
            }
            for case, outcome in each.cases
        ],
    }


def _data(message: str) -> str:
    """Escape the text of a workflow command."""
    return message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    """Escape a property of a workflow command."""
    return _data(value).replace(":", "%3A").replace(",", "%2C")
