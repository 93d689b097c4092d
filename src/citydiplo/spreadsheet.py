"""CSV files that people open in a spreadsheet: a cell is shown, never run as a formula (OWASP, CSV injection)."""

import re

import pandas as pd

FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?")


def safe_cell(cell: str) -> str:
    """Keep a spreadsheet from running a cell: a quote before what begins like a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def bare_cell(cell: str) -> str:
    """Undo `safe_cell`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def to_csv(frame: pd.DataFrame, separator: str) -> str:
    """Write a frame without its index: a byte order mark, every text safe, missing cells empty, numbers as they are."""
    cells = frame.copy()
    for column in cells.select_dtypes(["object", "string"]):
        texts = cells[column].dropna()
        risky = texts[texts.str.startswith(FORMULA) & ~texts.str.fullmatch(NUMBER)]
        cells.loc[risky.index, column] = risky.map(safe_cell)
    return "\N{BYTE ORDER MARK}" + cells.to_csv(index=False, sep=separator, lineterminator="\r\n")
