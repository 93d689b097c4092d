"""The exhibits on groups of alike profiles, found in what is documented."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd
from IPython.display import HTML

from citydiplo import charts, clusters, matrices, typologies
from citydiplo.captions import Caption, illustrate, tabulate
from citydiplo.exhibits.rules import classes, documents, headings
from citydiplo.exhibits.study import Study

NUMBERS = range(2, 7)  # of groups to try
STABLE = 0.75  # see `clusters.stability`


@dataclass(frozen=True)
class Grouping:
    """Groups of alike profiles, beside random ones.

    Attributes
    ----------
    study : Study
    placed : DataFrame
        From `typologies.placements`.
    chosen : sequence of str
        The typologies whose classes make a profile.
    least : int
        How many classes a profile has at least.
    profiles : DataFrame of bool
        See `typologies.profiles`.
    tree : Tree
    stabilities : DataFrame
        See `clusters.stability`.
    random : DataFrame
        See `clusters.null`.
    """

    study: Study
    placed: pd.DataFrame
    chosen: Sequence[str]
    least: int
    profiles: pd.DataFrame
    tree: clusters.Tree
    stabilities: pd.DataFrame
    random: pd.DataFrame

    @classmethod
    def of(cls, study: Study, placed: pd.DataFrame, chosen: Sequence[str], least: int) -> "Grouping":
        """Group the collectivities that have at least so many marks."""
        profiles = typologies.profiles(placed, classes(study, chosen), least)
        found = clusters.stability(profiles, NUMBERS)
        random = clusters.null(profiles, NUMBERS)
        return cls(study, placed, chosen, least, profiles, clusters.tree(profiles), found, random)

    @property
    def compared(self) -> pd.DataFrame:
        """See `clusters.compare`."""
        return clusters.compare(clusters.overall(self.stabilities), self.random)

    @property
    def chance(self) -> float:
        """See `clusters.chance`."""
        return clusters.chance(clusters.overall(self.stabilities), self.random)

    @property
    def best(self) -> int:
        """The number of groups whose stability exceeds that of random profiles most."""
        return int(self.compared["excess"].idxmax())

    @property
    def groups(self) -> pd.Series:
        """The group of each collectivity, for that number."""
        return self.tree.cut(self.best)

    @property
    def names(self) -> pd.Series:
        """The name of each collectivity."""
        return self.placed.drop_duplicates("collectivity_id").set_index("collectivity_id")["collectivity"]

    @property
    def shown(self) -> pd.DataFrame:
        """The marks that make the profiles."""
        kept = self.placed["typology"].isin(self.chosen) & self.placed["collectivity_id"].isin(self.profiles.index)
        return self.placed[kept]

    @property
    def source(self) -> str:
        """The documents of the marks."""
        return documents(self.study, self.shown)


def tree(grouping: Grouping) -> HTML:
    """The hierarchy of the profiles, beside the profiles."""
    t, number = grouping.study.language.text, grouping.study.language.number
    table, groups, names = grouping.profiles, grouping.groups, grouping.names
    merges = grouping.tree.merges
    last = merges[(merges[:, :2] < len(table)).all(axis=1)][-1]  # of those that join two profiles, not groups
    one, other = (names[grouping.tree.names[int(place)]] for place in last[:2])
    caption = Caption(
        t("typologies.tree_reading", one=one, other=other, height=round(float(last[2]), 2), groups=groups.nunique()),
        t(
            "typologies.tree_scope",
            count=len(table),
            least=grouping.least,
            cophenetic=round(grouping.tree.cophenetic, 2),
        ),
        grouping.source,
    )
    labels = [grouping.study.language.label(*column) for column in table.columns]
    drawing = matrices.tree(
        grouping.tree,
        groups,
        names.to_dict(),
        labels,
        headings(grouping.study, table),
        table,
        t("typologies.tree_axis"),
        number,
    )
    lists = [", ".join(names[codes]) for codes in _members(grouping)]
    alt = t("typologies.tree_alt", groups=t("separator").join(lists))
    return illustrate(drawing, alt, caption, grouping.study.language)


def _members(grouping: Grouping) -> list[pd.Index]:
    """The members of each group, by name."""
    order = grouping.groups[grouping.profiles.index]
    return [order.index[order == group] for group in range(1, order.max() + 1)]


def described(grouping: Grouping) -> HTML:
    """Each group: its members, how stable it is, what they share, how far they are documented, what the rules say."""
    t, number, label = grouping.study.language.text, grouping.study.language.number, grouping.study.language.label
    found = grouping.stabilities.query("groups == @grouping.best").set_index("group")["stability"].round(2)
    others = grouping.placed[~grouping.placed["typology"].isin(grouping.chosen)]
    rows = []
    for group, codes in enumerate(_members(grouping), start=1):
        shared = grouping.profiles.loc[codes].mean()
        marks = others[others["collectivity_id"].isin(codes)]
        told = grouping.shown[grouping.shown["collectivity_id"].isin(codes)].groupby("collectivity_id")["source_id"]
        rows.append(
            {
                t("typologies.group"): number(group),
                t("typologies.members"): ", ".join(grouping.names[codes]),
                t("typologies.stability"): float(found[group]),
                t("typologies.shared"): ", ".join(label(*column) for column in shared.index[shared >= 0.5]),
                t("typologies.other_marks"): t("separator").join(_rules(grouping, marks)),
                t("typologies.marks_median"): float(grouping.profiles.loc[codes].sum(axis="columns").median()),
                t("typologies.documents_median"): float(told.nunique().median()),
            }
        )
    caption = Caption(
        t(
            "typologies.groups_reading",
            group=1,
            size=len(_members(grouping)[0]),
            stability=float(found[1]),
        ),
        t(
            "typologies.tree_scope",
            count=len(grouping.profiles),
            least=grouping.least,
            cophenetic=round(grouping.tree.cophenetic, 2),
        ),
        grouping.source,
    )
    return tabulate(pd.DataFrame(rows), t("typologies.groups_title"), caption, grouping.study.language)


def _rules(grouping: Grouping, marks: pd.DataFrame) -> list[str]:
    """How many members the rules place in each class, typology by typology."""
    label = grouping.study.language.label
    lines = []
    for typology, rows in marks.groupby("typology", sort=False):
        counts = rows.groupby("category", sort=False)["collectivity_id"].nunique()
        words = ", ".join(_counted(grouping, [label(typology, code) for code in counts.index], counts))
        lines.append(f"{label('typology', typology)}{grouping.study.language.text('colon')}{words}")
    return lines


def _counted(grouping: Grouping, labels: Iterable[str], counts: pd.Series) -> list[str]:
    t = grouping.study.language.text
    return [t("typologies.counted", label=label, count=int(count)) for label, count in zip(labels, counts, strict=True)]


def stability(grouping: Grouping) -> HTML:
    """The stability of each number of groups, over that of random profiles."""
    t, number = grouping.study.language.text, grouping.study.language.number
    rows = grouping.compared.round(2)
    best = {"groups": grouping.best, **rows.loc[grouping.best, ["stability", "low", "high"]].to_dict()}
    caption = Caption(
        t("typologies.stability_reading", **best),
        t(
            "typologies.stability_scope",
            count=len(grouping.profiles),
            least=grouping.least,
            repeats=len(grouping.random),
            chance=round(100 * grouping.chance),
        ),
        grouping.source,
    )
    drawing = charts.ranges(
        [t("typologies.stability_label", count=count) for count in rows.index],
        list(zip(rows["low"], rows["high"], strict=True)),
        rows["stability"].tolist(),
        (STABLE, t("typologies.stability_mark", value=STABLE)),
        t("typologies.stability_axis"),
        number,
    )
    bars = [
        t("typologies.stability_row", groups=count, stability=row.stability, low=row.low, high=row.high)
        for count, row in zip(rows.index, rows.itertuples(), strict=True)
    ]
    return illustrate(
        drawing, t("typologies.stability_alt", rows=t("separator").join(bars)), caption, grouping.study.language
    )
