"""
One cell of an export → one answer: numbers, amounts, dates, words and ticks as people and survey tools write them.

Nothing is guessed: a cell that can be read in two ways is not read.
"""

import datetime
import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from citydiplo.collectivities import fold
from citydiplo.survey.questionnaire import Question

# Beyond, a number is a mistake: more staff than any collectivity has, more euros than the State's budget.
LARGEST = {"integer": Decimal(10**6), "amount": Decimal(10**12)}

# A longer cell is no number.
LONGEST_NUMBER = 100

SIGN = re.compile(r"[-+−–]\s*")
PLAIN = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
SPACED = re.compile(r"[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?")
GROUPED = re.compile(r"[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})+|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+")
GROUPED_ENGLISH = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+")
# 300 or 300 000? 1,5 or 1 500?
TWO_WAYS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
APPROXIMATE = re.compile(
    r"\b(?:env|environ|about|approx\w*|circa|ca|vers|entre|between|plus|moins|more|less|under|over|presque|nearly)\b"
    r"|[~≈<>±]|[0-9]\s*(?:[-–—/]|\b(?:a|ou|et|to|or|and)\b)\s*[0-9]"
)
AMOUNT = re.compile(
    r"(?:€|eur(?:os?)?\b)?\s*(?P<number>[-+−–]?\s*[0-9](?:[0-9 .,]*[0-9])?)\s*"
    r"(?P<scale>k|mille|milliers?|m|millions?|md|mds|milliards?)?\s*(?:d['’]|de\b)?\s*"
    r"(?:€|euros?|eur)?\s*(?:ttc)?\s*(?:par an|/ ?an)?\.?"
)

FRENCH_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:\D+(\d{1,2})[:hH](\d{2})(?::(\d{2}))?)?")

# Words for yes and no, folded; for a column that ticks a choice, and for a question of yes or no.
YES = frozenset({"1", "1 0", "true", "vrai", "yes", "oui", "y", "o", "x", "coche", "checked"})
NO = frozenset({"0", "0 0", "false", "faux", "no", "non", "n"})
# What stands for no answer: LimeSurvey's « N/A » of a question that was not shown, and what people write.
NOTHING = frozenset({"n a", "na", "sans objet", "non applicable", "not applicable"})

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
SEPARATORS = re.compile(r"[;|\n]+")


class Reading(NamedTuple):
    """What is read in a cell.

    Attributes
    ----------
    value : str, int, float, bool or frozenset
        The answer; None if there is none.
    rule : str
        What was done, a code of answer_rule; empty if the answer is the cell as it stands.
    problem : str
        What is wrong, a code of answer_problem; empty if nothing is.
    """

    value: Any
    rule: str = ""
    problem: str = ""


def clean(cell: str) -> str:
    """One form for each letter, line breaks of one sort, no control characters, no spaces around."""
    text = unicodedata.normalize("NFC", cell).replace("\r\n", "\n").replace("\r", "\n")
    return CONTROL.sub("", text).strip()


def read_text(cell: str) -> Reading:
    """A free text: cleaned, on one line as every row of a table is, otherwise untouched."""
    text = re.sub(r"\s*\n\s*", " ", clean(cell))
    return Reading(text or None, "" if text == cell else "text_cleaned")


def read_number(cell: str, kind: str) -> Reading:
    """A number of people (``integer``) or of euros (``amount``)."""
    if fold(cell) in NOTHING:
        return Reading(None, "no_answer_written")
    text = _plain(cell)
    found = _amount(text) if kind == "amount" else _number(text)
    if isinstance(found, str):
        return Reading(None, "left_empty", found)
    if found < 0:
        return Reading(None, "left_empty", "negative_number")
    if found > LARGEST[kind]:
        return Reading(None, "left_empty", "too_large_number")
    if kind == "integer" and found != found.to_integral_value():
        return Reading(None, "left_empty", "not_whole_number")
    value = int(found) if kind == "integer" else float(round(found, 2))
    return Reading(value, "" if cell == str(found) else "read_as_number")


def _plain(cell: str) -> str:
    """Lower case, ordinary spaces, no accents."""
    text = unicodedata.normalize("NFD", clean(cell))
    return re.sub(r"[\s'’]+(?=[0-9])|\s+", " ", "".join(c for c in text if not unicodedata.combining(c))).lower()


def _number(text: str) -> Decimal | str:
    """The number, or the code of the problem."""
    if len(text) > LONGEST_NUMBER:
        return "unreadable_number"
    sign = SIGN.match(text)
    digits = text[sign.end() :] if sign else text
    minus = -1 if sign and sign[0][0] != "+" else 1
    if TWO_WAYS.fullmatch(digits):
        return "number_in_two_ways"
    if PLAIN.fullmatch(digits) or SPACED.fullmatch(digits):
        return minus * Decimal(digits.replace(" ", "").replace(",", "."))
    if found := GROUPED.fullmatch(digits):
        return minus * Decimal(digits.replace(found[1] or ".", "").replace(",", "."))
    if GROUPED_ENGLISH.fullmatch(digits):
        return minus * Decimal(digits.replace(",", ""))
    return "approximate_number" if APPROXIMATE.search(text) else "unreadable_number"


