"""The command ``citydiplo lab``."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from citydiplo import folders
from citydiplo.errors import UserError
from citydiplo.lab import git, server
from citydiplo.language import Language
from citydiplo.reports.commands import Lang

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

console = Console(stderr=True, highlight=False, soft_wrap=True)

app = typer.Typer()

SHORTEST_PASSWORD = 8


@app.command()
def lab(
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="-- …", help="Options of JupyterLab itself.", show_default=False)
    ] = None,
    lang: Annotated[
        Lang | None, typer.Option(help="Language; default: that of this machine.", show_default=False)
    ] = None,
    share: Annotated[bool, typer.Option("--share", help="Let other machines in, with a password.")] = False,
) -> None:
    """Open JupyterLab on the notebooks; several people can work in one notebook at once."""
    server.require_extra()
    first = folders.REPOSITORY / "notebooks" / "00_start_here.ipynb"
    if not first.is_file():
        raise UserError(
            f"no notebooks in {first.parent}: install the kit from its repository (pip install -e '.[lab]')"
        )
    say = Language(lang or server.reader_language(), {}, {})
    if git.configure(folders.REPOSITORY):
        console.print(escape(say.text("lab.git")))
    anywhere = ["--ServerApp.ip=0.0.0.0"] if share else []
    served = server.prepared(folders.REPOSITORY, say, [str(first), *anywhere, *(arguments or [])])
    if server.refuses_root(served):
        raise UserError(say.text("lab.root"))
    if server.is_shared(served):
        let_others_in(served, say)
    console.print(escape(say.text("lab.opens", url=server.address(served), file=served.browser_open_file_to_run)))
    served.start()


def let_others_in(served: "ServerApp", say: Language) -> None:
    """Warn of what others will be able to do, and ask for a password if none is set."""
    console.print(escape(say.text("lab.shared", url=server.address(served))), style="bold yellow")
    if not served.certfile:
        console.print(escape(say.text("lab.unencrypted")), style="bold yellow")
    if not server.has_password(served):
        password = typer.prompt(
            say.text("lab.password", count=SHORTEST_PASSWORD), hide_input=True, confirmation_prompt=True, err=True
        )
        if len(password) < SHORTEST_PASSWORD:
            raise UserError(say.text("lab.short_password", count=SHORTEST_PASSWORD))
        server.protect(served, password)
