"""The commands ``citydiplo import accounts`` and ``citydiplo fetch accounts``."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from citydiplo import collectivities, data, folders
from citydiplo.errors import UserError
from citydiplo.imports import account_file, account_folder, account_report, account_table, fetch_accounts
from citydiplo.language import Language

# Where the answers of the open data are kept, in the folder of accounts.
ANSWERS = "answers"

Out = Annotated[Path | None, typer.Option(help="Folder to write into; default: accounts.", show_default=False)]
Lang = Annotated[str, typer.Option(help="Language of the report: fr or en.")]

console = Console()


def register(import_app: typer.Typer, fetch_app: typer.Typer) -> None:
    """Add the commands to ``citydiplo import`` and ``citydiplo fetch``."""
    import_app.command("accounts")(import_accounts)
    fetch_app.command("accounts")(fetch_balances)


def import_accounts(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Files, folders of files, or ZIPs.", show_default=False)
    ],
    columns: Annotated[
        list[str],
        typer.Option("--map", metavar="COLUMN=FIELD", help="For a table of no known format; may be repeated."),
    ] = [],  # noqa: B006
    out: Out = None,
    lang: Lang = "fr",
) -> None:
    """Budgets and accounts: budget documents (TOTEM), balances (DGFiP), consolidated accounts (OFGL), other tables."""
    language = Language.of(lang, data.load_tables())
    if not _import(files, account_table.parse_mapping(columns), out or folders.accounts_folder(), language):
        raise typer.Exit(1)


def fetch_balances(
    cities: Annotated[
        list[str], typer.Option("--city", metavar="NAME|INSEE|SIREN", help="Commune or EPCI; may be repeated.")
    ],
    years: Annotated[
        list[int], typer.Option("--year", min=2000, max=2100, help="Year of the accounts; may be repeated.")
    ],
    dataset: Annotated[str, typer.Option(help="Identifier of another data set of balances.")] = "",
    endpoint: Annotated[str, typer.Option(help="Address of the Explore API.")] = fetch_accounts.ENDPOINT,
    contact: Annotated[str, typer.Option(help="Your address, for the operators of the service.")] = "",
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask again, even if an answer is kept.")] = False,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds to wait for an answer.")] = 120,
    out: Out = None,
    lang: Lang = "fr",
) -> None:
    """The balance of accounts (DGFiP) of collectivities: a request a year, its answer kept, then imported.

    From 2018 on with the functions, unless --dataset names a data set without them; before 2018 without functions: such
    a balance gives totals only, and nothing is known of function 04.
    """
    tables = data.load_tables()
    language = Language.of(lang, tables)
    everyone = collectivities.directory(tables)
    chosen = dict.fromkeys(collectivities.find(everyone, name) for name in cities)
    folder = out or folders.accounts_folder()
    answers, failures = [], []
    for city in chosen:
        for year in dict.fromkeys(years):
            try:
                answers.append(
                    fetch_accounts.fetch(
                        folder / ANSWERS,
                        city,
                        year,
                        dataset=dataset,
                        endpoint=endpoint,
                        contact=contact,
                        timeout=timeout,
                        refresh=refresh,
                    )
                )
            except UserError as error:
                failures.append(str(error))
    complete = not answers or _import(answers, {}, folder, language)
    if failures:
        raise UserError("\n".join(failures))
    if not complete:
        raise typer.Exit(1)


def _import(paths: Sequence[Path], mapping: Mapping[str, str], folder: Path, language: Language) -> bool:
    """Read, merge, write and print the report; return whether no file was refused."""
    if folder.resolve() == folders.data_folder().resolve():
        raise UserError(f"{folder} holds the kit's own tables: choose another folder")
    files = list(account_file.read(paths, mapping))
    with account_folder.locked(folder):
        merged = account_folder.merge(account_folder.load(folder), files)
        report = account_report.build(files, merged, data.load_tables(), language)
        account_folder.write(folder, account_folder.texts(merged.tables) | account_report.texts(report, language))
    console.print(account_report.summary(report, language), markup=False, highlight=False, soft_wrap=True)
    written = language.text("account_import.written", folder=folder)
    console.print(written, markup=False, highlight=False, soft_wrap=True)
    return not any(file.refused for file in files)
