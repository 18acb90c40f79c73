"""The page on the architecture names every source, and every import goes up its list."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "abtrade"
LISTED = re.findall(
    r"^\| `([\w/]+\.\w+)` \|",
    (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)


def sources() -> set[str]:
    names = {
        path.relative_to(PACKAGE).as_posix()
        for suffix in ("py", "pyx", "pxd")
        for path in PACKAGE.rglob(f"*.{suffix}")
    }
    return {name for name in names if not name.endswith("/__init__.py")}


def imports(file: str) -> Iterator[str]:
    """Yield the files of the package that a module needs at run time, lazily or not."""
    tree = ast.parse((PACKAGE / file).read_text(encoding="utf-8"))
    hints = [node for node in ast.walk(tree) if is_for_hints(node)]
    only_hints = {id(inner) for node in hints for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not node.level or id(node) in only_hints:
            continue
        folder = (PACKAGE / file).parents[node.level - 1]
        base = folder.joinpath(*(node.module or "").split("."))
        for name in node.names:
            yield from (
                path.relative_to(PACKAGE).as_posix()
                for path in (base / f"{name.name}.py", base.with_suffix(".py"),
                             base.with_suffix(".pyx"), base / "__init__.py")
                if path.is_file()
            )  # fmt: skip


def is_for_hints(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def test_every_source_is_named_once():
    assert sorted(LISTED) == sorted(sources())


@pytest.mark.parametrize("file", [name for name in LISTED if name.endswith(".py")])
def test_a_module_imports_only_what_stands_above_it(file):
    above = LISTED[: LISTED.index(file)]
    needed = {name for name in imports(file) if not name.endswith("/__init__.py")}
    assert needed - set(above) == set()
