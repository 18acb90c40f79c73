"""``abtrade rules``: what rules there are, what they say, and whether a file of them is right."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from . import (
    cli_rules_check,
    cli_rules_diff,
    cli_rules_explain,
    cli_rules_test,
    cli_rules_timeline,
    cli_rules_whatif,
)
from .cli_rules_options import DayOption, SpecsOption
from .cli_support import (
    RAN,
    LangOption,
    complain,
    exits,
    language,
    tell,
    until_closed,
)

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="List, show, explain, compare, check and test rules; their schema.",
)

@app.command("list", epilog="\b\nExample:\n  abtrade rules list --day 2010-11-08")
@exits
def list_rules(
    rules: SpecsOption = None,
    day: DayOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    lang: LangOption = None,
) -> int:
    """List rules with their counts, scopes and levels."""
    from .rules.packs import load_rules
    from .rules.report import COLUMNS, list_rows
    from .safe_text import for_json
    from .sinks.terminal import make_console, show_rows

    found = load_rules(rules or (), day)
    rows = list_rows(found.rules, language(lang))
    with until_closed():
        if as_json:
            print(for_json(rows, indent=2))
        else:
            show_rows(COLUMNS, rows, make_console(sys.stdout))
    for note in found.notes:
        tell(note)
    return RAN


@app.command(
    epilog="\b\nExamples:\n  abtrade rules show shfe.self_trade\n"
    "  abtrade rules show desk.cancels --rules my-rules/"
)
@exits
def show(
    rule: Annotated[str, typer.Argument(metavar="ID", help="Id of the rule.")],
    rules: SpecsOption = None,
    day: DayOption = None,
    lang: LangOption = None,
) -> int:
    """Show all that a rule says, with its clause and source."""
    from .rules.document import unknown_word
    from .rules.packs import load_rules
    from .rules.report import show_text
    from .safe_text import for_lines

    known = load_rules(rules or (), day).rules
    found = [each for each in known if each.id == rule]
    if not found:
        return complain(unknown_word("rule", rule, dict.fromkeys(each.id for each in known)))
    with until_closed():
        print(for_lines("\n\n".join(show_text(each, language(lang)) for each in found)))
    return RAN


app.command("check", epilog=cli_rules_check.EXAMPLES)(cli_rules_check.check)


@app.command(
    "schema",
    epilog="\b\nExamples:\n  abtrade rules schema > rule.schema.json\n"
    "  abtrade rules schema --overlay > overlay.schema.json",
)
@exits
def print_schema(
    overlay: Annotated[
        bool, typer.Option("--overlay", help="Of a desk's overlay, in place of a rule.")
    ] = False,
) -> int:
    """Print the JSON Schema of a rule file, or of an overlay, for editors."""
    from .rules.schema_json import SCHEMA_FILE, overlay_schema, schema_text

    with until_closed():
        if overlay:
            sys.stdout.write(schema_text(overlay_schema()))
        else:
            sys.stdout.write(Path(SCHEMA_FILE).read_text(encoding="utf-8"))
    return RAN


app.command("test", epilog=cli_rules_test.EXAMPLES)(cli_rules_test.test)
app.command(epilog=cli_rules_explain.EXAMPLES)(cli_rules_explain.explain)
app.command(epilog=cli_rules_diff.EXAMPLES)(cli_rules_diff.diff)
app.command(epilog=cli_rules_timeline.EXAMPLES)(cli_rules_timeline.timeline)
app.command(epilog=cli_rules_whatif.EXAMPLES)(cli_rules_whatif.whatif)
