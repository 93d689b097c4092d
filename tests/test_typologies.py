"""The typologies: rules that a reader can check, and placements that the documents bear out."""

import re
from itertools import permutations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_sources import PASSAGE

from citydiplo.collectivities import EPCI_KINDS
from citydiplo.data import Tables
from citydiplo.errors import UserError
from citydiplo.survey.register import chart
from citydiplo.typologies import (
    CLASS,
    NOT_DOCUMENTED,
    beyond,
    complete,
    cross,
    examples,
    placements,
    profiles,
    respondents,
    sizes,
)

IDS = {"fact_id": "facts", "partnership_id": "partnerships", "network_id": "networks"}


@pytest.fixture(scope="module")
def rules(tables: Tables) -> pd.DataFrame:
    return tables["typology_rules"]


@pytest.fixture(scope="module")
def placed(tables: Tables, rules: pd.DataFrame) -> pd.DataFrame:
    return placements(rules, tables)


def who(placed: pd.DataFrame, typology: str, category: str) -> set[str]:
    return set(placed.query("typology == @typology and category == @category")["collectivity"])


def test_each_rule_names_a_class_that_has_a_label(tables: Tables, rules: pd.DataFrame) -> None:
    known = set(zip(tables["labels"]["vocabulary"], tables["labels"]["code"], strict=True))
    assert set(zip(rules["typology"], rules["category"], strict=True)) <= known


def test_each_rule_decides_on_values_that_exist(tables: Tables, rules: pd.DataFrame) -> None:
    for rule in rules.dropna(subset="column").itertuples():
        columns, values = rule.column.split(";"), rule.value.split(";")
        for column, value in zip(columns, values, strict=True):
            if column in IDS:
                assert value in set(tables[IDS[column]][column]), rule.rule_id


def test_each_rule_places_someone(rules: pd.DataFrame, placed: pd.DataFrame) -> None:
    assert set(rules["rule_id"]) == set(placed["rule_id"])


def test_each_kind_of_link_has_a_rule_or_does_not_say_its_form(tables: Tables, rules: pd.DataFrame) -> None:
    forms = rules.query("typology == 'form' and table == 'partnerships' and column.str.startswith('kind')")
    kinds = set(forms["value"].str.split(";").str[0])
    used = set(tables["partnerships"]["kind"])
    assert used - kinds <= {"other", "political_initiative", "technical_cooperation"}


def test_classes_are_defined_where_the_rules_say(rules: pd.DataFrame, source_lines: dict[str, list[str]]) -> None:
    words = {
        ("carrier", "city"): "portée uniquement",
        ("era", "twinning"): "jumelages",
        ("era", "networks"): "réseaux",
        ("city_diplomacy", "narrow"): "conflit",
        ("city_diplomacy", "wide"): "conception élargie",
        ("politics_policies", "politics"): "politics",
        ("politics_policies", "policies"): "policies",
        ("interests_values", "interests"): "intérêts",
        ("interests_values", "values"): "valeurs",
    }
    for rule in rules.itertuples():
        ((first, last),) = PASSAGE.findall(rule.locator)
        text = " ".join(source_lines[rule.source_id][int(first) - 1 : int(last)])
        assert words.get((rule.typology, rule.category), "") in text, rule.rule_id
        assert text.strip(), rule.rule_id


def test_no_reason_copies_a_source(rules: pd.DataFrame, source_lines: dict[str, list[str]]) -> None:
    text = " ".join(re.findall(r"\w+", " ".join(line for lines in source_lines.values() for line in lines).lower()))
    for reason in [*rules["why_fr"], *rules["why_en"]]:
        words = re.findall(r"\w+", reason.lower())
        assert not [n for n in range(len(words) - 8) if " ".join(words[n : n + 9]) in text], reason


