"""The account of an import: everything that is wrong in a file, and everything that is done to its cells."""

from dataclasses import dataclass, field

import pandas as pd

PROBLEM_COLUMNS = ["file", "row", "column", "question_id", "cell", "problem", "detail", "rule"]
LOG_COLUMNS = ["file", "row", "question_id", "before", "after", "rule"]


@dataclass
class Account:
    """Everything that is wrong, and everything that is done, as it is found.

    Attributes
    ----------
    file : str
    problems, log : list of DataFrame
        With `PROBLEM_COLUMNS` and `LOG_COLUMNS`.
    """

    file: str
    problems: list[pd.DataFrame] = field(default_factory=list)
    log: list[pd.DataFrame] = field(default_factory=list)

    def tell(
        self, cells: pd.Series, column: str, question_id: str, problem: object, rule: object, detail: object = None
    ) -> None:
        """Write down problems: ``cells`` holds the cells in question, indexed by row."""
        told = {"row": cells.index, "cell": cells.to_numpy(), "column": column, "question_id": question_id}
        frame = pd.DataFrame(told | {"problem": problem, "rule": rule, "detail": detail}).assign(file=self.file)
        self.problems.append(frame[PROBLEM_COLUMNS])

    def note(self, before: pd.Series, after: object, question_id: str, rule: object) -> None:
        """Write down what was done: ``before`` holds the cells as they were, indexed by row."""
        told = {"row": before.index, "before": before.to_numpy(), "after": after, "question_id": question_id}
        self.log.append(pd.DataFrame(told | {"rule": rule}).assign(file=self.file)[LOG_COLUMNS])


def together(frames: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """One frame of text of all that was told, the row as a number."""
    found = [frame for frame in frames if len(frame)]
    if not found:
        return pd.DataFrame(columns=columns, dtype="str")
    frame = pd.concat(found, ignore_index=True)
    return frame.assign(**{name: frame[name].astype("Int64" if name == "row" else "str") for name in columns})
