"""Answers to the survey, made up with a seed, and written as each survey tool exports them."""

import csv
import datetime
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import Workbook

from citydiplo.forms.limesurvey import answer_codes, question_codes
from citydiplo.survey.questionnaire import Question, Questionnaire

Table = list[list[str]]

FIRST_DAY = datetime.datetime(2026, 3, 2, 9, 0, 0)


@dataclass
class Answer:
    """One answer: codes of single choices, tuples of codes, texts and numbers as they were typed."""

    id: str
    sent: datetime.datetime | None
    cells: dict[str, str | tuple[str, ...]] = field(default_factory=dict)


def make(questionnaire: Questionnaire, members: Sequence[tuple[str, str]], seed: int) -> list[Answer]:
    """60 answers of ``members`` (id, name), among them dirty ones: see `SPOILT`."""
    chance = random.Random(seed)  # noqa: S311
    answers = [
        _answer(questionnaire, chance, str(number), *members[number % len(members)])
        for number in range(1, 61 - len(SPOILT))
    ]
    for spoilt in SPOILT:
        number = len(answers) + 1
        answer = _answer(questionnaire, chance, str(number), *members[number % len(members)])
        answer.cells |= spoilt
        answers.append(answer)
    # Half a form, and an identity alone.
    for answer, last in ((answers[3], "budget_class"), (answers[4], "respondent_role")):
        known = [question.id for question in questionnaire]
        answer.cells = {name: answer.cells[name] for name in known[: known.index(last) + 1] if name in answer.cells}
        answer.sent = None
    return answers


SPOILT: tuple[dict[str, str | tuple[str, ...]], ...] = (
    {"budget_amount": "300 k€", "budget_class": "from_300000_to_1000000"},
    {"budget_amount": "1,2 M€", "budget_class": ""},
    {"budget_amount": "300 000 €", "staff_count": "env. 5"},
    {"staff_count": "-2", "network_count": "2,5", "comment": '=HYPERLINK("https://example.org")'},
    {"carrier": "personne", "comment": "<script>alert('é')</script>; \"guillemets\",\nà la ligne"},
    {"assistance": "no", "assistance_satisfied": "yes"},
    {"form": ("networks",), "form_other": "des bals"},
    {"answered_for": ""},
    {"collectivity_code": "6088", "collectivity_name": "Nice"},
    {"collectivity_code": "352 38", "collectivity_name": ""},
    {"collectivity_code": "", "collectivity_name": "Montreuil"},
    {"collectivity_code": "", "collectivity_name": "Marseile"},
    {"collectivity_code": "05061", "collectivity_name": "Gap"},
    {"collectivity_code": "", "collectivity_name": ""},
    {"collectivity_code": "", "collectivity_name": "Test"},
    {"comment": "ceci est un essai"},
    {"collectivity_code": "35238", "collectivity_name": "Nantes"},
    {"collectivity_code": "99999", "collectivity_name": "Grenoble"},
)


def _answer(questionnaire: Questionnaire, chance: random.Random, number: str, code: str, name: str) -> Answer:
    cells: dict[str, str | tuple[str, ...]] = {"collectivity_code": code, "collectivity_name": name}
    for question in questionnaire:
        if question.id in cells or not _asked(question, cells) or (not question.required and chance.random() < 0.15):
            continue
        if question.type == "single":
            cells[question.id] = chance.choice(question.codes)
        elif question.type == "multiple":
            cells[question.id] = tuple(choice for choice in question.codes if chance.random() < 0.4)
        elif question.type == "integer":
            cells[question.id] = str(chance.randrange(15))
        elif question.type == "text":
            cells[question.id] = chance.choice(("Chargée de mission", "Un réseau, d’échange", "À préciser"))
    return Answer(number, FIRST_DAY + datetime.timedelta(minutes=chance.randrange(60_000)), cells)


def _asked(question: Question, cells: dict[str, str | tuple[str, ...]]) -> bool:
    if question.asked_if is None:
        return True
    given = cells.get(question.asked_if.question_id, ())
    return bool(
        {given} & set(question.asked_if.codes) if isinstance(given, str) else set(given) & set(question.asked_if.codes)
    )


def _label(question: Question, code: str, lang: str) -> str:
    """The label of a code; what is no code is left as it was typed."""
    labels = {choice.code: choice.label_fr if lang == "fr" else choice.label_en for choice in question.choices}
    return labels.get(code, code)


def _wording(question: Question, lang: str) -> str:
    return question.wording_fr if lang == "fr" else question.wording_en