def test_who_carries_the_action(placed: pd.DataFrame) -> None:
    assert who(placed, "carrier", "city") == {"Grenoble", "Limoges", "Saint-Étienne", "Tours"}
    assert who(placed, "carrier", "epci") == {
        "Communauté d’agglomération de La Rochelle", "Communauté urbaine de Dunkerque",
    }  # fmt: skip
    assert who(placed, "carrier", "both_similar") == {"Lille", "Métropole européenne de Lille"}


def test_forms_and_domains(placed: pd.DataFrame) -> None:
    assert who(placed, "form", "twinning") >= {"Marseille", "Dijon", "Lille", "Strasbourg", "Tours"}
    assert who(placed, "form", "cross_border") >= {"Strasbourg"}
    assert who(placed, "form", "intercultural_exchange") >= {"Brest"}
    assert who(placed, "form", "networks") >= {"Limoges", "Malakoff", "Reims", "Clermont-Ferrand", "Paris"}
    # A French network, and associations of French collectivities, are not international networks of cities.
    assert not who(placed, "form", "networks") & {"Grenoble", "Annecy", "Chambéry", "Sceaux", "Nice", "Montpellier"}
    assert who(placed, "domain", "agriculture_water_food") >= {
        "Métropole du Grand Nancy", "Métropole européenne de Lille",
    }  # fmt: skip
    assert who(placed, "domain", "urban_planning") >= {"Rennes", "Cergy", "Chinon"}


def test_links_are_marks_of_the_form_that_their_kind_says(tables: Tables, placed: pd.DataFrame) -> None:
    forms = {
        "twinning": "twinning",
        "cooperation_agreement": "international_partnerships",
        "friendship_pact": "international_partnerships",
        "decentralised_cooperation": "decentralised_cooperation",
    }
    marks = placed.query("typology == 'form' and table == 'partnerships'").groupby("category")["evidence"].agg(set)
    for kind, form in forms.items():
        assert set(tables["partnerships"].query("kind == @kind")["partnership_id"]) <= marks[form], kind


def test_twinnings_are_documented_for_communes_and_hardly_for_epci(tables: Tables, placed: pd.DataFrame) -> None:
    """What the notebook says of forms: twinning belongs to communes, other agreements to both levels."""
    listed = tables["collectivities"].dropna(subset="study_role")
    epci = listed["kind"].isin(EPCI_KINDS)

    def share(names: pd.Series, form: str) -> float:
        return names.isin(who(placed, "form", form)).mean()

    assert share(listed.loc[~epci, "name"], "twinning") > 0.9
    assert share(listed.loc[epci, "name"], "twinning") < 0.25
    assert share(listed.loc[epci, "name"], "international_partnerships") > 0.4
    # Hardly documented, though most respondents declare them.
    assert share(listed["name"], "solidarity") < 0.1
    assert share(listed["name"], "attractiveness") < 0.1


def test_distinctions_of_the_seminar(placed: pd.DataFrame) -> None:
    narrow = who(placed, "city_diplomacy", "narrow")
    assert narrow >= {"Communauté urbaine de Dunkerque", "La Roche-sur-Yon", "Malakoff", "Marseille", "Nevers"}
    assert not narrow & {"Rennes", "Paris"}  # human rights are not yet peace
    assert narrow < who(placed, "city_diplomacy", "wide") == set(placed["collectivity"])
    evidence = placed.query("typology == 'politics_policies' and category == 'politics'").set_index("evidence")
    assert evidence.loc["nantes-climate-negotiations", ["collectivity", "locator"]].tolist() == [
        "Nantes", "Entre politics et policies, l. 219-229",
    ]  # fmt: skip
    politics = who(placed, "politics_policies", "politics")
    # Partnerships with Palestinian cities, of whatever kind: twinning, decentralised cooperation.
    assert politics >= {"Communauté urbaine de Dunkerque", "Montpellier", "Toulouse", "Grenoble"}
    assert politics & who(placed, "politics_policies", "policies") >= {"Nantes", "Nantes Métropole"}
    assert who(placed, "interests_values", "interests") & who(placed, "interests_values", "values") == {
        "Provence-Alpes-Côte d’Azur"
    }


