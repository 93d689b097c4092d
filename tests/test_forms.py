"""The forms made from the questionnaire: each says what the questionnaire says, and the same bytes come back."""

import csv
import hashlib
import io
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from conftest import edit
from hypothesis import given
from hypothesis import strategies as st
from pyxform.xls2xform import convert
from typer.testing import CliRunner

from citydiplo.cli import app
from citydiplo.data import Tables
from citydiplo.forms import limesurvey, xlsform
from citydiplo.forms.canonical import version
from citydiplo.forms.commands import FILES, contents
from citydiplo.forms.plan import build, plan_hash
from citydiplo.language import LANGUAGES, Language
from citydiplo.survey import questionnaire as questions
from citydiplo.survey.questionnaire import Choice, Condition, Question, Questionnaire


@pytest.fixture(scope="module")
def asked(tables: Tables) -> Questionnaire:
    return questions.load(tables)


@pytest.fixture(scope="module")
def languages(tables: Tables) -> dict[str, Language]:
    return {code: Language.of(code, tables) for code in LANGUAGES}


@pytest.fixture(scope="module")
def files(tables: Tables) -> dict[str, bytes]:
    return contents(tables)


def plain(text: str) -> str:
    """A text with ordinary spaces."""
    return re.sub("[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", " ", text)


# XLSForm


@pytest.fixture(scope="module")
def sheets(files: dict[str, bytes]) -> dict[str, list[dict[str, Any]]]:
    book = openpyxl.load_workbook(io.BytesIO(files["xlsform.xlsx"]))
    return {
        sheet.title: pd.DataFrame(sheet.values).T.set_index(0).T.fillna("").to_dict("records")
        for sheet in book.worksheets
    }


def rows_of(sheets: dict[str, list[dict[str, Any]]], asked: Questionnaire) -> dict[str, dict[str, Any]]:
    ids = {question.id for question in asked}
    return {row["name"]: row for row in sheets["survey"] if row["name"] in ids}


