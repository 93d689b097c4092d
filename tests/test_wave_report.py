"""The report of a wave: what it shows, what it withholds, and that nobody is taken for real."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest
import survey_exports as exports
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from citydiplo import data, folders
from citydiplo.cli import app
from citydiplo.data import Tables
from citydiplo.errors import UserError
from citydiplo.exhibits import questionnaire as forms
from citydiplo.exhibits import wave as exhibits
from citydiplo.exhibits import wave_tables, wave_views
from citydiplo.exhibits.wave import WaveReport
from citydiplo.forms import plan
from citydiplo.inference import share
from citydiplo.reports.batch import Task
from citydiplo.survey import demonstration, levels, questionnaire, tabulation
from citydiplo.survey.audit import Bracket, grouped_median
from citydiplo.survey.questionnaire import Questionnaire
from citydiplo.survey.resources import BUDGET_CLASSES
from citydiplo.survey.tabulation import PLACES
from citydiplo.wave_charts import Bar, waves
from citydiplo.wave_report import PRINTED


@pytest.fixture(scope="module", params=["fr", "en"])
def report(request: pytest.FixtureRequest) -> WaveReport:
    return WaveReport.load(demonstration.NAME, request.param, 0.95)


def text(html: str) -> str:
    return re.sub(r"[\xa0\u202f\s]+", " ", BeautifulSoup(html, "html.parser").get_text(" "))


def cells(html: str) -> list[list[str]]:
    rows = BeautifulSoup(html, "html.parser").select("tbody tr")
    return [
        [re.sub(r"[\xa0\u202f]", " ", cell.get_text(" ", strip=True)) for cell in row.find_all(["th", "td"])]
        for row in rows
    ]


def test_the_demonstration_has_the_members_of_2021(report: WaveReport) -> None:
    assert (len(report.answers), len(report.members)) == (45, 104)
    assert (report.members["kind"] == "commune").sum() == 53
    assert not set(report.members.index) & set(report.tables["communes"]["insee"])


def test_published_shares_come_back_beside_themselves(report: WaveReport) -> None:
    figures = report.tables["published_figures"]
    printed = figures[(figures["topic"] == "form") & (figures["place"] == "chart")].set_index("category")["value"]
    table = report.published.tables["form"].set_index("category")
    assert (100 * table["share"]).round().to_dict() == printed[table.index].to_dict()
    shown = cells(exhibits.shares(report, "form").data)
    assert [row[2] for row in shown] == [row[5] for row in shown]
    verdict = {"fr": "On ne peut conclure", "en": "Cannot tell"}[report.language.code]
    assert {row[6] for row in shown} == {verdict}


def test_parts_of_the_answers_add_up(report: WaveReport) -> None:
    parts = [int(re.sub(r"\D", "", row[3])) for row in cells(exhibits.shares(report, "form").data)]
    assert abs(sum(parts) - 100) <= len(parts) / 2
    counts = report.published.tables["form"]["count"]
    assert parts == [round(100 * count / counts.sum()) for count in counts]


def test_every_caption_says_that_nobody_answered(report: WaveReport) -> None:
    words = {"fr": "personne n’a donné ces réponses", "en": "nobody gave these answers"}[report.language.code]
    for code in ("carrier", "means", "action"):
        page = BeautifulSoup(exhibits.section(report, code).data, "html.parser")
        captions = [*page.find_all("figcaption"), *page.select("p.caption")]
        assert captions
        assert all(words in text(str(caption)) for caption in captions)
    assert "synth" in text(exhibits.title(report).data)


def test_small_counts_are_not_shown(report: WaveReport) -> None:
    table = report.published.review["citizens_place place_kind"]
    small = table[table["mark"] == "primary"]
    assert len(small)
    shown = cells(exhibits.crossed(report, "citizens_place", "place_kind").data)
    assert any("s" in row for row in shown)
    for _, row in small[small["group"] == "commune"].iterrows():
        position = list(report.asked["citizens_place"].codes).index(row["category"])
        assert shown[position][1] == "s"


def test_numbers_that_were_only_drawn_are_not_shown(report: WaveReport) -> None:
    median = "300 000" if report.language.code == "fr" else "300,000"
    # And beside it, what the study printed.
    assert [row[1:] for row in cells(exhibits.numbers(report, "budget_amount").data)] == [[median, median]]
    assert len(cells(exhibits.numbers(report, "staff_count").data)) == 1
    assert "Premier quartile" not in text(exhibits.section(report, "means").data)


def test_sections_that_nobody_answered_say_so(report: WaveReport) -> None:
    assert "Personne" in text(exhibits.section(report, "more").data) or "Nobody" in text(
        exhibits.section(report, "more").data
    )


def test_the_median_budget_is_that_of_its_classes(report: WaveReport) -> None:
    counts = report.published.tables["budget_class"].set_index("category")["count"]
    brackets = [Bracket(*ends, int(counts[code])) for code, ends in BUDGET_CLASSES.items()]
    median = report.language.number(round(grouped_median(brackets), -3))
    assert re.sub(r"[\xa0\u202f]", " ", median) in text(exhibits.section(report, "means").data)


def test_activity_is_open_by_size_and_the_others_folded(report: WaveReport) -> None:
    page = BeautifulSoup(exhibits.section(report, "carrier").data, "html.parser")
    carrier, activity = page.select("div.asked")
    assert [len(part.select("details.folded")) for part in (carrier, activity)] == [2, 1]
    titles = [{caption.text for caption in part.select("table caption")} for part in (carrier, activity)]
    sizes = {report.language.text(key) for key in wave_tables.BY.values()}
    assert sizes <= titles[0]
    assert sizes - titles[1] <= {report.language.text("wave.by_epci_stratum")}  # all of it is withheld


def test_a_view_that_cannot_be_reckoned_says_why(report: WaveReport) -> None:
    words = {"fr": "ni redressement", "en": "no weighting"}[report.language.code]
    assert words in text(wave_views.views(report, "assistance_satisfied").data)
    communes = replace(report, answers=report.answers[report.answers["kind"] == "commune"])
    alone = BeautifulSoup(wave_views.views(communes, "carrier").data, "html.parser")
    reason = report.language.label("wave_reason", "no_answer")
    assert text(reason) in text(str(alone.select("p.note")[0]))
    assert report.language.text("wave.weighted") not in [cell.text for cell in alone.select("thead th")]


def test_what_the_synthetic_respondents_can_tell(report: WaveReport) -> None:
    assert len(cells(forms.questions(report).data)) == len(report.tables["questionnaire"])
    assert len(cells(forms.relaxed(report).data)) == len(report.tables["reconstruction_notes"])
    total = sum(int(cell or 0) for row in cells(forms.reproduced(report).data) for cell in row[1:])
    assert str(total) in text(forms.reproduced(report).data)
    bounds = cells(forms.open_pairs(report, "budget_class", "staff_class").data)
    assert all(re.search(r"\d+ (?:à|to) \d+", cell) for row in bounds for cell in row[1:])


def test_a_withheld_bar_has_no_mark() -> None:
    shown, withheld = Bar("a", share(10, 30, 100), (20.0, 25.0), "10", 33.3), Bar("b", None, (), "s", None)
    axes = waves([shown, withheld], ("2026", "interval", "2021"), "%").axes[0]
    drawn = [line for line in axes.lines if len(line.get_ydata()) and set(line.get_ydata()) == {1}]
    assert all(line.get_marker() == "s" and not len(line.get_xdata()) for line in drawn)


@pytest.mark.slow
def test_the_command_writes_both_languages(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["survey", "report", "--wave", demonstration.NAME, "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    for lang in ("fr", "en"):
        page = (tmp_path / f"report-{lang}.html").read_text(encoding="utf-8")
        assert f'lang="{lang}"' in page
        assert not re.findall(r'(?:src|href)="https?://(?!www\.w3\.org)', page)


def test_a_wave_that_was_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYDIPLO_WAVES", str(tmp_path))
    with pytest.raises(UserError, match="survey import"):
        WaveReport.load("2031", "fr", 0.95)
    result = CliRunner().invoke(app, ["survey", "report", "--wave", "../x"])
    assert result.exit_code != 0


def test_members_and_answers_agree() -> None:
    tables = data.load_tables()
    members = demonstration.members(tables["reconstructed_2021"], tables["published_figures"])
    assert members.index.is_unique
    assert isinstance(members, pd.DataFrame)
    assert set(tables["reconstructed_2021"]["response_id"]) <= set(members.index)


@pytest.fixture(scope="module")
def own(report: WaveReport) -> BeautifulSoup:
    """The copy of one synthetic respondent."""
    city = SimpleNamespace(id=report.answers["collectivity_id"].iloc[0])
    shown = exhibits.own_answers(demonstration.NAME, city, report.language)  # type: ignore[arg-type]
    return BeautifulSoup(shown.data, "html.parser")


def test_a_respondent_sees_its_answers_and_what_may_be_told_of_others(report: WaveReport, own: BeautifulSoup) -> None:
    given = report.answers.iloc[0]
    choices = [q for q in report.asked if q.choices and pd.notna(given[q.id])]
    rows = cells(str(own))
    assert len(rows) == sum(len([code for code in given[q.id].split(";") if code]) for q in choices)
    marks = report.published.tables["citizens_place"].set_index("category")["mark"]
    place = next(row for row in rows if row[0] == report.wording(report.asked["citizens_place"]).replace("\u202f", " "))
    assert (place[2] == "s") == (marks[given["citizens_place"]] == "secret")


def test_the_copy_is_for_the_respondent_alone(own: BeautifulSoup) -> None:
    assert re.search(r"Ne le publiez pas|Do not publish it", own.get_text())


def test_who_did_not_answer_is_told(report: WaveReport) -> None:
    shown = exhibits.own_answers(demonstration.NAME, SimpleNamespace(id="13055"), report.language)  # type: ignore[arg-type]
    assert re.search(r"n’est pas parmi|is not among", shown.data)


def test_published_reports_have_no_own_answers() -> None:
    template = nbformat.read(folders.REPOSITORY / "notebooks" / "city_report.ipynb", as_version=4)
    parameters = next(cell for cell in template.cells if cell.metadata.get("tags") == ["parameters"])
    assert 'wave = ""' in parameters.source
    assert Task(SimpleNamespace(id="13055", name="Marseille"), "fr", Path("reports")).wave == ""  # type: ignore[arg-type]


# Two waves of answers, imported.

WITHHELD = "s"
MARK = "zqx"  # in what a respondent typed: nothing else of the report has it


def typed(answers: list[exports.Answer], asked: Questionnaire, wave: str) -> None:
    """Give each respondent a position, an address and texts of its own, and make some answers rare."""
    rare = asked["attachment"].codes[int(wave) % 2]
    for answer in answers:
        number = f"{MARK}{wave}{answer.id}"
        told = {"respondent_role": f"Cheffe {number}", "respondent_email": f"{number}@example.org"}
        words = {q.id: f"Propos {number}" for q in asked if q.type == "text" and q.id in answer.cells}
        kept = ("collectivity_code", "collectivity_name", *(["comment"] if int(answer.id) > 42 else []))
        answer.cells |= told | {name: said for name, said in words.items() if name not in (*kept, *told)}
        if answer.cells.get("attachment") == rare and int(answer.id) > 8:
            answer.cells["attachment"] = asked["attachment"].codes[2]


@pytest.fixture(scope="module")
def two_waves(tables: Tables, everyone: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """2026 and 2032, each imported from an export: of 57 members 45 were asked each time, 33 of them twice."""
    asked = questionnaire.load(tables)
    members = everyone[everyone["in_study"]]
    named = list(zip(members.index, members["name"], strict=True))
    folder = tmp_path_factory.mktemp("two")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CITYDIPLO_WAVES", str(folder))
        for wave, invited in (("2026", named[:45]), ("2032", named[12:])):
            answers = exports.make(asked, invited, int(wave))
            typed(answers, asked, wave)
            book = exports.to_workbook(exports.kobo(answers, asked, "both", "fr"), folder / f"{wave}.xlsx")
            result = CliRunner().invoke(app, ["survey", "import", str(book), "--wave", wave])
            assert result.exit_code == 0, result.output
        yield folder


@pytest.fixture(scope="module")
def later(two_waves: Path) -> WaveReport:
    return WaveReport.load("2032", "fr", 0.95, before="2026")


@pytest.fixture(scope="module")
def page(later: WaveReport) -> str:
    """All that the notebook shows."""
    parts = [exhibits.title(later), exhibits.respondents(later)]
    parts += [exhibits.section(later, code) for code in later.asked.sections()]
    return "\n".join(part.data for part in parts)


def withheld(wave: WaveReport, question: str, category: str, *divisions: str) -> bool:
    """Whether a count of an answer, of all or in a division, was too small or withheld to protect one."""
    names = [f"{question} {by}" for by in divisions] or [question]
    tables = [wave.published.review[name] for name in names]
    return any((table.loc[table["category"] == category, "mark"] != "shown").any() for table in tables)


def test_all_that_the_plan_promises_is_there(later: WaveReport, page: str) -> None:
    promised = plan.build(questionnaire.load(later.tables))["tables"]
    soup = BeautifulSoup(page, "html.parser")
    shown = {text(str(part.select_one("h3"))).strip(): part for part in soup.select("div.asked")}
    assert len(shown) == len(promised) + 1  # staff in classes
    for entry in promised:
        question = later.asked[entry["question"]]
        part = text(str(shown[text(later.wording(question)).strip()]))
        for by in entry["crossed_by"] if question.choices else []:
            assert text(later.language.text(wave_tables.BY[by])) in part
        if "bounds" in entry["methods"] and question.choices:
            assert text(later.language.text("wave.bounds")) in part
        if "share_of_answers" in entry["methods"]:
            assert text(later.language.text("wave.share_of_answers")) in part
        if "grouped_median" in entry["methods"]:
            assert "Budget médian" in part


def test_who_answered_twice_is_counted(later: WaveReport, two_waves: Path) -> None:
    ids = [set(data.read_answers(wave)["collectivity_id"]) for wave in ("2026", "2032")]
    twice = len(ids[0] & ids[1])
    assert 20 < twice < min(map(len, ids))
    assert re.search(rf"\b{twice} collectivités ont répondu aux deux vagues", text(exhibits.title(later).data))


def test_nothing_typed_by_a_respondent_is_in_the_report(two_waves: Path, page: str, later: WaveReport) -> None:
    answers = data.read_answers("2032")
    for name in ("respondent_role", "respondent_email", "form_other", "comment"):
        assert answers[name].str.contains(MARK).sum() > 3
    assert MARK not in page
    assert "example.org" not in page
    city = SimpleNamespace(
        id=answers.loc[answers["comment"].str.contains(MARK).fillna(False), "collectivity_id"].iloc[0]
    )
    own = exhibits.own_answers("2032", city, later.language)  # type: ignore[arg-type]
    assert len(cells(own.data)) > 5
    assert MARK not in own.data


def test_no_number_of_a_withheld_answer_is_in_its_row(later: WaveReport) -> None:
    before = later.before
    assert before is not None
    seen = set()
    for question in later.questions:
        rows = cells(exhibits.shares(later, question.id).data)
        for code, row in zip(question.codes, rows, strict=True):
            own, earlier = withheld(later, question.id, code), withheld(before, question.id, code)
            seen.add((own, earlier))
            *numbers, beside, verdict = row[1:]
            assert (numbers[0] == WITHHELD) == own
            assert not (own and re.search(r"\d", "".join(numbers)))
            assert not (earlier and beside)
            assert not ((own or earlier) and verdict)
    assert seen == {(False, False), (False, True), (True, False)} | ({(True, True)} & seen)


def test_no_number_of_a_withheld_answer_is_in_its_views(later: WaveReport) -> None:
    before = later.before
    assert before is not None
    seen: list[tuple[bool, ...]] = []
    for question in (question for question in later.questions if not question.asked_if):
        for code, row in zip(question.codes, cells(wave_views.views(later, question.id).data), strict=True):
            hidden = withheld(later, question.id, code)
            either = hidden or withheld(before, question.id, code)
            strata = withheld(later, question.id, code, "commune_stratum", "epci_stratum")
            kinds = any(withheld(wave, question.id, code, "place_kind") for wave in (later, before))
            bounds, weighted, everybody, by_kind, panel = row[1:]
            assert [bounds == WITHHELD, weighted == WITHHELD] == [hidden, strata]
            if everybody or set(question.codes) != {"yes", "no"}:
                assert [cell == WITHHELD for cell in (everybody, by_kind, panel)] == [either, kinds, either]
            assert question.confidentiality == "open" or not re.search(r"\d", panel)
            seen.append((either, strata, kinds))
    for place in range(3):
        assert {row[place] for row in seen} == {True, False}


def test_the_panel_of_an_open_question_has_its_difference(later: WaveReport) -> None:
    twice = later.answers.merge(later.before.answers, on="collectivity_id", suffixes=("", "_before"))  # type: ignore[union-attr]
    twice = twice.dropna(subset=["partner", "partner_before"])
    now, then = (twice[name].str.contains(r"\bcivil_society\b").mean() for name in ("partner", "partner_before"))
    row = cells(wave_views.views(later, "partner").data)[later.asked["partner"].codes.index("civil_society")]
    points = f"{round(100 * (now - then)):+d}".replace("-", "\N{MINUS SIGN}")
    assert re.search(rf": {re.escape(points)} \[", row[-1])


def test_shares_before_are_those_that_the_wave_before_shows(later: WaveReport, two_waves: Path) -> None:
    alone = WaveReport.load("2026", later.language.code, 0.95)
    for question in ("form", "attachment"):
        shown = [row[2] for row in cells(exhibits.shares(alone, question).data)]
        assert [row[-2] for row in cells(exhibits.shares(later, question).data)] == shown


def test_waves_that_cannot_stand_before(two_waves: Path) -> None:
    for before, words in (("2032", "cannot be the wave before itself"), ("1998", "no wave « 1998 »")):
        with pytest.raises(UserError, match=words):
            WaveReport.load("2032", "fr", 0.95, before=before)
        result = CliRunner().invoke(app, ["survey", "report", "--wave", "2032", "--before", before])
        assert result.exit_code != 0
        assert words in str(result.exception) + result.output
    with pytest.raises(UserError, match="no wave"):
        WaveReport.load("2032", "fr", 0.95, before=demonstration.NAME)
    assert WaveReport.load("2032", "fr", 0.95, before=PRINTED).before is None


# Levels of numbers.


def staff(rows: list[tuple[str, str, int | None]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["kind", "stratum", "staff_count"])
    return frame.astype({"kind": "str", "stratum": "str", "staff_count": "Int64"})


def test_means_of_a_division_are_shown_together_or_not_at_all(tables: Tables) -> None:
    question = questionnaire.load(tables)["staff_count"]
    small, large = PLACES["commune_stratum"][0], PLACES["commune_stratum"][1]
    epci = [("metropole", PLACES["epci_stratum"][0], 4)] * 6
    found = levels.by_group(staff([("commune", small, 2)] * 6 + [("commune", large, 30)] * 2 + epci), question)
    found = found.set_index(["by", "group"])
    assert found.loc["place_kind", "mean"].tolist() == [9, 4]
    assert found.loc["commune_stratum", "mean"].isna().all()
    assert found.loc["commune_stratum", "median"].tolist()[0] == 2
    assert found.loc["epci_stratum", "mean"].tolist() == [4]
    assert found.loc["epci_stratum", ["lower_quartile", "upper_quartile"]].isna().all(axis=None)
    few = levels.by_group(staff([("commune", small, 2)] * 2 + epci), question)
    assert few["mean"].isna().all()
    # Nought on average is nought of each.
    assert levels.by_group(staff([("commune", small, 0)] * 5 + epci), question)["mean"].isna().all()
    unsized = [("commune", small, 2)] * 6 + [("commune", None, 30)]
    found = levels.by_group(staff([*unsized, *epci]), question).set_index("by")
    assert found["mean"].notna().to_dict() == {
        "place_kind": True, "commune_stratum": False, "epci_stratum": True, "epci_size": True,
    }  # fmt: skip


sized = st.one_of(
    st.tuples(st.just("commune"), st.sampled_from([*PLACES["commune_stratum"], None])),
    st.tuples(st.just("metropole"), st.sampled_from([*PLACES["epci_stratum"], None])),
)


@settings(deadline=None, max_examples=40)
@given(rows=st.lists(st.tuples(sized, st.integers(0, 9) | st.none()), min_size=1, max_size=40))
def test_no_sum_of_fewer_than_three_respondents_can_be_computed(
    rows: list[tuple[tuple[str, str | None], int | None]], tables: Tables
) -> None:
    answers = staff([(*place, number) for place, number in rows])  # type: ignore[misc]
    found = levels.by_group(answers, questionnaire.load(tables)["staff_count"])
    told = found[found["mean"].notna()]
    given_it = answers["staff_count"].notna().to_numpy()
    shown = [given_it]  # the mean of all is another table's
    for row in told.itertuples():
        groups = tabulation.places(answers, row.by)
        shown.append(groups.ticked[:, groups.codes.index(row.group)] & given_it)
    if len(shown) == 1:
        return
    # Those whom no mean tells apart: every sum that can be computed is one of theirs.
    alike = pd.DataFrame(dict(enumerate(shown)))[given_it].value_counts()
    assert (alike >= 3).all()


def test_the_median_of_withheld_counts_is_not_told() -> None:
    table = pd.DataFrame({"category": list(BUDGET_CLASSES), "count": [12, 7, 11, 4], "mark": "shown"})
    assert levels.median_class(table) == "from_100000_to_300000"
    assert levels.budget_median(table) == pytest.approx(100_000 + 5 / 7 * 200_000)
    rich = table.assign(count=[1, 1, 1, 9])
    assert (levels.median_class(rich), levels.budget_median(rich)) == ("over_1000000", None)
    for hidden in (table.assign(mark=["secret", *["shown"] * 3]), table.assign(count=0)):
        assert levels.median_class(hidden) is levels.budget_median(hidden) is None
