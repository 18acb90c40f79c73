"""A test run as JUnit XML, as test servers read it: a suite for each rule file."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from ..safe_text import for_xml
from ..wording import Language, text
from ..xml_document import document
from .report import Tested, totals


def junit(tested: Sequence[Tested], seconds: float, lang: Language) -> str:
    """Return the run as an XML document."""
    figures = totals(tested, seconds)
    root = ET.Element("testsuites", {
        "name": "abtrade rules test",
        "tests": str(sum(map(_tests, tested))),
        "failures": str(sum(map(_failures, tested))),
        "errors": "0",
        "skipped": str(figures.untested),
        "time": f"{seconds:.3f}",
    })  # fmt: skip
    for each in tested:
        _suite(root, each, lang)
    return document(root)


def _tests(each: Tested) -> int:
    return len(each.cases) + (not each.suite.cases) + (each.coverage is not None)


def _failures(each: Tested) -> int:
    return len(each.failed) + bool(each.coverage is not None and each.coverage.missing)


def _suite(root: ET.Element, each: Tested, lang: Language) -> None:
    untested = not each.suite.cases
    suite = ET.SubElement(root, "testsuite", {
        "name": for_xml(each.name),
        "tests": str(_tests(each)),
        "failures": str(_failures(each)),
        "errors": "0",
        "skipped": str(int(untested)),
        "time": f"{sum(outcome.seconds for _, outcome in each.cases):.3f}",
        "file": for_xml(each.suite.shown),
    })  # fmt: skip
    about = {"classname": for_xml(each.name), "file": for_xml(each.suite.shown)}
    if untested:
        case = ET.SubElement(suite, "testcase", {"name": "test file", **about, "time": "0"})
        message = text(lang, "test.untested", path=each.suite.shown)
        ET.SubElement(case, "skipped", {"message": for_xml(message)})
    for tried, outcome in each.cases:
        case = ET.SubElement(suite, "testcase", {
            "name": for_xml(tried.name), **about, "line": str(tried.place.line),
            "time": f"{outcome.seconds:.3f}",
        })  # fmt: skip
        if outcome.problems:
            lines = [
                f"{each.suite.shown}:{problem.line}: {problem.told(lang)}"
                for problem in outcome.problems
            ]
            first = outcome.problems[0].told(lang)
            failure = ET.SubElement(
                case, "failure", {"message": for_xml(first), "type": "expectation"}
            )
            failure.text = for_xml("\n".join(lines))
    if each.coverage is not None:
        _coverage(suite, about, each.uncovered(lang))


def _coverage(suite: ET.Element, about: dict[str, str], uncovered: list[str]) -> None:
    """Add what no test shows of a rule as a case of its own."""
    case = ET.SubElement(suite, "testcase", {"name": "coverage", **about, "time": "0"})
    if uncovered:
        message = for_xml(uncovered[0])
        failure = ET.SubElement(case, "failure", {"message": message, "type": "coverage"})
        failure.text = for_xml("\n".join(uncovered))
