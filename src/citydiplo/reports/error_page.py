"""The page that stands in the place of a report that could not be made: what happened and what to do."""

from importlib import resources

from citydiplo.collectivities import Collectivity
from citydiplo.html import render
from citydiplo.language import Language
from citydiplo.reports.layout import INDEX, RUN_PAGE
from citydiplo.reports.machine_paths import without_paths
from citydiplo.reports.outcome import Failure


def error_page(city: Collectivity, language: Language, failure: Failure, notebook: str, site: bool) -> str:
    """A page for civil servants, with the details folded.

    Parameters
    ----------
    city : Collectivity
    language : Language
    failure : Failure
    notebook : str
        Relative link to the notebook as far as it was executed; empty if there is none.
    site : bool
        Whether the page is of a site, to which it leads back; a report made by itself has no index.
    """
    return render(
        "error.html.j2",
        city=city,
        failure=failure,
        message=without_paths(failure.message),
        details=without_paths(failure.details).strip(),
        notebook=notebook,
        index=f"../{INDEX[language.code]}" if site else "",
        run_page=f"../{RUN_PAGE[language.code]}" if site else "",
        css=resources.files("citydiplo").joinpath("templates", "style.css").read_text(encoding="utf-8"),
        language=language,
    ).data
