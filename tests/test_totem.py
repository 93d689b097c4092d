"""Budget documents (TOTEM): what is read of the accounts of a made-up town, and what is refused before it does harm."""

import itertools
import tempfile
import time
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citydiplo import data, folders
from citydiplo.errors import DataError
from citydiplo.imports import account_file, budget_xml, functions, totem
from citydiplo.imports.account_document import COLUMNS, Reading
from citydiplo.imports.totem_lines import euros

ACCOUNTS = Path(__file__).parent / "accounts"
MONTREUIL = folders.REPOSITORY.parent / "shared" / "realdata" / "montreuil-accounts" / "CA_2020.xml"

ROOT = b'<?xml version="1.0" encoding="UTF-8"?>\n<DocumentBudgetaire><Budget>'


def reading(name: str) -> Reading:
    """Read a fixture; its rows follow the schemas."""
    read = totem.read(ACCOUNTS / name)
    follows_the_schemas(read)
    return read


def follows_the_schemas(read: Reading) -> None:
    """Check its rows, with the source that whoever reads the file gives them."""
    stamped = account_file.stamped(read, "a file", "0" * 64)
    for table in COLUMNS:
        data.validate_table(table, getattr(stamped, table))


def real(read: Reading, direction: str) -> float:
    lines = read.accounts.query("operation == 'real' and direction == @direction")
    return round(lines["amount"].sum(), 2)


def line(**values: str) -> str:
    """A line of a budget, on one line of the file."""
    usual = {"Nature": "6574", "Fonction": "048", "CodRD": "D", "MtReal": "100.00", "OpBudg": "0"}
    children = "".join(f"<{name} V={quoteattr(value)}/>" for name, value in (usual | values).items())
    return f"<LigneBudget>{children}</LigneBudget>\n"


def document(lines: Iterable[str], **header: str) -> str:
    """A document of which the first line of the budget is line 3 of the file."""
    usual = {"NatDec": "09", "Exer": "2021", "CodTypBud": "P", "IdColl": "99999999000019", "Nomenclature": "M14-M14"}
    values = {name: quoteattr(value) for name, value in (usual | header).items()}
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<DocumentBudgetaire><EnTeteDocBudgetaire><IdColl V={values.pop('IdColl')}/></EnTeteDocBudgetaire>"
        f"<Budget><EnTeteBudget><Nomenclature V={values.pop('Nomenclature')}/></EnTeteBudget>"
        f"<BlocBudget>{''.join(f'<{name} V={value}/>' for name, value in values.items())}</BlocBudget>\n"
        f"{''.join(lines)}</Budget></DocumentBudgetaire>"
    )


def read_text(text: str) -> Reading:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "document.xml")
        path.write_text(text, encoding="utf-8")
        return totem.read(path)


OTHERS = line(Fonction="020", Nature="64111", MtReal="5000.00") + line(Fonction="01", Nature="7311", CodRD="R")


# What is read


def test_m14_by_nature() -> None:
    read = reading("totem-m14-by-nature-2021.xml")
    assert not read.problems
    assert (real(read, "expenditure"), real(read, "receipt")) == (90330.98, 25000)
    lines = read.accounts
    assert set(lines["siren"]) == {"999999990"}
    assert set(lines["siret"]) == {"99999999000019"}
    assert set(lines["function"]) == {"041", "048"}
    assert dict(lines.groupby("nature")["amount"].sum())["6574"] == 31500
    assert lines.query("nature == '2051'")["section"].item() == "investment"
    assert lines.query("operation == 'order'")["amount"].tolist() == [310]
    assert lines.query("amount < 0")["amount"].item() == -69.52
    notes = dict(read.notes)
    negative = lines.query("amount < 0")["locator"].item()
    assert notes[negative] == "less than 0, kept: -69.52"
    assert "a sum of other lines, left out" in notes.values()


