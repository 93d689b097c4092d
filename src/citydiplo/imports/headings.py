"""Which question or answer a heading of an export names: its identifier, or its wording in French or English."""

from citydiplo.collectivities import fold
from citydiplo.survey.questionnaire import Questionnaire


class Headings:
    """The names of the questions and of their answers.

    Parameters
    ----------
    questionnaire : Questionnaire
    """

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.ids = {question.id: question.id for question in questionnaire}
        self.wordings = {
            fold(wording): question.id
            for question in questionnaire
            for wording in (question.wording_en, question.wording_fr)
        }
        self.choices = {
            question.id: {
                fold(word): choice.code
                for choice in question.choices
                for word in (choice.label_en, choice.label_fr, choice.code)
            }
            for question in questionnaire
            if question.type == "multiple"
        }

    def question(self, heading: str) -> str | None:
        """The question_id of a heading; None if it is none."""
        return self.ids.get(heading.strip()) or self.wordings.get(fold(heading))

    def choice(self, question_id: str, heading: str) -> str | None:
        """The code of an answer to a multiple choice; None if it is none."""
        return self.choices.get(question_id, {}).get(fold(heading))
