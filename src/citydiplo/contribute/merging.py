"""Merge a whole file: every row is held against the tables and the rows before it, then all come in, or none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from citydiplo.contribute.fields import row_id
from citydiplo.contribute.names import new_id
from citydiplo.contribute.proposal import CONFLICT, NEW, SAME_ROW, Proposal, propose, twice
from citydiplo.contribute.register import Register
from citydiplo.contribute.sheets import KEEP, REPLACE, Typed
from citydiplo.language import Language

# What becomes of a row.
ADD, SKIP, REFUSED, UNDECIDED = "add", "skip", "refused", "undecided"

STOP = "stop"


@dataclass(frozen=True)
class Outcome:
    """One row of a file, and what becomes of it: add, skip, keep (the table), replace, refused or undecided."""

    typed: Typed
    proposal: Proposal
    becomes: str


def outcomes(rows: Sequence[Typed], register: Register, language: Language, conflicts: str = STOP) -> list[Outcome]:
    """Decide what becomes of each row.

    Parameters
    ----------
    rows : list of Typed
        Sources first: facts and partnerships may cite them.
    register : Register
    language : Language
    conflicts : {"stop", "keep", "replace"}
        What to do with a row that differs from the one in the table and says nothing itself: leave it undecided, which
        stops the whole; keep the table's; put the file's in its place.
    """
    made = []
    replaced: set[tuple[str, str]] = set()
    for typed in rows:
        proposal = propose(typed.table, typed.cells, register, language)
        becomes = _becomes(typed, proposal, conflicts)
        key = (typed.table, row_id(typed.table, proposal.row))
        if becomes == REPLACE and key in replaced:
            wrong = twice(typed.table, proposal.differs[0], proposal.row, language)
            proposal, becomes = replace(proposal, faults=[wrong]), REFUSED
        replaced |= {key} if becomes == REPLACE else set()
        made.append(Outcome(typed, proposal, becomes))
        row = proposal.row
        if becomes == REFUSED and typed.table == "sources" and not row["source_id"]:
            # Its own faults are told: those who cite it are not told that it is missing. Nothing is written.
            row = row | {"source_id": new_id("sources", row, register.ids["sources"])}
        if becomes == ADD or row is not proposal.row:
            register = register.with_rows(typed.table, [row])
        if becomes == ADD and proposal.collectivity:
            register = register.with_rows("collectivities", [proposal.collectivity])
    return made


def _becomes(typed: Typed, proposal: Proposal, conflicts: str) -> str:
    if typed.decision == KEEP and proposal.state == CONFLICT:
        return KEEP
    if proposal.faults or typed.decision not in {"", KEEP, REPLACE}:
        return REFUSED
    if proposal.state == NEW:
        return ADD
    if proposal.state == SAME_ROW:
        return SKIP
    if typed.decision == REPLACE or (conflicts == REPLACE and not typed.decision):
        return REPLACE
    return KEEP if conflicts == KEEP else UNDECIDED


def complete(made: Sequence[Outcome]) -> bool:
    """Whether every row has its place: none is refused, none undecided."""
    return not any(outcome.becomes in {REFUSED, UNDECIDED} for outcome in made)


def changes(made: Sequence[Outcome]) -> list[Proposal]:
    """The rows that are to be written."""
    return [outcome.proposal for outcome in made if outcome.becomes in {ADD, REPLACE}]
