"""How French sources spell the places that partnerships link with."""

import pandas as pd

from citydiplo.collectivities import fold


def french_names(partnerships: pd.DataFrame, sources: pd.DataFrame) -> pd.Series:
    """How French sources spell each place, by place and country: the most frequent spelling, of equals the shortest.

    A spelling that says more than another one (« District de Bamako », « Bamako ») gives way to it.
    """
    french = partnerships["source_id"].isin(sources.loc[sources["language"] == "fr", "source_id"])
    names = partnerships.loc[french, ["place", "country", "partner"]]
    spelled = names.groupby(["place", "country", "partner"]).size().rename("times")
    ranked = spelled.reset_index().assign(key=lambda frame: frame["partner"].map(fold))
    keys = ranked.groupby(["place", "country"])["key"].agg(set)
    plain = [
        not any(key != row.key and key in row.key for key in keys[row.place, row.country])
        for row in ranked.itertuples()
    ]
    ranked = ranked.loc[pd.Series(plain, dtype=bool)].assign(length=lambda frame: frame["partner"].str.len())
    ranked = ranked.sort_values(["times", "length", "partner"], ascending=[False, True, True])
    return ranked.drop_duplicates(["place", "country"]).set_index(["place", "country"])["partner"]
