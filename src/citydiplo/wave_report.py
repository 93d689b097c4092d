"""One wave of the survey with the wave before, as far as both may be told: what the exhibits of a wave show."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from citydiplo import collectivities, data
from citydiplo.captions import source_line
from citydiplo.data import Tables
from citydiplo.errors import UserError
from citydiplo.forms import plan
from citydiplo.language import Language
from citydiplo.survey import (
    answer_schema,
    demonstration,
    disclosure,
    estimates,
    questionnaire,
    register,
    tabulation,
    waves,
)
from citydiplo.survey.disclosure import Published
from citydiplo.survey.questionnaire import Question, Questionnaire
from citydiplo.survey.samples import Answered, Printed

# The wave of which the study printed figures, and nobody published the answers.
PRINTED = "2021"


def require(wave: str, before: str) -> None:
    """Check that both waves can be read, and are two.

    Raises
    ------
    UserError
    """
    if before == wave:
        raise UserError(f"« {wave} » cannot be the wave before itself: name an earlier one with --before")
    if wave != demonstration.NAME:
        data.read_answers(wave)
    if before != PRINTED:
        data.read_answers(before)


@dataclass(frozen=True)
class WaveReport:
    """One wave, with what may be told of it.

    Attributes
    ----------
    name : str
        Of its folder in ``waves/``; `demonstration.NAME` for the synthetic respondents.
    answers : DataFrame
        See `citydiplo.survey.answer_schema`, with what is derived.
    asked : Questionnaire
        With the questions derived.
    members : DataFrame
        Rows of `collectivities.directory`: those to whom the questionnaire was sent.
    tables : dict
        From `data.load_tables`.
    language : Language
    level : float
        Confidence level.
    plan_hash : str
        Of the analysis plan, made from the questionnaire before anything is derived.
    before : WaveReport or None
        The wave before; None: the printed study.
    """

    name: str
    answers: pd.DataFrame
    asked: Questionnaire
    members: pd.DataFrame
    tables: Tables
    language: Language
    level: float
    plan_hash: str
    before: "WaveReport | None" = None

    @classmethod
    def load(cls, wave: str, lang: str, level: float, before: str = PRINTED) -> "WaveReport":
        """Load a wave that was imported, and the one to put beside it: `PRINTED`, or one imported too.

        Raises
        ------
        UserError
            If there is no such wave, or language, or if both waves are the same.
        DataError
            If answers do not follow the questionnaire.
        """
        require(wave, before)
        tables = data.load_tables()
        language = Language.of(lang, tables)
        earlier = None if before == PRINTED else cls._of(before, tables, language, level, None)
        return cls._of(wave, tables, language, level, earlier)

    @classmethod
    def _of(
        cls, wave: str, tables: Tables, language: Language, level: float, before: "WaveReport | None"
    ) -> "WaveReport":
        asked = questionnaire.load(tables)
        if wave == demonstration.NAME:
            respondents = tables["reconstructed_2021"]
            answers = demonstration.answers(respondents, asked)
            members = demonstration.members(respondents, tables["published_figures"])
        else:
            answers = answer_schema.typed(data.read_answers(wave), asked)
            members = collectivities.directory(tables).loc[data.read_members(wave)]
        return cls(
            wave,
            tabulation.derive(answers),
            tabulation.derived(asked, tables["labels"]),
            members,
            tables,
            language,
            level,
            plan.plan_hash(plan.build(asked)),
            before,
        )

    @cached_property
    def questions(self) -> list[Question]:
        """The questions that are counted."""
        return [question for question in self.asked if question.choices]

    @cached_property
    def published(self) -> Published:
        """Every table of the wave, by the id of its question, or that and the groups: published together."""
        tables = {}
        for question in self.questions:
            for by in (None, *tabulation.PLACES):
                table = (
                    tabulation.crossed(self.answers, question, by) if by else tabulation.counted(self.answers, question)
                )
                name = f"{question.id} {by}" if by else question.id
                tables[name] = estimates.with_intervals(table, question, self.members, self.level)
        return disclosure.publish(tables, self.questions)

    @property
    def answered(self) -> Answered:
        """The wave as it is compared."""
        return Answered(self.asked, self.answers, self.members)

    @cached_property
    def compared(self) -> pd.DataFrame:
        """Each answer beside the wave before (see `waves.compare`): not to be shown but through `change`."""
        first = self.before.answered if self.before else self._printed()
        return waves.compare(first, self.answered, self.level)

    def _printed(self) -> Printed:
        figures = register.of_wave(self.tables["published_figures"], self.tables["sources"], PRINTED)
        return Printed(figures, int(figures.set_index("figure_id").loc["members-all-2020", "value"]))

    def shows(self, question: Question, category: str, by: str = "") -> bool:
        """Whether the tables published show every count of an answer: of all respondents, or group by group."""
        table = self.published.tables[f"{question.id} {by}" if by else question.id]
        rows = table[table["category"] == category]
        return bool((rows["mark"] == "shown").all() and rows["base"].notna().all())

    def change(self, question: Question, category: str, view: str) -> pd.Series | None:
        """The row of `compared` of an answer; None if there is none, or if either wave withholds what it is made of."""
        by = "place_kind" if view == "poststratified" else ""
        both = [self, self.before] if self.before else [self]
        if not all(wave.shows(question, category, by) for wave in both):
            return None
        found = self._compared_by_answer.get((question.id, category, view))
        return None if found is None else self.compared.loc[found]

    @cached_property
    def _compared_by_answer(self) -> dict[tuple[str, str, str], int]:
        columns = self.compared[["question_id", "category", "view"]].itertuples()
        return {(row.question_id, row.category, row.view): row.Index for row in columns}

    def views(self, question: Question) -> list[str]:
        """How the question is compared with the wave before: codes of wave_view; none if it was not asked then."""
        rows = self.compared[self.compared["question_id"] == question.id]
        return rows["view"].drop_duplicates().tolist()

    def shares_before(self, question: Question, category: str) -> tuple[float, ...]:
        """The shares that an answer may have had in the wave before, in per cent; none if it does not show any."""
        if self.before:
            table = self.before.published.tables[question.id].set_index("category")
            share = table.loc[category, "share"]
            return () if pd.isna(share) else (100 * float(share),)
        found = self._compared_by_answer.get((question.id, category, "all"))
        if found is None or pd.isna(self.compared.loc[found, "first_base"]):
            return ()
        printed = self.compared.loc[found]
        return tuple(100 * count / printed["first_base"] for count in printed["first_counts"])

    @property
    def answered_twice(self) -> int:
        """The collectivities that answered this wave and the one before, where that is known."""
        ids = self.answers["collectivity_id"]
        return int(ids.isin(self.before.answers["collectivity_id"]).sum()) if self.before else 0

    def label(self, question: Question, code: str) -> str:
        """The words of an answer."""
        choice = next(choice for choice in question.choices if choice.code == code)
        return self.language.typeset(choice.label_fr if self.language.code == "fr" else choice.label_en)

    def wording(self, question: Question) -> str:
        """The words of a question."""
        return self.language.typeset(question.wording_fr if self.language.code == "fr" else question.wording_en)

    @property
    def synthetic(self) -> bool:
        """Whether nobody gave these answers."""
        return self.name == demonstration.NAME

    @property
    def label_of_wave(self) -> str:
        """What the wave is called in charts."""
        return self.language.text("wave.synthetic") if self.synthetic else self.name

    @property
    def label_of_before(self) -> str:
        """What the wave before is called in charts."""
        return self.before.label_of_wave if self.before else PRINTED

    def cite(self, *frames: pd.DataFrame) -> str:
        """The wave itself, then the sources of the rows shown beside it."""
        key = "wave.synthetic_source" if self.synthetic else "wave.source"
        own = self.language.text(key, wave=self.name)
        return self.language.text("separator").join(
            [own, *(source_line(self.language, self.tables["sources"], f) for f in frames if len(f))]
        )

    def cite_beside(self, topic: str | None) -> str:
        """The wave itself, then the wave before: its answers, or the figures printed on a topic."""
        if self.before:
            return self.language.text("separator").join([self.cite(), self.before.cite()])
        figures = self.tables["published_figures"]
        return self.cite(figures[figures["topic"] == topic])
