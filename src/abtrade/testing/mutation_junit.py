"""Mutations as JUnit XML: a suite for each rule file, a test for each mutation."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from ..safe_text import for_xml
from ..wording import Language, by_language
from ..xml_document import document
from .mutate import EXPLAINED, SURVIVED, Mutated
from .mutation_report import other_problems, told


def junit(mutated: Sequence[Mutated], seconds: float, lang: Language) -> str:
    """Return the run as an XML document: survivors are failures, explained ones are skipped."""
    root = ET.Element("testsuites", {"name": "abtrade rules test --mutate"})
    for each in mutated:
        _suite(root, each, lang)
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    root.set("time", f"{seconds:.3f}")
    return document(root)


def _suite(root: ET.Element, each: Mutated, lang: Language) -> None:
    suite = ET.SubElement(root, "testsuite", {
        "name": for_xml(each.suite.name), "file": for_xml(each.suite.shown),
        "time": f"{each.seconds:.3f}",
    })  # fmt: skip
    for tried in each.tried:
        case = _case(suite, by_language(tried.mutation.name, lang))
        if tried.state == SURVIVED:
            _failure(case, told(tried, lang), SURVIVED)
        elif tried.state == EXPLAINED:
            ET.SubElement(case, "skipped", {"message": for_xml(told(tried, lang))})
    for _, problem in other_problems(each, lang):
        _failure(_case(suite, "test file"), problem, "test file")
    suite.set("tests", str(len(suite)))
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(len(suite.findall(f"testcase/{tag}"))))


def _case(suite: ET.Element, name: str) -> ET.Element:
    about = {"classname": suite.get("name", ""), "file": suite.get("file", "")}
    return ET.SubElement(suite, "testcase", {"name": for_xml(name), **about, "time": "0"})


def _failure(case: ET.Element, problem: str, kind: str) -> None:
    failure = ET.SubElement(case, "failure", {"message": for_xml(problem), "type": kind})
    failure.text = for_xml(problem)
