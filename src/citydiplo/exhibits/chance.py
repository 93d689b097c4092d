"""The exhibits of the notebook on the geography of partnerships: what chance would give, and the graph."""

from dataclasses import asdict

import numpy as np
import pandas as pd
from IPython.display import HTML

from citydiplo import charts, nulls, partner_charts, places, twinning_graph
from citydiplo.captions import Caption, illustrate, tabulate
from citydiplo.exhibits.selection import Selection
from citydiplo.nulls import MODELS
from citydiplo.places import FRENCH_ISO3
from citydiplo.sections import note

# Where the curve of shares is computed, in km.
THRESHOLDS = (*range(250, 3000, 250), *range(3000, 20_001, 1000))


def candidates(selection: Selection) -> pd.DataFrame:
    """The places that the model population draws from: those of the gazetteer that are not French."""
    countries = selection.tables["countries"]
    french = countries.loc[countries["iso3"].isin(FRENCH_ISO3), "iso2"]
    gazetteer = places.gazetteer().places
    return gazetteer[~gazetteer["iso2"].isin(french)]


def compared(selection: Selection, draws: int, seed: int) -> pd.DataFrame:
    """The observed distances beside each null model: see `nulls.compare`; no rows if no pair is located."""
    if selection.pairs.empty:
        return pd.DataFrame(columns=["statistic"])
    observed, others = nulls.observe(selection.pairs), candidates(selection)
    drawn = [
        nulls.simulate(
            selection.pairs, model, draws=draws, seed=seed, candidates=others if model == "population" else None
        )
        for model in MODELS
    ]
    return pd.concat([nulls.compare(observed, null) for null in drawn], ignore_index=True)


def means(selection: Selection, found: pd.DataFrame) -> HTML:
    """The mean distance beside what each null model gives."""
    if found.empty:
        return note(selection.language.text("partners.none_located"))
    t, label, number = selection.language.text, selection.language.label, selection.language.number
    rows = found[found["statistic"] == "mean_km"]
    labels = [label("null_model", model) for model in rows["model"]]
    limits = list(zip(rows["null_low"], rows["null_high"], strict=True))
    observed = round(rows["observed"].iloc[0])
    said = [{"low": round(low), "high": round(high)} for low, high in limits]
    caption = Caption(
        t("chance.means_reading", model=labels[0], observed=observed, **said[0]),
        t(
            "chance.means_scope",
            scope=selection.scope,
            draws=int(rows["draws"].iloc[0]),
            seed=str(rows["seed"].iloc[0]),
        ),
        selection.cite(selection.distinct),
    )
    alt_rows = [t("chance.means_row", model=name, **ends) for name, ends in zip(labels, said, strict=True)]
    drawing = charts.ranges(
        labels,
        limits,
        rows["null_mean"].tolist(),
        (observed, t("chance.observed_mark", km=observed)),
        t("chance.means_axis"),
        number,
    )
    alt = t("chance.means_alt", observed=observed, rows=t("separator").join(alt_rows))
    return illustrate(drawing, alt, caption, selection.language)