def test_three_eras(placed: pd.DataFrame) -> None:
    eras = [who(placed, "era", era) for era in ("twinning", "codevelopment", "networks")]
    assert set.intersection(*eras) >= {"Marseille", "Clermont-Ferrand"}
    assert set.union(*eras) > set.intersection(*eras)
    assert eras[0] == who(placed, "form", "twinning")
    assert eras[1] >= who(placed, "form", "decentralised_cooperation")
    assert "Angers" in eras[1] & eras[2]


def test_evidence_is_a_row_about_the_collectivity(tables: Tables, placed: pd.DataFrame) -> None:
    columns = {"facts": "fact_id", "partnerships": "partnership_id", "memberships": "network_id"}
    for table, marks in placed.groupby("table"):
        rows = tables[table][["collectivity_id", columns[table], "source_id", "locator"]]
        found = marks[["collectivity_id", "evidence", "source_id", "locator"]]
        assert set(map(tuple, found.to_numpy())) <= set(map(tuple, rows.to_numpy()))
    assert not placed.duplicated(["collectivity_id", *CLASS, "table", "evidence"]).any()


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_fewer_documents_never_place_more(tables: Tables, placed: pd.DataFrame, data: st.DataObject) -> None:
    kept = data.draw(st.sets(st.sampled_from(tables["facts"].index.tolist())))
    fewer = placements(tables["typology_rules"], {**tables, "facts": tables["facts"].loc[sorted(kept)]})
    marks = ["collectivity_id", *CLASS, "table", "evidence"]
    assert set(map(tuple, fewer[marks].to_numpy())) <= set(map(tuple, placed[marks].to_numpy()))


def rule(**cells: str | None) -> pd.DataFrame:
    return pd.DataFrame([{"rule_id": "r", "typology": "domain", "category": "other", "value": None, **cells}])


def test_a_value_is_one_of_a_list_and_not_a_part_of_a_word(tables: Tables) -> None:
    asked = placements(rule(table="partnerships", column="domains", value="peace_human_rights"), tables)
    assert set(asked["evidence"]) >= {"marseille-palestine-twinning", "rennes-diyarbakir"}
    assert placements(rule(table="partnerships", column="domains", value="peace"), tables).empty
    both = set(
        placements(rule(table="partnerships", column="kind;start_year", value="twinning;2025"), tables)["evidence"]
    )
    assert both >= {"marseille-naples-twinning", "marseille-yerevan-twinning"}
    assert not both & {"marseille-palestine-twinning", "grenoble-tiznit-decentralised-cooperation"}
    assert len(placements(rule(table="partnerships", column=None), tables)) == len(tables["partnerships"])


def test_a_rule_that_cannot_be_applied_is_a_message(tables: Tables) -> None:
    with pytest.raises(UserError, match="rule r: the table facts has no column 'colour'"):
        placements(rule(table="facts", column="colour", value="blue"), tables)
    with pytest.raises(UserError, match="rule r: 1 values for 2 columns"):
        placements(rule(table="facts", column="theme;indicator", value="peace"), tables)


def test_sizes(everyone: pd.DataFrame) -> None:
    placed = sizes(everyone.loc[["59350", "200093201", "dep-62", "87085"]], 200_000)
    sides = placed.query("typology == 'threshold'").set_index("collectivity")["category"].to_dict()
    assert sides == {"Lille": "from_200000", "Métropole européenne de Lille": "from_200000", "Limoges": "under_200000"}
    classes = placed.query("typology != 'threshold'").set_index("collectivity")[["typology", "category"]]
    assert classes.loc["Limoges"].tolist() == ["commune_stratum", "from_100000_to_200000"]
    assert classes.loc["Métropole européenne de Lille"].tolist() == ["epci_stratum", "from_1000000"]
    edge = everyone.loc[["87085"]].assign(population=200_000)
    assert sizes(edge, 200_000)["category"].iloc[-1] == "from_200000"


