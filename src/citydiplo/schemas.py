"""
One pandera model per table of ``data/``: the declared truth for loading, checking and documenting it.

``citydiplo.datapackage`` writes ``data/datapackage.json`` from these models. Four keys of a column's metadata are
not pandera's own: ``references`` (``"table.column"``, a foreign key), ``each_references`` (the same for a list of
keys), ``vocabulary`` (its values are codes of ``labels.csv``; a column described as a list holds several, separated by
``;``) and ``unit``.
"""

from typing import Any

import pandera.pandas as pa
from pandera.typing import Series

COMMUNE = r"(?:0[1-9]|[1-8]\d|9[0-5]|2[AB]|9[78]\d)\d{2,3}"
SIREN = r"\d{9}"
COLLECTIVITY = rf"^(?:{COMMUNE}|{SIREN}|dep-\w{{2,3}}|reg-\d{{2,3}})$"
SLUG = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
CODE = r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$"
CODE_IN_LISTS = r"^[a-z0-9]+(?:_[a-z0-9]+)*$"
DATE = r"^\d{4}(?:-\d{2}(?:-\d{2})?)?$"
ISO3 = r"^[A-Z]{3}$"


def key(pattern: str = SLUG, **options: Any) -> Any:
    """A column that identifies the row."""
    return pa.Field(unique=True, str_matches=pattern, **options)


def text(description: str, *, nullable: bool = False, pattern: str | None = None, **metadata: str) -> Any:
    """A column of text; ``metadata``: see the module."""
    return pa.Field(nullable=nullable, str_matches=pattern, description=description, metadata=metadata or None)


def coded(vocabulary: str, description: str, *, nullable: bool = False) -> Any:
    """A column whose values are codes of one vocabulary."""
    return text(description, nullable=nullable, pattern=CODE, vocabulary=vocabulary)


def coded_list(vocabulary: str, description: str) -> Any:
    """A column holding any number of codes of one vocabulary, separated by ``;``."""
    return text(f"{description} (list, separated by ;)", nullable=True, vocabulary=vocabulary)


def number(description: str, low: float, high: float, *, nullable: bool = True, **metadata: str) -> Any:
    """A column of numbers between two bounds, both allowed."""
    return pa.Field(nullable=nullable, ge=low, le=high, description=description, metadata=metadata or None)


def year(description: str) -> Any:
    """A column of calendar years."""
    return number(description, 1900, 2100)


def latitude() -> Any:
    return number("Latitude, WGS 84", -90, 90, unit="degree")


def longitude() -> Any:
    return number("Longitude, WGS 84", -180, 180, unit="degree")


def source_id() -> Any:
    return text("Where the row comes from", references="sources.source_id")


def locator() -> Any:
    return text("Where in the source: section heading, or line range in its text (l. 12-15)")


def derivation() -> Any:
    return text("How the row was obtained, where the source does not print it literally", nullable=True)


def derivation_fr() -> Any:
    return text("The same in French, for reports", nullable=True)


def collectivity_id() -> Any:
    return text(
        "INSEE code of a commune, SIREN of an EPCI, dep-CODE or reg-CODE",
        pattern=COLLECTIVITY,
        references="collectivities.collectivity_id",
    )


def collectivity_name() -> Any:
    return text("Its name in collectivities.csv, repeated for readers of the file")


class Table(pa.DataFrameModel):
    """What all tables share: no unknown column, columns in order, values converted to the declared types."""

    class Config:
        strict = True
        ordered = True
        coerce = True


class Sources(Table):
    """Every document and dataset that a row of the kit comes from."""

    source_id: Series[str] = key(description="Stable identifier")
    short: Series[str] = text("Short name, for citations")
    title: Series[str] = text("Title, as published")
    publisher: Series[str] = text("Who published it")
    publisher_kind: Series[str] = coded("publisher_kind", "What sort of publisher, seen from a French collectivity")
    published: Series[str] = text("Date of publication", nullable=True, pattern=DATE)
    url: Series[str] = text("Public address", nullable=True, pattern=r"^https?://\S+$")
    licence: Series[str] = text("Licence or terms, where known", nullable=True)
    accessed: Series[str] = text("When it was read", nullable=True, pattern=DATE)
    language: Series[str] = text("ISO 639-1", pattern=r"^[a-z]{2}$")
    note: Series[str] = text("What a reader should know of it", nullable=True)


