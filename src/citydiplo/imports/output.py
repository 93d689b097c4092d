"""Write what an import gave: the partnerships, the rows merged and set aside, and the report."""

import shutil
import tempfile
from pathlib import Path

import pandas as pd

from citydiplo.errors import UserError
from citydiplo.folders import data_folder
from citydiplo.language import Language
from citydiplo.reconcile import Reconciled
from citydiplo.spreadsheet import to_csv

# Columns before those of the file; a file of set-aside rows that is imported again has them already.
ACCOUNT = ["row", "reason", "explanation", "detail", "partnership_id"]


def account(result: Reconciled, frame: pd.DataFrame, outcome: str, language: Language) -> pd.DataFrame:
    """The rows of one outcome: what became of them and why, then their cells as they are in the file."""
    chosen = result.rows[result.rows["outcome"] == outcome].sort_index().rename_axis("row").reset_index()
    chosen["explanation"] = chosen["reason"].map(lambda reason: language.label("import_reason", reason))
    cells = frame.drop(columns=[name for name in frame.columns if name in ACCOUNT])
    return chosen[ACCOUNT].join(cells, on="row")


def report(result: Reconciled, file: str, language: Language, known_sources: pd.Series) -> str:
    """How many rows were kept, merged and set aside, and why."""
    totals = result.rows["outcome"].value_counts()
    kept, merged, aside = (int(totals.get(outcome, 0)) for outcome in ("kept", "merged", "set_aside"))
    rows = len(result.rows)
    lines = [language.text("imports.summary", file=file, rows=rows, kept=kept, merged=merged, aside=aside)]
    counts = result.rows.groupby(["outcome", "reason"]).size()
    for outcome in ("kept", "merged", "set_aside"):
        if outcome in totals:
            found = counts[outcome].sort_values(ascending=False, kind="stable")
            total = language.number(int(totals[outcome]))
            lines += ["", f"{language.label('import_outcome', outcome)}{language.text('colon')}{total}"]
            lines += [f"  {count:>6}  {language.label('import_reason', reason)}" for reason, count in found.items()]
    unknown = sorted(set(result.partnerships["source_id"]) - set(known_sources))
    if unknown:
        lines += ["", language.text("imports.unknown_source", sources=", ".join(unknown))]
    return "\n".join(lines) + "\n"


def write(folder: Path, result: Reconciled, frame: pd.DataFrame, text: str, language: Language) -> None:
    """Write ``partnerships.csv``, ``merged.csv``, ``set_aside.csv`` and ``report.txt``: all of them, or none.

    Raises
    ------
    UserError
        If ``folder`` is that of the kit's own tables.
    """
    if folder.resolve() == data_folder().resolve():
        raise UserError(f"{folder} holds the kit's own tables: choose another folder")
    files = {
        "partnerships.csv": to_csv(result.partnerships, ","),
        "merged.csv": to_csv(account(result, frame, "merged", language), ";"),
        "set_aside.csv": to_csv(account(result, frame, "set_aside", language), ";"),
        "report.txt": text,
    }
    folder.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".import-", dir=folder))
    try:
        for name, content in files.items():
            (draft / name).write_text(content, encoding="utf-8", newline="")
        for name in files:
            (draft / name).replace(folder / name)
    finally:
        shutil.rmtree(draft)
