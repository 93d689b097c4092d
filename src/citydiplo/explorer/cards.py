"""The cards of the explorer: what is documented of one collectivity, and the French partners of one country."""

import dataclasses

import pandas as pd
from IPython.display import HTML

from citydiplo.captions import Caption, source_line, tabulate
from citydiplo.explorer.choice import Chosen
from citydiplo.explorer.views import compare, listed, of_collectivities
from citydiplo.explorer.wording import STATES, cited, described
from citydiplo.profile import stated
from citydiplo.sections import note


def card(chosen: Chosen, collectivity_id: str) -> HTML:
    """A collectivity: what it is and how far it is documented, its partnerships that the choice leaves, its facts.

    Raises
    ------
    UserError
        If the material does not have it.
    """
    material, t = chosen.material, chosen.material.language.text
    own = of_collectivities(chosen, [collectivity_id])
    city = own.collectivities.loc[collectivity_id]
    about = compare(chosen, [collectivity_id]).rename(columns={t("explorer.compared"): t("explorer.indicator")})
    state = t(STATES[city["state"]])
    reading = (
        t("explorer.card_reading", count=int(city["n_partnerships"]), documented=int(city["n_documented"]))
        if city["n_documented"]
        else t("explorer.card_silent", state=state)
    )
    scope = t("explorer.card_scope", name=city["name"], choice=described(chosen))
    caption = Caption(reading, scope, cited(own, "decoupage-administratif-2026"))
    kept = t("explorer.table_title")
    parts = [
        tabulate(about, t("explorer.card_title", name=city["name"]), caption, material.language),
        listed(
            own, t("explorer.field", field=kept, labels=city["name"]), t("explorer.field", field=kept, labels=state)
        ),
        _facts(own, collectivity_id),
    ]
    return HTML("\n".join(part.data for part in parts))


def _facts(chosen: Chosen, collectivity_id: str) -> HTML:
    material, language = chosen.material, chosen.material.language
    t, facts = language.text, stated(material.tables["facts"])
    rows = facts[facts["collectivity_id"] == collectivity_id]
    if rows.empty:
        return note(t("facts.none"))
    shorts = material.tables["sources"].set_index("source_id")["short"]
    shown = pd.DataFrame(
        {
            t("explorer.theme"): [language.label("theme", theme) for theme in rows["theme"]],
            t("explorer.fact"): rows[f"statement_{language.code}"].array,
            t("caption.source"): (rows["source_id"].map(shorts) + ", " + rows["locator"]).array,
        }
    )
    theme, fact, _ = shown.iloc[0]
    caption = Caption(
        t("explorer.facts_reading", theme=theme, fact=fact),
        t("explorer.facts_scope", count=len(rows)),
        source_line(language, material.tables["sources"], rows),
    )
    return tabulate(shown, t("explorer.facts_title"), caption, language)


def country(chosen: Chosen, code: str) -> HTML:
    """A country: its partnerships with French collectivities that the choice leaves.

    Parameters
    ----------
    chosen : Chosen
    code : str
        A code of the field countries.

    Raises
    ------
    UserError
        If no partnership of the material is there.
    """
    material, t = chosen.material, chosen.material.language.text
    there = material.chosen(dataclasses.replace(chosen.choice, countries=(code,)))
    name = material.classes["country"].labels[code]
    return listed(there, t("explorer.country_title", country=name), t("explorer.none"))
