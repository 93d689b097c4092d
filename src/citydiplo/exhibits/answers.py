"""Other answers to the survey: partners, assistance, citizens, needs."""

import pandas as pd
from IPython.display import HTML

from citydiplo.captions import Caption, tabulate
from citydiplo.exhibits.study import Study, bars, percents, shares
from citydiplo.survey.register import base_of


def partners(study: Study) -> HTML:
    """With whom the respondents work, with intervals."""
    chart = study.chart("partner")
    base = int(chart["base"].iloc[0])
    return shares(study, chart, study.language.text("answers.partners_scope", base=base, members=study.members))


def citizens(study: Study) -> HTML:
    """The place of citizens in international action."""
    return bars(study, "citizens_place", percents(study))


def statements(study: Study) -> HTML:
    """What the study prints on assistance, needs and expectations."""
    t, label = study.language.text, study.language.label
    rows = study.rows(["assistance", "need", "expectation"]).drop_duplicates(["topic", "category", "value"])
    table = pd.DataFrame(
        {
            t("answers.topic"): [label("figure_topic", topic) for topic in rows["topic"]],
            t("answers.statement"): [label(row.topic, row.category) for row in rows.itertuples()],
            t("answers.printed"): [
                t("percent", value=row.printed)
                if row.unit == "percent"
                else t("answers.of", count=int(row.value), base=row.base)
                for row in rows.itertuples()
            ],
            t("answers.base"): ["" if pd.isna(base) else int(base) for base in base_of(rows)],
            t("answers.where"): rows["locator"],
        }
    )
    topic, statement, printed, _, where = table.iloc[0]
    caption = Caption(
        t("answers.statements_reading", topic=topic, statement=statement, printed=printed, where=where),
        t("answers.statements_scope"),
        study.cite(rows),
    )
    return tabulate(table, t("answers.statements_title"), caption, study.language)
