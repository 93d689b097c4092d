"""
Time and memory of reading a national balance of accounts, for ``make bench``.

It prints ratios measured in one run, over what the fastest CSV reader that is installed (polars is; DuckDB and pyarrow
if you add them) needs merely to scan the same columns of a made file of three million lines: to find the lines of
function 04 and the sums of each budget; to make tables of them; and, over unpacking and scan, the whole of ``citydiplo
import accounts`` up to its folder, from a ZIP, hash and check included.
"""

import multiprocessing
import random
import resource
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

from citydiplo.imports import account_file, balance_scan, balance_sift, dgfip

ROWS = 3_000_000
RUNS = 5

HEADER = (
    "EXER;IDENT;NDEPT;LBUDG;INSEE;CBUDG;CTYPE;CSTYP;NOMEN;siren;CREGI;CACTI;SECTEUR;FINESS;CODBUD1;CATEG;BAL;FONCTION;"
    "COMPTE;BEDEB;BECRE;OBNETDEB;OBNETCRE;ONBDEB;ONBCRE;OOBDEB;OOBCRE;SD;SC"
)
FUNCTIONS = ("", "01", "020", "251", "64", "411", "33", "822", "830", "12", "70", "816")
NATURES = ("60612", "6135", "64111", "6453", "6574", "6811", "7311", "74718", "70632", "2031", "21318", "1641")
INTERNATIONAL = 0.003

COLUMNS = [name.upper().replace("SIREN", "siren") for name in (*balance_sift.TEXTS, balance_sift.FUNCTION)]
AMOUNTS = [name.upper() for name in balance_sift.AMOUNTS]


def make(path: Path, rows: int, seed: int = 1) -> None:
    """Write a balance of made-up towns in the format of the yearly file."""
    chance = random.Random(seed)  # noqa: S311 -- no secret
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"{HEADER}\r\n")
        town = written = 0
        while written < rows:
            town += 1
            siren = f"999{town:06d}"
            head = (
                f"2023;{siren}00019;{town % 99:03d};VILLE-EXEMPLE {town};{town % 900:03d};{1 if town % 3 else 3};101;00"
            )
            count = min(chance.randrange(20, 180), rows - written)
            for _ in range(count):
                function = "048" if chance.random() < INTERNATIONAL else chance.choice(FUNCTIONS)
                nature, amount = chance.choice(NATURES), f"{chance.randrange(10**8) / 100:.2f}".replace(".", ",")
                sides = f"0,00;{amount}" if nature[0] == "7" else f"{amount};0,00"
                order = amount if nature == "6811" else "0,00"
                file.write(
                    f"{head};M14;{siren};084;40;;;;Commune;DEF;{function};{nature};0,00;0,00;{sides};0,00;0,00;"
                    f"{order};0,00;{sides}\r\n"
                )
            written += count


def filtered(path: Path) -> None:
    """Filter to function 04, with the sums of each budget."""
    if balance_scan.scan(path, path.name).lines.empty:
        raise SystemExit("nothing found")


def ours(path: Path) -> None:
    """Read as ``citydiplo import accounts`` does."""
    reading = dgfip.read(path)
    if reading.problems or reading.accounts.empty:
        raise SystemExit(f"not read: {reading.problems[:1]}")


def ours_zipped(path: Path) -> None:
    """Read from a ZIP, unpacked as ``citydiplo import accounts`` does, and checked against the schemas."""
    for file in account_file.read([path.with_suffix(".zip")], {}):
        if file.refused or file.reading.accounts.empty:
            raise SystemExit(f"not read: {file.reading.problems[:1]}")


def unzip(path: Path) -> None:
    """Merely unpack the ZIP."""
    with zipfile.ZipFile(path.with_suffix(".zip")) as archive, tempfile.TemporaryDirectory() as folder:
        archive.extractall(folder)


def polars(path: Path) -> None:
    """Scan the columns with polars."""
    import polars

    types = dict.fromkeys(AMOUNTS, polars.Float64)
    file = polars.scan_csv(path, separator=";", infer_schema=False, schema_overrides=types, decimal_comma=True)
    file.select(polars.col(AMOUNTS).sum(), polars.col(COLUMNS).max()).collect(engine="streaming")


def duckdb(path: Path) -> None:
    """Scan the columns with DuckDB."""
    import duckdb

    columns = {name: "DOUBLE" if name in AMOUNTS else "VARCHAR" for name in HEADER.split(";")}
    sums = ", ".join([*(f"sum({name})" for name in AMOUNTS), *(f"max({name})" for name in COLUMNS)])
    query = f"select {sums} from read_csv(?, columns={columns}, header=true, auto_detect=false, delim=';', decimal_separator=',')"  # noqa: E501, S608
    duckdb.connect().execute(query, [str(path)]).fetchall()


def pyarrow(path: Path) -> None:
    """Scan the columns with pyarrow."""
    import pyarrow
    from pyarrow import csv

    types = dict.fromkeys(AMOUNTS, pyarrow.float64()) | dict.fromkeys(COLUMNS, pyarrow.string())
    options = csv.ConvertOptions(include_columns=[*COLUMNS, *AMOUNTS], column_types=types, decimal_point=",")
    with csv.open_csv(path, parse_options=csv.ParseOptions(delimiter=";"), convert_options=options) as batches:
        for _ in batches:
            pass


def measured(tasks: Sequence[Callable[[Path], None]], path: Path) -> dict[str, tuple[float, float]]:
    """Best wall time in seconds, and peak memory in GB, of each task in a process of its own, taking turns."""
    with ExitStack() as stack:
        pools = {task: stack.enter_context(multiprocessing.get_context("spawn").Pool(1)) for task in tasks}
        times = [{task: pool.apply(timed, (task, path)) for task, pool in pools.items()} for _ in range(RUNS)]
        return {task.__name__: (min(t[task] for t in times), pool.apply(peak)) for task, pool in pools.items()}


def timed(task: Callable[[Path], None], path: Path) -> float:
    """Wall time of a task in this process."""
    start = perf_counter()
    task(path)
    return perf_counter() - start


def peak() -> float:
    """Peak memory of this process in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "balance.csv"
        make(path, ROWS)
        with zipfile.ZipFile(path.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.write(path, path.name)
        readers = [reader for reader in (polars, duckdb, pyarrow) if find_spec(reader.__name__)]
        # Unpacking fills the disk's cache, which would slow the others down.
        results = measured([*readers, filtered, ours], path) | measured([unzip, ours_zipped], path)
        fastest = min((reader.__name__ for reader in readers), key=lambda name: results[name])
        scan, unzipped = results[fastest][0], results["unzip"][0]
        print(f"scan of {ROWS:,} lines: {scan:.2f} s ({fastest}); unpacking the ZIP: {unzipped:.2f} s")
        for name, what, reference in (
            ("filtered", "function 04 and sums by budget, over the scan (at most 1.5)", scan),
            ("ours", "the same as tables, over the scan", scan),
            ("ours_zipped", "from a ZIP, hashed and checked, over unpacking and scan", scan + unzipped),
        ):
            seconds, memory = results[name]
            print(f"{what}: {seconds / reference:.2f} ({seconds:.2f} s); peak memory {memory:.2f} GB (under 1)")


if __name__ == "__main__":
    main()
