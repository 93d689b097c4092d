"""All that the tables say of one collectivity, gathered for its report."""

from dataclasses import dataclass
from functools import partial

import pandas as pd

from citydiplo import collectivities, geography
from citydiplo.account_records import AccountRecords, records
from citydiplo.collectivities import Collectivity
from citydiplo.common_partners import partners_in_common
from citydiplo.data import Tables
from citydiplo.digest import digest
from citydiplo.partner_names import french_names
from citydiplo.peers import indicators
from citydiplo.survey.register import chart
from citydiplo.survey.resources import STAFF_CLASSES


@dataclass(frozen=True)
class Profile:
    """What is known of one collectivity; each frame may be empty, which means: not documented.

    Rows of facts, partnerships, memberships, regional_networks and schemes also have ``source``, ``source_number`` and
    ``source_language``: the short name of their source, its number in the report and its language.

    Attributes
    ----------
    city : Collectivity
    region, department : str or None
        Names.
    epci : Collectivity or None
        Of a commune: the EPCI it belongs to.
    members : DataFrame
        Of an EPCI: its communes, the most populous first (name, population).
    peers : DataFrame
        See `collectivities.peers`.
    related : DataFrame
        Its EPCI or its member communes that facts.csv documents: ``name`` and number of ``facts``.
    facts : DataFrame
        Rows of facts.csv in the order of the themes.
    partnerships : DataFrame
        Rows of partnerships.csv, by kind of partner, kind of link and name, with the columns of `geography.measure`
        and ``name_fr``: see `partner_names.french_names`.
    coverage : DataFrame
        Its row of partnership_coverage.csv, if any.
    common : DataFrame
        The collectivities that share places or countries with it: see `common_partners.partners_in_common`.
    compared : DataFrame
        What `peers.indicators` says of it and of its peers; without those that have no partnership.
    memberships : DataFrame
        Rows of memberships.csv with the columns of networks.csv.
    regional_networks : DataFrame
        Rows of networks.csv: the multi-actor networks of its region.
    schemes : DataFrame
        Rows of funding_schemes.csv with the name of the actor (actor_fr, actor_en).
    survey : DataFrame
        Answers of the 2021 survey as published, class by class: see `survey_position`.
    recommendations : DataFrame
        Rows of recommendations.csv with ``evidence``: the ids of the facts that document them.
    missing : DataFrame
        Rows of checklist.csv that nothing documents.
    accounts : AccountRecords
        What is imported of its accounts and of those of its EPCI.
    sources : DataFrame
        Rows of sources.csv that the others cite, with their ``number`` in the report.
    """

    city: Collectivity
    region: str
    department: str | None
    epci: Collectivity | None
    members: pd.DataFrame
    peers: pd.DataFrame
    related: pd.DataFrame
    facts: pd.DataFrame
    partnerships: pd.DataFrame
    coverage: pd.DataFrame
    common: pd.DataFrame
    compared: pd.DataFrame
    memberships: pd.DataFrame
    regional_networks: pd.DataFrame
    schemes: pd.DataFrame
    survey: pd.DataFrame
    recommendations: pd.DataFrame
    missing: pd.DataFrame
    accounts: AccountRecords
    sources: pd.DataFrame


# The sources of the reference data and of the maps, which no row of a profile cites.
REFERENCE_SOURCES = ("decoupage-administratif-2026", "geonames", "natural-earth", "eu-countries", "oecd-dac-list-2025")


