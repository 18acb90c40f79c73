"""Findings as JUnit XML: a suite a file, a case a finding; errors fail, warnings are printed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from ...safe_text import for_xml
from ...xml_document import document
from .finding import ERROR, Finding

Told = tuple[Finding, str, str]
"""A finding, its first line, and all that is said of it."""


def junit(found: Sequence[Told]) -> str:
    """Return findings, sorted by file, as an XML document."""
    root = ET.Element("testsuites", {"name": "abtrade rules check", **_figures(found)})
    for path, group in groupby(found, key=lambda each: each[0].path):
        of_file = list(group)
        name = for_xml(path or "-")
        suite = ET.SubElement(root, "testsuite", {"name": name, **_figures(of_file)})
        for each in of_file:
            _case(suite, *each)
    return document(root).rstrip()


def _figures(found: Sequence[Told]) -> dict[str, str]:
    errors = sum(each.severity == ERROR for each, _, _ in found)
    return {"tests": str(len(found)), "failures": str(errors)}


def _case(suite: ET.Element, each: Finding, first: str, whole: str) -> None:
    case = ET.SubElement(suite, "testcase", {
        "name": for_xml(f"{each.code} {each.where}".rstrip()),
        "classname": for_xml(each.rule or each.path or "-"),
    })  # fmt: skip
    if each.severity == ERROR:
        inside = ET.SubElement(case, "failure", {"message": for_xml(first), "type": each.code})
    else:
        inside = ET.SubElement(case, "system-out")
    inside.text = for_xml(whole)
