"""A file of answers of any origin → its columns understood: KoboToolbox, LimeSurvey, or a table with a mapping."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from citydiplo.errors import DataError, Problem
from citydiplo.imports import kobo, limesurvey, mapped, sheets, tables
from citydiplo.survey.questionnaire import Questionnaire
from citydiplo.survey.respondents import Reference
from citydiplo.survey.responses import META, Column, Export

# A respondent is identified by one of these.
IDENTITY = ("collectivity_code", "collectivity_name")

# Headings of a list of members.
CODES, NAMES = ("code", "insee", "siren", "code_insee", IDENTITY[0]), ("name", "nom", "collectivite", IDENTITY[1])
USUAL = dict.fromkeys(CODES, IDENTITY[0]) | dict.fromkeys(NAMES, IDENTITY[1])


def read(path: Path, name: str, questionnaire: Questionnaire, mapping: Path | None = None) -> Export:
    """Read a file of answers.

    Parameters
    ----------
    path : Path
    name : str
        What to call the file in reports.
    questionnaire : Questionnaire
    mapping : Path, optional
        Which column is which question: see `citydiplo.imports.mapped`. Without it, the headings must be those of
        KoboToolbox or LimeSurvey, or the identifiers or wordings of the questions.

    Raises
    ------
    DataError
        If the file or the mapping cannot be read, if two columns hold one answer, or if no column identifies the
        respondents.
    """
    frame, read_as = sheets.read(path)
    words: dict[str, dict[str, str]] = {}
    if mapping is not None:
        columns, words = mapped.columns(mapping.name, frame, mapped.read(mapping), questionnaire)
        origin = "mapped"
    else:
        of_kobo, of_lime = kobo.columns(frame, questionnaire), limesurvey.columns(frame, questionnaire)
        # A heading that both know decides nothing; those that only one knows do.
        origin, columns = ("kobotoolbox", of_kobo) if len(of_kobo) >= len(of_lime) else ("limesurvey", of_lime)
        words = limesurvey.words(questionnaire) if origin == "limesurvey" else {}
    _check(path.name, frame, columns)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return Export(name, sha256, origin, read_as, frame, tuple(columns), words)


def _check(file: str, frame: pd.DataFrame, columns: Sequence[Column]) -> None:
    targets = {column.target for column in columns}
    if targets.isdisjoint(IDENTITY) or not targets - {"", *META, *IDENTITY}:
        expected = (
            f"a column {' or '.join(IDENTITY)} and at least one more question, named as KoboToolbox or LimeSurvey do; "
            "else say with --map which column is which question"
        )
        raise DataError([Problem(file, 1, None, f"the columns {', '.join(frame.columns)[:400]}", expected)])
    first: dict[tuple[str, str], str] = {}
    problems = []
    for column in columns:
        held = (column.target, column.choice)
        if column.target and held in first:
            found = f"holds {' '.join(held).strip()}, which column {first[held]} holds too"
            problems.append(Problem(file, 1, column.name, found, "one column an answer"))
        first.setdefault(held, column.name)
    if problems:
        raise DataError(problems)


def read_frame(path: Path, reference: Reference) -> list[str]:
    """Read the list of those who were asked: a column of codes (INSEE or SIREN) or of names, or both.

    Parameters
    ----------
    path : Path
        A text with one collectivity a line, or a table with columns among `USUAL`.
    reference : Reference

    Returns
    -------
    list of str
        Their ids, sorted.

    Raises
    ------
    DataError
        Listing every line that is no commune and no EPCI, or several.
    """
    frame = _one_column(path)
    if frame is None:
        frame, _ = sheets.read(path)
    named = {name: USUAL.get(name.strip().lower(), name) for name in frame.columns}
    members = frame.rename(columns=named).reindex(columns=pd.Index(IDENTITY)).astype("str").fillna("")
    if members.eq("").all(axis=None):
        expected = f"a column {' or '.join(IDENTITY)}"
        raise DataError([Problem(path.name, 1, None, f"the columns {', '.join(frame.columns)[:200]}", expected)])
    found = {row: reference.match(*cells) for row, cells in zip(members.index, members.to_numpy(), strict=True)}
    problems = [
        Problem(path.name, row, None, f"{' '.join(members.loc[row])} ({match.detail or 'unknown'})", "one collectivity")
        for row, match in found.items()
        if not match.id
    ]
    if problems:
        raise DataError(problems)
    return sorted({match.id for match in found.values()})


def _one_column(path: Path) -> pd.DataFrame | None:
    """A text with one collectivity a line, under a heading or not; None if it is anything else."""
    content = path.read_bytes() if path.is_file() else b""
    lines = sheets.decode(content)[0].split("\n")
    if content.startswith((sheets.ZIP, sheets.OLE)) or any(separator in lines[0] for separator in tables.SEPARATORS):
        return None
    cells = pd.Series(lines, dtype="str", index=pd.RangeIndex(1, len(lines) + 1, name="row")).str.strip(' \r"')
    heading = USUAL.get(cells.iloc[0].lower())
    members = cells.iloc[1:] if heading else cells
    return members[members != ""].to_frame(heading or IDENTITY[0])
