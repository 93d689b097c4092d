"""The tables say what the sources say: counts and facts checked by hand, passages checked by machine."""

import re

import pandas as pd

from citydiplo.collectivities import fold
from citydiplo.data import Tables

PROSE = ("statement", "explanation", "note", "conditions", "role_", "services", "title_", "derivation", "why_")
PASSAGE = re.compile(r"l\. (\d+)(?:-(\d+))?")
CITING = ("collectivities", "facts", "partnerships", "memberships", "networks", "regional_networks", "actors",
          "actor_links", "funding_schemes", "recommendations", "national_aggregates", "published_figures",
          "typology_rules")  # fmt: skip


def test_the_study_lists_57_collectivities(tables: Tables) -> None:
    listed = tables["collectivities"].dropna(subset="study_role")
    assert len(listed) == 57
    assert (listed["kind"] == "commune").sum() == 31
    facts = tables["facts"].query("indicator == 'in_study_list'")
    assert set(facts["collectivity_id"]) == set(listed["collectivity_id"])


def values(tables: Tables, collectivity: str, indicator: str) -> set[tuple[str, str]]:
    facts = tables["facts"].query("collectivity == @collectivity and indicator == @indicator")
    return set(zip(facts["value"], facts["source_id"], strict=True))


def test_marseille_in_numbers(tables: Tables) -> None:
    page, review = "marseille-international", "marseille-bilan-2025"
    assert values(tables, "Marseille", "partner_cities_total") == {("46", page)}
    assert values(tables, "Marseille", "twinnings_total") == {("17", page)}
    assert values(tables, "Marseille", "agreements_total") == {("29", page), ("29", review)}
    assert values(tables, "Marseille", "consulates_total") == {("plus de 70", page)}
    assert values(tables, "Marseille", "consulates_european") == {("30", page)}
    assert values(tables, "Marseille", "consulates_african") == {("28", page)}
    assert values(tables, "Marseille", "consular_rank") == {("2", page), ("1", review)}


def test_budgets_and_staff_that_the_study_names(tables: Tables) -> None:
    facts = tables["facts"].set_index(["collectivity", "indicator"])["value"]
    for city in ("Poitiers", "Caen", "Tours", "Cannes"):
        assert facts[city, "budget_class"] == "under_100000"
    for city in ("Paris", "Nantes", "Lyon", "Lille"):
        assert facts[city, "budget_class"] == "over_1000000"
    for city, people in (("Nantes", "18"), ("Lyon", "19"), ("Strasbourg", "19"), ("Paris", "30")):
        assert facts[city, "staff_count"] == people
    assert facts["Rennes", "budget_share"] == "1"


def test_partnerships_that_the_sources_name(tables: Tables) -> None:
    named = set(zip(tables["partnerships"]["collectivity"], tables["partnerships"]["place"], strict=True))
    assert named >= {
        ("Marseille", "Naples"), ("Marseille", "Yerevan"), ("Marseille", "Odesa"), ("Marseille", "Haifa"),
        ("Marseille", "Dakar"), ("Marseille", "Algiers"), ("Rennes", "Diyarbakır"), ("Nevers", "Sremska Mitrovica"),
        ("Chinon", "Luang Prabang"), ("Angers", "Bamako"), ("Pas-de-Calais", "Kent"), ("Brest", "Plymouth"),
        ("Basse-Normandie", "North Macedonia"), ("Métropole du Grand Nancy", "Farafangana"), ("Brest", "Yokosuka"),
    }  # fmt: skip
    twinnings = tables["partnerships"].query("collectivity == 'Marseille' and kind == 'twinning'").set_index("place")
    assert twinnings.loc[["Naples", "Yerevan"], "start_year"].tolist() == [2025, 2025]
    assert twinnings["status"].to_dict()["Unnamed city in Palestine"] == "announced"


def test_the_six_networks_of_marseille(tables: Tables) -> None:
    members = tables["memberships"].query("collectivity == 'Marseille' and role == 'member'")
    assert set(members["network_id"]) >= {"afccre", "aimf", "cites-unies-france", "eurocities", "iclei", "medcites"}


