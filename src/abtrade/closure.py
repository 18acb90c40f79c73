"""Close over pairwise links: whoever is linked, directly or through others, is one group."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from . import schema

MEMBERS_NAMED = 5
SOURCES_NAMED = 3
LINKS_NAMED = 5


class Node(NamedTuple):
    """A client, or an account that is its own client; ordered by name."""

    name: str
    kind: str  # client or account


class Pair(NamedTuple):
    """One link that holds on the day."""

    a: Node
    b: Node
    status: str
    source: str | None
    told: str = ""  # the link in words


class Membership(NamedTuple):
    """The group of a client, and how it came to be in it."""

    group: str
    status: str
    link: str
    source: str | None
    through: tuple[str, ...] = ()  # the client's own links, in words
    group_clients: int = 1  # of the group on the day, silent ones too


class Closure(NamedTuple):
    """The group of every linked client, and a line for each group larger than allowed."""

    members: dict[Node, Membership]
    problems: list[str]


def close(pairs: Sequence[Pair], largest: int) -> Closure:
    """Return the groups of at most ``largest`` clients that the links form.

    A group is named ``closed:`` and its least client; its status is the weakest of its links.
    A link of a client with itself, or one told twice, changes nothing.
    """
    closure = Closure({}, [])
    for nodes, links in _components([pair for pair in pairs if pair.a != pair.b]):
        if len(nodes) > largest:
            closure.problems.append(_too_large(nodes, largest))
        else:
            closure.members.update(_memberships(nodes, links))
    closure.problems.sort()
    return closure


def joined_sources(sources: set[str | None]) -> str | None:
    """Return the sources in one line, the same whatever their order."""
    named = sorted(source for source in sources if source)
    more = len(named) - SOURCES_NAMED
    told = named[:SOURCES_NAMED] + ([f"and {more} more"] if more > 0 else [])
    return "; ".join(told) or None


def _components(pairs: Sequence[Pair]) -> Iterator[tuple[set[Node], list[Pair]]]:
    parent: dict[Node, Node] = {}

    def root(node: Node) -> Node:
        top = node
        while (above := parent.setdefault(top, top)) != top:
            top = above
        while node != top:
            parent[node], node = top, parent[node]
        return top

    for pair in pairs:
        a, b = root(pair.a), root(pair.b)
        parent[max(a, b)] = min(a, b)
    links: dict[Node, list[Pair]] = defaultdict(list)
    for pair in pairs:
        links[root(pair.a)].append(pair)
    for found in links.values():
        yield {node for pair in found for node in pair[:2]}, found


def first_links(told: Sequence[str]) -> tuple[str, ...]:
    """Return the first links in words, and how many more there are."""
    more = len(told) - LINKS_NAMED
    return (*told[:LINKS_NAMED], f"and {more} more") if more > 0 else tuple(told)


def _memberships(nodes: set[Node], links: list[Pair]) -> Iterator[tuple[Node, Membership]]:
    """Yield each client of a group, with the links that are its own."""
    common = _membership(min(nodes).name, links)._replace(group_clients=len(nodes))
    own: dict[Node, list[str]] = defaultdict(list)
    for pair in links:
        own[pair.a].append(pair.told)
        own[pair.b].append(pair.told)
    for node in nodes:
        yield node, common._replace(through=first_links(own[node]))


def _membership(least: str, links: list[Pair]) -> Membership:
    count = len({frozenset((pair.a, pair.b)) for pair in links})
    link = f"closed over {count} link{'s' if count > 1 else ''}"
    status = _weakest({pair.status for pair in links})
    return Membership(f"closed:{least}", status, link, joined_sources({p.source for p in links}))


def _weakest(statuses: set[str]) -> str:
    """Return the status that claims least: suspected, else determined, else filed."""
    return max(statuses, key=schema.GROUP_STATUSES.index)


def _too_large(nodes: set[Node], largest: int) -> str:
    first = ", ".join(f"'{node.name}'" for node in heapq.nsmallest(MEMBERS_NAMED, nodes))
    more = ", ..." if len(nodes) > MEMBERS_NAMED else ""
    return (
        f"found {len(nodes)} clients linked into one group ({first}{more}), "
        f"expected at most {largest} (--close-links {largest})"
    )
