"""
What the explorer chooses among, and what a choice leaves.

The unit is the partnership: one collectivity, one place and one kind of link, however many rows of partnerships.csv
(statements of sources) say so. Each field of a choice puts the partnerships or the collectivities in classes that are
worked out once, in `Material`; filters and counts read the same classes, so that they cannot disagree.
"""

import dataclasses
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd

from citydiplo import data
from citydiplo.check import check_vocabularies
from citydiplo.data import Tables
from citydiplo.errors import DataError, UserError
from citydiplo.exhibits.selection import known_sources
from citydiplo.explorer import fields, universe
from citydiplo.explorer.classes import Classes
from citydiplo.language import Language

# The fields of a choice that keep collectivities, and those that keep partnerships, each by what one class is called.
COLLECTIVITY_FIELDS = {
    "collectivity": "collectivities",
    "group": "groups",
    "stratum": "strata",
    "region": "regions",
    "form": "forms",
}
PARTNERSHIP_FIELDS = {
    "domain": "domains",
    "kind": "kinds",
    "country_group": "country_groups",
    "country": "countries",
    "source": "sources",
    "publisher": "publishers",
}


@dataclass(frozen=True)
class Choice:
    """What a reader keeps; an empty field restricts nothing.

    Within a field a row is kept if it has one of the codes; it must be so in every field. Collectivity filters keep
    collectivities, partnership filters keep partnerships; a partnership shows only if it and its collectivity are
    kept. A collectivity that is kept but has no partnership left stays listed. What is not documented has a code of
    its own (``not_documented``; of countries and their groups ``unknown``) and is kept only if that is chosen or the
    field is empty. See `Material.options` for the codes of each field.

    Attributes
    ----------
    collectivities : tuple of str
        Ids. Collectivity filter, like the next four.
    groups : tuple of str
        ``commune``, ``epci``, ``departement``, ``region``.
    strata : tuple of str
        Size classes of communes and of EPCI: the vocabulary and the code, ``"commune_stratum from_400000"``.
    regions : tuple of str
        Codes of regions.
    forms : tuple of str
        Forms of action (vocabulary form) of which typology_rules.csv finds a documented mark.
    domains : tuple of str
        Vocabulary domain: those that any source of the partnership names. Partnership filter, like all that follow.
    kinds : tuple of str
        Vocabulary partnership_kind.
    country_groups : tuple of str
        The list and the group: ``"continent africa"``, ``"european_union none"``.
    countries : tuple of str
        ISO 3166-1 alpha-3.
    sources, publishers : tuple of str
        Partnerships that one of these sources (source_id), or a publisher of one of these kinds (vocabulary
        publisher_kind), states; whatever others state of them stays with them.
    years : (first, last), or empty
        Of the first year, the earliest that a source gives; both included.
    undated : bool
        Whether to keep the partnerships of which no source gives the first year.

    Raises
    ------
    UserError
        If the years are not a first and a last one.
    """

    collectivities: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    strata: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    country_groups: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    undated: bool = True

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            if field.name != "undated":
                object.__setattr__(self, field.name, tuple(getattr(self, field.name)))
        if self.years and (len(self.years) != 2 or self.years[0] > self.years[1]):
            raise UserError(f"years are a first and a last one, say (1950, 2000), or () for all; not {self.years}")