def test_totals_and_population() -> None:
    totals = reading("totem-m14-by-nature-2021.xml").account_totals.iloc[0]
    assert totals["population"] == 12345
    # 4,000,000 and 70,000 elsewhere, what function 04 and sport spend; no order entry, no result of past years.
    assert totals["operating_expenditure"] == 4_000_000 + 70_000 + 15_000 + 90330.98 - 2400
    assert totals["operating_receipts"] == 4_500_000 + 25_000
    assert (totals["year"], totals["decided"], totals["by_function"]) == (2021, "2022-06-27", "yes")


def test_beneficiaries_and_persons() -> None:
    read = reading("totem-m14-by-nature-2021.xml")
    subsidies = read.subsidies
    assert subsidies["beneficiary"].isna().tolist() == [False, True, False, False, True]
    assert not any("Inventé" in str(cell) for cell in subsidies.to_numpy().ravel())
    assert subsidies["amount"].tolist() == [12000, 500, 1e7, 36472, 250]
    assert subsidies["beneficiary_kind"].tolist()[:4] == [
        "association",
        "natural_person",
        "public_establishment",
        "association",
    ]
    assert subsidies["in_kind"].tolist()[3] == "MAD Personnel"
    assert any("without a legal nature" in sentence for _, sentence in read.notes)


def test_kinds_of_beneficiaries_are_codes(tables: data.Tables) -> None:
    labels = tables["labels"]
    known = set(labels.loc[labels["vocabulary"] == "beneficiary_kind", "code"])
    assert set(totem.BENEFICIARIES.values()) == known


def test_m57_by_function_with_a_subsidiary_budget() -> None:
    read = reading("totem-m57-by-function-2023.xml")
    lines = read.accounts
    assert lines["function_printed"].tolist() == ["93045", "93048", "93044", "90048", "93043"]
    assert lines["function"].tolist() == ["045", "048", "044", "048", "043"]
    assert lines["section"].tolist() == ["operating", "operating", "operating", "investment", "operating"]
    assert lines["budget"].tolist() == ["main"] * 4 + ["subsidiary"]
    assert set(lines["document_kind"]) == {"single_account"}
    assert set(lines["nomenclature"]) == {"M57"}
    # The line that the file says it computed is a sum of others.
    assert real(read, "expenditure") == 51000 + 28000 + 2600 + 900
    totals = read.account_totals.set_index("budget")
    assert totals["siret"].to_dict() == {"main": "99999999000019", "subsidiary": "99999999000027"}
    assert totals["operating_expenditure"].to_dict() == {"main": 5_079_000, "subsidiary": 40_900}
    assert totals.loc["main", "decided"] == "2024-06-24"
    assert pd.isna(totals.loc["subsidiary", "population"])


def test_latin_1_overseas() -> None:
    read = reading("totem-m57-974-latin1-2024.xml")
    assert set(read.accounts["name"]) == {"VILLE-EXEMPLE-LÈS-ÎLES"}
    assert read.subsidies["beneficiary"].item() == "ASSOCIATION D'AMITIÉ FRANÇAISE À L'ÎLE VOISINE"
    assert (real(read, "expenditure"), real(read, "receipt")) == (16100, 3000)
    assert read.account_totals["population"].item() == 12345
    assert not read.notes


def test_budget_with_byte_order_mark_and_decimal_commas() -> None:
    read = reading("totem-budget-bom-2022.xml")
    assert set(read.accounts["document_kind"]) == {"initial_budget"}
    assert real(read, "expenditure") == 42000.5
    totals = read.account_totals.iloc[0]
    assert (totals["budget"], totals["operating_expenditure"]) == ("main", 4_142_000.5)
    assert pd.isna(totals["decided"])


def test_without_functions_nothing_is_known() -> None:
    read = reading("totem-without-functions-2021.xml")
    assert read.accounts.empty
    assert not read.problems
    totals = read.account_totals.iloc[0]
    assert (totals["by_function"], totals["operating_expenditure"]) == ("no", 90_700)


