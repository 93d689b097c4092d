"""The register of printed figures is complete: a walk over every number that the study prints.

A number is in figures or in words, from « deux » up, with halves, thirds and quarters. « Un » and « une » are not read:
they are articles far more often than numbers. Nor are ranks (« premier », « deuxième »), Roman numerals (centuries) and
quantities without a number (« la plupart »). Each number that is read must be printed in a row of
published_figures.csv, or set aside in numbers_set_aside.csv with the reason; and each row of both must be in the text.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from test_sources import PASSAGE

from citydiplo.data import Tables

STUDY = "france-urbaine-inet-2021"
SET_ASIDE = Path(__file__).with_name("numbers_set_aside.csv")

# Bases that the study prints before the passage: label → row of the register.
BASES_ELSEWHERE = {
    "member_communes": "members-communes",
    "member_epci": "members-epci",
    "respondents": "respondents-all",
}

UNITS = {"deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9, "dix": 10,
         "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16}  # fmt: skip
TENS = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "quatre-vingt": 80}
ROUND = {"dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "quarantaine": 40,
         "cinquantaine": 50, "soixantaine": 60, "centaine": 100, "cent": 100}  # fmt: skip
SCALES = {"mille": 1e3, "millier": 1e3, "million": 1e6, "milliard": 1e9}
SHARES = {"moitié": 50, "tiers": 33.3, "quart": 25}
WORDS = UNITS | TENS | ROUND | SCALES | SHARES | {"un": 1}


def _one_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


NUMBER = re.compile(
    rf"""(?P<over>1/)? (?<!\d) (?P<digits>\d{{1,3}}(?:\s\d{{3}})+(?!\d) | \d+(?:,\d+)?)
         (?:\s(?P<scale>{_one_of(SCALES)})s?\b)? (?P<percent>\s*%)?
       | \b (?:(?P<tens>{_one_of(TENS)})s?-?)? (?!un\b(?!\s(?:{_one_of(SCALES)}))) (?P<word>{_one_of(WORDS)})s?\b
         (?:\s(?P<times>{_one_of(SCALES)})s?\b)?""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class Number:
    """A number on a line of the text; ``share`` if it is a percentage or a fraction, whose value is then in percent."""

    line: int
    value: float
    share: bool


@dataclass(frozen=True)
class Entry:
    """A number that a row of the register or of the list of those set aside has on certain lines."""

    row: str
    lines: frozenset[int]
    value: float
    share: bool

    def covers(self, number: Number) -> bool:
        return number.line in self.lines and (number.value, number.share) == (self.value, self.share)


def numbers(lines: Iterable[str]) -> list[Number]:
    """Every number of a text, on the line where it starts; a word cut at the end of a line is read whole."""
    text = "\n".join(line.rstrip() for line in lines)
    text = re.sub(r"([^\W\d])-(\n+)([^\W\d]+)", r"\1\3\2", text)
    return [_number(found, 1 + text.count("\n", 0, found.start())) for found in NUMBER.finditer(text)]


def _number(found: re.Match[str], line: int) -> Number:
    part = {name: text.lower() for name, text in found.groupdict(default="").items()}
    if part["digits"]:
        value = float(re.sub(r"\s", "", part["digits"]).replace(",", ".")) * SCALES.get(part["scale"], 1)
        value = 100 / value if part["over"] else value
        return Number(line, value, bool(part["percent"] or part["over"]))
    value = (TENS.get(part["tens"], 0) + WORDS[part["word"]]) * SCALES.get(part["times"], 1)
    return Number(line, value, part["word"] in SHARES)


def registered(figures: pd.DataFrame) -> list[Entry]:
    """The printed numbers of the register, but for a printed « un », which the walk does not read."""
    entries = []
    for row in figures[figures["printed"] != "un"].itertuples():
        (printed,) = numbers([row.printed])
        share = row.unit in ("percent", "per_mille")
        entries.append(Entry(row.figure_id, lines_of(row.locator), printed.value, share))
    return entries


def bases(figures: pd.DataFrame) -> list[Entry]:
    """The printed bases of the register; several rows may share one."""
    return [
        Entry(row.figure_id, lines_of(row.locator), row.base, False)
        for row in figures.dropna(subset="base").itertuples()
    ]


def set_aside() -> list[Entry]:
    with SET_ASIDE.open(encoding="utf-8", newline="") as file:
        return [
            Entry(f"{row['first']}-{row['last']}: {number}", span(row["first"], row["last"]), read.value, read.share)
            for row in csv.DictReader(file)
            for number in row["numbers"].split(";")
            for read in numbers([number])
        ]


def span(first: str, last: str) -> frozenset[int]:
    return frozenset(range(int(first), int(last or first) + 1))


def lines_of(locator: str) -> frozenset[int]:
    return frozenset().union(*(span(first, last) for first, last in PASSAGE.findall(locator)))


def missing(walked: Sequence[Number], rows: Sequence[Entry], explained: Sequence[Entry]) -> list[Number]:
    """The numbers that nothing explains and that no row prints; a row prints one number.

    Taking, for each number in turn, the row whose passage ends first leaves as few as possible.
    """
    free = sorted(rows, key=lambda row: max(row.lines))
    left = []
    for number in walked:
        if any(entry.covers(number) for entry in explained):
            continue
        row = next((row for row in free if row.covers(number)), None)
        if row:
            free.remove(row)
        else:
            left.append(number)
    return left


