"""Record: what was measured so far, kept round by round, so that a run that was stopped goes on.

A record belongs to one state of the code, of the libraries and of the machine: under another one
it starts anew. A round that was not finished counts for nothing, for its parts are compared with
each other.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


class Record:
    """The rounds measured under one fingerprint, in a file of a line each."""

    def __init__(self, folder: Path, fingerprint: dict[str, Any], *, fresh: bool) -> None:
        text = json.dumps(fingerprint, sort_keys=True)
        name = hashlib.sha256(text.encode()).hexdigest()[:12]
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"rounds-{name}.jsonl"
        if fresh:
            self.path.unlink(missing_ok=True)
        self._rounds: dict[str, list[Any]] = {}
        for line in self._lines():
            self._rounds.setdefault(line["group"], []).append(line["round"])

    def rounds(self, group: str) -> list[Any]:
        """Return the rounds of a group, in the order in which they were measured."""
        return self._rounds.get(group, [])

    def add(self, group: str, measured: Any) -> None:
        """Keep a round that was finished."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"group": group, "round": measured}) + "\n")
        self._rounds.setdefault(group, []).append(measured)

    def _lines(self) -> list[Any]:
        """Return what the file holds, but a last line that was cut off."""
        if not self.path.exists():
            return []
        text = self.path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            self.path.write_text(whole, encoding="utf-8")
        return [json.loads(line) for line in whole.splitlines()]
