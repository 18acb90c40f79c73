"""The page of an explained alert: one file that loads nothing and runs no script but its own."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ...errors import OutputError
from ...safe_text import for_html, for_json
from ...scene import Scene
from ...wording import Language
from ..explanation import Explained
from ..file import check_file, whole_text
from .page_data import page_data

EVENTS_AT_MOST: Final = 200_000
"""Events and orders that a browser is asked to hold."""

SUFFIXES: Final = (".html", ".htm")
SCRIPTS: Final = ("data", "axis", "scene", "view", "drawing", "counting", "pointing", "controls",
                  "columns", "table", "head", "main")  # fmt: skip
"""The parts of the script, in their order; each uses what stands in those before it."""

_HERE: Final = Path(__file__).parent
_BLANK: Final = re.compile(r"\{\{(\w+)\}\}")


def check_page(path: Path, *, force: bool = False) -> None:
    """Raise OutputError where no page could be written there."""
    if path.suffix.lower() not in SUFFIXES:
        raise OutputError(f"{path}: expected a name that ends with {' or '.join(SUFFIXES)}")
    check_file(path, force=force)


def write_page(
    explained: Explained, scene: Scene, lang: Language, path: Path, *, force: bool = False
) -> None:
    """Write the page of an explained alert; raises OutputError.

    lang : in which it opens; it can be turned to the other one
    """
    for what, n in (("events", explained.events.num_rows), ("orders", len(scene.orders))):
        if n > EVENTS_AT_MOST:
            raise OutputError(
                f"{path}: {n:,} {what}, of which a page takes {EVENTS_AT_MOST:,}; write the events "
                "by --export"
            )
    page = page_of(page_data(explained, scene, lang))
    with whole_text(path, force=force) as file:
        file.write(page)


def page_of(data: Mapping[str, Any]) -> str:
    """Return a page with its data, as text."""
    style = _part("page.css")
    script = "(() => {\n'use strict';\n" + "\n".join(_part(f"{n}.js") for n in SCRIPTS) + "})();\n"
    message = "\n\n".join(data["message"].values())
    filled = {
        "lang": "zh-CN" if data["lang"] == "zh" else "en",
        "policy": _policy(style, script),
        "title": for_html(f"abtrade {data['alert']['alert_id']}"),
        "style": style,
        "message": for_html(message).replace(r"\n", "\n"),
        "data": json_block(data),
        "script": script,
    }
    return _BLANK.sub(lambda blank: filled[blank[1]], _part("page.html"))


def json_block(data: Any) -> str:
    r"""Return JSON to stand in a script element: no ``<``, ``>`` or ``&`` but as ``\uXXXX``."""
    return re.sub("[<>&]", lambda match: f"\\u{ord(match[0]):04x}", for_json(data))


def _policy(style: str, script: str) -> str:
    """Return a Content-Security-Policy that lets this style and this script be, and no more."""
    return "; ".join([
        "default-src 'none'",
        f"script-src '{_hash(script)}'",
        f"style-src '{_hash(style)}'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ])  # fmt: skip


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _part(name: str) -> str:
    return (_HERE / name).read_text("utf-8")
