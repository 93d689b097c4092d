"""
The DDI document: valid, complete, in both languages.

The schema of the DDI Alliance is not in the repository. Where ``shared/ddi/codebook.xsd`` lies beside it, with the
files that it imports, the document is validated against it. What is always checked is a reading of the schema, for the
elements and attributes that the document has: each entry of CHILDREN and ATTRIBUTES was compared with its text
(DDI-Codebook 2.5, 2012-01-17, https://ddialliance.org/Specification/DDI-Codebook/2.5/).
"""

import copy
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable

import pytest
import xmlschema

from citydiplo import folders
from citydiplo.data import Tables
from citydiplo.forms.ddi import NAMESPACE, document
from citydiplo.forms.plan import build, plan_hash
from citydiplo.language import LANGUAGES, Language
from citydiplo.survey import questionnaire as questions
from citydiplo.survey.questionnaire import Questionnaire

SCHEMA = folders.REPOSITORY.parent / "shared" / "ddi" / "codebook.xsd"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# The children of each element, in order: ? at most one, + one or more, * any number, | either of them. Not here, since
# the document does without: what formats texts (ExtLink, p, XHTML…) and Dublin Core at the end of a citation.
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
    "qstn": "(preQTxt | qstnLit | postQTxt | forward | backward | ivuInstr)*",
    "valrng": "(item | range)+ key? notes*",
    "catgry": "catValu? labl* txt* catStat* mrow?",
}

# The attributes that the document has besides ID and xml:lang, with their values where the schema lists them.
ATTRIBUTES: dict[str, dict[str, str]] = {
    "codeBook": {"version": r"2\.5"},
    "IDNo": {"agency": ".+"},
    "nation": {"abbr": ".+"},
    "fileType": {"charset": ".+"},
    "varGrp": {
        "type": "section|multipleResp|grid|display|repetition|subject|version|iteration|analysis|pragmatic|record|file|"
        "randomized|other",
        "name": ".+",
        "var": ".+",
    },
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


def misplaced(root: ET.Element) -> list[str]:
    """Elements whose children are not those of the schema, in its order."""
    return [
        element.tag
        for element in root.iter()
        if not re.fullmatch(
            re.sub(r"\w+", r"(?:\g<0>,)", CHILDREN.get(element.tag, "")),
            "".join(f"{child.tag}," for child in element),
            re.VERBOSE,
        )
    ]


def unlisted(root: ET.Element) -> list[str]:
    """Attributes that the schema has not, or not with this value."""
    common = {"ID": r"[A-Za-z_][\w.-]*", XML_LANG: "fr|en"}
    return [
        name
        for element in root.iter()
        for name, value in element.attrib.items()
        if not re.fullmatch((ATTRIBUTES.get(element.tag, {}) | common).get(name, "(?!)"), value)
    ]


def unresolved(root: ET.Element) -> list[str]:
    """Identifiers given twice, and those that are referred to and not given."""
    ids = Counter(element.get("ID", "") for element in root.iter() if "ID" in element.attrib)
    named = [
        name
        for tag, attribute in REFERENCES
        for element in root.iter(tag)
        for name in element.get(attribute, "").split()
    ]
    return [name for name, times in ids.items() if times > 1] + [name for name in named if name not in ids]


def test_elements_stand_where_the_standard_has_them(root: ET.Element) -> None:
    assert misplaced(root) == []


def test_attributes_are_those_of_the_standard(root: ET.Element) -> None:
    assert unlisted(root) == []


def test_references_name_what_exists(root: ET.Element) -> None:
    assert all(root.find(f".//{tag}[@{attribute}]") is not None for tag, attribute in REFERENCES)
    assert unresolved(root) == []


def swapped(root: ET.Element) -> None:
    root[:2] = root[1::-1]


def removed(root: ET.Element) -> None:
    study = root.findall("stdyDscr")[0]
    study.remove(study.findall("citation")[0])


def added(path: str, tag: str) -> Callable[[ET.Element], None]:
    return lambda root: root.findall(path)[0].insert(0, ET.Element(tag))


def said(path: str, attribute: str, value: str) -> Callable[[ET.Element], None]:
    return lambda root: root.findall(path)[0].set(attribute, value)


@pytest.mark.parametrize(
    ("change", "check", "fault"),
    [
        pytest.param(swapped, misplaced, "codeBook", id="order"),
        pytest.param(removed, misplaced, "stdyDscr", id="required child"),
        pytest.param(added("stdyDscr/citation/titlStmt", "titl"), misplaced, "titlStmt", id="child said twice"),
        pytest.param(added("dataDscr/var", "colour"), misplaced, "var", id="unknown child"),
        pytest.param(said("dataDscr/var", "colour", "red"), unlisted, "colour", id="unknown attribute"),
        pytest.param(said("dataDscr/var", "intrvl", "continuous"), unlisted, "intrvl", id="value not listed"),
        pytest.param(said(".", "version", "2.6"), unlisted, "version", id="other version"),
        pytest.param(said("dataDscr/var", "ID", "1 a"), unlisted, "ID", id="identifier no name"),
        pytest.param(said("dataDscr/var", "access", "nobody"), unresolved, "nobody", id="dangling reference"),
        pytest.param(said("stdyDscr", "ID", "answers"), unresolved, "answers", id="identifier given twice"),
    ],
)
def test_what_the_schema_refuses_is_found(
    root: ET.Element, change: Callable[[ET.Element], None], check: Callable[[ET.Element], list[str]], fault: str
) -> None:
    changed = copy.deepcopy(root)
    change(changed)
    assert check(changed) == [fault]


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
        "contact": ("Jamais publié", "Never published"),
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
