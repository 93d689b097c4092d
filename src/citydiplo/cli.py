"""The command line: each command is imported when it is asked for."""

from importlib import import_module
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

from citydiplo.errors import UserError

# Which module has a command.
MODULES = {
    "report": "citydiplo.reports.commands",
    "reports": "citydiplo.reports.commands",
    "cities": "citydiplo.table_commands",
    "audit": "citydiplo.table_commands",
    "check": "citydiplo.table_commands",
    "import": "citydiplo.imports.commands",
    "fetch": "citydiplo.imports.commands",
    "survey": "citydiplo.survey_commands",
    "template": "citydiplo.contribute.commands",
    "merge": "citydiplo.contribute.commands",
    "changes": "citydiplo.contribute.commands",
    "explore": "citydiplo.apps",
    "contribute": "citydiplo.apps",
    "lab": "citydiplo.lab.commands",
}

errors = Console(stderr=True)


class Commands(typer.core.TyperGroup):
    """Find commands in their modules; print a user's mistake as one message, without a traceback, and exit with 2."""

    def list_commands(self, context: Any) -> list[str]:
        return list(MODULES)

    def get_command(self, context: Any, name: str) -> Any:
        return typer.main.get_group(import_module(MODULES[name]).app).commands[name] if name in MODULES else None

    def invoke(self, context: Any) -> Any:
        try:
            return super().invoke(context)
        except UserError as error:
            errors.print(escape(str(error)), style="red", highlight=False, soft_wrap=True)
            raise typer.Exit(2) from None


app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def main() -> None:
    """French city diplomacy: tables, reports, and the survey."""
