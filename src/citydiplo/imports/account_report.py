"""What an import of accounts says of itself: a few lines for the command line, a page, and the rows refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from citydiplo.captions import MOST_SOURCES, Caption, tabulate
from citydiplo.data import Tables
from citydiplo.forms.pages import page as fill
from citydiplo.imports import account_names
from citydiplo.imports.account_document import Reading
from citydiplo.imports.account_file import AccountFile
from citydiplo.imports.account_folder import Merged
from citydiplo.language import Language
from citydiplo.spreadsheet import to_csv

PAGE, REFUSED = "report.html", "refused.csv"

# A national file has thousands of documents: the command line shows some, the page more, the tables all.
MOST_PRINTED, MOST_SHOWN = 20, 500

DOCUMENT = ["siren", "siret", "year", "document_kind", "decided"]
COUNTS = ["lines", "totals", "beneficiaries"]
PROBLEM = ["file", "row", "column", "found", "expected"]


@dataclass(frozen=True)
class Report:
    """What became of the files of a call.

    Attributes
    ----------
    files : sequence of AccountFile
    documents : DataFrame
        From `documents`.
    remarks : list of (file, sentence)
        What was kept and is worth a look, in the reader's language.
    problems : DataFrame
        file, row, column, found and expected of all that was refused.
    """

    files: Sequence[AccountFile]
    documents: pd.DataFrame
    remarks: list[tuple[str, str]]
    problems: pd.DataFrame


def documents(reading: Reading) -> pd.DataFrame:
    """The documents of a file.

    Returns
    -------
    DataFrame
        siren, siret, year, document_kind, decided, budget, name, by_function (whether its lines have functions: yes,
        no), and how many lines of function 04, totals and beneficiaries it has.
    """
    totals = reading.account_totals.assign(totals=1)
    of_subsidies = totals[[*DOCUMENT, "budget"]].drop_duplicates(DOCUMENT)
    subsidies = reading.subsidies.assign(beneficiaries=1).merge(of_subsidies, on=DOCUMENT, how="left")
    subsidies["budget"] = subsidies["budget"].astype("str").fillna("main")
    rows = pd.concat([totals, reading.accounts.assign(lines=1, by_function="yes"), subsidies], ignore_index=True)
    rows = rows.reindex(columns=pd.Index([*DOCUMENT, "budget", "name", "by_function", *COUNTS]))
    by_document = rows.groupby([*DOCUMENT, "budget"], dropna=False, sort=False)
    found = by_document.agg({"name": "first", "by_function": "first"} | dict.fromkeys(COUNTS, "sum")).reset_index()
    return found.astype(dict.fromkeys(COUNTS, "int64"))


def build(files: Sequence[AccountFile], merged: Merged, tables: Tables, language: Language) -> Report:
    """Put together what the files gave and what the merge did.

    Parameters
    ----------
    files : sequence of AccountFile
    merged : Merged
    tables : dict
        communes and epci.
    language : Language
    """
    found = [documents(file.reading).assign(file=file.name) for file in files]
    problems = [
        (problem.file, problem.row, problem.column, problem.found, problem.expected)
        for file in files
        for problem in file.reading.problems
    ]
    refused = pd.DataFrame(problems, columns=PROBLEM).astype({"row": "Int64"})
    names = account_names.reference(tables)
    remarks = [remark for file in files for remark in _remarks(file, merged, names, language)]
    return Report(files, pd.concat(found or [documents(Reading()).assign(file="")]), remarks, refused)


def _remarks(file: AccountFile, merged: Merged, names: pd.Series, language: Language) -> Iterator[tuple[str, str]]:
    """What is worth telling of a file that was read."""
    if file.twin:
        yield file.name, language.text("account_import.twin", other=file.twin)
    for locator, sentence in file.reading.notes:
        yield file.name, f"{locator}{language.text('colon')}{sentence}" if locator else sentence
    for row in merged.replaced[merged.replaced["by"] == file.name].itertuples():
        title = _title(row, language)
        yield file.name, language.text("account_import.replaced", document=title, source=row.source)
    for row in merged.held[merged.held["source"] == file.name].itertuples():
        yield file.name, language.text("account_import.held", document=_title(row, language), source=row.by)
    unknown, disagreeing = account_names.compare(documents(file.reading), names)
    if len(unknown):
        named = [f"{row.name} ({row.siren})" for row in unknown.head(MOST_PRINTED).itertuples()]
        beyond = len(unknown) - len(named)
        more = [language.text("account_import.more", count=beyond)] if beyond else []
        yield file.name, language.text("account_import.unknown_siren", names=", ".join([*named, *more]))
    for row in disagreeing.itertuples():
        both = {"name": row.name, "reference": row.reference}
        yield file.name, language.text("account_import.other_name", siren=row.siren, **both)


def _title(row: object, language: Language) -> str:
    """A document in words: whose, of which year, of which kind."""
    parts = {name: getattr(row, name) for name in ("name", "siren", "year", "document_kind", "budget")}
    labels = (("account_document", parts["document_kind"]), ("account_budget", parts["budget"]))
    kind, budget = (label[0].lower() + label[1:] for label in (language.label(*code) for code in labels))
    return f"{parts['name']} ({parts['siren']}), {parts['year']}, {kind}, {budget}"


def _lines(row: object, language: Language) -> str:
    """How many lines of function 04 a document has, if that can be known."""
    if getattr(row, "by_function", None) == "no":
        return language.text("account_import.no_functions")
    return language.number(int(getattr(row, "lines", 0)))


def summary(report: Report, language: Language) -> str:
    """What was read, kept and refused, in lines for the command line."""
    lines = []
    for file in report.files:
        outcome = _outcome(file, language)
        lines.append(f"{file.name}{language.text('colon')}{outcome}")
        found = report.documents[report.documents["file"] == file.name]
        told = [
            language.text(
                "account_import.document",
                document=_title(row, language),
                lines=_lines(row, language),
                totals=int(row.totals),
                beneficiaries=int(row.beneficiaries),
            )
            for row in found.head(MOST_PRINTED + 1).itertuples()
        ]
        lines += _some(told, len(found), language)
        problems = [str(problem) for problem in file.reading.problems]
        lines += _some([f"✗ {problem}" for problem in problems], len(problems), language)
        remarks = [sentence for name, sentence in report.remarks if name == file.name]
        lines += _some([f"! {remark}" for remark in remarks], len(remarks), language)
    return "\n".join([*lines, "", _totals(report, language)])


def _some(lines: list[str], count: int, language: Language) -> list[str]:
    """The first lines, and how many there are beyond."""
    shown = [f"  {line}" for line in lines[:MOST_PRINTED]]
    beyond = count - len(shown)
    return [*shown, f"  {language.text('account_import.more', count=beyond)}"] if beyond else shown


def _outcome(file: AccountFile, language: Language) -> str:
    """The format of a file, or what became of it."""
    if file.refused:
        return language.text("account_import.refused_file")
    if file.twin:
        return language.text("account_import.read_before")
    return language.label("account_format", file.format or "")


def _totals(report: Report, language: Language) -> str:
    return language.text(
        "account_import.summary",
        files=len(report.files),
        refused=sum(file.refused for file in report.files),
        documents=len(report.documents),
        lines=int(report.documents["lines"].sum()),
        problems=len(report.problems),
        remarks=len(report.remarks),
    )


def texts(report: Report, language: Language) -> dict[str, str]:
    """The files of a report, by name: the page, and the rows refused."""
    return {PAGE: page(report, language), REFUSED: to_csv(report.problems, ";")}


def page(report: Report, language: Language) -> str:
    """The page that says what was read, what was refused and why, and what is worth a look."""
    t = language.text
    read = pd.DataFrame(
        [
            (
                row.file,
                f"{row.name} ({row.siren})",
                str(row.year),
                language.label("account_document", row.document_kind),
                language.label("account_budget", row.budget),
                _lines(row, language),
                row.totals,
                row.beneficiaries,
            )
            for row in report.documents.head(MOST_SHOWN).itertuples()
        ],
        columns=[
            t("answers.file"),
            t("account_import.collectivity"),
            t("account_import.year"),
            t("account_import.kind"),
            t("account_import.budget"),
            t("account_import.lines"),
            t("account_import.totals"),
            t("account_import.beneficiaries"),
        ],
    )
    refused = report.problems.head(MOST_SHOWN).rename(
        columns={
            "file": t("answers.file"),
            "row": t("answers.row"),
            "column": t("answers.column"),
            "found": t("account_import.found"),
            "expected": t("account_import.expected"),
        }
    )
    remarks = pd.DataFrame(report.remarks[:MOST_SHOWN], columns=[t("answers.file"), t("account_import.remark")])
    tables = [
        ("account_import.read", read, t("account_import.read_reading"), len(report.documents)),
        ("account_import.refused", refused, t("account_import.refused_reading"), len(report.problems)),
        ("account_import.remarks", remarks, t("account_import.remarks_reading"), len(report.remarks)),
    ]
    return fill(
        "account_import.html.j2",
        "style.css",
        language,
        summary=_totals(report, language),
        tables=[
            tabulate(frame, t(title), _caption(report, reading, len(frame), count, language), language).data
            for title, frame, reading, count in tables
            if len(frame)
        ],
    )


def _caption(report: Report, reading: str, shown: int, count: int, language: Language) -> Caption:
    names = list(dict.fromkeys(file.name for file in report.files))
    beyond = len(names) - MOST_SOURCES
    more = [language.text("account_import.more", count=beyond)] if beyond > 0 else []
    scope = language.text("account_import.scope", shown=shown, count=count)
    return Caption(reading, scope, ", ".join([*names[:MOST_SOURCES], *more]))
