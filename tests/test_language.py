"""French and English for readers."""

import re
import string
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from citydiplo import folders
from citydiplo.data import Tables
from citydiplo.errors import UserError
from citydiplo.language import LANGUAGES, Language, typeset
from citydiplo.schemas import TABLES

TEXTS = yaml.safe_load((Path(folders.REPOSITORY) / "src/citydiplo/texts.yaml").read_text(encoding="utf-8"))
CODE = "\n".join(
    path.read_text(encoding="utf-8")
    for path in (folders.REPOSITORY / "src").rglob("*")
    if path.suffix in {".py", ".j2", ".html"}
) + "".join(path.read_text(encoding="utf-8") for path in (folders.REPOSITORY / "notebooks").glob("*.ipynb"))


def variants(entry: object) -> list[str]:
    return list(entry.values()) if isinstance(entry, dict) else [str(entry)]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", TEXTS)
def test_each_text_is_in_both_languages_with_the_same_fields(key: str) -> None:
    entry = TEXTS[key]
    assert set(entry) == set(LANGUAGES)
    french = set().union(*map(fields, variants(entry["fr"])))
    english = set().union(*map(fields, variants(entry["en"])))
    # A caption may quote in French what has no English form in the tables.
    assert french - {"base_label"} == english - {"base_label"}


@pytest.mark.parametrize("key", TEXTS)
def test_each_text_is_used(key: str) -> None:
    start, _, end = key.rpartition(".")
    # Built from a quoted word: "index." ~ column in a template, f"survey.{topic}" or f"…reading_{state}" in a module.
    built = any(f"{start}.{part}" in CODE for part in ('" ~', "{", "reading_{"))
    quoted = any(form in CODE for form in (f'"{key}"', f"'{key}'", f'\\"{key}\\"'))
    assert quoted or (built and f'"{end.removeprefix("reading_")}"' in CODE)


def test_every_vocabulary_of_the_schemas_has_labels(tables: Tables) -> None:
    used = {
        metadata["vocabulary"]
        for model in TABLES.values()
        for column in model.to_schema().columns.values()
        if (metadata := column.metadata or {}).get("vocabulary")
    }
    assert used <= set(tables["labels"]["vocabulary"])


@pytest.mark.parametrize(
    ("plain", "french"),
    [
        ("46 villes : 17 jumelages", "46 villes\u00a0: 17 jumelages"),
        ("Vraiment ? Oui ; non !", "Vraiment\u202f? Oui\u202f; non\u202f!"),
        ("« oui »", "«\u00a0oui\u00a0»"),
        ("15 000 € et 30 %", "15\u202f000\u00a0€ et 30\u00a0%"),
        ("1 500 000 €", "1\u202f500\u202f000\u00a0€"),
        ("en 2021 2500 personnes", "en 2021 2500 personnes"),
        ("l. 12-15", "l.\u00a012-15"),
    ],
)
def test_french_typography(plain: str, french: str) -> None:
    assert typeset(plain, "fr") == french
    assert typeset(plain, "en") == plain


@given(st.text())
def test_typography_changes_spaces_only(text: str) -> None:
    assert re.sub(r"[\u00a0\u202f]", " ", typeset(text, "fr")) == re.sub(r"[\u00a0\u202f]", " ", text)
    assert typeset(typeset(text, "fr"), "fr") == typeset(text, "fr")


def test_no_french_statement_keeps_a_breaking_space(tables: Tables) -> None:
    statements = [typeset(cell, "fr") for cell in tables["facts"]["statement_fr"]]
    assert not [text for text in statements if re.search(r" [:;?!%»€]|« ", text)]


def test_numbers_and_plurals(language: Language) -> None:
    expected = {
        "fr": ("1\u202f234,5", "fait documenté", "fait documenté", "faits documentés"),
        "en": ("1,234.5", "documented facts", "documented fact", "documented facts"),
    }[language.code]
    said = (language.number(1234.5), *(language.text("brief.facts", count=n) for n in (0, 1, 2)))
    assert said == expected


def test_decimals_that_are_asked_for_are_written(language: Language) -> None:
    expected = {"fr": ("0,300000", "1\u202f234,57"), "en": ("0.300000", "1,234.57")}[language.code]
    assert (language.number(0.3, 6), language.number(1234.567, 2)) == expected


def test_dates(language: Language) -> None:
    said = [language.date(iso) for iso in ("2021", "2021-06", "2021-06-01")]
    expected = {"fr": ["2021", "juin 2021", "1 juin 2021"], "en": ["2021", "June 2021", "1 June 2021"]}
    assert said == expected[language.code]


def test_nought_is_singular_in_french_only(tables: Tables) -> None:
    assert Language.of("fr", tables).text("brief.recommendations", count=0).startswith("recommandation ")
    assert Language.of("en", tables).text("brief.recommendations", count=0).startswith("recommendations ")


def test_unknown_language(tables: Tables) -> None:
    with pytest.raises(UserError, match="choose fr or en"):
        Language.of("de", tables)
