"""Whether the results of a wave hold: bounds, shares weighted by size, the change seen in other ways."""

from dataclasses import dataclass

import pandas as pd
from IPython.display import HTML

from citydiplo.captions import Caption, tabulate
from citydiplo.exhibits.wave_tables import folded, scope
from citydiplo.sections import note
from citydiplo.survey import disclosure, estimates
from citydiplo.survey.estimates import Poststratified
from citydiplo.survey.questionnaire import Question
from citydiplo.wave_report import WaveReport

VIEWS = {
    "all": "wave.view_all",
    "poststratified": "wave.view_poststratified",
    "panel": "wave.view_panel",
}


@dataclass(frozen=True)
class _Seen:
    """A question and what is reckoned of it.

    Attributes
    ----------
    wave : WaveReport
    question : Question
    weighted : Poststratified or None
        None where nothing stands for the communes, or for the EPCI.
    """

    wave: WaveReport
    question: Question
    weighted: Poststratified | None


def views(wave: WaveReport, question_id: str) -> HTML:
    """One question, folded away: each answer whatever the silent would say, weighted by size, and how it changed."""
    t, question = wave.language.text, wave.asked[question_id]
    summary = t("wave.views")
    if question.asked_if is not None:
        return folded(summary, [note(t("wave.conditional"))])
    seen = _Seen(wave, question, _weighted(wave, question))
    table = wave.published.tables[question_id]
    rows = pd.DataFrame([_row(seen, row) for _, row in table.iterrows()])
    caption = Caption(_reading(seen, table), _scope(seen, table, rows), wave.cite_beside(question.feeds))
    notes = [note(said) for said in _notes(seen)]
    return folded(summary, [tabulate(rows, wave.wording(question), caption, wave.language), *notes])


def _weighted(wave: WaveReport, question: Question) -> Poststratified | None:
    try:
        return estimates.poststratified(wave.answers, question, wave.members, wave.level)
    except estimates.NoRespondentError:
        return None


def _row(seen: _Seen, row: pd.Series) -> dict[str, str]:
    t, category = seen.wave.language.text, row["category"]
    secret = t("wave.secret")
    bounds = secret if row["mark"] == "secret" else t("chance.from_to", low=int(row["least"]), high=int(row["most"]))
    shown = {t("wave.answer"): seen.wave.label(seen.question, category), t("wave.bounds"): bounds}
    if seen.weighted:
        found = seen.weighted.table.set_index("category").loc[category]
        # Sums over the strata: shown where the tables by stratum show all that is added up.
        told = all(seen.wave.shows(seen.question, category, by) for by in ("commune_stratum", "epci_stratum"))
        share = t("percent", value=round(100 * found["share"]))
        weighted = t("wave.cell", cell=share, low=int(found["low"]), high=int(found["high"]))
        shown[t("wave.weighted")] = weighted if told else secret
    for view in seen.wave.views(seen.question):
        shown[t(VIEWS[view])] = _change(seen, category, view)
    return shown


def _change(seen: _Seen, category: str, view: str) -> str:
    """Whether an answer changed, and by how much.

    The panel tells what those who answered twice said, which no published table does: of a question that is not open,
    the verdict alone.
    """
    wave, t = seen.wave, seen.wave.language.text
    compared = wave.compared[wave.compared["question_id"] == seen.question.id]
    if category not in set(compared["category"]):  # « no », where « yes » tells all
        return ""
    said = wave.change(seen.question, category, view)
    if said is None:
        return t("wave.secret")
    verdict = wave.language.label("wave_verdict", said["family_verdict"])
    if pd.isna(said["low"]) or (view == "panel" and seen.question.confidentiality != "open"):
        return verdict
    least, most, low, high = (_points(said[end]) for end in ("least", "most", "family_low", "family_high"))
    points = least if least == most else t("chance.from_to", low=least, high=most)
    return t("wave.points", verdict=verdict, points=points, low=low, high=high)


def _points(share: float) -> str:
    """A difference of shares in points, with its sign."""
    return f"{round(100 * share):+d}".replace("+0", "0").replace("-", "\N{MINUS SIGN}")


def _reading(seen: _Seen, table: pd.DataFrame) -> str:
    t = seen.wave.language.text
    known = table[(table["mark"] == "shown") & table["share"].notna()]
    said = []
    if len(known):
        row = known.iloc[0]
        label = seen.wave.label(seen.question, row["category"])
        bounds = {name: int(row[name]) for name in ("least", "most", "population")}
        said.append(t("wave.views_bounds", label=label, **bounds))
    if seen.weighted:
        said.append(t("wave.views_weighted"))
    if seen.wave.views(seen.question):
        said.append(t("wave.views_points"))
    return " ".join(said)


def _scope(seen: _Seen, table: pd.DataFrame, rows: pd.DataFrame) -> str:
    """Of whom the table tells; the design effect of the weights, the same for all answers; what is withheld."""
    wave, said = seen.wave, [scope(seen.wave, seen.question, table)]
    if seen.weighted:
        effect = wave.language.number(float(seen.weighted.table["design_effect"].iloc[0]), decimals=2)
        said.append(wave.language.text("wave.design_effect", effect=effect))
    if (table["mark"] == "shown").all() and (rows == wave.language.text("wave.secret")).any(axis=None):
        said.append(disclosure.note(wave.published, wave.language))
    return " ".join(said)


def _notes(seen: _Seen) -> list[str]:
    """Why a column is missing, or nobody can tell."""
    wave, t = seen.wave, seen.wave.language.text
    rows = wave.compared[wave.compared["question_id"] == seen.question.id]
    said = [] if seen.weighted else [t("wave.not_weighted", reason=wave.language.label("wave_reason", "no_answer"))]
    if rows.empty:
        return [*said, t("wave.not_asked_before")]
    reasons = rows["reason"].dropna().drop_duplicates()
    verdict = wave.language.label("wave_verdict", "cannot_tell")
    return said + [
        t("wave.why_not", verdict=verdict, reason=wave.language.label("wave_reason", reason))
        for reason in reasons
        if reason != "interval"
    ]