def build(city: Collectivity, everyone: pd.DataFrame, tables: Tables, accounts: Tables) -> Profile:
    """Gather all that the tables say of ``city``.

    Parameters
    ----------
    city : Collectivity
    everyone : DataFrame
        From `collectivities.directory`.
    tables : dict
        From `data.load_tables`.
    accounts : dict
        From `data.load_accounts`.
    """
    facts = _of(tables["facts"], city)
    rows = tables["partnerships"]
    places = rows.loc[rows["collectivity_id"] == city.id, "place"]
    spelled = french_names(rows[rows["place"].isin(places)], tables["sources"]).rename("name_fr")
    alike = collectivities.peers(everyone, city)
    measured = geography.measure(rows, everyone)
    partners = geography.once(measured)
    partners = partners[partners["collectivity_id"].isin([city.id, *alike.index])]
    partnerships = _of(measured, city).join(spelled, on=["place", "country"])
    coverage = _of(tables["partnership_coverage"], city)
    memberships = _of(tables["memberships"], city).merge(tables["networks"], on="network_id", suffixes=("", "_network"))
    local = tables["regional_networks"].query("region_code == @city.region_code")
    regional = local.merge(tables["networks"], on="network_id", suffixes=("_region", ""))
    schemes = _schemes(tables["funding_schemes"], tables["actors"])
    survey = survey_position(facts, tables["published_figures"], tables["labels"])
    recommendations = evidence(facts, tables["recommendations"])
    epci = collectivities.get(everyone, city.epci_id) if city.epci_id else None
    sirens = [each.siren for each in (city, epci) if each and each.siren]
    found = records(sirens, everyone, tables, accounts)
    shown = (facts, partnerships, coverage, memberships, regional, schemes, survey, recommendations, *found.cited)
    sources = _numbered(tables["sources"], *shown)
    cited = partial(_cited, sources=sources)
    labels = tables["labels"]
    return Profile(
        city=city,
        region=tables["regions"].set_index("region_code").loc[city.region_code, "name"],
        department=tables["departments"].set_index("department_code")["name"].get(city.department_code),
        epci=epci,
        members=_members(city, tables["communes"]),
        peers=alike,
        related=_related(city, everyone, tables["facts"]),
        facts=_in_order(cited(facts), labels, theme="theme"),
        partnerships=_in_order(
            cited(partnerships).sort_values("partner"), labels, kind="partnership_kind", partner_kind="partner_kind"
        ),
        coverage=coverage,
        common=partners_in_common(rows, city.id),
        compared=indicators(partners, tables["country_groups"]),
        memberships=_in_order(cited(memberships).sort_values("name_fr"), labels, kind="network_kind"),
        regional_networks=cited(regional),
        schemes=cited(schemes),
        survey=survey,
        recommendations=recommendations,
        missing=missing(facts, partnerships, memberships, tables["checklist"]),
        accounts=found,
        sources=sources,
    )


def fingerprint(profile: Profile) -> str:
    """SHA-256 of all that a profile holds: as long as it is the same, a report says the same."""
    return digest(profile)


def _numbered(sources: pd.DataFrame, *frames: pd.DataFrame) -> pd.DataFrame:
    """Number the sources that the frames cite, and those of the reference, in the order of sources.csv."""
    used = set().union(*(frame["source_id"].dropna() for frame in frames), REFERENCE_SOURCES)
    cited = sources[sources["source_id"].isin(used)].reset_index(drop=True)
    return cited.assign(number=cited.index + 1)