def test_lost_zeros_are_not_guessed() -> None:
    read = reading("totem-zeros-lost-2021.xml")
    assert read.accounts.empty
    assert [(problem.column, problem.found) for problem in read.problems] == [
        ("Fonction", "« 48 »"),
        ("Fonction", "« 41 »"),
    ]
    lines = (ACCOUNTS / "totem-zeros-lost-2021.xml").read_text(encoding="utf-8").splitlines()
    assert ['Fonction V="48"' in lines[problem.row + 1] for problem in read.problems if problem.row] == [True, False]
    assert read.account_totals["by_function"].item() == "no"
    assert read.account_totals["operating_expenditure"].item() == 4_045_000


def test_charts_without_function_04() -> None:
    read = read_text(document([line(Nature="6063"), line(Nature="706", CodRD="R")], Nomenclature="M49-M49_A"))
    assert read.accounts.empty
    assert (read.account_totals["nomenclature"].item(), read.account_totals["by_function"].item()) == ("M49", "no")
    assert any("the functions of M49" in sentence for _, sentence in read.notes)


def test_departments_are_kept() -> None:
    read = read_text(document([OTHERS, line(Fonction="042")], Nomenclature="M52-M52"))
    assert read.accounts["function"].tolist() == ["042"]


def test_utf_8_read_as_latin_1_is_told() -> None:
    text = document([OTHERS], LibelleEtab="x").replace("<IdColl", '<LibelleColl V="Ville-Exemple-lès-Îles"/><IdColl')
    assert not any("accents" in sentence for _, sentence in read_text(text).notes)
    wrong = read_text(text.replace("lès-Îles", "lÃ¨s-Ã\x8eles"))
    assert any("accents look wrong" in sentence for _, sentence in wrong.notes)


def test_elements_of_the_same_name_elsewhere_are_not_lines() -> None:
    stray = "<Annexes><DATA_X><X><LigneBudget><Fonction V='048'/></LigneBudget></X></DATA_X></Annexes>"
    nested = line().replace("</LigneBudget>", "<Autre><MtReal V='7'/></Autre></LigneBudget>")
    read = read_text(document([OTHERS, nested, stray]))
    assert read.accounts["amount"].tolist() == [100]


def test_where_all_is_on_one_line_the_column_is_told() -> None:
    read = read_text(document([OTHERS, line(), line()]).replace("\n", " "))
    first, second = read.accounts["locator"]
    assert first != second
    assert first.startswith("l. 1, c. ")


# What is refused


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ({"MtReal": "abc"}, "MtReal"),
        ({"MtReal": "NaN"}, "MtReal"),
        ({"MtReal": "1e40"}, "MtReal"),
        ({"MtReal": "6000"}, "MtReal"),
        ({"CodRD": "X"}, "CodRD"),
        ({"OpBudg": "7"}, "OpBudg"),
        ({"Fonction": "48"}, "Fonction"),
        ({"Fonction": "041234"}, "Fonction"),
        ({"Nature": "65A"}, "Nature"),
        ({"Nature": ""}, "Nature"),
    ],
)
def test_a_wrong_line_is_refused_and_the_others_are_read(values: dict[str, str], column: str) -> None:
    read = read_text(document([OTHERS, line(), line(**values)]))
    assert [(problem.row, problem.column) for problem in read.problems] == [(6, column)]
    assert read.accounts["locator"].tolist() == ["l. 5"]


def test_a_total_with_an_unusable_line_is_missing() -> None:
    wrong = line(Fonction="020", MtReal="?")
    read = read_text(document([OTHERS, line(), wrong]))
    totals = read.account_totals.iloc[0]
    assert pd.isna(totals["operating_expenditure"])
    assert totals["operating_receipts"] == 100
    assert any("operating_expenditure is missing" in sentence for _, sentence in read.notes)


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ({"NatDec": "77"}, "NatDec"),
        ({"NatDec": ""}, "NatDec"),
        ({"Exer": "20"}, "Exer"),
        ({"IdColl": "123"}, "IdColl"),
        ({"Nomenclature": ""}, "Nomenclature"),
    ],
)
def test_a_budget_that_cannot_be_told_is_refused(header: dict[str, str], column: str) -> None:
    read = read_text(document([OTHERS, line()], **header))
    assert [problem.column for problem in read.problems] == [column]
    assert read.accounts.empty
    assert read.account_totals.empty