def test_pyxform_converts_without_a_warning(files: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(files["xlsform.xlsx"])
    result = convert(xlsform=path)
    assert result.warnings == []
    assert result.xform.count('<translation lang="') == 2


def test_xlsform_asks_what_the_questionnaire_asks(sheets: dict[str, Any], asked: Questionnaire) -> None:
    assert list(sheets) == ["survey", "choices", "settings"]
    rows = rows_of(sheets, asked)
    assert list(rows) == [question.id for question in asked]
    for question in asked:
        row = rows[question.id]
        assert plain(row["label::Français (fr)"]) == question.wording_fr
        assert row["label::English (en)"] == question.wording_en
        assert plain(row["hint::Français (fr)"]).startswith(question.hint_fr)
        assert row["hint::English (en)"].startswith(question.hint_en)
        assert (row["required"] == "yes") is question.required
    kinds = {name: row["type"] for name, row in rows.items()}
    assert kinds["form"] == "select_multiple form"
    assert kinds["transversality"] == kinds["training"] == "select_one yes_no"
    assert (kinds["staff_count"], kinds["budget_amount"], kinds["comment"]) == ("integer", "decimal", "text")


def test_xlsform_choices_are_those_of_the_questions(sheets: dict[str, Any], asked: Questionnaire) -> None:
    found: dict[str, list[tuple[str, str, str]]] = {}
    for row in sheets["choices"]:
        cells = (row["name"], row["label::Français (fr)"], row["label::English (en)"])
        found.setdefault(row["list_name"], []).append(cells)
    for question in asked:
        if question.choices:
            told = [(choice.code, choice.label_fr, choice.label_en) for choice in question.choices]
            assert found.pop(question.list_name, told) == told
    assert not found


def test_xlsform_skips_and_limits(sheets: dict[str, Any], asked: Questionnaire) -> None:
    rows = rows_of(sheets, asked)
    relevant = {name: row["relevant"] for name, row in rows.items() if row["relevant"]}
    assert relevant == {
        "form_other": "selected(${form}, 'other')",
        "domain_other": "selected(${domain}, 'other')",
        "assistance_satisfied": "${assistance} = 'yes'",
        "need_other": "selected(${need}, 'other')",
        "expectation_other": "selected(${expectation}, 'other')",
    }
    limited = {name for name, row in rows.items() if row["constraint"] == ". >= 0"}
    assert limited == {question.id for question in asked if question.type in ("integer", "amount")}
    assert all(rows[name][f"constraint_message::{lang}"] for name in limited for lang in xlsform.LANGUAGES.values())


def test_several_answers_lead_to_a_question(asked: Questionnaire) -> None:
    either = replace(asked["form_other"], asked_if=Condition("form", ("twinning", "other")))
    assert xlsform.relevant(either, asked) == "selected(${form}, 'twinning') or selected(${form}, 'other')"
    assert limesurvey.relevance(either, asked) == 'form_A06.NAOK == "Y" or form_A09.NAOK == "Y"'


def test_xlsform_sections_and_notes(sheets: dict[str, Any], asked: Questionnaire) -> None:
    survey = sheets["survey"]
    assert (survey[0]["type"], survey[-1]["type"]) == ("note", "note")
    assert "moins de 3 collectivités n’est jamais montré" in plain(survey[0]["label::Français (fr)"])
    assert plan_hash(build(asked))[:12] in survey[-1]["label::English (en)"]
    groups = [row["name"] for row in survey if row["type"] == "begin_group"]
    assert groups == [f"section-{section}" for section in asked.sections()]
    assert not {row["name"] for row in survey if "-" in row["name"]} & {question.id for question in asked}


def test_xlsform_says_who_sees_each_answer(sheets: dict[str, Any], asked: Questionnaire) -> None:
    rows = rows_of(sheets, asked)
    marks = {name: re.findall(r"\[(.+)\.\]", row["hint::English (en)"]) for name, row in rows.items()}
    expected = {
        "open": ["May be quoted with the name"],
        "aggregate": [],
        "contact": ["Never published"],
    }
    assert marks == {question.id: expected[question.confidentiality] for question in asked}


def test_a_text_that_looks_like_a_formula_is_a_text(asked: Questionnaire, languages: dict[str, Language]) -> None:
    first = replace(asked.questions[0], wording_en="=1+1")
    book = xlsform.workbook(replace(asked, questions=(first, *asked.questions[1:])), languages)
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(book))["survey"].iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if cell.value == "=1+1"] == ["s"]


# LimeSurvey


def structure(files: dict[str, bytes]) -> pd.DataFrame:
    text = files["limesurvey.txt"].decode("utf-8-sig")
    return pd.DataFrame(csv.DictReader(io.StringIO(text), delimiter="\t"))


def test_limesurvey_languages_have_the_same_rows(files: dict[str, bytes]) -> None:
    rows = structure(files)
    assert set(rows["class"]) == {"S", "SL", "G", "Q", "SQ", "A"}
    settings = rows[rows["class"] == "S"].set_index("name")["text"]
    assert (settings["language"], settings["additional_languages"], settings["format"]) == ("fr", "en", "G")
    shape = ["id", "related_id", "class", "type/scale", "relevance", "mandatory"]
    content = rows[~rows["class"].isin(["S", "SL"])]
    french, english = (content[content["language"] == code] for code in LANGUAGES)
    assert french[shape].to_numpy().tolist() == english[shape].to_numpy().tolist()
    assert content.index.tolist() == [*french.index, *english.index]
    codes = ["Q", "SQ", "A"]
    named = [part.loc[part["class"].isin(codes), "name"].tolist() for part in (french, english)]
    assert named[0] == named[1]


def test_limesurvey_ids_are_unique_and_relations_hold(files: dict[str, bytes]) -> None:
    rows = structure(files)
    french = rows[(rows["language"] == "fr") & rows["class"].isin(["Q", "SQ", "A"])]
    ids = french.loc[french["class"] != "A", "id"]
    assert ids.is_unique
    parent = ""
    for row in french.to_dict("records"):
        parent = row["id"] if row["class"] == "Q" else parent
        assert row["related_id"] == ("" if row["class"] == "Q" else parent)


