"""Dialogs over the view: a choice, a time to go to, and pages to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList, Static

from ...wording import Language, text

CHOICES_SHOWN: Final = 500
"""More are found by typing a part of their name."""


class Choice(ModalScreen[int | None]):
    """A list to choose from, narrowed by typing; gives the position of what was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]
    CSS = """
    Choice { align: center middle; }
    Choice > Vertical { width: 70; height: 20; border: round $foreground; padding: 0 1; }
    Choice OptionList { height: 1fr; border: none; }
    """

    def __init__(self, title: str, names: Sequence[str]) -> None:
        super().__init__()
        self._title = title
        self._names = names
        self._found: list[int] = []

    def compose(self) -> ComposeResult:
        """Show the title, the field to type in and the list."""
        with Vertical():
            yield Label(self._title, markup=False)
            yield Input(compact=True)
            yield OptionList(markup=False, compact=True)

    def on_mount(self) -> None:
        """Begin with the whole list."""
        self._narrow("")
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what fits the text."""
        self._narrow(event.value)

    def on_input_submitted(self) -> None:
        """Take what is marked."""
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self.dismiss(self._found[at])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take what was clicked."""
        self.dismiss(self._found[event.option_index])

    def action_move(self, by: int) -> None:
        """Mark the next one, or the one before."""
        shown = self.query_one(OptionList)
        if self._found:
            shown.highlighted = ((shown.highlighted or 0) + by) % len(self._found)

    def _narrow(self, part: str) -> None:
        part = part.casefold()
        fits = (at for at, name in enumerate(self._names) if part in name.casefold())
        self._found = [at for at, _ in zip(fits, range(CHOICES_SHOWN), strict=False)]
        shown = self.query_one(OptionList)
        shown.clear_options().add_options([self._names[at] for at in self._found])
        shown.highlighted = 0 if self._found else None


class Jump(ModalScreen[str | None]):
    """A line to type a time in."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]
    CSS = """
    Jump { align: left bottom; }
    Jump > Vertical { height: 2; }
    """

    def __init__(self, lang: Language) -> None:
        super().__init__()
        self._lang = lang

    def compose(self) -> ComposeResult:
        """Show what is asked, and the line."""
        with Vertical():
            yield Label(text(self._lang, "replay.jump"), markup=False)
            yield Input(compact=True, max_length=40)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give what was typed."""
        self.dismiss(event.value or None)


class Page(ModalScreen[None]):
    """Lines to read, longer than the screen perhaps."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,h,question_mark,m,enter,space", "dismiss(None)", show=False)
    ]
    CSS = """
    Page { align: center middle; }
    Page > VerticalScroll { width: 90%; height: 90%; border: round $foreground; padding: 0 1; }
    """

    def __init__(self, title: str, lines: Sequence[Text], close: str) -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._close = close

    def compose(self) -> ComposeResult:
        """Show the lines."""
        with VerticalScroll() as page:
            page.border_title = self._title
            page.border_subtitle = self._close
            yield Static(Text("\n").join(self._lines))
