"""
Time and memory of importing and tabulating answers to the survey, for ``make bench``.

It prints a ratio measured in one run: the time of an answer among ten times as many.
"""

import csv
import random
import resource
import tempfile
from pathlib import Path
from time import perf_counter

from citydiplo import collectivities, data
from citydiplo.imports import answers
from citydiplo.survey import questionnaire as survey_questionnaire
from citydiplo.survey import responses, tabulation
from citydiplo.survey.decisions import Wave, decide
from citydiplo.survey.questionnaire import Question, Questionnaire
from citydiplo.survey.respondents import Reference

SMALL, LARGE = 500, 5_000


def cell(question: Question, chance: random.Random) -> str:
    """A random answer, as KoboToolbox writes it."""
    if question.type == "single":
        return chance.choice(question.codes)
    if question.type == "multiple":
        return " ".join(code for code in question.codes if chance.random() < 0.5)
    return str(chance.randrange(40)) if question.type in ("integer", "amount") else ""


def export(path: Path, codes: list[str], asked: Questionnaire, seed: int = 1) -> None:
    """Write one answer of each collectivity."""
    chance = random.Random(seed)  # noqa: S311 -- no secret
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["_id", *(question.id for question in asked), "_submission_time"])
        for number, code in enumerate(codes):
            given = [code if q.id == "collectivity_code" else cell(q, chance) for q in asked]
            writer.writerow([number, *given, "2026-04-01T00:00:00"])


def imported(path: Path, codes: list[str], asked: Questionnaire, reference: Reference) -> Wave:
    """Read a file and decide which answers count."""
    received = responses.read(answers.read(path, path.name, asked, None), asked)
    return decide([received], asked, reference, codes)


def tabulated(wave: Wave, asked: Questionnaire) -> None:
    """Every question, alone and by place."""
    for question in asked:
        if question.choices:
            tabulation.counted(wave.answers, question)
            for by in tabulation.PLACES:
                tabulation.crossed(wave.answers, question, by)


def main() -> None:
    """Measure and print."""
    tables = data.load_tables()
    asked = survey_questionnaire.load(tables)
    everyone = collectivities.directory(tables)
    reference = Reference(everyone, tables["former_communes"])
    codes = everyone.index[everyone["kind"] == "commune"].tolist()
    times = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in (SMALL, LARGE):
            path = Path(folder) / f"{size}.csv"
            export(path, codes[:size], asked)
            start = perf_counter()
            wave = imported(path, codes[:size], asked, reference)
            tabulated(wave, asked)
            times[size] = perf_counter() - start
            print(f"import and tables of {size:,} answers ({len(wave.answers):,} kept): {times[size]:.2f} s")
    print(f"time an answer, {LARGE:,} over {SMALL:,}: {times[LARGE] / LARGE / (times[SMALL] / SMALL):.2f} (about 1)")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2:.2f} GB (under 1)")


if __name__ == "__main__":
    main()
