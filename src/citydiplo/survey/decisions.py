"""
Which answers count: test answers, respondents who were not asked, several answers of one collectivity, partial answers.

Each decision is a rule of the vocabulary answer_rule, written to the log with what it was applied to; an answer that
does not count is kept, with the reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from citydiplo.collectivities import fold
from citydiplo.survey import answer_schema
from citydiplo.survey.account import LOG_COLUMNS, PROBLEM_COLUMNS
from citydiplo.survey.answer_rules import answered
from citydiplo.survey.questionnaire import Questionnaire
from citydiplo.survey.respondents import Reference, match_all
from citydiplo.survey.responses import Answers

TEST_WORDS = frozenset({"test", "tests", "essai", "essais"})
# A longer comment that has the word says something else: « en phase de test depuis un an ».
LONGEST_TEST_COMMENT = 5

ACCOUNT = ["file", "row", "response_id", "collectivity_id", "reason", "detail"]


@dataclass(frozen=True)
class Wave:
    """The answers of a wave, and the account of all that was received.

    Attributes
    ----------
    answers : DataFrame
        The answers that count: see `citydiplo.survey.answer_schema`; by collectivity_id.
    refused : DataFrame
        The others: file, row, response_id, collectivity_id, reason (a code of answer_rule), detail, then their cells
        as received.
    problems : DataFrame
        With `account.PROBLEM_COLUMNS`, by file and row.
    members : DataFrame
        Those who were asked: collectivity_id, collectivity and kind, by id.
    log : DataFrame
        response_id, then `account.LOG_COLUMNS`.
    """

    answers: pd.DataFrame
    refused: pd.DataFrame
    problems: pd.DataFrame
    members: pd.DataFrame
    log: pd.DataFrame


def decide(
    received: Sequence[Answers],
    questionnaire: Questionnaire,
    reference: Reference,
    frame: Iterable[str],
    test_codes: Iterable[str] = (),
) -> Wave:
    """Keep one answer a collectivity that was asked.

    Parameters
    ----------
    received : sequence of Answers
        One an export, in an order that does not depend on when they were imported.
    questionnaire : Questionnaire
    reference : Reference
    frame : iterable of str
        Ids of the members who were asked.
    test_codes : iterable of str
        Words that mark an answer as a test, whichever text they are the answer to.
    """
    members = sorted(frame)
    rows = _rows(received)
    questions = [question.id for question in questionnaire]
    asked = [question.id for question in questionnaire if question.section != "identity"]
    rows["answers"] = rows[asked].apply(answered).sum(axis=1) if len(rows) else 0
    same = rows.duplicated(["given_id", "submitted_at", "complete", *questions]) & rows["given_id"].notna()
    matches = match_all(rows, reference, members)
    rows["collectivity_id"] = matches["collectivity_id"].mask(matches["collectivity_id"] == "")
    reason = pd.Series(None, index=rows.index, dtype="str")
    for where, rule in (
        (same, "refused_same_response"),
        (_tests(rows, questionnaire, test_codes), "refused_test"),
        (rows["collectivity_id"].isna(), None),
        (~rows["collectivity_id"].isin(members), "refused_outside_frame"),
        (rows["answers"] == 0, "refused_no_answer"),
    ):
        reason = reason.mask(where & reason.isna(), matches["rule"] if rule is None else rule)
    detail = matches["detail"].mask(matches["detail"] == "")
    winner = _winners(rows[reason.isna()]).reindex(rows.index)
    beaten = winner.notna() & (winner != rows["response_id"])
    reason = reason.mask(beaten, "refused_duplicate")
    detail = detail.mask(beaten, winner)
    return Wave(
        _answers(rows[reason.isna()], questionnaire, reference),
        _refused(rows[reason.notna()].assign(reason=reason, detail=detail), received),
        _problems(received, rows, matches, reason, detail),
        reference.everyone.loc[members, ["name", "kind"]]
        .rename(columns={"name": "collectivity"})
        .rename_axis("collectivity_id")
        .reset_index(),
        _log(received, rows, matches, reason),
    )


def _rows(received: Sequence[Answers]) -> pd.DataFrame:
    """All the answers, each with the number of its export, its file, its row and an id of its own."""
    frames = [
        answers.values.assign(
            export=number,
            file=answers.export.file,
            row=answers.values.index,
            own=f"{answers.export.sha256[:8]}-" + answers.values.index.astype("str"),
        )
        for number, answers in enumerate(received)
    ]
    rows = pd.concat(frames, ignore_index=True).rename(columns={"response_id": "given_id"})
    ids = rows["given_id"].fillna(rows["own"])
    # Two surveys may use one number for different answers.
    repeated = ids.duplicated()
    return rows.assign(response_id=ids.mask(repeated, ids + "~" + rows["own"]))


def _tests(rows: pd.DataFrame, questionnaire: Questionnaire, test_codes: Iterable[str]) -> pd.Series:
    """Answers whose code or name says that they are a test, or a comment that says little else."""
    is_test = pd.Series(False, index=rows.index)
    codes = {fold(code) for code in test_codes}
    for question in questionnaire:
        if question.type == "text":
            words = rows[question.id].fillna("").map(fold)
            is_test |= words.isin(codes)
            if question.id in ("collectivity_code", "collectivity_name", "comment"):
                longest = LONGEST_TEST_COMMENT
                is_test |= words.map(lambda text, most=longest: _says_test(text, most)).astype(bool)
    return is_test


def _says_test(text: str, most: int) -> bool:
    words = text.split()
    return len(words) <= most and not TEST_WORDS.isdisjoint(words)


def _winners(rows: pd.DataFrame) -> pd.Series:
    """The response_id of the answer that counts for the collectivity of each answer.

    The latest complete one; without a complete one, that with most answers.
    """
    best: dict[str, tuple[tuple[bool, str, int, str], str]] = {}
    for row in rows.itertuples():
        date = "" if pd.isna(row.submitted_at) else row.submitted_at
        rank = (row.complete, date if row.complete else "", row.answers, date)
        if row.collectivity_id not in best or rank > best[row.collectivity_id][0]:
            best[row.collectivity_id] = (rank, row.response_id)
    return rows["collectivity_id"].map({code: winner for code, (_, winner) in best.items()}).astype("str")


def _answers(rows: pd.DataFrame, questionnaire: Questionnaire, reference: Reference) -> pd.DataFrame:
    ids = rows["collectivity_id"]
    known = reference.everyone.loc[ids]
    kept = rows.assign(
        collectivity=known["name"].to_numpy(),
        kind=known["kind"].to_numpy(),
        strata=known["kind"].map(answer_schema.STRATA).to_numpy(),
        stratum=known["stratum"].to_numpy(),
        collectivity_code=ids,
    )
    kept = kept[list(answer_schema.columns(questionnaire))].sort_values("collectivity_id", ignore_index=True)
    return answer_schema.validated(kept, questionnaire)


def _refused(rows: pd.DataFrame, received: Sequence[Answers]) -> pd.DataFrame:
    """The account of each refused answer, then its cells; a column named like the account's gets an underscore."""
    parts = [rows[ACCOUNT].iloc[:0]]
    for number, answers in enumerate(received):
        told = rows[rows["export"] == number]
        cells = answers.export.frame.loc[told["row"]].set_axis(told.index)
        names = [f"{name}_" if name in ACCOUNT else name for name in cells.columns]
        parts.append(told[ACCOUNT].join(cells.set_axis(names, axis=1)))
    return _as_text(pd.concat(parts, ignore_index=True))


