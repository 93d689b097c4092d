"""
Scan a balance of accounts in one pass: national files have millions of lines, of which some thousands matter.

polars reads the file in parts, on every core, and gives for each budget its sums and the few lines that are to be
looked at. It is the one part of the kit that is not pandas: it needs ``pip install 'citydiplo[accounts]'``. It says
neither which lines are wrong nor where: if any is, `citydiplo.imports.balance_sift` reads them one by one.
"""

import csv
import io
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from citydiplo.errors import DataError, Problem, UserError
from citydiplo.imports import balance_sift, functions
from citydiplo.imports.balance_sift import (
    AMOUNTS,
    BUDGET,
    CENT,
    EXPECTED,
    FUNCTION,
    FUNCTIONAL_CHARTS,
    SIFTED,
    SIREN,
    TEXTS,
    YEAR,
    Shape,
    Sifted,
    wrong_line,
)
from citydiplo.imports.sheets import decode
from citydiplo.imports.tables import SEPARATORS
from citydiplo.schemas import EUROS

if TYPE_CHECKING:
    import polars

# As much of a file as tells its encoding and its header.
START = 1_000_000

# Regular expressions that polars (Rust) and Python read alike.
MAYBE = rf"(?s)^\s*(?:{functions.PARTS.pattern})\s*$"
ZERO = rf"^\s*{functions.WITH_ZERO.pattern}"


@dataclass(frozen=True)
class Scan:
    """A file, scanned.

    Attributes
    ----------
    budgets : DataFrame
        A row a budget of one year, in the order of `BUDGET`, which tells one from another: these columns, the siren
        from the SIRET where the file has none, name, nomenclature, expenditure and receipts (real operating ones: order
        entries are left out; missing if it has no line of class 6 or 7), and functions: whether any of its lines says
        one, in a chart of accounts that has them.
    lines : DataFrame
        A row an account of function 04 or of one that cannot be told from it, in the same order: place (the position of
        its budget), fonction, compte, `AMOUNTS`, function and section (as `functions.canonical` reads them), and
        refused: whether it is to be.
    zeros : bool
        Whether the functions of the file have their leading zeros.
    sifted : Sifted
        What was refused.
    """

    budgets: pd.DataFrame
    lines: pd.DataFrame
    zeros: bool
    sifted: Sifted = field(default_factory=Sifted)


def scan(path: Path, file: str) -> Scan:
    """Scan a file.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 or Latin-1, in either flavour: yearly file or extract of the open data.
    file : str
        Its name, for messages.

    Raises
    ------
    DataError
        If it cannot be read at all.
    UserError
        If polars is not installed.
    """
    try:
        import polars  # noqa: F401
    except ImportError:
        raise UserError(f"{file}: balances cannot be read: pip install 'citydiplo[accounts]'") from None
    shape = _shape(path, file)
    with tempfile.TemporaryDirectory(prefix="citydiplo-") as folder:
        groups = _groups(path, shape)
        if groups is None:
            # polars reads UTF-8 only; the start of a national file may have no accent.
            path = balance_sift.transcoded(path, Path(folder, "utf-8.csv"))
            groups = _groups(path, shape)
        if groups is not None:
            found = _scan(path, shape, groups)
            if not _doubtful(groups, found):
                return found
        sifted = balance_sift.sift(path, file, shape, Path(folder, "sifted.csv"))
        groups = _groups(sifted.path, SIFTED)
        if groups is None:
            raise DataError([Problem(file, None, None, "not readable", EXPECTED)])
        return replace(_scan(sifted.path, SIFTED, groups, sifted.zeros), sifted=sifted)


def _shape(path: Path, file: str) -> Shape:
    """Header and separator, by the first lines."""
    with path.open("rb") as start:
        content = start.read(START)
    text, encoding = decode(content[: content.rfind(b"\n") + 1] or content)
    if encoding == "UTF-16":
        raise DataError([Problem(file, None, None, "neither UTF-8 nor Latin-1", EXPECTED)])
    first = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    try:
        header = next(csv.reader(io.StringIO(first, newline=""), delimiter=separator), [])
    except csv.Error as error:
        raise DataError([Problem(file, 1, None, f"not readable ({error})", EXPECTED)]) from None
    header = [name.strip().lower() for name in header]
    listing = f"the columns {', '.join(header)[:300]}"
    problems = [
        Problem(file, 1, None, listing, f"a column {name}") for name in (*TEXTS, *AMOUNTS) if name not in header
    ]
    problems += [
        Problem(file, 1, name, "a name that two columns have", "one name a column")
        for name in (*TEXTS, *AMOUNTS, FUNCTION)
        if header.count(name) > 1
    ]
    if problems:
        raise DataError(problems)
    return Shape(header, separator)


def _lazy(path: Path, shape: Shape) -> "polars.LazyFrame":
    """The lines of a file, amounts with a decimal comma or point as numbers, the rest as text."""
    import polars

    used = {*TEXTS, *AMOUNTS, FUNCTION}
    names = [name if name in used else f"column {place}" for place, name in enumerate(shape.header)]
    last = polars.col(names[-1])
    return polars.scan_csv(
        path,
        separator=shape.separator,
        has_header=False,
        skip_lines=1,
        schema={name: polars.Float64 if name in AMOUNTS else polars.String for name in names},
        decimal_comma=True,
        empty_string_is_null=False,
        glob=False,
    ).with_columns(
        # A line with too few cells lacks the last one.
        (last.is_null() if names[-1] in AMOUNTS else last == "").alias("cut"),
        *([] if FUNCTION in shape.header else [polars.lit(None, polars.String).alias(FUNCTION)]),
    )


