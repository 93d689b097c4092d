"""
Time and memory of importing and analysing partnerships, for ``make bench``.

It prints ratios measured side by side in one run, so that they hold on any machine: import, reconciliation and metrics
on ten times as many pairs, and the draws of a null model against the geodesics they need.
"""

import resource
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from citydiplo import collectivities, data, geography, nulls, twinning_graph
from citydiplo.data import Tables
from citydiplo.imports import tables as files
from citydiplo.imports import wikidata
from citydiplo.places import distance_km, gazetteer
from citydiplo.reconcile import Reconciled, reconcile

SMALL, LARGE = 26_000, 260_000
DRAWS = 200
REPEATS = 3


def resample(size: int, everyone: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """Make partnerships of French communes with places of the world, both drawn by population."""
    generator = np.random.default_rng(seed)
    communes = everyone[(everyone["kind"] == "commune") & everyone["latitude"].notna()]
    foreign = gazetteer().places.query("iso2 != 'FR'").reset_index(drop=True)
    home = generator.choice(communes.index, size, p=shares(communes["population"]))
    place = foreign.iloc[generator.choice(len(foreign), size, p=shares(foreign["population"]))].reset_index(drop=True)
    iso3 = data.load_table("countries").set_index("iso2")["iso3"]
    return pd.DataFrame(
        {
            "partnership_id": [f"p{number}" for number in range(size)],
            "collectivity_id": home,
            "place": place["place"],
            "country": place["iso2"].map(iso3),
            "geonames_id": place["geonames_id"].astype("Int64"),
            "latitude": place["latitude"],
            "longitude": place["longitude"],
            "kind": generator.choice(["twinning", "cooperation_agreement", "other"], size),
            "start_year": pd.array(generator.integers(1950, 2026, size), dtype="Int64"),
        }
    )


def export(partnerships: pd.DataFrame, everyone: pd.DataFrame, path: Path) -> None:
    """Write partnerships as a query service would: names and points, no code."""
    home = everyone.loc[partnerships["collectivity_id"]]
    columns = {
        "originLabel": home["name"].to_numpy(),
        "originLat": home["latitude"].to_numpy(),
        "originLong": home["longitude"].to_numpy(),
        "partnerLabel": partnerships["place"].to_numpy(),
        "destinationLat": partnerships["latitude"].to_numpy(),
        "destinationLong": partnerships["longitude"].to_numpy(),
        "partnerCountry": partnerships["country"].to_numpy(),
        "start": partnerships["start_year"].to_numpy(),
    }
    pd.DataFrame(columns).to_csv(path, sep="\t", index=False)


def imported(path: Path, tables: Tables) -> Reconciled:
    """Read and reconcile a file, as ``citydiplo import wikidata`` does."""
    pairs = wikidata.pairs(path.name, files.read(path), {})
    return reconcile(pairs, tables, data.load_boundaries("50m"), gazetteer(), "bench")


def shares(population: pd.Series) -> np.ndarray:
    """The share of each in the whole population."""
    people = population.fillna(0).to_numpy(dtype=float)
    return people / people.sum()


def metrics(partnerships: pd.DataFrame, everyone: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Every statistic that the notebook shows, and the pairs."""
    measured = geography.measure(partnerships, everyone)
    for scheme in groups["scheme"].unique():
        measured[scheme] = geography.classify(measured["country"], groups, scheme)
    distinct = geography.once(measured)
    for by in (["continent"], ["un_region"], ["european_union"], ["decade"], ["strata", "stratum"]):
        geography.distributions(distinct, by)
        geography.concentrations(distinct, by)
    geography.distributions(geography.once(measured, "kind"), ["kind"])
    pairs = geography.pairs(measured)
    twinning_graph.statistics(twinning_graph.build(pairs))
    return pairs


def best(action: Callable[[], object], repeats: int = REPEATS) -> float:
    """The least of several times, in seconds."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        action()
        times.append(perf_counter() - start)
    return min(times)


def one_pass(pairs: pd.DataFrame) -> float:
    """The time of one vectorised pass of geodesics over the pairs."""
    ends = [pairs[f"{end}_{field}"].to_numpy() for end in ("origin", "partner") for field in ("latitude", "longitude")]
    return best(lambda: distance_km(*ends))


def pipeline(path: Path, tables: Tables, everyone: pd.DataFrame) -> tuple[Reconciled, pd.DataFrame]:
    """All from a file to the statistics: what the import gave, and the pairs measured."""
    result = imported(path, tables)
    return result, metrics(result.partnerships, everyone, tables["country_groups"])


def main() -> None:
    """Measure and print."""
    tables = data.load_tables()
    everyone = collectivities.directory(tables)
    times, pairs = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for size in (SMALL, LARGE):
            path = Path(folder) / f"{size}.tsv"
            export(resample(size, everyone), everyone, path)
            result, pairs[size] = pipeline(path, tables, everyone)
            times[size] = best(lambda file=path: pipeline(file, tables, everyone), 2)
            outcomes = ", ".join(f"{count:,} {name}" for name, count in result.rows["outcome"].value_counts().items())
            print(f"import, reconciliation and metrics of {size:,} pairs ({outcomes}): {times[size]:.1f} s")
    print(f"{LARGE:,} over {SMALL:,} pairs: {times[LARGE] / times[SMALL]:.1f} (at most 12)")
    geodesics = one_pass(pairs[SMALL])
    for model in ("endpoint_permutation", "rewiring"):
        draws = best(lambda name=model: nulls.simulate(pairs[SMALL], name, draws=DRAWS, seed=1), 1)
        target = " (at most 1.5)" if model == "endpoint_permutation" else ""
        print(f"{model}, {DRAWS} draws over {DRAWS} passes: {draws / (DRAWS * geodesics):.2f}{target}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"peak memory: {peak:.2f} GB (under 2)")


if __name__ == "__main__":
    main()
