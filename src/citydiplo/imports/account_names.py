"""Whose accounts they are: what the official reference says of the SIREN and the names in a file."""

import numpy as np
import pandas as pd

from citydiplo.collectivities import fold
from citydiplo.data import Tables

# Words that many collectivities have in their names; folded.
# fmt: off
COMMON = {
    "ville", "commune", "communes", "mairie", "cc", "ca", "cu", "communaute", "metropole", "agglomeration", "agglo",
    "urbaine", "urbain", "intercommunalite", "pays", "budget", "principal", "general", "saint", "sainte", "de",
    "du", "des", "la", "le", "les", "et", "en", "sur", "sous", "aux",
}
# fmt: on


def reference(tables: Tables) -> pd.Series:
    """The names of communes and EPCI, indexed by SIREN."""
    official = [tables[table].dropna(subset="siren") for table in ("communes", "epci")]
    return pd.concat([rows.set_index("siren")["name"] for rows in official])


def compare(documents: pd.DataFrame, names: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare collectivities with the reference.

    Parameters
    ----------
    documents : DataFrame
        With the columns siren, name and budget. A subsidiary budget has a name of its own, which is not compared.
    names : Series
        From `reference`.

    Returns
    -------
    unknown : DataFrame
        siren, name: neither communes nor EPCI of the reference (départements, regions, syndicats, former communes).
    disagreeing : DataFrame
        siren, name, reference: the name in the file shares no word of its own with that of the reference.
    """
    found = documents[["siren", "name", "budget"]].drop_duplicates()
    found = found.assign(reference=found["siren"].map(names))
    unknown = found[found["reference"].isna()].drop_duplicates("siren")
    named = found[found["reference"].notna() & (found["budget"] != "subsidiary")]
    alike = [_alike(name, official) for name, official in zip(named["name"], named["reference"], strict=True)]
    disagreeing = named[~np.array(alike, dtype=bool)].drop_duplicates(["siren", "name"])
    return unknown[["siren", "name"]], disagreeing[["siren", "name", "reference"]]


def _alike(name: str, reference: str) -> bool:
    """Whether two names share a word of their own, or the reference has none."""
    own = _words(reference)
    return not own or bool(own & _words(name))


def _words(name: str) -> set[str]:
    return {word for word in fold(name).split() if len(word) > 1} - COMMON
