"""The partnerships that a notebook looks at, and the classes that its tables make of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import pandas as pd

from citydiplo import collectivities, data, geography, typologies
from citydiplo.captions import source_line
from citydiplo.check import check_vocabularies
from citydiplo.data import Tables
from citydiplo.errors import DataError, UserError
from citydiplo.language import Language
from citydiplo.partner_names import french_names


@dataclass(frozen=True)
class Selection:
    """Partnerships of the register or of an import, in one language.

    Attributes
    ----------
    tables : dict
        From `data.load_tables`; the sources with those that an import cites.
    everyone : DataFrame
        From `collectivities.directory`.
    chosen : DataFrame
        The partnerships looked at: see `geography.measure`, with ``name``, the partner for readers.
    language : Language
    boundaries : GeoDataFrame
        From `data.load_boundaries`.
    """

    tables: Tables
    everyone: pd.DataFrame
    chosen: pd.DataFrame
    language: Language
    boundaries: gpd.GeoDataFrame

    @classmethod
    def load(
        cls,
        lang: str,
        source: str = data.REGISTER,
        cities: Sequence[str] = (),
        kinds: Sequence[str] = (),
        years: Sequence[int] = (),
    ) -> "Selection":
        """Load the tables and choose partnerships.

        Parameters
        ----------
        lang : {"fr", "en"}
        source : str
            See `data.load_partnerships`.
        cities : sequence of str
            Names, INSEE codes or SIREN; none for all.
        kinds : sequence of str
            Codes of the vocabulary partnership_kind; none for all.
        years : (first, last), or empty
            See `geography.select`.

        Raises
        ------
        UserError
            If a city or kind is not known, or if no partnership is left.
        DataError
            If an import has a code that its vocabulary lacks.
        """
        tables, links = data.load_tables(), data.load_partnerships(source)
        if problems := check_vocabularies(tables | {"partnerships": links}):
            raise DataError(problems)
        tables["sources"] = known_sources(tables["sources"], links)
        language = Language.of(lang, tables)
        known = [code for vocabulary, code in language.labels if vocabulary == "partnership_kind"]
        unknown = [kind for kind in kinds if kind not in known]
        if unknown:
            raise UserError(f"no kind of partnership {', '.join(unknown)}: choose among {', '.join(known)}")
        if years and (len(years) != 2 or years[0] > years[1]):
            raise UserError(f"years are a first and a last one, say [1950, 2000], or [] for all; not {list(years)}")
        everyone = collectivities.directory(tables)
        ids = [collectivities.find(everyone, city).id for city in cities]
        chosen = geography.select(links, ids, kinds, years)
        if chosen.empty:
            raise UserError("no partnership is left: choose more cities, kinds or years")
        measured = geography.measure(chosen, everyone).assign(name=reader_names(chosen, tables, language))
        return cls(tables, everyone, measured, language, data.load_boundaries("50m"))

    @cached_property
    def distinct(self) -> pd.DataFrame:
        """One row a pair of collectivity and place: see `geography.once`."""
        return geography.once(self.chosen)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """The pairs that have both points: see `geography.pairs`."""
        return geography.pairs(self.chosen)

    @property
    def scope(self) -> str:
        """Population and number of units, for captions."""
        return self.language.text(
            "partners.scope",
            pairs=len(self.distinct),
            collectivities=self.distinct["collectivity_id"].nunique(),
            located=len(self.pairs),
        )

    def cite(self, *frames: pd.DataFrame) -> str:
        """The sources of the rows shown."""
        return source_line(self.language, self.tables["sources"], *frames)

    def drawn_with(self, *source_ids: str) -> list[pd.DataFrame]:
        """Sources that no row cites, for `cite`."""
        listed = self.tables["sources"]
        return [listed[listed["source_id"].isin(source_ids)]]

    def classes(self, by: str) -> tuple[pd.DataFrame, dict[str, str]]:
        """Put the pairs in classes, and name these.

        Parameters
        ----------
        by : {"kind", "decade", "size", "era", …}
            Or a code of the vocabulary country_scheme.

        Returns
        -------
        rows : DataFrame
            Rows of partnerships, one a pair and class, with the column ``class``; missing where not documented.
        names : dict
            Class → label, in the order of reading.
        """
        if by == "kind":
            return geography.once(self.chosen, "kind").assign(**{"class": lambda rows: rows["kind"]}), self.names(
                "partnership_kind"
            )
        if by == "decade":
            decades = sorted(self.distinct["decade"].dropna().unique())
            names = {str(decade): self.language.text("partners.decade", decade=str(decade)) for decade in decades}
            return self.distinct.assign(**{"class": self.distinct["decade"].astype("string")}), names
        if by == "size":
            names = {
                f"{strata} {code}": self.language.text("partners.size", sort=self.language.text(key), size=label)
                for strata, key in (("commune_stratum", "partners.commune"), ("epci_stratum", "partners.epci"))
                for code, label in self.names(strata).items()
            }
            return self.distinct.assign(**{"class": self.distinct["strata"] + " " + self.distinct["stratum"]}), names
        if by == "era":
            placed = typologies.placements(self.tables["typology_rules"], self.tables | {"partnerships": self.chosen})
            rows = geography.with_eras(self.chosen, placed)
            rows = geography.once(rows, "era")
            return rows.rename(columns={"era": "class"}), self.names("era")
        found = geography.classify(self.distinct["country"], self.tables["country_groups"], by)
        return self.distinct.assign(**{"class": found}), self.names("country_group")

    def names(self, vocabulary: str) -> dict[str, str]:
        """The labels of a vocabulary by code, in its order."""
        return {
            code: self.language.label(vocabulary, code) for known, code in self.language.labels if known == vocabulary
        }


def known_sources(sources: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """The table sources, and a row for each source of an import that it lacks: a dataset, named by its identifier."""
    unknown = sorted(set(links["source_id"]) - set(sources["source_id"]))
    added = pd.DataFrame({"source_id": unknown, "short": unknown, "publisher_kind": "dataset"})
    return pd.concat([sources, added], ignore_index=True)


def reader_names(links: pd.DataFrame, tables: Tables, language: Language) -> pd.Series:
    """The partners as French sources spell them, the register's too, for French readers; else in usual English."""
    if language.code != "fr":
        return links["place"]
    spelled = french_names(pd.concat([tables["partnerships"], links]), tables["sources"]).rename("name_fr")
    return links.join(spelled, on=["place", "country"])["name_fr"].fillna(links["place"])
