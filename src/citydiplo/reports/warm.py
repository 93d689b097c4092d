"""What every report needs, imported, read and drawn once, in the process that reports are forked from.

Nothing here may start a thread: the process is forked. What cannot be read is left to the reports to tell.
"""

import gc
from contextlib import suppress

import citydiplo.cli  # noqa: F401  (the main module of the command line, which a new process imports again)
from citydiplo import collectivities, data, sections
from citydiplo.captions import figures_drawn
from citydiplo.errors import UserError
from citydiplo.exhibits.city_accounts import city_accounts
from citydiplo.exhibits.partnerships import partnerships
from citydiplo.language import LANGUAGES, Language
from citydiplo.profile import build
from citydiplo.reports import engine, page, page_check  # noqa: F401

# A collectivity with partnerships, so that a map and charts are drawn: fonts, outlines and templates stay in memory.
EXAMPLE = "13055"


def warm() -> None:
    """Fill every cache that a report fills."""
    tables = data.load_tables()
    everyone = collectivities.directory(tables)
    profile = build(collectivities.get(everyone, EXAMPLE), everyone, tables, data.load_accounts())
    for lang in LANGUAGES:
        language = Language.of(lang, tables)
        sections.title(profile, language)
        sections.facts(profile, language)
        city_accounts(profile, language)
        partnerships(profile, language, data.load_boundaries("110m"))
    figures_drawn()  # which none of the reports has drawn


with suppress(UserError):
    warm()
# Children share the memory as long as nobody writes on it: the collector would.
gc.collect()
gc.freeze()