def test_what_is_not_placed_is_not_documented(tables: Tables, everyone: pd.DataFrame, placed: pd.DataFrame) -> None:
    listed = tables["collectivities"]
    every = pd.concat([placed, sizes(everyone.loc[listed["collectivity_id"]], 200_000)])
    completed = complete(every, listed)
    assert set(completed.groupby("typology")["collectivity_id"].nunique()) == {len(listed)}
    niort = completed.query("collectivity == 'Niort' and typology == 'form'")
    assert niort["category"].tolist() == [NOT_DOCUMENTED]
    counts = cross(completed, "threshold", "carrier")
    assert counts.loc["under_200000", ["city", "epci"]].tolist() == [4, 2]
    assert counts.loc["from_200000", ["both_complementary", "both_similar"]].tolist() == [6, 2]
    assert counts.to_numpy().sum() == len(listed)  # one class each, here


def test_profiles(placed: pd.DataFrame) -> None:
    classes = [("form", "cross_border"), ("form", "networks"), ("form", "twinning")]
    names = placed.drop_duplicates("collectivity_id").set_index("collectivity_id")["collectivity"]
    table = profiles(placed, classes, least=2)
    assert set(names[table.index]) >= {"Marseille", "Strasbourg"}
    assert not set(names[table.index]) & {"Dijon", "Malakoff"}  # one class each
    assert table.columns.tolist() == classes
    assert table.loc["13055"].tolist() == [False, True, True]
    assert table.sum(axis="columns").min() == 2
    everyone = set.union(*(who(placed, *column) for column in classes))
    assert set(names[profiles(placed, classes).index]) == everyone


def test_examples_lie_as_the_study_says_but_for_two_epci(tables: Tables, everyone: pd.DataFrame) -> None:
    shown = examples(tables["facts"], everyone).groupby("mark", observed=True)["population"].agg(["max", "min", "size"])
    assert shown.loc["city", "max"] < 200_000
    assert shown.loc["most_active_metropolis", "min"] > 200_000
    assert shown.loc["epci", "max"] < 200_000
    assert shown["size"].tolist() == [4, 2, 7]


def test_shares_of_members_beyond_the_threshold(tables: Tables) -> None:
    figures = tables["published_figures"]
    classes = tables["labels"].query("vocabulary == 'commune_stratum'")["code"].tolist()
    assert beyond(chart(figures, "commune_stratum", classes), ["under_100000", "from_100000_to_200000"]) == [13 + 8]
    classes = tables["labels"].query("vocabulary == 'epci_stratum'")["code"].tolist()
    assert beyond(chart(figures, "epci_stratum", classes), ["under_200000"]) == [100 - 45, 100 - 19, 100 - 18]


def test_respondents_of_each_size_whatever_the_order() -> None:
    numbers = [8, 2, 4, 3, 3, 2, 1, 1, 1, 1]
    members = {"a": 11, "b": 31, "c": 7, "d": 4}
    assert respondents(numbers, members, 3) == {"a": (1, 11), "b": (4, 15), "c": (1, 7), "d": (1, 4)}
    assert respondents([5], {"a": 4}, 3) == {}


@settings(max_examples=60)
@given(
    numbers=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    members=st.lists(st.integers(0, 9), min_size=2, max_size=2),
)
def test_respondents_agree_with_trying_every_order(numbers: list[int], members: list[int]) -> None:
    cells = [*numbers, *[0] * (4 - len(numbers))]
    totals = [(sum(order[:2]), sum(order[2:])) for order in permutations(cells)]
    possible = [way for way in totals if all(total <= most for total, most in zip(way, members, strict=True))]
    found = respondents(numbers, dict(zip("ab", members, strict=True)), 2)
    if not possible:
        assert found == {}
    else:
        assert found == {name: (min(column), max(column)) for name, *column in zip("ab", *possible, strict=True)}
