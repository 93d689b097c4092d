"""The synthetic respondents of 2021: their tables give back what the study printed, and they are nobody."""

import importlib.util
from collections.abc import Sequence
from statistics import mean, median

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citydiplo import folders
from citydiplo.data import Tables
from citydiplo.schemas import table_path
from citydiplo.survey import questionnaire
from citydiplo.survey.claims import BASES_TAKEN, bases, claims, in_scope, measure
from citydiplo.survey.frechet import Margin, frechet_bounds, free_bounds, margins
from citydiplo.survey.program import Program
from citydiplo.survey.questionnaire import Questionnaire
from citydiplo.survey.reconstruction import constrained, reconstruct
from citydiplo.survey.register import base_of, bounds
from citydiplo.survey.reproduction import account, answers
from citydiplo.survey.resources import BUDGET_CLASSES
from citydiplo.survey.tabulation import counted, derive, derived

# The study's tables of which a respondent's answer is one category: topic → column.
DIRECT = {
    **{topic: topic for topic in ("carrier", "budget_class", "budget_trend", "staff_class", "leadership")},
    **{topic: topic for topic in ("attachment", "form", "domain", "partner", "citizens_place", "need", "expectation")},
}


@pytest.fixture(scope="module")
def asked(tables: Tables) -> Questionnaire:
    return questionnaire.load(tables)


@pytest.fixture(scope="module")
def rows(tables: Tables) -> pd.DataFrame:
    return derive(tables["reconstructed_2021"])


@pytest.fixture(scope="module")
def told(tables: Tables, rows: pd.DataFrame, asked: Questionnaire) -> pd.DataFrame:
    return account(rows, tables["published_figures"], asked, tables["reconstruction_notes"])


@pytest.fixture(scope="module")
def pairs(tables: Tables, asked: Questionnaire) -> pd.DataFrame:
    return frechet_bounds(tables["published_figures"], asked)


def test_every_printed_figure_on_respondents_is_given_back_or_explained(told: pd.DataFrame) -> None:
    assert told.loc[told["outcome"].isna(), "figure_id"].tolist() == []
    assert len(told) > 120


def test_tables_give_back_each_possible_percentage_to_the_printed_digit(
    tables: Tables, asked: Questionnaire, told: pd.DataFrame
) -> None:
    """The tables are those of any wave; numbers come from the register, categories from the choices stated."""
    wave, questions = derive(answers(tables["reconstructed_2021"], asked)), derived(asked, tables["labels"])
    figures = tables["published_figures"].assign(known=base_of(tables["published_figures"])).set_index("figure_id")
    kept = told[told["topic"].isin(DIRECT) & (told["outcome"] != "relaxed")]
    for row in kept.itertuples():
        figure = figures.loc[row.figure_id]
        table = counted(wave, questions[DIRECT[row.topic]]).set_index("category")
        sums = {"absent_or_rather_absent": ["absent", "rather_absent"]}
        count, base = int(table.loc[sums.get(row.category, [row.category]), "count"].sum()), int(table["base"].iloc[0])
        assert pd.isna(figure["known"]) or base == figure["known"], row.figure_id
        if figure["unit"] == "percent" and figure["qualifier"] == "exact":
            assert f"{100 * count / base:.0f}" == figure["printed"], row.figure_id
        low, high = bounds(figure)
        assert low <= (100 * count / base if figure["unit"] == "percent" else count) <= high, row.figure_id
    assert set(kept["topic"]) == set(DIRECT)


def test_charts_of_activity_have_their_numbers(tables: Tables, rows: pd.DataFrame) -> None:
    figures = tables["published_figures"]
    wider = {"from_200000_to_400000": "from_200000_to_500000", "from_400000_to_500000": "from_200000_to_500000"}
    for strata, topic in (("commune_stratum", "commune_activity"), ("epci_stratum", "epci_activity")):
        some = rows[rows["strata"] == strata]
        size = some["stratum"]
        if strata == "epci_stratum":
            size = size.replace(wider | dict.fromkeys(["from_500000_to_1000000", "from_1000000"], "from_500000"))
        counts = (size + "_" + some["activity"]).value_counts()
        printed = figures[figures["topic"] == topic]
        assert sorted(counts) == sorted(printed["value"].astype(int))
        assert set(counts.index) <= set(printed["possible"].str.split(";").explode())


