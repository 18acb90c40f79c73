"""Nodes of a mapping file: its YAML as it is written, every problem of it kept with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from ..errors import InputError, problems_error
from ..regular_file import open_regular
from .columns import did_you_mean

SIZE_LIMIT: Final = 1 << 20


def root_of(path: Path) -> Any:
    """Return the root node of a YAML file; raise InputError where it holds none."""
    name, text = str(path), _text_of(path)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        raise InputError(f"{name}:{place}: {error.problem or error.context}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(f"{name}: is no YAML: {' '.join(str(error).split())}") from error
    if root is None:
        raise InputError(f"{name}: is empty, expected a mapping file")
    return root


class Problems:
    """The problems of one file, with their places."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: list[tuple[int, int, str]] = []

    def add(self, node: Any, message: str) -> None:
        """Keep a problem, at the place where a node begins."""
        mark = node.start_mark
        self._found.append((mark.line + 1, mark.column + 1, message))

    def fail_if_any(self) -> None:
        """Raise InputError with all of them, by place."""
        if self._found:
            raise problems_error(
                [
                    f"{self._name}:{line}:{column}: {said}"
                    for line, column, said in sorted(self._found)
                ]
            )


def pairs_of(
    node: Any, problems: Problems, what: str, known: Iterable[str] | None = None
) -> dict[str, tuple[Any, Any]]:
    """Return the keys of a YAML mapping with the nodes of key and value."""
    pairs: dict[str, tuple[Any, Any]] = {}
    if not isinstance(node, yaml.MappingNode):
        problems.add(node, f"found {kind_of(node)}, expected {what} with keys and values")
        return pairs
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            problems.add(key_node, f"found {kind_of(key_node)} as a key, expected text")
        elif known is not None and key_node.value not in known:
            hint = did_you_mean(key_node.value, known) or f"; there are {', '.join(known)}"
            problems.add(key_node, f"unknown key {key_node.value!r}{hint}")
        elif key_node.value in pairs:
            problems.add(key_node, f"{key_node.value!r} stands twice")
        else:
            pairs[key_node.value] = (key_node, value_node)
    return pairs


def scalars_of(node: Any, problems: Problems, what: str) -> Iterator[tuple[str, str, Any, Any]]:
    """Yield key, value, key node and value node of a YAML mapping of texts."""
    for key, (key_node, value_node) in pairs_of(node, problems, what).items():
        if isinstance(value_node, yaml.ScalarNode):
            yield key, value_node.value, key_node, value_node
        else:
            problems.add(value_node, f"found {kind_of(value_node)}, expected text")


def kind_of(node: Any) -> str:
    """Return what a node is, for a message."""
    if isinstance(node, yaml.ScalarNode):
        return f"{node.value!r}" if node.value else "nothing"
    return "a list" if isinstance(node, yaml.SequenceNode) else "keys and values"


def _text_of(path: Path) -> str:
    try:
        with open_regular(path) as file:
            data = file.read(SIZE_LIMIT + 1)
        if len(data) > SIZE_LIMIT:
            raise InputError(f"{path}: longer than {SIZE_LIMIT} bytes, this is no mapping file")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: found bytes that are not UTF-8 at {error.start}") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
