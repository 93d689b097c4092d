"""The site in one file, to hand over on a USB stick: unzipped, it opens in a browser without a server."""

import json
import os
import zipfile
from pathlib import Path

from citydiplo.errors import UserError
from citydiplo.reports.layout import CATALOGUE, around, partial

# The earliest moment that a zip can tell: the same site gives the same bytes.
MOMENT = (1980, 1, 1, 0, 0, 0)


def site_files(folder: Path) -> list[str]:
    """The files of a site, relative to its folder: what index.json names, and the pages around it.

    Raises
    ------
    UserError
        If there is no site in the folder, or a file that it names is missing.
    """
    catalogue = folder / CATALOGUE
    if not catalogue.is_file():
        raise UserError(f"{folder} holds no {CATALOGUE}: make the site first, with citydiplo reports")
    site = json.loads(catalogue.read_text(encoding="utf-8"))
    names = around(site["languages"])
    for report in (report for city in site["collectivities"] for report in city["reports"].values()):
        if report["state"] == "done":
            names += [report["path"], *filter(None, [report["pdf"]])]
        elif report["state"] == "failed":
            notebook = partial(report["path"])
            names += [report["path"], *([notebook] if (folder / notebook).is_file() else [])]
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise UserError(f"{folder / missing[0]} is missing: make the site again, with citydiplo reports")
    return sorted(names)


def zip_site(folder: Path, target: Path) -> None:
    """Write the site as a zip, whole or not at all; the same site gives the same bytes.

    Parameters
    ----------
    folder : Path
        Where `citydiplo.reports.site.write_site` has written.
    target : Path
        The zip; an old one is replaced.

    Raises
    ------
    UserError
        See `site_files`.
    """
    names = site_files(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        with temporary.open("wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for name in names:
                    entry = zipfile.ZipInfo(name, MOMENT)
                    entry.create_system, entry.external_attr = 3, 0o644 << 16
                    archive.writestr(entry, (folder / name).read_bytes(), zipfile.ZIP_DEFLATED)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
