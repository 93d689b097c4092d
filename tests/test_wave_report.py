"""The report of a wave: what it shows, what it withholds, and that nobody is taken for real."""

import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from typer.testing import CliRunner

from citydiplo import data
from citydiplo.cli import app
from citydiplo.errors import UserError
from citydiplo.exhibits import questionnaire as forms
from citydiplo.exhibits import wave as exhibits
from citydiplo.exhibits.wave import WaveReport
from citydiplo.inference import share
from citydiplo.reports.batch import Task
from citydiplo.survey import demonstration
from citydiplo.wave_charts import Bar, waves


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
    assert [row[2] for row in shown] == [row[4] for row in shown]
    verdict = {"fr": "On ne peut conclure", "en": "Cannot tell"}[report.language.code]
    assert {row[5] for row in shown} == {verdict}


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
    assert [row[1] for row in cells(exhibits.numbers(report, "budget_amount").data)] == [
        "300 000" if report.language.code == "fr" else "300,000"
    ]


def test_sections_that_nobody_answered_say_so(report: WaveReport) -> None:
    assert "Personne" in text(exhibits.section(report, "more").data) or "Nobody" in text(
        exhibits.section(report, "more").data
    )


def test_what_the_synthetic_respondents_can_tell(report: WaveReport) -> None:
    assert len(cells(forms.questions(report).data)) == len(report.tables["questionnaire"])
    assert len(cells(forms.relaxed(report).data)) == len(report.tables["reconstruction_notes"])
    total = sum(int(cell or 0) for row in cells(forms.reproduced(report).data) for cell in row[1:])
    assert str(total) in text(forms.reproduced(report).data)
    bounds = cells(forms.open_pairs(report, "budget_class", "staff_class").data)
    assert all(re.search(r"\d+ (?:à|to) \d+", cell) for row in bounds for cell in row[1:])


def test_a_withheld_bar_has_no_mark() -> None:
    shown, withheld = Bar("a", share(10, 30, 100), (20.0, 25.0), "10"), Bar("b", None, (), "s")
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
    monkeypatch.setattr(data, "WAVES", tmp_path)
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
    texts = own.get_text()
    assert "@" not in texts


def test_who_did_not_answer_is_told(report: WaveReport) -> None:
    shown = exhibits.own_answers(demonstration.NAME, SimpleNamespace(id="13055"), report.language)  # type: ignore[arg-type]
    assert re.search(r"n’est pas parmi|is not among", shown.data)


def test_published_reports_have_no_own_answers() -> None:
    template = nbformat.read(data.REPOSITORY / "notebooks" / "city_report.ipynb", as_version=4)
    parameters = next(cell for cell in template.cells if cell.metadata.get("tags") == ["parameters"])
    assert 'wave = ""' in parameters.source
    assert Task(SimpleNamespace(id="13055", name="Marseille"), "fr", Path("reports")).wave == ""  # type: ignore[arg-type]
