"""The report of a test run: rules, their cases, and what is not as expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..wording import Language, amount, text
from .case import Case, Suite
from .coverage import Coverage
from .outcome import Outcome


@dataclass(frozen=True, slots=True)
class Tested:
    """A suite that was run; ``coverage`` where it was asked for."""

    suite: Suite
    cases: tuple[tuple[Case, Outcome], ...]
    coverage: Coverage | None = None

    @property
    def failed(self) -> list[tuple[Case, Outcome]]:
        """The cases that failed."""
        return [(case, outcome) for case, outcome in self.cases if outcome.problems]

    @property
    def name(self) -> str:
        """The rule, with the day it begins."""
        return self.suite.name

    def uncovered(self, lang: Language) -> list[str]:
        """Return what no test shows of the rule, in words."""
        missing = () if self.coverage is None else self.coverage.missing
        return [text(lang, "test.not_covered", item=item.told(lang)) for item in missing]


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
        yield from (f"  {line}" for line in each.uncovered(lang))
    yield from _closing(tested, seconds, lang)


def concise_lines(tested: Sequence[Tested], seconds: float, lang: Language) -> Iterator[str]:
    """Yield a line for each thing that is not as expected, and the figures."""
    for each in tested:
        if not each.suite.cases:
            yield f"{each.name}: {text(lang, 'test.untested', path=each.suite.shown)}"
        for case, outcome in each.failed:
            for problem in outcome.problems:
                place = f"{each.suite.shown}:{problem.line}"
                yield f"{place}: {case.name}: {problem.told(lang)}"
        yield from (f"{each.suite.shown}: {line}" for line in each.uncovered(lang))
    yield from _closing(tested, seconds, lang)


def github_lines(tested: Sequence[Tested], lang: Language) -> Iterator[str]:
    """Yield what is not as expected as workflow commands, which mark the lines of a change."""
    for each in tested:
        if not each.suite.cases:
            message = text(lang, "test.untested", path=each.suite.shown)
            yield command("warning", message, file=each.suite.rule.path)
        for case, outcome in each.failed:
            for problem in outcome.problems:
                yield command(
                    "error", problem.told(lang), file=each.suite.shown, line=str(problem.line),
                    title=f"{each.name}: {case.name}",
                )  # fmt: skip
        for line in each.uncovered(lang):
            yield command("error", line, file=each.suite.shown, title=each.name)


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


def coverage_lines(tested: Sequence[Tested], lang: Language) -> Iterator[str]:
    """Yield the figures of each pack's coverage: how many items, and how many are shown."""
    packs: dict[str, list[Coverage]] = {}
    for each in tested:
        if each.coverage is not None:
            packs.setdefault(each.suite.rule.id.partition(".")[0], []).append(each.coverage)
    for pack, found in packs.items():
        items = sum(len(coverage.items) for coverage in found)
        covered = items - sum(len(coverage.missing) for coverage in found)
        yield text(
            lang, "test.coverage", pack=pack, rules=amount(lang, "test.n.rules", len(found)),
            items=amount(lang, "test.n.items", items), covered=covered,
        )  # fmt: skip


def _closing(tested: Sequence[Tested], seconds: float, lang: Language) -> Iterator[str]:
    yield from coverage_lines(tested, lang)
    yield summary(tested, seconds, lang)


def summary(tested: Sequence[Tested], seconds: float, lang: Language) -> str:
    """Return the figures in a line."""
    figures = totals(tested, seconds)
    return text(
        lang, "test.summary", rules=amount(lang, "test.n.rules", figures.rules),
        cases=amount(lang, "test.n.cases", figures.cases), passed=figures.passed,
        failed=figures.failed, untested=amount(lang, "test.n.untested", figures.untested),
        seconds=seconds,
    )  # fmt: skip


def _record(each: Tested, lang: Language) -> dict[str, Any]:
    record: dict[str, Any] = {
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
    if each.coverage is not None:
        record["coverage"] = {
            "items": len(each.coverage.items),
            "covered": len(each.coverage.items) - len(each.coverage.missing),
            "missing": [
                {"item": item.key, **item.values, "message": item.told(lang)}
                for item in each.coverage.missing
            ],
        }
    return record


def command(kind: str, message: str, **properties: str) -> str:
    """Return a workflow command, ``error`` or ``warning``, everything in it escaped."""
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {told}::{_data(message)}"


def _data(message: str) -> str:
    """Escape the text of a workflow command."""
    return message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    """Escape a property of a workflow command."""
    return _data(value).replace(":", "%3A").replace(",", "%2C")
