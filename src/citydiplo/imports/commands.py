"""The commands ``citydiplo import …`` and ``citydiplo fetch …``."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console

from citydiplo import data, places
from citydiplo.errors import UserError
from citydiplo.imports import account_commands, output, tables, wikidata
from citydiplo.imports import fetch as wikidata_query
from citydiplo.imports import pairs as two_places
from citydiplo.language import Language
from citydiplo.reconcile import reconcile
from citydiplo.schemas import DATE, SLUG

Reader = Callable[[str, pd.DataFrame, Mapping[str, str]], pd.DataFrame]

File = Annotated[Path, typer.Argument(help="CSV, TSV or JSON file, in UTF-8.", show_default=False)]
Columns = Annotated[
    list[str], typer.Option("--map", metavar="COLUMN=FIELD", help="Which column is which field; may be repeated.")
]
Source = Annotated[str, typer.Option(help="The source_id of the rows.")]
AsOf = Annotated[str, typer.Option(help="Date of the file: YYYY, YYYY-MM or YYYY-MM-DD.")]
Out = Annotated[Path | None, typer.Option(help="Folder to write into; default: imported/SOURCE.", show_default=False)]
Lang = Annotated[str, typer.Option(help="Language of the report: fr or en.")]

import_app = typer.Typer(no_args_is_help=True, help="Read links abroad, or accounts, from files of another origin.")
fetch_app = typer.Typer(
    no_args_is_help=True, help="Ask a public service for links abroad, or accounts (needs the network)."
)
app = typer.Typer()
app.add_typer(import_app, name="import")
app.add_typer(fetch_app, name="fetch")
account_commands.register(import_app, fetch_app)

console = Console()


@import_app.command("wikidata")
def import_wikidata(
    file: File,
    columns: Columns = [],  # noqa: B006
    source: Source = "wikidata",
    as_of: AsOf = "",
    out: Out = None,
    lang: Lang = "fr",
) -> None:
    """Results of the Wikidata Query Service on twin towns (property P190), or a table with such columns."""
    _import(file, wikidata.pairs, columns, source, as_of, out, lang)


@import_app.command("pairs")
def import_pairs(
    file: File,
    columns: Columns = [],  # noqa: B006
    source: Source = "",
    as_of: AsOf = "",
    out: Out = None,
    lang: Lang = "fr",
) -> None:
    """Any table with two places a row; fields: origin, partner, kind, start, end… (a wrong one lists them all)."""
    _import(file, _usual_pairs, columns, source, as_of, out, lang)


@fetch_app.command("wikidata")
def fetch_wikidata(
    endpoint: Annotated[str, typer.Option(help="Address of the SPARQL service.")] = wikidata_query.ENDPOINT,
    contact: Annotated[str, typer.Option(help="Your address, for the operators of the service.")] = "",
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask again, even if an answer is kept.")] = False,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds to wait for an answer.")] = 120,
    out: Out = None,
    lang: Lang = "fr",
) -> None:
    """The twinnings of all French collectivities in Wikidata: one request, its answer kept, then imported."""
    folder = out or data.IMPORTED / "wikidata"
    answer = wikidata_query.fetch(folder, endpoint=endpoint, contact=contact, timeout=timeout, refresh=refresh)
    _import(answer, wikidata.pairs, [], "wikidata", answer.stem[-len("YYYY-MM-DD") :], folder, lang)


def _usual_pairs(file: str, frame: pd.DataFrame, mapping: Mapping[str, str]) -> pd.DataFrame:
    return two_places.fields(file, frame, mapping, two_places.USUAL_NAMES)


def _import(
    file: Path, reader: Reader, columns: list[str], source: str, as_of: str, out: Path | None, lang: str
) -> None:
    """Read, reconcile, write, and print the report."""
    known = data.load_tables()
    language = Language.of(lang, known)
    mapping = two_places.parse_mapping(columns)
    if source and not re.match(SLUG, source):
        raise UserError(f"« {source} » cannot be a source_id: small letters, digits and hyphens")
    if as_of and not re.match(DATE, as_of):
        raise UserError(f"« {as_of} » is not a date: expected YYYY, YYYY-MM or YYYY-MM-DD")
    frame = tables.read(file)
    told = reader(file.name, frame, mapping)
    if not source and told["source_id"].isna().all():
        raise UserError("where do these rows come from? give --source, an identifier of sources.csv")
    told["as_of"] = told["as_of"].fillna(as_of) if as_of else told["as_of"]
    result = reconcile(told, known, data.load_boundaries("50m"), places.gazetteer(), source or None)
    folder = out or data.IMPORTED / (source or re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-") or "pairs")
    text = output.report(result, file.name, language, known["sources"]["source_id"])
    output.write(folder, result, frame, text, language)
    console.print(text, markup=False, highlight=False, soft_wrap=True)
    console.print(language.text("imports.written", folder=folder), markup=False, highlight=False, soft_wrap=True)