def test_the_other_budgets_of_a_document_are_read() -> None:
    good = document([OTHERS, line()])
    start, end = good.index("<Budget>"), good.index("</DocumentBudgetaire>")
    read = read_text(good[:start] + good[start:end].replace("2021", "MMXXI") + good[start:])
    assert [problem.column for problem in read.problems] == ["Exer"]
    assert len(read.accounts) == 1


def test_an_account_without_amounts_is_refused() -> None:
    read = read_text(document([line(MtReal="", MtPrev="5")]))
    assert [problem.found for problem in read.problems] == ["no line with an amount"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert [problem.file for problem in totem.read(tmp_path / "no.xml").problems] == ["no.xml"]


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("1 234,56", 1234.56),
        ("1\u202f234,56 €", 1234.56),
        ("1.234,56", 1234.56),
        ("1,234.56", 1234.56),
        ("-69.52", -69.52),
        ("\N{MINUS SIGN}5", -5),
        ("1.0E7", 1e7),
        ("1,2,3", None),
        ("", None),
        ("inf", None),
        ("1e13", None),
    ],
)
def test_amounts(value: str, amount: float | None) -> None:
    assert euros(value) == amount


# Any value at all


ANY = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12)
FUNCTION = st.sampled_from(["048", "04", "93048", "48", "41", "020", "0 48", ""]) | ANY
AMOUNT = st.sampled_from(["1", "-2,5", "0", "", "1e30", "9999999"]) | ANY
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "Nature": st.sampled_from(["6574", "74718", "2051", "002", ""]) | ANY,
            "Fonction": FUNCTION,
            "CodRD": st.sampled_from("DR") | ANY,
            "MtReal": AMOUNT,
            "OpBudg": st.sampled_from("01T") | ANY,
        }
    ),
    max_size=8,
)


@settings(max_examples=60)
@given(lines=LINES)
def test_each_line_of_function_04_is_accounted_for(lines: list[dict[str, str]]) -> None:
    read = read_text(document([OTHERS, *(line(**values) for values in lines)]))
    told = set(read.accounts["locator"]) | {f"l. {problem.row}" for problem in read.problems}
    told |= {locator for locator, _ in read.notes}
    for number, values in enumerate(lines, start=5):
        function = functions.canonical("".join(values["Fonction"].split()), zeros=True)
        assert f"l. {number}" in told or not (function.code or function.ambiguous)
    kept = set(read.accounts["locator"])
    assert len(kept) == len(read.accounts)
    assert kept.isdisjoint(f"l. {problem.row}" for problem in read.problems)
    follows_the_schemas(read)


@settings(max_examples=40)
@given(
    header=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("NatDec", "Exer", "CodTypBud", "IdColl", "Nomenclature", "DteDec"), ANY)
    ),
    amount=ANY,
    kind=ANY,
)
def test_no_header_raises(header: dict[str, str], amount: str, kind: str) -> None:
    concours = f"<CONCOURS><MtSubv V={quoteattr(amount)}/><CodNatJurBenefCA V={quoteattr(kind)}/></CONCOURS>"
    annex = f"<Annexes><DATA_CONCOURS>{concours}</DATA_CONCOURS></Annexes>"
    read = read_text(document([OTHERS, line(), annex], **header))
    assert read.problems or len(read.subsidies) == 1
    follows_the_schemas(read)


# Hostile files


