"""
The DDI document: valid, complete, in both languages.

The schema of the DDI Alliance is not in the repository. Where ``shared/ddi/codebook.xsd`` lies beside it, with the
files that it imports, the document is validated against it. What is always checked is how the schema's documentation
(https://ddialliance.org/Specification/DDI-Codebook/2.5/) describes the elements that the document has: a reading of it,
and no schema.
"""

import re
import xml.etree.ElementTree as ET
from collections import Counter

import pytest
import xmlschema

from citydiplo import data
from citydiplo.data import Tables
from citydiplo.forms.ddi import NAMESPACE, document
from citydiplo.forms.plan import build, plan_hash
from citydiplo.language import LANGUAGES, Language
from citydiplo.survey import questionnaire as questions
from citydiplo.survey.questionnaire import Questionnaire

SCHEMA = data.REPOSITORY.parent / "shared" / "ddi" / "codebook.xsd"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# The children of each element, in order: ? at most one, + one or more, * any number.
CHILDREN = {
    "codeBook": "docDscr* stdyDscr+ fileDscr* dataDscr* otherMat*",
    "docDscr": "citation? guide? docStatus? docSrc* controlledVocabUsed* notes*",
    "stdyDscr": "citation+ studyAuthorization* stdyInfo* studyDevelopment* method* dataAccs* othrStdyMat* notes*",
    "citation": "titlStmt rspStmt? prodStmt? distStmt? serStmt* verStmt* biblCit? holdings* notes*",
    "titlStmt": "titl subTitl* altTitl* parTitl* IDNo*",
    "prodStmt": "producer* copyright? prodDate* prodPlac* software* fundAg* grantNo*",
    "verStmt": "version? verResp? notes*",
    "stdyInfo": "studyBudget* subject* abstract* sumDscr* qualityStatement? notes* exPostEvaluation*",
    "sumDscr": "timePrd* collDate* nation* geogCover* geogUnit* geoBndBox? boundPoly? anlyUnit* universe* dataKind*",
    "method": "dataColl* notes* anlyInfo? stdyClas? dataProcessing* codingInstructions*",
    "dataColl": "timeMeth* dataCollector* collectorTraining* frequenc* sampProc* sampleFrame* targetSampleSize* "
    "deviat* collMode* resInstru* instrumentDevelopment* sources? collSitu* actMin* ConOps* weight* cleanOps*",
    "dataAccs": "setAvail* useStmt* notes*",
    "useStmt": "confDec? specPerm? restrctn? contact* citReq? deposReq? conditions? disclaimer?",
    "othrStdyMat": "relMat* relStdy* relPubl* othRefs*",
    "fileDscr": "fileTxt* locMap? notes*",
    "fileTxt": "fileName? fileCitation? fileCont? fileStrc? dimensns? fileType? format? filePlac? dataChck* ProcStat? "
    "dataMsng? software* verStmt?",
    "dataDscr": "varGrp* nCubeGrp* var* nCube* notes*",
    "varGrp": "labl* txt* concept* defntn? universe? notes*",
    "var": "location* labl* imputation? security? embargo? respUnit? anlysUnit? qstn* valrng* invalrng* undocCod* "
    "universe* TotlResp? sumStat* txt* stdCatgry* catgryGrp* catgry* codInstr* verStmt* concept* derivation? "
    "varFormat? geoMap* catLevel* notes*",
    "qstn": "preQTxt* qstnLit* postQTxt* forward* backward* ivuInstr*",
    "valrng": "range+",
    "catgry": "catValu? labl* txt* catStat* mrow?",
}

# The attributes of each element besides ID and xml:lang, with their values where the schema lists them.
ATTRIBUTES: dict[str, dict[str, str]] = {
    "codeBook": {"version": r"2\.5"},
    "IDNo": {"agency": ".+"},
    "nation": {"abbr": ".+"},
    "fileType": {"charset": ".+"},
    "varGrp": {"type": "section|multipleResp|grid|display|subject|other", "name": ".+", "var": ".+"},
    "var": {
        "name": ".+",
        "files": ".+",
        "access": ".+",
        "intrvl": "contin|discrete",
        "representationType": "text|numeric|code|datetime|other",
    },
    "qstn": {
        "seqNo": ".+",
        "responseDomainType": "text|numeric|code|category|datetime|geographic|multiple|other",
    },
    "range": {"UNITS": "INT|REAL", "min": ".+"},
    "varFormat": {"type": "character|numeric"},
    "notes": {"type": ".+"},
}
REFERENCES = {("varGrp", "var"), ("var", "files"), ("var", "access")}


@pytest.fixture(scope="module")
def asked(tables: Tables) -> Questionnaire:
    return questions.load(tables)


@pytest.fixture(scope="module")
def written(asked: Questionnaire, tables: Tables) -> bytes:
    return document(asked, tables, {code: Language.of(code, tables) for code in LANGUAGES})