def test_limesurvey_asks_what_the_questionnaire_asks(files: dict[str, bytes], asked: Questionnaire) -> None:
    rows = structure(files)
    english = rows[(rows["language"] == "en") & (rows["class"] == "Q")].set_index("name")
    codes = limesurvey.question_codes(asked)
    assert list(english.index) == list(codes.values())
    letters = {name: english.loc[codes[name], "type/scale"] for name in ("carrier", "form", "staff_count", "comment")}
    assert letters == {"carrier": "L", "form": "M", "staff_count": "N", "comment": "T"}
    assert english.loc[codes["respondent_email"], "type/scale"] == "S"
    assert english.loc[codes["activity"], "text"] == asked["activity"].wording_en
    assert english.loc[codes["assistance_satisfied"], "relevance"] == 'assistance.NAOK == "A01"'
    assert english.loc[codes["form_other"], "relevance"] == 'form_A09.NAOK == "Y"'
    assert (english["mandatory"] == "Y").tolist() == [question.required for question in asked]


def test_limesurvey_answers_and_subquestions(files: dict[str, bytes], asked: Questionnaire) -> None:
    rows = structure(files)
    french = rows[rows["language"] == "fr"]
    counted = Counter(french["class"])
    assert counted["SQ"] == sum(len(q.choices) for q in asked if q.type == "multiple")
    assert counted["A"] == sum(len(q.choices) for q in asked if q.type == "single")
    question = french.loc[french["name"] == "citizensPlace", "id"].item()
    answers = french[(french["class"] == "A") & (french["related_id"] == question)]
    assert dict(zip(answers["name"], answers["text"], strict=True)) == {
        "A01": "Moteurs",
        "A02": "Parties prenantes",
        "A03": "Relativement absents",
        "A04": "Absents",
    }


def test_limesurvey_attributes_are_told_once(files: dict[str, bytes], asked: Questionnaire) -> None:
    rows = structure(files)
    limited = rows[rows["min_num_value_n"] == "0"]
    codes = limesurvey.question_codes(asked)
    assert limited["name"].tolist() == [codes[q.id] for q in asked if q.type in ("integer", "amount")]
    assert rows.loc[rows["num_value_int_only"] == "1", "type/scale"].unique().tolist() == ["N"]


def test_limesurvey_reads_no_markup_and_no_expression(asked: Questionnaire, languages: dict[str, Language]) -> None:
    first = replace(asked.questions[0], wording_en="<b>{INSERTANS:1}</b> & more")
    text = limesurvey.structure(replace(asked, questions=(first, *asked.questions[1:])), languages)
    assert "&lt;b&gt;&#123;INSERTANS:1&#125;&lt;/b&gt; &amp; more" in text
    assert "{" not in text.replace("&#123;", "")


IDS = st.from_regex(r"[a-c][a-c0-1]{0,12}(_[a-c0-1]{1,9}){0,3}", fullmatch=True)


def with_ids(ids: list[str]) -> Questionnaire:
    blank = Question("x", "s", "text", *[""] * 4, (), "", False, None, None, None, "open", "added", "", "", "", "")
    return Questionnaire(tuple(replace(blank, id=name) for name in ids))


@given(st.lists(IDS | st.sampled_from(["time", "other", "budget_class", "budgetclass", "a" * 40]), unique=True))
def test_limesurvey_codes_can_be_turned_round(ids: list[str]) -> None:
    codes = limesurvey.question_codes(with_ids(ids))
    assert list(codes) == ids
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,19}", code) for code in codes.values())
    lower = [code.lower() for code in codes.values()]
    assert len(set(lower)) == len(ids)
    assert not {"time", "other"} & set(lower)


@given(st.lists(IDS, unique=True, max_size=150))
def test_limesurvey_answer_codes_can_be_turned_round(names: list[str]) -> None:
    (question,) = with_ids(["q"])
    codes = limesurvey.answer_codes(replace(question, choices=tuple(Choice(name, "", "") for name in names)))
    assert list(codes) == names
    assert len(set(codes.values())) == len(names)
    assert all(re.fullmatch(r"[A-Z0-9]{1,5}", code) for code in codes.values())