def test_no_size_class_has_more_answers_than_members(tables: Tables, rows: pd.DataFrame) -> None:
    members = tables["published_figures"].query("topic == 'commune_stratum'").set_index("category")
    most = (members["value"] * members["base"] / 100).round()
    counts = rows[rows["kind"] == "commune"].groupby("stratum").size()
    assert (counts <= most[counts.index]).all()


def test_budgets_and_staff(tables: Tables, rows: pd.DataFrame) -> None:
    printed = tables["published_figures"].set_index("figure_id")["value"]
    amounts = rows.dropna(subset="budget_amount")
    assert median(amounts["budget_amount"]) == printed["budget-median"]
    for row in amounts.itertuples():
        low, high = BUDGET_CLASSES[row.budget_class]
        assert low <= row.budget_amount <= high
    assert rows["budget_amount"].notna().equals(rows["budget_class"].notna())
    staff = rows["staff_count"].dropna().tolist()
    assert round(mean(staff)) == printed["staff-mean-summary"]
    assert max(staff) == printed["staff-most-summary"]
    teams = printed[["staff-nantes", "staff-lyon", "staff-strasbourg", "staff-paris"]]
    assert sorted(count for count in staff if count > 10) == sorted(teams)


def test_figures_on_two_answers_at_once(rows: pd.DataFrame) -> None:
    twinned = rows["form"].str.split(";").map(lambda codes: "twinning" in codes, na_action="ignore").eq(True)
    assert (int(twinned.sum()), int((twinned & (rows["kind"] == "commune")).sum())) == (27, 22)
    led = rows["transversality"] == "yes"
    assert int((led & rows["form"].notna()).sum()) / rows["form"].notna().sum() == pytest.approx(0.62, abs=0.005)
    assert led.sum() / rows["transversality"].notna().sum() > 0.7
    alone = rows[rows["assistance"] == "no"]
    small = alone["stratum"].isin(["under_100000", "from_100000_to_200000"]) & (alone["strata"] == "commune_stratum")
    assert (small & (alone["kind"] == "commune")).mean() == 0.8


def test_questions_are_asked_of_those_concerned(rows: pd.DataFrame) -> None:
    assert rows["assistance_satisfied"].notna().equals(rows["assistance"] == "yes")
    counted_elsewhere = rows[(rows["kind"] == "epci") != (rows["strata"] == "epci_stratum")]
    assert counted_elsewhere["answered_for"].tolist() == ["shared_service"]


def test_each_row_says_that_it_is_synthetic(tables: Tables, rows: pd.DataFrame, asked: Questionnaire) -> None:
    wave = answers(tables["reconstructed_2021"], asked)
    for frame in (rows, wave):
        assert (frame["synthetic"] == "yes").all()
        assert frame["response_id"].str.startswith("synthetic-").all()
    assert wave[["collectivity_id", "collectivity", "collectivity_name", "collectivity_code"]].isna().all(axis=None)
    assert [question.id for question in asked] == wave.columns[7:-1].tolist()


def test_no_name_or_code_of_a_collectivity(tables: Tables, everyone: pd.DataFrame) -> None:
    path = folders.data_folder() / table_path("reconstructed_2021")
    cells = set(path.read_text(encoding="utf-8").replace("\n", ",").replace(";", ",").split(","))
    assert not cells & (set(everyone.index) | set(everyone["name"]) | set(everyone["siren"].dropna()))


def test_columns_are_the_questions_in_order(rows: pd.DataFrame, asked: Questionnaire) -> None:
    questions = [question.id for question in asked if question.id in rows.columns]
    assert rows.columns.tolist() == ["response_id", "synthetic", "kind", "strata", "stratum", *questions, "staff_class"]
    wanted = {question.id for question in asked if question.choices and question.origin != "added"}
    assert wanted <= set(questions)


