"""The fields that partnerships and collectivities are filtered and counted by, with the words for their codes."""

import pandas as pd

from citydiplo import geography
from citydiplo.collectivities import by_name
from citydiplo.data import Tables
from citydiplo.explorer.classes import Classes
from citydiplo.geography import NOT_LISTED, UNKNOWN
from citydiplo.language import Language
from citydiplo.typologies import NOT_DOCUMENTED

# The official lists of countries: classes of partnerships by themselves, and together the field country_group.
SCHEMES = ("continent", "european_union", "francophonie", "oda")

# The codes of what is not documented.
GAPS = (NOT_DOCUMENTED, UNKNOWN)


def of_partnerships(linked: pd.DataFrame, tables: Tables, language: Language) -> dict[str, Classes]:
    """Put partnerships in classes.

    Parameters
    ----------
    linked : DataFrame
        From `universe.partnerships`.
    tables : dict
    language : Language

    Returns
    -------
    dict
        Classes by kind, domain, decade (its first year), country, source, publisher, each list of `SCHEMES`, and
        country_group: all the lists, a code being the list and the group. A partnership may have several domains,
        sources, publishers and groups of countries.
    """
    gap = {NOT_DOCUMENTED: language.text("partners.not_documented")}
    unknown = {UNKNOWN: language.label("country_group", UNKNOWN)}
    decades = sorted(linked["decade"].dropna().unique())
    shorts = tables["sources"].drop_duplicates("source_id").set_index("source_id")["short"]
    classes = {
        "kind": Classes.of(linked["kind"], words(language, "partnership_kind"), NOT_DOCUMENTED),
        "domain": Classes.of(linked["domains"], words(language, "domain") | gap, NOT_DOCUMENTED),
        "decade": Classes.of(
            linked["decade"].astype("string"),
            {str(year): language.text("partners.decade", decade=str(year)) for year in decades} | gap,
            NOT_DOCUMENTED,
        ),
        "country": Classes.of(linked["country"], _by_label(language.countries) | unknown, UNKNOWN),
        "source": Classes.of(linked["source_ids"], _by_label(shorts.to_dict()), NOT_DOCUMENTED),
        "publisher": Classes.of(linked["publishers"], words(language, "publisher_kind"), NOT_DOCUMENTED),
    }
    lists, groups = [], words(language, "country_group")
    menu: dict[str, str] = {}
    for scheme in SCHEMES:
        found = geography.classify(linked["country"], tables["country_groups"], scheme)
        codes = (f"{scheme} " + found).where(found != UNKNOWN)
        named = {f"{scheme} {code}": label for code, label in groups.items()}
        classes[scheme] = Classes.of(codes, named | unknown, UNKNOWN)
        lists.append(codes)
        title = language.label("country_scheme", scheme)
        menu |= {
            code: language.text("explorer.country_group", scheme=title, group=label) for code, label in named.items()
        }
    # A country that is not settled is so for every list.
    together = lists[0].str.cat(lists[1:], sep=";")
    return classes | {"country_group": Classes.of(together, menu | unknown, UNKNOWN)}


def of_collectivities(listed: pd.DataFrame, tables: Tables, language: Language) -> dict[str, Classes]:
    """Put collectivities in classes.

    Parameters
    ----------
    listed : DataFrame
        From `universe.collectivities_of`.
    tables : dict
    language : Language

    Returns
    -------
    dict
        Classes by collectivity, group, stratum, region and form; a collectivity may have several forms.
    """
    t = language.text
    gap = {NOT_DOCUMENTED: t("partners.not_documented")}
    kinds = words(language, "collectivity_kind")
    sizes = {
        f"{strata} {code}": t("partners.size", sort=sort, size=label)
        for strata, sort in (("commune_stratum", t("partners.commune")), ("epci_stratum", t("partners.epci")))
        for code, label in words(language, strata).items()
    }
    regions = tables["regions"].set_index("region_code")["name"].to_dict()
    groups = {"commune": kinds["commune"], "epci": t("partners.epci")}
    groups |= {kind: kinds[kind] for kind in ("departement", "region")}
    return {
        "collectivity": Classes.of(listed.index.to_series(), listed["name"].to_dict(), NOT_DOCUMENTED),
        "group": Classes.of(listed["group"], groups | gap, NOT_DOCUMENTED),
        "stratum": Classes.of(listed["size"], sizes | {NOT_LISTED: t("explorer.no_size")}, NOT_LISTED),
        "region": Classes.of(listed["region_code"], _by_label(regions) | gap, NOT_DOCUMENTED),
        "form": Classes.of(listed["forms"], words(language, "form") | gap, NOT_DOCUMENTED),
    }


def words(language: Language, vocabulary: str) -> dict[str, str]:
    """The labels of a vocabulary by code, in its order."""
    return {code: language.label(vocabulary, code) for known, code in language.labels if known == vocabulary}


def _by_label(labels: dict[str, str]) -> dict[str, str]:
    """The same, in the order of the labels as a French reader expects it."""
    names = pd.Series(labels, dtype="str")
    return names.loc[by_name(names).sort_values(kind="stable").index].to_dict()
