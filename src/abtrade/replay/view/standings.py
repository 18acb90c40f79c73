"""The followed subject's counts as bars that fill towards yellow and red."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from ...wording import Language, term, text
from ..moment import Moment, Standing
from . import styles
from .lines import Piece, fitted, harmless, head, line, right

COLUMNS = ("count", "yellow", "red")
NARROW = 60


def standings(moment: Moment, lang: Language, width: int, height: int) -> list[Text]:
    """Return a head, then a line a rule: its name, the bar, the count, the thresholds."""
    if not moment.subject or not moment.standings:
        key = "replay.no_counts" if moment.subject else "replay.nobody"
        said = line((text(lang, key), styles.FAINT))
        return [head(text(lang, "replay.counts"), width, followed(moment, lang)), said]
    shown = sorted(moment.standings, key=_filled, reverse=True)[: max(1, height - 1)]
    names = _names(shown, wide=width >= NARROW)
    titles = [text(lang, f"replay.counts.{name}") for name in COLUMNS]
    cells = [[f"{each.count:,}", _number(each.yellow), _number(each.red)] for each in shown]
    widths = [max(map(cell_len, column)) for column in zip(titles, *cells, strict=True)]
    numbers = sum(widths) + len(widths)
    first = min(max(map(cell_len, names)), max(8, (width - numbers) * 3 // 5))
    room = max(0, width - first - numbers - 1)
    found = [_head(moment, titles, widths, first + 1 + room, len(shown), lang)]
    for each, name, row in zip(shown, names, cells, strict=True):
        found.append(_line(each, _cut(name, first), room, row, widths, lang))
    return found


def followed(moment: Moment, lang: Language) -> str:
    """Return who is followed, in words: ``client C1``; nothing for nobody."""
    if moment.subject is None:
        return ""
    return f"{term(lang, 'kind', moment.subject.kind)} {harmless(moment.subject.name)}"


def bar(standing: Standing, width: int, lang: Language) -> list[Piece]:
    """Return a bar whose end is red, or yellow where there is no red, with a mark at yellow.

    A level that is reached is written at its beginning.
    """
    goal = standing.red if standing.red is not None else standing.yellow
    if goal is None or width < 1:
        return [" " * width]
    filled = width if goal <= 0 else min(width, standing.count * width // goal)
    cells = ["█" if at < filled else "░" for at in range(width)]
    if standing.yellow is not None and standing.red is not None and standing.red > 0:
        cells[min(width - 1, standing.yellow * width // standing.red)] = "│"
    pieces: list[Piece] = []
    begin = 0
    if standing.level:
        word = term(lang, "level", standing.level)
        begin = min(cell_len(word), width)
        pieces.append((_cut(word, begin), styles.LEVELS[standing.level]))
    done, to_go = "".join(cells[begin:filled]), "".join(cells[max(begin, filled) :])
    return [*pieces, (done, styles.FILL[standing.level]), (to_go, styles.FAINT)]


def _head(
    moment: Moment, titles: Sequence[str], widths: Sequence[int], at: int, shown: int,
    lang: Language,
) -> Text:  # fmt: skip
    """Return the head, in which the columns of numbers have their names."""
    more = len(moment.standings) - shown
    said = followed(moment, lang)
    said += f"  {text(lang, 'replay.more', n=more)}" if more else ""
    words = [right(title, width) for title, width in zip(titles, widths, strict=True)]
    found = fitted(head(text(lang, "replay.counts"), at, said), at)
    return found.append_text(line((" " + " ".join(words), styles.FAINT)))


def _line(
    standing: Standing, name: str, room: int, cells: Sequence[str], widths: Sequence[int],
    lang: Language,
) -> Text:  # fmt: skip
    numbers = [right(cell, width) for cell, width in zip(cells, widths, strict=True)]
    pieces: list[Piece] = [name, " ", *bar(standing, room, lang), " ", (numbers[0], "bold")]
    pieces.append((" " + " ".join(numbers[1:]), styles.FAINT))
    return line(*pieces)


def _names(shown: Sequence[Standing], *, wide: bool) -> list[str]:
    """Return a name a line: what is counted, and the rule where two count the same."""
    often = Counter(each.about for each in shown)
    return [
        harmless(f"{each.rule} {each.about}" if wide
                 else each.about if often[each.about] == 1 else each.rule)
        for each in shown
    ]  # fmt: skip


def _cut(name: str, width: int) -> str:
    made = Text(name)
    made.truncate(width, overflow="ellipsis", pad=True)
    return made.plain


def _filled(standing: Standing) -> tuple[int, float]:
    """Return what puts those nearest to their next level first, those without a level last."""
    goal = standing.red if standing.red is not None else standing.yellow
    if goal is None:
        return 0, standing.count
    return 1, standing.count / goal if goal > 0 else float("inf")


def _number(threshold: int | None) -> str:
    return "-" if threshold is None else f"{threshold:,}"