def _amount(text: str) -> Decimal | str:
    found = AMOUNT.fullmatch(text) if len(text) <= LONGEST_NUMBER else None
    if not found:
        return "approximate_number" if APPROXIMATE.search(text) else "unreadable_number"
    number = _number(found["number"])
    return number if isinstance(number, str) else number * _scale(found["scale"] or "")


def _scale(word: str) -> int:
    """What « k », « mille », « M », « millions », « Md » multiply by."""
    if word.startswith(("md", "milliard")):
        return 10**9
    if word.startswith(("k", "mille", "millier")):
        return 10**3
    return 10**6 if word else 1


def read_date(cell: str) -> Reading:
    """A moment: ISO (time zone or not, brought to universal time) or French « 31/03/2026 10:15 » → ISO text."""
    text = clean(cell)
    if fold(text) in NOTHING:
        return Reading(None, "no_answer_written")
    try:
        moment = datetime.datetime.fromisoformat(text)
        if moment.tzinfo:
            moment = moment.astimezone(datetime.UTC).replace(tzinfo=None)
        return Reading(moment.isoformat(sep=" ", timespec="seconds"))
    except (ValueError, OverflowError):
        pass
    if found := FRENCH_DATE.fullmatch(text):
        day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
        try:
            return Reading(datetime.datetime(year, month, day, hour, minute, second).isoformat(sep=" "))
        except ValueError:
            pass
    return Reading(None, "date_unknown", "unreadable_date")


def words_of(question: Question, more: Mapping[str, str]) -> dict[str, str]:
    """Every way to write the answers of a question, folded → code.

    Codes, French and English labels, yes and no in other words, and ``more``: the answers of one file, folded.
    """
    words = {
        fold(word): choice.code
        for choice in question.choices
        for word in (choice.label_en, choice.label_fr, choice.code)
    }
    if set(question.codes) == {"yes", "no"}:
        words = dict.fromkeys(YES, "yes") | dict.fromkeys(NO, "no") | words
    return words | dict(more)


def read_choice(cell: str, words: Mapping[str, str]) -> Reading:
    """One code of the list."""
    word = fold(cell)
    if word in NOTHING and word not in words:
        return Reading(None, "no_answer_written")
    code = words.get(word)
    if code is None:
        return Reading(None, "left_empty", "not_in_list")
    return Reading(code, "" if cell == code else "read_as_code")


def read_choices(cell: str, words: Mapping[str, str]) -> Reading:
    """Codes or labels of the list in one cell, separated by spaces, commas, semicolons or line breaks → frozenset.

    KoboToolbox separates labels by spaces, which labels have themselves: the longest label that fits is taken first.
    """
    if fold(cell) in NOTHING:
        return Reading(None, "no_answer_written")
    codes: set[str] = set()
    unread = False
    for part in SEPARATORS.split(clean(cell)):
        found, rest = _part(part, words)
        codes |= found
        unread |= rest
    if unread:
        return Reading(frozenset(codes), "others_kept" if codes else "left_empty", "not_in_list")
    return Reading(frozenset(codes), "" if codes == set(cell.split()) else "read_as_code")


def _part(part: str, words: Mapping[str, str]) -> tuple[set[str], bool]:
    """The codes of a part of a cell, and whether something in it is not read."""
    longest = max(word.count(" ") + 1 for word in words)
    whole = _phrases(fold(part).split(), words, longest)
    if whole is not None:
        return whole, False
    # Something is not in the list: keep what surely is, labels between commas or codes between spaces.
    pieces = [_phrases(fold(piece).split(), words, longest) or set() for piece in part.split(",")]
    return set().union(*pieces) or {token for token in part.split() if words.get(fold(token)) == token}, True


def _phrases(tokens: Sequence[str], words: Mapping[str, str], longest: int) -> set[str] | None:
    """The codes of phrases one after the other, the longest first; None if one is not known."""
    codes: set[str] = set()
    start = 0
    while start < len(tokens):
        for length in range(min(longest, len(tokens) - start), 0, -1):
            code = words.get(" ".join(tokens[start : start + length]))
            if code:
                codes.add(code)
                start += length
                break
        else:
            return None
    return codes


def read_tick(cell: str, words: frozenset[str]) -> Reading:
    """Whether a column of its own ticks a choice; ``words``: folded ways to write that choice.

    ``value`` is True, False, or None where the question was not shown or cannot be read.
    """
    word = fold(cell)
    if word in NOTHING:
        return Reading(None, "no_answer_written")
    if word in YES or word in words:
        return Reading(True)
    if word in NO:
        return Reading(False)
    return Reading(None, "left_empty", "unreadable_tick")
