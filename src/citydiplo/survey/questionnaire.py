"""
The questionnaire as the rest of the kit uses it: its questions in order, with their answers in both languages.

Forms, codebook, checks of the answers and tables are all made from this one object.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from citydiplo.data import Tables

CHOICES = ("single", "multiple")


@dataclass(frozen=True)
class Choice:
    """One answer that can be ticked.

    Attributes
    ----------
    code : str
    label_fr, label_en : str
    """

    code: str
    label_fr: str
    label_en: str


@dataclass(frozen=True)
class Condition:
    """Of whom a question is asked: those who gave one of some answers to another question.

    Attributes
    ----------
    question_id : str
    codes : tuple of str
    """

    question_id: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes
    ----------
    id, section, type : str
        Codes: see the table questionnaire. Types are single, multiple, integer, amount and text.
    wording_fr, wording_en, hint_fr, hint_en : str
        Hints may be empty.
    choices : tuple of Choice
        In the order of the form; empty but for single and multiple.
    list_name : str
        What the list of choices is called: the same for questions that share it; empty without choices.
    required : bool
    asked_if : Condition or None
        None: of everybody.
    feeds, base_label : str or None
        The topic of published_figures that it measures again, and whom the published shares count.
    confidentiality, origin : str
        Codes.
    source_id, locator : str
    derivation, derivation_fr : str
        May be empty.
    """

    id: str
    section: str
    type: str
    wording_fr: str
    wording_en: str
    hint_fr: str
    hint_en: str
    choices: tuple[Choice, ...]
    list_name: str
    required: bool
    asked_if: Condition | None
    feeds: str | None
    base_label: str | None
    confidentiality: str
    origin: str
    source_id: str
    locator: str
    derivation: str
    derivation_fr: str

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the choices."""
        return tuple(choice.code for choice in self.choices)


@dataclass(frozen=True)
class Questionnaire:
    """The questions in the order of asking.

    Attributes
    ----------
    questions : tuple of Question
    """

    questions: tuple[Question, ...]

    def __getitem__(self, question_id: str) -> Question:
        """The question of this id."""
        return next(question for question in self.questions if question.id == question_id)

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)

    def sections(self) -> dict[str, list[Question]]:
        """The questions of each section, in order."""
        found: dict[str, list[Question]] = {}
        for question in self.questions:
            found.setdefault(question.section, []).append(question)
        return found


def load(tables: Tables) -> Questionnaire:
    """Build the questionnaire from the tables questionnaire and labels.

    Raises
    ------
    ValueError
        If a choice has no vocabulary, or one that does not exist, or a code that its vocabulary lacks, or a question is
        asked after an answer that cannot have been given before it.
    """
    labels = tables["labels"]
    vocabularies = {
        name: {row.code: Choice(row.code, row.label_fr, row.label_en) for row in rows.itertuples()}
        for name, rows in labels.groupby("vocabulary")
    }
    questions: list[Question] = []
    for row in tables["questionnaire"].itertuples():
        choices = _choices(row, vocabularies)
        condition = _condition(row, {question.id: question for question in questions})
        questions.append(
            Question(
                id=row.question_id,
                section=row.section,
                type=row.type,
                wording_fr=row.wording_fr,
                wording_en=row.wording_en,
                hint_fr=_text(row.hint_fr),
                hint_en=_text(row.hint_en),
                choices=choices,
                list_name=(row.question_id if pd.notna(row.codes) else row.vocabulary) if choices else "",
                required=row.required == "yes",
                asked_if=condition,
                feeds=_text(row.feeds) or None,
                base_label=_text(row.base_label) or None,
                confidentiality=row.confidentiality,
                origin=row.origin,
                source_id=row.source_id,
                locator=row.locator,
                derivation=_text(row.derivation),
                derivation_fr=_text(row.derivation_fr),
            )
        )
    return Questionnaire(tuple(questions))


def _text(cell: object) -> str:
    return "" if pd.isna(cell) else str(cell)


def _choices(row: Any, vocabularies: dict[str, dict[str, Choice]]) -> tuple[Choice, ...]:
    if (row.type in CHOICES) != pd.notna(row.vocabulary):
        raise ValueError(f"{row.question_id}: a vocabulary goes with a choice, and only with one")
    if pd.isna(row.vocabulary):
        return ()
    if row.vocabulary not in vocabularies:
        raise ValueError(f"{row.question_id}: no vocabulary {row.vocabulary} in labels.csv")
    known = vocabularies[row.vocabulary]
    codes = list(known) if pd.isna(row.codes) else row.codes.split(";")
    if unknown := [code for code in codes if code not in known]:
        raise ValueError(f"{row.question_id}: {', '.join(unknown)} not in {row.vocabulary}")
    return tuple(known[code] for code in codes)


def _condition(row: Any, before: dict[str, Question]) -> Condition | None:
    if pd.isna(row.asked_if):
        return None
    question_id, _, codes = row.asked_if.partition("=")
    condition = Condition(question_id, tuple(codes.split("|")))
    asked = before.get(question_id)
    if asked is None or not set(condition.codes) <= set(asked.codes):
        raise ValueError(f"{row.question_id}: asked if {row.asked_if}, which no earlier question allows")
    return condition
