"""What an import of answers says of itself: the files of the wave, and the page that lists every problem."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import pandas as pd

from citydiplo.captions import Caption
from citydiplo.html import render
from citydiplo.language import Language
from citydiplo.spreadsheet import to_csv
from citydiplo.survey import answer_schema
from citydiplo.survey.decisions import Wave
from citydiplo.survey.questionnaire import Questionnaire

# In the reader's words, a cell is cut there.
LONGEST_SHOWN = 200


@dataclass(frozen=True)
class Counts:
    """How many answers were received and what became of them.

    Attributes
    ----------
    received, kept, complete, refused, problems : int
    """

    received: int
    kept: int
    complete: int
    refused: int
    problems: int


def counts(wave: Wave) -> Counts:
    """Count the answers of a wave."""
    kept, refused = len(wave.answers), len(wave.refused)
    return Counts(kept + refused, kept, int(wave.answers["complete"].sum()), refused, len(wave.problems))


def files(wave: Wave, name: str, questionnaire: Questionnaire, language: Language) -> dict[str, str]:
    """The texts of the files of a wave, by name."""
    problems = explained(wave.problems, questionnaire, language)
    refused = wave.refused.copy()
    explanation = refused["reason"].map(lambda rule: language.label("answer_rule", rule))
    refused.insert(refused.columns.get_loc("reason") + 1, "explanation", explanation)
    return {
        "answers.csv": to_csv(answer_schema.to_text(wave.answers, questionnaire), ","),
        "refused.csv": to_csv(refused, ";"),
        "problems.csv": to_csv(problems, ";"),
        "log.csv": to_csv(wave.log, ";"),
        "members.csv": to_csv(wave.members, ","),
        "problems.html": page(wave, name, problems, language),
    }


def explained(problems: pd.DataFrame, questionnaire: Questionnaire, language: Language) -> pd.DataFrame:
    """The problems in words: what is wrong and what was expected (``explanation``), what was done (``done``).

    Where an answer is not in the list, ``detail`` gives the list; where there are several answers, the one kept.
    """
    lists = {
        question.id: "; ".join(
            choice.label_fr if language.code == "fr" else choice.label_en for choice in question.choices
        )
        for question in questionnaire
        if question.choices
    }
    not_in_list = problems["problem"] == "not_in_list"
    other = problems["detail"].where(problems["problem"] == "several_answers").dropna()
    other = other.map(lambda answer: language.text("answers.kept_instead", answer=answer))
    words = {code: language.label("answer_problem", code) for code in problems["problem"].unique()}
    done = {code: language.label("answer_rule", code) for code in problems["rule"].unique()}
    columns = ["file", "row", "column", "question_id", "cell", "problem", "explanation", "detail", "rule", "done"]
    return problems.assign(
        explanation=problems["problem"].map(words),
        detail=problems["detail"]
        .mask(not_in_list, problems["question_id"].map(lists))
        .mask(problems.index.isin(other.index), other.reindex(problems.index)),
        done=problems["rule"].map(done),
    )[columns]


def summary(wave: Wave, name: str, language: Language) -> str:
    """The counts in a few lines, for the command line."""
    found = counts(wave)
    lines = [
        language.text(
            "answers.summary",
            wave=name,
            received=found.received,
            kept=found.kept,
            complete=found.complete,
            refused=found.refused,
        ),
        *(f"  {count:>6}  {label}" for label, count in _refusals(wave, language)),
        language.text("answers.problems", count=found.problems),
    ]
    return "\n".join(lines)


def _refusals(wave: Wave, language: Language) -> list[tuple[str, int]]:
    totals = wave.refused["reason"].value_counts().sort_index()
    return [(language.label("answer_rule", rule), int(count)) for rule, count in totals.items()]


def page(wave: Wave, name: str, problems: pd.DataFrame, language: Language) -> str:
    """The page that lists every problem, for those who have to mend them."""
    found = counts(wave)
    sources = wave.log.loc[wave.log["rule"] == "raw_file", ["file", "before", "after"]]
    told = sources["after"].str.partition(", ")
    sources["after"] = told[0].map(lambda name: language.label("answer_format", name)) + ", " + told[2]
    kinds = problems["explanation"].value_counts().sort_values(ascending=False, kind="stable")
    shown = problems.fillna({"row": 0}).astype({"row": "int"}).fillna("")
    shown["cell"] = shown["cell"].map(_cut)
    return render(
        "problems.html.j2",
        wave=name,
        counts=found,
        refusals=_refusals(wave, language),
        kinds=list(kinds.items()),
        rows=shown.to_dict("records"),
        sources=sources.to_dict("records"),
        caption=_caption(found, sources["file"].tolist(), name, language),
        problems_caption=_problems_caption(shown, found, sources["file"].tolist(), name, language),
        css=resources.files("citydiplo").joinpath("templates", "style.css").read_text(encoding="utf-8"),
        language=language,
    ).data


def _cut(cell: str) -> str:
    return cell if len(cell) <= LONGEST_SHOWN else f"{cell[:LONGEST_SHOWN]}…"


def _caption(found: Counts, sources: Sequence[str], name: str, language: Language) -> Caption:
    return Caption(
        language.text("answers.counts_reading", received=found.received, kept=found.kept),
        language.text("answers.counts_scope", wave=name),
        ", ".join(sources),
    )


def _problems_caption(
    shown: pd.DataFrame, found: Counts, sources: Sequence[str], name: str, language: Language
) -> Caption:
    first = shown.iloc[0] if len(shown) else None
    reading = language.text("answers.no_problem")
    if first is not None:
        reading = language.text(
            "answers.problems_reading",
            row=str(first["row"]),
            file=first["file"],
            explanation=first["explanation"],
            done=first["done"],
        )
    return Caption(
        reading, language.text("answers.problems_scope", count=found.problems, wave=name), ", ".join(sources)
    )