def test_long_ids_that_begin_alike_get_different_codes() -> None:
    first, second = "organisation_of_the_service_one", "organisation_of_the_service_two"
    codes = limesurvey.question_codes(with_ids([first, second, "budget_class", "budgetclass", "time"]))
    assert codes == {
        first: "organisationOfTheSer",
        second: "organisationOfTheSe2",
        "budget_class": "budgetClass",
        "budgetclass": "budgetclass2",
        "time": "time2",
    }


# Paper


def test_paper_has_a_box_for_each_answer_and_a_line_for_the_rest(files: dict[str, bytes], asked: Questionnaire) -> None:
    page = files["form.fr.html"].decode()
    assert page.count('<span class="box') == sum(len(question.choices) for question in asked)
    numbers = re.findall(r'<span class="n">(\d+)\.</span> ([^<]+)', page)
    said = [plain(words).strip() for _, words in numbers]
    assert [int(number) for number, _ in numbers] == list(range(1, len(said) + 1))
    assert said == [question.wording_fr for question in asked]
    blocks = page.split('<div class="question">')[1:]
    assert all(('class="line' in block) != bool(q.choices) for block, q in zip(blocks, asked, strict=True))


def test_paper_tells_who_skips(files: dict[str, bytes]) -> None:
    conditions = re.findall(r'<p class="condition">(.+?)</p>', plain(files["form.fr.html"].decode()))
    assert conditions[0] == "Si vous avez répondu « Autres » à la question 15 :"
    assert "Si vous avez répondu « Oui » à la question 21 :" in conditions
    assert len(conditions) == 5


def test_pages_are_self_contained(files: dict[str, bytes]) -> None:
    for name, content in files.items():
        if name.endswith(".html"):
            page = content.decode()
            assert f'<html lang="{name.split(".")[1]}">' in page
            assert "<script" not in page
            assert not re.search(r'(?:src|href)="(?!#)|url\(|@import', page)
            assert "default-src 'none'" in page


# Codebook


def test_codebook_tells_each_variable(
    files: dict[str, bytes], asked: Questionnaire, languages: dict[str, Language]
) -> None:
    for code, language in languages.items():
        page = plain(files[f"codebook.{code}.html"].decode())
        sections = {part.split('"')[0]: part for part in page.split('<h3 id="')[1:]}
        assert list(sections) == [question.id for question in asked]
        for question in asked:
            part = sections[question.id]
            assert (question.wording_fr if code == "fr" else question.wording_en) in part
            assert plain(language.label("confidentiality", question.confidentiality)) in part
            assert plain(language.label("question_origin", question.origin)) in part
            assert question.locator in part
            rows = re.findall(r'<th scope="row"><code>(.+?)</code></th><td>(.+?)</td>', part)
            assert [name for name, _ in rows] == list(question.codes)
            if question.feeds:
                assert plain(language.label("figure_topic", question.feeds)) in part


def test_codebook_tells_of_whom_a_question_is_asked(files: dict[str, bytes]) -> None:
    page = plain(files["codebook.fr.html"].decode())
    assert "Ceux qui ont répondu « Oui » à la question « Recevez-vous une assistance" in page
    assert "<b>Lecture</b> : la variable answered_for" in page


def test_what_comes_from_data_is_escaped(tables: Tables) -> None:
    rows = tables["questionnaire"].copy()
    rows.loc[1, ["wording_fr", "wording_en", "hint_fr", "hint_en"]] = "<img src=x onerror=alert(1)>"
    for name, content in contents(tables | {"questionnaire": rows}).items():
        if name != "xlsform.xlsx":
            assert b"<img" not in content or name == "analysis_plan.json", name


# Plan


@pytest.fixture(scope="module")
def plan(asked: Questionnaire) -> dict[str, Any]:
    return build(asked)


def entry(plan: dict[str, Any], question_id: str) -> dict[str, Any]:
    return next(table for table in plan["tables"] if table["question"] == question_id)


def test_plan_has_every_published_topic(plan: dict[str, Any], asked: Questionnaire) -> None:
    assert {table["topic"] for table in plan["tables"]} - {None} == {q.feeds for q in asked} - {None}
    planned = [table["question"] for table in plan["tables"]]
    assert sorted([*planned, *plan["not_tabulated"]]) == sorted(question.id for question in asked)


