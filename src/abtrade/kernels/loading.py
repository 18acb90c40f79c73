"""The kernels of a run: of files and modules that the operator names, and of what is installed.

Loading runs their code. It is done only where a rule uses a kernel.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from ..errors import AbtradeError, problems_error
from ..regular_file import open_regular
from .kernel import Kernel

GROUP: Final = "abtrade.kernels"
"""The group of entry points under which packages offer kernels, each by its own name."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A kernel, and what it came from: JSON data that tells another version of it apart."""

    kernel: Kernel
    record: dict[str, str]

    @property
    def source(self) -> str:
        """Where it came from, in words."""
        record = self.record
        if "distribution" in record:
            return f"the package {record['distribution']} {record['version']}"
        return record.get("path") or record.get("module") or "an object"


def load_kernels(specs: Sequence[Any], used: Collection[str]) -> dict[str, Loaded]:
    """Return the kernels that rules use, by name, as far as any is given.

    specs : files (``desk.py``, or with a ``/``), modules, or ``Kernel`` objects
    used : the names that rules use; an installed kernel of another name is not loaded

    Raises InputError with every problem: a file that is not there or does not run, a name twice.
    """
    problems: list[str] = []
    found: dict[str, list[Loaded]] = {}
    for spec in specs:
        try:
            given = list(_given(spec))
        except AbtradeError as error:
            problems.append(f"--kernels {spec}: {error}")
            continue
        if not given:
            problems.append(f"--kernels {spec}: found no kernel, expected @abtrade.kernel(...)")
        for each in given:
            found.setdefault(each.kernel.name, []).append(each)
    for each in _installed(used, problems):
        found.setdefault(each.kernel.name, []).append(each)
    for name, several in found.items():
        apart = {id(each.kernel): each for each in several}
        if len(apart) > 1:
            places = " and ".join(f"{one.source} ({one.kernel.place})" for one in apart.values())
            problems.append(f"kernel {name}: found twice, in {places}; expected one")
    if problems:
        raise problems_error(problems)
    return {name: found[name][0] for name in sorted(used) if name in found}


def check_files(specs: Sequence[Any]) -> None:
    """Raise InputError where a file that is named cannot be read; nothing is run."""
    problems = []
    for spec in specs:
        if is_file(spec):
            try:
                _read(Path(spec))
            except AbtradeError as error:
                problems.append(f"--kernels {spec}: {error}")
    if problems:
        raise problems_error(problems)


def is_file(spec: Any) -> bool:
    """Whether what is named is a file and no module."""
    return isinstance(spec, Path) or (
        isinstance(spec, str) and (spec.endswith(".py") or "/" in spec)
    )


def written(spec: Any) -> str:
    """Return how a spec is written down in the record of a run: a file by its absolute path."""
    if isinstance(spec, Kernel):
        return f"<kernel {spec.name}>"
    return str(Path(spec).resolve()) if is_file(spec) else str(spec)


def _given(spec: Any) -> Iterator[Loaded]:
    if isinstance(spec, Kernel):
        yield Loaded(spec, {"kernel": spec.name, "object": spec.place})
    elif is_file(spec):
        path = Path(spec).resolve()
        data = _read(path)
        digest = hashlib.sha256(data).hexdigest()
        for kernel in _kernels_of(_run(data, path)):
            yield Loaded(
                kernel, {"kernel": kernel.name, "path": str(path), "sha256": digest}
            )
    else:
        module = _import(str(spec))
        for kernel in _kernels_of(module):
            yield Loaded(kernel, {"kernel": kernel.name, "module": str(spec), **_hash_of(module)})


def _read(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            return file.read()
    except OSError as error:
        raise problems_error([f"cannot be read: {error.strerror}"]) from error


def _run(data: bytes, path: Path) -> ModuleType:
    """Run the bytes that were hashed, not what the file may have become since."""
    module = ModuleType(f"kernels_{hashlib.sha256(str(path).encode()).hexdigest()[:16]}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # numba asks for it there, to take up what it cached
    try:
        exec(compile(data, str(path), "exec"), module.__dict__)  # the operator named it to be run
    except (Exception, SystemExit) as error:
        raise problems_error([_failed(error, str(path))]) from error
    return module


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise problems_error([_failed(error, None)]) from error


def _failed(error: BaseException, path: str | None) -> str:
    """Return an error of code that was run, with the last line of the file that it came through."""
    if isinstance(error, AbtradeError):
        return str(error)
    line = error.lineno if isinstance(error, SyntaxError) else None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    where = "" if line is None else f"line {line}: "
    return f"{where}{type(error).__name__}: {str(error).partition(chr(10))[0]}"


def _kernels_of(module: ModuleType) -> list[Kernel]:
    """Return the kernels of a module, each once."""
    found = (value for value in vars(module).values() if isinstance(value, Kernel))
    return list({id(kernel): kernel for kernel in found}.values())


def _hash_of(module: ModuleType) -> dict[str, str]:
    file = getattr(module, "__file__", None)
    if file is None or not Path(file).is_file():
        return {}
    return {"path": file, "sha256": hashlib.sha256(Path(file).read_bytes()).hexdigest()}


def _installed(used: Collection[str], problems: list[str]) -> Iterator[Loaded]:
    """Yield the installed kernels of the names that are used."""
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP):
        if point.name not in used:
            continue
        dist = point.dist
        record = {
            "kernel": point.name,
            "module": point.value,
            "distribution": "-" if dist is None else dist.name,
            "version": "-" if dist is None else dist.version,
        }
        where = f"the package {record['distribution']}: entry point {point.value}"
        try:
            kernel = point.load()
        except (Exception, SystemExit) as error:
            problems.append(f"{where}: {_failed(error, None)}")
            continue
        if not isinstance(kernel, Kernel) or kernel.name != point.name:
            said = f"kernel {kernel.name}" if isinstance(kernel, Kernel) else repr(type(kernel))
            problems.append(f"{where}: found {said}, expected the kernel {point.name}")
            continue
        yield Loaded(kernel, record)
