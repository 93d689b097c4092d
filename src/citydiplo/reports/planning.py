"""The reports to make, each with the key of what it depends on."""

from collections.abc import Sequence

from citydiplo import collectivities, data, folders, profile
from citydiplo.collectivities import Collectivity
from citydiplo.digest import digest
from citydiplo.language import Language
from citydiplo.profile import Profile
from citydiplo.reports import fingerprint
from citydiplo.reports.batch import Task


def profiles(cities: Sequence[Collectivity]) -> list[Profile]:
    """The profiles of collectivities, each once."""
    tables, accounts = data.load_tables(), data.load_accounts()
    everyone = collectivities.directory(tables)
    return [profile.build(city, everyone, tables, accounts) for city in dict.fromkeys(cities)]


def plan(chosen: Sequence[Profile], languages: Sequence[str], wave: str = "", pdf: bool = False) -> list[Task]:
    """A task a collectivity and language.

    A report shows of the data only what its profile holds, and the words of its language: the key is a hash of these
    and of what makes the report.
    """
    tables = data.load_tables()
    waves = folders.waves_folder()
    answers = [waves / wave / "answers.csv"] if wave else []
    common = [fingerprint.program(), fingerprint.of_outlines(), fingerprint.of_files(answers, waves)]
    spoken = [Language.of(code, tables) for code in dict.fromkeys(languages)]
    words = {language.code: digest(language) for language in spoken}
    keys = {each.city.id: profile.fingerprint(each) for each in chosen}
    return [
        Task(each.city, language, fingerprint.of_values(*common, words[language.code], keys[each.city.id]), wave, pdf)
        for each in chosen
        for language in spoken
    ]
