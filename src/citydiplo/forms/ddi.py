"""The questionnaire and its variables as DDI-Codebook 2.5, the XML by which data archives describe a survey.

Reference: DDI Alliance, DDI-Codebook 2.5, 2012-01-17 (https://ddialliance.org/Specification/DDI-Codebook/2.5/). French
is the language of the document; whatever the schema lets repeat is also there in English.
"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping

from citydiplo.data import Tables
from citydiplo.forms import wording
from citydiplo.forms.canonical import version
from citydiplo.forms.notes import start_note
from citydiplo.forms.plan import build, plan_hash
from citydiplo.language import Language
from citydiplo.survey.questionnaire import Question, Questionnaire

NAMESPACE = "ddi:codebook:2_5"
FILE = "answers"

# The schema's words for the types of questions: the domain of the answer, then how the variable is represented.
DOMAINS = {"single": "category", "multiple": "multiple", "integer": "numeric", "amount": "numeric", "text": "text"}
REPRESENTATIONS = {"single": "code", "multiple": "text", "integer": "numeric", "amount": "numeric", "text": "text"}
LEVELS = ("open", "aggregate", "contact")
UNITS = {"integer": "INT", "amount": "REAL"}


def document(questionnaire: Questionnaire, tables: Tables, languages: Mapping[str, Language]) -> bytes:
    """The DDI document, in UTF-8.

    Parameters
    ----------
    questionnaire : Questionnaire
    tables : dict
        With sources: the studies whose questions are asked again.
    languages : mapping
        "fr" and "en" → Language; the first is the language of the document.
    """
    root = ET.Element("codeBook", {"xmlns": NAMESPACE, "version": "2.5", "xml:lang": next(iter(languages))})
    _citation(ET.SubElement(root, "docDscr"), questionnaire, languages)
    study = ET.SubElement(root, "stdyDscr")
    _citation(study, questionnaire, languages)
    _scope(study, languages)
    _method(study, questionnaire, languages)
    _access(study, languages)
    _repeated(study, questionnaire, tables)
    _file(root, languages)
    variables = ET.SubElement(root, "dataDscr")
    for section, questions in questionnaire.sections().items():
        _section(variables, section, questions, languages)
    for number, question in enumerate(questionnaire, start=1):
        _variable(variables, number, question, questionnaire, languages)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _said(parent: ET.Element, tag: str, words: Mapping[str, str], **attributes: str) -> None:
    """Add an element in each language; none where there is nothing to say."""
    for code, text in words.items():
        if text:
            ET.SubElement(parent, tag, attributes | {"xml:lang": code}).text = text


def _citation(parent: ET.Element, questionnaire: Questionnaire, languages: Mapping[str, Language]) -> None:
    first, *others = [language.text("forms.title") for language in languages.values()]
    citation = ET.SubElement(parent, "citation")
    title = ET.SubElement(citation, "titlStmt")
    ET.SubElement(title, "titl").text = first
    _said(title, "parTitl", dict(zip(list(languages)[1:], others, strict=True)))
    ET.SubElement(title, "IDNo", agency="citydiplo").text = f"citydiplo-{version(questionnaire)}"
    ET.SubElement(ET.SubElement(citation, "prodStmt"), "producer").text = "citydiplo"
    ET.SubElement(ET.SubElement(citation, "verStmt"), "version").text = version(questionnaire)


def _scope(study: ET.Element, languages: Mapping[str, Language]) -> None:
    scope = ET.SubElement(study, "stdyInfo")
    _said(scope, "abstract", {code: language.text("ddi.abstract") for code, language in languages.items()})
    summary = ET.SubElement(scope, "sumDscr")
    _said(summary, "nation", {code: language.countries["FRA"] for code, language in languages.items()}, abbr="FRA")
    _said(summary, "anlyUnit", {code: language.text("ddi.unit") for code, language in languages.items()})
    _said(summary, "universe", {code: language.text("ddi.universe") for code, language in languages.items()})
    _said(summary, "dataKind", {code: language.text("ddi.kind") for code, language in languages.items()})


def _method(study: ET.Element, questionnaire: Questionnaire, languages: Mapping[str, Language]) -> None:
    method = ET.SubElement(study, "method")
    collection = ET.SubElement(method, "dataColl")
    _said(collection, "sampProc", {code: language.text("ddi.sampling") for code, language in languages.items()})
    _said(collection, "collMode", {code: language.text("ddi.mode") for code, language in languages.items()})
    digest = plan_hash(build(questionnaire))
    _said(method, "notes", {code: language.text("ddi.plan", hash=digest) for code, language in languages.items()})


def _access(study: ET.Element, languages: Mapping[str, Language]) -> None:
    """Who may see what: a statement for each level of confidentiality in each language, which variables refer to."""
    access = ET.SubElement(study, "dataAccs")
    for level in LEVELS:
        for code, language in languages.items():
            use = ET.SubElement(access, "useStmt", ID=f"access-{level}-{code}")
            _said(use, "restrctn", {code: language.label("confidentiality", level)})
    _said(access, "notes", {code: start_note(language) for code, language in languages.items()})


def _repeated(study: ET.Element, questionnaire: Questionnaire, tables: Tables) -> None:
    """The studies whose questions are asked again."""
    asked = {question.source_id for question in questionnaire if question.origin != "added"}
    sources = tables["sources"]
    material = ET.SubElement(study, "othrStdyMat")
    for row in sources[sources["source_id"].isin(asked)].itertuples():
        ET.SubElement(material, "relStdy").text = f"{row.publisher}, {row.title}, {row.published[:4]}"


def _file(root: ET.Element, languages: Mapping[str, Language]) -> None:
    """The file of answers: the schema lets its content be said once, notes in every language."""
    file = ET.SubElement(root, "fileDscr", ID=FILE)
    text = ET.SubElement(file, "fileTxt")
    ET.SubElement(text, "fileName").text = f"{FILE}.csv"
    (first, content), *others = [(code, language.text("ddi.file")) for code, language in languages.items()]
    _said(text, "fileCont", {first: content})
    ET.SubElement(text, "fileType", charset="UTF-8").text = "text/csv"
    _said(file, "notes", dict(others))


def _section(variables: ET.Element, section: str, questions: list[Question], languages: Mapping[str, Language]) -> None:
    names = " ".join(f"V-{question.id}" for question in questions)
    group = ET.SubElement(variables, "varGrp", ID=f"G-{section}", type="section", name=section, var=names)
    _said(group, "labl", {code: language.label("survey_section", section) for code, language in languages.items()})


def _variable(
    variables: ET.Element,
    number: int,
    question: Question,
    questionnaire: Questionnaire,
    languages: Mapping[str, Language],
) -> None:
    """One variable; its parts stand in the order of the schema."""
    main = next(iter(languages.values()))
    variable = ET.SubElement(
        variables,
        "var",
        ID=f"V-{question.id}",
        name=question.id,
        files=FILE,
        access=" ".join(f"access-{question.confidentiality}-{code}" for code in languages),
        intrvl="contin" if question.type in UNITS else "discrete",
        representationType=REPRESENTATIONS[question.type],
    )
    wordings = {code: wording.wording(question, language) for code, language in languages.items()}
    _said(variable, "labl", wordings)
    # The schema lets a variable say this once: access refers to it in every language.
    _said(variable, "security", {main.code: main.label("confidentiality", question.confidentiality)})
    asked = ET.SubElement(variable, "qstn", seqNo=str(number), responseDomainType=DOMAINS[question.type])
    conditions = {code: wording.condition(question, questionnaire, language) for code, language in languages.items()}
    _said(asked, "preQTxt", conditions)
    _said(asked, "qstnLit", wordings)
    _said(asked, "ivuInstr", {code: wording.hint(question, language) for code, language in languages.items()})
    if question.type in UNITS:
        ET.SubElement(ET.SubElement(variable, "valrng"), "range", UNITS=UNITS[question.type], min="0")
    universe = {code: wording.asked_of(question, questionnaire, language) for code, language in languages.items()}
    _said(variable, "universe", universe)
    for choice in question.choices:
        category = ET.SubElement(variable, "catgry")
        ET.SubElement(category, "catValu").text = choice.code
        _said(category, "labl", {code: wording.label(choice, language) for code, language in languages.items()})
    if question.feeds:
        topics = {code: language.label("figure_topic", question.feeds) for code, language in languages.items()}
        _said(variable, "concept", topics)
    ET.SubElement(variable, "varFormat", type="numeric" if question.type in UNITS else "character")
    _said(
        variable,
        "notes",
        {
            code: f"{wording.origin(question, language)} ({language.typeset(question.locator)})"
            for code, language in languages.items()
        },
        type="origin",
    )