def _cited(frame: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Add to each row the short name, the number and the language of its source."""
    known = sources.set_index("source_id")
    return frame.assign(
        source=frame["source_id"].map(known["short"]),
        source_number=frame["source_id"].map(known["number"]),
        source_language=frame["source_id"].map(known["language"]),
    )


def _of(table: pd.DataFrame, city: Collectivity) -> pd.DataFrame:
    return table[table["collectivity_id"] == city.id].reset_index(drop=True)


def _members(city: Collectivity, communes: pd.DataFrame) -> pd.DataFrame:
    members = communes.loc[communes["epci_siren"] == city.id, ["name", "population"]]
    return members.sort_values("population", ascending=False).reset_index(drop=True)


# Themes that say nothing of a collectivity's international action: landmarks, having had a part in the study.
ABOUT_THE_CITY = ("context", "study")


def stated(facts: pd.DataFrame) -> pd.DataFrame:
    """The facts on a collectivity's international action."""
    return facts[~facts["theme"].isin(ABOUT_THE_CITY)]


def counts(profile: Profile) -> dict[str, int]:
    """How much is documented: facts, partnerships, networks, recommendations; and how many items are missing."""
    return {
        "facts": len(stated(profile.facts)),
        "partnerships": len(profile.partnerships.drop_duplicates(LINK)),
        "networks": profile.memberships["network_id"].nunique(),
        "recommendations": int(profile.recommendations["evidence"].map(bool).sum()),
        "missing": len(profile.missing),
    }


# The columns that tell links apart.
LINK = ["place", "country", "kind"]


def links(partnerships: pd.DataFrame) -> pd.DataFrame:
    """One row a link with a place, whatever the number of sources that state it.

    Parameters
    ----------
    partnerships : DataFrame
        Rows of partnerships.csv of one collectivity.

    Returns
    -------
    DataFrame
        The first row of each place, country and kind, in the order of the rows, with ``start_year`` and ``end_year``
        the first and the last that a source gives, ``disagree`` (whether sources give several first years) and
        ``statements`` (a list of the positions of all its rows).
    """
    groups = partnerships.groupby(LINK, sort=False, dropna=False)
    firsts = groups.head(1).reset_index(drop=True)
    statements: list[list[int]] = [[] for _ in firsts.index]
    for position, link in enumerate(groups.ngroup()):
        statements[link].append(position)
    return firsts.assign(
        start_year=groups["start_year"].min().array,
        end_year=groups["end_year"].max().array,
        disagree=(groups["start_year"].nunique() > 1).to_numpy(),
        statements=pd.Series(statements, index=firsts.index, dtype=object),
    )


def _related(city: Collectivity, everyone: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    numbers = stated(facts)["collectivity_id"].value_counts()
    documented = everyone[everyone.index.isin(numbers.index)]
    documented = documented[(documented["epci_id"] == city.id) | (documented.index == city.epci_id)]
    documented = documented.assign(facts=numbers.reindex(documented.index))
    return documented[["name", "facts"]].sort_values("name", key=collectivities.by_name)


def _in_order(frame: pd.DataFrame, labels: pd.DataFrame, **vocabularies: str) -> pd.DataFrame:
    """Sort rows by the reading order of the vocabularies of some columns; equal rows keep their order."""

    def rank(column: pd.Series) -> pd.Series:
        codes = labels.loc[labels["vocabulary"] == vocabularies[str(column.name)], "code"]
        return column.map({code: position for position, code in enumerate(codes)})

    return frame.sort_values(list(vocabularies), key=rank, kind="stable", ignore_index=True)


def _schemes(schemes: pd.DataFrame, actors: pd.DataFrame) -> pd.DataFrame:
    names = actors[["actor_id", "name_fr", "name_en"]].rename(columns={"name_fr": "actor_fr", "name_en": "actor_en"})
    return schemes.merge(names, on="actor_id")


def survey_position(facts: pd.DataFrame, figures: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Place a collectivity's documented budget and staff on the published answers of the survey.

    Parameters
    ----------
    facts : DataFrame
        Facts of one collectivity. ``budget_class`` and ``staff_class`` give a class, ``staff_count`` a number.
    figures, labels : DataFrame
        The tables published_figures and labels.

    Returns
    -------
    DataFrame
        The two charts (see `survey.register.chart`) with the columns ``topic`` and ``own``.
    """
    documented = {
        "budget_class": set(facts.loc[facts["indicator"] == "budget_class", "value"]),
        "staff_class": set(facts.loc[facts["indicator"] == "staff_class", "value"])
        | {staff_class(int(value)) for value in facts.loc[facts["indicator"] == "staff_count", "value"]},
    }
    charts = []
    for topic, own in documented.items():
        classes = chart(figures, topic, labels.loc[labels["vocabulary"] == topic, "code"].tolist())
        charts.append(classes.assign(topic=topic, own=classes["category"].isin(own)))
    return pd.concat(charts, ignore_index=True)


def staff_class(people: int) -> str:
    """The survey's class of a number of people."""
    return next(code for code, (_, most) in STAFF_CLASSES.items() if people <= most)


def evidence(facts: pd.DataFrame, recommendations: pd.DataFrame) -> pd.DataFrame:
    """Give each recommendation the ids of the facts that document it, as a list in ``evidence``."""
    numbers = facts.assign(number=facts["recommendations"].str.split(";")).explode("number").dropna(subset="number")
    found = numbers.groupby(numbers["number"].astype(int))["fact_id"].agg(list)
    lists = [found.get(number, []) for number in recommendations["number"]]
    return recommendations.assign(evidence=pd.Series(lists, index=recommendations.index, dtype=object))


def missing(
    facts: pd.DataFrame, partnerships: pd.DataFrame, memberships: pd.DataFrame, checklist: pd.DataFrame
) -> pd.DataFrame:
    """Select the items of the checklist that nothing documents.

    An item is documented by a fact with one of its indicators, by any row of the table it names, or, for a
    recommendation, by any fact that counts as evidence for it.
    """
    rows = {"partnerships": len(partnerships), "memberships": len(memberships)}
    indicators = set(facts["indicator"])
    recommended = set(facts["recommendations"].dropna().str.split(";").explode())

    def documented(item: pd.Series) -> bool:
        wanted = set(str(item["documented_by"]).split(";"))
        return (
            bool(wanted & indicators) or any(rows.get(w) for w in wanted) or str(item["recommendation"]) in recommended
        )

    return checklist[~checklist.apply(documented, axis="columns")].reset_index(drop=True)
