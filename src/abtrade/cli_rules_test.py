"""``abtrade rules test``: the tests that stand beside rules, run."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .cli_support import COULD_NOT_RUN, RAN, LangOption, complain, exits, language, until_closed

if TYPE_CHECKING:
    from .testing.case import Suite
    from .testing.mutate import Mutated
    from .testing.report import Tested
    from .wording import Language

EXAMPLES = (
    "\b\nExamples:\n  abtrade rules test shfe\n"
    "  abtrade rules test desk/ --format junit --out tests.xml"
)


class TestFormat(StrEnum):
    """Forms of a report: for people, for programs, for test servers."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    JUNIT = "junit"
    GITHUB = "github"


class TestEngine(StrEnum):
    """Engines that count."""

    CORE = "core"
    REFERENCE = "reference"


@exits
def test(
    specs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PACK|FILE|FOLDER]...",
            help="Packs, rule or test files, folders.  [default: all packs that ship]",
        ),
    ] = None,
    coverage: Annotated[
        bool,
        typer.Option("--coverage", help="Name what of each rule no test shows; exit code 1 then."),
    ] = False,
    mutating: Annotated[
        bool,
        typer.Option("--mutate", help="Name small changes that no case notices; exit code 1 then."),
    ] = False,
    engine: Annotated[TestEngine, typer.Option(help="Which engine counts.")] = TestEngine.CORE,
    form: Annotated[TestFormat, typer.Option("--format", help="Form of the report.")] = (
        TestFormat.FULL
    ),
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the report there.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    only: Annotated[
        str, typer.Option("-k", metavar="TEXT", help="Cases with this in their or the rule's name.")
    ] = "",
    lang: LangOption = None,
) -> int:
    """Run the tests beside rules.

    Exit code 1: a case failed, a file is not right; with --coverage, something is not covered; with
    --mutate, a change of a rule is neither noticed by a case nor explained in the test file.
    """
    from .testing.suites import load_suites
    from .wording import text

    if mutating and coverage:
        raise typer.BadParameter("--coverage and --mutate are runs of their own: give one")
    suites = load_suites(specs or ())
    if mutating:
        suites = [suite for suite in suites if only.lower() in suite.rule.id]
        if not suites:
            return complain(text(language(lang), "mutation.unmatched", text=only))
        return _mutate(suites, engine.value, form, out, force, language(lang))
    suites = _chosen(suites, only)
    if not suites:
        return complain(text(language(lang), "test.unmatched", text=only))
    started = time.perf_counter()
    tested = _run(suites, engine.value, coverage)
    told = _told(tested, time.perf_counter() - started, form, language(lang))
    _print(told, form, out, force)
    uncovered = any(each.coverage is not None and each.coverage.missing for each in tested)
    return COULD_NOT_RUN if uncovered or any(each.failed for each in tested) else RAN


def _mutate(
    suites: list[Suite],
    engine: str,
    form: TestFormat,
    out: Path | None,
    force: bool,
    lang: Language,
) -> int:
    from .testing.mutate import mutate

    started, mutated = time.perf_counter(), []
    with _bar(len(suites), "rules") as advance:
        for suite in suites:
            mutated.append(mutate(suite, engine=engine))
            advance()
    told = _told_mutations(mutated, time.perf_counter() - started, form, lang)
    _print(told, form, out, force)
    return RAN if all(each.is_sound for each in mutated) else COULD_NOT_RUN


def _chosen(suites: list[Suite], only: str) -> list[Suite]:
    """Return the suites with those cases alone whose name, or whose rule's, holds a text."""
    if not only:
        return suites
    from dataclasses import replace

    wanted = only.lower()
    found = []
    for suite in suites:
        if wanted in suite.rule.id:
            found.append(suite)
        elif cases := tuple(case for case in suite.cases if wanted in case.name.lower()):
            found.append(replace(suite, cases=cases))
    return found


def _run(suites: list[Suite], engine: str, coverage: bool) -> list[Tested]:
    from .testing.coverage import coverage_of
    from .testing.report import Tested
    from .testing.run import run_case

    tested = []
    with _bar(sum(len(suite.cases) for suite in suites), "cases") as advance:
        for suite in suites:
            outcomes = []
            for case in suite.cases:
                outcomes.append((case, run_case(suite.rule, case, engine=engine)))
                advance()
            covered = coverage_of(suite.rule, outcomes) if coverage else None
            tested.append(Tested(suite, tuple(outcomes), covered))
    return tested


@contextlib.contextmanager
def _bar(total: int, noun: str) -> Iterator[Callable[[], None]]:
    """Give a call that moves a bar on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress

    columns = (BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(noun, total=total)
        yield lambda: bar.advance(task)


def _print(told: str, form: TestFormat, out: Path | None, force: bool) -> None:
    from .safe_text import for_lines

    if form not in (TestFormat.JSON, TestFormat.JUNIT):
        told = for_lines(told) + "\n" if told else ""
    if out is None:
        with until_closed():
            sys.stdout.write(told)
        return
    from .sinks.file import whole_text

    with whole_text(out, force=force) as file:
        file.write(told)


def _told(tested: list[Tested], seconds: float, form: TestFormat, lang: Language) -> str:
    from .testing import report

    if form is TestFormat.JUNIT:
        from .testing.junit import junit

        return junit(tested, seconds, lang)
    if form is TestFormat.JSON:
        from .safe_text import for_json

        return for_json(report.records(tested, seconds, lang), indent=2) + "\n"
    if form is TestFormat.GITHUB:
        lines = report.github_lines(tested, lang)
    elif form is TestFormat.CONCISE:
        lines = report.concise_lines(tested, seconds, lang)
    else:
        lines = report.full_lines(tested, seconds, lang)
    return "\n".join(lines)


def _told_mutations(
    mutated: list[Mutated], seconds: float, form: TestFormat, lang: Language
) -> str:
    from .testing import mutation_report

    if form is TestFormat.JUNIT:
        from .testing.mutation_junit import junit

        return junit(mutated, seconds, lang)
    if form is TestFormat.JSON:
        from .safe_text import for_json

        return for_json(mutation_report.records(mutated, seconds, lang), indent=2) + "\n"
    if form is TestFormat.GITHUB:
        lines = mutation_report.github_lines(mutated, lang)
    elif form is TestFormat.CONCISE:
        lines = mutation_report.concise_lines(mutated, seconds, lang)
    else:
        lines = mutation_report.full_lines(mutated, seconds, lang)
    return "\n".join(lines)