def kobo(
    answers: Sequence[Answer], questionnaire: Questionnaire, multiple: str, lang: str = "", groups: bool = True
) -> Table:
    """KoboToolbox: XML names and codes, or labels in ``lang``; ``multiple`` is summary, details or both."""
    header, columns = ["start", "end"], [lambda a: "", lambda a: a.sent.isoformat() + ".000" if a.sent else ""]
    for question in questionnaire:
        group = f"section-{question.section}/" if groups else ""
        name = group + (_wording(question, lang) if lang else question.id)

        def word(code: str, question: Question = question) -> str:
            return _label(question, code, lang) if lang else code

        if question.type != "multiple" or multiple in ("summary", "both"):
            header.append(name)

            def listed(answer: Answer, question: Question = question, word=word) -> str:
                given = answer.cells.get(question.id, "")
                return word(given) if isinstance(given, str) else " ".join(map(word, given))

            columns.append(listed)
        if question.type == "multiple" and multiple in ("details", "both"):
            for code in question.codes:
                header.append(f"{name}/{word(code)}")

                def ticked(answer: Answer, question: Question = question, code: str = code) -> str:
                    return str(int(code in answer.cells[question.id])) if question.id in answer.cells else ""

                columns.append(ticked)
    header += ["__version__", "_id", "_uuid", "_submission_time"]
    columns += [lambda a: "v1", lambda a: a.id, lambda a: f"uuid-{a.id}", lambda a: "2026-04-01T00:00:00"]
    return [header, *([column(answer) for column in columns] for answer in answers)]


def limesurvey(answers: Sequence[Answer], questionnaire: Questionnaire, headings: str, lang: str = "") -> Table:
    """LimeSurvey: headings are code, full or codetext; answers are codes, or full texts in ``lang``."""
    names = question_codes(questionnaire)
    spoken = lang or "fr"
    full = headings == "full"
    header = ["Response ID", "Date submitted", "Last page", "Start language", "Seed"]
    header = header if full else ["id", "submitdate", "lastpage", "startlanguage", "seed"]
    columns = [lambda a: a.id, lambda a: str(a.sent or ""), lambda a: "8", lambda a: spoken, lambda a: "123456"]
    yes, no = {"fr": ("Oui", "Non"), "en": ("Yes", "No"), "": ("Y", "")}[lang]
    for question in questionnaire:
        short, text = names[question.id], _wording(question, spoken)
        if question.type != "multiple":
            header.append({"code": short, "full": text, "codetext": f"{short}. {text}"}[headings])

            def cell(answer: Answer, question: Question = question) -> str:
                given = str(answer.cells.get(question.id, ""))
                return _label(question, given, lang) if lang else answer_codes(question).get(given, given)

            columns.append(cell)
            continue
        for code, sub in answer_codes(question).items():
            label = _label(question, code, spoken)
            forms = {
                "code": f"{short}[{sub}]",
                "full": f"{text} [{label}]",
                "codetext": f"{short}[{sub}]. {text} [{label}]",
            }
            header.append(forms[headings])

            def ticked(answer: Answer, question: Question = question, code: str = code) -> str:
                if question.id not in answer.cells:
                    return "N/A" if lang else ""
                return yes if code in answer.cells[question.id] else no

            columns.append(ticked)
    return [header, *([column(answer) for column in columns] for answer in answers)]


def mapped(answers: Sequence[Answer], questionnaire: Questionnaire) -> tuple[Table, Table]:
    """A spreadsheet of somebody's own, and its mapping: numbered columns and answers, ticks with an x, French dates."""
    header = ["N°", "Envoyé le"]
    columns = [lambda a: a.id, lambda a: a.sent.strftime("%d/%m/%Y %H:%M:%S") if a.sent else ""]
    mapping = [["column", "question_id", "answer_in_file", "code"], ["N°", "response_id", "", ""]]
    mapping.append(["Envoyé le", "submitted_at", "", ""])
    for number, question in enumerate(questionnaire, start=1):
        if question.type == "multiple":
            for code in question.codes:
                name = f"Q{number} {code}"
                header.append(name)
                mapping.append([name, question.id, "", code])
                columns.append(lambda a, q=question.id, code=code: "x" if code in a.cells.get(q, ()) else "")
            continue
        name = f"Q{number}"
        header.append(name)
        mapping.append([name, question.id, "", ""])
        own = {code: f"Réponse {place}" for place, code in enumerate(question.codes, start=1)}
        mapping += [[name, question.id, word, code] for code, word in own.items()]
        columns.append(lambda a, q=question.id, own=own: own.get(a.cells.get(q, ""), a.cells.get(q, "")))
    return [header, *([column(answer) for column in columns] for answer in answers)], mapping


def to_text(table: Table, separator: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(table)
    return text.getvalue()


def to_workbook(table: Table, path: Path) -> Path:
    """Numbers as numbers, texts as texts, whatever they begin with."""
    book = Workbook()
    for number, row in enumerate(table, start=1):
        for place, value in enumerate(row, start=1):
            if value:
                cell = book.active.cell(number, place)
                cell.value = int(value) if number > 1 and value.isdigit() and len(value) < 4 else value
                cell.data_type = "n" if isinstance(cell.value, int) else "s"
    book.save(path)
    return path
