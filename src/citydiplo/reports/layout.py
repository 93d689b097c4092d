"""Where each file of a site is, in its folder."""

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

INDEX = {"fr": "index.html", "en": "index.en.html"}
RUN_PAGE = {"fr": "run.html", "en": "run.en.html"}
ACCESSIBILITY = {"fr": "accessibility.html", "en": "accessibility.en.html"}
CATALOGUE, SPREADSHEET = "index.json", "summary.csv"


def around(languages: Sequence[str]) -> list[str]:
    """The files of a site beside its reports."""
    pages = (INDEX, RUN_PAGE, ACCESSIBILITY)
    return [CATALOGUE, SPREADSHEET, *(names[code] for names in pages for code in languages)]


def pdf_of(report: str) -> str:
    """Where the PDF of a report is, from where its page is."""
    return str(PurePosixPath(report).with_suffix(".pdf"))


def partial(report: str) -> str:
    """Where the notebook of a report that failed is, as far as it was executed, from where its page is."""
    return str(PurePosixPath("failed", report).with_suffix(".ipynb"))


def remove(folder: Path, reports: Iterable[str], files: Iterable[str]) -> int:
    """Remove reports and other files that were of a site and no longer are; return how many reports there were.

    Nothing outside the folder is touched, whatever the names.
    """
    gone = [report for report in sorted(reports) if _inside(folder, report)]
    there = sum((folder / report).is_file() for report in gone)
    names = [name for report in gone for name in (report, pdf_of(report), partial(report))]
    for name in [*names, *(name for name in files if _inside(folder, name))]:
        (folder / name).unlink(missing_ok=True)
    return there


def _inside(folder: Path, name: str) -> bool:
    return (folder / name).resolve().is_relative_to(folder.resolve())