def test_the_builder_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch, data_copy: object) -> None:
    kept = (folders.REPOSITORY / "data" / table_path("reconstructed_2021")).read_bytes()
    path = folders.data_folder() / table_path("reconstructed_2021")
    path.unlink()
    script = folders.REPOSITORY / "data/build/reconstruction.py"
    spec = importlib.util.spec_from_file_location("build_reconstruction", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main()
    assert path.read_bytes() == kept


def test_another_seed_gives_other_rows_and_the_same_tables(tables: Tables, asked: Questionnaire) -> None:
    figures = tables["published_figures"]
    other = reconstruct(figures, asked, seed=7)
    assert not other.equals(tables["reconstructed_2021"])
    assert account(other, figures, asked, tables["reconstruction_notes"])["outcome"].notna().all()


def test_figures_that_no_answers_can_give_are_refused(tables: Tables, asked: Questionnaire) -> None:
    figures = tables["published_figures"].copy()
    figures.loc[figures["figure_id"] == "carrier-city-chart", "value"] = 42  # 16 of 39 are 41 %
    with pytest.raises(ValueError, match="no set of answers"):
        reconstruct(figures, asked)


def test_a_broken_row_is_seen(tables: Tables, rows: pd.DataFrame, asked: Questionnaire) -> None:
    broken = rows.copy()
    broken.loc[broken["carrier"].first_valid_index(), "carrier"] = None
    found = account(broken, tables["published_figures"], asked, tables["reconstruction_notes"])
    missing = found.loc[found["outcome"].isna(), "topic"]
    assert set(missing) == {"carrier"}


def test_notes_are_needed_and_true(tables: Tables, asked: Questionnaire, rows: pd.DataFrame) -> None:
    figures = tables["published_figures"]
    noted = tables["reconstruction_notes"]["figures"].str.split(";").explode()
    scope = in_scope(figures, asked)
    assert noted.is_unique
    assert set(noted) <= set(scope["figure_id"])
    # What the register leaves open is never passed over in silence.
    open_ended = scope[(scope["assignment"] == "ambiguous") | scope["topic"].isin(BASES_TAKEN)]
    assert set(open_ended["figure_id"]) <= set(noted)
    # A figure said to be relaxed is not given back as printed.
    relaxed = tables["reconstruction_notes"].query("outcome == 'relaxed'")["figures"].str.split(";").explode()
    printed = figures.set_index("figure_id")
    for claim in claims(figures, asked):
        if claim.figure_id in set(relaxed):
            count, base, _ = measure(claim, rows)
            low, high = bounds(printed.loc[claim.figure_id])
            assert not low <= 100 * count / base <= high


def test_bases(tables: Tables) -> None:
    known = bases(tables["published_figures"])
    assert {known[topic] for topic in ("leadership", "attachment", "transversality")} == {34}
    assert (known["form"], known["partner"], known["assistance"], known["need"]) == (39, 44, 37, 45)


def test_bounds_of_pairs_hold_the_synthetic_respondents(pairs: pd.DataFrame, rows: pd.DataFrame) -> None:
    for pair in pairs.itertuples():
        one = rows[pair.question].fillna("").str.split(";").map(lambda codes, code=pair.code: code in codes)
        other = rows[pair.other_question].fillna("").str.split(";").map(lambda codes, c=pair.other_code: c in codes)
        assert pair.least <= int((one & other).sum()) <= pair.most, pair


def between(pairs: pd.DataFrame, *answers: str) -> tuple[int, int]:
    names = pairs["question"] + "." + pairs["code"], pairs["other_question"] + "." + pairs["other_code"]
    found = pairs[names[0].isin(answers) & names[1].isin(answers)]
    assert len(found) == 1
    return int(found["least"].iloc[0]), int(found["most"].iloc[0])


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        # 22 of the 27 respondents with twinnings are communes: nothing is left open.
        (("kind.commune", "form.twinning"), (22, 22)),
        # The same 39 answered: 35 + 33 − 39.
        (("form.decentralised_cooperation", "form.attractiveness"), (29, 33)),
        (("form.twinning", "domain.education_youth"), (15, 27)),
        # Not the same respondents: 35 + 16 − 45.
        (("carrier.city", "form.decentralised_cooperation"), (6, 16)),
        # The order of the classes is lost: 7 at least, 12 at most.
        (("budget_class.under_100000", "form.decentralised_cooperation"), (0, 12)),
        # 24 of the 39 lead action with other departments: 35 + 24 − 39.
        (("transversality.yes", "form.decentralised_cooperation"), (20, 24)),
        # Satisfied are 25 of the 27 assisted; schemes are complex for 28 of the same 37: 25 + 28 − 37.
        (("assistance_satisfied.yes", "assistance_complex.yes"), (16, 25)),
        # 8 of the 10 without assistance are communes, so that 17 communes at most have some; 20 EPCI leave 7 at least.
        (("kind.commune", "assistance.yes"), (7, 17)),
        # The same 44 answered: 42 + 40 − 44.
        (("partner.state", "partner.civil_society"), (38, 40)),
    ],
)
def test_bounds_of_some_pairs(pairs: pd.DataFrame, answers: Sequence[str], expected: tuple[int, int]) -> None:
    assert between(pairs, *answers) == expected


