"""What is built from a checkout installs alone, and carries the rules inside.

Nothing is fetched: each scratch environment borrows the packages of the one that runs the tests,
abtrade itself aside. The core is compiled as for debugging, which is quicker.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
pytest.importorskip("setuptools", minversion="77")
pytest.importorskip("build")
pytest.importorskip("Cython")

ROOT = Path(__file__).resolve().parents[1]
LEFT_BEHIND = (".venv", ".git", "build", "dist", "demo", "out", "*.egg-info", "*.so", "*.c",
               "__pycache__", ".*_cache", ".hypothesis", ".benchmarks")  # fmt: skip
WHERE = "from abtrade.rules.packs import rulebook_dir; print(rulebook_dir())"


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command away from this checkout; its output is the failure's message."""
    environment = {**os.environ, "ABTRADE_DEBUG": "1", "LC_ALL": "C.UTF-8", "COLUMNS": "200"}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def scratch_python(folder: Path) -> Path:
    """Make an environment that sees the packages of this one; return its Python."""
    venv.create(folder, with_pip=False, symlinks=True)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    borrowed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site_packages / "borrowed.pth").write_text("\n".join(sorted(borrowed)))
    return folder / "bin" / "python"


def install(python: Path, *what: str | Path) -> None:
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps",
        "--no-build-isolation", "--force-reinstall", *what, cwd=python.parent)  # fmt: skip


def names_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of the checkout with nothing built in it."""
    copy = tmp_path_factory.mktemp("packaging") / "checkout"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_BEHIND), symlinks=True)
    return copy


@pytest.fixture(scope="module")
def sources(checkout) -> dict[str, set[str]]:
    """The files of the checkout by folder, before anything is built in it."""
    folders = ("src/abtrade", "rules", "tests", "docs")
    return {folder: names_below(checkout / folder) for folder in folders}


@pytest.fixture(scope="module")
def sdist(checkout, sources) -> Path:
    """The sdist, unpacked."""
    run(sys.executable, "-m", "build", "--sdist", "--no-isolation", ".", cwd=checkout)
    (archive,) = checkout.glob("dist/*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(checkout.parent, filter="data")
    return checkout.parent / archive.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def wheel(sdist) -> Path:
    """The wheel, built from the sdist."""
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", ".", cwd=sdist)
    (wheel,) = sdist.glob("dist/*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel_python(wheel, tmp_path_factory) -> Path:
    """An environment with the wheel installed."""
    python = scratch_python(tmp_path_factory.mktemp("wheel") / "venv")
    install(python, wheel)
    return python


def test_the_sdist_holds_every_source_and_nothing_built(sources, sdist):
    for folder, names in sources.items():
        assert names_below(sdist / folder) == names, folder
    for name in ("LICENSE", "README.md", "CHANGELOG.md", "setup.py", "Makefile"):
        assert (sdist / name).is_file(), name


def test_the_wheel_holds_the_modules_the_core_and_the_rules(sources, wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = {f"abtrade/{name}" for name in sources["src/abtrade"]}
    assert {name for name in modules if not name.endswith(".pyx")} <= names
    rules = {f"abtrade/rulebook/{name}" for name in sources["rules"]}
    assert rules
    assert rules <= names
    compiled = {name.split(".")[0] for name in names if name.endswith(".so")}
    assert compiled == {name.removesuffix(".pyx") for name in modules if name.endswith(".pyx")}
    outside = {name.split("/")[0] for name in names} - {"abtrade"}
    assert all(name.endswith(".dist-info") for name in outside)


def test_the_installed_wheel_finds_its_own_rules(wheel_python, tmp_path):
    found = Path(run(wheel_python, "-c", WHERE, cwd=tmp_path).strip())
    assert found.name == "rulebook"
    assert found.is_relative_to(wheel_python.parents[1].resolve())


def test_the_demo_runs_from_the_wheel_alone(wheel_python, tmp_path):
    said = run(wheel_python.with_name("abtrade"), "demo", "--out", "demo", cwd=tmp_path)
    assert "AC2024-0117" in said
    assert (tmp_path / "demo" / "scan" / "alerts.jsonl").is_file()


def test_an_editable_install_reads_the_rules_of_its_checkout(tmp_path):
    """The install that runs the tests, by `make install`; a second one would take a minute."""
    told = json.loads(distribution("abtrade").read_text("direct_url.json") or "{}")
    if not told.get("dir_info", {}).get("editable") or told["url"] != ROOT.as_uri():
        pytest.skip("abtrade is not an editable install of this checkout here")
    assert Path(run(sys.executable, "-c", WHERE, cwd=tmp_path).strip()) == ROOT / "rules"
    command = Path(sys.executable).with_name("abtrade")
    assert "shfe" in run(command, "rules", "list", cwd=tmp_path)
