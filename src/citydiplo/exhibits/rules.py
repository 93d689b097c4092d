"""The exhibits of the rules of the sources: where they define classes, whom they place, on what evidence."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from IPython.display import HTML

from citydiplo import matrices, typologies
from citydiplo.captions import Caption, illustrate, source_line, tabulate
from citydiplo.collectivities import EPCI_KINDS
from citydiplo.exhibits.study import Study, estimates

NAMED = 12  # sources that a caption names; more are counted


def among(study: Study, whom: str) -> pd.DataFrame:
    """Some of the collectivities that the sources name.

    Parameters
    ----------
    study : Study
    whom : {"study", "communes", "epci", "others"}
        Those that the study interviewed or surveyed, its communes, its EPCI; those that a source names otherwise.

    Returns
    -------
    DataFrame
        Rows of collectivities.csv.
    """
    named = study.tables["collectivities"]
    studied, epci = named["study_role"].notna(), named["kind"].isin(EPCI_KINDS)
    groups = {"study": studied, "communes": studied & ~epci, "epci": studied & epci, "others": ~studied}
    return named[groups[whom]]


def documents(study: Study, placed: pd.DataFrame) -> str:
    """Name the sources of the marks or, where they are many, count them by sort of publisher."""
    t, label = study.language.text, study.language.label
    sources = study.tables["sources"]
    used = sources[sources["source_id"].isin(placed["source_id"])]
    if len(used) <= NAMED:
        return source_line(study.language, sources, placed)
    counts = used["publisher_kind"].value_counts()
    kinds = [
        t("typologies.counted", label=label("publisher_kind", kind), count=int(count)) for kind, count in counts.items()
    ]
    return t("typologies.documents", number=len(used), kinds=", ".join(kinds))


def _source(study: Study, definitions: str, placed: pd.DataFrame) -> str:
    """Where the classes are defined, and what documents the marks."""
    return study.language.text("typologies.source", definitions=definitions, evidence=documents(study, placed))


def definitions(study: Study, placed: pd.DataFrame) -> HTML:
    """Each class of the rules: where it is defined, how many rules it has and how many collectivities they place."""
    t, label = study.language.text, study.language.label
    rules = study.tables["typology_rules"]
    defined = rules.groupby(typologies.CLASS, sort=False).agg(
        source_id=("source_id", "first"), locator=("locator", "first"), rules=("rule_id", "size")
    )
    counted = placed.groupby(typologies.CLASS)["collectivity_id"].nunique().reindex(defined.index, fill_value=0)
    short = study.tables["sources"].set_index("source_id")["short"]
    table = pd.DataFrame(
        {
            t("typologies.class"): [label(typology, category) for typology, category in defined.index],
            t("typologies.typology"): [label("typology", typology) for typology, _ in defined.index],
            t("typologies.defined"): [f"{short[row.source_id]}, {row.locator}" for row in defined.itertuples()],
            t("typologies.rules"): defined["rules"].to_numpy(),
            t("typologies.placed"): counted.to_numpy(),
        }
    )
    name, typology, *_, count = table.iloc[0]
    total = len(study.tables["collectivities"])
    caption = Caption(
        t("typologies.definitions_reading", label=name, typology=typology, count=int(count)),
        t("typologies.definitions_scope", total=total, count=placed["collectivity_id"].nunique()),
        _source(study, source_line(study.language, study.tables["sources"], rules), placed),
    )
    return tabulate(table, t("typologies.definitions_title"), caption, study.language)


def marks(study: Study, placed: pd.DataFrame, chosen: Sequence[str], whom: str) -> HTML:
    """Who has a documented mark of which class of some typologies, among the communes, the EPCI or the others."""
    t, label = study.language.text, study.language.label
    listed = among(study, whom)["collectivity_id"]
    words = {
        "communes": t("typologies.whom_communes"),
        "epci": t("typologies.whom_epci"),
        "others": t("typologies.whom_others"),
    }
    shown = placed[placed["typology"].isin(chosen) & placed["collectivity_id"].isin(listed)]
    table = typologies.profiles(shown, classes(study, chosen))
    labels = [label(*column) for column in table.columns]
    names = shown.drop_duplicates("collectivity_id").set_index("collectivity_id")["collectivity"][table.index]
    where = int(np.flatnonzero(table.iloc[0])[0])
    caption = Caption(
        t("typologies.marks_reading", name=names.iloc[0], label=labels[where]),
        t("typologies.marks_scope", whom=words[whom], number=len(table), total=len(listed)),
        _source(study, study.cite(study.tables["typology_rules"].query("typology in @chosen")), shown),
    )
    totals = zip(labels, table.sum(), strict=True)
    bars = [t("survey.bar", label=name, count=study.language.number(int(count))) for name, count in totals]
    drawing = matrices.marks(names.tolist(), labels, headings(study, table), table.to_numpy())
    return illustrate(drawing, t("typologies.marks_alt", rows=t("separator").join(bars)), caption, study.language)


def classes(study: Study, chosen: Sequence[str]) -> list[tuple[str, str]]:
    """The classes of some typologies, in the order of reading."""
    return [(typology, code) for typology in chosen for code in study.categories(typology)]


def headings(study: Study, table: pd.DataFrame) -> dict[str, int]:
    """The typologies of the columns of `typologies.profiles`, on two lines, and how many columns each has."""
    counts = pd.Series(table.columns.get_level_values(0)).value_counts(sort=False)
    return {_two_lines(study.language.label("typology", code)): int(count) for code, count in counts.items()}


def _two_lines(name: str) -> str:
    """Break a name at the space nearest to its middle."""
    spaces = [place for place, letter in enumerate(name) if letter == " "]
    middle = min(spaces, key=lambda place: abs(place - len(name) / 2))
    return f"{name[:middle]}\n{name[middle + 1 :]}"


def reasons(study: Study, placed: pd.DataFrame, chosen: Sequence[str]) -> HTML:
    """Each reason to place someone in a class of some typologies: whom it places, on what evidence."""
    t, label = study.language.text, study.language.label
    why = study.tables["typology_rules"].set_index("rule_id")
    shown = placed[placed["typology"].isin(chosen)]
    shown = shown.assign(why=[study.language.pick(why.loc[rule_id], "why") for rule_id in shown["rule_id"]])
    found = list(shown.groupby([*typologies.CLASS, "why"], sort=False))
    table = pd.DataFrame(
        {
            t("typologies.class"): [label(typology, category) for (typology, category, _), _ in found],
            t("typologies.why"): [reason for (*_, reason), _ in found],
            t("typologies.collectivities"): [", ".join(marks["collectivity"].unique()) for _, marks in found],
            t("typologies.evidence"): [study.cite(marks) for _, marks in found],
        }
    )
    category, reason, names, _ = table.iloc[0]
    caption = Caption(
        t("typologies.reasons_reading", names=names, label=category, why=reason),
        t("typologies.reasons_scope", count=len(shown)),
        _source(study, study.cite(why[why.index.isin(shown["rule_id"])]), shown),
    )
    return tabulate(table, t("typologies.reasons_title"), caption, study.language)


def declared(study: Study, placed: pd.DataFrame) -> HTML:
    """How many respondents declare each form and domain, and how many of the study's collectivities document it."""
    t = study.language.text
    chosen = ["form", "domain"]
    known = placed[placed["typology"].isin(chosen)]
    listed = {whom: among(study, whom)["collectivity_id"] for whom in ("study", "communes", "epci")}
    counted = {
        whom: known[known["collectivity_id"].isin(ids)].groupby(typologies.CLASS)["collectivity_id"].nunique()
        for whom, ids in listed.items()
    }
    chart = pd.concat([study.chart(topic).assign(typology=topic) for topic in chosen])
    keys = list(zip(chart["typology"], chart["category"], strict=True))
    answers = estimates(study, chart)
    found = {whom: [int(counts.get(key, 0)) for key in keys] for whom, counts in counted.items()}
    notes = {whom: [t("share.note", count=n, base=len(listed[whom])) for n in found[whom]] for whom in found}
    table = pd.DataFrame(
        {
            t("typologies.class"): chart["label"],
            t("typologies.typology"): [study.language.label("typology", code) for code in chart["typology"]],
            t("typologies.declared"): [t("share.note", count=share.count, base=share.base) for share in answers],
            t("typologies.documented_communes"): notes["communes"],
            t("typologies.documented_epci"): notes["epci"],
        }
    )
    source = t(
        "typologies.declared_source",
        declared=study.cite(chart),
        documented=documents(study, known[known["collectivity_id"].isin(listed["study"])]),
    )
    total = len(listed["study"])
    caption = Caption(
        t(
            "typologies.declared_reading",
            label=table.iloc[0, 0],
            count=answers[0].count,
            base=answers[0].base,
            documented=found["study"][0],
            total=total,
        ),
        t("typologies.declared_scope", count=total),
        source,
    )
    return tabulate(table, t("typologies.declared_title"), caption, study.language)