def absent(entries: Iterable[Entry], walked: Sequence[Number]) -> list[str]:
    """The rows whose number is not in their passage."""
    return [entry.row for entry in entries if not any(entry.covers(number) for number in walked)]


@pytest.fixture(scope="module")
def figures(tables: Tables) -> pd.DataFrame:
    return tables["published_figures"].query("source_id == @STUDY")


@pytest.fixture(scope="module")
def walked(source_lines: dict[str, list[str]]) -> list[Number]:
    lines = list(source_lines[STUDY])
    assert lines[2228].strip() == "442"  # three numbers of a chart that the extraction ran together
    lines[2228] = "4 4 2"
    return numbers(lines)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Près de 5 000 collectivités, dans 134 pays", [5000, 134]),
        ("entre 200 000 € et 1 500 000 €", [200_000, 1_500_000]),
        ("Entre 500 000 et \n1 000 000 d’habitants", [500_000, 1_000_000]),
        ("plus de 1 \n000 000 e", [1_000_000]),
        ("Plus de 100 millions €, plus d’un \nmillion d’euros", [100e6, 1e6]),
        ("vingt-deux techniciens, \nun opérateur, six institutionnels, trois cher-\ncheurs", [22, 6, 3]),
        ("vingt-\ndeux, qua-\nrantaine, soixante-dix, quatre-vingts", [22, 40, 70, 80]),
        ("Plus d’une dizaine, une centaine, deux cents, deux mille", [10, 100, 2, 100, 2000]),
        ("9 \n \n22 \n \n1", [9, 22, 1]),
        ("nationale2, en 2020, 106 membres ; Covid-\n19", [2, 2020, 106, 19]),
        ("un élu, une ville, le premier, le XXIe siècle, la plupart, sixième, citoyenneté", []),
    ],
)
def test_numbers_are_read(text: str, values: list[float]) -> None:
    assert [number.value for number in numbers(text.split("\n"))] == values


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("76% ou 62 %, 55,3 %. 550 maires", [(76, True), (62, True), (55.3, True), (550, False)]),
        ("pour la moitié, plus du tiers, un quart", [(50, True), (33.3, True), (25, True)]),
        ("1/1 000e du budget", [(0.1, True)]),
    ],
)
def test_shares_are_told_from_counts(text: str, shares: list[tuple[float, bool]]) -> None:
    assert [(number.value, number.share) for number in numbers([text])] == shares


def test_numbers_keep_their_line() -> None:
    assert [number.line for number in numbers(["trans-", "versale à 3", "", "1 ", "000 et 4"])] == [2, 4, 5]


def test_value_is_what_is_printed(figures: pd.DataFrame) -> None:
    printed = {entry.row: entry.value for entry in registered(figures)}
    wrong = [
        row.figure_id
        for row in figures.itertuples()
        if printed.get(row.figure_id, 1) * (10 if row.unit == "per_mille" else 1) != pytest.approx(row.value)
    ]
    assert wrong == []


def test_each_number_of_the_study_is_in_the_register_or_set_aside(figures: pd.DataFrame, walked: list[Number]) -> None:
    assert missing(walked, registered(figures), bases(figures) + set_aside()) == []


def test_each_row_is_in_the_study(figures: pd.DataFrame, walked: list[Number]) -> None:
    assert absent(set_aside(), walked) == []
    not_set_aside = [number for number in walked if not any(entry.covers(number) for entry in set_aside())]
    assert absent(registered(figures), not_set_aside) == []
    assert figures.loc[figures["printed"] == "un", "figure_id"].tolist() == ["interviews-operator-text"]  # l. 1366


def test_each_base_is_in_its_passage_or_in_a_row_of_its_own(figures: pd.DataFrame, walked: list[Number]) -> None:
    elsewhere = figures[figures["figure_id"].isin(absent(bases(figures), walked))]
    values = figures.set_index("figure_id")["value"]
    wrong = [
        row.figure_id for row in elsewhere.itertuples() if row.base != values.get(BASES_ELSEWHERE.get(row.base_label))
    ]
    assert wrong == []


def test_no_row_can_be_lost(figures: pd.DataFrame, walked: list[Number]) -> None:
    rows, explained = registered(figures), bases(figures) + set_aside()
    unnoticed = {row.row for row in rows if not missing(walked, [other for other in rows if other != row], explained)}
    # One number printed for two cities, and one that is also the base of another row.
    assert unnoticed == {"staff-lyon", "staff-strasbourg", "elected-asked"}


def test_a_wrong_row_is_noticed(figures: pd.DataFrame, walked: list[Number]) -> None:
    wrong = figures.replace({"printed": {"plus de 43": "plus de 44"}})
    assert absent(registered(wrong), walked) == ["response-rate-summary", "response-rate-box"]
    assert missing(walked, registered(wrong), bases(wrong) + set_aside()) == [
        Number(443, 43, share=True),
        Number(2764, 43, share=True),
    ]
    moved = Entry("16-16: 21", span("16", "16"), 21, share=False)
    assert absent([moved], walked) == ["16-16: 21"]


def test_facts_that_a_reason_names_exist(tables: Tables) -> None:
    named = re.findall(r"facts\.csv ([a-z0-9- ]+)", SET_ASIDE.read_text(encoding="utf-8"))
    assert named
    assert set(" ".join(named).split()) <= set(tables["facts"]["fact_id"])
