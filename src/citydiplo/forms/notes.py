"""What every form says before its first question and after its last one."""

from citydiplo.forms.canonical import SHORT
from citydiplo.forms.plan import build, plan_hash
from citydiplo.language import Language
from citydiplo.survey.questionnaire import Questionnaire
from citydiplo.survey.suppression import THRESHOLD


def start_note(language: Language) -> str:
    """Who sees the answers, and what may be published of them."""
    return language.text("forms.start_note", smallest=THRESHOLD)


def end_note(questionnaire: Questionnaire, language: Language) -> str:
    """Thanks, and the analysis plan that was fixed before the survey, by the first signs of its SHA-256."""
    return language.text("forms.end_note", plan=plan_hash(build(questionnaire))[:SHORT])