def test_every_pair_of_answers_is_there_once(pairs: pd.DataFrame, tables: Tables, asked: Questionnaire) -> None:
    known = margins(tables["published_figures"], asked)
    both = [
        (one, other)
        for at, one in enumerate(known)
        for other in known[at + 1 :]
        if not (one.column == other.column and one.exclusive) and {one.column, other.column} != {"kind", "activity"}
    ]
    assert len(pairs) == len(both)
    assert (pairs["least"] <= pairs["most"]).all()
    assert (pairs["least"] < pairs["most"]).mean() > 0.9  # the margins leave nearly everything open


@given(st.integers(1, 7), st.integers(0, 7), st.integers(0, 7))
def test_free_bounds_are_those_of_every_table(base: int, one: int, other: int) -> None:
    one, other = min(one, base), min(other, base)
    first = set(range(one))
    overlaps = {len(first & set(range(start, start + other))) for start in range(base - other + 1)}
    least, most = free_bounds(Margin("a", "x", one, one, True), Margin("b", "y", other, other, True), base)
    assert (least, most) == (min(overlaps), max(overlaps))


def test_a_program_picks_the_cheapest_and_says_when_there_is_none() -> None:
    program = Program()
    one, other = program.variable(-1), program.variable(-2)
    program.require({one: 1, other: 1}, 1, 1)
    assert program.solve().tolist() == [0, 1]
    program.require({other: 1}, 0, 0)
    both = program.both({one: 1}, {other: 1})
    assert program.solve()[[one, other, both]].tolist() == [1, 0, 0]
    program.require({one: 1}, 0, 0)
    with pytest.raises(ValueError, match="no set of answers"):
        program.solve()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("kind", "commune"), ("assistance_complex", "yes")),
        (("form", "solidarity"), ("assistance_complex", "yes")),
        (("carrier", "city"), ("form", "decentralised_cooperation")),
    ],
)
def test_whole_sets_of_answers_reach_the_bounds(
    tables: Tables, asked: Questionnaire, pairs: pd.DataFrame, one: tuple[str, str], other: tuple[str, str]
) -> None:
    figures = tables["published_figures"]
    found = []
    for sign in (1, -1):
        respondents = constrained(figures, asked)
        both = respondents.total({one[0]: (one[1],), other[0]: (other[1],)})
        respondents.program.costs = [sign * both.get(at, 0.0) for at in range(len(respondents.program.costs))]
        values = respondents.program.solve()
        found.append(int(sum(values[at] for at in both)))
    assert between(pairs, ".".join(one), ".".join(other)) == tuple(found)
