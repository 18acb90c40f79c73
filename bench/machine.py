"""What a measurement was made on and with: machine, versions, state of the code."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from inputs import hash_of

LIBRARIES = ("numpy", "pyarrow", "duckdb", "polars", "pandas")
HERE = Path(__file__).parent
MEASURING = ("answer.py", "core_costs.py", "make_log.py", "measure.py", "stages.py",
             "start_costs.py")  # fmt: skip
"""What of this folder bears on a measurement; the rest only tells of it."""


def machine() -> dict[str, str | int]:
    """Return the processor's name, how many there are, the memory and the system."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": names[0] if names else platform.machine(),
        "processors": len(os.sched_getaffinity(0)),
        "memory_gb": round(pages / 2**30),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
    }


def versions() -> dict[str, str]:
    """Return the versions of Python, of abtrade and of the libraries, those that are not there
    left out.
    """
    import abtrade

    found = {"python": platform.python_version(), "abtrade": abtrade.__version__}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """Return the commit that is checked out and whether files differ from it, if there is one."""
    def git(*command: str) -> str:
        done = subprocess.run(["git", "-C", str(HERE), *command], check=False,
                              capture_output=True, text=True)  # fmt: skip
        return done.stdout.strip() if done.returncode == 0 else ""

    name = git("rev-parse", "--short=10", "HEAD")
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "../src", "../rules", ".")
    return f"{name} with changes" if name and changed else name


def code_hash() -> str:
    """Return a hash of the package, compiled parts and all, and of what measures it."""
    import abtrade

    package = Path(abtrade.__file__).parent
    code = [path for kind in ("*.py", "*.so") for path in package.rglob(kind)]
    measuring = [HERE / name for name in MEASURING]
    return hash_of([*code, *measuring, *(HERE / "sides").glob("*.py")])
