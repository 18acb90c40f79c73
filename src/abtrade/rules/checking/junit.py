"""Findings as JUnit XML: a suite a file, a case a finding; what fails no check is printed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from ...safe_text import for_xml
from ...xml_document import document
from .finding import Finding

Told = tuple[Finding, str, str]
"""A finding, its first line, and all that is said of it."""


def junit(found: Sequence[Told], *, strict: bool) -> str:
    """Return findings, sorted by file, as an XML document; ``strict``: warnings fail too."""
    figures = _figures(found, strict)
    root = ET.Element("testsuites", {"name": "abtrade rules check", **figures})
    for path, group in groupby(found, key=lambda each: each[0].path):
        of_file = list(group)
        name = for_xml(path or "-")
        suite = ET.SubElement(root, "testsuite", {"name": name, **_figures(of_file, strict)})
        for each in of_file:
            _case(suite, *each, strict)
    return document(root).rstrip()


def _figures(found: Sequence[Told], strict: bool) -> dict[str, str]:
    failures = sum(each.fails(strict) for each, _, _ in found)
    return {"tests": str(len(found)), "failures": str(failures)}


def _case(suite: ET.Element, each: Finding, first: str, whole: str, strict: bool) -> None:
    case = ET.SubElement(suite, "testcase", {
        "name": for_xml(f"{each.code} {each.where}".rstrip()),
        "classname": for_xml(each.rule or each.path or "-"),
    })  # fmt: skip
    if each.fails(strict):
        inside = ET.SubElement(case, "failure", {"message": for_xml(first), "type": each.code})
    else:
        inside = ET.SubElement(case, "system-out")
    inside.text = for_xml(whole)
