"""The report: tables of a run as Markdown, put between the marks of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from cases import Contender
from goals import FILES, NAMES, SCAN, Goal, goals
from results import Results

BEGIN, END = "<!-- benchmarks: made by `make bench` -->", "<!-- /benchmarks -->"
SIDES = list(NAMES)
FORMS = {
    "bare": "account and side on new orders only, no lots on cancels, as a real log has it: a "
    "peer must join every row back to its order",
    "full": "accounts and lots on every row: a peer needs no join, and reads 5 columns",
}


def report(results: Results) -> str:
    """Return the page's tables: machine, each group, the core, the goals."""
    parts = [_made_on(results)]
    parts += [_group(results, key) for key, _ in results.groups()]
    parts.append(_goals(goals(results)))
    return "\n\n".join(parts) + "\n"


def headline(results: Results) -> str:
    """Return the README's lines on the largest bare log."""
    rows = max(results.sizes())
    group = results.group("bare", rows)
    scan = Contender(SCAN, "parquet", 1)
    times = [
        f"{ratio.median:.1f} times as quick as {NAMES[side]} ({ratio.low:.1f} to {ratio.high:.1f})"
        for side in ("duckdb", "polars", "pandas")
        if (ratio := results.ratio(group, scan, Contender(side, "parquet", 1))) is not None
    ]
    held = results.data["groups"][group]
    seconds = results.seconds(group, scan)
    said = (
        f"On a bare log of {held['rows']:,} rows (zstd Parquet, one thread) a full scan, with "
        f"every check made and every output written, took {seconds:.1f} s, "
        f"{held['rows'] / seconds:,.0f} rows a second, in {results.peak_mb(group, scan)} MB"
    )
    if times:
        said += ": " + ", ".join(times) + ", which only count"
    arrow = results.ratio(group, Contender(SCAN, "arrow", 1), scan)
    if arrow is not None:
        said += f". From Arrow IPC it was {arrow.median:.1f} times as quick again"
    picture = "![Seconds by side and file](docs/benchmarks.svg)"
    more = "Machine, versions, every case and every goal: [docs/benchmarks.md](docs/benchmarks.md)."
    return f"{picture}\n\n{said}. {more}\n"


def between_marks(page: str, made: str) -> str:
    """Return the page with ``made`` between its marks, in place of what was there."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n\n{made}\n{END}{after}"


def put(path: Path, made: str) -> None:
    """Put ``made`` between the marks of a file, all at once."""
    replace_file(path, between_marks(path.read_text(encoding="utf-8"), made))


def replace_file(path: Path, text: str) -> None:
    """Write a file beside its place and rename it: it is never there half."""
    half = path.with_name(f".{path.name}.half")
    half.write_text(text, encoding="utf-8")
    half.replace(path)


def _made_on(results: Results) -> str:
    data = results.data
    machine = data["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in data["versions"].items())
    at = f" at {data['commit']}" if data["commit"] else ""
    return (
        f"Made on {data['made']} by `{data['command']}`{at}: {machine['processor']}, "
        f"{machine['processors']} processors, {machine['memory_gb']} GB, {machine['system']}; "
        f"{versions}."
    )


def _group(results: Results, key: str) -> str:
    held = results.data["groups"][key]
    answer = held["answer"]
    sizes = ", ".join(f"{FILES[f]} {size >> 20:,} MB" for f, size in held["bytes"].items())
    title = f"### {held['form'].capitalize()}, {held['rows']:,} rows"
    text = (
        f"{FORMS[held['form']].capitalize()}. {sizes}. {len(held['rounds'])} rounds. All sides "
        f"found {answer['cancels']:,} cancels, {answer['large_cancels']:,} of them large, "
        f"{answer['self_trades']:,} self-trades and the same {held['offenders']:,} offenders."
    )
    return f"{title}\n\n{text}\n\n{_table(_HEAD, _rows(results, key))}"


_HEAD = ("threads", "file", "side", "seconds", "of processor", "rows/s", "peak MB",
         "times abtrade's time")  # fmt: skip


def _rows(results: Results, key: str) -> Iterator[Sequence[str]]:
    rows = results.data["groups"][key]["rows"]
    order = {side: at for at, side in enumerate(SIDES)}
    files = {file: at for at, file in enumerate(FILES)}
    found = results.contenders(key)
    for one in sorted(found, key=lambda c: (c.threads, files[c.format], order[c.side])):
        begin = (str(one.threads), FILES[one.format], NAMES[one.side])
        if failed := results.failed(key, one):
            yield (*begin, failed, "", "", "", "")
            continue
        seconds = results.seconds(key, one)
        ratio = results.ratio(key, Contender(SCAN, one.format, one.threads), one)
        told = "1" if one.side == SCAN else str(ratio or "")
        cpu = results.cpu_seconds(key, one)
        yield (*begin, f"{seconds:.2f}", f"{cpu:.2f}", f"{rows / seconds:,.0f}",
               f"{results.peak_mb(key, one):,}", told)  # fmt: skip


def _goals(found: Sequence[Goal]) -> str:
    said = {True: "yes", False: "**no**", None: ""}
    rows = [
        (str(goal.number), goal.what, goal.goal, goal.measured, said[goal.reached])
        for goal in found
    ]
    head = ("goal", "what", "is", "measured", "reached")
    return f"### Goals\n\n{_table(head, rows)}"


def _table(head: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