class Labels(Table):
    """The vocabularies: each code with its French and English label, in reading order."""

    vocabulary: Series[str] = text("Which vocabulary", pattern=CODE)
    code: Series[str] = text("The code used in the tables", pattern=CODE_IN_LISTS)
    label_fr: Series[str] = text("French label")
    label_en: Series[str] = text("English label")

    class Config:
        unique = ["vocabulary", "code"]


class Regions(Table):
    """The regions and overseas collectivities of the official geographic code."""

    region_code: Series[str] = key(r"^\d{2,3}$", description="INSEE region code")
    name: Series[str] = text("Name")


class Departments(Table):
    """The départements of the official geographic code."""

    department_code: Series[str] = key(r"^(?:\d{2,3}|2[AB])$", description="INSEE département code")
    name: Series[str] = text("Name")
    region_code: Series[str] = text("Its region", references="regions.region_code")


class Communes(Table):
    """Every commune of France, from the official geographic code."""

    insee: Series[str] = key(rf"^{COMMUNE}$", description="INSEE code")
    name: Series[str] = text("Name")
    siren: Series[str] = text("SIREN", nullable=True, pattern=rf"^{SIREN}$")
    department_code: Series[str] = text("Département", nullable=True, references="departments.department_code")
    region_code: Series[str] = text("Region", references="regions.region_code")
    epci_siren: Series[str] = text("The EPCI it belongs to", nullable=True, references="epci.siren")
    population: Series[pa.Int64] = number("Municipal population", 0, 10_000_000, unit="person")
    population_year: Series[pa.Int64] = year("Reference year of the population")
    latitude: Series[float] = latitude()
    longitude: Series[float] = longitude()
    geonames_id: Series[pa.Int64] = number("GeoNames entry the point comes from", 1, 99_999_999)


class FormerCommunes(Table):
    """Communes that are now a part of another (communes déléguées and associées)."""

    insee: Series[str] = key(rf"^{COMMUNE}$", description="INSEE code, which the commune of today may have kept")
    name: Series[str] = text("Name")
    commune: Series[str] = text("The commune of today", references="communes.insee")


class Epci(Table):
    """Every EPCI with own-source tax revenue (EPCI à fiscalité propre)."""

    siren: Series[str] = key(rf"^{SIREN}$", description="SIREN")
    name: Series[str] = text("Official name")
    kind: Series[str] = coded("collectivity_kind", "Legal kind")
    region_code: Series[str] = text("Region of its most populous commune", references="regions.region_code")
    main_commune: Series[str] = text("Its most populous commune", references="communes.insee")
    population: Series[pa.Int64] = number("Municipal population", 0, 10_000_000, unit="person")
    population_year: Series[pa.Int64] = year("Reference year of the population")