def test_regional_networks_national_counts_and_ficol(tables: Tables) -> None:
    assert len(tables["regional_networks"]) == 11
    counts = tables["national_aggregates"].set_index("aggregate_id")["value"]
    assert counts["collectivities-engaged-2021-meae"] == 4700
    assert counts["collectivities-engaged-2025-letter"] == 3000
    ficol = tables["funding_schemes"].set_index("scheme_id").loc["ficol"]
    assert (ficol["minimum"], ficol["maximum"], ficol["own_share"], ficol["years"]) == (200_000, 1_500_000, 30, 3)


def test_survey_answers_sum_to_their_base(tables: Tables) -> None:
    figures = tables["published_figures"].query("place == 'chart'").set_index("topic")
    for topic in ("budget_class", "staff_class"):
        assert figures.loc[topic, "value"].sum() == 34 == figures.loc[topic, "inferred_base"].unique().item()


def test_national_counts_are_those_of_the_register(tables: Tables) -> None:
    register = tables["published_figures"].query("topic == 'aggregate_indicator'")
    counts = tables["national_aggregates"].query("source_id == 'france-urbaine-inet-2021'")
    counts = counts[~counts["indicator"].str.startswith("france_urbaine")]
    columns = ["value", "qualifier", "unit"]
    assert set(map(tuple, register[["category", *columns]].to_numpy())) == set(
        map(tuple, counts[["indicator", *columns]].to_numpy())
    )


def passages(tables: Tables, source_lines: dict[str, list[str]]) -> pd.DataFrame:
    """Every row that cites a line range of a source text, with that range and its words."""
    rows = []
    for name in CITING:
        table = tables[name][tables[name]["source_id"].isin(source_lines)]
        for row in table.itertuples():
            for start, end in PASSAGE.findall(row.locator):
                first, last = int(start), int(end or start)
                text = source_lines[row.source_id][first - 1 : last]
                rows.append((f"{name}.csv, row {row.Index + 2}", row, first, last, fold(" ".join(text))))
    return pd.DataFrame(rows, columns=["where", "row", "first", "last", "text"])


def test_each_passage_is_in_its_source(tables: Tables, source_lines: dict[str, list[str]]) -> None:
    found = passages(tables, source_lines)
    cited = sum(tables[name]["source_id"].isin(source_lines).sum() for name in CITING)
    assert len(found) >= cited  # each row has at least one line range
    wrong = found[(found["first"] > found["last"]) | (found["text"] == "")]
    assert wrong["where"].tolist() == []


def test_each_number_of_a_fact_is_in_its_passage(tables: Tables, source_lines: dict[str, list[str]]) -> None:
    words = {"1": "premiere", "2": "deux", "3": "trois"}
    missing = []
    for passage in passages({name: tables[name] for name in CITING}, source_lines).itertuples():
        value = getattr(passage.row, "printed", None) or getattr(passage.row, "value", "")
        if fold(str(value)) in passage.text or not re.fullmatch(r"(plus de |près de )?[\d ]+", str(value)):
            continue
        digits = re.sub(r"\D", "", str(value))
        text = passage.text.replace(" ", "")
        if digits not in text and words.get(digits, "?") not in passage.text:
            missing.append(f"{passage.where}: {value}")
    assert missing == []


def test_no_sentence_of_a_source_is_copied(tables: Tables, source_lines: dict[str, list[str]]) -> None:
    length = 9
    runs = set()
    for lines in source_lines.values():
        words = re.findall(r"\w+", re.sub(r"(\w)-\n+(?=[a-zà-ÿ])", r"\1", "\n".join(lines)).lower())
        runs |= {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}
    copied = []
    for name, table in tables.items():
        prose = [column for column in table.columns if column.startswith(PROSE)]
        for column in prose:
            for row, cell in table[column].dropna().items():
                words = re.findall(r"\w+", cell.lower())
                if any(tuple(words[i : i + length]) in runs for i in range(len(words) - length + 1)):
                    copied.append(f"{name}.csv, row {row + 2}, {column}")
    assert copied == []
