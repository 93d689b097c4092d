"""The analysis plan for readers: the tables that will be made, and what each method is."""

import pandas as pd

from citydiplo.captions import Caption, source_line, tabulate
from citydiplo.data import Tables
from citydiplo.forms import wording
from citydiplo.forms.pages import page
from citydiplo.forms.plan import Plan, build, plan_hash
from citydiplo.language import Language
from citydiplo.survey.questionnaire import Questionnaire

METHODS = {
    "share": "plan.share",
    "share_of_cases": "plan.share_of_cases",
    "share_of_answers": "plan.share_of_answers",
    "interval": "plan.interval",
    "bounds": "plan.bounds",
    "mean": "plan.mean",
    "median": "plan.median",
    "quartiles": "plan.quartiles",
    "range": "plan.range",
    "grouped_median": "plan.grouped_median",
}
COMPARISONS = {"difference": "plan.difference", "side_by_side": "plan.side_by_side"}
DISCLOSURE = {"none": "plan.shown", "suppress": "plan.suppress"}
# Each has a longer text that explains it, named with _means.
MEANINGS = {
    "plan.share": "plan.share_means",
    "plan.share_of_cases": "plan.share_of_cases_means",
    "plan.share_of_answers": "plan.share_of_answers_means",
    "plan.interval": "plan.interval_means",
    "plan.bounds": "plan.bounds_means",
    "plan.mean": "plan.mean_means",
    "plan.median": "plan.median_means",
    "plan.quartiles": "plan.quartiles_means",
    "plan.range": "plan.range_means",
    "plan.grouped_median": "plan.grouped_median_means",
    "plan.difference": "plan.difference_means",
    "plan.side_by_side": "plan.side_by_side_means",
    "plan.suppress": "plan.suppress_means",
    "plan.shown": "plan.shown_means",
}


def plan_page(questionnaire: Questionnaire, tables: Tables, language: Language) -> str:
    """The plan in one language, as a page."""
    plan = build(questionnaire)
    t = language.text
    values = {
        "level": round(100 * plan["level"]),
        "smallest": plan["disclosure"]["smallest_cell"],
        "wave": plan["reference_wave"],
    }
    return page(
        "plan.html.j2",
        "style.css",
        language,
        hash=plan_hash(plan),
        table=_table(plan, questionnaire, tables, language),
        meanings={t(name, **values): t(meaning, **values) for name, meaning in MEANINGS.items()},
        not_tabulated=[wording.wording(questionnaire[name], language) for name in plan["not_tabulated"]],
    )


def _table(plan: Plan, questionnaire: Questionnaire, tables: Tables, language: Language) -> str:
    """One row a table of the plan."""
    t, label = language.text, language.label
    entries = plan["tables"]
    frame = pd.DataFrame(
        {
            t("plan.topic"): [
                label("figure_topic", entry["topic"]) if entry["topic"] else t("plan.new_topic") for entry in entries
            ],
            t("plan.question"): [wording.wording(questionnaire[entry["question"]], language) for entry in entries],
            t("plan.base"): [_base(entry, questionnaire, language) for entry in entries],
            t("plan.methods"): [", ".join(t(METHODS[method]) for method in entry["methods"]) for entry in entries],
            t("plan.comparison", wave=plan["reference_wave"]): [
                t(COMPARISONS[entry["comparison"]["method"]]) if entry["comparison"] else t("plan.no_comparison")
                for entry in entries
            ],
            t("plan.disclosure"): [t(DISCLOSURE[entry["disclosure"]]) for entry in entries],
        }
    )
    topic, question, base, methods, *_ = frame.iloc[0]
    asked = [questionnaire[entry["question"]] for entry in entries if entry["topic"]]
    cited = pd.DataFrame({"source_id": [question.source_id for question in asked], "locator": ""})
    caption = Caption(
        t("plan.reading", topic=topic, question=question, base=base, methods=methods),
        t("plan.scope", count=len(entries), published=len(asked)),
        source_line(language, tables["sources"], cited),
    )
    return str(tabulate(frame, t("plan.tables"), caption, language).data)


def _base(entry: Plan, questionnaire: Questionnaire, language: Language) -> str:
    question = questionnaire[entry["question"]]
    if question.base_label:
        return language.label("base_label", question.base_label)
    return language.text("plan.answered")
