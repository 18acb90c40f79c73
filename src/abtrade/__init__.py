"""abtrade: an exchange-style rule engine for abnormal futures trading.

``abtrade.scan(log, ...)``, ``abtrade.explain(out, alert_id, ...)``, ``abtrade.book(log, ...)``,
``abtrade.replay(log, ...)``, ``abtrade.convert(...)``, ``abtrade.sniff(log, ...)``,
``abtrade.synth(out, ...)`` and
``abtrade.whatif(outs, ...)`` do what the verbs of the command do. They are loaded when first used.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from .errors import AbtradeError, InputError, OrderError, OutputError, RuleError

if TYPE_CHECKING:
    from .book import book
    from .convert import convert
    from .explain import explain
    from .kernels.kernel import kernel
    from .replay.opening import replay
    from .scan import scan
    from .sniff import sniff
    from .synth import synth
    from .whatif.asking import whatif

__version__: Final = "0.1.0"

__all__ = [
    "AbtradeError",
    "InputError",
    "OrderError",
    "OutputError",
    "RuleError",
    "__version__",
    "book",
    "convert",
    "explain",
    "kernel",
    "replay",
    "scan",
    "sniff",
    "synth",
    "whatif",
]

_CALLS: Final = ("book", "convert", "explain", "replay", "scan", "sniff", "synth", "whatif")


_FROM: Final = {
    **{name: name for name in _CALLS}, "kernel": "kernels.kernel", "replay": "replay.opening",
    "whatif": "whatif.asking",
}  # fmt: skip
"""The module that each name which is loaded when first used stands in."""


def __getattr__(name: str) -> Any:
    if name not in _FROM:
        raise AttributeError(f"module 'abtrade' has no attribute {name!r}")
    from importlib import import_module

    call = globals()[name] = getattr(import_module(f".{_FROM[name]}", __name__), name)
    return call


class _Package(ModuleType):
    """Keeps ``abtrade.scan`` the call, though importing the module of that name would set it."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _CALLS or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
