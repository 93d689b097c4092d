"""Keep what is said of refused rows within bounds: a national file may have a million wrong ones."""

from citydiplo.errors import Problem

MOST_REFUSED = 1000


def bounded(file: str, problems: list[Problem], others: int = 0) -> list[Problem]:
    """The first problems in the order of the file, and how many others there are: some may not have been kept."""
    ordered = sorted(problems, key=lambda problem: problem.row or 0)
    others += max(0, len(problems) - MOST_REFUSED)
    more = [Problem(file, None, None, f"{others} other rows refused", "no such row")] if others else []
    return ordered[:MOST_REFUSED] + more
