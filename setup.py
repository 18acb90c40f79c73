"""Build the compiled modules, and carry the rulebook into the wheel.

``ABTRADE_DEBUG=1`` turns bounds checks on in them.
"""

import os
import shutil
from pathlib import Path

import numpy as np
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

DEBUG = os.environ.get("ABTRADE_DEBUG") == "1"
PROCESSORS = os.cpu_count() or 1
ROOT = Path(__file__).parent

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": DEBUG,
    "wraparound": DEBUG,
    "initializedcheck": DEBUG,
    "overflowcheck": False,
    "cdivision": True,
    "embedsignature": True,
    "freethreading_compatible": False,
}


class BuildCompiled(build_ext):
    """Make C of the modules where they are compiled: a build runs this file for less, too."""

    def build_extensions(self):
        """Translate all modules, then compile them."""
        translated = cythonize(
            self.extensions,
            compiler_directives=DIRECTIVES,
            include_path=["src"],
            force=True,  # time stamps do not tell the directives the C was last made with
            nthreads=PROCESSORS,
        )
        for extension, in_c in zip(self.extensions, translated, strict=True):
            extension.sources = in_c.sources
            extension.depends = in_c.depends
        super().build_extensions()


class BuildWithRulebook(build_py):
    """Copy the top-level ``rules/`` beside the modules, as ``abtrade/rulebook``.

    An editable install has no copy: there the package reads ``rules/`` itself.
    """

    def run(self):
        """Build the modules, then lay the rulebook beside them."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "abtrade" / "rulebook"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(ROOT / "rules", target)


COMPILED = [
    "abtrade._core",
    "abtrade.kernels._kernels",
    "abtrade.bursts._bursts",
    "abtrade.positions._holdings",
    "abtrade.readers._cells",
    "abtrade.synthetic._floor",
]


def extension(name: str) -> Extension:
    """Return the module ``name``, made of the one ``.pyx`` that bears it."""
    return Extension(
        name,
        [f"src/{name.replace('.', '/')}.pyx"],
        include_dirs=[np.get_include()],
        define_macros=[("NPY_NO_DEPRECATED_API", "NPY_1_7_API_VERSION")],
        # A debugger's symbols would take a third of the compiler's time, and most of the wheel.
        extra_compile_args=["-O1" if DEBUG else "-O3", "-g0"],
    )


if __name__ == "__main__":  # translating in several processes may import this file again
    setup(
        ext_modules=[extension(name) for name in COMPILED],
        cmdclass={"build_ext": BuildCompiled, "build_py": BuildWithRulebook},
        options={"build_ext": {"parallel": PROCESSORS}},
    )
