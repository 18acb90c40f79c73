"""The Makefile builds when something is to be built, and only then."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("one.pyx", "deeper/two.pyx", "deeper/three.pyx")
OLD, NEW = 1_000_000_000, 1_100_000_000

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="there is no make here")


@pytest.fixture
def installed(tmp_path) -> Path:
    """A checkout of three compiled modules, with everything built and stamped as newer."""
    for name in ("Makefile", "setup.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in SOURCES:
        source = tmp_path / "src" / name
        source.parent.mkdir(parents=True, exist_ok=True)
        source.touch()
        source.with_suffix(".abi3.so").touch()
    for path in tmp_path.rglob("*"):
        os.utime(path, (OLD, OLD))
    (tmp_path / "rules").mkdir()
    (tmp_path / ".venv").mkdir()
    for stamp in ("abtrade", "tools"):
        path = tmp_path / ".venv" / f"{stamp}.stamp"
        path.touch()
        os.utime(path, (NEW, NEW))
    return tmp_path


def builds(checkout: Path) -> bool:
    """Whether `make install` would run pip."""
    said = subprocess.run(
        ["make", "--dry-run", "install"],
        cwd=checkout, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return "pip install" in said.stdout


def test_nothing_is_built_twice(installed):
    assert not builds(installed)


def test_a_changed_source_is_built(installed):
    (installed / "src" / SOURCES[1]).touch()
    assert builds(installed)


def test_a_module_that_is_gone_is_built(installed):
    (installed / "src" / "deeper" / "two.abi3.so").unlink()
    assert builds(installed)