@dataclass(frozen=True, eq=False)
class Material:
    """All that the explorer shows, read and indexed once; in one language.

    Attributes
    ----------
    tables : dict
        From `data.load_tables`; the sources with those that an import cites.
    language : Language
    source : str
        See `data.load_partnerships`.
    partnerships : DataFrame
        One row a partnership in reading order: see `universe.partnerships`.
    collectivities : DataFrame
        One row a collectivity, by name: see `universe.collectivities_of`.
    readable : DataFrame
        The partnerships as readers see them, row by row: see `universe.readable`.
    classes : dict
        Field → Classes: of the collectivities for the fields of `COLLECTIVITY_FIELDS`, of the partnerships for those of
        `PARTNERSHIP_FIELDS`, ``decade`` and the lists of countries (`fields.SCHEMES`).
    home : ndarray of int
        Of each partnership, the position of its collectivity.
    """

    tables: Tables
    language: Language
    source: str
    partnerships: pd.DataFrame
    collectivities: pd.DataFrame
    readable: pd.DataFrame
    classes: dict[str, Classes]
    home: np.ndarray

    @classmethod
    def load(cls, lang: str, source: str = data.REGISTER) -> "Material":
        """Read the tables and prepare them.

        Parameters
        ----------
        lang : {"fr", "en"}
        source : str
            See `data.load_partnerships`.

        Raises
        ------
        UserError
            If there is no such language or import.
        DataError
            If an import has a code that its vocabulary lacks.
        """
        tables, statements = data.load_tables(), data.load_partnerships(source)
        if problems := check_vocabularies(tables | {"partnerships": statements}):
            raise DataError(problems)
        return cls.of(tables, statements, lang, source)

    @classmethod
    def of(cls, tables: Tables, statements: pd.DataFrame, lang: str, source: str = data.REGISTER) -> "Material":
        """Prepare rows of partnerships.csv."""
        tables = tables | {"sources": known_sources(tables["sources"], statements)}
        language = Language.of(lang, tables)
        partnerships = universe.partnerships(statements, tables, language)
        listed = universe.collectivities_of(partnerships, statements, tables, source)
        home = listed.index.get_indexer(partnerships["collectivity_id"])
        readable = universe.readable(partnerships, tables, language)
        classes = fields.of_partnerships(partnerships, tables, language)
        classes |= fields.of_collectivities(listed, tables, language)
        return cls(tables, language, source, partnerships, listed, readable, classes, home)

    @cached_property
    def boundaries(self) -> gpd.GeoDataFrame:
        """From `data.load_boundaries`."""
        return data.load_boundaries("50m")

    @cached_property
    def first_years(self) -> np.ndarray:
        """The first year of each partnership, not a number where no source gives it."""
        return self.partnerships["start_year"].to_numpy(dtype=float, na_value=np.nan)

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The earliest and the latest first year; empty if none is documented."""
        known = self.first_years[~np.isnan(self.first_years)]
        return (int(known.min()), int(known.max())) if len(known) else ()

    def options(self, field: str) -> list[tuple[str, str]]:
        """The (label, code) that a field of a `Choice` may take, in reading order: exactly those that occur.

        Parameters
        ----------
        field : str
            ``"kinds"``, ``"countries"``…: any but years and undated.
        """
        names = {plural: name for name, plural in (COLLECTIVITY_FIELDS | PARTNERSHIP_FIELDS).items()}
        return [(label, code) for code, label in self.classes[names[field]].labels.items()]

    def chosen(self, choice: Choice) -> "Chosen":
        """Apply a choice.

        Raises
        ------
        UserError
            If a code does not occur.
        """
        homes = self._kept(choice, COLLECTIVITY_FIELDS, len(self.collectivities))
        kept = self._kept(choice, PARTNERSHIP_FIELDS, len(self.partnerships)) & homes[self.home]
        undated = np.isnan(self.first_years)
        if choice.years:
            first, last = choice.years
            kept &= ((self.first_years >= first) & (self.first_years <= last)) | undated
        return Chosen(self, choice, kept if choice.undated else kept & ~undated, homes)

    def _kept(self, choice: Choice, filters: dict[str, str], size: int) -> np.ndarray:
        mask = np.ones(size, dtype=bool)
        for name, field in filters.items():
            wanted = getattr(choice, field)
            unknown = [code for code in wanted if code not in self.classes[name].labels]
            if unknown:
                raise UserError(f"{field}: {', '.join(unknown)} does not occur; see Material.options({field!r})")
            if wanted:
                mask &= self.classes[name].having(wanted)
        return mask


@dataclass(frozen=True, eq=False)
class Chosen:
    """What a choice leaves.

    Attributes
    ----------
    material : Material
    choice : Choice
    kept, homes : ndarray of bool
        Which rows of the material's partnerships, and which of its collectivities.
    """

    material: Material
    choice: Choice
    kept: np.ndarray
    homes: np.ndarray

    @cached_property
    def partnerships(self) -> pd.DataFrame:
        """The partnerships left: rows of `Material.partnerships`."""
        return self.material.partnerships[self.kept]

    @cached_property
    def collectivities(self) -> pd.DataFrame:
        """The collectivities kept: rows of `Material.collectivities`, by id.

        With ``n_partnerships`` (how many of its partnerships are left) and ``state``: ``shown`` if any is left,
        ``filtered`` if some are documented but none is left, ``none_found`` if a list was sought and no partnership is
        documented, ``not_sought`` if nobody looked. The last two are gaps of the kit, never a nought.
        """
        left = np.bincount(self.material.home[self.kept], minlength=len(self.homes))[self.homes]
        rows = self.material.collectivities[self.homes]
        sought = rows["completeness"].to_numpy() != universe.NOT_SOUGHT
        state = np.select(
            [left > 0, rows["n_documented"].to_numpy() > 0, sought], ["shown", "filtered", "none_found"], "not_sought"
        )
        return rows.assign(n_partnerships=left, state=state)

    def tally(self, field: str) -> pd.DataFrame:
        """Count what is left, class by class.

        Parameters
        ----------
        field : str
            A key of `Material.classes`.

        Returns
        -------
        DataFrame
            One row a class that has a partnership left or, for fields of collectivities, a collectivity kept, in
            reading order: code, label, ``count`` (partnerships left) and ``collectivities`` (of a field of
            partnerships, those that have one left in the class; of a field of collectivities, those kept).
        """
        classes, home = self.material.classes[field], self.material.home
        size = len(classes.labels)
        if field in COLLECTIVITY_FIELDS:
            homes, codes = classes.within(self.homes)
            left = np.bincount(home[self.kept], minlength=len(self.homes))
            counts = np.bincount(codes, weights=left[homes], minlength=size).astype(int)
        else:
            rows, codes = classes.within(self.kept)
            counts = np.bincount(codes, minlength=size)
            codes = np.unique(codes * len(self.homes) + home[rows]) // max(len(self.homes), 1)
        table = pd.DataFrame(
            {
                "code": list(classes.labels),
                "label": list(classes.labels.values()),
                "count": counts,
                "collectivities": np.bincount(codes, minlength=size),
            }
        )
        return table[table["collectivities"] > 0].reset_index(drop=True)

    @cached_property
    def countries(self) -> pd.DataFrame:
        """The countries of the partnerships left, those with most first, then by name.

        Columns country (`geography.UNKNOWN` where not settled), name, n_partnerships and n_collectivities: the French
        collectivities that have a partnership left there.
        """
        names = {"code": "country", "label": "name", "count": "n_partnerships", "collectivities": "n_collectivities"}
        # Classes come in the order of names, which a stable sort keeps.
        counts = self.tally("country").rename(columns=names)
        return counts.sort_values("n_partnerships", ascending=False, kind="stable", ignore_index=True)