def _problems(
    received: Sequence[Answers], rows: pd.DataFrame, matches: pd.DataFrame, reason: pd.Series, detail: pd.Series
) -> pd.DataFrame:
    """The problems of the cells, then those of the answers, by file and row."""
    given = rows["collectivity_code"].fillna(rows["collectivity_name"])
    told = rows[["file", "row", "export"]].assign(
        column="", question_id="collectivity_code", cell=given, detail=detail, rule=reason
    )
    # Of a match, what does not agree; of a refused answer, why.
    doubtful = told[matches["problem"].isin(DOUBTS)]
    found = matches.loc[doubtful.index]
    doubtful = doubtful.assign(problem=found["problem"], detail=found["detail"], rule="identity_kept")
    refused = told[reason.notna()]
    causes = refused["rule"].str.removeprefix("refused_").replace(REASONS)
    of_cells = [answers.problems.assign(export=number) for number, answers in enumerate(received)]
    everything = pd.concat([*of_cells, doubtful, refused.assign(problem=causes)], ignore_index=True)
    ordered = everything.sort_values(["export", "row"], kind="stable", ignore_index=True)
    return _as_text(ordered[PROBLEM_COLUMNS].mask(ordered[PROBLEM_COLUMNS] == ""))


# What does not agree in the identity of an answer that has one.
DOUBTS = ("name_of_another", "code_unknown")

# Where the problem of a refused answer is not called like the rule that refuses it.
REASONS = {
    "unknown": "unknown_collectivity",
    "ambiguous": "ambiguous_collectivity",
    "test": "test_answer",
    "duplicate": "several_answers",
}


def _log(received: Sequence[Answers], rows: pd.DataFrame, matches: pd.DataFrame, reason: pd.Series) -> pd.DataFrame:
    """What was done: to each file, to the cells of each answer, to each answer."""
    files = pd.DataFrame(
        {
            "file": [answers.export.file for answers in received],
            "before": [answers.export.sha256 for answers in received],
            "after": [f"{answers.export.format}, {answers.export.read_as}" for answers in received],
            "rule": "raw_file",
            "export": range(len(received)),
        }
    )
    of_cells = [answers.log.assign(export=number) for number, answers in enumerate(received)]
    given = rows["collectivity_code"].fillna(rows["collectivity_name"])
    found = rows.assign(question_id="collectivity_code", before=given)
    found = found.assign(after=rows["collectivity_id"], rule=matches["rule"])
    found = found[rows["collectivity_id"].notna() & (matches["rule"] != "")]
    kept = rows["complete"].map({True: "kept", False: "kept_partial"})
    outcome = rows.assign(question_id=None, before=None, after=None, rule=reason.fillna(kept))
    names = [*LOG_COLUMNS, "export"]
    everything = pd.concat([files, *of_cells, found[names], outcome[names]], ignore_index=True)
    everything = everything.merge(rows[["export", "row", "response_id"]], how="left", on=["export", "row"])
    ordered = everything.sort_values(["export", "row"], kind="stable", na_position="first", ignore_index=True)
    return _as_text(ordered[["response_id", *LOG_COLUMNS]])


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Every column as text but the number of the row."""
    return frame.astype({name: "Int64" if name == "row" else "str" for name in frame.columns})
