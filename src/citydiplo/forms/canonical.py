"""One way of writing a value as JSON, so that its SHA-256 names it: whoever quotes the hash quotes the value."""

import dataclasses
import hashlib
import json
from typing import Any

from citydiplo.survey.questionnaire import Questionnaire

# So many signs of a hash tell two questionnaires apart on paper.
SHORT = 12


def canonical(value: Any) -> str:
    """Write a value as JSON: keys sorted, two spaces of indent, a line feed at the end.

    Written to a file in UTF-8, the file's own SHA-256 is `sha256` of the value.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True) + "\n"


def sha256(value: Any) -> str:
    """The SHA-256 of the canonical JSON of a value, in hexadecimal."""
    return hashlib.sha256(canonical(value).encode("utf-8")).hexdigest()


def version(questionnaire: Questionnaire) -> str:
    """What names this questionnaire, in 12 signs: any change to a question, a wording or an answer changes it."""
    return sha256(dataclasses.asdict(questionnaire))[:SHORT]