def _groups(path: Path, shape: Shape) -> "polars.DataFrame | None":
    """The sums of the lines of each budget that are alike, by account and function where it may be 04.

    None if the file cannot be read as it is.
    """
    import polars
    from polars import col

    operating = ((col("compte") >= "6") & (col("compte") < "8")).fill_null(False)
    maybe = col(FUNCTION).str.contains(MAYBE).fill_null(False)
    possible = (
        (col("oobdeb") >= 0)
        & (col("oobcre") >= 0)
        & (col("oobdeb") - col("obnetdeb") <= CENT)
        & (col("oobcre") - col("obnetcre") <= CENT)
        & (col("obnetdeb") <= EUROS)
        & (col("obnetcre") <= EUROS)
    ).fill_null(False)
    keys = [
        *(col(name) for name in (*BUDGET, "lbudg", "nomen")),
        (col("cut") | (col("operating") | col("maybe")) & ~possible).alias("doubtful"),
        *(polars.when("maybe").then(name).alias(name) for name in (FUNCTION, "compte")),
    ]
    real = {"expenditure": col("obnetdeb") - col("oobdeb"), "receipts": col("obnetcre") - col("oobcre")}
    sums = [polars.when("operating").then(amount).otherwise(0).sum().alias(name) for name, amount in real.items()]
    counts = [
        col("operating").sum(),
        (col(FUNCTION).str.strip_chars() != "").sum().alias("printed"),
    ]
    groups = (
        _lazy(path, shape)
        .with_columns(operating=operating, maybe=maybe)
        .group_by(keys)
        .agg(col(*AMOUNTS).sum(), *sums, *counts)
    )
    try:
        return groups.with_columns(col(*BUDGET).fill_null("")).collect(engine="streaming")
    except polars.exceptions.PolarsError:
        return None


def _scan(path: Path, shape: Shape, groups: "polars.DataFrame", zeros: bool | None = None) -> Scan:
    """Put groups together; the file is read again if nothing else tells whether its functions have their zeros."""
    import polars
    from polars import col

    functional = polars.any_horizontal(col("nomenclature").str.starts_with(chart) for chart in FUNCTIONAL_CHARTS)
    budgets = (
        groups.group_by(BUDGET)
        .agg(
            col("lbudg").min().fill_null("").str.strip_chars().alias("name"),
            col("nomen").min().fill_null("").alias("nomenclature"),
            (col("printed").sum() > 0).alias("functions"),
            *(
                polars.when(col("operating").sum() > 0).then(col(name).sum().round(2)).alias(name)
                for name in ("expenditure", "receipts")
            ),
        )
        .with_columns(col("functions") & functional)
        .sort(BUDGET)
        .with_row_index("place")
    )
    lines = (
        groups.filter(col(FUNCTION).is_not_null())
        .group_by(*BUDGET, FUNCTION, "compte")
        .agg(col(*AMOUNTS).sum().round(2))
        .join(budgets.select(*BUDGET, "place", "nomenclature"), on=BUDGET)
        .filter(functional)
        .sort("place", FUNCTION, "compte")
    )
    if zeros is None:
        zeros = bool(lines[FUNCTION].str.contains(ZERO).any())
        if len(lines) and not zeros:
            query = _lazy(path, shape).select(col(FUNCTION).str.contains(ZERO).any())
            zeros = bool(query.collect(engine="streaming").item())
    return Scan(_pandas(budgets.with_columns(_siren()).drop("place")), _pandas(_told(lines, zeros)), zeros)


def _siren() -> "polars.Expr":
    """The SIREN of a budget; the start of the SIRET if its cell is empty."""
    import polars
    from polars import col

    return polars.when(col("siren") == "").then(col("ident").str.head(9)).otherwise("siren").alias("siren")


def _told(lines: "polars.DataFrame", zeros: bool) -> "polars.DataFrame":
    """The lines whose function is 04 or cannot be told from it, with what it is and whether the line is refused."""
    import polars
    from polars import col

    kinds = [FUNCTION, "compte", "moved"]
    lines = lines.with_columns(moved=polars.any_horizontal(col(name) != 0 for name in AMOUNTS))
    told = []
    for row in lines.select(kinds).unique().to_dicts():
        function = functions.canonical(row[FUNCTION], zeros)
        if function != functions.Function():
            refused = wrong_line(function, row[FUNCTION], row["compte"], row["moved"]) is not None
            told.append(row | {"function": function.code, "section": function.section, "refused": refused})
    schema = dict.fromkeys((FUNCTION, "compte"), polars.String) | {"moved": polars.Boolean}
    schema |= dict.fromkeys(("function", "section"), polars.String) | {"refused": polars.Boolean}
    return lines.join(polars.DataFrame(told, schema), on=kinds, nulls_equal=True, maintain_order="left")


def _pandas(frame: "polars.DataFrame") -> pd.DataFrame:
    columns = {column.name: (column.to_list(), column.dtype.is_numeric()) for column in frame}
    return pd.DataFrame({name: pd.Series(cells, dtype=None if n else "object") for name, (cells, n) in columns.items()})


def _doubtful(groups: "polars.DataFrame", found: Scan) -> bool:
    """Whether any line or budget is to be refused."""
    from polars import col

    told = col("exer").str.contains(f"^(?:{YEAR})$") & _siren().str.contains(f"^(?:{SIREN})$")
    return groups.select((col("doubtful") | ~told).any()).item() or found.lines["refused"].any()