class Countries(Table):
    """Countries and territories with their ISO 3166-1 codes and names."""

    iso3: Series[str] = key(ISO3, description="ISO 3166-1 alpha-3")
    iso2: Series[str] = key(r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2")
    iso_numeric: Series[str] = text("ISO 3166-1 numeric", nullable=True, pattern=r"^\d{3}$")
    name_fr: Series[str] = text("French name")
    name_en: Series[str] = text("English name")


class CountryGroups(Table):
    """Which countries the official lists place in which group; what a list leaves out is in no group of it."""

    scheme: Series[str] = coded("country_scheme", "The list")
    group: Series[str] = coded("country_group", "The group")
    iso3: Series[str] = text("Country", pattern=ISO3, references="countries.iso3")
    as_of: Series[str] = text("The date at which the list is known to hold", pattern=DATE)
    source_id: Series[str] = source_id()
    locator: Series[str] = text("Where in the source: heading or column; of M49, the codes of country and region")
    derivation: Series[str] = derivation()

    class Config:
        unique = ["scheme", "iso3"]


class Collectivities(Table):
    """The collectivities of the study, and every other one that a source names."""

    collectivity_id: Series[str] = key(
        COLLECTIVITY, description="INSEE code of a commune, SIREN of an EPCI, dep-CODE or reg-CODE"
    )
    name: Series[str] = text("Usual name")
    kind: Series[str] = coded("collectivity_kind", "Legal kind")
    siren: Series[str] = text("SIREN", nullable=True, pattern=rf"^{SIREN}$")
    region_code: Series[str] = text("Region", references="regions.region_code")
    latitude: Series[float] = latitude()
    longitude: Series[float] = longitude()
    study_role: Series[str] = coded("study_role", "Its part in the 2021 study, if any", nullable=True)
    name_in_source: Series[str] = text("As the source spells it")
    source_id: Series[str] = source_id()
    locator: Series[str] = locator()
    derivation: Series[str] = derivation()


class Facts(Table):
    """What a source says of one collectivity, one statement a row, in our words."""

    fact_id: Series[str] = key(description="Stable identifier")
    collectivity_id: Series[str] = collectivity_id()
    collectivity: Series[str] = collectivity_name()
    theme: Series[str] = coded("theme", "Theme, the order of a report")
    indicator: Series[str] = coded("indicator", "What is stated")
    value: Series[str] = text("The value as printed, or a code")
    unit: Series[str] = coded("unit", "Unit of the value", nullable=True)
    year: Series[pa.Int64] = year("The year it is about, where known")
    statement_fr: Series[str] = text("The statement in French")
    statement_en: Series[str] = text("The statement in English")
    recommendations: Series[str] = text(
        "The study's recommendations it is evidence for (list, separated by ;)",
        nullable=True,
        pattern=r"^(?:10|[1-9])(?:;(?:10|[1-9]))*$",
    )
    source_id: Series[str] = source_id()
    locator: Series[str] = locator()
    derivation: Series[str] = derivation()
    derivation_fr: Series[str] = derivation_fr()


class Partnerships(Table):
    """Links between a French collectivity and a foreign place."""

    partnership_id: Series[str] = key(description="Stable identifier")
    collectivity_id: Series[str] = collectivity_id()
    collectivity: Series[str] = collectivity_name()
    partner: Series[str] = text("The partner as the source spells it")
    place: Series[str] = text("The partner's usual English name")
    partner_kind: Series[str] = coded("partner_kind", "Kind of partner")
    country: Series[str] = text(
        "Country; empty for a territory that the standard does not settle",
        nullable=True,
        pattern=ISO3,
        references="countries.iso3",
    )
    latitude: Series[float] = latitude()
    longitude: Series[float] = longitude()
    geonames_id: Series[pa.Int64] = number("GeoNames entry the point comes from", 1, 99_999_999)
    kind: Series[str] = coded("partnership_kind", "Kind of link")
    status: Series[str] = coded("partnership_status", "State of the link at the source's date")
    as_of: Series[str] = text("That date, where the source has one", nullable=True, pattern=DATE)
    start_year: Series[pa.Int64] = year("First year, where given")
    end_year: Series[pa.Int64] = year("Last year, where given")
    domains: Series[str] = coded_list("domain", "Domains, the study's twelve")
    note_fr: Series[str] = text("What is done, in French", nullable=True)
    note_en: Series[str] = text("What is done, in English", nullable=True)
    source_id: Series[str] = source_id()
    locator: Series[str] = locator()
    derivation: Series[str] = derivation()
    derivation_fr: Series[str] = derivation_fr()


class PartnershipCoverage(Table):
    """How complete the partnerships of a collectivity of the study are, and the total that a source announces."""

    collectivity_id: Series[str] = text(
        "INSEE code of a commune, SIREN of an EPCI",
        pattern=COLLECTIVITY,
        references="collectivities.collectivity_id",
    )
    collectivity: Series[str] = collectivity_name()
    completeness: Series[str] = coded("completeness", "How far the sources found list its partners")
    announced_total: Series[pa.Int64] = number("Number of partners that a source announces", 0, 1000)
    source_id: Series[str] = text("Where that total is printed", nullable=True, references="sources.source_id")
    note_fr: Series[str] = text("What a reader should know, in French", nullable=True)
    note_en: Series[str] = text("What a reader should know, in English", nullable=True)

    class Config:
        unique = ["collectivity_id"]


class Networks(Table):
    """Networks and associations that collectivities join or that support them."""

    network_id: Series[str] = key(description="Stable identifier")
    name_fr: Series[str] = text("French name")
    name_en: Series[str] = text("English name")
    acronym: Series[str] = text("Acronym", nullable=True)
    kind: Series[str] = coded("network_kind", "Kind of network")
    perimeter_fr: Series[str] = text("Perimeter, in French", nullable=True)
    perimeter_en: Series[str] = text("Perimeter, in English", nullable=True)
    governance_fr: Series[str] = text("Who governs it, in French", nullable=True)
    governance_en: Series[str] = text("Who governs it, in English", nullable=True)
    services_fr: Series[str] = text("What it offers its members, in French", nullable=True)
    services_en: Series[str] = text("What it offers its members, in English", nullable=True)
    founded: Series[pa.Int64] = year("Year of foundation")
    members: Series[pa.Int64] = number("Number of members, at the source's date", 1, 1_000_000, unit="member")
    source_id: Series[str] = source_id()
    locator: Series[str] = locator()
    derivation: Series[str] = derivation()


class Memberships(Table):
    """Which collectivity belongs to, founded or takes part in which network."""

    collectivity_id: Series[str] = collectivity_id()
    collectivity: Series[str] = collectivity_name()
    network_id: Series[str] = text("The network", references="networks.network_id")
    role: Series[str] = coded("membership_role", "Role in the network")
    year: Series[pa.Int64] = year("Year of the statement or of joining, where known")
    source_id: Series[str] = source_id()
    locator: Series[str] = locator()
    derivation: Series[str] = derivation()
    derivation_fr: Series[str] = derivation_fr()

    class Config:
        unique = ["collectivity_id", "network_id", "role", "source_id"]


class RegionalNetworks(Table):
    """The regional multi-actor networks (réseaux régionaux multi-acteurs, RRMA), region by region."""

    region_code: Series[str] = text("Region", references="regions.region_code")
    network_id: Series[str] = text("The network", references="networks.network_id")
    source_id: Series[str] = source_id()
    locator: Series[str] = locator()

    class Config:
        unique = ["region_code", "network_id"]


class Actors(Table):
    """Who acts in the field: the boxes of the study's map of actors, and others its text names."""

    actor_id: Series[str] = key(description="Stable identifier")
    name_fr: Series[str] = text("French name")
    name_en: Series[str] = text("English name")
    kind: Series[str] = coded("actor_kind", "Kind of actor")
    level: Series[str] = coded("actor_level", "Level at which it acts")
    role_fr: Series[str] = text("What it does for collectivities, in French", nullable=True)
    role_en: Series[str] = text("What it does for collectivities, in English", nullable=True)
    source_id: Series[str] = source_id()
    locator: Series[str] = locator()


class ActorLinks(Table):
    """Who finances, composes, coordinates or lobbies whom."""

    from_actor: Series[str] = text("Who acts", references="actors.actor_id")
    to_actor: Series[str] = text("On whom", references="actors.actor_id")
    relation: Series[str] = coded("actor_relation", "Kind of link")
    assignment: Series[str] = coded("assignment", "How sure it is that the source says so")
    source_id: Series[str] = source_id()
    locator: Series[str] = locator()
    derivation: Series[str] = derivation()

    class Config:
        unique = ["from_actor", "to_actor", "relation"]


class FundingSchemes(Table):
    """Money that collectivities can ask for, with its limits."""

    scheme_id: Series[str] = key(description="Stable identifier")
    actor_id: Series[str] = text("Who gives it", references="actors.actor_id")
    name_fr: Series[str] = text("French name")
    name_en: Series[str] = text("English name")
    created: Series[pa.Int64] = year("Year of creation")
    minimum: Series[pa.Int64] = number("Smallest amount", 0, 1_000_000_000, unit="EUR")
    maximum: Series[pa.Int64] = number("Largest amount", 0, 1_000_000_000, unit="EUR")
    own_share: Series[float] = number("Least share that collectivities and partners bring", 0, 100, unit="percent")
    years: Series[pa.Int64] = number("Longest duration", 1, 30, unit="year")
    conditions_fr: Series[str] = text("What it is for and on what conditions, in French")
    conditions_en: Series[str] = text("What it is for and on what conditions, in English")
    source_id: Series[str] = source_id()
    locator: Series[str] = locator()


class Recommendations(Table):
    """The study's ten recommendations to cities and EPCI, in our words."""

    number: Series[int] = pa.Field(unique=True, ge=1, le=10, description="Its number in the study")
    title_fr: Series[str] = text("In French")
    title_en: Series[str] = text("In English")
    source_id: Series[str] = source_id()
    locator: Series[str] = locator()


class Checklist(Table):
    """What a report asks of a collectivity's officer where the tables document nothing."""

    item_id: Series[str] = key(CODE, description="Stable identifier")
    theme: Series[str] = coded("theme", "Theme, the order of a report")
    documented_by: Series[str] = text(
        "Indicators of facts.csv, or names of tables, any of which documents it (list, separated by ;)", nullable=True
    )
    recommendation: Series[pa.Int64] = number("The recommendation of the study that it follows up", 1, 10)
    question_fr: Series[str] = text("The question in French")
    question_en: Series[str] = text("The question in English")
    answer_fr: Series[str] = text("The form of the answer, in French")
    answer_en: Series[str] = text("The form of the answer, in English")


class NationalAggregates(Table):
    """The same national counts, as different sources gave them over the years."""

    aggregate_id: Series[str] = key(description="Stable identifier")
    indicator: Series[str] = coded("aggregate_indicator", "What is counted")
    printed: Series[str] = text("The value as printed")
    value: Series[pa.Int64] = number("The value as a number", 0, 10_000_000_000, nullable=False)
    qualifier: Series[str] = coded("qualifier", "Exact, about, more than…")
    unit: Series[str] = coded("unit", "Unit")
    year: Series[pa.Int64] = year("The year it is given for")
    source_id: Series[str] = source_id()
    locator: Series[str] = locator()
    derivation: Series[str] = derivation()


class PublishedFigures(Table):
    """Every number that the study prints about its survey or the field: as printed, with its base and its place.

    A row is one printed number. Where the extraction lost which label a number belongs to, the row is ``ambiguous``:
    it has no category, and ``possible`` lists every one that the evidence leaves.
    """

    figure_id: Series[str] = key(description="Stable identifier")
    topic: Series[str] = coded("figure_topic", "The question, chart or statement")
    category: Series[str] = text(
        "The answer or class, a code of the vocabulary named like the topic; empty where the topic has one number only",
        nullable=True,
        pattern=CODE_IN_LISTS,
    )
    printed: Series[str] = text("The number as printed, in French")
    value: Series[float] = number("The same as a number", 0, 1_000_000_000, nullable=False)
    qualifier: Series[str] = coded("qualifier", "Exact, about, more than…")
    unit: Series[str] = coded("unit", "Unit")
    base: Series[pa.Int64] = number("Number of units that the number is a share of, where printed", 1, 100_000)
    base_label: Series[str] = coded("base_label", "Who is counted, for a share or an answer", nullable=True)
    inferred_base: Series[pa.Int64] = number("The same number where it is not printed but follows from others", 1, 1000)
    place: Series[str] = coded("figure_place", "Where it is printed: text, chart, footnote…")
    assignment: Series[str] = coded("assignment", "How sure it is that this number belongs to this label")
    possible: Series[str] = text(
        "Of an ambiguous row: the categories it may belong to (list, separated by ;)", nullable=True
    )
    source_id: Series[str] = source_id()
    locator: Series[str] = locator()
    derivation: Series[str] = derivation()
    derivation_fr: Series[str] = derivation_fr()


class AuditFindings(Table):
    """What the audit of the study found: where its printed numbers do not agree, and what would explain it."""

    finding_id: Series[str] = key(description="Stable identifier; where a check finds it, the check gives it this name")
    check: Series[str] = coded("audit_check", "The check that finds it, or reading")
    figures: Series[str] = text(
        "The printed numbers concerned (list, separated by ;)", each_references="published_figures.figure_id"
    )
    severity: Series[str] = coded("severity", "How much it matters to a reader")
    statement_fr: Series[str] = text("What does not agree, in French")
    statement_en: Series[str] = text("The same in English")
    explanation_fr: Series[str] = text("What would explain it, in French")
    explanation_en: Series[str] = text("The same in English")


class TypologyRules(Table):
    """Which rows of the tables place a collectivity in which class of which typology."""

    rule_id: Series[str] = key(description="Stable identifier")
    typology: Series[str] = coded("typology", "The typology")
    category: Series[str] = text("The class, a code of the vocabulary named like the typology", pattern=CODE_IN_LISTS)
    table: Series[str] = coded("rule_table", "The table whose rows are evidence, or what other rules have placed")
    column: Series[str] = text(
        "Which of its columns decide (list, separated by ;); of memberships also network_kind; empty: every row counts",
        nullable=True,
    )
    value: Series[str] = text(
        "The value of each of these columns, in the same order; of a column that holds a list, one of its values",
        nullable=True,
    )
    source_id: Series[str] = text("Which source defines the class", references="sources.source_id")
    locator: Series[str] = text("Where it does: line range in its text (l. 12-15)")
    why_fr: Series[str] = text("Why such a row is a mark of the class, in French")
    why_en: Series[str] = text("The same in English")


class Questionnaire(Table):
    """The questions of the survey, in the order of asking: the one source of every form, codebook and check.

    The study did not publish its questionnaire: what it asked is read from its charts and text; the wording is ours.
    """

    question_id: Series[str] = key(CODE, description="Stable identifier: the name of the variable")
    section: Series[str] = coded("survey_section", "The page of the form")
    type: Series[str] = coded("question_type", "What sort of answer")
    vocabulary: Series[str] = text(
        "Of a choice: the vocabulary of labels.csv that has the answers", nullable=True, pattern=CODE
    )
    codes: Series[str] = text(
        "Of a choice: which codes of the vocabulary, in the order of the form (list, separated by ;); empty: all",
        nullable=True,
    )
    wording_fr: Series[str] = text("The question, in French")
    wording_en: Series[str] = text("The same in English")
    hint_fr: Series[str] = text("What helps to answer, in French", nullable=True)
    hint_en: Series[str] = text("The same in English", nullable=True)
    required: Series[str] = coded("yes_no", "Whether a form without an answer is refused")
    asked_if: Series[str] = text(
        "question=code or question=code|code: asked only of those who gave one of these answers; empty: of all",
        nullable=True,
        pattern=r"^[a-z][a-z0-9_]*=[a-z0-9_]+(?:\|[a-z0-9_]+)*$",
    )
    feeds: Series[str] = coded(
        "figure_topic", "The topic of published_figures.csv that it measures again", nullable=True
    )
    base_label: Series[str] = coded("base_label", "Whom the published shares count", nullable=True)
    confidentiality: Series[str] = coded("confidentiality", "Who may see the answer of one respondent")
    origin: Series[str] = coded("question_origin", "Printed by the study, read from its results, or added")
    source_id: Series[str] = source_id()
    locator: Series[str] = locator()
    derivation: Series[str] = derivation()
    derivation_fr: Series[str] = derivation_fr()


class Reconstructed2021(Table):
    """Synthetic respondents whose tables give back the printed figures of 2021: no row is a real collectivity.

    Only the totals that the study prints mean anything: how the answers of one row go together is drawn at random. A
    column has the name of a question of questionnaire.csv; an empty cell is a question that the row does not answer.
    """

    response_id: Series[str] = key(r"^synthetic-\d{2}$", description="Stable identifier")
    synthetic: Series[str] = text("yes in every row: made by data/build/reconstruction.py", pattern="^yes$")
    kind: Series[str] = text("commune or epci", pattern="^(?:commune|epci)$")
    strata: Series[str] = text(
        "The vocabulary of its size class; one EPCI of a shared service is counted with the communes, as in the study",
        pattern="^(?:commune|epci)_stratum$",
    )
    stratum: Series[str] = text("Size class of the study, a code of that vocabulary", pattern=CODE)
    answered_for: Series[str] = coded("answered_for", "For whom it answers")
    carrier: Series[str] = coded("carrier", "Who carries the action", nullable=True)
    activity: Series[str] = coded("activity_level", "How active it says it is")
    budget_class: Series[str] = coded("budget_class", "Yearly budget", nullable=True)
    budget_amount: Series[pa.Int64] = number(
        "Yearly budget, drawn within its class so that the median is the printed one", 0, 10_000_000, unit="eur"
    )
    budget_trend: Series[str] = coded("budget_trend", "How the budget changes", nullable=True)
    staff_count: Series[pa.Int64] = number("People assigned", 0, 100, unit="person")
    attachment: Series[str] = coded("attachment", "To whom the service reports", nullable=True)
    transversality: Series[str] = coded("yes_no", "Whether action is led with other departments", nullable=True)
    leadership: Series[str] = coded("leadership", "Who leads the action", nullable=True)
    form: Series[str] = coded_list("form", "Forms of action")
    domain: Series[str] = coded_list("domain", "Domains of action")
    partner: Series[str] = coded_list("partner", "Partners")
    citizens_place: Series[str] = coded("citizens_place", "Place of citizens", nullable=True)
    assistance: Series[str] = coded("yes_no", "Whether it receives assistance", nullable=True)
    assistance_satisfied: Series[str] = coded("yes_no", "Of those who do: whether it is satisfied", nullable=True)
    assistance_complex: Series[str] = coded("yes_no", "Whether schemes seem complex", nullable=True)
    need: Series[str] = coded_list("need_answer", "Needs")
    expectation: Series[str] = coded_list("expectation_answer", "Expectations")


class ReconstructionNotes(Table):
    """Printed figures that the synthetic respondents give back under a choice that the study leaves open, or not."""

    note_id: Series[str] = key(description="Stable identifier")
    figures: Series[str] = text(
        "The printed numbers concerned (list, separated by ;)", each_references="published_figures.figure_id"
    )
    outcome: Series[str] = coded("reconstruction_outcome", "Given back under a choice, or relaxed")
    what_fr: Series[str] = text("What the synthetic respondents say instead or in particular, in French")
    what_en: Series[str] = text("The same in English")
    why_fr: Series[str] = text("Why, in French")
    why_en: Series[str] = text("The same in English")


class AccountCodes(Table):
    """Functions and accounts by nature of the charts of accounts M14 and M57: what each code of an account means.

    A nature that is not listed is what the longest code says that it begins with, its own chart first: 64111 is 6411.
    """

    kind: Series[str] = coded("account_code_kind", "Function, or account by nature")
    nomenclature: Series[str] = text("Chart of accounts; any: the same in all", pattern="^(?:M14|M57|any)$")
    code: Series[str] = text("The code", pattern=r"^\d{1,10}$")
    category: Series[str] = text(
        "Of a nature: a code of account_category, or of account_origin for an account of receipts",
        nullable=True,
        pattern=CODE,
    )
    label_fr: Series[str] = text("Heading in the chart")
    label_en: Series[str] = text("The same in English")
    source_id: Series[str] = source_id()
    locator: Series[str] = text("Where in the chart: its part, and the code")
    derivation: Series[str] = derivation()

    class Config:
        unique = ["kind", "nomenclature", "code"]


class PriceIndex(Table):
    """Consumer price index of France, all households, yearly means, for amounts in constant euros."""

    year: Series[pa.Int64] = pa.Field(unique=True, ge=1900, le=2100, description="The year")
    value: Series[float] = number("Index", 0.01, 10_000, nullable=False)
    base: Series[pa.Int64] = number("The year whose index is 100", 1900, 2100, nullable=False)
    source_id: Series[str] = source_id()
    locator: Series[str] = text("Which observation of the series")
    derivation: Series[str] = derivation()


EUROS = 1e12  # beyond the public spending of France: no amount of one account


class OfBudgetDocument(Table):
    """What every row read in a budget or an account says of its document."""

    siren: Series[str] = text("SIREN of the collectivity", pattern=f"^{SIREN}$")
    siret: Series[str] = text("SIRET of the budget", pattern=r"^\d{14}$", nullable=True)
    name: Series[str] = text("Its name, as the file has it")
    year: Series[pa.Int64] = number("Financial year", 1900, 2100, nullable=False)
    document_kind: Series[str] = coded("account_document", "What sort of document it is")
    decided: Series[str] = text("Date of the vote", nullable=True, pattern=DATE)


class Accounts(OfBudgetDocument):
    """Lines of function 04 (international action) of budgets and accounts: what ``citydiplo import accounts`` keeps."""

    budget: Series[str] = coded("account_budget", "The main budget, or a subsidiary one")
    nomenclature: Series[str] = text("Chart of accounts, as the file has it: M14, M57…")
    function: Series[str] = text("Function, 04 or within it, with its leading zero", pattern=r"^04\d{0,3}$")
    function_printed: Series[str] = text("The same as the file has it: 048, 93048…")
    nature: Series[str] = text("Account by nature", nullable=True, pattern=r"^\d{1,10}$")
    section: Series[str] = coded("account_section", "Operating or investment")
    direction: Series[str] = coded("account_direction", "Expenditure or receipt")
    operation: Series[str] = coded("account_operation", "Real, or an order entry that moves no money")
    amount: Series[pa.Float64] = number(
        "Mandated in an account, voted in a budget; less than 0 where a correction is greater",
        -EUROS,
        EUROS,
        unit="eur",
    )
    format: Series[str] = coded("account_format", "Format of the file")
    source: Series[str] = text("Name of the file")
    source_hash: Series[str] = text("SHA-256 of the file", pattern="^[0-9a-f]{64}$")
    locator: Series[str] = text("Where in the file: its line")


class AccountTotals(OfBudgetDocument):
    """What the ratios need of each document: its real operating expenditure and receipts, its population."""

    budget: Series[str] = coded("account_budget", "The main budget, a subsidiary one, or all together")
    nomenclature: Series[str] = text("Chart of accounts, as the file has it", nullable=True)
    by_function: Series[str] = coded("yes_no", "Whether its lines say their function: if not, nothing is known of 04")
    operating_expenditure: Series[pa.Float64] = number("Real operating expenditure", -EUROS, EUROS, unit="eur")
    operating_receipts: Series[pa.Float64] = number("Real operating receipts", -EUROS, EUROS, unit="eur")
    population: Series[pa.Int64] = number("Population that the file gives", 0, 1e9, unit="person")
    format: Series[str] = coded("account_format", "Format of the file")
    source: Series[str] = text("Name of the file")
    source_hash: Series[str] = text("SHA-256 of the file", pattern="^[0-9a-f]{64}$")
    locator: Series[str] = text("Where in the file: its line, or its lines")


class Subsidies(OfBudgetDocument):
    """Beneficiaries of subsidies, whatever the policy: the annex of a budget document does not say the function."""

    beneficiary: Series[str] = text("Its name, as the file has it; missing for a natural person", nullable=True)
    beneficiary_kind: Series[str] = coded("beneficiary_kind", "Legal nature", nullable=True)
    nature: Series[str] = text("Account by nature", nullable=True, pattern=r"^\d{1,10}$")
    in_kind: Series[str] = text("What is given in kind", nullable=True)
    amount: Series[pa.Float64] = number("Amount", -EUROS, EUROS, unit="eur")
    format: Series[str] = coded("account_format", "Format of the file")
    source: Series[str] = text("Name of the file")
    source_hash: Series[str] = text("SHA-256 of the file", pattern="^[0-9a-f]{64}$")
    locator: Series[str] = text("Where in the file: its line")


# Tables that imports of accounts write; they are not in ``data/``.
IMPORTED: dict[str, type[Table]] = {"accounts": Accounts, "account_totals": AccountTotals, "subsidies": Subsidies}


TABLES: dict[str, type[Table]] = {
    "sources": Sources,
    "labels": Labels,
    "regions": Regions,
    "departments": Departments,
    "communes": Communes,
    "former_communes": FormerCommunes,
    "epci": Epci,
    "countries": Countries,
    "country_groups": CountryGroups,
    "collectivities": Collectivities,
    "facts": Facts,
    "partnerships": Partnerships,
    "partnership_coverage": PartnershipCoverage,
    "networks": Networks,
    "memberships": Memberships,
    "regional_networks": RegionalNetworks,
    "actors": Actors,
    "actor_links": ActorLinks,
    "funding_schemes": FundingSchemes,
    "recommendations": Recommendations,
    "checklist": Checklist,
    "national_aggregates": NationalAggregates,
    "published_figures": PublishedFigures,
    "audit_findings": AuditFindings,
    "typology_rules": TypologyRules,
    "account_codes": AccountCodes,
    "price_index": PriceIndex,
    "questionnaire": Questionnaire,
    "reconstructed_2021": Reconstructed2021,
    "reconstruction_notes": ReconstructionNotes,
}

# The tables that lie in a folder of their own.
FOLDERS = {"questionnaire": "survey", "reconstructed_2021": "survey", "reconstruction_notes": "survey"}


def table_path(name: str) -> str:
    """Where a table lies in ``data/``, with forward slashes."""
    return "/".join(filter(None, (FOLDERS.get(name), f"{name}.csv")))