class Stream:
    """A file made as it is read, which counts what was read of it."""

    def __init__(self, *parts: Iterable[bytes]):
        self.parts: Iterator[bytes] = itertools.chain.from_iterable(parts)
        self.rest = b""
        self.consumed = 0

    def read(self, size: int) -> bytes:
        while len(self.rest) < size and (part := next(self.parts, b"")):
            self.rest += part
        given, self.rest = self.rest[:size], self.rest[size:]
        self.consumed += len(given)
        return given


def a_gigabyte_of(part: bytes) -> Iterator[bytes]:
    block = part * (2**16 // len(part))
    return itertools.repeat(block, 2**30 // len(block))


def refusal(stream: Stream) -> str:
    """Read a stream that must be refused, with little memory."""
    tracemalloc.start()
    try:
        with pytest.raises(DataError) as refused:
            list(budget_xml.groups(stream, "hostile.xml"))  # type: ignore[arg-type]
        assert tracemalloc.get_traced_memory()[1] < 30e6
    finally:
        tracemalloc.stop()
    (problem,) = refused.value.problems
    assert problem.file == "hostile.xml"
    return problem.found


@pytest.mark.parametrize(
    ("start", "part", "found"),
    [
        (b"", b"<a>", "more than 32 elements one inside the other"),
        (b'<a V="', b"x", "bytes in which no element begins"),
        (b"<a ", b'b="1" ', "bytes in which no element begins"),
        (b"", b"x", "bytes in which no element begins"),
        (b"", b" ", "bytes in which no element begins"),
        (b"<!--", b"x", "bytes in which no element begins"),
        (b"<![CDATA[", b"x", "bytes in which no element begins"),
        (b"<", b"x", "bytes in which no element begins"),
    ],
)
def test_a_gigabyte_is_refused_early(start: bytes, part: bytes, found: str) -> None:
    stream = Stream([ROOT, start], a_gigabyte_of(part))
    began = time.monotonic()
    assert found in refusal(stream)
    assert stream.consumed < 2e6
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("limit", "part"),
    [
        ("MOST_ELEMENTS", b"<a/>"),
        ("MOST_GROUPS", b"<LigneBudget/>"),
        ("MOST_TEXT", b'<LigneBudget><Nature V="123456789"/></LigneBudget>'),
    ],
)
def test_endless_lists_are_refused(limit: str, part: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget_xml, limit, 10_000)
    stream = Stream([ROOT], a_gigabyte_of(part))
    assert "more than 10000 " in refusal(stream)
    assert stream.consumed < 1e6


@pytest.mark.slow
def test_millions_of_elements_are_refused() -> None:
    stream = Stream([ROOT], a_gigabyte_of(b"<a/>"))
    with pytest.raises(DataError, match="more than 3000000 elements"):
        list(budget_xml.groups(stream, "hostile.xml"))  # type: ignore[arg-type]
    assert stream.consumed < 13e6


def test_many_or_long_attributes_are_refused() -> None:
    many = b" ".join(b'a%d="1"' % number for number in range(51))
    assert "more than 50 attributes" in refusal(Stream([ROOT, b"<a ", many, b"/>"]))
    assert "more than 10000 characters" in refusal(Stream([ROOT, b'<a V="', b"x" * 10_001, b'"/>']))


@pytest.mark.parametrize(
    "declaration",
    [
        b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        b'<!DOCTYPE x PUBLIC "-//X//Y" "http://127.0.0.1:9/x.dtd">',
        b"<!DOCTYPE DocumentBudgetaire>",
        b'<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;]>',
    ],
)
def test_document_types_and_entities_are_refused(declaration: bytes) -> None:
    stream = Stream([b'<?xml version="1.0"?>', declaration, b"<DocumentBudgetaire>&a;</DocumentBudgetaire>"])
    assert refusal(stream) == "a document type or entities"


@pytest.mark.parametrize(
    ("content", "row", "found"),
    [
        (b"", None, "an empty file"),
        (b"%PDF-1.7", 1, "not readable as XML"),
        (b"\x1f\x8b\x08\x00", 1, "not readable as XML"),
        (b"<html></html>", 1, "the element « html »"),
        (ROOT + b"\n<LigneBudget>", 3, "not readable as XML (no element found)"),
        (ROOT + b"\n<LigneBudget></Budget>", 3, "mismatched tag"),
        (ROOT + b"\n<a V='&undeclared;'/>", 3, "undefined entity"),
        (ROOT + "\n<a V='é'/>".encode("latin-1"), 3, "invalid token"),
        (b'<?xml version="1.0" encoding="UTF-16"?><DocumentBudgetaire/>', 1, "encoding"),
        (b'<?xml version="1.0" encoding="klingon"?><DocumentBudgetaire/>', 1, "an encoding that cannot be read"),
        (b'<?xml version="1.0" encoding="utf-7"?><DocumentBudgetaire/>', 1, "an encoding that cannot be read"),
        (b'<?xml version="1.0" encoding="zlib_codec"?><DocumentBudgetaire/>', 1, "an encoding that cannot be read"),
        (b"<DocumentBudgetaire/>", None, "no budget"),
    ],
)
def test_what_is_no_budget_document(tmp_path: Path, content: bytes, row: int | None, found: str) -> None:
    path = tmp_path / "file.xml"
    path.write_bytes(content)
    read = totem.read(path, "upload.xml")
    (problem,) = read.problems
    assert problem.file == "upload.xml"
    assert found in problem.found
    assert row is None or problem.row == row
    assert read.accounts.empty
    assert read.account_totals.empty


@given(content=st.binary(max_size=200))
def test_no_bytes_raise(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "any.xml")
        path.write_bytes(ROOT + content)
        assert totem.read(path).problems


@given(end=st.integers(0, 6800))
def test_a_file_cut_short_gives_no_row(end: int) -> None:
    content = (ACCOUNTS / "totem-m14-by-nature-2021.xml").read_bytes().rstrip()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cut.xml")
        path.write_bytes(content[: min(end, len(content) - 1)])
        read = totem.read(path)
    assert len(read.problems) == 1
    assert read.accounts.empty


# A real account


@pytest.fixture(scope="module")
def montreuil() -> Reading:
    if not MONTREUIL.is_file():
        pytest.skip("the real accounts are not beside the repository")
    return totem.read(MONTREUIL)


def test_montreuil_2020(montreuil: Reading) -> None:
    assert not montreuil.problems
    assert (real(montreuil, "expenditure"), real(montreuil, "receipt")) == (492_604.30, 390_173.16)
    spending = montreuil.accounts.query("direction == 'expenditure'")
    by_class = spending.groupby(spending["nature"].str[:2])["amount"].sum().round(2)
    assert (by_class["64"], by_class["65"]) == (204_063.77, 255_400)
    assert set(montreuil.accounts["function"]) == {"048"}
    assert [sentence for _, sentence in montreuil.notes] == ["less than 0, kept: -69.52"]
    follows_the_schemas(montreuil)


def test_montreuil_2020_totals(montreuil: Reading) -> None:
    totals = montreuil.account_totals.iloc[0]
    assert (totals["siren"], totals["year"], totals["population"]) == ("219300480", 2020, 111_100)
    # The document prints 1 782,78 euros an inhabitant; the total agrees with it to its last digit.
    assert totals["operating_expenditure"] == 198_066_542.72
    assert round(totals["operating_expenditure"] / totals["population"], 2) == 1782.78


def test_montreuil_2020_beneficiaries(montreuil: Reading) -> None:
    subsidies = montreuil.subsidies
    persons = subsidies[subsidies["beneficiary_kind"] == "natural_person"]
    assert (len(subsidies), len(persons)) == (261, 13)
    assert persons["beneficiary"].isna().all()
    assert subsidies["beneficiary"].isna().sum() == 13


def test_montreuil_2020_is_read_quickly() -> None:
    if not MONTREUIL.is_file():
        pytest.skip("the real accounts are not beside the repository")
    began = time.monotonic()
    totem.read(MONTREUIL)
    assert time.monotonic() - began < 2