@pytest.fixture(scope="module")
def root(written: bytes) -> ET.Element:
    """The document without its namespace."""
    found = ET.fromstring(written)  # noqa: S314
    assert {element.tag.partition("}")[0] for element in found.iter()} == {f"{{{NAMESPACE}"}
    for element in found.iter():
        element.tag = element.tag.partition("}")[2]
    return found


def test_valid_against_the_official_schema(written: bytes) -> None:
    if not SCHEMA.is_file():
        pytest.skip("the schema of the DDI Alliance is not beside the repository")
    xmlschema.XMLSchema(SCHEMA, allow="local").validate(written)


def test_elements_stand_where_the_standard_has_them(root: ET.Element) -> None:
    for element in root.iter():
        children = "".join(f"{child.tag} " for child in element)
        tokens = re.findall(r"(\w+)([?*+]?)", CHILDREN.get(element.tag, ""))
        model = "".join(f"(?:{tag} ){times}" for tag, times in tokens)
        assert re.fullmatch(model, children), f"{element.tag}: {children}"


def test_attributes_are_those_of_the_standard(root: ET.Element) -> None:
    for element in root.iter():
        known = ATTRIBUTES.get(element.tag, {}) | {"ID": r"[A-Za-z_][\w.-]*", XML_LANG: "fr|en"}
        for name, value in element.attrib.items():
            assert re.fullmatch(known[name], value), (element.tag, name, value)


def test_references_name_what_exists(root: ET.Element) -> None:
    ids = Counter(element.get("ID") for element in root.iter() if element.get("ID"))
    assert set(ids.values()) == {1}
    named = {
        name
        for element in root.iter()
        for attribute in element.attrib
        if (element.tag, attribute) in REFERENCES
        for name in element.attrib[attribute].split()
    }
    assert named
    assert named <= set(ids)


def test_each_question_is_a_variable(root: ET.Element, asked: Questionnaire) -> None:
    variables = {variable.get("name"): variable for variable in root.iter("var")}
    assert list(variables) == [question.id for question in asked]
    for question in asked:
        variable = variables[question.id]
        literal = {part.get(XML_LANG): part.text for part in variable.findall("qstn/qstnLit")}
        assert literal["en"] == question.wording_en
        assert list(literal) == ["fr", "en"]
        codes = [(part.findtext("catValu"), part.findall("labl")[0].text) for part in variable.findall("catgry")]
        assert codes == [(choice.code, choice.label_fr) for choice in question.choices]
        assert bool(variable.findall("qstn/preQTxt")) is bool(question.asked_if)
        assert len(variable.findall("qstn/ivuInstr")) == (2 if question.hint_fr else 0)
        assert len(variable.findall("universe")) == 2


def test_confidentiality_is_told(root: ET.Element, asked: Questionnaire) -> None:
    statements = {use.get("ID"): use.findtext("restrctn") for use in root.iter("useStmt")}
    said = {
        "open": ("Peut être cité avec le nom", "May be quoted with the name"),
        "aggregate": ("Seulement dans des totaux", "In totals only"),
        "contact": ("Ne quitte pas le fichier des réponses", "Never leaves the file of answers"),
    }
    for variable, question in zip(root.iter("var"), asked, strict=True):
        french, english = said[question.confidentiality]
        assert variable.findtext("security") == french
        assert [statements[name] for name in variable.get("access", "").split()] == [french, english]


def test_study_file_and_plan(root: ET.Element, asked: Questionnaire, tables: Tables) -> None:
    titles = root.findall("stdyDscr/citation/titlStmt/*")
    assert [title.tag for title in titles] == ["titl", "parTitl", "IDNo"]
    assert [part.get(XML_LANG) for part in root.findall("stdyDscr/stdyInfo/sumDscr/universe")] == ["fr", "en"]
    assert root.findtext("fileDscr/fileTxt/fileName") == "answers.csv"
    assert plan_hash(build(asked)) in (root.findtext("stdyDscr/method/notes") or "")
    study = tables["sources"].set_index("source_id").loc["france-urbaine-inet-2021", "title"]
    assert study in (root.findtext("stdyDscr/othrStdyMat/relStdy") or "")


def test_what_comes_from_data_is_text(tables: Tables) -> None:
    rows = tables["questionnaire"].copy()
    rows.loc[0, "wording_en"] = '<b a="1">&</b>'
    changed = tables | {"questionnaire": rows}
    languages = {code: Language.of(code, changed) for code in LANGUAGES}
    found = ET.fromstring(document(questions.load(changed), changed, languages))  # noqa: S314
    texts = [element.text for element in found.iter(f"{{{NAMESPACE}}}qstnLit")]
    assert '<b a="1">&</b>' in texts