def test_plan_of_some_tables(plan: dict[str, Any]) -> None:
    assert entry(plan, "activity")["population"] == "member_communes"
    assert entry(plan, "form")["methods"] == ["share_of_cases", "share_of_answers", "interval", "bounds"]
    assert entry(plan, "form")["disclosure"] == "none"
    assert entry(plan, "budget_class")["methods"] == ["share", "interval", "bounds", "grouped_median"]
    assert entry(plan, "budget_class")["classes"]["over_1000000"] == [1_000_000, None]
    staff = entry(plan, "staff_count")
    assert staff["methods"] == ["share", "interval", "bounds", "mean", "median", "quartiles"]
    assert staff["categories"] == ["from_0_to_2", "from_3_to_6", "from_7_to_10", "over_10"]
    assert entry(plan, "training")["comparison"] is None


def test_no_interval_where_nobody_knows_the_population(plan: dict[str, Any]) -> None:
    satisfied = entry(plan, "assistance_satisfied")
    assert satisfied["methods"] == ["share"]
    assert satisfied["population"] is None
    assert satisfied["base"]["asked_if"] == {"question": "assistance", "codes": ["yes"]}
    assert satisfied["comparison"] == {"wave": "2021", "method": "side_by_side"}


def test_the_extremes_of_confidential_numbers_are_not_planned(plan: dict[str, Any], asked: Questionnaire) -> None:
    told = {table["question"] for table in plan["tables"] if "range" in table["methods"]}
    assert told == {"network_count"}
    suppressed = {table["question"] for table in plan["tables"] if table["disclosure"] == "suppress"}
    assert suppressed == {q.id for q in asked if q.type != "text" and q.confidentiality != "open"}


def test_the_hash_is_that_of_the_file(files: dict[str, bytes], plan: dict[str, Any]) -> None:
    content = files["analysis_plan.json"]
    assert hashlib.sha256(content).hexdigest() == plan_hash(plan)
    assert json.loads(content) == plan
    for code in LANGUAGES:
        assert plan_hash(plan) in files[f"analysis_plan.{code}.html"].decode()


def test_any_change_of_the_questionnaire_changes_version_and_plan(asked: Questionnaire) -> None:
    for cells in ({"wording_en": "Other words"}, {"required": False}, {"confidentiality": "aggregate"}):
        changed = replace(asked, questions=(replace(asked.questions[0], **cells), *asked.questions[1:]))
        assert version(changed) != version(asked)
        assert plan_hash(build(changed)) != plan_hash(build(asked))


# All of them


def run(*arguments: str) -> Any:
    result = CliRunner().invoke(app, ["survey", "forms", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


@pytest.mark.parametrize(("lang", "words"), [("fr", "fichiers écrits dans"), ("en", "files written in")])
def test_the_command_writes_the_same_bytes_twice(
    lang: str, words: str, files: dict[str, bytes], tmp_path: Path, asked: Questionnaire
) -> None:
    result = run("--out", str(tmp_path), "--lang", lang)
    assert result.exit_code == 0
    assert f"{len(FILES)} {words}" in result.output
    assert plan_hash(build(asked)) in result.output
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files


def test_a_broken_questionnaire_writes_nothing(data_copy: Path, tmp_path: Path) -> None:
    row = edit(data_copy, "survey/questionnaire", "assistance_satisfied", asked_if="assistance=maybe")
    result = run("--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert f"questionnaire.csv, row {row}: assistance_satisfied: asked if assistance=maybe" in result.output
    assert not (tmp_path / "out").exists()


def test_a_form_that_cannot_be_written_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> int:
        if path.name == "ddi.xml":
            raise OSError("no space left")
        return plain_write(path, content)

    plain_write = Path.write_bytes
    monkeypatch.setattr(Path, "write_bytes", full)
    result = run("--out", str(tmp_path))
    assert (result.exit_code, "no space left" in result.output) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_folders_that_cannot_be_written_into(tmp_path: Path, data_copy: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = run("--out", str(tmp_path / "file"))
    assert (result.exit_code, "cannot be written into" in result.output) == (2, True)
    result = run("--out", str(data_copy))
    assert (result.exit_code, "holds the kit's own tables" in result.output) == (2, True)