def table(selection: Selection, found: pd.DataFrame) -> HTML:
    """Every statistic beside every null model, with its z-score."""
    if found.empty:
        return note(selection.language.text("partners.none_located"))
    t, label = selection.language.text, selection.language.label

    def written(row: pd.Series, column: str) -> str:
        value = row[column]
        share = row["statistic"] == "near_share"
        return t("percent", value=round(100 * value, 1)) if share else selection.language.number(round(value))

    rows = [row for _, row in found.iterrows()]
    shown = pd.DataFrame(
        {
            t("chance.statistic"): [label("distance_statistic", row["statistic"]) for row in rows],
            t("chance.model"): [label("null_model", row["model"]) for row in rows],
            t("chance.observed"): [written(row, "observed") for row in rows],
            t("chance.null_mean"): [written(row, "null_mean") for row in rows],
            t("chance.interval"): [
                t("chance.from_to", low=written(row, "null_low"), high=written(row, "null_high")) for row in rows
            ],
            t("chance.z"): ["" if pd.isna(z) else selection.language.number(z, 1) for z in found["z"]],
            t("chance.p"): [t("chance.p_value", p=round(p, 3)) for p in found["p"]],
        }
    )
    first = shown.iloc[0]
    caption = Caption(
        t(
            "chance.table_reading",
            statistic=first.iloc[0],
            model=first.iloc[1],
            observed=first.iloc[2],
            interval=first.iloc[4],
        ),
        t(
            "chance.means_scope",
            scope=selection.scope,
            draws=int(found["draws"].iloc[0]),
            seed=str(found["seed"].iloc[0]),
        ),
        selection.cite(selection.distinct),
    )
    return tabulate(shown, t("chance.table_title"), caption, selection.language)


def within(km: float) -> nulls.Statistic:
    """The share of links nearer than ``km``, as a statistic of null models."""
    return lambda distances: float(np.mean(distances < km))


def curve(selection: Selection, model: str, draws: int, seed: int) -> HTML:
    """The share of pairs within each distance, beside one null model."""
    if selection.pairs.empty:
        return note(selection.language.text("partners.none_located"))
    t, name = selection.language.text, selection.language.label("null_model", model)
    last = selection.distinct["distance_km"].max()
    statistics = {str(km): within(km) for km in THRESHOLDS if km < last + 1000}
    others = candidates(selection) if model == "population" else None
    null = nulls.simulate(selection.pairs, model, draws=draws, seed=seed, statistics=statistics, candidates=others)
    observed = nulls.observe(selection.pairs, statistics)
    drawn = null.values
    found = pd.DataFrame({"low": drawn.quantile(0.025), "mean": drawn.mean(), "high": drawn.quantile(0.975)})
    observed.index = found.index = observed.index.astype(int)
    numbers = {
        km: {
            "observed": _percent(selection, observed[km]),
            "low": _percent(selection, found.loc[km, "low"]),
            "high": _percent(selection, found.loc[km, "high"]),
        }
        for km in (1000, 5000)
        if km in observed.index
    }
    first = next(iter(numbers))
    caption = Caption(
        t("chance.curve_reading", km=first, model=name, **numbers[first]),
        t("chance.means_scope", scope=selection.scope, draws=draws, seed=str(seed)),
        selection.cite(selection.distinct),
    )
    rows = [t("chance.curve_row", km=km, **shares) for km, shares in numbers.items()]
    drawing = partner_charts.curve(
        observed,
        found,
        (t("chance.observed"), t("chance.band", model=name)),
        (t("partners.km"), t("chance.share_axis"), t("chance.difference_axis")),
        selection.language.number,
    )
    return illustrate(
        drawing, t("chance.curve_alt", model=name, rows=t("separator").join(rows)), caption, selection.language
    )


def _percent(selection: Selection, share: float) -> str:
    return selection.language.text("percent", value=round(100 * share, 1))


def graph(selection: Selection) -> HTML:
    """The statistics of the graph of collectivities and places."""
    if selection.pairs.empty:
        return note(selection.language.text("partners.none_located"))
    t, label, number = selection.language.text, selection.language.label, selection.language.number
    found = asdict(twinning_graph.statistics(twinning_graph.build(selection.pairs)))
    shown = pd.DataFrame(
        {
            t("chance.statistic"): [label("graph_statistic", name) for name in found],
            t("chance.value"): [
                number(value) if isinstance(value, int) else number(value, 6) for value in found.values()
            ],
        }
    )
    caption = Caption(
        t("chance.graph_reading", largest=found["largest_component"], nodes=found["nodes"]),
        t("chance.graph_scope", scope=selection.scope),
        selection.cite(selection.distinct),
    )
    return tabulate(shown, t("chance.graph_title"), caption, selection.language)
