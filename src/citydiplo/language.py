"""French and English for readers: texts, labels, country names, numbers and typography."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import babel.dates
import babel.numbers
import pandas as pd
import yaml

from citydiplo.data import Tables
from citydiplo.errors import UserError

LANGUAGES = ("fr", "en")

NO_BREAK, NARROW = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


@lru_cache
def _texts() -> dict[str, dict[str, str]]:
    return yaml.safe_load(resources.files("citydiplo").joinpath("texts.yaml").read_text(encoding="utf-8"))


def typeset(text: str, code: str) -> str:
    """Put the non-breaking spaces that French typography asks for where plain spaces stand (Lexique des règles
    typographiques en usage à l'Imprimerie nationale); in other languages, only keep « n = 34 » together.
    """
    text = re.sub(r"\bn = (?=\d)", f"n{NO_BREAK}={NO_BREAK}", text)
    if code != "fr":
        return text
    text = re.sub(r" (?=[;?!])", NARROW, text)
    text = re.sub(r" (?=[:»%‰€])|(?<=«) |(?<=n°) |(?<=l\.) |(?<=p\.) ", NO_BREAK, text)
    return re.sub(r"(?<=\d) (?=\d{3}(?!\d))", NARROW, text)


@dataclass(frozen=True)
class Language:
    """One language of the readers, with the words of the tables in it.

    Attributes
    ----------
    code : {"fr", "en"}
    labels : dict
        (vocabulary, code) → label.
    countries : dict
        ISO 3166-1 alpha-3 → name.
    """

    code: str
    labels: dict[tuple[str, str], str]
    countries: dict[str, str]

    @classmethod
    def of(cls, code: str, tables: Tables) -> "Language":
        """Build the language ``code`` from the tables labels and countries."""
        if code not in LANGUAGES:
            raise UserError(f"no language {code!r}: choose {' or '.join(LANGUAGES)}")
        labels = tables["labels"].set_index(["vocabulary", "code"])[f"label_{code}"].to_dict()
        countries = tables["countries"].set_index("iso3")[f"name_{code}"].to_dict()
        return cls(code, labels, countries)

    def text(self, key: str, **values: Any) -> str:
        """The text of ``texts.yaml`` named ``key``, its ``{fields}`` filled; numbers are written as the language does.

        A text may have the variants ``zero``, ``one`` and ``other`` (the default), chosen by the value ``count``.
        """
        entry: Any = _texts()[key][self.code]
        if isinstance(entry, dict):
            count = values["count"]
            # French counts nought and one in the singular (Unicode CLDR plural rules).
            one = count == 1 or (self.code == "fr" and count == 0)
            variant = "zero" if count == 0 and "zero" in entry else "one" if one else "other"
            entry = entry.get(variant, entry["other"])
        written = {k: self.number(v) if isinstance(v, int | float) else v for k, v in values.items()}
        return self.typeset(entry.format(**written))

    def label(self, vocabulary: str, code: str) -> str:
        """The label of a code."""
        return self.typeset(self.labels[vocabulary, code])

    def list_labels(self, vocabulary: str, codes: Any) -> str:
        """The labels of a list of codes separated by ``;``; a missing list gives an empty text."""
        return "" if pd.isna(codes) else ", ".join(self.label(vocabulary, code) for code in codes.split(";"))

    def number(self, value: float, decimals: int | None = None) -> str:
        """A number with the language's separators; with so many decimals, else three at most."""
        pattern = None if decimals is None else f"#,##0.{'0' * decimals}"
        return babel.numbers.format_decimal(value, pattern, locale=self.code).replace("-", "\N{MINUS SIGN}")

    def date(self, iso: str) -> str:
        """An ISO date of a year, a month or a day: « 2025 », « juin 2025 », « 3 juin 2025 »."""
        pattern = {len("YYYY"): "y", len("YYYY-MM"): "MMMM y", len("YYYY-MM-DD"): "d MMMM y"}[len(iso)]
        first_day = datetime.date.fromisoformat((iso + "-01-01")[: len("YYYY-MM-DD")])
        return babel.dates.format_date(first_day, pattern, locale=self.code)

    def either(self, words: Sequence[str]) -> str:
        """Join words of which one is right: « a, b ou c »."""
        last = self.text("or", last=words[-1])
        return f"{', '.join(words[:-1])} {last}" if words[1:] else words[0]

    def alternatives(self, values: Sequence[float]) -> str:
        """Numbers of which one is right: « 7, 11 ou 12 »."""
        return self.either([self.number(value) for value in values])

    def pick(self, row: Any, field: str) -> str:
        """The cell ``field_fr`` or ``field_en`` of a row; a missing cell gives an empty text."""
        value = row[f"{field}_{self.code}"]
        return "" if pd.isna(value) else self.typeset(value)

    def derivation(self, row: Any) -> str:
        """How the row was obtained, where its table says so in this language; else an empty text."""
        value = row.get("derivation_fr" if self.code == "fr" else "derivation")
        return "" if pd.isna(value) else self.typeset(value)

    def typeset(self, text: str) -> str:
        """Apply the language's typography."""
        return typeset(text, self.code)