def cross(study: Study, placed: pd.DataFrame, rows: str, columns: str) -> HTML:
    """Two typologies crossed, with what is not documented in either."""
    t = study.language.text
    listed = study.tables["collectivities"]
    counts = typologies.cross(typologies.complete(placed, listed), rows, columns)
    orders = {axis: [*study.categories(axis), typologies.NOT_DOCUMENTED] for axis in (rows, columns)}
    counts = counts.reindex(
        index=[code for code in orders[rows] if code in counts.index],
        columns=[code for code in orders[columns] if code in counts.columns],
    )
    written = {
        axis: {code: study.language.label(axis, code) for code in study.categories(axis)}
        | {typologies.NOT_DOCUMENTED: t("typologies.not_documented")}
        for axis in (rows, columns)
    }
    table = counts.rename(index=written[rows], columns=written[columns]).astype(int)
    table = table.rename_axis(index=study.language.label("typology", rows), columns=None).reset_index()
    title = t(
        "typologies.cross_title",
        rows=study.language.label("typology", rows),
        columns=study.language.label("typology", columns),
    )
    caption = Caption(
        t("typologies.cross_reading", count=int(table.iloc[0, 1]), row=table.iloc[0, 0], column=table.columns[1]),
        t("typologies.cross_scope", count=len(listed)),
        _source(
            study,
            study.cite(study.tables["typology_rules"].query("typology == @rows or typology == @columns")),
            placed[placed["typology"].isin([rows, columns])],
        ),
    )
    return tabulate(table, title, caption, study.language)
